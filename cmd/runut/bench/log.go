package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/event"
	"runut/eventstore"
)

// transaction is how many events an import writes at once.
const transaction = 5000

// logs measures importing, reading and proving on logs of so many events.
func (r *run) logs(ctx context.Context, events, rounds int) error {
	size := thousands(events)
	imported := &Row{What: "bulk import, 5,000 events a transaction, " + size, Against: "COPY of the same rows into the same table", Unit: "/s", Least: 0.55}
	read := &Row{What: "read all, decoded, " + size, Against: "RawValues scan of the same rows", Unit: "/s", Least: 0.35, Goal: 0.6}
	proven := &Row{What: "inclusion proof, tree of " + size, Against: "one indexed single-row read", Unit: "ms", Most: 6}
	var grown []float64
	for round := range rounds {
		err := within(ctx, r.URL, func(pool *pgxpool.Pool) error {
			r.say("import, %s", size)
			if err := r.importRound(ctx, pool, round, events, imported); err != nil {
				return fmt.Errorf("import: %w", err)
			}
			if r.has("read") {
				r.say("read, %s", size)
				if err := r.readRound(ctx, pool, round, read); err != nil {
					return fmt.Errorf("read: %w", err)
				}
			}
			if r.has("append") {
				rate, err := r.onto(ctx, pool, round)
				if err != nil {
					return fmt.Errorf("append: %w", err)
				}
				grown = append(grown, rate)
			}
			if r.has("proof") {
				r.say("proof, %s", size)
				if err := r.proofRound(ctx, pool, round, events, proven); err != nil {
					return fmt.Errorf("proof: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if r.has("append") {
		r.report.cost("append, 32 callers", events, grown)
	}
	if r.has("import") {
		r.report.Rows = append(r.report.Rows, imported)
		r.report.cost("bulk import", events, imported.Ours)
	}
	if r.has("read") {
		r.report.Rows = append(r.report.Rows, read)
		r.report.cost("read all, decoded", events, read.Ours)
	}
	if r.has("proof") {
		r.report.Rows = append(r.report.Rows, proven)
	}
	return nil
}

// onto appends to a log that is there, and returns the events a second.
func (r *run) onto(ctx context.Context, pool *pgxpool.Pool, round int) (float64, error) {
	store, err := r.open(ctx, pool, samples)
	if err != nil {
		return 0, err
	}
	defer store.Close()
	const callers = 32
	l, err := drive(ctx, callers, r.Round, func(caller, k, version int) error {
		cmd, change := request(name(round, callers, caller, k), version)
		_, err := store.Append(ctx, cmd, change)
		return err
	})
	return l.rate, err
}

// importRound imports events by the thousand, and copies the same rows plainly,
// unless only the log is wanted.
func (r *run) importRound(ctx context.Context, pool *pgxpool.Pool, round, events int, row *Row) error {
	store, err := r.open(ctx, pool, samples)
	if err != nil {
		return err
	}
	defer store.Close()
	began := time.Now()
	if err := fill(ctx, store, round, events); err != nil {
		return err
	}
	ours := time.Since(began)
	if !r.has("import") {
		return nil
	}
	theirs, err := copied(ctx, pool)
	if err != nil {
		return err
	}
	row.add([2]float64{float64(events) / ours.Seconds(), float64(events) / theirs.Seconds()})
	r.step()
	return nil
}

// fill imports so many events.
func fill(ctx context.Context, store *eventstore.Store, round, events int) error {
	var working sync.WaitGroup
	var mu sync.Mutex
	var failed error
	turns := make(chan struct{}, 2) // one is encoded while the other is written
	for at := 0; at < events; at += transaction {
		turns <- struct{}{}
		working.Go(func() {
			defer func() { <-turns }()
			if _, err := store.Import(ctx, entries(round, at, min(transaction, events-at))); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = err
			}
		})
	}
	working.Wait()
	return failed
}

// entries returns commands that add n events, ten to a stream.
func entries(round, at, n int) []eventstore.Entry {
	var all []eventstore.Entry
	for k := 0; k < n; k += streamLength {
		change := event.Change{Stream: name(round, 998, at/100_000, (at+k)%100_000)}
		for version := range min(streamLength, n-k) {
			change.Facts = append(change.Facts, event.Fact{Event: sample(version)})
		}
		all = append(all, eventstore.Entry{Command: order(), Changes: []event.Change{change}})
	}
	return all
}

// copied copies the rows of the log into a table like it, by one COPY for each
// stretch that fits into memory, and says how long the COPYs took together.
func copied(ctx context.Context, pool *pgxpool.Pool) (took time.Duration, err error) {
	const stretch = 200_000
	columns := []string{"position", "event_id", "stream", "version", "type", "type_version", "tenant", "cycle",
		"occurred_from", "occurred_to", "recorded_at", "record", "leaf_hash", "texts", "sealed"}
	for after := 0; ; after += stretch {
		rows, err := stored(ctx, pool, after, stretch)
		if err != nil || len(rows) == 0 {
			return took, err
		}
		began := time.Now()
		if _, err := pool.CopyFrom(ctx, pgx.Identifier{"plain", "copied"}, columns, pgx.CopyFromRows(rows)); err != nil {
			return took, err
		}
		took += time.Since(began)
	}
}

// stored returns rows of the log as values.
func stored(ctx context.Context, pool *pgxpool.Pool, after, limit int) ([][]any, error) {
	rows, err := pool.Query(ctx, `
		select position, event_id, stream, version, type, type_version, tenant, cycle,
		       occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed
		  from events
		 where position > $1 and position <= $2
		 order by position`, after, after+limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) {
		values, err := row.Values()
		if id, ok := values[1].([16]byte); ok {
			values[1] = uuid.UUID(id)
		}
		return values, err
	})
}

// readRound reads everything that was imported, and scans the same rows.
func (r *run) readRound(ctx context.Context, pool *pgxpool.Pool, round int, row *Row) error {
	store, err := r.open(ctx, pool, samples)
	if err != nil {
		return err
	}
	defer store.Close()
	scan := func() (float64, error) {
		began, n := time.Now(), 0
		rows, err := pool.Query(ctx, `select position, record, texts::text from events order by position`)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		for rows.Next() {
			n += min(1, len(rows.RawValues()[1]))
		}
		return float64(n) / time.Since(began).Seconds(), rows.Err()
	}
	if _, err := scan(); err != nil { // once, so that both find the pages in memory
		return err
	}
	measured, err := taking(round, func() (float64, error) {
		began, n := time.Now(), 0
		for _, err := range store.Since(ctx, 0, 0, eventstore.Filter{}) {
			if err != nil {
				return 0, err
			}
			n++
		}
		return float64(n) / time.Since(began).Seconds(), nil
	}, scan)
	if err != nil {
		return err
	}
	row.add(measured)
	r.step()
	return nil
}
