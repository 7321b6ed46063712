package history

import (
	"cmp"
	"slices"
	"strings"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

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

// cite returns the record of the first of some steps that tells a proposal's
// fate: its own or that of what it went into, else a forum's, else the cycle's.
// Of several of one stream it is the last that moved it, else the last. An
// overdue closing ends what was still looked at after the window's end only then:
// its own event stands in a later step of the same act.
func (w *world) cite(number string, steps []Step) event.Record {
	kin := w.kin(number)
	better := func(a, b event.Record) int {
		return cmp.Or(cmp.Compare(w.rank(a, kin), w.rank(b, kin)), cmp.Compare(a.Position, b.Position))
	}
	best := slices.MaxFunc(steps[0].Records, better)
	for _, s := range steps[1:] {
		if w.rank(best, kin) > ofForum {
			break
		}
		if s.Command == steps[0].Command {
			best = slices.MaxFunc(append(slices.Clone(s.Records), best), better)
		}
	}
	return best
}

// ofForum is how well the record of a forum tells it.
const ofForum = 2

// rank says how well a record tells the fate of a proposal with such kin.
func (w *world) rank(r event.Record, kin []string) int {
	switch r.Event.(type) {
	case cycle.Event:
		return 1
	case forum.Event:
		return ofForum
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
