package history

import (
	"cmp"
	"iter"
	"slices"

	"github.com/google/uuid"
)

// An EdgeKind is how two proposals hang together.
type EdgeKind string

// The kinds. From is always the earlier of the two.
const (
	MergedInto EdgeKind = "merged_into" // From was merged into To
	SplitFrom  EdgeKind = "split_from"  // To was split from From
	Continues  EdgeKind = "continues"   // To continues From in a later cycle
	RefersTo   EdgeKind = "refers_to"   // From was carried over because of the fate of To; nothing flows along it
)

// An Edge ties a proposal to one that goes on from it.
type Edge struct {
	Kind     EdgeKind
	From, To string    // numbers
	Event    uuid.UUID // that made it
	Weight   int64     // in rupiah: what From weighs among all that was merged into To, or To among all parts of From
	Of       int64     // of a split: the weight of all parts
	Weighed  uuid.UUID // the event that gave it Weight last

	// Of a component with weight 0: the stages the merged proposal had reached
	// when the event Weighed dropped the component, and the one it was in.
	Reached StageSet
	Stage   int
}

func (e Edge) compare(f Edge) int {
	return cmp.Or(cmp.Compare(e.Kind, f.Kind), cmp.Compare(e.From, f.From), cmp.Compare(e.To, f.To))
}

// A Lineage is how proposals hang together at a view: a graph without cycles,
// whose edges point the way time went. It may hold one family or all proposals
// of several cycles. Make one with Trace. It is not safe for concurrent use.
type Lineage struct {
	nodes  []Node // those held, then those only named
	held   int
	at     map[string]int
	links  []link
	up     [][]int // node → links that lead to it, in the order of edges
	down   [][]int // node → links that lead from it
	order  []int   // nodes that have links, earlier ones first
	rank   []int   // node → its place in order
	counts []mix   // node → whose it is by count; nil until mixtures
	moneys []mix   // node → whose a rupiah granted to it is
}

// A link is an edge between nodes by index.
type link struct {
	Edge
	from, to int
	flows    bool // counts and rupiah go along it
	dropped  bool // the parent holds From with weight 0
	cut      bool // it closed a circle
}

func (k *link) earlier() int { return k.from }
func (k *link) later() int   { return k.to }

// kin reports whether k makes a family of the two it ties.
func (k *link) kin() bool { return k.Kind == MergedInto || k.Kind == SplitFrom }

// Trace returns the lineage of nodes. What two proposals say of one edge is
// taken together; where they disagree, nothing flows along it. Of two nodes with
// one number the later counts.
func Trace(nodes iter.Seq[Node]) *Lineage {
	l := &Lineage{at: make(map[string]int)}
	for n := range nodes {
		if n.Number == "" {
			continue
		}
		if i, twice := l.at[n.Number]; twice {
			l.nodes[i] = n
			continue
		}
		l.at[n.Number] = len(l.nodes)
		l.nodes = append(l.nodes, n)
	}
	l.held = len(l.nodes)
	l.tie()
	l.sort()
	return l
}

// A claim is what the two ends of one edge say of it.
type claim struct {
	Edge
	byFrom, byTo bool
}

// tie makes links of what the nodes say.
func (l *Lineage) tie() {
	type key struct {
		kind     EdgeKind
		from, to string
	}
	known := make(map[key]int)
	var claims []claim
	for i := range l.nodes {
		n := &l.nodes[i]
		for _, e := range n.Edges {
			if e.From == e.To || e.From != n.Number && e.To != n.Number {
				continue // nobody is tied to himself, or says what ties others
			}
			k := key{e.Kind, e.From, e.To}
			c, ok := known[k]
			if !ok {
				c = len(claims)
				known[k] = c
				claims = append(claims, claim{Edge: e})
			}
			claims[c].add(e, n.Number)
		}
	}
	slices.SortFunc(claims, func(a, b claim) int { return a.Edge.compare(b.Edge) })
	for i := range claims {
		c := &claims[i]
		from, fromHeld := l.find(c.From)
		to, toHeld := l.find(c.To)
		agreed := (c.byFrom || !fromHeld) && (c.byTo || !toHeld)
		joins := agreed && toHeld && l.nodes[to].Root == "" && (c.Kind == MergedInto || c.Kind == SplitFrom)
		switch {
		case joins && c.Weight == 0 && c.Kind == MergedInto:
			l.links = append(l.links, link{Edge: c.Edge, from: from, to: to, dropped: true})
		case agreed || c.stands():
			l.links = append(l.links, link{Edge: c.Edge, from: from, to: to, flows: joins && c.Weight > 0})
		}
	}
	l.up, l.down = make([][]int, len(l.nodes)), make([][]int, len(l.nodes))
	for i, k := range l.links {
		l.down[k.from] = append(l.down[k.from], i)
		l.up[k.to] = append(l.up[k.to], i)
	}
	l.untangle()
}

// untangle leaves every node one way to go on, into a parent or into parts, and
// one way to come, from components or from a whole. Events of ours say no more
// than that; should others, the rest of it is as if nobody agreed on it.
func (l *Lineage) untangle() {
	for n := range l.nodes {
		joined := false
		for _, k := range l.down[n] {
			link := &l.links[k]
			if joined {
				link.flows, link.dropped = false, false
			}
			joined = joined || link.Kind == MergedInto && (link.flows || link.dropped)
		}
	}
	for n := range l.nodes {
		formed := false
		for _, k := range l.up[n] {
			link := &l.links[k]
			link.flows = link.flows && !(formed && link.Kind == SplitFrom)
			formed = formed || link.flows
		}
	}
}

// add takes in what one end says. The event that made an edge is the one in the
// stream it leads from; the weights of a merge are the parent's to say, those of
// a split the whole's.
func (c *claim) add(e Edge, by string) {
	if by == e.From {
		c.byFrom, c.Event = true, e.Event
	} else {
		c.byTo = true
	}
	if (e.Kind == MergedInto) == (by == e.To) {
		c.Weight, c.Of, c.Weighed, c.Reached, c.Stage = e.Weight, e.Of, e.Weighed, e.Reached, e.Stage
	}
}

// stands reports whether an edge is worth keeping though two proposals that are
// held do not agree on it. A component that no longer says it is merged has
// left; one that says so of a parent that does not know it is tied to it, but
// nothing flows. A carry-over is true if either side says so.
func (c *claim) stands() bool {
	return c.Kind == MergedInto && c.byFrom || c.Kind == Continues || c.Kind == RefersTo
}

// find returns the index of a number and whether it is held; one that is only
// named is given a place.
func (l *Lineage) find(number string) (int, bool) {
	i, ok := l.at[number]
	if !ok {
		i = len(l.nodes)
		l.at[number] = i
		l.nodes = append(l.nodes, Node{Number: number, Root: Unheld, Fate: Unknown, Stage: -1})
	}
	return i, i < l.held
}

// sort puts the tied nodes in an order in which earlier ones come first; of two
// that could follow, the one with the smaller number. Where the links of a
// broken log run in a circle, those that close it are cut: nothing flows along
// them, and nobody walks them.
func (l *Lineage) sort() {
	l.rank = make([]int, len(l.nodes))
	waits := make([]int, len(l.nodes)) // links each node still waits for
	tied := 0
	var ready []int
	for n := range l.nodes {
		for _, k := range l.up[n] {
			if l.links[k].Kind != RefersTo {
				waits[n]++
			}
		}
		if l.lone(n) {
			continue
		}
		tied++
		if waits[n] == 0 {
			ready = append(ready, n)
		}
	}
	for len(l.order) < tied {
		for len(ready) == 0 {
			ready = l.cut(waits)
		}
		slices.SortFunc(ready, l.byNumber)
		var next []int
		for _, n := range ready {
			l.rank[n] = len(l.order)
			l.order = append(l.order, n)
			for _, k := range l.down[n] {
				link := &l.links[k]
				if link.Kind == RefersTo || link.cut {
					continue
				}
				if waits[link.to]--; waits[link.to] == 0 {
					next = append(next, link.to)
				}
			}
		}
		ready = next
	}
}

// cut cuts one link of a circle among the nodes that wait, and returns the node
// that waits for nothing more by that, if any.
func (l *Lineage) cut(waits []int) []int {
	n := -1
	for m, w := range waits {
		if w > 0 && (n < 0 || l.byNumber(m, n) < 0) {
			n = m
		}
	}
	waited := func(k int) bool {
		link := &l.links[k]
		return link.Kind != RefersTo && !link.cut && waits[link.from] > 0
	}
	for seen := map[int]bool{}; !seen[n]; { // upstream until the circle is closed
		seen[n] = true
		n = l.links[l.up[n][slices.IndexFunc(l.up[n], waited)]].from
	}
	k := l.up[n][slices.IndexFunc(l.up[n], waited)]
	l.links[k].cut, l.links[k].flows, l.links[k].dropped = true, false, false
	if waits[n]--; waits[n] > 0 {
		return nil
	}
	return []int{n}
}

func (l *Lineage) byNumber(a, b int) int { return cmp.Compare(l.nodes[a].Number, l.nodes[b].Number) }
