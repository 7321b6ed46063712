package eventstore_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// Beside raw INSERT, COPY and scan, which is what counts: runut bench append.

func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 8, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := open(b, pgtest.Open(b))
			var caller atomic.Int64
			b.SetParallelism(max(1, callers/2)) // times GOMAXPROCS
			if callers == 1 {
				for n := 0; b.Loop(); n++ {
					appendNext(b, s, 0, n)
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				me := caller.Add(1)
				for n := 0; pb.Next(); n++ {
					appendNext(b, s, me, n)
				}
			})
			b.ReportMetric(float64(s.Stats().Commands)/float64(s.Stats().Batches), "commands/batch")
		})
	}
}

func appendNext(b *testing.B, s *eventstore.Store, caller int64, n int) {
	if _, err := s.Append(b.Context(), command(), add(fmt.Sprintf("proposal-%d-%d", caller, n/10), n%10, road(n))); err != nil {
		b.Error(err)
	}
}

// imported returns a store with n events in streams of ten.
func imported(b *testing.B, pool *pgxpool.Pool, n int) *eventstore.Store {
	s := open(b, pool)
	for at := 0; at < n; at += 5000 {
		if _, err := s.Import(b.Context(), batchOf(at, min(5000, n-at))); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func batchOf(at, n int) (entries []eventstore.Entry) {
	for i := range n {
		e := eventstore.Entry{Command: command()}
		e.Changes = append(e.Changes, add(fmt.Sprintf("proposal-%d", (at+i)/10), (at+i)%10, road(i)))
		entries = append(entries, e)
	}
	return entries
}

func BenchmarkImport(b *testing.B) {
	s := open(b, pgtest.Open(b))
	n := 0
	for b.Loop() {
		if _, err := s.Import(b.Context(), batchOf(n, 5000)); err != nil {
			b.Fatal(err)
		}
		n += 5000
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkSince(b *testing.B) {
	const n = 50_000
	s := imported(b, pgtest.Open(b), n)
	b.ResetTimer()
	rounds := 0
	for b.Loop() {
		for _, err := range s.Since(b.Context(), 0, 0, eventstore.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
		rounds++
	}
	b.ReportMetric(float64(rounds*n)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkBatch(b *testing.B) {
	const n = 50_000
	pool := pgtest.Open(b)
	s := imported(b, pool, n)
	b.ResetTimer()
	rounds := 0
	for b.Loop() {
		for at := int64(0); ; {
			raws, err := s.Batch(b.Context(), pool, at, 5000)
			if err != nil {
				b.Fatal(err)
			}
			if len(raws) == 0 {
				break
			}
			at = raws[len(raws)-1].Position
		}
		rounds++
	}
	b.ReportMetric(float64(rounds*n)/b.Elapsed().Seconds(), "events/s")
}
