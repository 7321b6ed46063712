package follower_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/eventstore/pgtest"
)

// Events for tests. The last stands for a type that a newer program writes.
type (
	noted struct {
		N    int         `json:"n"`
		Text domain.Text `json:"text,omitzero"`
	}
	ticked   struct{ N int }
	redacted struct {
		Target string `json:"target"`
		Field  string `json:"field"`
	}
)

var types = event.NewCatalog(
	event.Declare[noted]("proposal.noted"),
	event.Declare[ticked]("forum.ticked"),
	event.Declare[redacted]("proposal.text_redacted"),
)

// deadline is how long anything may take on a busy machine.
const deadline = 20 * time.Second

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// quick are options under which nothing waits long.
func quick() follower.Options {
	return follower.Options{
		Poll: 50 * time.Millisecond, Pause: 5 * time.Millisecond, MaxPause: 20 * time.Millisecond,
		Patience: deadline, Log: quiet,
	}
}

// A fixture is a log in a database of its own.
type fixture struct {
	testing.TB
	url   string
	pool  *pgxpool.Pool
	store *eventstore.Store
	n     atomic.Int64
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	return on(t, pgtest.URL(t))
}

func on(t testing.TB, url string) *fixture {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: types, Tenant: "99.01", AllowUnsafe: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return &fixture{TB: t, url: url, pool: pool, store: store}
}

// hub returns one more "process" on the log.
func (f *fixture) hub(o follower.Options) *follower.Hub {
	h := follower.Open(f.store, f.pool, o)
	f.Cleanup(h.Close)
	return h
}

// add appends events in one command, on a stream of their own.
func (f *fixture) add(events ...any) eventstore.Receipt {
	f.Helper()
	facts := make([]event.Fact, len(events))
	for i, e := range events {
		facts[i].Event = e
	}
	r, err := f.store.Append(context.Background(),
		event.Command{ID: uuid.New(), Actor: domain.System(), Cycle: 2027},
		event.Change{Stream: "proposal-" + uuid.NewString(), Facts: facts})
	if err != nil {
		f.Fatal(err)
	}
	return r
}

// notes appends n notes, numbered on from those before.
func (f *fixture) notes(n int) {
	f.Helper()
	for n > 0 {
		events := make([]any, min(n, 200))
		for i := range events {
			events[i] = &noted{N: int(f.n.Add(1))}
		}
		f.add(events...)
		n -= len(events)
	}
}

func (f *fixture) exec(sql string, args ...any) {
	f.Helper()
	if _, err := f.pool.Exec(context.Background(), sql, args...); err != nil {
		f.Fatal(err)
	}
}

// standing returns the standing of a group.
func (f *fixture) standing(h *follower.Hub, group string) follower.Standing {
	f.Helper()
	all, err := h.Standings(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s follower.Standing) bool { return s.Name == group })
	if i < 0 {
		f.Fatalf("no group %s among %v", group, all)
	}
	return all[i]
}

// until waits for something to become true.
func (f *fixture) until(what string, ok func() bool) {
	f.Helper()
	for began := time.Now(); !ok(); {
		if time.Since(began) > deadline {
			f.Fatalf("%s did not happen within %s", what, deadline)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A record of what handlers were given.
type journal struct {
	mu        sync.Mutex
	positions []int64
}

func (j *journal) add(position int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.positions = append(j.positions, position)
}

func (j *journal) all() []int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.positions)
}

func (j *journal) has(position int64) bool { return slices.Contains(j.all(), position) }

// run runs a handler on a router of its own, and returns what stops it.
func (f *fixture) run(g *follower.Group, name string, handle message.NoPublishHandlerFunc, more ...message.HandlerMiddleware) (stop func()) {
	f.Helper()
	router, err := follower.NewRouter(quiet, deadline)
	if err != nil {
		f.Fatal(err)
	}
	router.AddMiddleware(more...)
	router.AddConsumerHandler(name, name, g, handle)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- router.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				f.Errorf("the router of %s: %v", name, err)
			}
		case <-time.After(deadline):
			f.Errorf("the router of %s did not stop", name)
		}
	})
	f.Cleanup(stop)
	select {
	case <-router.Running():
	case err := <-ended:
		f.Fatalf("the router of %s: %v", name, err)
	}
	return stop
}

// position returns the position of a message's event.
func position(m *message.Message) int64 {
	var p int64
	fmt.Sscan(m.Metadata.Get(follower.MetaPosition), &p)
	return p
}

// upTo returns the positions from one to another.
func upTo(from, to int64) []int64 {
	var all []int64
	for p := from; p <= to; p++ {
		all = append(all, p)
	}
	return all
}

var errFlaky = errors.New("not now")
