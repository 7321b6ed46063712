package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	say "runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/history"
	"runut/domain/process"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/projections"
)

// at is a moment of the sample year.
func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 30, 0, 0, domain.Zones["WITA"])
}

// look returns a visit to address that has read nothing yet.
func look(t *testing.T, lang text.Lang, address string) *visit {
	t.Helper()
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	kecamatan := domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}
	return &visit{Pages: new(Pages), r: httptest.NewRequest("GET", address, nil), lang: lang, flow: definition, zone: domain.Zones["WITA"], now: at(11, 22), position: 35194,
		cycles: []projections.PublicCycle{{Year: 2027, Demo: true, Title: "Kabupaten Contoh", Kabupaten: "99.01", Zone: "WITA",
			Releases: []projections.PublicRelease{{Scope: domain.Scope{Kind: domain.ScopeKabupaten}, At: at(11, 18), Position: 35000}},
			Windows: []projections.PublicWindow{
				{Window: "kecamatan", Scope: kecamatan, OpensAt: at(1, 5), ClosesAt: at(2, 1), Shut: true},
				{Window: "objection", Scope: domain.Scope{Kind: domain.ScopeKabupaten}, OpensAt: at(9, 1), ClosesAt: at(12, 1)},
			}}}}
}

var samplePlaces = names{"99.01.03": "Contoh Pesisir", "99.01.03.2001": "Desa Pesisir Harapan", "99.01.03.2002": "Desa Pesisir Jaya"}
var sampleOffices = names{"1.03": "Dinas Pekerjaan Umum", "1.02": "Dinas Kesehatan"}

func event(n int64, name string, when time.Time, role domain.Role, office string) projections.Step {
	return projections.Step{Position: n, Event: uuid.NewSHA1(uuid.NameSpaceOID, []byte{byte(n)}), Number: "U-27-00451SD", Type: "proposal." + name,
		Effective: when, Recorded: when, Occurred: domain.Moment(when), Role: role, Office: office}
}

// sampleSubject is a proposal to which about everything happened that can, and
// which nobody decided on in the end.
func sampleSubject() *subject {
	submitted := event(3406, "submitted", at(1, 3), "village_operator", "Desa Pesisir Harapan")
	submitted.To, submitted.Stage, submitted.Forum = "submitted", "desa", "forum-1"
	submitted.Changes = []projections.Change{{Field: "title", New: "Rehabilitasi <saluran> irigasi"}, {Field: "estimate", New: "188000000"}, {Field: "volume", New: "200.5 m"}, {Field: "opd", New: "1.02"}}
	submitted.Docs = []projections.Evidence{{Name: "minutes_village", Document: domain.Document{Kind: "berita_acara", Number: "BA-MD/099/2027", Date: "2026-01-02"}}}
	ranked := event(4435, "prioritized", at(1, 4), "village_head", "Desa Pesisir Harapan")
	ranked.From, ranked.To, ranked.Rank = "submitted", "at_kecamatan", &projections.Place{Rank: 17, Of: 36, Cutoff: 32}
	checked := event(4500, "verified", at(1, 8), "kecamatan_officer", "Kecamatan Contoh Pesisir")
	checked.From, checked.To, checked.Minor = "at_kecamatan", "at_kecamatan", true
	checked.Facts = []projections.Fact{{Name: "kind", Value: "administrasi"}, {Name: "result", Value: "fail"}}
	noted := event(4501, "recommended", at(1, 9), "camat", "Kecamatan Contoh Pesisir")
	noted.From, noted.To, noted.Minor = "at_kecamatan", "at_kecamatan", true
	moved := event(4600, "office_changed", at(1, 10), "planner", "Bappeda")
	moved.From, moved.To, moved.Changes = "at_kecamatan", "at_kecamatan", []projections.Change{{Field: "opd", Old: "1.02", New: "1.03"}}
	wrong := event(4700, "rejected", at(1, 12), "camat", "Kecamatan Contoh Pesisir")
	wrong.From, wrong.To, wrong.Reason, wrong.Corrected, wrong.CorrectedBy = "at_kecamatan", "rejected", "KWN-DESA", "void", 4800
	fixed := event(4800, "corrected", at(1, 14), "approver", "Sekretariat Daerah")
	fixed.Correction, fixed.Target = "void", wrong.Event
	fixed.Words = []projections.Fact{{Name: "reason", Value: "Salah nomor usulan"}}
	read := event(4900, "recommended", at(1, 15), "importer", "Bappeda")
	read.Observed, read.Late, read.Recorded = new(proposal.Observed), true, at(1, 20)
	lapsed := event(20993, "lapsed", at(2, 1), "planner", "Bappeda")
	lapsed.From, lapsed.To, lapsed.Stage, lapsed.Reason, lapsed.Kind = "at_kecamatan", "lapsed", "kecamatan", "WKT-TUTUP", "omission"
	lapsed.Holder, lapsed.CouldAct, lapsed.Since, lapsed.Window = "camat@99.01.03", []string{"camat@99.01.03"}, at(1, 4), "kecamatan"
	s := &subject{
		answer: &Answered{Title: "Apa yang terjadi, dan mengapa", Lost: true, See: []Link{{"Lihat peristiwa penentunya (#20.993)", "#p20993"}}, Answer: say.Answer{Headline: "Usulan ini tidak didanai.",
			Sentences: []string{"Tidak ada yang memutuskan usulan ini sampai masa musrenbang kecamatan ditutup pada 1 Februari 2026."}, Gaps: []string{"Alasan putusan tidak dicatat."}}},
		summary: summary{Number: "U-27-00451SD", Cycle: 2027, Lane: "musrenbang", Village: "99.01.03.2001", Kecamatan: "99.01.03", OPD: "1.03", Kamus: "IRG-01",
			Title: "Rehabilitasi <saluran> irigasi", Basic: "air_sanitasi", State: "lapsed", Stage: "kecamatan", Since: at(2, 1), Fate: "dropped", Kind: "omission",
			Reason: "WKT-TUTUP", Asked: 188_000_000, Estimate: 188_000_000, Volume: domain.Volume{Amount: "200.5", Unit: "m"}, Rank: 17, RankOf: 36, Cutoff: 32, Released: at(11, 18)},
		steps:  []projections.Step{submitted, ranked, checked, noted, moved, wrong, fixed, read, lapsed},
		forums: map[int64]projections.PublicForum{3406: {Kind: "musrenbang_desa", Date: "2026-01-02"}},
		hidden: 1, places: samplePlaces, opd: sampleOffices,
		family: family{
			nodes: []relative{
				{summary{Number: "U-27-00451SD", Cycle: 2027, Title: "Rehabilitasi <saluran> irigasi", State: "lapsed", Fate: "dropped", Asked: 188_000_000}, 0, "99.01.03.2001"},
				{summary{Number: "U-27-00ASC19", Cycle: 2027, Title: "Saluran RT 04", State: "merged", Fate: "funded", Asked: 50_000_000}, 0, "99.01.03.2002"},
				{summary{Number: "U-27-BXF04VK", Cycle: 2027, Title: "Paket saluran", State: "funded", Fate: "funded", Granted: 230_000_000}, 1, ""},
			},
			edges: []projections.PublicEdge{
				{From: "U-27-00451SD", To: "U-27-BXF04VK", Kind: "merged", Weight: 188, Of: 238, Ended: true},
				{From: "U-27-00ASC19", To: "U-27-BXF04VK", Kind: "merged", Weight: 50, Of: 238},
			},
		},
		shares: []projections.OriginShare{
			{Heir: "U-27-BXF04VK", Count: 210_084, Asked: 39_495_798, Granted: 38_000_000, Fate: "funded"},
			{Heir: "U-27-00451SD", Count: 789_916, Asked: 148_504_202, Fate: "dropped", Reason: "WKT-TUTUP"},
		},
	}
	return s
}

// sampleTotals conserve: three origins, one funded in part.
func sampleTotals() projections.Totals {
	const one = projections.One
	tally := func(count projections.Share, asked domain.Rupiah) projections.Tally {
		return projections.Tally{Count: count, Asked: asked}
	}
	return projections.Totals{
		Origins: 4, Count: 4 * one, Asked: 700_000_000, Granted: 230_000_000, Cut: 30_000_000, Uplift: 10_000_000, Unasked: 55_000_000, Merged: 2,
		Fates: []projections.FateSum{
			{Fate: "funded", Headline: 1, Count: one + one/2, Asked: 250_000_000},
			{Fate: "partly", Headline: 1},
			{Fate: "dropped", Headline: 1, Count: one + one/2, Asked: 250_000_000},
			{Fate: "unannounced", Headline: 1, Count: one, Asked: 200_000_000},
		},
		Stages: []projections.StageSum{
			{Stage: "desa", Entered: tally(4*one, 700_000_000), WentOn: tally(3*one, 500_000_000), Ended: tally(one, 200_000_000)},
			{Stage: "execution", Came: tally(3*one, 500_000_000), Ended: tally(3*one, 500_000_000)},
		},
		Losses: []projections.LossSum{
			{Stage: "desa", Fate: "unannounced", Tally: tally(one, 200_000_000)},
			{Stage: "execution", Fate: "funded", Tally: tally(one+one/2, 250_000_000)},
			{Stage: "execution", Fate: "dropped", Kind: "act", Tally: tally(one, 150_000_000)},
			{Stage: "execution", Fate: "dropped", Kind: "omission", Tally: tally(one/2, 100_000_000)},
		},
	}
}

func sampleReasons() []projections.ReasonSum {
	return []projections.ReasonSum{
		{Reason: "PAG-KURANG", Stage: "forum_opd", Fate: "dropped", Headline: 1, Tally: projections.Tally{Count: projections.One, Asked: 150_000_000}},
		{Reason: "ALS-KOSONG", Stage: "rkpd", Fate: "dropped", Headline: 1, Tally: projections.Tally{Count: projections.One / 2, Asked: 100_000_000}},
		{Reason: "PGS-TARIK", Stage: "desa", Fate: "withdrawn", Headline: 1, Tally: projections.Tally{Count: projections.One}},
	}
}

func sampleHome(v *visit) *Home {
	page := &Home{Shell: v.shell("home", v.t("home.title"), v.chosen()), Year: 2027, Years: v.years(2027, "/?")}
	page.figures(v, sampleTotals(), sampleReasons())
	page.stages(v, sampleTotals())
	page.ledger(v, sampleTotals())
	page.reasons(v, sampleReasons())
	page.coverage(v, []projections.Covered{{Kecamatan: "99.01.03", Villages: 2, Submitted: 1, Silent: []string{"99.01.03.2002"}, Origins: 4, Asked: 700_000_000, Granted: 230_000_000}}, samplePlaces)
	return page
}

// sampleHead is a head whose note is as long as a signed one.
var sampleHead = notary.Head{Checkpoint: proof.Checkpoint{Origin: "DATA-CONTOH.runut.example/99.01/0a1b2c3d", Size: 35194}, At: at(11, 22),
	Note: "DATA-CONTOH.runut.example/99.01/0a1b2c3d\n35194\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— DATA-CONTOH.runut.example/99.01/0a1b2c3d " + strings.Repeat("A", 91) + "=\n"}

func sampleReceipt(t *testing.T, v *visit) *Receipt {
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte{1})
	page, err := v.receiptPage(notary.Place{Event: id, Position: 3406, RecordedAt: at(1, 3), Entry: proof.NewEntry(id, at(1, 3), [32]byte{7})}, sampleHead)
	if err != nil {
		t.Fatal(err)
	}
	page.Compared = "same"
	return page
}

func sampleSeal(t *testing.T, v *visit) *Seal {
	page, err := v.sealPage(sampleHead, []string{"DATA-CONTOH.runut.example/99.01/0a1b2c3d+01234567+" + strings.Repeat("A", 44)})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// sampleReport is a process of which everything is told.
func sampleReport() process.Report {
	return process.Report{Cycle: 2027, Proposals: 8, Events: 40, Ways: 2,
		Stages:    []process.StageTime{{Stage: "desa", Left: 6, Open: 2, Median: 12.5, P90: -1, Survival: []process.Survivor{{Days: 3, Share: .75}, {Days: 12.5, Share: .4}}}, {Stage: "kabupaten", Open: 2, Median: -1, P90: -1}},
		Variants:  []process.Variant{{Steps: []string{"submit", "prioritize_desa", "close:kecamatan"}, Count: 6, Fates: map[history.Fate]int{"dropped": 5, "merged": 1}, Example: "U-27-00451SD"}},
		Handovers: []process.Handover{{From: "camat", To: "1.03", Count: 3}}, Rework: []process.Rework{{What: "returned", Where: "kecamatan", Count: 2}, {What: "corrected", Count: 1}},
		Fitness: process.Fitness{Replayed: 8, Fit: 7, Observed: 3, Late: 1, More: 2, Misfits: []process.Misfit{{Proposal: "U-27-00ASC19", Code: "history.window", At: "2026-02-01"}}}}
}

func sampleWork(v *visit) *Work {
	return v.workPage(sampleReport(), 35194, names{"1.03": "Dinas Pekerjaan Umum"})
}
