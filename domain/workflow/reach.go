package workflow

import "slices"

// Reaches reports whether a proposal in from may still come to a state that has
// one of the goals (any goal, where none is given). It may take the transitions
// that open allows in the state it has come to; never a remedy, for a remedy is
// not a way to win. A proposal that is merged goes on as the parent, one that is
// split as any part.
//
// open sees the transition and the state it would be taken in, because some
// things bar a way from one state only: a final list bars whoever is below its
// line. A nil open allows everything.
func (d *Definition) Reaches(from State, open func(t *Transition, in State) bool, goals ...string) bool {
	seen := map[State]bool{from: true}
	for queue := []State{from}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		spec := d.States[s]
		if spec == nil {
			continue
		}
		if spec.Goal != "" && (len(goals) == 0 || slices.Contains(goals, spec.Goal)) {
			return true
		}
		for _, t := range d.Exits(s) {
			if t.Remedy || open != nil && !open(t, s) {
				continue
			}
			if next := t.continues(); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

// continues returns the state in which what a transition takes goes on: its own
// target, or the first state of the parent or the parts.
func (t *Transition) continues() State {
	switch {
	case t.Effect.Merge != nil:
		return t.Effect.Merge.ParentStartsIn
	case t.Effect.Split != nil:
		return t.Effect.Split.PartsStartIn
	}
	return t.To
}

// Path returns a shortest way from one state to another over transitions that
// are no remedies and absorb nobody, or nil. Of two that are equally short it
// is the one whose names come first. An observed jump needs a path, and names
// what it skipped.
func (d *Definition) Path(from, to State) []*Transition {
	came := map[State]*Transition{from: nil}
	before := map[State]State{}
	for queue := []State{from}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		if s == to {
			var path []*Transition
			for s != from {
				path = append(path, came[s])
				s = before[s]
			}
			slices.Reverse(path)
			return path
		}
		for _, t := range d.Exits(s) {
			if t.Remedy || t.Effect.Merge != nil || t.Effect.Split != nil {
				continue
			}
			if _, seen := came[t.To]; !seen {
				came[t.To], before[t.To] = t, s
				queue = append(queue, t.To)
			}
		}
	}
	return nil
}

// Strands reports whether nobody would ever end a proposal left in s: s is no
// end, and every closing row for it has run. ran says whether a window of the
// proposal's scope is closed for good as things stand: closed and not reopened.
// A command that strands is refused (check 26).
func (d *Definition) Strands(s State, ran func(window string) bool) bool {
	spec := d.States[s]
	if spec == nil || spec.Final != "" || s == d.Initial {
		return false
	}
	return !slices.ContainsFunc(d.RowsFor(s), func(w string) bool { return !ran(w) })
}

// Later returns the windows that may not end before w does, directly or in
// turn, in the order of stages: those an extension of w is measured against.
func (d *Definition) Later(w string) []string {
	var out []string
	for _, other := range d.WindowNames() {
		if other != w && d.follows(other, w) {
			out = append(out, other)
		}
	}
	return out
}

// follows reports whether window a may not end before b, directly or in turn.
func (d *Definition) follows(a, b string) bool { return d.before[a][b] }
