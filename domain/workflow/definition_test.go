package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain/workflow"
)

func names(ts []*workflow.Transition) string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = t.Name
	}
	return strings.Join(out, " ")
}

func TestExitsLeaveAndStaysDoNot(t *testing.T) {
	d := base(t)
	if got, want := names(d.Exits("referred")), "answer_back answer_no answer_yes defer"; got != want {
		t.Errorf("exits of referred: %s, want %s", got, want)
	}
	if got, want := names(d.From("completed")), "answer_objection correct find miss object redact relocate"; got != want {
		t.Errorf("what may be done with completed: %s, want %s", got, want)
	}
	if got := names(d.Exits("completed")); got != "" {
		t.Errorf("completed is left by %s", got)
	}
	if got, want := d.Transitions["transfer"].Target("at_opd"), workflow.State("at_opd"); got != want {
		t.Errorf("a transfer leads to %s, want %s", got, want)
	}
}

func TestMacrosStandForStates(t *testing.T) {
	d := base(t)
	for name, want := range map[string]struct{ in, out string }{
		"align":  {"at_opd funded late_entry", "none rejected merged completed"},
		"object": {"rejected funded completed merged", "none at_opd"},
		"miss":   {"at_opd rejected dissolved", "none"},
	} {
		from := d.Transitions[name].From
		for s := range strings.FieldsSeq(want.in) {
			if !slices.Contains(from, workflow.State(s)) {
				t.Errorf("%s is not possible in %s", name, s)
			}
		}
		for s := range strings.FieldsSeq(want.out) {
			if slices.Contains(from, workflow.State(s)) {
				t.Errorf("%s is possible in %s", name, s)
			}
		}
	}
}

func TestAPayloadTellsSiblingsApart(t *testing.T) {
	d := base(t)
	for _, c := range []struct {
		state, event string
		payload      map[string]string
		want         string
	}{
		{"referred", "referral_answered", map[string]string{"answer": "yes"}, "answer_yes"},
		{"referred", "referral_answered", map[string]string{"answer": "back"}, "answer_back"},
		{"lapsed", "referral_answered", map[string]string{"answer": "yes", "late": "true"}, "answer_late_yes"},
		{"lapsed", "referral_answered", map[string]string{"answer": "no", "late": "true"}, "answer_late_no"},
		{"lapsed", "referral_answered", map[string]string{"answer": "yes"}, ""}, // an answer to what has ended says that it is late
		{"merged", "merge_reversed", map[string]string{"role": "child", "resume": "at_opd"}, "unmerge_child_opd"},
		{"merged", "merge_reversed", map[string]string{"role": "parent"}, ""},
		{"at_opd", "merge_reversed", map[string]string{"role": "parent"}, "unmerge_parent"},
		{"none", "submitted", map[string]string{"lane": "pokir"}, "submit_pokir"},
		{"lapsed", "reinstated", map[string]string{"resume": "in_ppas"}, "reinstate_apbd"},
		{"at_kecamatan", "below_cutoff", map[string]string{"stage": "desa"}, "cut_desa"},
		{"at_kecamatan", "below_cutoff", map[string]string{"stage": "kecamatan"}, "cut_kec"},
	} {
		fits := slices.DeleteFunc(d.Taking(workflow.State(c.state), c.event), func(t *workflow.Transition) bool { return !t.Fits(c.payload) })
		if got := names(fits); got != c.want {
			t.Errorf("%s %s %v is %q, want %q", c.state, c.event, c.payload, got, c.want)
		}
	}
}

func TestStageOfAnAct(t *testing.T) {
	d := base(t)
	for _, c := range []struct{ act, from, want string }{
		{"cut_kec", "at_opd", "kecamatan"}, // the forum pulls back what went on
		{"accept", "at_opd", "forum_opd"},
		{"defer", "accepted", "kabupaten"},
		{"defer", "referred", "referral"},
		{"reinstate_rkpd", "left_out", "rkpd"},
		{"finance_elsewhere", "in_ppas", "apbd"},
		{"correct", "rejected", ""},
	} {
		if got := d.StageOf(d.Transitions[c.act], workflow.State(c.from)); got != c.want {
			t.Errorf("%s in %s belongs to %q, want %q", c.act, c.from, got, c.want)
		}
	}
}

func TestReaches(t *testing.T) {
	d := base(t)
	shut := func(windows string) func(*workflow.Transition, workflow.State) bool {
		return func(t *workflow.Transition, _ workflow.State) bool {
			return !slices.Contains(strings.Fields(windows), t.Window)
		}
	}
	funded, elsewhere := workflow.GoalFunded, workflow.GoalElsewhere
	for _, c := range []struct {
		from  workflow.State
		shut  string
		goals []string
		want  bool
	}{
		{"submitted", "", []string{funded}, true},
		{"submitted", "desa", []string{funded}, false},
		{"submitted", "desa", []string{funded, elsewhere}, true}, // somebody else may always pay
		{"referred", "forum_opd", []string{funded}, false},
		{"referred", "forum_opd", []string{elsewhere}, true},
		{"referred", "forum_opd referral", nil, false},
		{"rejected", "", nil, false}, // remedies are no way to win
		{"merged", "", nil, false},
		{"funded", "desa kecamatan forum_opd kabupaten rkpd ppas apbd execution", []string{funded}, true},
		{"unfinished", "", []string{funded}, true},
		{"below_line_kab", "kabupaten", nil, false},
		{"nowhere", "", nil, false},
	} {
		if got := d.Reaches(c.from, shut(c.shut), c.goals...); got != c.want {
			t.Errorf("from %s with %q shut %v is reached: %v, want %v", c.from, c.shut, c.goals, got, c.want)
		}
	}
	if !d.Reaches("submitted", nil) {
		t.Error("with nothing barred nothing is reached")
	}
	// A merge is a way on where every other way is barred: the parent goes on.
	merges := func(t *workflow.Transition, in workflow.State) bool {
		return in != "at_kecamatan" || t.Effect.Merge != nil || t.Name == "prioritize_kec"
	}
	if !d.Reaches("at_kecamatan", merges, funded) {
		t.Error("a merged proposal does not go on as its parent")
	}
	// A final list bars whoever is below its line, and nobody else.
	final := func(t *workflow.Transition, in workflow.State) bool { return in != "below_line_kec" || t.Rank == nil }
	if d.Reaches("below_line_kec", final, funded) || !d.Reaches("at_kecamatan", final, funded) {
		t.Error("a final list bars the wrong ones")
	}
}

func TestPathIsShortestAndKnowsNoRemedy(t *testing.T) {
	d := base(t)
	if got, want := names(d.Path("submitted", "in_rkpd")), "prioritize_desa prioritize_kec accept agree include_rkpd"; got != want {
		t.Errorf("path is %s, want %s", got, want)
	}
	if got := d.Path("rejected", "funded"); got != nil {
		t.Errorf("path out of an end: %s", names(got))
	}
	if got := d.Path("at_opd", "at_opd"); len(got) != 0 {
		t.Errorf("path to itself: %s", names(got))
	}
}

func TestWayBackGivesBackWhatTheClosingEnded(t *testing.T) {
	d := base(t)
	for _, w := range d.WindowNames() {
		for _, r := range d.Rows(w) {
			back := d.WayBack(r)
			if r.Flag != "" {
				if back != nil {
					t.Errorf("a flag has the way back %s", back.Name)
				}
				continue
			}
			if back == nil || !back.Remedy || back.Window != w || !slices.Contains(back.From, r.To) {
				t.Errorf("%s %s: way back is %+v", w, r.State, back)
			}
		}
	}
	if got := d.WayBack(d.OnWindowClose["apbd"]["late_entry"]); got.Name != "reinstate_late" {
		t.Errorf("a late entry comes back by %s", got.Name)
	}
}

func TestReasonsMeanDifferentThings(t *testing.T) {
	d := base(t)
	for code, want := range map[string]string{
		"KWN-PROV": "not_ours", "PAG-KURANG": "no_money", "KUO-LEBIH": "no_money", "LHN-STATUS": "not_ready", "SDH-ANGGAR": "already_funded",
		"WKT-TUTUP": "nobody_decided", "RJK-DIAM": "nobody_decided", "WKT-LEWAT": "too_late", "ALS-KOSONG": "not_recorded", "PRI-SKOR": "lower_priority",
	} {
		if got := d.Codes[code].Means; got != want {
			t.Errorf("%s means %s, want %s", code, got, want)
		}
	}
	for _, code := range []string{"WKT-TUTUP", "ALS-KOSONG", "RJK-DIAM", "SRC-HILANG", "KMP-HAPUS", "SOTK"} {
		for _, x := range d.All() {
			if d.Chooses(x, code) {
				t.Errorf("a person may choose %s in %s", code, x.Name)
			}
		}
	}
	if !d.Chooses(d.Transitions["reject_opd"], "LHN-MILIK") || d.Chooses(d.Transitions["reject_opd"], "FIS-REFOKUS") || d.Chooses(d.Transitions["accept"], "LNY") {
		t.Error("the lists offer the wrong codes")
	}
	if d.Codes["LNY"].MinWords != 20 {
		t.Error("LNY asks for no explanation")
	}
}

func TestHashIsOfTheMeaning(t *testing.T) {
	d := base(t)
	load := func(text string) *workflow.Definition {
		t.Helper()
		other, err := workflow.Load("other.yaml", []byte(text), vocabulary())
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	if got := load(strings.ReplaceAll(source(t), "\n\n", "\n# another comment\n\n")); got.Hash() != d.Hash() {
		t.Error("a comment changes the hash")
	}
	if got := load(edited(t, "{min: 2, max_depth: 1, parts_start_in: at_opd,", "{parts_start_in: at_opd, max_depth: 1, min: 2,")); got.Hash() != d.Hash() {
		t.Error("the order of keys changes the hash")
	}
	if got := load(edited(t, "max: 3", "max: 4")); got.Hash() == d.Hash() {
		t.Error("a hop more leaves the hash as it was")
	}
	if got := load(edited(t, `en: "Camat (head of kecamatan)"`, `en: "Say \"camat\" \\ é"`)); got.Hash() == d.Hash() || load(string(got.Canonical())).Hash() != got.Hash() {
		t.Error("quotes and accents do not survive the canonical form")
	}
	stored := load(string(d.Canonical()))
	if stored.Hash() != d.Hash() || stored.Pin() != d.Pin() {
		t.Error("what is read back from the canonical form is another definition")
	}
	if x := cmp.Diff(d.Mermaid(workflow.English), stored.Mermaid(workflow.English)); x != "" {
		t.Errorf("it draws another diagram:\n%s", x)
	}
	d.Canonical()[0] = 'x'
	if d.Canonical()[0] != '{' {
		t.Error("the canonical form can be written to")
	}
}

func TestChecksAreNumberedWithoutGaps(t *testing.T) {
	for i, c := range workflow.Checks {
		if c.Number != i+1 || c.Name.ID == "" || c.Name.EN == "" || len(c.When) == 0 {
			t.Errorf("check %d: %+v", i+1, c)
		}
	}
	provoked := map[int]bool{17: true, 20: true, 26: true} // variants, idle parts and stranding have tests of their own
	for _, m := range mutants {
		provoked[m.check] = true
	}
	for _, c := range workflow.Checks {
		if !provoked[c.Number] {
			t.Errorf("no mutant for check %d", c.Number)
		}
	}
}

// Every sentence there is has been read in both languages by some test above.
func TestEverySentenceIsProvoked(t *testing.T) {
	provoked := map[string]bool{"idle": true, "waits_for_ever": true, "product_too_large": true, "and_more": true, "extends_other": true}
	for _, m := range mutants {
		provoked[m.code] = true
	}
	for _, m := range unreadable {
		provoked[m.code] = true
	}
	for _, m := range loosened {
		provoked[m.code] = true
	}
	for _, m := range openings {
		provoked[m.code] = true
	}
	for _, m := range migrations {
		provoked[m.code] = true
	}
	for _, c := range calendars {
		for _, code := range c.want {
			provoked[code] = true
		}
	}
	for code := range workflow.Sentences {
		if !provoked[code] {
			t.Errorf("nothing provokes %s", code)
		}
	}
	for code := range provoked {
		if _, ok := workflow.Sentences[code]; !ok {
			t.Errorf("%s has no sentence", code)
		}
	}
}
