package proposal

import (
	"slices"

	"runut/domain"
)

// ReasonDropped is the reason code of a component whose weight became nothing.
const ReasonDropped = "KMP-HAPUS"

// changed returns where an event that may change the components of a merged
// proposal says so; nil for other events.
func changed(e Event) *[]Component {
	switch e := e.(type) {
	case *AcceptedByOPD:
		return &e.Components
	case *Agreed:
		return &e.Components
	case *IncludedInRKPD:
		return &e.Components
	case *IncludedInPPAS:
		return &e.Components
	case *Funded:
		return &e.Components
	case *AmountRevised:
		return &e.Components
	}
	return nil
}

// fillComponents completes changed components with what the parent holds of
// them already.
func (h *hearing) fillComponents() {
	list := changed(h.event)
	if list == nil || len(*list) == 0 {
		return
	}
	*list = slices.Clone(*list)
	for i := range *list {
		c := &(*list)[i]
		at := slices.IndexFunc(h.before.Components, func(o Component) bool { return o.Child == c.Child })
		if at < 0 {
			continue
		}
		old := h.before.Components[at]
		if c.Village == "" {
			c.Village = old.Village
		}
		if c.Location.IsZero() {
			c.Location = old.Location
		}
		if c.Volume.IsZero() {
			c.Volume = old.Volume
		}
		if c.Estimate == 0 {
			c.Estimate = old.Estimate
		}
		if c.Weight == 0 && old.Weight > 0 && c.Reason == "" {
			c.Reason = ReasonDropped
		}
	}
}

// components examines changes of what a merged proposal consists of. A child
// that is dropped is dropped for good, for it may be carried over from then
// on; a changed share has a reason; and somebody must be left.
func (h *hearing) components() {
	list := changed(h.event)
	if list == nil || len(*list) == 0 {
		return
	}
	s := h.before
	left := make(map[string]int64, len(s.Components))
	for _, c := range s.Components {
		left[c.Child] = c.Weight
	}
	for i, c := range *list {
		at := "/components/" + year(i)
		old, known := left[c.Child]
		if !known {
			h.must(false, "components", "a child of "+s.Number, c.Child, domain.Invalid, "components.unknown", at+"/child", "proposal", s.Number, "child", c.Child)
			continue
		}
		h.must(old > 0 || c.Weight == 0, "components", "still in it", "dropped", domain.Conflict, "components.dropped", at+"/weight", "proposal", s.Number, "child", c.Child)
		if c.Weight != old {
			_, coded := h.Workflow.Codes[c.Reason]
			h.must(coded, "components", "a reason code", c.Reason, domain.Invalid, "components.reason", at+"/reason", "child", c.Child, "code", c.Reason)
		}
		left[c.Child] = c.Weight
	}
	var sum int64
	for _, w := range left {
		sum += w
	}
	h.must(sum > 0, "components", "one at least", "none", domain.Conflict, "components.none_left", "/components", "proposal", s.Number)
}
