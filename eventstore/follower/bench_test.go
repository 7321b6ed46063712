package follower_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"

	"runut/eventstore/follower"
)

// BenchmarkCatchUp measures how fast a group is brought up to date through a
// router, one event at a time.
func BenchmarkCatchUp(b *testing.B) {
	f := newFixture(b)
	f.notes(b.N)
	hub := f.hub(follower.Options{Log: quiet})
	done := make(chan struct{})
	b.ResetTimer()
	stop := f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error {
		if position(m) == int64(b.N) {
			close(done)
		}
		return nil
	})
	<-done
	b.StopTimer()
	stop()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
