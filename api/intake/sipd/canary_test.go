package sipd_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"runut/api/intake/sipd/sample"
	"runut/domain"
	"runut/domain/cycle"
)

// Whatever people write into an export: nothing that is kept readable names them.
// Not the records, not the texts beside them, no table that a reader of the
// program is answered from, whether signed in or not, no line of its log.
func TestNothingPersonalComesOutOfAnExport(t *testing.T) {
	w := newTown(t)
	var reports strings.Builder
	for week := range 2 {
		for _, pokir := range []bool{false, true} {
			r := w.taken(w.export(sample.Options{Rows: 40, Seed: 4, Week: week, Traps: true, Wide: week == 1, Pokir: pokir}))
			said, err := json.Marshal(r)
			w.must(err)
			fmt.Fprintf(&reports, "%s %+v", said, r)
			for _, h := range r.Held {
				for _, x := range h.Examples {
					fmt.Fprintf(&reports, " %v", x.Err)
				}
			}
		}
	}
	w.write(cycle.Stream(year), &cycle.PublicationPolicySet{Fields: cycle.Publishable, After: "desa"})
	w.write(cycle.Stream(year), &cycle.PublicationReleased{Scope: domain.Scope{Kind: domain.ScopeKabupaten}})
	w.caughtUp()

	places := map[string]string{"the reports": reports.String(), "the log": w.logged.String()}
	for name, sql := range map[string]string{
		"the records": `select string_agg(convert_from(record, 'UTF8'), ' ') from events`,
		"the texts":   `select string_agg(texts::text, ' ') from events`,
		"refusals":    `select coalesce(string_agg(r::text, ' '), '') from refusals r`,
	} {
		places[name] = w.column(sql)
	}
	public := 0
	for _, schema := range []string{"read", "public_read"} {
		for table := range strings.FieldsSeq(w.column(`select string_agg(table_name, ' ') from information_schema.views where table_schema = '` + schema + `'`)) {
			text := w.column(`select coalesce(string_agg(x::text, ' '), '') from ` + schema + `.` + table + ` x`)
			places[schema+"."+table] = text
			if schema == "public_read" {
				public += len(text)
			}
		}
	}
	if len(places) < 20 || public < 10_000 || !strings.Contains(places["the texts"], "[NIK disamarkan]") {
		t.Fatalf("%d places, %d public bytes", len(places), public)
	}
	for name, text := range places {
		for _, detail := range sample.Details() {
			if i := strings.Index(text, detail); i >= 0 {
				t.Errorf("%s holds %q: …%s…", name, detail, text[max(0, i-100):min(len(text), i+60)])
			}
		}
	}
}

func (w *town) column(sql string) (text string) {
	w.Helper()
	w.must(w.pool.QueryRow(w.Context(), sql).Scan(&text))
	return text
}
