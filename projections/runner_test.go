package projections_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/grant"
	"runut/projections"
)

var tallies = &projections.Table{Name: "tallies", Key: "stream", Owner: "stream", Columns: "stream, events, last"}

// tally counts the events of each grant: the least that a projection can do.
func tally(version int) projections.Projection {
	return projections.Projection{
		Name: "tally", Version: version, Streams: []string{"grant-"},
		Tables:  `create table tallies (stream text collate "C" not null, events int not null, last bigint not null);`,
		Indexes: `alter table tallies add primary key (stream);`,
		Fold: func(ctx context.Context, b *projections.Batch, w *projections.Writer) error {
			streams := b.Streams("grant-")
			histories, err := b.Histories(ctx, streams)
			if err != nil {
				return err
			}
			for _, s := range streams {
				w.Replace(tallies, s)
				w.Put(tallies, s, len(histories[s])*version, histories[s][len(histories[s])-1].Position)
			}
			return nil
		},
	}
}

func (w *world) grants(n, events int) {
	for i := range n {
		for range events {
			w.do(domain.System(), fact{stream: grant.Stream(fmt.Sprint(i)), event: &grant.Revoked{}})
		}
	}
}

func TestEventsCountOnceWhateverTheBatches(t *testing.T) {
	w := newWorld(t)
	w.grants(5, 3)
	var dumps []string
	for _, batch := range []int{1, 2, 7, 5000} {
		run := w.runner(tally(1))
		run.Batch = batch
		if batch == 1 {
			w.catchUp(run) // built
		} else {
			w.grants(5, 1) // stepped
			w.catchUp(run)
			w.catchUp(run)
		}
		dumps = append(dumps, w.dump())
		if err := run.Rebuild(t.Context(), nil, nil); err != nil {
			t.Fatal(err)
		}
		if got := w.dump(); got != dumps[len(dumps)-1] {
			t.Errorf("rebuilt after batches of %d:\n%s\nwant\n%s", batch, got, dumps[len(dumps)-1])
		}
	}
	if want := "0\t6\t"; !strings.Contains(dumps[3], want) {
		t.Errorf("no row %q in\n%s", want, dumps[3])
	}
}

func TestFailingProjectionIsParkedWhereItFailsAndOthersGoOn(t *testing.T) {
	w := newWorld(t)
	w.grants(2, 1)
	var broken atomic.Bool
	bad := tally(1)
	bad.Name = "bad"
	good := tally(1)
	bad.Tables = strings.ReplaceAll(bad.Tables, "tallies", "bad_tallies")
	bad.Indexes = strings.ReplaceAll(bad.Indexes, "tallies", "bad_tallies")
	badTallies := *tallies
	badTallies.Name = "bad_tallies"
	bad.Fold = func(ctx context.Context, b *projections.Batch, out *projections.Writer) error {
		for _, r := range b.Records {
			if broken.Load() && r.Stream == "grant-3" {
				panic("cannot read grant-3")
			}
			out.Put(&badTallies, r.Stream, 1, r.Position)
		}
		return nil
	}
	run := w.runner(bad, good)
	run.Backoff = time.Hour
	alarms := 0
	run.Parked = func(name string, position int64, err error) { alarms++ }
	w.catchUp(run)
	broken.Store(true)
	for i := range 8 {
		w.do(domain.System(), fact{stream: grant.Stream(fmt.Sprint(i + 2)), event: &grant.Revoked{}})
	}
	if err := run.CatchUp(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot read grant-3") {
		t.Fatalf("CatchUp = %v, want the panic", err)
	}
	all, err := projections.Statuses(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		switch {
		case s.Name == "tally" && (s.Parked || s.Lag != 0):
			t.Errorf("the healthy one: %+v", s)
		case s.Name == "bad" && (!s.Parked || s.Position != 3 || s.Lag != 7 || s.Attempts != 1 || s.Since.IsZero()):
			t.Errorf("the broken one: %+v, want it parked at 3", s)
		}
	}
	if alarms != 1 {
		t.Errorf("%d alarms, want 1", alarms)
	}
	err = projections.WaitFor(t.Context(), w.pool, 10, "bad")
	if !errors.Is(err, &domain.Error{Kind: domain.Unready, Code: "projections.parked"}) {
		t.Errorf("WaitFor a parked one = %v", err)
	}
	if err := projections.WaitFor(t.Context(), w.pool, 10, "tally"); err != nil {
		t.Errorf("WaitFor the healthy one = %v", err)
	}

	broken.Store(false)
	if err := run.CatchUp(t.Context()); err == nil {
		t.Error("it was tried again before its time")
	}
	if err := run.Retry(t.Context(), "bad"); err != nil {
		t.Fatal(err)
	}
	w.catchUp(run)
	if err := projections.WaitFor(t.Context(), w.pool, 10, "bad", "tally"); err != nil {
		t.Error(err)
	}
}

func TestNewVersionIsBuiltBesideAndSwitched(t *testing.T) {
	w := newWorld(t)
	w.grants(3, 2)
	w.catchUp(w.runner(tally(1)))
	read := func() (sum, position int64) {
		t.Helper()
		err := w.pool.QueryRow(t.Context(), `select (select sum(events) from read.tallies), position from read.positions where projection = 'tally'`).Scan(&sum, &position)
		if err != nil {
			t.Fatal(err)
		}
		return sum, position
	}
	if sum, position := read(); sum != 6 || position != 6 {
		t.Errorf("version 1 says %d at %d, want 6 at 6", sum, position)
	}
	w.grants(1, 1)
	run := w.runner(tally(10))
	run.Keep = time.Nanosecond
	w.catchUp(run)
	if sum, position := read(); sum != 70 || position != 7 {
		t.Errorf("version 10 says %d at %d, want 70 at 7", sum, position)
	}

	older := w.runner(tally(1)) // a process of the old program goes on beside it
	w.grants(1, 1)
	go older.CatchUp(t.Context())
	w.catchUp(run)
	if sum, position := read(); sum != 80 || position != 8 {
		t.Errorf("after an old program ran it says %d at %d, want 80 at 8", sum, position)
	}
	var left int
	if err := w.pool.QueryRow(t.Context(), `select count(*) from pg_namespace where nspname like 'tally%'`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d schemas are left, %v; want the live one", left, err)
	}
}

func TestRunnersShareTheWorkAndFollowTheLog(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- w.runner(tally(1)).Run(ctx) }()
	}
	w.grants(4, 5)
	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := projections.WaitFor(wait, w.pool, 20, "tally"); err != nil {
		t.Fatal(err)
	}
	var sum int
	if err := w.pool.QueryRow(ctx, `select sum(events) from read.tallies`).Scan(&sum); err != nil || sum != 20 {
		t.Errorf("sum = %d, %v; want 20", sum, err)
	}
	stop()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestBatchEndsWithACommand(t *testing.T) {
	w := newWorld(t)
	var facts []fact
	for i := range 40 {
		facts = append(facts, fact{stream: grant.Stream(fmt.Sprint("x", i)), event: &grant.Revoked{}})
	}
	w.do(domain.System(), fact{stream: "grant-a", event: &grant.Revoked{}})
	p := tally(1)
	var seen [][2]int64
	fold := p.Fold
	p.Fold = func(ctx context.Context, b *projections.Batch, out *projections.Writer) error {
		seen = append(seen, [2]int64{b.Records[0].Position, b.Last})
		return fold(ctx, b, out)
	}
	run := w.runner(p)
	run.Batch = 3
	w.catchUp(run)
	w.do(domain.System(), facts...)
	w.do(domain.System(), fact{stream: "grant-a", event: &grant.Revoked{}})
	seen = nil
	w.catchUp(run)
	if got, want := fmt.Sprint(seen), "[[2 41] [42 42]]"; got != want {
		t.Errorf("batches %s, want %s", got, want)
	}
}

func TestReaderIsToldThatNothingIsBuiltYet(t *testing.T) {
	w := newWorld(t)
	_, err := projections.Cycles{DB: w.pool}.List(t.Context())
	if !errors.Is(err, &domain.Error{Kind: domain.Unready, Code: "projections.building"}) {
		t.Errorf("List = %v, want projections.building", err)
	}
}

func TestPositionNeverGoesBackWhileReadModelsAreRebuilt(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- w.runner(tally(1)).Run(ctx) }()
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := projections.WaitFor(wait, w.pool, 0, "tally"); err != nil {
		t.Fatal(err)
	}
	rebuilding := make(chan error, 1)
	go func() {
		var err error
		for range 4 {
			err = errors.Join(err, w.runner(tally(1)).Rebuild(ctx, []string{"tally"}, nil))
		}
		rebuilding <- err
	}()
	var last int64
	for range 60 {
		w.grants(1, 1)
		at, err := projections.Positions(ctx, w.pool)
		if err != nil {
			t.Fatal(err)
		}
		if at["tally"] < last {
			t.Errorf("the position went from %d back to %d", last, at["tally"])
		}
		last = at["tally"]
	}
	if err := <-rebuilding; err != nil {
		t.Fatal(err)
	}
	if err := projections.WaitFor(wait, w.pool, 60, "tally"); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// An event that a read model cannot take in stops that one alone; a program that
// can, builds it anew from the whole log, and the alarm is over.
func TestAPoisonedReadModelIsRebuiltByAProgramThatCanReadTheEvent(t *testing.T) {
	w := newWorld(t)
	w.grants(2, 1)
	poisoned := tally(1)
	fold := poisoned.Fold
	poisoned.Fold = func(ctx context.Context, b *projections.Batch, out *projections.Writer) error {
		for _, r := range b.Records {
			if r.Stream == "grant-1" && r.Version == 2 {
				return errors.New("what is this")
			}
		}
		return fold(ctx, b, out)
	}
	run := w.runner(poisoned)
	run.Backoff = time.Hour
	w.catchUp(run)
	w.grants(3, 1) // commands go on
	if err := run.CatchUp(t.Context()); err == nil || !strings.Contains(err.Error(), "what is this") {
		t.Fatalf("CatchUp = %v, want the complaint", err)
	}
	var rows int
	if err := w.pool.QueryRow(t.Context(), `select count(*) from read.tallies`).Scan(&rows); err != nil || rows != 2 {
		t.Errorf("readers see %d rows, %v; want the 2 of before", rows, err)
	}
	if err := run.Rebuild(t.Context(), nil, nil); err == nil {
		t.Error("the same program rebuilt what it cannot read")
	}
	w.catchUp(w.runner(tally(2)))
	all, err := projections.Statuses(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Live && (s.Parked || s.Position != 5 || s.Version != 2) {
			t.Errorf("after the repair: %+v", s)
		}
	}
}
