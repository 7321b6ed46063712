package act_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"runut/domain"

	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// What people do in a story. Each verb is one act by whoever's turn it is.
type step func(*town) error

const (
	village1, village2, village3 = "99.01.03.2001", "99.01.03.2002", "99.01.04.2001" // the third lies in another kecamatan
	roads, water                 = "1.03", "1.04"
)

func idea(village string, estimate domain.Rupiah) proposal.Idea {
	return proposal.Idea{
		Village: village, Title: text("Jalan usaha tani"), Problem: text("Hasil panen tidak terangkut saat hujan"), Location: text("RT 03 Dusun Mekar"),
		Volume: domain.Volume{Amount: "350", Unit: "m"}, Estimate: estimate, OPD: roads, Priority: 1,
	}
}

// submitIn hands in a proposal of a village.
func submitIn(name, village string, estimate domain.Rupiah) step {
	return func(w *town) error {
		return w.begin(name, w.as("village_operator", act.Submit{Year: 2027, Ask: &proposal.Submitted{
			Lane: proposal.Musrenbang, Idea: idea(village, estimate), MinutesVillage: paper("berita_acara", start),
		}}, "village:"+village))
	}
}

// begin notes the number that the last act began.
func (w *town) begin(name string, err error) error {
	if err == nil {
		w.name[name], _ = proposal.NumberOf(w.last[0].Stream)
	}
	return err
}

func submit(name string) step { return submitIn(name, village1, 200_000_000) }

func submitPokir(name string) step {
	return func(w *town) error {
		return w.begin(name, w.as("council_member", act.Submit{Year: 2027, Ask: &proposal.Submitted{
			Lane: proposal.Pokir, Idea: idea(village3, 300_000_000), RecessMinutes: paper("risalah", start),
		}}))
	}
}

func submitOPD(name string) step {
	return func(w *town) error {
		i := idea("", 900_000_000)
		return w.begin(name, w.as("opd_planner", act.Submit{Year: 2027, Ask: &proposal.Submitted{Lane: proposal.Teknokratis, Idea: i, SubKegiatan: "1.03.10.2.01.0005"}}, "opd:"+roads))
	}
}

func submitLate(name string) step {
	return func(w *town) error {
		return w.begin(name, w.as("planner", act.Submit{Year: 2027, Ask: &proposal.SubmittedLate{
			Lane: proposal.Pokir, Idea: idea(village1, 100_000_000), Ground: text("Bencana banjir"), Letter: paper("surat", start),
		}}))
	}
}

func appear(name string) step {
	return func(w *town) error {
		return w.begin(name, w.as("tapd", act.Submit{Year: 2027, Ask: &proposal.AppearedInBudget{
			Allocation: proposal.Allocation{Document: paper("perda", start), Amount: 75_000_000}, OPD: roads, Line: "DPA-9", Title: text("Pengadaan mebel"),
		}}))
	}
}

// take does one act on one proposal.
func take(name string, role domain.Role, scope func(*town) string, ask func(*town) proposal.Event) step {
	return func(w *town) error {
		var where []string
		if scope != nil {
			where = []string{scope(w)}
		}
		return w.as(role, act.Take{Proposal: w.number(name), Ask: ask(w)}, where...)
	}
}

func village(name string) func(*town) string { return func(w *town) string { return w.village(name) } }
func kec(name string) func(*town) string     { return func(w *town) string { return w.kecamatan(name) } }
func office(name string) func(*town) string  { return func(w *town) string { return w.opd(name) } }

// entries lists proposals best first.
func (w *town) entries(names []string) []forum.Entry {
	var out []forum.Entry
	for i, n := range names {
		out = append(out, forum.Entry{Proposal: w.number(n), Score: int64(90-i) * 1000})
	}
	return out
}

// villageList makes the village's list final with everybody on it in.
func villageList(names ...string) step {
	return func(w *town) error {
		return w.as("village_head", act.FinalizeList{Forum: w.freshForum("musrenbang_desa", "desa", w.village(names[0])), List: "L1", Entries: w.entries(names)}, w.village(names[0]))
	}
}

// freshForum convenes another session where the last one has a final list.
func (w *town) freshForum(kind, stage, scope string) string {
	f := w.forum(kind, stage, scope)
	if len(forum.Fold(w.log.Now(f)).Final) == 0 {
		return f
	}
	delete(w.name, kind+" "+scope)
	return w.forum(kind, stage, scope)
}

// kecList makes the kecamatan's list final: the first in are in, the others
// below the line.
func kecList(in int, names ...string) step {
	return func(w *town) error {
		return w.as("camat", act.FinalizeList{Forum: w.freshForum("musrenbang_kecamatan", "kecamatan", w.kecamatan(names[0])), List: "L1", Entries: w.entries(names), In: in}, w.kecamatan(names[0]))
	}
}

// supersedeKec makes a second list of the kecamatan's same session final.
func supersedeKec(in int, names ...string) step {
	return func(w *town) error {
		return w.as("camat", act.FinalizeList{Forum: w.kecForum(names[0]), List: "L2", Entries: w.entries(names), In: in, Supersedes: "L1"}, w.kecamatan(names[0]))
	}
}

func kabList(in int, names ...string) step {
	return func(w *town) error {
		scope := domain.Scope{Kind: domain.ScopeOPD, Code: w.state(names[0]).OPD}
		lists := forum.Fold(w.log.Now(w.kabForum())).Final
		for _, l := range lists {
			if l.Scope == scope {
				delete(w.name, "musrenbang_kabupaten kabupaten") // another session
				lists = nil
			}
		}
		return w.as("head_of_planning", act.FinalizeList{Forum: w.kabForum(), List: fmt.Sprintf("L%d", len(lists)+1), Scope: scope, Entries: w.entries(names), In: in})
	}
}

func mergeKec(parent string, children ...string) step {
	return func(w *town) error {
		f := w.kecForum(children[0])
		return w.begin(parent, w.as("camat", act.Merge{Children: w.numbers(children), Reason: text("Satu ruas jalan"), Forum: f}, w.kecamatan(children[0])))
	}
}

func mergeOPD(parent string, children ...string) step {
	return func(w *town) error {
		f := w.opdForum(children[0])
		return w.begin(parent, w.as("opd_head", act.Merge{Children: w.numbers(children), Reason: text("Satu ruas jalan"), Forum: f}, w.opd(children[0])))
	}
}

func (w *town) numbers(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = w.number(n)
	}
	return out
}

func unmerge(parent string, role domain.Role) step {
	return func(w *town) error {
		f, scope := w.opdForum(parent), []string{w.opd(parent)}
		if stage := musrenbang().States[w.state(parent).At].Stage; stage == "kecamatan" {
			f, scope = w.kecForum(parent), []string{w.kecamatan(parent)}
		} else if stage == "kabupaten" || stage == "rkpd" || stage == "ppas" {
			f = w.kabForum()
		}
		if role == "planner" {
			scope = nil
		}
		return w.as(role, act.Unmerge{Parent: w.number(parent), Reason: text("Ternyata dua ruas"), Forum: f}, scope...)
	}
}

// split divides a proposal into parts of equal weight.
func split(name string, parts ...string) step {
	return func(w *town) error {
		a := act.Split{Proposal: w.number(name), Reason: text("Dua pekerjaan")}
		for range parts {
			a.Parts = append(a.Parts, act.Part{Weight: 1})
		}
		err := w.as("opd_head", a, w.opd(name))
		if err == nil {
			for i, p := range parts {
				w.name[p], _ = proposal.NumberOf(w.last[1+i].Stream)
			}
		}
		return err
	}
}

func accept(name string) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		p := w.state(name)
		return &proposal.AcceptedByOPD{Forum: w.opdForum(name), SubKegiatan: "1.03.10.2.01.0005", Volume: p.Volume, Estimate: p.Estimate}
	})
}

func acceptLess(name string, estimate domain.Rupiah) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		return &proposal.AcceptedByOPD{Forum: w.opdForum(name), SubKegiatan: "1.03.10.2.01.0005", Volume: domain.Volume{Amount: "200", Unit: "m"}, Estimate: estimate, Change: text("Lebar jalan dikurangi")}
	})
}

func rejectOPD(name string) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		return &proposal.Rejected{Reason: "TEK-LAYAK", Text: text("Tanah di lokasi terlalu labil"), Ground: "Permen PUPR 5/2023", Forum: w.opdForum(name)}
	})
}

func returnOPD(name string) step {
	return take(name, "opd_officer", office(name), func(w *town) proposal.Event {
		return &proposal.Returned{Reason: "ADM-LENGKAP", Due: w.now.AddDate(0, 0, 2).Format(time.DateOnly), Note: text("RAB belum ada")}
	})
}

func transfer(name, to string) step {
	return take(name, "opd_officer", office(name), func(*town) proposal.Event {
		return &proposal.Transferred{To: to, Reason: text("Bukan tugas kami")}
	})
}

func refer(name string) step {
	return take(name, "planner", nil, func(*town) proposal.Event {
		return &proposal.Referred{Target: "provinsi", LegalGround: "UU 23/2014 lampiran", Letter: paper("surat", start)}
	})
}

func answer(name, how string, late bool) step {
	role := domain.Role("province_planner")
	if late {
		role = "planner"
	}
	return take(name, role, nil, func(*town) proposal.Event {
		e := &proposal.ReferralAnswered{Answer: how, Late: late, Letter: paper("surat", start)}
		if how == "no" {
			e.Reason = "KWN-TOLAK"
		}
		return e
	})
}

func withdraw(name string) step {
	return take(name, "village_head", village(name), func(*town) proposal.Event {
		return &proposal.Withdrawn{Reason: "PGS-TARIK"}
	})
}

func object(name string) step {
	return take(name, "village_head", village(name), func(w *town) proposal.Event {
		return &proposal.Objected{Text: text("Kami punya hasil uji tanah"), Deadline: w.now.AddDate(0, 0, 14).Format(time.DateOnly)}
	})
}

func uphold(name string) step {
	return func(w *town) error {
		return w.as("head_of_planning", act.AnswerObjection{Proposal: w.number(name), Result: "upheld", Text: text("Sanggahan beralasan"), Document: paper("surat", w.now)})
	}
}

// adopt lets a document decide.
func adopt(kind string, role domain.Role, decisions ...func(*town) act.Decision) step {
	return func(w *town) error {
		a := act.AdoptDocument{Year: 2027, Kind: kind, Document: paper(kind, w.now), Lines: len(decisions) + 1, Total: 9_000_000_000}
		a.Document.Number = kind + w.now.Format("/150405/2026")
		for _, d := range decisions {
			a.Decisions = append(a.Decisions, d(w))
		}
		return w.as(role, a)
	}
}

func rkpd(names ...string) step {
	return adopt("rkpd", "head_of_planning", each(names, func(p proposal.State) proposal.Event {
		return &proposal.IncludedInRKPD{Allocation: proposal.Allocation{SubKegiatan: "1.03.10.2.01.0005", Amount: p.Estimate}}
	})...)
}

func ppas(names ...string) step {
	return adopt("ppas", "tapd", each(names, func(p proposal.State) proposal.Event {
		return &proposal.IncludedInPPAS{Allocation: proposal.Allocation{SubKegiatan: "1.03.10.2.01.0005", Amount: p.Included["rkpd"]}}
	})...)
}

func apbd(names ...string) step {
	return adopt("apbd", "tapd", each(names, func(p proposal.State) proposal.Event {
		amount := p.Included["ppas"]
		if amount == 0 {
			amount = p.Estimate
		}
		return &proposal.Funded{Allocation: proposal.Allocation{Amount: amount}, Line: "DPA-1", Account: "5.2.04.01", Source: "DAU", LineTotal: 5_000_000_000}
	})...)
}

func each(names []string, f func(proposal.State) proposal.Event) []func(*town) act.Decision {
	var out []func(*town) act.Decision
	for _, n := range names {
		out = append(out, func(w *town) act.Decision { return act.Decision{Proposal: w.number(n), Ask: f(w.state(n))} })
	}
	return out
}

func revise(name string, to domain.Rupiah) step {
	return take(name, "tapd", nil, func(*town) proposal.Event {
		return &proposal.AmountRevised{New: to, Ground: paper("perkada", start)}
	})
}

func cancel(name string) step {
	return take(name, "tapd", nil, func(*town) proposal.Event {
		return &proposal.Cancelled{Reason: "FIS-REFOKUS", LegalGround: paper("inpres", start)}
	})
}

func reinstate(name string, to workflow.State, role domain.Role, amount domain.Rupiah) step {
	return take(name, role, nil, func(w *town) proposal.Event {
		return &proposal.Reinstated{Resume: string(to), Ground: "reversal", Document: paper("sk", w.now), Amount: amount}
	})
}

func complete(name string) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		return &proposal.Completed{Handover: paper("bast", w.now), Physical: 10_000, Financial: 10_000}
	})
}

func carryOver(name string, role domain.Role) step {
	return func(w *town) error {
		var where []string
		if role == "village_head" {
			where = []string{w.village(name)}
		}
		return w.as(role, act.CarryOver{Proposal: w.number(name)}, where...)
	}
}

// shut closes a window for everybody who has none of their own.
func shut(window string) step { return shutFor(window, domain.Scope{}) }

func shutFor(window string, scope domain.Scope) step {
	return func(w *town) error {
		return w.as("planner", act.CloseWindow{Year: 2027, Window: window, Scope: scope, Candidates: w.proposals(2027)})
	}
}

// reopen opens it again for some days, and takes along the windows after it
// that would end before.
func reopen(window string, covers ...string) step {
	return func(w *town) error {
		end, _ := w.cycle(2027).Find(window, domain.Scope{Kind: domain.ScopeKabupaten})
		closes := end.ClosesAt
		if !closes.After(w.now.Add(time.Hour)) {
			closes = w.now.AddDate(0, 0, 5)
		}
		return w.as("head_of_planning", act.ReopenWindow{Year: 2027, Window: window, ClosesAt: closes, Decree: paper("sk_buka", w.now), Covers: w.numbers(covers), Candidates: w.proposals(2027)})
	}
}

func extend(window string, scope domain.Scope, closes time.Time) step {
	return func(w *town) error {
		return w.as("head_of_planning", act.ExtendWindow{Year: 2027, Window: window, Scope: scope, ClosesAt: closes, Decree: paper("sk_perpanjang", w.now)})
	}
}

// wait lets days pass.
func wait(days int) step {
	return func(w *town) error { w.now = w.now.AddDate(0, 0, days); return nil }
}

// until lets time pass to a window's end.
func until(window string) step {
	return func(w *town) error {
		end, _ := w.cycle(2027).Find(window, domain.Scope{Kind: domain.ScopeKabupaten})
		if end.ClosesAt.After(w.now) {
			w.now = end.ClosesAt
		}
		return nil
	}
}

// to brings proposals to a state by the shortest way.
func inKecamatan(names ...string) step {
	return func(w *town) error {
		for _, n := range names {
			if err := submit(n)(w); err != nil {
				return err
			}
		}
		return villageList(names...)(w)
	}
}

func inOPD(names ...string) step {
	return all(inKecamatan(names...), kecList(len(names), names...))
}

func accepted(names ...string) step {
	return func(w *town) error {
		if err := inOPD(names...)(w); err != nil {
			return err
		}
		for _, n := range names {
			if err := accept(n)(w); err != nil {
				return err
			}
		}
		return nil
	}
}

func agreed(names ...string) step {
	return all(accepted(names...), kabList(len(names), names...))
}

func funded(names ...string) step {
	return all(agreed(names...), rkpd(names...), ppas(names...), apbd(names...))
}

func all(steps ...step) step {
	return func(w *town) error {
		for _, s := range steps {
			if err := s(w); err != nil {
				return err
			}
		}
		return nil
	}
}

type windowKey = cycle.WindowKey

var (
	forumOPD  = windowKey{Window: "forum_opd", Scope: domain.Scope{Kind: domain.ScopeKabupaten}}
	cycle2027 = cycle.Stream(2027)
)

// nextCycle opens the cycle of the year after.
func nextCycle(w *town) error { w.open(2028); return nil }

func verifyPokir(name string) step {
	return take(name, "council_secretary", nil, func(*town) proposal.Event {
		return &proposal.Prioritized{Ranking: proposal.Ranking{List: "pokir-2027", Rank: 1}}
	})
}

// observe is what an import says of a proposal.
func observe(name string, facts []proposal.Event, outcome proposal.Event) step {
	return func(w *town) error {
		return w.as("importer", act.Observe{Year: 2027, Source: "sipd", File: "ff", Rows: []act.Row{{Row: 2, Proposal: w.number(name), Facts: facts, Outcome: outcome}}})
	}
}

// correct asks for a correction by two persons.
func (w *town) correct(name string, f act.Fix, also ...act.Fix) error {
	second := w.who("head_of_planning")
	w.second = &second
	return w.as("approver", act.Correct{Proposal: w.number(name), Fix: f, Reason: text("Salah ketik"), Also: also})
}

// recordLate records an acceptance that was decided on a day on paper.
func (w *town) recordLate(name string, void uuid.UUID, at time.Time, evidence domain.Document) error {
	p := w.state(name)
	f := w.opdForum(name)
	w.who("opd_head", w.opd(name))
	second := w.who("approver")
	w.second, w.past = &second, domain.Moment(at)
	return w.as("opd_head", act.RecordLate{
		Proposal: w.number(name), Void: void, Evidence: evidence, Reason: text("Berita acara baru diterima"),
		Ask: &proposal.AcceptedByOPD{Forum: f, SubKegiatan: "1.03.10.2.01.0005", Volume: p.Volume, Estimate: p.Estimate},
	}, w.opd(name))
}

// redact closes a text of the newest event of what is called from.
func redact(name, from, field string) step {
	return func(w *town) error {
		second := w.who("head_of_planning")
		w.second = &second
		return w.as("approver", act.Take{Proposal: w.number(name), Ask: &proposal.TextRedacted{Target: w.newest(from).ID.String(), Field: field, Ground: paper("putusan_ppid", start)}})
	}
}
