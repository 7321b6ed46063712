package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
)

// fields reads a form off a proposal's page: what is hidden in it.
func (p shownPage) fields(t *testing.T, step string) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(p.text, `id="langkah-`+step+`"`)
	if !found {
		t.Fatalf("no form %s on the page", step)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(rest, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

// TestPages goes the way of a proposal by its pages: what visitors see before
// and after it was announced, and what officers see and do.
func TestPages(t *testing.T) {
	w := newTown(t)
	first, second := w.submit("Jalan usaha tani RT 03"), w.submit("Jalan usaha tani RT 04")
	visitor, head := w.browser(), w.browser()

	t.Run("visitors see nothing of what was not announced", func(t *testing.T) {
		visitor.get("/").holds(t, "Belum ada yang dapat ditampilkan", "DATA CONTOH", "Kabupaten Contoh")
		visitor.get("/usulan").lacks(t, "Jalan usaha tani", first)
		if p := visitor.get("/usulan/" + first); p.StatusCode != http.StatusNotFound {
			t.Errorf("a proposal that was not announced is answered with %d", p.StatusCode)
		}
	})

	t.Run("an address does not show another year than it names", func(t *testing.T) {
		for _, path := range []string{"/usulan?tahun=2050", "/usulan?tahun=abc", "/?tahun=20277"} {
			p := visitor.get(path)
			if p.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s is answered with %d", path, p.StatusCode)
			}
			p.holds(t, "bukan tahun anggaran", "2027")
		}
		if p := visitor.get("/usulan?tahun=semua"); p.StatusCode != http.StatusOK {
			t.Errorf("every year is answered with %d", p.StatusCode)
		}
	})

	t.Run("officers see all of it, and that it is theirs alone", func(t *testing.T) {
		head.signIn("village_head")
		p := head.get("/usulan/" + first)
		p.holds(t, "Tampilan petugas", "Kepala desa/lurah, Desa Contoh Satu", "Jalan usaha tani RT 03", "Diajukan", "[telepon disamarkan]", "Tetapkan sebagai prioritas desa", "Hanya untuk Operator desa/kelurahan")
		p.lacks(t, "0812-3456-7890", "Sutrisno")
		if got := p.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("an officer's page may be kept: %q", got)
		}
		head.get("/").holds(t, "Seimbang", "Rp400.000.000")
		head.get("/usulan?q=jalan").holds(t, first, second, "2 usulan ditemukan")
	})

	t.Run("a form that lacks something comes back as it was typed", func(t *testing.T) {
		form := head.get("/usulan/"+first).fields(t, "reject_desa")
		form.Set("text", "Bukan kewenangan <kabupaten>")
		p := head.post("/usulan/"+first+"/langkah/reject_desa", form)
		if p.StatusCode < 400 || p.StatusCode > 499 {
			t.Errorf("refused with %d", p.StatusCode)
		}
		p.holds(t, "Ditolak:", "Bukan kewenangan &lt;kabupaten&gt;", `role="alert"`, `id="langkah-reject_desa" open`)
	})

	t.Run("one form acts once, and on the version it was made for", func(t *testing.T) {
		form := head.get("/usulan/"+first).fields(t, "prioritize_desa")
		stale := head.get("/usulan/"+second).fields(t, "withdraw")
		form.Set("forum", "forum-"+w.forums["desa"])
		form.Set("list", "L1")
		form.Set("order", first+"\n"+strings.ToLower(second)+" 150.000.000")
		done := head.post("/usulan/"+first+"/langkah/prioritize_desa", form)
		again := head.post("/usulan/"+first+"/langkah/prioritize_desa", form)
		if done.StatusCode != http.StatusSeeOther || !strings.Contains(done.Header.Get("Location"), "tercatat=") {
			t.Fatalf("the list was not made final: %d %s", done.StatusCode, done.text)
		}
		// The step is gone by now, and nothing was recorded a second time.
		if again.StatusCode != http.StatusSeeOther && again.StatusCode != http.StatusConflict {
			t.Errorf("the form sent again is answered with %d", again.StatusCode)
		}
		p := head.get(done.Header.Get("Location"))
		p.holds(t, "Tercatat sebagai peristiwa nomor", "Diperiksa kecamatan", "peringkat 1 dari 2")
		if n := strings.Count(p.text, "<h3>Masuk prioritas"); n != 1 {
			t.Errorf("it was prioritised %d times", n)
		}
		stale.Set("reason", "PGS-TARIK")
		if p := head.post("/usulan/"+second+"/langkah/withdraw", stale); p.StatusCode != http.StatusPreconditionFailed {
			t.Errorf("a form made for an older version is answered with %d", p.StatusCode)
		}
	})

	t.Run("visitors cannot act, whatever they send", func(t *testing.T) {
		p := visitor.post("/usulan/"+first+"/langkah/reject_kec", url.Values{"reason": {"KWN-DESA"}})
		if p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/masuk?ke=") {
			t.Errorf("answered with %d %s", p.StatusCode, p.Header.Get("Location"))
		}
		if p := head.post("/usulan/"+first+"/langkah/accept", url.Values{"kunci": {"x"}, "versi": {"2"}}); p.StatusCode != http.StatusConflict {
			t.Errorf("a step of another role is answered with %d", p.StatusCode)
		}
		foreign := head.post("/keluar", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		if foreign.StatusCode != http.StatusForbidden {
			t.Errorf("another site's form is answered with %d", foreign.StatusCode)
		}
	})

	t.Run("what was announced, visitors see, without what people wrote", func(t *testing.T) {
		w.shown(w.do(w.actors["ppid"], nil, act.OnCycle{Year: year, Ask: &cycle.PublicationReleased{Scope: domain.Scope{Kind: domain.ScopeKabupaten}}}))
		p := visitor.get("/usulan/" + first)
		p.holds(t, "Jalan usaha tani RT 03", "belum diumumkan", "Musrenbang desa", "peringkat 1 dari 2", "Rp200.000.000", "Siapa yang dapat bertindak?", "Camat, Kecamatan Contoh", "Terbuka sampai", "belum diklaim terverifikasi")
		p.lacks(t, "Tampilan petugas", "disamarkan", "Sutrisno", "Rabat beton", w.actors["village_operator"].Person, "<form method=\"post\"")
		home := visitor.get("/")
		home.holds(t, "Seimbang", "Rp400.000.000", "1 dari 2 desa", "Contoh Sunyi")
		visitor.get("/usulan?kecamatan="+kecamatan).holds(t, first, second, "2 usulan ditemukan")
		visitor.get("/usulan?q=jembatan").holds(t, "Tidak ada usulan yang cocok")
	})

	t.Run("numbers are found however they are typed", func(t *testing.T) {
		for _, path := range []string{"/usulan/" + strings.ToLower(first), "/u/" + strings.ToLower(first)} {
			if p := visitor.get(path); p.StatusCode != http.StatusMovedPermanently || p.Header.Get("Location") != "/usulan/"+first {
				t.Errorf("%s: %d %s", path, p.StatusCode, p.Header.Get("Location"))
			}
		}
		if p := visitor.get("/usulan?q=+" + strings.ToLower(first) + "+"); p.Header.Get("Location") != "/usulan/"+first {
			t.Errorf("the search leads to %q", p.Header.Get("Location"))
		}
		if p := visitor.get("/usulan/U-27-AAAAAAA"); p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.text, "salah ketik") {
			t.Errorf("a mistyped number: %d", p.StatusCode)
		}
	})

	t.Run("addresses that lead nowhere", func(t *testing.T) {
		p := visitor.get("/tidak/ada")
		p.holds(t, "Tidak ditemukan", `role="search"`, `lang="id"`)
		if p.StatusCode != http.StatusNotFound {
			t.Errorf("status %d", p.StatusCode)
		}
		for path, accept := range map[string]string{"/api/v1/tidak-ada": "text/html", "/tidak/ada": "application/json"} {
			if got := visitor.get(path, "Accept", accept).Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("%s as %s is answered as %s", path, accept, got)
			}
		}
		if p := visitor.post("/metodologi", nil); p.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(p.text, "<h1>") {
			t.Errorf("a wrong method: %d", p.StatusCode)
		}
		for _, bad := range []string{"/usulan?setelah=bukan", "/usulan?urut=acak"} {
			if p := visitor.get(bad); p.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", bad, p.StatusCode)
			}
		}
	})

	t.Run("the language is kept", func(t *testing.T) {
		reader := w.browser()
		reader.get("/usulan/"+first+"?lang=en").holds(t, `<html lang="en">`, "Who can act?", "not been announced")
		reader.get("/glosarium").holds(t, `<html lang="en">`, "Submitted")
		reader.get("/metodologi?lang=id").holds(t, `<html lang="id">`, "Usulan asal")
	})

	t.Run("signing in and out", func(t *testing.T) {
		reader := w.browser()
		reader.get("/masuk?ke=//evil.example").holds(t, `name="ke" value="/"`)
		reader.post("/masuk", url.Values{"token": {"rnt_salah_salah"}}).holds(t, "Token tidak dikenal", `aria-invalid="true"`)
		reader.post("/masuk", url.Values{}).holds(t, "Tempelkan token Anda")
		p := reader.post("/masuk", url.Values{"token": {" " + w.tokens["camat"] + " "}, "ke": {"https://evil.example"}})
		if p.Header.Get("Location") != "/" {
			t.Errorf("signing in leads to %q", p.Header.Get("Location"))
		}
		for _, part := range []string{"__Host-", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"} {
			if got := p.Header.Get("Set-Cookie"); !strings.Contains(got, part) {
				t.Errorf("the cookie %q lacks %s", got, part)
			}
		}
		reader.get("/masuk").holds(t, "Anda sudah masuk")
		reader.post("/keluar", nil)
		reader.get("/").lacks(t, "Tampilan petugas")
	})

	t.Run("documentation of the API", func(t *testing.T) {
		visitor.get("/pengembang").holds(t, "/api/v1/proposals/{number}/accept", "Idempotency-Key", "curl ", "ProposalView")
		visitor.get("/robots.txt").holds(t, "Disallow: /api/")
		if p := visitor.get("/favicon.svg"); p.Header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("favicon is %s", p.Header.Get("Content-Type"))
		}
		sheet := regexp.MustCompile(`/static/[^"]+`).FindString(visitor.get("/masuk").text)
		if p := visitor.get(sheet); p.StatusCode != http.StatusOK || !strings.Contains(p.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %s", sheet, p.StatusCode, p.Header.Get("Cache-Control"))
		}
	})
}
