package web_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestAuditorsDesk asks one question of two moments, and holds that its permanent
// link has the same answer when more has happened.
func TestAuditorsDesk(t *testing.T) {
	w := newTown(t)
	gone, stays := w.submit("Jalan usaha tani RT 03"), w.submit("=Jembatan, gantung")
	desk, head, visitor := w.browser(), w.browser(), w.browser()
	desk.signIn("planner")
	head.signIn("village_head")
	before, err := w.server.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	withdraw := func(number string) {
		form := head.get("/usulan/"+number).fields(t, "withdraw")
		form.Set("reason", "PGS-TARIK")
		if p := head.post("/usulan/"+number+"/langkah/withdraw", form); p.StatusCode != http.StatusSeeOther {
			t.Fatalf("withdraw: %d %s", p.StatusCode, p.text)
		}
		w.shown(0)
	}
	withdraw(gone)
	inYear := "tahun=" + strconv.Itoa(year)
	then := inYear + "&diketahui=" + strconv.FormatInt(before, 10)

	t.Run("visitors are sent to sign in", func(t *testing.T) {
		for _, path := range []string{"/auditor?" + then, "/auditor.csv?" + then, "/auditor/temuan/A1?" + inYear, "/proses?" + inYear} {
			if p := visitor.get(path); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/masuk?ke=%2F") {
				t.Errorf("%s: %d %s", path, p.StatusCode, p.Header.Get("Location"))
			}
		}
	})

	t.Run("other officers are told whose it is, and keep the rest", func(t *testing.T) {
		for _, path := range []string{"/auditor?" + then, "/auditor.csv?" + then, "/auditor/temuan/A1?" + inYear, "/proses?" + inYear} {
			if p := head.get(path); p.StatusCode != http.StatusForbidden || !strings.Contains(p.text, "Inspektorat") {
				t.Errorf("%s: %d", path, p.StatusCode)
			}
		}
		list := head.get("/usulan?" + inYear)
		list.holds(t, gone, stays)
		list.lacks(t, `href="/auditor"`)
		desk.get("/usulan?"+inYear).holds(t, `href="/auditor"`)
	})

	p := desk.get("/auditor?" + then)
	link := html.UnescapeString(regexp.MustCompile(`<p class="kept"><strong>[^<]*</strong> <a href="([^"]+)"`).FindStringSubmatch(p.text)[1])
	t.Run("what changed between two moments", func(t *testing.T) {
		p.holds(t, "1 usulan berubah antara dua keadaan", gone, "Ditarik", "Kepala desa/lurah, Desa Contoh Satu", "PGS-TARIK", "Jalan usaha tani RT 03", `name="usulan" value="`+gone+`"`,
			`/usulan/`+gone+`?diketahui=`+strconv.FormatInt(before, 10), `action="/dosir.zip"`)
		p.lacks(t, stays)
		desk.get("/auditor?"+then+"&semua=1").holds(t, "1 usulan berubah antara dua keadaan", gone, stays, "Cocok dulu 2, kini 2; pada keduanya 2.")
		desk.get("/auditor?"+inYear).holds(t, "2 usulan", gone, stays)
		desk.get("/auditor?"+inYear+"&nasib=withdrawn").lacks(t, stays)
		desk.get("/auditor?"+inYear+"&alasan=PGS-TARIK").lacks(t, stays)
		desk.get("/auditor?"+inYear+"&nilai=200.000.001").holds(t, "Tidak ada usulan yang cocok")
		english := w.browser()
		english.signIn("planner")
		english.get("/auditor?"+inYear+"&kecamatan="+kecamatan+"&lang=en").holds(t, "2 proposals")
	})

	t.Run("a permanent link keeps its answer", func(t *testing.T) {
		again := desk.get(link)
		withdraw(stays)
		later := desk.get(link)
		desk.get("/auditor?"+then).holds(t, "2 usulan berubah antara dua keadaan", stays)
		rows := func(p shownPage) string {
			_, table, _ := strings.Cut(p.text, `<section aria-labelledby="hasil">`)
			table, _, _ = strings.Cut(table, `<section aria-labelledby="proses">`)
			return table
		}
		if rows(again) == "" || rows(again) != rows(later) {
			t.Errorf("%s has another answer later:\n%s\n%s", link, rows(again), rows(later))
		}
	})

	t.Run("all rows as a file", func(t *testing.T) {
		p := desk.get("/auditor.csv?" + inYear)
		if got := p.Header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
			t.Errorf("it is %s", got)
		}
		rows, err := csv.NewReader(strings.NewReader(p.text)).ReadAll()
		if err != nil || len(rows) != 3 || len(rows[1]) != len(rows[0]) {
			t.Fatalf("%d rows, %v: %s", len(rows), err, p.text)
		}
		if text := strings.Join(rows[1], "|") + strings.Join(rows[2], "|"); !strings.Contains(text, "PGS-TARIK") || !strings.Contains(text, "'=Jembatan, gantung") {
			t.Errorf("the rows are %q", text)
		}
		if !strings.HasPrefix(p.Header.Get("Link"), "</auditor?diketahui=") {
			t.Errorf("the question is %s", p.Header.Get("Link"))
		}
	})

	t.Run("rules, findings and process", func(t *testing.T) {
		p.holds(t, "/auditor/temuan/A1?", "/auditor/temuan/B8?", "Gugur tanpa alasan atau berita acara", "/proses?")
		desk.get("/auditor/temuan/A6?"+inYear).holds(t, "Tanpa jejak desa", "no_village_trace", "Permendagri 114/2014", "Tidak ada temuan")
		desk.get("/proses?"+inYear).holds(t, "Waktu di tiap tahap", "2 usulan", "Kepatuhan pada alurnya", "2 dari 2 riwayat sesuai")
	})

	t.Run("what cannot be asked is refused in words", func(t *testing.T) {
		for query, says := range map[string]string{"tahun=27": "bukan tahun anggaran", inYear + "&aturan=Z9": "bukan kode aturan", inYear + "&nilai=banyak": "bukan jumlah rupiah", inYear + "&pada=kemarin": "bukan hari"} {
			if p := desk.get("/auditor?" + query); p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.text, says) {
				t.Errorf("%s: %d", query, p.StatusCode)
			}
		}
		if p := desk.get("/auditor/temuan/Z9?" + inYear); p.StatusCode != http.StatusNotFound {
			t.Errorf("a rule that is none: %d", p.StatusCode)
		}
	})
}
