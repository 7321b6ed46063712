package act

import (
	"cmp"
	"slices"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// CarryOver proposes again, in a later cycle, what was lost in this one. The
// unit is the origin: a merged proposal is carried over as one new proposal for
// each origin in it. An origin has one successor at most. The n-th successor's
// number is domain.Number(year, command, n-1) of the later year.
type CarryOver struct {
	Proposal string // an origin, or a merged proposal for all of its origins
	Year     int    // fiscal year to go on in; 0: the next one the workflow names
}

// Name implements Act.
func (a CarryOver) Name() string { return "carry_over" }

// Reads implements Act: the proposal, what it was merged of and into, its
// parts, and the cycle it goes on in.
func (a CarryOver) Reads(h Histories) []string {
	number, err := domain.ParseNumber(a.Proposal)
	if err != nil {
		return nil
	}
	streams := []string{cycleStream(proposal.Year(number)), cycleStream(a.year(number))}
	seen := map[string]bool{}
	var follow func(string)
	follow = func(n string) {
		if n == "" || seen[n] {
			return
		}
		seen[n] = true
		streams = append(streams, proposal.Stream(n))
		p := proposal.Fold(h.Now(proposal.Stream(n)))
		follow(p.Parent)
		for _, part := range p.Parts {
			follow(part)
		}
		for _, c := range p.Components {
			follow(c.Child)
		}
	}
	follow(number)
	return streams
}

func (a CarryOver) year(number string) int { return cmp.Or(a.Year, proposal.Year(number)+1) }

// Decide implements Act.
func (a CarryOver) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, p, err := sitOn(h, r, a.Proposal)
	if err != nil {
		return nil, err
	}
	if p.Whole != "" {
		return nil, domain.Refuse(domain.Conflict, "carry.part", "proposal", p.Number, "whole", p.Whole)
	}
	origins, err := s.origins(p)
	if err != nil {
		return nil, err
	}
	later, err := s.in(a.year(p.Number))
	if err != nil {
		return nil, err
	}
	if later.year <= s.year {
		return nil, domain.Refuse(domain.Invalid, "carry.year", "year", itoa(later.year), "after", itoa(s.year)).At("/year")
	}
	carried := 0
	for _, origin := range origins {
		if origin.Number != p.Number && origin.Next != "" {
			continue // carried over by itself before
		}
		if err := s.carry(origin, p, later, carried); err != nil {
			return nil, err
		}
		carried++
	}
	if carried == 0 {
		return nil, domain.Refuse(domain.Conflict, "carry.none", "proposal", p.Number)
	}
	return s.done()
}

// origins returns the proposal itself, or where it was formed by merging the
// origins in it.
func (s *sitting) origins(p proposal.State) ([]proposal.State, error) {
	if p.Origin {
		return []proposal.State{p}, nil
	}
	var out []proposal.State
	for _, c := range p.Components {
		child, err := s.proposal(c.Child)
		if err != nil {
			return nil, err
		}
		below, err := s.origins(child)
		if err != nil {
			return nil, err
		}
		out = append(out, below...)
	}
	if len(out) == 0 {
		return nil, domain.Refuse(domain.Conflict, "carry.not_origin", "proposal", p.Number)
	}
	return out, nil
}

// carry ends one origin's part in this cycle and begins its successor.
func (s *sitting) carry(origin, asked proposal.State, later *sitting, n int) error {
	fate, lost, err := s.fate(origin)
	if err != nil {
		return err
	}
	number := later.draw(n)
	ask := &proposal.CarriedOver{Cycle: later.year, Next: number, Fate: fate}
	if asked.Number != origin.Number {
		ask.Parent = asked.Number
	} else {
		ask.Parent = origin.Parent
	}
	rules := s.rules()
	rules.Guards = map[string]domain.Check{proposal.GuardFateLost: {Name: proposal.GuardFateLost, OK: lost, Want: "lost", Observed: fate}}
	e, err := s.decide(origin, ask, rules)
	if err != nil {
		return err
	}
	_, left := s.record(origin, e, nil)
	arrow := s.def.Transitions[e.Base().Via]
	starts := arrow.Effect.CarryOver.StartsIn[string(origin.Lane)]
	spec := later.def.States[starts]
	if spec == nil {
		return domain.Refuse(domain.Conflict, "carry.no_start", "proposal", origin.Number, "lane", string(origin.Lane), "year", itoa(later.year))
	}
	if later.cycle.IsClosed {
		return domain.Refuse(domain.Conflict, "workflow.cycle_closed", "year", itoa(later.year))
	}
	first := &proposal.Continued{
		Step: proposal.Step{State: starts, Stage: spec.Stage, Via: arrow.Name},
		Lane: origin.Lane, Idea: origin.Idea, Cycle: s.year, Previous: origin.Number, Fate: fate,
	}
	next := proposal.State{Number: number}
	if err := proposal.Begin(next, first, later.rules()); err != nil {
		return err
	}
	later.record(next, first, left)
	return nil
}

// fate returns what became of a proposal, following it into what it was merged
// into and split into, and whether that is a loss: nothing of it is open any
// more, and not all of it was won. One that was partly won may be carried over
// for the rest.
func (s *sitting) fate(p proposal.State) (fate string, lost bool, err error) {
	var fates []string
	if err := s.leaves(p, &fates); err != nil {
		return "", false, err
	}
	slices.Sort(fates)
	fates = slices.Compact(fates)
	won := 0
	for _, f := range fates {
		switch f {
		case "pending":
			return f, false, nil
		case workflow.GoalFunded, workflow.GoalElsewhere:
			won++
		}
	}
	switch {
	case len(fates) == 1:
		return fates[0], won == 0, nil
	case won == len(fates):
		return workflow.GoalFunded, false, nil
	case won > 0:
		return "partly", true, nil
	}
	return fates[0], true, nil
}

// leaves adds the outcomes of all that a proposal has become.
func (s *sitting) leaves(p proposal.State, fates *[]string) error {
	spec := s.def.States[p.At]
	switch {
	case spec.FateFollows == "parent":
		parent, err := s.proposal(p.Parent)
		if err != nil {
			return err
		}
		for _, c := range parent.Components {
			if c.Child == p.Number && c.Weight == 0 {
				*fates = append(*fates, "dropped")
				return nil
			}
		}
		return s.leaves(parent, fates)
	case spec.FateFollows == "parts":
		for _, n := range p.Parts {
			part, err := s.proposal(n)
			if err != nil {
				return err
			}
			if err := s.leaves(part, fates); err != nil {
				return err
			}
		}
		return nil
	case spec.Outcome != "":
		*fates = append(*fates, spec.Outcome)
	case spec.Final != "":
		*fates = append(*fates, "dropped")
	default:
		*fates = append(*fates, "pending")
	}
	return nil
}
