package answer

import (
	"context"
	"maps"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/projections"
)

// Family returns what a proposal was merged with, split into and carried on as,
// as seen from a view. It refuses a number that is not in the log as
// proposal.unknown (NotFound).
func (d Desk) Family(ctx context.Context, number string, v event.View) (projections.Family, error) {
	streams := map[string][]event.Record{}
	for next := []string{proposal.Stream(number)}; len(next) > 0 && len(streams) < history.MostStreams; next = projections.Tied(streams) {
		read, err := d.Store.Streams(ctx, next)
		if err != nil {
			return projections.Family{}, err
		}
		for _, name := range next {
			streams[name] = []event.Record{} // named, and not held
		}
		maps.Copy(streams, read)
	}
	if len(streams[proposal.Stream(number)]) == 0 {
		return projections.Family{}, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
	}
	return projections.FamilyAt(number, streams, v, d.Charts), nil
}
