package history

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// A Node is what lineage and sums read of one proposal as it stands at a view.
type Node struct {
	Number  string
	Cycle   int
	Root    Root
	Lane    proposal.Lane
	Village string // kode wilayah
	OPD     string // that has it
	Asked   domain.Rupiah
	Fate    Fate // "" where it is absorbed or dissolved
	Lines   []Line
	Reached StageSet // stages it was in, those an import jumped over among them
	Stage   int      // index of the stage it is in, or was in when it ended; -1 for none
	Edges   []Edge   // what its own events say of its lineage, by kind and number
}

// A Root says how a share of weight or money comes into a lineage.
type Root string

// The roots. What begins by merging or splitting others is none.
const (
	Origin   Root = "origin"  // handed in, on time or late, or carried over: what statistics count
	InBudget Root = "budget"  // stands in a document that no proposal asked for
	Unheld   Root = "unknown" // named by another, and not held itself
)

// A Line is a budget line as far as it holds money of one proposal.
type Line struct {
	ID     string
	Amount domain.Rupiah // in force for this proposal
	Total  domain.Rupiah // of the line, which several may share, as last said; 0 where never
	Said   int64         // position of the event that said so
}

// Granted returns the money in force for n: the sum of its lines if it is
// funded, else nothing.
func (n *Node) Granted() domain.Rupiah {
	if n.Fate != Funded {
		return 0
	}
	var sum domain.Rupiah
	for _, l := range n.Lines {
		sum += l.Amount
	}
	return sum
}

// Node boils the events of one proposal down, as event.Sequence orders them.
func (c *Chart) Node(sequence []event.Record) Node {
	r := reader{chart: c, node: Node{Stage: -1}}
	for _, record := range sequence {
		if e, ok := record.Event.(proposal.Event); ok {
			r.read(e, record)
		}
	}
	return r.finish()
}

// A reader is a node in the making.
type reader struct {
	chart  *Chart
	state  proposal.State
	node   Node
	budget bool // stands in a document without having been asked for
	totals map[string]Line
}

func (r *reader) read(e proposal.Event, record event.Record) {
	r.trace(e, record)
	r.state = proposal.Evolve(r.state, e, record.Envelope)
	switch e := e.(type) {
	case *proposal.AppearedInBudget:
		r.budget = true
	case *proposal.Funded:
		if e.LineTotal != 0 {
			r.total(e.Line, e.LineTotal, record.Position)
		}
	}
	if s := r.chart.state(r.state.At); s != nil && s.stage >= 0 {
		r.node.Stage = s.stage
		r.node.Reached = r.node.Reached.with(s.stage)
	}
	if o := e.Base().Observed; o != nil {
		for _, name := range o.Skipped {
			r.node.Reached = r.node.Reached.with(r.chart.skipped(name))
		}
	}
}

func (r *reader) total(line string, amount domain.Rupiah, position int64) {
	if r.totals == nil {
		r.totals = make(map[string]Line)
	}
	r.totals[line] = Line{Total: amount, Said: position}
}

// skipped returns the stage that a transition would have led to.
func (c *Chart) skipped(transition string) int {
	if c.Definition == nil {
		return -1
	}
	if t := c.Definition.Transitions[transition]; t != nil {
		if s := c.state(t.To); t.To != "" && s != nil {
			return s.stage
		}
	}
	return -1
}

// trace keeps what an event says of the lineage. A merge that is reversed
// leaves no edge.
func (r *reader) trace(e proposal.Event, record event.Record) {
	id := record.ID
	me, _ := proposal.NumberOf(record.Stream)
	switch e := e.(type) {
	case *proposal.Merged:
		r.node.Edges = slices.DeleteFunc(r.node.Edges, func(x Edge) bool { return x.Kind == MergedInto && x.From == me })
		r.tie(Edge{Kind: MergedInto, From: me, To: e.Parent, Event: id})
	case *proposal.FormedByMerge:
		for _, c := range e.Components {
			r.tie(Edge{Kind: MergedInto, From: c.Child, To: me, Event: id})
			r.weigh(c, id)
		}
	case *proposal.MergeReversed:
		r.node.Edges = slices.DeleteFunc(r.node.Edges, func(x Edge) bool {
			return x.Kind == MergedInto && (e.Role == "parent") == (x.To == me)
		})
	case *proposal.Split:
		var of int64
		for _, w := range e.Weights {
			of += max(w, 0)
		}
		for i, part := range e.Parts {
			if i < len(e.Weights) {
				r.tie(Edge{Kind: SplitFrom, From: me, To: part, Event: id, Weight: max(e.Weights[i], 0), Of: of, Weighed: id})
			}
		}
	case *proposal.FormedBySplit:
		r.tie(Edge{Kind: SplitFrom, From: e.Whole, To: me, Event: id, Weight: e.Weight, Of: e.Of, Weighed: id})
	case *proposal.Continued:
		r.tie(Edge{Kind: Continues, From: e.Previous, To: me, Event: id})
	case *proposal.CarriedOver:
		r.tie(Edge{Kind: Continues, From: me, To: e.Next, Event: id})
		if e.Parent != "" {
			r.tie(Edge{Kind: RefersTo, From: me, To: e.Parent, Event: id})
		}
	}
	for _, c := range components(e) {
		r.weigh(c, id)
	}
}

func (r *reader) tie(e Edge) {
	if e.From == "" || e.To == "" || e.From == e.To {
		return
	}
	r.node.Edges = append(r.node.Edges, e)
}

// weigh gives a component its weight. One that gets none came as far as the
// parent had come until now.
func (r *reader) weigh(c proposal.Component, by uuid.UUID) {
	for i := range r.node.Edges {
		e := &r.node.Edges[i]
		if e.Kind != MergedInto || e.From != c.Child {
			continue
		}
		e.Weight, e.Weighed, e.Reached, e.Stage = max(c.Weight, 0), by, 0, -1
		if e.Weight == 0 {
			e.Reached, e.Stage = r.node.Reached, r.node.Stage
		}
	}
}

// components returns what an act on a merged proposal changes of its components.
func components(e proposal.Event) []proposal.Component {
	switch e := e.(type) {
	case *proposal.AcceptedByOPD:
		return e.Components
	case *proposal.Agreed:
		return e.Components
	case *proposal.IncludedInRKPD:
		return e.Components
	case *proposal.IncludedInPPAS:
		return e.Components
	case *proposal.Funded:
		return e.Components
	case *proposal.AmountRevised:
		return e.Components
	}
	return nil
}

func (r *reader) finish() Node {
	n, s := r.node, &r.state
	n.Number, n.Cycle, n.Lane, n.Village, n.OPD = s.Number, s.Cycle, s.Lane, s.Village, s.OPD
	n.Fate = r.chart.Fate(s.At)
	switch {
	case s.Origin:
		n.Root, n.Asked = Origin, s.Asked
	case r.budget:
		n.Root = InBudget
	}
	for id, amount := range s.Lines {
		line := r.totals[id]
		line.ID, line.Amount = id, amount
		n.Lines = append(n.Lines, line)
	}
	slices.SortFunc(n.Lines, func(a, b Line) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(n.Edges, Edge.compare)
	return n
}
