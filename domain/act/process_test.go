package act_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/process"
	"runut/domain/proposal"
)

// The work of a few weeks, counted by hand: a waits at the OPD for 20 days and is
// accepted, b is handed to another office and returned, c still waits there, d
// never left its kecamatan.
func TestTheWorkOfAFewWeeks(t *testing.T) {
	w := newTown(t)
	w.must(all(goTo(2), inKecamatan("a", "b", "c", "d"), goTo(12), kecList(3, "a", "b", "c", "d"),
		goTo(22), transfer("b", water), goTo(27), take("b", "opd_officer", office("b"), func(w *town) proposal.Event {
			return &proposal.Returned{Reason: "ADM-LENGKAP", Due: w.now.AddDate(0, 0, 2).Format("2006-01-02"), Note: text("RAB belum ada")}
		}), goTo(32), accept("a"))(w))
	a := process.NewAnalysis(2027, start.AddDate(0, 0, 42), history.NewCharts(definitions), event.Sequence(w.log[cycle.Stream(2027)], event.View{}))
	for _, n := range []string{"a", "b", "c", "d"} {
		a.Add(w.log[proposal.Stream(w.number(n))])
	}
	r := a.Report()
	type times struct{ left, open, median int }
	got := map[string]times{}
	for _, s := range r.Stages {
		got[s.Stage] = times{s.Left, s.Open, int(math.Round(s.Median))}
	}
	// of three at the OPD one left after 20 days, two go on after 30: half have not left
	want := map[string]times{"desa": {4, 0, 0}, "kecamatan": {3, 1, 10}, "forum_opd": {1, 2, -1}, "kabupaten": {0, 1, -1}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(times{})); d != "" {
		t.Errorf("stages (-want +got):\n%s", d)
	}
	if r.Proposals != 4 || r.Ways != 4 || r.Fitness.Fit != 4 || len(r.Fitness.Misfits) > 0 {
		t.Errorf("%d proposals went %d ways, %d by their rules: %v", r.Proposals, r.Ways, r.Fitness.Fit, r.Fitness.Misfits)
	}
	if want := []process.Rework{{What: "returned", Where: "forum_opd", Count: 1}}; !slices.Equal(r.Rework, want) {
		t.Errorf("done again: %v", r.Rework)
	}
	wantHanded := []process.Handover{
		{From: "village_head", To: "camat", Count: 4}, {From: "camat", To: "opd_head", Count: 3},
		{From: roads, To: water, Count: 1}, {From: "opd_head", To: "head_of_planning", Count: 1}, {From: "opd_head", To: "village_operator", Count: 1},
	}
	if d := cmp.Diff(wantHanded, r.Handovers); d != "" {
		t.Errorf("handed over (-want +got):\n%s", d)
	}
}

// A history that does not follow its own rules is told, with the event that does
// not; what is struck out counts as done again.
func TestAMisfitIsTold(t *testing.T) {
	w := newTown(t)
	w.must(all(inOPD("a", "b"), accept("a"), rejectOPD("b"))(w))
	w.must(w.correct("b", act.Fix{Target: w.newest("b").ID, Action: event.Void}))
	stream := proposal.Stream(w.number("a"))
	broken := slices.Clone(w.log[stream])
	broken = slices.Delete(broken, 2, 3) // the kecamatan's list, without which nothing leads to the OPD
	a := process.NewAnalysis(2027, w.now, history.NewCharts(definitions), event.Sequence(w.log[cycle.Stream(2027)], event.View{}))
	a.Add(broken)
	a.Add(w.log[proposal.Stream(w.number("b"))])
	r := a.Report()
	if len(r.Fitness.Misfits) != 1 || r.Fitness.Misfits[0].Proposal != w.number("a") || r.Fitness.Misfits[0].Code != "history.state" || r.Fitness.Fit != 1 {
		t.Errorf("%+v", r.Fitness)
	}
	if want := []process.Rework{{What: "corrected", Count: 1}}; !slices.Equal(r.Rework, want) {
		t.Errorf("done again: %v", r.Rework)
	}
}
