package demo

import (
	"fmt"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/proposal"
)

// practiceCycle is a small fiscal year in which every window is open, so that
// anything can be tried today. It has something at every stage, most of it with
// the offices that the tour acts for, and at each stage a forum in session.
func (w *world) practiceCycle() {
	c := w.course(Practice(w.o.Day), 0)
	p := &practice{course: c, first: w.places[0], second: w.places[1]}
	c.on(daysBefore.practice, 8, p.begin)
	c.on(9, 14, p.inVillages)
	c.on(8, 14, p.inLanes)
	c.on(7, 14, p.inKecamatan)
	c.on(6, 14, p.inOffice)
	c.on(5, 14, p.inKabupaten)
	c.on(4, 14, p.inBudget)
	c.on(3, 14, p.today)
	c.on(2, 15, func() { c.release(c.year, "") })
}

// A practice is the practice cycle while it is being made.
type practice struct {
	*course
	first, second kecamatan // the tour's, and another
	office        *assembly
}

// lasts is how many days the practice windows stay open.
const lasts = 540

func (p *practice) begin() {
	p.open(p.year, true)
	planner := p.holder("planner", "")
	decree := p.paper("sk", "BUP")
	for _, name := range p.definition.WindowNames() {
		p.do(p.year, planner, act.OnCycle{Year: p.year, Ask: &cycle.WindowOpened{Window: name, Scope: whole, OpensAt: p.at(daysBefore.practice, 0), ClosesAt: p.at(-lasts, 16), Decree: decree}})
	}
	p.quotas(30, 15)
	for _, o := range offices {
		p.do(p.year, p.holder("tapd", ""), act.OnCycle{Year: p.year, Ask: &cycle.CeilingSet{Scope: opdScope(o), Stage: "kabupaten", Amount: domain.Rupiah(5+o.weight) * 1_000_000_000, Decree: decree}})
	}
	p.words()
}

// hand lets a village hand in so many ideas, all of them for the tour's OPD or
// all of one kind of work.
func (p *practice) hand(v village, count int, kinds ...work) []string {
	minutes := p.paper("berita_acara", "BA-MD")
	numbers := make([]string, count)
	for i := range numbers {
		numbers[i] = p.submit(p.holder("village_operator", v.code), &proposal.Submitted{Lane: proposal.Musrenbang, Idea: p.ideaOf(v, kinds[i%len(kinds)], i+1), MinutesVillage: minutes})
	}
	return numbers
}

// inVillages lets a few villages make a list; the tour's village goes on in a
// second session.
func (p *practice) inVillages() {
	for _, k := range []kecamatan{p.first, p.second} {
		for _, v := range k.villages[:min(4, len(k.villages))] {
			head := p.holder("village_head", v.code)
			a := p.convene("musrenbang_desa", "desa", villageScope(v), head, 9, "")
			p.attend(a, []string{v.code})
			p.finalize(a, head, "L1", villageScope(v), p.hand(v, 6, works[0], works[1], works[5], works[6]), false)
			p.minute(a, 8, "agreed")
		}
	}
}

// inLanes brings what comes by the other ways.
func (p *practice) inLanes() {
	secretary := p.holder("council_secretary", "")
	recess := p.paper("risalah_reses", "RR")
	var points []string
	for i := range 4 {
		points = append(points, p.submit(p.holder("council_member", ""), &proposal.Submitted{Lane: proposal.Pokir, Idea: p.ideaOf(p.first.villages[i], works[i], 0), RecessMinutes: recess}))
	}
	a := p.convene("pokir", "pokir", whole, secretary, 8, "")
	p.attend(a, p.expected(whole))
	p.finalize(a, secretary, "L1", whole, points[:2], false)
	for i := range 4 {
		idea := p.ideaOf(p.first.villages[i], works[2+i], 0)
		p.submit(p.holder("opd_planner", OPD), &proposal.Submitted{Lane: proposal.Teknokratis, Idea: idea, SubKegiatan: works[2+i].sub})
	}
	p.submit(p.holder("planner", ""), &proposal.Submitted{Lane: proposal.UsulanLangsung, Idea: p.ideaOf(p.first.villages[1], works[3], 0)})
	p.visit(p.first.villages[0])
}

// inKecamatan sends most on to the OPDs. A pair that asks for the same stays, so
// that somebody can merge it.
func (p *practice) inKecamatan() {
	for _, k := range []kecamatan{p.first, p.second} {
		camat := p.holder("camat", k.code)
		a := p.convene("musrenbang_kecamatan", "kecamatan", kecamatanScope(k), camat, 7, "")
		p.attend(a, p.expected(kecamatanScope(k)))
		waiting := p.in(kecamatanScope(k), "at_kecamatan")
		if k.code == TourKecamatan {
			groups := p.alike(waiting, 2, 2)
			waiting = append(waiting[8:len(waiting):len(waiting)], p.mergeLast(groups, waiting[8:], camat, a, k)...)
		}
		var list []string
		for _, n := range waiting {
			if p.state(n).At == "at_kecamatan" {
				list = append(list, n)
			}
		}
		p.finalize(a, camat, "L1", kecamatanScope(k), list, true)
		p.minute(a, 6, "agreed_by_opd")
	}
}

// mergeLast merges the first pair that is among some proposals.
func (p *practice) mergeLast(groups [][]string, among []string, camat domain.Actor, a *assembly, k kecamatan) []string {
	in := map[string]bool{}
	for _, n := range among {
		in[n] = true
	}
	for _, g := range groups {
		if in[g[0]] && in[g[1]] {
			return []string{p.merge(g, camat, a, "Kecamatan "+k.name)}
		}
	}
	return nil
}

// inOffice lets the tour's OPD deal with half of what it has.
func (p *practice) inOffice() {
	head, officer := p.holder("opd_head", OPD), p.holder("opd_officer", OPD)
	p.office = p.convene("forum_opd", "forum_opd", domain.Scope{Kind: domain.ScopeOPD, Code: OPD}, head, 6, "")
	p.attend(p.office, p.expected(p.office.scope))
	waiting := p.in(p.office.scope, "at_opd")
	for i, n := range waiting[:len(waiting)*2/3] {
		switch i {
		case 0, 1:
			p.take(head, n, p.rejected(atOPD, p.office.stream))
		case 2:
			p.deferred(n, head, p.office)
		case 3:
			p.take(p.holder("planner", ""), n, &proposal.Referred{Target: "provinsi", LegalGround: "UU 23/2014 lampiran", Letter: p.paper("surat", "BAPPEDA")})
		case 4:
			p.take(officer, n, &proposal.Transferred{To: offices[3].code, Reason: domain.Mask("Sub kegiatan ada pada dinas tujuan.")})
		case 5:
			p.take(officer, n, &proposal.Responded{Leaning: "ragu", Note: domain.Mask("Perlu dicek status lahan."), Forum: p.office.stream})
		default:
			p.accept(n, head, p.office)
		}
	}
}

// inKabupaten agrees most of what was accepted, and leaves a session open for
// the rest.
func (p *practice) inKabupaten() {
	head := p.holder("head_of_planning", "")
	a := p.convene("musrenbang_kabupaten", "kabupaten", whole, head, 5, "")
	p.attend(a, p.expected(whole))
	accepted := p.in(p.office.scope, "accepted")
	p.finalize(a, head, "LA", p.office.scope, accepted[:max(len(accepted)-4, 1)], true)
	p.minute(a, 4, "agreed", "agreed_by_opd")
}

// inBudget takes some of it as far as the APBD.
func (p *practice) inBudget() {
	tapd := p.holder("tapd", "")
	var planned, capped, funded []act.Decision
	var total, sum domain.Rupiah
	agreed := p.where(p.year, "agreed")
	for i, n := range agreed[:len(agreed)*3/4] {
		planned, total = p.planned(planned, total, n)
		amount := planned[i].Ask.(*proposal.IncludedInRKPD).Amount
		if i >= len(agreed)/2 {
			continue
		}
		capped = append(capped, act.Decision{Proposal: n, Ask: &proposal.IncludedInPPAS{Allocation: proposal.Allocation{SubKegiatan: subOf(p.state(n)), Amount: amount}}})
		if i < len(agreed)/4 {
			funded, sum = append(funded, act.Decision{Proposal: n, Ask: p.line(p.state(n), amount)}), sum+amount
		}
	}
	p.adopt(p.holder("head_of_planning", ""), "rkpd", p.paper("perbup", "RKPD"), planned, total)
	p.adopt(tapd, "ppas", p.paper("nota_kesepakatan", "KUA-PPAS"), capped, total)
	p.adopt(tapd, "apbd", p.paper("perda", "APBD"), funded, max(sum, 1))
}

// today leaves open what the tour goes on with: new ideas in the village, a
// session at every stage.
func (p *practice) today() {
	v := p.first.villages[0]
	head := p.holder("village_head", v.code)
	p.hand(v, 5, works[0], works[9], works[10])
	p.convene("musrenbang_desa", "desa", villageScope(v), head, 1, "2")
	p.convene("musrenbang_kecamatan", "kecamatan", kecamatanScope(p.first), p.holder("camat", p.first.code), 1, "2")
	p.convene("forum_opd", "forum_opd", p.office.scope, p.holder("opd_head", OPD), 1, "2")
	p.convene("musrenbang_kabupaten", "kabupaten", whole, p.holder("head_of_planning", ""), 1, "2")
	neighbour := p.first.villages[1]
	for _, n := range p.homes[home{p.year, neighbour.code}] {
		if p.state(n).At == "rejected" || p.state(n).At == "lapsed" {
			p.take(p.holder("village_head", neighbour.code), n, &proposal.Objected{Text: domain.Mask(fmt.Sprintf("%s meminta usulan ini ditinjau lagi.", neighbour.title()))})
			break
		}
	}
}
