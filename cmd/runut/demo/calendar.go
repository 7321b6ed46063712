package demo

import (
	"fmt"
	"slices"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
)

// daysBefore is the calendar of a planning year: how many days before the demo
// is made things happen in the cycle whose budget was adopted four weeks ago.
// The other cycles follow the same calendar, so many days earlier or later.
var daysBefore = struct {
	opening                                                        int
	desa, kecamatan, pokir, forum, referral, kabupaten, rkpd, ppas span
	apbd, objection                                                span
	practice                                                       int
}{
	opening: 410,
	desa:    span{400, 345}, kecamatan: span{333, 296}, pokir: span{340, 285}, forum: span{284, 232}, referral: span{284, 218},
	kabupaten: span{216, 192}, rkpd: span{190, 152}, ppas: span{150, 104}, apbd: span{102, 14}, objection: span{284, 60},
	practice: 10,
}

// How many days earlier than that calendar the cycles run.
const (
	executedEarlier = 365  // its year of execution ended eleven days ago
	ongoingEarlier  = -238 // the forums of its OPDs close in six days
)

// The kabupaten existed before its first cycle.
const (
	appointmentDay = daysBeforeFirst + 30
	registersDay   = daysBeforeFirst + 20

	daysBeforeFirst = 410 + executedEarlier
)

// A span is the days before on which a window opens and closes.
type span struct{ from, to int }

// A window of a cycle and when it is open.
type windowSpan struct {
	name string
	span span
}

// windows are those of a whole planning year, in their order.
var windows = []windowSpan{
	{"desa", daysBefore.desa},
	{"kecamatan", daysBefore.kecamatan},
	{"pokir", daysBefore.pokir},
	{"forum_opd", daysBefore.forum},
	{"referral", daysBefore.referral},
	{"kabupaten", daysBefore.kabupaten},
	{"rkpd", daysBefore.rkpd},
	{"ppas", daysBefore.ppas},
	{"apbd", daysBefore.apbd},
	{"objection", daysBefore.objection},
}

// The days of the forum perangkat daerah.
type forumDays struct {
	convene, before, respond, handOn, merge, refer, split, session, giveBack, again int
}

var (
	wholeForum = forumDays{convene: 283, before: 276, respond: 275, handOn: 273, merge: 266, refer: 270, split: 265, session: 258, giveBack: 258, again: 241}
	// shortForum is the forum that is in session now: it opened three weeks ago.
	shortForum = forumDays{convene: 257, before: 254, respond: 253, handOn: 251, merge: 247, refer: 249, split: 246, session: 243, giveBack: 248, again: 1}
	// shortWindows are the windows of that cycle which have begun.
	shortWindows = []windowSpan{
		{"desa", daysBefore.desa},
		{"kecamatan", daysBefore.kecamatan},
		{"pokir", daysBefore.pokir},
		{"forum_opd", span{258, daysBefore.forum.to}},
		{"referral", span{258, daysBefore.referral.to}},
		{"objection", span{258, daysBefore.objection.to}},
	}
)

var whole = domain.Scope{Kind: domain.ScopeKabupaten}

// at returns a moment so many days before the demo is made.
func (w *world) at(before, hour int) time.Time {
	d := w.o.Day.In(zone)
	return time.Date(d.Year(), d.Month(), d.Day()-before, hour, 0, 0, 0, zone).UTC()
}

func (w *world) date(before int) string {
	return w.at(before, 12).In(zone).Format(time.DateOnly)
}

// open begins a cycle under the definition that comes with the program.
func (w *world) open(year int, practice bool) {
	d := w.definition
	w.do(year, w.holder("head_of_planning", ""), act.OnCycle{Year: year, Ask: &cycle.Opened{
		Year: year, Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}, Kabupaten: Kabupaten, Title: "Kabupaten Contoh",
		Zone: "WITA", Demo: true, Practice: practice, Wilayah: "Contoh 1",
	}})
	ppid := w.holder("ppid", "")
	w.do(year, ppid, act.OnCycle{Year: year, Ask: &cycle.PublicationPolicySet{Fields: cycle.Publishable, After: "desa", Ground: domain.Document{Kind: "sk", Number: fmt.Sprintf("PPID/4/%d", year), Date: w.now.In(zone).AddDate(0, 0, -5).Format(time.DateOnly)}}})
}

// closeWindow closes a window of the kabupaten with all that may still wait in it.
func (w *world) closeWindow(year int, name string, scope domain.Scope) {
	w.do(year, w.holder("planner", ""), act.CloseWindow{Year: year, Window: name, Scope: scope, Candidates: w.candidates(year, name)})
}

// candidates returns the proposals that may wait for a window to close.
func (w *world) candidates(year int, window string) []string {
	if window == "objection" {
		return slices.DeleteFunc(slices.Clone(w.numbers[year]), func(n string) bool { return w.states[n] == nil || len(w.states[n].Flags) == 0 })
	}
	return w.where(year, w.endedBy(window)...)
}

// release lets the public see what has happened so far.
func (w *world) release(year int, stage string) {
	w.do(year, w.holder("ppid", ""), act.OnCycle{Year: year, Ask: &cycle.PublicationReleased{Scope: whole, Stage: stage,
		Ground: domain.Document{Kind: "sk", Number: fmt.Sprintf("PPID/%s/%d", stage, year), Date: w.now.In(zone).Format(time.DateOnly)}}})
}
