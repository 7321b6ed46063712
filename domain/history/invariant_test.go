package history_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A world tells a random history of proposals that merge, split, part again,
// win and lose money, and keeps beside it what ought to come of that: the
// definitions of the mixes, worked out naively.
type world struct {
	*book
	t       *rapid.T
	asked   map[string]int64
	kids    map[string]map[string]int64 // parent → child → weight, of merges in force
	up      map[string]string           // child → parent
	parts   map[string]map[string]int64
	whole   map[string]string
	gone    map[string]bool // dissolved
	fate    map[string]history.Fate
	lines   map[string]map[string]int64
	budget  []string // not asked for
	next28  map[string]string
	touched []string
	names   int
}

func newWorld(t *rapid.T) *world {
	return &world{
		book: newBook(), t: t, asked: make(map[string]int64), kids: make(map[string]map[string]int64), up: make(map[string]string),
		parts: make(map[string]map[string]int64), whole: make(map[string]string), gone: make(map[string]bool),
		fate: make(map[string]history.Fate), lines: make(map[string]map[string]int64), next28: make(map[string]string),
	}
}

// name returns a new number.
func (w *world) name(year int) string {
	w.names++
	return fmt.Sprintf("U-%d-%03d", year, w.names)
}

func (w *world) tell(facts ...fact) {
	w.touched = nil
	for _, f := range facts {
		n, _ := proposal.NumberOf(f.stream)
		w.touched = append(w.touched, n)
	}
	w.append(facts...)
}

func of(n string, e proposal.Event) fact { return fact{proposal.Stream(n), e} }

func step(to workflow.State) proposal.Step { return proposal.Step{State: to, Stage: "forum_opd"} }

// joined reports whether n goes on in a parent.
func (w *world) joined(n string) bool {
	p, merged := w.up[n]
	return merged && w.kids[p][n] > 0
}

// free returns the proposals that may still be acted on: neither absorbed nor
// dissolved, and asked for by somebody.
func (w *world) free() []string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(w.fate)) {
		if _, merged := w.up[n]; !merged && !w.gone[n] && w.parts[n] == nil && !slices.Contains(w.budget, n) {
			out = append(out, n)
		}
	}
	return out
}

// leaves returns the proposals that hold something for themselves.
func (w *world) leaves() []string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(w.fate)) {
		if !w.joined(n) && !w.gone[n] && w.parts[n] == nil && !slices.Contains(w.budget, n) {
			out = append(out, n)
		}
	}
	return out
}

func (w *world) fateOf(leaf string) history.Fate {
	if _, merged := w.up[leaf]; merged {
		return history.Dropped // with weight 0
	}
	return w.fate[leaf]
}

func (w *world) granted(leaf string) int64 {
	var sum int64
	if w.fateOf(leaf) == history.Funded {
		for _, amount := range w.lines[leaf] {
			sum += amount
		}
	}
	return sum
}

type mix map[string]*big.Rat

func (m mix) add(r string, part *big.Rat) {
	if m[r] == nil {
		m[r] = new(big.Rat)
	}
	m[r].Add(m[r], part)
}

func total(of map[string]int64) int64 {
	var sum int64
	for _, w := range of {
		sum += w
	}
	return sum
}

// mixes returns the count and the money mix of a proposal by their definitions.
func (w *world) mixes(n string) (count, money mix) {
	count, money = mix{}, mix{}
	switch _, origin := w.asked[n]; {
	case origin:
		count.add(n, big.NewRat(1, 1))
		money.add(n, big.NewRat(1, 1))
	case w.whole[n] != "":
		of := w.parts[w.whole[n]]
		c, m := w.mixes(w.whole[n])
		for r, part := range c {
			count.add(r, new(big.Rat).Mul(part, big.NewRat(of[n], total(of))))
		}
		money = m
	default:
		for child, weight := range w.kids[n] {
			if weight == 0 {
				continue
			}
			c, m := w.mixes(child)
			for r, part := range c {
				count.add(r, part)
			}
			for r, part := range m {
				money.add(r, new(big.Rat).Mul(part, big.NewRat(weight, total(w.kids[n]))))
			}
		}
	}
	return count, money
}

func (w *world) weight() int64 {
	return rapid.OneOf(rapid.Int64Range(1, 3), rapid.Int64Range(1, 1_000_000_000)).Draw(w.t, "weight")
}

func (w *world) pick(from []string, what string) string {
	return rapid.SampledFrom(from).Draw(w.t, what)
}

func (w *world) submit() {
	n := w.name(27)
	w.asked[n] = rapid.OneOf(rapid.SampledFrom([]int64{0, 1, 7, 1_000_000}), rapid.Int64Range(0, 10_000_000_000)).Draw(w.t, "asked")
	w.fate[n] = history.Pending
	e := &proposal.Submitted{Step: proposal.Step{State: "at_kecamatan", Stage: "kecamatan"}, Lane: rapid.SampledFrom([]proposal.Lane{proposal.Musrenbang, proposal.Pokir}).Draw(w.t, "lane")}
	e.Estimate = domain.Rupiah(w.asked[n])
	e.Village = w.pick([]string{"99.01.03.2001", "99.01.03.2002", "99.01.04.2001"}, "village")
	e.OPD = w.pick([]string{"1.03", "1.04"}, "opd")
	w.tell(of(n, e))
}

func (w *world) merge() {
	free := w.free()
	if len(free) < 2 {
		return
	}
	free = rapid.Permutation(free).Draw(w.t, "children")[:rapid.IntRange(2, min(4, len(free))).Draw(w.t, "how many")]
	p := w.name(27)
	formed := &proposal.FormedByMerge{Step: step("at_opd"), Lane: proposal.Musrenbang}
	formed.Village, formed.OPD = "99.01.03", "1.03"
	w.kids[p], w.fate[p] = make(map[string]int64), history.Pending
	var facts []fact
	for _, c := range free {
		weight := w.weight()
		w.kids[p][c], w.up[c] = weight, p
		formed.Components = append(formed.Components, proposal.Component{Child: c, Weight: weight})
		facts = append(facts, of(c, &proposal.Merged{Step: step("merged"), Parent: p}))
	}
	w.tell(append(facts, of(p, formed))...)
}

// parents returns the merged proposals that may be acted on.
func (w *world) parents() []string {
	return slices.DeleteFunc(w.free(), func(n string) bool { return len(w.kids[n]) == 0 })
}

func (w *world) unmerge() {
	parents := w.parents()
	if len(parents) == 0 {
		return
	}
	p := w.pick(parents, "parent")
	facts := []fact{of(p, &proposal.MergeReversed{Step: step("dissolved"), Role: "parent", Parent: p})}
	for _, c := range slices.Sorted(maps.Keys(w.kids[p])) {
		facts = append(facts, of(c, &proposal.MergeReversed{Step: step("at_opd"), Role: "child", Resume: "at_opd", Parent: p}))
		delete(w.up, c)
		w.fate[c] = history.Pending
	}
	delete(w.kids, p)
	w.gone[p] = true
	w.tell(facts...)
}

// reweigh changes the weight of a component, to nothing if another is left.
func (w *world) reweigh() {
	parents := w.parents()
	if len(parents) == 0 {
		return
	}
	p := w.pick(parents, "parent")
	in := slices.DeleteFunc(slices.Sorted(maps.Keys(w.kids[p])), func(c string) bool { return w.kids[p][c] == 0 })
	c := w.pick(in, "component")
	weight := int64(0)
	if len(in) == 1 || rapid.IntRange(0, 2).Draw(w.t, "change only") == 0 {
		weight = w.weight()
	}
	w.kids[p][c] = weight
	changed := []proposal.Component{{Child: c, Weight: weight}}
	acts := []proposal.Event{
		&proposal.AcceptedByOPD{Components: changed}, &proposal.Agreed{Components: changed}, &proposal.IncludedInRKPD{Components: changed},
		&proposal.IncludedInPPAS{Components: changed}, &proposal.AmountRevised{Components: changed},
	}
	if len(w.lines[p]) > 0 { // a revision would change an amount too
		acts = acts[:4]
	}
	w.tell(of(p, rapid.SampledFrom(acts).Draw(w.t, "act")))
}

func (w *world) split() {
	free := slices.DeleteFunc(w.free(), func(n string) bool { return len(w.lines[n]) > 0 })
	if len(free) == 0 {
		return
	}
	n := w.pick(free, "whole")
	e := &proposal.Split{Step: step("split")}
	facts := []fact{of(n, e)}
	w.parts[n] = make(map[string]int64)
	for range rapid.IntRange(2, 3).Draw(w.t, "parts") {
		e.Parts, e.Weights = append(e.Parts, w.name(27)), append(e.Weights, w.weight())
	}
	for i, p := range e.Parts {
		w.parts[n][p], w.whole[p], w.fate[p] = e.Weights[i], n, history.Pending
		part := &proposal.FormedBySplit{Step: step("at_opd"), Lane: proposal.Musrenbang, Whole: n, Weight: e.Weights[i]}
		for _, weight := range e.Weights {
			part.Of += weight
		}
		part.OPD = "1.04"
		facts = append(facts, of(p, part))
	}
	w.tell(facts...)
}

const lineTotal = 1_000_000_000_000

func (w *world) fund() {
	free := w.free()
	if len(free) == 0 {
		return
	}
	n := w.pick(free, "funded")
	line, amount := w.pick([]string{"1", "2", "3"}, "line"), rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, 10_000_000_000)).Draw(w.t, "amount")
	e := &proposal.Funded{Step: step("funded"), Line: line, LineTotal: lineTotal}
	e.Amount = domain.Rupiah(amount)
	if w.lines[n] == nil {
		w.lines[n] = make(map[string]int64)
	}
	w.lines[n][line] = amount
	w.fate[n] = history.Funded
	w.tell(of(n, e))
}

func (w *world) lose() {
	free := w.free()
	if len(free) == 0 {
		return
	}
	n := w.pick(free, "lost")
	if w.fate[n] == history.Funded {
		delete(w.lines, n)
		w.fate[n] = history.Cancelled
		w.tell(of(n, &proposal.Cancelled{Step: step("cancelled")}))
		return
	}
	type end struct {
		fate  history.Fate
		event proposal.Event
	}
	e := rapid.SampledFrom([]end{
		{history.Dropped, &proposal.Rejected{Step: step("rejected")}}, {history.Dropped, &proposal.LeftOut{Step: step("left_out")}},
		{history.Deferred, &proposal.Deferred{Step: step("deferred")}}, {history.Elsewhere, &proposal.FinancedElsewhere{Step: step("elsewhere")}},
		{history.Withdrawn, &proposal.Withdrawn{Step: step("withdrawn")}}, {history.Pending, &proposal.Reinstated{Step: step("at_opd")}},
	}).Draw(w.t, "end")
	w.fate[n] = e.fate
	w.tell(of(n, e.event))
}

func (w *world) appear() {
	n := w.name(27)
	e := &proposal.AppearedInBudget{Step: proposal.Step{State: "funded"}, Line: w.pick([]string{"1", "9"}, "line")}
	e.Amount = domain.Rupiah(rapid.Int64Range(0, 1_000_000_000).Draw(w.t, "amount"))
	w.fate[n], w.budget = history.Funded, append(w.budget, n)
	w.lines[n] = map[string]int64{e.Line: int64(e.Amount)}
	w.tell(of(n, e))
}

// carry hands an origin in again in the next cycle.
func (w *world) carry() {
	origins := slices.DeleteFunc(slices.Sorted(maps.Keys(w.asked)), func(n string) bool { return w.next28[n] != "" || proposal.Year(n) == 2028 })
	if len(origins) == 0 {
		return
	}
	n := w.pick(origins, "origin")
	next := w.name(28)
	w.next28[n], w.asked[next], w.fate[next] = next, w.asked[n], history.Pending
	e := &proposal.Continued{Step: step("at_kecamatan"), Lane: proposal.Musrenbang, Previous: n}
	e.Village, e.OPD, e.Estimate = "99.01.03.2001", "1.03", domain.Rupiah(w.asked[n])
	w.tell(of(n, &proposal.CarriedOver{Next: next, Cycle: 2028, Parent: w.up[n]}), of(next, e))
}

func (w *world) step() {
	acts := []func(){w.submit, w.submit, w.merge, w.merge, w.unmerge, w.reweigh, w.reweigh, w.split, w.fund, w.fund, w.lose, w.lose, w.appear, w.carry}
	w.touched = nil
	acts[rapid.IntRange(0, len(acts)-1).Draw(w.t, "act")]()
}

func TestSumsConserve(t *testing.T) {
	conserves := func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 4).Draw(t, "origins") {
			w.submit()
		}
		var before map[string]history.Account
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			w.step()
			nodes := slices.Collect(charts().Nodes(now, maps.All(w.streams())))
			l := history.Trace(slices.Values(rapid.Permutation(nodes).Draw(t, "order")))
			accounts := byNumber(l)
			straight := history.Trace(slices.Values(nodes))
			w.equal("the order", straight.Order(), l.Order())
			w.equal("the accounts in another order", byNumber(straight), accounts)
			w.checkShares(l, accounts)
			w.checkSums(l, accounts)
			w.checkBudget(nodes)
			w.checkChains(l, accounts)
			if before != nil {
				w.checkIncrement(l, before, accounts, nodes)
			}
			before = accounts
			if t.Failed() {
				t.FailNow()
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 2 {
			conserves(t)
		}
	})
}

func byNumber(l *history.Lineage) map[string]history.Account {
	out := make(map[string]history.Account)
	for a := range l.Accounts() {
		out[a.Number] = a
	}
	return out
}

// I1, I2, I6 and I7: the shares are those of the definitions.
func (w *world) checkShares(l *history.Lineage, accounts map[string]history.Account) {
	want := make(map[string]map[string]string) // origin → leaf → part and fate
	for _, leaf := range w.leaves() {
		count, money := w.mixes(leaf)
		for r, part := range count {
			if want[r] == nil {
				want[r] = make(map[string]string)
			}
			want[r][leaf] = part.RatString() + " " + string(w.fateOf(leaf))
		}
		w.equal("the money mix of "+leaf, asText(money), portions(l.MoneyMix(leaf)))
		w.equal("the count mix of "+leaf, asText(count), portions(l.CountMix(leaf)))
		sum := new(big.Rat)
		for _, p := range l.MoneyMix(leaf) {
			sum.Add(sum, p.Part.Rat())
		}
		w.equal("I2: all of "+leaf, "1", sum.RatString())
	}
	for r := range w.asked {
		a := accounts[r]
		got := make(map[string]string)
		sum, millionths := new(big.Rat), int64(0)
		fates := make(map[history.Fate]*big.Rat)
		for _, s := range a.Shares {
			got[s.Leaf] = s.Part.String() + " " + string(s.Fate)
			sum.Add(sum, s.Part.Rat())
			millionths += s.Millionths
			if fates[s.Fate] == nil {
				fates[s.Fate] = new(big.Rat)
			}
			fates[s.Fate].Add(fates[s.Fate], s.Part.Rat())
		}
		w.equal("the shares of "+r, want[r], got)
		w.equal("I1: all of "+r, "1", sum.RatString())
		w.equal("the millionths of "+r, int64(history.Whole), millionths)
		w.equal("I7: the headline of "+r, headline(fates), a.Headline)
		for f, part := range fates {
			w.equal("I6: "+r+" "+string(f), part.RatString(), a.Part(f).String())
		}
	}
}

func headline(fates map[history.Fate]*big.Rat) history.Fate {
	if f := fates[history.Funded]; f != nil {
		if f.Cmp(big.NewRat(1, 1)) == 0 {
			return history.Funded
		}
		return history.Partly
	}
	var best history.Fate
	for _, f := range history.Fates {
		if fates[f] != nil && (best == "" || fates[f].Cmp(fates[best]) > 0) {
			best = f
		}
	}
	return best
}

func asText(m mix) map[string]string {
	out := make(map[string]string)
	for r, part := range m {
		out[r] = part.RatString()
	}
	return out
}

func portions(ps []history.Portion) map[string]string {
	out := make(map[string]string)
	for _, p := range ps {
		out[p.Number] = p.Part.String()
	}
	return out
}

// I3, I4, I5 and I11: rupiah are neither lost nor made, in all and in every
// part of all.
func (w *world) checkSums(l *history.Lineage, accounts map[string]history.Account) {
	var asked, granted, cut, uplift, unasked int64
	for _, a := range w.asked {
		asked += a
	}
	byLeaf := make(map[string]int64)
	for _, a := range accounts {
		for _, s := range a.Shares {
			byLeaf[s.Leaf] += int64(s.Asked)
		}
	}
	for _, leaf := range w.leaves() {
		f := w.granted(leaf)
		granted += f
		count, _ := w.mixes(leaf)
		exact := new(big.Rat)
		for r, part := range count {
			exact.Add(exact, new(big.Rat).Mul(part, new(big.Rat).SetInt64(w.asked[r])))
		}
		off := exact.Sub(exact, new(big.Rat).SetInt64(byLeaf[leaf]))
		if off.Abs(off).Cmp(big.NewRat(int64(max(len(count), 1)), 1)) >= 0 {
			w.t.Errorf("%s was asked %d by the shares, %s rupiah off", leaf, byLeaf[leaf], off.FloatString(3))
		}
		if w.fateOf(leaf) == history.Funded {
			cut += max(byLeaf[leaf]-f, 0)
			uplift += max(f-byLeaf[leaf], 0)
		}
	}
	for _, n := range w.budget {
		unasked += total(w.lines[n])
	}
	sum := history.SumOf(l.Accounts())
	w.equal("I3: granted", granted, int64(sum.Granted))
	w.equal("I4: asked", asked, int64(sum.Asked))
	w.equal("cut", cut, int64(sum.Cut))
	w.equal("uplift", uplift, int64(sum.Uplift))
	w.equal("moved", domain.Rupiah(0), sum.Moved)
	w.equal("without a proposal", unasked, int64(sum.WithoutProposal))
	w.equal("unattributed", domain.Rupiah(0), sum.Unattributed)
	w.equal("I5", nil, sum.Check())
	funnel := history.NewFunnel(chart())
	for a := range l.Accounts() {
		funnel.Add(a)
	}
	w.equal("the funnel", nil, funnel.Check(sum))
	for name, by := range map[string]func(*history.Account) string{
		"lane":      func(a *history.Account) string { return string(a.Lane) },
		"village":   func(a *history.Account) string { return a.Village },
		"kecamatan": (*history.Account).Kecamatan,
		"opd":       func(a *history.Account) string { return a.OPD },
		"cycle":     func(a *history.Account) string { return fmt.Sprint(a.Cycle) },
	} {
		var all history.Sum
		for group, s := range history.Sums(l.Accounts(), by) {
			w.equal("I5 of "+name+" "+group, nil, s.Check())
			all.Origins += s.Origins
			all.Asked += s.Asked
			all.Granted += s.Granted
			all.Cut += s.Cut
			all.Uplift += s.Uplift
			all.Moved += s.Moved
		}
		want := history.Sum{Origins: sum.Origins, Asked: sum.Asked, Granted: sum.Granted, Cut: sum.Cut, Uplift: sum.Uplift}
		w.equal("I11: all of "+name, want, all)
	}
}

// I8, I9 and I10: lines hold what is allocated on them, a document is the sum of
// what is in it, and who is absorbed or dissolved holds nothing.
func (w *world) checkBudget(nodes []history.Node) {
	const document = 10 * lineTotal
	b := history.BudgetOf(document, slices.Values(nodes))
	w.equal("I9", domain.Rupiah(document), b.Granted+b.WithoutProposal+b.Rest+b.Unallocated)
	for _, line := range b.Lines {
		if line.Rest() < 0 {
			w.t.Errorf("I8: line %s of %s has %s and %s on it", line.ID, line.Total, line.Granted, line.WithoutProposal)
		}
	}
	for _, n := range nodes {
		if _, merged := w.up[n.Number]; (merged || w.gone[n.Number] || w.parts[n.Number] != nil) && n.Granted() != 0 {
			w.t.Errorf("I10: %s holds %s", n.Number, n.Granted())
		}
	}
}

// I12: over the cycles every wish counts once.
func (w *world) checkChains(l *history.Lineage, accounts map[string]history.Account) {
	seen := make(map[string]bool)
	chains := 0
	for _, r := range slices.Sorted(maps.Keys(w.asked)) {
		want := []string{r}
		if next := w.next28[r]; next != "" {
			want = append(want, next)
			w.equal("what "+next+" continues", r, accounts[next].Previous)
		}
		if proposal.Year(r) == 2028 && accounts[r].Previous != "" {
			want = []string{accounts[r].Previous, r}
		}
		got := l.Chain(r)
		w.equal("the chain of "+r, want, got)
		if !seen[got[0]] {
			chains++
		}
		seen[got[0]] = true
	}
	w.equal("I12: chains", len(w.asked)-len(w.next28), chains)
}

// What did not hang together with what happened is as it was, and a family by
// itself comes to what it comes to among all.
func (w *world) checkIncrement(l *history.Lineage, before, after map[string]history.Account, nodes []history.Node) {
	affected := make(map[string]bool)
	for family := range l.Families() {
		if slices.ContainsFunc(w.touched, func(n string) bool { return slices.Contains(family, n) }) {
			for _, n := range family {
				affected[n] = true
			}
		}
	}
	for n, a := range after {
		if !affected[n] {
			w.equal("what became of "+n+", which nobody touched", before[n], a)
		}
	}
	few := slices.DeleteFunc(slices.Clone(nodes), func(n history.Node) bool { return !affected[n.Number] })
	alone := history.Trace(slices.Values(few))
	w.equal("who is missing", []string(nil), alone.Unheld())
	for n, a := range byNumber(alone) {
		w.equal(n+" by its family alone", after[n], a)
	}
}

var sameParts = cmp.Comparer(func(a, b history.Part) bool { return a.String() == b.String() })

func (w *world) equal(what string, want, got any) {
	w.t.Helper()
	if d := cmp.Diff(want, got, sameParts); d != "" {
		w.t.Errorf("%s: %s", what, strings.TrimSpace(d))
	}
}
