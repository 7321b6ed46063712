package history

import (
	"cmp"
	"math/big"
	"slices"
)

// A Part is how much of a whole: an exact number, from nothing to all. The zero
// Part is all of it, as nearly every part is.
type Part struct{ rat *big.Rat }

// ratio returns the part that w is of sum, which is positive.
func ratio(w, sum int64) Part {
	if w == sum {
		return Part{}
	}
	return Part{big.NewRat(w, sum)}
}

// Rat returns p as a number of its own.
func (p Part) Rat() *big.Rat {
	if p.rat == nil {
		return big.NewRat(1, 1)
	}
	return new(big.Rat).Set(p.rat)
}

// All reports whether p is the whole.
func (p Part) All() bool { return p.rat == nil }

// None reports whether p is nothing.
func (p Part) None() bool { return p.rat != nil && p.rat.Sign() == 0 }

// String returns "1" or "7/10".
func (p Part) String() string { return p.Rat().RatString() }

func (p Part) times(q Part) Part {
	switch {
	case p.rat == nil:
		return q
	case q.rat == nil:
		return p
	}
	return part(new(big.Rat).Mul(p.rat, q.rat))
}

func (p Part) plus(q Part) Part { return part(new(big.Rat).Add(p.Rat(), q.Rat())) }

func (p Part) less(q Part) bool { return p.Rat().Cmp(q.Rat()) < 0 }

var one = big.NewRat(1, 1)

func part(r *big.Rat) Part {
	if r.Cmp(one) == 0 {
		return Part{}
	}
	return Part{r}
}

// A mix says of which roots a node is made.
type mix []portion

// A portion is the part one root has in a mix, with the stages it passed on the
// way there.
type portion struct {
	root    int
	part    Part
	reached StageSet
}

// joined returns m with one portion for each root: two parts of one proposal may
// meet again in a merge.
func (m mix) joined() mix {
	slices.SortStableFunc(m, func(a, b portion) int { return cmp.Compare(a.root, b.root) })
	out := m[:0]
	for _, p := range m {
		if n := len(out); n > 0 && out[n-1].root == p.root {
			out[n-1].part = out[n-1].part.plus(p.part)
			out[n-1].reached |= p.reached
			continue
		}
		out = append(out, p)
	}
	return out
}

// A Portion is the part that one proposal has in another.
type Portion struct {
	Number string
	Part   Part
}

// CountMix returns how much of which origins a proposal holds, by number.
func (l *Lineage) CountMix(number string) []Portion {
	l.mixtures()
	return l.portions(number, l.counts)
}

// MoneyMix returns whose a rupiah granted to a proposal is, by number. What is
// not an origin may be among them: a parent's component that is not held.
func (l *Lineage) MoneyMix(number string) []Portion {
	l.mixtures()
	return l.portions(number, l.moneys)
}

func (l *Lineage) portions(number string, of []mix) []Portion {
	n, ok := l.at[number]
	if !ok {
		return nil
	}
	if l.lone(n) {
		l.mixture(n)
	}
	var out []Portion
	for _, p := range of[n] {
		out = append(out, Portion{l.nodes[p.root].Number, p.part})
	}
	slices.SortFunc(out, func(a, b Portion) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// lone reports whether n is tied to nobody. Most proposals are.
func (l *Lineage) lone(n int) bool { return len(l.up[n])+len(l.down[n]) == 0 }

// mixtures works out both mixes of every node that is tied to another, once.
func (l *Lineage) mixtures() {
	if l.counts != nil {
		return
	}
	l.counts, l.moneys = make([]mix, len(l.nodes)), make([]mix, len(l.nodes))
	for _, n := range l.order {
		l.mixture(n)
	}
}

// mixture works out the mixes of a node from those before it.
func (l *Lineage) mixture(n int) {
	node := &l.nodes[n]
	if node.Root == Origin {
		whole := mix{{root: n, reached: node.Reached}}
		l.counts[n], l.moneys[n] = whole, whole
		return
	}
	var weights int64
	for _, k := range l.up[n] {
		if link := &l.links[k]; link.flows && link.Kind == MergedInto {
			weights += link.Weight
		}
	}
	var counts, moneys mix
	for _, k := range l.up[n] {
		link := &l.links[k]
		if !link.flows {
			continue
		}
		var count, money Part
		if link.Kind == MergedInto {
			money = ratio(link.Weight, weights)
		} else {
			count = ratio(link.Weight, l.weightOfParts(link.from))
		}
		for _, p := range l.counts[link.from] {
			counts = append(counts, portion{p.root, p.part.times(count), p.reached | node.Reached})
		}
		for _, p := range l.moneys[link.from] {
			moneys = append(moneys, portion{root: p.root, part: p.part.times(money)})
		}
	}
	if len(moneys) == 0 { // what comes from nowhere is its own
		moneys = mix{{root: n}}
	}
	l.counts[n], l.moneys[n] = counts.joined(), moneys.joined()
}

// weightOfParts returns the weight of all parts a node was split into, whether
// they are held or not.
func (l *Lineage) weightOfParts(n int) int64 {
	var said, held int64
	for _, k := range l.down[n] {
		if link := &l.links[k]; link.Kind == SplitFrom {
			said = max(said, link.Of)
			held += link.Weight
		}
	}
	return max(said, held)
}
