package projections_test

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/projections"
)

var narrowed = map[string]func(*projections.ProposalFilter, string){
	"Lanes":      func(f *projections.ProposalFilter, v string) { f.Lane = []string{v} },
	"Kecamatans": func(f *projections.ProposalFilter, v string) { f.Kecamatan = []string{v} },
	"OPDs":       func(f *projections.ProposalFilter, v string) { f.OPD = []string{v} },
	"Stages":     func(f *projections.ProposalFilter, v string) { f.Stage = []string{v} },
	"States":     func(f *projections.ProposalFilter, v string) { f.State = []string{v} },
	"Fates":      func(f *projections.ProposalFilter, v string) { f.Fate = []string{v} },
	"Reasons":    func(f *projections.ProposalFilter, v string) { f.Reason = []string{v} },
}

func announced(f projections.ProposalFilter) projections.PublicFilter {
	return projections.PublicFilter{Cycle: f.Cycle, Kecamatan: f.Kecamatan, Village: f.Village, OPD: f.OPD, Lane: f.Lane, Stage: f.Stage, Fate: f.Fate, Reason: f.Reason, Text: f.Text}
}

// What facets say is what a list of the same filter gives, whether counts are kept
// of it or it is counted.
func TestFacetsCountWhatListsGive(t *testing.T) {
	w := newWorld(t)
	run := w.runner(projections.All...)
	run.Batch = 40
	w.catchUp(run)
	newTown(w, 11).grow(400)
	w.catchUp(run)
	proposals, public := projections.Proposals{DB: w.pool}, projections.Public{DB: w.pool}
	listed := func(f projections.ProposalFilter) int {
		page, err := proposals.List(t.Context(), f, "", "", 500)
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	shown := func(f projections.ProposalFilter) int {
		page, err := public.List(t.Context(), announced(f), "", "", 500)
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	if shown(projections.ProposalFilter{}) == 0 {
		t.Fatal("the town announced nothing")
	}
	agree := func(f projections.ProposalFilter, facets projections.Facets, list func(projections.ProposalFilter) int) {
		t.Helper()
		if want := list(f); facets.Total != want || facets.More {
			t.Errorf("%+v: %d in all, %d listed", f, facets.Total, want)
		}
		for field, narrow := range narrowed {
			for _, c := range reflect.ValueOf(facets).FieldByName(field).Interface().([]projections.Count) {
				one := f
				narrow(&one, c.Value)
				if want := list(one); want != c.Count {
					t.Errorf("%+v: %s says %d of %q, %d are listed", f, field, c.Count, c.Value, want)
				}
			}
		}
	}
	for _, f := range []projections.ProposalFilter{
		{}, {Cycle: 2027}, {Cycle: 2026}, {OriginOnly: true}, {NoReason: true}, {Contested: true},
		{Cycle: 2027, Kecamatan: []string{"99.01.01"}, Fate: []string{"dropped", "pending", "unannounced"}},
		{Village: []string{"99.01.01.2001", "99.01.02.2002"}}, {Cycle: 2027, Text: "jalan"}, {Text: "sukamaju 11", OPD: []string{"1.03", "1.01"}},
		{Lane: []string{"musrenbang"}, Kecamatan: []string{"99.01.01"}, OPD: []string{"1.03"}, Stage: []string{"kecamatan"}, State: []string{"merged"}, Fate: []string{"funded"}, Reason: []string{"x"}},
	} {
		facets, err := proposals.Facets(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		agree(f, facets.Value, listed)
		if f.OriginOnly || f.NoReason || f.Contested || f.State != nil {
			continue // nothing that visitors ask for
		}
		if facets, err = public.Facets(t.Context(), announced(f)); err != nil {
			t.Fatal(err)
		}
		facets.Value.States = nil // nor that
		agree(f, facets.Value, shown)
	}
}

// A crowd is a town in whose read models some proposals stand thousands of times,
// each time under another number. What its readers ask the database is watched.
type crowd struct {
	*world
	asked []query
}

type query struct {
	sql  string
	args []any
}

// TraceQueryStart implements pgx.QueryTracer.
func (c *crowd) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	c.asked = append(c.asked, query{q.SQL, q.Args})
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (c *crowd) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

const crowded = 12_000 // rows, of each of two tables of proposals

func newCrowd(t *testing.T) (*crowd, *pgxpool.Pool) {
	c := &crowd{world: newWorld(t)}
	run := c.runner(projections.All...)
	c.catchUp(run)
	newTown(c.world, 5).grow(300)
	c.catchUp(run)
	for _, name := range []string{"proposals", "public"} {
		var schema, columns string
		if err := c.pool.QueryRow(t.Context(), `
			select g.schema, string_agg(quote_ident(c.column_name), ', ')
			  from projections.generations g
			  join information_schema.columns c on c.table_schema = g.schema and c.table_name = 'proposals' and c.is_generated = 'NEVER' and c.column_name <> 'number'
			 where g.projection = $1 and g.live
			 group by 1`, name).Scan(&schema, &columns); err != nil {
			t.Fatal(err)
		}
		if _, err := c.pool.Exec(t.Context(), `
			insert into `+schema+`.proposals (number, `+columns+`)
			select left(p.number, 5) || lpad(to_hex(i), 7, '0'), `+columns+`
			  from generate_series(1, `+strconv.Itoa(crowded)+`) i
			  join (select row_number() over (order by number) as nth, count(*) over () as of, * from `+schema+`.proposals) p on p.nth = 1 + i % p.of`); err != nil {
			t.Fatal(err)
		}
		if _, err := c.pool.Exec(t.Context(), `analyze `+schema+`.proposals`); err != nil {
			t.Fatal(err)
		}
	}
	config := c.pool.Config()
	config.ConnConfig.Tracer = c
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return c, pool
}

// watched returns what f asks the database, without what begins and ends
// transactions.
func (c *crowd) watched(f func() error) []query {
	c.t.Helper()
	c.asked = nil
	if err := f(); err != nil {
		c.t.Fatal(err)
	}
	return slices.DeleteFunc(c.asked, func(q query) bool { return q.args == nil })
}

// visits returns how many proposals the answer to a query looks at, asked as lists
// ask.
func (c *crowd) visits(q query) int {
	c.t.Helper()
	var text []byte
	err := pgx.BeginFunc(c.t.Context(), c.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(c.t.Context(), `set local enable_seqscan = off`); err != nil {
			return err
		}
		return tx.QueryRow(c.t.Context(), "explain (analyze, timing off, format json) "+q.sql, q.args...).Scan(&text)
	})
	if err != nil {
		c.t.Fatalf("%v\n%s", err, q.sql)
	}
	type node struct {
		Relation string  `json:"Relation Name"`
		Rows     float64 `json:"Actual Rows"`
		Loops    float64 `json:"Actual Loops"`
		Filtered float64 `json:"Rows Removed by Filter"`
		Lossy    float64 `json:"Rows Removed by Index Recheck"`
		Plans    []*node `json:"Plans"`
	}
	var plans []struct{ Plan *node }
	if err := json.Unmarshal(text, &plans); err != nil {
		c.t.Fatal(err)
	}
	var visited func(n *node) float64
	visited = func(n *node) (sum float64) {
		if n.Relation == "proposals" {
			sum = (n.Rows + n.Filtered + n.Lossy) * n.Loops
		}
		for _, p := range n.Plans {
			sum += visited(p)
		}
		return sum
	}
	return int(visited(plans[0].Plan))
}

func TestListsOfACrowd(t *testing.T) {
	c, pool := newCrowd(t)
	t.Run("no page goes through all proposals", func(t *testing.T) { c.pagesAreBounded(t, pool) })
	t.Run("what words find too much of is not counted to its end", func(t *testing.T) { c.countingEnds(t, pool) })
	t.Run("a long list comes whole and in order", func(t *testing.T) { c.listsAreWhole(t, pool) })
}

// A page of a list asks a handful of questions, however many proposals there are,
// and none of them goes through all of these.
func (c *crowd) pagesAreBounded(t *testing.T, pool *pgxpool.Pool) {
	proposals, public := projections.Proposals{DB: pool}, projections.Public{DB: pool}
	sorts := []projections.ProposalSort{projections.ByNumber, projections.BySince, projections.ByChanged, projections.ByAsked}
	for _, f := range []projections.ProposalFilter{
		{}, {Cycle: 2027}, {Cycle: 2027, Kecamatan: []string{"99.01.01"}}, {Cycle: 2027, Village: []string{"99.01.02.2002"}}, {Cycle: 2027, OPD: []string{"1.03"}},
		{Cycle: 2027, Lane: []string{"pokir"}}, {Cycle: 2027, Stage: []string{"desa"}, Fate: []string{"funded"}}, {Cycle: 2027, Fate: []string{"withdrawn"}},
		{Fate: []string{"funded"}}, {Cycle: 2027, Reason: []string{"KWN-PROV"}}, {Cycle: 2027, Text: "jalan"}, {Text: "sukamaju"}, {Text: "zzzz"},
	} {
		narrow := 0
		for _, values := range [][]string{f.Kecamatan, f.OPD, f.Lane, f.Stage, f.State, f.Fate, f.Reason} {
			narrow += min(len(values), 1)
		}
		check := func(what string, questions, most int, asked []query) {
			t.Helper()
			if len(asked) > questions {
				t.Errorf("%s of %+v asks %d questions, at most %d", what, f, len(asked), questions)
			}
			for _, q := range asked {
				if n := c.visits(q); n > most {
					t.Errorf("%s of %+v looks at %d proposals, at most %d:\n%s", what, f, n, most, q.sql)
				}
			}
		}
		counted := 0 // of what counts are kept no proposal is looked at
		if f.Village != nil || f.Text != "" {
			counted = projections.MostCounted + 1
		}
		words := min(len(f.Text), 1)
		groups := (1 + narrow) * (1 + words) // where there are too many to count, their values are asked for instead
		check("facets", 1+groups+words, counted, c.watched(func() error { _, err := proposals.Facets(t.Context(), f); return err }))
		check("public facets", 1+groups+words, counted, c.watched(func() error { _, err := public.Facets(t.Context(), announced(f)); return err }))
		for _, sort := range sorts {
			var next, publicNext projections.Cursor
			for _, page := range []string{"first", "second"} {
				check(page+" page by "+string(sort), 4+words, crowded/3, c.watched(func() error {
					p, err := proposals.List(t.Context(), f, sort, next, 20)
					next = p.Next
					return err
				}))
				check(page+" public page by "+string(sort), 4+words, crowded/3, c.watched(func() error {
					p, err := public.List(t.Context(), announced(f), sort, publicNext, 20)
					publicNext = p.Next
					return err
				}))
			}
		}
	}
}

func (c *crowd) countingEnds(t *testing.T, pool *pgxpool.Pool) {
	all := c.count(`select count(*) from read.proposals`)
	f := projections.ProposalFilter{Text: "sukamaju"}
	if n := c.count(`select count(*) from read.proposals where village <> ''`); n <= projections.MostCounted {
		t.Fatalf("only %d proposals lie in a village", n)
	}
	facets, err := projections.Proposals{DB: pool}.Facets(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	v := facets.Value
	if v.Total != projections.MostCounted || !v.More || len(v.Fates) == 0 || v.Fates[0].Count != 0 || v.Fates[0].Value == "" {
		t.Errorf("of %d proposals %d are counted, more: %t, fates %+v", all, v.Total, v.More, v.Fates)
	}
	if facets, err = (projections.Proposals{DB: pool}).Facets(t.Context(), projections.ProposalFilter{}); err != nil || facets.Value.Total != all || facets.Value.More {
		t.Errorf("all of %d: %d, more: %t, %v", all, facets.Value.Total, facets.Value.More, err)
	}
}

// listsAreWhole reads lists that are read along an order.
func (c *crowd) listsAreWhole(t *testing.T, pool *pgxpool.Pool) {
	for _, f := range []projections.ProposalFilter{{}, {Text: "sukamaju", Lane: []string{"musrenbang"}}} {
		want := -1
		for _, sort := range []projections.ProposalSort{projections.ByNumber, projections.BySince, projections.ByChanged, projections.ByAsked} {
			seen := make(map[string]bool)
			var last projections.Proposal
			for at := projections.Cursor(""); ; {
				page, err := projections.Proposals{DB: pool}.List(t.Context(), f, sort, at, 500)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range page.Items {
					ordered := map[projections.ProposalSort]bool{projections.ByNumber: last.Number < p.Number, projections.BySince: !p.Since.Before(last.Since),
						projections.ByChanged: !p.Changed.After(last.Changed), projections.ByAsked: p.Asked <= last.Asked}
					if len(seen) > 0 && !ordered[sort] {
						t.Fatalf("by %s: %s comes after %s", sort, p.Number, last.Number)
					}
					last, seen[p.Number] = p, true
				}
				if at = page.Next; at == "" {
					break
				}
			}
			if want < 0 {
				want = len(seen)
			}
			if len(seen) != want || want < 5_000 {
				t.Errorf("%+v by %s: %d of %d proposals", f, sort, len(seen), want)
			}
		}
		if f.Text == "" && want != c.count(`select count(*) from read.proposals`) {
			t.Errorf("%d listed of all", want)
		}
	}
}

func (w *world) count(sql string) (n int) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), sql).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// Who waits for what is rare among the released facts does not have all of them
// looked at each time.
func TestWhatIsRareIsSoughtInStretches(t *testing.T) {
	w := newWorld(t)
	run := w.runner(projections.All...)
	w.catchUp(run)
	newTown(w, 11).grow(400)
	w.catchUp(run)
	var schema string
	if err := w.pool.QueryRow(t.Context(), `select schema from projections.generations where projection = 'public' and live`).Scan(&schema); err != nil {
		t.Fatal(err)
	}
	common := 2*projections.MostSought + 10
	if _, err := w.pool.Exec(t.Context(), `
		insert into `+schema+`.steps (position, number, effective, type, cycle, released, step)
		select 1000000 + i, number, effective, case when i = $1 then 'rare' else 'common' end, cycle, 1000000, step
		  from generate_series(1, $1) i, (select * from `+schema+`.steps order by position limit 1) s`, common); err != nil {
		t.Fatal(err)
	}
	rare, calls := projections.PublicSince{Types: []string{"rare"}}, 0
	for last := "999999-0"; ; calls++ {
		page, err := projections.Public{DB: w.pool}.Since(t.Context(), last, rare, 10)
		if err != nil {
			t.Fatal(err)
		}
		if string(page.Next) == last {
			t.Fatalf("stuck at %s after %d calls", last, calls)
		}
		if last = string(page.Next); len(page.Items) > 0 {
			break
		}
	}
	if calls != 2 {
		t.Errorf("found after %d stretches without it, want 2", calls)
	}
}

// What is summed up from counts is what its shares add up to.
func TestSumsOfCountsAreSumsOfShares(t *testing.T) {
	w := newWorld(t)
	run := w.runner(projections.All...)
	run.Batch = 40
	w.catchUp(run)
	newTown(w, 11).grow(400)
	w.catchUp(run)
	type figures interface {
		Sum(context.Context, projections.FunnelFilter) (projections.At[projections.Totals], error)
		Reasons(context.Context, projections.FunnelFilter) (projections.At[[]projections.ReasonSum], error)
	}
	everywhere := []string{"", "99.01.01", "99.01.02", "99.01.03"}
	for name, read := range map[string]figures{"internal": projections.Funnel{DB: w.pool}, "public": projections.Public{DB: w.pool}} {
		for _, lane := range [][]string{nil, {"musrenbang"}} {
			kept, added := projections.FunnelFilter{Cycle: 2027, Lane: lane}, projections.FunnelFilter{Cycle: 2027, Lane: lane, Kecamatan: everywhere}
			a, err := read.Sum(t.Context(), kept)
			if err != nil {
				t.Fatal(err)
			}
			b, err := read.Sum(t.Context(), added)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(a.Value, b.Value); d != "" || a.Value.Origins == 0 {
				t.Errorf("%s sums of %v (-counts +shares):\n%s", name, lane, d)
			}
			c, err := read.Reasons(t.Context(), kept)
			if err != nil {
				t.Fatal(err)
			}
			d, err := read.Reasons(t.Context(), added)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.Value, d.Value); diff != "" || len(c.Value) == 0 {
				t.Errorf("%s reasons of %v (-counts +shares):\n%s", name, lane, diff)
			}
			lost := 0
			for _, f := range a.Value.Fates {
				switch f.Fate {
				case "dropped", "deferred", "cancelled", "withdrawn":
					lost += f.Headline
				}
			}
			headlines := 0
			for _, r := range c.Value {
				headlines += r.Headline
			}
			if headlines < lost {
				t.Errorf("%s: %d origins of %v lost most to some reason, %d are lost as a whole", name, headlines, lane, lost)
			}
		}
	}
}
