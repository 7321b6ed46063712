package history

import (
	"cmp"
	"slices"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Comparison holds a year's proposals as two views show them. It is given one
// history after the other and keeps of each what it stood at, so a year of any
// size fits. Whoever wants a single moment compares it with now.
type Comparison struct {
	Then, Now event.View
	charts    *Charts
	moves     map[string]*Move
	nodes     [2][]Node
	accepted  [2]map[string]bool
}

// A Move is one proposal as both views show it, and the event that took it from
// where it was to where it is.
type Move struct {
	Number    string        `json:"number"`
	Cycle     int           `json:"cycle"`
	Lane      proposal.Lane `json:"lane,omitzero"`
	Village   string        `json:"village,omitzero"`
	Kecamatan string        `json:"kecamatan,omitzero"`
	Origin    bool          `json:"origin,omitzero"`
	Then      *Standing     `json:"then,omitempty"` // absent: not handed in, or not known
	Now       *Standing     `json:"now,omitempty"`
	By        *Moving       `json:"by,omitempty"` // the last event that moved it, where the two differ
}

// A Standing is where a proposal stands in one view.
type Standing struct {
	State   workflow.State `json:"state"`
	Stage   string         `json:"stage,omitzero"`
	Fate    Fate           `json:"fate,omitzero"` // of an origin what became of all of it; absent for what was dissolved
	OPD     string         `json:"opd,omitzero"`  // of an origin that has the largest part of it
	Asked   domain.Rupiah  `json:"asked,omitzero"`
	Granted domain.Rupiah  `json:"granted,omitzero"`
	// Accepted says that an OPD took it, or what it went into, into its plan.
	Accepted bool `json:"accepted,omitzero"`
}

// A Moving is an event that took a proposal somewhere else.
type Moving struct {
	Mention
	Role   domain.Role `json:"role,omitzero"`
	Reason string      `json:"reason,omitzero"` // code
	Silent bool        `json:"silent,omitzero"` // a decision with no reason on record
}

// NewComparison returns an empty comparison of two views.
func NewComparison(then, now event.View, charts *Charts) *Comparison {
	return &Comparison{Then: then, Now: now, charts: charts, moves: map[string]*Move{}, accepted: [2]map[string]bool{{}, {}}}
}

// Add takes in the history of one proposal, in the order of positions.
func (c *Comparison) Add(records []event.Record) {
	if len(records) == 0 {
		return
	}
	number, ok := proposal.NumberOf(records[0].Stream)
	if !ok {
		return
	}
	m := &Move{Number: number, Cycle: proposal.Year(number)}
	for i, v := range []event.View{c.Then, c.Now} {
		sequence := event.Sequence(records, v)
		if len(sequence) == 0 {
			continue
		}
		p := proposal.Fold(sequence)
		chart := c.charts.For(sequence[len(sequence)-1].Definition)
		node := chart.Node(sequence)
		c.nodes[i] = append(c.nodes[i], node)
		s := &Standing{State: p.At, Fate: node.Fate, OPD: p.OPD, Granted: node.Granted(), Asked: node.Asked, Accepted: p.Accepted > 0}
		if s.Asked == 0 {
			s.Asked = p.Estimate // of what was formed of others
		}
		if s.Accepted {
			c.accepted[i][number] = true
		}
		if node.Stage >= 0 && node.Stage < len(chart.Stages) {
			s.Stage = chart.Stages[node.Stage]
		}
		m.Lane, m.Village, m.Kecamatan, m.Origin = p.Lane, p.Village, p.Kecamatan(), p.Origin
		if i == 0 {
			m.Then = s
			continue
		}
		m.Now, m.By = s, moving(sequence, p)
	}
	if m.Then != nil || m.Now != nil {
		c.moves[number] = m
	}
}

// moving returns the event that brought a proposal where it stands.
func moving(sequence []event.Record, p proposal.State) *Moving {
	for _, r := range slices.Backward(sequence) {
		e, ok := r.Event.(proposal.Event)
		if !ok || r.ID != p.Last {
			continue
		}
		m := &Moving{Mention: MentionOf(r), Reason: proposal.ReasonOf(e)}
		if closingOf(r).Window == "" {
			m.Role = r.Actor.Role
		}
		switch e.(type) {
		case *proposal.Rejected, *proposal.Deferred, *proposal.LeftOut, *proposal.Cancelled, *proposal.Withdrawn:
			m.Silent = m.Reason == "" || m.Reason == proposal.ReasonUnsaid
		}
		return m
	}
	return nil
}

// Moves returns every proposal that one of the views shows, by number. Call it
// once, when all histories were added.
func (c *Comparison) Moves() []Move {
	for i := range c.nodes {
		lineage := Trace(slices.Values(c.nodes[i]))
		for a := range lineage.Accounts() {
			m := c.moves[a.Number]
			if m == nil || a.Root != Origin {
				continue
			}
			s := m.Then
			if i == 1 {
				s = m.Now
			}
			s.Fate, s.OPD, s.Asked, s.Granted = a.Headline, cmp.Or(a.OPD, s.OPD), a.Asked, 0
			for _, share := range a.Shares {
				s.Granted += share.Granted
				s.Accepted = s.Accepted || c.tookUp(lineage, i, a.Number, share.Leaf)
			}
		}
		c.nodes[i], c.accepted[i] = nil, nil
	}
	out := make([]Move, 0, len(c.moves))
	for _, m := range c.moves {
		if !m.Changed() {
			m.By = nil
		}
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Move) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// tookUp reports whether an OPD accepted a leaf, or anything between an origin and
// it.
func (c *Comparison) tookUp(l *Lineage, view int, origin, leaf string) bool {
	if c.accepted[view][leaf] || leaf == origin {
		return c.accepted[view][leaf]
	}
	before := l.Ancestors(leaf)
	return slices.ContainsFunc(l.Descendants(origin), func(n string) bool { return c.accepted[view][n] && slices.Contains(before, n) })
}

// Changed reports whether the two views show different things.
func (m *Move) Changed() bool {
	if m.Then == nil || m.Now == nil {
		return m.Then != m.Now
	}
	return *m.Then != *m.Now
}
