package workflow_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"runut/domain/workflow"
)

// source returns the text of the base definition.
func source(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("musrenbang.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// edited returns the base definition with one text in the place of another,
// which must stand in it once.
func edited(t testing.TB, old, with string) string {
	t.Helper()
	text := source(t)
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("the base definition has %d times, want once:\n%s", n, old)
	}
	return strings.Replace(text, old, with, 1)
}

// block returns the lines of one entry of a section: "  accept:" and what is
// indented under it.
func block(t testing.TB, section, name string) string {
	t.Helper()
	_, text, _ := strings.Cut(source(t), "\n"+section+":\n")
	start := strings.Index("\n"+text, "\n  "+name+":\n")
	if start < 0 {
		t.Fatalf("no %s.%s", section, name)
	}
	lines := strings.SplitAfter(text[start:], "\n")
	n := 1
	for n < len(lines) && strings.HasPrefix(lines[n], "    ") {
		n++
	}
	return strings.Join(lines[:n], "")
}

// A mutant is the base definition with a small slip.
type mutant struct {
	check    int    // whose report comes first
	code     string // what it says
	old, new string // the slip; old stands once in the definition
	in       string // the entry old stands in ("transitions.accept"), where it is not unique by itself
	on       string // what the reported line holds
	also     string // a field the vocabulary has besides: "event.field"; or more edits, "old => new && old => new"
}

var mutants = []mutant{
	{1, "state_unknown", "to: accepted", "to: acepted", "transitions.accept", "to: acepted", ""},
	{1, "stage_unknown", "stage: kecamatan", "stage: kecamatn", "states.returned_kec", "stage: kecamatn", ""},
	{1, "window_unknown", "after: [desa]", "after: [desa, dsa]", "windows.kecamatan", "after: [desa, dsa]", ""},
	{1, "lane_unknown", "when: {lane: pokir}", "when: {lane: pokr}", "", "when: {lane: pokr}", ""},
	{1, "group_unknown", "group: SOTK", "group: SOTX", "", "group: SOTX", ""},
	{1, "meaning_unknown", "FIS: {means: no_money,", "FIS: {means: no_mony,", "", "FIS:", ""},
	{1, "list_unknown", "lists: [own]", "lists: [own, won]", "reasons.PGS-TARIK", "lists: [own, won]", ""},
	{1, "initial_is_end", "initial: none", "initial: rejected", "", "initial: rejected", ""},
	{1, "back_to_initial", "to: at_kecamatan", "to: none", "transitions.revise_kec", "to: none", ""},
	{1, "state_without_stage", "    stage: rkpd\n", "", "states.agreed", "agreed:", ""},
	{1, "end_with_stage", "final: withdrawn\n", "final: withdrawn\n    stage: desa\n", "", "stage: desa", ""},
	{1, "stage_of_other_window", "when: {stage: kabupaten}", "when: {stage: rkpd}", "transitions.reject_kab", "when: {stage: rkpd}", ""},
	{1, "start_not_open", "parent_starts_in: at_opd", "parent_starts_in: merged", "", "parent_starts_in: merged", ""},

	{2, "unreachable", "  late_entry:\n    stage: apbd\n", "  limbo:\n    stage: apbd\n    title: {id: Limbo, en: Limbo}\n  late_entry:\n    stage: apbd\n", "", "limbo:", ""},
	{3, "never_ends", "    mandatory: true\n\n  # Kecamatan:", "    mandatory: true\n  forget:\n    title: {id: Lupakan, en: Forget}\n    from: [submitted]\n    to: none2\n    event: verified\n    by: [camat]\n\n  # Kecamatan:", "", "none2:", "states:\n  none: => states:\n  none2:\n    stage: desa\n    title: {id: Buntu, en: Dead end}\n  none:"},
	{4, "leaves_end", "    remedy: true\n", "", "transitions.reinstate_desa", "from: [rejected, lapsed, left_out]", ""},
	{4, "remedy_from_open", "    decides: true\n", "    decides: true\n    remedy: true\n", "transitions.accept", "from: [at_opd]", ""},
	{5, "act_window_unknown", "window: forum_opd", "window: forum", "transitions.accept", "window: forum", ""},
	{5, "never_possible", "from: any", "from: []", "transitions.redact", "from: []", ""},
	{5, "nobody_may", "by: [opd_head]", "by: []", "transitions.accept", "by: []", ""},
	{6, "ambiguous", `when: {answer: "no"}`, `when: {answer: "yes"}`, "", "answer_yes:", ""},
	{6, "ambiguous", `when: {answer: "no", late: "true"}`, `when: {answer: "yes"}`, "", "answer_late_yes:", ""}, // a late yes is a yes as well
	{6, "row_ambiguous", "to: left_out", "to: rejected", "transitions.leave_apbd", "in_ppas: {to: left_out", ""},
	{7, "event_unknown", "event: accepted_by_opd", "event: accepted", "", "event: accepted", ""},
	{7, "field_unknown", "need: [physical, financial]", "need: [physical, spiritual]", "", "need: [physical, spiritual]", ""},
	{7, "guard_unknown", "guard: [fate_lost]", "guard: [fate_found]", "", "guard: [fate_found]", ""},
	{8, "event_unused", "ENTRY transitions.align", "", "", "transitions:", ""},
	{9, "hangs", "    returned_opd: {to: lapsed, event: lapsed, kind: omission, reason: WKT-TUTUP}\n", "", "", "returned_opd:", ""},
	{9, "row_window_unknown", "  objection:\n    \"flag:", "  objections:\n    \"flag:", "", "flag:objection", ""},
	{9, "row_on_end", "  execution:\n    funded:", "  execution:\n    completed: {to: unfinished, event: unfinished, kind: omission}\n    funded:", "", "completed:", ""},
	{9, "row_does_not_end", "returned_kec: {to: lapsed,", "returned_kec: {to: at_opd,", "", "returned_kec: {to: at_opd,", ""},
	{10, "window_after_itself", "after: [forum_opd]", "after: [forum_opd, rkpd]", "windows.kabupaten", "after: [forum_opd, rkpd]", ""},
	{10, "against_stages", "    stage: desa\n", "    stage: desa\n    after: [pokir]\n", "windows.desa", "after: [pokir]", ""},
	{10, "may_end_before", "    after: [desa]\n", "", "windows.kecamatan", "kecamatan:", ""},
	{11, "role_unknown", "by: [opd_head]", "by: [opd_head, opd_boss]", "transitions.accept", "by: [opd_head, opd_boss]", ""},
	{11, "enters_and_decides", "by: [opd_head]", "by: [opd_head, planner]", "transitions.accept", "by: [opd_head, planner]", ""},
	{11, "decision_undeclared", "    decides: true\n", "", "transitions.reject_opd", "reject_opd:", ""},
	{12, "reason_list_empty", "reason: fiscal", "reason: fiskal", "", "reason: fiskal", ""},
	{12, "loss_without_reason", "    reason: reject\n", "", "transitions.reject_kab", "reject_kab:", ""},
	{12, "loss_without_evidence", "need: [forum]", "need: [reason]", "transitions.reject_opd", "reject_opd:", ""},
	{12, "row_without_reason", "at_secretariat: {to: lapsed, event: lapsed, kind: omission, reason: WKT-TUTUP}", "at_secretariat: {to: lapsed, event: lapsed, kind: omission}", "", "at_secretariat:", ""},
	{12, "code_unknown", "kind: omission, reason: RJK-DIAM", "kind: omission, reason: RJK-DIEM", "", "RJK-DIEM", ""},
	{13, "fate_follows_nobody", "    fate_follows: parts\n", "", "", "split:", ""},
	{13, "no_outcome", "outcome: deferred", "outcome: withdrawn", "", "deferred:", ""},
	{13, "goal_without_outcome", "    goal: funded\n    outcome: funded\n", "    goal: funded\n    outcome: elsewhere\n", "states.funded", "funded:", ""},
	{13, "merge_of_one", "merge: {min: 2, max_depth: 2, parent_starts_in: at_opd,", "merge: {min: 1, max_depth: 2, parent_starts_in: at_opd,", "", "min: 1", ""},
	{13, "split_in_one", "split: {min: 2,", "split: {min: 1,", "", "min: 1", ""},
	{13, "absorbed_alone", "to: rejected", "to: split", "transitions.reject_kab", "to: split", ""},
	{13, "absorbs_nobody", "to: merged", "to: withdrawn", "transitions.merge_kec", "to: withdrawn", ""},
	{14, "split_unbounded", "max_depth: 1, ", "", "transitions.split", "split: {min: 2", ""},
	{14, "transfer_unbounded", "max: 3", "max: 0", "transitions.transfer", "max: 0", ""},
	{14, "unbounded_loop", "    max_visits: 2\n", "", "states.referred", "at_opd:", ""},
	{15, "carry_over_to_same_year", "cycle: 1\n", "cycle: 0\n", "", "cycle: 0", ""},
	{15, "lane_without_start", "          pokir: at_secretariat\n", "", "", "starts_in:", ""},
	{16, "no_counter", "rank: {scope: opd, cutoff: ceiling}", "rank: {scope: province, cutoff: ceiling}", "transitions.agree", "rank: {scope: province", ""},
	{16, "rank_without_list", "need: [list, forum]", "need: [forum]", "transitions.agree", "rank:", ""},
	{18, "version_not_positive", "version: 1", "version: 0", "", "version: 0", ""},
	{19, "label_missing", `title: {id: "Camat", en: "Camat (head of kecamatan)"}`, `title: {en: "Camat (head of kecamatan)"}`, "", "title: {en:", ""},
	{19, "label_twice", `title: {id: "Diterima OPD",`, `title: {id: "Dibahas OPD",`, "", "Dibahas OPD", ""},
	{21, "circular_evidence", "need: [forum, sub_kegiatan, volume, estimate]", "need: [forum, sub_kegiatan, volume, estimate, berita_acara]", "", "berita_acara", "accepted_by_opd.berita_acara"},
	{22, "no_way_back", "ENTRY transitions.reinstate_ref", "", "", "referred:", ""},
	{23, "flag_never_cleared", "    clear: objection\n", "", "transitions.answer_objection", "raise: objection", ""},
	{23, "flag_outlives_window", "  objection:\n    \"flag:objection\": {event: objection_answered, when: {result: unanswered}, clear: objection, kind: omission}\n", "", "", "raise: objection", ""},
	{23, "flag_never_raised", "    raise: objection\n", "", "", "clear: objection", ""},
	{23, "flag_row_clears_nothing", "clear: objection, kind: omission}", "kind: omission}", "", "flag:objection", ""},
	{24, "kind_and_reason", "below_line_kab: {to: left_out, event: left_out, when: {stage: kabupaten}, kind: rule,", "below_line_kab: {to: left_out, event: left_out, when: {stage: kabupaten}, kind: omission,", "", "below_line_kab:", ""},
	{24, "system_claims", "when: {stage: rkpd}, kind: omission, reason: ALS-KOSONG", "when: {stage: rkpd}, kind: omission, reason: PAG-KURANG", "", "agreed:", ""},
	{24, "act_uses_engine_list", "reason: fiscal", "reason: line", "", "reason: line", ""},
	{24, "system_code_offered", "lists: [silent]", "lists: [silent, reject]", "reasons.WKT-TUTUP", "lists: [silent, reject]", ""},
	// The budget's closing leaves who is in the ceilings to the end of the year.
	{25, "row_on_other_window", "    in_ppas: {to: left_out, event: left_out, when: {stage: apbd}, kind: omission, reason: ALS-KOSONG}\n", "", "", "in_ppas: {to",
		"  execution:\n    funded: {to: =>   execution:\n    in_ppas: {to: left_out, event: left_out, when: {stage: apbd}, kind: omission, reason: ALS-KOSONG}\n    funded: {to:" +
			" && when: {resume: in_ppas}\n    by: [tapd]\n    window: apbd => when: {resume: in_ppas}\n    by: [tapd]\n    window: execution"},
	{27, "parent_gone", "to: rejected", "to: dissolved", "transitions.reject_kab", "merge_kec:", ""},
}

// text returns the mutant's document.
func (m mutant) text(t *testing.T) string {
	old, with := m.old, m.new
	if entry, ok := strings.CutPrefix(old, "ENTRY "); ok {
		section, name, _ := strings.Cut(entry, ".")
		old = block(t, section, name)
	} else if m.in != "" {
		section, name, _ := strings.Cut(m.in, ".")
		whole := block(t, section, name)
		if n := strings.Count(whole, old); n != 1 {
			t.Fatalf("%s has %d times, want once: %s", m.in, n, old)
		}
		old, with = whole, strings.Replace(whole, old, with, 1)
	}
	text := edited(t, old, with)
	for edit := range strings.SplitSeq(m.also, " && ") {
		old, with, ok := strings.Cut(edit, " => ")
		if !ok {
			continue
		}
		if n := strings.Count(text, old); n != 1 {
			t.Fatalf("%d times, want once: %s", n, old)
		}
		text = strings.Replace(text, old, with, 1)
	}
	return text
}

// defects returns what is wrong with a document, warnings where it is usable.
func defects(t *testing.T, d *workflow.Definition, err error) workflow.Defects {
	t.Helper()
	if err == nil {
		return d.Warnings
	}
	var found workflow.Defects
	if !errors.As(err, &found) {
		t.Fatalf("error is %T %v, want Defects", err, err)
	}
	if d != nil {
		t.Error("an unsound definition was returned")
	}
	return found
}

func TestEachSlipIsReportedFirstByItsOwnCheck(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.code, func(t *testing.T) {
			t.Parallel()
			v := vocabulary()
			if event, field, ok := strings.Cut(m.also, "."); ok {
				v.Events[event] = append(v.Events[event], field)
			}
			text := m.text(t)
			d, err := workflow.Load("slip.yaml", []byte(text), v)
			found := defects(t, d, err)
			if len(found) == 0 {
				t.Fatal("not noticed")
			}
			first := found[0]
			if first.Check != m.check || first.Code != m.code || first.Warning {
				t.Errorf("first report is\n%s\nwant check %d, %s; all:\n%v", first, m.check, m.code, found)
			}
			reported(t, first, "slip.yaml", text, m.on)
		})
	}
}

// reported checks that a defect names a line that holds on, and has a whole
// sentence in both languages.
func reported(t *testing.T, x workflow.Defect, file, text, on string) {
	t.Helper()
	if x.File != file {
		t.Errorf("file is %s, want %s", x.File, file)
	}
	if on != "" {
		lines := strings.Split(text, "\n")
		if x.Line < 1 || x.Line > len(lines) || !strings.Contains(lines[x.Line-1], on) {
			t.Errorf("line %d is reported, want one that holds %q", x.Line, on)
		}
	}
	for _, lang := range []string{workflow.Indonesian, workflow.English} {
		s := x.Sentence(lang)
		if s == "" || strings.ContainsAny(s, "{}") && !strings.Contains(s, "{…}") || strings.Contains(s, "“”") || strings.Contains(s, "  ") {
			t.Errorf("%s sentence of %s is not whole: %q", lang, x.Code, s)
		}
	}
	if x.Sentence(workflow.Indonesian) == x.Sentence(workflow.English) {
		t.Errorf("%s says the same in both languages: %s", x.Code, x.Sentence(workflow.English))
	}
}

func TestSeveralSlipsAreReportedAtOnce(t *testing.T) {
	text := source(t)
	want := map[string]bool{}
	for _, m := range mutants[:3] {
		whole := block(t, strings.Split(m.in, ".")[0], strings.Split(m.in, ".")[1])
		text = strings.Replace(text, whole, strings.Replace(whole, m.old, m.new, 1), 1)
		want[m.code] = true
	}
	d, err := workflow.Load("slips.yaml", []byte(text), vocabulary())
	for _, x := range defects(t, d, err) {
		delete(want, x.Code)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestIdlePartsAreWarnedOfOnly(t *testing.T) {
	for _, m := range []struct{ old, new, on, also string }{
		{"lanes:\n", "lanes:\n  surat: {id: Surat, en: Letter}\n", "surat:", "          surat: at_kecamatan\n"},
		{"roles:\n", "roles:\n  bystander: {scope: village, title: {id: Penonton, en: Bystander}}\n", "bystander:", ""},
		{"\nwindows:\n", "\nwindows:\n  spare: {scope: village, stage: desa, title: {id: Cadangan, en: Spare}}\n", "spare:", ""},
		{"\nstages:\n", "\nstages:\n  spare: {order: 200, title: {id: Cadangan, en: Spare}}\n", "spare:", ""},
		{"reason_lists:\n", "reason_lists:\n  spare: {title: {id: Cadangan, en: Spare}}\n", "spare:", ""},
		{"reason_groups:\n", "reason_groups:\n  XXX: {means: other, title: {id: Cadangan, en: Spare}}\n", "XXX:", ""},
		{"reason_meanings:\n", "reason_meanings:\n  spare: {id: Cadangan, en: Spare}\n", "spare:", ""},
		{"\nreasons:\n", "\nreasons:\n  LNY-X: {group: LNY, lists: [], title: {id: Cadangan, en: Spare}}\n", "LNY-X:", ""},
	} {
		text := strings.Replace(edited(t, m.old, m.new), "          pokir: at_secretariat\n", "          pokir: at_secretariat\n"+m.also, 1)
		d, err := workflow.Load("idle.yaml", []byte(text), vocabulary())
		if err != nil {
			t.Errorf("%s: refused: %v", m.on, err)
			continue
		}
		if len(d.Warnings) != 1 || d.Warnings[0].Check != 20 || d.Warnings[0].Code != "idle" || !d.Warnings[0].Warning {
			t.Errorf("%s: warnings are %v, want one of check 20", m.on, d.Warnings)
			continue
		}
		reported(t, d.Warnings[0], "idle.yaml", text, m.on)
	}
}

func TestTheBaseDefinitionIsSound(t *testing.T) {
	if d := base(t); len(d.Warnings) > 0 {
		t.Errorf("warnings: %v", d.Warnings)
	}
}

func TestWithoutTheGuardSomebodyWaitsForEver(t *testing.T) {
	found := workflow.Unguarded(base(t))
	if len(found) == 0 || found[0].Code != "waits_for_ever" {
		t.Fatalf("found %v, want somebody who waits for ever: the guard would be needless", found)
	}
	reported(t, found[0], "musrenbang.yaml", source(t), "merge_kec:")
}
