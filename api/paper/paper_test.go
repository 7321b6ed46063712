package paper_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/api/paper"
	"runut/domain"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/projections"
)

var update = flag.Bool("update", false, "write the golden papers anew")

func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 30, 0, 0, domain.Zones["WITA"])
}

var about = projections.Paper{Cycle: 2027, Kabupaten: "Kabupaten Contoh", Zone: "WITA", Demo: true, Position: 35246}

// minutes is a berita acara in which about everything happened that can.
func minutes() *projections.MinutesPaper {
	m := &projections.MinutesPaper{Paper: about, Forum: "forum-1", Number: "BA/12/2026", Kind: "musrenbang_kecamatan", Stage: "kecamatan", StageTitle: "Musrenbang kecamatan",
		Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}, ScopeName: "Kecamatan Contoh Pesisir", Date: "2026-02-05", Place: "Aula <kecamatan>", Chair: "Camat Contoh Pesisir",
		Legal: []string{"Permendagri 86/2017 pasal 98"}, Register: "Contoh 1",
		Attendance: []projections.Attendee{{Code: "99.01.03.2001", Name: "Desa Pesisir Harapan", Came: true, Channel: "luring", Count: 4, Women: 2},
			{Code: "99.01.03.2002", Name: "Desa Pesisir Jaya"}, {Code: "99.01.03.2003", Name: "Desa Pesisir Sari", Came: true, Delegate: true, Channel: "daring"}},
		Lists: []projections.MinutesList{{Name: "L1", ScopeOf: "Kecamatan Contoh Pesisir", Limit: forum.Limit{Kind: forum.LimitQuota, Value: 2}, Used: 2, Cutoff: 2, Of: 3, LastIn: "U-27-00ASC19", FirstOut: "U-27-00451SD"},
			{Name: "L2", ScopeOf: "Kabupaten Contoh", Limit: forum.Limit{Kind: forum.LimitCeiling, Value: 900_000_000}, Used: 800_000_000, Cutoff: 1, Of: 1}},
		Covers: []string{"U-27-00451SD"},
		Anchor: "DATA-CONTOH.runut.example/99.01/0badcafe\n90210\nZ7x1Yw0b2m8Qm1uJc5oYf3nS4kqD6tVhE9rLpA0WxKc=\n\n— DATA-CONTOH.runut.example/99.01/0badcafe q83vASNFZ4mrze8=\n",
	}
	item := func(number, title, office string, rank int, kind string) projections.MinutesItem {
		return projections.MinutesItem{Number: number, Title: title, Place: "Desa Pesisir Harapan", Location: "RT 03 Dusun Timur", OPD: office, Office: office, Rank: rank, Score: int64(90_250 - rank*1000),
			Volume: domain.Volume{Amount: "200.5", Unit: "m"}, Amount: 188_000_000, Deed: projections.Deed{Type: "proposal." + kind, When: at(2, 5), Role: "Camat", Office: "Kecamatan Contoh Pesisir"}}
	}
	m.Agreed = []projections.MinutesItem{item("U-27-BXF04VK", "Rehabilitasi <saluran> irigasi", "Dinas Pekerjaan Umum", 1, "prioritized"), item("U-27-00ASC19", "Posyandu RT 04", "Dinas Kesehatan", 2, "accepted_by_opd")}
	m.Agreed[1].Change = "Harga disesuaikan dengan SSH tahun ini."
	m.NotAgreed = []projections.MinutesItem{item("U-27-00451SD", "Jembatan gantung", "Dinas Pekerjaan Umum", 3, "below_cutoff"), item("U-27-4K7M2XQ", "Turap sungai", "Dinas Pekerjaan Umum", 0, "rejected"),
		item("U-27-1D3FAAM", "Gedung serbaguna", "Dinas Pekerjaan Umum", 0, "deferred"), item("U-27-1DNVZN2", "Sumur bor", "Dinas Pekerjaan Umum", 0, "rejected")}
	m.NotAgreed[1].Reason, m.NotAgreed[1].ReasonText, m.NotAgreed[1].Words, m.NotAgreed[1].Ground = "KWN-PROV", "Kewenangan provinsi", "Sungai ini diurus provinsi.", "UU 23/2014 lampiran"
	m.NotAgreed[2].Reason, m.NotAgreed[2].ReasonText, m.NotAgreed[2].Until, m.NotAgreed[2].Condition = "LHN-STATUS", "Sertifikat atau status lahan belum ada", 2029, "Sertifikat lahan selesai."
	m.Joined = []projections.MinutesItem{item("U-27-2PPQYT4", "Saluran RT 01", "Dinas Pekerjaan Umum", 0, "merged"), item("U-27-41MW6E9", "Ruang kelas", "Dinas Pendidikan", 0, "referred")}
	m.Joined[0].Related, m.Joined[0].Words = []string{"U-27-BXF04VK"}, "Satu hamparan, satu perencanaan."
	m.Joined[1].Related, m.Joined[1].Ground = []string{"provinsi"}, "UU 23/2014"
	m.Heard = []projections.MinutesItem{item("U-27-73FD2RM", "Beasiswa", "Dinas Pendidikan", 0, "responded")}
	m.Heard[0].Leaning, m.Heard[0].Words = "ragu", "Perlu dicek kesiapan dokumen."
	return m
}

// letter is one to a village whose proposals met with every fate there is.
func letter() *projections.LetterPaper {
	deed := func(kind string, month time.Month, role, office string) *projections.Deed {
		return &projections.Deed{Type: "proposal." + kind, When: at(month, 12), Role: role, Office: office}
	}
	rejected := deed("rejected", 3, "Kepala OPD", "Dinas Pekerjaan Umum")
	rejected.Words, rejected.Ground = "Lahan masih milik pribadi <warga>.", "Renstra OPD"
	funded := deed("funded", 10, "Tim Anggaran Pemerintah Daerah", "TAPD")
	funded.Source, funded.Document = "DAU", &domain.Document{Kind: "perda", Number: "7/2026"}
	deferred := deed("deferred", 3, "Kepala OPD", "Dinas Pekerjaan Umum")
	deferred.Until, deferred.Condition = 2029, "Gambar teknis selesai."
	paid := deed("financed_elsewhere", 3, "Kepala OPD", "Dinas Kesehatan")
	paid.Source, paid.Year = "dana_desa", 2027
	lapsed := deed("lapsed", 2, "Perencana Bappeda", "Bappeda")
	lapsed.Holder = "Camat, Kecamatan Contoh Pesisir"
	origin := func(number, title string, asked domain.Rupiah, fate string, shares ...projections.LetterShare) projections.LetterOrigin {
		o := projections.LetterOrigin{Number: number, Title: title, Lane: "musrenbang", Asked: asked, Shares: shares}
		for i := range shares {
			o.Granted += shares[i].Granted
			if shares[i].Heir == "" {
				shares[i].Heir = number
			}
		}
		o.Fate = history.Fate(fate)
		return o
	}
	l := &projections.LetterPaper{Paper: about, Village: "99.01.03.2001", VillageName: "Desa Pesisir Harapan", Kecamatan: "Contoh Pesisir", Number: "050/114/BAPPEDA/2026", Date: "2026-11-20",
		Channel: "surat", Signer: "Kepala Bappeda", Objection: &projections.Period{From: at(9, 1), To: at(12, 1)}}
	const one = projections.One
	l.Origins = []projections.LetterOrigin{
		origin("U-27-00451SD", "Rehabilitasi <saluran> irigasi", 188_000_000, "partly",
			projections.LetterShare{Heir: "U-27-BXF04VK", Title: "Paket saluran", Part: one * 6 / 10, Fate: "funded", State: "Didanai APBD", Stage: "RAPBD dan APBD", Office: "Dinas Pekerjaan Umum", Asked: 112_800_000, Granted: 100_000_000, Deed: funded},
			projections.LetterShare{Part: one * 4 / 10, Fate: "dropped", Kind: "act", Reason: "KMP-HAPUS", ReasonText: "Komponen dikeluarkan", Stage: "Forum perangkat daerah", Asked: 75_200_000, Deed: deed("accepted_by_opd", 3, "Kepala OPD", "Dinas Pekerjaan Umum")}),
		origin("U-27-00ASC19", "Jembatan gantung", 400_000_000, "dropped", projections.LetterShare{Part: one, Fate: "dropped", Kind: "act", Reason: "LHN-MILIK", ReasonText: "Lahan bukan milik pemerintah", Stage: "Forum perangkat daerah", Deed: rejected}),
		origin("U-27-4K7M2XQ", "Sumur bor", 90_000_000, "dropped", projections.LetterShare{Part: one, Fate: "dropped", Kind: "omission", Reason: "WKT-TUTUP", ReasonText: "Tidak dibahas sampai tahap ditutup", Stage: "Musrenbang kecamatan", Deed: lapsed}),
		origin("U-27-1D3FAAM", "Gedung serbaguna", 700_000_000, "deferred", projections.LetterShare{Part: one, Fate: "deferred", Reason: "TEK-DED", ReasonText: "Belum ada DED", Stage: "Forum perangkat daerah", Deed: deferred}),
		origin("U-27-1DNVZN2", "Posyandu", 150_000_000, "elsewhere", projections.LetterShare{Part: one, Fate: "elsewhere", Reason: "ALH-DESA", ReasonText: "Dibiayai Dana Desa", Stage: "Forum perangkat daerah", Deed: paid}),
		origin("U-27-2PPQYT4", "Pelatihan", 20_000_000, "pending", projections.LetterShare{Part: one, Fate: "pending", State: "Diterima OPD", Stage: "Forum perangkat daerah"}),
		origin("U-27-41MW6E9", "Gapura", 15_000_000, "withdrawn", projections.LetterShare{Part: one, Fate: "withdrawn", Stage: "Musrenbang desa", Deed: deed("withdrawn", 1, "Kepala desa/lurah", "Desa Pesisir Harapan")}),
		origin("U-27-73FD2RM", "Lampu jalan", 60_000_000, "cancelled", projections.LetterShare{Part: one, Fate: "cancelled", Stage: "Pelaksanaan", Deed: deed("cancelled", 11, "Tim Anggaran Pemerintah Daerah", "TAPD")}),
	}
	l.Origins[0].Merged, l.Origins[1].Objected, l.Origins[3].Next, l.Origins[7].Lane, l.Origins[7].LaneText = "U-27-BXF04VK", true, "U-28-4K7M2XQ", "pokir", "Pokok pikiran DPRD"
	l.Totals = projections.Totals{Origins: 8, Count: 8 * one, Asked: 1_623_000_000, Granted: 100_000_000, Cut: 12_800_000, Fates: []projections.FateSum{
		{Fate: "funded", Count: one * 6 / 10, Asked: 112_800_000}, {Fate: "partly", Headline: 1}, {Fate: "elsewhere", Headline: 1, Count: one, Asked: 150_000_000}, {Fate: "pending", Headline: 1, Count: one, Asked: 20_000_000},
		{Fate: "deferred", Headline: 1, Count: one, Asked: 700_000_000}, {Fate: "dropped", Headline: 2, Count: 2*one + one*4/10, Asked: 565_200_000}, {Fate: "cancelled", Headline: 1, Count: one, Asked: 60_000_000},
		{Fate: "withdrawn", Headline: 1, Count: one, Asked: 15_000_000}}}
	return l
}

// The two papers are read as documents.
func TestGolden(t *testing.T) {
	for name, make := range map[string]func() ([]byte, error){
		"minutes": func() ([]byte, error) { return paper.Minutes(minutes()) },
		"letter":  func() ([]byte, error) { return paper.Letter(letter()) },
	} {
		got, err := make()
		if err != nil {
			t.Fatal(err)
		}
		again, err := make()
		if err != nil || paper.Digest(again) != paper.Digest(got) {
			t.Errorf("%s: made twice it has two digests, %v", name, err)
		}
		file := filepath.Join("testdata", name+".html")
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
			t.Errorf("%s changed (-update writes it anew). What was issued keeps its old bytes:\n%s", file, diff)
		}
	}
}

// A file needs nothing beside it, runs nothing, and what people wrote is text in
// it; a part has no style of its own, for pages that allow none.
func TestFilesStandAloneAndPartsDoNot(t *testing.T) {
	m, err := paper.Minutes(minutes())
	if err != nil {
		t.Fatal(err)
	}
	l, err := paper.Letter(letter())
	if err != nil {
		t.Fatal(err)
	}
	index, err := paper.Index("Kabupaten Contoh", 2027, true, []paper.IndexEntry{{File: "99.01.03.2001.html", Code: "99.01.03.2001", Village: "Pesisir <Harapan>", Digest: strings.Repeat("ab", 32)}})
	if err != nil {
		t.Fatal(err)
	}
	outside := regexp.MustCompile(`(?i)<script|<link|<img|src=|url\(|@import|https?://|javascript:|\son[a-z]+=`)
	for name, body := range map[string][]byte{"minutes": m, "letter": l, "index": index} {
		text := string(body)
		if found := outside.FindString(text); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
		for _, want := range []string{`<html lang="id">`, "<style>", "DATA CONTOH", "default-src 'none'", "@page"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		for _, sign := range []string{"<no value>", "%!", "ZgotmplZ", "<saluran>", "<kecamatan>", "<warga>", "<Harapan>"} {
			if strings.Contains(text, sign) {
				t.Errorf("%s holds %q", name, sign)
			}
		}
	}
	part, err := paper.MinutesPart(minutes())
	if err != nil || !strings.Contains(string(m), string(part)) {
		t.Errorf("the part is not what stands in the file, %v", err)
	}
	other, err := paper.LetterPart(letter())
	if err != nil || !strings.Contains(string(l), string(other)) {
		t.Errorf("the part is not what stands in the file, %v", err)
	}
	if strings.Contains(string(part)+string(other), "style") {
		t.Error("a part brings a style of its own")
	}
}

// TestTheTotalsOfTheSampleAddUp, lest the golden letter teach a wrong sum.
func TestTheTotalsOfTheSampleAddUp(t *testing.T) {
	if l := letter(); !l.Totals.Balanced() {
		t.Errorf("%+v", l.Totals)
	}
}

func TestDraftsSayThatTheyAre(t *testing.T) {
	m, l := minutes(), letter()
	m.Number, l.Number, l.Date = "", "", ""
	m.Agreed, m.NotAgreed, m.Joined, m.Heard, m.Register = nil, nil, nil, nil, ""
	for name, make := range map[string]func() ([]byte, error){"minutes": func() ([]byte, error) { return paper.Minutes(m) }, "letter": func() ([]byte, error) { return paper.Letter(l) }} {
		if body, err := make(); err != nil || !strings.Contains(string(body), "RANCANGAN") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := paper.Annexes(m); got != nil {
		t.Errorf("minutes of nothing have annexes %v", got)
	}
	l.Former = &projections.Letter{Number: "050/1", Date: "2026-07-01"}
	body, err := paper.Letter(l)
	if err != nil || !strings.Contains(string(body), "Menambahkan surat kami nomor 050/1 tanggal 1 Juli 2026") {
		t.Errorf("a letter that adds to another does not say so, %v", err)
	}
}
