package eventstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"runut/domain"
)

const (
	maxMembers = 256     // of a batch; beyond it only latency grows
	maxBytes   = 4 << 20 // of a batch
	maxEvents  = 2048    // of a batch

	largeEvents = 1000    // an append with more goes by COPY, alone
	largeBytes  = 2 << 20 // or with more bytes

	// fill is how long a batch waits for callers that are expected back. Without
	// it they split into two halves that wait for each other's fsync.
	fill = 300 * time.Microsecond

	closingGrace = 2 * time.Second // for a database that is away when the store is closed
)

// A committer writes what its callers append, many at a time. Its goroutine
// takes them off the queue, except that a caller who is alone writes for himself.
type committer struct {
	store *Store
	queue chan *member

	// closed is held for reading by callers on their way into the queue, so that
	// none gets there after the last look into it.
	closing sync.RWMutex
	closed  bool

	// active is how many callers there lately were: those of the last batch, and
	// those held or queued when it was done.
	active atomic.Int32

	writing sync.Mutex // guards what follows
	conn    *appender  // nil when not connected
	batch   batch
}

func newCommitter(ctx context.Context, s *Store) (*committer, error) {
	conn, err := s.appender(ctx)
	if err != nil {
		return nil, err
	}
	return &committer{store: s, queue: make(chan *member, s.options.Queue), conn: conn}, nil
}

// append writes m and returns once its answer stands.
func (c *committer) append(ctx context.Context, m *member) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.alone(m) {
		return m.err
	}
	m.done = make(chan struct{})
	err := c.enqueue(m)
	if err == nil {
		c.store.count.waiting.Add(1)
		defer c.store.count.waiting.Add(-1)
		select {
		case <-m.done:
			return m.err
		case <-ctx.Done():
			err = ctx.Err()
		}
		if !m.taken.CompareAndSwap(false, true) {
			return unanswered(m.command.String(), err)
		}
	}
	// nobody will send it (again)
	if m.open {
		return unanswered(m.command.String(), err)
	}
	return err
}

func (c *committer) enqueue(m *member) error {
	c.closing.RLock()
	defer c.closing.RUnlock()
	if c.closed {
		return domain.Refuse(domain.Unready, "log.closed")
	}
	select {
	case c.queue <- m:
		return nil
	default:
		return domain.Refuse(domain.Exhausted, "log.busy")
	}
}

// alone writes m at once if nobody else is appending: there is nothing to gather
// then, and two changes of goroutine to save. It returns false where m is still
// to be written, or its outcome open.
func (c *committer) alone(m *member) bool {
	if c.active.Load() > 1 || !c.writing.TryLock() {
		return false
	}
	defer c.writing.Unlock()
	if c.conn == nil || len(c.queue) > 0 || c.store.isClosing() {
		return false
	}
	c.batch.arrange([]*member{m})
	err := c.attempt()
	c.active.Store(1 + int32(len(c.queue)))
	if err == nil {
		c.store.appended(m)
		return true
	}
	switch judge(c.conn.conn, err) {
	case badData:
		m.err = fmt.Errorf("eventstore: append: %w", err)
		return true
	case unknown:
		m.open = true
		c.disconnect()
	}
	return false
}

// run writes batches until the store is closed and everything is answered.
func (c *committer) run() {
	defer func() {
		c.writing.Lock()
		defer c.writing.Unlock()
		c.disconnect()
	}()
	timer := time.NewTimer(time.Hour)
	var held []*member
	for {
		gathered := held
		if len(gathered) == 0 {
			m, ok := c.next()
			if !ok {
				return
			}
			gathered = append(gathered, m)
		}
		c.writing.Lock()
		gathered = c.gather(gathered, timer)
		held = c.write(gathered)
		c.writing.Unlock()
	}
}

// next waits for the first member of a batch; false when there will be none.
func (c *committer) next() (*member, bool) {
	select {
	case m := <-c.queue:
		return m, true
	case <-c.store.closing:
	}
	c.closing.Lock()
	c.closed = true
	c.closing.Unlock()
	select {
	case m := <-c.queue:
		return m, true
	default:
		return nil, false
	}
}

// gather adds to a batch what is queued and waits a little for as many callers
// as there lately were.
func (c *committer) gather(batch []*member, timer *time.Timer) []*member {
	events, size := 0, 0
	for _, m := range batch {
		events, size = events+len(m.rows), size+m.size
	}
	expected := int(c.active.Load())
	var late <-chan time.Time
	for len(batch) < maxMembers && events < maxEvents && size < maxBytes {
		var m *member
		select {
		case m = <-c.queue:
		default:
			if len(batch) >= expected {
				return batch
			}
			if late == nil {
				timer.Reset(fill)
				late = timer.C
			}
			select {
			case m = <-c.queue:
			case <-late:
				return batch
			}
		}
		batch = append(batch, m)
		events, size = events+len(m.rows), size+m.size
	}
	return batch
}

// write writes what was gathered, answers it, and returns what is to be written
// in the next batch.
func (c *committer) write(gathered []*member) (held []*member) {
	live := gathered[:0]
	for _, m := range gathered {
		// whoever was held has been taken already; the others may be gone
		if m.again || m.taken.CompareAndSwap(false, true) {
			m.again = false
			live = append(live, m)
		}
	}
	held = c.batch.arrange(live)
	for _, m := range held {
		m.again = true // still ours
	}
	written := slices.Clone(c.batch.members)
	c.send()
	var again []*member // they came before those that were held
	for _, m := range written {
		if m.again {
			again = append(again, m)
		}
	}
	held = append(again, held...)
	c.active.Store(int32(len(written) - len(again) + len(held) + len(c.queue)))
	for _, m := range written {
		if !m.again {
			close(m.done)
		}
	}
	return held
}

// send writes the arranged batch, again and again while the outcome is open or
// the database away, and answers its members in the end.
func (c *committer) send() {
	members := slices.Clone(c.batch.members)
	if len(members) == 0 {
		return
	}
	var giveUp time.Time
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := c.attempt()
		if err == nil {
			c.store.appended(members...)
			return
		}
		kind := notNow
		if c.conn != nil {
			kind = judge(c.conn.conn, err)
		}
		switch kind {
		case badData:
			c.oneByOne(members, err)
			return
		case unknown:
			for _, m := range members {
				m.open = true
			}
			c.disconnect()
		case notNow:
			if becameReplica(err) {
				c.disconnect()
			}
		}
		c.store.count.resent.Add(1)
		if giveUp.IsZero() {
			giveUp = time.Now().Add(c.store.options.GiveUp)
			c.store.options.Log.Warn("append failed, trying again", "commands", len(members), "error", err)
		}
		if c.store.isClosing() { // whoever closes will not wait for a database that is away
			giveUp = earlier(giveUp, time.Now().Add(closingGrace))
		}
		if time.Now().After(giveUp) {
			for _, m := range members {
				m.err = unready(err)
				if m.open {
					m.err = unanswered(m.command.String(), err)
				}
			}
			return
		}
		time.Sleep(pause)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// attempt sends the arranged batch once.
func (c *committer) attempt() error {
	if c.conn == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		conn, err := c.store.appender(ctx)
		if err != nil {
			return err
		}
		c.conn = conn
	}
	if m := c.batch.members[0]; len(c.batch.members) == 1 && len(m.rows) == 1 {
		if written, err := c.conn.writeOne(m); written || err != nil {
			return err
		}
	}
	return c.conn.writeMany(&c.batch)
}

// oneByOne finds the members whose data the server will not take.
func (c *committer) oneByOne(members []*member, err error) {
	if len(members) == 1 {
		members[0].err = fmt.Errorf("eventstore: append: %w", err)
		return
	}
	for _, m := range members {
		c.batch.arrange([]*member{m})
		c.send()
	}
}

func (c *committer) disconnect() {
	if c.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.conn.conn.Close(ctx)
	c.conn = nil
}

// appended counts what one call of the database did for members, and wakes those
// who wait for it.
func (s *Store) appended(members ...*member) {
	s.count.batches.Add(1)
	var commands, events, conflicts, last int64
	for _, m := range members {
		switch {
		case m.known, m.again:
		case m.err != nil:
			conflicts++
		default:
			commands++
			events += int64(len(m.rows))
			last = max(last, m.first+int64(len(m.rows))-1)
		}
	}
	s.count.commands.Add(commands)
	s.count.events.Add(events)
	s.count.conflicts.Add(conflicts)
	s.wake.advance(last)
}

func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}
