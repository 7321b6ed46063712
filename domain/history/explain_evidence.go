package history

import (
	"cmp"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// A Session is the forum an act was decided in.
type Session struct {
	Stream string       `json:"stream"`
	Kind   string       `json:"kind,omitzero"`
	Date   string       `json:"date,omitzero"` // local day
	Scope  domain.Scope `json:"scope,omitzero"`
	Signed bool         `json:"signed"` // its minutes were, and cover the proposal
}

// Evidence is a document that an act rests on.
type Evidence struct {
	From string `json:"from"` // where it is named: act, minutes, late
	domain.Document
}

// session returns the forum a deciding act belongs to and adds its signed
// minutes to the evidence, if they cover the proposal.
func (x *explaining) session(d *Deciding, r event.Record, end End) *Session {
	stream := ""
	switch e := r.Event.(type) {
	case proposal.Event:
		stream = proposal.ForumOf(e)
	case forum.Event:
		stream = r.Stream
	}
	if d.Ranking != nil {
		stream = cmp.Or(stream, d.Ranking.Forum)
	}
	if stream == "" {
		return nil
	}
	s := &Session{Stream: stream}
	f := x.forum(stream)
	convened := f.Convened
	if convened == nil { // what was decided on paper may be older than the record of its forum
		convened = forum.At(x.Streams[stream], event.View{Known: x.View.Known}).Convened
	}
	if convened == nil {
		x.gap("forum_unheld", stream)
		return s
	}
	s.Kind, s.Date, s.Scope = convened.Kind, convened.Date, convened.Scope
	subject, _ := proposal.NumberOf(r.Stream)
	for _, signed := range f.Signed {
		if signed.Covered(subject) || signed.Covered(end.Proposal) {
			s.Signed = true
			d.Evidence = append(d.Evidence, Evidence{"minutes", signed.Document})
		}
	}
	if !s.Signed {
		x.gap("minutes_unsigned", stream)
	}
	return s
}

// evidence returns the documents an event names.
func evidence(e proposal.Event) []Evidence {
	var out []Evidence
	add := func(from string, d domain.Document) {
		if !d.IsZero() {
			out = append(out, Evidence{from, d})
		}
	}
	switch e := e.(type) {
	case *proposal.Rejected:
		add("act", e.Document)
	case *proposal.LeftOut:
		add("act", e.Document)
	case *proposal.Cancelled:
		add("act", e.LegalGround)
	case *proposal.ReferralAnswered:
		add("act", e.Letter)
	case *proposal.IncludedInRKPD:
		add("act", e.Document)
	case *proposal.IncludedInPPAS:
		add("act", e.Document)
	case *proposal.Funded:
		add("act", e.Document)
	case *proposal.AmountRevised:
		add("act", e.Ground)
	case *proposal.Reinstated:
		add("act", e.Document)
	}
	if late := e.Base().Late; late != nil {
		add("late", late.Evidence)
	}
	return out
}
