package projections

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

const proposals = "proposal-" // prefix of the streams of proposals

// A life is the history of one proposal, made ready for whatever is made of it.
type life struct {
	number string
	charts *history.Charts
	chart  *history.Chart // of the last event that counts
	all    []event.Record // as recorded, texts that were closed taken out
	seq    []event.Record // as they count: corrected, in effective order
	state  proposal.State // what seq amounts to
	node   history.Node
}

// last returns the event recorded last.
func (l *life) last() event.Record { return l.all[len(l.all)-1] }

// stage returns the name of a stage of the definition the proposal walks by.
func (l *life) stage(i int) string {
	if i < 0 || i >= len(l.chart.Stages) {
		return ""
	}
	return l.chart.Stages[i]
}

// stages returns the names of a set of stages, in their order.
func (l *life) stages(set history.StageSet) []string {
	names := []string{}
	for i := range set.All() {
		names = append(names, l.stage(i))
	}
	return names
}

func liveOf(number string, records []event.Record, view event.View, charts *history.Charts) *life {
	l := &life{number: number, charts: charts, all: closed(records)}
	l.seq = event.Sequence(l.all, view)
	l.state = proposal.Fold(l.seq)
	hash := ""
	if n := len(l.seq); n > 0 {
		hash = l.seq[n-1].Definition
	}
	l.chart = charts.For(hash)
	l.node = l.chart.Node(l.seq)
	if l.node.Number == "" { // all of it was struck out
		l.node.Number = number
	}
	l.state.Number, l.state.Cycle = number, proposal.Year(number)
	return l
}

// named yields the numbers of the proposals that records tie theirs to by
// merging or splitting, and by carry-over where that is wanted, whether it still
// stands or not: what becomes of one may bear on the other.
func named(records []event.Record, carried bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range records {
			var tied []string
			switch e := r.Event.(type) {
			case *proposal.Merged:
				tied = []string{e.Parent}
			case *proposal.FormedByMerge:
				for _, c := range e.Components {
					tied = append(tied, c.Child)
				}
			case *proposal.Split:
				tied = e.Parts
			case *proposal.FormedBySplit:
				tied = []string{e.Whole}
			case *proposal.Continued:
				if carried {
					tied = []string{e.Previous}
				}
			case *proposal.CarriedOver:
				if carried {
					tied = []string{e.Next}
				}
			}
			for _, n := range tied {
				if n != "" && !yield(n) {
					return
				}
			}
		}
	}
}

// lives are proposals read as they stand at the end of a batch, kept for all
// projections that are given the same stretch of the log.
type lives struct {
	mu       sync.Mutex
	byNumber map[string]*life
}

// lives returns the proposals of streams as they count now, those without an
// event left out.
func (b *Batch) lives(ctx context.Context, streams []string) (map[string]*life, error) {
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	out := make(map[string]*life, len(streams))
	var missing []string
	for _, s := range streams {
		number := strings.TrimPrefix(s, proposals)
		if l, ok := b.shared.byNumber[number]; !ok {
			missing = append(missing, s)
		} else if l != nil {
			out[number] = l
		}
	}
	histories, err := b.Histories(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, s := range missing {
		number := strings.TrimPrefix(s, proposals)
		var l *life
		if records := histories[s]; len(records) > 0 {
			l = liveOf(number, records, b.view, b.charts)
			out[number] = l
		}
		b.shared.byNumber[number] = l
	}
	return out, nil
}

// A kinship is proposals with all they are tied to by merging and splitting.
type kinship struct {
	lives   map[string]*life
	numbers []string // of all of them, in order
	lineage *history.Lineage
}

// kin returns the families of the proposals of streams.
func (b *Batch) kin(ctx context.Context, streams []string) (*kinship, error) {
	return b.tied(ctx, streams, false)
}

// tied is kin with what families carried over to other cycles, where that is
// wanted.
func (b *Batch) tied(ctx context.Context, streams []string, carried bool) (*kinship, error) {
	k := &kinship{lives: make(map[string]*life)}
	asked := make(map[string]bool)
	for next := streams; len(next) > 0; {
		found, err := b.lives(ctx, next)
		if err != nil {
			return nil, err
		}
		maps.Copy(k.lives, found)
		for _, s := range next {
			asked[strings.TrimPrefix(s, proposals)] = true
		}
		next = nil
		for _, l := range found {
			for number := range named(l.all, carried) {
				if !asked[number] {
					asked[number] = true
					next = append(next, proposal.Stream(number))
				}
			}
		}
		slices.Sort(next)
	}
	k.trace()
	return k, nil
}

// trace finds out how the proposals hang together.
func (k *kinship) trace() {
	k.numbers = slices.Sorted(maps.Keys(k.lives))
	k.lineage = history.Trace(func(yield func(history.Node) bool) {
		for _, number := range k.numbers {
			if !yield(k.lives[number].node) {
				return
			}
		}
	})
}

// fresh returns b without the proposals it has read, for a Fold that reads very
// many one after the other.
func (b *Batch) fresh() *Batch {
	twin := *b
	twin.shared = &lives{byNumber: make(map[string]*life)}
	return &twin
}

// families calls f with the families of all proposals that have events in the
// batch, some at a time. due are the proposals whose rows are to be written: all
// of a family, for what happened to one bears on the others; where the tables
// are made anew those with events alone, since each comes in some batch.
func (b *Batch) families(ctx context.Context, w *Writer, f func(k *kinship, due []*life)) error {
	const atOnce = 1000
	done := make(map[string]bool)
	for streams := range slices.Chunk(b.Streams(proposals), atOnce) {
		k, err := b.kin(ctx, streams)
		if err != nil {
			return err
		}
		var due []*life
		if b.Building {
			for _, s := range streams {
				due = append(due, k.lives[strings.TrimPrefix(s, proposals)])
			}
		} else {
			for _, number := range k.numbers {
				if !done[number] {
					done[number] = true
					due = append(due, k.lives[number])
				}
			}
		}
		f(k, due)
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}
