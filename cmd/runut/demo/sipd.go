package demo

import (
	"fmt"
	"slices"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
	"runut/domain/proposal"
)

// A weekly is the series of SIPD exports of one kecamatan, whose villages type
// into SIPD what others hand in here.
type weekly struct {
	*course
	place kecamatan
	last  time.Time // when the export before was made
	file  string    // its digest
	held  int       // rows of it in quarantine
	known []string  // proposals with a row
	rows  []act.Row // of the export at hand
	ids   int
}

// fromSIPD takes in an export every week, from the weeks in which the kecamatan
// checks what came until its OPDs have decided.
func (c *course) fromSIPD() {
	place := c.places[importedKecamatan]
	if len(place.villages) == 0 {
		return
	}
	x := &weekly{course: c, place: place}
	for week, day := range []int{332, 325, 318, 311, 304, 297, 276, 269, 262, 255, 248, 241} {
		c.on(day, 16, func() { x.export(week) })
	}
}

// export takes in the export of one week.
func (x *weekly) export(week int) {
	exported := x.now.Add(-40 * time.Minute).UTC().Truncate(time.Second)
	if x.last.IsZero() {
		x.last = exported.AddDate(0, 0, -7)
	}
	x.rows = nil
	missing, held := 0, 0
	var planted []func()
	switch {
	case week == 0:
		x.newcomers(3)
		held = 2
	case week == 1:
		x.newcomers(1)
		held = 1
	case week == 3 && len(x.known) > 25:
		missing = 1
		x.note(x.known[len(x.known)-1], &proposal.SourceMissing{File: x.fileOf(week)})
	case week == 4 && len(x.known) > 25:
		x.note(x.known[len(x.known)-1], &proposal.SourceFound{File: x.fileOf(week)})
	case week == 5:
		planted = x.oddities()
	}
	x.opinions(week)
	x.receive(exported, week, missing, held, planted)
}

func (x *weekly) fileOf(week int) string {
	return digest(fmt.Sprintf("sipd %d %s %d", x.year, x.place.code, week))
}

// newcomers are proposals that the villages typed into SIPD alone, agreed there
// by the head of the village.
func (x *weekly) newcomers(each int) {
	for _, v := range x.place.villages {
		for range each * x.o.Scale {
			if v.silent {
				break
			}
			idea, _ := x.idea(v, 0)
			x.rows = append(x.rows, act.Row{
				New:     &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea, SourceID: x.id()},
				Facts:   []proposal.Event{&proposal.Recommended{Level: "lurah", Result: "Diterima", Volume: idea.Volume, Amount: idea.Estimate}},
				Outcome: &proposal.Prioritized{Step: proposal.Step{Stage: "desa"}},
			})
		}
	}
}

func (x *weekly) id() string {
	x.ids++
	return fmt.Sprintf("%d%06d", x.year, 310_000+x.ids)
}

// opinions are what others say of the proposals in SIPD's columns: the camat at
// first, later its OPD and the partner.
func (x *weekly) opinions(week int) {
	level, state := "camat", "at_kecamatan"
	if week > 5 {
		level, state = []string{"skpd", "mitra"}[week%2], "at_opd"
	}
	for _, n := range x.known {
		s := x.states[n]
		if string(s.At) != state || x.marked[n] || !x.chance(22) {
			continue
		}
		said := &proposal.Recommended{Level: level, Result: "Diterima", Volume: s.Volume, Amount: s.Estimate}
		switch {
		case x.chance(20):
			said.Result, said.Amount = "Diterima dengan perubahan", s.Estimate*9/10/1000*1000
		case x.chance(10):
			said.Result, said.Note = "Ditolak", text("Belum ada surat hibah tanah.")
		}
		x.note(n, said)
	}
}

// note adds a fact to a proposal's row.
func (x *weekly) note(number string, fact proposal.Event) {
	if i := slices.IndexFunc(x.rows, func(r act.Row) bool { return r.Proposal == number }); i >= 0 {
		x.rows[i].Facts = append(x.rows[i].Facts, fact)
		return
	}
	x.rows = append(x.rows, act.Row{Proposal: number, Facts: []proposal.Event{fact}})
}

// oddities are what our own commands would have refused: proposals below the line
// that went on past better ones, some that no village ever saw, rejections
// without a word. It returns what is to be noted of them once they are recorded.
func (x *weekly) oddities() []func() {
	var then []func()
	note := func(f Finding, number func() string) {
		then = append(then, func() { x.plant(f, number()) })
	}
	below := x.in(kecamatanScope(x.place), "below_line_kec")
	slices.SortFunc(below, func(a, b string) int {
		return x.states[a].Lists["kecamatan"].Rank - x.states[b].Lists["kecamatan"].Rank
	})
	for _, n := range below[min(len(below), max(len(below)-2, 1)):] { // never the best of them: it has nobody to pass
		x.rows = append(x.rows, act.Row{Proposal: n, Outcome: &proposal.Prioritized{Step: proposal.Step{Stage: "kecamatan"}}})
		note(RankLeapfrogged, func() string { return n })
	}
	for _, n := range x.choose(x.in(kecamatanScope(x.place), "at_opd"), 3, func(s proposal.State) bool { return s.Origin && s.Lane == proposal.Musrenbang }) {
		x.rows = append(x.rows, act.Row{Proposal: n, Outcome: &proposal.Rejected{}})
		note(NoReason, func() string { return n })
	}
	for i, v := range x.place.villages[:min(3, len(x.place.villages))] {
		idea, _ := x.idea(v, 0)
		x.rows = append(x.rows, act.Row{New: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea, SourceID: x.id()}, Outcome: &proposal.Prioritized{Step: proposal.Step{Stage: "kecamatan"}}})
		count := min(3, len(x.place.villages))
		note(NoVillageTrace, func() string { return x.known[len(x.known)-count+i] })
	}
	return then
}

// receive records the export: the file, what its rows show, and what becomes of rows
// that could not be read the week before.
func (x *weekly) receive(exported time.Time, week, missing, held int, planted []func()) {
	importer := x.holder("importer", "")
	between := domain.Interval{From: x.last, To: exported, Precision: domain.BetweenExports}
	fresh := 0
	for i := range x.rows {
		row := &x.rows[i]
		row.Row, row.Occurred = 4+i, between
		switch {
		case row.Proposal == "":
			fresh++
		case !slices.Contains(x.known, row.Proposal): // handed in here, and by now in SIPD too
			x.known = append(x.known, row.Proposal)
		}
	}
	unchanged := len(x.known) - (len(x.rows) - fresh)
	accepted := len(x.rows) - missing
	file := x.fileOf(week)
	before := len(x.numbers[x.year])
	x.do(x.year, importer, act.Observe{Year: x.year, Source: "sipd", File: file, Rows: x.rows, Received: &delivery.Received{
		Source: "sipd", Digest: file, ExportedAt: exported, Coverage: []string{x.place.code},
		Rows: accepted + unchanged + held, Accepted: accepted, Unchanged: unchanged, Quarantined: held, Missing: missing,
	}})
	x.known = append(x.known, x.numbers[x.year][before:]...)
	for _, f := range planted {
		f()
	}
	if x.held > 0 {
		rows := make([]int, x.held)
		for i := range rows {
			rows[i] = 100*week + i
		}
		x.deliver(importer, delivery.ImportStream("sipd", yearWord(x.year)), &delivery.QuarantineResolved{File: x.file, Rows: rows, How: "reimported", Note: text("Satuan dan harga diperbaiki oleh operator desa.")})
	}
	x.last, x.file, x.held = exported, file, held
}
