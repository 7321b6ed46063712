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

// A past state, two moments side by side, and the bare record agree with each
// other.
func TestAPastIsComparedWithNow(t *testing.T) {
	w := newTown(t)
	number, other := w.submit(nil), w.submit(nil)
	before := strconv.FormatInt(w.head(), 10)
	w.post("village_head", "/api/v1/proposals/"+number+"/withdraw", map[string]any{"reason": "PGS-TARIK"})

	state := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+number+"/state?known_at="+before, nil)
	if then, now := state.get(t, "/then/state"), state.get(t, "/now/state"); then != "submitted" || now != "withdrawn" {
		t.Errorf("then %v, now %v: %s", then, now, state.body)
	}
	both := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+number+"/compare?known_at="+before, nil)
	if then, now := both.get(t, "/then/outcome"), both.get(t, "/now/outcome"); then != "pending" || now != "withdrawn" {
		t.Errorf("then %v, now %v", then, now)
	}
	list := w.send("auditor", http.MethodGet, "/api/v1/compare?cycle="+strconv.Itoa(year)+"&known_at="+before+"&fate=pending", nil)
	if then, now, first := list.get(t, "/then"), list.get(t, "/now"), list.get(t, "/items/0/matches"); then != 2.0 || now != 1.0 || first == nil {
		t.Errorf("pending then %v, now %v: %s", then, now, list.body)
	}
	changed := w.send("auditor", http.MethodGet, "/api/v1/compare?cycle="+strconv.Itoa(year)+"&known_at="+before+"&changed=true", nil)
	if got, more := changed.get(t, "/items/0/number"), changed.get(t, "/items/1"); got != number || more != nil {
		t.Errorf("changed: %s", changed.body)
	}
	if by := changed.get(t, "/items/0/by/type"); by != "proposal.withdrawn" {
		t.Errorf("moved by %v", by)
	}
	for cursor, seen := "", 0; ; seen++ {
		r := w.send("auditor", http.MethodGet, "/api/v1/compare?limit=1&cycle="+strconv.Itoa(year)+"&cursor="+cursor, nil)
		cursor, _ = r.get(t, "/next").(string)
		if cursor == "" {
			if seen != 1 {
				t.Errorf("of two proposals %d pages of one were given", seen+1)
			}
			break
		}
	}
	record := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+number+"/history", nil)
	if kind, counts, reason := record.get(t, "/items/1/type"), record.get(t, "/items/1/counts"), record.get(t, "/items/1/payload/reason"); kind != "proposal.withdrawn" || counts != true || reason != "PGS-TARIK" {
		t.Errorf("the record: %s", record.body)
	}
	early := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+other+"/history?as_of=2020-01-01", nil)
	if counts := early.get(t, "/items/0/counts"); counts != false {
		t.Errorf("counts in 2020: %s", early.body)
	}
}
