package follower

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain/event"
	"runut/eventstore"
)

// The tail against what it stands for: the whole log, of which some end is held.
func TestTheTailHoldsAnEndOfTheLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep, bytes := rapid.IntRange(1, 9).Draw(t, "keep"), rapid.IntRange(1, 60).Draw(t, "bytes")
		head := rapid.Int64Range(0, 20).Draw(t, "head")
		var tail tail
		tail.init(keep, bytes)
		if entries, behind, _ := tail.after(3, 5); len(entries) > 0 || behind {
			t.Fatal("something is known before anything was read")
		}
		tail.begin(head)
		last := head
		for range rapid.IntRange(0, 12).Draw(t, "batches") {
			_, _, grown := tail.after(last, 1)
			var batch []*entry
			for range rapid.IntRange(1, 6).Draw(t, "events") {
				last++
				kind := rapid.SampledFrom([]string{"proposal.noted", "proposal.noted", "person.erased"}).Draw(t, "type")
				size := rapid.IntRange(1, 30).Draw(t, "size")
				batch = append(batch, &entry{Raw: eventstore.Raw{Position: last, Record: make([]byte, size),
					Envelope: event.Envelope{ID: uuid.New(), Type: kind}}})
			}
			tail.add(batch)
			select {
			case <-grown:
			default:
				t.Fatal("nobody was woken")
			}
			held, size := 0, 0
			for _, e := range tail.ring {
				if e != nil {
					held, size = held+1, size+len(e.Record)
				}
			}
			if held > keep || size != tail.bytes || held > 1 && size > bytes {
				t.Fatalf("%d events and %d bytes held (%d counted), want at most %d and %d", held, size, tail.bytes, keep, bytes)
			}
			from := rapid.Int64Range(0, last+2).Draw(t, "from")
			limit := rapid.IntRange(1, 9).Draw(t, "limit")
			entries, behind, _ := tail.after(from, limit)
			switch {
			case from >= last:
				if len(entries) > 0 || behind {
					t.Fatalf("after %d of %d: %d events, behind %v", from, last, len(entries), behind)
				}
			case behind == (len(entries) > 0):
				t.Fatalf("after %d of %d: %d events, behind %v", from, last, len(entries), behind)
			case len(entries) > limit:
				t.Fatalf("%d events, want at most %d", len(entries), limit)
			}
			for i, e := range entries {
				if e.Position != from+1+int64(i) {
					t.Fatalf("event %d stands at %d after %d", e.Position, i, from)
				}
				if e.Type == "person.erased" && i > 0 {
					t.Fatal("something from before an erasure is held")
				}
			}
		}
	})
}
