package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
)

func TestAVerdictShowsEveryConditionThatWasExamined(t *testing.T) {
	refuse := func(code string) *domain.Error { return domain.Refuse(domain.Invalid, code) }
	v := domain.Verdict{Noun: "letter"}
	if !v.Hold(true, "stamp", "licked", "licked", refuse("letter.dry")) {
		t.Error("a condition that held is said not to")
	}
	if v.Hold(false, "address", "an office", "NIK 9901014101850001", refuse("letter.lost")) {
		t.Error("a condition that failed is said to hold")
	}
	for _, page := range []string{"1", "two", "3", "four"} {
		v.Each(len(page) == 1, "page", "a digit, 0812-3456-7890", page, refuse("letter.page").At("/"+page))
	}
	want := refuse("letter.lost")
	want.Checks = []domain.Check{
		{Name: "stamp", OK: true, Want: "licked", Observed: "licked"},
		{Name: "address", Want: "an office", Observed: "NIK [NIK disamarkan]"},
		{Name: "page", Want: "a digit, [telepon disamarkan]", Observed: "two"},
		{Name: "page", Want: "a digit, [telepon disamarkan]", Observed: "four"},
	}
	want.All = []*domain.Error{refuse("letter.page").At("/two"), refuse("letter.page").At("/four")}
	if d := cmp.Diff(error(want), v.Err()); d != "" {
		t.Error(d)
	}
}

func TestAVerdictWithoutAFailureIsNoError(t *testing.T) {
	var v domain.Verdict
	v.Hold(true, "stamp", "", "", nil)
	v.Each(true, "page", "", "", nil)
	if err := v.Err(); err != nil || len(v.Checks) != 1 {
		t.Errorf("%v after %d checks, want none after 1", err, len(v.Checks))
	}
}

func TestSharedConditions(t *testing.T) {
	now := time.Date(2026, 2, 20, 16, 0, 0, 0, time.UTC) // 1 in the morning of the 21st in WIT
	camat := domain.Actor{Person: "p-1", Role: "camat"}
	other, lurah := domain.Actor{Person: "p-2", Role: "camat"}, domain.Actor{Person: "p-2", Role: "lurah"}
	may := []domain.Role{"camat", "bupati"}
	number := domain.Number(2027, [16]byte{1}, 0)
	digest := strings.Repeat("0f", 32)
	paper := domain.Document{Kind: "sk", Number: "188/4/2026", Date: "2026-02-21", Digest: digest}
	type examine func(*domain.Verdict)
	for _, test := range []struct {
		name    string
		examine examine
		want    string // the code of the refusal, and where
	}{
		{"a role that may", func(v *domain.Verdict) { v.Role(may, "bupati") }, ""},
		{"a role that may not", func(v *domain.Verdict) { v.Role(may, "lurah") }, "letter.role_missing"},
		{"another person's approval", func(v *domain.Verdict) { v.Seconded(camat, &other, may) }, ""},
		{"nobody's approval", func(v *domain.Verdict) { v.Seconded(camat, nil, may) }, "letter.second_needed"},
		{"the same person's approval", func(v *domain.Verdict) { v.Seconded(camat, &camat, may) }, "letter.same_person"},
		{"the approval of somebody without a name", func(v *domain.Verdict) { v.Seconded(camat, &domain.Actor{Role: "camat"}, may) }, "letter.same_person"},
		{"the approval of somebody who may not", func(v *domain.Verdict) { v.Seconded(camat, &lurah, may) }, "letter.second_role_missing"},
		{"now", func(v *domain.Verdict) { v.InTime(domain.Moment(now), now) }, ""},
		{"no time", func(v *domain.Verdict) { v.InTime(domain.Interval{}, now) }, ""},
		{"today, which is not over", func(v *domain.Verdict) { v.InTime(domain.OnDay(2026, 2, 21, domain.Zones["WIT"]), now) }, ""},
		{"later", func(v *domain.Verdict) { v.InTime(domain.Moment(now.Add(1e9)), now) }, "letter.occurred_in_future /occurred"},
		{"backwards", func(v *domain.Verdict) {
			v.InTime(domain.Interval{From: now, To: now.Add(-1), Precision: domain.Day}, now)
		}, "letter.occurred_in_future /occurred"},
		{"the last word", func(v *domain.Verdict) { v.LastWord("x", now, now) }, ""},
		{"an earlier word", func(v *domain.Verdict) { v.LastWord("x", now.Add(-1), now) }, "letter.occurred_before_last /occurred"},
		{"a decree", func(v *domain.Verdict) { v.Decree("/decree", paper, now) }, ""},
		{"a decree without a digest", func(v *domain.Verdict) {
			v.Decree("/decree", domain.Document{Kind: "sk", Number: "1", Date: "2026-02-21"}, now)
		}, ""},
		{"a decree without a day", func(v *domain.Verdict) { v.Decree("/decree", domain.Document{Kind: "sk", Number: "1"}, now) }, "letter.decree_missing /decree"},
		{"a paper of which nothing is said", func(v *domain.Verdict) { v.Document("/paper", domain.Document{}, now) }, ""},
		{"a paper of tomorrow", func(v *domain.Verdict) { v.Document("/paper", domain.Document{Date: "2026-02-22"}, now) }, "letter.date_wrong /paper/date"},
		{"a paper of a day that is none", func(v *domain.Verdict) { v.Document("/paper", domain.Document{Date: "2026-02-30"}, now) }, "letter.date_wrong /paper/date"},
		{"a paper with half a digest", func(v *domain.Verdict) { v.Document("/paper", domain.Document{Digest: digest[32:]}, now) }, "letter.digest_malformed /paper/digest"},
		{"a paper numbered by a NIK", func(v *domain.Verdict) { v.Document("/paper", domain.Document{Number: "9901014101850001"}, now) }, "letter.names_somebody /paper/number"},
		{"nothing written", func(v *domain.Verdict) { v.Plain("/chair", " ") }, "letter.missing /chair"},
		{"somebody's name", func(v *domain.Verdict) { v.Plain("/chair", "Bapak Sutrisno") }, "letter.names_somebody /chair"},
		{"an office", func(v *domain.Verdict) { v.Plain("/chair", "Camat Contoh Satu") }, ""},
		{"a number", func(v *domain.Verdict) { v.Numbers("/covers", []string{number}) }, ""},
		{"a number in small letters", func(v *domain.Verdict) { v.Numbers("/covers", []string{strings.ToLower(number)}) }, "letter.number_malformed /covers"},
		{"a number twice", func(v *domain.Verdict) { v.Numbers("/covers", []string{number, number}) }, "letter.named_twice /covers"},
	} {
		v := domain.Verdict{Noun: "letter"}
		test.examine(&v)
		got := ""
		if refusal, ok := errors.AsType[*domain.Error](v.Err()); ok {
			got = strings.TrimSpace(refusal.Code + " " + refusal.Field)
			if len(refusal.All) > 0 {
				t.Errorf("%s: refused for %d things more", test.name, len(refusal.All))
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
