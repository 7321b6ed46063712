package person_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/person"
)

var now = time.Date(2026, 2, 20, 4, 0, 0, 0, time.UTC)

const pseudonym = "p-4K7M2XQ0TB9D"

func state(events ...person.Event) person.State {
	records := make([]event.Record, len(events))
	for i, e := range events {
		at := now.AddDate(0, 0, -10+i)
		records[i] = event.Record{Envelope: event.Envelope{Stream: person.Stream(pseudonym), Version: i + 1, Occurred: domain.Moment(at), RecordedAt: at}, Position: int64(i + 1), Event: e}
	}
	return person.Fold(records)
}

func secret(plain string) domain.Secret { return domain.Secret{Plain: plain} }

// refusal returns the codes of a refusal, first one first; none for no error.
func refusal(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := err.(*domain.Error)
	if !ok {
		t.Fatalf("not a refusal: %v", err)
	}
	codes := []string{e.Code}
	for _, more := range e.All {
		codes = append(codes, more.Code)
	}
	return codes
}

func TestDecide(t *testing.T) {
	registered := &person.Registered{Name: secret("Sri Wahyuni"), NIK: secret("9901014101850001"), Phone: secret("+6281234567890"), Email: secret("sri@surel.example"), Purpose: "official"}
	letter := domain.Document{Kind: "surat", Number: "12", Date: "2026-02-19"}
	unsealed := func(change func(*person.Unsealed)) *person.Unsealed {
		e := &person.Unsealed{Fields: []string{"/name"}, Purpose: "audit"}
		if change != nil {
			change(e)
		}
		return e
	}
	granted := &person.ErasureDecided{Granted: true, Ground: "UU 27/2022 pasal 8"}
	refused := &person.ErasureDecided{Ground: "UU 27/2022 pasal 15"}
	asked := &person.ErasureRequested{Letter: letter}
	renamed := &person.DetailsCorrected{Name: secret("Sri Wahyuningsih")}
	known := []person.Event{registered}
	then := func(events ...person.Event) person.State {
		return state(append(append([]person.Event{}, known...), events...)...)
	}

	for _, test := range []struct {
		name  string
		given person.State
		ask   person.Event
		by    domain.Role
		self  bool
		codes []string
	}{
		{name: "register an official", ask: registered, by: person.Planner},
		{name: "register by the system, for the first grants", ask: registered, by: domain.RoleSystem},
		{name: "register a proposer", ask: &person.Registered{Name: secret("Slamet"), Purpose: "proposer"}, by: person.VillageOperator},
		{name: "register once", given: then(), ask: registered, by: person.Planner, codes: []string{"person.already_registered"}},
		{name: "register officials not by a village", ask: registered, by: person.VillageOperator, codes: []string{"person.role_missing"}},
		{name: "register for a purpose there is", ask: &person.Registered{Name: secret("Sri"), Purpose: "fun"}, by: person.Planner, codes: []string{"person.purpose_unknown"}},
		{name: "register well formed details", ask: &person.Registered{NIK: secret("123"), Phone: secret("rumah"), Email: secret("sri"), Purpose: "official"}, by: person.Planner,
			codes: []string{"person.detail_malformed", "person.detail_malformed", "person.detail_malformed", "person.detail_malformed"}},

		{name: "put a name right", given: then(), ask: renamed, by: person.HeadOfPlanning},
		{name: "put one's own name right", given: then(), ask: renamed, by: "camat", self: true},
		{name: "put a name right again", given: then(renamed), ask: &person.DetailsCorrected{Phone: secret("0812345678")}, by: person.Planner},
		{name: "put an official's name right not by a village", given: then(), ask: renamed, by: person.VillageOperator, codes: []string{"person.role_missing"}},
		{name: "put a proposer's name right by a village", given: state(&person.Registered{Name: secret("Slamet"), Purpose: "proposer"}), ask: renamed, by: person.VillageOperator},
		{name: "put nobody's name right", ask: renamed, by: person.Planner, codes: []string{"person.unknown"}},
		{name: "put nothing right", given: then(), ask: &person.DetailsCorrected{}, by: person.Planner, codes: []string{"person.details_missing"}},
		{name: "put right with well formed details", given: then(), ask: &person.DetailsCorrected{Name: secret("--"), NIK: secret("12"), Phone: secret("x"), Email: secret("sri@")}, by: person.Planner,
			codes: []string{"person.detail_malformed", "person.detail_malformed", "person.detail_malformed", "person.detail_malformed"}},
		{name: "put right with a name and not with a book", given: then(), ask: &person.DetailsCorrected{Name: secret(strings.Repeat("Sri ", 60))}, by: person.Planner, codes: []string{"person.detail_malformed"}},
		{name: "put right on one line", given: then(), ask: &person.DetailsCorrected{Name: secret("Sri\nWahyuni")}, by: person.Planner, codes: []string{"person.detail_malformed"}},
		{name: "put nothing right after erasure", given: then(asked, granted, &person.Erased{}), ask: renamed, by: person.Planner, codes: []string{"person.erased"}},

		{name: "unseal for an audit", given: then(), ask: unsealed(nil), by: person.Auditor},
		{name: "unseal a span of an event", ask: unsealed(func(e *person.Unsealed) { e.Event = "0198" }), by: person.PPID},
		{name: "unseal not for a camat", given: then(), ask: unsealed(nil), by: "camat", codes: []string{"person.role_missing"}},
		{name: "unseal not without a purpose", given: then(), ask: unsealed(func(e *person.Unsealed) { e.Purpose = "" }), by: person.Auditor, codes: []string{"person.purpose_unknown"}},
		{name: "unseal named fields", given: then(), ask: unsealed(func(e *person.Unsealed) { e.Fields = []string{"name"} }), by: person.Auditor, codes: []string{"person.fields_missing"}},
		{name: "unseal nobody", ask: unsealed(nil), by: person.Auditor, codes: []string{"person.unknown"}},
		{name: "export with a paper only", given: then(), ask: unsealed(func(e *person.Unsealed) { e.Export = true }), by: person.Auditor, codes: []string{"person.document_missing"}},
		{name: "for a court with its order only", given: then(), ask: unsealed(func(e *person.Unsealed) { e.Purpose = "court_order" }), by: person.Auditor, codes: []string{"person.document_missing"}},
		{name: "export with a paper", given: then(), ask: unsealed(func(e *person.Unsealed) { e.Export, e.Ground = true, letter }), by: person.Auditor},
		{name: "with a paper of tomorrow", given: then(), ask: unsealed(func(e *person.Unsealed) { e.Ground = domain.Document{Date: "2026-03-01"} }), by: person.Auditor, codes: []string{"person.date_wrong"}},

		{name: "ask to be erased by letter", given: then(), ask: asked, by: person.PPID},
		{name: "ask oneself", given: then(), ask: &person.ErasureRequested{}, by: "camat", self: true},
		{name: "ask for another", given: then(), ask: asked, by: "camat", codes: []string{"person.role_missing"}},
		{name: "ask without a letter", given: then(), ask: &person.ErasureRequested{}, by: person.PPID, codes: []string{"person.document_missing"}},
		{name: "ask twice", given: then(asked), ask: asked, by: person.PPID, codes: []string{"person.already_requested"}},
		{name: "ask again after a refusal", given: then(asked, refused), ask: asked, by: person.PPID},
		{name: "ask for nobody", ask: asked, by: person.PPID, codes: []string{"person.unknown"}},
		{name: "grant it", given: then(asked), ask: granted, by: person.PPID},
		{name: "decide what nobody asked", given: then(), ask: granted, by: person.PPID, codes: []string{"person.not_requested"}},
		{name: "decide with a ground that names nobody", given: then(asked), ask: &person.ErasureDecided{Ground: "permintaan Ibu Sri Wahyuni"}, by: person.PPID, codes: []string{"person.names_somebody"}},
		{name: "decide with a ground", given: then(asked), ask: &person.ErasureDecided{}, by: person.PPID, codes: []string{"person.ground_missing"}},
		{name: "erase", given: then(asked, granted), ask: &person.Erased{Keys: 2}, by: domain.RoleSystem},
		{name: "erase what was refused", given: then(asked, refused), ask: &person.Erased{}, by: person.PPID, codes: []string{"person.erasure_not_granted"}},
		{name: "erase under an old permission", given: then(asked, granted, asked), ask: &person.Erased{}, by: person.PPID, codes: []string{"person.erasure_not_granted"}},
		{name: "erase a number of keys", given: then(asked, granted), ask: &person.Erased{Keys: -1}, by: person.PPID, codes: []string{"person.keys_wrong"}},
		{name: "nothing after erasure", given: then(asked, granted, &person.Erased{}), ask: unsealed(nil), by: person.Auditor, codes: []string{"person.erased"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := person.Rules{Actor: domain.Actor{Person: "p-0", Role: test.by}, Now: now}
			if test.self {
				r.Actor.Person = pseudonym
			}
			got, err := person.Decide(test.given, test.ask, r)
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			if err == nil && (len(got) != 1 || got[0] != test.ask) {
				t.Errorf("events %v", got)
			}
		})
	}
}

func TestADecisionFollowsItsRequest(t *testing.T) {
	s := state(&person.Registered{}, &person.ErasureRequested{})
	r := person.Rules{Actor: domain.Actor{Person: "p-0", Role: person.PPID}, Now: now, Occurred: domain.Moment(now.AddDate(0, 0, -10))}
	_, err := person.Decide(s, &person.ErasureDecided{Granted: true, Ground: "UU 27/2022 pasal 8"}, r)
	if d := cmp.Diff([]string{"person.occurred_before_last"}, refusal(t, err)); d != "" {
		t.Error(d)
	}
}

func TestARefusalRepeatsNoSecret(t *testing.T) {
	_, err := person.Decide(person.State{}, &person.Registered{Name: secret("123"), NIK: secret("99010141018500"), Phone: secret("0812x"), Email: secret("sri_surel"), Purpose: "official"},
		person.Rules{Actor: domain.Actor{Role: "camat"}, Now: now})
	_, again := person.Decide(state(&person.Registered{Purpose: "official"}), &person.DetailsCorrected{NIK: secret("99010141018500"), Phone: secret("0812x"), Email: secret("sri_surel")},
		person.Rules{Actor: domain.Actor{Role: "camat"}, Now: now})
	shown := fmt.Sprintf("%v %+v %v %+v", err, err, again, again)
	for _, plain := range []string{"99010141018500", "0812x", "sri_surel"} {
		if strings.Contains(shown, plain) {
			t.Errorf("%s stands in the refusal", plain)
		}
	}
}

func TestPseudonym(t *testing.T) {
	id := uuid.MustParse("0198c2f0-0000-7000-8000-000000000001")
	if got, again := person.Pseudonym(id), person.Pseudonym(id); got != again || !person.IsPseudonym(got) {
		t.Errorf("%q, then %q", got, again)
	}
	seen := make(map[string]bool)
	for i := range 1000 {
		p := person.Pseudonym(uuid.NewSHA1(id, []byte{byte(i), byte(i >> 8)}))
		if !person.IsPseudonym(p) || seen[p] {
			t.Fatalf("%q is no pseudonym, or somebody else's", p)
		}
		seen[p] = true
	}
	for _, bad := range []string{"", "p-", "p-4K7M2XQ0TB9", "p-4k7m2xq0tb9d", "p-4K7M2XQ0TBIL", "x-4K7M2XQ0TB9D"} {
		if person.IsPseudonym(bad) {
			t.Errorf("%q passes for a pseudonym", bad)
		}
	}
}
