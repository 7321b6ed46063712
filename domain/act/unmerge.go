package act

import (
	"slices"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Unmerge undoes a merge: the parent ends dissolved, and each child resumes the
// state the parent was in before the last act on it, for that act was of
// another thing. From the kabupaten's agreement on it is refused; there the
// components of the parent are changed instead.
type Unmerge struct {
	Parent string         // number
	Resume workflow.State // what the children resume, if not the state before the last act: the parent's present one
	Reason domain.Text
	Forum  string // forum stream
}

// Name implements Act.
func (a Unmerge) Name() string { return "unmerge" }

// Reads implements Act.
func (a Unmerge) Reads(h Histories) []string {
	streams := streamsOf(a.Parent)
	if a.Forum != "" {
		streams = append(streams, a.Forum)
	}
	if number, err := domain.ParseNumber(a.Parent); err == nil {
		for _, c := range proposal.Fold(h.Now(proposal.Stream(number))).Components {
			streams = append(streams, proposal.Stream(c.Child))
		}
	}
	return streams
}

// Decide implements Act.
func (a Unmerge) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, parent, err := sitOn(h, r, a.Parent)
	if err != nil {
		return nil, err
	}
	if len(parent.Components) == 0 {
		return nil, domain.Refuse(domain.Conflict, "unmerge.not_merged", "proposal", parent.Number)
	}
	rules := s.rules()
	rules.Forum = s.forum(a.Forum)
	ended, err := s.decide(parent, &proposal.MergeReversed{Role: "parent", Parent: parent.Number, Reason: a.Reason, Forum: a.Forum}, rules)
	if err != nil {
		return nil, err
	}
	resume, err := a.resume(parent, s.def)
	if err != nil {
		return nil, err
	}
	_, dissolved := s.record(parent, ended, nil)
	for _, c := range parent.Components {
		child, err := s.proposal(c.Child)
		if err != nil {
			return nil, err
		}
		if child.Next != "" {
			return nil, domain.Refuse(domain.Conflict, "unmerge.carried", "child", child.Number, "next", child.Next)
		}
		rules := rules
		rules.Basis = proposal.Consequence // the place and the forum are the parent's
		back, err := s.decide(child, &proposal.MergeReversed{
			Role: "child", Resume: string(resume), Parent: parent.Number, Reason: a.Reason, Forum: a.Forum,
			Inherited: inherited(parent, child, s.def, resume),
		}, rules)
		if err != nil {
			return nil, err
		}
		if arrow := s.def.Transitions[back.Base().Via]; !slices.Contains(arrow.By, r.Actor.Role) {
			return nil, domain.Refuse(domain.Forbidden, "workflow.role", "act", arrow.Name, "role", string(r.Actor.Role), "wanted", domain.Words(arrow.By))
		}
		s.record(child, back, dissolved)
	}
	return s.done()
}

// resume returns the state the children resume: before the parent's last act,
// or the one it stands in where there was none, or where that act gave it back
// itself, from an end that nobody can resume.
func (a Unmerge) resume(parent proposal.State, d *workflow.Definition) (workflow.State, error) {
	before := parent.Resume[len(parent.Resume)-1].State
	if spec := d.States[before]; before == "" || spec == nil || spec.Final != "" {
		before = parent.At
	}
	switch a.Resume {
	case "", before:
		return before, nil
	case parent.At:
		return parent.At, nil
	}
	return "", domain.Refuse(domain.Invalid, "unmerge.resume", "resume", string(a.Resume), "before", string(before), "now", string(parent.At)).At("/resume")
}

// inherited returns the places on final lists that the parent holds and that
// the un-merging does not undo: those of stages before the one resumed.
func inherited(parent, child proposal.State, d *workflow.Definition, resume workflow.State) map[string]proposal.Ranking {
	var out map[string]proposal.Ranking
	order := d.Stages[d.States[resume].Stage].Order
	for stage, r := range parent.Lists {
		if d.Stages[stage] == nil || d.Stages[stage].Order >= order || child.Lists[stage] == r {
			continue
		}
		if out == nil {
			out = make(map[string]proposal.Ranking)
		}
		out[stage] = r
	}
	return out
}
