package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/catalog"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/projections"
)

const (
	sampled = 1000 // events of which each slice knows what they write
	steady  = 5000 // events of a batch
)

// towns measures on the demo's log, of so many events, what depends on what
// happens in it.
func (r *run) towns(ctx context.Context, events, rounds int) error {
	return within(ctx, r.URL, func(source *pgxpool.Pool) error {
		store, err := r.open(ctx, source, catalog.Events)
		if err != nil {
			return err
		}
		defer store.Close()
		r.say("demo, %s", thousands(events))
		head, err := town(ctx, source, store, events)
		if err != nil {
			return fmt.Errorf("fill the log: %w", err)
		}
		if r.has("rebuild", "steady") {
			err = r.models(ctx, source, head, events == r.Events[0], rounds)
		}
		if err == nil && r.has("explain") {
			err = r.explains(ctx, source, store, head, rounds)
		}
		return err
	})
}

// models measures all read models, over the first log beside what they are held to.
func (r *run) models(ctx context.Context, source *pgxpool.Pool, head int64, first bool, rounds int) error {
	if first {
		return within(ctx, r.URL, func(pool *pgxpool.Pool) error { return r.judged(ctx, source, pool, head, rounds) })
	}
	if !r.has("rebuild") {
		return nil
	}
	m, err := r.keeping(ctx, source)
	if err != nil {
		return err
	}
	defer m.store.Close()
	r.say("rebuild, %s", thousands(int(head)))
	var rates []float64
	for range rounds {
		rate, err := m.rebuild(ctx, head)
		if err != nil {
			return err
		}
		rates = append(rates, rate)
		r.step()
	}
	r.report.cost("rebuild of all read models", int(head), rates)
	r.report.memory("rebuild of all read models", m.peak)
	return nil
}

// judged measures batches while the log grows slice by slice, and then rebuilding
// the whole. The read models that take in one command at a time are what both are
// held to; beside them stands what a slice writes, row by row and ready made.
func (r *run) judged(ctx context.Context, source, pool *pgxpool.Pool, head int64, rounds int) error {
	m, err := r.keeping(ctx, pool)
	if err != nil {
		return err
	}
	defer m.store.Close()
	const one, ready = "the same, one command at a time", "a statement a row, its values ready"
	size := thousands(int(head))
	rebuilt := &Row{What: "rebuild of all read models, " + size, Against: one, Unit: "/s", Least: 20}
	batched := &Row{What: "steady state, batches of 5,000", Against: one, Unit: "/s", Least: 2}
	rebuiltRows := &Row{What: "  rebuild, beside its rows alone", Against: ready, Unit: "/s"}
	batchedRows := &Row{What: "  steady state, beside its rows alone", Against: ready, Unit: "/s"}
	// each slice lies in the middle of its share of the log
	share := head / int64(rounds)
	known, batch := min(sampled, share/5), min(steady, share/5)
	oneByOne := *m.runner
	oneByOne.Batch = 1
	var slices []*slice
	var singly []float64
	r.say("steady, %s", size)
	at := int64(0)
	for round := range rounds {
		begin, err := commandEnd(ctx, source, share*int64(round)+(share-2*known-2*batch)/2)
		if err != nil {
			return err
		}
		if at, err = m.grow(ctx, source, at, begin, 20_000); err != nil {
			return err
		}
		s, err := m.record(ctx, source, round, at, known)
		if err != nil {
			return fmt.Errorf("record what events write: %w", err)
		}
		slices = append(slices, s)
		at = s.upTo
		measured, err := taking(round, func() (rate float64, err error) {
			at, rate, err = m.follow(ctx, m.runner, source, at, batch)
			return rate, err
		}, func() (rate float64, err error) {
			at, rate, err = m.follow(ctx, &oneByOne, source, at, known/2)
			return rate, err
		})
		if err != nil {
			return err
		}
		plain, err := s.replay(ctx, pool)
		if err != nil {
			return err
		}
		singly = append(singly, measured[1])
		batched.add(measured)
		batchedRows.add([2]float64{measured[0], plain})
		r.step()
	}
	if _, err := m.grow(ctx, source, at, head, 20_000); err != nil {
		return err
	}
	if r.has("steady") {
		r.report.Rows = append(r.report.Rows, batched, batchedRows)
	}
	if !r.has("rebuild") {
		return nil
	}
	r.say("rebuild, %s", size)
	for round := range rounds {
		measured, err := taking(round, func() (float64, error) { return m.rebuild(ctx, head) },
			func() (float64, error) { return slices[round].replay(ctx, pool) })
		if err != nil {
			return err
		}
		rebuilt.add([2]float64{measured[0], singly[round]})
		rebuiltRows.add(measured)
		r.step()
	}
	rebuiltRows.Note = fmt.Sprintf("%.1f rows an event", perEvent(slices))
	r.report.Rows = append(r.report.Rows, rebuilt, rebuiltRows)
	r.report.cost("rebuild of all read models", int(head), rebuilt.Ours)
	r.report.memory("rebuild of all read models", m.peak)
	return nil
}

// A keeping is a log with its read models.
type keeping struct {
	pool   *pgxpool.Pool
	store  *eventstore.Store
	runner *projections.Runner
	peak   uint64 // bytes, of the rebuilds so far
}

func (r *run) keeping(ctx context.Context, pool *pgxpool.Pool) (*keeping, error) {
	store, err := r.open(ctx, pool, catalog.Events)
	if err != nil {
		return nil, err
	}
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		store.Close()
		return nil, err
	}
	return &keeping{pool: pool, store: store, runner: &projections.Runner{
		DB: pool, Store: store, Definitions: func(string) *workflow.Definition { return definition },
		Keep: time.Nanosecond, Log: slog.New(slog.DiscardHandler),
	}}, nil
}

// grow moves the log on to a position and lets the read models catch up.
func (m *keeping) grow(ctx context.Context, source *pgxpool.Pool, at, upTo, step int64) (int64, error) {
	for at < upTo {
		var err error
		if at, err = move(ctx, source, m.pool, at, min(at+step, upTo)); err != nil {
			return at, err
		}
		if err := m.runner.CatchUp(ctx); err != nil {
			return at, err
		}
	}
	return at, nil
}

// follow lets a runner that is at work take in a batch, and a second one, and
// returns the events a second of the second: the first fills its memory.
func (m *keeping) follow(ctx context.Context, run *projections.Runner, source *pgxpool.Pool, at, batch int64) (upTo int64, rate float64, err error) {
	running, stop := context.WithCancel(ctx)
	var runner sync.WaitGroup
	runner.Go(func() { run.Run(running) })
	defer runner.Wait()
	defer stop()
	for range 2 {
		from := at
		if at, err = move(ctx, source, m.pool, from, from+batch); err != nil {
			return at, 0, err
		}
		began := time.Now()
		if _, err := m.pool.Exec(ctx, `select pg_notify('runut_log', $1)`, fmt.Sprint(at)); err != nil {
			return at, 0, err
		}
		if err := projections.WaitFor(ctx, m.pool, at); err != nil {
			return at, 0, err
		}
		rate = float64(at-from) / time.Since(began).Seconds()
	}
	return at, rate, nil
}

// rebuild makes all read models anew and returns the events a second.
func (m *keeping) rebuild(ctx context.Context, head int64) (float64, error) {
	debug.FreeOSMemory()
	began := time.Now()
	peak, err := peakOf(ctx, func() error { return m.runner.Rebuild(ctx, nil, nil) })
	took := time.Since(began)
	m.peak = max(m.peak, peak)
	if err == nil {
		err = m.runner.CatchUp(ctx) // drops the tables that were replaced
	}
	return float64(head) / took.Seconds(), err
}

// peakOf returns the most memory that the program had from the system while it
// was at some work, in bytes.
func peakOf(ctx context.Context, work func() error) (peak uint64, err error) {
	watching, stop := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		for watching.Err() == nil {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64()-sample[1].Value.Uint64())
			time.Sleep(20 * time.Millisecond)
		}
	})
	err = work()
	stop()
	watcher.Wait()
	return peak, err
}

// commandEnd returns the position of the last event of the command at a position.
func commandEnd(ctx context.Context, source *pgxpool.Pool, position int64) (int64, error) {
	var last int64
	err := source.QueryRow(ctx, `select last from commands where first <= $1 order by first desc limit 1`, max(position, 1)).Scan(&last)
	return last, err
}

// move copies the log from after a position up to another, and on to the end of
// the command there.
func move(ctx context.Context, source, target *pgxpool.Pool, after, upTo int64) (int64, error) {
	upTo, err := commandEnd(ctx, source, upTo)
	if err != nil {
		return after, err
	}
	for _, table := range [][2]string{{"events", "position"}, {"commands", "last"}} {
		if err := pour(ctx, source, target,
			fmt.Sprintf(`copy (select * from %s where %s > %d and %s <= %d) to stdout (format binary)`, table[0], table[1], after, table[1], upTo),
			`copy `+table[0]+` from stdin (format binary)`); err != nil {
			return after, fmt.Errorf("copy %s: %w", table[0], err)
		}
	}
	return upTo, nil
}

// pour runs what comes out of one COPY into another.
func pour(ctx context.Context, source, target *pgxpool.Pool, out, in string) error {
	read, write := io.Pipe()
	var poured error
	var pouring sync.WaitGroup
	pouring.Go(func() {
		poured = source.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
			_, err := c.Conn().PgConn().CopyTo(ctx, write, out)
			return errors.Join(err, write.CloseWithError(err))
		})
	})
	err := target.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		_, err := c.Conn().PgConn().CopyFrom(ctx, read, in)
		return errors.Join(err, read.CloseWithError(err))
	})
	pouring.Wait()
	return errors.Join(err, poured)
}
