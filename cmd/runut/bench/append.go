package bench

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/schema"
)

// AppendOptions say what Append measures and where.
type AppendOptions struct {
	URL      string        // a database on a cluster of default durability, where databases may be made
	Rounds   int           // 0: 6
	Round    time.Duration // of each measurement of a round; 0: 3 s
	Callers  []int         // nil: 1, 8, 32, 64, 256
	Events   int           // of the import and the read; 0: 100,000
	Progress io.Writer     // of the bar; it appears on a terminal only
	JSON     io.Writer     // gets the report as JSON, if not nil

	careless bool // tests: on a cluster whose figures mean nothing
}

// Append measures appending, importing and reading beside INSERT, COPY and a
// scan, in a database of its own that is dropped in the end, and prints the
// table to w.
func Append(ctx context.Context, w io.Writer, o AppendOptions) error {
	if o.Rounds == 0 {
		o.Rounds = 6
	}
	if o.Round == 0 {
		o.Round = 3 * time.Second
	}
	if o.Callers == nil {
		o.Callers = []int{1, 8, 32, 64, 256}
	}
	if o.Events == 0 {
		o.Events = 100_000
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	report := &Report{At: time.Now(), Processors: runtime.NumCPU(), Rounds: o.Rounds, Round: o.Round.String()}
	steps := bar(o.Progress, o.Rounds*(2*len(o.Callers)+2))
	defer steps.Close()
	var appends [][]*Row
	for _, k := range o.Callers {
		appends = append(appends, appendRows(k))
	}
	imported := &Row{What: "bulk import, 5,000 events a transaction", Against: "COPY of the same rows into the same table", Unit: "/s", Least: 0.55}
	read := &Row{What: "read all, decoded", Against: "RawValues scan of the same rows", Unit: "/s", Least: 0.35, Goal: 0.6}
	for round := range o.Rounds {
		err := within(ctx, o.URL, func(pool *pgxpool.Pool) error {
			if err := pool.QueryRow(ctx, `show server_version`).Scan(&report.PostgreSQL); err != nil {
				return err
			}
			for i, k := range o.Callers {
				if err := appendRound(ctx, pool, o, round, k, appends[i], func() { steps.Add(1) }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("bench append: %w", err)
		}
		err = within(ctx, o.URL, func(pool *pgxpool.Pool) error {
			if err := importRound(ctx, pool, o, round, imported); err != nil {
				return err
			}
			steps.Add(1)
			err := readRound(ctx, pool, o, round, read)
			steps.Add(1)
			return err
		})
		if err != nil {
			return fmt.Errorf("bench import and read: %w", err)
		}
	}
	report.Rows = append(slices.Concat(appends...), imported, read)
	for _, r := range report.Rows {
		r.judge()
	}
	steps.Clear()
	if o.JSON != nil {
		if err := report.JSON(o.JSON); err != nil {
			return err
		}
	}
	return report.Print(w)
}

func (o *AppendOptions) open(ctx context.Context, pool *pgxpool.Pool) (*eventstore.Store, error) {
	return eventstore.Open(ctx, pool, eventstore.Options{Catalog: samples, AllowUnsafe: o.careless})
}

// within gives work a migrated database of its own.
func within(ctx context.Context, base string, work func(pool *pgxpool.Pool) error) error {
	admin, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	name := fmt.Sprintf("runut_bench_%d", time.Now().UnixNano())
	if _, err := admin.Exec(ctx, `create database `+name); err != nil {
		return err
	}
	defer admin.Exec(context.WithoutCancel(ctx), `drop database `+name+` with (force)`)
	own, err := renamed(base, name)
	if err != nil {
		return err
	}
	if err := schema.Up(ctx, own); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(own)
	if err != nil {
		return err
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	// what is measured beside the log
	_, err = pool.Exec(ctx, `
		create schema plain;
		create table plain.events (
		    position    bigint           generated always as identity primary key,
		    stream      text collate "C" not null,
		    version     int              not null,
		    type        text             not null,
		    recorded_at timestamptz      not null,
		    record      bytea            not null,
		    unique (stream, version)
		);
		create table plain.copied (like public.events including all)`)
	if err != nil {
		return err
	}
	return work(pool)
}

func renamed(base, database string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
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
func appendRound(ctx context.Context, pool *pgxpool.Pool, o AppendOptions, round, callers int, rows []*Row, step func()) error {
	store, err := o.open(ctx, pool)
	if err != nil {
		return err
	}
	defer store.Close()
	record, err := recordOf(ctx, store, round, callers)
	if err != nil {
		return err
	}
	ours := func() (load, error) {
		before := store.Stats()
		l, err := drive(ctx, callers, o.Round, func(caller, k, version int) error {
			cmd, change := request(name(round, callers, caller, k), version)
			_, err := store.Append(ctx, cmd, change)
			return err
		})
		after := store.Stats()
		rows[0].Note = fmt.Sprintf("%.1f commands a batch", float64(after.Commands-before.Commands)/float64(after.Batches-before.Batches))
		return l, err
	}
	theirs := func() (load, error) { return inserts(ctx, pool, o, round, callers, record) }
	sides := []func() (load, error){ours, theirs}
	var measured [2]load
	for i := range 2 {
		side := (round + i) % 2 // who goes first alternates
		if measured[side], err = sides[side](); err != nil {
			return err
		}
		step()
	}
	for i, l := range measured {
		into := [2]*[]float64{&rows[0].Ours, &rows[0].Theirs}[i]
		*into = append(*into, l.rate)
		into = [2]*[]float64{&rows[1].Ours, &rows[1].Theirs}[i]
		*into = append(*into, float64(l.p99.Microseconds())/1000)
	}
	return nil
}

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
func inserts(ctx context.Context, pool *pgxpool.Pool, o AppendOptions, round, callers int, records [][]byte) (load, error) {
	connections := make([]*pgx.Conn, min(callers, 64))
	for i := range connections {
		c, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
		if err != nil {
			return load{}, err
		}
		defer c.Close(context.WithoutCancel(ctx))
		connections[i] = c
	}
	return drive(ctx, len(connections), o.Round, func(caller, k, version int) error {
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

// importRound imports events by the thousand, and copies the same rows plainly.
func importRound(ctx context.Context, pool *pgxpool.Pool, o AppendOptions, round int, row *Row) error {
	store, err := o.open(ctx, pool)
	if err != nil {
		return err
	}
	defer store.Close()
	const transaction = 5000
	began := time.Now()
	var working sync.WaitGroup
	var mu sync.Mutex
	var failed error
	turns := make(chan struct{}, 2) // one is encoded while the other is written
	for at := 0; at < o.Events; at += transaction {
		turns <- struct{}{}
		working.Go(func() {
			defer func() { <-turns }()
			if _, err := store.Import(ctx, entries(round, at, min(transaction, o.Events-at))); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = err
			}
		})
	}
	working.Wait()
	if failed != nil {
		return failed
	}
	ours := time.Since(began)
	rows, err := stored(ctx, pool)
	if err != nil {
		return err
	}
	columns := []string{"position", "event_id", "stream", "version", "type", "type_version", "tenant", "cycle",
		"occurred_from", "occurred_to", "recorded_at", "record", "leaf_hash", "texts", "sealed"}
	began = time.Now()
	n, err := pool.CopyFrom(ctx, pgx.Identifier{"plain", "copied"}, columns, pgx.CopyFromRows(rows))
	if err != nil {
		return err
	}
	theirs := time.Since(began)
	row.Ours = append(row.Ours, float64(o.Events)/ours.Seconds())
	row.Theirs = append(row.Theirs, float64(n)/theirs.Seconds())
	return nil
}

// entries returns commands that add n events, a stream each.
func entries(round, at, n int) []eventstore.Entry {
	var all []eventstore.Entry
	for k := 0; k < n; k += streamLength {
		change := event.Change{Stream: name(round, 998, 0, at+k)}
		for version := range min(streamLength, n-k) {
			change.Facts = append(change.Facts, event.Fact{Event: sample(version)})
		}
		all = append(all, eventstore.Entry{Command: order(), Changes: []event.Change{change}})
	}
	return all
}

// stored returns the rows of the log as values.
func stored(ctx context.Context, pool *pgxpool.Pool) ([][]any, error) {
	rows, err := pool.Query(ctx, `
		select position, event_id, stream, version, type, type_version, tenant, cycle,
		       occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed
		  from events
		 order by position`)
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
func readRound(ctx context.Context, pool *pgxpool.Pool, o AppendOptions, round int, row *Row) error {
	store, err := o.open(ctx, pool)
	if err != nil {
		return err
	}
	defer store.Close()
	ours := func() (float64, error) {
		began, n := time.Now(), 0
		for _, err := range store.Since(ctx, 0, 0, eventstore.Filter{}) {
			if err != nil {
				return 0, err
			}
			n++
		}
		return float64(n) / time.Since(began).Seconds(), nil
	}
	theirs := func() (float64, error) {
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
	if _, err := theirs(); err != nil { // once, so that both find the pages in memory
		return err
	}
	sides := []func() (float64, error){ours, theirs}
	var rates [2]float64
	for i := range 2 {
		side := (round + i) % 2
		if rates[side], err = sides[side](); err != nil {
			return err
		}
	}
	row.Ours, row.Theirs = append(row.Ours, rates[0]), append(row.Theirs, rates[1])
	return nil
}
