package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
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

// A world is all states at one moment of a timeline.
type world struct {
	charts   *Charts
	states   map[string]proposal.State // those not handed in yet stand where they will be
	settings map[int]*Setting
	pins     map[int]string // cycle → hash of the definition in force
}

// world returns the world before the first step.
func (t *Timeline) world() *world {
	w := &world{t.charts, make(map[string]proposal.State), make(map[int]*Setting), make(map[int]string)}
	for _, s := range t.Steps {
		for _, r := range s.Records {
			e, isEvent := r.Event.(proposal.Event)
			number, ok := proposal.NumberOf(r.Stream)
			if _, seen := w.states[number]; !ok || !isEvent || seen {
				continue
			}
			born := proposal.Evolve(proposal.State{}, e, r.Envelope)
			unborn := proposal.State{Number: number, Cycle: born.Cycle}
			unborn.Village, unborn.OPD = born.Village, born.OPD
			w.states[number] = unborn
		}
	}
	return w
}

func (w *world) apply(s Step) {
	for _, r := range s.Records {
		if r.Definition != "" && w.pins[r.Cycle] == "" {
			w.pins[r.Cycle] = r.Definition // where the cycle's own stream is not at hand
		}
		switch e := r.Event.(type) {
		case proposal.Event:
			if number, ok := proposal.NumberOf(r.Stream); ok {
				p := w.states[number]
				if p.At == "" {
					p = proposal.State{}
				}
				w.states[number] = proposal.Evolve(p, e, r.Envelope)
			}
		case *cycle.Opened:
			w.pins[r.Cycle] = e.Definition.Hash
		case *cycle.DefinitionMigrated:
			w.migrate(r.Cycle, e)
		default:
			w.setting(r.Cycle).apply(r)
		}
	}
}

// migrate moves every proposal of a cycle to its place in another definition.
func (w *world) migrate(year int, e *cycle.DefinitionMigrated) {
	w.pins[year] = e.To.Hash
	for number, p := range w.states {
		if to, ok := e.Map[string(p.At)]; ok && p.Cycle == year {
			p.At = workflow.State(to)
			w.states[number] = p
		}
	}
}

func (w *world) setting(year int) *Setting {
	s := w.settings[year]
	if s == nil {
		s = newSetting()
		w.settings[year] = s
	}
	return s
}

// weight returns the weight a proposal has in a parent, and whether the parent
// is held and knows of it.
func (w *world) weight(number, parent string) (int64, bool) {
	for _, c := range w.states[parent].Components {
		if c.Child == number {
			return c.Weight, true
		}
	}
	return 0, false
}

// wins reports whether a proposal can still win as things stand.
func (w *world) wins(number string) bool { return w.follow(number, len(w.states)) }

// follow is wins over at most so many merges and splits; no sound log has a
// longer lineage than proposals.
func (w *world) follow(number string, depth int) bool {
	p, held := w.states[number]
	if !held || depth < 0 {
		return true
	}
	switch {
	case p.Parent != "":
		weight, known := w.weight(number, p.Parent)
		return !known || weight > 0 && w.follow(p.Parent, depth-1)
	case len(p.Parts) > 0:
		return slices.ContainsFunc(p.Parts, func(part string) bool { return w.follow(part, depth-1) })
	}
	chart := w.charts.For(w.pins[p.Cycle])
	return chart.Definition == nil || chart.CanWin(p, w.setting(p.Cycle))
}

// cite returns the record of a step that tells a proposal's fate: its own or
// that of what it went into, else a forum's, else the cycle's. Of several of
// one stream it is the last that moved it, else the last.
func (w *world) cite(number string, s Step) event.Record {
	kin := w.kin(number)
	return slices.MaxFunc(s.Records, func(a, b event.Record) int {
		return cmp.Or(cmp.Compare(w.rank(a, kin), w.rank(b, kin)), cmp.Compare(a.Position, b.Position))
	})
}

// rank says how well a record tells the fate of a proposal with such kin.
func (w *world) rank(r event.Record, kin []string) int {
	switch r.Event.(type) {
	case cycle.Event:
		return 1
	case forum.Event:
		return 2
	}
	number, _ := proposal.NumberOf(r.Stream)
	at := slices.Index(kin, number)
	switch {
	case at < 0:
		return 0
	case w.states[number].Last == r.ID:
		return 2*at + 4
	}
	return 2*at + 3
}

// kin returns a proposal and what it went into, the nearest to the end last.
func (w *world) kin(number string) []string {
	out := []string{number}
	for i := 0; i < len(out) && len(out) <= len(w.states); i++ {
		p := w.states[out[i]]
		if p.Parent != "" {
			out = append(out, p.Parent)
		}
		out = append(out, p.Parts...)
	}
	return out
}

// kind says how a record closed the way.
func (w *world) kind(r event.Record) DecisionKind {
	switch e := r.Event.(type) {
	case *proposal.Withdrawn:
		return ByWithdrawal
	case *proposal.BelowCutoff:
		if w.setting(r.Cycle).Lists[e.List] {
			return ByRule
		}
	case *proposal.LeftOut:
		return byClosing(e.Closing)
	case *proposal.Lapsed:
		return byClosing(e.Closing)
	case *proposal.Unfinished:
		return byClosing(e.Closing)
	case *forum.ListFinalized:
		return ByRule
	case *cycle.DefinitionMigrated:
		return ByMigration
	case *cycle.WindowClosed, *cycle.DocumentAdopted, *cycle.Closed:
		return ByOmission
	case proposal.Event:
		if strings.HasPrefix(e.Base().Via, "close:") {
			return ByOmission
		}
	}
	return ByAct
}

func byClosing(c proposal.Closing) DecisionKind {
	switch {
	case c.Window == "":
		return ByAct
	case c.Kind == workflow.KindRule:
		return ByRule
	}
	return ByOmission
}
