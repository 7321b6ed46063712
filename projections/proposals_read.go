package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Proposals answers what each proposal is now.
type Proposals struct{ DB DB }

// A Proposal is one usulan as a list shows it.
type Proposal struct {
	Number    string        `json:"number"`    // "U-27-4K7M2XR"
	Cycle     int           `json:"cycle"`     // fiscal year
	Demo      bool          `json:"demo"`      // its cycle holds fictional data
	Practice  bool          `json:"practice"`  // its cycle is for learning
	Lane      proposal.Lane `json:"lane"`      //
	Origin    bool          `json:"origin"`    // counts as an origin: submitted, submitted_late or continued
	Village   string        `json:"village"`   // kode wilayah
	Kecamatan string        `json:"kecamatan"` // kode wilayah
	OPD       string        `json:"opd"`       // code of the OPD it is with
	Kamus     string        `json:"kamus"`     // code in the kamus usulan; "" outside it
	Title     string        `json:"title"`     // masked
	Basic     string        `json:"basic"`     // basic service

	State      workflow.State `json:"state"`       // where it stands
	StateStage string         `json:"state_stage"` // stage of that state; of an end state the stage it ended in
	Since      time.Time      `json:"since"`       // when it came there
	Fate       string         `json:"fate"`        // pending, funded, partly, elsewhere, deferred, dropped, cancelled, withdrawn, unknown; of what is merged or split: that of its heirs
	Kind       string         `json:"kind"`        // of a fate that is lost: act, rule, omission, withdrawal; "" else
	Reason     string         `json:"reason"`      // reason code of the last decision against it, "" without
	Due        string         `json:"due"`         // local day something is due: repair, answer of a referral, answer to an objection
	Contested  bool           `json:"contested"`   // an objection is open
	Missing    bool           `json:"missing"`     // the source it came from no longer holds it

	Asked     domain.Rupiah `json:"asked"`    // first estimate; what origins are counted by
	Estimate  domain.Rupiah `json:"estimate"` // as it stands
	Accepted  domain.Rupiah `json:"accepted"` // as the OPD accepted it
	Granted   domain.Rupiah `json:"granted"`  // money in force
	Volume    domain.Volume `json:"volume"`
	Priority  int           `json:"priority"` // the proposer's own order
	Rank      int           `json:"rank"`     // on the last final list that holds it; 0: on none
	RankOf    int           `json:"rank_of"`
	Cutoff    int           `json:"cutoff"`
	RankStage string        `json:"rank_stage"` // stage of that list

	Parent   string `json:"parent"`   // number of the proposal it is merged in
	Whole    string `json:"whole"`    // of a part: what was split
	Children int    `json:"children"` // of a merged proposal: how many it was formed of
	Parts    int    `json:"parts"`    // of a split one
	Previous string `json:"previous"` // number in an earlier cycle
	Next     string `json:"next"`     // number in a later cycle

	Version  int       `json:"version"`  // of its stream
	Position int64     `json:"position"` // of its last event
	Changed  time.Time `json:"changed"`  // when that was recorded
	Entered  time.Time `json:"entered"`  // effective time of its first event
	Observed bool      `json:"observed"` // something of it was read off a source, not decided here
}

// A ProposalDetail is one usulan with everything its page shows.
type ProposalDetail struct {
	Proposal
	Detail
}

// A Detail is what only a proposal's own page shows.
type Detail struct {
	Problem     string                      `json:"problem,omitzero"` // masked, as all that people wrote
	Description string                      `json:"description,omitzero"`
	Location    string                      `json:"location,omitzero"`
	Point       *domain.Point               `json:"point,omitempty"`
	Issues      []string                    `json:"issues,omitempty"`
	Attachments []domain.Document           `json:"attachments,omitempty"`
	Offices     []string                    `json:"offices,omitempty"` // OPDs it was with, in order
	Hops        int                         `json:"hops,omitzero"`
	Verified    []string                    `json:"verified,omitempty"` // "administrasi:pass"
	SubKegiatan string                      `json:"sub_kegiatan,omitzero"`
	Components  []Component                 `json:"components,omitempty"`   // of a merged proposal, weights as they stand
	PartNumbers []string                    `json:"part_numbers,omitempty"` // of a split one
	PartWeights []int64                     `json:"part_weights,omitempty"` // rupiah, same order
	Lists       map[string]proposal.Ranking `json:"lists,omitempty"`        // by stage
	Included    map[string]domain.Rupiah    `json:"included,omitempty"`     // rkpd, ppas
	Lines       map[string]domain.Rupiah    `json:"lines,omitempty"`        // budget lines in force
	Levels      map[string]Recommendation   `json:"levels,omitempty"`       // opinion by level, the last one of each
	Definition  string                      `json:"definition,omitzero"`    // hash of the workflow definition of its last event
	Words       string                      `json:"words,omitzero"`         // the last reason in words
}

// A Component is one child of a merged proposal, as the parent holds it.
type Component struct {
	Child    string        `json:"child"`
	Village  string        `json:"village,omitzero"`
	Location string        `json:"location,omitzero"` // masked
	Volume   domain.Volume `json:"volume,omitzero"`
	Estimate domain.Rupiah `json:"estimate,omitzero"`
	Weight   int64         `json:"weight"` // rupiah; 0: dropped
	Reason   string        `json:"reason,omitzero"`
}

// A Recommendation is the opinion of one level.
type Recommendation struct {
	Result string        `json:"result"`
	Volume domain.Volume `json:"volume,omitzero"`
	Amount domain.Rupiah `json:"amount,omitzero"`
	Note   string        `json:"note,omitzero"` // masked
}

// A ProposalFilter narrows a list of proposals. Zero fields do not narrow; of
// several values in one field any fits.
type ProposalFilter struct {
	Cycle      int
	Kecamatan  []string
	Village    []string
	OPD        []string
	Lane       []string
	Stage      []string // StateStage
	State      []string
	Fate       []string
	Reason     []string
	OriginOnly bool
	Contested  bool
	NoReason   bool   // lost without a written reason
	Text       string // words of title, number, village or kamus; each must fit, the beginning is enough
}

// A ProposalSort is an order of a list of proposals.
type ProposalSort string

// The orders. Ties are broken by number.
const (
	ByNumber  ProposalSort = "number"
	BySince   ProposalSort = "since"   // longest waiting first
	ByChanged ProposalSort = "changed" // last changed first
	ByAsked   ProposalSort = "asked"   // dearest first
)

// columns of read.proposals p joined with proposal_years y, in the order of the
// fields of Proposal.
const proposalColumns = `p.number, p.cycle, coalesce(y.demo, false), coalesce(y.practice, false), p.lane, p.origin, p.village, p.kecamatan, p.opd, p.kamus, p.title, p.basic,
	p.state, p.state_stage, p.since, p.fate, p.kind, p.reason, p.due, p.contested, p.missing,
	p.asked, p.estimate, p.accepted, p.granted, p.volume, p.unit, p.priority, p.rank, p.rank_of, p.cutoff, p.rank_stage,
	p.parent, p.whole, p.children, p.parts, p.previous, p.next, p.version, p.position, p.changed, p.entered, p.observed`

// fields returns where to scan proposalColumns to.
func (p *Proposal) fields() []any {
	return []any{&p.Number, &p.Cycle, &p.Demo, &p.Practice, &p.Lane, &p.Origin, &p.Village, &p.Kecamatan, &p.OPD, &p.Kamus, &p.Title, &p.Basic,
		&p.State, &p.StateStage, &p.Since, &p.Fate, &p.Kind, &p.Reason, &p.Due, &p.Contested, &p.Missing,
		&p.Asked, &p.Estimate, &p.Accepted, &p.Granted, &p.Volume.Amount, &p.Volume.Unit, &p.Priority, &p.Rank, &p.RankOf, &p.Cutoff, &p.RankStage,
		&p.Parent, &p.Whole, &p.Children, &p.Parts, &p.Previous, &p.Next, &p.Version, &p.Position, &p.Changed, &p.Entered, &p.Observed}
}

// An order is how a list of proposals is sorted: by a column and then by number.
type order struct {
	column     string
	descending bool
}

var orders = map[ProposalSort]order{
	ByNumber:  {column: "number"},
	BySince:   {column: "since"},
	ByChanged: {column: "changed", descending: true},
	ByAsked:   {column: "asked", descending: true},
}

// after adds that an item comes behind a place in the order, and returns the
// order by which the list is sorted.
func (o order) after(w *where, table string, at Cursor, list string) (sorted string, err error) {
	var key, number string
	begun, err := at.read(list, &key, &number)
	if err != nil {
		return "", err
	}
	direction, beyond := "", ">"
	if o.descending {
		direction, beyond = " desc", "<"
	}
	column := table + o.column
	switch {
	case !begun:
	case o.column == "number":
		w.and(column+" > ?", number)
	default:
		cast := "timestamptz"
		if o.column == "asked" {
			cast = "bigint"
		}
		// The first condition is for the index, in which number goes up either way.
		w.and(fmt.Sprintf("%[1]s %[2]s= ?::text::%[3]s and (%[1]s %[2]s ?::text::%[3]s or %[4]snumber > ?)", column, beyond, cast, table), key, key, number)
	}
	if o.column == "number" {
		return column, nil
	}
	return column + direction + ", " + table + "number", nil
}

func (f ProposalFilter) criteria() *criteria {
	c := &criteria{rows: "read.proposals", counts: "read.proposal_counts", names: "read.register_entries", known: `select distinct cycle from read.proposal_years`, cycle: f.Cycle, villages: f.Village, text: f.Text,
		choices: []choice{{"kecamatan", f.Kecamatan}, {"opd", f.OPD}, {"lane", f.Lane}, {"state_stage", f.Stage}, {"state", f.State}, {"fate", f.Fate}, {"reason", f.Reason}}}
	if f.OriginOnly {
		c.flags = append(c.flags, "p.origin")
	}
	if f.Contested {
		c.flags = append(c.flags, "p.contested")
	}
	if f.NoReason {
		c.flags = append(c.flags, "p.fate in ('dropped', 'deferred', 'cancelled') and p.reason in ('', 'ALS-KOSONG')")
	}
	return c
}

const proposalJoin = ` left join read.proposal_years y on y.cycle = p.cycle`

// List returns the proposals that fit, in an order ("" is ByNumber).
func (p Proposals) List(ctx context.Context, f ProposalFilter, sort ProposalSort, after Cursor, limit int) (Page[Proposal], error) {
	var page Page[Proposal]
	o, list, err := orderOf(sort, "proposals")
	if err != nil {
		return page, err
	}
	limit = limited(limit)
	page.Position, err = reading(ctx, p.DB, "proposals", func(tx pgx.Tx) error {
		rows, err := f.criteria().page(ctx, tx, proposalColumns, proposalJoin, o, list, after, limit+1)
		if err == nil {
			page.Items, err = collect(rows, (*Proposal).fields)
		}
		return err
	})
	page.cut(limit, func(x Proposal) Cursor { return o.cursor(list, x.Number, x.Since, x.Changed, x.Asked) })
	return page, err
}

// orderOf returns the order of a name, and the name of the list so sorted.
func orderOf(sort ProposalSort, list string) (order, string, error) {
	sort = cmp.Or(sort, ByNumber)
	o, ok := orders[sort]
	if !ok {
		return o, "", domain.Refuse(domain.Invalid, "list.order_unknown", "order", string(sort)).At("/sort")
	}
	return o, list + " by " + string(sort), nil
}

// cursor returns the place behind a proposal.
func (o order) cursor(list, number string, since, changed time.Time, asked domain.Rupiah) Cursor {
	key := ""
	switch o.column {
	case "since":
		key = since.UTC().Format(time.RFC3339Nano)
	case "changed":
		key = changed.UTC().Format(time.RFC3339Nano)
	case "asked":
		key = strconv.FormatInt(int64(asked), 10)
	}
	return cursorAt(list, key, number)
}

// Get returns one proposal.
func (p Proposals) Get(ctx context.Context, number string) (At[ProposalDetail], error) {
	var out At[ProposalDetail]
	var err error
	out.Position, err = reading(ctx, p.DB, "proposals", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			select `+proposalColumns+`, p.detail
			  from read.proposals p`+proposalJoin+`
			 where p.number = $1`, number).Scan(append(out.Value.fields(), &out.Value.Detail)...)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
		}
		return err
	})
	return out, err
}

// Some returns the proposals of some numbers, at most MaxLimit of them; a number
// that nobody holds is left out.
func (p Proposals) Some(ctx context.Context, numbers []string) (At[map[string]Proposal], error) {
	var out At[map[string]Proposal]
	var err error
	out.Position, err = reading(ctx, p.DB, "proposals", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select `+proposalColumns+`
			  from read.proposals p`+proposalJoin+`
			 where p.number = any ($1)`, numbers[:min(len(numbers), MaxLimit)])
		if err != nil {
			return err
		}
		found, err := collect(rows, (*Proposal).fields)
		out.Value = make(map[string]Proposal, len(found))
		for _, x := range found {
			out.Value[x.Number] = x
		}
		return err
	})
	return out, err
}

// Facets counts the proposals that fit.
func (p Proposals) Facets(ctx context.Context, f ProposalFilter) (At[Facets], error) {
	var out At[Facets]
	var err error
	out.Position, err = reading(ctx, p.DB, "proposals", func(tx pgx.Tx) error {
		return out.Value.count(ctx, tx, f.criteria())
	})
	return out, err
}
