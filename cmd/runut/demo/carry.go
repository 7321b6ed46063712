package demo

import (
	"slices"

	"runut/domain/act"
	"runut/domain/proposal"
)

// carryFrom takes up again, early in a cycle, what the one before it lost: what
// was deferred until now, and what villages still want.
func (c *course) carryFrom(before *course) {
	for i, k := range c.places {
		for _, v := range k.villages {
			c.on(331, 9+i%6, func() { c.carryVillage(before, v) })
		}
	}
	c.on(330, 15, func() { c.carryOthers(before) })
}

// carryVillage lets the head of a village propose again what was lost, first of
// all what had been lost before.
func (c *course) carryVillage(before *course, v village) {
	head := c.holder("village_head", v.code)
	most := 4 * c.o.Scale
	for _, n := range c.homes[home{before.year, v.code}] {
		s := c.states[n]
		percent := 7
		switch {
		case !c.lost(s) || s.Lane != proposal.Musrenbang && s.Lane != proposal.KiprahDesa:
			continue
		case s.Previous != "":
			percent = 70
		case s.At == "deferred":
			percent = 60
		}
		if most > 0 && c.chance(percent) {
			most--
			c.do(before.year, head, act.CarryOver{Proposal: n, Year: c.year})
		}
	}
}

// carryOthers lets Bappeda and the OPDs take up again what came another way.
func (c *course) carryOthers(before *course) {
	for _, n := range before.where(before.year, "deferred", "left_out", "cancelled") {
		s := c.states[n]
		switch {
		case !c.lost(s) || !s.Origin || !c.chance(25):
		case s.Lane == proposal.Teknokratis:
			c.do(before.year, c.holder("opd_planner", s.OPD), act.CarryOver{Proposal: n, Year: c.year})
		case s.Lane == proposal.Pokir || s.Lane == proposal.UsulanLangsung:
			c.do(before.year, c.holder("planner", ""), act.CarryOver{Proposal: n, Year: c.year})
		}
	}
	c.forget(before.year)
}

// lost reports whether an origin may be proposed again this year: it, or what it
// was merged into, was lost, and not deferred until later.
func (c *course) lost(s *proposal.State) bool {
	if s.Next != "" || !s.Origin {
		return false
	}
	for s.At == "merged" {
		s = c.states[s.Parent]
	}
	if s.At == "deferred" {
		return c.deferredUntil(s.Number) <= c.year
	}
	return s.At == "rejected" || s.At == "left_out" || s.At == "lapsed" || s.At == "cancelled"
}

func (w *world) deferredUntil(number string) int {
	for _, r := range slices.Backward(w.histories.Now(proposal.Stream(number))) {
		if e, ok := r.Event.(*proposal.Deferred); ok {
			return e.Until
		}
	}
	return 0
}

// carryUnfinished lets OPDs go on next year with what was not finished in time.
func (c *course) carryUnfinished(executed *course) {
	c.world.on(9, 10, func() {
		for _, n := range c.where(executed.year, "unfinished") {
			s := c.states[n]
			if s.Origin && s.Next == "" && c.chance(55) {
				c.do(executed.year, c.holder("opd_planner", s.OPD), act.CarryOver{Proposal: n, Year: c.year})
			}
		}
	})
}
