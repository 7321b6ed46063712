package answer

import (
	"context"
	"iter"
	"sync"

	"runut/domain/event"
	"runut/eventstore"
)

// atOnce is how many histories are read at once, and ahead how many such readings
// may wait for whoever looks at them: reading one, decoding another and looking at
// a third keep server and program busy at the same time.
const (
	atOnce = 1000
	ahead  = 2
)

// Histories yields the bare histories (eventstore.Store.Bare) of all streams whose
// names begin with a prefix and that begin in a fiscal year (0: in any), without
// events of some types, in the order of names. It reads on while the caller looks
// at them, and needs memory for some thousand.
func Histories(ctx context.Context, store *eventstore.Store, prefix string, year int, without []string) iter.Seq2[[]event.Record, error] {
	return func(yield func([]event.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var working sync.WaitGroup
		defer working.Wait()
		defer cancel()
		readings := make(chan *reading, ahead)
		working.Go(func() {
			defer close(readings)
			for after, more := "", true; more; {
				r := &reading{read: make(chan struct{})}
				r.names, r.err = store.Names(ctx, prefix, year, after, atOnce)
				if more = r.err == nil && len(r.names) == atOnce; more {
					after = r.names[atOnce-1]
				}
				working.Go(func() {
					defer close(r.read)
					if r.err == nil && len(r.names) > 0 {
						r.some, r.err = store.Bare(ctx, r.names, without...)
					}
				})
				select {
				case readings <- r:
				case <-ctx.Done():
					return
				}
			}
		})
		for r := range readings {
			<-r.read
			if r.err != nil {
				yield(nil, r.err)
				return
			}
			for _, name := range r.names {
				if records := r.some[name]; len(records) > 0 && !yield(records, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// A reading is some histories on their way.
type reading struct {
	names []string
	read  chan struct{} // closed when the rest stands
	some  map[string][]event.Record
	err   error
}
