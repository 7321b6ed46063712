package history

import (
	"cmp"
	"slices"

	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Reason is why, as a code of the cycle's list and in words.
type Reason struct {
	Code   string         `json:"code"`
	Group  string         `json:"group,omitzero"`  // national group
	Means  string         `json:"means,omitzero"`  // what the group comes down to
	Label  workflow.Label `json:"label,omitzero"`  // of the code
	Text   string         `json:"text,omitzero"`   // as somebody wrote it, masked
	Ground string         `json:"ground,omitzero"` // article or plan
}

// reason returns the reason an event gives. A component that was dropped has the
// reason the parent's event gives for it.
func (x *explaining) reason(r event.Record, e proposal.Event, end End, d *workflow.Definition) *Reason {
	var why Reason
	switch e := e.(type) {
	case *proposal.Rejected:
		why = Reason{Code: e.Reason, Text: e.Text.Masked, Ground: e.Ground}
	case *proposal.Deferred:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.BelowCutoff:
		why = Reason{Code: e.Reason}
	case *proposal.LeftOut:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.Lapsed:
		why = Reason{Code: e.Reason}
	case *proposal.Cancelled:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.Withdrawn:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.ReferralAnswered:
		why = Reason{Code: e.Reason, Text: e.Note.Masked}
	case *proposal.FinancedElsewhere:
		why = Reason{Code: e.Reason}
	}
	if end.dropped {
		why = Reason{}
		for _, c := range components(e) {
			if c.Child == end.Proposal {
				why.Code = cmp.Or(c.Reason, proposal.ReasonDropped)
			}
		}
	}
	if why == (Reason{}) {
		return nil
	}
	if why.Text != "" && x.closed(r) {
		why.Text = ""
	}
	x.word(&why, d)
	return &why
}

// closed reports whether a text of an event was ordered to be closed. The log
// takes it away a moment after the order, and whatever the question looks from
// is no reason to show it in between.
func (x *explaining) closed(r event.Record) bool {
	return slices.ContainsFunc(x.Streams[r.Stream], func(o event.Record) bool {
		e, ok := o.Event.(*proposal.TextRedacted)
		return ok && e.Target == r.ID.String()
	})
}

// word puts a code into words: those of the definition, else those of the
// vocabulary that the cycle published.
func (x *explaining) word(why *Reason, d *workflow.Definition) {
	if d == nil {
		return
	}
	if known := d.Codes[why.Code]; known != nil {
		why.Group, why.Label, why.Means = known.Group, known.Title, known.Means
	} else if list := x.cycle.Words["reasons"]; list != nil {
		for _, w := range list.Entries {
			if w.Code == why.Code {
				why.Group, why.Label = w.Group, workflow.Label{ID: w.ID, EN: w.EN}
			}
		}
	}
	if g := d.Groups[why.Group]; g != nil {
		why.Means = cmp.Or(why.Means, g.Means)
	}
}
