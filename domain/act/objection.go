package act

import (
	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// AnswerObjection answers a sanggahan. One that is upheld brings the proposal
// back in the same append; where no window is open to bring it back to, the
// answer is upheld_without_remedy, or the window is opened again first.
type AnswerObjection struct {
	Proposal string
	Result   string // upheld, upheld_without_remedy, refused
	Text     domain.Text
	Document domain.Document
	Resume   workflow.State // upheld: the state it resumes; empty: the one it was ended in
}

// Name implements Act.
func (a AnswerObjection) Name() string { return "answer_objection" }

// Reads implements Act.
func (a AnswerObjection) Reads(Histories) []string { return streamsOf(a.Proposal) }

// Decide implements Act.
func (a AnswerObjection) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, p, err := sitOn(h, r, a.Proposal)
	if err != nil {
		return nil, err
	}
	e, err := s.decide(p, &proposal.ObjectionAnswered{Result: a.Result, Text: a.Text, Document: a.Document}, s.rules())
	if err != nil {
		return nil, err
	}
	p, answered := s.record(p, e, nil)
	if a.Result != "upheld" {
		return s.done()
	}
	resume := a.Resume
	if resume == "" && p.Ended != nil {
		resume = p.Ended.From
	}
	rules := s.rules()
	rules.Basis = proposal.Consequence
	back, err := s.decide(p, &proposal.Reinstated{Resume: string(resume), Ground: "objection", Document: a.Document}, rules)
	if err != nil {
		return nil, err
	}
	s.record(p, back, answered)
	return s.done()
}
