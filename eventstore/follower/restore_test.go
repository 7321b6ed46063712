package follower_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore/follower"
	"runut/eventstore/pgtest"
)

// copyTable copies a query's rows from one database into a table of another, as
// a dump and restore do.
func copyTable(t *testing.T, from, to *pgxpool.Pool, query, table string) {
	t.Helper()
	var rows bytes.Buffer
	source, err := from.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer source.Release()
	if _, err := source.Conn().PgConn().CopyTo(t.Context(), &rows, `copy (`+query+`) to stdout`); err != nil {
		t.Fatal(err)
	}
	target, err := to.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Release()
	if _, err := target.Conn().PgConn().CopyFrom(t.Context(), &rows, `copy `+table+` from stdin`); err != nil {
		t.Fatal(err)
	}
}

// A position that holds a transaction id stops silently in a cluster that has
// used up fewer of them.
func TestGroupsGoOnAfterARestoreIntoAYoungerCluster(t *testing.T) {
	old := newFixture(t)
	old.notes(30)
	var got journal
	stop := old.run(&follower.Group{Hub: old.hub(quick())}, "letters", func(m *message.Message) error {
		if position(m) > 20 {
			return errFlaky // it has come no further when the dump is made
		}
		got.add(position(m))
		return nil
	})
	old.until("twenty", func() bool { return got.has(20) })
	stop()

	url := pgtest.URL(t)
	young, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(young.Close)
	for _, table := range []string{"events", "commands", "consumers"} {
		copyTable(t, old.pool, young, `select * from `+table, table)
	}
	f := on(t, url)
	f.n.Store(30)
	f.run(&follower.Group{Hub: f.hub(quick())}, "letters", func(m *message.Message) error {
		got.add(position(m))
		return nil
	})
	f.notes(5)
	f.until("the rest", func() bool { return got.has(35) })
	if d := cmp.Diff(upTo(1, 35), got.all()); d != "" {
		t.Error(d)
	}
	var shaped []string
	err = f.pool.QueryRow(t.Context(), `
		select array_agg(table_name || '.' || column_name)
		  from information_schema.columns
		 where table_schema = 'public' and udt_name in ('xid', 'xid8', 'cid', 'tid', 'pg_snapshot', 'txid_snapshot', 'pg_lsn')`).Scan(&shaped)
	if err != nil || len(shaped) > 0 {
		t.Errorf("columns that hold something of a transaction: %v, %v", shaped, err)
	}
}

// A log restored from before a group's position gets other events at the
// positions the group has passed. To go on would lose them without a word.
func TestAGroupNoticesALogRestoredFromBeforeItsPosition(t *testing.T) {
	old := newFixture(t)
	old.notes(10)
	var seen journal
	stop := old.run(&follower.Group{Hub: old.hub(quick())}, "letters", func(m *message.Message) error { seen.add(position(m)); return nil })
	old.until("ten", func() bool { return seen.has(10) })
	stop()

	url := pgtest.URL(t)
	backup, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backup.Close)
	copyTable(t, old.pool, backup, `select * from events where position <= 6`, "events")
	copyTable(t, old.pool, backup, `select * from consumers`, "consumers")
	f := on(t, url)
	hub := f.hub(quick())
	var got journal
	f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error { got.add(position(m)); return nil })
	f.until("the alarm", func() bool { return f.standing(hub, "letters").Failures == 1 })
	f.notes(9) // past where the group was
	if s := f.standing(hub, "letters"); s.Position != 10 || s.Failing != 10 || s.LastError == "" {
		t.Errorf("standing: %+v", s)
	}
	if len(got.all()) != 0 {
		t.Errorf("it went on with %v", got.all())
	}
	if err := hub.Reset(t.Context(), "letters", 6); err != nil {
		t.Fatal(err)
	}
	f.until("going on", func() bool { return got.has(15) })
	if d := cmp.Diff(upTo(7, 15), got.all()); d != "" {
		t.Error(d)
	}
}
