package demo

import (
	"cmp"
	"fmt"
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/workflow"
)

// planningYear lets a fiscal year go its way from the villages as far as it has
// come by now.
func (c *course) planningYear() {
	c.on(daysBefore.opening, 9, c.begin)
	c.inVillages()
	c.inKecamatan()
	c.fromSIPD()
	c.fromCouncil()
	c.fromOffices()
	c.inOffices()
	c.inKabupaten()
	c.inBudget()
	c.afterwards()
	c.answerVillages()
	for _, x := range c.windows {
		c.on(x.span.to-1, 9, func() { c.closeWindow(c.year, x.name, whole) })
		if _, public := c.definition.Stages[x.name]; public && x.name != "objection" {
			c.on(x.span.to-2, 9, func() { c.release(c.year, x.name) })
		}
	}
	c.on(extendedUntil-1, 9, func() { c.closeWindow(c.year, "kecamatan", kecamatanScope(c.places[extendedKecamatan])) })
	c.on(daysBefore.apbd.to-2, 8, c.execute)
	c.execution()
}

// begin opens the year: its windows, quotas and words.
func (c *course) begin() {
	c.open(c.year, false)
	planner := c.holder("planner", "")
	decree := c.paper("sk", "BUP")
	for _, x := range c.windows {
		c.do(c.year, planner, act.OnCycle{Year: c.year, Ask: &cycle.WindowOpened{Window: x.name, Scope: whole, OpensAt: c.at(x.span.from, 0), ClosesAt: c.at(x.span.to, 16), Decree: decree}})
	}
	c.quotas(32, 19)
	c.words()
}

// quotas sets how many a village and a kecamatan may send on.
func (c *course) quotas(village, kecamatan int) {
	planner := c.holder("planner", "")
	decree := c.paper("sk", "BAPPEDA")
	c.do(c.year, planner, act.OnCycle{Year: c.year, Ask: &cycle.QuotaSet{Scope: domain.Scope{Kind: domain.ScopeVillage}, Stage: "desa", Count: village * c.o.Scale, Decree: decree}})
	for _, k := range c.places {
		count := kecamatan * c.o.Scale * len(k.villages)
		c.do(c.year, planner, act.OnCycle{Year: c.year, Ask: &cycle.QuotaSet{Scope: kecamatanScope(k), Stage: "kecamatan", Count: max(count/c.sessions(count*5/4), 1), Decree: decree}})
	}
}

// words publishes the kamus usulan and the reasons that hold for the year.
func (c *course) words() {
	planner := c.holder("planner", "")
	kamus := make([]cycle.Word, len(works))
	for i, w := range works {
		kamus[i] = cycle.Word{Code: w.code, ID: w.name, Unit: w.unit, OPD: offices[w.opd].code}
	}
	var reasons []cycle.Word
	for code, r := range c.definition.Codes {
		reasons = append(reasons, cycle.Word{Code: code, Group: r.Group, ID: r.Title.ID, EN: r.Title.EN})
	}
	slices.SortFunc(reasons, func(a, b cycle.Word) int { return cmp.Compare(a.Code, b.Code) })
	edition := fmt.Sprintf("Contoh %d", c.year)
	c.do(c.year, planner, act.OnCycle{Year: c.year, Ask: &cycle.VocabularyPublished{Register: cycle.Kamus, Edition: edition, Digest: digest(fmt.Sprint(kamus)), Entries: kamus}})
	c.do(c.year, planner, act.OnCycle{Year: c.year, Ask: &cycle.VocabularyPublished{Register: cycle.Reasons, Edition: edition, Digest: digest(fmt.Sprint(reasons)), Entries: reasons}})
}

// endedBy returns the states that a closing of a window ends.
func (w *world) endedBy(window string) []workflow.State {
	var out []workflow.State
	for _, row := range w.definition.Rows(window) {
		if row.Flag == "" {
			out = append(out, row.State)
		}
	}
	return out
}
