package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/api"
	"runut/api/web"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/history"
	"runut/domain/person"
)

// Who opened sealed data is told to those who may open them, page by page, and to
// nobody else; and what was opened is not in it.
func TestWhoOpenedSealedDataIsTold(t *testing.T) {
	w := newTown(t, func(w *town) {
		w.server.AddPages(&web.Pages{DB: w.pool, Public: w.server.Public, Definitions: w.find, Current: w.definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(w.find)})
	})
	subject := person.Pseudonym(uuid.New())
	open := func(who string, ask person.Event) {
		t.Helper()
		if _, err := w.server.Do(t.Context(), api.Ask{Act: act.OnPerson{Person: subject, Ask: ask}, Actor: w.actors[who], Command: uuid.New(), Version: -1}); err != nil {
			t.Fatal(err)
		}
	}
	const name = "Kenari Rahasia"
	open("planner", &person.Registered{Name: domain.Secret{Plain: name}, Purpose: "official"})
	open("auditor", &person.Unsealed{Fields: []string{"/name"}, Purpose: "audit"})
	open("ppid", &person.Unsealed{Fields: []string{"/name", "/phone"}, Purpose: "data_subject", Export: true, Ground: domain.Document{Kind: "surat", Number: "7/PPID/2026", Date: day(-1)}})
	open("auditor", &person.Unsealed{Fields: []string{"/nik"}, Purpose: "verification"})
	w.caughtUp()

	list := func(who, query string) []any {
		t.Helper()
		r := w.send(who, http.MethodGet, "/api/v1/access?"+query, nil)
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", query, r.StatusCode, r.body)
		}
		return r.get(t, "/items").([]any)
	}
	all := list("auditor", "")
	if len(all) != 3 || all[0].(map[string]any)["purpose"] != "verification" || all[0].(map[string]any)["subject"] != subject || all[0].(map[string]any)["reader"] != w.actors["auditor"].Person {
		t.Errorf("the last comes first, as the log has it: %v", all)
	}
	for query, want := range map[string]int{"purpose=audit": 1, "role=auditor": 2, "role=ppid": 1, "export=true": 1, "from=" + day(0): 3, "to=" + day(-1): 0, "from=" + day(1): 0, "to=" + day(0): 3, "purpose=court_order": 0} {
		if got := list("ppid", query); len(got) != want {
			t.Errorf("%s: %d, want %d", query, len(got), want)
		}
	}
	seen, cursor := 0, ""
	for range 4 {
		r := w.send("auditor", http.MethodGet, "/api/v1/access?limit=1&cursor="+url.QueryEscape(cursor), nil)
		seen += len(r.get(t, "/items").([]any))
		cursor, _ = r.get(t, "/next").(string)
		if cursor == "" {
			break
		}
	}
	if seen != 3 || cursor != "" {
		t.Errorf("page by page there are %d", seen)
	}

	for _, who := range []string{"planner", "head_of_planning", "village_head", "opd_head", "approver"} {
		w.refused(w.send(who, http.MethodGet, "/api/v1/access", nil), http.StatusForbidden, "access.not_entitled")
		if r := w.send(who, http.MethodGet, "/akses", nil); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s sees the page: %d", who, r.StatusCode)
		}
	}
	w.refused(w.send("", http.MethodGet, "/api/v1/access", nil), http.StatusUnauthorized, "account.token_missing")
	w.refused(w.send("auditor", http.MethodGet, "/api/v1/access?purpose=penasaran", nil), http.StatusBadRequest, "request.query_choice")
	w.refused(w.send("auditor", http.MethodGet, "/api/v1/access?from=kemarin", nil), http.StatusUnprocessableEntity, "filter.day")

	page := string(w.send("auditor", http.MethodGet, "/akses", nil, "Accept", "text/html").body)
	for _, says := range []string{subject, "Permintaan orangnya", "diekspor", "7/PPID/2026", "/name, /phone", "Verifikasi", `href="/api/v1/access"`, "Inspektorat"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not show %q", says)
		}
	}
	if strings.Contains(page, name) {
		t.Error("the page names who was looked at")
	}
	for query, lacks := range map[string]string{"tujuan=audit": "7/PPID/2026", "ekspor=1": "/nik", "sampai=" + day(-1): subject, "peran=ppid": "/nik"} {
		r := w.send("auditor", http.MethodGet, "/akses?"+query, nil)
		if r.StatusCode != http.StatusOK || strings.Contains(string(r.body), lacks) {
			t.Errorf("%s: %d, or it shows %s", query, r.StatusCode, lacks)
		}
	}
	if r := w.send("auditor", http.MethodGet, "/akses?sejak=besok", nil); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(r.body), "sejak") {
		t.Errorf("a day that is none: %d", r.StatusCode)
	}
}
