package dossier

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/workflow"
	format "runut/eventstore/dossier"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/projections"
)

var update = flag.Bool("update", false, "write the golden pages anew")

func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 30, 0, 0, domain.Zones["WITA"])
}

func step(n int64, name string, when time.Time, role domain.Role, office string) projections.Step {
	return projections.Step{Position: n, Event: uuid.NewSHA1(uuid.NameSpaceOID, []byte{byte(n)}), Number: "U-27-00451SD", Type: "proposal." + name,
		Effective: when, Recorded: when, Occurred: domain.Moment(when), Role: role, Office: office}
}

// sample is a proposal to which about everything happened that a page tells of.
func sample(t *testing.T, lang text.Lang) (*tale, *Dossier) {
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"99.01.03": "Contoh Pesisir", "99.01.03.2001": "Desa Pesisir Harapan", "1.03": "Dinas Pekerjaan Umum", "1.02": "Dinas Kesehatan"}
	minutes := domain.Document{Kind: "berita_acara", Number: "BA-MK/099/2027", Date: "2026-02-12", Digest: strings.Repeat("ab", 32)}
	submitted := step(3406, "submitted", at(1, 3), "village_operator", "Desa Pesisir Harapan")
	submitted.To, submitted.Stage = "submitted", "desa"
	submitted.Changes = []projections.Change{{Field: "title", New: "Rehabilitasi <saluran> irigasi"}, {Field: "estimate", New: "188000000"}, {Field: "volume", New: "200.5 m"}}
	submitted.Words = []projections.Fact{{Name: "problem", Value: "Sawah kering <b>"}}
	revised := step(4435, "revised", at(1, 9), "village_operator", "Desa Pesisir Harapan")
	revised.Recorded, revised.Late = at(1, 12), true
	revised.Changes = []projections.Change{{Field: "estimate", Old: "188000000", New: "150000000"}, {Field: "opd", Old: "1.02", New: "1.03"}}
	struck := step(4500, "returned", at(1, 20), "kecamatan_officer", "Kecamatan Contoh Pesisir")
	struck.Corrected, struck.CorrectedBy, struck.Reason = "void", 4501, "ADM-LOKASI"
	ranked := step(5100, "below_cutoff", at(2, 12), "camat", "Kecamatan Contoh Pesisir")
	ranked.From, ranked.To, ranked.Stage, ranked.Rank, ranked.Docs = "at_kecamatan", "below_cutoff", "kecamatan", &projections.Place{Rank: 33, Of: 36, Cutoff: 32, Score: 71250}, []projections.Evidence{{Name: "minutes", Document: minutes}}
	mention := history.Mention{Event: ranked.Event, Type: ranked.Type, Stream: "proposal-U-27-00451SD", Version: 4, Position: 5100, Occurred: ranked.Occurred, Recorded: ranked.Recorded}
	x := history.Explanation{Proposal: "U-27-00451SD", Cycle: 2027, Known: 35194, Outcome: history.Dropped, Kind: history.ByRule, Stage: "kecamatan", Asked: 188_000_000,
		Ends: []history.End{{Proposal: "U-27-00451SD", Millionths: history.Whole, Fate: history.Dropped}},
		Decisive: []history.Deciding{{Mention: mention, End: "U-27-00451SD", Millionths: history.Whole, Kind: history.ByRule, Stage: "kecamatan",
			Authority: history.Authority{Role: "camat", Office: "Kecamatan Contoh Pesisir", Capacity: "definitif", Decree: domain.Document{Kind: "sk", Number: "800/1", Date: "2025-09-01"}},
			Forum:     &history.Session{Kind: "musrenbang_kecamatan", Date: "2026-02-12", Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}, Signed: true},
			Evidence:  []history.Evidence{{From: "minutes", Document: minutes}},
			Reason:    &history.Reason{Code: "PRI-KUOTA", Label: workflow.Label{ID: "Di luar kuota", EN: "Beyond the quota"}, Text: "Kuota <habis>", Ground: "Perbup 5/2026"},
			Rule:      history.Rule{Definition: "musrenbang@1#2f9c", Transition: "rank_kecamatan", Checks: []domain.Check{{Name: "state", OK: true, Want: "at_kecamatan", Observed: "at_kecamatan"}}},
			Ranking: &history.Placing{Rank: 33, Of: 36, Cutoff: 32, Score: 71250, LastIn: "U-27-00000AA", FirstOut: "U-27-00451SD", Limit: forum.Limit{Kind: "quota", Value: 32}, Used: 32,
				Criteria: []history.Mark{{Name: "Mendesak", Weight: 40, Score: 80000}}}}},
		Custody:      []history.Custody{{Holder: "camat@99.01.03", From: at(1, 9), To: at(2, 12), WorkingDays: 24}},
		NotTaken:     []history.NotTaken{{Label: workflow.Label{ID: "Teruskan", EN: "Pass on"}, By: []domain.Role{"camat"}}},
		WouldHave:    []history.Counterfactual{{What: "quota", Was: 32, Need: 33, Unit: "proposals"}},
		Contributing: []history.Contribution{{Mention: history.Mention{Type: "proposal.returned", Position: 4500, Occurred: domain.Moment(at(1, 20)), Recorded: at(1, 20)}, What: "returned"}},
		Chain:        []history.Tie{{Kind: history.Continues, From: "U-27-00451SD", To: "U-28-00451SE"}, {Kind: history.SplitFrom, From: "U-26-00451SA", To: "U-27-00451SD", Weight: 40, Of: 100}},
		Later:        []history.Later{{Proposal: "U-28-00451SE", Cycle: 2028, Outcome: history.Funded}},
		Gaps:         []history.Gap{{Code: "no_evidence", About: "U-27-00451SD"}},
	}
	d := &Dossier{lang: lang, keys: []string{"DATA-CONTOH.runut.example/99.01/00000000+951613ac+AWoi"},
		manifest: format.Manifest{Kind: format.Internal, Demo: true, Known: 35194, Proposals: []string{"U-27-00451SD"}},
		head:     notary.Head{Checkpoint: proof.Checkpoint{Origin: "DATA-CONTOH.runut.example/99.01/00000000", Size: 35194}, Note: "DATA-CONTOH.runut.example/99.01/00000000\n35194\nPZuX\n\n— x y\n", At: at(11, 22)}}
	return &tale{Explanation: x, steps: []projections.Step{submitted, revised, struck, ranked}, title: "Rehabilitasi <saluran> irigasi", village: "99.01.03.2001", opd: "1.03", lane: "musrenbang", events: 188,
		held:    map[string]string{minutes.Digest: format.Document(minutes.Digest, "application/pdf")},
		speaker: answer.Speaker{Lang: lang, Definition: definition, Zone: domain.Zones["WITA"], Name: func(code string) string { return names[code] }}}, d
}

// The page is a document: read testdata/proposal.id.html when it changes.
func TestGoldenPages(t *testing.T) {
	for _, lang := range []text.Lang{text.ID, text.EN} {
		tale, d := sample(t, lang)
		got, err := tale.page(d)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "proposal."+string(lang)+".html")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// A page opens from a disk: nothing in it asks for anything, runs, or names a code
// of the catalogue; every link leads to a file of the dossier; whatever people wrote
// is text.
func TestAPageStandsByItself(t *testing.T) {
	for _, lang := range []text.Lang{text.ID, text.EN} {
		tale, d := sample(t, lang)
		got, err := tale.page(d)
		if err != nil {
			t.Fatal(err)
		}
		page := string(got)
		for _, banned := range []string{"<script", "http:", "https:", "src=", "@import", "url(", "<b>", "<habis>", "<saluran>", "{{", "dossier.", "explain.", "answer.", "deciding."} {
			if body := strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""); strings.Contains(body[strings.Index(body, "</style>"):], banned) {
				t.Errorf("%s: it holds %q", lang, banned)
			}
		}
		for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !format.Named(link[1]) {
				t.Errorf("%s leads nowhere in a dossier", link[1])
			}
		}
		if !strings.HasPrefix(page, `<!doctype html>`) || !strings.Contains(page, `<html lang="`+string(lang)+`">`) || strings.Count(page, "<h1>") != 1 {
			t.Errorf("%s: %.200s", lang, page)
		}
		tale.alone, tale.held = true, nil
		if got, err = tale.page(d); err != nil || strings.Contains(string(got), "href=") {
			t.Errorf("alone it has links to what is not beside it: %v", err)
		}
	}
}
