package demo

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Whatever happens in the demo, its answers keep what every answer must: all of a
// proposal is accounted for, each part that was lost has one deciding act, those
// joined in one parent cite the same, nobody had lost before it, and what is told
// from an earlier position names nothing recorded later.
func TestEveryAnswerOfTheDemoKeepsItsPromises(t *testing.T) {
	w := few(t)
	a := answers{w, map[uuid.UUID]int64{}, history.NewCharts(func(hash string) *workflow.Definition {
		if hash == w.definition.Hash() {
			return w.definition
		}
		return nil
	})}
	for _, records := range w.histories {
		for _, r := range records {
			if at, known := a.first[r.Command]; !known || r.Position < at {
				a.first[r.Command] = r.Position
			}
		}
	}
	kinds, outcomes := map[history.DecisionKind]int{}, map[history.Fate]int{}
	for i, n := range w.numbers[Complete(w.o.Day)] {
		if i%3 != 0 { // a third is enough
			continue
		}
		x := a.about(n, event.View{})
		a.hold(t, n, x)
		if x.Root == history.Origin {
			outcomes[x.Outcome]++
			if x.Outcome != history.Pending {
				kinds[x.Kind]++
			}
		}
	}
	t.Logf("outcomes of origins %v, kinds %v", outcomes, kinds)
	for _, kind := range []history.DecisionKind{history.ByAct, history.ByRule, history.ByOmission, history.ByWithdrawal} {
		if kinds[kind] == 0 {
			t.Errorf("no answer was by %s", kind)
		}
	}
}

// answers explains what was written.
type answers struct {
	*written
	first  map[uuid.UUID]int64 // command → position of its first event
	charts *history.Charts
}

// command returns the append that a deciding event was written by.
func (a answers) command(d history.Deciding) uuid.UUID {
	for _, r := range a.histories[d.Stream] {
		if r.ID == d.Event {
			return r.Command
		}
	}
	return uuid.Nil
}

func (a answers) about(number string, v event.View) history.Explanation {
	read := map[string][]event.Record{}
	for more := history.Sources(number, read); len(more) > 0; more = history.Sources(number, read) {
		for _, stream := range more {
			read[stream] = a.histories[stream]
		}
	}
	return history.Explain(history.Inquiry{Proposal: number, View: v, Streams: read, Charts: a.charts})
}

func (a answers) hold(t *testing.T, number string, x history.Explanation) {
	t.Helper()
	var parts, lost, cited int64
	for _, e := range x.Ends {
		parts += e.Millionths
		if slices.Contains([]history.Fate{history.Dropped, history.Deferred, history.Cancelled, history.Withdrawn}, e.Fate) {
			lost += e.Millionths
		}
	}
	for _, d := range x.Decisive {
		cited += d.Millionths
		if d.Kind == "" {
			t.Errorf("%s: %s decides in no way", number, d.Type)
		}
		first := a.first[a.command(d)]
		before := a.about(number, event.View{Known: first - 1})
		for _, e := range before.Decisive {
			if e.End == d.End && d.Amended == nil && !e.Occurred.Effective(e.Recorded).After(d.Occurred.Effective(d.Recorded)) {
				t.Errorf("%s: %s at %d decides, and %s at %d had", number, d.Type, d.Position, e.Type, e.Position)
			}
		}
		a.nothingLater(t, number, before, first-1)
	}
	if parts != history.Whole || lost != cited {
		t.Errorf("%s: its ends make %d, %d of it is lost, and deciding acts answer for %d", number, parts, lost, cited)
	}
	for _, c := range proposal.Fold(event.Sequence(a.histories[proposal.Stream(number)], event.View{})).Components {
		child := proposal.Fold(event.Sequence(a.histories[proposal.Stream(c.Child)], event.View{}))
		if c.Weight == 0 || child.Parent != number {
			continue
		}
		if theirs := a.about(c.Child, event.View{}); !maps.Equal(deciding(theirs), deciding(x)) {
			t.Errorf("%s cites %v, its component %s %v", number, deciding(x), c.Child, deciding(theirs))
		}
	}
}

func deciding(x history.Explanation) map[uuid.UUID]history.DecisionKind {
	out := map[uuid.UUID]history.DecisionKind{}
	for _, d := range x.Decisive {
		out[d.Event] = d.Kind
	}
	return out
}

var positions = regexp.MustCompile(`"position":(\d+)`)

func (a answers) nothingLater(t *testing.T, number string, x history.Explanation, known int64) {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range positions.FindAllSubmatch(b, -1) {
		if p, err := strconv.ParseInt(string(at[1]), 10, 64); err != nil || p > known {
			t.Errorf("%s: known at %d the answer names position %s", number, known, at[1])
		}
	}
}
