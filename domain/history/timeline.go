package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain/event"
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
	var all []event.Record
	for _, records := range streams {
		all = append(all, event.Sequence(records, v)...)
	}
	slices.SortStableFunc(all, func(a, b event.Record) int {
		return cmp.Or(a.Effective().Compare(b.Effective()), cmp.Compare(a.Position, b.Position))
	})
	var steps []Step
	for _, r := range all {
		at := r.Effective()
		if n := len(steps); n > 0 && steps[n-1].Command == r.Command && steps[n-1].At.Equal(at) {
			steps[n-1].Records = append(steps[n-1].Records, r)
			continue
		}
		steps = append(steps, Step{Command: r.Command, At: at, Records: []event.Record{r}})
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
	Record event.Record // the proposal's own event in it, else the forum's, else the cycle's
	Kind   DecisionKind
}

// Decision returns the deciding step of a proposal: the last one before which it
// could still win and after which it never could. There is none for a proposal
// that still can or that has won, nor where it never could as far as is known:
// no answer is a guess.
func (t *Timeline) Decision(number string) (Decision, bool) {
	prospects := t.Prospects(number)
	last := len(prospects) - 1
	for last >= 0 && !prospects[last] {
		last--
	}
	if last < 0 || last == len(t.Steps) {
		return Decision{}, false
	}
	w := t.world()
	for _, s := range t.Steps[:last+1] {
		w.apply(s)
	}
	d := Decision{Step: last, Record: w.cite(number, t.Steps[last])}
	d.Kind = w.kind(d.Record)
	return d, true
}

// Fate returns what became of a proposal at the end of the timeline: the fate
// of the leaf it went into, and Dropped where its state is still open but no way
// leads on. It is "" for a split proposal, which has as many as it has parts.
func (t *Timeline) Fate(number string) Fate {
	w := t.world()
	for _, s := range t.Steps {
		w.apply(s)
	}
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
