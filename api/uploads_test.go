package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runut/api/intake/sipd/sample"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/reference"
	"runut/eventstore/vault"
)

// export is a practice export of SIPD, as the program itself makes them.
func (w *town) export(rows, week int) []byte {
	w.Helper()
	histories, err := w.server.Store.Streams(w.Context(), []string{reference.Stream("wilayah"), reference.Stream("opd")})
	if err != nil {
		w.Fatal(err)
	}
	entries := func(register string) []reference.Entry {
		return reference.Fold(event.Sequence(histories[reference.Stream(register)], event.View{})).On("").Entries
	}
	var b bytes.Buffer
	table := sample.Make(sample.Options{Wilayah: entries("wilayah"), OPD: entries("opd"), Rows: rows, Seed: 1, Week: week, Traps: true})
	if err := table.XLSX(&b, time.Now().Add(-time.Hour)); err != nil {
		w.Fatal(err)
	}
	return b.Bytes()
}

// put uploads a file as somebody; options are alternating names and values.
func (w *town) put(who string, content io.Reader, options ...string) reply {
	w.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(options); i += 2 {
		q.Set(options[i], options[i+1])
	}
	return w.send(who, http.MethodPost, "/api/v1/uploads?"+q.Encode(), content, "Content-Type", "application/octet-stream")
}

func (w *town) upload(who string, content []byte, options ...string) string {
	w.Helper()
	r := w.put(who, bytes.NewReader(content), options...)
	if r.StatusCode != http.StatusCreated {
		w.Fatalf("upload: %d %s", r.StatusCode, r.body)
	}
	return r.get(w.T, "/id").(string)
}

func (w *town) pieces() (n int) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), `select count(*) from vault.upload_pieces`).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAnExportIsTriedAndThenTakenIn(t *testing.T) {
	w := newTown(t)
	content := w.export(40, 0)
	exported := time.Now().Add(-time.Hour).Format(time.RFC3339)
	name := "usulan Sri Kenari.xlsx"
	sipd := []string{"kind", "sipd", "year", "2027", "name", name, "exported_at", exported}

	t.Run("who may not, and what is no table", func(t *testing.T) {
		w := w.in(t)
		w.refused(w.put("camat", bytes.NewReader(content), sipd...), http.StatusForbidden, "upload.role_missing")
		w.refused(w.put("importer", bytes.NewReader(content), "kind", "ramalan"), http.StatusUnprocessableEntity, "upload.kind_unknown")
		w.refused(w.put("importer", bytes.NewReader(content), "kind", "sipd", "year", "dua ribu"), http.StatusUnprocessableEntity, "upload.year")
		w.refused(w.put("importer", strings.NewReader("<html><script>alert(1)</script>"), sipd...), http.StatusUnprocessableEntity, "sheet.old_format")
		w.refused(w.put("importer", bytes.NewReader(content[:len(content)/2]), sipd...), http.StatusUnprocessableEntity, "sheet.broken")
		w.refused(w.put("importer", bytes.NewReader(nil), sipd...), http.StatusUnprocessableEntity, "upload.empty")
		w.refused(w.put("importer", io.LimitReader(zeros{}, vault.LargestUpload+1), sipd...), http.StatusTooManyRequests, "upload.too_large")
		if w.pieces() != 0 {
			t.Error("something of what was refused stayed")
		}
	})

	at := w.head()
	id := w.upload("importer", content, sipd...)
	path := "/api/v1/uploads/" + id
	trial := w.read("importer", path+"/trial", reply{Response: &http.Response{Header: http.Header{}}})
	if trial.get(t, "/dry_run") != true || trial.get(t, "/events") != 0.0 || trial.get(t, "/nothing") != false || trial.get(t, "/rows/0/rows").(float64) < 30 {
		t.Errorf("trial: %s", trial.body)
	}
	held, _ := trial.get(t, "/held_total").(float64)
	if held < 5 || trial.get(t, "/held/0/why").(string) == "" || trial.get(t, "/held/0/row").(float64) == 0 {
		t.Errorf("quarantine: %s", trial.body)
	}
	if w.head() != at {
		t.Error("a trial wrote something")
	}
	w.refused(w.send("planner", http.MethodGet, path+"/trial", nil), http.StatusNotFound, "upload.gone")
	w.refused(w.send("planner", http.MethodPost, path+"/take", nil), http.StatusNotFound, "upload.gone")
	w.refused(w.send("importer", http.MethodGet, "/api/v1/uploads/bukan/trial", nil), http.StatusNotFound, "upload.gone")
	book := w.send("importer", http.MethodGet, path+"/quarantine", nil)
	if book.StatusCode != http.StatusOK || !bytes.HasPrefix(book.body, []byte("PK")) || strings.Contains(book.Header.Get("Content-Disposition"), "Kenari") {
		t.Errorf("quarantine: %d %v", book.StatusCode, book.Header)
	}
	w.refused(w.send("importer", http.MethodGet, path+"/confirm", nil), http.StatusNotFound, "upload.no_rows")

	taken := w.send("importer", http.MethodPost, path+"/take", nil)
	if taken.StatusCode != http.StatusOK || taken.get(t, "/events").(float64) < 30 || taken.get(t, "/dry_run") != false {
		t.Fatalf("take: %d %s", taken.StatusCode, taken.body)
	}
	once := w.head()
	again := w.send("importer", http.MethodPost, path+"/take", nil)
	if again.get(t, "/nothing") != true || w.head() != once {
		t.Errorf("taken in again: %s", again.body)
	}
	if listed := w.send("importer", http.MethodGet, "/api/v1/uploads", nil); listed.get(t, "/items/0/taken") != true || listed.get(t, "/items/0/id") != id {
		t.Errorf("uploads: %s", listed.body)
	}

	t.Run("a mended quarantine is one more file", func(t *testing.T) {
		w := w.in(t)
		mended := w.upload("importer", book.body, "kind", "sipd", "year", "2027", "name", "karantina.xlsx")
		r := w.read("importer", "/api/v1/uploads/"+mended+"/trial", reply{Response: &http.Response{Header: http.Header{}}})
		if !strings.Contains(fmt.Sprint(r.get(t, "/said")), trial.get(t, "/digest").(string)) {
			t.Errorf("it does not say what it mends: %s", r.body)
		}
	})
	t.Run("rows are dismissed with a reason", func(t *testing.T) {
		w := w.in(t)
		row := int(trial.get(t, "/held/0/row").(float64))
		body := map[string]any{"source": "sipd", "year": 2027, "file": trial.get(t, "/digest"), "rows": []int{row}, "note": "Bukan usulan, Ibu Kenari"}
		bare := map[string]any{"source": "sipd", "year": 2027, "file": trial.get(t, "/digest"), "rows": []int{row}}
		w.refused(w.send("importer", http.MethodPost, "/api/v1/imports/dismiss", bare), http.StatusUnprocessableEntity, "import.missing")
		w.refused(w.send("camat", http.MethodPost, "/api/v1/imports/dismiss", body), http.StatusForbidden, "delivery.role_missing")
		done := w.post("importer", "/api/v1/imports/dismiss", body)
		w.refused(w.send("importer", http.MethodPost, "/api/v1/imports/dismiss", body), http.StatusConflict, "import.row_resolved")
		files := w.read("importer", "/api/v1/imports?year=2027&open=true", done)
		if files.get(t, "/items/0/open") != held-1 {
			t.Errorf("open after one was dismissed: %s", files.body)
		}
	})
	w.keptNowhere("Kenari")

	if r := w.send("importer", http.MethodPost, path+"/discard", nil); r.StatusCode != http.StatusOK {
		t.Errorf("discard: %s", r.body)
	}
	w.refused(w.send("importer", http.MethodGet, path+"/trial", nil), http.StatusNotFound, "upload.gone")
}

func TestAListIsTriedAnsweredAndTakenIn(t *testing.T) {
	w := newTown(t)
	numbers := w.agreed(t, 2)
	w.caughtUp()
	var b bytes.Buffer
	b.WriteString("Nomor usulan;Kode sub kegiatan;Uraian;Lokasi;Pagu\n")
	fmt.Fprintf(&b, "%s;;Rabat beton;RT 02;200000000\n", numbers[0])
	fmt.Fprintf(&b, ";%s;Pembangunan drainase RT 06 Dusun Timur;RT 06 Dusun Timur;158400000\n", subKegiatan)
	fmt.Fprintf(&b, "U-27-0000000;;Tidak ada;RT 09;1\n")
	rkpd := []string{"kind", "rkpd", "year", "2027", "name", "rkpd.csv", "document", "20/2026", "date", day(-1)}
	w.refused(w.put("tapd", bytes.NewReader(b.Bytes()), rkpd...), http.StatusForbidden, "upload.role_missing")
	bare := w.upload("head_of_planning", b.Bytes(), rkpd...)
	w.refused(w.send("head_of_planning", http.MethodGet, "/api/v1/uploads/"+bare+"/trial", nil), http.StatusUnprocessableEntity, "lists.paper_missing")
	w.refused(w.put("head_of_planning", strings.NewReader("bukan pdf"), "kind", "paper"), http.StatusUnprocessableEntity, "upload.not_pdf")
	w.refused(w.put("camat", strings.NewReader("%PDF-1.7\n%%EOF"), "kind", "paper"), http.StatusForbidden, "upload.role_missing")

	pdf := []byte("%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n")
	paper := w.upload("head_of_planning", pdf, "kind", "paper")
	id := w.upload("head_of_planning", b.Bytes(), append(rkpd, "paper", paper)...)
	path := "/api/v1/uploads/" + id
	at := w.head()
	trial := w.send("head_of_planning", http.MethodGet, path+"/trial", nil)
	if trial.get(t, "/waiting_total") != 1.0 || trial.get(t, "/held_total") != 1.0 || trial.get(t, "/rows/0/rows") != 1.0 || trial.get(t, "/waiting/0/choices/0/proposal") != numbers[1] {
		t.Fatalf("trial: %s", trial.body)
	}
	row := fmt.Sprint(trial.get(t, "/waiting/0/row"))
	answers := map[string]any{"year": 2027, "document": map[string]any{"kind": "perkada", "number": "20/2026", "date": day(-1)}, "paper": paper, "answers": map[string]any{row: numbers[1]}}
	if r := w.send("head_of_planning", http.MethodPost, path+"/order", answers); r.StatusCode != http.StatusOK {
		t.Fatalf("order: %s", r.body)
	}
	trial = w.send("head_of_planning", http.MethodGet, path+"/trial", nil)
	if trial.get(t, "/waiting_total") != 0.0 || trial.get(t, "/rows/0/rows") != 2.0 || w.head() != at {
		t.Errorf("answered: %s", trial.body)
	}
	taken := w.send("head_of_planning", http.MethodPost, path+"/take", nil)
	if taken.StatusCode != http.StatusOK || w.head() == at {
		t.Fatalf("take: %s", taken.body)
	}
	for _, n := range numbers {
		if s := w.state(n); s.At != "in_rkpd" {
			t.Errorf("%s is %s", n, s.At)
		}
	}
	adopted := w.read("planner", "/api/v1/cycles/2027", reply{Response: &http.Response{Header: http.Header{"X-Runut-Position": {fmt.Sprint(w.head())}}}})
	digest, err := vault.ParseDigest(fmt.Sprint(trial.get(t, "/digest")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.server.Documents.Get(t.Context(), digest); !errors.Is(err, &domain.Error{Code: "document.not_found"}) {
		t.Errorf("the list itself was kept as a document: %v", err)
	}
	if !strings.Contains(string(adopted.body), "20/2026") {
		t.Errorf("the document was not adopted: %s", adopted.body)
	}
}
