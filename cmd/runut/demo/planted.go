package demo

import (
	"slices"

	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// A Finding names a rule of docs/findings.md.
type Finding string

// The findings that are planted. In nothing else that the demo holds, outside
// the practice cycle, does any of these rules find anything.
const (
	NoReason        Finding = "A1"
	LateRecording   Finding = "A2"
	ScoreChanged    Finding = "A3"
	RankLeapfrogged Finding = "A4"
	CostIncrease    Finding = "A5"
	NoVillageTrace  Finding = "A6"
	MergeDropped    Finding = "A7"
	Silent          Finding = "A8"
	WithoutProposal Finding = "B1"
	LateEntry       Finding = "B2"
	Backdated       Finding = "B3"
	LastHour        Finding = "B4"
	PingPong        Finding = "B5"
	LateHandover    Finding = "B6"
	TokenFunding    Finding = "B7"
	NeverInformed   Finding = "B8"
)

// A Plant is one thing that a rule must find: of a proposal, or of a village.
type Plant struct {
	Finding  Finding `json:"finding"`
	Cycle    int     `json:"cycle"`              // fiscal year
	Proposal string  `json:"proposal,omitempty"` // number
	Village  string  `json:"village,omitempty"`  // kode wilayah
	Event    string  `json:"event,omitempty"`    // id of the event that shows it; "" where it is that nothing happened
}

// plant notes that what was last written to a proposal is to be found.
func (c *course) plant(f Finding, number string) { c.plantIn(proposal.Stream(number), f, number) }

// plantIn notes a finding of a proposal that the last event of another stream
// shows.
func (c *course) plantIn(stream string, f Finding, number string) {
	records := c.histories[stream]
	c.planted = append(c.planted, Plant{Finding: f, Cycle: c.year, Proposal: number, Event: records[len(records)-1].ID.String()})
}

// choose marks some of the proposals that are fit for it and not marked yet.
func (c *course) choose(among []string, count int, fit func(proposal.State) bool) []string {
	var out []string
	for _, n := range among {
		if len(out) < count && !c.marked[n] && fit(*c.states[n]) {
			c.marked[n] = true
			out = append(out, n)
		}
	}
	return out
}

func merged(s proposal.State) bool { return len(s.Components) > 0 }
func single(s proposal.State) bool { return s.Origin }

// plantAtOffice prepares what goes wrong at some OPDs, by their place in the
// list of offices.
func (c *course) plantAtOffice(i int, o office, session *assembly) {
	waiting := c.in(opdScope(o), "at_opd")
	if i == 8 || i == 9 { // Dinas Lingkungan Hidup, Dinas Pemberdayaan Masyarakat dan Desa
		c.pingPong(o, c.choose(waiting, 2, single))
	}
	if c.forum != wholeForum { // the rest shows only once the window has closed
		return
	}
	switch i {
	case 0: // Dinas Pekerjaan Umum
		c.neverDecided(MergeDropped, c.choose(waiting, 3, merged))
	case 1, 3: // Dinas Pendidikan, Dinas Perumahan dan Permukiman
		c.backdate(o, session, c.choose(waiting, 2, single))
	case 2: // Dinas Kesehatan
		c.atTheLastHour(o, session, c.choose(waiting, 3, single))
	case 5: // Dinas Sosial
		c.withoutMinutes(o, c.choose(waiting, 3, single))
	case 18: // Dinas Pertanian
		c.handOverLate(o, c.choose(waiting, 3, single))
	case slowOffice:
		silent := c.choose(waiting, 9, single)
		for _, n := range silent {
			c.silent[n] = true
		}
		c.neverDecided(Silent, silent)
	}
}

// neverDecided notes those that nobody decided on until the window closed.
func (c *course) neverDecided(f Finding, numbers []string) {
	c.on(daysBefore.forum.to-2, 12, func() {
		for _, n := range numbers {
			c.plant(f, n)
		}
	})
}

// pingPong sends proposals to another OPD and lets that one send them back.
func (c *course) pingPong(o office, numbers []string) {
	there := offices[o.near[0]]
	send := func(day int, from, to office, why string) {
		c.on(day, 16, func() {
			for _, n := range numbers {
				c.take(c.holder("opd_officer", from.code), n, &proposal.Transferred{To: to.code, Reason: text(why)})
			}
		})
	}
	send(c.forum.handOn, o, there, "Bukan tugas dan fungsi dinas ini.")
	send(c.forum.handOn-2, there, o, "Sudah ditelaah, tetap tugas dinas pengirim.")
	c.on(c.forum.handOn-2, 18, func() {
		for _, n := range numbers {
			c.plant(PingPong, n)
			delete(c.marked, n)
		}
	})
}

// backdate lets the head of an OPD record today what is said to have been decided
// some days ago.
func (c *course) backdate(o office, session *assembly, numbers []string) {
	c.on(239, 11, func() {
		for _, n := range numbers {
			session.covers = append(session.covers, n)
			c.take(c.holder("opd_officer", o.code), n, &proposal.Responded{Leaning: "ragu", Note: text("Menunggu hasil ukur lapangan."), Forum: session.stream})
		}
	})
	c.on(234, 11, func() {
		for _, n := range numbers {
			c.takeOn(c.dayOf(237), c.holder("opd_head", o.code), n, c.rejected(atOPD, session.stream))
			c.plant(Backdated, n)
			delete(c.marked, n)
		}
	})
}

// atTheLastHour lets the head of an OPD decide within the hour in which the
// window closes.
func (c *course) atTheLastHour(o office, session *assembly, numbers []string) {
	c.onTime(daysBefore.forum.to, 15, 12, func() {
		for i, n := range numbers {
			session.covers = append(session.covers, n)
			if i == 0 {
				c.accept(n, c.holder("opd_head", o.code), session)
			} else {
				c.take(c.holder("opd_head", o.code), n, c.rejected(atOPD, session.stream))
			}
			c.plant(LastHour, n)
			delete(c.marked, n)
		}
	})
}

// withoutMinutes lets an OPD reject in a session of which no berita acara was
// ever made.
func (c *course) withoutMinutes(o office, numbers []string) {
	head := c.holder("opd_head", o.code)
	c.on(248, 10, func() {
		a := c.convene("forum_opd", "forum_opd", opdScope(o), head, 248, "susulan")
		for _, n := range numbers {
			c.take(head, n, c.rejected(atOPD, a.stream))
			c.plant(NoReason, n)
		}
	})
}

// handOverLate hands proposals to another OPD on the day before the window
// closes.
func (c *course) handOverLate(o office, numbers []string) {
	to := offices[o.near[1]]
	c.on(daysBefore.forum.to+1, 14, func() {
		for _, n := range numbers {
			c.take(c.holder("opd_officer", o.code), n, &proposal.Transferred{To: to.code, Reason: text("Sub kegiatan ada pada dinas tujuan.")})
		}
	})
	c.neverDecided(LateHandover, numbers)
}

// raiseScores changes the scores of two that are safely on a list which stood
// already, and returns their numbers.
func (c *course) raiseScores(entries []forum.Entry, cutoff int) []string {
	var raised []string
	for i := 2; i < cutoff/2 && len(raised) < 2; i += 3 {
		e := &entries[i]
		e.Scores = slices.Clone(e.Scores)
		e.Scores[1] = min(e.Scores[1]+int64(c.between(4, 15))*1000, 100_000)
		e.Scores[2] += 1000
		e.Score, e.Tie = forum.Score(criteria, e.Scores), ""
		raised = append(raised, e.Proposal)
	}
	return raised
}

// answerVillages sends every village what became of its proposals once the RKPD
// stands, but for some that nobody ever told.
func (c *course) answerVillages() {
	told := daysBefore.rkpd.to - 2
	for i, k := range c.places {
		for n, v := range k.villages {
			c.on(told-i%6, 9, func() {
				covers := c.homes[home{c.year, v.code}]
				if len(covers) == 0 {
					return
				}
				if i%5 == 3 && n == i/5 {
					c.planted = append(c.planted, Plant{Finding: NeverInformed, Cycle: c.year, Village: v.code})
					return
				}
				c.tell(v, covers)
			})
		}
	}
}

// tell sends letters to a village, as many as its proposals need.
func (c *course) tell(v village, covers []string) {
	channel := pick(c.world, delivery.Channels)
	for part := range slices.Chunk(covers, c.longest) {
		c.deliver(c.holder("head_of_planning", ""), delivery.LetterStream(v.code, yearWord(c.year)),
			&delivery.AnswerSent{Village: v.code, Letter: c.paper("surat", "BAPPEDA"), Covers: slices.Clone(part), Channel: channel})
	}
}
