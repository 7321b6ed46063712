package answer

import (
	"context"
	"sync"
	"time"

	"runut/domain/event"
	"runut/domain/finding"
	"runut/domain/process"
	"runut/eventstore"
)

// Kept remembers what was worked out about a year at a position of the log. Going
// through a year takes seconds, and a page of it is one of many that ask: of
// several who ask for the same at once one works and the others wait. What was
// asked for longest ago is forgotten first, so that it holds so much and no more.
// The zero Kept is ready.
type Kept struct {
	mu      sync.Mutex
	held    map[question]*kept
	turn    int64 // counts up with every question
	anchors map[int]int64
}

// A question is what is remembered by.
type question struct {
	what      string
	year      int
	then, now event.View
}

// A kept is one answer, or the place where it will be.
type kept struct {
	work  chan struct{} // holds one token; whoever has it may work
	asked int64         // the turn it was last asked for
	value any           // nil until it stands
	size  int           // in entries
}

// What is held: at most so many answers, with at most so many entries between
// them. An entry is a proposal, a finding or a variant: some hundred bytes.
const (
	mostKept    = 48
	mostEntries = 300_000
)

// keep returns what make makes of a question, made once.
func keep[T any](ctx context.Context, k *Kept, q question, make func() (T, int, error)) (T, error) {
	e := k.entry(q)
	var none T
	select {
	case e.work <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	defer func() { <-e.work }()
	if e.value != nil {
		return e.value.(T), nil
	}
	made, size, err := make()
	if err != nil {
		k.forget(q, e)
		return none, err
	}
	e.value = made
	k.weigh(e, size)
	return made, nil
}

func (k *Kept) entry(q question) *kept {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held == nil {
		k.held = map[question]*kept{}
	}
	e := k.held[q]
	if e == nil {
		e = &kept{work: make(chan struct{}, 1)}
		k.held[q] = e
	}
	k.turn++
	e.asked = k.turn
	return e
}

// forget drops what could not be worked out; whoever waits for it tries again.
func (k *Kept) forget(q question, e *kept) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held[q] == e {
		delete(k.held, q)
	}
}

// weigh notes how large an answer is and forgets others until all fit.
func (k *Kept) weigh(e *kept, size int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e.size = size
	for {
		total := 0
		var oldest question
		var age int64
		for q, x := range k.held {
			total += x.size
			if x != e && (age == 0 || x.asked < age) {
				oldest, age = q, x.asked
			}
		}
		if age == 0 || len(k.held) <= mostKept && total <= mostEntries {
			return
		}
		delete(k.held, oldest) // whoever works on it still has it
	}
}

// Findings returns what is found in a year as far as was known at a position; 0
// for all there is. It returns the position that was looked up to.
func (k *Kept) Findings(ctx context.Context, d Desk, year int, known int64) ([]finding.Finding, int64, error) {
	known, err := d.upTo(ctx, known)
	if err != nil {
		return nil, 0, err
	}
	found, err := keep(ctx, k, question{what: "findings", year: year, now: event.View{Known: known}}, func() ([]finding.Finding, int, error) {
		found, err := d.Findings(ctx, year, known, nil)
		return found, len(found), err
	})
	return found, known, err
}

// Process returns how the work of a year went, as Findings does what was found.
func (k *Kept) Process(ctx context.Context, d Desk, year int, known int64) (process.Report, int64, error) {
	known, err := d.upTo(ctx, known)
	if err != nil {
		return process.Report{}, 0, err
	}
	report, err := keep(ctx, k, question{what: "process", year: year, now: event.View{Known: known}}, func() (process.Report, int, error) {
		report, err := d.Process(ctx, year, known, nil)
		return report, len(report.Variants) + len(report.Handovers) + len(report.Fitness.Misfits) + 60*len(report.Stages), err
	})
	return report, known, err
}

// upTo returns a position that there is: the head for 0 and for what is beyond.
func (d Desk) upTo(ctx context.Context, known int64) (int64, error) {
	if known == event.Nothing {
		return known, nil
	}
	head, err := d.Store.Head(ctx)
	if known == 0 || known > head {
		known = head
	}
	return known, err
}

// anchor returns a position up to known at which a year stood just as it does at
// known, so that what was worked out there is not worked out again because
// something happened in another year.
func (k *Kept) anchor(ctx context.Context, d Desk, year int, prefix string, known int64) (int64, error) {
	k.mu.Lock()
	at := k.anchors[year]
	k.mu.Unlock()
	if at > 0 && known <= at {
		return known, nil
	}
	if at > 0 {
		same := true
		for _, f := range []eventstore.Filter{{Cycle: year}, {StreamPrefix: prefix}} {
			for r, err := range d.Store.Since(ctx, at, 1, f) {
				if err != nil {
					return 0, err
				}
				same = same && r.Position > known
			}
		}
		if same {
			return at, nil
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.anchors == nil {
		k.anchors = map[int]int64{}
	}
	k.anchors[year] = known
	return known, nil
}

// recordedAt is when the last event up to a position was recorded: what still
// waits has waited until then.
func (d Desk) recordedAt(ctx context.Context, known int64) (time.Time, error) {
	if known <= 0 {
		return time.Time{}, nil
	}
	last, err := d.Store.At(ctx, known)
	return last.RecordedAt, err
}

// until returns the records up to a position.
func until(records []event.Record, position int64) []event.Record {
	for n := range records {
		if records[n].Position > position {
			return records[:n]
		}
	}
	return records
}
