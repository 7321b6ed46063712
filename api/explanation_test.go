package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
)

// Whoever signed in can ask why a proposal ended as it did, as of any day and as
// known at any position, and is given the address of that very answer.
func TestAnExplanationIsGivenAndStays(t *testing.T) {
	w := newTown(t)
	number := w.submit(nil)
	before := strconv.FormatInt(w.head(), 10)
	w.post("village_head", "/api/v1/proposals/"+number+"/withdraw", map[string]any{"reason": "PGS-TARIK"})
	path := "/api/v1/proposals/" + number + "/explanation"

	now := w.send("auditor", http.MethodGet, path, nil)
	if got, _ := now.get(t, "/outcome").(string); now.StatusCode != http.StatusOK || got != "withdrawn" {
		t.Fatalf("%d: %s", now.StatusCode, now.body)
	}
	if who, _ := now.get(t, "/decisive/0/authority/role").(string); who != "village_head" {
		t.Errorf("decided by %q", who)
	}
	if headline, _ := now.get(t, "/answer/headline").(string); !strings.Contains(headline, "ditarik") {
		t.Errorf("in words: %q", headline)
	}
	link := strings.TrimPrefix(strings.Split(now.Header.Get("Link"), ">")[0], "<")
	w.post("village_head", "/api/v1/proposals/"+number+"/object", map[string]any{"text": "Kami tidak pernah menariknya"})
	if again := w.send("auditor", http.MethodGet, link, nil); string(again.body) != string(now.body) {
		t.Errorf("at %s the answer is another:\n%s\n%s", link, now.body, again.body)
	}
	then := w.send("auditor", http.MethodGet, path+"?known_at="+before, nil)
	if got, _ := then.get(t, "/outcome").(string); got != "pending" {
		t.Errorf("as known before: %s", then.body)
	}
	for query, status := range map[string]int{"?as_of=kemarin": 422, "?as_of=2020-01-01": 200, "?known_at=-4": 422} {
		if r := w.send("auditor", http.MethodGet, path+query, nil); r.StatusCode != status {
			t.Errorf("%s: %d %s", query, r.StatusCode, r.body)
		}
	}
	if r := w.send("", http.MethodGet, path, nil); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a visitor is answered %d", r.StatusCode)
	}
	if r := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+domain.Number(year, uuid.Nil, 1)+"/explanation", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("of what is not there: %d", r.StatusCode)
	}
}
