package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var coded = regexp.MustCompile(`<code>(rni_[^<]+)</code>`)

// TestPeopleOnPages registers somebody, gives them a grant and lets them in, all
// by pages that need no script.
func TestPeopleOnPages(t *testing.T) {
	w := newTown(t)
	w.shown(0)
	visitor, camat, planner, approver := w.browser(), w.browser(), w.browser(), w.browser()
	camat.signIn("camat")
	planner.signIn("planner")
	approver.signIn("approver")
	if p := visitor.get("/petugas"); p.StatusCode != http.StatusSeeOther {
		t.Errorf("a visitor: %d", p.StatusCode)
	}
	if p := camat.get("/petugas"); p.StatusCode != http.StatusForbidden {
		t.Errorf("a camat: %d", p.StatusCode)
	}
	camat.get("/").lacks(t, `href="/petugas"`)
	list := planner.get("/petugas?q=Desa+Contoh+Satu")
	list.holds(t, "Belum didaftarkan", "Kepala desa/lurah, Desa Contoh Satu", "Daftarkan orang")
	list.lacks(t, "Camat, Kecamatan Contoh")

	form := list.fill(t, "/petugas/daftar", "name", "Kenari Wulandari", "nik", "12", "purpose", "official")
	bad := planner.post("/petugas/daftar", form)
	bad.holds(t, "NIK 16 angka", `value="Kenari Wulandari"`)
	if bad.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a short NIK: %d", bad.StatusCode)
	}
	form.Set("nik", "9901 0141 0185 0001")
	done, again := planner.post("/petugas/daftar", form), planner.post("/petugas/daftar", form)
	address, _, _ := strings.Cut(done.Header.Get("Location"), "?")
	if done.StatusCode != http.StatusSeeOther || !strings.HasPrefix(address, "/petugas/p-") || again.Header.Get("Location") != done.Header.Get("Location") {
		t.Fatalf("register: %d %s, again: %s\n%s", done.StatusCode, done.Header.Get("Location"), again.Header.Get("Location"), done.text)
	}
	page := planner.get(done.Header.Get("Location"))
	page.holds(t, "Tercatat sebagai peristiwa nomor", "Pejabat atau petugas", "Belum ada penugasan", "Betulkan nama atau nomor")
	page.lacks(t, "Kenari", "Wulandari", "9901014101850001", "Beri penugasan")

	page = approver.get(address)
	give := page.fill(t, address+"/penugasan", "role", "camat", "scope", "99.01.03", "office", "Kecamatan Contoh", "capacity", "plt", "from", "2026-01-05",
		"decree", "sk", "decree.2", "821/9/2026", "decree.3", "2026-01-05")
	alone := approver.post(address+"/penugasan", give)
	alone.holds(t, "perlu persetujuan orang kedua", `value="821/9/2026"`, `<option value="camat" selected>`)
	give.Set("second", w.tokens["planner"])
	approver.post(address+"/penugasan", give).holds(t, "tidak boleh menyetujui")
	give.Set("second", w.tokens["head_of_planning"])
	give.Set("scope", "")
	wrong := approver.post(address+"/penugasan", give)
	wrong.holds(t, "bukan satu wilayah atau OPD")
	wrong.lacks(t, w.tokens["head_of_planning"])
	give.Set("scope", "99.01.03")
	given := approver.post(address+"/penugasan", give)
	if given.StatusCode != http.StatusSeeOther {
		t.Fatalf("give: %d %s", given.StatusCode, given.text)
	}
	page = approver.get(given.Header.Get("Location"))
	page.holds(t, "Camat, Kecamatan Contoh", "Plt. (pelaksana tugas)", "satu kecamatan 99.01.03", "5 Januari 2026", "821/9/2026")
	code := regexp.MustCompile(`action="(/petugas/[^"]+/kode)"`).FindStringSubmatch(page.text)
	if code == nil {
		t.Fatal("no form for a code")
	}
	invite := page.fill(t, code[1], "second", "")
	approver.post(code[1], invite).holds(t, "perlu persetujuan orang kedua")
	invite.Set("second", w.tokens["head_of_planning"])
	invited := approver.post(code[1], invite)
	made := coded.FindStringSubmatch(invited.text)
	if made == nil || invited.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("invite: %d %s", invited.StatusCode, invited.Header.Get("Cache-Control"))
	}
	if p := approver.get(code[1]); p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != address {
		t.Errorf("the address of the form: %d %s", p.StatusCode, p.Header.Get("Location"))
	}
	approver.get(address).lacks(t, made[1])

	fresh, late := w.browser(), w.browser()
	in := fresh.post("/masuk", url.Values{"token": {made[1]}, "ke": {"/forum"}})
	in.holds(t, "rnt_", "hanya ditampilkan sekali", `href="/forum"`)
	fresh.get("/").holds(t, "Camat, Kecamatan Contoh")
	late.post("/masuk", url.Values{"token": {made[1]}}).holds(t, "sudah pernah dipakai")

	correct := planner.get(address).fill(t, address+"/betulkan", "name", "Kenari Wulansari")
	if p := planner.post(address+"/betulkan", correct); p.StatusCode != http.StatusSeeOther {
		t.Fatalf("correct: %d %s", p.StatusCode, p.text)
	}
	if p := planner.post(address+"/betulkan", planner.get(address).fill(t, address+"/betulkan", "versi", "1", "name", "Kenari")); p.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("a form made before the correction: %d", p.StatusCode)
	}
	planner.get(address).lacks(t, "Kenari")

	end := strings.TrimSuffix(code[1], "/kode") + "/cabut"
	revoke := approver.get(address).fill(t, end, "decree", "sk", "decree.2", "821/10/2026", "decree.3", "2026-01-06", "reason", "Pindah tugas")
	if p := approver.post(end, revoke); p.StatusCode != http.StatusSeeOther {
		t.Fatalf("revoke: %d %s", p.StatusCode, p.text)
	}
	approver.get(address).holds(t, "Dicabut")
	fresh.get("/forum").lacks(t, "Kecamatan Contoh")
	planner.get("/petugas?lang=en").holds(t, "People and their grants", "Revoked")
}
