package demo

import (
	"fmt"

	"runut/domain"
	"runut/domain/proposal"
)

// somewhere returns a village that takes part.
func (w *world) somewhere() village {
	for {
		k := pick(w, w.places)
		if len(k.villages) == 0 {
			continue
		}
		if v := pick(w, k.villages); !v.silent {
			return v
		}
	}
}

// share returns how many proposals of a lane there are for so many villages:
// as many as given in the whole kabupaten.
func (w *world) share(whole int) int {
	n := 0
	for _, k := range w.places {
		n += len(k.villages)
	}
	return max(whole*n*w.o.Scale/141, 4)
}

// fromCouncil is the lane of the pokir: members hand in what they heard in the
// recess, the secretariat passes it on.
func (c *course) fromCouncil() {
	secretary := c.holder("council_secretary", "")
	var a *assembly
	c.on(daysBefore.pokir.from-1, 9, func() { a = c.convene("pokir", "pokir", whole, secretary, 300, "") })
	for n := range 10 {
		member := c.holder("council_member", "")
		if n > 0 {
			member = c.holder("council_member", fmt.Sprint(n))
		}
		c.on(325-2*n, 10, func() {
			recess := c.paper("risalah_reses", "RR")
			for range c.share(400) / 10 {
				idea, _ := c.idea(c.somewhere(), 0)
				c.submit(member, &proposal.Submitted{Lane: proposal.Pokir, Idea: idea, RecessMinutes: recess})
			}
		})
	}
	c.on(304, 9, func() {
		for _, n := range c.where(c.year, "at_secretariat") {
			switch {
			case c.chance(9):
				r := c.rejected(ofPokir, "")
				r.Document = c.paper("surat", "SETWAN")
				c.take(secretary, n, r)
			default:
				c.take(secretary, n, &proposal.Verified{Kind: "administrasi", Result: "pass"})
			}
		}
	})
	c.on(300, 9, func() { c.attend(a, c.expected(whole)) })
	c.on(299, 13, func() {
		var numbers []string
		for _, n := range c.where(c.year, "at_secretariat") {
			if !c.forgettable(n, 4) {
				numbers = append(numbers, n)
			}
		}
		c.finalize(a, secretary, "L1", whole, numbers, false)
		c.minute(a, 296, "agreed")
	})
}

// fromOffices is what the OPDs plan themselves, and what is handed to them
// outside the musrenbang.
func (c *course) fromOffices() {
	opening := c.forum.convene
	for n := range c.share(230) {
		work := works[n%len(works)]
		c.on(opening-2-n%12, 11, func() {
			idea := c.ideaOf(c.somewhere(), work, 0)
			if c.chance(40) {
				idea.Village, idea.Point = "", nil
				idea.Title, idea.Location = domain.Mask(work.name+" tersebar di kabupaten"), domain.Mask("Tersebar")
			}
			c.submit(c.holder("opd_planner", idea.OPD), &proposal.Submitted{Lane: proposal.Teknokratis, Idea: idea, SubKegiatan: work.sub})
		})
	}
	for n := range c.share(70) {
		c.on(opening-4-n%10, 14, func() {
			v := c.somewhere()
			idea, _ := c.idea(v, 0)
			by := c.holder("village_head", v.code)
			if c.chance(40) {
				by = c.holder("planner", "")
			}
			c.submit(by, &proposal.Submitted{Lane: proposal.UsulanLangsung, Idea: idea})
		})
	}
}
