package projections

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// criteria are which proposals a list is about, of a table of proposals whose
// counts are kept beside it.
type criteria struct {
	rows, counts string // tables; rows is called p where they are read
	names        string // table of the names of places and of kamus entries
	known        string // query for all cycles
	cycle        int
	choices      []choice // on columns that are counted
	flags        []string // conditions on columns that are counted
	villages     []string
	text         string
	words        []word // of text, once looked up
}

// counted reports whether the counts know all that is asked. They do not know
// villages and words, of which there are too many.
func (c *criteria) counted() bool { return len(c.villages)+len(c.words) == 0 }

// ofCounts returns the conditions on the table of counts, less those on one column.
func (c *criteria) ofCounts(but string) *where {
	w := new(where)
	if c.cycle != 0 {
		w.and("p.cycle = ?", c.cycle)
	}
	w.each(but, c.choices)
	for _, f := range c.flags {
		w.and(f)
	}
	return w
}

// ofRows returns all conditions, less those on one column. Words alone are sought
// with their cycle in one index, and nowhere else: the planner takes what many have
// for rare.
func (c *criteria) ofRows(but string) *where {
	w := c.ofCounts(but)
	if len(w.conditions) == 1 && c.cycle != 0 && len(c.words) > 0 && !c.words[0].isNumber() {
		w = new(where)
		w.and("p.search @@ ?::tsquery", "'@"+strconv.Itoa(c.cycle)+"'")
	}
	w.in("p.village", c.villages)
	w.matching(c.words)
	return w
}

// planned is how lists are planned: for what is asked now, because a year or a word
// may be everywhere or nowhere, and by no reading from one end to the other, which
// the planner likes for a word that is everywhere. All that lists read has an index
// that serves, or the planner would take any plan for as bad as any other.
const planned = `set local plan_cache_mode = force_custom_plan; set local enable_seqscan = off`

// read looks up what the words of the text stand for.
func (c *criteria) read(ctx context.Context, tx pgx.Tx) (err error) {
	if _, err = tx.Exec(ctx, planned); err != nil {
		return err
	}
	c.words, err = wordsFor(ctx, tx, c.text, c.names)
	return err
}

// years returns the cycles that may hold what is sought, and how many there are of
// it in all of them, as far as that is worth knowing: hardly more than a few where the
// counts do not know.
func (c *criteria) years(ctx context.Context, tx pgx.Tx) (cycles []int, total int, err error) {
	w := c.ofCounts("")
	switch {
	case !c.counted():
	case c.cycle != 0 && len(w.conditions) == 1:
		return []int{c.cycle}, few + 1, nil
	case len(w.conditions) == 0:
		rows, err := tx.Query(ctx, c.known)
		if err != nil {
			return nil, 0, err
		}
		cycles, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return cycles, few + 1, err
	}
	rows, err := tx.Query(ctx, `select p.cycle, sum(p.n)::bigint from `+c.counts+` p where `+w.String()+` group by 1 order by 1`, w.args...)
	if err != nil {
		return nil, 0, err
	}
	var year, n int
	if _, err = pgx.ForEachRow(rows, []any{&year, &n}, func() error { cycles, total = append(cycles, year), total+n; return nil }); err != nil {
		return nil, 0, err
	}
	if total > few && !c.counted() {
		w := c.ofRows("")
		err = tx.QueryRow(ctx, `select count(*) from (select from `+c.rows+` p where `+w.String()+` limit `+w.arg(few+1)+`) p`, w.args...).Scan(&total)
	}
	return cycles, total, err
}

// few are so many proposals that it is quicker to sort all of them than to go
// through an order until a page is full: a page of twenty comes after some
// thousands of others where one in hundreds fits, and there may be none.
const few = 3_000

// page reads one page of what is sought: columns from rows p joined with the years
// of its cycles, in the order by, beyond a place that w holds.
//
// What is few is sorted. What is many is read along the order, cycle by cycle, so
// that one in which nothing fits is not gone through, and each only as far as a
// page is long.
func (c *criteria) page(ctx context.Context, tx pgx.Tx, columns, join string, o order, list string, after Cursor, limit int) (pgx.Rows, error) {
	if err := c.read(ctx, tx); err != nil {
		return nil, err
	}
	cycles, total, err := c.years(ctx, tx)
	if err != nil {
		return nil, err
	}
	if total > few {
		c.cycle = 0 // each of cycles by itself
	}
	w := c.ofRows("")
	sorted, err := o.after(w, "p.", after, list)
	if err != nil {
		return nil, err
	}
	from := `(select p.* from ` + c.rows + ` p where ` + w.String() + ` offset 0) p` // not to be merged with the order
	if total > few {
		if o.column == "number" { // those of a year lie together
			w.and("p.number >= 'U-' || right(c.cycle::text, 2) || '-' and p.number < 'U-' || right(c.cycle::text, 2) || '.'")
		}
		from = `unnest(` + w.arg(cycles) + `::int[]) c (cycle) cross join lateral (
			select p.* from ` + c.rows + ` p where p.cycle = c.cycle and ` + w.String() + ` order by ` + sorted + ` limit ` + w.arg(limit) + `) p`
	}
	return tx.Query(ctx, `select `+columns+` from `+from+join+` order by `+sorted+` limit `+w.arg(limit), w.args...)
}
