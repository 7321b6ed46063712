package answer

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/reference"
)

// together is how many proposals are explained from one reading.
const together = 250

// Several explains many proposals, some hundred from one reading, and yields the
// answers in the order of the numbers. What many of them rest on, cycles, forums
// and grants, is read once.
func (d Desk) Several(ctx context.Context, numbers []string, v event.View, yield func(history.Explanation) error) error {
	if d.Shelf == nil {
		d.Shelf = new(Shelf)
	}
	for some := range slices.Chunk(numbers, together) {
		read, err := d.sources(ctx, some)
		if err != nil {
			return err
		}
		for _, x := range d.explain(some, v, read) {
			if err := yield(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// explain answers of what was read, on all processors.
func (d Desk) explain(numbers []string, v event.View, read map[string][]event.Record) []history.Explanation {
	out := make([]history.Explanation, len(numbers))
	now := time.Now()
	var taken atomic.Int64
	var working sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(numbers)) {
		working.Go(func() {
			for i := taken.Add(1) - 1; int(i) < len(numbers); i = taken.Add(1) - 1 {
				out[i] = history.Explain(history.Inquiry{Proposal: numbers[i], View: v, Charts: d.Charts, Streams: only(numbers[i], read), Now: now})
			}
		})
	}
	working.Wait()
	return out
}

// sources reads all that answers about some proposals rest on.
func (d Desk) sources(ctx context.Context, numbers []string) (map[string][]event.Record, error) {
	read := map[string][]event.Record{}
	var names []string
	want := func(name string) {
		if _, ok := read[name]; !ok {
			read[name] = nil
			names = append(names, name)
		}
	}
	want(reference.Stream("holidays"))
	for _, n := range numbers {
		want(proposal.Stream(n))
		want(cycle.Stream(proposal.Year(n)))
	}
	for range history.MostRounds {
		if len(names) == 0 || len(read) > together*history.MostStreams/10 {
			break
		}
		found, err := d.Shelf.streams(ctx, d.Store, names)
		if err != nil {
			return nil, err
		}
		fresh := make(map[string][]event.Record, len(names))
		for _, name := range names {
			read[name], fresh[name] = found[name], found[name]
		}
		names = nil
		for _, name := range history.Sources(numbers[0], fresh) {
			want(name)
		}
	}
	return read, nil
}

// only returns of what was read for many what the answer about one needs, so that
// it is the answer that Ask gives.
func only(number string, read map[string][]event.Record) map[string][]event.Record {
	mine := map[string][]event.Record{}
	for fresh := mine; ; {
		names := history.Sources(number, fresh)
		fresh = map[string][]event.Record{}
		for _, name := range names {
			if _, ok := mine[name]; !ok {
				mine[name], fresh[name] = read[name], read[name]
			}
		}
		if len(fresh) == 0 {
			return mine
		}
	}
}
