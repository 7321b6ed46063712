package history_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// county makes the nodes of a cycle: a third of n origins are merged by threes,
// every ninth merge is split, some components are dropped, half of all that is
// left is funded.
func county(n int) []history.Node {
	fates := []history.Fate{history.Funded, history.Dropped, history.Funded, history.Pending, history.Funded, history.Deferred}
	nodes := make([]history.Node, 0, n+n/9+n/40)
	tie := func(e history.Edge, at ...*history.Node) {
		for _, node := range at {
			node.Edges = append(node.Edges, e)
		}
	}
	formed := func(kind string, i int) history.Node {
		m := history.Node{Number: fmt.Sprintf("U-27-%s%06d", kind, i), Cycle: 2027, Fate: fates[i%len(fates)], Reached: 0b111000, Stage: 5}
		m.Lines = []history.Line{{ID: "1", Amount: 90_000_000}}
		return m
	}
	for i := range n {
		o := history.Node{Number: fmt.Sprintf("U-27-%06d", i), Cycle: 2027, Root: history.Origin, Lane: proposal.Musrenbang, Reached: 0b1111, Stage: 3}
		o.Village, o.OPD, o.Asked = fmt.Sprintf("99.01.%02d.%04d", i%18, i%141), "1.03", 1_000_000*100
		o.Fate = fates[i%len(fates)]
		o.Lines = []history.Line{{ID: "1", Amount: 95_000_000}}
		nodes = append(nodes, o)
	}
	for i := 0; i+2 < n/3; i += 3 {
		p := formed("p", i)
		for j := i; j < i+3; j++ {
			c := &nodes[j]
			c.Fate, c.Lines = "", nil
			weight := int64(100_000_000 + 7*j)
			if j%20 == 0 {
				weight = 0
			}
			tie(history.Edge{Kind: history.MergedInto, From: c.Number, To: p.Number, Weight: weight, Stage: 3}, c, &p)
		}
		if i%27 == 0 {
			p.Fate, p.Lines = "", nil
			x, y := formed("x", i), formed("y", i+1)
			tie(history.Edge{Kind: history.SplitFrom, From: p.Number, To: x.Number, Weight: 70, Of: 100}, &p, &x)
			tie(history.Edge{Kind: history.SplitFrom, From: p.Number, To: y.Number, Weight: 30, Of: 100}, &p, &y)
			nodes = append(nodes, x, y)
		}
		nodes = append(nodes, p)
	}
	return nodes
}

var sizes = []int{5_500, 100_000, 330_000}

func BenchmarkSum(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			nodes := county(n)
			b.ReportAllocs()
			for b.Loop() {
				sum := history.SumOf(history.Trace(slices.Values(nodes)).Accounts())
				if err := sum.Check(); err != nil || sum.Origins != n {
					b.Fatal(sum.Origins, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/proposal")
		})
	}
}

// One family is what a projection recomputes when one of its members changes.
func BenchmarkFamily(b *testing.B) {
	nodes := slices.Collect(charts().Nodes(now, maps.All(workedExample().streams())))
	for b.Loop() {
		for a := range history.Trace(slices.Values(nodes)).Accounts() {
			_ = a
		}
	}
}

func BenchmarkNode(b *testing.B) {
	streams := told(b, fundedU...).streams()
	records := event.Sequence(streams[proposal.Stream(number("u"))], now)
	for b.Loop() {
		chart().Node(records)
	}
}

// The windows of a whole kabupaten, opened and closed one by one, bear on a
// decision as steps of the timeline.
func BenchmarkDecision(b *testing.B) {
	book := newBook()
	each := func(sign string) {
		for i := range 141 {
			book.tell(fmt.Sprintf("%sdesa@99.01.%02d.%04d", sign, 3+i%18, 2001+i))
		}
		for i := range 18 {
			book.tell(fmt.Sprintf("%skecamatan@99.01.%02d", sign, 5+i))
		}
		for i := range 30 {
			book.tell(fmt.Sprintf("%sforum_opd@1.%02d", sign, 10+i))
		}
	}
	each("^")
	each("/")
	for _, act := range then(twoMerged, "p:prioritize_kec", "p-a:accept", "p:cut_kab", "list", "/kabupaten") {
		book.tell(act)
	}
	streams := slices.Collect(maps.Values(book.streams()))
	for b.Loop() {
		tl := history.NewTimeline(now, charts(), streams...)
		if _, ok := tl.Decision(number("b")); !ok {
			b.Fatal("nothing decided")
		}
	}
}
