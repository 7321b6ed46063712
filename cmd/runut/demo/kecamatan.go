package demo

import (
	"cmp"
	"fmt"
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// Kecamatan that something out of the ordinary happens to, by their place in the
// territory.
const (
	importedKecamatan = 5  // its villages type into SIPD, see fromSIPD
	extendedKecamatan = 14 // its window is extended by decree
	reopenedKecamatan = 16 // its window is opened again by decree

	extendedUntil = 282 // day of the calendar
)

// inKecamatan lets every kecamatan check, merge and rank what its villages sent.
func (c *course) inKecamatan() {
	for i, k := range c.places {
		late := 0
		if i == extendedKecamatan {
			late = 18
			c.on(daysBefore.kecamatan.to+3, 10, func() {
				c.do(c.year, c.holder("head_of_planning", ""), act.ExtendWindow{Year: c.year, Window: "kecamatan", Scope: kecamatanScope(k),
					ClosesAt: c.at(extendedUntil, 16), Decree: c.paper("sk", "BUP")})
			})
		}
		c.oneKecamatan(i, k, late)
	}
}

func (c *course) oneKecamatan(i int, k kecamatan, late int) {
	camat, officer := c.holder("camat", k.code), c.holder("kecamatan_officer", k.code)
	var a *assembly
	c.on(338, 9, func() { a = c.convene("musrenbang_kecamatan", "kecamatan", kecamatanScope(k), camat, 306-late, "") })
	for n, v := range k.villages {
		if n%4 == 2 {
			c.on(333, 11, func() { c.visit(v) })
		}
		c.on(324-n%3, 9, func() { c.checkVillage(v, officer) })
		c.on(318-n%4, 10, func() { c.repairVillage(v, "returned_kec", 82+late) })
	}
	c.on(311, 9, func() { c.mergeKecamatan(k, a, camat) })
	if i%5 == 2 {
		c.on(309, 9, func() { c.unmerge(c.in(kecamatanScope(k), "at_kecamatan"), camat, a) })
	}
	if late > 0 {
		c.on(300, 9, func() { c.visitAgain(k, officer) })
	}
	c.on(306-late, 8, func() { c.attend(a, c.expected(kecamatanScope(k))) })
	c.on(305-late, 9, func() {
		for _, n := range c.in(kecamatanScope(k), "at_kecamatan") {
			if !c.marked[n] && c.chance(4) {
				c.take(camat, n, c.rejected(atKecamatan, a.stream))
				a.covers = append(a.covers, n)
			}
		}
	})
	c.on(304-late, 14, func() {
		numbers := slices.DeleteFunc(c.in(kecamatanScope(k), "at_kecamatan"), func(n string) bool { return c.forgettable(n, 2) })
		c.finalize(a, camat, "L1", kecamatanScope(k), numbers, true)
		if i == reopenedKecamatan {
			c.reopenKecamatan(k, a, camat)
			return
		}
		c.minute(a, 302-late, "agreed_by_opd", "not_agreed_with_reason")
	})
}

// visit notes what planners found on a field visit.
func (c *course) visit(v village) {
	idea, _ := c.idea(v, 0)
	idea.Volume, idea.Priority = domain.Volume{}, 0
	if c.chance(60) {
		idea.Volume = domain.Volume{Amount: "1", Unit: "paket"}
	}
	c.submit(c.holder("planner", ""), &proposal.Submitted{Lane: proposal.KiprahDesa, Idea: idea, Visit: fmt.Sprintf("Kiprah Desa %s %d", v.title(), c.year)})
}

// metThere is what officers write who looked at a place.
const metThere = "Lokasi ditinjau bersama perangkat desa."

// checkVillage lets an officer look at what a village sent: some is returned.
func (c *course) checkVillage(v village, officer domain.Actor) {
	head := c.holder("village_head", v.code)
	for _, n := range c.in(villageScope(v), "at_kecamatan") {
		switch roll := c.random.IntN(100); {
		case roll < 5:
			s := c.say(toRepair)
			c.take(officer, n, &proposal.Returned{Reason: s.code, Fields: []string{"location"}, Note: domain.Mask(s.text), Due: c.date(315)})
		case roll < 6:
			c.withdraw(head, n)
		case roll < 7:
			c.fromVillageFunds(head, n)
		default:
			result := "pass"
			if c.chance(8) {
				result = "fail"
			}
			c.take(officer, n, &proposal.Verified{Kind: "administrasi", Result: result})
			if c.chance(14) {
				c.take(officer, n, &proposal.Verified{Kind: "lapangan", Result: "pass", Note: domain.Mask(metThere)})
			}
		}
	}
}

// visitAgain lets an officer look again at what waits while the kecamatan is
// under water.
func (c *course) visitAgain(k kecamatan, officer domain.Actor) {
	for _, n := range c.in(kecamatanScope(k), "at_kecamatan") {
		c.take(officer, n, &proposal.Verified{Kind: "lapangan", Result: "pass", Note: domain.Mask("Ditinjau lagi setelah banjir surut.")})
	}
}

// forgettable reports whether a proposal is one of the few that nobody puts on
// the list. What was merged of several is not forgotten.
func (c *course) forgettable(n string, percent int) bool {
	return c.chance(percent) && !c.marked[n] && len(c.states[n].Components) == 0
}

// repairVillage lets a village mend what was returned to it, most of it.
func (c *course) repairVillage(v village, state string, percent int) {
	operator := c.holder("village_operator", v.code)
	for _, n := range c.in(villageScope(v), "returned_kec", "returned_opd") {
		if string(c.state(n).At) != state || !c.chance(percent) {
			continue
		}
		c.take(operator, n, &proposal.Revised{Reason: domain.Mask("Lokasi dan lampiran sudah diperbaiki."),
			Idea: proposal.Idea{Location: domain.Mask(c.state(n).Location.Masked + ", dari simpang balai desa ke arah sungai")}})
	}
}

// mergeKecamatan joins what asks for the same: about a third of what is there.
func (c *course) mergeKecamatan(k kecamatan, a *assembly, camat domain.Actor) {
	waiting := c.in(kecamatanScope(k), "at_kecamatan")
	left := len(waiting) * 36 / 100
	for _, group := range c.alike(waiting, 2, 4) {
		if left <= 0 {
			return
		}
		left -= len(group)
		a.covers = append(a.covers, group...)
		a.covers = append(a.covers, c.merge(group, camat, a, "Kecamatan "+k.name))
	}
}

// alike groups proposals that ask the same office for the same work.
func (c *course) alike(numbers []string, least, most int) [][]string {
	by := map[string][]string{}
	var keys []string
	for _, n := range numbers {
		s := c.state(n)
		if s.Kamus == "" || s.Volume.IsZero() || s.Lane == proposal.KiprahDesa {
			continue
		}
		key := s.OPD + " " + s.Kamus + " " + s.Volume.Unit
		if by[key] == nil {
			keys = append(keys, key)
		}
		by[key] = append(by[key], n)
	}
	var out [][]string
	for _, key := range keys {
		for rest := by[key]; len(rest) >= least; {
			n := min(c.between(least, most), len(rest))
			out = append(out, rest[:n:n])
			rest = rest[n:]
		}
	}
	c.random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// merge makes one proposal of several and returns its number.
func (c *course) merge(group []string, by domain.Actor, a *assembly, area string) string {
	title := "Gabungan " + fmt.Sprint(len(group)) + " usulan"
	for _, w := range works {
		if w.code == c.state(group[0]).Kamus {
			title = fmt.Sprintf("%s di %d lokasi, %s", w.name, len(group), area)
		}
	}
	reason := pick(c.world, []string{"Pekerjaan sejenis pada ruas yang bersambung.", "Pekerjaan sejenis, lebih murah bila dikerjakan bersama.", "Satu hamparan, satu perencanaan."})
	numbers := c.do(c.year, by, act.Merge{Children: group, Idea: proposal.Idea{Title: domain.Mask(title), Kamus: c.state(group[0]).Kamus}, Reason: domain.Mask(reason), Forum: a.stream})
	i := slices.IndexFunc(numbers, func(n string) bool { return len(c.state(n).Components) > 0 })
	return numbers[i]
}

// unmerge undoes the first merge among some proposals.
func (c *course) unmerge(among []string, by domain.Actor, a *assembly) {
	for _, n := range among {
		s := c.state(n)
		if len(s.Components) < 2 || s.Visits["merged"] > 0 {
			continue
		}
		c.do(c.year, by, act.Unmerge{Parent: n, Reason: domain.Mask("Kedua desa meminta dibahas sendiri-sendiri karena lokasinya tidak bersambung."), Forum: a.stream})
		return
	}
}

// reopenKecamatan lets a kecamatan that was under water when its window closed
// make its list anew, by decree and with a larger quota.
func (c *course) reopenKecamatan(k kecamatan, a *assembly, camat domain.Actor) {
	scope := kecamatanScope(k)
	c.on(daysBefore.kecamatan.to-5, 10, func() {
		quota, _ := c.cycleNow().Quota("kecamatan", scope)
		c.do(c.year, c.holder("planner", ""), act.OnCycle{Year: c.year, Ask: &cycle.QuotaSet{Scope: scope, Stage: "kecamatan", Count: int(quota.Value) + 6, Decree: c.paper("sk", "BUP")}})
		c.do(c.year, c.holder("head_of_planning", ""), act.ReopenWindow{Year: c.year, Window: "kecamatan", Scope: scope, ClosesAt: c.at(daysBefore.kecamatan.to-20, 16),
			Decree: c.paper("sk", "BUP"), Candidates: c.in(scope, "lapsed", "left_out")})
	})
	c.on(daysBefore.kecamatan.to-12, 14, func() {
		old := forum.Fold(c.histories.Now(a.stream)).Final["L1"]
		entries := slices.Clone(old.Entries)
		on := map[string]bool{}
		for _, e := range entries {
			on[e.Proposal] = true
		}
		fresh := slices.DeleteFunc(c.in(scope, "at_kecamatan"), func(n string) bool { return on[n] })
		for i, n := range fresh { // behind those that were heard in time
			score := []int64{int64(9000 - i), 1000, 1000}
			entries = append(entries, forum.Entry{Proposal: n, Scores: score, Score: forum.Score(criteria, score), Amount: c.state(n).Estimate, Tie: "earlier"})
		}
		raised := c.raiseScores(entries, old.Cutoff)
		slices.SortStableFunc(entries, func(a, b forum.Entry) int { return cmp.Compare(b.Score, a.Score) })
		explainTies(entries)
		c.do(c.year, camat, act.FinalizeList{Forum: a.stream, List: "L2", Scope: scope, Stage: "kecamatan", Criteria: criteria, Entries: entries, Supersedes: "L1"})
		for _, n := range raised {
			c.plantIn(a.stream, ScoreChanged, n)
		}
		a.covers = append(a.covers, fresh...)
		c.minute(a, daysBefore.kecamatan.to-14, "agreed_by_opd", "not_agreed_with_reason")
	})
	c.on(daysBefore.kecamatan.to-21, 9, func() { c.closeWindow(c.year, "kecamatan", scope) })
}

// cycleNow returns the cycle as it stands.
func (c *course) cycleNow() cycle.State { return cycle.Fold(c.histories.Now(cycle.Stream(c.year))) }
