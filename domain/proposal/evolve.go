package proposal

import (
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/event"
)

func (e *Submitted) evolve(s *State, v event.Envelope) {
	s.begin(e.Lane, e.Idea, v.Actor.Person)
	s.Origin, s.Asked, s.Proposer, s.SubKegiatan = true, e.Estimate, e.Proposer, e.SubKegiatan
}

func (e *SubmittedLate) evolve(s *State, v event.Envelope) {
	s.begin(e.Lane, e.Idea, v.Actor.Person)
	s.Origin, s.Asked = true, e.Estimate
}

func (e *Continued) evolve(s *State, v event.Envelope) {
	s.begin(e.Lane, e.Idea, v.Actor.Person)
	s.Origin, s.Asked, s.Previous = true, e.Estimate, e.Previous
}

func (e *FormedByMerge) evolve(s *State, _ event.Envelope) {
	s.begin(e.Lane, e.Idea, e.EnteredBy...)
	s.Components, s.Depth, s.PartDepth = e.Components, e.Depth, e.Splits
}

func (e *FormedBySplit) evolve(s *State, _ event.Envelope) {
	s.begin(e.Lane, e.Idea, e.EnteredBy...)
	s.Whole, s.PartDepth, s.Depth = e.Whole, e.Depth, e.Merges
}

func (e *AppearedInBudget) evolve(s *State, v event.Envelope) {
	s.begin("", Idea{Village: e.Village, OPD: e.OPD, Title: e.Title}, v.Actor.Person)
	s.line(e.Line, e.Amount)
}

func (s *State) begin(lane Lane, idea Idea, by ...string) {
	s.Lane, s.Idea, s.EnteredBy = lane, idea, by
	s.office(idea.OPD)
}

func (s *State) office(opd string) {
	if opd != "" && (len(s.Offices) == 0 || s.Offices[len(s.Offices)-1] != opd) {
		s.Offices = append(slices.Clip(s.Offices), opd)
	}
	if opd != "" {
		s.OPD = opd
	}
}

func (e *Revised) evolve(s *State, _ event.Envelope) {
	s.Idea = e.Idea.Over(s.Idea)
	s.office(e.OPD)
}

func (e *Returned) evolve(*State, event.Envelope) {}

func (e *Verified) evolve(s *State, _ event.Envelope) {
	s.Verified = append(slices.Clip(s.Verified), e.Kind+":"+e.Result)
}

func (e *Recommended) evolve(*State, event.Envelope) {}
func (e *Responded) evolve(*State, event.Envelope)   {}

func (e *Merged) evolve(s *State, _ event.Envelope) { s.Parent = e.Parent }

// A parent that is dissolved holds nobody and no money; a child is its own
// again. Both keep what they were formed of, which lineage reads.
func (e *MergeReversed) evolve(s *State, _ event.Envelope) {
	if e.Role == "parent" {
		s.Lines, s.Included = nil, nil
		return
	}
	s.Parent = ""
	for stage, r := range e.Inherited {
		s.rank(stage, r)
	}
}

func (e *Split) evolve(s *State, _ event.Envelope) { s.Parts, s.Weights = e.Parts, e.Weights }

func (e *Prioritized) evolve(s *State, _ event.Envelope) { s.rank(e.Stage, e.Ranking) }
func (e *BelowCutoff) evolve(s *State, _ event.Envelope) {
	s.rank(e.Stage, e.Ranking)
	s.Cut = e.Reason
}

func (s *State) rank(stage string, r Ranking) {
	s.Lists = maps.Clone(s.Lists)
	if s.Lists == nil {
		s.Lists = make(map[string]Ranking)
	}
	s.Lists[stage] = r
}

func (e *Transferred) evolve(s *State, _ event.Envelope)   { s.Hops++; s.office(e.To) }
func (e *OfficeChanged) evolve(s *State, _ event.Envelope) { s.office(e.To) }
func (e *Relocated) evolve(s *State, _ event.Envelope)     { s.Village = e.To }

func (e *Referred) evolve(*State, event.Envelope)         {}
func (e *ReferralAnswered) evolve(*State, event.Envelope) {}

func (e *AcceptedByOPD) evolve(s *State, _ event.Envelope) {
	s.SubKegiatan, s.Accepted = e.SubKegiatan, e.Estimate
	s.Volume, s.Estimate = e.Volume, e.Estimate
	s.reweigh(e.Components)
}

func (e *Agreed) evolve(s *State, _ event.Envelope) {
	s.rank(e.Stage, e.Ranking)
	s.reweigh(e.Components)
}

// reweigh takes over components as an act on the parent changed them: a child
// that the act does not name keeps its place.
func (s *State) reweigh(changed []Component) {
	if len(changed) == 0 {
		return
	}
	s.Components = slices.Clone(s.Components)
	for _, c := range changed {
		i := slices.IndexFunc(s.Components, func(o Component) bool { return o.Child == c.Child })
		if i >= 0 {
			s.Components[i] = c
		}
	}
}

func (e *Rejected) evolve(*State, event.Envelope) {}
func (e *Deferred) evolve(*State, event.Envelope) {}

func (e *IncludedInRKPD) evolve(s *State, _ event.Envelope) {
	s.include("rkpd", e.Allocation)
	s.reweigh(e.Components)
}

func (e *IncludedInPPAS) evolve(s *State, _ event.Envelope) {
	s.include("ppas", e.Allocation)
	s.reweigh(e.Components)
}

func (s *State) include(kind string, a Allocation) {
	s.Included = maps.Clone(s.Included)
	if s.Included == nil {
		s.Included = make(map[string]domain.Rupiah)
	}
	s.Included[kind] = a.Amount
	if a.SubKegiatan != "" {
		s.SubKegiatan = a.SubKegiatan
	}
}

func (e *Funded) evolve(s *State, _ event.Envelope) {
	s.line(e.Line, e.Amount)
	s.reweigh(e.Components)
}

func (s *State) line(id string, amount domain.Rupiah) {
	s.Lines = maps.Clone(s.Lines)
	if s.Lines == nil {
		s.Lines = make(map[string]domain.Rupiah)
	}
	s.Lines[id] = amount
}

// A revision before funding changes what the document includes; after it, the
// line. Without a line it is the only one.
func (e *AmountRevised) evolve(s *State, _ event.Envelope) {
	s.reweigh(e.Components)
	if len(s.Lines) == 0 {
		kind := "rkpd"
		if _, ok := s.Included["ppas"]; ok {
			kind = "ppas"
		}
		s.include(kind, Allocation{Amount: e.New})
		return
	}
	id := e.Line
	if id == "" {
		id = slices.Sorted(maps.Keys(s.Lines))[0]
	}
	s.line(id, e.New)
}

func (e *LeftOut) evolve(*State, event.Envelope) {}
func (e *Lapsed) evolve(*State, event.Envelope)  {}

// What is reinstated with an amount has that much in force, whatever it had
// before it was cancelled.
func (e *Reinstated) evolve(s *State, v event.Envelope) {
	if e.Amount != 0 {
		s.Lines = nil
		s.line("reinstated-"+v.ID.String()[:8], e.Amount)
	}
}

func (e *Cancelled) evolve(s *State, _ event.Envelope)     { s.Lines = nil }
func (e *FinancedElsewhere) evolve(*State, event.Envelope) {}
func (e *Withdrawn) evolve(*State, event.Envelope)         {}
func (e *CarriedOver) evolve(s *State, _ event.Envelope)   { s.Next = e.Next }
func (e *ProgressReported) evolve(*State, event.Envelope)  {}
func (e *Completed) evolve(*State, event.Envelope)         {}
func (e *Unfinished) evolve(*State, event.Envelope)        {}
func (e *Aligned) evolve(s *State, _ event.Envelope)       { s.Issues = union(s.Issues, e.Issues) }
func (e *Corrected) evolve(*State, event.Envelope)         {}
func (e *TextRedacted) evolve(*State, event.Envelope)      {}
func (e *SourceMissing) evolve(*State, event.Envelope)     {}
func (e *SourceFound) evolve(*State, event.Envelope)       {}

func (e *Objected) evolve(s *State, v event.Envelope) {
	s.Flags = maps.Clone(s.Flags)
	if s.Flags == nil {
		s.Flags = make(map[string]Flag)
	}
	s.Flags["objection"] = Flag{v.Occurred.Effective(v.RecordedAt), v.ID}
}

func (e *ObjectionAnswered) evolve(s *State, _ event.Envelope) {
	s.Flags = maps.Clone(s.Flags)
	delete(s.Flags, "objection")
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
