package history

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"runut/domain"
)

// A Budget sets a document's lines beside the proposals they pay for:
// Total = Granted + WithoutProposal + Rest + Unallocated.
type Budget struct {
	Total           domain.Rupiah // of the document, as adopted
	Granted         domain.Rupiah // to proposals
	WithoutProposal domain.Rupiah // to what appeared in it without one
	Rest            domain.Rupiah // of the lines, to nobody we know: "tanpa usulan" too
	Unallocated     domain.Rupiah // of the document, on no line we know
	Lines           []BudgetLine  // by id
}

// A BudgetLine is one line of a budget with all it pays for.
type BudgetLine struct {
	ID              string
	Total           domain.Rupiah // as last said; where nobody said, what is allocated on it
	Granted         domain.Rupiah
	WithoutProposal domain.Rupiah
	Proposals       int
	said            int64
}

// Rest returns what of the line pays for nobody we know. It is negative where
// more was allocated on the line than it holds, which is a finding.
func (b *BudgetLine) Rest() domain.Rupiah { return b.Total - b.Granted - b.WithoutProposal }

// BudgetOf sets the lines of funded proposals against a document's total.
func BudgetOf(total domain.Rupiah, nodes iter.Seq[Node]) Budget {
	lines := make(map[string]*BudgetLine)
	for n := range nodes {
		if n.Fate != Funded {
			continue
		}
		for _, l := range n.Lines {
			b := lines[l.ID]
			if b == nil {
				b = &BudgetLine{ID: l.ID}
				lines[l.ID] = b
			}
			b.add(l, n.Root)
		}
	}
	b := Budget{Total: total, Unallocated: total}
	for _, l := range slices.SortedFunc(maps.Values(lines), func(a, b *BudgetLine) int { return strings.Compare(a.ID, b.ID) }) {
		if l.said == 0 {
			l.Total = l.Granted + l.WithoutProposal
		}
		b.Granted += l.Granted
		b.WithoutProposal += l.WithoutProposal
		b.Rest += l.Rest()
		b.Unallocated -= l.Total
		b.Lines = append(b.Lines, *l)
	}
	return b
}

func (b *BudgetLine) add(l Line, root Root) {
	if root == InBudget {
		b.WithoutProposal += l.Amount
	} else {
		b.Granted += l.Amount
		b.Proposals++
	}
	if l.Said > b.said {
		b.Total, b.said = l.Total, l.Said
	}
}
