package act_test

import (
	"testing"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// seen returns the state of a proposal as of a day, as far as was known on
// another; both in days after start, 0 for no bound.
func (w *town) seen(name string, asOf, known int) workflow.State {
	w.t.Helper()
	return proposal.Fold(event.Sequence(w.log[proposal.Stream(w.number(name))], w.view(asOf, known))).At
}

// goTo lets time pass until a day after start.
func goTo(day int) step {
	return func(w *town) error { w.now = start.AddDate(0, 0, day); return nil }
}

func TestTwoTimes(t *testing.T) {
	type view struct {
		asOf, known int
		want        workflow.State
	}
	for _, test := range []struct {
		name  string
		given step
		views []view
	}{
		{
			"an acceptance on paper of day 80, typed in on day 95 after the lapse of day 90",
			all(inOPD("a"), goTo(91), shut("forum_opd"), goTo(95), func(w *town) error {
				return w.recordLate("a", w.newest("a").ID, start.AddDate(0, 0, 80), paper("ba", start.AddDate(0, 0, 80)))
			}),
			[]view{
				{70, 0, "at_opd"}, {85, 0, "accepted"}, {92, 0, "accepted"}, {0, 0, "accepted"},
				{92, 94, "lapsed"}, {85, 94, "at_opd"}, {0, 94, "lapsed"},
			},
		}, {
			"an opinion of day 35, typed in on day 50 after the acceptance of day 40",
			all(inOPD("a"), goTo(40), accept("a"), goTo(50), func(w *town) error {
				w.who("opd_officer", "opd:"+roads)
				w.past = domain.Moment(start.AddDate(0, 0, 35))
				return take("a", "opd_officer", office("a"), func(*town) proposal.Event {
					return &proposal.Verified{Kind: "lapangan", Result: "pass"}
				})(w)
			}),
			[]view{{36, 0, "at_opd"}, {41, 0, "accepted"}, {0, 0, "accepted"}, {0, 45, "accepted"}},
		}, {
			"a transfer of day 35, typed in on day 50 after a return of day 40: what came later still counts last",
			all(inOPD("a"), goTo(40), returnByPlanner("a"), goTo(50), func(w *town) error {
				w.who("planner")
				w.past = domain.Moment(start.AddDate(0, 0, 35))
				return take("a", "planner", nil, func(*town) proposal.Event {
					return &proposal.Transferred{To: water, Reason: text("Bukan tugas kami")}
				})(w)
			}),
			[]view{{36, 0, "at_opd"}, {41, 0, "returned_opd"}, {0, 0, "returned_opd"}},
		}, {
			"a rejection of day 40, struck out on day 80",
			all(inOPD("a"), goTo(40), rejectOPD("a"), goTo(80), func(w *town) error {
				return w.correct("a", act.Fix{Target: w.newest("a").ID, Action: event.Void})
			}),
			[]view{{41, 70, "rejected"}, {0, 70, "rejected"}, {41, 0, "at_opd"}, {0, 0, "at_opd"}},
		}, {
			"a rejection typed in on day 60 for day 60 that was of day 40",
			all(inOPD("a"), goTo(60), rejectOPD("a"), goTo(61), func(w *town) error {
				at := domain.Moment(start.AddDate(0, 0, 40))
				return w.correct("a", act.Fix{Target: w.newest("a").ID, Action: event.Amend, Occurred: &at, With: &proposal.Rejected{
					Reason: "TEK-LAYAK", Text: text("Tanah labil"), Ground: "Permen PUPR 5/2023", Forum: w.opdForum("a")}})
			}),
			[]view{{39, 0, "at_opd"}, {41, 0, "rejected"}, {59, 60, "at_opd"}, {0, 0, "rejected"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newTown(t)
			w.must(test.given(w))
			for _, v := range test.views {
				if got := w.seen("a", v.asOf, v.known); got != v.want {
					t.Errorf("as of day %d, known on day %d: %s, want %s", v.asOf, v.known, got, v.want)
				}
			}
			w.sound()
		})
	}
}

func returnByPlanner(name string) step {
	return func(w *town) error { w.who("opd_officer", "opd:"+roads); return returnOPD(name)(w) }
}

// A late record is legal only if everything after it still holds (R6).
func TestALateRecordMustNotContradictWhatCameAfter(t *testing.T) {
	w := newTown(t)
	w.must(all(inOPD("a"), goTo(40), refer("a"), answer("a", "back", false), goTo(50))(w))
	w.opdForum("a")
	w.past = domain.Moment(start.AddDate(0, 0, 35))
	if got, want := w.refusal(accept("a")(w)), "history.state"; got != want {
		t.Errorf("an acceptance before the referral: %q, want %q", got, want)
	}
	w.past = domain.Interval{From: start.AddDate(0, 0, 45), To: start.AddDate(0, 0, 45), Precision: "about"}
	if got, want := w.refusal(accept("a")(w)), "time.malformed"; got != want {
		t.Errorf("of about day 45: %q, want %q", got, want)
	}
	w.past = domain.OnDay(2026, time.Month(2), 24, domain.Zones["WITA"]) // day 50, not over yet
	w.must(accept("a")(w))
}
