package demo

import (
	"context"

	"runut/eventstore"
)

// A log takes batches of entries and writes them, each while the next one is
// being made.
type log struct {
	batches chan []eventstore.Entry
	failed  chan error // how it ended
}

func newLog(ctx context.Context, store *eventstore.Store) *log {
	l := &log{batches: make(chan []eventstore.Entry, 1), failed: make(chan error, 1)}
	go func() {
		for batch := range l.batches {
			if _, err := store.Import(ctx, batch); err != nil {
				l.failed <- err
				return
			}
		}
		l.failed <- nil
	}()
	return l
}

// write hands over a batch. It fails with what befell an earlier one.
func (l *log) write(batch []eventstore.Entry) error {
	select {
	case l.batches <- batch:
		return nil
	case err := <-l.failed:
		l.failed <- err
		return err
	}
}

// close waits for the last batch to be written.
func (l *log) close() error {
	close(l.batches)
	return <-l.failed
}
