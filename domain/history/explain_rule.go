package history

import (
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Rule is the step of the pinned process that was taken.
type Rule struct {
	Definition string         `json:"definition,omitzero"` // "musrenbang@1#2f9c…"
	Hash       string         `json:"hash,omitzero"`
	Transition string         `json:"transition,omitzero"`
	Checks     []domain.Check `json:"checks,omitempty"` // every condition, and what was observed
}

func rule(d *workflow.Definition, r event.Record) Rule {
	out := Rule{Hash: r.Definition}
	if d != nil {
		out.Definition = cycle.Pin{Name: d.Name, Version: d.Version, Hash: r.Definition}.String()
	}
	if e, ok := r.Event.(proposal.Event); ok {
		out.Transition, out.Checks = e.Base().Via, e.Base().Checks
	}
	return out
}
