package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore"
)

// appends measures a command of one event from some callers at once, beside a
// plain INSERT from as many connections.
func (r *run) appends(ctx context.Context) error {
	var rows [][]*Row
	for _, k := range r.Callers {
		rows = append(rows, appendRows(k))
	}
	for round := range r.Rounds {
		err := within(ctx, r.URL, func(pool *pgxpool.Pool) error {
			for i, k := range r.Callers {
				r.say("append, %d", k)
				if err := r.appendRound(ctx, pool, round, k, rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("append: %w", err)
		}
	}
	r.report.Rows = append(r.report.Rows, slices.Concat(rows...)...)
	return nil
}

// appendRows returns the empty rows of one number of callers, with their bars.
func appendRows(callers int) []*Row {
	connections := min(callers, 64)
	rate := &Row{What: fmt.Sprintf("append, %d callers", callers), Against: fmt.Sprintf("INSERT, %d connections", connections), Unit: "/s"}
	if callers == 1 {
		rate.What, rate.Against = "append, 1 caller", "INSERT, 1 connection"
	}
	late := &Row{What: "  p99 of " + rate.What[len("append, "):], Against: "p99 of " + rate.Against, Unit: "ms"}
	switch callers {
	case 1:
		rate.Least, rate.Goal = 0.5, 0.7
	case 8:
		rate.Least = 0.7
	case 32:
		rate.Least, late.Most = 1.1, 1
	case 64:
		rate.Least, late.Most = 1.25, 1
	case 256:
		rate.Least, rate.Goal = 1.5, 2.5
	}
	return []*Row{rate, late}
}

// appendRound measures both sides once.
func (r *run) appendRound(ctx context.Context, pool *pgxpool.Pool, round, callers int, rows []*Row) error {
	store, err := r.open(ctx, pool, samples)
	if err != nil {
		return err
	}
	defer store.Close()
	record, err := recordOf(ctx, store, round, callers)
	if err != nil {
		return err
	}
	before := store.Stats()
	measured, err := taking(round, func() (load, error) {
		defer r.step()
		return drive(ctx, callers, r.Round, func(caller, k, version int) error {
			cmd, change := request(name(round, callers, caller, k), version)
			_, err := store.Append(ctx, cmd, change)
			return err
		})
	}, func() (load, error) {
		defer r.step()
		return r.inserts(ctx, pool, round, callers, record)
	})
	if err != nil {
		return err
	}
	after := store.Stats()
	rows[0].Note = fmt.Sprintf("%.1f commands a batch", float64(after.Commands-before.Commands)/float64(after.Batches-before.Batches))
	rows[0].add([2]float64{measured[0].rate, measured[1].rate})
	rows[1].add([2]float64{milliseconds(measured[0].p99), milliseconds(measured[1].p99)})
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// recordOf appends one stream and returns its records, by version: what the
// plain side inserts, byte for byte as many.
func recordOf(ctx context.Context, store *eventstore.Store, round, callers int) ([][]byte, error) {
	var records [][]byte
	for version := range streamLength {
		cmd, change := request(name(round, callers, 999, 0), version)
		receipt, err := store.Append(ctx, cmd, change)
		if err != nil {
			return nil, err
		}
		raw, err := store.At(ctx, receipt.First)
		if err != nil {
			return nil, err
		}
		records = append(records, raw.Record)
	}
	return records, nil
}

// inserts is the plain side: a row a statement, committed each, with as many
// connections as callers up to 64.
func (r *run) inserts(ctx context.Context, pool *pgxpool.Pool, round, callers int, records [][]byte) (load, error) {
	connections := make([]*pgx.Conn, min(callers, 64))
	for i := range connections {
		c, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
		if err != nil {
			return load{}, err
		}
		defer c.Close(context.WithoutCancel(ctx))
		connections[i] = c
	}
	return drive(ctx, len(connections), r.Round, func(caller, k, version int) error {
		_, err := connections[caller].Exec(ctx, `
			insert into plain.events (stream, version, type, recorded_at, record) values ($1, $2, $3, $4, $5)`,
			name(round, callers, caller, k), version+1, "proposal.decided", time.Now(), records[version])
		return err
	})
}

// A load is what some callers got done.
type load struct {
	rate float64 // a second
	p99  time.Duration
}

// drive lets callers work at once, each on streams of its own and one event
// after the other, and says how many they did.
func drive(ctx context.Context, callers int, d time.Duration, do func(caller, k, version int) error) (load, error) {
	lasted := make([][]time.Duration, callers)
	errs := make([]error, callers)
	start := time.Now()
	var working sync.WaitGroup
	for caller := range callers {
		working.Go(func() {
			for n := 0; time.Since(start) < d && errs[caller] == nil && ctx.Err() == nil; n++ {
				began := time.Now()
				errs[caller] = do(caller, n/streamLength, n%streamLength)
				lasted[caller] = append(lasted[caller], time.Since(began))
			}
		})
	}
	working.Wait()
	took := time.Since(start)
	for _, err := range append(errs, ctx.Err()) {
		if err != nil {
			return load{}, err
		}
	}
	all := slices.Concat(lasted...)
	slices.Sort(all)
	return load{float64(len(all)) / took.Seconds(), all[len(all)*99/100]}, nil
}
