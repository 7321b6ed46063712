package projections

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
)

// Funnel answers how much came in, how far it went and what became of it, in
// origin proposals and in rupiah.
//
// The unit is the origin. What was merged or split is followed to its heirs, and
// an origin may end in several fates by shares. Shares are whole millionths of an
// origin, divided by largest remainder, so that every origin is one and every
// sum conserves, whichever way it is cut.
type Funnel struct{ DB DB }

// A FunnelFilter cuts the origins of one cycle. Zero fields do not narrow.
type FunnelFilter struct {
	Cycle     int      // required
	Lane      []string // of the origin, like the next three
	Kecamatan []string
	Village   []string
	Basic     []string // basic service
	OPD       []string // that has the heir
}

// A Share is a count of origins in millionths.
type Share int64

// One is a whole origin.
const One Share = history.Whole

// Float returns the count.
func (s Share) Float() float64 { return float64(s) / float64(One) }

// MarshalJSON writes the count as an exact decimal of origins: 1502.5.
func (s Share) MarshalJSON() ([]byte, error) {
	text := strconv.FormatInt(int64(s/One), 10)
	if rest := s % One; rest != 0 {
		text += strings.TrimRight(fmt.Sprintf(".%06d", max(rest, -rest)), "0")
		if s < 0 && s > -One {
			text = "-" + text
		}
	}
	return []byte(text), nil
}

// Totals are the counts and the rupiah of a cut. They conserve:
//
//	Count = Σ Fates.Count
//	Asked + Uplift + Moved = Granted + Cut + Σ Fates.Asked of all but funded
//
// Over a whole cycle, and over any cut that divides no family, Moved is nothing
// and Count is Origins · One.
type Totals struct {
	Origins      int           `json:"origins"`      // origins that have a share in the cut
	Count        Share         `json:"count"`        // what those shares add up to
	Asked        domain.Rupiah `json:"asked"`        // Σ asked
	Granted      domain.Rupiah `json:"granted"`      // money in force, by largest remainder on origins
	Cut          domain.Rupiah `json:"cut"`          // of what is funded: asked and not granted
	Uplift       domain.Rupiah `json:"uplift"`       // of what is funded: granted and not asked
	Moved        domain.Rupiah `json:"moved"`        // what merges moved here from origins outside the cut, less what they moved away
	Unasked      domain.Rupiah `json:"unasked"`      // money that appeared in the budget without a proposal; not in the sums above
	Unattributed domain.Rupiah `json:"unattributed"` // money of somebody the log does not hold; not in the sums above
	Merged       int           `json:"merged"`       // origins that are or were merged into others
	Fates        []FateSum     `json:"fates"`        // in the fixed order of history.Fates; those that occur
	Stages       []StageSum    `json:"stages"`       // in the order of stages
	Flows        []Flow        `json:"flows"`        // from stage to stage, earlier ones first
	Losses       []LossSum     `json:"losses"`       // where and how what does not go on ended or waits
}

// Balanced reports whether both sums conserve, as they must.
func (t Totals) Balanced() bool {
	var count Share
	rest := t.Granted + t.Cut
	for _, f := range t.Fates {
		count += f.Count
		if f.Fate != string(history.Funded) {
			rest += f.Asked
		}
	}
	return count == t.Count && t.Asked+t.Uplift+t.Moved == rest
}

// A FateSum is what became of a part of the origins.
type FateSum struct {
	Fate     string        `json:"fate"`     // funded, partly (headline only), elsewhere, pending, deferred, dropped, cancelled, withdrawn, unknown
	Headline int           `json:"headline"` // origins whose headline this is; these sum to Origins
	Count    Share         `json:"count"`    // by shares; these sum to Count
	Asked    domain.Rupiah `json:"asked"`    // these sum to Asked
}

// A StageSum is what came to a stage and what became of it there:
// Entered + Came = Ended + WentOn.
type StageSum struct {
	Stage   string `json:"stage"`   // "": no stage that is known
	Entered Tally  `json:"entered"` // began here
	Came    Tally  `json:"came"`    // from an earlier stage
	WentOn  Tally  `json:"went_on"` // to a later one
	Ended   Tally  `json:"ended"`   // is still there, won or lost; see Losses
}

// A Tally is how much of something there is.
type Tally struct {
	Count Share         `json:"count"`
	Asked domain.Rupiah `json:"asked"`
}

func (t *Tally) add(o Tally) { t.Count, t.Asked = t.Count+o.Count, t.Asked+o.Asked }

// A Flow is what went from one stage to the next one it passed.
type Flow struct {
	From string `json:"from"`
	To   string `json:"to"`
	Tally
}

// A LossSum is what ended, or waits, at a stage with a fate.
type LossSum struct {
	Stage string `json:"stage"`
	Fate  string `json:"fate"`
	Kind  string `json:"kind"` // of what is lost: act, rule, omission, withdrawal
	Tally
}

// A ReasonSum is what was lost for a reason.
type ReasonSum struct {
	Reason   string `json:"reason"` // code; "" or ALS-KOSONG: no reason is written
	Stage    string `json:"stage"`
	Fate     string `json:"fate"`
	Headline int    `json:"headline"` // origins that lost more to this than to any other reason
	Tally
}

// An Origin is one origin proposal and what became of it.
type Origin struct {
	Number    string        `json:"number"`
	Cycle     int           `json:"cycle"`
	Lane      proposal.Lane `json:"lane"`
	Village   string        `json:"village"`
	Kecamatan string        `json:"kecamatan"`
	Basic     string        `json:"basic"`
	Title     string        `json:"title"` // masked
	Asked     domain.Rupiah `json:"asked"`
	Granted   domain.Rupiah `json:"granted"`
	Fate      string        `json:"fate"` // headline
	Shares    []OriginShare `json:"shares"`
}

// An OriginShare is the part of an origin that one heir holds.
type OriginShare struct {
	Heir    string        `json:"heir"`  // number of the proposal that holds it; the origin's own where nothing absorbed it
	Exact   *big.Rat      `json:"exact"` // of the origin
	Count   Share         `json:"count"`
	Asked   domain.Rupiah `json:"asked"`
	Granted domain.Rupiah `json:"granted"`
	Cut     domain.Rupiah `json:"cut"`
	Uplift  domain.Rupiah `json:"uplift"`
	Moved   domain.Rupiah `json:"moved"`
	Fate    string        `json:"fate"`
	Kind    string        `json:"kind"`
	Reason  string        `json:"reason"`
	Stage   string        `json:"stage"` // where it ended or waits
	OPD     string        `json:"opd"`
}

// Covered is what villages of a kecamatan handed in.
type Covered struct {
	Kecamatan string        `json:"kecamatan"`
	Villages  int           `json:"villages"`  // of the register
	Submitted int           `json:"submitted"` // of them handed in at least one proposal of lane musrenbang
	Silent    []string      `json:"silent"`    // codes of those that did not
	Origins   int           `json:"origins"`   // of lane musrenbang
	Asked     domain.Rupiah `json:"asked"`
	Granted   domain.Rupiah `json:"granted"`
}

// A Dimension is what sums are partitioned by.
type Dimension string

// The dimensions. Each share of an origin has one value of each.
const (
	ByLane         Dimension = "lane"
	ByKecamatan    Dimension = "kecamatan"
	ByVillage      Dimension = "village"
	ByOPD          Dimension = "opd"
	ByBasicService Dimension = "basic"
)

// A Part is the totals of one value of a dimension.
type Part struct {
	Value string `json:"value"`
	Totals
}

// Reasons returns what was lost for which reason, most first.
func (f Funnel) Reasons(ctx context.Context, filter FunnelFilter) (At[[]ReasonSum], error) {
	var out At[[]ReasonSum]
	var err error
	out.Position, err = reading(ctx, f.DB, "funnel", func(tx pgx.Tx) (err error) {
		out.Value, err = reasons(ctx, tx, "read.funnel", filter)
		return err
	})
	return out, err
}

func reasons(ctx context.Context, tx pgx.Tx, model string, filter FunnelFilter) ([]ReasonSum, error) {
	w := filter.where()
	losing := "p.losing"
	if len(filter.OPD) > 0 { // by which part most was lost is another question where only some are looked at
		losing = "(row_number() over (partition by p.origin order by p.millionths desc, p.leaf) = 1)::int as losing"
	}
	rows, err := tx.Query(ctx, `
		with lost as (
		    select p.reason, p.stage, p.fate, p.millionths, p.asked, `+losing+`
		      from `+filter.table(model, "")+` p
		     where `+w.String()+` and p.root = 'origin' and p.fate in ('dropped', 'deferred', 'cancelled', 'withdrawn'))
		select reason, stage, fate, sum(losing)::bigint, sum(millionths)::bigint, sum(asked)::bigint
		  from lost
		 group by 1, 2, 3
		 order by 5 desc, 1, 2, 3`, w.args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(r *ReasonSum) []any {
		return []any{&r.Reason, &r.Stage, &r.Fate, &r.Headline, &r.Count, &r.Asked}
	})
}

// Coverage returns, by kecamatan, which villages of the register handed in; no
// kecamatan means all.
func (f Funnel) Coverage(ctx context.Context, cycle int, kecamatan ...string) (At[[]Covered], error) {
	var out At[[]Covered]
	var err error
	out.Position, err = reading(ctx, f.DB, "funnel", func(tx pgx.Tx) (err error) {
		out.Value, err = coverage(ctx, tx, "read.funnel", cycle, kecamatan)
		return err
	})
	return out, err
}

// coverage holds origins against the edition of wilayah that the cycle names;
// where the register does not have that one, against the newest.
func coverage(ctx context.Context, tx pgx.Tx, model string, cycle int, kecamatan []string) ([]Covered, error) {
	rows, err := tx.Query(ctx, `
		with edition as (
		    select coalesce((select v.edition from `+model+`_villages v join `+model+`_years y on y.wilayah = v.edition where y.cycle = $1 limit 1),
		                    (select edition from `+model+`_villages order by position desc limit 1)) as name
		), handed as (
		    select village, n as origins, asked, granted
		      from `+model+`_handed
		     where cycle = $1 and lane = 'musrenbang')
		select v.kecamatan, count(*), count(h.village),
		       coalesce(array_agg(v.code order by v.code) filter (where h.village is null), '{}'),
		       coalesce(sum(h.origins), 0)::bigint, coalesce(sum(h.asked), 0)::bigint, coalesce(sum(h.granted), 0)::bigint
		  from `+model+`_villages v
		  join edition e on e.name = v.edition
		  left join handed h on h.village = v.code
		 where v.until = '' and (cardinality($2::text[]) = 0 or v.kecamatan = any ($2))
		 group by v.kecamatan
		 order by v.kecamatan`, cycle, append([]string{}, kecamatan...))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Covered])
}

const originColumns = `p.number, p.cycle, p.lane, p.village, p.kecamatan, p.basic, p.title, p.asked, p.granted, p.headline`

func (o *Origin) fields() []any {
	return []any{&o.Number, &o.Cycle, &o.Lane, &o.Village, &o.Kecamatan, &o.Basic, &o.Title, &o.Asked, &o.Granted, &o.Fate}
}

// Origins returns the origins of a cut, by number; fate narrows to a headline.
func (f Funnel) Origins(ctx context.Context, filter FunnelFilter, fate string, after Cursor, limit int) (Page[Origin], error) {
	const list = "origins"
	var page Page[Origin]
	var number string
	if _, err := after.read(list, &number); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, f.DB, "funnel", func(tx pgx.Tx) error {
		w := new(where)
		w.and("p.cycle = ?", filter.Cycle)
		w.each("", []choice{{"lane", filter.Lane}, {"kecamatan", filter.Kecamatan}, {"village", filter.Village}, {"basic", filter.Basic}})
		if len(filter.OPD) > 0 {
			w.and("exists (select from read.funnel_shares s where s.origin = p.number and s.opd = any (?))", filter.OPD)
		}
		if fate != "" {
			w.and("p.headline = ?", fate)
		}
		w.and("p.number > ?", number)
		rows, err := tx.Query(ctx, `
			select `+originColumns+`
			  from read.funnel_origins p
			 where `+w.String()+`
			 order by p.number
			 limit `+w.arg(limit+1), w.args...)
		if err != nil {
			return err
		}
		if page.Items, err = collect(rows, (*Origin).fields); err != nil {
			return err
		}
		return addShares(ctx, tx, page.Items)
	})
	page.cut(limit, func(o Origin) Cursor { return cursorAt(list, o.Number) })
	return page, err
}

// addShares reads the shares of origins.
func addShares(ctx context.Context, tx pgx.Tx, origins []Origin) error {
	at := make(map[string]*Origin, len(origins))
	numbers := make([]string, len(origins))
	for i := range origins {
		numbers[i], at[origins[i].Number] = origins[i].Number, &origins[i]
	}
	rows, err := tx.Query(ctx, `
		select origin, leaf, exact, millionths, asked, granted, cut, uplift, moved, fate, kind, reason, stage, opd
		  from read.funnel_shares
		 where origin = any ($1)
		 order by origin, leaf`, numbers)
	if err != nil {
		return err
	}
	var origin, exact string
	var s OriginShare
	_, err = pgx.ForEachRow(rows, []any{&origin, &s.Heir, &exact, &s.Count, &s.Asked, &s.Granted, &s.Cut, &s.Uplift, &s.Moved, &s.Fate, &s.Kind, &s.Reason, &s.Stage, &s.OPD}, func() error {
		s.Exact, _ = new(big.Rat).SetString(exact)
		at[origin].Shares = append(at[origin].Shares, s)
		return nil
	})
	return err
}

// Origin returns one origin.
func (f Funnel) Origin(ctx context.Context, number string) (At[Origin], error) {
	var out At[Origin]
	var err error
	out.Position, err = reading(ctx, f.DB, "funnel", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select `+originColumns+` from read.funnel_origins p where p.number = $1`, number)
		if err != nil {
			return err
		}
		found, err := collect(rows, (*Origin).fields)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return domain.Refuse(domain.NotFound, "origin.unknown", "number", number)
		}
		err = addShares(ctx, tx, found)
		out.Value = found[0]
		return err
	})
	return out, err
}
