package web

import (
	"slices"

	"runut/domain"
	"runut/domain/workflow"
	"runut/projections"
)

// A NextWindow is what can happen next to a proposal within one window, and by
// whom: for visitors, who see who could act without being able to.
type NextWindow struct {
	Title  string
	Until  string // whether it is open, and until or from when
	Open   bool
	Actors []NextActor
}

// A NextActor is one office and what it may do.
type NextActor struct {
	Who  string
	Acts []string
}

// nextWindows returns who can act on a proposal where it was last announced, by
// the rules and the calendar, which are both public.
func (v *visit) nextWindows(s *subject) []NextWindow {
	spec := v.flow.States[s.State]
	if spec == nil {
		return nil
	}
	var out []NextWindow
	for _, t := range v.flow.From(s.State) {
		if !moves(t, spec) {
			continue
		}
		w, open := v.windowFor(s, t.Window)
		if t.Window != "" && w == nil && t.Remedy {
			continue
		}
		title := v.t("next.any_time")
		if t.Window != "" {
			title = v.window(t.Window)
		}
		i := slices.IndexFunc(out, func(n NextWindow) bool { return n.Title == title })
		if i < 0 {
			i = len(out)
			out = append(out, NextWindow{Title: title, Until: v.until(w, open, t.Window != ""), Open: open || t.Window == ""})
		}
		for _, role := range t.By {
			if spec := v.flow.Roles[role]; role != domain.RoleSystem && (spec == nil || !spec.Observes) {
				out[i].add(v.who(role, v.holder(s, role)), v.label(t.Title))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b NextWindow) int {
		switch {
		case a.Open == b.Open:
			return 0
		case a.Open:
			return -1
		}
		return 1
	})
	return out
}

// moves reports whether a transition is worth telling a citizen of: one that
// takes a proposal further, or that is left to one that has ended.
func moves(t *workflow.Transition, from *workflow.StateSpec) bool {
	if from.Final != "" {
		return t.Raise != "" || t.Effect.CarryOver != nil
	}
	return !t.Stay && !t.Remedy
}

func (n *NextWindow) add(who, act string) {
	for i := range n.Actors {
		if n.Actors[i].Who == who {
			n.Actors[i].Acts = append(n.Actors[i].Acts, act)
			return
		}
	}
	n.Actors = append(n.Actors, NextActor{who, []string{act}})
}

// holder is the place or office in which a role would act on a proposal.
func (v *visit) holder(s *subject, role domain.Role) string {
	r := v.flow.Roles[role]
	if r == nil {
		return ""
	}
	switch r.Scope {
	case domain.ScopeVillage:
		return s.places.of(s.Village)
	case domain.ScopeKecamatan:
		return titled(v.t("place.kecamatan"), s.places.of(s.Kecamatan))
	case domain.ScopeOPD:
		return s.opd.of(s.OPD)
	}
	return ""
}

// windowFor returns the window that bounds an act on a proposal: the one of its
// own place or office before that of the whole kabupaten.
func (v *visit) windowFor(s *subject, name string) (*projections.PublicWindow, bool) {
	c := v.cycle(s.Cycle)
	if c == nil || name == "" {
		return nil, false
	}
	var best *projections.PublicWindow
	for i := range c.Windows {
		w := &c.Windows[i]
		if w.Window != name || !w.Scope.Holds(s.Village, s.Kecamatan, s.OPD) {
			continue
		}
		if best == nil || best.Scope.Kind == domain.ScopeKabupaten {
			best = w
		}
	}
	if best == nil {
		return nil, false
	}
	return best, !best.Shut && !v.now.Before(best.OpensAt) && !v.now.After(best.ClosesAt)
}

func (v *visit) until(w *projections.PublicWindow, open, bounded bool) string {
	switch {
	case !bounded:
		return ""
	case w == nil:
		return v.t("next.not_scheduled")
	case open:
		return v.t("next.open_until", "day", v.day(w.ClosesAt))
	case v.now.Before(w.OpensAt):
		return v.t("next.opens", "day", v.day(w.OpensAt))
	}
	return v.t("next.closed_on", "day", v.day(w.ClosesAt))
}
