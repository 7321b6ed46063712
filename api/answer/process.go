package answer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/process"
	"runut/domain/proposal"
)

// Process looks at how the work of a fiscal year went.
func (d Desk) Process(ctx context.Context, year int, progress func(done int)) (process.Report, error) {
	stream := cycle.Stream(year)
	read, err := d.Store.Streams(ctx, []string{stream})
	if err != nil {
		return process.Report{}, err
	}
	if len(read[stream]) == 0 {
		return process.Report{}, domain.Refuse(domain.NotFound, "workflow.cycle_unopened", "year", fmt.Sprint(year))
	}
	now, err := lastRecorded(ctx, d.Store)
	if err != nil {
		return process.Report{}, err
	}
	a := process.NewAnalysis(year, now, d.Charts, event.Sequence(read[stream], event.View{}))
	done := 0
	err = Histories(ctx, d.Store, proposal.Stream(fmt.Sprintf("U-%02d-", year%100)), func(read map[string][]event.Record) error {
		for _, name := range slices.Sorted(maps.Keys(read)) {
			a.Add(read[name])
		}
		if done += len(read); progress != nil {
			progress(done)
		}
		return nil
	})
	return a.Report(), err
}
