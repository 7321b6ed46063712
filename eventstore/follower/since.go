package follower

import (
	"context"
	"errors"
	"iter"
	"time"

	"runut/domain/event"
	"runut/eventstore"
)

// errClosed ends what still follows when the hub is closed.
var errClosed = errors.New("follower: the hub was closed")

// Next waits for events after a position and returns up to limit of those that f
// lets through. It returns as soon as it has one and has looked at all there is;
// seen is the position up to which it has looked, from where to ask next.
//
// When ctx ends first it returns ctx's error, and what seen says still holds: a
// long poll whose time is up answers with no events and that position.
func (h *Hub) Next(ctx context.Context, after int64, limit int, f eventstore.Filter) (records []event.Record, seen int64, err error) {
	seen, limit = after, max(limit, 1)
	var again backoff
	for {
		entries, err := h.read(ctx, seen, batchSize)
		if err != nil {
			if ctx.Err() != nil || h.ctx.Err() != nil {
				return nil, seen, err
			}
			h.options.Log.Warn("the log cannot be read; trying again", "position", seen, "error", err)
			pause(ctx, again.next(100*time.Millisecond, 5*time.Second))
			continue
		}
		for _, e := range entries {
			if passes(f, &e.Raw) {
				r, err := e.record()
				if err != nil {
					return records, seen, err
				}
				records = append(records, r)
			}
			seen = e.Position
			if len(records) == limit {
				return records, seen, nil
			}
		}
		if len(records) > 0 {
			return records, seen, nil
		}
	}
}

// Since yields the events after a position that f lets through, and waits for
// more, until ctx ends or the hub is closed. It holds nothing between two events
// but its position, so whoever consumes it may be as slow as they like.
// An error is yielded once, at an event this program cannot read.
func (h *Hub) Since(ctx context.Context, after int64, f eventstore.Filter) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for {
			records, seen, err := h.Next(ctx, after, batchSize, f)
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
			if ctx.Err() != nil || h.ctx.Err() != nil {
				return
			}
			if err != nil {
				yield(event.Record{}, err)
				return
			}
			after = seen
		}
	}
}
