package answer

import (
	"context"
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
)

// Compare returns a year's proposals as two views show them. It goes through the
// whole year; for one proposal ask Explain twice.
func (d Desk) Compare(ctx context.Context, year int, then, now event.View) ([]history.Move, error) {
	c := history.NewComparison(then, now, d.Charts)
	for records, err := range Histories(ctx, d.Store, yearStreams(year), 0, nil) {
		if err != nil {
			return nil, err
		}
		c.Add(records)
	}
	return c.Moves(), nil
}

// Stood returns where a proposal stood in a view, beside where it stands now.
func (d Desk) Stood(ctx context.Context, number string, v event.View) (history.Move, error) {
	q, err := d.Ask(ctx, number, v)
	if err != nil {
		return history.Move{}, err
	}
	c := history.NewComparison(v, event.View{}, d.Charts)
	for _, name := range slices.Sorted(maps.Keys(q.Streams)) {
		c.Add(q.Streams[name])
	}
	for _, m := range c.Moves() {
		if m.Number == number {
			return m, nil
		}
	}
	return history.Move{}, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
}
