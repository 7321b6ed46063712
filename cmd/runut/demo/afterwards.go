package demo

import (
	"slices"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// afterwards is what follows on decisions: objections, corrections, papers that
// turn up late, money taken back.
func (c *course) afterwards() {
	c.on(254, 9, func() { c.object(3, "rejected") })
	c.on(248, 9, func() { c.answerObjections(60, "at_opd") })
	c.on(215, 9, func() { c.object(1, "rejected", "lapsed", "left_out") })
	c.on(205, 15, func() { c.answerObjections(0, "") })
	c.on(160, 9, func() { c.object(12, "left_out") })
	c.on(156, 9, func() { c.answerObjections(50, "agreed") })
	c.on(155, 9, c.planAgain)
	c.on(100, 9, func() { c.object(1, "left_out") })

	c.on(289, 10, func() { c.lateAtKecamatan() })
	c.on(224, 10, func() { c.lateAtOffice() })
	c.on(182, 10, c.lateAnswers)
	c.on(228, 14, c.correct)

	c.on(9, 10, c.cancel)
	c.on(7, 10, func() { c.reviseSome("funded", "TAPD", 12) })
	c.on(4, 10, c.reverse)
}

// object lets heads of villages object to how some of their proposals ended.
func (c *course) object(percent int, states ...string) {
	for _, n := range c.where(c.year, "rejected", "lapsed", "left_out") {
		s := c.state(n)
		head, ok := c.holders[holderKey{"village_head", s.Village}]
		if !ok || !slices.Contains(states, string(s.At)) || len(s.Flags) > 0 || c.marked[n] || !c.chance(percent) {
			continue
		}
		c.take(head, n, &proposal.Objected{Text: domain.Mask(pick(c.world, []string{
			"Sertifikat tanah sudah kami serahkan bersama berita acara.", "Lokasi sudah ditinjau petugas dan dinyatakan layak.",
			"Usulan desa tetangga dengan skor lebih rendah diterima.", "Alasan yang disampaikan tidak sesuai dengan keadaan di lapangan.",
		})), Deadline: c.now.In(zone).AddDate(0, 0, 14).Format(time.DateOnly)})
	}
}

// answerObjections answers most of what was objected to. What is upheld comes
// back where its window is still open.
func (c *course) answerObjections(upheld int, resume workflow.State) {
	head := c.holder("head_of_planning", "")
	for _, n := range c.where(c.year, "rejected", "lapsed", "left_out") {
		s := c.state(n)
		if len(s.Flags) == 0 || c.chance(22) {
			continue
		}
		answer := act.AnswerObjection{Proposal: n, Result: "refused", Text: domain.Mask("Setelah diperiksa, keputusan forum tetap berlaku."), Document: c.paper("surat", "BAPPEDA")}
		switch {
		case s.Ended.From == resume && c.chance(upheld):
			answer.Result, answer.Text = "upheld", domain.Mask("Sanggahan diterima, usulan dibahas kembali.")
		case upheld == 0 && c.chance(25):
			answer.Result, answer.Text = "upheld_without_remedy", domain.Mask("Sanggahan benar, tetapi tahapnya sudah ditutup.")
		}
		c.do(c.year, head, answer)
	}
}

// planAgain takes into the RKPD what an objection brought back.
func (c *course) planAgain() {
	var decisions []act.Decision
	total := c.rkpdTotal
	for _, n := range c.reinstated() {
		decisions, total = c.planned(decisions, total, n)
	}
	if len(decisions) > 0 {
		c.adopt(c.holder("head_of_planning", ""), "rkpd", c.rkpd, decisions, total)
	}
}

// reinstated returns the agreed proposals that an objection brought back.
func (c *course) reinstated() []string {
	return slices.DeleteFunc(c.where(c.year, "agreed"), func(n string) bool {
		records := c.histories.Now(proposal.Stream(n))
		_, back := records[len(records)-1].Event.(*proposal.Reinstated)
		return !back
	})
}

// dayOf returns the interval of a whole day.
func (c *course) dayOf(before int) domain.Interval {
	d := c.at(before, 12).In(zone)
	return domain.OnDay(d.Year(), d.Month(), d.Day(), zone)
}

// lateAtKecamatan records rejections that a camat had signed in time and that
// were typed in after the window had closed.
func (c *course) lateAtKecamatan() {
	second := c.holder("head_of_planning", "")
	done := 0
	for _, n := range c.where(c.year, "lapsed") {
		s := c.state(n)
		camat, ok := c.holders[holderKey{"camat", s.Kecamatan()}]
		if !ok || c.marked[n] || done == 3 || s.Ended.From != "at_kecamatan" || s.Kecamatan() == c.places[reopenedKecamatan].code || s.Since.Before(c.at(daysBefore.kecamatan.to+1, 8)) {
			continue
		}
		done++
		reason := c.rejected(atKecamatan, "forum-"+c.forumOf("musrenbang-kecamatan", s.Kecamatan()))
		c.doWith(c.year, camat, &second, c.dayOf(303), act.RecordLate{Proposal: n, Void: s.Ended.Event, Ask: reason, Reason: domain.Mask("Berita acara tertinggal di kantor kecamatan."),
			Evidence: domain.Document{Kind: "berita_acara", Number: "BA-KEC/" + n, Date: c.date(303), Digest: digest(n)}})
		c.plant(LateRecording, n)
	}
}

// lateAtOffice records acceptances of the same kind, of an OPD.
func (c *course) lateAtOffice() {
	second := c.holder("approver", "")
	done := 0
	for _, n := range c.where(c.year, "lapsed") {
		s := c.state(n)
		if done == 4 || c.marked[n] || s.Ended.From != "at_opd" || !s.Volume.Valid() || s.Estimate == 0 || len(s.Flags) > 0 {
			continue
		}
		done++
		c.doWith(c.year, c.holder("opd_head", s.OPD), &second, c.dayOf(238), act.RecordLate{
			Proposal: n, Void: s.Ended.Event, Reason: domain.Mask("Risalah forum terlambat diketik."),
			Ask:      &proposal.AcceptedByOPD{Forum: "forum-" + c.forumOf("forum-opd", s.OPD), SubKegiatan: subOf(s), Volume: s.Volume, Estimate: s.Estimate},
			Evidence: domain.Document{Kind: "risalah", Number: "RIS/" + n, Date: c.date(238), Digest: digest(n)},
		})
		c.plant(LateRecording, n)
	}
}

// lateAnswers are answers to referrals that came after the window had closed.
func (c *course) lateAnswers() {
	done := 0
	for _, n := range c.where(c.year, "lapsed") {
		if s := c.state(n); done == 5 || s.Ended.From != "referred" {
			continue
		}
		done++
		answer := &proposal.ReferralAnswered{Answer: "yes", Late: true, Letter: c.paper("surat", "PROV"), Note: domain.Mask("Masuk rencana kerja provinsi.")}
		if done%2 == 0 {
			answer.Answer, answer.Reason, answer.Note = "no", "KWN-TOLAK", domain.Mask("Tidak masuk prioritas provinsi.")
		}
		c.take(c.holder("planner", ""), n, answer)
	}
}

// correct puts a few records right: an estimate that was mistyped, a check that
// was noted of the wrong proposal.
func (c *course) correct() {
	approver, second := c.holder("approver", ""), c.holder("head_of_planning", "")
	amended, voided := 0, 0
	for _, n := range c.where(c.year, "accepted") {
		for _, r := range c.histories.Now(proposal.Stream(n)) {
			switch e := r.Event.(type) {
			case *proposal.AcceptedByOPD:
				if amended == 5 || !c.chance(4) || len(e.Components) > 0 {
					continue
				}
				amended++
				right := *e
				right.Estimate = e.Estimate + e.Estimate/50/1000*1000
				right.Change = domain.Mask("Satu angka tertinggal saat diketik.")
				c.doWith(c.year, approver, &second, domain.Interval{}, act.Correct{Proposal: n, Reason: domain.Mask("Salah ketik nilai, dicocokkan dengan berita acara."),
					Fix: act.Fix{Target: r.ID, Action: event.Amend, With: &right}})
			case *proposal.Verified:
				if voided == 5 || e.Kind != "lapangan" || e.Note.Masked != metThere || !c.chance(20) {
					continue
				}
				voided++
				c.doWith(c.year, approver, &second, domain.Interval{}, act.Correct{Proposal: n, Reason: domain.Mask("Pemeriksaan dicatat pada usulan yang salah."),
					Fix: act.Fix{Target: r.ID, Action: event.Void}})
			default:
				continue
			}
			break
		}
	}
}

// cancel takes money back from some of what was funded.
func (c *course) cancel() {
	tapd := c.holder("tapd", "")
	ground := c.paper("perbup", "BUP")
	for _, n := range c.where(c.year, "funded") {
		if s := c.state(n); s.Lane != "" && !c.marked[n] && c.random.IntN(1000) < 15 {
			say := c.say(toCancel)
			c.take(tapd, n, &proposal.Cancelled{Reason: say.code, Text: domain.Mask(say.text), LegalGround: ground})
		}
	}
}

// reverse gives some of it back.
func (c *course) reverse() {
	tapd := c.holder("tapd", "")
	document := c.paper("perbup", "BUP")
	for i, n := range c.where(c.year, "cancelled") {
		s := c.state(n)
		if i%4 == 0 {
			c.take(tapd, n, &proposal.Reinstated{Resume: "funded", Ground: "reversal", Document: document, Amount: c.within(s, max(s.Granted(), rounded(s.Estimate, 90)))})
		}
	}
}
