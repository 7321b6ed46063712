package follower

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"runut/domain/event"
	"runut/eventstore"
)

// batchSize is how many events are read from the database at once.
const batchSize = 500

// An entry is one event as followers share it: decoded at most once in a
// process, by the first who needs it.
type entry struct {
	eventstore.Raw
	record func() (event.Record, error)
}

func (h *Hub) entry(raw eventstore.Raw) *entry {
	e := &entry{Raw: raw}
	e.record = sync.OnceValues(func() (event.Record, error) { return h.store.Decode(&e.Raw) })
	return e
}

// passes reports whether f lets an event through.
func passes(f eventstore.Filter, raw *eventstore.Raw) bool {
	return (len(f.Types) == 0 || slices.Contains(f.Types, raw.Type)) &&
		strings.HasPrefix(raw.Stream, f.StreamPrefix) &&
		(f.Cycle == 0 || f.Cycle == raw.Cycle)
}

// closers are the events by which something beside an earlier event is taken
// away. What was held before such an event is let go of, so that nobody is shown
// from memory what the log no longer holds.
var closers = []string{"proposal.text_redacted", "person.erased"}

// A tail holds the newest events of the log. Positions have no gaps, so event p
// stands at p modulo the length of the ring.
type tail struct {
	start sync.Once

	mu          sync.Mutex
	ring        []*entry
	first, last int64 // positions held: first to last; none while first > last
	bytes, most int
	grown       chan struct{} // closed and made anew when there is more
}

func (t *tail) init(keep, bytes int) {
	t.ring = make([]*entry, keep)
	t.most = bytes
	t.grown = make(chan struct{})
	t.last = -1 // not known yet: everybody waits
}

// begin says where the log ends before the first event that is held.
func (t *tail) begin(head int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first, t.last = head+1, head
	t.announce()
}

// add appends the events that follow the last one.
func (t *tail) add(entries []*entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range entries {
		for t.first <= t.last && (t.full(len(e.Record)) || slices.Contains(closers, e.Type)) {
			t.shift()
		}
		t.last++
		t.ring[t.last%int64(len(t.ring))] = e
		t.bytes += len(e.Record)
	}
	t.announce()
}

// full reports whether another size bytes have no room.
func (t *tail) full(size int) bool {
	return t.last-t.first+1 >= int64(len(t.ring)) || t.bytes+size > t.most
}

// shift lets go of the oldest event.
func (t *tail) shift() {
	slot := &t.ring[t.first%int64(len(t.ring))]
	t.bytes -= len((*slot).Record)
	*slot = nil
	t.first++
}

func (t *tail) announce() {
	close(t.grown)
	t.grown = make(chan struct{})
}

// after returns the held events after a position. Where there are none, either
// behind is set, and the database has them, or grown will be closed when there
// are.
func (t *tail) after(position int64, limit int) (entries []*entry, behind bool, grown <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if position >= t.last {
		return nil, false, t.grown
	}
	if position+1 < t.first {
		return nil, true, t.grown
	}
	until := min(t.last, position+int64(limit))
	entries = make([]*entry, 0, until-position)
	for p := position + 1; p <= until; p++ {
		entries = append(entries, t.ring[p%int64(len(t.ring))])
	}
	return entries, false, t.grown
}

// follow reads the log into the tail until the hub is closed. A database that
// cannot be reached is tried again: nobody is told anything but that there is
// nothing new.
func (h *Hub) follow() {
	last := int64(-1)
	var again backoff
	for h.ctx.Err() == nil {
		next, err := h.grow(last)
		if err == nil {
			last, again = next, backoff{}
			continue
		}
		if h.ctx.Err() != nil {
			return
		}
		h.options.Log.Warn("the log cannot be read; trying again", "position", last, "error", err)
		pause(h.ctx, again.next(100*time.Millisecond, 5*time.Second))
	}
}

// grow adds one batch to the tail, waiting for it where the log has no more.
func (h *Hub) grow(last int64) (int64, error) {
	if last < 0 {
		head, err := h.store.Head(h.ctx)
		if err == nil {
			h.tail.begin(head)
		}
		return head, err
	}
	raws, err := h.store.Batch(h.ctx, h.pool, last, batchSize)
	if err != nil {
		return last, err
	}
	if len(raws) == 0 {
		_, err := h.store.Wait(h.ctx, last)
		return last, err
	}
	h.tail.add(h.entries(raws))
	return raws[len(raws)-1].Position, nil
}

func (h *Hub) entries(raws []eventstore.Raw) []*entry {
	entries := make([]*entry, len(raws))
	for i, raw := range raws {
		entries[i] = h.entry(raw)
	}
	return entries
}

// read returns at most limit events after a position, waiting until there is one.
func (h *Hub) read(ctx context.Context, position int64, limit int) ([]*entry, error) {
	h.tail.start.Do(func() { h.spawn(h.follow) })
	for {
		entries, behind, grown := h.tail.after(position, limit)
		if len(entries) > 0 {
			return entries, nil
		}
		if behind {
			raws, err := h.store.Batch(ctx, h.pool, position, limit)
			if err != nil || len(raws) > 0 {
				return h.entries(raws), err
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-h.ctx.Done():
			return nil, errClosed
		}
	}
}
