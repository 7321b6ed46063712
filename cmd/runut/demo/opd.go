package demo

import (
	"fmt"
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
)

func opdScope(o office) domain.Scope { return domain.Scope{Kind: domain.ScopeOPD, Code: o.code} }

// slowOffice deals with little of what it is asked: much of it lapses there.
const slowOffice = 13 // Dinas Pemuda dan Olahraga

// inOffices lets every OPD respond, hand on, refer, merge, accept and reject.
func (c *course) inOffices() {
	for i, o := range offices {
		c.oneOffice(i, o)
	}
	c.on(c.forum.merge, 15, c.mergeAcross)
	c.on(c.forum.refer, 13, c.refer)
	c.on(246, 11, c.answerBack)
	c.on(225, 10, c.answerReferrals)
}

func (c *course) oneOffice(i int, o office) {
	officer, head := c.holder("opd_officer", o.code), c.holder("opd_head", o.code)
	scope := opdScope(o)
	days := c.forum
	var before, session *assembly
	c.on(days.convene, 9, func() {
		before = c.convene("pra_forum", "forum_opd", scope, officer, days.before, "")
		session = c.convene("forum_opd", "forum_opd", scope, head, days.session, "")
		c.plantAtOffice(i, o, session)
	})
	c.on(days.before, 8, func() { c.attend(before, c.expected(scope)) })
	for day := range 3 {
		c.on(days.respond-day, 10, func() { c.respond(scope, officer, before, day) })
	}
	for hop := range 3 {
		c.on(days.handOn-hop, 15, func() { c.handOn(o, officer, hop) })
	}
	c.on(days.giveBack, 15, func() { c.returnSome(scope, officer) })
	for _, k := range c.places {
		for n, v := range k.villages {
			if i == 0 {
				c.on(days.giveBack-4-n%3, 9, func() { c.repairVillage(v, "returned_opd", 75) })
			}
		}
	}
	c.on(days.split, 9, func() { c.splitSome(scope, head, session) })
	c.on(days.session, 8, func() { c.attend(session, c.expected(scope)) })
	if c.forum == wholeForum || i%2 == 0 { // of those in session now half have not come to decide
		c.on(days.session-1, 9, func() { c.decide(i, scope, head, session, false) })
	}
	if c.forum == wholeForum {
		c.on(days.again, 9, func() { c.decide(i, scope, head, session, true) })
	}
	c.on(231, 14, func() {
		c.minute(before, 230, "notes")
		c.minute(session, 229, "agreed_by_opd", "not_agreed_with_reason")
	})
}

// respond says at the pra forum what the OPD leans to.
func (c *course) respond(scope domain.Scope, officer domain.Actor, a *assembly, day int) {
	for i, n := range c.in(scope, "at_opd") {
		if i%3 != day || c.marked[n] || !c.chance(55) {
			continue
		}
		leaning, note := "terima", "Sesuai Renstra, perlu dihitung ulang volumenya."
		switch roll := c.random.IntN(100); {
		case roll < 22:
			leaning, note = "tolak", "Pagu dinas tidak cukup untuk semua usulan sejenis."
		case roll < 48:
			leaning, note = "ragu", "Perlu dicek status lahan dan kesiapan dokumen."
		}
		c.take(officer, n, &proposal.Responded{Leaning: leaning, Note: domain.Mask(note), Forum: a.stream})
		a.covers = append(a.covers, n)
	}
}

// handOn transfers what another OPD should answer. Some of it goes on again, up
// to three times.
func (c *course) handOn(o office, officer domain.Actor, hop int) {
	for _, n := range c.in(opdScope(o), "at_opd") {
		s := c.state(n)
		if c.marked[n] || s.Hops != hop || hop == 0 && !c.chance(4) || hop > 0 && !c.chance(45) {
			continue
		}
		to := offices[pick(c.world, o.near)]
		if slices.Contains(s.Offices, to.code) { // it was there before
			continue
		}
		c.take(officer, n, &proposal.Transferred{To: to.code, Reason: domain.Mask(pick(c.world, []string{
			"Bukan tugas dan fungsi dinas ini.", "Sub kegiatan ada pada dinas tujuan.", "Jenis bangunan menjadi urusan dinas tujuan.",
		}))})
	}
}

// returnSome sends back what a village can mend.
func (c *course) returnSome(scope domain.Scope, officer domain.Actor) {
	for _, n := range c.in(scope, "at_opd") {
		s := c.state(n)
		if s.Lane != proposal.Musrenbang || !s.Origin || c.marked[n] || !c.chance(4) {
			continue
		}
		say := c.say(toRepair)
		c.take(officer, n, &proposal.Returned{Reason: say.code, Fields: []string{"volume"}, Note: domain.Mask(say.text), Due: c.date(c.forum.giveBack - 8)})
	}
}

// splitSome divides a few proposals that ask for two things at once.
func (c *course) splitSome(scope domain.Scope, head domain.Actor, a *assembly) {
	split := 0
	for _, n := range c.in(scope, "at_opd") {
		s := c.state(n)
		if split == 5 || !s.Origin || c.marked[n] || s.Volume.Amount == "1" || s.Estimate < 100_000_000 || !c.chance(7) {
			continue
		}
		split++
		a.covers = append(a.covers, n)
		part := func(name string, weight int64) act.Part {
			return act.Part{Weight: weight, Idea: proposal.Idea{Title: domain.Mask(s.Title.Masked + " (" + name + ")")}}
		}
		c.do(c.year, head, act.Split{Proposal: n, Forum: a.stream, Reason: domain.Mask("Dikerjakan dalam dua tahap oleh dua bidang."),
			Parts: []act.Part{part("tahap pertama", int64(s.Estimate)*6/10), part("tahap kedua", int64(s.Estimate)*4/10)}})
	}
}

// mergeAcross joins what came from several kecamatan and lanes.
func (c *course) mergeAcross() {
	planner := c.holder("planner", "")
	a := c.convene("forum_opd", "forum_opd", whole, planner, c.forum.merge, "gabungan")
	var waiting []string
	for _, n := range c.where(c.year, "at_opd") {
		if s := c.state(n); s.Depth < 2 && s.Whole == "" && !c.marked[n] {
			waiting = append(waiting, n)
		}
	}
	made := 0
	for _, group := range c.alike(waiting, 2, 3) {
		lanes := map[proposal.Lane]bool{}
		for _, n := range group {
			lanes[c.state(n).Lane] = true
		}
		if made < c.share(36) && (len(lanes) > 1 || c.chance(10)) {
			a.covers = append(append(a.covers, group...), c.merge(group, planner, a, "Kabupaten Contoh"))
			made++
		}
	}
	c.on(c.forum.merge-2, 15, func() {
		for range 2 {
			c.unmerge(slices.DeleteFunc(c.where(c.year, "at_opd"), func(n string) bool { return !slices.Contains(a.covers, n) }), planner, a)
		}
		c.attend(a, c.expected(whole))
		c.minute(a, c.forum.merge-4, "notes")
	})
}

// decide is the forum perangkat daerah: of what waits some is left for the
// second day, and a little is never dealt with.
func (c *course) decide(i int, scope domain.Scope, head domain.Actor, a *assembly, last bool) {
	for _, n := range c.in(scope, "at_opd") {
		roll := c.random.IntN(100)
		if i == slowOffice {
			roll = roll*7/10 + 30
		}
		switch {
		case c.silent[n]:
			continue
		case !last && (roll >= 92 || c.marked[n]):
			c.take(c.holder("opd_officer", scope.Code), n, &proposal.Verified{Kind: "lapangan", Result: "pass", Note: domain.Mask("Ditinjau dulu, diputuskan pada sidang kedua.")})
			continue
		case c.marked[n] || last && roll >= 70 && len(c.states[n].Components) == 0:
			continue
		case roll < 7 && c.state(n).Lane != proposal.Teknokratis:
			c.deferred(n, head, a)
		case roll < 10:
			c.paidElsewhere(n, head)
		case roll < 36:
			c.take(head, n, c.rejected(atOPD, a.stream))
		default:
			c.accept(n, head, a)
		}
		a.covers = append(a.covers, n)
	}
}

func (c *course) deferred(n string, by domain.Actor, a *assembly) {
	s := c.say(toDefer)
	c.take(by, n, &proposal.Deferred{Reason: s.code, Until: c.year + c.between(1, 2), Condition: domain.Mask(s.text), Text: domain.Mask("Disimpan dalam bank usulan."), Forum: a.stream})
}

// paidElsewhere records that somebody else pays, or has paid already.
func (c *course) paidElsewhere(n string, by domain.Actor) {
	way := pick(c.world, []proposal.FinancedElsewhere{
		{Mode: "elsewhere", Source: "csr", Reason: "ALH-TSP"},
		{Mode: "elsewhere", Source: "apbd_provinsi", Reason: "ALH-PROV"},
		{Mode: "elsewhere", Source: "dana_desa", Reason: "ALH-DESA"},
		{Mode: "already_budgeted", Source: "apbd", Reason: "SDH-ANGGAR"},
		{Mode: "already_done", Source: "apbd", Reason: "SDH-KERJA"},
		{Mode: "usulan_langsung", Source: "apbd", Reason: "ALH-LANGSUNG"},
	})
	c.number++
	way.Code, way.FiscalYear, way.Amount = fmt.Sprintf("%s-%04d", way.Reason, c.number), c.year, c.state(n).Estimate
	if way.Reason == "SDH-KERJA" || way.Reason == "SDH-ANGGAR" {
		way.FiscalYear--
	}
	c.take(by, n, &way)
}

// accept takes a proposal into the OPD's plan: as asked, smaller, or of a merged
// one without the part that cannot be built.
func (c *course) accept(n string, head domain.Actor, a *assembly) {
	s := c.state(n)
	e := &proposal.AcceptedByOPD{Forum: a.stream, SubKegiatan: subOf(s), Volume: s.Volume, Estimate: s.Estimate}
	if e.Estimate == 0 {
		e.Estimate = domain.Rupiah(c.between(60, 240)) * 1_000_000
	}
	if !e.Volume.Valid() {
		e.Volume = domain.Volume{Amount: "1", Unit: "paket"}
	}
	switch {
	case len(s.Components) > 2 && c.chance(12):
		drop := pick(c.world, s.Components)
		if drop.Weight == 0 {
			break
		}
		e.Components = []proposal.Component{{Child: drop.Child, Weight: 0, Reason: proposal.ReasonDropped}}
		e.Estimate -= min(drop.Estimate, e.Estimate/2)
		e.Change = domain.Mask("Lokasi di satu desa dikeluarkan karena lahannya belum bebas.")
	case c.chance(34):
		e.Estimate = e.Estimate * domain.Rupiah(c.between(62, 112)) / 100 / 1000 * 1000
		e.Change = domain.Mask(pick(c.world, []string{"Harga disesuaikan dengan SSH tahun ini.", "Volume disesuaikan dengan hasil telaah dinas.", "Ditambah biaya perencanaan dan pengawasan.", "Disesuaikan dengan kebutuhan nyata di lokasi."}))
	}
	if e.Change.IsZero() && (e.Estimate != s.Estimate || e.Volume != s.Volume) {
		e.Change = domain.Mask("Volume dan biaya dihitung oleh dinas.")
	}
	c.take(head, n, e)
}

// subOf returns the sub kegiatan a proposal is done under.
func subOf(s proposal.State) string {
	for _, w := range works {
		if w.code == s.Kamus {
			return w.sub
		}
	}
	for _, w := range works {
		if offices[w.opd].code == s.OPD {
			return w.sub
		}
	}
	return works[0].sub
}

// refer asks other governments about what is theirs.
func (c *course) refer() {
	planner := c.holder("planner", "")
	for _, n := range c.where(c.year, "at_opd") {
		if c.marked[n] || len(c.states[n].Components) > 0 || !c.chance(3) {
			continue
		}
		c.take(planner, n, &proposal.Referred{Target: pick(c.world, []string{"provinsi", "provinsi", "provinsi", "pusat", "bumn"}), LegalGround: "UU 23/2014 lampiran",
			Letter: c.paper("surat", "BAPPEDA"), Due: c.date(228)})
	}
}

// answerBack returns some of what was referred while the forum is still open.
func (c *course) answerBack() {
	for _, n := range c.where(c.year, "referred") {
		if c.chance(16) {
			c.take(c.holder("province_planner", ""), n, &proposal.ReferralAnswered{Answer: "back", Letter: c.paper("surat", "PROV"), Note: domain.Mask("Ruas ini sudah diserahkan ke kabupaten.")})
		}
	}
}

// answerReferrals brings the answers there are; the others never come.
func (c *course) answerReferrals() {
	for _, n := range c.where(c.year, "referred") {
		switch roll := c.random.IntN(100); {
		case roll < 34:
			c.take(c.holder("province_planner", ""), n, &proposal.ReferralAnswered{Answer: "yes", Letter: c.paper("surat", "PROV"), Note: domain.Mask("Masuk rencana kerja provinsi.")})
		case roll < 62:
			c.take(c.holder("planner", ""), n, &proposal.ReferralAnswered{Answer: "no", Reason: "KWN-TOLAK", Letter: c.paper("surat", "PROV"), Note: domain.Mask("Tidak masuk prioritas provinsi.")})
		}
	}
}
