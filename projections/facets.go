package projections

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// Facets are how many proposals of a filter there are per value of a field.
// A field is counted without its own part of the filter, so that the other
// values of it can be offered too.
//
// Where a filter names villages or words, no more than MostCounted are counted. If
// there are more of a field its values come without counts, those among them that
// no such proposal has.
type Facets struct {
	Total      int     `json:"total"`
	More       bool    `json:"more,omitzero" doc:"There are more than total: that is where counting ended"`
	Lanes      []Count `json:"lanes"`
	Kecamatans []Count `json:"kecamatans"`
	OPDs       []Count `json:"op_ds"`
	Stages     []Count `json:"stages"`
	States     []Count `json:"states"`
	Fates      []Count `json:"fates"`
	Reasons    []Count `json:"reasons"`
}

// A Count is a value, how many have it, and what they asked.
type Count struct {
	Value string        `json:"value"`
	Count int           `json:"count" doc:"0: more than can be counted for a page"`
	Asked domain.Rupiah `json:"asked"`
}

// MostCounted is how many proposals of a village or with a word are counted.
const MostCounted = 10_000

// mostValues is how many values of a field are offered.
const mostValues = 200

// columns are the columns that are counted by, with the fields that hold them.
func (f *Facets) columns() map[string]*[]Count {
	return map[string]*[]Count{"lane": &f.Lanes, "kecamatan": &f.Kecamatans, "opd": &f.OPDs, "state_stage": &f.Stages, "state": &f.States, "fate": &f.Fates, "reason": &f.Reasons}
}

// count fills f: by one query for all fields that are not narrowed, and one more
// for each that is.
func (f *Facets) count(ctx context.Context, tx pgx.Tx, c *criteria) error {
	if err := c.read(ctx, tx); err != nil {
		return err
	}
	var open []string
	for _, column := range []string{"lane", "kecamatan", "opd", "state_stage", "state", "fate", "reason"} {
		if !slices.ContainsFunc(c.choices, func(x choice) bool { return x.column == column && len(x.values) > 0 }) {
			open = append(open, column)
			continue
		}
		if _, err := f.group(ctx, tx, c, column, column); err != nil {
			return err
		}
	}
	total, err := f.group(ctx, tx, c, "", open...)
	f.Total, f.More = min(total, MostCounted), total > MostCounted
	if c.counted() {
		f.Total, f.More = total, false
	}
	return err
}

// group counts by each of some columns what fits without the conditions on column
// but, and returns how much that is.
func (f *Facets) group(ctx context.Context, tx pgx.Tx, c *criteria, but string, columns ...string) (total int, err error) {
	if c.counted() {
		w := c.ofCounts(but)
		return f.groups(ctx, tx, c.counts+" p where "+w.String(), w.args, columns)
	}
	w := c.ofRows(but)
	total, err = f.groups(ctx, tx, `(select p.*, 1 as n from `+c.rows+` p where `+w.String()+` limit `+w.arg(MostCounted+1)+`) p`, w.args, columns)
	if err != nil || total <= MostCounted {
		return total, err
	}
	w = c.ofCounts(but)
	if _, err = f.groups(ctx, tx, c.counts+" p where "+w.String(), w.args, columns); err != nil {
		return total, err
	}
	for _, column := range columns {
		counts := *f.columns()[column]
		for i := range counts {
			counts[i] = Count{Value: counts[i].Value}
		}
	}
	return total, nil
}

// groups fills the fields of some columns from rows p that stand for n each, and
// returns how many there are in all.
func (f *Facets) groups(ctx context.Context, tx pgx.Tx, from string, args []any, columns []string) (total int, err error) {
	into := f.columns()
	which, value, sets := "0", "''", "()"
	if len(columns) > 0 {
		all := "p." + strings.Join(columns, ", p.")
		which, value = "grouping("+all+")", "coalesce("+all+", '')"
		sets += ", (p." + strings.Join(columns, "), (p.") + ")"
	}
	rows, err := tx.Query(ctx, `
		select `+which+`, `+value+`, coalesce(sum(p.n), 0)::bigint, coalesce(sum(p.asked), 0)::bigint
		  from `+from+`
		 group by grouping sets (`+sets+`)`, args...)
	if err != nil {
		return 0, err
	}
	found := make([][]Count, len(columns))
	var mask int
	var c Count
	_, err = pgx.ForEachRow(rows, []any{&mask, &c.Value, &c.Count, &c.Asked}, func() error {
		// grouping() has a bit for each column that a row is not by, the last one lowest.
		by := slices.IndexFunc(columns, func(x string) bool { return mask&(1<<(len(columns)-1-slices.Index(columns, x))) == 0 })
		switch {
		case by < 0:
			total = c.Count
		case c.Value != "":
			found[by] = append(found[by], c)
		}
		return nil
	})
	for i, column := range columns {
		slices.SortFunc(found[i], func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value)) })
		*into[column] = found[i][:min(len(found[i]), mostValues)]
	}
	return total, err
}
