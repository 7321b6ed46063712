package lists

import (
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
)

// examine takes out of a plan the rows that cannot all be meant: which of them
// is wrong, only whoever made the list knows, so none is carried out.
func (p *Plan) examine(q *Question) {
	p.twice(q)
	p.overdrawn(q)
}

// twice takes out rows that decide the same thing of one proposal.
func (p *Plan) twice(q *Question) {
	type subject struct{ proposal, line string }
	rows := map[subject][]*Row{}
	about := func(d Decided) subject {
		line := ""
		switch e := d.Decision.Ask.(type) {
		case *proposal.Funded:
			line = e.Line
		case *proposal.AppearedInBudget:
			line = e.Line
		case *proposal.AmountRevised:
			line = e.Line
		}
		return subject{d.Decision.Proposal, line}
	}
	for _, d := range p.Decided {
		rows[about(d)] = append(rows[about(d)], d.Row)
	}
	p.drop(func(d Decided) error {
		same := rows[about(d)]
		if len(same) < 2 {
			return nil
		}
		if d.Decision.Proposal == "" {
			return domain.Refuse(domain.Conflict, "lists.line_twice", "line", about(d).line, "rows", rowNumbers(same))
		}
		return domain.Refuse(domain.Conflict, "lists.proposal_twice", "proposal", d.Decision.Proposal, "rows", rowNumbers(same))
	})
}

// A lineOf is a budget line as all rows and the log together use it.
type lineOf struct {
	rows   []*Row
	totals map[domain.Rupiah]bool // as rows state them
	sum    domain.Rupiah          // of these rows, and of what the log holds for others
}

// overdrawn takes out the rows of lines that give out more than they hold, or of
// which two rows state different totals.
func (p *Plan) overdrawn(q *Question) {
	lines := map[string]*lineOf{}
	for _, d := range p.Decided {
		f, ok := d.Decision.Ask.(*proposal.Funded)
		if !ok {
			continue
		}
		l := lines[f.Line]
		if l == nil {
			l = &lineOf{totals: map[domain.Rupiah]bool{}}
			lines[f.Line] = l
		}
		l.rows = append(l.rows, d.Row)
		l.sum += f.Amount
		if f.LineTotal > 0 {
			l.totals[f.LineTotal] = true
		}
	}
	for _, c := range slices.Concat(q.All, q.Appeared) {
		for id, amount := range c.Lines {
			if l := lines[id]; l != nil {
				l.sum += amount
			}
		}
	}
	p.drop(func(d Decided) error {
		f, ok := d.Decision.Ask.(*proposal.Funded)
		if !ok {
			return nil
		}
		l := lines[f.Line]
		totals := slices.Sorted(maps.Keys(l.totals))
		switch {
		case len(totals) > 1:
			return domain.Refuse(domain.Conflict, "lists.line_totals", "line", f.Line, "rows", rowNumbers(l.rows), "total", totals[0].String(), "other", totals[1].String())
		case len(totals) == 1 && l.sum > totals[0]:
			return domain.Refuse(domain.Conflict, "lists.line_overdrawn", "line", f.Line, "rows", rowNumbers(l.rows), "total", totals[0].String(), "sum", l.sum.String())
		}
		return nil
	})
}

// drop refuses the decisions of which why knows a reason.
func (p *Plan) drop(why func(Decided) error) {
	kept := p.Decided[:0]
	for _, d := range p.Decided {
		if err := why(d); err != nil {
			p.refuse(d.Row, "", err)
			continue
		}
		kept = append(kept, d)
	}
	p.Decided = kept
}

// batchSize is how many decisions one append carries, unless more belong
// together.
const batchSize = 150

// Batches divides decisions into appends. What belongs to one proposal or one
// budget line stays together, for it is judged together.
func Batches(all []Decided) [][]Decided {
	group := make([]int, len(all)) // union of rows that share a proposal or a line
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	first := map[string]int{}
	for i, d := range all {
		for _, key := range keys(d.Decision) {
			if j, seen := first[key]; seen {
				group[root(i)] = root(j)
				continue
			}
			first[key] = i
		}
	}
	members := map[int][]Decided{}
	var order []int
	for i, d := range all {
		r := root(i)
		if members[r] == nil {
			order = append(order, r)
		}
		members[r] = append(members[r], d)
	}
	var out [][]Decided
	var batch []Decided
	for _, r := range order {
		if len(batch) > 0 && len(batch)+len(members[r]) > batchSize {
			out, batch = append(out, batch), nil
		}
		batch = append(batch, members[r]...)
	}
	if len(batch) > 0 {
		out = append(out, batch)
	}
	return out
}

func keys(d act.Decision) []string {
	var out []string
	if d.Proposal != "" {
		out = append(out, "proposal "+d.Proposal)
	}
	if f, ok := d.Ask.(*proposal.Funded); ok && f.LineTotal > 0 {
		out = append(out, "line "+f.Line)
	}
	return out
}
