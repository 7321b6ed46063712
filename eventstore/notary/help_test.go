package notary_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/notary"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
)

type noted struct {
	N int `json:"n"`
}

type restarted struct {
	Origin string `json:"origin"`
}

var catalog = event.NewCatalog(event.Declare[noted]("village.noted"), event.Declare[restarted]("log.restarted"))

// A host is a process's view of a log: a database, a key, a file.
type host struct {
	url    string
	pool   *pgxpool.Pool
	store  *eventstore.Store
	signer *proof.Signer
	state  string
	*notary.Notary
}

const origin = "runut.example/99.01"

func newHost(t testing.TB) *host {
	t.Helper()
	dir := t.TempDir()
	signer, err := proof.CreateSigner(filepath.Join(dir, "signer"), origin)
	if err != nil {
		t.Fatal(err)
	}
	return attend(t, pgtest.URL(t), signer, filepath.Join(dir, "checkpoint"))
}

// attend opens a log at url for a host that holds key and file.
func attend(t testing.TB, url string, signer *proof.Signer, state string) *host {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog, Tenant: "99.01", AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{url: url, pool: pool, store: store, signer: signer, state: state}
	h.Notary = &notary.Notary{DB: pool, Store: store, Signer: signer, State: state, Log: slog.New(slog.DiscardHandler)}
	t.Cleanup(h.leave)
	return h
}

func (h *host) leave() { h.store.Close(); h.pool.Close() }

func (h *host) book() notary.Book { return notary.Book{DB: h.pool, Origin: h.signer.Origin} }

// append adds n events and returns the last one's receipt.
func (h *host) append(t testing.TB, n int) eventstore.EventReceipt {
	t.Helper()
	id := uuid.New()
	var c event.Change
	c.Stream = "village-" + id.String()
	for i := range n {
		c.Facts = append(c.Facts, event.Fact{Event: &noted{i}})
	}
	receipt, err := h.store.Append(t.Context(), command(id), c)
	if err != nil {
		t.Fatal(err)
	}
	return receipt.Events[n-1]
}

func command(id uuid.UUID) event.Command {
	return event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: domain.System(), Tenant: "99.01", Cycle: 2027}
}

func (h *host) seal(t testing.TB) notary.Head {
	t.Helper()
	head, err := h.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// roots returns the root of the log at every size, from the leaf hashes of its
// events.
func (h *host) roots(t testing.TB) []tlog.Hash {
	t.Helper()
	rows, err := h.pool.Query(t.Context(), `select leaf_hash from events order by position`)
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	var tree proof.Tree
	roots := []tlog.Hash{tree.Root()}
	for _, leaf := range leaves {
		tree.Add(tlog.Hash(leaf))
		roots = append(roots, tree.Root())
	}
	return roots
}

// copyOf returns the URL of a database that holds what h's holds now: a backup.
// Nobody may be connected to h's meanwhile.
func copyOf(t testing.TB, h *host) string {
	t.Helper()
	config, err := pgx.ParseConfig(h.url)
	if err != nil {
		t.Fatal(err)
	}
	name := config.Database
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	backup := name + "_backup"
	if _, err := admin.Exec(t.Context(), fmt.Sprintf(`create database %s template %s`, backup, name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin, err := pgx.ConnectConfig(context.Background(), config)
		if err != nil {
			t.Error(err)
			return
		}
		defer admin.Close(context.Background())
		if _, err := admin.Exec(context.Background(), fmt.Sprintf(`drop database %s with (force)`, backup)); err != nil {
			t.Error(err)
		}
	})
	return strings.Replace(h.url, name, backup, 1)
}

func refused(t testing.TB, err error, code string) *domain.Error {
	t.Helper()
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	return e
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
