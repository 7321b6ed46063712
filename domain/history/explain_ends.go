package history

import (
	"math/big"

	"runut/domain/event"
	"runut/domain/proposal"
)

// ends returns the leaves a proposal went into, and how much of it each holds.
// A component stays whole in its parent; a split divides by weight.
func (x *explaining) ends() []End {
	var out []End
	var walk func(number string, share *big.Rat, depth int)
	walk = func(number string, share *big.Rat, depth int) {
		p, held := x.last.states[number]
		if !held || depth > len(x.last.states) {
			out = append(out, End{Proposal: number, Fate: Unknown, part: part(share)})
			x.gap("not_held", number)
			return
		}
		switch {
		case p.Parent != "":
			weight, known := x.last.weight(number, p.Parent)
			if known && weight == 0 {
				out = append(out, End{Proposal: number, Fate: Dropped, State: p.At, part: part(share), dropped: true})
				return
			}
			walk(p.Parent, share, depth+1)
		case len(p.Parts) > 0:
			var of int64
			for _, w := range p.Weights {
				of += max(w, 0)
			}
			if of == 0 { // nothing of it is anywhere
				out = append(out, End{Proposal: number, Fate: Unknown, State: p.At, part: part(share)})
			}
			for i, n := range p.Parts {
				if of > 0 && i < len(p.Weights) && p.Weights[i] > 0 {
					walk(n, new(big.Rat).Mul(share, big.NewRat(p.Weights[i], of)), depth+1)
				}
			}
		default:
			out = append(out, x.end(p, share))
		}
	}
	walk(x.Proposal, big.NewRat(1, 1), 0)
	parts := make([]Part, len(out))
	for i := range out {
		parts[i] = out[i].part
	}
	for i, n := range apportion(Whole, parts) {
		out[i].Millionths = n
	}
	return out
}

// end returns what became of a leaf. One that waits where no way leads on is
// lost, though nothing has said so yet.
func (x *explaining) end(p proposal.State, share *big.Rat) End {
	chart := x.Charts.For(x.last.pins[p.Cycle])
	e := End{Proposal: p.Number, Fate: chart.Fate(p.At), State: p.At, part: part(share)}
	if s := chart.state(p.At); s != nil && s.stage >= 0 {
		e.Stage = chart.Stages[s.stage]
	}
	if e.Fate == Pending && !chart.CanWin(p, x.last.setting(p.Cycle)) {
		e.Fate = Dropped
	}
	if e.Fate == "" { // dissolved: its components went on without it
		e.Fate = Unknown
		x.gap("dissolved", p.Number)
	}
	return e
}

// lost reports whether a fate is one that a deciding act led to.
func lost(f Fate) bool {
	switch f {
	case Deferred, Dropped, Cancelled, Withdrawn:
		return true
	}
	return false
}

// decideAll finds the acts that settled the ends.
func (x *explaining) decideAll() {
	var gone []string
	for _, e := range x.out.Ends {
		if lost(e.Fate) {
			gone = append(gone, e.Proposal)
		}
	}
	x.turned = x.timeline.turnings(gone...)
	for i := range x.out.Ends {
		x.decide(&x.out.Ends[i])
	}
}

// decide finds the act that settled an end: for what was lost the point of no
// return, for what was won the act that won it.
func (x *explaining) decide(e *End) {
	switch {
	case e.Fate == Funded || e.Fate == Elsewhere:
		if r, ok := x.won(e.Proposal); ok {
			d := x.deciding(r, *e, x.last.states)
			x.out.Won = append(x.out.Won, d)
		}
	case e.Fate == Unknown:
		x.gap("unknown_state", e.Proposal)
	case lost(e.Fate):
		found, ok := x.turned[e.Proposal]
		if !ok {
			e.Fate = Unknown
			x.gap("no_point_of_no_return", e.Proposal)
			return
		}
		d := x.deciding(found.Record, *e, found.before)
		d.Kind, d.before = found.Kind, found.before[e.Proposal]
		if e.Stage == "" {
			e.Stage = d.Stage
		}
		x.out.Decisive = append(x.out.Decisive, d)
	}
}

// won returns the event by which a leaf first came to the goal that it still
// holds.
func (x *explaining) won(number string) (event.Record, bool) {
	var won event.Record
	found := false
	sequence := event.Sequence(x.Streams[proposal.Stream(number)], x.View)
	var p proposal.State
	for _, r := range sequence {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		p = proposal.Evolve(p, e, r.Envelope)
		switch fate := x.Charts.For(r.Definition).Fate(p.At); {
		case fate != Funded && fate != Elsewhere:
			found = false
		case !found:
			won, found = r, true
		}
	}
	return won, found
}
