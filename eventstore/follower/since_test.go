package follower_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/eventstore"
)

func poolOf(config *pgxpool.Config) (*pgxpool.Pool, error) {
	return pgxpool.NewWithConfig(context.Background(), config)
}

func TestAFollowerSeesWhatIsThereAndWhatComes(t *testing.T) {
	f := newFixture(t)
	f.notes(700)
	hub := f.hub(quick())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []int64
	for r, err := range hub.Since(ctx, 10, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Position)
		if r.Position >= 700 && r.Position < 710 {
			f.notes(1)
		}
		if r.Position == 710 {
			cancel() // the loop ends by itself
		}
	}
	if d := cmp.Diff(upTo(11, 710), got); d != "" {
		t.Error(d)
	}
}

func TestManyFollowersShareOneReading(t *testing.T) {
	f := newFixture(t)
	hub := f.hub(quick())
	const followers, events = 100, 50
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	var all sync.WaitGroup
	for i := range followers {
		all.Go(func() {
			filter := eventstore.Filter{}
			want := upTo(1, 2*events)
			if i%2 == 0 {
				filter.Types = []string{"forum.ticked"}
				want = slices.DeleteFunc(want, func(p int64) bool { return p%2 == 1 })
			}
			var got []int64
			for r, err := range hub.Since(ctx, 0, filter) {
				if err != nil {
					t.Error(err)
				}
				if got = append(got, r.Position); len(got) == len(want) {
					break
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	for i := range events {
		f.add(&noted{N: i}, &ticked{i})
	}
	all.Wait()
}

func TestASlowFollowerMissesNothingAndHoldsNothing(t *testing.T) {
	f := newFixture(t)
	o := quick()
	o.Keep = 8
	hub := f.hub(o)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.notes(1)
	var got []int64
	for r, err := range hub.Since(ctx, 0, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Position)
		if r.Position == 1 {
			f.notes(400) // fifty times what is held, while this one is busy
			f.until("the others' reading on", func() bool {
				_, seen, err := hub.Next(ctx, 400, 1, eventstore.Filter{})
				return err == nil && seen == 401
			})
			if held := hub.Held(); held > 8 {
				t.Errorf("%d events held, want at most 8", held)
			}
		}
		if r.Position == 401 {
			break
		}
	}
	if d := cmp.Diff(upTo(1, 401), got); d != "" {
		t.Error(d)
	}
}

func TestFollowersLeaveNothingBehind(t *testing.T) {
	f := newFixture(t)
	hub := f.hub(quick())
	f.notes(1)
	if _, _, err := hub.Next(t.Context(), 0, 1, eventstore.Filter{}); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			for range hub.Since(ctx, 0, eventstore.Filter{}) {
			}
		})
	}
	cancel()
	all.Wait()
	f.until("the goroutines' end", func() bool { return runtime.NumGoroutine() <= before+2 })
}

func TestALongPoll(t *testing.T) {
	f := newFixture(t)
	hub := f.hub(quick())
	f.add(&noted{N: 1}, &ticked{2}, &ticked{3}, &ticked{4})
	ticks := eventstore.Filter{Types: []string{"forum.ticked"}}

	records, seen, err := hub.Next(t.Context(), 0, 2, ticks)
	if err != nil || len(records) != 2 || seen != 3 {
		t.Errorf("a full page: %d records, seen %d, %v; want 2, 3", len(records), seen, err)
	}
	records, seen, err = hub.Next(t.Context(), seen, 2, ticks)
	if err != nil || len(records) != 1 || seen != 4 {
		t.Errorf("the rest: %d records, seen %d, %v; want 1, 4", len(records), seen, err)
	}

	f.notes(3) // nothing for it
	if _, last, err := hub.Next(t.Context(), 6, 1, eventstore.Filter{}); err != nil || last != 7 {
		t.Fatalf("seen %d, %v; want 7", last, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	records, seen, err = hub.Next(short, seen, 2, ticks)
	if !errors.Is(err, context.DeadlineExceeded) || len(records) != 0 || seen != 7 {
		t.Errorf("when time is up: %d records, seen %d, %v; want 0, 7", len(records), seen, err)
	}

	answered := make(chan time.Duration, 1)
	began := make(chan time.Time, 1)
	go func() {
		records, _, err := hub.Next(t.Context(), seen, 2, ticks)
		answered <- time.Since(<-began)
		if err != nil || len(records) != 1 {
			t.Errorf("when something comes: %d records, %v", len(records), err)
		}
	}()
	began <- time.Now()
	f.add(&ticked{5})
	select {
	case took := <-answered:
		t.Logf("answered after %s", took)
	case <-time.After(deadline):
		t.Error("not woken")
	}
}

func TestFollowersEndWithTheirHub(t *testing.T) {
	f := newFixture(t)
	hub := f.hub(quick())
	ended := make(chan struct{})
	go func() {
		for range hub.Since(context.Background(), 0, eventstore.Filter{}) {
		}
		close(ended)
	}()
	hub.Close()
	select {
	case <-ended:
	case <-time.After(deadline):
		t.Error("still following")
	}
}

func TestNobodyIsShownFromMemoryWhatWasClosed(t *testing.T) {
	f := newFixture(t)
	hub := f.hub(quick())
	read := func() string {
		t.Helper()
		records, _, err := hub.Next(t.Context(), 0, 1, eventstore.Filter{Types: []string{"proposal.noted"}})
		if err != nil {
			t.Fatal(err)
		}
		return records[0].Event.(*noted).Text.Masked
	}
	if _, _, err := hub.Next(short(t), 0, 1, eventstore.Filter{}); err == nil {
		t.Fatal("an empty log has an event")
	}
	written := f.add(&noted{N: 1, Text: domain.Text{Masked: "tentang keluarga seseorang"}})
	if got := read(); got != "tentang keluarga seseorang" {
		t.Fatalf("read %q", got)
	}
	if hub.Held() == 0 {
		t.Fatal("nothing is held in memory, so this test shows nothing")
	}
	order := f.add(&redacted{Target: written.Events[0].ID.String(), Field: "/text"})
	if err := f.store.CloseText(t.Context(), written.First, "/text", order.First); err != nil {
		t.Fatal(err)
	}
	if _, _, err := hub.Next(t.Context(), written.First, 1, eventstore.Filter{}); err != nil { // the order has come
		t.Fatal(err)
	}
	if got := read(); got != "" {
		t.Errorf("read %q after it was closed", got)
	}
}

func short(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestAnEventOfANewerProgramIsAnErrorAndNotSkipped(t *testing.T) {
	f := newFixture(t)
	f.notes(2)
	f.exec(`alter table events disable trigger events_never_change`)
	f.exec(`update events set record = convert_to(replace(convert_from(record, 'UTF8'), 'proposal.noted', 'proposal.dreamt'), 'UTF8') where position = 2`)
	hub := f.hub(quick())
	var got []int64
	var failed error
	for r, err := range hub.Since(t.Context(), 0, eventstore.Filter{}) {
		if err != nil {
			failed = err
			continue
		}
		got = append(got, r.Position)
	}
	if failed == nil || !slices.Equal(got, []int64{1}) {
		t.Errorf("got %v and %v, want event 1 and an error", got, failed)
	}
	// whoever does not ask for it goes on
	f.notes(1)
	records, _, err := hub.Next(t.Context(), 1, 9, eventstore.Filter{Types: []string{"proposal.noted"}})
	if err != nil || len(records) != 1 || records[0].Position != 3 {
		t.Errorf("%v, %v; want event 3", records, err)
	}
}
