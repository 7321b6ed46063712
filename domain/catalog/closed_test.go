package catalog_test

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/person"
	"runut/domain/reference"
	"runut/domain/workflow"
)

// goName returns "forum.Entry" for a Go type.
func goName(t reflect.Type) string { return path.Base(t.PkgPath()) + "." + t.Name() }

func TestWhateverCanHappenIsDeclared(t *testing.T) {
	declared := make(map[string]bool)
	for typ := range catalog.Events.All() {
		declared[goName(typ.Go())] = true
	}
	can := readSource(t).evolves
	for name := range can {
		if !declared[name] {
			t.Errorf("%s can happen and is not declared", name)
		}
	}
	for name := range declared {
		if !can[name] {
			t.Errorf("%s is declared and changes nothing: it has no evolve method", name)
		}
	}
	if len(can) < 80 {
		t.Errorf("only %d events were found in the source", len(can))
	}
}

// Participles that do not end in -ed, and the few names that say a fact in
// another form.
var irregular = []string{"split", "left_out", "withdrawn", "given", "set", "sent", "source_found", "source_missing", "below_cutoff"}

func TestStoredNamesAreNounAndParticiple(t *testing.T) {
	for typ := range catalog.Events.All() {
		noun, participle, _ := strings.Cut(typ.Name, ".")
		if _, ok := catalog.Nouns[noun]; !ok {
			t.Errorf("%s: nobody says what a %s is", typ.Name, noun)
		}
		regular := slices.ContainsFunc(strings.Split(participle, "_"), func(w string) bool { return strings.HasSuffix(w, "ed") })
		odd := slices.ContainsFunc(irregular, func(w string) bool { return participle == w || strings.HasSuffix(participle, "_"+w) })
		if !regular && !odd {
			t.Errorf("%s does not say what happened", typ.Name)
		}
	}
}

func TestEveryEventHasATerm(t *testing.T) {
	for typ := range catalog.Events.All() {
		term, ok := catalog.Terms[typ.Name]
		if !ok || term.ID == "" || term.EN == "" || !strings.HasSuffix(term.Means.ID, ".") || !strings.HasSuffix(term.Means.EN, ".") {
			t.Errorf("%s has no complete term: %+v", typ.Name, term)
		}
	}
	seen := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(catalog.Terms)) {
		if _, ok := catalog.Events.Named(name); !ok {
			t.Errorf("there is a term for %s, which cannot happen", name)
		}
		noun, _, _ := strings.Cut(name, ".")
		word := noun + " " + catalog.Terms[name].ID
		if other, twice := seen[word]; twice {
			t.Errorf("%s and %s are both called %q", name, other, catalog.Terms[name].ID)
		}
		seen[word] = name
	}
	if d := slices.Sorted(slices.Values(catalog.NounOrder)); !slices.Equal(d, slices.Sorted(maps.Keys(catalog.Nouns))) {
		t.Errorf("NounOrder and Nouns differ: %v", d)
	}
}

func TestEveryMemberHasWords(t *testing.T) {
	source := readSource(t)
	used := make(map[string]bool)
	for _, s := range structs() {
		for f := range s.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous {
				continue
			}
			owner := goName(s)
			if name == "" || name != strings.ToLower(name) {
				t.Errorf("%s.%s has the JSON name %q", owner, f.Name, name)
			}
			if owner == "proposal.Amendment" {
				if _, ok := catalog.Terms["proposal."+name]; !ok {
					t.Errorf("%s can be amended and has no term", name)
				}
				continue
			}
			words, ok := catalog.FieldOf(owner, name)
			if !ok || words.ID == "" || words.EN == "" {
				t.Errorf("%s.%s has no words", owner, name)
			}
			key := owner + "." + name
			if _, own := catalog.Fields[key]; !own {
				key = name
			}
			used[key] = true
		}
	}
	for name := range catalog.Fields {
		if !used[name] {
			t.Errorf("there are words for %s, which stands in no event", name)
		}
	}
	known := make(map[string]bool)
	for _, s := range catalog.Shapes {
		known[s.Go] = true
		if s.ID == "" || !strings.HasSuffix(s.Means, ".") || source.docs[s.Go] == "" {
			t.Errorf("the shape %s is not explained in both languages", s.Go)
		}
	}
	for _, s := range structs() {
		if name := goName(s); !known[name] && !isEvent(s) {
			t.Errorf("the shape %s has no words", name)
		}
		delete(known, goName(s))
	}
	for name := range known {
		t.Errorf("there are words for the shape %s, which stands in no event", name)
	}
}

func isEvent(t reflect.Type) bool {
	_, ok := catalog.Events.Of(reflect.New(t).Interface())
	return ok
}

// structs returns the structs of all events and of what stands in them, each
// once. Texts and secrets are none: they stand beside the record.
func structs() []reflect.Type {
	var out []reflect.Type
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		beside := t == reflect.TypeFor[domain.Text]() || t == reflect.TypeFor[domain.Secret]()
		if t.Kind() != reflect.Struct || !strings.HasPrefix(t.PkgPath(), "runut/") || beside || slices.Contains(out, t) {
			return
		}
		out = append(out, t)
		for f := range t.Fields() {
			visit(f.Type)
		}
	}
	for typ := range catalog.Events.All() {
		visit(typ.Go())
	}
	return out
}

// The names of roles and stages that the deciders write out are those of the
// workflow that comes with the program, or standing roles.
func TestDecidersNameWhatTheWorkflowKnows(t *testing.T) {
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	known := func(where string, roles ...domain.Role) {
		for _, r := range roles {
			_, standing := grant.Standing[r]
			if d.Roles[r] == nil && !standing {
				t.Errorf("%s names the role %s, which nobody can be given", where, r)
			}
		}
	}
	for name, duty := range cycle.Duties {
		known(name, duty.Roles...)
	}
	for name, kind := range forum.Kinds {
		known(name, kind.Keeps...)
		for _, stage := range kind.Stages {
			if d.Stages[stage] == nil {
				t.Errorf("%s decides in the stage %s, which the workflow lacks", name, stage)
			}
		}
		for _, r := range kind.Keeps {
			scope := d.Roles[r].Scope
			fits := slices.ContainsFunc(kind.Scopes, func(k domain.ScopeKind) bool {
				return forum.Within(domain.Scope{Kind: scope, Code: "99.01.03"}, domain.Scope{Kind: k, Code: "99.01.03"})
			})
			if !fits {
				t.Errorf("%s is kept by %s, whose scope never holds it", name, r)
			}
		}
	}
	known("forum.Correctors", forum.Correctors...)
	known("forum.Seconds", forum.Seconds...)
	known("grant.Givers", grant.Givers...)
	known("grant.Seconds", grant.Seconds...)
	for purpose, roles := range person.Registrars {
		known("person.Registrars "+purpose, roles...)
	}
	known("person.Openers", person.Openers...)
	known("person.Readers", person.Readers...)
	for name, roles := range delivery.Duties {
		known(name, roles...)
	}
	known("reference.Publishers", reference.Publishers...)
	for role := range grant.Standing {
		if r := d.Roles[role]; r != nil && r.Scope != grant.Standing[role] {
			t.Errorf("%s is held for %s in the workflow, for %s by standing", role, r.Scope, grant.Standing[role])
		}
	}
}
