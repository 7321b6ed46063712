package cycle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/cycle"
)

func extended(name string, s domain.Scope, closes time.Time) *cycle.WindowExtended {
	return &cycle.WindowExtended{Window: name, Scope: s, ClosesAt: closes, Decree: decree("2026-01-30")}
}

func TestOpeningAWindow(t *testing.T) {
	wide := window("desa", village(""), at(1, 10), at(2, 20))
	own := window("desa", village("99.01.03.2001"), at(1, 10), at(2, 10))
	tell(t, []story{
		{name: "for all villages", given: begun(), ask: wide, by: cycle.Planner, then: []cycle.Event{wide}},
		{name: "for one village", given: begun(), ask: own, by: cycle.Planner, then: []cycle.Event{own}},
		{name: "for the whole kabupaten", given: begun(), ask: window("desa", domain.Scope{}, at(1, 10), at(2, 20)), by: cycle.Planner,
			then: []cycle.Event{window("desa", kabupaten(), at(1, 10), at(2, 20))}},
		{name: "for all others, when one has its own", given: begun().then(at(1, 2), own), ask: wide, by: cycle.Planner, then: []cycle.Event{wide}},
		{name: "not for one that has the general one", given: begun().then(at(1, 2), wide), ask: own, by: cycle.Planner, codes: []string{"cycle.window_overlaps"}},
		{name: "not twice", given: begun().then(at(1, 2), own), ask: own, by: cycle.Planner, codes: []string{"cycle.window_overlaps"}},
		{name: "not for the kabupaten beside one for all villages", given: begun().then(at(1, 2), wide), ask: window("desa", kabupaten(), at(1, 10), at(2, 20)), by: cycle.Planner, codes: []string{"cycle.window_overlaps"}},
		{name: "not for all villages beside one for the kabupaten", given: begun().then(at(1, 2), window("desa", kabupaten(), at(1, 3), at(1, 9))), ask: wide, by: cycle.Planner, codes: []string{"cycle.window_overlaps"}},
		{name: "not where one was closed: that is re-opening", given: begun().then(at(1, 2), wide).then(at(1, 20), shut("desa", village(""), at(2, 20))), ask: own, by: cycle.Planner, codes: []string{"cycle.window_closed"}},
		{name: "one there is", given: begun(), ask: window("bulan", village(""), at(1, 10), at(2, 20)), by: cycle.Planner, codes: []string{"cycle.window_unknown"}},
		{name: "of its kind of scope", given: begun(), ask: window("desa", opd("1.03"), at(1, 10), at(2, 20)), by: cycle.Planner, codes: []string{"cycle.window_scope"}},
		{name: "in this kabupaten", given: begun(), ask: window("desa", village("98.01.03.2001"), at(1, 10), at(2, 20)), by: cycle.Planner, codes: []string{"cycle.scope_outside"}},
		{name: "forwards, and not over", given: begun(), ask: window("desa", village(""), at(1, 20), at(1, 10)), by: cycle.Planner, codes: []string{"cycle.window_backwards", "cycle.window_over"}},
		{name: "by those who may", given: begun(), ask: wide, by: "camat", codes: []string{"cycle.role_missing"}},
		{name: "in an open cycle", given: begun().then(at(1, 2), &cycle.Closed{}), ask: wide, by: cycle.Planner, codes: []string{"cycle.not_open"}},
		{name: "a decree of tomorrow", given: begun(), ask: &cycle.WindowOpened{Window: "desa", Scope: village(""), OpensAt: at(1, 10), ClosesAt: at(2, 20), Decree: decree("2026-03-01")}, by: cycle.Planner, codes: []string{"cycle.date_wrong"}},
	})
}

func TestCalendarOrder(t *testing.T) {
	villages := begun().then(at(1, 2), window("desa", village(""), at(1, 10), at(2, 10)))
	both := villages.then(at(1, 2), window("kecamatan", kecamatan(""), at(1, 10), at(2, 20)))
	one := both.then(at(1, 3), extended("kecamatan", kecamatan("99.01.03"), at(3, 5)))
	opds := both.then(at(1, 2), window("forum_opd", opd(""), at(1, 10), at(3, 1)))
	tell(t, []story{
		{name: "a later stage may end with an earlier one", given: villages, ask: window("kecamatan", kecamatan(""), at(1, 10), at(2, 10)), by: cycle.Planner,
			then: []cycle.Event{window("kecamatan", kecamatan(""), at(1, 10), at(2, 10))}},
		{name: "but not before it", given: villages, ask: window("kecamatan", kecamatan(""), at(1, 10), at(2, 9)), by: cycle.Planner, codes: []string{"cycle.ends_before_earlier_stage"}},
		{name: "not even one that is not next to it", given: villages, ask: window("kabupaten", kabupaten(), at(1, 10), at(2, 9)), by: cycle.Planner, codes: []string{"cycle.ends_before_earlier_stage"}},
		{name: "an earlier stage opened afterwards is bound too", given: begun().then(at(1, 2), window("kecamatan", kecamatan(""), at(1, 10), at(2, 20))),
			ask: window("desa", village(""), at(1, 10), at(2, 21)), by: cycle.Planner, codes: []string{"cycle.extension_passes_later_stage"}},
		{name: "an extension stops at the later stage", given: both, ask: extended("desa", village(""), at(2, 25)), by: cycle.HeadOfPlanning, codes: []string{"cycle.extension_passes_later_stage"}},
		{name: "and may reach it", given: both, ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning, then: []cycle.Event{extended("desa", village(""), at(2, 20))}},
		{name: "a flooded kecamatan whose later stage ends later", given: one, ask: extended("desa", village("99.01.03.2001"), at(3, 1)), by: cycle.HeadOfPlanning,
			then: []cycle.Event{extended("desa", village("99.01.03.2001"), at(3, 1))}},
		{name: "its neighbour's does not", given: one, ask: extended("desa", village("99.01.04.2001"), at(3, 1)), by: cycle.HeadOfPlanning, codes: []string{"cycle.extension_passes_later_stage"}},
		{name: "any OPD may get what a kecamatan sends on", given: opds, ask: extended("kecamatan", kecamatan("99.01.03"), at(3, 2)), by: cycle.HeadOfPlanning, codes: []string{"cycle.extension_passes_later_stage"}},
		{name: "villages of another kecamatan do not matter", given: begun().then(at(1, 2), window("desa", village("99.01.04.2001"), at(1, 10), at(2, 10))),
			ask: window("kecamatan", kecamatan("99.01.03"), at(1, 10), at(2, 5)), by: cycle.Planner, then: []cycle.Event{window("kecamatan", kecamatan("99.01.03"), at(1, 10), at(2, 5))}},
		{name: "its own do", given: begun().then(at(1, 2), window("desa", village("99.01.03.2001"), at(1, 10), at(2, 10))),
			ask: window("kecamatan", kecamatan("99.01.03"), at(1, 10), at(2, 5)), by: cycle.Planner, codes: []string{"cycle.ends_before_earlier_stage"}},
		{name: "windows outside the order do not matter", given: both, ask: window("objection", kabupaten(), at(1, 10), at(2, 5)), by: cycle.Planner,
			then: []cycle.Event{window("objection", kabupaten(), at(1, 10), at(2, 5))}},
		{name: "a later stage that was closed early ended then", given: both.then(at(1, 25), shut("kecamatan", kecamatan(""), at(2, 20))), ask: extended("desa", village(""), at(2, 15)), by: cycle.HeadOfPlanning,
			codes: []string{"cycle.extension_passes_later_stage"}},
	})
}

func TestExtendingAWindow(t *testing.T) {
	open := begun().then(at(1, 2), window("desa", village(""), at(1, 10), at(2, 10)))
	own := open.then(at(1, 3), extended("desa", village("99.01.03.2001"), at(2, 15)))
	tell(t, []story{
		{name: "for all", given: open, ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning, then: []cycle.Event{extended("desa", village(""), at(2, 20))}},
		{name: "for all takes along whoever would be left behind", given: own, ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning,
			then: []cycle.Event{extended("desa", village(""), at(2, 20)), extended("desa", village("99.01.03.2001"), at(2, 20))}},
		{name: "for all leaves alone whoever has longer", given: own, ask: extended("desa", village(""), at(2, 12)), by: cycle.HeadOfPlanning,
			then: []cycle.Event{extended("desa", village(""), at(2, 12))}},
		{name: "for the kabupaten means all villages", given: open, ask: extended("desa", kabupaten(), at(2, 20)), by: cycle.HeadOfPlanning, then: []cycle.Event{extended("desa", village(""), at(2, 20))}},
		{name: "for all where only single ones were opened", given: begun().then(at(1, 2), window("desa", village("99.01.03.2001"), at(1, 10), at(2, 10))), ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning,
			then: []cycle.Event{extended("desa", village("99.01.03.2001"), at(2, 20))}},
		{name: "for one of all", given: open, ask: extended("desa", village("99.01.03.2001"), at(2, 20)), by: cycle.HeadOfPlanning, then: []cycle.Event{extended("desa", village("99.01.03.2001"), at(2, 20))}},
		{name: "overdue", given: open, ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning, when: at(2, 12), then: []cycle.Event{extended("desa", village(""), at(2, 20))}},
		{name: "forwards only", given: open, ask: extended("desa", village(""), at(2, 5)), by: cycle.HeadOfPlanning, codes: []string{"cycle.extension_shortens"}},
		{name: "not to where it ends already", given: open, ask: extended("desa", village(""), at(2, 10)), by: cycle.HeadOfPlanning, codes: []string{"cycle.extension_shortens"}},
		{name: "not into the past", given: open, ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning, when: at(2, 21), codes: []string{"cycle.window_over"}},
		{name: "one that was opened", given: begun(), ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning, codes: []string{"cycle.window_not_opened"}},
		{name: "not one a person has closed", given: open.then(at(1, 20), shut("desa", village(""), at(2, 10))), ask: extended("desa", village(""), at(2, 20)), by: cycle.HeadOfPlanning, codes: []string{"cycle.window_closed"}},
		{name: "not before it was opened, or it would change nothing", given: open, ask: extended("desa", village("99.01.03.2001"), at(2, 20)), by: cycle.HeadOfPlanning, codes: []string{"cycle.occurred_before_last"},
			alter: func(r *cycle.Rules) { r.Occurred = domain.Moment(at(1, 1)) }},
		{name: "by decree", given: open, ask: &cycle.WindowExtended{Window: "desa", Scope: village(""), ClosesAt: at(2, 20)}, by: cycle.HeadOfPlanning, codes: []string{"cycle.decree_missing"}},
		{name: "by the head", given: open, ask: extended("desa", village(""), at(2, 20)), by: cycle.Planner, codes: []string{"cycle.role_missing"}},
	})
}

func TestClosingAWindow(t *testing.T) {
	open := begun().then(at(1, 2), window("desa", village(""), at(1, 10), at(2, 10)))
	closed := open.then(at(1, 20), shut("desa", village(""), at(2, 10)))
	for _, test := range []struct {
		name  string
		given past
		ask   cycle.WindowClosed
		by    domain.Role
		when  time.Time
		want  *cycle.WindowClosed
		codes []string
	}{
		{"early", open, cycle.WindowClosed{Window: "desa", Scope: village("")}, cycle.Planner, at(2, 1),
			&cycle.WindowClosed{Window: "desa", Scope: village(""), ClosesAt: at(2, 10), ClosedBy: "planner@kabupaten"}, nil},
		{"overdue", open, cycle.WindowClosed{Window: "desa", Scope: village("")}, cycle.HeadOfPlanning, at(3, 1),
			&cycle.WindowClosed{Window: "desa", Scope: village(""), ClosesAt: at(2, 10), ClosedBy: "head_of_planning@kabupaten"}, nil},
		{"for one village of all", open, cycle.WindowClosed{Window: "desa", Scope: village("99.01.03.2001")}, cycle.Planner, at(2, 1),
			&cycle.WindowClosed{Window: "desa", Scope: village("99.01.03.2001"), ClosesAt: at(2, 10), ClosedBy: "planner@kabupaten"}, nil},
		{"for all, however it was opened", open, cycle.WindowClosed{Window: "desa"}, cycle.Planner, at(2, 1),
			&cycle.WindowClosed{Window: "desa", Scope: village(""), ClosesAt: at(2, 10), ClosedBy: "planner@kabupaten"}, nil},
		{"not twice", closed, cycle.WindowClosed{Window: "desa", Scope: village("")}, cycle.Planner, at(2, 1), nil, []string{"cycle.window_closed"}},
		{"not before it has begun", open, cycle.WindowClosed{Window: "desa", Scope: village("")}, cycle.Planner, at(1, 5), nil, []string{"cycle.window_not_begun"}},
		{"not one nobody opened", begun(), cycle.WindowClosed{Window: "desa", Scope: village("")}, cycle.Planner, at(2, 1), nil, []string{"cycle.window_not_opened"}},
		{"not by the system", open, cycle.WindowClosed{Window: "desa", Scope: village("")}, domain.RoleSystem, at(2, 1), nil, []string{"cycle.role_missing"}},
		{"one there is", open, cycle.WindowClosed{Window: "bulan"}, cycle.Planner, at(2, 1), nil, []string{"cycle.window_unknown"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := cycle.CloseWindow(test.given.fold(), &test.ask, rules(test.by, test.when))
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("event (-want +got):\n%s", d)
			}
		})
	}
}

func TestReopeningAWindow(t *testing.T) {
	open := begun().then(at(1, 2), window("desa", village(""), at(1, 10), at(2, 10)))
	closed := open.then(at(2, 11), shut("desa", village(""), at(2, 10)))
	ask := func(change func(*cycle.WindowReopened)) *cycle.WindowReopened {
		e := &cycle.WindowReopened{Window: "desa", Scope: village(""), ClosesAt: at(3, 1), Decree: decree("2026-02-14")}
		if change != nil {
			change(e)
		}
		return e
	}
	number := domain.Number(2027, id(1), 0)
	for _, test := range []struct {
		name  string
		given past
		ask   *cycle.WindowReopened
		by    domain.Role
		want  *cycle.WindowReopened
		codes []string
	}{
		{"by decree", closed, ask(nil), cycle.HeadOfPlanning, ask(func(e *cycle.WindowReopened) { e.Closing = id(3).String() }), nil},
		{"for one flooded village", closed, ask(func(e *cycle.WindowReopened) { e.Scope, e.Covers = village("99.01.03.2001"), []string{number} }), cycle.HeadOfPlanning,
			ask(func(e *cycle.WindowReopened) {
				e.Scope, e.Covers, e.Closing = village("99.01.03.2001"), []string{number}, id(3).String()
			}), nil},
		{"not without one", closed, ask(func(e *cycle.WindowReopened) { e.Decree = domain.Document{} }), cycle.HeadOfPlanning, nil, []string{"cycle.decree_missing"}},
		{"not what is open", open, ask(nil), cycle.HeadOfPlanning, nil, []string{"cycle.window_not_closed"}},
		{"not another closing", closed, ask(func(e *cycle.WindowReopened) { e.Closing = id(9).String() }), cycle.HeadOfPlanning, nil, []string{"cycle.other_closing"}},
		{"not until yesterday", closed, ask(func(e *cycle.WindowReopened) { e.ClosesAt = at(2, 14) }), cycle.HeadOfPlanning, nil, []string{"cycle.window_over"}},
		{"not by a planner", closed, ask(nil), cycle.Planner, nil, []string{"cycle.role_missing"}},
		{"numbers that are some, once", closed, ask(func(e *cycle.WindowReopened) { e.Covers = []string{"U-27-XXXXXXX", number, number} }), cycle.HeadOfPlanning, nil, []string{"cycle.number_malformed", "cycle.named_twice"}},
		{"not past a later stage", begun().then(at(1, 2), window("desa", village(""), at(1, 10), at(2, 10)), window("kecamatan", kecamatan(""), at(1, 10), at(2, 20))).then(at(2, 11), shut("desa", village(""), at(2, 10))),
			ask(nil), cycle.HeadOfPlanning, nil, []string{"cycle.extension_passes_later_stage"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := cycle.ReopenWindow(test.given.fold(), test.ask, rules(test.by, at(2, 15)))
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("event (-want +got):\n%s", d)
			}
		})
	}
}

func TestTheWindowThatHolds(t *testing.T) {
	s := begun().then(at(1, 2),
		window("desa", village(""), at(1, 10), at(2, 10)),
		window("kecamatan", kecamatan("99.01.03"), at(1, 10), at(2, 20)),
		window("forum_opd", kabupaten(), at(1, 10), at(3, 1)),
		extended("desa", village("99.01.03.2001"), at(2, 12))).fold()
	for _, test := range []struct {
		window string
		scope  domain.Scope
		want   time.Time // zero: none
	}{
		{"desa", village("99.01.03.2001"), at(2, 12)}, // its own
		{"desa", village("99.01.03.2002"), at(2, 10)}, // that of its kind
		{"forum_opd", opd("1.03"), at(3, 1)},          // the kabupaten's
		{"kecamatan", kecamatan("99.01.03"), at(2, 20)},
		{"kecamatan", kecamatan("99.01.04"), time.Time{}},
		{"forum_opd", domain.Scope{}, at(3, 1)},
		{"forum_opd", domain.Scope{Kind: domain.ScopeKabupaten, Code: tenant}, at(3, 1)},
		{"kabupaten", kabupaten(), time.Time{}},
	} {
		w, ok := s.Find(test.window, test.scope)
		if ok == test.want.IsZero() || !w.ClosesAt.Equal(test.want) {
			t.Errorf("%s of %s closes at %s, %v; want %s", test.window, test.scope, w.ClosesAt, ok, test.want)
		}
	}
	if d := cmp.Diff([]cycle.WindowKey{{Window: "desa", Scope: village("")}}, s.Overdue(at(2, 11))); d != "" {
		t.Errorf("overdue (-want +got):\n%s", d)
	}
}

func TestOpenDuring(t *testing.T) {
	µ := time.Microsecond
	day := func(m time.Month, d int) domain.Interval { return domain.OnDay(2026, m, d, time.UTC) }
	moment := domain.Moment
	span := cycle.Window{OpensAt: at(2, 1), ClosesAt: at(2, 10)}
	early := cycle.Window{OpensAt: at(2, 1), ClosesAt: at(2, 10), Shut: true, ShutAt: at(2, 5)}
	late := cycle.Window{OpensAt: at(2, 1), ClosesAt: at(2, 10), Shut: true, ShutAt: at(2, 12)}
	again := cycle.Window{OpensAt: at(2, 1), ClosesAt: at(2, 20), ShutAt: at(2, 5), Gaps: []cycle.Gap{{From: at(2, 5), To: at(2, 8)}}}
	for _, test := range []struct {
		name string
		w    cycle.Window
		at   domain.Interval
		want bool
	}{
		{"as it opens", span, moment(at(2, 1)), true},
		{"just before", span, moment(at(2, 1).Add(-µ)), false},
		{"as it closes", span, moment(at(2, 10)), true},
		{"just after", span, moment(at(2, 10).Add(µ)), false},
		{"the day it opens, of unknown hour", span, day(2, 1), true},
		{"the day it closes, of unknown hour", span, day(2, 10), true},
		{"the day after", span, day(2, 11), false},
		{"an instant before somebody shut it", early, moment(at(2, 5).Add(-µ)), true},
		{"as somebody shut it", early, moment(at(2, 5)), false},
		{"the day somebody shut it", early, day(2, 5), true},
		{"after its end, though nobody had shut it yet", late, moment(at(2, 11)), false},
		{"in the last moment, though it was shut at that", cycle.Window{OpensAt: at(2, 1), ClosesAt: at(2, 10), Shut: true, ShutAt: at(2, 10)}, moment(at(2, 10)), true},
		{"in time, though it was shut late", late, moment(at(2, 10)), true},
		{"before the gap", again, moment(at(2, 5).Add(-µ)), true},
		{"as the gap begins", again, moment(at(2, 5)), false},
		{"in the gap", again, moment(at(2, 6)), false},
		{"as it is opened again", again, moment(at(2, 8)), true},
		{"an interval over the whole gap", again, domain.Interval{From: at(2, 4), To: at(2, 9), Precision: domain.BetweenExports}, true},
		{"an interval within the gap", again, domain.Interval{From: at(2, 6), To: at(2, 7), Precision: domain.BetweenExports}, false},
		{"to its new end", again, moment(at(2, 20)), true},
		{"before anything", again, moment(at(1, 1)), false},
	} {
		if got := test.w.OpenDuring(test.at); got != test.want {
			t.Errorf("%s: open %v, want %v", test.name, got, test.want)
		}
	}
}

func TestReopeningLeavesAGap(t *testing.T) {
	w := window("desa", village(""), at(1, 10), at(2, 10))
	again := &cycle.WindowReopened{Window: "desa", Scope: village(""), ClosesAt: at(3, 1)}
	for _, test := range []struct {
		name   string
		shutAt time.Time
		in     []time.Time
		out    []time.Time
	}{
		{"closed early", at(2, 1), []time.Time{at(1, 31), at(2, 20)}, []time.Time{at(2, 1), at(2, 9), at(2, 14)}},
		{"closed as it ended", at(2, 10), []time.Time{at(2, 10), at(2, 15)}, []time.Time{at(2, 10).Add(time.Microsecond), at(2, 13)}},
		{"closed overdue", at(2, 12), []time.Time{at(2, 10), at(2, 15)}, []time.Time{at(2, 11), at(2, 13)}},
	} {
		s := begun().then(at(1, 2), w).then(test.shutAt, shut("desa", village(""), at(2, 10))).then(at(2, 15), again).fold()
		got, _ := s.Find("desa", village("99.01.03.2001"))
		for _, in := range test.in {
			if !got.OpenDuring(domain.Moment(in)) {
				t.Errorf("%s: not open at %s", test.name, in)
			}
		}
		for _, out := range test.out {
			if got.OpenDuring(domain.Moment(out)) {
				t.Errorf("%s: open at %s", test.name, out)
			}
		}
	}
}

// Whatever people ask of windows: what is accepted takes nothing away from a
// place that had a window, except by a closing, and no later stage ends before
// an earlier one for any place.
func TestWindowsNeverOverlapSilently(t *testing.T) {
	places := map[string][]domain.Scope{
		"desa":      {village("99.01.03.2001"), village("99.01.04.2001")},
		"kecamatan": {kecamatan("99.01.03"), kecamatan("99.01.04")},
		"forum_opd": {opd("1.03"), opd("1.04")},
		"kabupaten": {kabupaten()},
	}
	wides := map[string]domain.Scope{"desa": village(""), "kecamatan": kecamatan(""), "forum_opd": opd(""), "kabupaten": kabupaten()}
	names := []string{"desa", "kecamatan", "forum_opd", "kabupaten"}
	rapid.Check(t, func(t *rapid.T) {
		given := begun()
		now := at(1, 2)
		for range rapid.IntRange(1, 12).Draw(t, "asks") {
			name := rapid.SampledFrom(names).Draw(t, "window")
			scope := rapid.SampledFrom(append([]domain.Scope{wides[name], kabupaten()}, places[name]...)).Draw(t, "scope")
			closes := at(1, rapid.IntRange(3, 30).Draw(t, "closes"))
			before := given.fold()
			var done []cycle.Event
			var err error
			closing := false
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				done, err = cycle.Decide(before, window(name, scope, at(1, 1), closes), rules(cycle.HeadOfPlanning, now))
			case 1:
				done, err = cycle.Decide(before, &cycle.WindowExtended{Window: name, Scope: scope, ClosesAt: closes, Decree: decree("2026-01-01")}, rules(cycle.HeadOfPlanning, now))
			case 2:
				closing = true
				var e *cycle.WindowClosed
				if e, err = cycle.CloseWindow(before, &cycle.WindowClosed{Window: name, Scope: scope}, rules(cycle.HeadOfPlanning, now)); err == nil {
					done = []cycle.Event{e}
				}
			case 3:
				var e *cycle.WindowReopened
				if e, err = cycle.ReopenWindow(before, &cycle.WindowReopened{Window: name, Scope: scope, ClosesAt: closes, Decree: decree("2026-01-01")}, rules(cycle.HeadOfPlanning, now)); err == nil {
					done = []cycle.Event{e}
				}
			}
			if err != nil {
				continue
			}
			given = given.then(now, done...)
			after := given.fold()
			for name, scopes := range places {
				for _, s := range scopes {
					had, ok := before.Find(name, s)
					has, still := after.Find(name, s)
					if ok && (!still || !closing && has.End().Before(had.End()) || !has.OpensAt.Equal(had.OpensAt)) {
						t.Fatalf("%s of %s: had %v, has %v", name, s, had, has)
					}
				}
			}
			if !closing {
				inOrder(t, after, places)
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "hours")) * time.Hour)
		}
	})
}

// inOrder fails where a window that is still running may outlast a later one,
// for any village and any OPD.
func inOrder(t *rapid.T, s cycle.State, places map[string][]domain.Scope) {
	for _, v := range places["desa"] {
		for _, o := range places["forum_opd"] {
			way := []struct {
				window string
				scope  domain.Scope
			}{{"desa", v}, {"kecamatan", kecamatan(domain.KecamatanOf(v.Code))}, {"forum_opd", o}, {"kabupaten", kabupaten()}}
			var last cycle.Window
			var of string
			for _, step := range way {
				w, ok := s.Find(step.window, step.scope)
				if !ok {
					continue
				}
				if !w.Shut && !last.Shut && w.End().Before(last.End()) {
					t.Fatalf("%s of %s ends %s, before %s at %s", step.window, step.scope, w.End(), of, last.End())
				}
				last, of = w, step.window
			}
		}
	}
}
