package answer_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
)

// An address says all of a question: what is read from it and written again is
// the same question.
func TestAFilterIsItsAddress(t *testing.T) {
	q, _ := url.ParseQuery("tahun=2027&pada=2026-02-28&diketahui=88412&pada_kini=2026-08-08&diketahui_kini=99000&kecamatan=99.01.03&kecamatan=99.01.04" +
		"&desa=99.01.03.2001&opd=1.03&jalur=pokir&tahap=kabupaten&status=lapsed&nasib=dropped&nasib=lost_after_acceptance&alasan=ALS-KOSONG&aturan=A1&aturan=B3&nilai=Rp+500.000.000&asal=1&semua=1&lain=x")
	f, err := answer.ParseFilter(q)
	if err != nil {
		t.Fatal(err)
	}
	if f.Least != 500_000_000 || !f.All || !f.Origins || len(f.Kecamatan) != 2 || f.Then.AsOf != "2026-02-28" || f.Now.Known != "99000" || !f.Compares() {
		t.Errorf("read as %+v", f)
	}
	again, err := answer.ParseFilter(f.Values())
	if err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("written and read again %+v, %v", again, err)
	}
	q.Set("year", q.Get("tahun"))
	q.Del("tahun")
	if same, _ := answer.ParseFilter(q); !reflect.DeepEqual(f, same) {
		t.Errorf("year= is read as %+v", same)
	}
	for query, code := range map[string]string{"": "filter.year", "tahun=27": "filter.year", "tahun=2027&aturan=Z9": "filter.rule", "tahun=2027&nasib=hilang": "filter.fate", "tahun=2027&nilai=-1": "filter.amount", "tahun=2027&nilai=banyak": "filter.amount"} {
		q, _ := url.ParseQuery(query)
		if _, err := answer.ParseFilter(q); !errors.Is(err, &domain.Error{Code: code}) {
			t.Errorf("%q: %v", query, err)
		}
	}
	q = url.Values{"tahun": {"2027"}, "opd": make([]string, 0)}
	for i := range 200 {
		q.Add("opd", strings.Repeat("9", 1+i))
	}
	if f, _ := answer.ParseFilter(q); len(f.OPD) > 50 || len(f.OPD[49]) > 80 {
		t.Errorf("%d offices were taken in", len(f.OPD))
	}
}

func TestAFilterSaysAtWhichMomentAProposalFits(t *testing.T) {
	at := func(fate history.Fate, opd string, accepted bool) *history.Standing {
		return &history.Standing{Fate: fate, OPD: opd, Asked: 400, Accepted: accepted}
	}
	row := answer.Row{Move: history.Move{Village: "99.01.03.2001", Lane: "musrenbang", Then: at(history.Pending, "1.03", true), Now: at(history.Dropped, "1.04", true)},
		Deciding: &answer.Deciding{Silent: true}, Rules: []string{"A1", "A8"}}
	same := answer.Row{Move: history.Move{Then: at(history.Funded, "1.03", true), Now: at(history.Funded, "1.03", true)}}
	later := answer.Row{Move: history.Move{Now: at(history.Dropped, "1.03", false)}, Deciding: &answer.Deciding{Reason: "LHN-MILIK"}}
	two := answer.Moment{AsOf: "2026-02-28"}
	for _, x := range []struct {
		name string
		f    answer.Filter
		want [3]string // row, same, later
	}{
		{"what changed", answer.Filter{Then: two}, [3]string{"both", "", "now"}},
		{"everything", answer.Filter{Then: two, All: true}, [3]string{"both", "both", "now"}},
		{"one moment", answer.Filter{}, [3]string{"both", "both", "now"}},
		{"a fate", answer.Filter{Sought: answer.Sought{Fate: []string{"pending", "funded"}}}, [3]string{"then", "both", ""}},
		{"lost after acceptance", answer.Filter{Sought: answer.Sought{Fate: []string{answer.AfterAcceptance}}}, [3]string{"now", "", ""}},
		{"an office", answer.Filter{Sought: answer.Sought{OPD: []string{"1.03"}}}, [3]string{"then", "both", "now"}},
		{"no reason", answer.Filter{Sought: answer.Sought{Reason: []string{proposal.ReasonUnsaid}}}, [3]string{"both", "", ""}},
		{"a reason", answer.Filter{Sought: answer.Sought{Reason: []string{"LHN-MILIK"}}}, [3]string{"", "", "now"}},
		{"a kecamatan", answer.Filter{Sought: answer.Sought{Kecamatan: []string{"99.01.03"}}}, [3]string{"both", "", ""}},
		{"not the one next to it", answer.Filter{Sought: answer.Sought{Kecamatan: []string{"99.01.0"}}}, [3]string{"", "", ""}},
		{"a rule", answer.Filter{Sought: answer.Sought{Rule: []string{"B1", "A8"}}}, [3]string{"both", "", ""}},
		{"dear", answer.Filter{Sought: answer.Sought{Least: 401}}, [3]string{"", "", ""}},
	} {
		if got := [3]string{x.f.Matches(row), x.f.Matches(same), x.f.Matches(later)}; got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}
