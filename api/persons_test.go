package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// TestAPersonStartsWork goes the whole way of somebody new: registered, given a
// grant by two, let in by a code, and sent away again.
func TestAPersonStartsWork(t *testing.T) {
	w := newTown(t)
	details := map[string]any{"name": "  Nurhaliza   Kenari ", "nik": "9901 0141 0185 0077", "phone": "0812-5550-0771", "email": "kenari@surel.example", "purpose": "official"}
	key := uuid.NewString()
	register := func(body any) reply {
		return w.send("planner", http.MethodPost, "/api/v1/persons", body, "Idempotency-Key", key)
	}
	first := register(details)
	if first.StatusCode != http.StatusOK {
		t.Fatalf("register: %d %s", first.StatusCode, first.body)
	}
	stream, _ := first.get(t, "/receipt/events/0/stream").(string)
	pseudonym, found := strings.CutPrefix(stream, "person-")
	if !found {
		t.Fatalf("stream %q", stream)
	}
	if again := register(details); again.get(t, "/receipt/duplicate") != true || again.get(t, "/receipt/events/0/stream") != stream {
		t.Errorf("asked twice: %s", again.body)
	}
	w.refused(register(map[string]any{"name": "Orang Lain", "purpose": "official"}), http.StatusConflict, "command.reused")

	decree := map[string]any{"kind": "sk", "number": "800/9/2026", "date": "2026-01-05"}
	given := func(to string) map[string]any {
		return map[string]any{"person": to, "role": "planner", "scope": map[string]any{"kind": "kabupaten"}, "office": "Bappeda", "capacity": "definitif",
			"from": "2026-01-06T00:00:00Z", "decree": decree}
	}
	give := func(who, second, to string) reply {
		return w.send(who, http.MethodPost, "/api/v1/grants", given(to), "Runut-Second-Token", w.tokens[second])
	}
	w.refused(give("planner", "approver", pseudonym), http.StatusForbidden, "grant.role_missing")
	w.refused(w.send("approver", http.MethodPost, "/api/v1/grants", given(pseudonym)), http.StatusForbidden, "grant.second_needed")
	w.refused(give("approver", "approver", pseudonym), http.StatusForbidden, "grant.same_person")
	w.refused(give("approver", "head_of_planning", w.actors["approver"].Person), http.StatusForbidden, "grant.own_grant")
	w.refused(give("approver", "head_of_planning", w.actors["head_of_planning"].Person), http.StatusForbidden, "grant.own_grant")
	good := give("approver", "head_of_planning", pseudonym)
	if good.StatusCode != http.StatusOK {
		t.Fatalf("give: %d %s", good.StatusCode, good.body)
	}
	grantID := strings.TrimPrefix(good.get(t, "/receipt/events/0/stream").(string), "grant-")

	invite := func(who, second, grant, key string) reply {
		return w.send(who, http.MethodPost, "/api/v1/grants/"+grant+"/invite", nil, "Runut-Second-Token", w.tokens[second], "Idempotency-Key", key)
	}
	w.refused(invite("planner", "head_of_planning", grantID, uuid.NewString()), http.StatusForbidden, "grant.role_missing")
	w.refused(w.send("approver", http.MethodPost, "/api/v1/grants/"+grantID+"/invite", nil), http.StatusForbidden, "grant.second_needed")
	w.refused(invite("approver", "head_of_planning", "second", uuid.NewString()), http.StatusForbidden, "grant.own_grant")
	w.refused(invite("approver", "head_of_planning", uuid.NewString(), uuid.NewString()), http.StatusNotFound, "grant.unknown")
	accept := func(code any) reply {
		return w.send("", http.MethodPost, "/api/v1/public/invitations/accept", map[string]any{"code": code})
	}
	lost := uuid.NewString()
	asked := invite("approver", "head_of_planning", grantID, lost)
	before := asked.get(t, "/code")
	// as if it had been asked the day before
	if _, err := w.pool.Exec(t.Context(), `update invitations set expires_at = expires_at - interval '1 day'`); err != nil {
		t.Fatal(err)
	}
	renewed := invite("approver", "head_of_planning", grantID, lost)
	code, _ := renewed.get(t, "/code").(string)
	if first, second := asked.get(t, "/expires").(string), renewed.get(t, "/expires").(string); second >= first {
		t.Errorf("a code asked for again is said to be good until %s; that of the day before is over at %s", second, first)
	}
	gone := uuid.NewString()
	invite("approver", "head_of_planning", grantID, gone)
	if _, err := w.pool.Exec(t.Context(), `update invitations set expires_at = now() - interval '1 second' where command = $1`, gone); err != nil {
		t.Fatal(err)
	}
	w.refused(invite("approver", "head_of_planning", grantID, gone), http.StatusConflict, "account.code_expired")
	w.refused(accept(before), http.StatusForbidden, "account.code_unknown")
	w.refused(accept("rni_"+strings.Repeat("0", 24)), http.StatusForbidden, "account.code_unknown")
	w.refused(accept(w.tokens["planner"]), http.StatusForbidden, "account.code_unknown")
	entered := accept(strings.ToUpper(code) + " ")
	token, _ := entered.get(t, "/token").(string)
	if entered.StatusCode != http.StatusOK || token == "" {
		t.Fatalf("accept: %d %s", entered.StatusCode, entered.body)
	}
	w.refused(accept(code), http.StatusConflict, "account.code_used")
	w.refused(invite("approver", "head_of_planning", grantID, lost), http.StatusConflict, "account.code_used")

	w.tokens["new"] = token
	known := w.read("new", "/api/v1/persons/"+pseudonym, good)
	if known.get(t, "/purpose") != "official" || known.get(t, "/grants/0/role") != "planner" || known.get(t, "/version") != 1.0 {
		t.Errorf("the new planner sees %s", known.body)
	}

	correct := func(who, body, version string) reply {
		return w.send(who, http.MethodPost, "/api/v1/persons/"+pseudonym+"/correct", body, "If-Match", version)
	}
	w.refused(correct("camat", `{"name": "Nurhaliza Murai"}`, "*"), http.StatusForbidden, "person.role_missing")
	w.refused(correct("planner", `{"nik": "990101410185007"}`, "*"), http.StatusUnprocessableEntity, "person.detail_malformed")
	w.refused(correct("planner", `{}`, "*"), http.StatusUnprocessableEntity, "person.details_missing")
	w.refused(correct("planner", `{"name": "Nurhaliza Murai"}`, `"7"`), http.StatusPreconditionFailed, "request.if_match")
	right := correct("new", `{"name": "Nurhaliza Murai"}`, `"1"`) // by the person
	if right.StatusCode != http.StatusOK {
		t.Fatalf("correct: %d %s", right.StatusCode, right.body)
	}
	if seen := w.read("auditor", "/api/v1/persons?q=Bappeda", right); !strings.Contains(string(seen.body), pseudonym) {
		t.Errorf("the auditor does not find the planner: %s", seen.body)
	}
	w.refused(w.send("camat", http.MethodGet, "/api/v1/persons", nil), http.StatusForbidden, "person.role_missing")
	w.refused(w.send("planner", http.MethodGet, "/api/v1/persons/Nurhaliza", nil), http.StatusNotFound, "person.unknown")

	w.post("approver", "/api/v1/grants/"+grantID+"/revoke", map[string]any{"decree": decree, "reason": "Pindah tugas"})
	w.refused(w.send("new", http.MethodGet, "/api/v1/persons", nil), http.StatusForbidden, "account.grant_gone")

	printed := sha256.New() // of the request, as anybody could work it out who knows the actor and guesses the details
	body, err := json.Marshal(details)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{[]byte(w.actors["planner"].Person), []byte(w.actors["planner"].Grant), []byte("/persons\x00\x000\x00\x00"), body} {
		sum := sha256.Sum256(part)
		printed.Write(sum[:])
	}
	nik := sha256.Sum256([]byte("9901014101850077"))
	w.keptNowhere("Kenari", "Murai", "9901014101850077", "9901 0141", "081255500771", "0812-5550", "kenari@surel", code, token[20:])
	w.keptNowhere(string(printed.Sum(nil)), string(nik[:]))
}

// keptNowhere holds that neither the log of the program nor any table of the
// database, sealed or not, holds a word in the clear.
func (w *town) keptNowhere(words ...string) {
	w.Helper()
	logged := w.wrote.String()
	for _, word := range words {
		if strings.Contains(logged, word) {
			w.Errorf("%q stands in what the program logged", word)
		}
	}
	rows, err := w.pool.Query(w.Context(), `
		select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')
		 union select format('%I.%I', schemaname, viewname) from pg_views where schemaname not in ('pg_catalog', 'information_schema')`)
	if err != nil {
		w.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 30 {
		w.Fatalf("%d tables: %v", len(tables), err)
	}
	for _, table := range tables {
		for _, word := range words {
			var held int
			plain := word
			if !utf8.ValidString(word) {
				plain = hex.EncodeToString([]byte(word))
			}
			if err := w.pool.QueryRow(w.Context(), `select count(*) from `+table+` t where strpos(t::text, $1) > 0 or strpos(t::text, encode($2::bytea, 'hex')) > 0`, plain, []byte(word)).Scan(&held); err != nil {
				w.Fatal(err)
			}
			if held > 0 {
				w.Errorf("%q stands in %s", word, table)
			}
		}
	}
}
