package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// load returns a Read of fixed streams.
func load(streams ...string) func(context.Context, *eventstore.Reading) error {
	return func(ctx context.Context, r *eventstore.Reading) error { return r.Load(ctx, streams...) }
}

// accept decides to accept a proposal that was submitted and not decided, while
// its window is open.
func accept(stream string) eventstore.Decision {
	return eventstore.Decision{
		Command: command(),
		Name:    "proposal.accept",
		Read:    load(stream, "cycle-2027"),
		Decide: func(r *eventstore.Reading) ([]event.Change, error) {
			if r.Version("cycle-2027") > 0 {
				return nil, domain.Refuse(domain.Conflict, "workflow.window_closed")
			}
			if r.Version(stream) != 1 {
				return nil, domain.Refuse(domain.Conflict, "workflow.state")
			}
			return []event.Change{add(stream, 0, &accepted{"forum-1"})}, nil
		},
	}
}

func TestExecuteReadsDecidesAndAppends(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)))
	d := accept("proposal-A")
	r, err := s.Execute(t.Context(), d)
	if err != nil || r.First != 2 || r.Events[0].Version != 2 || r.Duplicate {
		t.Fatalf("Execute = %+v, %v; want version 2 at position 2", r, err)
	}
	// asked again the decider would refuse; the receipt comes first
	again, err := s.Execute(t.Context(), d)
	if err != nil || !again.Duplicate {
		t.Fatalf("Execute again = %+v, %v; want the first receipt", again, err)
	}
	again.Duplicate = false
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("receipts (-first +second):\n%s", diff)
	}
	d.Command.Fingerprint[0]++
	if _, err := s.Execute(t.Context(), d); !isCode(err, "command.reused") {
		t.Errorf("the same id for another request: %v, want command.reused", err)
	}
}

func TestARefusalIsKept(t *testing.T) {
	s := open(t, pgtest.Open(t))
	d := accept("proposal-A")
	d.Command.RecordedAt = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	refusal := domain.Refuse(domain.Forbidden, "workflow.not_allowed").At("/forum")
	refusal.Checks = []domain.Check{{Name: "role", OK: true}, {Name: "window", Want: "open", Observed: "closed"}}
	d.Decide = func(*eventstore.Reading) ([]event.Change, error) { return nil, fmt.Errorf("accept: %w", refusal) }
	if _, err := s.Execute(t.Context(), d); !errors.Is(err, refusal) {
		t.Errorf("Execute = %v, want the refusal", err)
	}
	got, err := s.Refusals(t.Context(), "proposal-A", 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []eventstore.KeptRefusal{{
		At: d.Command.RecordedAt, Name: "proposal.accept", Stream: "proposal-A", Person: "p-operator", Role: "village_operator",
		Scope: "village:99.01.03.2001", Kind: domain.Forbidden, Code: "workflow.not_allowed", Field: "/forum", Checks: refusal.Checks,
	}}
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	if head, err := s.Head(t.Context()); err != nil || head != 0 {
		t.Errorf("a refusal left %d events, %v", head, err)
	}
}

func TestADecisionWithoutFactsAppendsNothing(t *testing.T) {
	s := open(t, pgtest.Open(t))
	for _, locked := range []bool{false, true} {
		d := accept("proposal-A")
		d.Locked = locked
		d.Decide = func(*eventstore.Reading) ([]event.Change, error) { return []event.Change{assert("proposal-A", 0)}, nil }
		r, err := s.Execute(t.Context(), d)
		if diff := cmp.Diff(eventstore.Receipt{Command: d.Command.ID}, r); err != nil || diff != "" {
			t.Errorf("Execute: %v (-want +got):\n%s", err, diff)
		}
	}
}

// What was read is asserted, although the decision does not say so.
func TestADecisionDoesNotLandOnWhatItDidNotRead(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)))
	d := accept("proposal-A")
	tries := 0
	decide := d.Decide
	d.Decide = func(r *eventstore.Reading) ([]event.Change, error) {
		if tries++; tries == 1 { // the window closes while this is decided
			appended(t, s, add("cycle-2027", 0, &windowClosed{"opd"}))
		}
		return decide(r)
	}
	if _, err := s.Execute(t.Context(), d); !isCode(err, "workflow.window_closed") || tries != 2 {
		t.Errorf("Execute = %v after %d tries; want workflow.window_closed at the second", err, tries)
	}
}

// Somebody is first at every try, until the third, which nobody can overtake.
func TestTheThirdTryDecidesUnderTheLock(t *testing.T) {
	pool := pgtest.Open(t)
	s, other := open(t, pool), open(t, pool)
	appended(t, s, add("proposal-A", 0, road(1)))
	tries := 0
	var late sync.WaitGroup
	var read []int
	r, err := s.Execute(t.Context(), eventstore.Decision{
		Command: command(), Name: "proposal.note", Read: load("proposal-A"),
		Decide: func(r *eventstore.Reading) ([]event.Change, error) {
			tries++
			version := r.Version("proposal-A")
			read = append(read, version)
			if tries < 3 {
				appended(t, other, add("proposal-A", version, road(2)))
			} else {
				late.Go(func() {
					_, err := other.Append(t.Context(), command(), add("proposal-A", version, road(3)))
					if !isConflict(err) {
						t.Errorf("an append during the locked decision: %v, want a conflict", err)
					}
				})
				until(t, func() bool { return waiting(t, pool) == 1 })
			}
			return []event.Change{add("proposal-A", version, &accepted{"f"})}, nil
		},
	})
	late.Wait()
	if err != nil || r.Events[0].Version != 4 {
		t.Errorf("Execute = %+v, %v; want version 4", r, err)
	}
	if diff := cmp.Diff([]int{1, 2, 3}, read); diff != "" {
		t.Errorf("versions read (-want +got):\n%s", diff)
	}
}

func TestADecisionThatNamesAnotherVersionThanItReadIsAMistake(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)))
	d := accept("proposal-A")
	d.Decide = func(*eventstore.Reading) ([]event.Change, error) {
		return []event.Change{add("proposal-A", 7, road(1))}, nil
	}
	if _, err := s.Execute(t.Context(), d); err == nil || isConflict(err) {
		t.Errorf("Execute = %v, want an error that is no conflict", err)
	}
}

// Many people decide while the window over their proposals is closed. Nobody is
// left waiting and nothing is decided twice: each proposal is accepted before the
// closing or lapses in it.
func TestAClosingRacesSixtyFourActors(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	const proposals, actors = 5000, 64
	names := make([]string, proposals)
	var entries []eventstore.Entry
	for i := range names {
		names[i] = fmt.Sprintf("proposal-U-27-%05d", i)
		entries = append(entries, eventstore.Entry{Command: command(), Changes: []event.Change{add(names[i], 0, road(i))}})
	}
	if _, err := s.Import(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	closing := eventstore.Decision{
		Command: command(), Name: "cycle.close_window",
		Read: func(ctx context.Context, r *eventstore.Reading) error {
			if err := r.Load(ctx, "cycle-2027"); err != nil {
				return err
			}
			return r.Load(ctx, names...)
		},
		Decide: func(r *eventstore.Reading) ([]event.Change, error) {
			changes := []event.Change{add("cycle-2027", 0, &windowClosed{"opd"})}
			for _, name := range names {
				if r.Version(name) == 1 {
					c := add(name, 0, &lapsed{"opd"})
					c.Facts[0].CausedBy = 1
					changes = append(changes, c)
				}
			}
			return changes, nil
		},
	}
	var acting sync.WaitGroup
	var acts, refused atomic.Int32
	for a := range actors {
		acting.Go(func() {
			for i := a; i < proposals; i += actors {
				_, err := s.Execute(t.Context(), accept(names[i]))
				switch {
				case err == nil:
					acts.Add(1)
				case isCode(err, "workflow.window_closed"):
					refused.Add(1)
					return
				default:
					t.Errorf("actor %d: %v", a, err)
					return
				}
			}
		})
	}
	until(t, func() bool { return acts.Load() > 300 })
	began := time.Now()
	receipt, err := s.Execute(t.Context(), closing)
	took := time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
	acting.Wait()

	byAct, byClosing := 0, 0
	histories, err := s.Streams(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		history := histories[name]
		if len(history) != 2 {
			t.Fatalf("%s has %d events, want two: it was left waiting or decided twice", name, len(history))
		}
		switch history[1].Event.(type) {
		case *accepted:
			byAct++
			if history[1].Position > receipt.First {
				t.Errorf("%s was accepted at %d, after the closing at %d", name, history[1].Position, receipt.First)
			}
		case *lapsed:
			byClosing++
			if history[1].Causation != receipt.Events[0].ID {
				t.Errorf("%s lapsed because of %s, want the closing", name, history[1].Causation)
			}
		}
	}
	if byAct != int(acts.Load()) || byClosing != len(receipt.Events)-1 || byClosing == 0 {
		t.Errorf("%d accepted of %d told, %d lapsed of %d told", byAct, acts.Load(), byClosing, len(receipt.Events)-1)
	}
	t.Logf("%d actors, %d acts before the closing, %d lapsed by it; the closing took %v", actors, byAct, byClosing, took.Round(time.Millisecond))
}

func TestReadingWhatWasNotLoadedPanics(t *testing.T) {
	s := open(t, pgtest.Open(t))
	d := accept("proposal-A")
	d.Decide = func(r *eventstore.Reading) ([]event.Change, error) { r.History("proposal-B"); return nil, nil }
	defer func() {
		if recover() == nil {
			t.Error("a decision read what was not loaded, unnoticed")
		}
		// and the lock, the connection and the store are still usable
		appended(t, s, add("proposal-A", 0, road(1)))
	}()
	d.Locked = true
	s.Execute(t.Context(), d)
}
