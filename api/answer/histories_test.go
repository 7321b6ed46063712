package answer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// More histories than are read at once, of two years; those of one come whole and
// in order, without what is not wanted.
func TestHistoriesComeInOrderAndWhole(t *testing.T) {
	store, err := eventstore.Open(t.Context(), pgtest.Open(t), eventstore.Options{Catalog: catalog.Events, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	const n = 2*atOnce + 7
	var entries []eventstore.Entry
	var want []string
	for i := range n {
		id, year := uuid.New(), 2026+i%2
		stream := fmt.Sprintf("forum-%05d", n-i)
		if year == 2027 {
			want = append(want, stream)
		}
		entries = append(entries, eventstore.Entry{
			Command: event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: domain.System(), Tenant: "99.01", Cycle: year},
			Changes: []event.Change{{Stream: stream, Facts: []event.Fact{
				{Event: &forum.Convened{Kind: "musrenbang_desa"}}, {Event: &forum.AttendanceRecorded{}}, {Event: &forum.Closed{}}}}},
		})
	}
	if _, err := store.Import(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	var got []string
	for records, err := range Histories(t.Context(), store, "forum-", 2027, []string{"forum.attendance_recorded"}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != 2 || records[0].Version != 1 || records[1].Version != 3 {
			t.Fatalf("%s: %+v", records[0].Stream, records)
		}
		got = append(got, records[0].Stream)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d histories of the year, want %d in order", len(got), len(want))
	}
	all := 0
	for _, err := range Histories(t.Context(), store, "forum-", 0, nil) {
		if err != nil {
			t.Fatal(err)
		}
		all++
	}
	if all != n {
		t.Errorf("%d histories of all years, want %d", all, n)
	}

	for range Histories(t.Context(), store, "forum-", 0, nil) {
		break // nothing is left behind that would still read
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var failed error
	for _, err := range Histories(ctx, store, "forum-", 0, nil) {
		cancel()
		failed = err
	}
	if !errors.Is(failed, context.Canceled) {
		t.Errorf("whoever gave up in the middle is told %v", failed)
	}
}
