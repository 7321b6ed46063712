package history

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/google/uuid"

	"runut/domain"
)

// A leaf is what a node holds for itself: all it came to, or what a merge or a
// split left with it.
type leaf struct {
	node    int
	part    Part
	fate    Fate
	reached StageSet // beyond the node's own, in the parent that dropped it
	stage   int
	dropped uuid.UUID
	shares  []place
}

// A place is where the share of one root in a leaf stands.
type place struct{ root, at int }

// leaf returns what node n holds for itself, and whether that is anything.
func (l *Lineage) leaf(n int) (leaf, bool) {
	node := &l.nodes[n]
	f := leaf{node: n, fate: cmp.Or(node.Fate, Unknown), stage: node.Stage}
	var gone int64
	lost := false // into a parent, or into parts, that are not held
	for _, k := range l.down[n] {
		link := &l.links[k]
		switch {
		case !link.kin():
			continue
		case link.dropped:
			f.fate, f.reached, f.stage, f.dropped = Dropped, link.Reached, link.Stage, link.Weighed
			return f, true
		case link.flows && link.Kind == MergedInto:
			return f, false
		case link.flows:
			gone += link.Weight
		}
		lost = true
	}
	if !lost {
		return f, true
	}
	f.fate = Unknown
	if gone > 0 {
		all := l.weightOfParts(n)
		f.part = ratio(all-gone, all)
		return f, gone < all
	}
	return f, true
}

// settle returns the shares of every node that is a root and tied to another.
func (l *Lineage) settle() [][]Share {
	l.mixtures()
	shares := make([][]Share, len(l.nodes))
	var leaves []leaf
	for _, n := range l.order {
		if f, ok := l.leaf(n); ok {
			leaves = append(leaves, f)
		}
	}
	slices.SortFunc(leaves, func(a, b leaf) int { return l.byNumber(a.node, b.node) })
	for i := range leaves {
		f := &leaves[i]
		node := &l.nodes[f.node]
		for _, p := range l.counts[f.node] {
			f.shares = append(f.shares, place{p.root, len(shares[p.root])})
			shares[p.root] = append(shares[p.root], Share{
				Leaf: node.Number, OPD: node.OPD, Fate: f.fate, Part: p.part.times(f.part),
				Reached: p.reached | f.reached, Stage: f.stage, Dropped: f.dropped,
			})
		}
	}
	for _, n := range l.order {
		divide(shares[n], l.nodes[n].Asked)
	}
	for i := range leaves {
		if f := &leaves[i]; f.fate == Funded {
			l.grant(f, shares)
		}
	}
	return shares
}

// divide gives each share of an origin its rupiah and millionths of the whole.
func divide(shares []Share, asked domain.Rupiah) {
	if len(shares) == 0 {
		return
	}
	parts := make([]Part, len(shares))
	for i, s := range shares {
		parts[i] = s.Part
	}
	rupiah, millionths := apportion(int64(asked), parts), apportion(Whole, parts)
	for i := range shares {
		shares[i].Asked, shares[i].Millionths = domain.Rupiah(rupiah[i]), millionths[i]
	}
}

// grant gives the money of a funded leaf to those it belongs to.
func (l *Lineage) grant(f *leaf, shares [][]Share) {
	node := &l.nodes[f.node]
	due := slices.Clone(l.moneys[f.node])
	slices.SortFunc(due, func(a, b portion) int { return l.byNumber(a.root, b.root) })
	parts := make([]Part, len(due))
	for i, p := range due {
		parts[i] = p.part
	}
	for i, amount := range apportion(int64(node.Granted()), parts) {
		root := due[i].root
		at := slices.IndexFunc(shares[root], func(s Share) bool { return s.Leaf == node.Number })
		if at < 0 { // somebody who is no origin, or of whom no part is left
			if amount == 0 {
				continue
			}
			at = len(shares[root])
			shares[root] = append(shares[root], Share{Leaf: node.Number, OPD: node.OPD, Fate: Funded, Part: Part{new(big.Rat)}, Reached: node.Reached, Stage: node.Stage})
			f.shares = append(f.shares, place{root, at})
		}
		shares[root][at].Granted = domain.Rupiah(amount)
	}
	l.balance(f, shares)
}

// balance says of a funded leaf what was cut, what was added, and what its
// weights moved from one origin to another.
func (l *Lineage) balance(f *leaf, shares [][]Share) {
	slices.SortFunc(f.shares, func(a, b place) int { return l.byNumber(a.root, b.root) })
	short, over := make([]int64, len(f.shares)), make([]int64, len(f.shares))
	var missing int64
	for i, p := range f.shares {
		if l.nodes[p.root].Root != Origin {
			continue
		}
		d := int64(shares[p.root][p.at].Asked - shares[p.root][p.at].Granted)
		missing += d
		short[i], over[i] = max(d, 0), max(-d, 0)
	}
	cuts, uplifts := make([]int64, len(f.shares)), make([]int64, len(f.shares))
	switch {
	case missing > 0:
		cuts = apportion(missing, proportions(short))
	case missing < 0:
		uplifts = apportion(-missing, proportions(over))
	}
	for i, p := range f.shares {
		if l.nodes[p.root].Root != Origin {
			continue
		}
		s := &shares[p.root][p.at]
		s.Cut, s.Uplift = domain.Rupiah(cuts[i]), domain.Rupiah(uplifts[i])
		s.Moved = s.Granted + s.Cut - s.Asked - s.Uplift
	}
}
