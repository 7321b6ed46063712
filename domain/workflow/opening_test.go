package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"runut/domain/workflow"
)

// openings are definitions that a cycle cannot pin after the base.
var openings = []struct {
	code     string
	old, new string
	check    int
}{
	{"not_published", "status: published", "status: draft", 18},
	{"version_not_raised", "en: \"Camat (head of kecamatan)\"", "en: \"Camat\"", 18},
	{"next_without_lane", "kiprah_desa", "kunjungan", 15},
	{"next_without_state", "at_secretariat", "at_office", 15},
}

func TestOpeningRefuses(t *testing.T) {
	b := base(t)
	for _, m := range openings {
		next, err := workflow.Load("next.yaml", []byte(strings.ReplaceAll(source(t), m.old, m.new)), vocabulary())
		if err != nil {
			t.Errorf("%s: %v", m.code, err)
			continue
		}
		found := workflow.CheckOpening(b, next)
		i := slices.IndexFunc(found, func(x workflow.Defect) bool { return x.Code == m.code })
		if i < 0 || found[i].Check != m.check {
			t.Errorf("found %v, want %s", found, m.code)
			continue
		}
		reported(t, found[i], "next.yaml", "", "")
	}
	if found := workflow.CheckOpening(b, b); found != nil {
		t.Errorf("the same definition again: %v", found)
	}
	if found := workflow.CheckOpening(nil, b); found != nil {
		t.Errorf("the first cycle: %v", found)
	}
	next, err := workflow.Load("next.yaml", []byte(strings.Replace(edited(t, "version: 1", "version: 2"), "Camat (head", "Head", 1)), vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	if found := workflow.CheckOpening(b, next); found != nil {
		t.Errorf("the next version: %v", found)
	}
}

// migrations are maps of states that lose somebody.
var migrations = []struct {
	code     string
	from, to workflow.State // "" for a state left out
}{
	{"map_misses_state", "agreed", ""},
	{"map_to_unknown", "agreed", "agred"},
	{"map_changes_fate", "agreed", "rejected"},
	{"map_changes_fate", "rejected", "deferred"},
	{"map_changes_fate", "none", "submitted"},
}

func TestMigrationMapsAreTotal(t *testing.T) {
	d := base(t)
	same := map[workflow.State]workflow.State{}
	for s := range d.States {
		same[s] = s
	}
	if found := workflow.CheckMigration(d, d, same); found != nil {
		t.Errorf("to itself: %v", found)
	}
	for _, m := range migrations {
		states := map[workflow.State]workflow.State{}
		for s := range d.States {
			states[s] = s
		}
		states[m.from] = m.to
		if m.to == "" {
			delete(states, m.from)
		}
		found := workflow.CheckMigration(d, d, states)
		if len(found) != 1 || found[0].Code != m.code || found[0].Check != 18 {
			t.Errorf("%s → %s: found %v, want %s", m.from, m.to, found, m.code)
			continue
		}
		reported(t, found[0], "musrenbang.yaml", "", "")
	}
}

func TestLineageMayNotCloseACircle(t *testing.T) {
	into := map[string][]string{"a": {"p"}, "b": {"p"}, "p": {"q"}, "q": {"elsewhere"}}
	parents := func(n string) []string { return into[n] }
	for _, m := range []struct {
		child, parent string
		want          bool
	}{
		{"c", "p", false}, {"q", "a", true}, {"q", "p", true}, {"p", "p", true}, {"a", "q", false}, {"x", "never heard of", false},
	} {
		if got := workflow.Circular(m.child, m.parent, parents); got != m.want {
			t.Errorf("joining %s to %s closes a circle: %v, want %v", m.child, m.parent, got, m.want)
		}
	}
}
