package eventstore_test

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// holdHead takes the head lock, so that everything appended meanwhile gathers,
// and returns what lets it go.
func holdHead(t testing.TB, pool *pgxpool.Pool) (release func()) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from head for update`); err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// queued waits until n commands wait for the next batch of the store.
func queued(t testing.TB, s *eventstore.Store, n int64) {
	t.Helper()
	until(t, func() bool { return s.Stats().Waiting == n })
}

// Callers that know what their predecessors will leave behind need not wait for
// them: their appends are chained in one batch.
func TestAppendsToOneStreamChain(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	release := holdHead(t, pool)
	defer release()
	var running sync.WaitGroup
	appendAt := func(version int) {
		running.Go(func() {
			if _, err := s.Append(t.Context(), command(), add("proposal-A", version, road(version), road(version))); err != nil {
				t.Errorf("append at version %d: %v", version, err)
			}
		})
	}
	appendAt(0)
	until(t, func() bool { return waiting(t, pool) == 1 }) // it waits for the lock in the database
	before := s.Stats().Batches
	for i := range 50 {
		appendAt(2 + 2*i)
		queued(t, s, int64(i)+1)
	}
	release()
	running.Wait()
	if got := s.Stats().Batches - before; got != 2 {
		t.Errorf("51 appends took %d batches, want 2: the first and all others", got)
	}
	for i, r := range all(t, s) {
		if r.Version != i+1 {
			t.Fatalf("position %d has version %d", r.Position, r.Version)
		}
	}
}

// Whoever is chained on a loser is not lost with it, but judged by itself.
func TestALoserDoesNotTakeItsSuccessorAlong(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	release := holdHead(t, pool)
	defer release()
	var running sync.WaitGroup
	results := make([]error, 4)
	appendNext := func(i int, changes ...event.Change) {
		running.Go(func() { _, results[i] = s.Append(t.Context(), command(), changes...) })
	}
	appendNext(0, add("proposal-0", 0, road(0)))
	until(t, func() bool { return waiting(t, pool) == 1 })
	appendNext(1, add("proposal-A", 0, road(1)), assert("cycle-2027", 9)) // loses: the cycle is at 0
	queued(t, s, 1)
	appendNext(2, add("proposal-A", 1, road(2))) // chained on it, so it loses too, by itself
	queued(t, s, 2)
	appendNext(3, add("proposal-A", 0, road(3))) // held, and then first
	queued(t, s, 3)
	release()
	running.Wait()
	if results[0] != nil || results[3] != nil || !isConflict(results[1]) || !isConflict(results[2]) {
		t.Errorf("results %v; want nil, conflict, conflict, nil", results)
	}
}

// One append that the server will not take does not harm those beside it.
func TestBadDataIsItsOwnersAlone(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool, func(o *eventstore.Options) { o.Tenant = "" })
	release := holdHead(t, pool)
	defer release()
	var running sync.WaitGroup
	running.Go(func() { appended(t, s, add("proposal-0", 0, road(0))) })
	until(t, func() bool { return waiting(t, pool) == 1 })
	results := make([]error, 20)
	for i := range results {
		cmd := command()
		if i%5 == 0 {
			cmd.Tenant = "99.01\x00" // no text in PostgreSQL holds a zero byte
		}
		running.Go(func() { _, results[i] = s.Append(t.Context(), cmd, add(fmt.Sprintf("proposal-%d", i+1), 0, road(i))) })
	}
	queued(t, s, int64(len(results)))
	release()
	running.Wait()
	for i, err := range results {
		if bad := i%5 == 0; (err != nil) != bad || isConflict(err) {
			t.Errorf("append %d: %v, want an error %v", i, err, bad)
		}
	}
	if head, err := s.Head(t.Context()); err != nil || head != 17 {
		t.Errorf("%d events, %v; want 17", head, err)
	}
}

// A plan is a command of the property below: the streams it touches, where it
// believes them to be, and how much it adds to each.
type plan struct {
	cmd   event.Command
	steps []step
	first int64
	err   error
}

type step struct{ stream, version, adds int }

// Whatever is appended at the same time, over two stores, the log is as if the
// accepted commands had come one after the other: each whole, each where all its
// expectations held.
func TestConcurrentAppendsAreOneSequence(t *testing.T) {
	pool := pgtest.Open(t)
	stores := []*eventstore.Store{open(t, pool), open(t, pool)}
	run := 0
	accepted, lost := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		const streams = 4
		plans := make([]*plan, rapid.IntRange(2, 24).Draw(rt, "commands"))
		for i := range plans {
			plans[i] = &plan{cmd: command()}
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, streams-1), 1, streams, rapid.ID).Draw(rt, "streams") {
				plans[i].steps = append(plans[i].steps, step{n, rapid.IntRange(0, 4).Draw(rt, "version"), rapid.IntRange(0, 2).Draw(rt, "adds")})
			}
			plans[i].steps[0].adds++
		}
		// a command that comes twice, now and then
		if rapid.Bool().Draw(rt, "twice") {
			plans = append(plans, &plan{cmd: plans[0].cmd, steps: plans[0].steps})
		}
		name := func(n int) string { return fmt.Sprintf("proposal-%d-%d", run, n) }
		var running sync.WaitGroup
		for i, p := range plans {
			var changes []event.Change
			for _, st := range p.steps {
				c := assert(name(st.stream), st.version)
				for range st.adds {
					c.Facts = append(c.Facts, event.Fact{Event: road(i)})
				}
				changes = append(changes, c)
			}
			running.Go(func() {
				var r eventstore.Receipt
				r, p.err = stores[i%2].Append(t.Context(), p.cmd, changes...)
				p.first = r.First
			})
		}
		running.Wait()

		// replay the accepted in the order of their positions
		slices.SortStableFunc(plans, func(a, b *plan) int { return cmp.Compare(a.first, b.first) })
		var tip [streams]int
		var before *plan
		for _, p := range plans {
			if p.err != nil {
				if !isConflict(p.err) {
					rt.Fatalf("command %s: %v", p.cmd.ID, p.err)
				}
				lost++
				continue
			}
			if before != nil && before.cmd.ID == p.cmd.ID {
				continue // its second receipt
			}
			for _, st := range p.steps {
				if tip[st.stream] != st.version {
					rt.Fatalf("command at %d was accepted with stream %d at %d, it expected %d", p.first, st.stream, tip[st.stream], st.version)
				}
			}
			for _, st := range p.steps {
				tip[st.stream] += st.adds
			}
			before = p
			accepted++
		}
		var names []string
		for n := range streams {
			names = append(names, name(n))
		}
		histories, err := stores[0].Streams(t.Context(), names)
		if err != nil {
			rt.Fatal(err)
		}
		for n := range streams {
			history := histories[name(n)]
			if len(history) != tip[n] {
				rt.Fatalf("stream %d has %d events, %d were accepted", n, len(history), tip[n])
			}
			for i, r := range history {
				if r.Version != i+1 {
					rt.Fatalf("stream %d has version %d as its event %d", n, r.Version, i+1)
				}
			}
		}
	})
	if accepted == 0 || lost == 0 {
		t.Errorf("%d commands were accepted and %d lost: the property was not put to the test", accepted, lost)
	}
	gapFree(t, stores[0])
}

// gapFree fails where the positions are not 1, 2, 3 …, or an id comes twice.
func gapFree(t testing.TB, s *eventstore.Store) int {
	t.Helper()
	ids := make(map[string]bool)
	log := all(t, s)
	for i, r := range log {
		if r.Position != int64(i)+1 {
			t.Fatalf("event %d of the log has position %d", i+1, r.Position)
		}
		if ids[r.ID.String()] {
			t.Fatalf("event %s is there twice", r.ID)
		}
		ids[r.ID.String()] = true
	}
	return len(log)
}

// Readers that follow while others append see every event once and in order.
func TestAFollowerMissesNothing(t *testing.T) {
	pool := pgtest.Open(t)
	stores := []*eventstore.Store{open(t, pool), open(t, pool)}
	const callers, each = 16, 60
	var appending sync.WaitGroup
	for g := range callers {
		appending.Go(func() {
			for version := range each {
				if _, err := stores[g%2].Append(t.Context(), command(), add(fmt.Sprintf("proposal-%d", g), version, road(g))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var following sync.WaitGroup
	for g := range 4 {
		following.Go(func() {
			s := stores[g%2]
			for at := int64(0); at < callers*each; {
				if _, err := s.Wait(t.Context(), at); err != nil {
					t.Error(err)
					return
				}
				for r, err := range s.Since(t.Context(), at, 0, eventstore.Filter{}) {
					if err != nil || r.Position != at+1 {
						t.Errorf("after %d came %d, %v", at, r.Position, err)
						return
					}
					at = r.Position
				}
			}
		})
	}
	appending.Wait()
	following.Wait()
}

func TestCloseAnswersWhatIsQueued(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	release := holdHead(t, pool)
	var running sync.WaitGroup
	var done, refused atomic.Int32
	for i := range 20 {
		running.Go(func() {
			_, err := s.Append(t.Context(), command(), add(fmt.Sprintf("proposal-%d", i), 0, road(i)))
			switch {
			case err == nil:
				done.Add(1)
			case isCode(err, "log.closed"):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	until(t, func() bool { return waiting(t, pool) == 1 && s.Stats().Waiting == 19 })
	running.Go(s.Close)
	release()
	running.Wait()
	if _, err := s.Append(t.Context(), command(), add("proposal-late", 0, road(1))); !isCode(err, "log.closed") {
		t.Errorf("append after Close: %v, want log.closed", err)
	}
	if _, err := s.Append(t.Context(), command(), many("proposal-late", 1001)...); !isCode(err, "log.closed") {
		t.Errorf("large append after Close: %v, want log.closed", err)
	}
	if _, err := s.Wait(t.Context(), 1000); !isCode(err, "log.closed") {
		t.Errorf("Wait after Close: %v, want log.closed", err)
	}
	if done.Load() != 20 {
		t.Errorf("%d of 20 queued appends were done, %d refused", done.Load(), refused.Load())
	}
}
