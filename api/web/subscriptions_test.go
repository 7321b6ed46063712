package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

var secret = regexp.MustCompile(`whsec_[A-Za-z0-9+/=&#;]+`)

// An OPD's head adds an endpoint, tries it, stops it, sends again and removes it, all
// by pages that need no script.
func TestSubscriptionsOnPages(t *testing.T) {
	var got []string
	status := http.StatusOK
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
		w.WriteHeader(status)
		w.Write([]byte("<script>alert(1)</script> 0812-3456-7890"))
	}))
	defer system.Close()
	w := newTown(t)
	w.shown(0)
	visitor, camat, head, planner := w.browser(), w.browser(), w.browser(), w.browser()
	camat.signIn("camat")
	head.signIn("opd_head")
	planner.signIn("planner")
	if p := visitor.get("/langganan"); p.StatusCode != http.StatusSeeOther {
		t.Errorf("a visitor: %d", p.StatusCode)
	}
	if p := camat.get("/langganan"); p.StatusCode != http.StatusForbidden {
		t.Errorf("a camat: %d", p.StatusCode)
	}
	camat.get("/").lacks(t, `href="/langganan"`)
	head.get("/").holds(t, `href="/langganan"`)
	planner.get("/langganan").holds(t, `<option value="`+opd+`"`)

	const add = "/langganan/tambah?opd=" + opd
	list := head.get("/langganan")
	list.holds(t, "Dinas Pekerjaan Umum", "Belum ada alamat", "/api/v1/feeds/opd/"+opd+"/accepted")
	form := list.fill(t, add, "url", "https://petugas:rahasia@opd.example/", "ordering", "proposal", "from", "now")
	bad := head.post(add, form)
	bad.holds(t, "nama pengguna atau sandi", `value="https://petugas:rahasia@opd.example/"`)
	if bad.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an address with a password: %d", bad.StatusCode)
	}
	form.Set("url", system.URL+"/runut?a=1&b=<2>")
	made := head.post(add, form)
	made.holds(t, "tidak ditampilkan lagi", "Alamat ditambahkan")
	if len(secret.FindAllString(made.text, -1)) != 1 || made.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("made: %d %s\n%s", made.StatusCode, made.Header.Get("Cache-Control"), made.text)
	}
	if again := head.post(add, form); again.StatusCode != http.StatusSeeOther {
		t.Errorf("sent twice: %d", again.StatusCode)
	}
	address := regexp.MustCompile(`href="(/langganan/[0-9a-f-]{36})"`).FindStringSubmatch(head.get("/langganan").text)[1]
	page := head.get(address)
	page.holds(t, "aktif", "Kirim percobaan", "Belum ada yang dikirim", "a=1&amp;b=")
	page.lacks(t, "whsec_")
	camat.get(address).lacks(t, system.URL)

	act := func(name string, with ...string) shownPage {
		t.Helper()
		return head.post(address+"/"+name, head.get(address).fill(t, address+"/"+name, with...))
	}
	follow := func(r shownPage, holds ...string) {
		t.Helper()
		if r.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d %s", r.StatusCode, r.text)
		}
		head.get(r.Header.Get("Location")).holds(t, holds...)
	}
	follow(act("coba"), "Percobaan diterima", "Percobaan", "diterima · 200", "&lt;script&gt;", "[telepon disamarkan]")
	status = http.StatusTeapot
	follow(act("coba"), "Percobaan ditolak", "ditolak · 418")
	if len(got) != 2 || !strings.Contains(got[0], "runut.test") {
		t.Errorf("arrived: %v", got)
	}
	follow(act("jeda"), "Pengiriman dijeda", "dijeda")
	follow(act("lanjut"), "Pengiriman dilanjutkan", "aktif")
	wrong := act("ulang")
	wrong.holds(t, "Sebutkan salah satu")
	follow(act("ulang", "since", "2026-01-05"), "Kiriman diulang")
	follow(act("ulang", "after", "0"), "Kiriman diulang")
	rotated := act("rahasia")
	if len(secret.FindAllString(rotated.text, -1)) != 1 {
		t.Errorf("another secret: %d %s", rotated.StatusCode, rotated.text)
	}
	planner.get("/langganan?opd="+opd).holds(t, address)
	gone := act("hapus")
	if gone.StatusCode != http.StatusSeeOther {
		t.Errorf("removed: %d", gone.StatusCode)
	}
	if p := head.get(address); p.StatusCode != http.StatusNotFound {
		t.Errorf("after it was removed: %d", p.StatusCode)
	}
}
