package demo

import (
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

// plan is the RKPD: most of what was agreed, some for less.
func (c *course) plan(d domain.Document) {
	var decisions []act.Decision
	var total domain.Rupiah
	for _, n := range c.where(c.year, "agreed") {
		switch roll := c.random.IntN(100); {
		case roll < 2: // not a word about it
		case roll < 9:
			decisions = append(decisions, c.leftOut(n, outOfRKPD))
		default:
			decisions, total = c.planned(decisions, total, n)
		}
	}
	c.adopt(c.holder("head_of_planning", ""), "rkpd", d, decisions, total)
	c.rkpd, c.rkpdTotal = d, total
}

func (c *course) planned(decisions []act.Decision, total domain.Rupiah, n string) ([]act.Decision, domain.Rupiah) {
	s := c.state(n)
	percent := 100
	if c.chance(30) {
		percent = c.between(85, 104)
	}
	e := &proposal.IncludedInRKPD{Allocation: proposal.Allocation{SubKegiatan: subOf(s), Amount: rounded(s.Estimate, percent)}}
	return append(decisions, act.Decision{Proposal: n, Ask: e}), total + e.Amount
}

// ceilings is the KUA-PPAS. Late proposals may slip in here.
func (c *course) ceilings(d domain.Document) {
	var decisions []act.Decision
	var total domain.Rupiah
	for _, n := range c.where(c.year, "in_rkpd", "late_entry") {
		s := c.state(n)
		roll := c.random.IntN(100)
		amount := s.Included["rkpd"]
		switch {
		case s.At == "late_entry" && roll < 55:
			continue
		case s.At == "late_entry":
			amount = s.Estimate
		case roll < 1:
			continue
		case roll < 9:
			decisions = append(decisions, c.leftOut(n, outOfPPAS))
			continue
		}
		e := &proposal.IncludedInPPAS{Allocation: proposal.Allocation{SubKegiatan: subOf(s), Amount: rounded(amount, 100)}}
		if roll < 25 {
			e.Amount = rounded(amount, c.between(80, 100))
		}
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
	for _, n := range c.where(c.year, "in_ppas", "late_entry") {
		s := c.state(n)
		roll := c.random.IntN(100)
		switch {
		case s.At == "late_entry" && roll < 30: // nobody decides
			continue
		case s.At == "late_entry" && roll < 60:
			continue // rejected apart, see enterLate
		case s.At == "in_ppas" && roll < 1:
			continue
		case s.At == "in_ppas" && roll < 6:
			decisions = append(decisions, c.leftOut(n, outOfAPBD))
			continue
		}
		amount := s.Included["ppas"]
		if amount == 0 {
			amount = s.Estimate
		}
		e := c.line(s, rounded(amount, 100))
		if roll < 25 {
			e.Amount = rounded(amount, c.between(82, 101))
		}
		if len(s.Components) > 2 && c.chance(6) {
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
	for range c.share(24) {
		o := pick(c.world, offices)
		c.number++
		e := &proposal.AppearedInBudget{Allocation: proposal.Allocation{Amount: domain.Rupiah(c.between(80, 900)) * 1_000_000}, OPD: o.code, Line: c.dpa(o.code),
			Title: domain.Mask(pick(c.world, []string{"Pengadaan kendaraan dinas operasional", "Perjalanan studi banding", "Rehabilitasi gedung kantor", "Belanja jasa konsultansi", "Pembangunan gapura batas kota"}))}
		decisions, total = append(decisions, act.Decision{Ask: e}), total+e.Amount
	}
	c.adopt(c.holder("tapd", ""), "apbd", d, decisions, total)
	c.apbd = d
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
	e.Amount = rounded(e.Amount, 70)
}

// addLines gives some funded proposals a second line.
func (c *course) addLines() {
	tapd := c.holder("tapd", "")
	for _, n := range c.where(c.year, "funded") {
		s := c.state(n)
		if s.Estimate < 300_000_000 || !c.chance(4) {
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

// reviseSome changes the amounts of a few proposals between two documents.
func (c *course) reviseSome(state string, series string, permille int) {
	tapd := c.holder("tapd", "")
	ground := c.paper("surat", series)
	for _, n := range c.where(c.year, "in_rkpd", "in_ppas", "funded") {
		s := c.state(n)
		if string(s.At) != state || c.random.IntN(1000) >= permille || len(s.Lines) > 1 {
			continue
		}
		old := s.Granted()
		if old == 0 {
			old = s.Included["ppas"]
		}
		if old == 0 {
			old = s.Included["rkpd"]
		}
		c.take(tapd, n, &proposal.AmountRevised{New: rounded(old, c.between(70, 118)), Ground: ground})
	}
}
