package forum_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/workflow"
)

var now = time.Date(2026, 2, 20, 4, 0, 0, 0, time.UTC)

func number(n int) string {
	return domain.Number(2027, uuid.MustParse("0198c2f0-0000-7000-8000-000000000001"), n)
}

func digest() string { return strings.Repeat("0a", 32) }

func kecamatan(code string) domain.Scope {
	return domain.Scope{Kind: domain.ScopeKecamatan, Code: code}
}

func camat() domain.Actor {
	return domain.Actor{Person: "p-camat", Role: forum.Camat, Scope: kecamatan("99.01.03")}
}

func approver(person string) domain.Actor {
	return domain.Actor{Person: person, Role: forum.Approver, Scope: domain.Scope{Kind: domain.ScopeKabupaten}}
}

func rules(a domain.Actor) forum.Rules {
	return forum.Rules{
		Actor: a, Now: now, Since: now.AddDate(0, -2, 0),
		Definition: &workflow.Definition{Stages: map[string]*workflow.Stage{"desa": {}, "kecamatan": {}, "forum_opd": {}, "kabupaten": {}, "pokir": {}}},
		Register:   forum.Register{Edition: "2025", Expected: []string{"99.01.03.2001", "99.01.03.2002", "99.01.03.2003"}, Known: func(code string) bool { return code == "1.03" }},
	}
}

// A past is the events of one forum.
type past []forum.Event

func (p past) then(events ...forum.Event) past { return append(append(past{}, p...), events...) }

func (p past) fold() forum.State {
	records := make([]event.Record, len(p))
	for i, e := range p {
		at := now.AddDate(0, 0, -10+i)
		records[i] = event.Record{Envelope: event.Envelope{Stream: "forum-K3", Version: i + 1, Cycle: 2027, Occurred: domain.Moment(at), RecordedAt: at}, Position: int64(i + 1), Event: e}
	}
	return forum.Fold(records)
}

func convened() past {
	return past{&forum.Convened{Kind: "musrenbang_kecamatan", Stage: "kecamatan", Scope: kecamatan("99.01.03"), Date: "2026-02-05"}}
}

// entries are best first, one per score; amounts are 100 each.
func entries(scores ...int64) []forum.Entry {
	out := make([]forum.Entry, len(scores))
	for i, s := range scores {
		out[i] = forum.Entry{Proposal: number(i), Score: s, Amount: 100}
	}
	return out
}

func final(list string, e []forum.Entry, cutoff int) *forum.ListFinalized {
	f := &forum.ListFinalized{List: list, Stage: "kecamatan", Scope: kecamatan("99.01.03"), Entries: e, Limit: forum.Limit{Kind: forum.LimitQuota, Value: 2}, Cutoff: cutoff}
	f.Used, f.LastIn, f.FirstOut, _ = forum.Line(e, f.Limit, cutoff)
	return f
}

func issued() *forum.MinutesIssued {
	return &forum.MinutesIssued{Number: "BA/01/2026", Annexes: []string{"agreed"}, Covers: []string{number(0), number(1)}, Digest: digest()}
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
	convene := func(change func(*forum.Convened)) *forum.Convened {
		e := &forum.Convened{Kind: "musrenbang_kecamatan", Stage: "kecamatan", Scope: kecamatan("99.01.03"), Date: "2026-02-25", Chair: "Camat Contoh Tiga"}
		if change != nil {
			change(e)
		}
		return e
	}
	attendance := func(absent []string, present ...string) *forum.AttendanceRecorded {
		e := &forum.AttendanceRecorded{Absent: absent}
		for _, code := range present {
			e.Present = append(e.Present, forum.Attended{Code: code, Channel: "luring", Count: 5, Women: 2})
		}
		return e
	}
	recorded := attendance([]string{"99.01.03.2002", "99.01.03.2003"}, "99.01.03.2001", "1.03")
	recorded.Register = "2025"
	ranked := func(list string, e []forum.Entry, criteria ...forum.Criterion) *forum.ListRanked {
		return &forum.ListRanked{List: list, Stage: "kecamatan", Scope: kecamatan("99.01.03"), Criteria: criteria, Entries: e}
	}
	weighed := []forum.Criterion{{Name: "manfaat", Weight: 60}, {Name: "kesiapan", Weight: 40}}
	scored := func(score int64) []forum.Entry {
		return []forum.Entry{{Proposal: number(0), Score: score, Scores: []int64{80_000, 50_000}}, {Proposal: number(1), Scores: []int64{10_001, 10_001}}}
	}
	summed := scored(68_000)
	summed[1].Score = 10_001
	tie := entries(5, 5)
	broken := entries(5, 5)
	broken[0].Tie = "readiness"
	below := entries(9, 5)
	below[0].Reason = "LHN-MILIK"
	signed := &forum.MinutesSigned{Document: domain.Document{Kind: "berita_acara", Number: "BA/01/2026", Date: "2026-02-06", Digest: digest()}, Covers: []string{number(1)}, Signers: []string{"camat@99.01.03"}}
	session := convened()
	closed := session.then(&forum.Closed{})
	listed := session.then(final("L1", entries(9, 8, 7), 2))
	fixed := func(e []forum.Entry, cutoff int) *forum.Corrected {
		return &forum.Corrected{List: "L1", Entries: e, Cutoff: cutoff, Reason: domain.Mask("nilai tertukar")}
	}
	swapped := []forum.Entry{{Proposal: number(0), Score: 9, Amount: 100}, {Proposal: number(2), Score: 8, Amount: 100}, {Proposal: number(1), Score: 7, Amount: 100}}
	corrected := fixed(swapped, 2)
	corrected.Used, corrected.LastIn, corrected.FirstOut, corrected.SecondApprover = 2, number(2), number(1), "p-b"
	two := func(r *forum.Rules) { b := approver("p-b"); r.Actor, r.Second = approver("p-a"), &b }

	for _, test := range []struct {
		name  string
		given past
		ask   forum.Event
		alter func(*forum.Rules)
		then  forum.Event
		codes []string
	}{
		{name: "convene", ask: convene(nil), then: convene(nil)},
		{name: "convene once", given: session, ask: convene(nil), codes: []string{"forum.already_convened"}},
		{name: "convene a kind there is", ask: convene(func(e *forum.Convened) { e.Kind = "rapat" }), codes: []string{"forum.kind_unknown"}},
		{name: "convene for the stage and scope of its kind", ask: convene(func(e *forum.Convened) { e.Kind = "musrenbang_kabupaten" }),
			codes: []string{"forum.stage_of_another_kind", "forum.scope_of_another_kind", "forum.role_missing"}},
		{name: "convene for a stage of the workflow", ask: convene(nil), alter: func(r *forum.Rules) { delete(r.Definition.Stages, "kecamatan") }, codes: []string{"forum.stage_unknown"}},
		{name: "convene for a definition at hand", ask: convene(nil), alter: func(r *forum.Rules) { r.Definition = nil }, codes: []string{"forum.definition_unknown"}},
		{name: "convene another kecamatan's", ask: convene(func(e *forum.Convened) { e.Scope = kecamatan("99.01.04") }), codes: []string{"forum.scope_elsewhere"}},
		{name: "convene nobody's in particular", ask: convene(func(e *forum.Convened) { e.Scope.Code = "" }), codes: []string{"forum.missing", "forum.scope_elsewhere"}},
		{name: "convene on a day", ask: convene(func(e *forum.Convened) { e.Date = "besok" }), codes: []string{"forum.date_wrong"}},
		{name: "convene under an office, not a person", ask: convene(func(e *forum.Convened) { e.Chair = "Bapak Sutrisno Hadi" }), codes: []string{"forum.names_somebody"}},
		{name: "convene not before the cycle", ask: convene(nil), alter: func(r *forum.Rules) { r.Occurred = domain.Moment(now.AddDate(-1, 0, 0)) }, codes: []string{"forum.occurred_before_cycle"}},
		{name: "convene not in the future", ask: convene(nil), alter: func(r *forum.Rules) { r.Occurred = domain.Moment(now.Add(time.Hour)) }, codes: []string{"forum.occurred_in_future"}},

		{name: "attendance names the absent", given: session, ask: attendance(nil, "99.01.03.2001", "1.03"), then: recorded},
		{name: "attendance once each", given: session, ask: attendance(nil, "99.01.03.2001", "99.01.03.2001"), codes: []string{"forum.named_twice"}},
		{name: "attendance of the register", given: session, ask: attendance(nil, "99.01.04.2001"), codes: []string{"forum.not_in_register"}},
		{name: "attendance that hides an absent one", given: session, ask: attendance([]string{"99.01.03.2003"}, "99.01.03.2001"), codes: []string{"forum.absent_wrong"}},
		{name: "attendance against another edition", given: session, ask: &forum.AttendanceRecorded{Register: "2019"}, codes: []string{"forum.register_other"}},
		{name: "attendance without a register", given: session, ask: attendance(nil), alter: func(r *forum.Rules) { r.Register = forum.Register{Edition: "2025"} }, codes: []string{"forum.register_missing"}},
		{name: "attendance that adds up", given: session, ask: &forum.AttendanceRecorded{Present: []forum.Attended{{Code: "99.01.03.2001", Channel: "radio", Count: 1, Women: 2}}}, codes: []string{"forum.channel_unknown", "forum.count_wrong"}},
		{name: "attendance of a forum there is", ask: attendance(nil), codes: []string{"forum.not_convened"}},
		{name: "attendance after closing", given: closed, ask: attendance(nil), codes: []string{"forum.closed"}},
		{name: "attendance by another camat", given: session, ask: attendance(nil), alter: func(r *forum.Rules) { r.Actor.Scope = kecamatan("99.01.04") }, codes: []string{"forum.scope_elsewhere"}},
		{name: "attendance that an earlier record would overrule", given: session.then(attendance(nil)), ask: attendance(nil), alter: func(r *forum.Rules) { r.Occurred = domain.Moment(now.AddDate(0, 0, -10)) }, codes: []string{"forum.occurred_before_last"}},
		{name: "attendance on paper of tomorrow", given: session, ask: &forum.AttendanceRecorded{Document: domain.Document{Kind: "daftar_hadir", Date: "2026-02-22", Digest: "x"}}, codes: []string{"forum.date_wrong", "forum.digest_malformed"}},

		{name: "rank by scores", given: session, ask: ranked("L1", scored(0), weighed...), then: ranked("L1", summed, weighed...)},
		{name: "rank without scores, by deliberation", given: session, ask: ranked("L1", entries(0, 0)), then: ranked("L1", entries(0, 0))},
		{name: "rank again", given: session.then(ranked("L1", entries(1))), ask: ranked("L1", entries(9, 8)), then: ranked("L1", entries(9, 8))},
		{name: "rank a score that is not the sum", given: session, ask: ranked("L1", scored(70_000), weighed...), codes: []string{"forum.score_not_the_sum"}},
		{name: "rank with a score for each criterion", given: session, ask: ranked("L1", entries(5), weighed...), codes: []string{"forum.scores_missing"}},
		{name: "rank with weights of a whole", given: session, ask: ranked("L1", entries(5), forum.Criterion{Name: "manfaat", Weight: 50}, forum.Criterion{Name: "manfaat", Weight: 40}),
			codes: []string{"forum.weights_wrong", "forum.named_twice", "forum.scores_missing"}},
		{name: "rank out of order", given: session, ask: ranked("L1", entries(5, 6)), codes: []string{"forum.order_not_by_score"}},
		{name: "rank a tie without a word", given: session, ask: ranked("L1", tie), codes: []string{"forum.tie_unexplained"}},
		{name: "rank a tie that is said", given: session, ask: ranked("L1", broken), then: ranked("L1", broken)},
		{name: "rank a tie broken by a favour", given: session, ask: ranked("L1", []forum.Entry{{Proposal: number(0), Tie: "favour"}}), codes: []string{"forum.tie_unknown"}},
		{name: "rank somebody without land above", given: session, ask: ranked("L1", below), codes: []string{"forum.below_line_above"}},
		{name: "rank one twice", given: session, ask: ranked("L1", append(entries(5), entries(5)...)), codes: []string{"forum.named_twice", "forum.tie_unexplained"}},
		{name: "rank what is no proposal, below nothing", given: session, ask: ranked("L1", []forum.Entry{{Proposal: "U-27-0000000", Amount: -1, Score: -1}}), codes: []string{"forum.number_malformed", "forum.amount_negative", "forum.score_outside"}},
		{name: "rank nothing", given: session, ask: ranked("L1", nil), codes: []string{"forum.list_empty"}},
		{name: "rank a list that is final", given: listed, ask: ranked("L1", entries(5)), codes: []string{"forum.list_final"}},
		{name: "rank under a long name", given: session, ask: ranked("daftar prioritas", entries(5)), codes: []string{"forum.list_malformed"}},
		{name: "rank for elsewhere", given: session, ask: &forum.ListRanked{List: "L1", Stage: "kabupaten", Scope: kecamatan("99.01.04"), Entries: entries(5)}, codes: []string{"forum.stage_elsewhere", "forum.list_elsewhere"}},
		{name: "rank after closing", given: closed, ask: ranked("L1", entries(5)), codes: []string{"forum.closed"}},

		{name: "correct a mistake of writing", given: listed, ask: fixed(swapped, 0), alter: two, then: corrected},
		{name: "correct alone", given: listed, ask: fixed(swapped, 0), alter: func(r *forum.Rules) { r.Actor = approver("p-a") }, codes: []string{"forum.second_needed"}},
		{name: "correct with oneself", given: listed, ask: fixed(swapped, 0), alter: func(r *forum.Rules) { r.Actor = approver("p-a"); r.Second = &r.Actor }, codes: []string{"forum.same_person"}},
		{name: "correct with the camat", given: listed, ask: fixed(swapped, 0), alter: func(r *forum.Rules) { c := camat(); r.Actor, r.Second = approver("p-a"), &c }, codes: []string{"forum.second_role_missing"}},
		{name: "correct as camat", given: listed, ask: fixed(swapped, 0), alter: func(r *forum.Rules) { b := approver("p-b"); r.Second = &b }, codes: []string{"forum.role_missing"}},
		{name: "correct a list there is", given: session, ask: fixed(swapped, 0), alter: two, codes: []string{"forum.list_unknown"}},
		{name: "correct without exchanging proposals", given: listed, ask: fixed(entries(9, 8), 0), alter: two, codes: []string{"forum.correction_changes_list"}},
		{name: "correct beyond the limit", given: listed, ask: fixed(swapped, 3), alter: two, codes: []string{"forum.limit_passed"}},
		{name: "correct with a reason", given: listed, ask: &forum.Corrected{List: "L1", Entries: swapped}, alter: two, codes: []string{"forum.missing"}},

		{name: "issue minutes", given: session, ask: issued(), then: issued()},
		{name: "issue minutes after closing", given: closed, ask: issued(), then: issued()},
		{name: "issue minutes under a new number", given: session.then(issued()), ask: issued(), codes: []string{"forum.minutes_number_taken"}},
		{name: "issue minutes with an attendance that is recorded", given: session, ask: &forum.MinutesIssued{Number: "BA/02", Annexes: []string{"attendance", "puisi", "puisi"}, Covers: []string{number(0)}, Digest: digest()},
			codes: []string{"forum.annex_unknown", "forum.annex_unknown", "forum.named_twice", "forum.attendance_missing"}},
		{name: "issue minutes with words for an anchor", given: session, ask: &forum.MinutesIssued{Number: "BA/02", Covers: []string{number(0)}, Digest: digest(), Anchor: []string{"hubungi Budi"}}, codes: []string{"forum.anchor_malformed"}},
		{name: "issue minutes of something", given: session, ask: &forum.MinutesIssued{}, codes: []string{"forum.missing", "forum.missing", "forum.digest_malformed"}},

		{name: "sign minutes", given: closed.then(issued()), ask: signed, then: signed},
		{name: "sign minutes that were issued", given: closed, ask: signed, codes: []string{"forum.minutes_unknown"}},
		{name: "sign for what they cover", given: session.then(issued()), ask: &forum.MinutesSigned{Document: signed.Document, Covers: []string{number(7)}, Signers: []string{"camat"}}, codes: []string{"forum.not_in_minutes", "forum.signer_malformed"}},
		{name: "sign a paper with a digest", given: session.then(issued()), ask: &forum.MinutesSigned{Document: domain.Document{Number: "BA/01/2026"}, Covers: []string{number(1), number(1)}}, codes: []string{"forum.document_incomplete", "forum.named_twice"}},

		{name: "close", given: session, ask: &forum.Closed{At: now}, then: &forum.Closed{At: now}},
		{name: "close once", given: closed, ask: &forum.Closed{}, codes: []string{"forum.closed"}},
		{name: "close not tomorrow", given: session, ask: &forum.Closed{At: now.Add(time.Hour)}, codes: []string{"forum.occurred_in_future"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := rules(camat())
			if test.alter != nil {
				test.alter(&r)
			}
			got, err := forum.Decide(test.given.fold(), test.ask, r)
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			var want []forum.Event
			if test.then != nil {
				want = []forum.Event{test.then}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
		})
	}
}

func TestFinalize(t *testing.T) {
	session := convened()
	ask := func(change func(*forum.ListFinalized)) *forum.ListFinalized {
		e := &forum.ListFinalized{List: "L2", Stage: "kecamatan", Scope: kecamatan("99.01.03"), Entries: entries(9, 8, 7), Limit: forum.Limit{Kind: forum.LimitQuota, Value: 2, Source: "x"}}
		if change != nil {
			change(e)
		}
		return e
	}
	listed := session.then(final("L1", entries(9, 8, 7), 2))
	for _, test := range []struct {
		name   string
		given  past
		ask    *forum.ListFinalized
		cutoff int
		used   int64
		out    string
		codes  []string
	}{
		{"as many as the limit holds", session, ask(nil), 2, 2, number(2), nil},
		{"fewer than it holds", session, ask(func(e *forum.ListFinalized) { e.Cutoff = 1 }), 1, 1, number(1), nil},
		{"under a ceiling", session, ask(func(e *forum.ListFinalized) { e.Limit = forum.Limit{Kind: forum.LimitCeiling, Value: 250} }), 2, 200, number(2), nil},
		{"without a limit", session, ask(func(e *forum.ListFinalized) { e.Limit = forum.Limit{Kind: forum.LimitNone} }), 3, 3, "", nil},
		{"more than the limit holds", session, ask(func(e *forum.ListFinalized) { e.Cutoff = 3 }), 0, 0, "", []string{"forum.limit_passed"}},
		{"a sum that passes its ceiling", session, ask(func(e *forum.ListFinalized) {
			e.Cutoff, e.Limit = 3, forum.Limit{Kind: forum.LimitCeiling, Value: 299}
		}), 0, 0, "", []string{"forum.limit_passed"}},
		{"in place of one that stands", listed, ask(func(e *forum.ListFinalized) { e.Supersedes = "L1" }), 2, 2, number(2), nil},
		{"beside one that stands", listed, ask(nil), 0, 0, "", []string{"forum.list_stands"}},
		{"in place of one that does not", session, ask(func(e *forum.ListFinalized) { e.Supersedes = "L1" }), 0, 0, "", []string{"forum.list_unknown"}},
		{"under a name that is taken", listed, ask(func(e *forum.ListFinalized) { e.List, e.Supersedes = "L1", "L1" }), 0, 0, "", []string{"forum.list_final"}},
		{"with a limit there is", session, ask(func(e *forum.ListFinalized) { e.Limit = forum.Limit{Kind: "mood", Value: -1} }), 0, 0, "", []string{"forum.limit_unknown", "forum.limit_wrong"}},
		{"of a forum there is", past{}, ask(nil), 0, 0, "", []string{"forum.not_convened"}},
		{"of a session that is closed", session.then(&forum.Closed{}), ask(nil), 0, 0, "", []string{"forum.closed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := forum.Finalize(test.given.fold(), test.ask, rules(camat()))
			if d := cmp.Diff(test.codes, refusal(t, err)); d != "" {
				t.Fatalf("refusal (-want +got):\n%s", d)
			}
			if err == nil && (got.Cutoff != test.cutoff || got.Used != test.used || got.FirstOut != test.out) {
				t.Errorf("cutoff %d, used %d, first out %q; want %d, %d, %q", got.Cutoff, got.Used, got.FirstOut, test.cutoff, test.used, test.out)
			}
		})
	}
}

func TestListsThatStandAndThatStood(t *testing.T) {
	draft := &forum.ListRanked{List: "L2", Entries: entries(3)}
	second := final("L2", entries(9, 8, 7), 2)
	second.Supersedes = "L1"
	s := convened().then(final("L1", entries(9, 8, 7), 2), draft, second).fold()
	if s.Final["L1"] != nil || s.Past["L1"] == nil || s.Final["L2"] == nil || len(s.Drafts) != 0 {
		t.Errorf("final %v, past %v, drafts %v", s.Final, s.Past, s.Drafts)
	}
	s = convened().then(final("L1", entries(9, 8, 7), 2), &forum.ListSuperseded{List: "L1"}).fold()
	if s.Final["L1"] != nil || s.Past["L1"] == nil {
		t.Errorf("final %v, past %v", s.Final, s.Past)
	}
	first := final("L1", entries(9, 8, 7), 2)
	s = convened().then(first, &forum.Corrected{List: "L1", Entries: entries(9, 8, 7), Cutoff: 1, Used: 1, LastIn: number(0), FirstOut: number(1)}).fold()
	if got := s.Final["L1"]; got.Cutoff != 1 || got.FirstOut != number(1) || first.Cutoff != 2 {
		t.Errorf("corrected %+v, as it was %+v", got, first)
	}
	if s.ID != "K3" || s.Version != 3 || s.Cycle != 2027 {
		t.Errorf("state of %q at %d in %d", s.ID, s.Version, s.Cycle)
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		outer, inner string
		want         bool
	}{
		{"kabupaten", "village:99.01.03.2001", true}, {"kecamatan:99.01.03", "village:99.01.03.2001", true},
		{"kecamatan:99.01.03", "kecamatan:99.01.03", true}, {"kecamatan:99.01.03", "kecamatan:99.01.04", false},
		{"kecamatan:99.01.03", "opd:1.03", false}, {"kecamatan", "village:99.01.03.2001", false},
		{"village:99.01.03.2001", "kecamatan:99.01.03", false}, {"opd:1.03", "opd:1.03", true}, {"opd:1.03", "opd:1.04", false},
		{"opd:1.03", "kabupaten", false},
	} {
		outer, _ := domain.ParseScope(test.outer)
		inner, _ := domain.ParseScope(test.inner)
		if got := forum.Within(outer, inner); got != test.want {
			t.Errorf("%s within %s: %v, want %v", test.inner, test.outer, got, test.want)
		}
	}
}

func TestListsAndWordsAreNotDecidedTwice(t *testing.T) {
	for _, ask := range []forum.Event{&forum.ListFinalized{}, &forum.ListSuperseded{}} {
		_, err := forum.Decide(convened().fold(), ask, rules(camat()))
		if _, refused := err.(*domain.Error); err == nil || refused {
			t.Errorf("%T: %v, want an error of the program", ask, err)
		}
	}
}

func TestARefusalNamesNobody(t *testing.T) {
	_, err := forum.Decide(past{}.fold(), &forum.Convened{Kind: "musrenbang_kecamatan", Stage: "kecamatan", Scope: kecamatan("99.01.03"), Date: "milik Bapak Sutrisno Hadi", Chair: "Ibu Sri Wahyuni 081234567890"}, rules(camat()))
	e, ok := err.(*domain.Error)
	if !ok {
		t.Fatal(err)
	}
	kept := fmt.Sprint(e.Checks)
	for _, detail := range []string{"Sutrisno", "Wahyuni", "081234567890"} {
		if strings.Contains(kept, detail) {
			t.Errorf("%s stands in the checks that are kept: %s", detail, kept)
		}
	}
}

func TestALongListIsDecidedQuickly(t *testing.T) {
	long := make([]forum.Entry, 5000)
	for i := range long {
		long[i] = forum.Entry{Proposal: number(i), Score: int64(10_000 - i)}
	}
	start := time.Now()
	_, err := forum.Decide(convened().fold(), &forum.ListRanked{List: "L1", Stage: "kecamatan", Scope: kecamatan("99.01.03"), Entries: long}, rules(camat()))
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("5000 entries took %s", took)
	}
}

func TestScoreRoundsHalvesUp(t *testing.T) {
	criteria := []forum.Criterion{{Name: "a", Weight: 50}, {Name: "b", Weight: 50}}
	for scores, want := range map[[2]int64]int64{{1, 2}: 2, {2, 2}: 2, {0, 1}: 1, {100, 101}: 101} {
		if got := forum.Score(criteria, scores[:]); got != want {
			t.Errorf("Score(%v) = %s, want %s", scores, strconv.FormatInt(got, 10), strconv.FormatInt(want, 10))
		}
	}
}
