package history

import (
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// missing names what a full answer would need of the decisive acts and of what
// led to them.
func (x *explaining) missing() {
	for _, d := range append(append([]Deciding{}, x.out.Decisive...), x.out.Won...) {
		if d.Reason != nil && d.Reason.Code == proposal.ReasonUnsaid {
			x.gap("reason_not_recorded", d.Event.String())
		}
		if d.Rule.Definition == "" {
			x.gap("definition_unknown", d.Rule.Hash)
		}
		if d.Kind == ByAct && len(d.Evidence) == 0 {
			x.gap("no_evidence", d.Event.String())
		}
	}
	for _, number := range append([]string{x.Proposal}, x.relatives()...) {
		for _, r := range event.Sequence(x.Streams[proposal.Stream(number)], x.View) {
			if e, ok := r.Event.(proposal.Event); ok && e.Base().Observed != nil {
				for _, member := range e.Base().Observed.Gaps {
					x.gap("source_does_not_say", member)
				}
			}
			if _, ok := r.Event.(*proposal.TextRedacted); ok {
				x.gap("text_closed", r.Stream)
			}
		}
	}
	for _, n := range x.lineage.Unheld() {
		if x.mine(n) {
			x.gap("not_held", n)
		}
	}
	if len(x.Streams[cycle.Stream(x.out.Cycle)]) == 0 {
		x.gap("cycle_unheld", cycle.Stream(x.out.Cycle))
	}
}

// relatives returns what the proposal went into.
func (x *explaining) relatives() []string {
	var out []string
	for _, e := range x.out.Ends {
		if e.Proposal != x.Proposal {
			out = append(out, e.Proposal)
		}
	}
	return out
}
