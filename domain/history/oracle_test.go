package history_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// An oracle finds the deciding act of a proposal by brute force, and shares
// nothing with the search it is held against: neither the timeline nor its world
// nor Chart.CanWin. It strikes out by hand what was struck out, folds every prefix
// of the log afresh, and asks of each whether funding could still be reached by
// walking the definition (canWin in canwin_test.go).
type oracle struct {
	acts [][]event.Record // in the order they took effect
}

// newOracle reads a log up to a position.
func newOracle(records []event.Record, known int64) *oracle {
	struck := make(map[uuid.UUID]bool)
	var all []event.Record
	for _, r := range records {
		if r.Position > known {
			break
		}
		if c, ok := r.Event.(*proposal.Corrected); ok {
			struck[c.Target] = c.Action == event.Void
			continue
		}
		all = append(all, r)
	}
	all = slices.DeleteFunc(all, func(r event.Record) bool { return struck[r.ID] })
	slices.SortStableFunc(all, func(a, b event.Record) int {
		return cmp.Or(a.Occurred.To.Compare(b.Occurred.To), cmp.Compare(a.Position, b.Position))
	})
	o := &oracle{}
	for i, r := range all {
		if i == 0 || all[i-1].Command != r.Command || !all[i-1].Occurred.To.Equal(r.Occurred.To) {
			o.acts = append(o.acts, nil)
		}
		last := len(o.acts) - 1
		o.acts[last] = append(o.acts[last], r)
	}
	return o
}

// reaches reports whether a proposal can still win after so many acts. What is
// not there yet can.
func (o *oracle) reaches(number string, acts int) bool {
	streams := make(map[string][]event.Record)
	for _, act := range o.acts[:acts] {
		for _, r := range act {
			streams[r.Stream] = append(streams[r.Stream], r)
		}
	}
	states := make(map[string]proposal.State)
	for name, records := range streams {
		if n, ok := proposal.NumberOf(name); ok {
			states[n] = proposal.Fold(records)
		}
	}
	c, lists := cycle.Fold(streams[cycle.Stream(2027)]), make(map[string]bool)
	for l := range forum.Fold(streams[forum.Stream("f")]).Final {
		lists[forum.Stream("f")+"/"+l] = true
	}
	if states[number].At == "" {
		return canWin(musrenbang(), o.unborn(number), c, lists)
	}
	return winsOf(states, number, c, lists)
}

// unborn is a proposal that is not there yet, where it will be.
func (o *oracle) unborn(number string) proposal.State {
	for _, act := range o.acts {
		for _, r := range act {
			if r.Stream == proposal.Stream(number) {
				born := proposal.Fold([]event.Record{r})
				p := proposal.State{Number: number}
				p.Village, p.OPD = born.Village, born.OPD
				return p
			}
		}
	}
	return proposal.State{Number: number}
}

// decides returns the act before which a proposal could still win and after which
// it never could, or -1.
func (o *oracle) decides(number string) int {
	if o.reaches(number, len(o.acts)) {
		return -1
	}
	for i := len(o.acts) - 1; i >= 0; i-- {
		if o.reaches(number, i) {
			return i
		}
	}
	return -1
}

// first is the position of an act's first record.
func (o *oracle) first(act int) int64 {
	at := o.acts[act][0].Position
	for _, r := range o.acts[act] {
		at = min(at, r.Position)
	}
	return at
}

// Explain and brute force find the same act, whatever happened: at random, with
// acts struck out, acts recorded late, and at a random position of knowledge.
func TestExplainIsHeldToBruteForce(t *testing.T) {
	decided, struck, late := make(map[history.DecisionKind]int), 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		w.year()
		for w.chance(40) && w.strike() {
			struck++
		}
		for w.chance(30) && w.recordLate() {
			late++
		}
		known := int64(len(w.records))
		if w.chance(40) {
			known = int64(rapid.IntRange(1, len(w.records)).Draw(t, "known"))
		}
		o := newOracle(w.records, known)
		for _, n := range w.names {
			x := w.explain(n, event.View{Known: known})
			cited := make(map[string]history.Deciding)
			for _, d := range x.Decisive {
				cited[d.End] = d
				decided[d.Kind]++
			}
			for _, e := range x.Ends {
				if e.State == "dissolved" {
					continue
				}
				want, d := o.decides(e.Proposal), cited[e.Proposal]
				switch {
				case want < 0 && d.Event != uuid.Nil:
					t.Errorf("%s: the answer cites %s at %d, and by brute force %s can still win or never could", n, d.Type, d.Position, e.Proposal)
				case want < 0:
				case !slices.ContainsFunc(o.acts[want], func(r event.Record) bool { return r.ID == d.Event }):
					t.Errorf("%s: the answer cites %T at %d for %s, brute force finds %T at %d", n, w.cited(d.Event), d.Position, e.Proposal, o.acts[want][0].Event, o.first(want))
				}
			}
			checkDecisive(t, o, w.book, n, x)
		}
		w.checkComponents(o, known)
	})
	t.Logf("decided %v, %d struck out, %d recorded late", decided, struck, late)
	for _, kind := range []history.DecisionKind{history.ByAct, history.ByRule, history.ByOmission, history.ByWithdrawal} {
		if decided[kind] == 0 {
			t.Errorf("no answer was by %s", kind)
		}
	}
	if struck == 0 || late == 0 {
		t.Error("nothing was ever struck out, or recorded late")
	}
}

// checkDecisive holds that as far as was known before the deciding act nothing
// was decided yet.
func checkDecisive(t *rapid.T, o *oracle, b *book, name string, x history.Explanation) {
	for _, d := range x.Decisive {
		i := slices.IndexFunc(o.acts, func(act []event.Record) bool {
			return slices.ContainsFunc(act, func(r event.Record) bool { return r.ID == d.Event })
		})
		if i < 0 || !o.reaches(d.End, i) {
			t.Errorf("%s: %s can not win before the act that is said to decide on it", name, d.End)
			continue
		}
		for _, before := range b.explain(nameOf(d.End), event.View{Known: o.first(i) - 1}).Decisive {
			if before.Position >= d.Position || before.Event == d.Event {
				t.Errorf("%s: before position %d the answer cites %d", name, d.Position, before.Position)
			}
		}
	}
}

// checkComponents holds that all who go on in one parent cite one event.
func (w *walk) checkComponents(o *oracle, known int64) {
	for _, n := range w.names {
		x := w.explain(n, event.View{Known: known})
		events := func(x history.Explanation) map[uuid.UUID]history.DecisionKind {
			out := make(map[uuid.UUID]history.DecisionKind)
			for _, d := range x.Decisive {
				out[d.Event] = d.Kind
			}
			return out
		}
		var streams = make(map[string][]event.Record)
		for _, act := range o.acts {
			for _, r := range act {
				streams[r.Stream] = append(streams[r.Stream], r)
			}
		}
		p := proposal.Fold(streams[proposal.Stream(number(n))])
		for _, c := range p.Components {
			if child := proposal.Fold(streams[proposal.Stream(c.Child)]); c.Weight == 0 || child.Parent != number(n) {
				continue
			}
			if got, want := events(w.explain(nameOf(c.Child), event.View{Known: known})), events(x); !maps.Equal(got, want) {
				w.t.Errorf("%s cites %v, its component %s %v", n, want, c.Child, got)
			}
		}
	}
}

// nameOf is number backwards.
func nameOf(number string) string { return number[len("U-27-"):] }

// cited returns the event of an id.
func (b *book) cited(id uuid.UUID) any {
	for _, r := range b.records {
		if r.ID == id {
			return r.Event
		}
	}
	return nil
}

// strike strikes out an act that took only its own proposal somewhere, as two
// persons may. It reports false where there is none.
func (w *walk) strike() bool {
	var may []event.Record
	for _, r := range w.records {
		switch r.Event.(type) {
		case *proposal.Rejected, *proposal.Deferred, *proposal.Withdrawn, *proposal.BelowCutoff, *proposal.Lapsed, *proposal.LeftOut, *proposal.ReferralAnswered:
			may = append(may, r)
		}
	}
	if len(may) == 0 {
		return false
	}
	r := rapid.SampledFrom(may).Draw(w.t, "struck")
	w.append(fact{r.Stream, &proposal.Corrected{Target: r.ID, Action: event.Void}})
	return true
}

// recordLate records now that something was decided at some hour of the past. It
// reports false where nobody stands alone.
func (w *walk) recordLate() bool {
	alone := slices.DeleteFunc(slices.Clone(w.names), func(n string) bool {
		p := w.states[number(n)]
		return p.Parent != "" || len(p.Parts) > 0 || len(p.Components) > 0 || p.At == "dissolved"
	})
	if len(alone) == 0 {
		return false
	}
	name := rapid.SampledFrom(alone).Draw(w.t, "late")
	begun := slices.IndexFunc(w.records, func(r event.Record) bool { return r.Stream == proposal.Stream(number(name)) })
	hours := int(w.now.Sub(w.records[begun].RecordedAt).Hours())
	if hours < 2 {
		return false
	}
	what := rapid.SampledFrom([][2]string{{"rejected", "rejected"}, {"accepted_by_opd", "accepted"}, {"withdrawn", "withdrawn"}}).Draw(w.t, "what")
	w.late = w.records[begun].RecordedAt.Add(time.Duration(rapid.IntRange(1, hours).Draw(w.t, "hour"))*time.Hour + time.Minute)
	w.append(fact{proposal.Stream(number(name)), made(what[0], proposal.Step{State: workflow.State(what[1]), Stage: "forum_opd"})})
	return true
}
