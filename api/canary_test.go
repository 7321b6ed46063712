package api_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"runut/api/web"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/eventstore/notary"
)

// What must never come out. The bare name is one that no pattern recognises.
const (
	canaryNIK   = "9901014101850001"
	canaryPhone = "0812-3456-7890"
	canaryEmail = "warga.kenari@surel.example"
	canaryName  = "Sutrisno Kenari"
	canaryBare  = "Wagiyem Kenari"
)

var canaries = []string{canaryNIK, canaryPhone, canaryEmail, canaryName, canaryBare, "Kenari", "kenari", "Wagiyem", "Sutrisno"}

// masked are those that are cut out of every text before anything else sees it.
var masked = []string{canaryNIK, canaryPhone, canaryEmail, canaryName, "Sutrisno"}

// planting is what somebody careless writes into a text.
func planting(about string) string {
	return fmt.Sprintf("%s NIK %s telp %s surel %s Bapak %s dan %s", about, canaryNIK, canaryPhone, canaryEmail, canaryName, canaryBare)
}

// heading is what they write into a title: a title may become public, and a name
// that no pattern recognises would with it.
func heading(about string) string {
	return fmt.Sprintf("%s NIK %s telp %s surel %s atas nama %s", about, canaryNIK, canaryPhone, canaryEmail, canaryName)
}

func planted(about string) domain.Text { return domain.Mask(planting(about)) }

// planted hands in a direct request with personal data in every text.
func (p *past) planted(place string) string {
	p.Helper()
	i := idea(place)
	i.Title, i.Problem, i.Description, i.Location = domain.Mask(heading("Jembatan")), planted("Lapuk"), planted("Ganti"), planted("RT 01")
	return p.do(p.actors["planner"], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.UsulanLangsung, Idea: i}})[0]
}

// holds fails where a text holds one of the canaries.
func (w *town) holds(where, text string, canaries []string) {
	w.Helper()
	for _, canary := range canaries {
		if i := strings.Index(text, canary); i >= 0 {
			w.Errorf("%s holds %q: …%s…", where, canary, text[max(0, i-120):min(len(text), i+60)])
		}
	}
}

// withPages mounts the pages as the program does.
func withPages(w *town) {
	w.server.AddPages(&web.Pages{DB: w.pool, Public: w.server.Public, Definitions: w.find, Current: w.definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(w.find)})
}

// Whatever careless people write, and whoever sends what must be refused: nothing
// that anybody can read without signing in names a person, nor does the program's
// own log, nor what it keeps of refusals.
func TestNothingPersonalComesOut(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withPages, withProofs(&n))
	usual := slog.Default()
	slog.SetDefault(w.server.Log)
	t.Cleanup(func() { slog.SetDefault(usual) })
	visitor := w.listen("", "", "")
	o := &office{town: w, write: planting, title: heading, used: map[string]bool{}}
	o.everything()

	t.Run("every text was planted", func(t *testing.T) {
		w := w.in(t)
		for _, field := range w.unplanted() {
			t.Errorf("no command planted anything in %s", field)
		}
	})
	t.Run("the log itself", func(t *testing.T) {
		w := w.in(t)
		w.holds("a record", w.column(`select string_agg(convert_from(record, 'UTF8'), ' ') from events`), canaries)
		w.holds("the texts beside", w.column(`select string_agg(texts::text, ' ') from events`), masked)
	})
	attacks := w.attack()

	t.Run("the usual policy", func(t *testing.T) { w.in(t).published(publishable("title"), false) })
	t.Run("a policy with titles", func(t *testing.T) { w.in(t).published(cycle.Publishable, true) })
	t.Run("dossiers", func(t *testing.T) { w.in(t).everybodysDossiers(n) })
	t.Run("the stream", func(t *testing.T) {
		w := w.in(t)
		facts := w.released()
		if visitor.ids(len(facts)); len(facts) < 60 {
			t.Errorf("only %d facts", len(facts))
		}
		w.holds("the stream", visitor.bytes(), canaries)
	})
	t.Run("an OPD's feed", func(t *testing.T) {
		for _, code := range []string{opd, otherOPD} {
			r := w.in(t).send("planner", http.MethodGet, "/api/v1/feeds/opd/"+code+"/accepted?limit=500", nil)
			if !strings.Contains(string(r.body), "[NIK disamarkan]") {
				t.Errorf("the feed holds no title of ours: %s", r.body)
			}
			w.in(t).holds("the feed", string(r.body), canaries)
		}
	})
	t.Run("those who signed in see what was masked", func(t *testing.T) {
		w := w.in(t)
		for _, path := range []string{"/api/v1/proposals?limit=500", "/api/v1/forums", "/api/v1/proposals/" + o.own + "/timeline", "/api/v1/proposals/" + o.own,
			"/api/v1/letters/" + village + "/2027?all=true", "/api/v1/letters/" + village + "/2027/html?number=050/114/2026", "/api/v1/forums/" + o.forums["musrenbang_kecamatan"] + "/minutes/html",
			"/surat/" + village + "/2027", "/forum/" + o.forums["forum_opd"] + "/berita-acara"} {
			r := w.send("planner", http.MethodGet, path, nil)
			if r.StatusCode != http.StatusOK || !strings.Contains(string(r.body), "disamarkan") && !strings.HasSuffix(path, "/forums") {
				t.Errorf("%s: %d, and nothing was planted in it", path, r.StatusCode)
			}
			w.holds(path, string(r.body), masked)
		}
	})
	t.Run("the program's log", func(t *testing.T) {
		w := w.in(t)
		logged := w.wrote.String()
		if strings.Count(logged, `"msg":"request"`) < attacks {
			t.Error("not every request was logged")
		}
		w.holds("the log", logged, canaries)
		if i := strings.Index(logged, `"level":"ERROR"`); i >= 0 {
			t.Errorf("something failed: %s", logged[i:min(len(logged), i+600)])
		}
	})
	t.Run("what is kept of refusals", func(t *testing.T) {
		w := w.in(t)
		kept := w.column(`select string_agg(r::text, ' ') from refusals r`)
		if !strings.Contains(kept, "text.personal") {
			t.Error("no refusal of personal data was kept")
		}
		w.holds("a kept refusal", kept, canaries)
	})
}

// published lets the public see some fields of everything, and reads all there is.
func (w *town) published(fields []string, titles bool) {
	w.Helper()
	w.do("ppid", act.OnCycle{Year: year, Ask: &cycle.PublicationPolicySet{Fields: fields, After: "desa"}})
	w.release(all, "")
	if w.crawl() != titles {
		w.Errorf("titles are shown: %t, the policy allows them: %t", !titles, titles)
	}
}

// column returns the one value that a query finds.
func (w *town) column(sql string) (text string) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), sql).Scan(&text); err != nil {
		w.Fatal(err)
	}
	return text
}

// fromElsewhere are the texts that no command of the API states: what they hold
// is taken over from texts that were masked, or comes from imports and the people
// at the terminal.
var fromElsewhere = []string{
	"cycle.corrected", "proposal.appeared_in_budget", "proposal.continued", "proposal.formed_by_merge/components", "proposal.agreed/components", "person.", "import.", "log.",
	"proposal.accepted_by_opd/components", "proposal.included_in_rkpd/components", "proposal.included_in_ppas/components", "proposal.funded/components", "proposal.amount_revised/components",
}

// unplanted returns the texts of all types of events that hold no mask anywhere
// in the log.
func (w *town) unplanted() []string {
	w.Helper()
	planted := map[string]bool{}
	for r, err := range w.server.Store.Since(w.Context(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			w.Fatal(err)
		}
		texts(reflect.ValueOf(r.Event).Elem(), "", func(at string, t domain.Text) {
			if strings.Contains(t.Masked, "[NIK disamarkan]") {
				planted[r.Type+at] = true
			}
		})
	}
	var out []string
	for kind := range catalog.Events.All() {
		textTypes(kind.Go(), "", func(at string) {
			field := kind.Name + at
			if !planted[field] && !strings.Contains(field, "/observed/") && !slices.ContainsFunc(fromElsewhere, func(s string) bool { return strings.HasPrefix(field, s) }) {
				out = append(out, field)
			}
		})
	}
	if len(planted) < 30 {
		w.Errorf("only %d texts were planted", len(planted))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// texts visits every text in an event.
func texts(v reflect.Value, at string, visit func(at string, t domain.Text)) {
	if t, ok := v.Interface().(domain.Text); ok {
		visit(at, t)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			texts(v.Elem(), at, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), at, visit)
		}
	case reflect.Struct:
		for f, value := range v.Fields() {
			if f.IsExported() {
				texts(value, at+memberOf(f), visit)
			}
		}
	}
}

// textTypes visits the place of every text that events of a type can hold, but
// not of those that an amendment gives to another event.
func textTypes(t reflect.Type, at string, visit func(at string)) {
	switch {
	case t == reflect.TypeFor[domain.Text]():
		visit(at)
	case t == reflect.TypeFor[proposal.Amendment]():
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice:
		textTypes(t.Elem(), at, visit)
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() {
				textTypes(f.Type, at+memberOf(f), visit)
			}
		}
	}
}

// memberOf returns what a field adds to a place: nothing where it is embedded.
func memberOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if f.Anonymous && name == "" {
		return ""
	}
	return "/" + name
}

// attack sends to every command what must be refused, with personal data in
// every string and everywhere else that a request has room for. It returns how
// many requests that were.
func (w *town) attack() (sent int) {
	w.Helper()
	everybody := []string{"planner", "head_of_planning", "approver", "ppid", "tapd", "village_operator", "village_head", "camat", "opd_head", "opd_officer"}
	number := strings.TrimPrefix(w.column(`select min(stream) from events where type = 'proposal.submitted'`), "proposal-")
	places := strings.NewReplacer("{year}", "2027", "{number}", number, "{id}", w.forums["musrenbang_desa"], "{code}", opd)
	for _, op := range w.described.operations() {
		schema, command := bodySchema(w.described, op)
		if !command {
			continue
		}
		for i, who := range everybody {
			canary := []string{canaryNIK, canaryPhone, canaryEmail, "Bapak " + canaryName}[i%4]
			r := w.send(who, http.MethodPost, places.Replace(op.path), w.filled(schema, canary, 0), "If-Match", "*", "Runut-Second-Token", w.tokens["head_of_planning"])
			sent++
			if r.StatusCode >= 500 {
				w.Errorf("%s answers %d: %s", op, r.StatusCode, r.body)
			}
		}
	}
	p := w.past(time.Now())
	direct := p.direct(village)
	p.happen()
	for _, canary := range []string{canaryNIK, canaryPhone, canaryEmail, "Bapak " + canaryName} {
		w.refused(w.send("planner", http.MethodPost, "/api/v1/proposals/"+direct+"/refer", object{"target": "provinsi", "legal_ground": canary, "letter": paper("surat", -1)}, "If-Match", "*"),
			http.StatusUnprocessableEntity, "text.personal")
		sent++
	}
	for _, canary := range []string{canaryNIK, canaryPhone, canaryEmail, canaryName} {
		for _, r := range []reply{
			w.send("planner", http.MethodGet, "/api/v1/proposals?q="+url.QueryEscape(canary), nil),
			w.send("", http.MethodGet, "/api/v1/public/proposals?q="+url.QueryEscape(canary), nil),
			w.send("", http.MethodGet, "/usulan?q="+url.QueryEscape(canary), nil),
			w.send("", http.MethodGet, "/"+url.PathEscape(canary), nil),
			w.send("", http.MethodGet, "/usulan/"+url.PathEscape(canary), nil),
			w.send("", http.MethodGet, "/api/v1/public/proposals/"+url.PathEscape(canary), nil),
			w.send("planner", http.MethodGet, "/api/v1/proposals?cursor="+url.QueryEscape(canary), nil),
			w.send("planner", http.MethodGet, "/api/v1/opd/"+url.PathEscape(canary)+"/inbox", nil),
			w.send("", http.MethodGet, "/stream?cycle="+url.QueryEscape(canary), nil),
			w.send("", http.MethodGet, "/stream", nil, "Last-Event-ID", canary),
			w.send("village_head", http.MethodPost, "/api/v1/proposals/"+url.PathEscape(canary)+"/withdraw", object{"reason": canary}, "If-Match", canary),
			w.send("village_head", http.MethodPost, "/api/v1/proposals/"+number+"/withdraw", object{"reason": canary}, "If-Match", canary, "Idempotency-Key", canary, "Runut-Occurred", canary),
			w.send("village_operator", http.MethodPost, "/api/v1/proposals", `{"`+canary+`":"`+canary+`"}`),
			w.send("village_operator", http.MethodPost, "/api/v1/proposals", `{"title":"`+canary+`"`),
			w.send("", http.MethodPost, "/api/v1/proposals", object{}, "Authorization", "Bearer "+canary),
			w.send("village_operator", http.MethodPost, "/api/v1/documents", canary, "Content-Type", "text/html; name="+strings.ReplaceAll(canary, " ", "-")),
			w.send("village_operator", http.MethodPost, "/api/v1/documents", canary+"\x00", "Content-Type", "text/plain"),
			w.send("", http.MethodGet, "/api/v1/documents/"+url.PathEscape(canary), nil),
		} {
			sent++
			if r.StatusCode >= 500 {
				w.Errorf("%s answers %d: %s", r.Request.URL, r.StatusCode, r.body)
			}
		}
	}
	return sent
}

// filled returns a value that fits a schema, with a canary in every string.
func (w *town) filled(schema any, canary string, depth int) any {
	s := w.described.resolve(schema)
	kind, _ := s["type"].(string)
	switch {
	case depth > 5:
		return nil
	case s["format"] == "date-time":
		return time.Now()
	case s["format"] == "uuid":
		return "0198c2f0-0000-7000-8000-000000000001"
	case kind == "string" && s["enum"] != nil:
		return s["enum"].([]any)[0]
	case kind == "string":
		return canary
	case kind == "integer", kind == "number":
		return 2027
	case kind == "boolean":
		return true
	case kind == "array":
		return []any{w.filled(s["items"], canary, depth+1)}
	}
	out := object{}
	properties, _ := s["properties"].(map[string]any)
	for name, member := range properties {
		if v := w.filled(member, canary, depth+1); v != nil {
			out[name] = v
		}
	}
	return out
}

var links = regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)`)

// crawl reads everything that a visitor can: every open read of the API for every
// proposal, and every page that can be reached. It reports whether titles were
// shown.
func (w *town) crawl() (titles bool) {
	w.Helper()
	var queue []string
	for _, op := range w.described.operations() {
		if op.method == "get" && op.said["security"] == nil {
			queue = append(queue, strings.ReplaceAll(op.path, "{year}", "2027"))
		}
	}
	rows, err := w.pool.Query(w.Context(), `select number from public_read.proposals order by number`)
	if err != nil {
		w.Fatal(err)
	}
	var numbers []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			w.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) < 15 {
		w.Fatalf("only %d proposals are public", len(numbers))
	}
	var seen []string
	for _, path := range queue {
		if !strings.Contains(path, "{number}") {
			seen = append(seen, path)
		}
		for _, n := range numbers {
			if strings.Contains(path, "{number}") {
				seen = append(seen, strings.ReplaceAll(path, "{number}", n))
			}
		}
	}
	seen = append(seen, "/", "/openapi.json", "/openapi.yaml", "/robots.txt", "/?lang=en", "/usulan?q=jalan", "/api/v1/public/proposals?limit=500&lang=en")
	pages, most := 0, 600
	if testing.Short() {
		most = 150
	}
	for i := 0; i < len(seen) && i < most; i++ {
		r := w.send("", http.MethodGet, seen[i], nil)
		if r.StatusCode >= 400 {
			w.Errorf("%s answers a visitor %d: %s", seen[i], r.StatusCode, r.body[:min(len(r.body), 300)])
		}
		w.holds(seen[i], string(r.body), canaries)
		for name, values := range r.Header {
			w.holds(seen[i]+" "+name, strings.Join(values, " "), canaries)
		}
		titles = titles || strings.Contains(string(r.body), "[NIK disamarkan]")
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		for _, m := range links.FindAllStringSubmatch(string(r.body), -1) {
			if next := strings.ReplaceAll(m[1], "&amp;", "&"); !slices.Contains(seen, next) {
				seen = append(seen, next)
			}
		}
	}
	w.Logf("%d addresses, %d of them pages, %d proposals", len(seen), pages, len(numbers))
	if pages < 2*len(numbers) && !testing.Short() {
		w.Errorf("only %d pages were found", pages)
	}
	return titles
}
