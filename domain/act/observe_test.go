package act_test

import (
	"slices"
	"testing"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// What a file shows is recorded as it stands there: marked as observed, with
// what was passed over and what is missing, and never as anybody's act.
func TestObserve(t *testing.T) {
	between := domain.Interval{From: start.AddDate(0, 0, 10), To: start.AddDate(0, 0, 17), Precision: domain.BetweenExports}
	for _, test := range []struct {
		name    string
		given   step
		row     func(*town) act.Row
		want    workflow.State
		via     string
		skipped []string
		gaps    []string
		refused string
	}{
		{
			name:  "a new row with opinions and an outcome, after the village's window",
			given: all(shut("desa"), wait(20)),
			row: func(*town) act.Row {
				return act.Row{New: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea(village1, 10), SourceID: "77"}, Occurred: between,
					Facts:   []proposal.Event{&proposal.Recommended{Level: "lurah", Result: "Diterima"}},
					Outcome: &proposal.Prioritized{Step: proposal.Step{Stage: "kecamatan"}}}
			},
			want: "at_opd", via: proposal.Jump, skipped: []string{"prioritize_desa"}, gaps: []string{"list", "forum"},
		}, {
			name:  "a new row that would wait where nothing ends the wait",
			given: shut("desa"),
			row: func(*town) act.Row {
				return act.Row{New: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea(village1, 10)}}
			},
			refused: "workflow.strands",
		}, {
			name:  "an outcome that the state knows is no jump",
			given: inOPD("a"),
			row: func(w *town) act.Row {
				return act.Row{Proposal: w.number("a"), Outcome: &proposal.AcceptedByOPD{Estimate: 5, Volume: domain.Volume{Amount: "1", Unit: "m"}}}
			},
			want: "accepted", via: "accept", gaps: []string{"forum", "sub_kegiatan"},
		}, {
			name:  "the source went back",
			given: accepted("a"),
			row: func(w *town) act.Row {
				return act.Row{Proposal: w.number("a"), Outcome: &proposal.Returned{Step: proposal.Step{Stage: "forum_opd"}}}
			},
			want: "returned_opd", via: proposal.Jump, gaps: []string{"due", "reason"},
		}, {
			name:  "the source revived what had ended here",
			given: all(inOPD("a"), shut("forum_opd")),
			row: func(w *town) act.Row {
				return act.Row{Proposal: w.number("a"), Outcome: &proposal.Reinstated{Resume: "accepted"}}
			},
			want: "accepted", via: "reinstate_kab", gaps: []string{"ground", "document"},
		}, {
			name:  "another OPD and other words, whatever the state",
			given: inKecamatan("a"),
			row: func(w *town) act.Row {
				return act.Row{Proposal: w.number("a"), Facts: []proposal.Event{
					&proposal.Revised{Idea: proposal.Idea{Volume: domain.Volume{Amount: "200", Unit: "m"}}}, &proposal.Transferred{To: water}}}
			},
			want: "at_kecamatan", via: proposal.Jump, gaps: []string{"reason"},
		}, {
			name:  "an outcome among the facts",
			given: inKecamatan("a"),
			row: func(w *town) act.Row {
				return act.Row{Proposal: w.number("a"), Facts: []proposal.Event{&proposal.Rejected{}}}
			},
			refused: "observe.not_a_fact",
		}, {
			name:    "a row that says nothing of anybody",
			row:     func(*town) act.Row { return act.Row{} },
			refused: "observe.nothing",
		}, {
			name: "a village of another kabupaten",
			row: func(*town) act.Row {
				return act.Row{New: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea("64.08.01.2001", 10)}}
			},
			refused: "place.outside",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newTown(t)
			if test.given != nil {
				w.must(test.given(w))
			}
			before := w.size()
			row := test.row(w)
			err := w.as("importer", act.Observe{Year: 2027, Source: "sipd", File: "ff", Rows: []act.Row{row}})
			if got := w.refusal(err); got != test.refused {
				t.Fatalf("refused with %q, want %q: %v", got, test.refused, err)
			}
			if err != nil {
				if before != w.size() {
					t.Error("the refusal left events")
				}
				return
			}
			if row.Proposal == "" {
				w.must(w.begin("a", nil))
			}
			if got := w.state("a").At; got != test.want {
				t.Errorf("in %s, want %s", got, test.want)
			}
			step := w.newest("a").Event.(proposal.Event).Base()
			if step.Via != test.via || !slices.Equal(step.Observed.Skipped, test.skipped) || !slices.Equal(step.Observed.Gaps, test.gaps) {
				t.Errorf("via %s, skipped %v, gaps %v", step.Via, step.Observed.Skipped, step.Observed.Gaps)
			}
			w.sound()
		})
	}
}
