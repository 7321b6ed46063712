package eventstore_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore"
	"runut/eventstore/localpg"
	"runut/eventstore/pgtest"
)

// What a server without fsync acknowledges may be gone after a power cut.
func TestAnUnsafeServerIsRefused(t *testing.T) {
	pool := pgtest.Open(t)
	var fsync, synchronous string
	if err := pool.QueryRow(t.Context(), `select current_setting('fsync'), current_setting('synchronous_commit')`).Scan(&fsync, &synchronous); err != nil {
		t.Fatal(err)
	}
	if fsync == "on" && synchronous == "on" {
		t.Skip("the tests were given a server that is safe")
	}
	if s, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog}); !isCode(err, "log.unsafe") {
		t.Errorf("Open = %v, %v; want log.unsafe", s, err)
	}
}

func TestAnotherKabupatensLogIsRefused(t *testing.T) {
	pool := pgtest.Open(t)
	appended(t, open(t, pool), add("proposal-A", 0, road(1)))
	_, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog, AllowUnsafe: true, Tenant: "99.02"})
	if !isCode(err, "log.other_tenant") {
		t.Errorf("Open = %v, want log.other_tenant", err)
	}
}

// On a server of default durability a store opens; not where one session's
// commits do not wait, nor once the server is a replica.
func onlyADurablePrimaryIsTrusted(t *testing.T, cluster *localpg.Cluster) {
	pool, err := pgxpool.New(t.Context(), cluster.URL("runut"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog, Tenant: "99.01", GiveUp: time.Second, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	appended(t, s, add("proposal-safe", 0, road(1)))

	config := pool.Config()
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	careless, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer careless.Close()
	if _, err := eventstore.Open(t.Context(), careless, eventstore.Options{Catalog: catalog}); !isCode(err, "log.unsafe") {
		t.Errorf("Open without synchronous commit = %v, want log.unsafe", err)
	}

	var data string
	if err := pool.QueryRow(t.Context(), `show data_directory`).Scan(&data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool {
		var replica bool
		return pool.QueryRow(t.Context(), `select pg_is_in_recovery()`).Scan(&replica) == nil && replica
	})
	if _, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog}); !isCode(err, "log.replica") {
		t.Errorf("Open on a replica = %v, want log.replica", err)
	}
	// a store that was open appends no more, and says so
	if _, err := s.Append(t.Context(), command(), add("proposal-B", 0, road(1))); err == nil {
		t.Error("an append to a replica was acknowledged")
	}
}
