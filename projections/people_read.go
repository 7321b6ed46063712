package projections

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/person"
)

// People answers who may act as what, by pseudonym.
type People struct{ DB DB }

// A Person is somebody known by a pseudonym, with the grants they were given.
type Person struct {
	Person     string     `json:"person"`            // pseudonym
	Version    int        `json:"version"`           // of the person's stream; 0: not registered
	Purpose    string     `json:"purpose,omitempty"` // official, council_member, proposer; "" for one not registered
	Registered *time.Time `json:"registered,omitempty"`
	Corrected  *time.Time `json:"corrected,omitempty"` // when details were last put right
	Erased     *time.Time `json:"erased,omitempty"`
	Grants     []Grant    `json:"grants"` // the last one first
}

// A Grant is what a person may act as.
type Grant struct {
	Stream   string          `json:"grant"`   // its stream
	Version  int             `json:"version"` // of its stream
	Person   string          `json:"person"`
	Role     domain.Role     `json:"role"`
	Scope    domain.Scope    `json:"scope"`
	Office   string          `json:"office"`
	Capacity domain.Capacity `json:"capacity"`
	Cycle    int             `json:"cycle,omitempty"` // fiscal year it is limited to
	From     time.Time       `json:"from"`
	Until    *time.Time      `json:"until,omitempty"`
	Decree   string          `json:"decree"`      // number
	Decided  string          `json:"decree_date"` // local day
	Revoked  *time.Time      `json:"revoked,omitempty"`
	Invited  *time.Time      `json:"invited,omitempty"` // when a code to sign in was last given
}

// Holds reports whether the grant is in force at a moment.
func (g Grant) Holds(at time.Time) bool {
	return g.Revoked == nil && !at.Before(g.From) && (g.Until == nil || at.Before(*g.Until))
}

// A PeopleFilter narrows a list of people. A zero field does not narrow.
type PeopleFilter struct {
	Person string // pseudonym
	Text   string // part of an office, a role, a code, a decree or a pseudonym
}

// List returns people by pseudonym, registered or only named in a grant.
func (p People) List(ctx context.Context, f PeopleFilter, after Cursor, limit int) (Page[Person], error) {
	const list = "people"
	var page Page[Person]
	var last string
	if _, err := after.read(list, &last); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, p.DB, "people", func(tx pgx.Tx) error {
		w := new(where)
		w.and("n.person > ?", last)
		if f.Person != "" {
			w.and("n.person = ?", f.Person)
		}
		if f.Text != "" {
			like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Text) + "%"
			w.and(`(n.person ilike ? or exists (select from read.grants g where g.person = n.person
				and (g.office ilike ? or g.role ilike ? or g.scope_code ilike ? or g.decree ilike ?)))`, like, like, like, like, like)
		}
		rows, err := tx.Query(ctx, `
			select n.person, coalesce(p.version, 0), coalesce(p.purpose, ''), p.registered, p.corrected, p.erased
			  from (select person from read.people union select person from read.grants) n
			  left join read.people p on p.person = n.person
			 where `+w.String()+`
			 order by n.person
			 limit `+w.arg(limit+1), w.args...)
		if err != nil {
			return err
		}
		page.Items, err = collect(rows, func(x *Person) []any {
			return []any{&x.Person, &x.Version, &x.Purpose, &x.Registered, &x.Corrected, &x.Erased}
		})
		if err != nil {
			return err
		}
		page.cut(limit, func(x Person) Cursor { return cursorAt(list, x.Person) })
		return grantsOf(ctx, tx, page.Items)
	})
	return page, err
}

// Get returns one person. It refuses with person.unknown.
func (p People) Get(ctx context.Context, pseudonym string) (At[Person], error) {
	found, err := p.List(ctx, PeopleFilter{Person: pseudonym}, "", 1)
	if err != nil {
		return At[Person]{}, err
	}
	if len(found.Items) == 0 {
		if !person.IsPseudonym(pseudonym) {
			pseudonym = "p-…" // perhaps a name
		}
		return At[Person]{}, domain.Refuse(domain.NotFound, "person.unknown", "person", pseudonym)
	}
	return At[Person]{Value: found.Items[0], Position: found.Position}, nil
}

// grantsOf fills in the grants of some people.
func grantsOf(ctx context.Context, tx pgx.Tx, all []Person) error {
	at := make(map[string]*Person, len(all))
	names := make([]string, len(all))
	for i := range all {
		all[i].Grants = []Grant{}
		at[all[i].Person], names[i] = &all[i], all[i].Person
	}
	rows, err := tx.Query(ctx, `
		select stream, version, person, role, scope_kind, scope_code, office, capacity, cycle, begins, ends, decree, decided, revoked, invited
		  from read.grants
		 where person = any ($1)
		 order by position desc`, names)
	if err != nil {
		return err
	}
	grants, err := collect(rows, func(g *Grant) []any {
		return []any{&g.Stream, &g.Version, &g.Person, &g.Role, &g.Scope.Kind, &g.Scope.Code, &g.Office, &g.Capacity, &g.Cycle, &g.From, &g.Until,
			&g.Decree, &g.Decided, &g.Revoked, &g.Invited}
	})
	for _, g := range grants {
		at[g.Person].Grants = append(at[g.Person].Grants, g)
	}
	return err
}
