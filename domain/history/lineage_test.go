package history_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// short writes numbers as the tests call them.
func short(numbers []string) string {
	return strings.NewReplacer("U-27-", "", "U-28-", "28").Replace(strings.Join(numbers, " "))
}

// grown is a lineage of everything: a and b merged into p, p split into x and y,
// b carried over as b28, which is merged with c28 into q28.
func grown(t *testing.T) *history.Lineage {
	b := told(t, "a:submit_direct", "b:submit_direct", "c:submit_direct", "p=a,b:merge_opd", "x,y<p:split", "x:reject_opd", "y:reject_opd")
	next := &proposal.Continued{Step: proposal.Step{State: "at_opd"}, Lane: proposal.Musrenbang, Previous: number("b")}
	b.append(
		fact{proposal.Stream(number("b")), &proposal.CarriedOver{Next: number("b28"), Parent: number("p")}},
		fact{proposal.Stream(number("b28")), next},
	)
	b.tell("c28:submit_direct")
	b.tell("q28=b28,c28:merge_opd")
	return b.lineage()
}

func TestLineageFollowsItsEdges(t *testing.T) {
	l := grown(t)
	for _, test := range []struct{ of, ancestors, descendants, chain string }{
		{"a", "", "p x y", "a"},
		{"b", "", "28b p 28q x y", "b 28b"},
		{"c", "", "", "c"},
		{"p", "a b", "x y", "p"},
		{"y", "a b p", "", "y"},
		{"b28", "b", "28q", "b 28b"},
		{"q28", "b 28b 28c", "", "28q"},
	} {
		if got := short(l.Ancestors(number(test.of))); !sameWords(got, test.ancestors) {
			t.Errorf("ancestors of %s: %q, want %q", test.of, got, test.ancestors)
		}
		if got := short(l.Descendants(number(test.of))); !sameWords(got, test.descendants) {
			t.Errorf("descendants of %s: %q, want %q", test.of, got, test.descendants)
		}
		if got := short(l.Chain(number(test.of))); got != test.chain {
			t.Errorf("chain of %s: %q, want %q", test.of, got, test.chain)
		}
	}
	if got := short(l.Order()); !strings.HasPrefix(got, "a b 28c") || strings.Index(got, "p") > strings.Index(got, "x") {
		t.Errorf("in the order of time: %s", got)
	}
	var families []string
	for f := range l.Families() {
		families = append(families, short(f))
	}
	slices.Sort(families)
	if d := cmp.Diff([]string{"28b 28c 28q", "a b p x y", "c"}, families); d != "" {
		t.Error(d)
	}
	var edges []string
	for e := range l.Edges() {
		edges = append(edges, short([]string{e.From, string(e.Kind), e.To}))
	}
	want := []string{"b continues 28b", "a merged_into p", "b merged_into p", "28b merged_into 28q", "28c merged_into 28q", "b refers_to p", "p split_from x", "p split_from y"}
	if d := cmp.Diff(want, edges); d != "" {
		t.Error(d)
	}
	if l.Ancestors("U-27-nobody") != nil || l.Chain("U-27-nobody") != nil || l.CountMix("U-27-nobody") != nil {
		t.Error("somebody nobody named has a history")
	}
}

func sameWords(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func TestAnEdgeCitesTheEventThatMadeIt(t *testing.T) {
	b := told(t, "a:submit_direct", "b:submit_direct", "p=a,b:merge_opd", "x,y<p:split")
	want := map[string]int{"a": 3, "b": 4, "x": 6, "y": 6} // positions, in the streams they lead from
	for e := range b.lineage().Edges() {
		name := short([]string{e.From})
		if e.Kind == history.SplitFrom {
			name = short([]string{e.To})
		}
		if at := b.records[want[name]-1]; e.Event != at.ID {
			t.Errorf("%s %s %s does not cite position %d", e.From, e.Kind, e.To, at.Position)
		}
	}
	l := history.Trace(charts().Nodes(now, func(yield func(string, []event.Record) bool) {
		yield(proposal.Stream(number("p")), b.streams()[proposal.Stream(number("p"))])
	}))
	for e := range l.Edges() { // of a component that is not held, the parent's own event
		if e.Kind == history.MergedInto && e.Event != b.records[4].ID {
			t.Errorf("%s %s %s does not cite the forming of p", e.From, e.Kind, e.To)
		}
	}
}

func TestAReversedMergeLeavesNoEdge(t *testing.T) {
	b := told(t, "a:submit_direct", "b:submit_direct", "p=a,b:merge_opd", "a:unmerge_child_opd b:unmerge_child_opd p:unmerge_parent")
	l := b.lineage()
	for e := range l.Edges() {
		t.Errorf("%s %s %s is left", e.From, e.Kind, e.To)
	}
	if d := cmp.Diff([]string{"a asked Rp0 is pending: 1 in a pending of Rp0;", "b asked Rp0 is pending: 1 in b pending of Rp0;"}, briefs(l)); d != "" {
		t.Error(d)
	}
	b.tell("q=a,b:merge_opd")
	if got := short(b.lineage().Descendants(number("a"))); got != "q" {
		t.Errorf("merged again, a goes into %s", got)
	}
}

// Whoever is merged twice, because what lay between was struck out, is in the
// second parent alone.
func TestTheLastMergeCounts(t *testing.T) {
	b := told(t, "a:submit_direct", "b:submit_direct", "c:submit_direct", "p=a,b:merge_opd", "a:unmerge_child_opd b:unmerge_child_opd p:unmerge_parent", "q=a,c:merge_opd", "!7")
	l := b.lineage()
	if got := short(l.Descendants(number("a"))); got != "q" {
		t.Errorf("a goes into %s", got)
	}
	sum := history.SumOf(l.Accounts())
	if err := sum.Check(); err != nil {
		t.Error(err)
	}
}

// No log of ours holds a circle. One that does is read all the same, and what
// goes round in it is unknown.
func TestACircleIsCut(t *testing.T) {
	circle := func(names ...string) []history.Node {
		nodes := make([]history.Node, len(names))
		for i, n := range names {
			nodes[i] = history.Node{Number: n, Fate: "", Stage: -1}
		}
		for i := range nodes {
			next := &nodes[(i+1)%len(nodes)]
			e := history.Edge{Kind: history.MergedInto, From: nodes[i].Number, To: next.Number, Weight: 5}
			nodes[i].Edges = append(nodes[i].Edges, e)
			next.Edges = append(next.Edges, e)
		}
		return nodes
	}
	nodes := circle("r", "s", "t")
	in := history.Edge{Kind: history.MergedInto, From: "a", To: "s", Weight: 5}
	nodes = append(nodes, history.Node{Number: "a", Root: history.Origin, Asked: 70, Edges: []history.Edge{in}, Stage: -1})
	nodes[1].Edges = append(nodes[1].Edges, in)
	l := history.Trace(slices.Values(nodes))
	if n := len(l.Broken()); n != 1 {
		t.Fatalf("%d edges cut, want 1", n)
	}
	var accounts []history.Account
	for a := range l.Accounts() {
		accounts = append(accounts, a)
	}
	if len(accounts) != 1 || len(accounts[0].Shares) != 1 || accounts[0].Headline != history.Unknown || accounts[0].Shares[0].Asked != 70 {
		t.Errorf("accounts %+v", accounts)
	}
	sum := history.SumOf(l.Accounts())
	if err := sum.Check(); err != nil {
		t.Error(err)
	}
	if got := short(l.Descendants("a")); got != "s t" { // r comes first in the order, so what leads to it is cut
		t.Errorf("a goes into %s", got)
	}
	if b := history.Trace(slices.Values(circle("x", "y"))).Broken(); len(b) != 1 {
		t.Errorf("%d edges cut, want 1", len(b))
	}
}

// Whatever nodes say of one another, sums conserve and nothing fails.
func TestNonsenseConserves(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f"}
	name := rapid.SampledFrom(append(names, "ghost"))
	nonsense := func(t *rapid.T) {
		var nodes []history.Node
		for _, n := range names {
			node := history.Node{
				Number: n, Stage: rapid.IntRange(-1, 9).Draw(t, "stage"), Asked: 0,
				Root: rapid.SampledFrom([]history.Root{history.Origin, history.Origin, "", history.InBudget}).Draw(t, "root"),
				Fate: rapid.SampledFrom([]history.Fate{"", history.Funded, history.Pending, history.Dropped}).Draw(t, "fate"),
			}
			if node.Root == history.Origin {
				node.Asked = rapid.SampledFrom(amounts).Draw(t, "asked")
			}
			node.Lines = []history.Line{{ID: "1", Amount: rapid.SampledFrom(amounts).Draw(t, "granted")}}
			for range rapid.IntRange(0, 4).Draw(t, "edges") {
				e := history.Edge{Kind: rapid.SampledFrom([]history.EdgeKind{history.MergedInto, history.SplitFrom, history.Continues, history.RefersTo}).Draw(t, "kind")}
				e.From, e.To, e.Weight = n, name.Draw(t, "other"), rapid.Int64Range(0, 3).Draw(t, "weight")
				e.Of = e.Weight + rapid.Int64Range(0, 3).Draw(t, "beside")
				if rapid.Bool().Draw(t, "backwards") {
					e.From, e.To = e.To, e.From
				}
				node.Edges = append(node.Edges, e)
			}
			nodes = append(nodes, node)
		}
		for i := range nodes { // the other end mostly agrees
			for _, e := range slices.Clone(nodes[i].Edges) {
				other := slices.IndexFunc(nodes, func(n history.Node) bool {
					return n.Number != nodes[i].Number && (n.Number == e.From || n.Number == e.To)
				})
				if other >= 0 && rapid.IntRange(0, 4).Draw(t, "agrees") > 0 {
					nodes[other].Edges = append(nodes[other].Edges, e)
				}
			}
		}
		l := history.Trace(slices.Values(nodes))
		sum, funnel := history.SumOf(l.Accounts()), history.NewFunnel(chart())
		origins := 0
		for a := range l.Accounts() {
			funnel.Add(a)
			if a.Root == history.Origin {
				origins++
			}
			if !slices.Contains(history.Fates, a.Headline) && a.Root == history.Origin {
				t.Fatalf("%s became %q", a.Number, a.Headline)
			}
		}
		if err := sum.Check(); err != nil {
			t.Fatal(err)
		}
		if err := funnel.Check(sum); err != nil {
			t.Fatal(err)
		}
		if sum.Moved != 0 {
			t.Fatalf("%s moved out of everywhere", sum.Moved)
		}
		want := slices.DeleteFunc(slices.Clone(nodes), func(n history.Node) bool { return n.Root != history.Origin })
		if origins != len(want) || sum.Origins != len(want) {
			t.Fatalf("%d origins, want %d", origins, len(want))
		}
		l.Order()
		l.Unheld()
		for _, n := range append(names, "ghost") {
			l.Ancestors(n)
			l.Chain(n)
			sum := new(big.Rat)
			for _, p := range l.MoneyMix(n) {
				sum.Add(sum, p.Part.Rat())
			}
			if sum.Sign() != 0 && sum.Cmp(big.NewRat(1, 1)) != 0 {
				t.Fatalf("a rupiah of %s is %s rupiah of others", n, sum)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 30 {
			nonsense(t)
		}
	})
}
