package demo

import (
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/proposal"
)

// executionEnds is the day of the calendar on which the year of execution ends,
// a year after it began.
const executionEnds = -353

// execute opens the year of execution: procurement may begin once the APBD
// stands.
func (c *course) execute() {
	c.do(c.year, c.holder("planner", ""), act.OnCycle{Year: c.year, Ask: &cycle.WindowOpened{Window: "execution", Scope: whole, OpensAt: c.now,
		ClosesAt: c.at(executionEnds, 16), Decree: c.paper("sk", "BUP")}})
}

// execution is the year in which what was funded is built: reports, a changed
// budget half-way, handovers, and what is not finished when the year ends.
func (c *course) execution() {
	c.on(-60, 10, func() { c.report(0, 25) })
	c.on(-130, 10, func() { c.report(20, 55) })
	c.on(-170, 10, c.changeBudget)
	c.on(-220, 10, func() { c.report(50, 85) })
	c.on(-255, 10, func() { c.handOver(35) })
	c.on(-300, 10, func() { c.report(75, 98) })
	c.on(-335, 10, func() { c.handOver(60) })
	c.on(-350, 10, func() { c.handOver(55) })
	c.on(executionEnds-1, 9, func() { c.closeWindow(c.year, "execution", whole) })
}

// report lets OPDs say how far the work has come. Some say nothing.
func (c *course) report(from, to int) {
	for _, n := range c.where(c.year, "funded") {
		if !c.chance(72) {
			continue
		}
		physical := c.between(from, to)
		e := &proposal.ProgressReported{Physical: proposal.Percent(100 * physical), Financial: proposal.Percent(100 * physical * c.between(55, 95) / 100)}
		switch {
		case physical < 10:
			e.Note = text("Persiapan pengadaan.")
		case c.chance(12):
			e.Note = text(pick(c.world, []string{"Terhambat hujan tiga minggu.", "Bahan terlambat tiba.", "Penyedia diberi surat peringatan pertama.", "Lokasi digeser 20 meter atas kesepakatan warga."}))
		}
		if c.chance(25) {
			photo := c.paper("foto", "FOTO")
			e.Photos = []domain.Document{photo}
		}
		c.take(c.holder("opd_officer", c.states[n].OPD), n, e)
	}
}

// handOver declares part of what is being built delivered.
func (c *course) handOver(percent int) {
	for _, n := range c.where(c.year, "funded") {
		if !c.chance(percent) {
			continue
		}
		c.take(c.holder("opd_head", c.states[n].OPD), n, &proposal.Completed{Handover: c.paper("berita_acara", "BAST"), Physical: 10_000, Financial: proposal.Percent(100 * c.between(91, 100))})
	}
}

// changeBudget is the APBD perubahan: revenue fell, so that some of what was
// funded gets less and some nothing.
func (c *course) changeBudget() {
	var decisions []act.Decision
	var total domain.Rupiah
	for _, n := range c.where(c.year, "funded") {
		s := c.state(n)
		total += s.Granted()
		roll := c.random.IntN(1000)
		switch {
		case s.Lane == "" || c.marked[n] || len(s.Lines) != 1 || roll >= 60:
		case roll < 18:
			say := c.say(toCancel)
			decisions = append(decisions, act.Decision{Proposal: n, Ask: &proposal.Cancelled{Reason: say.code, Text: text(say.text)}})
		default:
			decisions = append(decisions, act.Decision{Proposal: n, Ask: &proposal.AmountRevised{New: c.within(s, rounded(s.Granted(), c.between(75, 106)))}})
		}
	}
	c.adopt(c.holder("tapd", ""), "perubahan", c.paper("perda", "APBD-P"), decisions, total)
}

// close ends the fiscal year.
func (c *course) close() {
	left := slices.DeleteFunc(slices.Clone(c.numbers[c.year]), func(n string) bool { return c.states[n] == nil })
	c.do(c.year, c.holder("head_of_planning", ""), act.CloseCycle{Year: c.year, Origins: c.origins[c.year], Candidates: left})
}
