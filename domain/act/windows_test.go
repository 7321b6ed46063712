package act_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/proposal"
)

var kecamatan04 = domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.04"}

// An overdue window counts as closed at its end, whenever a person closes it;
// what was said of a proposal since then stands before its end all the same.
func TestAnOverdueClosingTakesEffectAtTheWindowsEnd(t *testing.T) {
	w := newTown(t)
	w.must(all(inOPD("a", "b"), until("forum_opd"), wait(5), take("b", "opd_officer", office("b"), func(*town) proposal.Event {
		return &proposal.Verified{Kind: "lapangan", Result: "pass"}
	}), wait(2))(w))
	said := w.newest("b").Effective()
	w.must(shut("forum_opd")(w))
	end := w.cycle(2027).Windows[forumOPD].ClosesAt
	if got := w.newest("a").Effective(); !got.Equal(end) {
		t.Errorf("a lapsed at %s, want the end of the window, %s", got, end)
	}
	if got := w.newest("b").Effective(); !got.Equal(said) {
		t.Errorf("b lapsed at %s, want when it was last looked at, %s", got, said)
	}
	if a, b := w.state("a").At, w.state("b").At; a != "lapsed" || b != "lapsed" {
		t.Errorf("a %s, b %s", a, b)
	}
	w.sound()
	w.ends()
}

// A kecamatan that got more time after the general end had passed keeps it.
func TestAnOverdueClosingDoesNotUndoAnExtension(t *testing.T) {
	w := newTown(t)
	w.must(all(inKecamatan("a"), submitIn("b", village3, 1_000_000), villageList("b"), until("kecamatan"), wait(2),
		extend("kecamatan", kecamatan04, w.now.AddDate(0, 0, 75)), wait(1), shut("kecamatan"))(w))
	k := windowKey{Window: "kecamatan", Scope: kecamatan04}
	if w.cycle(2027).Windows[k].Shut {
		t.Fatal("the extended window was closed along with the general one")
	}
	if a, b := w.state("a").At, w.state("b").At; a != "lapsed" || b != "at_kecamatan" {
		t.Errorf("a %s, b %s", a, b)
	}
	w.must(kecList(1, "b")(w))
	w.sound()
	w.ends()
}

// Opening a window again for one kecamatan brings back that kecamatan's alone.
func TestReopeningForOneScope(t *testing.T) {
	w := newTown(t)
	w.must(all(inKecamatan("a"), submitIn("b", village3, 1_000_000), villageList("b"), shut("kecamatan"))(w))
	w.must(w.as("head_of_planning", act.ReopenWindow{Year: 2027, Window: "kecamatan", Scope: kecamatan04,
		ClosesAt: start.AddDate(0, 0, 60), Decree: paper("sk", w.now), Candidates: w.proposals(2027)}))
	if a, b := w.state("a").At, w.state("b").At; a != "lapsed" || b != "at_kecamatan" {
		t.Errorf("a %s, b %s", a, b)
	}
	if e := w.newest("b").Event.(*proposal.Reinstated); e.Ground != "reopening" || e.Resume != "at_kecamatan" || e.Document.IsZero() {
		t.Errorf("brought back as %+v", e)
	}
	w.sound()
	w.ends()
}

// Every row of the workflow's closings can be written, and says who could have
// acted.
func TestEveryRowCanBeWritten(t *testing.T) {
	d := musrenbang()
	c := cycle.State{Opened: &cycle.Opened{Kabupaten: "99.01"}}
	for _, window := range d.WindowNames() {
		for _, row := range d.Rows(window) {
			p := proposal.State{At: row.State, Idea: proposal.Idea{Village: village1, OPD: roads}}
			if row.Flag != "" {
				p.At, p.Flags = "rejected", map[string]proposal.Flag{row.Flag: {Since: start}}
			}
			k := windowKey{Window: window, Scope: domain.Scope{Kind: domain.ScopeKabupaten}}
			e := proposal.EndWait(d, c, p, row, k, "KUO-LEBIH", [16]byte{})
			if e == nil {
				t.Errorf("closing %s writes no %s", window, row.Event)
				continue
			}
			if e.Base().Via != "close:"+window || proposal.EventName(e) != row.Event {
				t.Errorf("closing %s writes %s via %s, want %s", window, proposal.EventName(e), e.Base().Via, row.Event)
			}
			if l, ok := e.(*proposal.Lapsed); ok && (l.Holder == "" || len(l.CouldHaveActed) == 0) {
				t.Errorf("closing %s over %s knows nobody who could have acted: %+v", window, row.State, l.Closing)
			}
		}
	}
}

// What was merged from several villages lies in none of them, and what was merged
// across kecamatan in no kecamatan: nobody there could have acted.
func TestAMergeHasNoVillageHead(t *testing.T) {
	d, c := musrenbang(), cycle.State{Opened: &cycle.Opened{Kabupaten: "99.01"}}
	k := windowKey{Window: "forum_opd", Scope: domain.Scope{Kind: domain.ScopeKabupaten}}
	for _, test := range []struct {
		place         string
		local, camats bool
	}{{village1, true, true}, {"99.01.03", false, true}, {"99.01", false, false}} {
		p := proposal.State{At: "at_opd", Idea: proposal.Idea{Village: test.place, OPD: roads}}
		could := proposal.EndWait(d, c, p, d.OnWindowClose["forum_opd"]["at_opd"], k, "", [16]byte{}).(*proposal.Lapsed).CouldHaveActed
		has := func(role string) bool {
			return slices.ContainsFunc(could, func(post string) bool { return strings.HasPrefix(post, role+"@") })
		}
		if has("village_head") != test.local || has("camat") != test.camats || !has("opd_head") {
			t.Errorf("in %s: %v", test.place, could)
		}
	}
}

func TestFinalLists(t *testing.T) {
	type outcome struct {
		state, reason string
		rank          int
	}
	for _, test := range []struct {
		name   string
		limit  step
		list   func(*town) act.FinalizeList
		cutoff int
		used   int64
		kind   string
		want   map[string]outcome
	}{
		{
			"as many as the ceiling holds", ceiling(domain.ScopeKecamatan, "99.01.03", "kecamatan", 450_000_000),
			func(w *town) act.FinalizeList {
				return act.FinalizeList{List: "L1", Entries: w.entries([]string{"a", "b", "c"})}
			},
			2, 400_000_000, forum.LimitCeiling,
			map[string]outcome{"a": {"at_opd", "", 1}, "b": {"at_opd", "", 2}, "c": {"below_line_kec", "PAG-KECAMATAN", 3}},
		}, {
			"fewer than the limit holds", nil,
			func(w *town) act.FinalizeList {
				return act.FinalizeList{List: "L1", Entries: w.entries([]string{"c", "a", "b"}), In: 1}
			},
			1, 1, forum.LimitNone,
			map[string]outcome{"c": {"at_opd", "", 1}, "a": {"below_line_kec", "PRI-SKOR", 2}, "b": {"below_line_kec", "PRI-SKOR", 3}},
		}, {
			"a reason of its own below the line", nil,
			func(w *town) act.FinalizeList {
				e := w.entries([]string{"a", "b", "c"})
				e[2].Reason = "LHN-SENGKETA"
				return act.FinalizeList{List: "L1", Entries: e}
			},
			2, 2, forum.LimitNone,
			map[string]outcome{"a": {"at_opd", "", 1}, "c": {"below_line_kec", "LHN-SENGKETA", 3}},
		}, {
			"a draft made final as it is", func(w *town) error {
				return w.as("camat", act.OnForum{Forum: w.kecForum("a"), Year: 2027, Ask: &forum.ListRanked{List: "L7", Stage: "kecamatan",
					Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}, Entries: w.entries([]string{"b", "a", "c"})}}, "kecamatan:99.01.03")
			},
			func(*town) act.FinalizeList { return act.FinalizeList{List: "L7", In: 2} },
			2, 2, forum.LimitNone,
			map[string]outcome{"b": {"at_opd", "", 1}, "c": {"below_line_kec", "PRI-SKOR", 3}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newTown(t)
			w.must(inKecamatan("a", "b", "c")(w))
			if test.limit != nil {
				w.must(test.limit(w))
			}
			a := test.list(w)
			a.Forum = w.kecForum("a")
			w.must(w.as("camat", a, "kecamatan:99.01.03"))
			final := forum.Fold(w.log.Now(a.Forum)).Final[a.List]
			if final.Cutoff != test.cutoff || final.Used != test.used || final.Limit.Kind != test.kind {
				t.Errorf("line at %d, used %d of %+v", final.Cutoff, final.Used, final.Limit)
			}
			for name, want := range test.want {
				p := w.state(name)
				got := outcome{state: string(p.At), rank: p.Lists["kecamatan"].Rank}
				if e, ok := w.newest(name).Event.(*proposal.BelowCutoff); ok {
					got.reason = e.Reason
				}
				if got != want {
					t.Errorf("%s: %+v, want %+v", name, got, want)
				}
				if cause := w.newest(name).Causation; cause == w.newest(name).Command {
					t.Errorf("%s is not caused by the list", name)
				}
			}
			w.sound()
		})
	}
}

// The clock of an append may not be behind what it was decided on.
func TestADecisionIsNeverRecordedBeforeItsGrounds(t *testing.T) {
	w := newTown(t)
	w.must(inOPD("a")(w))
	now := w.now
	w.opdForum("a")
	w.now = now.Add(-time.Hour)
	if got := w.refusal(accept("a")(w)); got != "time.clock_behind" {
		t.Errorf("refused with %q", got)
	}
	if got := w.log.Clock(now.Add(-time.Hour)); got.Before(now) {
		t.Errorf("the clock to decide by shows %s, the log %s", got, now)
	}
}
