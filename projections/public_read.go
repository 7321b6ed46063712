package projections

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Public answers anybody. It holds what was released, of the fields that the
// cycle's publication policy allows, and reads as the database role runut_public,
// which can see nothing else.
//
// What a proposal is, is shown as of the last release that covers it. Where that
// is no end, its fate is "unannounced" (belum diumumkan), never "pending": nobody
// can tell from it whether something was decided since.
type Public struct{ DB DB }

// FateUnannounced is the fate of what a release shows on its way.
const FateUnannounced = "unannounced"

// A PublicProposal is one usulan as far as it was released. Fields that the
// policy does not allow are zero.
type PublicProposal struct {
	Number    string        `json:"number"`
	Cycle     int           `json:"cycle"`
	Demo      bool          `json:"demo"`
	Practice  bool          `json:"practice"`
	Lane      proposal.Lane `json:"lane"`
	Origin    bool          `json:"origin"`
	Village   string        `json:"village"`
	Kecamatan string        `json:"kecamatan"`
	OPD       string        `json:"opd"`
	Kamus     string        `json:"kamus"`
	Title     string        `json:"title"` // masked once more; only where the policy says "title"
	Basic     string        `json:"basic"`

	State      workflow.State `json:"state"`
	StateStage string         `json:"state_stage"`
	Since      time.Time      `json:"since"`
	Fate       string         `json:"fate"`
	Kind       string         `json:"kind"`
	Reason     string         `json:"reason"`

	Asked    domain.Rupiah `json:"asked"`
	Estimate domain.Rupiah `json:"estimate"`
	Accepted domain.Rupiah `json:"accepted"`
	Granted  domain.Rupiah `json:"granted"`
	Volume   domain.Volume `json:"volume"`
	Rank     int           `json:"rank"`
	RankOf   int           `json:"rank_of"`
	Cutoff   int           `json:"cutoff"`

	Parent   string `json:"parent"`   // "" also where the parent was not released
	Children int    `json:"children"` // released ones
	Hidden   int    `json:"hidden"`   // relatives that were not released

	Changed       time.Time `json:"changed"`        // when the last event shown was recorded
	Released      time.Time `json:"released"`       // the last release that covers it
	ReleasedAt    int64     `json:"released_at"`    // position of that release
	ReleasedStage string    `json:"released_stage"` // up to which stage; "" everything until then
}

// A PublicFilter narrows a public list. Zero fields do not narrow.
type PublicFilter struct {
	Cycle     int
	Kecamatan []string
	Village   []string
	OPD       []string
	Lane      []string
	Stage     []string
	Fate      []string
	Reason    []string
	Text      string
}

// A PublicStep is one released event. It holds no words that people wrote and
// no persons. Fields that the policy does not allow are zero.
type PublicStep struct {
	Position  int64            `json:"position"`
	Event     string           `json:"event"` // id
	Number    string           `json:"number"`
	Type      string           `json:"type"`
	Effective time.Time        `json:"effective"`
	Recorded  time.Time        `json:"recorded"`
	Role      domain.Role      `json:"role"`
	Office    string           `json:"office,omitzero"`
	From      workflow.State   `json:"from,omitzero"`
	To        workflow.State   `json:"to,omitzero"`
	Stage     string           `json:"stage,omitzero"`
	Kind      string           `json:"kind,omitzero"`
	Reason    string           `json:"reason,omitzero"`
	Changes   []Change         `json:"changes,omitempty"`
	Facts     []Fact           `json:"facts,omitempty"` // codes and numbers
	Link      []string         `json:"link,omitempty"`  // released relatives it names
	Hidden    int              `json:"hidden,omitzero"` // relatives it names that were not released
	Rank      *Place           `json:"rank,omitempty"`
	Forum     *PublicForum     `json:"forum,omitempty"`
	Docs      []PublicDocument `json:"docs,omitempty"`
	Observed  bool             `json:"observed,omitzero"`
	Late      bool             `json:"late,omitzero"`
	Corrected string           `json:"corrected,omitzero"` // void or amend: what became of this step
	Holder    string           `json:"holder,omitzero"`    // of a closing: role@office
	CouldAct  []string         `json:"could_act,omitempty"`
}

// A PublicForum is the session in which something was decided.
type PublicForum struct {
	Kind  string       `json:"kind"`
	Scope domain.Scope `json:"scope"`
	Date  string       `json:"date"` // local day
}

// A PublicDocument is what a document is called, without its digest.
type PublicDocument struct {
	Kind   string `json:"kind"`
	Number string `json:"number,omitzero"`
	Date   string `json:"date,omitzero"`
}

// A PublicFamily is a lineage as far as it was released.
type PublicFamily struct {
	Nodes  []PublicRelative `json:"nodes"`
	Edges  []PublicEdge     `json:"edges"`
	Hidden int              `json:"hidden"` // the most relatives of one of them that were not released: "belum diumumkan"
}

// A PublicRelative is one proposal of a family.
type PublicRelative struct {
	Number     string         `json:"number"`
	Generation int            `json:"generation"`
	Title      string         `json:"title"`
	Village    string         `json:"village"`
	State      workflow.State `json:"state"`
	Fate       string         `json:"fate"`
	Asked      domain.Rupiah  `json:"asked"`
	Granted    domain.Rupiah  `json:"granted"`
	Hidden     int            `json:"hidden"` // relatives of it that were not released
}

// A PublicEdge leads from what was to what it became.
type PublicEdge struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Kind   string `json:"kind"`
	Weight int64  `json:"weight"`
	Of     int64  `json:"of"`
	Ended  bool   `json:"ended"`
}

// A PublicCycle is a cycle and what of it was released.
type PublicCycle struct {
	Year      int             `json:"year"`
	Practice  bool            `json:"practice,omitzero"`
	Demo      bool            `json:"demo,omitzero"`
	Title     string          `json:"title"`
	Kabupaten string          `json:"kabupaten"`
	Zone      string          `json:"zone"`
	Opened    time.Time       `json:"opened,omitzero"`
	Closed    bool            `json:"closed,omitzero"`
	Fields    []string        `json:"fields,omitempty"` // allow-list in force
	Windows   []PublicWindow  `json:"windows,omitempty"`
	Documents []PublicAdopted `json:"documents,omitempty"`
	Releases  []PublicRelease `json:"releases,omitempty"`
}

// A PublicWindow is a window of a cycle; the calendar is public from the start.
type PublicWindow struct {
	Window   string       `json:"window"`
	Scope    domain.Scope `json:"scope"`
	OpensAt  time.Time    `json:"opens_at"`
	ClosesAt time.Time    `json:"closes_at"`
	Shut     bool         `json:"shut,omitzero"`
}

// A PublicAdopted is an adopted document.
type PublicAdopted struct {
	Kind     string         `json:"kind"`
	Document PublicDocument `json:"document"`
	Lines    int            `json:"lines,omitzero"`
	Total    domain.Rupiah  `json:"total,omitzero"`
}

// A PublicRelease is one act of publication.
type PublicRelease struct {
	Scope    domain.Scope `json:"scope"`
	Stage    string       `json:"stage,omitzero"`
	At       time.Time    `json:"at"`
	Position int64        `json:"position"`
}

// reading runs f in one snapshot as the role that sees public_read alone.
func (p Public) reading(ctx context.Context, f func(tx pgx.Tx) error) (position int64, err error) {
	position, err = snapshot(ctx, p.DB, beginning+"; set local role runut_public",
		`select position from public_read.positions where projection = $1`, "public", f)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && (pg.Code == "22023" || pg.Code == "42704") && strings.Contains(pg.Message, "runut_public") {
		return 0, domain.Refuse(domain.Unready, "projections.public_role_missing", "role", "runut_public")
	}
	return position, err
}

const publicColumns = `p.number, p.cycle, coalesce((y.cycle ->> 'demo')::boolean, false), coalesce((y.cycle ->> 'practice')::boolean, false), p.lane, p.origin,
	p.village, p.kecamatan, p.opd, p.kamus, p.title, p.basic, p.state, p.state_stage, p.since, p.fate, p.kind, p.reason,
	p.asked, p.estimate, p.accepted, p.granted, p.volume, p.unit, p.rank, p.rank_of, p.cutoff, p.parent, p.children, p.hidden,
	p.released, p.released_at, p.upto, p.changed`

const publicJoin = ` left join public_read.cycles y on y.year = p.cycle`

func (p *PublicProposal) fields() []any {
	return []any{&p.Number, &p.Cycle, &p.Demo, &p.Practice, &p.Lane, &p.Origin, &p.Village, &p.Kecamatan, &p.OPD, &p.Kamus, &p.Title, &p.Basic,
		&p.State, &p.StateStage, &p.Since, &p.Fate, &p.Kind, &p.Reason, &p.Asked, &p.Estimate, &p.Accepted, &p.Granted,
		&p.Volume.Amount, &p.Volume.Unit, &p.Rank, &p.RankOf, &p.Cutoff, &p.Parent, &p.Children, &p.Hidden, &p.Released, &p.ReleasedAt, &p.ReleasedStage, &p.Changed}
}

func (f PublicFilter) criteria() *criteria {
	return &criteria{rows: "public_read.proposals", counts: "public_read.proposal_counts", names: "public_read.names", known: `select distinct year from public_read.cycles`, cycle: f.Cycle, villages: f.Village, text: f.Text,
		choices: []choice{{"kecamatan", f.Kecamatan}, {"opd", f.OPD}, {"lane", f.Lane}, {"state_stage", f.Stage}, {"fate", f.Fate}, {"reason", f.Reason}}}
}

// List returns the released proposals that fit, in an order ("" is ByNumber).
func (p Public) List(ctx context.Context, f PublicFilter, sort ProposalSort, after Cursor, limit int) (Page[PublicProposal], error) {
	var page Page[PublicProposal]
	o, list, err := orderOf(sort, "public proposals")
	if err != nil {
		return page, err
	}
	limit = limited(limit)
	page.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		rows, err := f.criteria().page(ctx, tx, publicColumns, publicJoin, o, list, after, limit+1)
		if err == nil {
			page.Items, err = collect(rows, (*PublicProposal).fields)
		}
		return err
	})
	page.cut(limit, func(x PublicProposal) Cursor { return o.cursor(list, x.Number, x.Since, x.Changed, x.Asked) })
	return page, err
}

// Facets counts the released proposals that fit.
func (p Public) Facets(ctx context.Context, f PublicFilter) (At[Facets], error) {
	var out At[Facets]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		return out.Value.count(ctx, tx, f.criteria())
	})
	return out, err
}

// Get returns one released proposal. One that exists and was not released is
// not found, like one that does not exist.
func (p Public) Get(ctx context.Context, number string) (At[PublicProposal], error) {
	var out At[PublicProposal]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select `+publicColumns+` from public_read.proposals p`+publicJoin+` where p.number = $1`, number).Scan(out.Value.fields()...)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
		}
		return err
	})
	return out, err
}

// Timeline returns the released steps of a proposal, in effective order.
func (p Public) Timeline(ctx context.Context, number string, after Cursor, limit int) (Page[PublicStep], error) {
	const list = "public timeline"
	var page Page[PublicStep]
	var effective time.Time
	var position int64
	if _, err := after.read(list, &effective, &position); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select step from public_read.steps
			 where number = $1 and (effective, position) > ($2, $3)
			 order by effective, position
			 limit $4`, number, effective, position, limit+1)
		if err == nil {
			page.Items, err = pgx.CollectRows(rows, pgx.RowTo[PublicStep])
		}
		return err
	})
	page.cut(limit, func(s PublicStep) Cursor { return cursorAt(list, s.Effective, s.Position) })
	return page, err
}

// Lineage returns the released family of a proposal, at most 500 proposals of it.
func (p Public) Lineage(ctx context.Context, number string) (At[PublicFamily], error) {
	var out At[PublicFamily]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			with recursive family (number) as (
			    select number from public_read.proposals where number = $1
			    union
			    select x.number
			      from family f
			      join lateral (
			           select to_no from public_read.edges where from_no = f.number
			           union all
			           select from_no from public_read.edges where to_no = f.number) x (number) on true
			), shown as (select number from family limit $2)
			select p.number, 0, p.title, p.village, p.state, p.fate, p.asked, p.granted, p.hidden
			  from shown join public_read.proposals p using (number)`, number, mostRelatives)
		if err != nil {
			return err
		}
		nodes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[PublicRelative])
		if err != nil {
			return err
		}
		if len(nodes) == 0 {
			return domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
		}
		numbers := make([]string, len(nodes))
		for i, n := range nodes {
			numbers[i] = n.Number
			out.Value.Hidden = max(out.Value.Hidden, n.Hidden)
		}
		rows, err = tx.Query(ctx, `
			select from_no, to_no, kind, weight, of, ended
			  from public_read.edges
			 where from_no = any ($1) and to_no = any ($1)
			 order by from_no, to_no, kind`, numbers)
		if err != nil {
			return err
		}
		out.Value.Edges, err = pgx.CollectRows(rows, pgx.RowToStructByPos[PublicEdge])
		pairs := make([][2]string, len(out.Value.Edges))
		for i, e := range out.Value.Edges {
			pairs[i] = [2]string{e.From, e.To}
		}
		generation := generationsOf(numbers, pairs)
		for i := range nodes {
			nodes[i].Generation = generation[nodes[i].Number]
		}
		slices.SortFunc(nodes, func(a, b PublicRelative) int {
			return cmp.Or(cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Number, b.Number))
		})
		out.Value.Nodes = nodes
		return err
	})
	return out, err
}

// Sum returns the totals of a cut of what was released.
func (p Public) Sum(ctx context.Context, filter FunnelFilter) (At[Totals], error) {
	var out At[Totals]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		parts, err := sums(ctx, tx, "public_read.funnel", filter, "")
		if len(parts) > 0 {
			out.Value = parts[0].Totals
		}
		return err
	})
	return out, err
}

// Parts returns the totals of a cut of what was released, partitioned.
func (p Public) Parts(ctx context.Context, filter FunnelFilter, by Dimension) (At[[]Part], error) {
	var out At[[]Part]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) (err error) {
		out.Value, err = sums(ctx, tx, "public_read.funnel", filter, by)
		return err
	})
	return out, err
}

// Reasons returns what was lost for which released reason, most first.
func (p Public) Reasons(ctx context.Context, filter FunnelFilter) (At[[]ReasonSum], error) {
	var out At[[]ReasonSum]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) (err error) {
		out.Value, err = reasons(ctx, tx, "public_read.funnel", filter)
		return err
	})
	return out, err
}

// Coverage returns, by kecamatan, which villages have a released proposal; no
// kecamatan means all.
func (p Public) Coverage(ctx context.Context, cycle int, kecamatan ...string) (At[[]Covered], error) {
	var out At[[]Covered]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) (err error) {
		out.Value, err = coverage(ctx, tx, "public_read.funnel", cycle, kecamatan)
		return err
	})
	return out, err
}

// Cycles returns the cycles, latest first.
func (p Public) Cycles(ctx context.Context) (At[[]PublicCycle], error) {
	var out At[[]PublicCycle]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select cycle from public_read.cycles order by year desc, stream`)
		if err == nil {
			out.Value, err = pgx.CollectRows(rows, pgx.RowTo[PublicCycle])
		}
		return err
	})
	return out, err
}

// Names returns the names of codes of a register that is public: wilayah, opd,
// nomenclature, kamus, reasons.
func (p Public) Names(ctx context.Context, register string, codes ...string) (At[map[string]string], error) {
	return p.NamesIn(ctx, []string{register}, codes...)
}

// NamesIn is Names over several registers that have no code in common.
func (p Public) NamesIn(ctx context.Context, registers []string, codes ...string) (At[map[string]string], error) {
	out := At[map[string]string]{Value: make(map[string]string, len(codes))}
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select distinct on (e.code) e.code, e.name
			  from public_read.names e
			  join public_read.editions p on p.register = e.register and p.edition = e.edition and p.source = e.source and p.part = 1
			 where e.register = any ($1) and e.code = any ($2)
			 order by `+newest, registers, codes)
		if err != nil {
			return err
		}
		return collectNames(rows, out.Value)
	})
	return out, err
}

// Search returns entries of a public register whose name or code has words that
// begin with those of text, at most limit. Their Facts are not public.
func (p Public) Search(ctx context.Context, register, text string, limit int) (At[[]RegisterEntry], error) {
	var out At[[]RegisterEntry]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) (err error) {
		out.Value, err = searchRegister(ctx, tx, "(select *, '{}'::jsonb as facts from public_read.names) n",
			`(select edition from public_read.editions where register = $1 order by valid_from desc, position desc limit 1)`, register, text, limit)
		return err
	})
	return out, err
}

// Explanation returns why a proposal ended as it did, as far as was released.
// It is NotFound where nothing was, or where the policy does not allow outcomes.
func (p Public) Explanation(ctx context.Context, number string) (At[history.Explanation], error) {
	var out At[history.Explanation]
	var err error
	out.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select answer from public_read.answers where number = $1`, number).Scan(&out.Value)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
		}
		return err
	})
	return out, err
}
