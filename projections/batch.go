package projections

import (
	"context"
	"slices"
	"strings"
	"sync"

	"runut/domain/event"
	"runut/domain/history"
	"runut/eventstore"
)

// A Batch is a stretch of the log, and access to the histories of all streams
// as they stand at its end.
type Batch struct {
	Records  []event.Record // new events of the projection's streams, in the order of positions
	Last     int64          // position of the last event of the stretch; histories end there
	Building bool           // Records are whole histories, for tables that were empty

	source *source
	charts *history.Charts
	shared *lives
	view   event.View // by which proposals are read; the zero one for every projection
}

// Streams returns the streams that begin with prefix and have events in the
// batch, in the order in which they come.
func (b *Batch) Streams(prefix string) []string {
	var names []string
	seen := make(map[string]bool)
	for _, r := range b.Records {
		if !seen[r.Stream] && strings.HasPrefix(r.Stream, prefix) {
			seen[r.Stream] = true
			names = append(names, r.Stream)
		}
	}
	return names
}

// Histories returns the events of streams up to the end of the batch, each in
// the order of positions, by one query at most. A stream without events is
// absent. What is returned is shared: it may be read only.
func (b *Batch) Histories(ctx context.Context, streams []string) (map[string][]event.Record, error) {
	return b.source.histories(ctx, b.Last, streams)
}

// stretch is what the batches of several projections over the same events share.
type stretch struct {
	records []event.Record
	last    int64
	source  *source
	lives   *lives
	charts  *history.Charts
}

func newStretch(records []event.Record, last int64, source *source, charts *history.Charts) *stretch {
	return &stretch{records, last, source, &lives{byNumber: make(map[string]*life)}, charts}
}

// batch returns what of s concerns a projection.
func (s *stretch) batch(p *Projection, building bool) *Batch {
	return &Batch{Records: p.of(s.records), Last: s.last, Building: building, source: s.source, charts: s.charts, shared: s.lives}
}

// A source reads histories and keeps those used last, because projections ask
// for the same ones, and batches come back to the same streams. It may forget
// anything at any time.
type source struct {
	store *eventstore.Store
	most  int // records kept in each generation

	mu         sync.Mutex
	at         int64                     // position up to which what is kept is whole
	young, old map[string][]event.Record // an empty history is kept too
	size       int                       // records in young
}

func newSource(store *eventstore.Store, at int64) *source {
	return &source{store: store, most: 60_000, at: at, young: map[string][]event.Record{}}
}

// advance tells the source what a stretch of the log after a position holds, so
// that histories it keeps stay whole.
func (s *source) advance(after int64, records []event.Record, last int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last <= s.at {
		return
	}
	if s.at != after || slices.ContainsFunc(records, closesElsewhere) {
		s.young, s.old, s.size, s.at = map[string][]event.Record{}, nil, 0, last
		return
	}
	for _, r := range records {
		for _, kept := range []map[string][]event.Record{s.young, s.old} {
			if history, ok := kept[r.Stream]; ok {
				kept[r.Stream] = append(slices.Clip(history), r)
			}
		}
	}
	s.at = last
}

func (s *source) histories(ctx context.Context, at int64, streams []string) (map[string][]event.Record, error) {
	out := make(map[string][]event.Record, len(streams))
	s.mu.Lock()
	defer s.mu.Unlock() // held while reading: another projection wants the same
	keep := at == s.at
	var missing []string
	for _, name := range streams {
		history, ok := s.young[name]
		if !ok {
			if history, ok = s.old[name]; ok && keep {
				s.put(name, history)
			}
		}
		if !ok || !keep {
			missing = append(missing, name)
		} else if len(history) > 0 {
			out[name] = history
		}
	}
	const atOnce = 1000
	for names := range slices.Chunk(missing, atOnce) {
		read, err := s.store.Streams(ctx, names)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			history := upTo(read[name], at)
			if keep {
				s.put(name, history)
			}
			if len(history) > 0 {
				out[name] = history
			}
		}
	}
	return out, nil
}

// put keeps a history. When a generation is full, the one before is forgotten.
func (s *source) put(name string, history []event.Record) {
	if s.size >= s.most {
		s.young, s.old, s.size = map[string][]event.Record{}, s.young, 0
	}
	s.young[name] = history
	s.size += len(history) + 1
}

// upTo returns the records up to a position.
func upTo(records []event.Record, at int64) []event.Record {
	i, _ := slices.BinarySearchFunc(records, at+1, func(r event.Record, p int64) int {
		switch {
		case r.Position < p:
			return -1
		case r.Position > p:
			return 1
		}
		return 0
	})
	return records[:i:i]
}
