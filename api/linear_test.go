package api_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"runut/api"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// An attempt is one thing an actor does to a proposal: a step, or a look.
type attempt struct {
	proposal int
	step     string
}

// A finding is what came of an attempt: whether the step was taken, and which
// version of the proposal that made or, at a look, showed.
type finding struct {
	taken   bool
	version int
	state   string // at a look
}

// A standing is where a proposal is.
type standing struct {
	state   string
	version int
	returns int // sent back for repair so often, twice at most
}

// after returns where a step leads to, or false where it may not be taken.
func (s standing) after(step string) (standing, bool) {
	from, to := "at_opd", "at_opd"
	switch step {
	case "return":
		if s.returns == 2 {
			return s, false
		}
		s.returns++
		to = "returned_opd"
	case "revise":
		from = "returned_opd"
	case "accept":
		to = "accepted"
	case "reject":
		to = "rejected"
	}
	if s.state != from {
		return s, false
	}
	s.state = to
	s.version++
	return s, true
}

// oneAtATime says what may be observed of a proposal where steps were taken one
// after the other: a step is taken exactly if it fits the state, and a look sees it.
var oneAtATime = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byProposal := map[int][]porcupine.Operation{}
		for _, o := range history {
			p := o.Input.(attempt).proposal
			byProposal[p] = append(byProposal[p], o)
		}
		return slices.Collect(maps.Values(byProposal))
	},
	Init: func() any { return standing{state: "at_opd", version: 1} },
	Step: func(state, input, output any) (bool, any) {
		s, step, found := state.(standing), input.(attempt).step, output.(finding)
		if step == "look" {
			return found.state == s.state && found.version == s.version, s
		}
		next, fits := s.after(step)
		if !fits {
			return !found.taken, s
		}
		return found.taken && found.version == next.version, next
	},
	Equal:             func(a, b any) bool { return a == b },
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %+v", in, out) },
}

// Many actors take steps on the same few proposals at the same time, through two
// servers. What they are told is what they would have been told had they come one
// after the other, and of those who take the same step at once exactly one does.
func TestStepsOnOneProposalAreLinearizable(t *testing.T) {
	actors, proposals, each := 16, 12, 60
	if pgtest.Long {
		actors, proposals, each = 64, 120, 800
	}
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	numbers := make([]string, proposals)
	for i := range numbers {
		numbers[i] = p.direct(village)
	}
	p.happen()
	others, err := eventstore.Open(t.Context(), w.pool, eventstore.Options{Catalog: catalog.Events, AllowUnsafe: true, Log: w.server.Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(others.Close)
	servers := []*api.Server{w.server, {Store: others, DB: w.pool, Definitions: w.find, Current: w.server.Current, Tenant: kabupaten, Log: w.server.Log}}

	began := time.Now()
	histories := make([][]porcupine.Operation, actors)
	var running sync.WaitGroup
	for actor := range actors {
		running.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(actor)))
			for range each {
				a := attempt{random.IntN(proposals), pick(random)}
				call := time.Since(began)
				out, err := w.attempt(servers[actor%len(servers)], numbers[a.proposal], a.step)
				if err != nil {
					t.Errorf("%+v: %v", a, err)
					return
				}
				histories[actor] = append(histories[actor], porcupine.Operation{
					ClientId: actor, Input: a, Call: int64(call), Output: out, Return: int64(time.Since(began))})
			}
		})
	}
	running.Wait()
	history := slices.Concat(histories...)
	taken := 0
	for _, o := range history {
		if o.Output.(finding).taken {
			taken++
		}
	}
	if result := porcupine.CheckOperationsTimeout(oneAtATime, history, 2*time.Minute); result != porcupine.Ok {
		t.Errorf("what %d attempts were told is %s: no order of them explains it", len(history), result)
	}
	lied := slices.Clone(history) // somebody else is told that he took the same step
	i := slices.IndexFunc(lied, func(o porcupine.Operation) bool { return o.Output.(finding).taken })
	if porcupine.CheckOperations(oneAtATime, append(lied, lied[i])) {
		t.Error("two winners of one step were not noticed")
	}
	inLog := 0
	for _, number := range numbers {
		records, err := w.server.Store.Streams(t.Context(), []string{proposal.Stream(number)})
		if err != nil {
			t.Fatal(err)
		}
		inLog += len(records[proposal.Stream(number)]) - 1 // it was handed in before
	}
	if inLog != taken {
		t.Errorf("%d steps were acknowledged and %d are in the log", taken, inLog)
	}
	if taken < 4*proposals || taken == len(history) {
		t.Errorf("%d of %d attempts were taken: that was no race", taken, len(history))
	}
	t.Logf("%d attempts by %d actors on %d proposals, %d steps taken, %s", len(history), actors, proposals, taken, time.Since(began).Round(time.Millisecond))
}

// pick chooses a step, seldom one that ends it all.
func pick(random *rand.Rand) string {
	switch x := random.IntN(100); {
	case x < 1:
		return "accept"
	case x < 2:
		return "reject"
	case x < 22:
		return "look"
	case x < 50:
		return "return"
	case x < 80:
		return "revise"
	}
	return "respond"
}

// attempt takes a step on a proposal through a server, or looks at it. That the
// step does not fit is what it may find; any other refusal is an error.
func (w *town) attempt(server *api.Server, number, step string) (finding, error) {
	var ask proposal.Event
	who := "opd_head"
	switch step {
	case "look":
		records, err := server.Store.Streams(w.Context(), []string{proposal.Stream(number)})
		history := records[proposal.Stream(number)]
		return finding{version: len(history), state: string(proposal.Fold(event.Sequence(history, event.View{})).At)}, err
	case "respond":
		who, ask = "opd_officer", &proposal.Responded{Leaning: "ragu", Note: domain.Mask("Sesuai"), Forum: w.session("forum_opd")}
	case "return":
		who, ask = "opd_officer", &proposal.Returned{Reason: "ADM-LOKASI", Fields: []string{"location"}, Due: time.Now().AddDate(0, 0, 7).Format(time.DateOnly)}
	case "revise":
		who, ask = "village_operator", &proposal.Revised{Idea: proposal.Idea{Location: domain.Mask("RT 03")}}
	case "accept":
		ask = w.accept()
	case "reject":
		ask = &proposal.Rejected{Reason: "KMS-LUAR", Ground: "Kamus usulan", Text: domain.Mask("Di luar kamus"), Forum: w.session("forum_opd")}
	}
	receipt, err := server.Do(w.Context(), w.ask(w.actors[who], act.Take{Proposal: number, Ask: ask}))
	for _, code := range []string{"workflow.state", "workflow.role", "workflow.visits"} {
		if errors.Is(err, &domain.Error{Code: code}) {
			return finding{}, nil
		}
	}
	if err != nil {
		return finding{}, err
	}
	return finding{taken: true, version: receipt.Events[0].Version}, nil
}
