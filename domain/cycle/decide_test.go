package cycle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
)

// A story is one ask of a cycle: given its past, when somebody asks, then the
// events or the codes of the refusal.
type story struct {
	name  string
	given past
	ask   cycle.Event
	by    domain.Role
	when  time.Time // zero: 1 February
	alter func(*cycle.Rules)
	then  []cycle.Event
	codes []string
}

func tell(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			when := s.when
			if when.IsZero() {
				when = at(2, 1)
			}
			r := rules(s.by, when)
			if s.alter != nil {
				s.alter(&r)
			}
			got, err := cycle.Decide(s.given.fold(), s.ask, r)
			if d := cmp.Diff(s.codes, refusal(t, err)); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			if d := cmp.Diff(s.then, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
		})
	}
}

func second(role domain.Role) func(*cycle.Rules) {
	return func(r *cycle.Rules) { a := actor(role); a.Person += "-2"; r.Second = &a }
}

func TestOpening(t *testing.T) {
	pin := cycle.Pin{Name: "musrenbang", Version: 1}
	ask := func(change func(*cycle.Opened)) *cycle.Opened {
		e := &cycle.Opened{Year: 2027, Kabupaten: tenant, Title: "Kabupaten Contoh", Zone: "WITA"}
		if change != nil {
			change(e)
		}
		return e
	}
	done := ask(func(e *cycle.Opened) { e.Definition = pin })
	tell(t, []story{
		{name: "pins the definition at hand", ask: ask(nil), by: cycle.HeadOfPlanning, then: []cycle.Event{done}},
		{name: "once", given: begun(), ask: ask(nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.already_opened"}},
		{name: "not by a planner", ask: ask(nil), by: cycle.Planner, codes: []string{"cycle.role_missing"}},
		{name: "not for a village's own scope", ask: ask(nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.scope_too_small"},
			alter: func(r *cycle.Rules) { r.Actor.Scope = village("99.01.01.2001") }},
		{name: "not of another definition", ask: ask(func(e *cycle.Opened) { e.Definition = cycle.Pin{Name: "other", Version: 2} }), by: cycle.HeadOfPlanning, codes: []string{"cycle.definition_differs"}},
		{name: "not of a draft", ask: ask(nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.definition_not_published"},
			alter: func(r *cycle.Rules) { r.Definition.Status = "draft" }},
		{name: "not of another kabupaten's variant", ask: ask(nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.definition_of_other_kabupaten"},
			alter: func(r *cycle.Rules) { r.Definition.Kabupaten = "99.02" }},
		{name: "not without a definition", ask: ask(nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.definition_unknown"},
			alter: func(r *cycle.Rules) { r.Definition = nil }},
		{name: "every fault at once", ask: ask(func(e *cycle.Opened) { e.Year, e.Zone, e.Kabupaten, e.Title = 27, "UTC", "99.02", "" }), by: cycle.HeadOfPlanning,
			codes: []string{"cycle.year_implausible", "cycle.other_kabupaten", "cycle.zone_unknown", "cycle.missing"}},
		{name: "no name of a person in the title", ask: ask(func(e *cycle.Opened) { e.Title = "milik Bapak Sutrisno Hadi" }), by: cycle.HeadOfPlanning, codes: []string{"cycle.names_somebody"}},
		{name: "not in the future", ask: ask(nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.occurred_in_future"},
			alter: func(r *cycle.Rules) { r.Occurred = domain.Moment(at(3, 1)) }},
	})
}

func TestLimits(t *testing.T) {
	ceiling := func(stage string, s domain.Scope, amount domain.Rupiah) *cycle.CeilingSet {
		return &cycle.CeilingSet{Stage: stage, Scope: s, Amount: amount}
	}
	quota := func(stage string, s domain.Scope, count int) *cycle.QuotaSet {
		return &cycle.QuotaSet{Stage: stage, Scope: s, Count: count}
	}
	k := kecamatan("99.01.03")
	changed := ceiling("kecamatan", k, 900)
	changed.Old = 500
	fewer := quota("desa", domain.Scope{Kind: domain.ScopeVillage}, 5)
	fewer.Old = 10
	tell(t, []story{
		{name: "a ceiling", given: begun(), ask: ceiling("kecamatan", k, 500), by: cycle.TAPD, then: []cycle.Event{ceiling("kecamatan", k, 500)}},
		{name: "a ceiling remembers the one before", given: begun().then(at(1, 5), ceiling("kecamatan", k, 500)), ask: ceiling("kecamatan", k, 900), by: cycle.TAPD, then: []cycle.Event{changed}},
		{name: "a quota for every village remembers too", given: begun().then(at(1, 5), quota("desa", domain.Scope{Kind: domain.ScopeVillage}, 10)), ask: quota("desa", domain.Scope{Kind: domain.ScopeVillage}, 5), by: cycle.Planner, then: []cycle.Event{fewer}},
		{name: "positive", given: begun(), ask: ceiling("kecamatan", k, 0), by: cycle.TAPD, codes: []string{"cycle.not_positive"}},
		{name: "a negative quota", given: begun(), ask: quota("desa", village("99.01.03.2001"), -1), by: cycle.Planner, codes: []string{"cycle.not_positive"}},
		{name: "of a stage there is", given: begun(), ask: ceiling("bulan", k, 1), by: cycle.TAPD, codes: []string{"cycle.stage_unknown"}},
		{name: "that some list reads", given: begun(), ask: ceiling("desa", village("99.01.03.2001"), 1), by: cycle.TAPD, codes: []string{"cycle.limit_unused"}},
		{name: "quota of an OPD's list, which knows a ceiling only", given: begun(), ask: quota("kabupaten", opd("1.03"), 1), by: cycle.Planner, codes: []string{"cycle.limit_unused"}},
		{name: "in this kabupaten", given: begun(), ask: ceiling("kecamatan", kecamatan("99.02.01"), 1), by: cycle.TAPD, codes: []string{"cycle.scope_outside"}},
		{name: "by those who may", given: begun(), ask: ceiling("kecamatan", k, 1), by: "camat", codes: []string{"cycle.role_missing"}},
		{name: "while the cycle is open", given: begun().then(at(1, 5), &cycle.Closed{}), ask: ceiling("kecamatan", k, 1), by: cycle.TAPD, codes: []string{"cycle.not_open"}},
		{name: "once it was opened", ask: ceiling("kecamatan", kecamatan(""), 1), by: cycle.TAPD, codes: []string{"cycle.not_open"}},
		{name: "not where a later one has the last word", given: begun().then(at(1, 20), ceiling("kecamatan", k, 500)), ask: ceiling("kecamatan", k, 900), by: cycle.TAPD, codes: []string{"cycle.occurred_before_last"},
			alter: func(r *cycle.Rules) { r.Occurred = domain.Moment(at(1, 10)) }},
		{name: "not before it was opened", given: begun(), ask: ceiling("kecamatan", k, 1), by: cycle.TAPD, codes: []string{"cycle.occurred_before_opening"},
			alter: func(r *cycle.Rules) { r.Occurred = domain.OnDay(2025, 12, 30, domain.Zones["WITA"]) }},
	})
}

func TestLimitOfAScopeIsItsOwnOrThatOfItsKind(t *testing.T) {
	s := begun().then(at(1, 5),
		&cycle.CeilingSet{Stage: "kecamatan", Scope: kecamatan(""), Amount: 500},
		&cycle.CeilingSet{Stage: "kecamatan", Scope: kecamatan("99.01.03"), Amount: 700},
		&cycle.QuotaSet{Stage: "desa", Scope: village(""), Count: 10}).fold()
	for _, test := range []struct {
		scope domain.Scope
		want  cycle.Limited
	}{{kecamatan("99.01.03"), cycle.Limited{Value: 700, By: id(3)}}, {kecamatan("99.01.04"), cycle.Limited{Value: 500, By: id(2)}}} {
		if got, ok := s.Ceiling("kecamatan", test.scope); !ok || got != test.want {
			t.Errorf("ceiling of %s = %v, %v; want %v", test.scope, got, ok, test.want)
		}
	}
	if got, ok := s.Quota("desa", village("99.01.03.2001")); !ok || got.Value != 10 {
		t.Errorf("quota = %v, %v", got, ok)
	}
	if got, ok := s.Quota("kecamatan", kecamatan("99.01.03")); ok {
		t.Errorf("a quota nobody set: %v", got)
	}
}

func TestVocabulary(t *testing.T) {
	words := func(entries ...cycle.Word) *cycle.VocabularyPublished {
		return &cycle.VocabularyPublished{Register: cycle.Reasons, Edition: "2027-1", Digest: digest(), Entries: entries}
	}
	good := words(cycle.Word{Code: "PAG-KURANG", Group: "PAG", ID: "Pagu tidak cukup"})
	tell(t, []story{
		{name: "reasons", given: begun(), ask: good, by: cycle.Planner, then: []cycle.Event{good}},
		{name: "an edition once", given: begun().then(at(1, 5), good), ask: good, by: cycle.Planner, codes: []string{"cycle.edition_published"}},
		{name: "a code once", given: begun(), ask: words(good.Entries[0], good.Entries[0]), by: cycle.Planner, codes: []string{"cycle.named_twice"}},
		{name: "a group there is", given: begun(), ask: words(cycle.Word{Code: "X-1", Group: "X", ID: "apa saja"}), by: cycle.Planner, codes: []string{"cycle.reason_group_unknown"}},
		{name: "a register there is, a digest", given: begun(), ask: &cycle.VocabularyPublished{Register: "puisi", Edition: "1", Digest: "abc"}, by: cycle.Planner,
			codes: []string{"cycle.register_unknown", "cycle.digest_malformed"}},
		{name: "a word with a name", given: begun(), ask: &cycle.VocabularyPublished{Register: cycle.Kamus, Edition: "1", Digest: digest(), Entries: []cycle.Word{{ID: "jalan"}}}, by: cycle.Planner,
			codes: []string{"cycle.missing"}},
	})
}

func TestPublication(t *testing.T) {
	policy := &cycle.PublicationPolicySet{Fields: []string{"number", "title", "reason"}, After: "kecamatan"}
	everywhere := &cycle.PublicationReleased{Scope: kabupaten()}
	one := &cycle.PublicationReleased{Scope: kecamatan("99.01.03"), Stage: "kecamatan"}
	with := begun().then(at(1, 5), policy)
	tell(t, []story{
		{name: "a policy", given: begun(), ask: policy, by: cycle.PPID, then: []cycle.Event{policy}},
		{name: "not by Bappeda", given: begun(), ask: policy, by: cycle.HeadOfPlanning, codes: []string{"cycle.role_missing"}},
		{name: "never what people wrote", given: begun(), ask: &cycle.PublicationPolicySet{Fields: []string{"problem", "description"}, After: "desa"}, by: cycle.PPID,
			codes: []string{"cycle.field_not_publishable", "cycle.field_not_publishable"}},
		{name: "some field, once", given: begun(), ask: &cycle.PublicationPolicySet{After: "desa"}, by: cycle.PPID, codes: []string{"cycle.missing"}},
		{name: "each field once", given: begun(), ask: &cycle.PublicationPolicySet{Fields: []string{"number", "number"}, After: "desa"}, by: cycle.PPID, codes: []string{"cycle.named_twice"}},
		{name: "a stage there is", given: begun(), ask: &cycle.PublicationPolicySet{Fields: []string{"number"}, After: "nanti"}, by: cycle.PPID, codes: []string{"cycle.stage_unknown"}},
		{name: "a release", given: with, ask: &cycle.PublicationReleased{}, by: cycle.PPID, then: []cycle.Event{everywhere}},
		{name: "a release of one kecamatan up to a stage", given: with, ask: one, by: cycle.PPID, then: []cycle.Event{one}},
		{name: "a release needs a policy", given: begun(), ask: one, by: cycle.PPID, codes: []string{"cycle.policy_missing"}},
		{name: "a release after the cycle was closed", given: with.then(at(1, 9), &cycle.Closed{}), ask: one, by: cycle.PPID, then: []cycle.Event{one}},
	})
}

func TestNothingWrittenIsPublishable(t *testing.T) {
	for _, free := range []string{"problem", "description", "location", "note", "text", "condition", "ground", "proposer", "point", "attachments", "name", "nik", "phone", "email"} {
		if slices.Contains(cycle.Publishable, free) {
			t.Errorf("%s may be published", free)
		}
	}
}

func TestDocuments(t *testing.T) {
	paper := domain.Document{Number: "12/2026", Date: "2026-01-30", Digest: digest()}
	adopt := func(kind string, change func(*cycle.DocumentAdopted)) *cycle.DocumentAdopted {
		e := &cycle.DocumentAdopted{Kind: kind, Document: paper, Lines: 3, Total: 900}
		if change != nil {
			change(e)
		}
		return e
	}
	tell(t, []story{
		{name: "RKPD by Bappeda", given: begun(), ask: adopt("rkpd", nil), by: cycle.HeadOfPlanning, then: []cycle.Event{adopt("rkpd", func(e *cycle.DocumentAdopted) { e.Document.Kind = "rkpd" })}},
		{name: "APBD not by Bappeda", given: begun(), ask: adopt("apbd", nil), by: cycle.HeadOfPlanning, codes: []string{"cycle.role_missing"}},
		{name: "APBD by TAPD", given: begun(), ask: adopt("apbd", nil), by: cycle.TAPD, then: []cycle.Event{adopt("apbd", func(e *cycle.DocumentAdopted) { e.Document.Kind = "apbd" })}},
		{name: "a kind there is", given: begun(), ask: adopt("puisi", nil), by: cycle.TAPD, codes: []string{"cycle.document_kind_unknown"}},
		{name: "with number, day and digest", given: begun(), ask: adopt("apbd", func(e *cycle.DocumentAdopted) { e.Document = domain.Document{Number: "1"} }), by: cycle.TAPD, codes: []string{"cycle.document_incomplete"}},
		{name: "not of tomorrow", given: begun(), ask: adopt("apbd", func(e *cycle.DocumentAdopted) { e.Document.Date = "2026-02-03" }), by: cycle.TAPD, codes: []string{"cycle.date_wrong"}},
		{name: "with a digest that is one", given: begun(), ask: adopt("apbd", func(e *cycle.DocumentAdopted) { e.Document.Digest = "zz" }), by: cycle.TAPD, codes: []string{"cycle.digest_malformed"}},
		{name: "with lines and a total", given: begun(), ask: adopt("apbd", func(e *cycle.DocumentAdopted) { e.Lines, e.Total = 0, 0 }), by: cycle.TAPD, codes: []string{"cycle.not_positive", "cycle.not_positive"}},
	})
}

func TestSuccession(t *testing.T) {
	office := func(from string, to ...string) *cycle.OfficeSucceeded {
		return &cycle.OfficeSucceeded{From: from, To: to, Decree: decree("2026-01-20")}
	}
	villages := func(pairs map[string]string) *cycle.TerritoryChanged {
		return &cycle.TerritoryChanged{Edition: "2026", Successors: pairs, Ground: decree("2026-01-20")}
	}
	moved := villages(map[string]string{"99.01.03.2001": "99.01.04.2001", "99.01.03.2002": "99.01.04.2001"})
	tell(t, []story{
		{name: "an office divides", given: begun(), ask: office("1.03", "1.03.1", "1.03.2"), by: cycle.HeadOfPlanning, then: []cycle.Event{office("1.03", "1.03.1", "1.03.2")}},
		{name: "into something", given: begun(), ask: office("1.03"), by: cycle.HeadOfPlanning, codes: []string{"cycle.missing"}},
		{name: "not into itself", given: begun(), ask: office("1.03", "1.03"), by: cycle.HeadOfPlanning, codes: []string{"cycle.named_twice"}},
		{name: "by decree", given: begun(), ask: &cycle.OfficeSucceeded{From: "1", To: []string{"2"}}, by: cycle.HeadOfPlanning, codes: []string{"cycle.decree_missing"}},
		{name: "villages are united", given: begun(), ask: moved, by: cycle.HeadOfPlanning, then: []cycle.Event{moved}},
		{name: "one step at a time", given: begun(), ask: villages(map[string]string{"99.01.03.2001": "99.01.03.2002", "99.01.03.2002": "99.01.03.2003"}), by: cycle.HeadOfPlanning, codes: []string{"cycle.successor_moves_too"}},
		{name: "villages of this kabupaten", given: begun(), ask: villages(map[string]string{"98.01.03.2001": "99.01.03.2001", "99.01.03": "99.01.04.2001"}), by: cycle.HeadOfPlanning, codes: []string{"cycle.scope_outside", "cycle.scope_outside"}},
		{name: "some village, some edition", given: begun(), ask: &cycle.TerritoryChanged{Ground: decree("2026-01-20")}, by: cycle.HeadOfPlanning, codes: []string{"cycle.missing", "cycle.missing"}},
	})
}

func TestCorrection(t *testing.T) {
	wrong := begun().then(at(1, 5), &cycle.CeilingSet{Stage: "kecamatan", Scope: kecamatan("99.01.03"), Amount: 5}, window("desa", village(""), at(1, 10), at(1, 20)))
	void := func(n int) *cycle.Corrected {
		return &cycle.Corrected{Target: id(n), Action: event.Void, Reason: domain.Mask("salah ketik")}
	}
	done := void(2)
	done.SecondApprover = "p-approver-2"
	tell(t, []story{
		{name: "by two persons", given: wrong, ask: void(2), by: cycle.Approver, alter: second(cycle.Approver), then: []cycle.Event{done}},
		{name: "not by one", given: wrong, ask: void(2), by: cycle.Approver, codes: []string{"cycle.second_needed"}},
		{name: "not by the same one twice", given: wrong, ask: void(2), by: cycle.Approver, codes: []string{"cycle.same_person"},
			alter: func(r *cycle.Rules) { a := r.Actor; r.Second = &a }},
		{name: "the second must be one who may", given: wrong, ask: void(2), by: cycle.Approver, alter: second("camat"), codes: []string{"cycle.second_role_missing"}},
		{name: "of an event there is", given: wrong, ask: void(9), by: cycle.Approver, alter: second(cycle.Approver), codes: []string{"cycle.target_unknown"}},
		{name: "not of a window that people acted in", given: wrong, ask: void(3), by: cycle.Approver, alter: second(cycle.Approver), codes: []string{"cycle.target_not_voidable"}},
		{name: "with a reason, voiding only", given: wrong, ask: &cycle.Corrected{Target: id(2), Action: event.Amend}, by: cycle.Approver, alter: second(cycle.Approver),
			codes: []string{"cycle.correction_unknown", "cycle.missing"}},
		{name: "not twice", given: wrong.then(at(1, 8), void(2)), ask: void(2), by: cycle.Approver, alter: second(cycle.Approver), codes: []string{"cycle.target_unknown"}},
	})
	if got, ok := wrong.then(at(1, 8), void(2)).fold().Ceiling("kecamatan", kecamatan("99.01.03")); ok {
		t.Errorf("the ceiling that was struck out still counts: %v", got)
	}
}

func TestClosingACycle(t *testing.T) {
	open := begun().then(at(1, 2), window("kabupaten", kabupaten(), at(1, 2), at(1, 20)))
	done := open.then(at(1, 21), shut("kabupaten", kabupaten(), at(1, 20)))
	for _, test := range []struct {
		name  string
		given past
		by    domain.Role
		codes []string
	}{
		{"all windows closed", done, cycle.HeadOfPlanning, nil},
		{"one still open", open, cycle.HeadOfPlanning, []string{"cycle.window_still_open"}},
		{"not twice", done.then(at(1, 22), &cycle.Closed{}), cycle.HeadOfPlanning, []string{"cycle.not_open"}},
		{"not by a planner", done, cycle.Planner, []string{"cycle.role_missing"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := cycle.Close(test.given.fold(), &cycle.Closed{Origins: 7}, rules(test.by, at(2, 1)))
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Error(d)
			}
			if test.codes == nil && got.Origins != 7 {
				t.Errorf("closed with %v", got)
			}
		})
	}
}

func TestWhatTouchesProposalsIsNotDecidedHere(t *testing.T) {
	for _, ask := range []cycle.Event{&cycle.WindowClosed{}, &cycle.WindowReopened{}, &cycle.Closed{}} {
		_, err := cycle.Decide(begun().fold(), ask, rules(cycle.HeadOfPlanning, at(2, 1)))
		if _, refused := err.(*domain.Error); err == nil || refused {
			t.Errorf("%T: %v, want an error of the program", ask, err)
		}
	}
	_, err := cycle.Decide(begun().fold(), &cycle.DefinitionMigrated{}, rules(cycle.HeadOfPlanning, at(2, 1)))
	if d := cmp.Diff([]string{"cycle.migration_not_offered"}, codes(err)); d != "" {
		t.Error(d)
	}
}

func codes(err error) []string {
	if e, ok := err.(*domain.Error); ok {
		return []string{e.Code}
	}
	return nil
}

func TestEveryEventHasADuty(t *testing.T) {
	for _, typ := range cycle.Types {
		d, ok := cycle.Duties[typ.Name]
		if !ok || len(d.Roles) == 0 || d.Source == "" {
			t.Errorf("%s: nobody may ask for it, or nothing says why", typ.Name)
		}
	}
	if len(cycle.Duties) != len(cycle.Types) {
		t.Errorf("%d duties for %d events", len(cycle.Duties), len(cycle.Types))
	}
}
