package subscription_test

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"runut/api/subscription"
)

// Whatever is refused, paused, resumed and replayed meanwhile, by two dispatchers
// that are stopped again and again: no event comes before the one of the same
// proposal that it follows, and in the end each has come, after the last replay too.
func TestAStormLosesAndOvertakesNothing(t *testing.T) {
	h := newHouse(t)
	for range 4 {
		for n := range 5 {
			h.happen(n, 2)
		}
	}
	h.catchUp()
	calm := false
	r := newReceiver(t, func(sent) int { // its lock is held
		switch p := rand.IntN(10); {
		case calm || p < 6:
			return http.StatusOK
		case p == 6:
			return http.StatusFound
		case p == 7:
			return http.StatusServiceUnavailable
		}
		return http.StatusUnprocessableEntity
	})
	s, _ := h.add(r.URL, subscription.OrderProposal)
	soon := func(d *subscription.Dispatcher) {
		d.Schedule = slices.Repeat([]time.Duration{time.Millisecond}, 9)
		d.Look = 5 * time.Millisecond
	}
	all, _ := h.feed("")
	for round := range 25 {
		stopOne, stopOther := h.dispatch(soon), h.dispatch(soon)
		time.Sleep(time.Duration(20+rand.IntN(40)) * time.Millisecond)
		var err error
		switch round % 4 {
		case 0:
			err = h.store.Pause(t.Context(), head, s.ID)
		case 1:
			err = h.store.Resume(t.Context(), head, s.ID)
		default:
			err = h.store.Replay(t.Context(), head, s.ID, int64(rand.IntN(40)))
		}
		if err != nil {
			t.Fatal(err)
		}
		if rand.IntN(2) == 0 {
			stopOne()
		}
		stopOne()
		stopOther()
		if _, err := h.pool.Exec(t.Context(), `update subscriptions set leased_until = '-infinity'`); err != nil { // as if they had died long ago
			t.Fatal(err)
		}
	}
	again := len(r.all())
	if err := h.store.Replay(t.Context(), head, s.ID, 0); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	calm = true
	r.mu.Unlock()
	if err := h.store.Resume(t.Context(), head, s.ID); err != nil {
		t.Fatal(err)
	}
	h.dispatch(soon)
	h.until("nothing waits", func() bool { x := h.get(s.ID); return x.Waiting == 0 && x.Parked == 0 })
	last := ids(r.all())[again:]
	for _, id := range all {
		if !slices.Contains(last, id) {
			t.Errorf("%s did not come after the replay", id)
		}
	}
	for n := range 5 {
		_, want := h.feed(number(n))
		came := r.of(number(n))
		for i, id := range want {
			if i > 0 && slices.Index(came, id) < slices.Index(came, want[i-1]) {
				t.Errorf("of proposal %d event %d overtook the one before", n, i)
			}
		}
	}
}
