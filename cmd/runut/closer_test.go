package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/person"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

// A memory is a log, its vault and its read models in a database of a test.
type memory struct {
	*testing.T
	pool   *pgxpool.Pool
	runner *projections.Runner
	closer
}

func newMemory(t *testing.T) *memory {
	t.Helper()
	pool := pgtest.Open(t)
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	d := musrenbang(t)
	find := func(string) *workflow.Definition { return d }
	return &memory{t, pool, &projections.Runner{DB: pool, Store: store, Definitions: find, Log: log}, closer{store, sealed, log}}
}

func musrenbang(t *testing.T) *workflow.Definition {
	t.Helper()
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// add appends one event and returns it as it reads back.
func (m *memory) add(stream string, version int, e any) event.Record {
	m.Helper()
	id := uuid.New()
	cmd := event.Command{
		ID: id, Fingerprint: sha256.Sum256(id[:]), Tenant: "99.01", Cycle: 2027, Definition: musrenbang(m.T).Hash(),
		Actor: domain.Actor{Person: "p-1", Role: "approver", Scope: domain.Scope{Kind: domain.ScopeKabupaten}},
	}
	receipt, err := m.store.Append(m.Context(), cmd, event.Change{Stream: stream, Version: version, Facts: []event.Fact{{Event: e}}})
	if err != nil {
		m.Fatal(err)
	}
	for r, err := range m.store.Since(m.Context(), receipt.First-1, 1, eventstore.Filter{}) {
		if err != nil {
			m.Fatal(err)
		}
		return r
	}
	panic("what was appended is not there")
}

// records returns what the log's tree commits to.
func (m *memory) records() []string {
	m.Helper()
	return m.column(`select encode(leaf_hash, 'hex') || ' ' || convert_from(record, 'UTF8') from events order by position`)
}

func (m *memory) column(sql string) []string {
	m.Helper()
	rows, err := m.pool.Query(m.Context(), sql)
	if err != nil {
		m.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		m.Fatal(err)
	}
	return lines
}

// whereRead returns the tables in which a word can be read: of the log, the
// vault and every read model.
func (m *memory) whereRead(word string) (tables []string) {
	m.Helper()
	for _, table := range m.column(`
		select format('%I.%I', table_schema, table_name) from information_schema.tables
		 where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
		 order by 1`) {
		var n int
		if err := m.pool.QueryRow(m.Context(), `select count(*) from `+table+` t where strpos(t::text, $1) > 0`, word).Scan(&n); err != nil {
			m.Fatal(err)
		}
		if n > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

func (m *memory) sealed(r event.Record, field string) vault.Sealed {
	m.Helper()
	beside, err := m.store.Beside(m.Context(), r.Position)
	if err != nil {
		m.Fatal(err)
	}
	return vault.Sealed{Event: r.ID, Field: field, Bytes: beside.Sealed[field]}
}

// forgotten fails unless the vault says of a ciphertext, which somebody may have
// kept, that an event erased it.
func (m *memory) forgotten(kept vault.Sealed, by event.Record) {
	m.Helper()
	opened, err := m.vault.Unseal(m.Context(), kept)
	if err != nil {
		m.Fatal(err)
	}
	if o := opened[0]; o.Plain != "" || o.Erased == nil || o.Erased.Event != by.ID || o.Erased.Position != by.Position {
		m.Errorf("%s opens as %q, erased by %+v", kept.Field, o.Plain, o.Erased)
	}
}

// follow runs the closer as the server does until it has read up to a position.
func (m *memory) follow(position int64) {
	m.Helper()
	hub := follower.Open(m.store, m.pool, follower.Options{Log: m.log, Poll: 50 * time.Millisecond})
	defer hub.Close()
	ctx, stop := context.WithTimeout(m.Context(), time.Minute)
	done := make(chan error, 1)
	go func() { done <- m.run(ctx, hub) }()
	for reached := int64(-1); reached < position && ctx.Err() == nil; {
		standings, err := hub.Standings(ctx)
		if err != nil {
			m.Error(err)
			break
		}
		for _, s := range standings {
			reached = s.Position
			if s.LastError != "" {
				m.Errorf("%s: %s", s.Name, s.LastError)
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		m.Error(err)
	}
}

func TestWhatIsOrderedToBeForgottenIsForgotten(t *testing.T) {
	m := newMemory(t)
	d := musrenbang(t)
	m.add(cycle.Stream(2027), 0, &cycle.Opened{Year: 2027, Kabupaten: "99.01", Title: "Kabupaten Contoh", Zone: "WITA", Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}})
	number := domain.Number(2027, uuid.New(), 0)
	stream := proposal.Stream(number)
	idea := proposal.Idea{Village: "99.01.03.2001", OPD: "1.03", Estimate: 100,
		Title: domain.Mask("Jembatan kenari roboh"), Problem: domain.Mask("Rumah kenari, NIK 9901014101850001, hub. 0812-3456-7890"), Description: domain.Mask("Dibangun kembali seperti semula")}
	submitted := m.add(stream, 0, &proposal.Submitted{Step: proposal.Step{State: "submitted", Stage: "desa", Via: "submit"}, Lane: proposal.Musrenbang, Idea: idea})
	somebody := m.add("person-p-1", 0, &person.Registered{Name: domain.Secret{Plain: "Kenari Contoh"}, Purpose: "official"})
	other := m.add("person-p-2", 0, &person.Registered{Name: domain.Secret{Plain: "Orang Lain"}, Purpose: "official"})
	if err := m.runner.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tables := m.whereRead("kenari"); len(tables) < 2 {
		t.Fatalf("before anything is closed it is read in %v only", tables)
	}
	nik, name, kept := m.sealed(submitted, "/problem#0"), m.sealed(somebody, "/name"), m.sealed(other, "/name")

	redact := func(version int, target, field string) event.Record {
		return m.add(stream, version, &proposal.TextRedacted{Step: proposal.Step{Via: "redact", Stage: "desa"}, Target: target, Field: field,
			Ground: domain.Document{Kind: "putusan_ppid", Number: "1/2026", Date: "2026-01-05"}, SecondApprover: "p-2"})
	}
	redact(1, uuid.NewString(), "/title") // closes nothing, and must not keep the others waiting
	redact(2, "bukan-id", "/title")
	redact(3, submitted.ID.String(), "/title")
	problem := redact(4, submitted.ID.String(), "/problem")
	m.add("person-p-1", 1, &person.ErasureRequested{Letter: domain.Document{Kind: "surat"}})
	m.add("person-p-1", 2, &person.ErasureDecided{Granted: true, Ground: "UU 27/2022 pasal 8"})
	erased := m.add("person-p-1", 3, &person.Erased{Keys: 1})
	before := m.records()

	m.follow(erased.Position)
	if err := m.runner.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		if tables := m.whereRead("kenari"); len(tables) > 0 {
			t.Errorf("the closed text is still read in %v", tables)
		}
		if tables := m.whereRead("Dibangun kembali"); len(tables) == 0 {
			t.Error("a text that nobody closed is gone")
		}
		if d := cmp.Diff(before, m.records()); d != "" {
			t.Errorf("records and leaves (-before +after):\n%s", d)
		}
		beside, err := m.store.Beside(t.Context(), submitted.Position)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(beside.Texts["/title"].Closed, beside.Texts["/problem"].Closed, beside.Texts["/description"].Closed, beside.Sealed["/problem#0"] == nil, beside.Sealed["/problem#1"] == nil)
		if want := "true true false true true"; got != want {
			t.Errorf("title, problem, description and two details are closed: %s, want %s", got, want)
		}
		m.forgotten(nik, problem)
		m.forgotten(name, erased)
		opened, err := m.vault.Unseal(t.Context(), kept)
		if err != nil || opened[0].Plain != "Orang Lain" {
			t.Errorf("somebody else's name opens as %q, %v", opened[0].Plain, err)
		}
	}
	check()

	// Whoever takes over after a crash carries out the last orders again.
	for _, r := range []event.Record{problem, erased, problem} {
		if err := m.carryOut(t.Context(), r); err != nil {
			t.Errorf("carrying out %s again: %v", strings.TrimPrefix(r.Type, "proposal."), err)
		}
	}
	check()
}
