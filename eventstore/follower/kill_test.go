package follower_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore"
	"runut/eventstore/follower"
)

// childURL tells a process of this test binary to be a follower and nothing else.
const childURL = "RUNUT_FOLLOWER_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := child(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child follows as "letters" and writes down what it is given, until it is killed.
func child(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*deadline)
	defer cancel()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	store, err := eventstore.Open(ctx, pool, eventstore.Options{Catalog: types, Tenant: "99.01", AllowUnsafe: true})
	if err != nil {
		return err
	}
	defer store.Close()
	o := quick()
	o.Name = fmt.Sprint(os.Getpid())
	hub := follower.Open(store, pool, o)
	defer hub.Close()
	router, err := follower.NewRouter(quiet, deadline)
	if err != nil {
		return err
	}
	router.AddConsumerHandler("letters", "letters", &follower.Group{Hub: hub}, func(m *message.Message) error {
		_, err := pool.Exec(m.Context(), `insert into seen (position, who) values ($1, $2)`, position(m), os.Getpid())
		return err
	})
	return router.Run(ctx)
}

func TestKillingTheLeaderLosesNothing(t *testing.T) {
	f := newFixture(t)
	f.exec(`create table seen (n bigint generated always as identity, position bigint, who int, at timestamptz default clock_timestamp())`)
	hub := f.hub(quick())
	children := map[string]*exec.Cmd{}
	start := func() {
		t.Helper()
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childURL+"="+f.url)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
		children[fmt.Sprint(c.Process.Pid)] = c
	}
	start()
	start()
	const kills, between = 4, 500
	for i := range kills {
		f.notes(between)
		f.until("progress", func() bool {
			var n int
			if err := f.pool.QueryRow(t.Context(), `select count(distinct position) from seen`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n >= i*between+between/3 // in the middle of its work
		})
		leader := f.standing(hub, "letters").Leader
		c := children[leader]
		if c == nil {
			t.Fatalf("led by %q, which is none of %v", leader, children)
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		delete(children, leader)
		start()
	}
	const total = kills * between
	f.until("the end", func() bool { return f.standing(hub, "letters").Position == total })

	rows, err := f.pool.Query(t.Context(), `select position from seen order by n`)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(upTo(1, total), firsts(seen)); d != "" {
		t.Errorf("first hand-overs, in order: %s", d)
	}
	if again := len(seen) - total; again > kills*64 {
		t.Errorf("%d events were handed over again over %d kills, want at most 64 each", again, kills)
	}
	var longest time.Duration
	if err := f.pool.QueryRow(t.Context(), `
		select max(gap) from (select at - lag(at) over (order by n) as gap, who <> lag(who) over (order by n) as moved from seen) s where moved`).Scan(&longest); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills: %d of %d handed over again; longest pause %s", kills, len(seen)-total, total, longest.Round(time.Millisecond))
}
