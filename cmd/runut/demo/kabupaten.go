package demo

import (
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
)

// inKabupaten is the musrenbang of the kabupaten: a list per OPD, cut by what
// that OPD may plan.
func (c *course) inKabupaten() {
	head := c.holder("head_of_planning", "")
	var a *assembly
	c.on(219, 10, func() {
		decree := c.paper("sk", "BUP")
		for _, o := range offices {
			c.do(c.year, c.holder("tapd", ""), act.OnCycle{Year: c.year, Ask: &cycle.CeilingSet{
				Scope: opdScope(o), Stage: "kabupaten", Amount: rounded(c.accepted(o), c.between(72, 90)) / domain.Rupiah(c.sessions(len(c.in(opdScope(o), "accepted")))), Decree: decree,
			}})
		}
	})
	c.on(215, 9, func() { a = c.convene("musrenbang_kabupaten", "kabupaten", whole, head, 206, "") })
	c.on(206, 8, func() { c.attend(a, c.expected(whole)) })
	c.on(205, 10, func() {
		for _, n := range c.where(c.year, "accepted") {
			switch roll := c.random.IntN(200); {
			case c.marked[n]:
				continue
			case roll < 4:
				c.take(head, n, c.rejected(atKabupaten, a.stream))
			case roll < 7:
				c.deferred(n, head, a)
			default:
				continue
			}
			a.covers = append(a.covers, n)
		}
	})
	c.on(204, 10, func() {
		for i, o := range offices {
			numbers := slices.DeleteFunc(c.in(opdScope(o), "accepted"), func(n string) bool { return c.forgettable(n, 1) })
			c.finalize(a, head, "L"+string(rune('A'+i)), opdScope(o), numbers, true)
		}
		c.minute(a, 201, "agreed", "agreed_by_opd", "not_agreed_with_reason")
	})
}

// accepted returns what an OPD has accepted in all.
func (c *course) accepted(o office) domain.Rupiah {
	var sum domain.Rupiah
	for _, n := range c.in(opdScope(o), "accepted") {
		sum += c.state(n).Estimate
	}
	return sum
}
