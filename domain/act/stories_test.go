package act_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A story is something that happens in a kabupaten, told by acts. After given
// and when, whose last act is refused where a code stands, every proposal named
// in then is in that state.
type story struct {
	name    string
	given   step
	when    step
	refused string
	then    map[string]workflow.State
	asked   []asking // what else to ask of it, of those who ask why
	also    func(*testing.T, *town)
}

func TestStories(t *testing.T) {
	for _, s := range slices.Concat(stories, whys) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			if s.given != nil {
				w.must(s.given(w))
			}
			before := w.size()
			err := s.when(w)
			if got := w.refusal(err); got != s.refused {
				t.Fatalf("refused with %q, want %q: %v", got, s.refused, err)
			}
			if s.refused != "" && before != w.size() {
				t.Errorf("the refusal left %d events", w.size()-before)
			}
			for name, want := range s.then {
				if got := w.state(name).At; got != want {
					t.Errorf("%s is in %s, want %s", name, got, want)
				}
			}
			if s.also != nil {
				s.also(t, w)
			}
			w.sound()
			w.ends()
		})
	}
}

// ends closes what is still open and then the cycle: nothing may hang.
func (w *town) ends() {
	w.t.Helper()
	w.must(until("execution")(w))
	for _, k := range w.cycle(2027).Keys() {
		if !w.cycle(2027).Windows[k].Shut {
			w.must(shutFor(k.Window, k.Scope)(w))
		}
	}
	w.must(w.as("head_of_planning", act.CloseCycle{Year: 2027, Candidates: w.proposals(2027)}))
	for _, n := range w.proposals(2027) {
		if p := w.state(n); musrenbang().States[p.At].Final == "" {
			w.t.Errorf("%s hangs in %s", n, p.At)
		}
	}
	w.sound()
}

type is = map[string]workflow.State

var stories = []story{
	{
		name:  "01 un-merged after the OPD accepted the parent",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), accept("p"), shut("kecamatan")),
		when:  all(unmerge("p", "planner"), accept("a"), rejectOPD("b")),
		then:  is{"p": "dissolved", "a": "accepted", "b": "rejected"},
		also: func(t *testing.T, w *town) {
			place := w.state("a").Lists["kecamatan"]
			if want := w.name["musrenbang_kecamatan kecamatan:99.01.03"] + "/L1"; place.List != want {
				t.Errorf("a keeps its place on %q, want that of the parent on %q", place.List, want)
			}
			if got := w.state("p").Granted(); got != 0 {
				t.Errorf("the dissolved parent holds %s", got)
			}
		},
	}, {
		name:  "02 split, one part to another OPD, then the province says no",
		given: inOPD("a"),
		when:  all(split("a", "x", "y"), accept("x"), transfer("y", water), refer("y"), shut("forum_opd"), answer("y", "no", false)),
		then:  is{"a": "split", "x": "accepted", "y": "rejected"},
		also: func(t *testing.T, w *town) {
			if x, y := w.state("x"), w.state("y"); x.Estimate+y.Estimate != w.state("a").Estimate || y.OPD != water {
				t.Errorf("parts of %s and %s, y with %s", x.Estimate, y.Estimate, y.OPD)
			}
		},
	}, {
		name:  "03 a mistake of writing in a ranked list is corrected after the window closed",
		given: all(inKecamatan("a", "b"), kecList(1, "a", "b"), shut("kecamatan")),
		when: func(w *town) error {
			second := w.who("head_of_planning")
			w.second = &second
			return w.as("approver", act.CorrectList{Forum: w.kecForum("a"), List: "L1", Entries: w.entries([]string{"b", "a"}), Reason: text("Nilai dua usulan tertukar waktu diketik")})
		},
		then: is{"b": "at_opd", "a": "left_out"},
		also: func(t *testing.T, w *town) {
			if got := w.state("a").Ended.Closing; got != w.cycle(2027).Windows[w.cycle(2027).Keys()[slices.IndexFunc(w.cycle(2027).Keys(), isKecamatan)]].Closing {
				t.Errorf("a is not known to have been ended by the closing: %s", got)
			}
		},
	}, {
		name:    "03 and is refused as a change of mind once the OPD has dealt with the one that falls",
		given:   all(inKecamatan("a", "b"), kecList(1, "a", "b"), accept("a")),
		refused: "list.later_act",
		when: func(w *town) error {
			second := w.who("head_of_planning")
			w.second = &second
			return w.as("approver", act.CorrectList{Forum: w.kecForum("a"), List: "L1", Entries: w.entries([]string{"b", "a"}), Reason: text("Nilai dua usulan tertukar waktu diketik")})
		},
		then: is{"a": "accepted", "b": "below_line_kec"},
	}, {
		name:    "03 nobody reinstates into a window that stays shut",
		given:   all(inKecamatan("a", "b"), kecList(1, "b", "a"), shut("kecamatan")),
		when:    reinstate("a", "at_kecamatan", "head_of_planning", 0),
		refused: "workflow.window_closed",
		then:    is{"a": "left_out"},
	}, {
		name:  "03b the same by decree: the window is opened again",
		given: all(inKecamatan("a", "b"), kecList(1, "b", "a"), shut("kecamatan")),
		when:  all(reopen("kecamatan"), supersedeKec(2, "b", "a")),
		then:  is{"a": "at_opd", "b": "at_opd"},
	}, {
		name:  "04 accepted with another volume, then cut by TAPD twice",
		given: all(inOPD("a"), acceptLess("a", 150_000_000), kabList(1, "a"), rkpd("a")),
		when:  all(revise("a", 120_000_000), ppas("a"), revise("a", 110_000_000), apbd("a")),
		then:  is{"a": "funded"},
		also: func(t *testing.T, w *town) {
			p := w.state("a")
			if p.Asked != 200_000_000 || p.Accepted != 150_000_000 || p.Included["rkpd"] != 120_000_000 || p.Included["ppas"] != 110_000_000 {
				t.Errorf("asked %s, accepted %s, included %v", p.Asked, p.Accepted, p.Included)
			}
		},
	}, {
		name:  "05 opened again by decree, re-ranked, one displaced",
		given: all(inKecamatan("a", "b"), kecList(1, "a", "b"), shut("kecamatan")),
		when:  all(reopen("kecamatan"), supersedeKec(1, "b", "a"), shut("kecamatan")),
		then:  is{"a": "left_out", "b": "at_opd"},
		also: func(t *testing.T, w *town) {
			f := forum.Fold(w.log.Now(w.kecForum("a")))
			if f.Past["L1"] == nil || f.Final["L2"] == nil {
				t.Errorf("lists that stand %v, past %v", f.Final, f.Past)
			}
			if e, ok := w.newest("a").Event.(*proposal.LeftOut); !ok || e.Kind != "rule" || e.Reason != "PRI-SKOR" {
				t.Errorf("a ended by %#v", w.newest("a").Event)
			}
		},
	}, {
		name:    "05 but nobody is displaced whom a later stage has dealt with",
		given:   all(inKecamatan("a", "b"), kecList(1, "a", "b"), shut("kecamatan"), transfer("a", water), reopen("kecamatan")),
		when:    supersedeKec(1, "b", "a"),
		refused: "list.later_act",
		then:    is{"a": "at_opd", "b": "at_kecamatan"},
	}, {
		name:    "05 and not without a re-opening",
		given:   all(inKecamatan("a", "b"), kecList(1, "a", "b")),
		when:    supersedeKec(1, "b", "a"),
		refused: "list.not_reopened",
		then:    is{"a": "at_opd", "b": "below_line_kec"},
	}, {
		name:  "06 SIPD jumps over stages",
		given: submit("a"),
		when: observe("a", []proposal.Event{
			&proposal.Recommended{Level: "camat", Result: "yes", Amount: 180_000_000},
			&proposal.Recommended{Level: "skpd", Result: "changed", Amount: 150_000_000},
		}, &proposal.IncludedInRKPD{Allocation: proposal.Allocation{Document: paper("perkada", start), Amount: 150_000_000}}),
		then: is{"a": "in_rkpd"},
		also: func(t *testing.T, w *town) {
			step := w.newest("a").Event.(proposal.Event).Base()
			if step.Via != proposal.Jump || !slices.Equal(step.Observed.Skipped, []string{"prioritize_desa", "prioritize_kec", "accept", "agree"}) ||
				!slices.Equal(step.Observed.Gaps, []string{"sub_kegiatan"}) {
				t.Errorf("via %s, skipped %v, gaps %v", step.Via, step.Observed.Skipped, step.Observed.Gaps)
			}
		},
	}, {
		name:  "06 and a rejection without a reason is recorded as such, never given one",
		given: inOPD("a"),
		when:  observe("a", nil, &proposal.Rejected{}),
		then:  is{"a": "rejected"},
		also: func(t *testing.T, w *town) {
			e := w.newest("a").Event.(*proposal.Rejected)
			if e.Reason != proposal.ReasonUnsaid || !slices.Equal(e.Observed.Gaps, []string{"forum", "reason"}) {
				t.Errorf("reason %s, gaps %v", e.Reason, e.Observed.Gaps)
			}
		},
	}, {
		name:  "07 a SIPD row vanishes and returns",
		given: submit("a"),
		when: all(
			observe("a", []proposal.Event{&proposal.SourceMissing{File: "aa"}}, nil),
			observe("a", []proposal.Event{&proposal.SourceFound{File: "bb"}}, nil)),
		then: is{"a": "submitted"},
	}, {
		name: "08 two proposals with one NIK stay two, and none shows it",
		given: func(w *town) error {
			for _, n := range []string{"a", "b"} {
				i := idea(village1, 50_000_000)
				i.Problem = text("Rumah warga rusak, NIK 9901014101850001")
				if err := w.begin(n, w.as("village_operator", act.Submit{Year: 2027, Ask: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: i, MinutesVillage: paper("berita_acara", start)}}, "village:"+village1)); err != nil {
					return err
				}
			}
			return nil
		},
		when: villageList("a", "b"),
		then: is{"a": "at_kecamatan", "b": "at_kecamatan"},
		also: func(t *testing.T, w *town) {
			if got, want := w.state("a").Problem.Masked, "Rumah warga rusak, NIK [NIK disamarkan]"; got != want {
				t.Errorf("problem %q, want %q", got, want)
			}
		},
	}, {
		name:  "09 a village is merged into another in mid-cycle",
		given: inKecamatan("a"),
		when: all(func(w *town) error {
			return w.as("head_of_planning", act.ChangeTerritory{Year: 2027, Edition: "2026", Successors: map[string]string{village1: village2}, Ground: paper("perda", w.now), Candidates: w.proposals(2027)})
		}, kecList(1, "a")),
		then: is{"a": "at_opd"},
		also: func(t *testing.T, w *town) {
			if got := w.state("a").Village; got != village2 {
				t.Errorf("lies in %s, want %s", got, village2)
			}
			if err := withdraw("a")(w); err != nil {
				t.Errorf("the head of the village it lies in now may not withdraw it: %v", err)
			}
		},
	}, {
		name:  "10 the OPD is dissolved, its successor answers",
		given: all(inOPD("a"), transfer("a", water), transfer("a", roads), transfer("a", water)),
		when: all(func(w *town) error {
			return w.as("head_of_planning", act.SucceedOffice{Year: 2027, From: water, To: []string{"1.99"}, Decree: paper("perda", w.now), Candidates: w.proposals(2027)})
		}, accept("a")),
		then: is{"a": "accepted"},
		also: func(t *testing.T, w *town) {
			if p := w.state("a"); p.Hops != 3 || p.OPD != "1.99" {
				t.Errorf("%d hops, with %s", p.Hops, p.OPD)
			}
		},
	}, {
		name:    "10 with two successors each proposal is assigned by a person",
		given:   inOPD("a"),
		refused: "office.unassigned",
		when: func(w *town) error {
			return w.as("head_of_planning", act.SucceedOffice{Year: 2027, From: roads, To: []string{"1.98", "1.99"}, Decree: paper("perda", w.now), Candidates: w.proposals(2027)})
		},
		then: is{"a": "at_opd"},
	}, {
		name:  "11 an objection is upheld",
		given: all(inOPD("a"), rejectOPD("a")),
		when:  all(object("a"), uphold("a"), accept("a")),
		then:  is{"a": "accepted"},
		also: func(t *testing.T, w *town) {
			if flags := w.state("a").Flags; len(flags) != 0 {
				t.Errorf("still contested: %v", flags)
			}
		},
	}, {
		name:    "11 but not by words alone where no window is open to bring it back to",
		given:   all(inOPD("a"), rejectOPD("a"), object("a"), shut("forum_opd")),
		when:    uphold("a"),
		refused: "workflow.window_closed",
		then:    is{"a": "rejected"},
	}, {
		name:  "11 then it is upheld without remedy, and says so",
		given: all(inOPD("a"), rejectOPD("a"), object("a"), shut("forum_opd")),
		when: func(w *town) error {
			return w.as("head_of_planning", act.AnswerObjection{Proposal: w.number("a"), Result: "upheld_without_remedy", Text: text("Beralasan, tetapi tahap sudah ditutup")})
		},
		then: is{"a": "rejected"},
		also: func(t *testing.T, w *town) {
			if flags := w.state("a").Flags; len(flags) != 0 {
				t.Errorf("still contested: %v", flags)
			}
		},
	}, {
		name:  "12 an objection is never answered",
		given: all(inOPD("a"), rejectOPD("a"), object("a")),
		when:  shut("objection"),
		then:  is{"a": "rejected"},
		also: func(t *testing.T, w *town) {
			if e, ok := w.newest("a").Event.(*proposal.ObjectionAnswered); !ok || e.Result != "unanswered" || e.Holder != "head_of_planning@99.01" {
				t.Errorf("ended by %#v", w.newest("a").Event)
			}
		},
	}, {
		name:  "13 a child of a merge is carried over",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), rejectOPD("p"), nextCycle),
		when:  carryOver("a", "village_head"),
		then:  is{"a": "merged", "p": "rejected"},
		also: func(t *testing.T, w *town) {
			next := w.state(w.state("a").Next)
			if next.At != "at_kecamatan" || next.Cycle != 2028 || next.Previous != w.number("a") || next.Asked != 200_000_000 {
				t.Errorf("goes on as %+v", next)
			}
			if got := w.refusal(carryOver("a", "village_head")(w)); got != "carry.twice" {
				t.Errorf("carried over again: %q", got)
			}
			w.must(carryOver("p", "planner")(w)) // the other child alone
			if got := len(w.proposals(2028)); got != 2 {
				t.Errorf("%d successors, want one per origin", got)
			}
		},
	}, {
		name:    "13 but not while what it went into may still win",
		given:   all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), nextCycle),
		when:    carryOver("a", "village_head"),
		refused: "workflow.guard_fate_lost",
	}, {
		name:  "14 the deciding event is corrected",
		given: all(inOPD("a"), rejectOPD("a")),
		when: func(w *town) error {
			return w.correct("a", act.Fix{Target: w.newest("a").ID, Action: event.Amend, With: &proposal.Rejected{Reason: "LHN-MILIK", Text: text("Lahan milik perorangan"), Ground: "Sertifikat", Forum: w.opdForum("a")}})
		},
		then: is{"a": "rejected"},
		also: func(t *testing.T, w *town) {
			now := w.log.Now(proposal.Stream(w.number("a")))
			if e := now[len(now)-1].Event.(*proposal.Rejected); e.Reason != "LHN-MILIK" || e.Via != "reject_opd" {
				t.Errorf("now rejected for %s via %s", e.Reason, e.Via)
			}
			target := now[len(now)-1].ID
			w.must(w.correct("a", act.Fix{Target: target, Action: event.Void}))
			if got := w.state("a").At; got != "at_opd" {
				t.Errorf("after the rejection was struck out: %s", got)
			}
			w.must(w.correct("a", act.Fix{Target: target, Action: event.Restore}))
			if got := w.state("a").At; got != "rejected" {
				t.Errorf("after the correction was taken back: %s", got)
			}
		},
	}, {
		name:  "15 funded with less than the OPD accepted",
		given: all(agreed("a"), rkpd("a"), ppas("a")),
		when: adopt("apbd", "tapd", func(w *town) act.Decision {
			return act.Decision{Proposal: w.number("a"), Ask: &proposal.Funded{Allocation: proposal.Allocation{Amount: 15_000_000}, Line: "DPA-1", Account: "5.2.04.01", Source: "DAU"}}
		}),
		then: is{"a": "funded"},
		also: func(t *testing.T, w *town) {
			if p := w.state("a"); p.Granted() != 15_000_000 || p.Accepted != 200_000_000 {
				t.Errorf("granted %s of %s", p.Granted(), p.Accepted)
			}
		},
	}, {
		name:  "16 a refocusing is reversed",
		given: funded("a"),
		when:  all(cancel("a"), reinstate("a", "funded", "tapd", 180_000_000), complete("a")),
		then:  is{"a": "completed"},
		also: func(t *testing.T, w *town) {
			if got := w.state("a").Granted(); got != 180_000_000 {
				t.Errorf("in force %s", got)
			}
		},
	}, {
		name:  "17 a late pokir is recorded as late",
		given: shut("pokir"),
		when:  all(submitLate("a"), apbd("a")),
		then:  is{"a": "funded"},
	}, {
		name: "17 and never slipped in", given: shut("pokir"), when: submitPokir("a"), refused: "workflow.window_closed",
	}, {
		name: "18 a budget line without a proposal",
		when: all(appear("a"), complete("a")),
		then: is{"a": "completed"},
		also: func(t *testing.T, w *town) {
			if p := w.state("a"); p.Origin || p.Granted() != 75_000_000 {
				t.Errorf("origin %v, %s", p.Origin, p.Granted())
			}
		},
	}, {
		name:  "20 a text is closed by two persons, and what it was said with stands",
		given: all(inOPD("a"), rejectOPD("a")),
		when: func(w *town) error {
			second := w.who("head_of_planning")
			w.second = &second
			return w.as("approver", act.Take{Proposal: w.number("a"), Ask: &proposal.TextRedacted{Target: w.newest("a").ID.String(), Field: "/text", Ground: paper("putusan_ppid", start)}})
		},
		then: is{"a": "rejected"},
	}, {
		name: "21 whether it may be published changes nothing of what happened", given: inOPD("a"), when: wait(1), then: is{"a": "at_opd"},
	}, {
		name:  "22 the province never answers",
		given: all(inOPD("a"), refer("a"), shut("forum_opd")),
		when:  shut("referral"),
		then:  is{"a": "lapsed"},
		also: func(t *testing.T, w *town) {
			if e := w.newest("a").Event.(*proposal.Lapsed); e.Reason != "RJK-DIAM" || e.Holder != "province_planner@99" {
				t.Errorf("lapsed for %s with %s", e.Reason, e.Holder)
			}
		},
	}, {
		name: "23 funded, and nothing built by the end of the year", given: funded("a"), when: shut("execution"), then: is{"a": "unfinished"},
	}, {
		name:  "24 returned ten minutes before the closing",
		given: all(inOPD("a"), returnOPD("a")),
		when:  shut("forum_opd"),
		then:  is{"a": "lapsed"},
		also: func(t *testing.T, w *town) {
			e := w.newest("a").Event.(*proposal.Lapsed)
			if e.Reason != "WKT-TUTUP" || e.Kind != "omission" || e.Since != w.log[proposal.Stream(w.number("a"))][3].Effective() ||
				e.Holder != "village_operator@"+village1 || !slices.Contains(e.CouldHaveActed, e.Holder) {
				t.Errorf("%+v", e.Closing)
			}
		},
	}, {
		name: "25 an item of the OPD's own lane, agreed and funded",
		when: all(submitOPD("a"), kabList(1, "a"), rkpd("a"), ppas("a"), apbd("a")),
		then: is{"a": "funded"},
	}, {
		name:  "26 a pokir and a village's duplicate merged at the OPD, across kecamatan and lanes",
		given: all(inOPD("a"), submitPokir("b"), verifyPokir("b")),
		when:  all(mergeOPD("p", "a", "b"), accept("p")),
		then:  is{"a": "merged", "b": "merged", "p": "accepted"},
		also: func(t *testing.T, w *town) {
			p := w.state("p")
			if p.Village != "99.01" || p.Estimate != 500_000_000 || p.Volume.String() != "700 m" || p.Components[1].Weight != 300_000_000 {
				t.Errorf("in %s, %s, %s, %+v", p.Village, p.Estimate, p.Volume, p.Components)
			}
		},
	}, {
		name:  "26 a merged proposal merges once more, and no further",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), submitPokir("c"), verifyPokir("c"), mergeOPD("q", "p", "c"), submitPokir("d"), verifyPokir("d")),
		when:  mergeOPD("r", "q", "d"), refused: "merge.depth",
		then: is{"p": "merged", "q": "at_opd", "d": "at_opd"},
	}, {
		name:  "27 a second budget line",
		given: funded("a"),
		when: take("a", "tapd", nil, func(*town) proposal.Event {
			return &proposal.Funded{Allocation: proposal.Allocation{Document: paper("perda", start), Amount: 30_000_000}, Line: "DPA-2", Account: "5.2.04.01", Source: "PAD"}
		}),
		then: is{"a": "funded"},
		also: func(t *testing.T, w *town) {
			if got := w.state("a").Granted(); got != 230_000_000 {
				t.Errorf("granted %s", got)
			}
		},
	}, {
		name:  "28 the province answers long afterwards",
		given: all(inOPD("a"), refer("a"), shut("forum_opd"), shut("referral")),
		when:  answer("a", "yes", true),
		then:  is{"a": "elsewhere"},
	}, {
		name:  "29 a child of a merge may not withdraw",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b")),
		when:  withdraw("a"), refused: "workflow.state",
		then: is{"a": "merged"},
	}, {
		name:  "29 it is un-merged first",
		given: all(inKecamatan("a", "b", "c"), mergeKec("p", "a", "b", "c")),
		when:  all(unmerge("p", "camat"), withdraw("a"), mergeKec("q", "b", "c")),
		then:  is{"p": "dissolved", "a": "withdrawn", "b": "merged", "q": "at_kecamatan"},
	}, {
		name:  "30 the RKPD is adopted without it and nobody says why",
		given: agreed("a"),
		when:  shut("rkpd"),
		then:  is{"a": "left_out"},
		also: func(t *testing.T, w *town) {
			if e := w.newest("a").Event.(*proposal.LeftOut); e.Reason != "ALS-KOSONG" || e.Kind != "omission" {
				t.Errorf("left out for %s, %s", e.Reason, e.Kind)
			}
		},
	}, {
		name:  "31 at the pra forum the OPD is doubtful, and accepts later",
		given: inOPD("a"),
		when: all(take("a", "opd_officer", office("a"), func(w *town) proposal.Event {
			return &proposal.Responded{Leaning: "ragu", Note: text("Status lahan belum jelas"), Forum: w.opdForum("a")}
		}), accept("a")),
		then: is{"a": "accepted"},
	}, {
		name:  "32 one kecamatan is flooded and its window alone is extended",
		given: all(inKecamatan("a"), submitIn("b", village3, 100_000_000), villageList("b")),
		when:  all(extend("kecamatan", domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.04"}, start.AddDate(0, 0, 70)), until("kecamatan"), shut("kecamatan"), kecList(1, "b")),
		then:  is{"a": "lapsed", "b": "at_opd"},
	}, {
		name:    "32 an extension that a later stage's window would not outlast is refused",
		when:    extend("kecamatan", domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.04"}, start.AddDate(0, 0, 95)),
		refused: "cycle.extension_passes_later_stage",
	}, {
		name:  "33 an acceptance on paper is typed in after the lapse, with evidence",
		given: all(inOPD("a"), wait(20), until("forum_opd"), shut("forum_opd")),
		when: func(w *town) error {
			return w.recordLate("a", w.newest("a").ID, start.AddDate(0, 0, 80), paper("berita_acara", start.AddDate(0, 0, 80)))
		},
		then: is{"a": "accepted"},
		also: func(t *testing.T, w *town) {
			e := w.newest("a").Event.(*proposal.AcceptedByOPD)
			if e.Late == nil || e.Late.SecondApprover == "" {
				t.Errorf("not marked as recorded late: %+v", e.Step)
			}
		},
	}, {
		name:    "33 without evidence from inside the window the omission stands",
		given:   all(inOPD("a"), wait(20), until("forum_opd"), shut("forum_opd")),
		refused: "late.evidence_outside",
		when: func(w *town) error {
			return w.recordLate("a", w.newest("a").ID, start.AddDate(0, 0, 80), paper("berita_acara", start.AddDate(0, 0, 91)))
		},
		then: is{"a": "lapsed"},
	}, {
		name:    "34 a parent is not un-merged once the kabupaten has agreed it",
		given:   all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), accept("p"), kabList(1, "p"), rkpd("p")),
		when:    unmerge("p", "planner"),
		refused: "workflow.state",
		then:    is{"p": "in_rkpd", "a": "merged"},
	}, {
		name:  "35 a component is dropped inside a funded parent",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), accept("p"), kabList(1, "p"), rkpd("p"), ppas("p"), nextCycle),
		when: adopt("apbd", "tapd", func(w *town) act.Decision {
			return act.Decision{Proposal: w.number("p"), Ask: &proposal.Funded{Allocation: proposal.Allocation{Amount: 210_000_000}, Line: "DPA-1", Account: "5.2.04.01", Source: "DAU",
				Components: []proposal.Component{{Child: w.number("a"), Weight: 0}}}}
		}),
		then: is{"p": "funded", "a": "merged"},
		also: func(t *testing.T, w *town) {
			c := w.state("p").Components[0]
			if c.Weight != 0 || c.Reason != proposal.ReasonDropped || c.Village != village1 || c.Estimate == 0 {
				t.Errorf("component %+v", c)
			}
			w.must(carryOver("a", "village_head")(w)) // a is lost …
			if got := w.refusal(carryOver("b", "village_head")(w)); got != "workflow.guard_fate_lost" {
				t.Errorf("b, which is funded, was carried over: %q", got)
			}
		},
	},
}

func isKecamatan(k windowKey) bool { return k.Window == "kecamatan" }

// 19: thousands wait when a window closes.
func TestClosingEndsEveryWaitInOneAppend(t *testing.T) {
	const waiting = 5000
	w := newTown(t)
	w.must(inOPD("a")(w))
	w.fast = true
	model := w.log[proposal.Stream(w.number("a"))]
	for i := range waiting - 1 { // the same way, without taking the time for each
		stream := proposal.Stream(domain.Number(2027, uuid.UUID{15: 1}, i))
		for _, r := range model {
			r.Stream = stream
			w.log[stream] = append(w.log[stream], r)
		}
	}
	w.must(shut("forum_opd")(w))
	closing := w.last[0].Facts[0]
	if got := len(w.last) - 1; got < waiting || w.cycle(2027).Windows[forumOPD].Closing != w.log[cycle2027][len(w.log[cycle2027])-1].ID {
		t.Fatalf("%d changes after the closing %#v", got, closing)
	}
	streams := make([]string, 0, waiting)
	for _, c := range w.last[1:] {
		if len(c.Facts) == 0 {
			continue // an assertion
		}
		if c.Facts[0].CausedBy != 1 {
			t.Fatalf("%s is caused by fact %d, want the closing", c.Stream, c.Facts[0].CausedBy)
		}
		streams = append(streams, c.Stream)
	}
	if len(streams) != waiting || !slices.IsSorted(streams) {
		t.Errorf("%d waits ended, in order: %v", len(streams), slices.IsSorted(streams))
	}
	w.sound()
}
