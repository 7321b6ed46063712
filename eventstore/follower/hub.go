package follower

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore"
)

// Options of a Hub. The zero value is good.
type Options struct {
	Name       string        // of this process in Standings; "": host and process id
	Keep       int           // newest events held in memory for all followers; 0: 4096
	KeepBytes  int           // and bytes of them at most; 0: 64 MiB
	SaveEvery  int           // events after which a group's position is written at the latest; 0: 64
	SaveWithin time.Duration // time after which it is; 0: 250 ms
	Pause      time.Duration // before a failed event is handed over again, doubling; 0: 100 ms
	MaxPause   time.Duration // and no longer than this; 0: 30 s
	Poll       time.Duration // how often leadership is asked for and made sure of; 0: 500 ms
	Patience   time.Duration // how long closing waits for a handler at work; 0: 30 s
	Log        *slog.Logger  // nil: slog.Default()
}

// A Hub is one process's share in following a log. It is safe for concurrent use.
type Hub struct {
	store   *eventstore.Store
	pool    *pgxpool.Pool
	options Options
	tail    tail
	council council

	ctx   context.Context // until Close
	close context.CancelFunc
	tasks sync.WaitGroup

	mu     sync.Mutex
	groups map[string]bool // that this process follows as
}

// Open returns the hub of a process for the log that store keeps in the database
// of pool. It connects when somebody follows.
func Open(store *eventstore.Store, pool *pgxpool.Pool, o Options) *Hub {
	if o.Name == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "?"
		}
		o.Name = fmt.Sprintf("%s/%d", host, os.Getpid())
	}
	o.Keep = or(o.Keep, 4096)
	o.KeepBytes = or(o.KeepBytes, 64<<20)
	o.SaveEvery = or(o.SaveEvery, 64)
	o.SaveWithin = or(o.SaveWithin, 250*time.Millisecond)
	o.Pause = or(o.Pause, 100*time.Millisecond)
	o.MaxPause = or(o.MaxPause, 30*time.Second)
	o.Poll = or(o.Poll, 500*time.Millisecond)
	o.Patience = or(o.Patience, 30*time.Second)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	h := &Hub{store: store, pool: pool, options: o, groups: make(map[string]bool)}
	h.ctx, h.close = context.WithCancel(context.Background())
	h.tail.init(o.Keep, o.KeepBytes)
	h.council.init()
	return h
}

func or[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Close ends every follower, as closing each group does, and then the hub's
// connection. Routers are stopped before it, since they own their groups.
func (h *Hub) Close() {
	h.mu.Lock()
	h.close() // nothing is started after it
	h.mu.Unlock()
	h.tasks.Wait()
}

// spawn starts f, unless the hub is closed. Close waits for it.
func (h *Hub) spawn(f func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return false
	}
	h.tasks.Go(f)
	return true
}

// pause waits, or returns false because ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// backoff is a pause that doubles up to a bound. Its zero value begins anew.
type backoff struct{ last time.Duration }

func (b *backoff) next(first, most time.Duration) time.Duration {
	b.last = min(max(first, 2*b.last), most)
	return b.last
}
