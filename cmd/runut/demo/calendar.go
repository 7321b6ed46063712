package demo

import (
	"fmt"
	"slices"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
)

// daysBefore says how many days before the demo is made things happen. The
// stages follow the planning year: the villages begin, the budget is adopted
// four weeks ago.
var daysBefore = struct {
	appointment, registers, opening                                int
	desa, kecamatan, pokir, forum, referral, kabupaten, rkpd, ppas span
	apbd, objection                                                span
	practice                                                       int
}{
	appointment: 430, registers: 420, opening: 410,
	desa: span{400, 345}, kecamatan: span{340, 292}, pokir: span{340, 285}, forum: span{284, 232}, referral: span{284, 218},
	kabupaten: span{216, 192}, rkpd: span{190, 152}, ppas: span{150, 104}, apbd: span{102, 14}, objection: span{284, 60},
	practice: 10,
}

// A span is the days before on which a window opens and closes.
type span struct{ from, to int }

// windows are those of the complete cycle, in their order.
var windows = []struct {
	name string
	span span
}{
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

var whole = domain.Scope{Kind: domain.ScopeKabupaten}

// at returns a moment so many days before the demo is made.
func (w *world) at(before, hour int) time.Time {
	d := w.o.Day.In(zone)
	return time.Date(d.Year(), d.Month(), d.Day()-before, hour, 0, 0, 0, zone).UTC()
}

func (w *world) date(before int) string {
	return w.at(before, 12).In(zone).Format(time.DateOnly)
}

// decree names a paper of the kabupaten.
func (w *world) decree(kind, number string, before int) domain.Document {
	return domain.Document{Kind: kind, Number: number, Date: w.date(before)}
}

// open begins a cycle under the definition that comes with the program.
func (w *world) open(year int, practice bool) {
	d := w.definition
	w.do(year, w.holder("head_of_planning", ""), act.OnCycle{Year: year, Ask: &cycle.Opened{
		Year: year, Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}, Kabupaten: Kabupaten, Title: "Kabupaten Contoh",
		Zone: "WITA", Demo: true, Practice: practice, Wilayah: "Contoh 1",
	}})
	ppid := w.holder("ppid", "")
	w.do(year, ppid, act.OnCycle{Year: year, Ask: &cycle.PublicationPolicySet{Fields: cycle.Publishable, After: "desa", Ground: w.decree("sk", "PPID/4", daysBefore.opening+5)}})
}

// closeWindow closes a window of the kabupaten with all that may still wait in it.
func (w *world) closeWindow(year int, name string, scope domain.Scope) {
	w.do(year, w.holder("planner", ""), act.CloseWindow{Year: year, Window: name, Scope: scope, Candidates: w.candidates(year, name)})
}

// candidates returns the proposals that may wait for a window to close.
func (w *world) candidates(year int, window string) []string {
	if window == "objection" {
		return slices.DeleteFunc(slices.Clone(w.numbers[year]), func(n string) bool { return len(w.state(n).Flags) == 0 })
	}
	return w.where(year, w.endedBy(window)...)
}

// release lets the public see what has happened so far.
func (w *world) release(year int, stage string) {
	w.do(year, w.holder("ppid", ""), act.OnCycle{Year: year, Ask: &cycle.PublicationReleased{Scope: whole, Stage: stage,
		Ground: domain.Document{Kind: "sk", Number: fmt.Sprintf("PPID/%s/%d", stage, year), Date: w.now.In(zone).Format(time.DateOnly)}}})
}
