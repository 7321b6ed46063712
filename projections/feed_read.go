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
