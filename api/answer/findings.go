package answer

import (
	"cmp"
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

// atOnce is how many histories are read at once. So many are being read, so many
// looked at, and so many wait in between.
const atOnce = 1500

// Histories yields the histories of all streams whose names begin with a prefix
// and that begin in a fiscal year (0: in any), some thousand at a time, and reads
// on while the caller looks at them.
func Histories(ctx context.Context, store *eventstore.Store, prefix string, year int, yield func(map[string][]event.Record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan map[string][]event.Record)
	failed := make(chan error, 1)
	go func() {
		defer close(read)
		failed <- readOn(ctx, store, prefix, year, read)
	}()
	var err error
	for some := range read {
		if err = yield(some); err != nil {
			cancel()
			break
		}
	}
	for range read { // let the reader go
	}
	cancel()
	return cmp.Or(err, <-failed)
}

// readOn hands over histories until there are no more.
func readOn(ctx context.Context, store *eventstore.Store, prefix string, year int, to chan<- map[string][]event.Record) error {
	for after := ""; ; {
		names, err := store.Names(ctx, prefix, year, after, atOnce)
		if err != nil || len(names) == 0 {
			return err
		}
		some, err := store.Streams(ctx, names)
		if err != nil {
			return err
		}
		select {
		case to <- some:
		case <-ctx.Done():
			return ctx.Err()
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
			streams[name] = records
		}
		return nil
	}
	for _, prefix := range []string{cycle.Stream(year), forum.Stream(""), "letter-"} {
		if err := Histories(ctx, d.Store, prefix, year, keep); err != nil {
			return nil, err
		}
	}
	if err := Histories(ctx, d.Store, reference.Stream("holidays"), 0, keep); err != nil {
		return nil, err
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
	err = Histories(ctx, d.Store, yearStreams(year), 0, func(read map[string][]event.Record) error {
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
