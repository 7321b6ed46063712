package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/text"
	"runut/cmd/runut-verify/check"
	"runut/cmd/runut/demo"
	"runut/domain"
	"runut/domain/catalog"
	"runut/eventstore"
	"runut/eventstore/notary"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/vault"
	"runut/eventstore/verify"
)

// A ledger is a signed log of the demo in a database of its own.
type ledger struct {
	pool   *pgxpool.Pool
	store  *eventstore.Store
	vault  *vault.Vault
	signer *proof.Signer
	notary *notary.Notary
	trust  proof.Trust
}

var quiet = slog.New(slog.DiscardHandler)

// emptyLog returns a log without events that is signed under the key at path.
func emptyLog(t testing.TB, key string) *ledger {
	t.Helper()
	k := &ledger{pool: pgtest.Open(t)}
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	if k.vault, err = vault.Open(t.Context(), k.pool, ring); err != nil {
		t.Fatal(err)
	}
	k.store, err = eventstore.Open(t.Context(), k.pool, eventstore.Options{Catalog: catalog.Events, Sealer: k.vault, AllowUnsafe: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.store.Close)
	if k.signer, err = proof.CreateSigner(key, "runut.example/99.01"); err != nil {
		t.Fatal(err)
	}
	k.notary = &notary.Notary{DB: k.pool, Store: k.store, Signer: k.signer, State: filepath.Join(t.TempDir(), "checkpoint"), Log: quiet}
	k.trust = k.signer.Trust
	return k
}

// demoLog returns a log that holds part of the demo.
func demoLog(t testing.TB, part int) *ledger {
	t.Helper()
	k := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	day := time.Date(2025, 11, 20, 9, 0, 0, 0, time.UTC)
	if err := demo.Seed(t.Context(), demo.Options{Store: k.store, Seed: 1, Day: day, Part: part}); err != nil {
		t.Fatal(err)
	}
	k.seal(t)
	return k
}

func (k *ledger) seal(t testing.TB) notary.Head {
	t.Helper()
	head, err := k.notary.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func (k *ledger) export(t testing.TB, since string) []byte {
	t.Helper()
	var b bytes.Buffer
	e := exporter{pool: k.pool, store: k.store, signer: k.signer, bar: newBar(io.Discard, "")}
	if err := e.begin(t.Context(), since); err != nil {
		t.Fatal(err)
	}
	if err := e.write(t.Context(), &b, false); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inMemory is export files that lie in memory.
func inMemory(files ...[]byte) []verify.File {
	var out []verify.File
	for i, b := range files {
		out = append(out, verify.File{Name: string(rune('a' + i)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }})
	}
	return out
}

func checkFiles(t testing.TB, trust *proof.Trust, legality bool, files ...[]byte) *verify.Report {
	t.Helper()
	r := &verify.Report{What: "export"}
	chain, err := verify.OpenChain(inMemory(files...), trust, r)
	if err == nil && chain != nil {
		err = chain.Check(context.Background(), verify.Options{Legality: legality}, r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (k *ledger) checkDatabase(t testing.TB, legality bool) *verify.Report {
	t.Helper()
	r := &verify.Report{What: "database"}
	d := newDatabaseCheck(k.pool, k.store, k.vault, r)
	if err := d.trusted(t.Context(), &k.trust); err != nil {
		t.Fatal(err)
	}
	if err := d.heads(t.Context(), k.notary.State, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.run(t.Context(), verify.Options{Legality: legality}); err != nil {
		t.Fatal(err)
	}
	return r
}

func good(t testing.TB, what string, r *verify.Report) {
	t.Helper()
	if r.Status() != verify.Good {
		t.Fatalf("%s:\n%s", what, check.Words(r, text.EN, 0))
	}
}

func TestTheDemoIsAsItWasSigned(t *testing.T) {
	k := demoLog(t, 70)
	r := checkFiles(t, &k.trust, true, k.export(t, ""))
	good(t, "export", r)
	t.Log(check.Words(r, text.ID, 0))
	r = k.checkDatabase(t, true)
	good(t, "database", r)
	t.Log(check.Words(r, text.EN, 0))
}

// What was exported, whole or piece by piece, becomes the same log elsewhere: the
// same positions, records, texts and root, and commands that are known when they
// are asked again.
func TestAnImportIsTheSameLog(t *testing.T) {
	k := smallLog(t)
	first := k.export(t, "")
	size := k.head(t)
	k.grow(t, 300, 310)
	k.seal(t)
	more := k.export(t, fmt.Sprint(size))
	whole := k.export(t, "")
	good(t, "the continuation alone", checkFiles(t, &k.trust, true, more))
	good(t, "the chain", checkFiles(t, &k.trust, false, more, first))
	rows := func(k *ledger) string {
		var all string
		if err := k.pool.QueryRow(t.Context(), `select md5(string_agg(e::text, '|' order by position)) || (select md5(string_agg(c::text, '|' order by id)) from commands c) from events e`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for name, files := range map[string][][]byte{"one file": {whole}, "a chain": {more, first}} {
		other := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
		if err := other.take(t, &k.trust, files...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := rows(other), rows(k); got != want {
			t.Errorf("%s: the rows differ", name)
		}
		if mine, theirs := other.seal(t), k.seal(t); mine.Root != theirs.Root || mine.Size != theirs.Size {
			t.Errorf("%s: %d %v, want %d %v", name, mine.Size, mine.Root, theirs.Size, theirs.Root)
		}
		good(t, name, other.checkDatabaseUnsealed(t))
		before := other.head(t)
		other.grow(t, 0, 3) // asked again: known
		if other.head(t) != before {
			t.Errorf("%s: a command was carried out twice", name)
		}
		if err := other.take(t, &k.trust, whole); !errors.Is(err, &domain.Error{Code: "import.not_empty"}) {
			t.Errorf("%s: a second time: %v", name, err)
		}
	}
}

// What does not pass is not imported, and nothing of it is left behind.
func TestARefusedImportLeavesNothing(t *testing.T) {
	k := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	k.grow(t, 0, 20)
	size := k.seal(t).Size
	first := k.export(t, "")
	k.grow(t, 20, 30)
	k.seal(t)
	more := k.export(t, fmt.Sprint(size))
	other := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	altered := bytes.Replace(first, []byte(`"t": "Jalan`), []byte(`"t": "Jalur`), 1)
	for name, test := range map[string]struct {
		file []byte
		code string
	}{
		"a text that was altered": {altered, "import.refused"},
		"half a file":             {first[:len(first)/2], "import.refused"},
		"a continuation":          {more, "import.not_empty"},
	} {
		if err := other.take(t, &k.trust, test.file); !errors.Is(err, &domain.Error{Code: test.code}) {
			t.Errorf("%s: %v", name, err)
		}
		if head := other.head(t); head != 0 {
			t.Fatalf("%s left %d events", name, head)
		}
	}
	// another log of the same length
	other.grow(t, 40, 60)
	if err := other.take(t, &k.trust, more); !errors.Is(err, &domain.Error{Code: "import.other_root"}) || other.head(t) != size {
		t.Errorf("a continuation of another log: %v, %d events", err, other.head(t))
	}
	// the file is changed after it was checked
	third := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	i := importer{store: third.store, files: []string{filepath.Join(t.TempDir(), "log.ndjson")}}
	if err := os.WriteFile(i.files[0], first, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := i.check(t.Context(), &k.trust, nil); err != nil || r.Status() != verify.Good {
		t.Fatal(err, r.Findings)
	}
	lines := cutUp(first)
	lines.lines[3] = forged(t, lines.lines[3], func(r *record.Record) { r.Salt[0] ^= 1 })
	if err := os.WriteFile(i.files[0], lines.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := i.write(t.Context(), func(int64, int64) {}); !errors.Is(err, &domain.Error{Code: "import.other_root"}) || third.head(t) != 0 {
		t.Errorf("changed meanwhile: %v, %d events", err, third.head(t))
	}
}

// take imports files.
func (k *ledger) take(t testing.TB, trust *proof.Trust, files ...[]byte) error {
	t.Helper()
	i := importer{store: k.store}
	for n, b := range files {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.ndjson", n))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		i.files = append(i.files, path)
	}
	r, err := i.check(t.Context(), trust, nil)
	if err != nil {
		return err
	}
	if r.Status() != verify.Good {
		return domain.Refuse(domain.Invalid, "import.refused", "found", fmt.Sprint(r.Found))
	}
	return i.write(t.Context(), func(int64, int64) {})
}

// checkDatabaseUnsealed checks a database whose keys are not here.
func (k *ledger) checkDatabaseUnsealed(t testing.TB) *verify.Report {
	t.Helper()
	k.vault = nil
	return k.checkDatabase(t, false)
}

// A database that was restored from an older backup, and one that went on from it
// in another direction, are found out by what was signed before.
func TestARolledBackLogIsFoundOut(t *testing.T) {
	k := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	k.grow(t, 0, 30)
	early := k.seal(t)
	k.grow(t, 30, 60)
	late := k.seal(t)
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.WriteFile(kept, []byte(late.Note), 0o600); err != nil {
		t.Fatal(err)
	}
	disarm(t, k)
	k.exec(t, `delete from events where position > $1`, early.Size)
	k.exec(t, `delete from commands where last > $1`, early.Size)
	k.exec(t, `delete from tree.places where position > $1`, early.Size)
	k.exec(t, `delete from tree.checkpoints where size > $1`, early.Size)
	r := k.checkDatabase(t, false)
	if x := (tampering{name: "rolled back", event: span(early.Size+1, late.Size)}); !x.named(t, r) {
		return
	}
	// somebody has the key and takes the file away: the log goes on as another
	k.exec(t, `delete from tree.tiles`)
	k.exec(t, `delete from tree.checkpoints`)
	k.exec(t, `delete from tree.places`)
	k.grow(t, 100, 160)
	k.notary.State = filepath.Join(t.TempDir(), "checkpoint")
	k.seal(t)
	good(t, "who kept nothing sees nothing", k.checkDatabase(t, false))
	k.notary.State = kept
	if r := k.checkDatabase(t, false); r.Status() != verify.Tampered || r.Findings[0].Code != "verify.root" {
		t.Errorf("who kept a checkpoint:\n%s", check.Words(r, text.EN, 0))
	}
}
