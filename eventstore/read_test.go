package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// positions ranges over Since and returns the positions it yields.
func positions(t testing.TB, s *eventstore.Store, after int64, limit int, f eventstore.Filter) (at []int64) {
	t.Helper()
	for r, err := range s.Since(t.Context(), after, limit, f) {
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, r.Position)
	}
	return at
}

func TestSinceNarrows(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1), &accepted{"f"}), add("cycle-2027", 0, &windowClosed{"x"}))
	later := command()
	later.Cycle = 2028
	if _, err := s.Append(t.Context(), later, add("proposal-B", 0, road(2), &lapsed{"x"})); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		after int64
		limit int
		f     eventstore.Filter
		want  []int64
	}{
		{"everything", 0, 0, eventstore.Filter{}, []int64{1, 2, 3, 4, 5}},
		{"after a position", 3, 0, eventstore.Filter{}, []int64{4, 5}},
		{"after the last", 5, 0, eventstore.Filter{}, nil},
		{"at most two", 1, 2, eventstore.Filter{}, []int64{2, 3}},
		{"types", 0, 0, eventstore.Filter{Types: []string{"proposal.submitted", "proposal.lapsed"}}, []int64{1, 4, 5}},
		{"a kind of stream", 0, 0, eventstore.Filter{StreamPrefix: "cycle-"}, []int64{3}},
		{"a cycle", 0, 0, eventstore.Filter{Cycle: 2028}, []int64{4, 5}},
		{"all at once, at most one", 1, 1, eventstore.Filter{Types: []string{"proposal.submitted"}, StreamPrefix: "proposal-", Cycle: 2028}, []int64{4}},
		{"nothing there is", 0, 0, eventstore.Filter{Types: []string{"proposal.unheard"}}, nil},
	} {
		if diff := cmp.Diff(test.want, positions(t, s, test.after, test.limit, test.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// More events than fit a page, and a stride.
func TestSincePages(t *testing.T) {
	s := open(t, pgtest.Open(t))
	const n = 5000
	var entries []eventstore.Entry
	for i := range n {
		e := any(road(i))
		if i == 17 || i == n-1 {
			e = &lapsed{"x"}
		}
		entries = append(entries, eventstore.Entry{Command: command(), Changes: []event.Change{add(fmt.Sprintf("proposal-%d", i), 0, e)}})
	}
	if _, err := s.Import(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	want := make([]int64, n)
	for i := range want {
		want[i] = int64(i) + 1
	}
	if got := positions(t, s, 0, 0, eventstore.Filter{}); !slices.Equal(got, want) {
		t.Errorf("%d positions out of order or missing, want %d", len(got), n)
	}
	if got := positions(t, s, 100, 3000, eventstore.Filter{}); !slices.Equal(got, want[100:3100]) {
		t.Errorf("positions %d … of %d, want 101 to 3100", got[0], len(got))
	}
	if got, want := positions(t, s, 0, 0, eventstore.Filter{Types: []string{"proposal.lapsed"}}), []int64{18, n}; !slices.Equal(got, want) {
		t.Errorf("the rare ones are at %v, want %v", got, want)
	}
	// who stops early gets no more and holds nothing back
	for r, err := range s.Since(t.Context(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Position == 10 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for r, err := range s.Since(ctx, 0, 0, eventstore.Filter{}) {
		if last = err; r.Position == 10 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a reading that was cancelled ends with %v", last)
	}
}

func TestStreamsReadsManyAtOnce(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)), add("proposal-B", 0, road(2)))
	appended(t, s, add("proposal-A", 1, &accepted{"f"}), add("proposal-C", 0, road(3)))
	got, err := s.Streams(t.Context(), []string{"proposal-A", "proposal-C", "proposal-none"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]any{"proposal-A": {road(1), &accepted{"f"}}, "proposal-C": {road(3)}}
	events := map[string][]any{}
	for name, history := range got {
		for _, r := range history {
			events[name] = append(events[name], r.Event)
		}
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("streams (-want +got):\n%s", diff)
	}
	var one []any
	for r, err := range s.Stream(t.Context(), "proposal-A") {
		if err != nil {
			t.Fatal(err)
		}
		one = append(one, r.Event)
	}
	if diff := cmp.Diff(want["proposal-A"], one); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
}

// A projection reads in the transaction it writes in, and decodes what it wants.
// Bare histories are the same but for texts and the types that nobody wants.
func TestBareLeavesOutTexts(t *testing.T) {
	s := open(t, pgtest.Open(t))
	broken := road(1)
	broken.Problem = domain.Text{Masked: "Rusak berat"}
	appended(t, s, add("proposal-A", 0, broken, &accepted{"f"}, &lapsed{"x"}), add("proposal-B", 0, road(2)))
	got, err := s.Bare(t.Context(), []string{"proposal-A", "proposal-none"}, "proposal.accepted_by_opd")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := s.Streams(t.Context(), []string{"proposal-A"})
	if err != nil {
		t.Fatal(err)
	}
	want := whole["proposal-A"]
	want[0].Event = road(1)
	if diff := cmp.Diff(map[string][]event.Record{"proposal-A": {want[0], want[2]}}, got); diff != "" {
		t.Errorf("bare (-want +got):\n%s", diff)
	}
}

func TestBeyondReadsWhatCameSince(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)), add("proposal-B", 0, road(2)), add("cycle-2027", 0, &windowClosed{"x"}))
	appended(t, s, add("proposal-A", 1, &accepted{"f"}, &lapsed{"x"}), add("proposal-C", 0, road(3), &lapsed{"y"}))
	got, err := s.Beyond(t.Context(), map[string]int{"proposal-A": 1, "proposal-B": 1, "proposal-C": 0, "proposal-none": 0}, "proposal.accepted_by_opd")
	if err != nil {
		t.Fatal(err)
	}
	events := map[string][]any{}
	for name, history := range got {
		for _, r := range history {
			events[name] = append(events[name], r.Event)
		}
	}
	want := map[string][]any{"proposal-A": {&lapsed{"x"}}, "proposal-C": {road(3), &lapsed{"y"}}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("beyond (-want +got):\n%s", diff)
	}
	names, err := s.Names(t.Context(), "proposal-", 2027, "proposal-A", 1)
	if err != nil || !slices.Equal(names, []string{"proposal-B"}) {
		t.Errorf("names of the cycle: %v, %v", names, err)
	}
	if names, err := s.Names(t.Context(), "proposal-", 2028, "", 9); err != nil || len(names) > 0 {
		t.Errorf("names of another cycle: %v, %v", names, err)
	}
}

func TestBatchReadsThroughATransaction(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	appended(t, s, add("proposal-A", 0, road(1), &accepted{"f"}, &lapsed{"x"}))
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	raws, err := s.Batch(t.Context(), tx, 1, 10)
	if err != nil || len(raws) != 2 {
		t.Fatalf("%d events, %v; want 2", len(raws), err)
	}
	if raws[0].Type != "proposal.accepted_by_opd" || raws[0].Position != 2 || string(raws[0].Payload) != `{"forum":"f"}` {
		t.Errorf("first of the batch: %d %s %s", raws[0].Position, raws[0].Type, raws[0].Payload)
	}
	r, err := s.Decode(&raws[1])
	if diff := cmp.Diff(any(&lapsed{"x"}), r.Event); err != nil || diff != "" {
		t.Errorf("%v; decoded (-want +got):\n%s", err, diff)
	}
}

// A newer program's event stops an older one's reader; it is not skipped.
func TestWhatIsNotInTheCatalogueIsAnError(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	appended(t, s, add("proposal-A", 0, road(1)), add("cycle-2027", 0, &windowClosed{"x"}))
	older := open(t, pool, func(o *eventstore.Options) {
		o.Catalog = event.NewCatalog(event.Declare[submitted]("proposal.submitted"))
	})
	var seen int64
	var last error
	for r, err := range older.Since(t.Context(), 0, 0, eventstore.Filter{}) {
		seen, last = max(seen, r.Position), err
	}
	if last == nil {
		t.Errorf("read to %d without an error", seen)
	}
}

func TestKnownAtIsTheLastPositionBeforeAnythingLater(t *testing.T) {
	s := open(t, pgtest.Open(t))
	day := func(n int) time.Time { return time.Date(2026, 5, n, 0, 0, 0, 0, time.UTC) }
	for i, n := range []int{2, 4, 3, 6} { // recorded_at is not monotone
		cmd := command()
		cmd.RecordedAt = day(n)
		if _, err := s.Append(t.Context(), cmd, add(fmt.Sprintf("proposal-%d", i), 0, road(i))); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range map[int]int64{1: event.Nothing, 2: 1, 3: 1, 4: 3, 5: 3, 6: 4, 7: 4} {
		if got, err := s.KnownAt(t.Context(), day(n)); err != nil || got != want {
			t.Errorf("KnownAt(day %d) = %d, %v; want %d", n, got, err, want)
		}
		if got := event.KnownAt(all(t, s), day(n)); got != want {
			t.Errorf("event.KnownAt(day %d) = %d, want %d", n, got, want)
		}
	}
}

// The same over blocks of any times, and as the log grows.
func TestKnownAtAgreesWithTheWholeLog(t *testing.T) {
	s := open(t, pgtest.Open(t))
	if got, err := s.KnownAt(t.Context(), time.Now()); err != nil || got != event.Nothing {
		t.Errorf("KnownAt of an empty log = %d, %v; want Nothing", got, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for growth := range 3 {
		var entries []eventstore.Entry
		for i := range 1500 {
			cmd := command()
			// on the whole the clock advances, but it jumps about by a day
			cmd.RecordedAt = begin.Add(time.Duration(growth*1500+i)*time.Hour/10 + time.Duration(random.IntN(24*60))*time.Minute)
			entries = append(entries, eventstore.Entry{Command: cmd, Changes: []event.Change{add(fmt.Sprintf("proposal-%d-%d", growth, i), 0, road(i))}})
		}
		if _, err := s.Import(t.Context(), entries); err != nil {
			t.Fatal(err)
		}
		log := all(t, s)
		for hours := -1; hours < 500; hours += 7 {
			at := begin.Add(time.Duration(hours) * time.Hour)
			if got, err := s.KnownAt(t.Context(), at); err != nil || got != event.KnownAt(log, at) {
				t.Fatalf("KnownAt(%s) = %d, %v; want %d", at, got, err, event.KnownAt(log, at))
			}
		}
	}
}

func TestAnUnknownPositionIsNotFound(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)))
	for _, position := range []int64{-1, 0, 2} {
		if _, err := s.At(t.Context(), position); !isCode(err, "event.unknown") {
			t.Errorf("At(%d) = %v, want event.unknown", position, err)
		}
		if _, err := s.Beside(t.Context(), position); !isCode(err, "event.unknown") {
			t.Errorf("Beside(%d) = %v, want event.unknown", position, err)
		}
	}
}

func TestAnEventIsFoundInItsStream(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)))
	told := appended(t, s, add("proposal-B", 0, road(2), &accepted{"forum-1"}))
	for _, test := range []struct {
		stream string
		id     uuid.UUID
		want   int64
	}{
		{"proposal-B", told.Events[1].ID, 3},
		{"proposal-A", told.Events[1].ID, 0}, // another's
		{"proposal-B", uuid.Nil, 0},
	} {
		if got, err := s.PositionOf(t.Context(), test.stream, test.id); err != nil || got != test.want {
			t.Errorf("%s in %s is at %d, %v; want %d", test.id, test.stream, got, err, test.want)
		}
	}
}
