package history

import (
	"cmp"
	"iter"
	"math/big"
	"slices"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/proposal"
)

// Whole is an origin in the millionths that a Share counts by.
const Whole = 1_000_000

// An Account says what became of one origin: in which leaves it ended, with
// which fate, and with which of its rupiah. All its amounts are whole rupiah and
// all its counts whole millionths, so that accounts add up exactly.
//
// Money that belongs to no origin has an account too, with nothing asked: its
// Root says whether it stands in a budget without a proposal, or belongs to
// somebody who is not held.
type Account struct {
	Number   string
	Cycle    int
	Root     Root
	Lane     proposal.Lane
	Village  string // kode wilayah
	OPD      string // that has the largest part of it
	Asked    domain.Rupiah
	Previous string // number it had in an earlier cycle
	Headline Fate   // "" where it is no origin's
	Shares   []Share
}

// A Share is the part of an origin that one leaf holds.
type Share struct {
	Leaf       string // number
	OPD        string // that has the leaf
	Fate       Fate
	Part       Part  // of the origin, exact
	Millionths int64 // of the origin; those of all shares make Whole
	Asked      domain.Rupiah
	Granted    domain.Rupiah
	Cut        domain.Rupiah // asked of a funded leaf and not granted
	Uplift     domain.Rupiah // granted to a funded leaf beyond what was asked
	// Moved is what the weights of a merge gave this share beyond its place in
	// what was asked, at the cost of its siblings; negative where it paid. Over
	// all shares of a leaf it is nothing. For a funded leaf
	// Asked + Uplift + Moved = Granted + Cut.
	Moved   domain.Rupiah
	Reached StageSet  // stages it passed, in any proposal that held it
	Stage   int       // index of the stage it is in or ended in, -1 for none
	Dropped uuid.UUID // the event that gave the leaf weight 0 in a merge, if one did
}

// Kecamatan returns the kode wilayah of the kecamatan the origin lies in.
func (a *Account) Kecamatan() string { return domain.KecamatanOf(a.Village) }

// Accounts settles every origin of the lineage, and the money that belongs to
// none, in the order the proposals were given. What it yields of one family
// depends on that family alone.
func (l *Lineage) Accounts() iter.Seq[Account] {
	return func(yield func(Account) bool) {
		shares := l.settle()
		for n := range l.nodes {
			a, ok := l.account(n, shares)
			if ok && !yield(a) {
				return
			}
		}
	}
}

// account returns the account of a node, and whether it has one.
func (l *Lineage) account(n int, settled [][]Share) (Account, bool) {
	node := &l.nodes[n]
	a := Account{
		Number: node.Number, Cycle: node.Cycle, Root: node.Root, Lane: node.Lane,
		Village: node.Village, OPD: node.OPD, Asked: node.Asked, Shares: settled[n],
	}
	if l.lone(n) {
		a.Shares = node.alone()
	}
	switch {
	case node.Root == Origin:
		a.Previous = node.previous()
		a.Headline, a.OPD = headline(a.Shares)
		return a, true
	case node.Root == InBudget:
		return a, true
	}
	a.Root = Unheld
	return a, len(a.Shares) > 0
}

func (n *Node) previous() string {
	for _, e := range n.Edges {
		if e.Kind == Continues && e.To == n.Number {
			return e.From
		}
	}
	return ""
}

// alone returns the one share of a proposal that is tied to nobody.
func (n *Node) alone() []Share {
	granted := n.Granted()
	if n.Root != Origin && granted == 0 {
		return nil
	}
	s := Share{Leaf: n.Number, OPD: n.OPD, Fate: cmp.Or(n.Fate, Unknown), Granted: granted, Reached: n.Reached, Stage: n.Stage}
	if n.Root != Origin {
		return []Share{s}
	}
	s.Millionths, s.Asked = Whole, n.Asked
	if s.Fate == Funded {
		s.Cut, s.Uplift = max(n.Asked-granted, 0), max(granted-n.Asked, 0)
	}
	return []Share{s}
}

// headline returns the fate of an origin as a whole, and the OPD that has the
// largest part of it.
func headline(shares []Share) (Fate, string) {
	if len(shares) == 1 {
		return shares[0].Fate, shares[0].OPD
	}
	byFate := make(map[Fate]*big.Rat)
	largest := 0
	for i, s := range shares {
		if byFate[s.Fate] == nil {
			byFate[s.Fate] = new(big.Rat)
		}
		byFate[s.Fate].Add(byFate[s.Fate], s.Part.Rat())
		if shares[largest].Part.less(s.Part) {
			largest = i
		}
	}
	opd := shares[largest].OPD
	if f := byFate[Funded]; f != nil && f.Sign() > 0 {
		if f.Cmp(one) == 0 {
			return Funded, opd
		}
		return Partly, opd
	}
	best := Unknown
	for _, f := range slices.Backward(Fates) {
		if byFate[f] != nil && (byFate[best] == nil || byFate[f].Cmp(byFate[best]) >= 0) {
			best = f
		}
	}
	return best, opd
}

// Part returns how much of the origin has a fate. Over all fates that makes one.
func (a *Account) Part(f Fate) Part {
	sum := new(big.Rat)
	for _, s := range a.Shares {
		if s.Fate == f {
			sum.Add(sum, s.Part.Rat())
		}
	}
	return part(sum)
}
