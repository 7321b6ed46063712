package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/workflow"
)

// span reads "forum_opd opd:1.03 1 10": open from one day of March to another.
func span(t *testing.T, text string) workflow.Span {
	t.Helper()
	f := strings.Fields(text)
	scope, err := domain.ParseScope(f[1])
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) time.Time {
		d, err := time.Parse("2", s)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 3, d.Day(), 9, 0, 0, 0, time.UTC)
	}
	return workflow.Span{Window: f[0], Scope: scope, Opens: day(f[2]), Closes: day(f[3])}
}

var calendars = []struct {
	name  string
	spans []string
	want  []string // codes
}{
	{"in order", []string{"desa kabupaten 1 5", "kecamatan kabupaten 3 10", "pokir kabupaten 1 9", "forum_opd kabupaten 10 15", "kabupaten kabupaten 15 20"}, nil},
	{"ending together", []string{"desa kabupaten 1 5", "kecamatan kabupaten 1 5"}, nil},
	{"a later stage ends before", []string{"kabupaten kabupaten 1 15", "rkpd kabupaten 1 14"}, []string{"calendar_ends_before"}},
	{"not neighbours, yet in order", []string{"desa kabupaten 1 15", "apbd kabupaten 1 14"}, []string{"calendar_ends_before"}},
	{"two stages that do not wait for each other", []string{"referral kabupaten 1 28", "kabupaten kabupaten 1 10"}, nil},
	{"objections wait for nobody", []string{"apbd kabupaten 1 28", "objection kabupaten 1 2"}, nil},
	{"one kecamatan is late, its forum not", []string{"kecamatan kabupaten 1 10", "kecamatan kecamatan:99.01.03 1 20", "forum_opd opd:1.03 11 15"}, []string{"calendar_ends_before"}},
	{"one kecamatan is late, so is the forum", []string{"kecamatan kabupaten 1 10", "kecamatan kecamatan:99.01.03 1 20", "forum_opd opd:1.03 11 20"}, nil},
	{"villages of another kecamatan are late", []string{"desa village:99.01.04.2001 1 20", "kecamatan kecamatan:99.01.03 1 10"}, nil},
	{"a village of the kecamatan is late", []string{"desa village:99.01.03.2001 1 20", "kecamatan kecamatan:99.01.03 1 10"}, []string{"calendar_ends_before"}},
	{"an early kecamatan whose villages were early", []string{"desa kabupaten 1 10", "desa kecamatan:99.01.03 1 5", "kecamatan kabupaten 1 12", "kecamatan kecamatan:99.01.03 1 6"}, nil},
	{"a window there is not", []string{"desaa kabupaten 1 5"}, []string{"calendar_window"}},
	{"a village cannot stand for a kecamatan", []string{"kecamatan village:99.01.03.2001 1 5"}, []string{"calendar_scope"}},
	{"an office cannot stand for a village", []string{"desa opd:1.03 1 5"}, []string{"calendar_scope"}},
	{"given twice", []string{"desa kabupaten 1 5", "desa kabupaten 1 6"}, []string{"calendar_twice"}},
	{"ends before it opens", []string{"desa kabupaten 5 1"}, []string{"calendar_backwards"}},
	{"everything at once", []string{"desa kabupaten 5 1", "kecamatan opd:1 1 5", "ppas kabupaten 1 9", "apbd kabupaten 1 8"}, []string{"calendar_backwards", "calendar_scope", "calendar_ends_before"}},
}

func TestCalendar(t *testing.T) {
	d := base(t)
	for _, c := range calendars {
		var spans []workflow.Span
		for _, s := range c.spans {
			spans = append(spans, span(t, s))
		}
		var got []string
		for _, x := range workflow.CheckCalendar(d, spans) {
			got = append(got, x.Code)
			if x.Check != 10 {
				t.Errorf("%s: check %d", c.name, x.Check)
			}
			reported(t, x, "musrenbang.yaml", "", "")
		}
		if x := cmp.Diff(c.want, got); x != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, x)
		}
	}
}

func TestTheZeroScopeIsTheKabupaten(t *testing.T) {
	s := span(t, "desa kabupaten 1 5")
	s.Scope = domain.Scope{}
	if found := workflow.CheckCalendar(base(t), []workflow.Span{s}); found != nil {
		t.Error(found)
	}
}

func TestLaterWindows(t *testing.T) {
	d := base(t)
	for window, want := range map[string]string{
		"desa":      "kecamatan forum_opd referral kabupaten rkpd ppas apbd execution",
		"forum_opd": "referral kabupaten rkpd ppas apbd execution",
		"referral":  "",
		"apbd":      "execution",
		"objection": "",
	} {
		if got := d.Later(window); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("later than %s: %v, want %s", window, got, want)
		}
	}
}
