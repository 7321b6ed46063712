package answer

import (
	"context"
	"sync"

	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/eventstore"
)

// A Shelf keeps the histories that many answers rest on: of cycles, forums,
// grants and registers. A final list of some hundred proposals is read and decoded
// once, not for every one on it. Of what it keeps only what came since is read, by
// the query that reads the rest, so an answer is never behind the log. Histories
// of proposals are not kept: few ask for the same one, and its texts may be closed.
//
// The zero Shelf is empty; a nil one keeps nothing.
type Shelf struct {
	mu         sync.Mutex
	young, old map[string][]event.Record
	size       int // of young
}

// generation is how much each of the two generations of a Shelf holds, in events and
// entries of lists: some hundred bytes each.
const generation = 150_000

// needless are events that no answer rests on: drafts of lists, which are as long
// as the lists, and who came.
var needless = []string{"forum.list_ranked", "forum.attendance_recorded", "forum.minutes_issued"}

// streams reads several streams, each oldest first, as far as answers rest on
// them. A stream without events is absent.
func (s *Shelf) streams(ctx context.Context, store *eventstore.Store, names []string) (map[string][]event.Record, error) {
	if s == nil {
		s = new(Shelf)
	}
	held, versions := s.held(names)
	read, err := store.Beyond(ctx, versions, needless...)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]event.Record, len(names))
	for _, name := range names {
		records := held[name]
		if fresh := read[name]; len(fresh) > 0 {
			records = append(records[:len(records):len(records)], fresh...)
		}
		if len(records) > 0 {
			out[name] = records
		}
	}
	s.keep(out, held)
	return out, nil
}

// held returns what is kept of some streams, and the version of each.
func (s *Shelf) held(names []string) (held map[string][]event.Record, versions map[string]int) {
	held, versions = make(map[string][]event.Record), make(map[string]int, len(names))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		records, ok := s.young[name]
		if !ok {
			records, ok = s.old[name]
		}
		versions[name] = 0
		if ok {
			held[name], versions[name] = records, records[len(records)-1].Version
		}
	}
	return held, versions
}

// keep puts what was read on the shelf. When a generation is full, the one before
// is forgotten.
func (s *Shelf) keep(read, held map[string][]event.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, records := range read {
		if _, ok := proposal.NumberOf(name); ok {
			continue
		}
		if young, ok := s.young[name]; ok && len(young) >= len(records) {
			continue
		}
		if s.size >= generation || s.young == nil {
			s.young, s.old, s.size = map[string][]event.Record{}, s.young, 0
		}
		s.young[name] = records
		for _, r := range records {
			s.size += 1 + entries(r)
		}
	}
}

// entries is how many entries of lists an event holds.
func entries(r event.Record) int {
	switch e := r.Event.(type) {
	case *forum.ListFinalized:
		return len(e.Entries)
	case *forum.Corrected:
		return len(e.Entries)
	}
	return 0
}
