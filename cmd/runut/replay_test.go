package main

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/cmd/runut/demo"
	"runut/domain/catalog"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

// The demo's log, read into empty models in whatever batches, and read anew
// beside them, gives the same bytes in every table.
func TestReplayingTheDemo(t *testing.T) {
	day := time.Date(2025, 11, 20, 9, 0, 0, 0, time.UTC)
	var first []string
	for _, batch := range []int{29, 5000} {
		pool := pgtest.Open(t)
		ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := vault.Open(t.Context(), pool, ring)
		if err != nil {
			t.Fatal(err)
		}
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		definition := musrenbang(t)
		run := &projections.Runner{DB: pool, Store: store, Log: quiet, Batch: batch, Definitions: func(string) *workflow.Definition { return definition }}
		if err := run.CatchUp(t.Context()); err != nil { // over an empty log
			t.Fatal(err)
		}
		if err := demo.Seed(t.Context(), demo.Options{Store: store, Seed: 1, Day: day, Part: 70}); err != nil {
			t.Fatal(err)
		}
		if err := run.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		stepped := tables(t, pool)
		if err := run.Rebuild(t.Context(), nil, nil); err != nil {
			t.Fatal(err)
		}
		differ(t, fmt.Sprintf("batches of %d and a rebuild", batch), stepped, tables(t, pool))
		if first == nil {
			first = stepped
			head, err := store.Head(t.Context())
			if err != nil || head < 1500 || len(first) < 1500 {
				t.Errorf("%d events, %d rows, %v: too little to tell anything", head, len(first), err)
			}
			t.Logf("%d events, %d rows", head, len(first))
		} else {
			differ(t, "batches of different sizes", first, stepped)
		}
	}
}

// tables returns every row of every live read model.
func tables(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		select g.projection || '.' || name, g.schema || '.' || name
		  from projections.generations g, unnest(g.tables) as name
		 where live
		 order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n [2]string, err error) {
		return n, row.Scan(&n[0], &n[1])
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range names {
		rows, err := pool.Query(t.Context(), `select r::text from `+n[1]+` r order by 1`)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range list {
			out = append(out, n[0]+" "+row)
		}
	}
	return out
}

// differ fails with some of the rows that two readings do not share.
func differ(t *testing.T, what string, a, b []string) {
	t.Helper()
	if slices.Equal(a, b) {
		return
	}
	only := func(a, b []string) []string {
		has := make(map[string]bool, len(b))
		for _, row := range b {
			has[row] = true
		}
		var out []string
		for _, row := range a {
			if !has[row] && len(out) < 5 {
				out = append(out, row[:min(len(row), 400)])
			}
		}
		return out
	}
	t.Errorf("%s: %d and %d rows\nonly the first:\n  %s\nonly the second:\n  %s", what, len(a), len(b), strings.Join(only(a, b), "\n  "), strings.Join(only(b, a), "\n  "))
}
