package grant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/grant"
	"runut/domain/workflow"
)

var now = time.Date(2026, 1, 10, 4, 0, 0, 0, time.UTC)

func actor(person string, role domain.Role) *domain.Actor {
	return &domain.Actor{Person: person, Role: role, Scope: domain.Scope{Kind: domain.ScopeKabupaten}}
}

func rules() grant.Rules {
	return grant.Rules{
		Actor: *actor("p-A", grant.Approver), Second: actor("p-B", grant.HeadOfPlanning), Now: now, Tenant: "99.01",
		Definition: &workflow.Definition{Roles: map[domain.Role]*workflow.Role{
			"camat": {Scope: domain.ScopeKecamatan}, "village_head": {Scope: domain.ScopeVillage}, "opd_head": {Scope: domain.ScopeOPD},
			"approver": {Scope: domain.ScopeKabupaten}, "province_planner": {Scope: domain.ScopeProvince}, "system": {Scope: domain.ScopeNone},
		}},
	}
}

func given(change func(*grant.Given)) *grant.Given {
	e := &grant.Given{
		Person: "p-C", Role: "camat", Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}, Office: "Kecamatan Contoh Tiga",
		Capacity: domain.Plt, From: now, Until: now.AddDate(1, 0, 0), Decree: domain.Document{Kind: "sk", Number: "821/7", Date: "2026-01-09"},
	}
	if change != nil {
		change(e)
	}
	return e
}

func invited(change func(*grant.Invited)) *grant.Invited {
	e := &grant.Invited{Until: now.AddDate(0, 0, 7)}
	if change != nil {
		change(e)
	}
	return e
}

func state(events ...grant.Event) grant.State {
	records := make([]event.Record, len(events))
	for i, e := range events {
		records[i] = event.Record{Envelope: event.Envelope{Stream: "grant-1", Version: i + 1}, Position: int64(i + 1), Event: e}
	}
	return grant.Fold(records)
}

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
	failed := 0
	for _, c := range e.Checks {
		if !c.OK {
			failed++
		}
	}
	if failed != len(codes) {
		t.Errorf("%d codes for %d failed checks: %v", len(codes), failed, err)
	}
	return codes
}

func TestDecide(t *testing.T) {
	seconded := given(func(e *grant.Given) { e.SecondApprover = "p-B" })
	first := func(role domain.Role) *grant.Given {
		return given(func(e *grant.Given) {
			e.First, e.Role, e.Scope = true, role, domain.Scope{Kind: domain.ScopeKabupaten}
		})
	}
	system := func(r *grant.Rules) { r.Actor, r.Second = domain.System(), nil }
	revoked := &grant.Revoked{Decree: domain.Document{Kind: "sk", Number: "821/9", Date: "2026-01-10"}}
	held := state(given(nil))

	for _, test := range []struct {
		name  string
		given grant.State
		ask   grant.Event
		alter func(*grant.Rules)
		then  grant.Event
		codes []string
	}{
		{name: "by an approver and another person", ask: given(nil), then: seconded},
		{name: "whoever the ask says approved", ask: given(func(e *grant.Given) { e.SecondApprover = "p-X" }), then: seconded},
		{name: "not by one alone", ask: given(nil), alter: func(r *grant.Rules) { r.Second = nil }, codes: []string{"grant.second_needed"}},
		{name: "not by one person twice", ask: given(nil), alter: func(r *grant.Rules) { r.Second.Person = "p-A" }, codes: []string{"grant.same_person"}},
		{name: "not seconded by anybody", ask: given(nil), alter: func(r *grant.Rules) { r.Second.Role = "camat" }, codes: []string{"grant.second_role_missing"}},
		{name: "not by a camat", ask: given(nil), alter: func(r *grant.Rules) { r.Actor.Role = "camat" }, codes: []string{"grant.role_missing"}},
		{name: "not to oneself", ask: given(func(e *grant.Given) { e.Person = "p-A" }), codes: []string{"grant.own_grant"}},
		{name: "not to the one who seconds", ask: given(func(e *grant.Given) { e.Person = "p-B" }), codes: []string{"grant.own_grant"}},
		{name: "once", given: held, ask: given(nil), codes: []string{"grant.already_given"}},
		{name: "to a pseudonym", ask: given(func(e *grant.Given) { e.Person = "Sutrisno" }), codes: []string{"grant.person_malformed"}},
		{name: "of a role there is", ask: given(func(e *grant.Given) { e.Role = "bupati" }), codes: []string{"grant.role_unknown"}},
		{name: "never of the system's", ask: given(func(e *grant.Given) { e.Role, e.Scope = "system", domain.Scope{Kind: domain.ScopeNone} }), codes: []string{"grant.role_unknown"}},
		{name: "of a standing role, beside the workflow", ask: given(func(e *grant.Given) { e.Role, e.Scope = "auditor", domain.Scope{Kind: domain.ScopeKabupaten} }), alter: func(r *grant.Rules) { r.Definition = nil },
			then: given(func(e *grant.Given) {
				e.Role, e.Scope, e.SecondApprover = "auditor", domain.Scope{Kind: domain.ScopeKabupaten}, "p-B"
			})},
		{name: "for the kind of scope its role is held for", ask: given(func(e *grant.Given) { e.Scope = domain.Scope{Kind: domain.ScopeKabupaten} }), codes: []string{"grant.scope_kind"}},
		{name: "for one kecamatan, not all", ask: given(func(e *grant.Given) { e.Scope.Code = "" }), codes: []string{"grant.scope_outside"}},
		{name: "for a kecamatan of this kabupaten", ask: given(func(e *grant.Given) { e.Scope.Code = "99.02.03" }), codes: []string{"grant.scope_outside"}},
		{name: "for a village", ask: given(func(e *grant.Given) {
			e.Role, e.Scope = "village_head", domain.Scope{Kind: domain.ScopeVillage, Code: "99.01.03"}
		}), codes: []string{"grant.scope_outside"}},
		{name: "in an office, not under a name", ask: given(func(e *grant.Given) { e.Office = "Ibu Sri Wahyuni" }), codes: []string{"grant.names_somebody"}},
		{name: "in some capacity and office", ask: given(func(e *grant.Given) { e.Capacity, e.Office = "raja", " " }), codes: []string{"grant.missing", "grant.capacity_unknown"}},
		{name: "from before until", ask: given(func(e *grant.Given) { e.Until = e.From }), codes: []string{"grant.span_backwards", "grant.over"}},
		{name: "not when it is over", ask: given(func(e *grant.Given) { e.From, e.Until = now.Add(-2*time.Hour), now.Add(-time.Hour) }), codes: []string{"grant.over"}},
		{name: "not from before its decree", ask: given(func(e *grant.Given) { e.From = now.AddDate(0, -1, 0) }), codes: []string{"grant.before_decree"}},
		{name: "until it is revoked", ask: given(func(e *grant.Given) { e.Until = time.Time{} }), then: given(func(e *grant.Given) { e.Until, e.SecondApprover = time.Time{}, "p-B" })},
		{name: "by decree", ask: given(func(e *grant.Given) { e.Decree = domain.Document{} }), codes: []string{"grant.decree_missing"}},
		{name: "by a decree of a day that was", ask: given(func(e *grant.Given) { e.Decree.Date, e.Decree.Digest = "2026-02-30", "zz" }), codes: []string{"grant.date_wrong", "grant.digest_malformed"}},
		{name: "for a year", ask: given(func(e *grant.Given) { e.Cycle = 27 }), codes: []string{"grant.cycle_wrong"}},
		{name: "not tomorrow", ask: given(nil), alter: func(r *grant.Rules) { r.Occurred = domain.Moment(now.Add(time.Hour)) }, codes: []string{"grant.occurred_in_future"}},

		{name: "first, by the system", ask: first(grant.Approver), alter: system, then: first(grant.Approver)},
		{name: "first, to the second person", ask: first(grant.HeadOfPlanning), alter: system, then: first(grant.HeadOfPlanning)},
		{name: "first, not by a person", ask: first(grant.Approver), codes: []string{"grant.first_by_system"}},
		{name: "first, not of any role", ask: first("auditor"), alter: system, codes: []string{"grant.first_role"}},
		{name: "first, once", given: state(first(grant.Approver)), ask: first(grant.Approver), alter: system, codes: []string{"grant.first_taken"}},
		{name: "first, though it was revoked", given: state(first(grant.Approver), revoked), ask: first(grant.Approver), alter: system, codes: []string{"grant.first_taken"}},
		{name: "after the first, not by the system", ask: given(nil), alter: system, codes: []string{"grant.role_missing", "grant.second_needed"}},

		{name: "to somebody whose data were erased", ask: given(nil), alter: func(r *grant.Rules) { r.Erased = true }, codes: []string{"grant.person_erased"}},

		{name: "a code to sign in with", given: held, ask: invited(nil), then: invited(func(e *grant.Invited) { e.SecondApprover = "p-B" })},
		{name: "a code by one alone", given: held, ask: invited(nil), alter: func(r *grant.Rules) { r.Second = nil }, codes: []string{"grant.second_needed"}},
		{name: "a code approved by who hands it out", given: held, ask: invited(nil), alter: func(r *grant.Rules) { r.Second = actor("p-A", grant.Approver) }, codes: []string{"grant.same_person"}},
		{name: "a code not by a camat", given: held, ask: invited(nil), alter: func(r *grant.Rules) { r.Actor.Role = "camat" }, codes: []string{"grant.role_missing"}},
		{name: "a code not to oneself", given: state(given(func(e *grant.Given) { e.Person = "p-A" })), ask: invited(nil), codes: []string{"grant.own_grant"}},
		{name: "a code not to who approves it", given: state(given(func(e *grant.Given) { e.Person = "p-B" })), ask: invited(nil), codes: []string{"grant.own_grant"}},
		{name: "a code for a grant there is", ask: invited(nil), codes: []string{"grant.unknown"}},
		{name: "a code for a grant that stands", given: state(given(nil), revoked), ask: invited(nil), codes: []string{"grant.already_revoked"}},
		{name: "a code for a grant that is not over", given: state(given(func(e *grant.Given) { e.Until = now.Add(-time.Hour) })), ask: invited(nil), codes: []string{"grant.over"}},
		{name: "a code that works at all", given: held, ask: invited(func(e *grant.Invited) { e.Until = now }), codes: []string{"grant.invitation_span"}},
		{name: "a code not for months", given: held, ask: invited(func(e *grant.Invited) { e.Until = now.AddDate(0, 1, 0) }), codes: []string{"grant.invitation_span"}},

		{name: "revoked", given: held, ask: revoked, then: revoked},
		{name: "revoked by one alone", given: held, ask: revoked, alter: func(r *grant.Rules) { r.Second = nil }, then: revoked},
		{name: "revoked once", given: state(given(nil), revoked), ask: revoked, codes: []string{"grant.already_revoked"}},
		{name: "revoked where there is one", ask: revoked, codes: []string{"grant.unknown"}},
		{name: "revoked by decree, by an approver", given: held, ask: &grant.Revoked{}, alter: func(r *grant.Rules) { r.Actor.Role = "camat" }, codes: []string{"grant.role_missing", "grant.decree_missing"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := rules()
			if test.alter != nil {
				test.alter(&r)
			}
			got, err := grant.Decide(test.given, test.ask, r)
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			var want []grant.Event
			if test.then != nil {
				want = []grant.Event{test.then}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
		})
	}
}

func TestValid(t *testing.T) {
	s := state(given(func(e *grant.Given) { e.Cycle = 2027 }))
	end := now.AddDate(1, 0, 0)
	for _, test := range []struct {
		name  string
		at    time.Time
		cycle int
		want  bool
	}{
		{"from its first instant", now, 2027, true},
		{"not before", now.Add(-time.Microsecond), 2027, false},
		{"to the instant before its end", end.Add(-time.Microsecond), 2027, true},
		{"not at its end", end, 2027, false},
		{"not in another cycle", now, 2028, false},
	} {
		if got := s.Valid(test.at, test.cycle); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	if state(given(nil), &grant.Revoked{}).Valid(now, 2027) || (grant.State{}).Valid(now, 2027) {
		t.Error("a revoked or unknown grant is valid")
	}
	if got := s.Actor(); got.Grant != "grant-1" || got.Role != "camat" || got.Capacity != domain.Plt || !strings.HasPrefix(got.Office, "Kecamatan") {
		t.Errorf("actor %+v", got)
	}
}
