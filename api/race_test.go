package api_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore"
)

// Sixty-four officers decide on proposals, often the same ones at the same time,
// while somebody closes their window. Whatever happens, in the end nobody waits,
// nobody was decided twice, and every act lies before the closing or was refused.
func TestRacingAClosing(t *testing.T) {
	const actors = 64
	proposals := 5000
	if testing.Short() {
		proposals = 500
	}
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	for i := range actors {
		p.appoint(fmt.Sprint("racer ", i), "opd_head", ofOffice(opd), "Dinas Pekerjaan Umum")
	}
	numbers := make([]string, proposals)
	for i := range numbers {
		numbers[i] = p.direct(village)
	}
	p.happen()
	w.caughtUp()

	var (
		decided, beaten, late, closing atomic.Int64
		shut                           atomic.Bool
		mu                             sync.Mutex
		mine                           = map[string]eventstore.Receipt{} // accepted acts by proposal
		racing                         sync.WaitGroup
		began                          = time.Now()
		quarter                        = make(chan struct{})
		once                           = sync.OnceFunc(func() { close(quarter) })
	)
	for i := range actors {
		racing.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			who := w.actors[fmt.Sprint("racer ", i)]
			for turn, last := 0, 3; last > 0; turn++ {
				if shut.Load() { // everybody tries a little longer
					last--
				}
				number := numbers[random.IntN(proposals)]
				if turn%2 == 0 { // where others look at the same moment
					number = numbers[int(decided.Load())%proposals]
				}
				var ask proposal.Event = w.accept()
				if random.IntN(3) == 0 {
					ask = &proposal.Rejected{Reason: "KMS-LUAR", Ground: "Kamus usulan", Text: domain.Mask("Di luar kamus"), Forum: w.session("forum_opd")}
				}
				receipt, err := w.server.Do(t.Context(), w.ask(who, act.Take{Proposal: number, Ask: ask}))
				switch {
				case err == nil:
					mu.Lock()
					if _, twice := mine[number]; twice {
						t.Errorf("%s was decided twice", number)
					}
					mine[number] = receipt
					mu.Unlock()
					if decided.Add(1) >= int64(proposals/4) {
						once()
					}
				case last < 3 && refused(err):
					late.Add(1)
				case errors.Is(err, &domain.Error{Code: "workflow.state"}), errors.Is(err, &domain.Error{Code: "workflow.role"}):
					beaten.Add(1) // what a colleague accepted can still be rejected, but not by an OPD
				default:
					t.Errorf("%s: %v", number, err)
					return
				}
			}
		})
	}
	var answer reply
	racing.Go(func() {
		<-quarter
		defer shut.Store(true)
		began := time.Now()
		answer = w.send("planner", http.MethodPost, "/api/v1/cycles/2027/close-window",
			map[string]any{"window": "forum_opd", "scope": map[string]any{"kind": "kabupaten"}}, "If-Match", "*")
		closing.Store(int64(time.Since(began)))
	})
	racing.Wait()
	took := time.Since(began)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("closing: %d %s", answer.StatusCode, answer.body)
	}

	var closed int64
	var closedBy event.Record
	histories := map[string][]event.Record{}
	for r, err := range w.server.Store.Since(t.Context(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.Event.(*cycle.WindowClosed); ok {
			closed, closedBy = r.Position, r
		}
		histories[r.Stream] = append(histories[r.Stream], r)
	}
	if closed == 0 {
		t.Fatal("the window was not closed")
	}
	acts, lapses := 0, 0
	for _, number := range numbers {
		history := histories[proposal.Stream(number)]
		if len(history) != 2 {
			t.Fatalf("%s has %d events, want it submitted and decided once", number, len(history))
		}
		end := history[1]
		switch state := proposal.Fold(event.Sequence(history, event.View{})); state.At {
		case "lapsed":
			lapses++
			if end.Causation != closedBy.ID || end.Position <= closed {
				t.Errorf("%s lapsed at %d by %s, not by the closing at %d", number, end.Position, end.Causation, closed)
			}
			if _, ok := mine[number]; ok {
				t.Errorf("%s was decided, an officer was told so, and yet it lapsed", number)
			}
		case "accepted", "rejected":
			acts++
			if end.Position >= closed {
				t.Errorf("%s was decided at %d, after the closing at %d", number, end.Position, closed)
			}
			if got := mine[number]; got.Last != end.Position || got.Events[0].ID != end.ID {
				t.Errorf("%s was decided at %d, the officer holds the receipt of %d", number, end.Position, got.Last)
			}
		default:
			t.Errorf("%s still waits: %s", number, state.At)
		}
	}
	if acts != len(mine) || int(decided.Load()) != acts || acts+lapses != proposals || closedBy.Event.(*cycle.WindowClosed).Waiting != lapses {
		t.Errorf("%d acts and %d lapses of %d proposals; %d receipts; the closing says %+v", acts, lapses, proposals, len(mine), closedBy.Event)
	}
	if late.Load() != 3*actors {
		t.Errorf("%d acts were refused for being late, want the 3 last of each of %d actors", late.Load(), actors)
	}
	w.caughtUp()
	waiting := w.read("planner", "/api/v1/proposals?cycle=2027&state=at_opd", answer)
	if items := waiting.get(t, "/items").([]any); len(items) != 0 {
		t.Errorf("the read model still shows %d waiting", len(items))
	}
	t.Logf("%d actors over %d proposals: %d decided first, %d beaten to it, %d late; %d lapsed. Closing took %s, the race %s",
		actors, proposals, acts, beaten.Load(), late.Load(), lapses, time.Duration(closing.Load()).Round(time.Millisecond), took.Round(time.Millisecond))
	if slices.Contains([]int{acts, lapses, int(beaten.Load())}, 0) {
		t.Error("that was no race")
	}
}

func refused(err error) bool { _, ok := errors.AsType[*domain.Error](err); return ok }
