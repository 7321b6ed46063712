package act

import (
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
)

// CloseCycle ends a fiscal year's planning. It is refused while a window is
// open, an objection unanswered, or a proposal neither ended nor funded.
type CloseCycle struct {
	Year       int
	Origins    int      // proposals that began in it
	Candidates []string // numbers that may still be open or contested
}

// Name implements Act.
func (a CloseCycle) Name() string { return "close_cycle" }

// Reads implements Act.
func (a CloseCycle) Reads(Histories) []string {
	return append(streamsOf(a.Candidates...), cycleStream(a.Year))
}

// Decide implements Act.
func (a CloseCycle) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	closed, err := cycle.Close(s.cycle, &cycle.Closed{Origins: a.Origins}, s.cycleRules())
	if err != nil {
		return nil, err
	}
	for _, n := range a.Candidates {
		p, err := s.proposal(n)
		if err != nil {
			return nil, err
		}
		spec := s.def.States[p.At]
		if spec.Final == "" && spec.Goal == "" {
			return nil, domain.Refuse(domain.Conflict, "cycle.proposal_waits", "proposal", p.Number, "state", string(p.At))
		}
		for flag := range p.Flags {
			return nil, domain.Refuse(domain.Conflict, "cycle.flag_raised", "proposal", p.Number, "flag", flag)
		}
	}
	s.add(cycleStream(a.Year), closed, nil)
	return s.done()
}
