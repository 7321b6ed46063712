package history

import (
	"cmp"
	"iter"
	"slices"
)

// Node returns the node with a number, and whether it is held. One that is only
// named has the Root Unheld.
func (l *Lineage) Node(number string) (Node, bool) {
	i, ok := l.at[number]
	if !ok {
		return Node{Number: number, Root: Unheld, Fate: Unknown, Stage: -1}, false
	}
	return l.nodes[i], i < l.held
}

// Edges yields the edges that stand, by kind and numbers.
func (l *Lineage) Edges() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for i := range l.links {
			if !yield(l.links[i].Edge) {
				return
			}
		}
	}
}

// Broken returns the edges that were cut because they closed a circle. No log
// that our own commands wrote has one.
func (l *Lineage) Broken() []Edge {
	var out []Edge
	for i := range l.links {
		if l.links[i].cut {
			out = append(out, l.links[i].Edge)
		}
	}
	return out
}

// Unheld returns the numbers that are named by merging or splitting and not
// held, in order. Whoever wants a whole family loads them and traces again,
// until there is none that exists.
func (l *Lineage) Unheld() []string {
	kin := func(k int) bool { return l.links[k].kin() }
	var out []string
	for n := l.held; n < len(l.nodes); n++ {
		if slices.ContainsFunc(l.up[n], kin) || slices.ContainsFunc(l.down[n], kin) {
			out = append(out, l.nodes[n].Number)
		}
	}
	slices.Sort(out)
	return out
}

// Ancestors returns what a proposal came from by merging, splitting and
// carry-over, earlier ones first.
func (l *Lineage) Ancestors(number string) []string {
	return l.walk(number, l.up, (*link).earlier)
}

// Descendants returns what goes on from a proposal, earlier ones first.
func (l *Lineage) Descendants(number string) []string {
	return l.walk(number, l.down, (*link).later)
}

// walk returns the numbers reached from one along links, in the order of time.
func (l *Lineage) walk(number string, along [][]int, next func(*link) int) []string {
	start, ok := l.at[number]
	if !ok {
		return nil
	}
	seen := map[int]bool{start: true}
	var out []int
	for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
		for _, k := range along[queue[0]] {
			link := &l.links[k]
			if n := next(link); link.Kind != RefersTo && !link.cut && !seen[n] {
				seen[n] = true
				out = append(out, n)
				queue = append(queue, n)
			}
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(l.rank[a], l.rank[b]) })
	return l.numbers(out)
}

func (l *Lineage) numbers(nodes []int) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, l.nodes[n].Number)
	}
	return out
}

// Order returns every proposal that is tied to another one, earlier ones first.
func (l *Lineage) Order() []string { return l.numbers(l.order) }

// Chain returns the proposals that one wish was handed in as, cycle after cycle.
// Over several cycles a chain counts once, by its last.
func (l *Lineage) Chain(number string) []string {
	n, ok := l.at[number]
	if !ok {
		return nil
	}
	for before, ok := n, true; ok; before, ok = l.carried(n, l.up, (*link).earlier) {
		n = before
	}
	var chain []string
	for ok := true; ok; n, ok = l.carried(n, l.down, (*link).later) {
		chain = append(chain, l.nodes[n].Number)
	}
	return chain
}

// carried returns the node a carry-over ties n to. Should there be several, it
// is the one with the smallest number.
func (l *Lineage) carried(n int, along [][]int, next func(*link) int) (int, bool) {
	for _, k := range along[n] {
		if link := &l.links[k]; link.Kind == Continues && !link.cut {
			return next(link), true
		}
	}
	return n, false
}

// Families yields the proposals that hang together by merging and splitting,
// those of a lone one too, in the order their first member was given.
func (l *Lineage) Families() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		seen := make([]bool, len(l.nodes))
		for n := range l.held {
			if seen[n] {
				continue
			}
			members := []string{l.nodes[n].Number}
			if !l.lone(n) {
				members = l.numbers(l.family(n, seen))
				slices.Sort(members)
			}
			if !yield(members) {
				return
			}
		}
	}
}

// family returns the nodes that hang together with n by merging and splitting,
// n among them, and marks them in seen.
func (l *Lineage) family(n int, seen []bool) []int {
	members := []int{n}
	seen[n] = true
	for i := 0; i < len(members); i++ {
		for _, k := range slices.Concat(l.up[members[i]], l.down[members[i]]) {
			link := &l.links[k]
			for _, other := range [...]int{link.from, link.to} {
				if link.kin() && !seen[other] {
					seen[other] = true
					members = append(members, other)
				}
			}
		}
	}
	return members
}
