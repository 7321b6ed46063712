package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/event"
)

// Options say what log a Store keeps.
type Options struct {
	Catalog *event.Catalog // every type of event there is; required
	Sealer  Sealer         // nil: an event that holds a secret cannot be appended
	Tenant  string         // kode wilayah of the kabupaten whose log this is; "": whatever the commands say

	// AllowUnsafe accepts a server that may lose what it acknowledged (fsync or
	// synchronous_commit off). It is for throw-away test clusters alone.
	AllowUnsafe bool

	Queue  int              // how many commands may wait before Append refuses; 0: 4096
	GiveUp time.Duration    // how long a lost database is tried again before callers are told; 0: 30 s
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: slog.Default(); lost connections, nothing else
}

// A Sealer encrypts what must not be readable in the log. Package vault has one.
type Sealer interface {
	// Seal returns one ciphertext an item, in their order. What is known of a
	// person is sealed under that person's key: subject is the person's stream.
	// Without a subject each item gets a key of its own, for its event and field.
	Seal(ctx context.Context, subject string, items []Item) ([][]byte, error)
}

// An Item is one value to be sealed.
type Item struct {
	Event uuid.UUID
	Field string // JSON pointer in the event: "/name"; "/problem#0" is the first span of a text
	Plain []byte // 32 random bytes that key the value's commitment, then the value
}

// A Store appends to and reads one log. It is safe for concurrent use.
type Store struct {
	pool    *pgxpool.Pool
	options Options
	commit  *committer
	bulk    chan *pgx.Conn // holds the one connection of large appends, nil when not connected
	wake    wake
	known   known
	halted  atomic.Pointer[error]
	closing chan struct{}
	closed  sync.Once
	running sync.WaitGroup
	count   counters
}

// Open returns the store in the database of pool. It refuses a server that may
// lose what it acknowledged, a replica, and a log that belongs to another tenant.
//
// The store reads through the pool and keeps up to three connections of its own:
// one that appends, one for large appends once there is one, and one that
// listens once somebody waits.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Store, error) {
	if o.Catalog == nil {
		return nil, errors.New("eventstore: no catalogue of event types")
	}
	if o.Queue == 0 {
		o.Queue = 4096
	}
	if o.GiveUp == 0 {
		o.GiveUp = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Store{pool: pool, options: o, bulk: make(chan *pgx.Conn, 1), closing: make(chan struct{})}
	s.bulk <- nil
	s.wake.init()
	if err := s.ownedByTenant(ctx); err != nil {
		return nil, err
	}
	c, err := newCommitter(ctx, s)
	if err != nil {
		return nil, err
	}
	s.commit = c
	s.running.Go(c.run)
	return s, nil
}

// ownedByTenant refuses the log of another kabupaten: one database, one log.
func (s *Store) ownedByTenant(ctx context.Context) error {
	var tenant string
	err := s.pool.QueryRow(ctx, `select tenant from events order by position desc limit 1`).Scan(&tenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("eventstore: open the log: %w", err)
	}
	if s.options.Tenant != "" && tenant != s.options.Tenant {
		return domain.Refuse(domain.Unready, "log.other_tenant", "want", s.options.Tenant, "observed", tenant)
	}
	return nil
}

// Halt makes every append and decision from now on fail with reason, until Halt
// is called with nil. Who finds that the log is not what it was calls it: reads
// go on. An append that is under way comes to its end.
func (s *Store) Halt(reason error) {
	if reason == nil {
		s.halted.Store(nil)
		return
	}
	s.halted.Store(&reason)
}

// mayAppend returns why nothing is appended, nil where it is.
func (s *Store) mayAppend() error {
	if reason := s.halted.Load(); reason != nil {
		return *reason
	}
	return nil
}

// Close refuses further appends, waits until those under way are answered and
// ends the store's own connections. The pool stays open.
func (s *Store) Close() {
	s.closed.Do(func() {
		s.wake.mu.Lock() // the listener starts before this or not at all
		defer s.wake.mu.Unlock()
		close(s.closing)
	})
	s.running.Wait()
	conn := <-s.bulk
	if conn != nil {
		conn.Close(context.Background())
	}
	s.bulk <- nil
}

// Stats count what a Store did since it was opened.
type Stats struct {
	Commands  int64 // appended
	Events    int64 // appended
	Batches   int64 // calls of the database that appended them
	Conflicts int64 // commands that found a stream at another version
	Known     int64 // commands that were answered with an earlier receipt
	Resent    int64 // batches sent again because the outcome was open
	Waiting   int64 // commands that wait for their batch now
}

type counters struct{ commands, events, batches, conflicts, known, resent, waiting atomic.Int64 }

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	return Stats{
		Commands: s.count.commands.Load(), Events: s.count.events.Load(), Batches: s.count.batches.Load(),
		Conflicts: s.count.conflicts.Load(), Known: s.count.known.Load(), Resent: s.count.resent.Load(),
		Waiting: s.count.waiting.Load(),
	}
}
