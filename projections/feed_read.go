package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/workflow"
)

// Feed answers what an OPD accepted, and what changed about it since.
type Feed struct{ DB DB }

// A Notice is one event that concerns an OPD's accepted proposals, as it was
// known when it was recorded. It is never rewritten, except that a text which
// was closed is no longer in it.
type Notice struct {
	Position    int64          `json:"position"` // place in the feed; the client's cursor
	Event       uuid.UUID      `json:"event"`
	Type        string         `json:"type"`    // stored name of the event
	Subject     string         `json:"subject"` // accepted, changed, transferred_away, merged, split, lost, restored, corrected, erased
	OPD         string         `json:"opd"`     // whose feed it is in
	Number      string         `json:"number"`
	Version     int            `json:"version"`
	Cycle       int            `json:"cycle"`
	Demo        bool           `json:"-"` // its cycle holds fictional data
	Effective   time.Time      `json:"effective"`
	Recorded    time.Time      `json:"recorded"`
	Role        domain.Role    `json:"role"`
	Office      string         `json:"office,omitzero"`
	State       workflow.State `json:"state"` // after it
	Stage       string         `json:"stage,omitzero"`
	Reason      string         `json:"reason,omitzero"`
	Title       string         `json:"title,omitzero"` // masked
	Village     string         `json:"village,omitzero"`
	Kecamatan   string         `json:"kecamatan,omitzero"`
	SubKegiatan string         `json:"sub_kegiatan,omitzero"`
	Volume      domain.Volume  `json:"volume,omitzero"`
	Estimate    domain.Rupiah  `json:"estimate"` // as accepted
	Granted     domain.Rupiah  `json:"granted,omitzero"`
	Changes     []Change       `json:"changes,omitempty"`
	Link        []string       `json:"link,omitempty"`  // numbers of proposals it names: parent, parts
	To          string         `json:"to,omitzero"`     // transferred_away: the OPD it went to
	Target      uuid.UUID      `json:"target,omitzero"` // corrected, erased: the event it is about
}

// Accepted returns at most limit notices of an OPD after a position. A page is
// the same for ever once a later position is in it. Page.Next is not used.
func (f Feed) Accepted(ctx context.Context, opd string, after int64, limit int) (Page[Notice], error) {
	var page Page[Notice]
	var err error
	page.Position, err = reading(ctx, f.DB, "feed", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select f.notice, coalesce(y.demo, false)
			  from read.feed f
			  left join read.feed_years y on y.cycle = f.cycle
			 where f.opd = $1 and f.position > $2
			 order by f.position
			 limit $3`, opd, after, limited(limit))
		if err == nil {
			page.Items, err = collect(rows, func(n *Notice) []any { return []any{n, &n.Demo} })
		}
		return err
	})
	return page, err
}

// Of is Accepted for one proposal, up to and with a position.
func (f Feed) Of(ctx context.Context, opd, number string, after, upTo int64, limit int) (Page[Notice], error) {
	var page Page[Notice]
	var err error
	page.Position, err = reading(ctx, f.DB, "feed", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select f.notice, coalesce(y.demo, false)
			  from read.feed f
			  left join read.feed_years y on y.cycle = f.cycle
			 where f.number = $2 and f.opd = $1 and f.position > $3 and f.position <= $4
			 order by f.position
			 limit $5`, opd, number, after, upTo, limited(limit))
		if err == nil {
			page.Items, err = collect(rows, func(n *Notice) []any { return []any{n, &n.Demo} })
		}
		return err
	})
	return page, err
}

// A Behind is a place in an OPD's feed.
type Behind struct {
	OPD   string
	After int64
}

// Waiting counts what comes after places in feeds, up to most for each.
func (f Feed) Waiting(ctx context.Context, places []Behind, most int) ([]int, error) {
	if len(places) == 0 {
		return nil, nil
	}
	opds, after := make([]string, len(places)), make([]int64, len(places))
	for i, p := range places {
		opds[i], after[i] = p.OPD, p.After
	}
	var counts []int
	_, err := reading(ctx, f.DB, "feed", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select (select count(*) from (select 1 from read.feed f where f.opd = p.opd and f.position > p.after limit $3) ahead)
			  from unnest($1::text[], $2::bigint[]) with ordinality p (opd, after, n)
			 order by n`, opds, after, most)
		if err == nil {
			counts, err = pgx.CollectRows(rows, pgx.RowTo[int])
		}
		return err
	})
	return counts, err
}

// Since returns the position of an OPD's feed after which everything was recorded
// at or after a moment, and as little as possible before.
func (f Feed) Since(ctx context.Context, opd string, at time.Time) (position int64, err error) {
	_, err = reading(ctx, f.DB, "feed", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			select coalesce(min(f.position) - 1, (select max(position) from read.feed where opd = $1), 0)
			  from read.feed f
			 where f.opd = $1 and (f.notice->>'recorded')::timestamptz >= $2`, opd, at).Scan(&position)
	})
	return position, err
}
