package api_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"runut/api/web"
	"runut/domain/history"
	"runut/eventstore/notary"
)

// So many dossiers of several proposals are made at once and no more. A place is free
// again when its reader has all, goes away, or stops reading.
func TestDossiersOfSeveralAreBounded(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n), func(w *town) {
		w.server.Bulk.Places, w.server.PublicBulk.Places = 1, 1
		w.server.AddPages(&web.Pages{DB: w.pool, Public: w.server.Public, Definitions: w.find, Current: w.definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(w.find),
			Book: &notary.Book{DB: w.server.Public, Origin: n.Signer.Origin}})
	})
	// A document larger than any buffer between the two: who does not read it holds the place.
	paper := make([]byte, 19<<20)
	rand.Read(paper)
	stored := w.send("village_operator", http.MethodPost, "/api/v1/documents", "%PDF-1.4\n"+string(paper)+"\n%%EOF\n", "Content-Type", "application/pdf")
	if stored.StatusCode >= 300 {
		t.Fatalf("the document: %d %s", stored.StatusCode, stored.body)
	}
	number := w.submit(map[string]any{"minutes_village": map[string]any{"kind": "berita_acara", "number": "BA/1", "date": day(-3), "digest": stored.get(t, "/digest")}})
	if _, err := n.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.caughtUp()
	const bulk = "/api/v1/dossiers?year=2027"

	// begin asks and reads the head of the answer only. Whoever was just answered gives
	// the place back a little later than the answer ends.
	begin := func() (*http.Response, context.CancelFunc) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+bulk, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.tokens["auditor"])
		res, err := http.DefaultClient.Do(r)
		for until := time.Now().Add(time.Minute); err == nil && res.StatusCode == http.StatusServiceUnavailable && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
			res.Body.Close()
			res, err = http.DefaultClient.Do(r)
		}
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res, err)
		}
		t.Cleanup(cancel)
		return res, cancel
	}
	free := func(how string) {
		t.Helper()
		for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			if w.send("auditor", http.MethodGet, bulk, nil).StatusCode == http.StatusOK {
				return
			}
			if time.Now().After(until) {
				t.Fatalf("no place became free after the reader %s", how)
			}
		}
	}

	first, _ := begin()
	for address, says := range map[string]string{bulk: "being made already", "/dosir.zip?tahun=2027": "Sudah 1 dosir", "/api/v1/dossiers?usulan=" + number + "&usulan=" + number: "being made already"} {
		headers := []string{"Accept-Language", "en"}
		if strings.HasPrefix(address, "/dosir") {
			headers = []string{"Accept", "text/html", "Accept-Language", "id"}
		}
		r := w.send("auditor", http.MethodGet, address, nil, headers...)
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "60" || !strings.Contains(string(r.body), says) {
			t.Errorf("%s while another is made: %d %v %.300q", address, r.StatusCode, r.Header["Retry-After"], r.body)
		}
	}
	if r := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+number+"/dossier", nil); r.StatusCode != http.StatusOK {
		t.Errorf("one proposal waits too: %d", r.StatusCode)
	}
	if r := w.send("", http.MethodGet, "/api/v1/dossiers?usulan="+number+"&usulan="+number, nil); r.StatusCode == http.StatusServiceUnavailable {
		t.Errorf("a visitor waits for officers: %s", r.body)
	}
	if _, err := io.Copy(io.Discard, first.Body); err != nil {
		t.Fatal(err)
	}
	first.Body.Close()
	free("has all")

	_, gone := begin()
	w.refused(w.send("auditor", http.MethodGet, bulk, nil), http.StatusServiceUnavailable, "dossier.busy")
	gone()
	free("went away")

	w.server.Bulk.Patience = 50 * time.Millisecond
	stuck, _ := begin()
	free("stopped reading")
	if _, err := io.Copy(io.Discard, stuck.Body); err == nil {
		t.Error("who stopped reading was sent the whole all the same")
	}

	w.refused(w.send("auditor", http.MethodGet, bulk+"&nilai=banyak", nil), http.StatusUnprocessableEntity, "filter.amount")
	free("was refused")
}
