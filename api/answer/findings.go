package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/finding"
	"runut/domain/forum"
	"runut/domain/reference"
)

// Findings looks through a fiscal year by every rule, as far as was known at a
// position (0: all there is). Progress, which may be nil, is told how many
// proposals have been looked at. A year that was not open yet is refused as
// workflow.cycle_unopened (NotFound).
func (d Desk) Findings(ctx context.Context, year int, upTo int64, progress func(done int)) ([]finding.Finding, error) {
	upTo, err := d.upTo(ctx, upTo)
	if err != nil {
		return nil, err
	}
	// What a year rests on is read while its first proposals are.
	var inspector *finding.Inspector
	var unread error
	var around sync.WaitGroup
	around.Go(func() { inspector, unread = d.inspector(ctx, year, upTo) })
	defer around.Wait()
	var found []finding.Finding
	done := 0
	for records, err := range Histories(ctx, d.Store, yearStreams(year), 0, nil) {
		if around.Wait(); err != nil || unread != nil {
			return nil, cmp.Or(unread, err)
		}
		found = append(found, inspector.Proposal(until(records, upTo))...)
		if done++; progress != nil && done%500 == 0 {
			progress(done)
		}
	}
	if around.Wait(); unread != nil {
		return nil, unread
	}
	found = append(found, inspector.Rest()...)
	slices.SortStableFunc(found, finding.Compare)
	return found, nil
}

// inspector returns an inspector of a year as far as was known at a position: its
// cycle, forums and letters, and the holidays.
func (d Desk) inspector(ctx context.Context, year int, upTo int64) (*finding.Inspector, error) {
	streams := map[string][]event.Record{}
	for _, of := range []struct {
		prefix string
		year   int
	}{{cycle.Stream(year), year}, {forum.Stream(""), year}, {"letter-", year}, {reference.Stream("holidays"), 0}} {
		for records, err := range Histories(ctx, d.Store, of.prefix, of.year, needless) {
			if err != nil {
				return nil, err
			}
			if records = until(records, upTo); len(records) > 0 {
				streams[records[0].Stream] = records
			}
		}
	}
	if len(streams[cycle.Stream(year)]) == 0 {
		return nil, domain.Refuse(domain.NotFound, "workflow.cycle_unopened", "year", fmt.Sprint(year))
	}
	now, err := d.recordedAt(ctx, upTo)
	if err != nil {
		return nil, err
	}
	return finding.NewInspector(year, now, d.Charts, streams), nil
}
