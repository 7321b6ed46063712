package history_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// The ways stories begin.
var (
	atKecamatan = []string{"u:submit", "u:prioritize_desa"}
	atOPD       = append(slices.Clip(atKecamatan), "u:prioritize_kec")
	fundedU     = append(slices.Clip(atOPD), "u:accept", "u:agree", "u:include_rkpd", "u:include_ppas", "u:fund")
	twoMerged   = []string{"a:submit", "a:prioritize_desa", "b:submit", "b:prioritize_desa", "p=a,b:merge_kec"}
)

func then(given []string, acts ...string) []string { return append(slices.Clip(given), acts...) }

// A verdict is what a timeline says of one proposal.
type verdict struct {
	fate   history.Fate
	kind   history.DecisionKind // "" where nothing was decided
	cited  string               // Go name of the event
	stream string               // whose it is
	step   int                  // which act it was, from 1
}

func verdictOn(tl *history.Timeline, name string) verdict {
	v := verdict{fate: tl.Fate(number(name))}
	if d, ok := tl.Decision(number(name)); ok {
		v.kind, v.stream, v.step = d.Kind, d.Record.Stream, d.Step+1
		v.cited = reflect.TypeOf(d.Record.Event).Elem().Name()
	}
	return v
}

func TestPointOfNoReturn(t *testing.T) {
	u := proposal.Stream(number("u"))
	p := proposal.Stream(number("p"))
	year := cycle.Stream(2027)
	for _, test := range []struct {
		name  string
		given []string
		of    string
		want  verdict
	}{
		{"CE1 below the line of a final list, the window closes later",
			then(atKecamatan, "list u:cut_kec", "/kecamatan"), "u", verdict{"dropped", "rule", "BelowCutoff", u, 3}},
		{"CE1 and before it closes the answer is the same",
			then(atKecamatan, "list u:cut_kec"), "u", verdict{"dropped", "rule", "BelowCutoff", u, 3}},
		{"CE1b a line drawn and never made final",
			then(atKecamatan, "u:cut_kec", "/kecamatan"), "u", verdict{"dropped", "rule", "LeftOut", u, 4}},
		{"CE1b and before it closes it may still climb",
			then(atKecamatan, "u:cut_kec"), "u", verdict{fate: "pending"}},
		{"CE1c the list is made final after the line was drawn",
			then(atKecamatan, "u:cut_kec", "list"), "u", verdict{"dropped", "rule", "ListFinalized", forum.Stream("f"), 4}},
		{"CE1d the list is superseded by decree",
			then(atKecamatan, "list u:cut_kec", "nolist"), "u", verdict{fate: "pending"}},
		{"CE1e another list takes its place",
			then(atKecamatan, "list u:cut_kec", "newlist"), "u", verdict{fate: "pending"}},
		{"CE2 lapsed, the window opened again, nothing else",
			then(atOPD, "/forum_opd", `\forum_opd`), "u", verdict{"dropped", "omission", "Lapsed", u, 4}},
		{"CE2 reinstated with the re-opening",
			then(atOPD, "/forum_opd", `\forum_opd u:reinstate_opd`), "u", verdict{fate: "pending"}},
		{"CE2 reinstated, and silence again",
			then(atOPD, "/forum_opd", `\forum_opd u:reinstate_opd`, "/forum_opd"), "u", verdict{"dropped", "omission", "Lapsed", u, 6}},
		{"CE3 the forum closes while the province is asked; its answer is no",
			then(atOPD, "u:refer", "/forum_opd", "u:answer_no"), "u", verdict{"dropped", "act", "ReferralAnswered", u, 6}},
		{"CE3 and until it answers all is open",
			then(atOPD, "u:refer", "/forum_opd"), "u", verdict{fate: "pending"}},
		{"CE3b its answer is yes",
			then(atOPD, "u:refer", "/forum_opd", "u:answer_yes"), "u", verdict{fate: "elsewhere"}},
		{"CE3c it never answers",
			then(atOPD, "u:refer", "/forum_opd", "/referral"), "u", verdict{"dropped", "omission", "Lapsed", u, 6}},
		{"CE3d its yes comes after all was over",
			then(atOPD, "u:refer", "/forum_opd", "/referral", "u:answer_late_yes"), "u", verdict{fate: "elsewhere"}},
		{"CE4 funded, then cancelled",
			then(fundedU, "u:cancel"), "u", verdict{"cancelled", "act", "Cancelled", u, 9}},
		{"CE4 and the refocusing reversed",
			then(fundedU, "u:cancel", "u:reinstate_funded"), "u", verdict{fate: "funded"}},
		{"CE5 objecting after the line was drawn changes nothing",
			then(atKecamatan, "list u:cut_kec", "/kecamatan", "u:object"), "u", verdict{"dropped", "rule", "BelowCutoff", u, 3}},
		{"CE6 the village fund pays",
			then(atOPD, "u:finance_elsewhere"), "u", verdict{fate: "elsewhere"}},
		{"CE7 rejected, then the window closes",
			then(atOPD, "u:reject_opd", "/forum_opd"), "u", verdict{"dropped", "act", "Rejected", u, 4}},
		{"CE8 a kecamatan that never met",
			then(atKecamatan, "/kecamatan", "/forum_opd"), "u", verdict{"dropped", "omission", "Lapsed", u, 3}},
		{"CE9 returned in the last minute",
			then(atOPD, "u:return_opd", "/forum_opd"), "u", verdict{"dropped", "omission", "Lapsed", u, 5}},
		{"CE10 a component dropped inside a parent that is funded",
			then(twoMerged, "p:prioritize_kec", "p-a:accept", "p:agree", "p:include_rkpd", "p:include_ppas", "p:fund"), "a",
			verdict{"dropped", "act", "AcceptedByOPD", p, 7}},
		{"CE10 the other component",
			then(twoMerged, "p:prioritize_kec", "p-a:accept", "p:agree", "p:include_rkpd", "p:include_ppas", "p:fund"), "b",
			verdict{fate: "funded"}},
		{"CE12 a year without windows is open until a document shows that it is not",
			then(atOPD, "u:return_opd"), "u", verdict{fate: "pending"}},
		{"CE12 the document of a later stage",
			then(atOPD, "u:return_opd", "rkpd"), "u", verdict{"dropped", "omission", "DocumentAdopted", year, 5}},
		{"CE12 a draft budget shows that the KUA-PPAS are over, not the budget",
			then(fundedU[:6], "rapbd"), "u", verdict{fate: "pending"}},
		{"CE12 the cycle is closed",
			then(atOPD, "apbd", "ended"), "u", verdict{"dropped", "omission", "Closed", year, 5}},
		{"CE12 a window that was opened stays open whatever is adopted",
			then(atOPD, "^forum_opd ^kabupaten ^rkpd ^ppas ^apbd", "u:return_opd", "apbd"), "u", verdict{fate: "pending"}},
		{"withdrawn by its proposer",
			then(atOPD, "u:withdraw"), "u", verdict{"withdrawn", "withdrawal", "Withdrawn", u, 4}},
		{"deferred to a later year",
			then(atOPD, "u:defer"), "u", verdict{"deferred", "act", "Deferred", u, 4}},
		{"funded, nothing built by the end of the year",
			then(fundedU, "/execution"), "u", verdict{fate: "funded"}},
		{"another kecamatan's window closes",
			then(atKecamatan, "^kecamatan@99.01.03 ^kecamatan@99.01.04", "/kecamatan@99.01.04"), "u", verdict{fate: "pending"}},
		{"its own kecamatan's window closes and the other stays open",
			then(atKecamatan, "^kecamatan@99.01.03 ^kecamatan@99.01.04", "/kecamatan@99.01.03"), "u", verdict{"dropped", "omission", "Lapsed", u, 4}},
		{"handed in when everything was over: that it was over decided",
			[]string{"apbd", "u:submit_late", "/apbd"}, "u", verdict{"dropped", "omission", "DocumentAdopted", year, 1}},
		{"handed in late though there was still time: then the lateness decided",
			[]string{"^desa", "apbd", "u:submit_late", "/apbd"}, "u", verdict{"dropped", "act", "SubmittedLate", u, 3}},
		{"never handed in",
			[]string{"/desa"}, "u", verdict{fate: "unknown"}},

		{"merged and lost with the parent",
			then(twoMerged, "p:prioritize_kec", "p:reject_opd", "/forum_opd"), "a", verdict{"dropped", "act", "Rejected", p, 7}},
		{"merged, and nobody decided on the parent",
			then(twoMerged, "/kecamatan"), "b", verdict{"dropped", "omission", "Lapsed", p, 6}},
		{"un-merged after the OPD accepted the parent, then rejected",
			then(twoMerged, "p:prioritize_kec", "p:accept", "a:unmerge_child_opd b:unmerge_child_opd p:unmerge_parent", "a:accept", "b:reject_opd"), "b",
			verdict{"dropped", "act", "Rejected", proposal.Stream(number("b")), 10}},
		{"un-merged, and its sibling",
			then(twoMerged, "p:prioritize_kec", "p:accept", "a:unmerge_child_opd b:unmerge_child_opd p:unmerge_parent", "a:accept", "b:reject_opd"), "a",
			verdict{fate: "pending"}},
		{"a dropped component does not win with the rest of the parent",
			then(twoMerged, "p:prioritize_kec", "p-a:accept", "p:cut_kab", "list", "/kabupaten"), "a", verdict{"dropped", "act", "AcceptedByOPD", p, 7}},
		{"one part of a split lost, the other still open",
			then(atOPD, "x,y<u:split", "x:accept", "y:refer", "/forum_opd", "y:answer_no"), "u", verdict{}},
		{"the lost part",
			then(atOPD, "x,y<u:split", "x:accept", "y:refer", "/forum_opd", "y:answer_no"), "y", verdict{"dropped", "act", "ReferralAnswered", proposal.Stream(number("y")), 8}},
		{"all parts lost: the last loss decides on the whole",
			then(atOPD, "x,y<u:split", "x:accept", "y:reject_opd", "/kabupaten"), "u", verdict{"", "omission", "Lapsed", proposal.Stream(number("x")), 7}},

		{"the deciding event is struck out",
			then(atOPD, "u:reject_opd", "!4"), "u", verdict{fate: "pending"}},
		{"a paper of before the lapse, typed in after it",
			then(atOPD, "/forum_opd", "!5 @3 u:accept"), "u", verdict{fate: "pending"}},
		{"and then nobody agrees",
			then(atOPD, "/forum_opd", "!5 @3 u:accept", "/kabupaten"), "u", verdict{"dropped", "omission", "Lapsed", u, 6}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tl := told(t, test.given...).timeline()
			if d := cmp.Diff(test.want, verdictOn(tl, test.of), cmp.AllowUnexported(verdict{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// An act that is written down when nothing could be won any more decides nothing,
// whatever it says: the log may hold one, though the program refuses it.
func TestAClericalActDecidesNothing(t *testing.T) {
	b := told(t, then(atOPD, "/forum_opd")...)
	b.append(fact{proposal.Stream(number("u")), made("rejected", proposal.Step{State: "rejected", Stage: "forum_opd"})})
	want := verdict{"dropped", "omission", "Lapsed", proposal.Stream(number("u")), 4}
	if d := cmp.Diff(want, verdictOn(b.timeline(), "u"), cmp.AllowUnexported(verdict{})); d != "" {
		t.Error(d)
	}
}

// What an overdue closing ends later than the window's end, because it was looked
// at in between, is still ended by that closing, and its own event is cited.
func TestAnOverdueClosingIsCitedByItsOwnEvent(t *testing.T) {
	b := told(t, then(atOPD, "u:return_opd")...)
	b.tell("/forum_opd")
	row := &b.records[len(b.records)-1]
	row.Occurred = domain.Moment(row.RecordedAt)
	closing := &b.records[len(b.records)-2]
	closing.Occurred = domain.Moment(closing.RecordedAt.Add(-30 * time.Minute))
	want := verdict{"dropped", "omission", "Lapsed", proposal.Stream(number("u")), 5}
	if d := cmp.Diff(want, verdictOn(b.timeline(), "u"), cmp.AllowUnexported(verdict{})); d != "" {
		t.Error(d)
	}
}

func TestAnAnswerGivenEarlierStays(t *testing.T) {
	b := told(t, then(atOPD, "u:reject_opd", "!4", "u:accept")...)
	streams := slices.Collect(maps.Values(b.streams()))
	then := history.NewTimeline(event.View{Known: 4}, charts(), streams...)
	want := verdict{"dropped", "act", "Rejected", proposal.Stream(number("u")), 4}
	if d := cmp.Diff(want, verdictOn(then, "u"), cmp.AllowUnexported(verdict{})); d != "" {
		t.Error(d)
	}
	if got := verdictOn(b.timeline(), "u"); got.fate != history.Pending {
		t.Errorf("known now: %+v", got)
	}
}

// A definition may be exchanged inside a cycle: the way a proposal loses by that
// is the exchange itself (CE13).
func TestAMigrationDecides(t *testing.T) {
	without := altered(func(d *workflow.Definition) { // no way past the forum of the OPD
		d.Transitions["accept"] = nil
		d.Transitions["finance_elsewhere"] = nil
		d.Transitions["refer"] = nil
		d.Transitions["split"] = nil
	})
	find := func(hash string) *workflow.Definition {
		return map[string]*workflow.Definition{musrenbang().Hash(): musrenbang(), "without": without}[hash]
	}
	for name, to := range map[string]struct{ hash, state string }{
		"the new process has no way on": {"without", "at_opd"},
		"its state is an end there":     {musrenbang().Hash(), "lapsed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := told(t, atOPD...)
			b.append(fact{cycle.Stream(2027), &cycle.DefinitionMigrated{To: cycle.Pin{Hash: to.hash}, Map: map[string]string{"at_opd": to.state}}})
			b.tell("/forum_opd")
			tl := history.NewTimeline(event.View{}, history.NewCharts(find), slices.Collect(maps.Values(b.streams()))...)
			want := verdict{"dropped", "migration", "DefinitionMigrated", cycle.Stream(2027), 4}
			if d := cmp.Diff(want, verdictOn(tl, "u"), cmp.AllowUnexported(verdict{})); d != "" {
				t.Error(d)
			}
		})
	}
	unknown := history.NewCharts(func(string) *workflow.Definition { return nil })
	tl := history.NewTimeline(event.View{}, unknown, slices.Collect(maps.Values(told(t, then(atOPD, "u:reject_opd")...).streams()))...)
	if got, want := verdictOn(tl, "u"), (verdict{fate: "unknown"}); got != want {
		t.Errorf("under a definition nobody has: %+v, want %+v", got, want)
	}
}

func TestOfSeveralEventsTheOneThatMovedItIsCited(t *testing.T) {
	b := told(t, atOPD...)
	b.append(b.step("u", "reject_opd"), fact{proposal.Stream(number("u")), &proposal.Objected{}})
	if got := verdictOn(b.timeline(), "u").cited; got != "Rejected" {
		t.Errorf("cited %s, want Rejected", got)
	}
}

// altered returns musrenbang with something changed. What is set to nil is gone.
func altered(change func(*workflow.Definition)) *workflow.Definition {
	d := *musrenbang()
	d.Transitions = maps.Clone(d.Transitions)
	change(&d)
	for name, t := range d.Transitions {
		if t == nil { // an arrow that starts nowhere is none
			gone := *musrenbang().Transitions[name]
			gone.From = nil
			d.Transitions[name] = &gone
		}
	}
	return &d
}

func TestAStepIsOneAppend(t *testing.T) {
	b := told(t, then(twoMerged, "list p:prioritize_kec", "/forum_opd", "!11 @6 p:accept")...)
	var got [][]string
	for _, s := range b.timeline().Steps {
		var names []string
		for _, r := range s.Records {
			names = append(names, reflect.TypeOf(r.Event).Elem().Name())
			if r.Command != s.Command || !r.Effective().Equal(s.At) {
				t.Errorf("%s of %s at %s stands in the step of %s at %s", names[len(names)-1], r.Command, r.Effective(), s.Command, s.At)
			}
		}
		got = append(got, names)
	}
	want := [][]string{
		{"Submitted"}, {"Prioritized"}, {"Submitted"}, {"Prioritized"},
		{"Merged", "Merged", "FormedByMerge"},
		{"ListFinalized", "Prioritized"},
		{"AcceptedByOPD"}, // recorded last, in effect before the closing
		{"WindowClosed"},  // the lapse it brought is struck out
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
