package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/api"
	"runut/domain"
	"runut/eventstore/notary"
	"runut/eventstore/vault"
)

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// file fetches a paper as a file, which must have the digest it is said to have.
func (w *town) file(path string) []byte {
	w.Helper()
	r := w.send("auditor", http.MethodGet, path, nil)
	if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") {
		w.Fatalf("%s: %d %v\n%s", path, r.StatusCode, r.Header, r.body)
	}
	if got := digest(r.body); r.Header.Get("X-Runut-Digest") != got {
		w.Errorf("%s has digest %s, and says %s", path, got, r.Header.Get("X-Runut-Digest"))
	}
	return r.body
}

func TestMinutesAreIssuedAsTheyAreMade(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	id := w.forums["musrenbang_desa"]
	first, second := w.submit(nil), w.submit(map[string]any{"title": "Jembatan <gantung>", "priority": 2})
	path := "/api/v1/forums/" + id
	w.post("planner", "/api/v1/cycles/2027/set-quota", object{"stage": "desa", "scope": scope("village", village), "count": 1})
	w.post("village_head", path+"/record-attendance", object{"present": []any{object{"code": village, "channel": "luring", "count": 30, "women": 12, "delegate": true}}})
	last := w.post("village_head", path+"/finalize", object{"list": "L1", "entries": []any{object{"proposal": first}, object{"proposal": second}}})

	draft := w.read("auditor", path+"/minutes", last)
	if draft.get(t, "/paper/agreed/0/number") != first || draft.get(t, "/paper/not_agreed/0/number") != second || draft.get(t, "/paper/number") != "" || draft.get(t, "/agrees") != true {
		t.Errorf("the draft: %s", draft.body)
	}
	if body := string(w.file(path + "/minutes/html")); !strings.Contains(body, "RANCANGAN") || !strings.Contains(body, "Jembatan &lt;gantung&gt;") || !strings.Contains(body, "utusan bermandat") || digest([]byte(body)) != draft.get(t, "/digest") {
		t.Errorf("the draft as a file: %s", body)
	}
	w.refused(w.send("camat", http.MethodPost, path+"/issue-minutes", object{"number": "7/BA/2026"}, "If-Match", "*"), http.StatusForbidden, "forum.role_missing")

	head, err := n.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key := uuid.NewString()
	ask := func() reply {
		return w.send("village_head", http.MethodPost, path+"/issue-minutes", object{"number": "7/BA/2026"}, "If-Match", "*", "Idempotency-Key", key)
	}
	issued := ask()
	if issued.StatusCode != http.StatusOK {
		t.Fatalf("issue: %d %s", issued.StatusCode, issued.body)
	}
	if again := ask(); again.get(t, "/receipt/duplicate") != true || again.get(t, "/receipt/last") != issued.get(t, "/receipt/last") {
		t.Errorf("issued again: %s", again.body)
	}
	numbered := path + "/minutes/html?number=" + url.QueryEscape("7/BA/2026")
	body := w.file(numbered)
	read := w.read("auditor", path+"/minutes?number="+url.QueryEscape("7/BA/2026"), issued)
	if read.get(t, "/paper/issued/0/digest") != digest(body) || read.get(t, "/said") != digest(body) || read.get(t, "/kept") != true || read.get(t, "/paper/issued/0/covers") != 2.0 {
		t.Errorf("issued as %s, the file has %s", read.body, digest(body))
	}
	if read.get(t, "/paper/anchor") != head.Note || !strings.Contains(html.UnescapeString(string(body)), head.Note) || !strings.Contains(string(body), "<svg") {
		t.Errorf("the checkpoint %q is not printed on what was issued", head.Note)
	}
	if draft.get(t, "/paper/anchor") != nil {
		t.Error("a draft has an anchor, which changes with every checkpoint")
	}
	if _, err := n.Seal(t.Context()); err != nil { // what is signed later changes no paper
		t.Fatal(err)
	}
	kept, err := vault.ParseDigest(digest(body))
	if err != nil {
		t.Fatal(err)
	}
	if d, _, err := w.server.Documents.Get(t.Context(), kept); err != nil || d.Type != "text/html" {
		t.Errorf("the berita acara was not kept: %+v, %v", d, err)
	}

	// What happens to the proposals afterwards is no business of these minutes.
	last = w.post("village_head", "/api/v1/proposals/"+first+"/withdraw", object{"reason": "PGS-TARIK"})
	w.read("auditor", "/api/v1/proposals/"+first, last)
	if now := w.file(numbered); digest(now) != digest(body) {
		t.Error("minutes that were issued changed")
	}
	if _, err := w.pool.Exec(t.Context(), `delete from vault.pieces; delete from vault.documents`); err != nil {
		t.Fatal(err)
	}
	for range 2 { // made again from the log, and kept again
		if now := w.file(numbered); digest(now) != digest(body) {
			t.Error("where nothing was kept, the minutes are not what they were")
		}
	}
	w.refused(w.send("auditor", http.MethodGet, path+"/minutes?number=9", nil), http.StatusNotFound, "forum.minutes_unknown")
	w.refused(w.send("auditor", http.MethodGet, "/api/v1/forums/lain/minutes", nil), http.StatusNotFound, "forum.unknown")
	w.refused(w.send("", http.MethodGet, numbered, nil), http.StatusUnauthorized, "account.token_missing")

	never := w.read("auditor", "/api/v1/attendance?cycle=2027", last)
	if never.get(t, "/items/0/code") != village || never.get(t, "/items/0/delegated") != 1.0 {
		t.Errorf("attendance: %s", never.body)
	}
}

func TestVillagesAreAnsweredOnceAndAnew(t *testing.T) {
	w := newTown(t)
	number := w.submit(nil)
	second := w.submit(map[string]any{"title": "Sumur bor", "priority": 2})
	last := w.post("village_head", "/api/v1/proposals/"+second+"/withdraw", object{"reason": "PGS-TARIK"})
	standing := func(after reply, want string) {
		t.Helper()
		r := w.read("auditor", "/api/v1/letters?cycle=2027", after)
		if r.get(t, "/items/0/village") != village || r.get(t, "/items/0/status") != want || r.get(t, "/items/1") != nil {
			t.Errorf("letters: %s, want one village that is %s", r.body, want)
		}
	}
	standing(last, "missing")
	letter := func(number string) object {
		return object{"year": year, "village": village, "number": number, "date": day(0), "channel": "surat"}
	}
	w.refused(w.send("camat", http.MethodPost, "/api/v1/letters", letter("S/1")), http.StatusForbidden, "delivery.role_missing")
	sent := w.post("planner", "/api/v1/letters", letter("S/1"))
	standing(sent, "sent")
	w.refused(w.send("planner", http.MethodPost, "/api/v1/letters", letter("S/2")), http.StatusConflict, "letter.all_told")
	w.refused(w.send("planner", http.MethodPost, "/api/v1/letters", object{"year": year, "village": farVill, "number": "S/1", "date": day(0), "channel": "surat"}), http.StatusNotFound, "letter.nothing_handed_in")
	w.refused(w.send("auditor", http.MethodGet, "/api/v1/letters?cycle=2027&status=hilang", nil), http.StatusUnprocessableEntity, "delivery.word_unknown")
	w.refused(w.send("auditor", http.MethodGet, "/api/v1/letters/"+village+"/2027?number=S/9", nil), http.StatusNotFound, "letter.unknown")

	path := "/api/v1/letters/" + village + "/2027"
	body := w.file(path + "/html?number=S/1")
	read := w.read("village_head", path+"?number=S/1", sent)
	if read.get(t, "/sent/0/digest") != digest(body) || read.get(t, "/kept") != true || read.get(t, "/paper/origins/1/number") != second {
		t.Errorf("the letter: %s", read.body)
	}
	for _, want := range []string{"S/1", "Kepala Desa Contoh Satu", number, second, "Ditarik kembali oleh pengusul", "Masih berjalan", "DATA CONTOH"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the letter lacks %q", want)
		}
	}
	last = w.post("village_head", "/api/v1/proposals/"+number+"/withdraw", object{"reason": "PGS-TARIK"})
	standing(last, "stale")
	order := api.LetterOrder{Village: village, Year: year, Number: "S/1-2", Date: day(0), Channel: "langsung"}
	receipt, err := w.server.SendLetter(t.Context(), w.actors["planner"], order)
	if err != nil {
		t.Fatal(err)
	}
	w.caughtUp()
	added := w.send("auditor", http.MethodGet, path+"?number=S/1-2", nil)
	if added.get(t, "/paper/former/number") != "S/1" || added.get(t, "/paper/origins/0/number") != number || added.get(t, "/paper/origins/1") != nil || added.get(t, "/sent/1/number") != "S/1-2" {
		t.Errorf("the added letter: %s", added.body)
	}
	again, err := w.server.SendLetter(t.Context(), w.actors["planner"], order)
	if refusal, ok := err.(*domain.Error); err == nil && (!again.Duplicate || again.Last != receipt.Last) || err != nil && (!ok || refusal.Code != "letter.all_told") {
		t.Errorf("sent again: %+v, %v", again, err)
	}
	if now := w.file(path + "/html?number=S/1"); digest(now) != digest(body) {
		t.Error("a letter that was sent changed")
	}

	// Somebody else's letter is recorded as it is: what it covers, and its scan.
	foreign := letter("LAIN/1")
	foreign["covers"], foreign["digest"] = []string{number}, strings.Repeat("ab", 32)
	w.post("head_of_planning", "/api/v1/letters", foreign)
	if r := w.send("auditor", http.MethodGet, path+"?number=LAIN/1", nil); r.get(t, "/agrees") != false || r.get(t, "/said") != strings.Repeat("ab", 32) {
		t.Errorf("a letter that Runut did not make: %s", r.body)
	}
	delete(foreign, "covers")
	foreign["number"] = "LAIN/2"
	w.refused(w.send("head_of_planning", http.MethodPost, "/api/v1/letters", foreign), http.StatusUnprocessableEntity, "letter.missing")
	if events := w.column(`select string_agg(type, ' ' order by position) from events where stream like 'letter-%'`); !slices.Equal(strings.Fields(events), []string{"letter.answer_sent", "letter.answer_sent", "letter.answer_sent"}) {
		t.Errorf("events: %s", events)
	}
}
