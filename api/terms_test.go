package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runut/api/web"
	"runut/domain/history"
)

// A value that is none is refused wherever a year is filtered; one that fits nothing
// is answered with an empty list.
func TestAValueThatIsNoneIsRefused(t *testing.T) {
	w := newTown(t, func(w *town) {
		w.server.AddPages(&web.Pages{DB: w.pool, Public: w.server.Public, Definitions: w.find, Current: w.definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(w.find)})
	})
	w.submit(nil)
	w.caughtUp()
	values := []struct{ name, typed, none, code, known, fitting string }{
		{"state", "status", "melayang", "filter.word", "at_opd", "at_opd"},
		{"stage", "tahap", "awang", "filter.word", "kabupaten", "kabupaten"},
		{"lane", "jalur", "belakang", "filter.word", "musrenbang", "pokir"},
		{"reason", "alasan", "PGS-TRIK", "filter.word", "PGS-TARIK", "PGS-TARIK"},
		{"fate", "nasib", "hilang", "filter.fate", "withdrawn", "withdrawn"},
		{"village", "desa", "99.01.03.2999", "filter.code", "wilayah", neighbour},
		{"kecamatan", "kecamatan", "99.01.99", "filter.code", "wilayah", farKec},
		{"kecamatan", "kecamatan", village, "filter.code", "wilayah", farKec}, // a village is no kecamatan
		{"opd", "opd", "9.99", "filter.code", "opd", otherOPD},
	}
	for _, x := range values {
		for _, call := range []struct{ who, path, name, shown string }{
			{"planner", "/api/v1/proposals?cycle=2027&", x.name, ""},
			{"planner", "/api/v1/proposals?", x.name, ""},
			{"planner", "/api/v1/proposals?cycle=2027&known_at=1&", x.name, ""},
			{"planner", "/api/v1/proposals/facets?cycle=2027&", x.name, ""},
			{"planner", "/api/v1/compare?cycle=2027&", x.name, ""},
			{"auditor", "/api/v1/dossiers?year=2027&", x.typed, "dossier"},
			{"auditor", "/auditor?tahun=2027&", x.typed, "page"},
			{"auditor", "/auditor.csv?tahun=2027&", x.typed, "page"},
			{"auditor", "/usulan?tahun=2027&", x.typed, "page"},
			{"", "/usulan?tahun=2027&", x.typed, "page"},
			{"", "/api/v1/public/proposals?cycle=2027&", x.name, ""},
		} {
			if x.name == "state" && call.who == "" {
				continue // a visitor is told no states, and can ask for none
			}
			ask := func(value string) reply {
				return w.send(call.who, http.MethodGet, call.path+url.Values{call.name: {value}}.Encode(), nil, "Accept-Language", "en")
			}
			r := ask(x.none)
			title := string(r.body)
			if call.shown != "page" {
				w.refused(r, http.StatusUnprocessableEntity, x.code)
				title, _ = r.get(t, "/title").(string)
				if field, _ := r.get(t, "/field").(string); !strings.HasSuffix(field, "/"+call.name) {
					t.Errorf("%s%s: the refusal is at %q", call.path, x.name, field)
				}
			}
			if r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(title, x.none) || !strings.Contains(title, x.known) {
				t.Errorf("%s%s=%s: %d %.300s", call.path, call.name, x.none, r.StatusCode, title)
			}
			want := http.StatusOK
			if call.shown == "dossier" {
				want = http.StatusServiceUnavailable // nobody signed this log, which is looked at later
			}
			if r := ask(x.fitting); r.StatusCode != want {
				t.Errorf("%s%s=%s: %d %.300s", call.path, call.name, x.fitting, r.StatusCode, r.body)
			}
		}
	}

	t.Run("a visitor may ask for what is not announced, and nobody for what a list cannot tell", func(t *testing.T) {
		w := w.in(t)
		for path, status := range map[string]int{"/usulan?nasib=unannounced": 200, "/api/v1/public/proposals?fate=unannounced": 200, "/usulan?nasib=lost_after_acceptance": 422} {
			if r := w.send("", http.MethodGet, path, nil); r.StatusCode != status {
				t.Errorf("%s: %d, want %d", path, r.StatusCode, status)
			}
		}
		w.refused(w.send("planner", http.MethodGet, "/api/v1/proposals?fate=unannounced", nil), http.StatusUnprocessableEntity, "filter.fate")
		w.refused(w.send("planner", http.MethodGet, "/api/v1/proposals?fate=lost_after_acceptance", nil), http.StatusUnprocessableEntity, "filter.fate")
		if r := w.send("planner", http.MethodGet, "/api/v1/compare?cycle=2027&fate=lost_after_acceptance", nil); r.StatusCode != http.StatusOK {
			t.Errorf("of a moment: %d", r.StatusCode)
		}
	})
	t.Run("the feed of an office that is none", func(t *testing.T) {
		w := w.in(t)
		w.refused(w.send("planner", http.MethodGet, "/api/v1/feeds/opd/9.99/accepted", nil), http.StatusUnprocessableEntity, "filter.code")
		if r := w.send("planner", http.MethodGet, "/api/v1/feeds/opd/"+otherOPD+"/accepted", nil); r.StatusCode != http.StatusOK {
			t.Errorf("of one that accepted nothing: %d %s", r.StatusCode, r.body)
		}
	})
	t.Run("a year nobody opened has words that nobody knows", func(t *testing.T) {
		w := w.in(t)
		if r := w.send("planner", http.MethodGet, "/api/v1/proposals?cycle=2031&state=melayang", nil); r.StatusCode != http.StatusOK {
			t.Errorf("%d %s", r.StatusCode, r.body)
		}
	})
	t.Run("what a proposal has is a value, whatever the register says", func(t *testing.T) {
		w := w.in(t)
		if _, err := w.pool.Exec(t.Context(), `update read.proposals set opd = '9.99'`); err != nil {
			t.Fatal(err)
		}
		if r := w.send("planner", http.MethodGet, "/api/v1/proposals?opd=9.99", nil); len(r.get(t, "/items").([]any)) != 1 {
			t.Errorf("%d %s", r.StatusCode, r.body)
		}
	})
	t.Run("a register that nobody filled refuses nothing", func(t *testing.T) {
		w := w.in(t)
		for _, table := range []string{"read.register_parts", "read.register_entries"} {
			if _, err := w.pool.Exec(t.Context(), `delete from `+table+` where register in ('opd', 'wilayah')`); err != nil {
				t.Fatal(err)
			}
		}
		for _, query := range []string{"opd=7.77", "village=1", "kecamatan=1"} {
			if r := w.send("planner", http.MethodGet, "/api/v1/proposals?"+query, nil); r.StatusCode != http.StatusOK {
				t.Errorf("%s: %d %s", query, r.StatusCode, r.body)
			}
		}
	})
}
