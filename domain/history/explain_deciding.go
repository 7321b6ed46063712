package history

import (
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// A Deciding is the act that settled a part of a proposal: the event to cite,
// and what that rested on.
type Deciding struct {
	Mention
	End        string       `json:"end"`        // the leaf it settled
	Millionths int64        `json:"millionths"` // of the proposal asked about
	Kind       DecisionKind `json:"kind,omitzero"`
	Stage      string       `json:"stage,omitzero"`

	Authority Authority  `json:"authority,omitzero"` // absent where nobody decided
	Forum     *Session   `json:"forum,omitempty"`
	Evidence  []Evidence `json:"evidence,omitempty"`
	Reason    *Reason    `json:"reason,omitempty"`
	Rule      Rule       `json:"rule"`
	Closing   *Shutting  `json:"closing,omitempty"` // where a window's closing brought it about
	Ranking   *Placing   `json:"ranking,omitempty"`
	Late      bool       `json:"recorded_late,omitzero"` // its window had closed when it was recorded
	Observed  string     `json:"observed,omitzero"`      // the source it was read off; absent where it was decided in Runut
	Amended   *Mention   `json:"amended,omitempty"`      // the correction that put other facts in the place of those first recorded
	Wait      *Wait      `json:"wait,omitempty"`         // where nobody decided: who had it last

	before proposal.State // the end's, just before
}

// deciding returns what an event that settled an end rests on. Before is how the
// proposals stood just before.
func (x *explaining) deciding(r event.Record, end End, before map[string]proposal.State) Deciding {
	d := Deciding{Mention: MentionOf(r), End: end.Proposal, Millionths: end.Millionths, Authority: x.authority(r)}
	if fix, amended := event.Amending(x.Streams[r.Stream], x.View, r.ID); amended {
		m := MentionOf(fix)
		d.Amended, d.Type = &m, typeOf(r)
	}
	chart := x.Charts.For(r.Definition)
	d.Rule = rule(chart.Definition, r)
	if e, ok := r.Event.(proposal.Event); ok {
		base := e.Base()
		d.Stage, d.Late = base.Stage, base.Late != nil
		if base.Observed != nil {
			d.Observed = base.Observed.Source
		}
		d.Reason = x.reason(r, e, end, chart.Definition)
		d.Evidence = evidence(e)
		d.Ranking = x.placing(r, e, before)
		x.elsewhere(&d, r, e)
	}
	if d.Stage == "" {
		d.Stage = stageOf(r)
	}
	d.Forum = x.session(&d, r, end)
	d.Closing = x.closing(r)
	return d
}

// typeOf returns the stored name of what a record counts as, which an amendment
// may have changed.
func typeOf(r event.Record) string {
	if e, ok := r.Event.(proposal.Event); ok {
		return "proposal." + proposal.EventName(e)
	}
	return r.Type
}

// stageOf returns the stage that an act of a cycle or a forum belongs to.
func stageOf(r event.Record) string {
	switch e := r.Event.(type) {
	case *forum.ListFinalized:
		return e.Stage
	case *cycle.DocumentAdopted:
		return adoptedAfter[e.Kind]
	case *cycle.WindowClosed:
		return e.Window
	}
	return ""
}
