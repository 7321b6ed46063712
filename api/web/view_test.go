package web

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	say "runut/api/answer"
	"runut/api/text"
	"runut/domain/finding"
	"runut/projections"
)

var update = flag.Bool("update", false, "write the golden pages anew")

var languages = []text.Lang{text.ID, text.EN}

// samples are pages with every part of their templates in use.
func samples(t *testing.T, lang text.Lang) map[string]view {
	v := look(t, lang, "/usulan/U-27-00451SD?lang=id")
	officer := look(t, lang, "/usulan/U-27-00451SD")
	officer.caller = Caller{Role: "camat", Office: "Kecamatan Contoh Pesisir"}
	closed := Problem{Title: "Ditolak karena sesuatu.", Status: 409, Checks: []Check{{Title: "Peran", OK: true, Want: "camat", Observed: "camat"}, {Title: "Jadwal", Want: "terbuka", Observed: "tertutup"}},
		Errors: []Problem{{Title: "Yang lain juga."}}}
	acting := officer.proposalPage(sampleSubject())
	acting.Recorded, acting.Contested, acting.Version = "35.195", true, 4
	acting.Written = []Pair{{Label: "Masalah", Value: "Sawah kering"}}
	var fields []Field
	for _, kind := range []string{kindLine, kindArea, kindNumber, kindMoney, kindPercent, kindDate, kindSelect, kindHidden, kindVolume, kindDocument, kindWords, kindNumbers} {
		fields = append(fields, Field{ID: "x-" + kind, Name: kind, Label: kind, Hint: "Petunjuk", Kind: kind, Required: true, Value: "7", Options: []Option{{Value: "7", Text: "Tujuh", Selected: true}}},
			Field{ID: "y-" + kind, Name: kind + "2", Label: kind, Kind: kind, Problem: "Isian keliru."})
	}
	acting.Steps = []Step{{Name: "reject_kec", Title: "Tolak di kecamatan", Stage: "Musrenbang kecamatan", URL: "/x", Form: true, Fields: fields, More: fields[:2], Problem: &closed, Key: "k"},
		{Name: "correct", Title: "Koreksi", Note: "Lewat API."}}
	acting.Closed = []Step{{Name: "fund", Title: "Danai", Why: "Belum sampai.", Problem: &closed}}
	list := &List{Shell: v.shell("list", v.t("list.title"), v.chosen()), Year: 2027, Years: v.years(2027, "/usulan?"), Text: "jalan",
		Filters: []Filter{{"nasib", "Nasib", []Option{{"dropped", "Tidak didanai (3)", true}}}}, Sorts: []Option{{"number", "Nomor", true}}, Chips: []Chip{{"Nasib: Tidak didanai", "/usulan"}},
		Found: "1 usulan ditemukan", Note: "Catatan.", Rows: []Row{v.row(sampleSubject().summary)}, Next: "/usulan?setelah=x", First: "/usulan", Clear: "/usulan", Hidden: []Link{{"desa", "99.01.03.2001"}}}
	form := &IssueForm{Action: "/x", Key: "k", Version: "3", Number: "7/BA/2026", Date: "2026-07-01", Channel: []Option{{"surat", "surat", true}}, Problem: &closed}
	return map[string]view{
		"home": sampleHome(v), "list": list, "proposal": acting,
		"receipt": sampleReceipt(t, v),
		"seal":    sampleSeal(t, v),
		"forums": &Forums{Shell: officer.shell("forums", "Forum", nil), Years: v.years(2027, "/forum?"), Came: "/kehadiran", First: "/forum", Next: "/forum?setelah=x",
			Rows: []ForumRow{{"/forum/1", "Musrenbang kecamatan · Contoh Pesisir", "5 Februari 2026", "171", "7 dari 8", Badge{"Ditandatangani", "good"}}}},
		"forum": &Session{Shell: officer.shell("forums", "Forum", nil), Heading: "Musrenbang kecamatan", Facts: []Pair{{Label: "Tanggal", Value: "5 Februari 2026"}}, Came: "1 dari 2", Draft: "/forum/1/berita-acara", Issue: form, Recorded: "35.195",
			Attendance: []AttendeeRow{{"99.01.03.2001", "Desa Pesisir Harapan", "Hadir", "4 orang", false}, {"99.01.03.2002", "Desa Pesisir Jaya", "Tidak hadir", "", true}},
			Lists:      []LineRow{{"L1", "Kuota 2 usulan", "2", "2 dari 3", Link{"U-27-00ASC19", "/usulan/U-27-00ASC19"}, Link{}}}, Minutes: []MinutesRow{{"BA/12", "/x", "/y", "171", "ab12", Badge{"Belum ditandatangani", "wait"}, ""}}},
		"paper": &PaperPage{Shell: officer.shell("letters", "Surat", nil), Heading: "Surat", Note: "Rancangan", Warning: "Berbeda", Digest: "ab12", File: "/x", Part: "<article></article>", Others: v.years(2027, "/surat?"), Issue: form, Done: "35.195"},
		"attendance": &Attendance{Shell: officer.shell("forums", "Kehadiran", nil), Years: v.years(2027, "/kehadiran?"), Never: v.years(2027, "/kehadiran?"), First: "/x", Next: "/y", Count: "1",
			Rows: []AttendanceRow{{"99.01.03.2002", "Desa Pesisir Jaya", "3", "0", "0", "–", true}}, Silent: []CoverageRow{{Name: "Kecamatan Contoh", URL: "/usulan", Silent: []string{"Desa Pesisir Jaya"}}}},
		"letters": &Letters{Shell: officer.shell("letters", "Surat", nil), Years: v.years(2027, "/surat?"), Statuses: v.years(2027, "/surat?"), First: "/x", Next: "/y", Missing: "1 desa belum diberi tahu.", How: true,
			Rows: []LetterRow{{"Desa Pesisir Harapan", "/surat/1", "Kecamatan Contoh", Badge{"Perlu surat tambahan", "wait"}, "30", "1", "2", "050/1", "1 Juli 2026"}}},
		"audit": &Audit{Shell: officer.shell("audit", "Meja auditor", nil), Year: 2027, Years: v.years(2027, "/auditor?"), Then: say.Moment{AsOf: "2026-02-28"}, Days: []Link{{"Penutupan: desa", "2026-02-28"}},
			Filters: []Filter{{"nasib", "Nasib", []Option{{"dropped", "Tidak didanai", true}}}}, Least: "500", All: true, Hidden: []Link{{"desa", "99.01.03.2001"}}, Chips: []Chip{{"Desa", "/auditor"}}, Clear: "/auditor",
			Compares: true, Found: "1 usulan", Between: "Dari itu ke ini", Tally: "Cocok", Link: "/auditor?x", CSV: "/auditor.csv", JSON: "/api", Ask: []Link{{"tahun", "2027"}}, Count: 1, First: "/x", Next: "/y", At: []Link{{"as_of", "2026-02-28"}},
			Rows: []AuditRow{{Number: "U-27-00451SD", URL: "/usulan/U-27-00451SD", Title: "Irigasi <1>", Place: "Desa", Then: &Badge{"Menunggu", "wait"}, Now: &Badge{"Gugur", "bad"}, Matches: "cocok dulu saja", Act: "#7", ActURL: "/x#p7", By: "Camat", When: "1 Januari", Reason: "Tanpa alasan", Silent: true, Asked: "Rp1", Granted: "Rp2", Rules: []Link{{"A1", "/x"}}},
				{Number: "U-27-00ASC19", Act: "#8", Reason: "Pagu", Code: "PAG-KURANG"}, {Number: "U-27-BXF04VK"}},
			Rules: []RuleRow{{"A1", "Gugur", "3", "/x", false}, {"A2", "Dicatat", "0", "/x", true}},
			Work:  &Panel{Stages: officer.stageTimes(sampleReport()), Ways: "2 ragam.", Usual: "50 %", Handovers: []Pair{{"Camat → OPD", "3", ""}}, URL: "/proses", Misfits: "Sesuai."}},
		"hits": &Hits{Shell: officer.shell("audit", "A1", nil), Code: "A1", Heading: "Gugur", Means: "Keputusan", Facts: []Pair{{Label: "Versi", Value: "1"}}, Years: v.years(2027, "/auditor/temuan/A1?"), Found: "2 temuan", Next: "/y", First: "/x", JSON: "/api", Desk: "/auditor",
			Others: v.years(2027, "/x?"), Rows: []HitRow{{Number: "U-27-00451SD", URL: "/x", Title: "Irigasi", Place: "Desa", Office: "PU", Event: "#7", EventURL: "/x#p7", When: "1 Januari", Measured: "3 hari", Receipt: "/tanda-terima/1"}, {URL: "/surat/1", Place: "Desa"}, {Event: "#8"}}},
		"imports": &Imports{Shell: officer.shell("imports", "Impor", nil), Recorded: "7", Kinds: []Link{{"Ekspor SIPD", "/x"}}, Waiting: []WaitingRow{{Link{"usulan.xlsx", "/x"}, "Ekspor SIPD", "1 Juli", Badge{"Belum", "wait"}}}, Only: v.years(2027, "/impor?"), First: "/x", Next: "/y", Held: true, Problem: &closed,
			Rows: []ImportRow{{Source: "Ekspor SIPD 2027", When: "1 Juli", Exported: "1 Juli", Rows: "3", Accepted: "1", Unchanged: "1", Quarantined: "1", Missing: "2", Open: "1", Digest: "ab12", Reasons: []Pair{{Label: "1 × x", Value: "4"}}, Dismiss: sampleDeed(closed)}, {Source: "x", Missing: "0"}}},
		"import": &NewImport{Shell: officer.shell("imports", "Impor", nil), Heading: "Ekspor SIPD", Lead: "Unggah.", Limit: "64 MB", Form: &Deed{Action: "/x", Files: true, Fields: []Field{{ID: "a", Name: "a", Kind: kindFile, Value: ".xlsx", Hint: "h", Required: true}, {ID: "b", Name: "b", Kind: kindTick, Value: "1", Hint: "h"}, {ID: "c", Name: "c", Kind: kindTick}}}},
		"trial": &Trial{Shell: officer.shell("imports", "Impor", nil), Heading: "Ekspor SIPD", Done: true, Lead: "Uji coba", Running: "3 baris", Look: "/x", Facts: []Pair{{Label: "Berkas", Value: "x"}}, Problem: &closed, Said: []string{"Satu."}, Notes: []string{"Dua."}, Amounts: true,
			Rows: []TrialRow{{"Baru", "1", "Rp1", false}, {"Semua", "1", "Rp1", true}}, Events: []TrialRow{{"Diajukan", "1", "Rp1", false}}, Held: []HeldRow{{"4", "Nilai", "x.y", "Betulkan."}}, HeldMore: "… 3", HeldFile: "/x",
			Waiting: []WaitRow{{"baris-5", "5", "Jalan", "Rp1", []WaitChoice{{"U-27-00451SD", "Jalan", "mirip", "/x", true}, {Value: "tidak", Text: "Tidak"}}}}, WaitMore: "… 2", WaitFile: "/y", Answer: sampleDeed(closed), Record: sampleDeed(closed), Options: sampleDeed(closed), Discard: sampleDeed(closed)},
		"people": &People{Shell: officer.shell("people", "Petugas", nil), Text: "camat", First: "/x", Next: "/y", Register: sampleDeed(closed),
			Rows: []PersonRow{{Link{"p-4K7M2XQ0TB9D", "/x"}, &Badge{"Belum didaftarkan", "wait"}, []GrantLine{{"Camat", Badge{"Berlaku", "good"}}}}, {Link{"p-5K7M2XQ0TB9D", "/x"}, nil, nil}}},
		"person": &PersonPage{Shell: officer.shell("people", "Petugas", nil), Heading: "p-4K7M2XQ0TB9D", Recorded: "7", Code: "rni_x", CodeNote: "Sekali.", Facts: []Pair{{Label: "Didaftarkan", Value: "1 Juli"}},
			Grants: []GrantRow{{"1", "Camat", Badge{"Berlaku", "good"}, []Pair{{Label: "SK", Value: "1"}}, sampleDeed(closed), sampleDeed(closed)}}, Give: sampleDeed(closed), Correct: sampleDeed(closed)},
		"subscriptions": &Subscriptions{Shell: officer.shell("subscriptions", "Langganan", nil), OPD: "Dinas", Choices: []Option{{"1.03", "Dinas", true}}, Pull: "/api", Secret: "whsec_x", Made: Link{"https://x", "/x"}, Add: sampleDeed(closed), Next: "/y",
			Rows: []EndpointRow{{Link{"https://x", "/x"}, Badge{"aktif", "good"}, "2 menunggu"}}},
		"subscription": &SubscriptionPage{Shell: officer.shell("subscriptions", "Langganan", nil), Address: "https://x", Badge: Badge{"aktif", "good"}, Done: "Dijeda.", Secret: "whsec_x", Facts: []Pair{{Label: "Sampai", Value: "#7"}}, Deeds: []*Deed{sampleDeed(closed)}, Next: "/y",
			Deliveries: []DeliveryRow{{When: "1 Februari", Event: "Diterima #7", Number: "U-27-00451SD", URL: "/x", Badge: Badge{"ditolak · 500", "bad"}, Answer: "<b>"}, {When: "1 Januari", Event: "Percobaan"}}},
		"access": &Access{Shell: officer.shell("access", "Akses", nil), Filters: []Filter{{"tujuan", "Tujuan", []Option{{"audit", "Audit", true}}}}, From: "2026-02-01", To: "2026-02-28", Export: true, First: "/x", Next: "/y", JSON: "/api",
			Rows: []AccessRow{{When: "1 Februari", Recorded: "2 Februari", Who: "Auditor", Reader: "p-4K7M2XQ0TB9D", Purpose: "Audit", Ground: "Surat · 1", Subject: "p-4K7M2XQ0TB9E", Fields: "/name", About: "e", Export: true, Position: "7", Proven: "/tanda-terima/1"}, {When: "1 Januari", Position: "6"}}},
		"process":    sampleWork(officer),
		"signin":     &SignIn{Shell: v.shell("signin", "Masuk", nil), Back: "/usulan", Problem: "Token tidak dikenal.", Known: true},
		"trouble":    &Trouble{Shell: v.shell("", "Tidak ditemukan", nil), Refused: closed, Missing: true},
		"method":     &Method{Shell: v.shell("method", "Metodologi", nil), Terms: []Definition{{"asal", "Usulan asal", "Yang diajukan."}}},
		"glossary":   &Glossary{Shell: v.shell("method", "Glosarium", nil), Groups: []GlossaryGroup{{"Singkatan", []Definition{{"opd", "OPD", "Dinas."}}}}},
		"developers": &Developers{Shell: v.shell("developers", "Pengembang", nil), Version: "1", Tags: []Tag{{"usulan", "Usulan", []Operation{{ID: "x", Method: "GET", Path: "/x", Closed: true, Parameters: []Parameter{{"a", "query", "string", "apa", true}}, Body: []Parameter{{Name: "b"}}, Answer: "Y", Statuses: "200"}}}}},
	}
}

func sampleDeed(p Problem) *Deed {
	return &Deed{Action: "/x", Key: "k", Title: "Beri", Button: "Beri", Version: 3, Problem: &p, Open: true, Fields: []Field{{ID: "x-second", Name: "second", Label: "Token", Kind: kindSecret, Required: true}}}
}

func TestEveryTemplateShowsItsPageInBothLanguages(t *testing.T) {
	for _, lang := range languages {
		pages := samples(t, lang)
		for name := range templates[lang] {
			full, empty := pages[name], emptied(name)
			if full == nil {
				t.Errorf("template %s has no sample", name)
				continue
			}
			empty.around().Lang = lang
			for _, page := range []view{full, empty} {
				body, err := html(name, page)
				if err != nil {
					t.Error(err)
					continue
				}
				for _, sign := range []string{"<no value>", "%!", "ZgotmplZ"} {
					if strings.Contains(string(body), sign) {
						t.Errorf("page %s in %s holds %s", name, lang, sign)
					}
				}
			}
		}
	}
}

func emptied(name string) view {
	return map[string]view{"home": &Home{}, "receipt": &Receipt{}, "seal": &Seal{}, "list": &List{}, "proposal": &Proposal{}, "signin": &SignIn{}, "trouble": &Trouble{},
		"method": &Method{}, "glossary": &Glossary{}, "developers": &Developers{}, "forums": &Forums{}, "forum": &Session{}, "paper": &PaperPage{}, "attendance": &Attendance{}, "letters": &Letters{}, "audit": &Audit{}, "hits": &Hits{}, "process": &Work{},
		"subscriptions": &Subscriptions{}, "subscription": &SubscriptionPage{}, "access": &Access{}, "imports": &Imports{}, "import": &NewImport{}, "trial": &Trial{}, "people": &People{}, "person": &PersonPage{}}[name]
}

// TestGolden holds the two pages people read most as documents.
func TestGolden(t *testing.T) {
	for _, lang := range languages {
		for name, page := range map[string]view{
			"home":     sampleHome(look(t, lang, "/?tahun=2027")),
			"proposal": look(t, lang, "/usulan/U-27-00451SD").proposalPage(sampleSubject()),
		} {
			got, err := html(name, page)
			if err != nil {
				t.Fatal(err)
			}
			got = regexp.MustCompile(`/static/style\.[0-9a-f]+\.css`).ReplaceAll(got, []byte("/static/style.css"))
			file := filepath.Join("testdata", name+"."+string(lang)+".html")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s changed (-update writes it anew):\n%s", file, diff)
			}
		}
	}
}

func TestEveryRuleHasASentence(t *testing.T) {
	for _, r := range finding.Rules {
		if !text.Has("rule." + r.Code) {
			t.Errorf("rule %s is not told on its page", r.Code)
		}
	}
}

func TestWhatPeopleWroteIsEscaped(t *testing.T) {
	page := look(t, text.ID, "/usulan/U-27-00451SD").proposalPage(sampleSubject())
	body, err := html("proposal", page)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "<saluran>") {
		t.Error("a title went into the page, or its drawing, as markup")
	}
}

func TestSumOnThePageComesOutEven(t *testing.T) {
	home := sampleHome(look(t, text.ID, "/"))
	if !home.Balanced {
		t.Fatal("the sample does not conserve")
	}
	digits := func(s string) (n int64) {
		for _, r := range s {
			if '0' <= r && r <= '9' {
				n = n*10 + int64(r-'0')
			}
		}
		return n
	}
	for _, side := range [][]Sum{home.In, home.Out} {
		var sum int64
		for _, line := range side {
			sum += digits(line.Money)
		}
		if want := digits(home.Total); sum != want {
			t.Errorf("the printed lines %v add up to %d, the page says %d", side, sum, want)
		}
	}
	broken := sampleTotals()
	broken.Granted++
	home.ledger(look(t, text.ID, "/"), broken)
	if home.Balanced {
		t.Error("a sum that does not come out even is called balanced")
	}
}

func TestMinorStepsAreFoldedAndCorrectionsAreNot(t *testing.T) {
	v := look(t, text.ID, "/usulan/U-27-00451SD")
	groups, docs := v.timeline(sampleSubject())
	var got []string
	for _, g := range groups {
		shape := ""
		for _, e := range g.Entries {
			if shape += e.Title; e.Struck {
				shape += " (dicoret)"
			}
			shape += ";"
		}
		if g.Folded {
			shape = "[" + shape + "]"
		}
		got = append(got, shape)
	}
	want := []string{"Diajukan;", "Masuk prioritas;", "[Diverifikasi;Direkomendasikan;]", "OPD berganti nama;", "Ditolak (dicoret);", "Dikoreksi;", "Direkomendasikan;", "Tidak dibahas;"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
	if len(docs) != 1 || docs[0].Number != "BA-MD/099/2027" {
		t.Errorf("documents are %v", docs)
	}
}

func TestVisitorsAreToldWhoCanAct(t *testing.T) {
	s := sampleSubject()
	v := look(t, text.ID, "/")
	var open []string
	for _, w := range v.nextWindows(s) {
		if w.Open {
			for _, a := range w.Actors {
				open = append(open, w.Title+": "+a.Who)
			}
		}
	}
	if want := "Masa sanggahan: Kepala desa/lurah, Desa Pesisir Harapan"; !slices.Contains(open, want) {
		t.Errorf("open to %q, want %q among them", open, want)
	}
	s.State, s.Fate = "at_kecamatan", projections.FateUnannounced
	for _, w := range v.nextWindows(s) {
		if w.Title == "Masa musrenbang kecamatan" && w.Open {
			t.Error("a window that was shut is shown as open")
		}
	}
}

func TestLocalAddressesOnly(t *testing.T) {
	for address, want := range map[string]string{
		"/usulan/U-27-00451SD": "/usulan/U-27-00451SD", "": "/", "//evil.example/": "/", "https://evil.example/": "/", "/\\evil.example": "/", "/a\r\nSet-Cookie: x": "/",
		"/" + strings.Repeat("a", 600): "/",
	} {
		if got := local(address); got != want {
			t.Errorf("local(%.40q) = %q, want %q", address, got, want)
		}
	}
}

// TestMarkupIsClosed holds that the golden pages nest as they should.
func TestMarkupIsClosed(t *testing.T) {
	for name, page := range samples(t, text.ID) {
		body, err := html(name, page)
		if err != nil {
			t.Fatal(err)
		}
		var open []string
		for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)([^>]*)>`).FindAllStringSubmatch(string(body), -1) {
			tag := m[2]
			if strings.HasSuffix(m[3], "/") || slices.Contains([]string{"meta", "link", "input", "br"}, tag) {
				continue
			}
			if m[1] == "" {
				open = append(open, tag)
				continue
			}
			if len(open) == 0 || open[len(open)-1] != tag {
				t.Errorf("page %s: </%s> closes %v", name, tag, open)
				break
			}
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			t.Errorf("page %s leaves %v open", name, open)
		}
	}
}
