package bench

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/schollz/progressbar/v3"

	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/schema"
)

// Options say what is measured and where.
type Options struct {
	URL      string        // a database on a cluster of default durability, where databases may be made
	Parts    []string      // of Parts; nil: all
	Rounds   int           // 0: 6
	Round    time.Duration // of each measurement that lasts as long as one likes; 0: 3 s
	Callers  []int         // nil: 1, 8, 32, 64, 256
	Events   []int         // sizes of the log; bars are judged at the first; nil: 100,000 and 1,000,000
	Progress io.Writer     // of the bar; it appears on a terminal only
	JSON     io.Writer     // gets the report as JSON, if not nil

	careless bool // tests: on a cluster whose figures mean nothing
}

// Parts are what may be measured, in their order.
var Parts = []string{"append", "import", "read", "proof", "rebuild", "steady", "explain"}

// fewRounds is how many rounds the sizes after the first get: they are there for
// the cost of an event, which ought to stay what it was.
const fewRounds = 2

// A run is one measuring, and its report while it grows.
type run struct {
	Options
	report Report
	steps  *progressbar.ProgressBar
}

// Run measures parts in databases of its own, which are dropped in the end, and
// prints the report to w.
func Run(ctx context.Context, w io.Writer, o Options) error {
	r := &run{Options: o}
	r.defaults()
	r.report = Report{At: time.Now(), Processors: runtime.NumCPU(), Rounds: r.Rounds, Round: r.Round.String()}
	for _, part := range r.Parts {
		if !slices.Contains(Parts, part) {
			return fmt.Errorf("bench: there is no part %q", part)
		}
	}
	r.steps = bar(r.Progress, r.count())
	defer r.steps.Close()
	err := within(ctx, r.URL, func(pool *pgxpool.Pool) error {
		return pool.QueryRow(ctx, `select current_setting('server_version')`).Scan(&r.report.PostgreSQL)
	})
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if r.has("append") {
		err = r.appends(ctx)
	}
	for i, events := range r.Events {
		rounds := r.Rounds
		if i > 0 {
			rounds = min(rounds, fewRounds)
		}
		if err == nil && r.has("import", "read", "proof") {
			err = r.logs(ctx, events, rounds)
		}
		if err == nil && r.has("rebuild", "steady", "explain") {
			err = r.towns(ctx, events, rounds)
		}
	}
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	for _, row := range r.report.Rows {
		row.judge()
	}
	r.steps.Clear()
	if r.JSON != nil {
		if err := r.report.JSON(r.JSON); err != nil {
			return err
		}
	}
	return r.report.Print(w)
}

func (r *run) defaults() {
	if len(r.Parts) == 0 {
		r.Parts = Parts
	}
	if r.Rounds <= 0 {
		r.Rounds = 6
	}
	if r.Round <= 0 {
		r.Round = 3 * time.Second
	}
	if len(r.Callers) == 0 {
		r.Callers = []int{1, 8, 32, 64, 256}
	}
	if len(r.Events) == 0 {
		r.Events = []int{100_000, 1_000_000}
	}
	if r.Progress == nil {
		r.Progress = io.Discard
	}
}

func (r *run) has(parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(r.Parts, p) })
}

// count is how many steps the bar has: measurements, about evenly long.
func (r *run) count() int {
	n := 0
	if r.has("append") {
		n += r.Rounds * 2 * len(r.Callers)
	}
	for i := range r.Events {
		rounds := r.Rounds
		if i > 0 {
			rounds = min(rounds, fewRounds)
		}
		for _, part := range Parts[1:] {
			if r.has(part) && (i == 0 || part != "steady") {
				n += rounds
			}
		}
	}
	return n
}

func (r *run) step() { r.steps.Add(1) }

// say tells whoever watches the bar what is being measured.
func (r *run) say(format string, args ...any) { r.steps.Describe(fmt.Sprintf(format, args...)) }

// open opens a log of sample events.
func (r *run) open(ctx context.Context, pool *pgxpool.Pool, types *event.Catalog) (*eventstore.Store, error) {
	return eventstore.Open(ctx, pool, eventstore.Options{Catalog: types, Sealer: nothing{}, AllowUnsafe: r.careless})
}

// A nothing seals by throwing away: whoever is in the measured log does not exist.
type nothing struct{}

func (nothing) Seal(_ context.Context, _ string, items []eventstore.Item) ([][]byte, error) {
	out := make([][]byte, len(items))
	for i := range out {
		out[i] = make([]byte, 64)
	}
	return out, nil
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
	if _, err := pool.Exec(ctx, plainTables); err != nil { // what is measured beside the log
		return err
	}
	return work(pool)
}

const plainTables = `
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
	create table plain.copied (like public.events including all);
	do $$
	begin -- records are packed as the log packs them
	    if (select attcompression = 'l' from pg_attribute where attrelid = 'public.events'::regclass and attname = 'record') then
	        alter table plain.events alter column record set compression lz4;
	    end if;
	end $$`

func renamed(base, database string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

// taking calls both sides of a round once, who goes first alternating, and
// returns what they return.
func taking[T any](round int, ours, theirs func() (T, error)) (measured [2]T, err error) {
	sides := [2]func() (T, error){ours, theirs}
	for i := range 2 {
		side := (round + i) % 2
		if measured[side], err = sides[side](); err != nil {
			return measured, err
		}
	}
	return measured, nil
}

// add adds a round to a row.
func (r *Row) add(measured [2]float64) {
	r.Ours, r.Theirs = append(r.Ours, measured[0]), append(r.Theirs, measured[1])
}
