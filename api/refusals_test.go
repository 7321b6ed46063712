package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
)

// idea is what a village asks for; changed members replace it.
func (w *town) submission(changed map[string]any) map[string]any {
	body := map[string]any{
		"year": year, "lane": "musrenbang", "village": village, "title": "Jalan usaha tani", "problem": "Rusak", "location": "RT 03",
		"volume": map[string]any{"amount": "350", "unit": "m"}, "estimate": 200_000_000, "opd": opd, "priority": 1,
		"minutes_village": map[string]any{"kind": "berita_acara", "number": "1/BA/2026", "date": "2026-01-10"},
	}
	for k, v := range changed {
		body[k] = v
	}
	return body
}

func (w *town) submit(changed map[string]any) string {
	w.Helper()
	return w.post("village_operator", "/api/v1/proposals", w.submission(changed)).get(w.T, "/proposals/0").(string)
}

// head is how many events the log has.
func (w *town) head() int64 {
	w.Helper()
	n, err := w.server.Store.Head(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// TestRefusalsChangeNothing sends what must not be accepted. Each answer has a
// stable code, a sentence in the language asked for, and leaves the log as it was.
func TestRefusalsChangeNothing(t *testing.T) {
	w := newTown(t)
	number := w.submit(nil)
	w.read("planner", "/api/v1/proposals", w.post("village_operator", "/api/v1/proposals", w.submission(nil)))
	path := "/api/v1/proposals/" + number
	if _, err := w.pool.Exec(t.Context(), `update tokens set expires_at = now() - interval '1 second' where grant_stream = $1`, w.actors["opd_officer"].Grant); err != nil {
		t.Fatal(err)
	}

	withdraw := map[string]any{"reason": "PGS-TARIK"}
	for _, test := range []struct {
		name   string
		send   func() reply
		status int
		code   string
	}{
		{"a member that does not exist", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(map[string]any{"colour": "merah"}))
		}, 422, "request.unknown_field"},
		{"a member that only the decision fills in", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(map[string]any{"state": "funded"}))
		}, 422, "request.unknown_field"},
		{"JSON that breaks off", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", "{\n\"year\": 2027,")
		}, 400, "request.json"},
		{"a name twice", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", `{"year":2027,"year":2027}`)
		}, 422, "request.duplicate_field"},
		{"a number where a text belongs", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(map[string]any{"title": 7}))
		}, 422, "request.field_type"},
		{"no body", func() reply { return w.send("village_operator", http.MethodPost, "/api/v1/proposals", "") }, 422, "request.body_missing"},
		{"a body of 100 MB", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", io.LimitReader(blanks{}, 100<<20))
		}, 413, "request.too_large"},
		{"nobody's token", func() reply { return w.send("", http.MethodPost, "/api/v1/proposals", w.submission(nil)) }, 401, "account.token_missing"},
		{"a token nobody made", func() reply {
			return w.send("", http.MethodPost, "/api/v1/proposals", w.submission(nil), "Authorization", "Bearer rnt_x_y")
		}, 401, "account.token_unknown"},
		{"an expired token", func() reply { return w.send("opd_officer", http.MethodPost, path+"/respond", map[string]any{}) }, 401, "account.token_expired"},
		{"no Idempotency-Key", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(nil), "Idempotency-Key", "")
		}, 400, "request.key_missing"},
		{"no If-Match", func() reply { return w.send("village_head", http.MethodPost, path+"/withdraw", withdraw) }, 428, "request.if_match_missing"},
		{"a stale If-Match", func() reply {
			return w.send("village_head", http.MethodPost, path+"/withdraw", withdraw, "If-Match", `"7"`)
		}, 412, "request.if_match"},
		{"another role's act", func() reply {
			return w.send("village_operator", http.MethodPost, path+"/withdraw", withdraw, "If-Match", "*")
		}, 403, "workflow.role"},
		{"a step that does not leave this state", func() reply {
			return w.send("opd_head", http.MethodPost, path+"/accept", map[string]any{"forum": "forum-" + w.forums["forum_opd"], "sub_kegiatan": "1.03.10.2.01.0005",
				"volume": map[string]any{"amount": "1", "unit": "m"}, "estimate": 1}, "If-Match", "*")
		}, 409, "workflow.state"},
		{"a mistyped number", func() reply {
			return w.send("village_head", http.MethodPost, "/api/v1/proposals/U-27-0000001/withdraw", withdraw, "If-Match", "*")
		}, 422, "number.mistyped"},
		{"another village's proposal", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(map[string]any{"village": neighbour}))
		}, 403, "workflow.scope"},
		{"an unknown query", func() reply { return w.send("planner", http.MethodGet, "/api/v1/proposals?colour=merah", nil) }, 400, "request.query"},
		{"a cursor of another list", func() reply { return w.send("planner", http.MethodGet, "/api/v1/proposals?cursor=abc", nil) }, 422, "cursor.unknown"},
		{"a page that is not there", func() reply { return w.send("", http.MethodGet, "/api/v1/nothing", nil) }, 404, "request.path"},
		{"an internal list without a token", func() reply { return w.send("", http.MethodGet, "/api/v1/proposals", nil) }, 401, "account.token_missing"},
		{"another OPD's feed", func() reply {
			return w.send("opd_head", http.MethodGet, "/api/v1/feeds/opd/1.02.0.00.0.00.01.0000/accepted", nil)
		}, 403, "feed.other_opd"},
		{"a forbidden document", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/documents", "<script>alert(1)</script>", "Content-Type", "text/html")
		}, 415, "document.type_forbidden"},
		{"a document that is not what it says", func() reply {
			return w.send("village_operator", http.MethodPost, "/api/v1/documents", "MZ\x90\x00 program", "Content-Type", "application/pdf")
		}, 422, "document.type_mismatch"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := w.head()
			in := *w
			in.T = t
			got := test.send()
			in.refused(got, test.status, test.code)
			if title, _ := got.get(t, "/title").(string); strings.ContainsAny(title, "{}") && test.code != "request.body_missing" || title == "" {
				t.Errorf("words: %q", title)
			}
			if now := w.head(); now != at {
				t.Errorf("the log grew by %d", now-at)
			}
		})
	}

	english := w.send("village_head", http.MethodPost, path+"/withdraw", withdraw, "If-Match", `"7"`, "Accept-Language", "en")
	indonesian := w.send("village_head", http.MethodPost, path+"/withdraw", withdraw, "If-Match", `"7"`)
	if a, b := english.get(t, "/title"), indonesian.get(t, "/title"); a == b {
		t.Errorf("both languages say %q", a)
	}
}

// blanks is an endless body.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestIdempotencyKey(t *testing.T) {
	w := newTown(t)
	key := uuid.NewString()
	first := w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(nil), "Idempotency-Key", key)
	at := w.head()
	again := w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(nil), "Idempotency-Key", key)
	if again.StatusCode != http.StatusOK || again.get(t, "/receipt/events/0/id") != first.get(t, "/receipt/events/0/id") || again.get(t, "/receipt/duplicate") != true {
		t.Errorf("the same again: %d %s", again.StatusCode, again.body)
	}
	w.refused(w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(map[string]any{"priority": 2}), "Idempotency-Key", key), 409, "command.reused")
	w.refused(w.send("village_operator", http.MethodPost, "/api/v1/proposals", w.submission(map[string]any{"priority": 0}), "Idempotency-Key", uuid.NewString()), 422, "workflow.need")
	if now := w.head(); now != at {
		t.Errorf("the log grew by %d", now-at)
	}

	// A refused command does not use up its key.
	n := first.get(t, "/proposals/0").(string)
	key = uuid.NewString()
	body := map[string]any{"reason": "PGS-TARIK"}
	w.refused(w.send("village_head", http.MethodPost, "/api/v1/proposals/"+n+"/withdraw", body, "Idempotency-Key", key, "If-Match", `"9"`), 412, "request.if_match")
	if r := w.send("village_head", http.MethodPost, "/api/v1/proposals/"+n+"/withdraw", body, "Idempotency-Key", key, "If-Match", `"1"`); r.StatusCode != http.StatusOK {
		t.Errorf("asked again with the right version: %d %s", r.StatusCode, r.body)
	}
	// And once accepted it is answered again, although the version has moved on.
	if r := w.send("village_head", http.MethodPost, "/api/v1/proposals/"+n+"/withdraw", body, "Idempotency-Key", key, "If-Match", `"1"`); r.StatusCode != http.StatusOK || r.get(t, "/receipt/duplicate") != true {
		t.Errorf("the accepted command again: %d %s", r.StatusCode, r.body)
	}
}

// TestMergeRefusals holds the rules of merging, splitting and lists at the edge.
func TestMergeRefusals(t *testing.T) {
	w := newTown(t)
	quota := func(stage string, scope map[string]any, n int) {
		w.post("planner", "/api/v1/cycles/2027/set-quota", map[string]any{"stage": stage, "scope": scope, "count": n})
	}
	quota("desa", map[string]any{"kind": "village", "code": village}, 9)
	w.post("head_of_planning", "/api/v1/cycles/2027/set-ceiling", map[string]any{"stage": "kabupaten", "scope": map[string]any{"kind": "opd", "code": opd}, "amount": 250_000_000})
	a, b, c := w.submit(nil), w.submit(nil), w.submit(nil)
	finalize := func(by domain.Role, kind, list string, in int, numbers ...string) reply {
		entries := []map[string]any{}
		for _, n := range numbers {
			entries = append(entries, map[string]any{"proposal": n, "amount": 200_000_000})
		}
		return w.send(by, http.MethodPost, "/api/v1/forums/"+w.forums[kind]+"/finalize", map[string]any{"list": list, "entries": entries, "in": in}, "If-Match", "*")
	}
	if r := finalize("village_head", "musrenbang_desa", "L1", 0, a, b, c); r.StatusCode != http.StatusOK {
		t.Fatalf("%s", r.body)
	}
	merge := func(by domain.Role, forum string, children ...string) reply {
		return w.send(by, http.MethodPost, "/api/v1/merges", map[string]any{"year": year, "children": children, "reason": "Satu ruas", "forum": "forum-" + w.forums[forum]})
	}
	if r := merge("camat", "musrenbang_kecamatan", a, b); r.StatusCode != http.StatusOK {
		t.Fatalf("%s", r.body)
	}
	at := w.head()
	w.refused(merge("camat", "musrenbang_kecamatan", a, c), 409, "merge.absorbed")
	w.refused(merge("camat", "musrenbang_kecamatan", c), 422, "merge.too_few")
	if now := w.head(); now != at {
		t.Errorf("a refused merge added %d events", now-at)
	}

}
