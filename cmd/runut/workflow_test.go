package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// definition writes the definition that comes with the program, with some of its
// text replaced, and returns the path and the line of the first replacement.
func definition(t *testing.T, replace ...string) (path string, line int) {
	t.Helper()
	text, err := os.ReadFile("../../domain/workflow/musrenbang.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	for i := 0; i+1 < len(replace); i += 2 {
		before, after, found := strings.Cut(s, replace[i])
		if !found {
			t.Fatalf("the definition does not hold %q", replace[i])
		}
		if line == 0 {
			line = 1 + strings.Count(before, "\n")
		}
		s = before + replace[i+1] + after
	}
	path = filepath.Join(t.TempDir(), "varian.yaml")
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, line
}

func TestWorkflowCheck(t *testing.T) {
	whole, _ := definition(t)
	status, out, complaints := runs(t, "workflow", "check", whole)
	if status != 0 || !regexp.MustCompile(`[0-9a-f]{64}`).MatchString(out) || complaints != "" {
		t.Errorf("a sound definition: %d\n%s%s", status, out, complaints)
	}
	if _, builtin, _ := runs(t, "workflow", "check"); !strings.Contains(builtin, regexp.MustCompile(`[0-9a-f]{64}`).FindString(out)) {
		t.Errorf("the definition of the file is not the one built in: %s against %s", out, builtin)
	}

	for _, test := range []struct {
		name    string
		replace []string
		says    map[string][]string // by language
	}{
		{"a state that is not there", []string{"to: returned_kec\n", "to: nowhere\n"}, map[string][]string{"id": {"nowhere"}, "en": {"nowhere"}}},
		{"a member that is not there", []string{"    max_visits: 3\n", "    max_visit: 3\n"}, map[string][]string{"id": {"max_visit"}, "en": {"max_visit"}}},
		{"a role that nobody has", []string{"by: [kecamatan_officer]\n", "by: [kecamatan_clerk]\n"}, map[string][]string{"id": {"kecamatan_clerk"}, "en": {"kecamatan_clerk"}}},
		{"no YAML", []string{"transitions:\n", "transitions: [\n"}, map[string][]string{"id": {"YAML"}, "en": {"YAML"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path, line := definition(t, test.replace...)
			said := map[string]string{}
			for lang, wants := range test.says {
				status, out, complaints := runs(t, "--lang", lang, "workflow", "check", path)
				said[lang] = complaints
				if status != 1 || out != "" {
					t.Errorf("status %d, printed %q", status, out)
				}
				place := regexp.MustCompile(regexp.QuoteMeta(filepath.Base(path)) + `:(\d+)`).FindStringSubmatch(complaints)
				if place == nil {
					t.Fatalf("it does not say where:\n%s", complaints)
				}
				for _, want := range wants {
					if !strings.Contains(complaints, want) {
						t.Errorf("it does not say %q:\n%s", want, complaints)
					}
				}
			}
			if said["id"] == said["en"] {
				t.Errorf("both languages say %s", said["id"])
			}
			status, out, _ := runs(t, "workflow", "check", "--json", path)
			var report struct {
				Defects []struct {
					File, Code, ID, EN string
					Line               int
				}
			}
			if err := json.Unmarshal([]byte(out), &report); err != nil || status != 1 || len(report.Defects) == 0 {
				t.Fatalf("status %d, %v: %s", status, err, out)
			}
			near := false
			for _, d := range report.Defects {
				near = near || line <= d.Line+12 && d.Line <= line+12
				if d.Code == "" || d.ID == "" || d.EN == "" || d.File == "" {
					t.Errorf("half a defect: %+v", d)
				}
			}
			if !near {
				t.Errorf("the defect stands on line %d: %+v", line, report.Defects)
			}
		})
	}

	t.Run("diagram, document and difference", func(t *testing.T) {
		other, _ := definition(t, `id: "Ajukan usulan"`, `id: "Sampaikan usulan"`)
		for _, test := range []struct {
			args []string
			want string
		}{
			{[]string{"workflow", "diagram"}, "stateDiagram-v2"},
			{[]string{"workflow", "doc"}, "Musrenbang"},
			{[]string{"workflow", "diff", whole, other}, "Sampaikan usulan"},
		} {
			if status, out, complaints := runs(t, test.args...); status != 0 || !strings.Contains(out, test.want) {
				t.Errorf("%v: %d %s%.300s", test.args, status, complaints, out)
			}
		}
	})
}
