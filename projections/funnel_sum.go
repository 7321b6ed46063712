package projections

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/history"
)

// Sum returns the totals of a cut.
func (f Funnel) Sum(ctx context.Context, filter FunnelFilter) (At[Totals], error) {
	var out At[Totals]
	var err error
	out.Position, err = reading(ctx, f.DB, "funnel", func(tx pgx.Tx) error {
		parts, err := sums(ctx, tx, "read.funnel", filter, "")
		if len(parts) > 0 {
			out.Value = parts[0].Totals
		}
		return err
	})
	return out, err
}

// Parts returns the totals of a cut, partitioned, by value; they add up to Sum,
// except that an origin with heirs at several OPDs is among the Origins of each.
func (f Funnel) Parts(ctx context.Context, filter FunnelFilter, by Dimension) (At[[]Part], error) {
	var out At[[]Part]
	var err error
	out.Position, err = reading(ctx, f.DB, "funnel", func(tx pgx.Tx) (err error) {
		out.Value, err = sums(ctx, tx, "read.funnel", filter, by)
		return err
	})
	return out, err
}

func (f FunnelFilter) where() *where {
	w := new(where)
	w.and("p.cycle = ?", f.Cycle)
	w.each("", []choice{{"lane", f.Lane}, {"kecamatan", f.Kecamatan}, {"village", f.Village}, {"basic", f.Basic}, {"opd", f.OPD}})
	return w
}

// table returns where the shares of a cut are added up, partitioned by a dimension:
// of whole years and lanes, the counts that are kept of them.
func (f FunnelFilter) table(model string, by Dimension) string {
	if len(f.Kecamatan)+len(f.Village)+len(f.Basic)+len(f.OPD) == 0 && (by == "" || by == ByLane) {
		return model + "_counts"
	}
	return model + "_shares"
}

var dimensions = map[Dimension]string{"": "''", ByLane: "p.lane", ByKecamatan: "p.kecamatan", ByVillage: "p.village", ByOPD: "p.opd", ByBasicService: "p.basic"}

// sums adds up the shares of tables named like model, partitioned by a
// dimension; "" is none, and gives one part.
func sums(ctx context.Context, tx pgx.Tx, model string, filter FunnelFilter, by Dimension) ([]Part, error) {
	column, ok := dimensions[by]
	if !ok {
		return nil, domain.Refuse(domain.Invalid, "funnel.dimension_unknown", "dimension", string(by)).At("/by")
	}
	var stages []string
	rows, err := tx.Query(ctx, `select stages from `+model+`_years where cycle = $1 order by stream limit 1`, filter.Cycle)
	if err != nil {
		return nil, err
	}
	if found, err := pgx.CollectRows(rows, pgx.RowTo[[]string]); err != nil {
		return nil, err
	} else if len(found) > 0 {
		stages = found[0]
	}
	adding := adder{order: stages, at: make(map[string]*sumOf)}
	if by == "" {
		adding.part("")
	}
	table := filter.table(model, by)
	if err := adding.shares(ctx, tx, table, column, filter.where()); err != nil {
		return nil, err
	}
	count := "sum(p.origins)"
	if by == ByOPD || len(filter.OPD) > 0 { // an origin may have several parts in the cut, and not its first
		count = "count(distinct p.origin)"
	}
	if err := adding.origins(ctx, tx, table, column, count, filter.where()); err != nil {
		return nil, err
	}
	return adding.done(), nil
}

// An adder makes totals of grouped rows.
type adder struct {
	order []string // of stages
	at    map[string]*sumOf
}

type sumOf struct {
	Part
	fates  map[string]*FateSum
	stages map[string]*StageSum
	flows  map[[2]string]*Flow
	losses map[[3]string]*LossSum
}

func (a *adder) part(value string) *sumOf {
	s := a.at[value]
	if s == nil {
		s = &sumOf{Part: Part{Value: value}, fates: map[string]*FateSum{}, stages: map[string]*StageSum{}, flows: map[[2]string]*Flow{}, losses: map[[3]string]*LossSum{}}
		a.at[value] = s
	}
	return s
}

// entry returns the value of a key in m, a new one where there is none.
func entry[K comparable, V any](m map[K]*V, k K, empty V) *V {
	if m[k] == nil {
		m[k] = &empty
	}
	return m[k]
}

func (a *adder) shares(ctx context.Context, tx pgx.Tx, table, column string, w *where) error {
	rows, err := tx.Query(ctx, `
		select `+column+`, p.root, p.fate, p.kind, p.stage, p.reached, sum(p.millionths)::bigint, sum(p.asked)::bigint,
		       sum(p.granted)::bigint, sum(p.cut)::bigint, sum(p.uplift)::bigint, sum(p.moved)::bigint
		  from `+table+` p
		 where `+w.String()+`
		 group by 1, 2, 3, 4, 5, 6`, w.args...)
	if err != nil {
		return err
	}
	var value, root, fate, kind, stage string
	var reached []string
	var t Tally
	var granted, cut, uplift, moved domain.Rupiah
	_, err = pgx.ForEachRow(rows, []any{&value, &root, &fate, &kind, &stage, &reached, &t.Count, &t.Asked, &granted, &cut, &uplift, &moved}, func() error {
		s := a.part(value)
		switch root {
		case string(history.InBudget):
			s.Unasked += granted
			return nil
		case string(history.Origin):
		default:
			s.Unattributed += granted
			return nil
		}
		s.Count += t.Count
		s.Asked += t.Asked
		s.Granted += granted
		s.Cut += cut
		s.Uplift += uplift
		s.Moved += moved
		f := entry(s.fates, fate, FateSum{Fate: fate})
		f.Count, f.Asked = f.Count+t.Count, f.Asked+t.Asked
		entry(s.losses, [3]string{stage, fate, kind}, LossSum{Stage: stage, Fate: fate, Kind: kind}).add(t)
		s.walk(stage, reached, t)
		return nil
	})
	return err
}

// walk sends a share through the stages it passed, in their order, to the one it
// is in.
func (s *sumOf) walk(last string, reached []string, t Tally) {
	way := slices.DeleteFunc(slices.Clone(reached), func(x string) bool { return x == last })
	if last != "" || len(way) == 0 {
		way = append(way, last)
	}
	for i, name := range way {
		at := entry(s.stages, name, StageSum{Stage: name})
		if i == 0 {
			at.Entered.add(t)
		} else {
			at.Came.add(t)
			entry(s.flows, [2]string{way[i-1], name}, Flow{From: way[i-1], To: name}).add(t)
		}
		if i == len(way)-1 {
			at.Ended.add(t)
		} else {
			at.WentOn.add(t)
		}
	}
}

func (a *adder) origins(ctx context.Context, tx pgx.Tx, table, column, count string, w *where) error {
	rows, err := tx.Query(ctx, `
		select `+column+`, p.headline, `+count+`::bigint, coalesce(`+count+` filter (where p.merged), 0)::bigint
		  from `+table+` p
		 where `+w.String()+` and p.root = 'origin'
		 group by 1, 2`, w.args...)
	if err != nil {
		return err
	}
	var value, headline string
	var n, merged int
	_, err = pgx.ForEachRow(rows, []any{&value, &headline, &n, &merged}, func() error {
		s := a.part(value)
		s.Origins += n
		s.Merged += merged
		entry(s.fates, headline, FateSum{Fate: headline}).Headline += n
		return nil
	})
	return err
}

// done returns the parts, by value.
func (a *adder) done() []Part {
	stage := func(x, y string) int { return cmp.Compare(index(a.order, x), index(a.order, y)) }
	var out []Part
	for _, s := range a.at {
		for _, f := range s.fates {
			s.Fates = append(s.Fates, *f)
		}
		slices.SortFunc(s.Fates, func(x, y FateSum) int { return cmp.Compare(fateIndex(x.Fate), fateIndex(y.Fate)) })
		for _, x := range s.stages {
			s.Stages = append(s.Stages, *x)
		}
		slices.SortFunc(s.Stages, func(x, y StageSum) int { return cmp.Or(stage(x.Stage, y.Stage), cmp.Compare(x.Stage, y.Stage)) })
		for _, x := range s.flows {
			s.Flows = append(s.Flows, *x)
		}
		slices.SortFunc(s.Flows, func(x, y Flow) int {
			return cmp.Or(stage(x.From, y.From), stage(x.To, y.To), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
		})
		for _, x := range s.losses {
			s.Losses = append(s.Losses, *x)
		}
		slices.SortFunc(s.Losses, func(x, y LossSum) int {
			return cmp.Or(stage(x.Stage, y.Stage), cmp.Compare(fateIndex(x.Fate), fateIndex(y.Fate)), cmp.Compare(x.Stage+x.Kind, y.Stage+y.Kind))
		})
		out = append(out, s.Part)
	}
	slices.SortFunc(out, func(x, y Part) int { return cmp.Compare(x.Value, y.Value) })
	return out
}

// index returns the place of s in list, behind all where it is not in it.
func index(list []string, s string) int {
	if i := slices.Index(list, s); i >= 0 {
		return i
	}
	return len(list)
}

func fateIndex(fate string) int {
	if i := slices.Index(history.Fates, history.Fate(fate)); i >= 0 {
		return i
	}
	return len(history.Fates)
}
