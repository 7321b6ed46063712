package api_test

import (
	"net/http"
	"testing"
)

// What a year's work looks like to the rules is for those who inspect it; what the
// proposals are is for all who signed in.
func TestAYearIsInspectedByFew(t *testing.T) {
	w := newTown(t)
	number := w.submit(nil)
	w.caughtUp()
	for _, path := range []string{"/compare", "/findings", "/findings/rules", "/process"} {
		for _, who := range []string{"auditor", "planner", "head_of_planning"} {
			if r := w.send(who, http.MethodGet, "/api/v1"+path+"?cycle=2027", nil); r.StatusCode != http.StatusOK {
				t.Errorf("%s asks for %s: %d %s", who, path, r.StatusCode, r.body)
			}
		}
		for _, who := range []string{"village_head", "camat", "opd_head", "council_member", "importer", "approver", "ppid"} {
			w.refused(w.send(who, http.MethodGet, "/api/v1"+path+"?cycle=2027", nil), http.StatusForbidden, "audit.not_entitled")
		}
		w.refused(w.send("", http.MethodGet, "/api/v1"+path+"?cycle=2027", nil), http.StatusUnauthorized, "account.token_missing")
	}
	w.refused(w.send("opd_head", http.MethodGet, "/api/v1/dossiers?year=2027&aturan=A1", nil), http.StatusForbidden, "audit.not_entitled")
	for _, path := range []string{"/proposals?cycle=2027", "/proposals?cycle=2027&known_at=1", "/proposals/" + number + "/explanation", "/proposals/" + number + "/compare"} {
		if r := w.send("opd_head", http.MethodGet, "/api/v1"+path, nil); r.StatusCode != http.StatusOK {
			t.Errorf("%s is closed too: %d %s", path, r.StatusCode, r.body)
		}
	}
}
