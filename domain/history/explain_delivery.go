package history

import (
	"runut/domain/event"
	"runut/domain/proposal"
)

// deliver says how far the work came that money was granted for.
func (x *explaining) deliver() {
	for _, e := range x.out.Ends {
		if e.Fate != Funded {
			continue
		}
		d := &Delivery{State: "none"}
		for _, r := range event.Sequence(x.Streams[proposal.Stream(e.Proposal)], x.View) {
			switch e := r.Event.(type) {
			case *proposal.ProgressReported:
				d.State, d.Physical, d.Financial = "under_way", e.Physical, e.Financial
			case *proposal.Completed:
				d.State, d.Handover = "completed", e.Handover
				d.Physical, d.Financial = max(d.Physical, e.Physical), max(d.Financial, e.Financial)
			case *proposal.Unfinished:
				d.State = "unfinished"
				d.Physical, d.Financial = max(d.Physical, e.Physical), max(d.Financial, e.Financial)
			default:
				continue
			}
			m := MentionOf(r)
			d.By = &m
		}
		if x.out.Delivery == nil || d.State == "unfinished" {
			x.out.Delivery = d
		}
	}
}
