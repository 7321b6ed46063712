package history

import (
	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// CanWin reports whether a proposal may still come to one of the goals, funded
// or elsewhere where none is named, as it and the world stand: by transitions
// that are no remedies, through windows that are open for its village,
// kecamatan and OPD.
//
// A window that nobody opened yet counts as open until a document of its stage or
// a later one is adopted: years that were imported have documents and no
// windows. In a closed cycle no way leads on. Who is below the line of a final list that
// stands does not climb over it by another list. A transfer leads only to an
// office whose own windows lead on. A proposal that is merged or split goes on
// as the parent or any part would from their beginning; see Timeline for what
// became of them in fact.
func (c *Chart) CanWin(p proposal.State, s *Setting, wanted ...string) bool {
	from, ok := c.at[p.At]
	if p.At == "" {
		from, ok = c.begin, len(c.states) > 0
	}
	if !ok {
		return false
	}
	q := question{from: from, open: c.open(p, s), goals: goalsOf(wanted)}
	if s.Closed {
		return c.states[from].goal&q.goals != 0
	}
	if here := &c.states[from]; here.line && here.stage >= 0 {
		q.barred = s.Lists[p.Lists[c.Stages[here.stage]].List]
	}
	a := c.ask(q)
	return a.wins || a.hands && c.winsElsewhere(p, s, q)
}

// A question is what an answer depends on: where a proposal stands, which
// windows are open for it, and whether a final list bars it.
type question struct {
	from   int
	open   uint64 // windows, the first in the lowest bit
	goals  goals
	barred bool
}

// An answer says whether a goal is reached without a transfer, and whether on
// the way there is a transfer to be taken.
type answer struct{ wins, hands bool }

// ask answers q, from memory where it was asked before.
func (c *Chart) ask(q question) answer {
	c.mu.RLock()
	a, known := c.found[q]
	c.mu.RUnlock()
	if known {
		return a
	}
	seen := make([]bool, len(c.states))
	seen[q.from] = true
	for queue := []int{q.from}; len(queue) > 0 && !a.wins; queue = queue[1:] {
		s := &c.states[queue[0]]
		a.wins = s.goal&q.goals != 0
		for _, w := range s.ways {
			if q.allows(w, queue[0]) && !seen[w.to] {
				seen[w.to] = true
				queue = append(queue, w.to)
			}
		}
		for _, h := range s.hops {
			a.hands = a.hands || q.opens(h.window)
		}
	}
	c.mu.Lock()
	c.found[q] = a
	c.mu.Unlock()
	return a
}

// opens reports whether window i is open; what has no window always is.
func (q question) opens(i int) bool { return i < 0 || q.open>>i&1 == 1 }

// allows reports whether a way may be taken from a state.
func (q question) allows(w way, from int) bool {
	return q.opens(w.window) && !(q.barred && w.byList && from == q.from)
}

// winsElsewhere answers q for a proposal that may change offices on the way. It
// walks every pair of a state and an office that transfers reach.
func (c *Chart) winsElsewhere(p proposal.State, s *Setting, q question) bool {
	asked := []question{q} // per office, its own first: what is open for a proposal that is with it
	own := p.OPD
	for _, opd := range s.offices() {
		if opd != own {
			p.OPD = opd
			asked = append(asked, question{from: q.from, open: c.open(p, s), goals: q.goals, barred: q.barred})
		}
	}
	type spot struct{ state, office int }
	seen := map[spot]bool{{q.from, 0}: true}
	queue := []spot{{q.from, 0}}
	visit := func(next spot) {
		if !seen[next] {
			seen[next] = true
			queue = append(queue, next)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if c.states[at.state].goal&q.goals != 0 {
			return true
		}
		for _, w := range c.states[at.state].ways {
			if asked[at.office].allows(w, at.state) {
				visit(spot{w.to, at.office})
			}
		}
		for _, h := range c.states[at.state].hops {
			if !asked[at.office].opens(h.window) || h.max > 0 && p.Hops >= h.max {
				continue
			}
			for office := range asked {
				visit(spot{h.to, office})
			}
		}
	}
	return false
}

// open returns the windows that are open for a proposal where it stands.
func (c *Chart) open(p proposal.State, s *Setting) uint64 {
	over := c.over(s)
	village, kecamatan := p.Village, p.Kecamatan()
	var open uint64
	for i, w := range c.windows {
		scope := domain.Scope{Kind: w.spec.Scope}
		switch w.spec.Scope {
		case domain.ScopeVillage:
			scope.Code = village
		case domain.ScopeKecamatan:
			scope.Code = kecamatan
		case domain.ScopeOPD:
			scope.Code = p.OPD
		}
		shut, opened := s.window(w.name, scope)
		if !opened {
			shut = w.order <= over
		}
		if !shut {
			open |= 1 << i
		}
	}
	return open
}

// over returns the order of the last stage that documents show to be over: a
// window of it that nobody opened never will be.
func (c *Chart) over(s *Setting) int {
	last := -2 // before those of no stage
	for kind := range s.Adopted {
		if stage, ok := adoptedAfter[kind]; ok && c.Definition.Stages[stage] != nil {
			last = max(last, c.order(stage))
		}
	}
	return last
}

// goals is a set of goals.
type goals uint8

const (
	goalFunded goals = 1 << iota
	goalElsewhere
)

func goalOf(name string) goals {
	switch name {
	case workflow.GoalFunded:
		return goalFunded
	case workflow.GoalElsewhere:
		return goalElsewhere
	}
	return 0
}

func goalsOf(names []string) goals {
	if len(names) == 0 {
		return goalFunded | goalElsewhere
	}
	var g goals
	for _, name := range names {
		g |= goalOf(name)
	}
	return g
}
