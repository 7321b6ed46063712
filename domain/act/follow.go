package act

import (
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// SucceedOffice records that an OPD was renamed, split or merged, and moves its
// open proposals along. That is no transfer and is not counted as one.
type SucceedOffice struct {
	Year       int
	From       string
	To         []string
	Decree     domain.Document
	Assign     map[string]string // number to OPD, where there are several successors
	Candidates []string          // numbers that may be open with the OPD
}

// Name implements Act.
func (a SucceedOffice) Name() string { return "succeed_office" }

// Reads implements Act.
func (a SucceedOffice) Reads(Histories) []string {
	return append(streamsOf(a.numbers()...), cycleStream(a.Year))
}

func (a SucceedOffice) numbers() []string {
	all := append(slices.Collect(maps.Keys(a.Assign)), a.Candidates...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Decide implements Act.
func (a SucceedOffice) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	cause, err := s.onCycle(&cycle.OfficeSucceeded{From: a.From, To: a.To, Decree: a.Decree})
	if err != nil {
		return nil, err
	}
	for _, n := range a.numbers() {
		p, err := s.proposal(n)
		if err != nil {
			return nil, err
		}
		if p.OPD != a.From || s.def.States[p.At].Final != "" {
			continue
		}
		to := a.Assign[n]
		if to == "" && len(a.To) == 1 {
			to = a.To[0]
		}
		if !slices.Contains(a.To, to) {
			return nil, domain.Refuse(domain.Invalid, "office.unassigned", "proposal", p.Number, "office", a.From, "wanted", domain.Words(a.To)).At("/assign/" + n)
		}
		if err := s.follow(p, &proposal.OfficeChanged{From: a.From, To: to, Decree: a.Decree}, cause); err != nil {
			return nil, err
		}
	}
	return s.done()
}

// onCycle decides one ask of the cycle and adds its events; it returns the first.
func (s *sitting) onCycle(ask cycle.Event) (*fact, error) {
	if err := s.entitled(); err != nil {
		return nil, err
	}
	events, err := cycle.Decide(s.cycle, ask, s.cycleRules())
	if err != nil {
		return nil, err
	}
	var first *fact
	for _, e := range events {
		if f := s.add(cycleStream(s.year), e, nil); first == nil {
			first = f
		}
	}
	return first, nil
}

// follow adds what another fact of the append means for a proposal. Nobody
// decides it, so it is the system's.
func (s *sitting) follow(p proposal.State, ask proposal.Event, cause *fact) error {
	rules := s.rules()
	rules.Basis, rules.Actor = proposal.Consequence, domain.System()
	e, err := s.decide(p, ask, rules)
	if err != nil {
		return err
	}
	s.record(p, e, cause)
	return nil
}

// ChangeTerritory records that villages got other codes, and moves the open
// proposals along.
type ChangeTerritory struct {
	Year       int
	Edition    string            // of the register of wilayah
	Successors map[string]string // kode wilayah, old to new
	Ground     domain.Document
	Candidates []string // numbers that may be open in those villages
}

// Name implements Act.
func (a ChangeTerritory) Name() string { return "change_territory" }

// Reads implements Act.
func (a ChangeTerritory) Reads(Histories) []string {
	return append(streamsOf(a.Candidates...), cycleStream(a.Year))
}

// Decide implements Act.
func (a ChangeTerritory) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	cause, err := s.onCycle(&cycle.TerritoryChanged{Edition: a.Edition, Successors: a.Successors, Ground: a.Ground})
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Compact(slices.Sorted(slices.Values(a.Candidates))) {
		p, err := s.proposal(n)
		if err != nil {
			return nil, err
		}
		to := a.Successors[p.Village]
		if to == "" || s.def.States[p.At].Final != "" {
			continue
		}
		if err := s.follow(p, &proposal.Relocated{From: p.Village, To: to, Edition: a.Edition, Ground: a.Ground}, cause); err != nil {
			return nil, err
		}
	}
	return s.done()
}
