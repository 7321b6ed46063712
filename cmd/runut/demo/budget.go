package demo

import (
	"cmp"
	"fmt"
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
)

// inBudget takes what was agreed through RKPD, KUA-PPAS and APBD.
func (c *course) inBudget() {
	c.on(165, 10, func() { c.plan(c.paper("perbup", "RKPD")) })
	for day := range 6 {
		c.on(147-3*day, 11, func() { c.enterLate(day) })
	}
	c.on(132, 11, func() { c.reviseSome("in_rkpd", "PPAS", 12) })
	c.on(118, 10, func() { c.ceilings(c.paper("nota_kesepakatan", "KUA-PPAS")) })
	c.on(90, 11, func() { c.reviseSome("in_ppas", "RAPBD", 10) })
	c.on(28, 10, func() { c.budget(c.paper("perda", "APBD")) })
	c.on(26, 10, c.addLines)
	c.on(24, 10, c.raiseAfterwards)
}

// adopt records a document and what it decides, some hundred proposals at a time.
func (c *course) adopt(by domain.Actor, kind string, d domain.Document, decisions []act.Decision, total domain.Rupiah) {
	const most = 150
	for part := range slices.Chunk(decisions, most) {
		c.do(c.year, by, act.AdoptDocument{Year: c.year, Kind: kind, Document: d, Lines: len(decisions), Total: total, Decisions: part})
	}
}

// leftOut says that a document does not hold a proposal, and why.
func (c *course) leftOut(n string, among sayings) act.Decision {
	s := c.say(among)
	return act.Decision{Proposal: n, Ask: &proposal.LeftOut{Reason: s.code, Text: domain.Mask(s.text)}}
}

func rounded(amount domain.Rupiah, percent int) domain.Rupiah {
	return max(amount*domain.Rupiah(percent)/100/100_000*100_000, 1_000_000)
}

// within keeps an amount where an ordinary year keeps it: not much above what
// the OPD accepted, and no token of what was asked.
func (c *course) within(s proposal.State, amount domain.Rupiah) domain.Rupiah {
	accepted := cmp.Or(s.Accepted, s.Estimate)
	return rounded(max(min(amount, accepted*120/100), c.asked(s.Number)*20/100), 100)
}

// asked returns what a proposal was first estimated at.
func (w *world) asked(number string) domain.Rupiah {
	return proposal.Fold(w.histories.Now(proposal.Stream(number))[:1]).Estimate
}

// plan is the RKPD: most of what was agreed, some for less.
func (c *course) plan(d domain.Document) {
	var decisions []act.Decision
	var total domain.Rupiah
	agreed := c.where(c.year, "agreed")
	c.passOver(agreed, 4, daysBefore.rkpd.to-2)
	dear := 2
	for _, n := range agreed {
		switch roll := c.random.IntN(100); {
		case c.marked[n]: // not a word about it
		case dear > 0 && c.states[n].Origin && c.states[n].Accepted > 0:
			dear--
			e := &proposal.IncludedInRKPD{Allocation: proposal.Allocation{SubKegiatan: subOf(c.state(n)), Amount: rounded(c.state(n).Accepted, 100+c.between(28, 45))}}
			decisions, total = append(decisions, act.Decision{Proposal: n, Ask: e}), total+e.Amount
			c.dear = append(c.dear, n)
		case roll < 9:
			decisions = append(decisions, c.leftOut(n, outOfRKPD))
		default:
			decisions, total = c.planned(decisions, total, n)
		}
	}
	c.adopt(c.holder("head_of_planning", ""), "rkpd", d, decisions, total)
	c.rkpd, c.rkpdTotal = d, total
	for _, n := range c.dear {
		c.plant(CostIncrease, n)
	}
}

func (c *course) planned(decisions []act.Decision, total domain.Rupiah, n string) ([]act.Decision, domain.Rupiah) {
	s := c.state(n)
	percent := 100
	if c.chance(30) {
		percent = c.between(85, 104)
	}
	e := &proposal.IncludedInRKPD{Allocation: proposal.Allocation{SubKegiatan: subOf(s), Amount: c.within(s, rounded(s.Estimate, percent))}}
	return append(decisions, act.Decision{Proposal: n, Ask: e}), total + e.Amount
}

// ceilings is the KUA-PPAS. Late proposals may slip in here.
func (c *course) ceilings(d domain.Document) {
	var decisions []act.Decision
	var total domain.Rupiah
	waiting := c.where(c.year, "in_rkpd", "late_entry")
	c.passOver(c.where(c.year, "in_rkpd"), 2, daysBefore.ppas.to-2)
	for _, n := range waiting {
		s := c.state(n)
		roll := c.random.IntN(100)
		amount := s.Included["rkpd"]
		switch {
		case c.marked[n]:
			continue
		case s.At == "late_entry" && roll < 55:
			continue
		case s.At == "late_entry":
			amount = s.Estimate
		case roll < 9:
			decisions = append(decisions, c.leftOut(n, outOfPPAS))
			continue
		}
		percent := 100
		if roll < 25 {
			percent = c.between(80, 100)
		}
		e := &proposal.IncludedInPPAS{Allocation: proposal.Allocation{SubKegiatan: subOf(s), Amount: c.within(s, rounded(amount, percent))}}
		decisions, total = append(decisions, act.Decision{Proposal: n, Ask: e}), total+e.Amount
	}
	c.adopt(c.holder("tapd", ""), "ppas", d, decisions, total)
}

// sources of funds, by how often they pay.
var sources = []string{"PAD", "DAU", "DAU", "DAU", "DBH", "DBH", "DAK"}

// budget is the APBD. Two houses or latrines of one OPD may share a line, and
// some lines were asked for by nobody.
func (c *course) budget(d domain.Document) {
	var decisions []act.Decision
	var total domain.Rupiah
	var shared *proposal.Funded // a line that the next one of its kind may share
	waiting := c.where(c.year, "in_ppas", "late_entry")
	c.passOver(c.where(c.year, "in_ppas"), 2, daysBefore.apbd.to-2)
	tokens := 4
	var given []string // a token
	for _, n := range waiting {
		s := c.state(n)
		roll := c.random.IntN(100)
		switch {
		case c.marked[n]:
			continue
		case s.At == "late_entry" && roll < 60: // nobody decides, or it is rejected apart: see enterLate
			continue
		case s.At == "in_ppas" && roll < 6:
			decisions = append(decisions, c.leftOut(n, outOfAPBD))
			continue
		}
		amount := s.Included["ppas"]
		if amount == 0 {
			amount = s.Estimate
		}
		percent := 100
		if roll < 25 {
			percent = c.between(82, 101)
		}
		e := c.line(s, c.within(s, rounded(amount, percent)))
		switch {
		case tokens > 0 && s.Origin && c.asked(n) > 150_000_000:
			tokens--
			e.Amount = rounded(c.asked(n), c.between(3, 7))
			c.marked[n], given = true, append(given, n)
		case len(s.Components) > 2 && c.chance(6):
			c.dropFrom(e, s)
		}
		if s.Kamus == "RTL-01" || s.Kamus == "SNT-01" {
			if shared != nil && len(decisions)%150 != 0 {
				e.Line, e.LineTotal = shared.Line, shared.Amount+e.Amount
				shared.LineTotal = e.LineTotal
				shared = nil
			} else {
				shared = e
			}
		}
		decisions, total = append(decisions, act.Decision{Proposal: n, Ask: e}), total+e.Amount
		if len(decisions)%150 == 0 {
			shared = nil
		}
	}
	nobody := c.share(24)
	for range nobody {
		o := pick(c.world, offices)
		c.number++
		e := &proposal.AppearedInBudget{Allocation: proposal.Allocation{Amount: domain.Rupiah(c.between(80, 900)) * 1_000_000}, OPD: o.code, Line: c.dpa(o.code),
			Title: domain.Mask(pick(c.world, []string{"Pengadaan kendaraan dinas operasional", "Perjalanan studi banding", "Rehabilitasi gedung kantor", "Belanja jasa konsultansi", "Pembangunan gapura batas kota"}))}
		decisions, total = append(decisions, act.Decision{Ask: e}), total+e.Amount
	}
	c.adopt(c.holder("tapd", ""), "apbd", d, decisions, total)
	c.apbd = d
	for _, n := range given {
		c.plant(TokenFunding, n)
	}
	for _, n := range c.numbers[c.year][len(c.numbers[c.year])-nobody:] {
		c.plant(WithoutProposal, n)
	}
}

// line makes up the budget line of a proposal.
func (c *course) line(s proposal.State, amount domain.Rupiah) *proposal.Funded {
	source := pick(c.world, sources)
	if source == "DAK" && s.BasicService == "" {
		source = "PAD"
	}
	account := "5.2.04.01.01.0005"
	if amount < 60_000_000 {
		account = "5.1.02.01.01.0026"
	}
	return &proposal.Funded{Allocation: proposal.Allocation{SubKegiatan: subOf(s), Amount: amount}, Line: c.dpa(s.OPD), Account: account, Source: source}
}

// dpa makes up the id of a line of an OPD's DPA.
func (c *course) dpa(opd string) string {
	c.number++
	return fmt.Sprintf("DPA-%s-%05d", opd[:4], c.number)
}

// dropFrom funds a merged proposal without the part of one village.
func (c *course) dropFrom(e *proposal.Funded, s proposal.State) {
	var left []proposal.Component
	for _, k := range s.Components {
		if k.Weight > 0 {
			left = append(left, k)
		}
	}
	if len(left) < 2 {
		return
	}
	drop := left[len(left)-1]
	e.Components = []proposal.Component{{Child: drop.Child, Weight: 0, Reason: proposal.ReasonDropped}}
	e.Amount = c.within(s, rounded(e.Amount, 70))
}

// addLines gives some funded proposals a second line.
func (c *course) addLines() {
	tapd := c.holder("tapd", "")
	for _, n := range c.where(c.year, "funded") {
		s := c.state(n)
		if s.Estimate < 300_000_000 || c.marked[n] || s.Granted()*108 > s.Accepted*120 || !c.chance(4) {
			continue
		}
		e := c.line(s, rounded(s.Granted(), 8))
		e.Document = c.apbd
		c.take(tapd, n, e)
	}
}

// enterLate records what came after the deadline, and what is said to some of it.
func (c *course) enterLate(day int) {
	tapd := c.holder("tapd", "")
	for n := range max(c.share(30)/6, 1) {
		by, lane, idea := c.holder("planner", ""), proposal.UsulanLangsung, proposal.Idea{}
		idea, _ = c.idea(c.somewhere(), 0)
		if (n+day)%2 == 0 {
			by, lane = c.holder("council_secretary", ""), proposal.Pokir
		}
		number := c.submit(by, &proposal.SubmittedLate{Lane: lane, Idea: idea, Ground: domain.Mask("Disampaikan setelah masa pengajuan karena banjir."), Letter: c.paper("surat", "BUP")})
		c.plant(LateEntry, number)
		if c.chance(30) {
			c.on(95-day, 10, func() {
				if c.state(number).At != "late_entry" {
					return
				}
				c.take(tapd, number, &proposal.Rejected{Reason: "WKT-LEWAT", Text: domain.Mask("Usulan diterima setelah RKPD ditetapkan."), Ground: "Permendagri 86/2017", Document: c.paper("surat", "TAPD")})
			})
		}
	}
}

// passOver chooses some proposals about which a document says not a word, half
// of them such as were merged of several. The window's closing finds that no
// reason is on record; the day is one after that.
func (c *course) passOver(waiting []string, count, day int) {
	over := append(c.choose(waiting, count/2, merged), c.choose(waiting, count-count/2, single)...)
	c.on(day, 12, func() {
		for _, n := range over {
			c.plant(NoReason, n)
			if len(c.states[n].Components) > 0 {
				c.plant(MergeDropped, n)
			}
		}
	})
}

// raiseAfterwards gives some of what the APBD funds a good deal more than the OPD
// had accepted.
func (c *course) raiseAfterwards() {
	ground := c.paper("surat", "TAPD")
	funded := slices.DeleteFunc(c.where(c.year, "funded"), func(n string) bool {
		return len(c.states[n].Lines) != 1 || c.states[n].Accepted == 0 || slices.Contains(c.dear, n)
	})
	for _, n := range c.choose(funded, 3, single) {
		c.take(c.holder("tapd", ""), n, &proposal.AmountRevised{New: rounded(c.states[n].Accepted, 100+c.between(30, 60)), Ground: ground})
		c.plant(CostIncrease, n)
	}
}

// reviseSome changes the amounts of a few proposals between two documents.
func (c *course) reviseSome(state string, series string, permille int) {
	tapd := c.holder("tapd", "")
	ground := c.paper("surat", series)
	for _, n := range c.where(c.year, "in_rkpd", "in_ppas", "funded") {
		s := c.state(n)
		if string(s.At) != state || c.random.IntN(1000) >= permille || len(s.Lines) > 1 || c.marked[n] {
			continue
		}
		old := s.Granted()
		if old == 0 {
			old = s.Included["ppas"]
		}
		if old == 0 {
			old = s.Included["rkpd"]
		}
		c.take(tapd, n, &proposal.AmountRevised{New: c.within(s, rounded(old, c.between(70, 118))), Ground: ground})
	}
}
