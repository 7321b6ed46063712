package projections

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// A PublicFact is a step as it became public.
type PublicFact struct {
	PublicStep
	Cycle    int    `json:"cycle"`
	Demo     bool   `json:"demo,omitzero"`
	Released int64  `json:"released"` // position of the release that made it public
	ID       Cursor `json:"-"`        // its place: hand it back to read on after it
}

// A PublicSince narrows Since. Zero fields do not narrow.
type PublicSince struct {
	Cycle int
	Types []string
}

// MostSought is how many facts are looked at for some that fit.
const MostSought = 5_000

// Since returns at most limit facts that became public after the one that last
// is the ID of, in the order in which they did: by the release, then by their
// own position. An empty last begins with what is released from now on. Next is
// the place to go on from, also where nothing came: where many facts lie between two
// that fit, it has moved and there is more to read.
func (p Public) Since(ctx context.Context, last string, f PublicSince, limit int) (Page[PublicFact], error) {
	var page Page[PublicFact]
	var released, after int64
	if last != "" {
		if n, err := fmt.Sscanf(last, "%d-%d", &released, &after); n != 2 || err != nil {
			return page, domain.Refuse(domain.Invalid, "cursor.unknown").At("/cursor")
		}
	}
	var err error
	page.Position, err = p.reading(ctx, func(tx pgx.Tx) error {
		if last == "" {
			return tx.QueryRow(ctx, `select coalesce(max(released), 0), 9223372036854775807 from public_read.steps`).Scan(&released, &after)
		}
		rows, err := tx.Query(ctx, `
			select s.step, s.cycle, coalesce((y.cycle ->> 'demo')::boolean, false), s.released
			  from (select * from public_read.steps where (released, position) > ($1, $2) order by released, position limit $6) s
			  left join public_read.cycles y on y.year = s.cycle
			 where ($3 = 0 or s.cycle = $3)
			   and (cardinality($4::text[]) = 0 or s.type = any ($4))
			 order by s.released, s.position
			 limit $5`, released, after, f.Cycle, append([]string{}, f.Types...), limited(limit), MostSought)
		if err != nil {
			return err
		}
		page.Items, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (PublicFact, error) {
			var x PublicFact
			err := row.Scan(&x.PublicStep, &x.Cycle, &x.Demo, &x.Released)
			x.ID = Cursor(fmt.Sprintf("%d-%d", x.Released, x.Position))
			return x, err
		})
		if err != nil || len(page.Items) > 0 {
			return err
		}
		return tx.QueryRow(ctx, `
			select coalesce(max(released), $1), coalesce(max(position) filter (where last), $2)
			  from (select released, position, row_number() over (order by released desc, position desc) = 1 as last
			          from (select released, position from public_read.steps where (released, position) > ($1, $2) order by released, position limit $3) s) s`,
			released, after, MostSought).Scan(&released, &after)
	})
	page.Next = Cursor(fmt.Sprintf("%d-%d", released, after))
	if n := len(page.Items); n > 0 {
		page.Next = page.Items[n-1].ID
	}
	return page, err
}
