package proposal

import (
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/workflow"
)

// An Action is one transition out of a state, as one actor finds it.
type Action struct {
	Transition string            // "accept"
	Act        string            // the act of package act that takes it: "take", "merge", "split", "finalize_list" …
	Event      string            // "accepted_by_opd"
	Title      workflow.Label    //
	Stage      string            // the stage it belongs to
	To         workflow.State    // the state it leads to
	Remedy     bool              // a way back from an end
	Decides    bool              // settles the fate at its stage
	Open       bool              // whether the caller may take it now, given the facts it needs
	Code       string            // why not: code of the first condition that fails
	Params     map[string]string // what the words of Code mention
	Checks     []domain.Check    // every condition that was examined
	Need       []string          // members that must be given
	When       map[string]string // members that must have these values
	Reasons    []string          // codes to choose one from; empty where none is asked for
}

// Actions returns what the workflow allows to be done with a proposal in s, in
// the order of transitions, each with whether r.Actor may do it now and why
// not. What depends on the facts of the ask is left to Decide, and so are the
// conditions that look at other proposals, unless r.Guards has them. Acts that
// only the system takes are left out.
func Actions(s State, r Rules) []Action {
	from := s.At
	if from == "" {
		from = r.Workflow.Initial
	}
	var out []Action
	for _, t := range r.Workflow.From(from) {
		if len(t.By) == 1 && t.By[0] == domain.RoleSystem {
			continue
		}
		h := newHearing(s, r)
		h.arrow, h.stage, h.after = t, r.Workflow.StageOf(t, from), s
		h.after.At = t.Target(from)
		h.cycle()
		h.person()
		h.window()
		h.limits()
		h.duties()
		h.guards(true)
		h.stranding()
		a := Action{
			Transition: t.Name, Act: actFor(t), Event: t.Event, Title: t.Title, Stage: h.stage, To: h.after.At,
			Remedy: t.Remedy, Decides: t.Decides, Open: len(h.Refusals) == 0, Checks: h.Checks,
			Need: slices.Clone(t.Need), When: maps.Clone(t.When), Reasons: codes(r.Workflow, t),
		}
		if !a.Open {
			a.Code, a.Params = h.Refusals[0].Code, h.Refusals[0].Params
		}
		out = append(out, a)
	}
	return out
}

// actFor returns the act that takes a transition. What binds several streams
// has an act of its own.
func actFor(t *workflow.Transition) string {
	switch {
	case t.Effect.Merge != nil:
		return "merge"
	case t.Effect.Split != nil:
		return "split"
	case t.Effect.CarryOver != nil:
		return "carry_over"
	case t.Rank != nil, t.Quota != "", t.Event == "below_cutoff":
		return "finalize_list"
	}
	switch t.Event {
	case "submitted", "submitted_late", "appeared_in_budget":
		return "submit"
	case "merge_reversed":
		return "unmerge"
	case "objection_answered":
		return "answer_objection"
	case "corrected":
		return "correct"
	case "reinstated":
		return "reinstate"
	}
	return "take"
}
