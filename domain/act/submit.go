package act

import (
	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// Submit begins a proposal: handed in, handed in late, or found in a budget
// that nobody had asked for it. Its number is domain.Number(Year, command, 0).
type Submit struct {
	Year int            // fiscal year
	Ask  proposal.Event // *proposal.Submitted, *proposal.SubmittedLate or *proposal.AppearedInBudget
}

// Name implements Act.
func (a Submit) Name() string { return "submit" }

// Reads implements Act.
func (a Submit) Reads(Histories) []string {
	return append([]string{cycleStream(a.Year)}, forumOf(a.Ask)...)
}

// Decide implements Act.
func (a Submit) Decide(h Histories, r Rules) ([]event.Change, error) {
	switch a.Ask.(type) {
	case *proposal.Submitted, *proposal.SubmittedLate, *proposal.AppearedInBudget:
	default:
		return nil, domain.Refuse(domain.Invalid, "submit.other", "event", proposal.EventName(a.Ask))
	}
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	rules := s.rules()
	rules.Forum = s.forum(forumStream(a.Ask))
	p := proposal.State{Number: s.draw(0)}
	e, err := s.decide(p, a.Ask, rules)
	if err != nil {
		return nil, err
	}
	s.record(p, e, nil)
	return s.done()
}
