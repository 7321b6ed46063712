package history

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/proposal"
)

// A Step is one act: the records of one append that took effect together. The
// closing of a window with everything it ended is one step.
type Step struct {
	Command uuid.UUID
	At      time.Time      // when it took effect
	Records []event.Record // in the order of positions
}

// StepsOf returns the acts of several streams as they count under v, in the
// order they took effect. An append whose records took effect at several times,
// as an import's do, is a step at each of them.
func StepsOf(v event.View, streams ...[]event.Record) []Step {
	var sequences [][]event.Record
	count := 0
	for _, records := range streams {
		s := event.Sequence(records, v)
		sequences = append(sequences, s)
		count += len(s)
	}
	order := make([]*event.Record, 0, count) // records are large: pointers are sorted, then each is copied once
	for _, s := range sequences {
		for i := range s {
			order = append(order, &s[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *event.Record) int {
		return cmp.Or(a.Effective().Compare(b.Effective()), cmp.Compare(a.Position, b.Position))
	})
	all := make([]event.Record, count)
	for i, r := range order {
		all[i] = *r
	}
	var steps []Step
	for first := 0; first < count; {
		end, at := first+1, all[first].Effective()
		for end < count && all[end].Command == all[first].Command && all[end].Effective().Equal(at) {
			end++
		}
		steps = append(steps, Step{Command: all[first].Command, At: at, Records: all[first:end:end]})
		first = end
	}
	return steps
}

// A Timeline is everything that bears on what became of a lineage, act by act:
// its proposals, their cycles, their forums.
type Timeline struct {
	Steps  []Step
	charts *Charts
}

// NewTimeline returns the timeline of streams under v. The streams are those of
// every proposal of a family, of its cycles, and of the forums whose lists it
// stands on; what is left out is unknown.
func NewTimeline(v event.View, charts *Charts, streams ...[]event.Record) *Timeline {
	return &Timeline{StepsOf(v, streams...), charts}
}

// Prospects returns whether a proposal could still win, before the first step
// and after each of them. A merged proposal wins with its parent as long as it
// has weight there, a split one with any of its parts. What is not known,
// a definition or a parent, rules nothing out.
func (t *Timeline) Prospects(number string) []bool {
	w := t.world()
	out := []bool{w.wins(number)}
	for _, s := range t.Steps {
		w.apply(s)
		out = append(out, w.wins(number))
	}
	return out
}

// A DecisionKind is how a proposal's way to money was closed.
type DecisionKind string

// The kinds.
const (
	ByAct        DecisionKind = "act"        // somebody decided
	ByRule       DecisionKind = "rule"       // it fell below the line of a final list
	ByOmission   DecisionKind = "omission"   // nobody decided in time
	ByWithdrawal DecisionKind = "withdrawal" // its proposer took it back
	ByMigration  DecisionKind = "migration"  // the process itself was changed
)

// A Decision is the point of no return of a proposal.
type Decision struct {
	Step   int          // index of the deciding step
	Record event.Record // the proposal's own event of that act, else the forum's, else the cycle's
	Kind   DecisionKind
}

// Decision returns the deciding step of a proposal: the last one before which it
// could still win and after which it never could. There is none for a proposal
// that still can or that has won, nor where it never could as far as is known:
// no answer is a guess.
func (t *Timeline) Decision(number string) (Decision, bool) {
	d, ok := t.turnings(number)[number]
	return d.Decision, ok
}

// A turning is a decision, and how all proposals stood just before it.
type turning struct {
	Decision
	before map[string]proposal.State
}

// turnings returns the decisions on several proposals, those that have one, from
// two passes over the timeline.
func (t *Timeline) turnings(numbers ...string) map[string]turning {
	out := make(map[string]turning, len(numbers))
	if len(numbers) == 0 {
		return out
	}
	w := t.world()
	last := make(map[string]int, len(numbers)) // number → steps after which it could win, the most
	note := func(steps int) {
		for _, n := range numbers {
			if w.wins(n) {
				last[n] = steps
			}
		}
	}
	note(0)
	for i, s := range t.Steps {
		w.apply(s)
		note(i + 1)
	}
	turned := make(map[int][]string)
	for n, steps := range last {
		turned[steps] = append(turned[steps], n)
	}
	w = t.world()
	for i, s := range t.Steps {
		if len(turned[i]) == 0 {
			w.apply(s)
			continue
		}
		before := maps.Clone(w.states)
		w.apply(s)
		for _, n := range turned[i] {
			d := Decision{Step: i, Record: w.cite(n, t.Steps[i:])}
			d.Kind = w.kind(d.Record)
			out[n] = turning{d, before}
		}
	}
	return out
}

// end returns the world after the last step.
func (t *Timeline) end() *world {
	w := t.world()
	for _, s := range t.Steps {
		w.apply(s)
	}
	return w
}

// Fate returns what became of a proposal at the end of the timeline: the fate
// of the leaf it went into, and Dropped where its state is still open but no way
// leads on. It is "" for a split proposal, which has as many as it has parts.
func (t *Timeline) Fate(number string) Fate {
	w := t.end()
	for range len(w.states) {
		p := w.states[number]
		if p.Parent == "" {
			break
		}
		weight, held := w.weight(number, p.Parent)
		if !held {
			return Unknown
		}
		if weight == 0 {
			return Dropped
		}
		number = p.Parent
	}
	p := w.states[number]
	chart := w.charts.For(w.pins[p.Cycle])
	fate := chart.Fate(p.At)
	if fate == Pending && !chart.CanWin(p, w.setting(p.Cycle)) {
		return Dropped
	}
	return fate
}
