package workflow

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// Resolve reads a kabupaten's variant of base and returns the definition it
// resolves to, checked like any other. A variant is a document of its own:
//
//	workflow: musrenbang-contoh
//	version: 1
//	status: published
//	extends: musrenbang@1#<hash of the base>
//	kabupaten: "99.01"
//	title: {id: …, en: …}
//	patch:
//	  transitions:
//	    reject_opd: {need: [forum, document]}   # asks for more
//	    submit_kiprah: null                     # does without
//
// The patch is a JSON Merge Patch (RFC 7396) over the base's maps: what it
// names is replaced, null removes, lists are replaced whole. It may set
// windows, quotas, needs, reason codes, words and optional transitions; check
// 17 holds what it may not. The result carries extends and kabupaten in its own
// hash, so a pinned variant is told from its base for ever.
func Resolve(base *Definition, file string, doc []byte, v Vocabulary) (*Definition, error) {
	root, found := parse(file, doc)
	if found != nil {
		found.sort()
		return nil, found.first()
	}
	head, patch, found := readVariant(root)
	if found == nil {
		found = variantFits(base, head, root, patch)
	}
	if found != nil {
		found.sort()
		return nil, found.first()
	}
	merged := merge(base.source, patch)
	for _, key := range []string{"workflow", "version", "status", "title", "extends", "kabupaten"} {
		if n := root.get(key); n != nil {
			_, line := root.place(key)
			merged.set(pair{key, line, n})
		}
	}
	d, found := read(merged)
	if found == nil {
		found = append(check(d, v), keptFrom(base, d, root)...)
	}
	return finish(d, found)
}

// readVariant reads the frame of a variant.
func readVariant(root *node) (head Definition, patch *node, found Defects) {
	head.source = root
	r := &reader{d: &head}
	r.object(fields{
		"workflow!":  r.words(&head.Name),
		"version!":   r.number(&head.Version),
		"status!":    r.words(&head.Status),
		"title":      r.label(&head.Title),
		"extends!":   r.words(&head.Extends),
		"kabupaten!": r.words(&head.Kabupaten),
		"patch!": func(path string, n *node) {
			if r.want(n, path, table, "{…}") {
				patch = n
			}
		},
	})("", root)
	return head, patch, r.found
}

// sections are the parts of a definition a variant may touch.
var sections = []string{"legal", "stages", "lanes", "roles", "windows", "reason_meanings", "reason_groups", "reason_lists", "reasons", "states", "transitions", "on_window_close"}

// variantFits reports a variant of another base, and parts it may not touch.
func variantFits(base *Definition, head Definition, root, patch *node) Defects {
	var found Defects
	if head.Extends != base.Pin() {
		file, line := root.place("extends")
		found = append(found, newDefect(17, file, line, "extends_other", []string{"found", head.Extends, "base", base.Pin()}))
	}
	for _, p := range patch.pairs {
		if !slices.Contains(sections, p.key) {
			found = append(found, newDefect(17, p.value.file, p.line, "variant_key", []string{"key", p.key}))
		}
	}
	return found
}

// merge applies a JSON Merge Patch. Neither argument is changed; what is taken
// from either keeps its own place.
func merge(base, patch *node) *node {
	if patch.kind != table {
		return patch
	}
	out := &node{kind: table, file: patch.file, line: patch.line}
	if base != nil && base.kind == table {
		out.file, out.line = base.file, base.line
		out.pairs = slices.Clone(base.pairs)
	}
	for _, p := range patch.pairs {
		if p.value.kind == null {
			out.pairs = slices.DeleteFunc(out.pairs, func(o pair) bool { return o.key == p.key })
			continue
		}
		out.set(pair{p.key, p.line, merge(out.get(p.key), p.value)})
	}
	return out
}

// set puts p in the place of the pair with its key, or at the end.
func (n *node) set(p pair) {
	for i := range n.pairs {
		if n.pairs[i].key == p.key {
			n.pairs[i] = p
			return
		}
	}
	n.pairs = append(n.pairs, p)
}

func pin(name string, version int, hash string) string {
	return fmt.Sprintf("%s@%d#%s", name, version, hash)
}

// keptFrom is check 17: whatever makes the outcomes of two kabupaten mean the
// same, and keeps those who ask apart from those who decide, stands as in the
// base.
func keptFrom(base, d *Definition, variant *node) Defects {
	k := &keeper{checker: checker{d: &Definition{source: variant}, number: 17}, base: base, new: d}
	k.transitions()
	k.states()
	k.people()
	k.windows()
	k.reasons()
	return k.found
}

type keeper struct {
	checker
	base, new *Definition
}

// patched returns a path into the variant's patch, where the cause must be.
func patched(keys ...string) []string { return append(at("patch"), keys...) }

func (k *keeper) transitions() {
	for _, b := range k.base.All() {
		path := patched("transitions", b.Name)
		t := k.new.Transitions[b.Name]
		if t == nil {
			if b.Mandatory {
				k.bad(path, "mandatory_removed", act("act", b))
			}
			continue
		}
		if t.Event != b.Event {
			k.bad(append(path, "event"), "event_renamed", act("act", b), p("event", b.Event))
		}
		for _, r := range t.By {
			if !slices.Contains(b.By, r) {
				k.bad(append(path, "by"), "role_added", act("act", b), p("role", string(r)))
			}
		}
		for _, f := range b.Need {
			if !slices.Contains(t.Need, f) {
				k.bad(append(path, "need"), "need_removed", act("act", b), p("field", f))
			}
		}
		if b.Decides && !t.Decides {
			k.bad(append(path, "decides"), "duty_loosened", act("what", b), p("field", "decides"))
		}
		if b.Mandatory {
			k.mandatory(path, b, t)
		}
	}
}

// mandatory reports what a variant changed of an act it must keep. It may bind
// it to another window, list of reasons, quota or cutoff, but not free it of one.
func (k *keeper) mandatory(path []string, b, t *Transition) {
	weakened := func(field string, same bool) {
		if !same {
			k.bad(append(path, field), "mandatory_weakened", act("act", b), p("field", field))
		}
	}
	weakened("from", slices.Equal(b.From, t.From) || k.onlyWider(b, t))
	weakened("to", b.To == t.To && b.Stay == t.Stay)
	weakened("when", maps.Equal(b.When, t.When))
	weakened("window", (b.Window == "") == (t.Window == ""))
	weakened("reason", b.Reason == "" || t.Reason != "")
	weakened("quota", b.Quota == "" || t.Quota != "")
	weakened("rank", b.Rank == nil || t.Rank != nil)
	weakened("effect", reflect.DeepEqual(b.Effect, t.Effect))
	weakened("guard", !slices.ContainsFunc(b.Guard, func(g string) bool { return !slices.Contains(t.Guard, g) }))
	weakened("raise", b.Raise == t.Raise)
	weakened("clear", b.Clear == t.Clear)
	weakened("remedy", b.Remedy == t.Remedy)
	weakened("mandatory", t.Mandatory)
}

// onlyWider reports whether t starts from all states b does and else only from
// states that the variant added: "open" and "any" follow the states there are.
func (k *keeper) onlyWider(b, t *Transition) bool {
	for _, s := range b.From {
		if k.new.States[s] != nil && !slices.Contains(t.From, s) {
			return false
		}
	}
	return !slices.ContainsFunc(t.From, func(s State) bool { return !slices.Contains(b.From, s) && k.base.States[s] != nil })
}

func (k *keeper) states() {
	for _, name := range sortedKeys(k.base.States) {
		b, s := k.base.States[name], k.new.States[name]
		if s == nil {
			continue
		}
		path := patched("states", string(name))
		k.same(path, "final", string(name), b.Final, s.Final)
		k.same(path, "goal", string(name), b.Goal, s.Goal)
		k.same(path, "outcome", string(name), b.Outcome, s.Outcome)
		k.same(path, "fate_follows", string(name), b.FateFollows, s.FateFollows)
		if b.MaxVisits > 0 && (s.MaxVisits == 0 || s.MaxVisits > b.MaxVisits) {
			k.bad(append(path, "max_visits"), "bound_loosened", p("what", string(name)), p("field", "max_visits"))
		}
	}
}

func (k *keeper) same(path []string, field, what, before, after string) {
	if before != after {
		k.bad(append(path, field), "meaning_changed", p("what", what), p("field", field))
	}
}

func (k *keeper) people() {
	for _, name := range sortedKeys(k.new.Roles) {
		r, b := k.new.Roles[name], k.base.Roles[name]
		path := patched("roles", string(name))
		if b == nil && r.Observes || b != nil && b.Observes != r.Observes {
			k.bad(append(path, "observes"), "duty_loosened", p("what", string(name)), p("field", "observes"))
		}
		if b != nil && b.Scope != r.Scope {
			k.bad(append(path, "scope"), "duty_loosened", p("what", string(name)), p("field", "scope"))
		}
	}
}

func (k *keeper) windows() {
	for _, name := range k.base.WindowNames() {
		w := k.new.Windows[name]
		if w == nil {
			continue
		}
		for _, before := range k.base.Windows[name].After {
			if k.new.Windows[before] != nil && !k.new.follows(name, before) {
				k.bad(patched("windows", name, "after"), "order_loosened", param{"window", name, w.Title}, p("before", before))
			}
		}
	}
	for _, b := range k.base.allRows() {
		key := string(b.State)
		if b.Flag != "" {
			key = "flag:" + b.Flag
		} else if k.new.States[b.State] == nil {
			continue
		}
		if r := k.new.OnWindowClose[b.Window][key]; r == nil || !reflect.DeepEqual(r, b) {
			k.bad(patched("on_window_close", b.Window, key), "row_weakened", p("window", b.Window), p("state", key))
		}
	}
}

func (k *keeper) reasons() {
	for _, name := range sortedKeys(k.base.Codes) {
		b, c := k.base.Codes[name], k.new.Codes[name]
		if c == nil {
			continue
		}
		path := patched("reasons", name)
		k.same(path, "group", name, b.Group, c.Group)
		if g, own := k.new.Groups[b.Group], k.base.Groups[b.Group]; g != nil && g.Means == own.Means {
			k.same(path, "means", name, b.Means, c.Means)
		}
		k.same(path, "selectable", name, strconv.FormatBool(b.Selectable), strconv.FormatBool(c.Selectable))
		if c.MinWords < b.MinWords {
			k.bad(append(path, "min_words"), "bound_loosened", p("what", name), p("field", "min_words"))
		}
	}
	for _, name := range sortedKeys(k.base.Lists) {
		if l := k.new.Lists[name]; l != nil {
			k.same(patched("reason_lists", name), "engine", name, strconv.FormatBool(k.base.Lists[name].Engine), strconv.FormatBool(l.Engine))
		}
	}
	for _, name := range sortedKeys(k.base.Groups) {
		if g := k.new.Groups[name]; g != nil {
			k.same(patched("reason_groups", name), "means", name, k.base.Groups[name].Means, g.Means)
		}
	}
}
