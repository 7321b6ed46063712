package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestTour takes two proposals from their villages to the budget through HTTP,
// the way the README tells a newcomer to.
func TestTour(t *testing.T) {
	w := newTown(t)
	submit := func(title string, estimate int) string {
		r := w.post("village_operator", "/api/v1/proposals", map[string]any{
			"year": year, "lane": "musrenbang", "village": village, "title": title, "problem": "Jalan rusak berat saat hujan",
			"description": "Rabat beton", "location": "RT 03 Dusun Maju", "volume": map[string]any{"amount": "350", "unit": "m"},
			"estimate": estimate, "opd": opd, "priority": 1, "minutes_village": map[string]any{"kind": "berita_acara", "number": "1/BA/2026", "date": "2026-01-10"},
			"forum": "forum-" + w.forums["musrenbang_desa"],
		})
		n := r.get(t, "/proposals/0").(string)
		if !strings.HasPrefix(n, "U-27-") {
			t.Fatalf("number %q", n)
		}
		return n
	}
	a, b := submit("Jalan usaha tani RT 03", 200_000_000), submit("Jalan usaha tani RT 04", 100_000_000)

	list := func(stage, forumKind string, by string, numbers ...string) reply {
		entries := []map[string]any{}
		for _, n := range numbers {
			entries = append(entries, map[string]any{"proposal": n, "amount": 300_000_000})
		}
		return w.post(by, "/api/v1/forums/"+w.forums[forumKind]+"/finalize", map[string]any{"list": "L1", "stage": stage, "entries": entries})
	}
	w.post("planner", "/api/v1/cycles/2027/set-quota", map[string]any{"stage": "desa", "scope": map[string]any{"kind": "village", "code": village}, "count": 10})
	w.post("planner", "/api/v1/cycles/2027/set-quota", map[string]any{"stage": "kecamatan", "scope": map[string]any{"kind": "kecamatan", "code": kecamatan}, "count": 10})
	w.post("head_of_planning", "/api/v1/cycles/2027/set-ceiling", map[string]any{"stage": "kabupaten", "scope": map[string]any{"kind": "opd", "code": opd}, "amount": 1_000_000_000})
	list("desa", "musrenbang_desa", "village_head", a, b)

	merged := w.post("camat", "/api/v1/merges", map[string]any{"year": year, "children": []string{a, b}, "reason": "Satu ruas jalan",
		"forum": "forum-" + w.forums["musrenbang_kecamatan"], "idea": map[string]any{"title": "Paket jalan usaha tani"}})
	parent := ""
	for i := range 3 {
		if n := merged.get(t, "/proposals/"+string(rune('0'+i))).(string); n != a && n != b {
			parent = n
		}
	}
	list("kecamatan", "musrenbang_kecamatan", "camat", parent)

	path := "/api/v1/proposals/" + parent
	seen := w.read("opd_head", "/api/v1/opd/"+opd+"/inbox?cycle=2027", w.post("opd_officer", path+"/respond",
		map[string]any{"leaning": "terima", "note": "Siap", "forum": "forum-" + w.forums["forum_opd"]}))
	if got := seen.get(t, "/items/0/number"); got != parent {
		t.Errorf("the OPD's inbox holds %v, want %s\n%s", got, parent, seen.body)
	}
	w.post("opd_head", path+"/accept", map[string]any{"forum": "forum-" + w.forums["forum_opd"], "sub_kegiatan": "1.03.10.2.01.0005",
		"volume": map[string]any{"amount": "300", "unit": "m"}, "estimate": 280_000_000, "change": "Lebar jalan disesuaikan"})
	w.post("head_of_planning", "/api/v1/forums/"+w.forums["musrenbang_kabupaten"]+"/finalize", map[string]any{"list": "L1", "stage": "kabupaten",
		"scope": map[string]any{"kind": "opd", "code": opd}, "entries": []map[string]any{{"proposal": parent}}})
	document := func(kind, number string) map[string]any {
		return map[string]any{"kind": kind, "number": number, "date": "2026-06-30"}
	}
	w.post("head_of_planning", path+"/include-in-rkpd", map[string]any{"document": document("perkada", "20/2026"), "sub_kegiatan": "1.03.10.2.01.0005", "amount": 280_000_000})
	w.post("tapd", path+"/include-in-ppas", map[string]any{"document": document("nota_kesepakatan", "3/2026"), "sub_kegiatan": "1.03.10.2.01.0005", "amount": 270_000_000})
	funded := w.post("tapd", path+"/fund", map[string]any{"document": document("perda", "7/2026"), "line": "1.03.10.2.01.0005/1", "account": "5.2.04.01.01.0003", "amount": 240_000_001, "source": "DAU"})

	one := w.read("planner", path, funded)
	if got := one.get(t, "/fate"); got != "funded" {
		t.Errorf("fate of the parent is %v\n%s", got, one.body)
	}
	if child := w.read("planner", "/api/v1/proposals/"+a, funded); child.get(t, "/fate") != "funded" || child.get(t, "/parent") != parent {
		t.Errorf("the child does not share the parent's fate\n%s", child.body)
	}
	var types []string
	timeline := w.read("planner", path+"/timeline", funded)
	for _, step := range timeline.get(t, "/items").([]any) {
		types = append(types, step.(map[string]any)["type"].(string))
	}
	want := []string{"proposal.formed_by_merge", "proposal.prioritized", "proposal.responded", "proposal.accepted_by_opd", "proposal.agreed",
		"proposal.included_in_rkpd", "proposal.included_in_ppas", "proposal.funded"}
	if !slices.Equal(types, want) {
		t.Errorf("timeline is %v, want %v", types, want)
	}
	sum := w.read("planner", "/api/v1/cycles/2027/funnel", funded)
	if sum.get(t, "/balanced") != true || sum.get(t, "/granted") != float64(240_000_001) || sum.get(t, "/asked") != float64(300_000_000) {
		t.Errorf("printed sum: %s", sum.body)
	}

	pulled := w.send("opd_head", http.MethodGet, "/api/v1/feeds/opd/"+opd+"/accepted?limit=1", nil)
	if got := pulled.Header.Get("Content-Type"); got != "application/cloudevents-batch+json" {
		t.Errorf("feed is %q", got)
	}
	if pulled.get(t, "/0/subject") != parent || pulled.get(t, "/0/type") != "proposal.accepted_by_opd" {
		t.Errorf("feed begins with %s", pulled.body)
	}
	next := w.send("opd_head", http.MethodGet, "/api/v1/feeds/opd/"+opd+"/accepted?lastEventId="+pulled.get(t, "/0/id").(string), nil)
	if got := next.get(t, "/0/subject"); got != parent {
		t.Errorf("the feed goes on with %s", next.body)
	}

	receipt := w.send("tapd", http.MethodGet, "/api/v1/receipts/"+funded.get(t, "/receipt/command").(string), nil)
	if receipt.get(t, "/events/0/leaf") != funded.get(t, "/receipt/events/0/leaf") {
		t.Errorf("receipt read again: %s", receipt.body)
	}
}
