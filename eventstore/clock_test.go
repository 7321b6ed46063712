package eventstore_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runut/domain/act"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// A jumping clock is off by up to a day, forward or back, another amount each
// time it was set.
type jumping struct{ off atomic.Int64 }

func (j *jumping) now() time.Time { return time.Now().Add(time.Duration(j.off.Load())) }

func (j *jumping) jump(random *rand.Rand) {
	j.off.Store(int64(time.Duration(random.IntN(2*24*3600)-24*3600) * time.Second))
}

// Two machines append to the same streams while their clocks are set to and fro.
// Order is that of positions and versions, which no clock moves; and what somebody
// decided is not recorded before what he decided it on.
func TestNoClockMovesTheOrder(t *testing.T) {
	pool := pgtest.Open(t)
	var clocks [2]jumping
	var stores [2]*eventstore.Store
	for i := range stores {
		stores[i] = open(t, pool, func(o *eventstore.Options) { o.Now = clocks[i].now })
	}
	var running sync.WaitGroup
	const callers, each, streams = 8, 40, 4
	for caller := range callers {
		running.Go(func() {
			s, clock := stores[caller%2], &clocks[caller%2]
			random := rand.New(rand.NewPCG(3, uint64(caller)))
			for range each {
				if random.IntN(5) == 0 {
					clock.jump(random)
				}
				stream := fmt.Sprintf("proposal-%d", random.IntN(streams))
				_, err := s.Execute(t.Context(), eventstore.Decision{
					Command: command(), Name: "proposal.note", Read: load(stream),
					Clock: func(r *eventstore.Reading) time.Time {
						return act.Histories{stream: r.History(stream)}.Clock(clock.now())
					},
					Decide: func(r *eventstore.Reading) ([]event.Change, error) {
						return []event.Change{add(stream, 0, road(1))}, nil
					},
				})
				if err != nil {
					t.Errorf("caller %d: %v", caller, err)
					return
				}
			}
		})
	}
	running.Wait()
	if got := gapFree(t, stores[0]); got != callers*each {
		t.Errorf("%d events, want %d", got, callers*each)
	}
	log := all(t, stores[0])
	versions, latest, back := map[string]int{}, map[string]time.Time{}, 0
	for i, r := range log {
		if versions[r.Stream]++; r.Version != versions[r.Stream] {
			t.Errorf("position %d is version %d of %s, want %d", r.Position, r.Version, r.Stream, versions[r.Stream])
		}
		if r.RecordedAt.Before(latest[r.Stream]) {
			t.Errorf("position %d was recorded %s before what it was decided on", r.Position, latest[r.Stream].Sub(r.RecordedAt))
		}
		latest[r.Stream] = r.RecordedAt
		if i > 0 && r.RecordedAt.Before(log[i-1].RecordedAt) {
			back++
		}
	}
	if back == 0 {
		t.Error("no clock went back: the test did not test")
	}
	for range 50 {
		at := log[rand.IntN(len(log))].RecordedAt.Add(time.Duration(rand.IntN(3)-1) * time.Minute)
		if got, err := stores[1].KnownAt(t.Context(), at); err != nil || got != event.KnownAt(log, at) {
			t.Errorf("KnownAt(%s) = %d, %v; want %d", at, got, err, event.KnownAt(log, at))
		}
	}
}
