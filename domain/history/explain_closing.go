package history

import (
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// Shutting is the closing of a window.
type Shutting struct {
	Mention
	Window   string       `json:"window"`
	Scope    domain.Scope `json:"scope"`
	ClosesAt time.Time    `json:"closes_at"`
	ClosedBy string       `json:"closed_by,omitzero"` // role@office
}

// closing returns the closing of a window that brought an event about: the one
// that caused it, or the event itself.
func (x *explaining) closing(r event.Record) *Shutting {
	cause := r.Causation
	if c := closingOf(r); c.Of != uuid.Nil {
		cause = c.Of
	}
	for _, s := range x.timeline.Steps {
		for _, c := range s.Records {
			e, ok := c.Event.(*cycle.WindowClosed)
			if ok && (c.ID == cause || c.ID == r.ID) {
				return &Shutting{Mention: MentionOf(c), Window: e.Window, Scope: e.Scope, ClosesAt: e.ClosesAt, ClosedBy: e.ClosedBy}
			}
		}
	}
	return nil
}

// closingOf returns what an event of a closing row says of the wait it ended.
func closingOf(r event.Record) proposal.Closing {
	switch e := r.Event.(type) {
	case *proposal.LeftOut:
		return e.Closing
	case *proposal.Lapsed:
		return e.Closing
	case *proposal.Unfinished:
		return e.Closing
	}
	return proposal.Closing{}
}
