package answer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/finding"
	"runut/domain/forum"
	"runut/domain/reference"
	"runut/eventstore"
)

// atOnce is how many histories are in memory at once.
const atOnce = 4000

// Histories yields the histories of all streams whose names begin with a prefix,
// some thousand at a time.
func Histories(ctx context.Context, store *eventstore.Store, prefix string, yield func(map[string][]event.Record) error) error {
	for after := ""; ; {
		names, err := store.Names(ctx, prefix, after, atOnce)
		if err != nil || len(names) == 0 {
			return err
		}
		read, err := store.Streams(ctx, names)
		if err != nil {
			return err
		}
		if err := yield(read); err != nil {
			return err
		}
		after = names[len(names)-1]
	}
}

// Findings looks through a fiscal year by every rule, as far as was known at a
// position (0: all there is). Progress, which may be nil, is told how many
// proposals have been looked at. A year that was not open yet is refused as
// workflow.cycle_unopened (NotFound).
func (d Desk) Findings(ctx context.Context, year int, upTo int64, progress func(done int)) ([]finding.Finding, error) {
	upTo, err := d.upTo(ctx, upTo)
	if err != nil {
		return nil, err
	}
	streams := map[string][]event.Record{}
	keep := func(read map[string][]event.Record) error {
		for name, records := range read {
			if records = until(records, upTo); len(records) == 0 {
				continue
			}
			if name == reference.Stream("holidays") || records[0].Cycle == year {
				streams[name] = records
			}
		}
		return nil
	}
	for _, prefix := range []string{cycle.Stream(year), forum.Stream(""), "letter-", reference.Stream("holidays")} {
		if err := Histories(ctx, d.Store, prefix, keep); err != nil {
			return nil, err
		}
	}
	if len(streams[cycle.Stream(year)]) == 0 {
		return nil, domain.Refuse(domain.NotFound, "workflow.cycle_unopened", "year", fmt.Sprint(year))
	}
	now, err := d.recordedAt(ctx, upTo)
	if err != nil {
		return nil, err
	}
	inspector := finding.NewInspector(year, now, d.Charts, streams)
	var found []finding.Finding
	done := 0
	err = Histories(ctx, d.Store, yearStreams(year), func(read map[string][]event.Record) error {
		for _, name := range slices.Sorted(maps.Keys(read)) {
			found = append(found, inspector.Proposal(until(read[name], upTo))...)
		}
		if done += len(read); progress != nil {
			progress(done)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found = append(found, inspector.Rest()...)
	slices.SortStableFunc(found, finding.Compare)
	return found, nil
}
