package api_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"runut/api/web"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/history"
	"runut/eventstore/dossier"
	"runut/eventstore/notary"
	"runut/eventstore/verify"
)

// unpacked returns the files of a dossier, after it was found good.
func (w *town) unpacked(n *notary.Notary, file []byte) map[string]string {
	w.Helper()
	r := &verify.Report{}
	if err := verify.Dossier(w.Context(), bytes.NewReader(file), int64(len(file)), "d.zip", &n.Signer.Trust, nil, r); err != nil || r.Status() != verify.Good {
		w.Fatalf("%v: %+v", err, r)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			w.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			w.Fatal(err)
		}
		out[f.Name] = string(body)
	}
	return out
}

// Whoever signed in gets the events and the documents they name; a visitor what was
// released, and nothing before.
func TestDossiersOverHTTP(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n), func(w *town) {
		w.server.AddPages(&web.Pages{DB: w.pool, Public: w.server.Public, Definitions: w.find, Current: w.definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(w.find),
			Book: &notary.Book{DB: w.server.Public, Origin: n.Signer.Origin}})
	})
	minutes := w.send("village_operator", http.MethodPost, "/api/v1/documents", "Berita acara musyawarah\n", "Content-Type", "text/plain")
	digest := minutes.get(t, "/digest").(string)
	number := w.submit(map[string]any{"minutes_village": map[string]any{"kind": "berita_acara", "number": "BA/1", "date": day(-3), "digest": digest}})
	w.post("village_head", "/api/v1/proposals/"+number+"/withdraw", map[string]any{"reason": "PGS-TARIK"})
	path := "/api/v1/proposals/" + number + "/dossier"
	if r := w.send("auditor", http.MethodGet, path, nil); r.StatusCode != http.StatusServiceUnavailable || r.get(t, "/code") != "dossier.unsigned" {
		t.Errorf("of a log that nobody signed: %d %s", r.StatusCode, r.body)
	}
	if _, err := n.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.caughtUp()

	r := w.send("auditor", http.MethodGet, path, nil)
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/zip" || !strings.Contains(r.Header.Get("Content-Disposition"), number) {
		t.Fatalf("%d %v %.300s", r.StatusCode, r.Header, r.body)
	}
	files := w.unpacked(n, r.body)
	if got := files[dossier.Document(digest, "text/plain")]; got != "Berita acara musyawarah\n" {
		t.Errorf("the document is %q", got)
	}
	if !strings.Contains(files[dossier.Answer], `"outcome": "withdrawn"`) || !strings.Contains(files[dossier.Page], `href="documents/`+digest) {
		t.Errorf("%s\n%s", files[dossier.Answer], files[dossier.Page])
	}
	again := w.send("auditor", http.MethodGet, path+"?known_at="+r.Header.Get("X-Runut-Position"), nil)
	if !bytes.Equal(again.body, r.body) {
		t.Error("at the same position it has other bytes")
	}
	for address, who := range map[string]string{"/dosir/" + number + ".zip": "auditor", "/dosir.zip?usulan=" + number: "auditor", "/api/v1/dossiers?usulan=" + number: "auditor", "/api/v1/dossiers?year=2027&nasib=withdrawn": "auditor"} {
		if r := w.send(who, http.MethodGet, address, nil); r.StatusCode != http.StatusOK || len(w.unpacked(n, r.body)) < 10 {
			t.Errorf("%s: %d", address, r.StatusCode)
		}
	}
	for _, address := range []string{path + "?format=html", "/dosir/" + number} {
		r := w.send("auditor", http.MethodGet, address, nil)
		if r.StatusCode != http.StatusOK || !strings.Contains(string(r.body), number) || !strings.Contains(r.Header.Get("Content-Security-Policy"), "style-src 'sha256-") || strings.Contains(string(r.body), "href=") {
			t.Errorf("%s: %d %v", address, r.StatusCode, r.Header)
		}
	}

	page := w.send("auditor", http.MethodGet, "/usulan/"+number+"?diketahui=3", nil)
	if !strings.Contains(string(page.body), `href="/dosir/`+number+`.zip?diketahui=3"`) {
		t.Error("the proposal's page does not lead to its dossier at that moment")
	}

	for address, status := range map[string]int{path: 404, "/dosir/" + number + ".zip": 404, "/dosir/" + number: 404, "/api/v1/dossiers": 422, "/api/v1/dossiers?year=2027": 401, path + "?as_of=2026-01-01": 401, "/dosir/x.zip": 422} {
		if r := w.send("", http.MethodGet, address, nil); r.StatusCode != status {
			t.Errorf("a visitor asks for %s: %d, want %d", address, r.StatusCode, status)
		}
	}
	w.do("ppid", act.OnCycle{Year: year, Ask: &cycle.PublicationPolicySet{Fields: cycle.Publishable, After: "desa"}})
	w.release(all, "")
	if _, err := n.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	r = w.send("", http.MethodGet, path, nil)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("a visitor: %d %s", r.StatusCode, r.body)
	}
	public := w.unpacked(n, r.body)
	for name := range public {
		if name == dossier.Events || strings.HasPrefix(name, "documents/") {
			t.Errorf("a visitor is handed %s", name)
		}
	}
	if strings.Contains(public[dossier.Page], digest) {
		t.Error("a visitor is told the digest of a document")
	}
}

// everybodysDossiers are of all proposals, as whoever asks may have them: nothing in
// them names a person.
func (w *town) everybodysDossiers(n *notary.Notary) {
	w.Helper()
	if _, err := n.Seal(w.Context()); err != nil {
		w.Fatal(err)
	}
	for who, from := range map[string]string{"": `select number from public_read.answers`, "auditor": `select number from read.proposals`} {
		rows, err := w.pool.Query(w.Context(), from)
		if err != nil {
			w.Fatal(err)
		}
		numbers, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(numbers) < 5 {
			w.Fatal(numbers, err)
		}
		r := w.send(who, http.MethodGet, "/api/v1/dossiers?"+url.Values{"usulan": numbers}.Encode(), nil)
		if r.StatusCode != http.StatusOK {
			w.Fatalf("%s: %d %s", who, r.StatusCode, r.body)
		}
		banned := canaries
		if who != "" {
			banned = masked
		}
		for name, body := range w.unpacked(n, r.body) {
			w.holds(who+" "+name, body, banned)
		}
	}
}
