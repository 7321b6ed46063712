package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/answer"
	"runut/api/text"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/projections"
)

// What is promised of answers, on a log of a million events.
const (
	promisedAnswer   = 15   // ms, of the slowest in a hundred
	promisedCompare  = 1000 // ms, of two dates over a year
	promisedFindings = 10   // s, of all years
)

// asked is how many proposals are asked about, drawn from all that there are.
const asked = 2000

// explains measures answers over the demo's log: what became of a proposal and
// why, a year seen from two dates, and all findings.
func (r *run) explains(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, head int64, rounds int) error {
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		return err
	}
	find := func(string) *workflow.Definition { return definition }
	names := &projections.Runner{DB: pool, Store: store, Definitions: find, Keep: time.Nanosecond, Log: slog.New(slog.DiscardHandler),
		List: slices.DeleteFunc(slices.Clone(projections.All), func(p projections.Projection) bool { return p.Name != "register" })}
	if err := names.CatchUp(ctx); err != nil {
		return fmt.Errorf("names of places: %w", err)
	}
	if _, err := pool.Exec(ctx, `analyze`); err != nil { // as autovacuum does
		return err
	}
	q := &questions{pool: pool, store: store, round: r.Round,
		desk: answer.Desk{Store: store, DB: pool, Charts: history.NewCharts(find), Shelf: new(answer.Shelf)}}
	if err := q.draw(ctx); err != nil {
		return err
	}
	return r.answered(ctx, q, head, rounds)
}

// answered measures all questions, round by round.
func (r *run) answered(ctx context.Context, q *questions, head int64, rounds int) error {
	size := thousands(int(head))
	const family, all = "one read of its family's events", "reading the same, decoded"
	middle := &Row{What: "explain any proposal, " + size + ", median", Against: family, Unit: "ms"}
	slow := &Row{What: "  the slowest in a hundred", Against: family, Unit: "ms", Within: promisedAnswer}
	compare := &Row{What: fmt.Sprintf("compare two dates, %s proposals", thousands(q.inYear)), Against: all, Unit: "ms", Within: promisedCompare}
	findings := &Row{What: "all findings, " + size, Against: all, Unit: "s", Within: promisedFindings}
	r.report.Rows = append(r.report.Rows, middle, slow, compare, findings)
	r.say("explain, %s", size)
	for _, warm := range []func(context.Context) ([]float64, error){q.explain, q.families} {
		if _, err := warm(ctx); err != nil {
			return err
		}
	}
	var rates, effort []float64
	var peak uint64
	for round := range rounds {
		answers, err := taking(round, func() (took []float64, err error) {
			busy := processor()
			took, err = q.explain(ctx)
			effort = append(effort, milliseconds(processor()-busy)/float64(max(len(took), 1)))
			return took, err
		}, func() ([]float64, error) { return q.families(ctx) })
		if err != nil {
			return err
		}
		middle.add([2]float64{quantile(answers[0], 0.5), quantile(answers[1], 0.5)})
		slow.add([2]float64{quantile(answers[0], 0.99), quantile(answers[1], 0.99)})
		took, err := taking(round, timed(func() error { return q.compare(ctx) }), timed(func() error { return q.readYear(ctx) }))
		if err != nil {
			return err
		}
		compare.add([2]float64{milliseconds(took[0]), milliseconds(took[1])})
		took, err = taking(round, timed(func() error {
			most, err := peakOf(ctx, func() error { return q.findings(ctx) })
			peak = max(peak, most)
			return err
		}), timed(func() error { return q.readAll(ctx) }))
		if err != nil {
			return err
		}
		findings.add([2]float64{took[0].Seconds(), took[1].Seconds()})
		rates = append(rates, float64(head)/took[0].Seconds())
		r.step()
	}
	middle.Note = fmt.Sprintf("%.2f ms of the program's processor each", median(effort))
	r.report.cost("all findings", int(head), rates)
	r.report.memory("all findings", peak)
	return nil
}

// questions are what is asked of a log.
type questions struct {
	pool  *pgxpool.Pool
	store *eventstore.Store
	desk  answer.Desk
	round time.Duration

	numbers  []string
	family   map[string][]string // number → streams of the proposals it hangs together with
	years    []int
	year     int // the one with the most proposals
	inYear   int
	now, was event.View
}

// draw picks the proposals that are asked about.
func (q *questions) draw(ctx context.Context) error {
	rows, err := q.pool.Query(ctx, `select substr(stream, 10) from events where version = 1 and starts_with(stream, 'proposal-') order by md5(stream) limit $1`, asked)
	if err != nil {
		return err
	}
	if q.numbers, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	rows, err = q.pool.Query(ctx, `select cycle from events where version = 1 and starts_with(stream, 'proposal-') group by cycle order by count(*) desc`)
	if err != nil {
		return err
	}
	if q.years, err = pgx.CollectRows(rows, pgx.RowTo[int]); err != nil {
		return err
	}
	q.year = q.years[0]
	if q.was, err = q.desk.View(ctx, q.year, fmt.Sprintf("%d-04-01", q.year-1), ""); err != nil {
		return err
	}
	if q.now, err = q.desk.View(ctx, q.year, "", ""); err != nil {
		return err
	}
	q.family = make(map[string][]string, len(q.numbers))
	for _, n := range q.numbers {
		asked, err := q.desk.Ask(ctx, n, q.now)
		if err != nil {
			return err
		}
		for stream := range asked.Streams {
			if strings.HasPrefix(stream, proposal.Stream("")) {
				q.family[n] = append(q.family[n], stream)
			}
		}
	}
	return q.pool.QueryRow(ctx, `select count(*) from events where version = 1 and starts_with(stream, $1)`, proposal.Stream(fmt.Sprintf("U-%02d-", q.year%100))).Scan(&q.inYear)
}

// explain answers as the API does, from the address to the JSON, and returns how
// many milliseconds each answer took.
func (q *questions) explain(ctx context.Context) ([]float64, error) {
	return q.each(func(number string) error {
		v, err := q.desk.View(ctx, proposal.Year(number), "", "")
		if err != nil {
			return err
		}
		full, err := q.desk.Explain(ctx, number, v, text.ID)
		if err != nil {
			return err
		}
		_, err = json.Marshal(full)
		return err
	})
}

// families reads what the same questions are about, and looks at nothing.
func (q *questions) families(ctx context.Context) ([]float64, error) {
	return q.each(func(number string) error {
		rows, err := q.pool.Query(ctx, `select record, texts from events where stream = any ($1)`, q.family[number])
		if err != nil {
			return err
		}
		for rows.Next() {
			rows.RawValues()
		}
		return rows.Err()
	})
}

// each asks about proposals in any order for as long as a round is.
func (q *questions) each(ask func(number string) error) ([]float64, error) {
	var took []float64
	for began := time.Now(); time.Since(began) < q.round; {
		asking := time.Now()
		if err := ask(q.numbers[rand.IntN(len(q.numbers))]); err != nil {
			return nil, err
		}
		took = append(took, milliseconds(time.Since(asking)))
	}
	return took, nil
}

func (q *questions) compare(ctx context.Context) error {
	_, err := q.desk.Compare(ctx, q.year, q.was, q.now)
	return err
}

func (q *questions) readYear(ctx context.Context) error {
	for _, err := range answer.Histories(ctx, q.store, proposal.Stream(fmt.Sprintf("U-%02d-", q.year%100)), 0, nil) {
		if err != nil {
			return err
		}
	}
	return nil
}

func (q *questions) findings(ctx context.Context) error {
	for _, year := range q.years {
		if _, err := q.desk.Findings(ctx, year, 0, nil); err != nil {
			return err
		}
	}
	return nil
}

func (q *questions) readAll(ctx context.Context) error {
	for _, err := range q.store.Since(ctx, 0, 0, eventstore.Filter{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// timed returns work that says how long it took.
func timed(work func() error) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		began := time.Now()
		err := work()
		return time.Since(began), err
	}
}

// processor returns how long the program has kept processors busy.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// quantile returns what a share of the figures does not pass.
func quantile(x []float64, share float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return s[min(int(share*float64(len(s))), len(s)-1)]
}
