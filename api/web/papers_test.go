package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/forum"
)

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// fill reads what is hidden in the form of a page that posts to an address.
func (p shownPage) fill(t *testing.T, action string, values ...string) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(p.text, `action="`+action+`"`)
	if !found {
		t.Fatalf("no form to %s on the page:\n%s", action, p.text)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(rest, -1) {
		form.Set(m[1], m[2])
	}
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return form
}

// TestPapersOnPages goes the way of berita acara and letters by their pages.
func TestPapersOnPages(t *testing.T) {
	w := newTown(t)
	number := w.submit("Jalan usaha tani <RT 03>")
	id := w.forums["desa"]
	w.do(w.actors["village_head"], nil, act.OnForum{Forum: forum.Stream(id), Year: year, Ask: &forum.AttendanceRecorded{Present: []forum.Attended{{Code: village, Channel: "daring", Count: 3, Women: 1}}}})
	w.do(w.actors["village_head"], nil, act.FinalizeList{Forum: forum.Stream(id), List: "L1", Stage: "desa", Scope: domain.Scope{Kind: domain.ScopeVillage, Code: village}, Entries: []forum.Entry{{Proposal: number}}})
	w.shown(0)
	visitor, head, planner := w.browser(), w.browser(), w.browser()
	head.signIn("village_head")
	planner.signIn("planner")

	t.Run("visitors are asked to sign in", func(t *testing.T) {
		for _, path := range []string{"/forum", "/forum/" + id, "/forum/" + id + "/berita-acara", "/kehadiran", "/surat", "/surat/" + village + "/2027"} {
			if p := visitor.get(path); p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != "/masuk?ke="+url.QueryEscape(path) {
				t.Errorf("%s: %d %s", path, p.StatusCode, p.Header.Get("Location"))
			}
		}
		if p := visitor.post("/surat/"+village+"/2027", url.Values{"nomor": {"S/1"}}); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/masuk") {
			t.Errorf("a visitor's letter: %d %s", p.StatusCode, p.Header.Get("Location"))
		}
		visitor.get("/").lacks(t, `href="/surat"`, `href="/forum"`)
	})

	t.Run("a forum, its attendance, its line and its berita acara", func(t *testing.T) {
		head.get("/forum").holds(t, "Musrenbang desa · Contoh Satu", "1 dari 1", "Belum terbit")
		p := head.get("/forum/" + id)
		p.holds(t, "1 dari 1 hadir", "daring", "3 orang, 1 perempuan", "Kuota 10 usulan", number, "Terbitkan berita acara")
		planner.get("/forum/"+id).lacks(t, "Terbitkan berita acara")
		address := "/forum/" + id + "/berita-acara"
		draft := head.get(address)
		draft.holds(t, "RANCANGAN", "Jalan usaha tani &lt;RT 03&gt;", `<article class="paper sample" lang="id">`)
		if sheet := regexp.MustCompile(`/static/paper[^"]+`).FindString(draft.text); sheet == "" || strings.Contains(draft.text, "<style") {
			t.Error("the page brings a style of its own, or none")
		} else if s := head.get(sheet); s.StatusCode != http.StatusOK || !strings.Contains(s.text, "@page") || !strings.Contains(s.text, "--ink") {
			t.Errorf("%s: %d", sheet, s.StatusCode)
		}

		form := p.fill(t, address, "nomor", "")
		refused := head.post(address, form)
		refused.holds(t, "Ditolak", `role="alert"`)
		if refused.StatusCode < 400 {
			t.Errorf("no number: %d", refused.StatusCode)
		}
		form.Set("nomor", "7/BA/2026")
		form.Set("versi", "1")
		if stale := head.post(address, form); stale.StatusCode != http.StatusPreconditionFailed || !strings.Contains(stale.text, `value="7/BA/2026"`) {
			t.Errorf("a form made for an older version: %d", stale.StatusCode)
		}
		form = head.get("/forum/"+id).fill(t, address, "nomor", "7/BA/2026")
		done := head.post(address, form)
		if done.StatusCode != http.StatusSeeOther {
			t.Fatalf("issue: %d %s", done.StatusCode, done.text)
		}
		head.get(done.Header.Get("Location")).holds(t, "Tercatat sebagai peristiwa nomor", "7/BA/2026", "Belum ditandatangani")
		issued := planner.get(address + "?nomor=7%2FBA%2F2026")
		issued.holds(t, "Diterbitkan dengan nomor 7/BA/2026", "Nomor: 7/BA/2026")
		issued.lacks(t, "RANCANGAN", "Catatan menyebut berkas lain")
		file := regexp.MustCompile(`href="(/api/v1/forums/[^"]+)"`).FindStringSubmatch(issued.text)
		if file == nil || !strings.Contains(planner.get(strings.ReplaceAll(file[1], "&amp;", "&")).text, "<style>") {
			t.Error("the file cannot be downloaded from the page")
		}
	})

	t.Run("who never came and who never handed in", func(t *testing.T) {
		planner.get("/kehadiran").holds(t, "Semua yang diharapkan pernah datang", "Contoh Sunyi")
		planner.get("/kehadiran?semua=1").holds(t, "Contoh Satu", "1 desa tidak mengajukan")
	})

	t.Run("letters: the village's own, and everybody's for Bappeda", func(t *testing.T) {
		address := "/surat/" + village + "/2027"
		planner.get("/surat").holds(t, "Belum diberi tahu (1)", "Contoh Satu", "runut letters")
		p := planner.get(address)
		p.holds(t, "Rancangan surat tentang 1 usulan", "RANCANGAN", number, "Catat sebagai terkirim")
		head.get(address).lacks(t, "Catat sebagai terkirim")
		today := time.Now().In(domain.Zones["WITA"]).Format(time.DateOnly)
		form := p.fill(t, address, "nomor", "050/1", "tanggal", today, "cara", "terbang")
		refused := planner.post(address, form)
		refused.holds(t, "Ditolak", `value="050/1"`)
		form.Set("cara", "langsung")
		done := planner.post(address, form)
		again := planner.post(address, form)
		if done.StatusCode != http.StatusSeeOther || again.StatusCode != http.StatusSeeOther || done.Header.Get("Location") != again.Header.Get("Location") {
			t.Fatalf("recorded: %d %s, again: %d %s", done.StatusCode, done.text, again.StatusCode, again.text)
		}
		head.get(done.Header.Get("Location")).holds(t, "Surat nomor 050/1", "tangan langsung", "Kepala Desa Contoh Satu", "Tercatat sebagai peristiwa nomor")
		head.get("/surat").holds(t, "Sudah diberi tahu", "050/1")
		head.get(address).holds(t, "Semua sudah diberitahukan")
		head.get("/surat?lang=en&status=missing").holds(t, "No village fits")
		for path, want := range map[string]int{"/surat/99.01.03.2002/2027": http.StatusNotFound, address + "?nomor=9": http.StatusNotFound, "/surat/" + village + "/abad": http.StatusNotFound, "/forum/lain": http.StatusNotFound,
			"/surat?setelah=bukan": http.StatusUnprocessableEntity} {
			if p := head.get(path); p.StatusCode != want {
				t.Errorf("%s: %d, want %d", path, p.StatusCode, want)
			}
		}
	})
}
