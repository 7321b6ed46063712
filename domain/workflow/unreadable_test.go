package workflow_test

import (
	"strings"
	"testing"

	"runut/domain/workflow"
)

// unreadable are documents that cannot be taken for a definition, each with
// what is said first and on which line.
var unreadable = []struct {
	name, code string
	text       string // "" for the base definition with old replaced by new
	old, new   string
	line       int
	on         string // what the line holds, where it is not counted
}{
	{name: "nothing", code: "empty", text: "# nothing here\n"},
	{name: "a list", code: "not_a_map", text: "- a\n- b\n", line: 1},
	{name: "not YAML", code: "syntax", text: "workflow: musrenbang\nversion: [1\nstatus: draft\n", line: 2},
	{name: "colon in the middle", code: "syntax", text: "workflow: x\ntitle: a: b\n", line: 2},
	{name: "tab", code: "tab", text: "roles:\n  camat:\n\t  scope: kecamatan\n", line: 3},
	{name: "tabs on two lines", code: "tab", text: "roles:\n\tcamat:\n\t\tscope: kecamatan\n", line: 2},
	{name: "broken letters", code: "not_utf8", text: "workflow: x\ntitle: \xff\xfe\n", line: 2},
	{name: "a second document", code: "second_document", text: "workflow: x\n---\nworkflow: y\n", line: 2},
	{name: "an anchor", code: "anchor", old: "after: [desa]", new: "after: &d [desa]", on: "&d"},
	{name: "an alias", code: "anchor", text: "workflow: x\nlegal: &l [a]\nstages: *l\n", line: 2},
	{name: "an alias to nothing", code: "alias", text: "workflow: x\nstages: *l\n", line: 2},
	{name: "a merge key", code: "key_not_text", text: "workflow: x\n<<: {version: 1}\n", line: 2},
	{name: "a tag", code: "tag", text: "workflow: !!binary aGFsbG8=\n", line: 1},
	{name: "a key that is a number", code: "key_not_text", text: "workflow: x\nroles:\n  7: {}\n", line: 3},
	{name: "a key that is a list", code: "key_not_text", text: "workflow: x\nroles:\n  ? [a]\n  : b\n", line: 3},
	{name: "a bell", code: "control_character", text: "workflow: x\ntitle: {id: \"a\\ab\", en: b}\n", line: 2},
	{name: "two lines of text", code: "control_character", text: "workflow: x\ntitle:\n  en: b\n  id: |\n    a\n    b\n", line: 4},
	{name: "too deep", code: "too_deep", text: "workflow: x\nlegal: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", line: 2},
	{name: "far too deep", code: "syntax", text: "legal: " + strings.Repeat("[", 20000), line: 1},
	{name: "too large", code: "too_large", text: "workflow: x\n" + strings.Repeat("# a comment that goes on and on\n", 40000)},
	{name: "billion laughs", code: "anchor", text: laughs(), line: 1},

	{name: "a key with a slip", code: "unknown_key_near", old: "    mandatory: true\n\n  # Kecamatan", new: "    mandatori: true\n\n  # Kecamatan", on: "mandatori"},
	{name: "an unknown section", code: "unknown_key", old: "\nlanes:", new: "\nhighways: {}\nlanes:", on: "highways:"},
	{name: "a key given twice", code: "duplicate_key", old: "by: [head_of_planning, importer]\n", new: "by: [head_of_planning, importer]\n    by: [tapd]\n", on: "    by: [tapd]"},
	{name: "a state given twice", code: "duplicate_key", old: "  late_entry:\n    stage: apbd\n", new: "  late_entry:\n    stage: apbd\n  agreed:\n    stage: apbd\n", on: "agreed:"},
	{name: "a key left out", code: "missing_key", old: "event: carried_over\n    by: [opd_planner]", new: "by: [opd_planner]", on: "carry_unfinished:"},
	{name: "a section left out", code: "missing_key", text: "workflow: x\nversion: 1\n", line: 1},
	{name: "a name with capitals", code: "name_form", old: "  late_entry:\n    stage", new: "  Late-Entry:\n    stage", on: "Late-Entry:"},
	{name: "a key nobody would guess", code: "unknown_key", old: "    observes: true\n", new: "    observes: true\n    colour: red\n", on: "colour"},
	{name: "a code in small letters", code: "name_form", old: "  RJK-DIAM:\n", new: "  rjk-diam:\n", on: "rjk-diam:"},
	{name: "a word for a list", code: "wrong_type", old: "by: [head_of_planning, importer]", new: "by: head_of_planning", on: "by: head_of_planning"},
	{name: "nothing after a key", code: "wrong_type", old: "by: [head_of_planning, importer]", new: "by:", on: "by:"},
	{name: "a word for a number", code: "wrong_type", old: "    max_visits: 3\n", new: "    max_visits: thrice\n", on: "thrice"},
	{name: "half a visit", code: "wrong_type", old: "    max_visits: 3\n", new: "    max_visits: 3.5\n", on: "3.5"},
	{name: "a negative number", code: "wrong_type", old: "    max_visits: 3\n", new: "    max_visits: -3\n", on: "-3"},
	{name: "a huge number", code: "wrong_type", old: "    max_visits: 3\n", new: "    max_visits: 99999999999999999999\n", on: "999999"},
	{name: "a word for a truth", code: "wrong_type", old: "    observes: true\n", new: "    observes: yes\n", on: "observes: yes"},
	{name: "a truth without quotes", code: "quote_it", old: `{answer: "yes", late: "true"}`, new: `{answer: "yes", late: true}`, on: "late: true}"},
	{name: "a code wilayah without quotes", code: "quote_it", old: "\ninitial: none", new: "\nkabupaten: 64.08\ninitial: none", on: "kabupaten: 64.08"},
	{name: "a kind of end there is not", code: "not_one_of", old: "final: withdrawn\n", new: "final: gone\n", on: "final: gone"},
	{name: "a word for many states there is not", code: "not_one_of", old: "from: open\n    to: \"=\"\n    event: aligned", new: "from: all\n    to: \"=\"\n    event: aligned", on: "from: all"},
	{name: "a role named twice", code: "listed_twice", old: "by: [head_of_planning, importer]", new: "by: [importer, importer]", on: "by: [importer, importer]"},
	{name: "a list without end", code: "too_many", old: "by: [head_of_planning, importer]", new: "by: [" + strings.Repeat("x, ", 300) + "x]", on: "by: [x"},
	{name: "two effects", code: "one_effect", old: "    effect:\n      split:", new: "    effect:\n      transfer: {attribute: opd, max: 3}\n      split:", on: "effect:"},
}

// laughs returns a document that would grow to a billion words.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n")
	for i := range 9 {
		c := string(rune('0' + i))
		n := string(rune('1' + i))
		b.WriteString("a" + n + ": &a" + n + " [" + strings.TrimSuffix(strings.Repeat("*a"+c+", ", 10), ", ") + "]\n")
	}
	return b.String()
}

func TestUnreadableDocumentsSayWhereAndWhy(t *testing.T) {
	for _, m := range unreadable {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			text := m.text
			if text == "" {
				text = edited(t, m.old, m.new)
			}
			d, err := workflow.Load("broken.yaml", []byte(text), vocabulary())
			found := defects(t, d, err)
			if len(found) == 0 {
				t.Fatal("accepted")
			}
			first := found[0]
			if first.Check != 0 || first.Code != m.code {
				t.Errorf("first report is %s\nwant %s", first, m.code)
			}
			if m.on == "" && first.Line != m.line {
				t.Errorf("line is %d, want %d: %s", first.Line, m.line, first)
			}
			reported(t, first, "broken.yaml", text, m.on)
		})
	}
}

// Whoever hands in a million slips does not get a million sentences back.
func TestALongReportIsCut(t *testing.T) {
	d, err := workflow.Load("broken.yaml", []byte("workflow: x\n"+strings.Repeat("colour: red\n", 10000)), vocabulary())
	found := defects(t, d, err)
	if len(found) != 501 {
		t.Fatalf("%d defects, want 500 and a last line", len(found))
	}
	if last := found[500]; last.Code != "and_more" || !strings.Contains(last.Sentence(workflow.English), " 9") {
		t.Errorf("last line is %s", last)
	}
	reported(t, found[500], "broken.yaml", "", "")
}

func TestEveryTabIsReported(t *testing.T) {
	d, err := workflow.Load("broken.yaml", []byte("roles:\n\tcamat:\n\t\tscope: kecamatan\n"), vocabulary())
	if found := defects(t, d, err); len(found) != 2 || found[1].Line != 3 {
		t.Errorf("found %v, want both lines", found)
	}
}

// FuzzLoad: no document makes Load panic or run on, and whatever it accepts
// reads back from its canonical form as the same definition.
func FuzzLoad(f *testing.F) {
	for _, m := range unreadable {
		if len(m.text) < 2000 {
			f.Add([]byte(m.text))
		}
	}
	f.Add([]byte(source(f)))
	v := vocabulary()
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, err := workflow.Load("fuzz.yaml", doc, v)
		if err != nil {
			defects(t, d, err)
			return
		}
		again, err := workflow.Load("fuzz.json", d.Canonical(), v)
		if err != nil || again.Hash() != d.Hash() {
			t.Fatalf("read back: %v", err)
		}
	})
}
