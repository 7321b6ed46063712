package answer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"runut/domain/event"
)

func TestWhatIsKeptIsMadeOnceAndNotForEver(t *testing.T) {
	var k Kept
	var made atomic.Int32
	ask := func(ctx context.Context, q question, size int) (int, error) {
		return keep(ctx, &k, q, func() (int, int, error) { made.Add(1); return size, size, nil })
	}
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			if n, err := ask(t.Context(), question{what: "same"}, 7); n != 7 || err != nil {
				t.Error(n, err)
			}
		})
	}
	asking.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times for 20 who asked", made.Load())
	}
	for i := range 3 * mostKept {
		ask(t.Context(), question{what: "other", now: event.View{Known: int64(i + 1)}}, 1)
		ask(t.Context(), question{what: "same"}, 7)
	}
	if len(k.held) > mostKept {
		t.Errorf("%d answers are held", len(k.held))
	}
	if made.Load() != 1+3*mostKept {
		t.Errorf("what was asked for all the time was forgotten: made %d", made.Load())
	}
	ask(t.Context(), question{what: "huge"}, mostEntries)
	if len(k.held) != 1 {
		t.Errorf("%d answers are held beside the largest", len(k.held)-1)
	}

	failed := errors.New("down")
	for i := range 3 {
		if _, err := keep(t.Context(), &k, question{what: "broken"}, func() (int, int, error) { return 0, 0, failed }); !errors.Is(err, failed) {
			t.Error(i, err)
		}
	}
	if _, held := k.held[question{what: "broken"}]; held {
		t.Error("a failure was kept")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	busy := k.entry(question{what: "busy"})
	busy.work <- struct{}{}
	if _, err := ask(gone, question{what: "busy"}, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever has gone still waits: %v", err)
	}
}
