package eventstore_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// anotherPool returns a second pool on the database of pool, as another process
// would have.
func anotherPool(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	other, err := pgxpool.NewWithConfig(t.Context(), pool.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	return other
}

func TestWaitWakesInEveryProcess(t *testing.T) {
	pool := pgtest.Open(t)
	here, there := open(t, pool), open(t, anotherPool(t, pool))
	var slowest time.Duration
	for n := range int64(20) {
		woken := make(chan time.Time, 200)
		var waiting sync.WaitGroup
		for i := range cap(woken) {
			waiting.Go(func() {
				s := []*eventstore.Store{here, there}[i%2]
				head, err := s.Wait(t.Context(), n)
				if err != nil || head != n+1 {
					t.Errorf("Wait(%d) = %d, %v; want %d", n, head, err, n+1)
				}
				woken <- time.Now()
			})
		}
		appended(t, here, add("proposal-A", int(n), road(int(n))))
		done := time.Now()
		waiting.Wait()
		close(woken)
		if n == 0 { // the listeners may still have been connecting
			continue
		}
		for at := range woken {
			slowest = max(slowest, at.Sub(done))
		}
	}
	// the poll alone would need a second
	if slowest > 700*time.Millisecond {
		t.Errorf("the slowest waiter was woken after %v", slowest)
	}
}

func TestWaitEnds(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	var cancelled, closed error
	waiting.Go(func() { _, cancelled = s.Wait(ctx, 5) })
	cancel()
	waiting.Wait()
	waiting.Go(func() { _, closed = s.Wait(t.Context(), 5) })
	s.Close()
	waiting.Wait()
	if !errors.Is(cancelled, context.Canceled) || !isCode(closed, "log.closed") {
		t.Errorf("waiters end with %v and %v; want context.Canceled and log.closed", cancelled, closed)
	}
}

// A listener that lost its connection comes back, and what was missed meanwhile
// is found by looking.
func TestWaitSurvivesALostListener(t *testing.T) {
	pool := pgtest.Open(t)
	appender, reader := open(t, pool), open(t, anotherPool(t, pool), quiet)
	appended(t, appender, add("proposal-A", 0, road(0)))
	for n := range int64(3) {
		if _, err := reader.Wait(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), `
			select pg_terminate_backend(pid) from pg_stat_activity
			 where datname = current_database() and application_name = 'runut listen'`); err != nil {
			t.Fatal(err)
		}
		appended(t, appender, add("proposal-A", int(n)+1, road(0)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if head, err := reader.Wait(ctx, 3); err != nil || head != 4 {
		t.Errorf("Wait = %d, %v; want 4", head, err)
	}
}
