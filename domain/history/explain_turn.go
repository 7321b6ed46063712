package history

import (
	"time"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Turn says who has a proposal that is still pending, and until when.
type Turn struct {
	Proposal string         `json:"proposal"`
	Holder   string         `json:"holder,omitzero"` // role@office
	State    workflow.State `json:"state"`
	Stage    string         `json:"stage,omitzero"`
	Since    time.Time      `json:"since"`
	Window   string         `json:"window,omitzero"` // that ends the wait
	Until    time.Time      `json:"until,omitzero"`  // when it closes as it stands
	Opens    bool           `json:"opens,omitzero"`  // it was never opened so far
	Ways     []NotTaken     `json:"ways,omitempty"`  // what can be done
}

// NotTaken is a step that somebody could have taken while nobody decided.
type NotTaken struct {
	Transition string         `json:"transition"`
	Event      string         `json:"event"`
	Label      workflow.Label `json:"label"`
	By         []domain.Role  `json:"by"`
}

// turn says whose turn it is with a leaf that still waits.
func (x *explaining) turn(number string) *Turn {
	p := x.last.states[number]
	chart := x.Charts.For(x.last.pins[p.Cycle])
	t := &Turn{Proposal: number, State: p.At, Since: p.Since}
	if chart.Definition == nil {
		return t
	}
	if s := chart.state(p.At); s != nil && s.stage >= 0 {
		t.Stage = chart.Stages[s.stage]
	}
	t.Holder = proposal.Turn(chart.Definition, x.cycle, p)
	for _, name := range chart.Definition.RowsFor(p.At) {
		w, opened := x.cycle.Find(name, p.Place(chart.Definition.Windows[name].Scope))
		if opened && w.Shut {
			continue
		}
		t.Window, t.Until, t.Opens = name, w.ClosesAt, !opened
		break
	}
	t.Ways = x.ways(p, t.Window)
	return t
}

// ways returns the steps that lead on from where a proposal stands, without
// remedies and without what only the system does.
func (x *explaining) ways(p proposal.State, window string) []NotTaken {
	d := x.Charts.For(x.last.pins[p.Cycle]).Definition
	if d == nil {
		return nil
	}
	var out []NotTaken
	for _, t := range d.Exits(p.At) {
		if t.Remedy || window != "" && t.Window != window || t.Window == "" || len(t.By) == 1 && t.By[0] == domain.RoleSystem {
			continue
		}
		var by []domain.Role
		for _, role := range t.By {
			if spec := d.Roles[role]; spec != nil && !spec.Observes && role != domain.RoleSystem {
				by = append(by, role)
			}
		}
		if len(by) > 0 {
			out = append(out, NotTaken{Transition: t.Name, Event: t.Event, Label: t.Title, By: by})
		}
	}
	return out
}
