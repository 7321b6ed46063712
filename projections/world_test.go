package projections_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/projections"
)

// A world is a log that a test fills by hand, and the projections over it.
type world struct {
	t     testing.TB
	pool  *pgxpool.Pool
	store *eventstore.Store
	now   time.Time
	cycle int
	n     int
	at    map[string]int // version of each stream
	def   string         // hash of the definition events are written under
}

// plainSealer stands in for the vault: what it is given is gone.
type plainSealer struct{}

func (plainSealer) Seal(_ context.Context, _ string, items []eventstore.Item) ([][]byte, error) {
	out := make([][]byte, len(items))
	for i := range items {
		out[i] = []byte("sealed")
	}
	return out, nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	pool := pgtest.Open(t)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: plainSealer{}, Tenant: "99.01", AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return &world{t: t, pool: pool, store: store, now: time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC), cycle: 2027, at: map[string]int{}}
}

func (w *world) runner(list ...projections.Projection) *projections.Runner {
	return &projections.Runner{DB: w.pool, Store: w.store, List: list, Definitions: definitions, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// id returns the n-th command id of the world: equal runs write equal logs.
func (w *world) id() uuid.UUID {
	w.n++
	return uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, "command ", w.n))
}

// A fact is an event for a stream.
type fact struct {
	stream string
	event  any
	at     domain.Interval // zero: now
}

// do appends facts as one command, an hour after the last one, and returns the
// ids of its events.
func (w *world) do(actor domain.Actor, facts ...fact) []uuid.UUID {
	w.t.Helper()
	ids, err := w.try(actor, facts...)
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

func (w *world) try(actor domain.Actor, facts ...fact) ([]uuid.UUID, error) {
	w.now = w.now.Add(time.Hour)
	command := event.Command{ID: w.id(), Actor: actor, Tenant: "99.01", Cycle: w.cycle, Definition: w.def, RecordedAt: w.now}
	var changes []event.Change
	var ids []uuid.UUID
	for _, f := range facts {
		if n := len(changes); n > 0 && changes[n-1].Stream == f.stream {
			changes[n-1].Facts = append(changes[n-1].Facts, event.Fact{Event: f.event, Occurred: f.at})
		} else {
			changes = append(changes, event.Change{Stream: f.stream, Version: w.at[f.stream], Facts: []event.Fact{{Event: f.event, Occurred: f.at}}})
		}
		w.at[f.stream]++
	}
	receipt, err := w.store.Append(w.t.Context(), command, changes...)
	if err != nil {
		return nil, err
	}
	for _, e := range receipt.Events {
		ids = append(ids, e.ID)
	}
	return ids, nil
}

func (w *world) catchUp(r *projections.Runner) {
	w.t.Helper()
	if err := r.CatchUp(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// dump returns every row of every table of the live generations, in the order of
// the rows' text.
func (w *world) dump() string {
	w.t.Helper()
	ctx := w.t.Context()
	conn, err := w.pool.Acquire(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Release()
	rows, err := conn.Query(ctx, `
		select g.projection, g.schema, t from projections.generations g, unnest(g.tables) t where live order by 1, 3`)
	if err != nil {
		w.t.Fatal(err)
	}
	type table struct{ projection, schema, name string }
	var tables []table
	for rows.Next() {
		var x table
		if err := rows.Scan(&x.projection, &x.schema, &x.name); err != nil {
			w.t.Fatal(err)
		}
		tables = append(tables, x)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, x := range tables {
		fmt.Fprintf(&b, "-- %s.%s\n", x.projection, x.name)
		if _, err := conn.Conn().PgConn().CopyTo(ctx, &b, fmt.Sprintf("copy (select * from %s.%s t order by t::text) to stdout", x.schema, x.name)); err != nil {
			w.t.Fatal(err)
		}
	}
	return b.String()
}
