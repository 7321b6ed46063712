package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"runut/api/web"
	"runut/domain/history"
)

// A closing and what it ends come at once, so nobody ever knew the one without the
// other: a position between them shows the log before both, and the answer says so.
func TestAPositionInsideAnAppendIsRoundedDown(t *testing.T) {
	w := newTown(t, func(w *town) {
		w.server.AddPages(&web.Pages{DB: w.pool, Public: w.server.Public, Definitions: w.find, Current: w.definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(w.find)})
	})
	number, other := w.submit(nil), w.submit(map[string]any{"title": "Jembatan gantung"})
	before, err := w.server.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.post("planner", "/api/v1/cycles/2027/close-window", map[string]any{"window": "desa", "scope": map[string]any{"kind": "kabupaten"}})
	after, err := w.server.Store.Head(t.Context())
	if err != nil || after-before < 3 {
		t.Fatalf("closing took %d events, %v", after-before, err)
	}
	w.caughtUp()
	says := func(asked int64) string {
		if asked <= before || asked >= after {
			return ""
		}
		return fmt.Sprintf("%d; asked=%d; append=%d-%d", before, asked, before+1, after)
	}
	for asked := before; asked <= after; asked++ {
		shown := before
		if asked == after {
			shown = after
		}
		known := "known_at=" + strconv.FormatInt(asked, 10)
		for _, path := range []string{"/proposals/" + number + "/explanation?" + known, "/proposals/" + number + "/state?" + known, "/proposals/" + other + "/lineage?" + known,
			"/compare?cycle=2027&" + known + "&now_known_at=" + strconv.FormatInt(after, 10), "/findings?cycle=2027&" + known, "/process?cycle=2027&" + known, "/proposals?cycle=2027&" + known} {
			r := w.send("auditor", http.MethodGet, "/api/v1"+path, nil)
			if got := r.Header.Get("X-Runut-Known-Rounded"); r.StatusCode != http.StatusOK || got != says(asked) {
				t.Errorf("%s: %d, rounded %q, want %q", path, r.StatusCode, got, says(asked))
			}
		}
		for _, n := range []string{number, other} { // the second row comes last: half of the append would end the first alone
			r := w.send("auditor", http.MethodGet, "/api/v1/proposals/"+n+"/explanation?"+known, nil)
			outcome := r.get(t, "/outcome")
			if pending := outcome == "pending"; pending != (asked < after) || r.Header.Get("X-Runut-Position") != strconv.FormatInt(shown, 10) {
				t.Errorf("%s at %d is %v, as of %s", n, asked, outcome, r.Header.Get("X-Runut-Position"))
			}
		}
		for _, path := range []string{"/usulan/" + number + "?diketahui=", "/auditor?tahun=2027&diketahui=", "/proses?tahun=2027&diketahui="} {
			page := string(w.send("auditor", http.MethodGet, path+strconv.FormatInt(asked, 10), nil, "Accept", "text/html").body)
			if told := strings.Contains(page, "di dalam satu pencatatan"); told != (says(asked) != "") {
				t.Errorf("%s%d: it says so: %v", path, asked, told)
			}
		}
	}
}
