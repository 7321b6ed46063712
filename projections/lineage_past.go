package projections

import (
	"cmp"
	"maps"
	"slices"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// Tied returns the streams of the proposals that the records of streams tie
// theirs to, by merging, splitting and carry-over, less those given.
func Tied(streams map[string][]event.Record) []string {
	found := map[string]bool{}
	for _, records := range streams {
		for number := range named(records, true) {
			if stream := proposal.Stream(number); streams[stream] == nil {
				found[stream] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// FamilyAt returns what Lineage.Of would have answered from a view, given the
// whole histories of the family: the read model's own rows, made of what counted
// then. It has no nodes where the proposal was not handed in yet.
func FamilyAt(number string, streams map[string][]event.Record, v event.View, charts *history.Charts) Family {
	k := &kinship{lives: map[string]*life{}}
	for name, records := range streams {
		n, ok := proposal.NumberOf(name)
		if !ok || len(records) == 0 {
			continue
		}
		if l := liveOf(n, records, v, charts); len(l.seq) > 0 {
			k.lives[n] = l
		}
	}
	k.trace()
	out := Family{Nodes: []Relative{}, Edges: []Edge{}}
	if k.lives[number] == nil {
		return out
	}
	var edges []Edge
	next := map[string][]string{}
	for _, n := range k.numbers {
		for _, e := range k.edges(k.lives[n]) {
			edges = append(edges, e)
			next[e.From], next[e.To] = append(next[e.From], e.To), append(next[e.To], e.From)
		}
	}
	numbers := []string{number}
	seen := map[string]bool{number: true}
	for i := 0; i < len(numbers); i++ {
		for _, n := range next[numbers[i]] {
			if !seen[n] {
				seen[n] = true
				numbers = append(numbers, n)
			}
		}
	}
	if out.More = len(numbers) > mostRelatives; out.More {
		numbers = numbers[:mostRelatives]
	}
	var pairs [][2]string
	for _, e := range edges {
		if slices.Contains(numbers, e.From) && slices.Contains(numbers, e.To) {
			out.Edges = append(out.Edges, e)
			pairs = append(pairs, [2]string{e.From, e.To})
		}
	}
	slices.SortFunc(out.Edges, compareEdges)
	out.Edges = slices.CompactFunc(out.Edges, func(a, b Edge) bool { return compareEdges(a, b) == 0 })
	generation, fates := generationsOf(numbers, pairs), k.fates()
	for _, n := range numbers {
		r := Relative{Number: n, Generation: generation[n], Fate: string(history.Unknown)}
		if l := k.lives[n]; l != nil {
			s := l.state
			r = Relative{Number: n, Known: true, Cycle: s.Cycle, Generation: generation[n], Title: s.Title.String(), Village: s.Village, OPD: s.OPD,
				State: s.At, Fate: string(fates[n].fate), Lane: s.Lane, Asked: s.Asked, Granted: s.Granted(), Dissolved: l.dissolved()}
		}
		out.Nodes = append(out.Nodes, r)
	}
	slices.SortFunc(out.Nodes, func(a, b Relative) int {
		return cmp.Or(cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Number, b.Number))
	})
	return out
}
