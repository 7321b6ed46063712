package api_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/proposal"
)

// submission is what a village asks for; changed members replace it.
func submission(changed map[string]any) map[string]any {
	body := map[string]any{
		"year": year, "lane": "musrenbang", "village": village, "title": "Jalan usaha tani", "problem": "Rusak", "location": "RT 03",
		"volume": map[string]any{"amount": "350", "unit": "m"}, "estimate": 200_000_000, "opd": opd, "priority": 1,
		"minutes_village": map[string]any{"kind": "berita_acara", "number": "1/BA/2026", "date": "2026-01-10"},
	}
	maps.Copy(body, changed)
	return body
}

func (w *town) submit(changed map[string]any) string {
	w.Helper()
	return w.post("village_operator", "/api/v1/proposals", submission(changed)).get(w.T, "/proposals/0").(string)
}

// idea is what a past proposes.
func idea(place string) proposal.Idea {
	return proposal.Idea{Village: place, Title: domain.Mask("Jembatan gantung"), Problem: domain.Mask("Lapuk"), Location: domain.Mask("RT 01"), OPD: opd,
		Volume: domain.Volume{Amount: "12", Unit: "m"}, Estimate: 200_000_000}
}

// found hands in what was found on a field visit; it is at the kecamatan at once.
func (p *past) found(place string) string {
	p.Helper()
	return p.do(p.actors["planner"], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.KiprahDesa, Idea: idea(place), Visit: "KD-1"}})[0]
}

// direct hands in a direct request; it is at the OPD at once.
func (p *past) direct(place string) string {
	p.Helper()
	return p.do(p.actors["planner"], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.UsulanLangsung, Idea: idea(place)}})[0]
}

// planned hands in an OPD's own item; it is accepted at once.
func (p *past) planned(place string) string {
	p.Helper()
	return p.do(p.actors["opd_planner"], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.Teknokratis, Idea: idea(place), SubKegiatan: subKegiatan}})[0]
}

const subKegiatan = "1.03.10.2.01.0005"

// head is how many events the log has.
func (w *town) head() int64 {
	w.Helper()
	n, err := w.server.Store.Head(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// A bad input is a request that must be refused.
type bad struct {
	name    string
	who     string
	method  string // POST where it is empty
	path    string
	body    func() any
	headers []string
	status  int
	code    string
	place   string // what is wrong, as both sentences or the problem's field name it
}

// whatever asks for an act on whatever version stands.
var whatever = []string{"If-Match", "*"}

func body(v any) func() any { return func() any { return v } }

// refuse sends a bad input in both languages. Each answer has the status, a
// stable code, a sentence of its own that says where, and leaves the log as it was.
func (w *town) refuse(b bad) {
	w.Helper()
	if b.method == "" {
		b.method = http.MethodPost
	}
	at := w.head()
	titles := map[string]string{}
	for _, lang := range []string{"id", "en"} {
		var sent any
		if b.body != nil {
			sent = b.body()
		}
		got := w.send(b.who, b.method, b.path, sent, append([]string{"Accept-Language", lang}, b.headers...)...)
		w.refused(got, b.status, b.code)
		if kind := got.Header.Get("Content-Type"); kind != "application/problem+json" {
			w.Errorf("the answer is %q", kind)
		}
		if got.StatusCode == http.StatusUnauthorized && got.Header.Get("WWW-Authenticate") == "" {
			w.Errorf("it does not say how to sign in")
		}
		if said := got.Header.Get("Content-Language"); said != lang {
			w.Errorf("asked in %s, answered in %q", lang, said)
		}
		title, _ := got.get(w.T, "/title").(string)
		field, _ := got.get(w.T, "/field").(string)
		titles[lang] = title
		if len(strings.Fields(title)) < 4 || unfilled(title) || lang == "id" && english.MatchString(title) {
			w.Errorf("%s words: %q", lang, title)
		}
		if b.place == "" || !strings.Contains(title, b.place) && field != b.place {
			w.Errorf("%s words do not say where (%q, field %q): %q", lang, b.place, field, title)
		}
	}
	if titles["id"] == titles["en"] {
		w.Errorf("both languages say %q", titles["id"])
	}
	if now := w.head(); now != at {
		w.Errorf("the log grew by %d", now-at)
	}
}

// english are words by which a library would betray itself in an Indonesian sentence.
var english = regexp.MustCompile(`(?i)\b(expected|invalid|unknown|value|must|missing|request)\b`)

// unfilled reports whether a sentence shows a placeholder. "{}" itself is what
// an empty body is to hold.
func unfilled(title string) bool {
	return strings.ContainsAny(strings.ReplaceAll(title, "{}", ""), "{}")
}

// TestBadInput sends what must not be accepted.
func TestBadInput(t *testing.T) {
	w := newTown(t)
	number := w.submit(nil)
	path := "/api/v1/proposals/" + number
	proposals := "/api/v1/proposals"
	if _, err := w.pool.Exec(t.Context(), `update tokens set expires_at = now() - interval '1 second' where grant_stream = $1`, w.actors["opd_officer"].Grant); err != nil {
		t.Fatal(err)
	}
	used := uuid.NewString()
	if r := w.send("village_operator", http.MethodPost, proposals, submission(nil), "Idempotency-Key", used); r.StatusCode != http.StatusOK {
		t.Fatalf("%s", r.body)
	}
	w.read("planner", proposals, w.post("village_operator", proposals, submission(nil)))

	withdraw := map[string]any{"reason": "PGS-TARIK"}
	accept := map[string]any{"forum": w.session("forum_opd"), "sub_kegiatan": subKegiatan, "volume": map[string]any{"amount": "1", "unit": "m"}, "estimate": 1}
	for _, b := range []bad{
		{name: "a member that does not exist", who: "village_operator", path: proposals, body: body(submission(map[string]any{"colour": "merah"})),
			status: 422, code: "request.unknown_field", place: "/colour"},
		{name: "a member that does not exist, deep in it", who: "village_operator", path: proposals,
			body:   body(submission(map[string]any{"volume": map[string]any{"amount": "1", "unit": "m", "colour": "merah"}})),
			status: 422, code: "request.unknown_field", place: "/volume/colour"},
		{name: "a member in capitals", who: "village_operator", path: proposals, body: body(submission(map[string]any{"Title": "Jalan"})),
			status: 422, code: "request.unknown_field", place: "/Title"},
		{name: "a member that only the decision fills in", who: "village_operator", path: proposals, body: body(submission(map[string]any{"state": "funded"})),
			status: 422, code: "request.unknown_field", place: "/state"},
		{name: "JSON that breaks off", who: "village_operator", path: proposals, body: body("{\n\"year\": 2027,"), status: 400, code: "request.json", place: "2"},
		{name: "no JSON", who: "village_operator", path: proposals, body: body("tahun=2027"), status: 400, code: "request.json", place: "1"},
		{name: "a name twice", who: "village_operator", path: proposals, body: body(`{"year":2027,"year":2027}`), status: 422, code: "request.duplicate_field", place: "/year"},
		{name: "bytes that are no text", who: "village_operator", path: proposals, body: body("{\"title\":\"\xff\"}"), status: 422, code: "request.utf8", place: "UTF-8"},
		{name: "a number where a text belongs", who: "village_operator", path: proposals, body: body(submission(map[string]any{"title": 7})),
			status: 422, code: "request.field_type", place: "/title"},
		{name: "a text longer than any", who: "village_operator", path: proposals, body: body(submission(map[string]any{"problem": strings.Repeat("a", 30_000)})),
			status: 422, code: "request.text_too_long", place: "/problem"},
		{name: "a list instead of an object", who: "village_operator", path: proposals, body: body("[]"), status: 422, code: "request.field_type", place: "array"},
		{name: "nothing at all", who: "village_operator", path: proposals, body: body("null"), status: 422, code: "request.field_missing", place: "/year"},
		{name: "no year", who: "camat", path: "/api/v1/merges", body: body(map[string]any{"children": []string{}}), status: 422, code: "request.field_missing", place: "/year"},
		{name: "no body", who: "village_operator", path: proposals, body: body(""), status: 422, code: "request.body_missing", place: "JSON"},
		{name: "a body of 100 MB", who: "village_operator", path: proposals, body: func() any { return io.LimitReader(blanks{}, 100<<20) },
			status: 413, code: "request.too_large", place: "/api/v1/documents"},

		{name: "nobody's token", path: proposals, body: body(submission(nil)), status: 401, code: "account.token_missing", place: "Authorization"},
		{name: "a token nobody made", path: proposals, body: body(submission(nil)), headers: []string{"Authorization", "Bearer rnt_x_y"},
			status: 401, code: "account.token_unknown", place: "oken"},
		{name: "an expired token", who: "opd_officer", path: path + "/respond", body: body(map[string]any{}), status: 401, code: "account.token_expired",
			place: strings.Split(w.tokens["opd_officer"], "_")[1]},
		{name: "a second person's token nobody made", who: "village_operator", path: proposals, body: body(submission(nil)), headers: []string{"Runut-Second-Token", "rnt_x_y"},
			status: 401, code: "account.token_unknown", place: "/Runut-Second-Token"},
		{name: "another site's page", who: "village_operator", path: proposals, body: body(submission(nil)), headers: []string{"Origin", "https://lain.example", "Sec-Fetch-Site", "cross-site"},
			status: 403, code: "request.cross_site", place: "sit"},
		{name: "no Idempotency-Key", who: "village_operator", path: proposals, body: body(submission(nil)), headers: []string{"Idempotency-Key", ""},
			status: 400, code: "request.key_missing", place: "Idempotency-Key"},
		{name: "a replayed Idempotency-Key with another body", who: "village_operator", path: proposals, body: body(submission(map[string]any{"priority": 2})),
			headers: []string{"Idempotency-Key", used}, status: 409, code: "command.reused", place: used},
		{name: "a replayed Idempotency-Key at another path", who: "village_operator", path: path + "/revise", body: body(map[string]any{"priority": 2}),
			headers: []string{"Idempotency-Key", used, "If-Match", "*"}, status: 409, code: "command.reused", place: used},
		{name: "no If-Match", who: "village_head", path: path + "/withdraw", body: body(withdraw), status: 428, code: "request.if_match_missing", place: "If-Match"},
		{name: "an If-Match that is no version", who: "village_head", path: path + "/withdraw", body: body(withdraw), headers: []string{"If-Match", "kemarin"},
			status: 412, code: "request.if_match_unreadable", place: "kemarin"},
		{name: "a stale version", who: "village_head", path: path + "/withdraw", body: body(withdraw), headers: []string{"If-Match", `"7"`},
			status: 412, code: "request.if_match", place: `"7"`},
		{name: "a time that is none", who: "village_head", path: path + "/withdraw", body: body(withdraw), headers: []string{"If-Match", "*", "Runut-Occurred", "kemarin"},
			status: 422, code: "request.occurred", place: "kemarin"},

		{name: "another role's act", who: "village_operator", path: path + "/withdraw", body: body(withdraw), headers: whatever, status: 403, code: "workflow.role", place: "village_operator"},
		{name: "a step that does not leave this state", who: "opd_head", path: path + "/accept", body: body(accept), headers: whatever, status: 409, code: "workflow.state", place: number},
		{name: "a mistyped number", who: "village_head", path: "/api/v1/proposals/U-27-0000001/withdraw", body: body(withdraw), headers: whatever,
			status: 422, code: "number.mistyped", place: "U-27-0000001"},
		{name: "a number that is not there", who: "village_head", path: "/api/v1/proposals/" + domain.Number(year, uuid.Nil, 1) + "/withdraw", body: body(withdraw), headers: whatever,
			status: 404, code: "proposal.unknown", place: domain.Number(year, uuid.Nil, 1)},
		{name: "a forum that is not there", who: "camat", path: "/api/v1/forums/kemarin/close-forum", body: body(map[string]any{}), headers: whatever,
			status: 404, code: "forum.not_convened", place: "forum-kemarin"},
		{name: "a cycle that is not there", who: "head_of_planning", path: "/api/v1/cycles/2031/close", body: body(map[string]any{}), headers: whatever,
			status: 409, code: "workflow.cycle_unopened", place: "2031"},
		{name: "another village's proposal", who: "village_operator", path: proposals, body: body(submission(map[string]any{"village": neighbour})),
			status: 403, code: "workflow.scope", place: neighbour},
		{name: "something needed that is not there", who: "village_operator", path: proposals, body: body(submission(map[string]any{"location": ""})),
			status: 422, code: "workflow.need", place: "location"},
		{name: "after the time for it", who: "village_operator@" + lateVill, path: proposals, body: body(submission(map[string]any{"village": lateVill})),
			status: 409, code: "workflow.window_closed", place: lateVill},

		{name: "an unknown query", who: "planner", method: "GET", path: proposals + "?colour=merah", status: 400, code: "request.query_unknown", place: "colour"},
		{name: "a limit that is no number", who: "planner", method: "GET", path: proposals + "?limit=banyak", status: 400, code: "request.query_number", place: "limit"},
		{name: "a limit too large", who: "planner", method: "GET", path: proposals + "?limit=501", status: 400, code: "request.query_over", place: "500"},
		{name: "a limit too small", who: "planner", method: "GET", path: proposals + "?limit=0", status: 400, code: "request.query_under", place: "limit"},
		{name: "an order that is none", who: "planner", method: "GET", path: proposals + "?sort=acak", status: 400, code: "request.query_choice", place: "changed"},
		{name: "words without end", who: "planner", method: "GET", path: proposals + "?q=" + strings.Repeat("a", 201), status: 400, code: "request.query_long", place: "200"},
		{name: "neither yes nor no", who: "planner", method: "GET", path: proposals + "?origins=mungkin", status: 400, code: "request.query_boolean", place: "origins"},
		{name: "a year before all", method: "GET", path: "/api/v1/public/cycles/1/funnel", status: 400, code: "request.query_under", place: "2000"},
		{name: "a receipt of no command", who: "planner", method: "GET", path: "/api/v1/receipts/kemarin", status: 400, code: "request.query_uuid", place: "command"},
		{name: "a cursor of another list", who: "planner", method: "GET", path: proposals + "?cursor=abc", status: 422, code: "cursor.unknown", place: "/cursor"},
		{name: "a position that is not there yet", who: "planner", method: "GET", path: proposals, headers: []string{"X-Runut-Wait", "999999"},
			status: 422, code: "request.position_ahead", place: "999999"},
		{name: "a page that is not there", method: "GET", path: "/api/v1/nothing", status: 404, code: "request.path", place: "/api/v1/nothing"},
		{name: "a method that is not there", method: "DELETE", path: proposals, status: 405, code: "request.method", place: "DELETE"},
		{name: "an internal list without a token", method: "GET", path: proposals, status: 401, code: "account.token_missing", place: "Authorization"},
		{name: "another OPD's feed", who: "opd_head", method: "GET", path: "/api/v1/feeds/opd/" + otherOPD + "/accepted", status: 403, code: "feed.other_opd", place: otherOPD},
		{name: "a feed from a place that is none", who: "opd_head", method: "GET", path: "/api/v1/feeds/opd/" + opd + "/accepted?lastEventId=kemarin",
			status: 422, code: "feed.cursor", place: "kemarin"},
		{name: "a stream from a place that is none", method: "GET", path: "/stream", headers: []string{"Last-Event-ID", "kemarin"}, status: 422, code: "feed.cursor", place: "kemarin"},

		{name: "a forbidden document", who: "village_operator", path: "/api/v1/documents", body: body("<script>alert(1)</script>"), headers: []string{"Content-Type", "text/html"},
			status: 415, code: "document.type_forbidden", place: "application/pdf"},
		{name: "a document that is not what it says", who: "village_operator", path: "/api/v1/documents", body: body("MZ\x90\x00 program"), headers: []string{"Content-Type", "application/pdf"},
			status: 422, code: "document.type_mismatch", place: "application/pdf"},
		{name: "a document of 100 MB", who: "village_operator", path: "/api/v1/documents", body: func() any { return io.LimitReader(blanks{}, 100<<20) },
			headers: []string{"Content-Type", "text/plain"}, status: 413, code: "document.too_large", place: fmt.Sprint(20 << 20)},
		{name: "a document of no type", who: "village_operator", path: "/api/v1/documents", body: body("a"), headers: []string{"Content-Type", ""},
			status: 415, code: "request.media_type", place: "Content-Type"},
		{name: "a document that is not there", who: "planner", method: "GET", path: "/api/v1/documents/" + strings.Repeat("ab", 32),
			status: 404, code: "document.not_found", place: strings.Repeat("ab", 32)},
	} {
		t.Run(b.name, func(t *testing.T) { w.in(t).refuse(b) })
	}
	kept, err := w.server.Store.Refusals(t.Context(), proposal.Stream(number), 50)
	if err != nil || len(kept) < 6 {
		t.Errorf("%d refusals of %s were kept beside the log, %v", len(kept), number, err)
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

// TestBadPlanning holds the rules of merging, splitting and lists at the edge.
func TestBadPlanning(t *testing.T) {
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	p.do(p.actors["head_of_planning"], nil, act.OnCycle{Year: year, Ask: &cycle.CeilingSet{Stage: "kabupaten", Scope: ofOffice(opd), Amount: 250_000_000}})
	near, far := p.found(village), p.found(farVill)
	child, sibling, other := p.found(village), p.found(neighbour), p.found(village)
	parent := p.do(p.actors["camat"], nil, act.Merge{Children: []string{child, sibling}, Reason: domain.Mask("Satu ruas"), Forum: w.session("musrenbang_kecamatan")})[0]
	whole := p.direct(village)
	parts := p.do(p.actors["opd_head"], nil, act.Split{Proposal: whole, Parts: []act.Part{{Weight: 2}, {Weight: 3}}, Reason: domain.Mask("Dua lokasi"), Forum: w.session("forum_opd")})[1:]
	first, second := p.planned(village), p.planned(neighbour)
	lost := p.direct(village)
	p.do(p.actors["opd_head"], nil, act.Take{Proposal: lost, Ask: &proposal.Rejected{Reason: "KMS-LUAR", Ground: "Kamus", Text: domain.Mask("Di luar kamus"), Forum: w.session("forum_opd")}})
	rejection := p.histories[proposal.Stream(lost)][1].ID
	p.happen()

	merge := func(forum string, children ...string) func() any {
		return body(map[string]any{"year": year, "children": children, "reason": "Satu ruas", "forum": w.session(forum)})
	}
	split := body(map[string]any{"parts": []any{map[string]any{"weight": 1, "title": "Utara"}, map[string]any{"weight": 2, "title": "Selatan"}}, "reason": "Dua lokasi", "forum": w.session("forum_opd")})
	list := func(in int, numbers ...string) func() any {
		entries := []map[string]any{}
		for _, n := range numbers {
			entries = append(entries, map[string]any{"proposal": n, "amount": 200_000_000})
		}
		return body(map[string]any{"list": "L1", "stage": "kabupaten", "scope": map[string]any{"kind": "opd", "code": opd}, "entries": entries, "in": in})
	}
	for _, b := range []bad{
		{name: "merging an absorbed child", who: "camat", path: "/api/v1/merges", body: merge("musrenbang_kecamatan", child, other), status: 409, code: "merge.absorbed", place: child},
		{name: "merging one alone", who: "camat", path: "/api/v1/merges", body: merge("musrenbang_kecamatan", other), status: 422, code: "merge.too_few", place: "/children"},
		{name: "merging one with itself", who: "camat", path: "/api/v1/merges", body: merge("musrenbang_kecamatan", other, other), status: 422, code: "merge.twice", place: other},
		{name: "merging across kecamatan at the kecamatan", who: "camat", path: "/api/v1/merges", body: merge("musrenbang_kecamatan", near, far), status: 409, code: "merge.not_same", place: far},
		{name: "merging what is not at the kecamatan", who: "camat", path: "/api/v1/merges", body: merge("musrenbang_kecamatan", near, lost), status: 409, code: "workflow.state", place: lost},
		{name: "an act on an absorbed child", who: "camat", path: "/api/v1/proposals/" + child + "/reject", headers: whatever,
			body: body(map[string]any{"reason": "KMS-LUAR", "ground": "Kamus", "text": "Di luar kamus", "forum": w.session("musrenbang_kecamatan")}), status: 409, code: "workflow.state", place: child},
		{name: "splitting twice", who: "opd_head", path: "/api/v1/proposals/" + whole + "/split", headers: whatever, body: split, status: 409, code: "workflow.state", place: whole},
		{name: "splitting a part", who: "opd_head", path: "/api/v1/proposals/" + parts[0] + "/split", headers: whatever, body: split, status: 409, code: "split.depth", place: parts[0]},
		{name: "splitting into nothing", who: "opd_head", path: "/api/v1/proposals/" + parts[0] + "/split", headers: whatever,
			body: body(map[string]any{"parts": []any{map[string]any{"weight": 0}, map[string]any{"weight": 1}}}), status: 422, code: "split.weights", place: "/weights"},
		{name: "a list whose sum passes its ceiling", who: "head_of_planning", path: "/api/v1/forums/" + w.forums["musrenbang_kabupaten"] + "/finalize", headers: whatever,
			body: list(2, first, second), status: 409, code: "forum.limit_passed", place: "2"},
		{name: "a list of what is somewhere else", who: "head_of_planning", path: "/api/v1/forums/" + w.forums["musrenbang_kabupaten"] + "/finalize", headers: whatever,
			body: list(1, first, lost), status: 409, code: "workflow.state", place: lost},
		{name: "a list with one twice", who: "head_of_planning", path: "/api/v1/forums/" + w.forums["musrenbang_kabupaten"] + "/finalize", headers: whatever,
			body: list(1, first, first), status: 422, code: "forum.named_twice", place: first},
		{name: "closing a window that was never opened", who: "planner", path: "/api/v1/cycles/2027/close-window", headers: whatever,
			body: body(map[string]any{"window": "sore", "scope": map[string]any{"kind": "kabupaten"}}), status: 422, code: "cycle.window_unknown", place: "sore"},
		{name: "releasing without a policy", who: "ppid", path: "/api/v1/cycles/2027/release", headers: whatever,
			body: body(map[string]any{"scope": map[string]any{"kind": "kabupaten"}}), status: 409, code: "cycle.policy_missing", place: "2027"},
		{name: "correcting alone", who: "approver", path: "/api/v1/proposals/" + lost + "/correct", headers: whatever,
			body: body(map[string]any{"target": rejection, "action": "void", "reason": "Salah"}), status: 403, code: "second.missing", place: "head_of_planning"},
		{name: "correcting what never happened", who: "approver", path: "/api/v1/proposals/" + lost + "/correct", headers: append(whatever, "Runut-Second-Token", w.tokens["head_of_planning"]),
			body: body(map[string]any{"target": lost, "action": "void", "reason": "Salah"}), status: 422, code: "request.field_type", place: "/target"},
	} {
		t.Run(b.name, func(t *testing.T) { w.in(t).refuse(b) })
	}
	if _, err := domain.ParseNumber(parent); err != nil {
		t.Errorf("the merge before made %q", parent)
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newTown(t)
	key := uuid.NewString()
	first := w.send("village_operator", http.MethodPost, "/api/v1/proposals", submission(nil), "Idempotency-Key", key)
	at := w.head()
	again := w.send("village_operator", http.MethodPost, "/api/v1/proposals", submission(nil), "Idempotency-Key", key)
	if again.StatusCode != http.StatusOK || again.get(t, "/receipt/events/0/id") != first.get(t, "/receipt/events/0/id") || again.get(t, "/receipt/duplicate") != true {
		t.Errorf("the same again: %d %s", again.StatusCode, again.body)
	}
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
