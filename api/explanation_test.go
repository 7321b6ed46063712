package api_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/api/wire"
	"runut/domain"
	"runut/projections"
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
	year := strconv.Itoa(year)
	listed := w.send("auditor", http.MethodGet, "/api/v1/proposals?cycle="+year+"&known_at="+before+"&fate=pending", nil)
	if then, now, both := listed.get(t, "/matching/then"), listed.get(t, "/matching/now"), listed.get(t, "/matching/both"); then != 2.0 || now != 1.0 || both != 1.0 {
		t.Errorf("listed: pending then %v, now %v, both %v: %s", then, now, both, listed.body)
	}
	for i := range 2 {
		at := "/items/" + strconv.Itoa(i)
		want := map[any][2]string{number: {"then", "withdrawn"}, other: {"both", "submitted"}}[listed.get(t, at+"/number")]
		if got := [2]string{listed.get(t, at+"/matches").(string), listed.get(t, at+"/state").(string)}; got != want || listed.get(t, at+"/then/state") != "submitted" {
			t.Errorf("listed: %v, want %v: %s", got, want, listed.body)
		}
	}
	if more := w.send("auditor", http.MethodGet, "/api/v1/proposals?limit=1&cycle="+year+"&as_of=2099-01-01", nil); more.get(t, "/next") == nil || more.get(t, "/items/1") != nil {
		t.Errorf("a page of one: %s", more.body)
	}
	if now := w.send("auditor", http.MethodGet, "/api/v1/proposals?cycle="+year, nil); now.get(t, "/matching") != nil || now.get(t, "/items/0/matches") != nil {
		t.Errorf("a list of now speaks of another moment: %s", now.body)
	}
	for _, query := range []string{"?known_at=3", "?known_at=3&q=jalan&cycle=" + year, "?known_at=3&sort=asked&cycle=" + year} {
		if r := w.send("auditor", http.MethodGet, "/api/v1/proposals"+query, nil); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", query, r.StatusCode, r.body)
		}
	}
	for cursor, seen := "", 0; ; seen++ {
		r := w.send("auditor", http.MethodGet, "/api/v1/compare?limit=1&cycle="+year+"&cursor="+cursor, nil)
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

// A lineage is the same in each of its kinds, and as of a moment what it was then.
func TestALineageIsDrawnAsItIsTold(t *testing.T) {
	w := newTown(t)
	a, b := w.submit(nil), w.submit(nil)
	before := strconv.FormatInt(w.head(), 10)
	path := "/api/v1/proposals/" + a + "/lineage"
	alone := w.send("auditor", http.MethodGet, path, nil)
	if got := alone.get(t, "/nodes/0/number"); got != a || alone.get(t, "/nodes/1") != nil || alone.Header.Get("Content-Type") != "application/json" {
		t.Errorf("alone: %s %s", alone.Header.Get("Content-Type"), alone.body)
	}
	parent := w.merged(a, b)
	whole := w.send("auditor", http.MethodGet, path, nil)
	if whole.get(t, "/nodes/2/number") != parent || whole.get(t, "/edges/1/kind") != "merged" {
		t.Errorf("merged: %s", whole.body)
	}
	model, err := projections.Lineage{DB: w.server.DB}.Of(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := wire.Marshal(model.Value); err != nil || string(want) != string(whole.body) {
		t.Errorf("the log tells\n%s\nthe read model\n%s", whole.body, want)
	}
	if then := w.send("auditor", http.MethodGet, path+"?known_at="+before, nil); string(then.body) != string(alone.body) {
		t.Errorf("as known before:\n%s\n%s", then.body, alone.body)
	}
	svg, dot := w.send("auditor", http.MethodGet, path+"?format=svg", nil), w.send("auditor", http.MethodGet, path, nil, "Accept", "text/vnd.graphviz")
	if !strings.HasPrefix(svg.Header.Get("Content-Type"), "image/svg+xml") || !strings.HasPrefix(dot.Header.Get("Content-Type"), "text/vnd.graphviz") || !strings.Contains(svg.Header.Get("Link"), "format=svg") {
		t.Errorf("they are %s and %s, linked as %s", svg.Header.Get("Content-Type"), dot.Header.Get("Content-Type"), svg.Header.Get("Link"))
	}
	for _, number := range []string{a, b, parent} {
		if !strings.Contains(string(svg.body), ">"+number+"<") || !strings.Contains(string(dot.body), `"`+number+`" [`) {
			t.Errorf("%s is missing", number)
		}
	}
	if n := strings.Count(string(svg.body), `class="edge"`); n != 2 || strings.Count(string(dot.body), "->") != 2 {
		t.Errorf("%d edges are drawn", n)
	}
	if r := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+domain.Number(year, uuid.Nil, 1)+"/lineage", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("of what is not there: %d", r.StatusCode)
	}
	if r := w.send("auditor", http.MethodGet, path+"?format=pdf", nil); r.StatusCode < 400 {
		t.Errorf("a kind that is none: %d", r.StatusCode)
	}
}

// merged merges proposals at the kecamatan and returns the number of what came of it.
func (w *town) merged(children ...string) (parent string) {
	w.Helper()
	var entries []map[string]any
	for _, n := range children {
		entries = append(entries, map[string]any{"proposal": n, "amount": 300_000_000})
	}
	w.post("planner", "/api/v1/cycles/2027/set-quota", map[string]any{"stage": "desa", "scope": map[string]any{"kind": "village", "code": village}, "count": 10})
	w.post("village_head", "/api/v1/forums/"+w.forums["musrenbang_desa"]+"/finalize", map[string]any{"list": "L1", "stage": "desa", "entries": entries})
	r := w.post("camat", "/api/v1/merges", map[string]any{"year": year, "children": children, "reason": "Satu ruas jalan",
		"forum": "forum-" + w.forums["musrenbang_kecamatan"], "idea": map[string]any{"title": "Paket jalan usaha tani"}})
	for i := range len(children) + 1 {
		if n := r.get(w.T, "/proposals/"+strconv.Itoa(i)).(string); !slices.Contains(children, n) {
			parent = n
		}
	}
	w.caughtUp()
	return parent
}
