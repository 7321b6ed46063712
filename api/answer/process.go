package answer

import (
	"context"
	"fmt"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/process"
)

// Process looks at how the work of a fiscal year went, as Findings looks for
// findings.
func (d Desk) Process(ctx context.Context, year int, upTo int64, progress func(done int)) (process.Report, error) {
	upTo, err := d.upTo(ctx, upTo)
	if err != nil {
		return process.Report{}, err
	}
	stream := cycle.Stream(year)
	read, err := d.Store.Streams(ctx, []string{stream})
	if err != nil {
		return process.Report{}, err
	}
	opened := until(read[stream], upTo)
	if len(opened) == 0 {
		return process.Report{}, domain.Refuse(domain.NotFound, "workflow.cycle_unopened", "year", fmt.Sprint(year))
	}
	now, err := d.recordedAt(ctx, upTo)
	if err != nil {
		return process.Report{}, err
	}
	a := process.NewAnalysis(year, now, d.Charts, event.Sequence(opened, event.View{}))
	done := 0
	for records, err := range Histories(ctx, d.Store, yearStreams(year), 0, nil) {
		if err != nil {
			return process.Report{}, err
		}
		a.Add(until(records, upTo))
		if done++; progress != nil && done%500 == 0 {
			progress(done)
		}
	}
	return a.Report(), nil
}
