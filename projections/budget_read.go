package projections

import (
	"context"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/workflow"
)

// A BudgetRow is what the documents of a year set aside for one proposal, as
// each of them had it last.
type BudgetRow struct {
	Number   string         `json:"number"`
	Title    string         `json:"title"` // masked
	Village  string         `json:"village"`
	OPD      string         `json:"opd"`
	State    workflow.State `json:"state"`
	Asked    domain.Rupiah  `json:"asked"`
	Accepted domain.Rupiah  `json:"accepted"` // by the OPD
	RKPD     domain.Rupiah  `json:"rkpd"`     // 0: not in it
	PPAS     domain.Rupiah  `json:"ppas"`
	APBD     domain.Rupiah  `json:"apbd"` // budget lines in force
}

// Budget returns, by number, the proposals of a year that a document holds or
// held, and the money that no proposal asked for.
func (p Proposals) Budget(ctx context.Context, cycle int, after Cursor, limit int) (Page[BudgetRow], error) {
	const list = "budget"
	var page Page[BudgetRow]
	var number string
	if _, err := after.read(list, &number); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, p.DB, "proposals", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select number, title, village, opd, state, asked, accepted,
			       coalesce((detail->'included'->>'rkpd')::bigint, 0), coalesce((detail->'included'->>'ppas')::bigint, 0), granted
			  from read.proposals
			 where cycle = $1 and number > $2 and (granted > 0 or detail ? 'included')
			 order by number
			 limit $3`, cycle, number, limit+1)
		if err == nil {
			page.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[BudgetRow])
		}
		return err
	})
	page.cut(limit, func(r BudgetRow) Cursor { return cursorAt(list, r.Number) })
	return page, err
}

// A BudgetPart is how many proposals there are of something, and what they come
// to.
type BudgetPart struct {
	Count  int           `json:"count"`
	Amount domain.Rupiah `json:"amount"`
}

func (p *BudgetPart) add(amount domain.Rupiah) { p.Count, p.Amount = p.Count+1, p.Amount+amount }

// A BudgetStep is how one document differs from the one before it:
//
//	From - Dropped - Waiting - Lowered + Raised + Joined = To
type BudgetStep struct {
	From    BudgetPart `json:"from"`
	Dropped BudgetPart `json:"dropped"` // were in the first, are not in the second
	Waiting BudgetPart `json:"waiting"` // … of which the second has yet to be said
	Lowered BudgetPart `json:"lowered"` // by how much
	Raised  BudgetPart `json:"raised"`
	Joined  BudgetPart `json:"joined"` // are in the second only
	To      BudgetPart `json:"to"`
}

// add counts one proposal; waits says that the second document may still take it
// in.
func (s *BudgetStep) add(from, to domain.Rupiah, waits bool) {
	if from > 0 {
		s.From.add(from)
	}
	if to > 0 {
		s.To.add(to)
	}
	switch {
	case from > 0 && to == 0 && waits:
		s.Waiting.add(from)
	case from > 0 && to == 0:
		s.Dropped.add(from)
	case from == 0 && to > 0:
		s.Joined.add(to)
	case to < from:
		s.Lowered.add(from - to)
	case to > from:
		s.Raised.add(to - from)
	}
}

// A BudgetDrift is how the documents of a year differ, added up over proposals.
type BudgetDrift struct {
	ToPPAS BudgetStep `json:"rkpd_to_ppas"`
	ToAPBD BudgetStep `json:"ppas_to_apbd"`
}

// Add counts one proposal.
func (d *BudgetDrift) Add(r BudgetRow) {
	d.ToPPAS.add(r.RKPD, r.PPAS, r.State == "in_rkpd")
	d.ToAPBD.add(r.PPAS, r.APBD, r.State == "in_ppas")
}
