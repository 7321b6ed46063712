package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// A fragile network loses the connections that are opened through it, on demand:
// the server gets what was sent, and its answer never arrives.
type fragile struct {
	skip atomic.Int32 // so many answers still arrive,
	lose atomic.Int32 // then so many are lost
	down atomic.Bool  // no new connections
	lost atomic.Int32
}

type fragileConn struct {
	net.Conn
	network *fragile
	request atomic.Bool // something was sent since the last answer
}

func (f *fragile) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if f.down.Load() {
		return nil, errors.New("the network is down")
	}
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &fragileConn{Conn: c, network: f}, nil
}

func (c *fragileConn) Write(b []byte) (int, error) {
	c.request.Store(true)
	return c.Conn.Write(b)
}

// Read waits until the server has answered, so that its work is done, and loses
// the answer.
func (c *fragileConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.request.Swap(false) && c.network.lose.Load() > 0 && c.network.skip.Add(-1) < 0 && c.network.lose.Add(-1) >= 0 {
		c.network.lost.Add(1)
		c.Conn.Close()
		return 0, errors.New("connection reset by the test")
	}
	return n, err
}

// quiet keeps expected warnings out of a test's output.
var quietLog = slog.New(slog.DiscardHandler)

func quiet(o *eventstore.Options) { o.Log = quietLog }

// openFragile returns a store whose own connections go through a fragile network,
// and whose reads do not.
func openFragile(t testing.TB, pool *pgxpool.Pool, change ...func(*eventstore.Options)) (*eventstore.Store, *fragile) {
	t.Helper()
	f := new(fragile)
	config := pool.Config()
	config.ConnConfig.DialFunc = f.dial
	unsteady, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unsteady.Close)
	return open(t, unsteady, append(change, quiet)...), f
}

// When an answer is lost nobody knows whether the append was committed. It is
// asked again, and told its first receipt: appended once, in every case.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	for name, changes := range map[string]func(i int) []event.Change{
		"alone": func(i int) []event.Change { return []event.Change{add(fmt.Sprintf("proposal-%d", i), 0, road(i))} },
		"batched": func(i int) []event.Change {
			return []event.Change{add(fmt.Sprintf("proposal-%d", i), 0, road(i), road(i))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, network := openFragile(t, pgtest.Open(t))
			for i := range 5 {
				network.lose.Store(1)
				r, err := s.Append(t.Context(), command(), changes(i)...)
				if err != nil || network.lose.Load() > 0 {
					t.Fatalf("append %d: %v, answers left to lose: %d", i, err, network.lose.Load())
				}
				if !r.Duplicate || len(r.Events) != len(changes(i)[0].Facts) {
					t.Errorf("append %d: receipt %+v, want what the first attempt had appended", i, r)
				}
			}
			gapFree(t, s)
		})
	}
}

// The same for COPY, whichever of its answers is lost: begin, the copy, or the
// commit.
func TestALargeAppendSurvivesEveryLostAnswer(t *testing.T) {
	pool := pgtest.Open(t)
	s, network := openFragile(t, pool)
	if _, err := s.Append(t.Context(), command(), many("proposal-0", 1001)...); err != nil {
		t.Fatal(err)
	}
	want, lost := 1001, int32(0)
	for skip := int32(0); network.lost.Load() == lost; skip++ {
		network.skip.Store(skip)
		network.lose.Store(1)
		_, err := s.Append(t.Context(), command(), many(fmt.Sprintf("proposal-%d", skip+1), 1001)...)
		if err != nil {
			t.Fatalf("with answer %d lost: %v", skip+1, err)
		}
		want += 1001
		lost++
	}
	if lost < 4 { // the last round had none to lose
		t.Errorf("a large append had only %d answers to lose", lost-1)
	}
	network.lose.Store(0)
	if got := gapFree(t, s); got != want {
		t.Errorf("%d events, want %d", got, want)
	}
}

// Many callers, and connections that keep being cut by the server, in whatever
// state they are.
func TestCutConnectionsLoseAndDoubleNothing(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool, quiet)
	ctx, stop := context.WithCancel(t.Context())
	var cutting, appending sync.WaitGroup
	var cuts atomic.Int64
	cutting.Go(func() {
		for ctx.Err() == nil {
			var n int64
			err := pool.QueryRow(t.Context(), `
				select count(pg_terminate_backend(pid)) from pg_stat_activity
				 where datname = current_database() and application_name = 'runut log'`).Scan(&n)
			if err != nil {
				t.Error(err)
				return
			}
			cuts.Add(n)
			time.Sleep(20 * time.Millisecond)
			// some appends in between, however busy the machine is
			for done := s.Stats().Commands; s.Stats().Commands == done && ctx.Err() == nil; {
				time.Sleep(time.Millisecond)
			}
		}
	})
	// A quick machine may be done before anything was cut in the middle.
	const callers, each, most = 12, 40, 4000
	tested := func() bool { return cuts.Load() >= 3 && s.Stats().Resent > 0 }
	receipts := make([][]eventstore.Receipt, callers)
	for g := range callers {
		appending.Go(func() {
			for version := 0; version < each || version < most && !tested(); version++ {
				r, err := s.Append(t.Context(), command(), add(fmt.Sprintf("proposal-%d", g), version, road(version)))
				if err != nil {
					t.Errorf("caller %d: %v", g, err)
					return
				}
				receipts[g] = append(receipts[g], r)
			}
		})
	}
	appending.Wait()
	stop()
	cutting.Wait()
	want := 0
	for _, r := range receipts {
		want += len(r)
	}
	if got := gapFree(t, s); got != want {
		t.Errorf("%d events, want %d", got, want)
	}
	at := make(map[int64]uuid.UUID)
	for _, r := range all(t, s) {
		at[r.Position] = r.ID
	}
	for _, r := range receipts {
		for i := range r {
			if e := r[i].Events[0]; at[e.Position] != e.ID {
				t.Errorf("event %s is not at %d, as its receipt says", e.ID, e.Position)
			}
		}
	}
	if !tested() {
		t.Errorf("%d connections cut, %d batches sent again: the test did not test", cuts.Load(), s.Stats().Resent)
	}
}

func TestWhoGivesUpSaysWhatIsKnown(t *testing.T) {
	s, network := openFragile(t, pgtest.Open(t), func(o *eventstore.Options) { o.GiveUp = 50 * time.Millisecond })
	cmd := command()

	network.down.Store(true)
	network.lose.Store(1) // it was committed, and nobody can be asked
	if _, err := s.Append(t.Context(), cmd, add("proposal-A", 0, road(1))); !isCode(err, "log.unanswered") {
		t.Errorf("after a lost answer: %v, want log.unanswered", err)
	}
	if _, err := s.Append(t.Context(), command(), add("proposal-B", 0, road(1))); !isCode(err, "log.unready") {
		t.Errorf("without a connection: %v, want log.unready", err)
	}
	if _, err := s.Append(t.Context(), command(), many("proposal-C", 1001)...); !isCode(err, "log.unready") {
		t.Errorf("a large append without a connection: %v, want log.unready", err)
	}

	network.down.Store(false)
	r, err := s.Append(t.Context(), cmd, add("proposal-A", 0, road(1)))
	if err != nil || !r.Duplicate || r.First != 1 {
		t.Errorf("asked again: %+v, %v; want the receipt of position 1", r, err)
	}
}

func TestAFullQueueRefusesEarly(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool, func(o *eventstore.Options) { o.Queue = 3 })
	release := holdHead(t, pool)
	defer release()
	var running sync.WaitGroup
	running.Go(func() { appended(t, s, add("proposal-0", 0, road(0))) })
	until(t, func() bool { return waiting(t, pool) == 1 })
	var accepted, busy atomic.Int32
	for i := range 20 {
		running.Go(func() {
			_, err := s.Append(t.Context(), command(), add(fmt.Sprintf("proposal-%d", i+1), 0, road(i)))
			switch {
			case err == nil:
				accepted.Add(1)
			case isCode(err, "log.busy"):
				busy.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	until(t, func() bool { return busy.Load() >= 16 })
	release()
	running.Wait()
	if accepted.Load()+busy.Load() != 20 || accepted.Load() < 3 {
		t.Errorf("%d accepted and %d refused, want at least 3 and the rest", accepted.Load(), busy.Load())
	}
}

// A caller who stops waiting learns whether its command may have been written.
func TestWhoStopsWaitingKnowsWhereItStands(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	release := holdHead(t, pool)
	defer release()
	var running sync.WaitGroup
	running.Go(func() { appended(t, s, add("proposal-0", 0, road(0))) })
	until(t, func() bool { return waiting(t, pool) == 1 })
	// still queued: it is taken back, and never written
	ctx, cancel := context.WithCancel(t.Context())
	var err error
	cmd := command()
	var gone sync.WaitGroup
	gone.Go(func() { _, err = s.Append(ctx, cmd, add("proposal-A", 0, road(1))) })
	queued(t, s, 1)
	cancel()
	gone.Wait()
	if !errors.Is(err, context.Canceled) || isCode(err, "log.unanswered") {
		t.Errorf("a queued append: %v, want context.Canceled alone", err)
	}
	if _, err := s.Append(ctx, command(), add("proposal-A", 0, road(1))); !errors.Is(err, context.Canceled) {
		t.Errorf("an append that nobody waits for: %v, want context.Canceled", err)
	}
	release()
	running.Wait()
	appended(t, s, add("proposal-Z", 0, road(1))) // whatever was queued is done by now
	if _, err := s.Receipt(t.Context(), cmd.ID); !isCode(err, "command.unknown") {
		t.Errorf("the receipt of what was taken back: %v, want command.unknown", err)
	}

	// sent: nobody can take it back
	together := holdHead(t, pool)
	for i := range 3 {
		running.Go(func() { appended(t, s, add(fmt.Sprintf("proposal-S%d", i), 0, road(0))) })
	}
	until(t, func() bool { return waiting(t, pool) == 1 && s.Stats().Waiting >= 2 })
	together()
	running.Wait() // the last batch had two callers, so nobody counts as alone
	again := holdHead(t, pool)
	defer again()
	ctx, cancel = context.WithCancel(t.Context())
	gone.Go(func() { _, err = s.Append(ctx, cmd, add("proposal-A", 0, road(1))) })
	until(t, func() bool { return waiting(t, pool) == 1 })
	cancel()
	gone.Wait()
	if !isCode(err, "log.unanswered") || !errors.Is(err, context.Canceled) {
		t.Errorf("an append under way: %v, want log.unanswered because of context.Canceled", err)
	}
	again()
	r, err := s.Append(t.Context(), cmd, add("proposal-A", 0, road(1)))
	if err != nil || !r.Duplicate {
		t.Errorf("asked again: %+v, %v; want the first receipt", r, err)
	}
}
