package workflow

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// A reader turns nodes into a Definition, strictly: a key it does not know, a
// value of the wrong type and a name in the wrong form are defects, and it goes
// on after each one so that all are reported.
type reader struct {
	d      *Definition
	macros map[*Transition]string // words given for many states
	starts map[*CarryOver]State   // states given for every lane
	found  Defects
}

// A part reads the value at path.
type part func(path string, n *node)

// fields are the keys a map may have. The names of those it must have end in "!".
type fields map[string]part

// macros of "from", each standing for many states.
const (
	fromOpen  = "open"  // every state that is no end
	fromAny   = "any"   // every state
	fromEnded = "ended" // ends, and states where a goal is reached
)

// maxEntries bounds each section and list, so that checking takes a moment
// whatever is handed in. The base definition has a third of it in its longest.
const maxEntries = 250

// stay is the "to" of a transition that changes no state.
const stay = "="

// read returns the definition a document describes, as far as it can be read.
func read(root *node) (*Definition, Defects) {
	r := &reader{d: &Definition{source: root}, macros: map[*Transition]string{}, starts: map[*CarryOver]State{}}
	d := r.d
	r.object(fields{
		"workflow!":        r.name(&d.Name),
		"version!":         r.number(&d.Version),
		"status!":          r.oneOf(&d.Status, "draft", "published", "retired"),
		"subject!":         r.name(&d.Subject),
		"title!":           r.label(&d.Title),
		"extends":          r.words(&d.Extends),
		"kabupaten":        r.words(&d.Kabupaten),
		"legal":            r.list(&d.Legal),
		"initial!":         r.state(&d.Initial),
		"stages!":          each(r, &d.Stages, plainName, r.stage),
		"lanes!":           r.labels(&d.Lanes, plainName),
		"roles!":           each(r, &d.Roles, plainName, r.role),
		"windows!":         each(r, &d.Windows, plainName, r.window),
		"reason_meanings":  r.labels(&d.Meanings, plainName),
		"reason_groups":    each(r, &d.Groups, groupName, r.group),
		"reason_lists":     each(r, &d.Lists, plainName, r.reasonList),
		"reasons":          each(r, &d.Codes, codeName, r.reason),
		"states!":          each(r, &d.States, plainName, r.stateSpec),
		"transitions!":     each(r, &d.Transitions, plainName, r.transition),
		"on_window_close!": r.closing,
	})("", root)
	r.resolve()
	return d, r.found
}

// Forms of names, so that they can stand in links, diagrams and events.
var (
	plainName = form{regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`), Label{"huruf kecil, angka, dan garis bawah", "small letters, digits and underscores"}}
	groupName = form{regexp.MustCompile(`^[A-Z]{2,5}$`), Label{"dua sampai lima huruf besar", "two to five capitals"}}
	codeName  = form{regexp.MustCompile(`^[A-Z]{2,5}(-[A-Z0-9]+)*$`), Label{"huruf besar dengan tanda hubung, misalnya PAG-KURANG", "capitals with hyphens, such as PAG-KURANG"}}
)

// A form is what a name looks like.
type form struct {
	*regexp.Regexp
	words Label
}

func (r *reader) bad(n *node, path, code string, params ...string) {
	x := newDefect(0, n.file, n.line, code, append(params, "path", path))
	x.Subject = path
	r.found = append(r.found, x)
}

// lacks reports what n should hold at path, on the line of the nearest key.
func (r *reader) lacks(n *node, path, code string) {
	near := *n
	if file, line := r.d.source.place(strings.Split(path, ".")...); line > 0 {
		near.file, near.line = file, line
	}
	r.bad(&near, path, code)
}

func (r *reader) want(n *node, path string, k kind, what string) bool {
	if n.kind == k {
		return true
	}
	code := "wrong_type"
	if k == text && (n.kind == whole || n.kind == truth || n.kind == other) {
		code = "quote_it"
	}
	r.bad(n, path, code, "want", what, "found", n.describe())
	return false
}

// describe names what n is, in the words of YAML.
func (n *node) describe() string {
	switch n.kind {
	case list:
		return "[…]"
	case table:
		return "{…}"
	case null:
		return "null"
	}
	return n.text
}

// object reads a map with a closed set of keys.
func (r *reader) object(fs fields) part {
	known := make(fields, len(fs))
	for name, read := range fs {
		known[strings.TrimSuffix(name, "!")] = read
	}
	return func(path string, n *node) {
		if !r.want(n, path, table, "{…}") {
			return
		}
		for _, p := range n.pairs {
			read, ok := known[p.key]
			if !ok {
				r.unknown(p, path, slices.Sorted(maps.Keys(known)))
				continue
			}
			read(join(path, p.key), p.value)
		}
		for _, name := range slices.Sorted(maps.Keys(fs)) {
			if key, must := strings.CutSuffix(name, "!"); must && n.get(key) == nil {
				r.lacks(n, join(path, key), "missing_key")
			}
		}
	}
}

// unknown reports a key that nothing reads, with the one that was probably meant.
func (r *reader) unknown(p pair, path string, known []string) {
	code, meant := "unknown_key", strings.Join(known, ", ")
	if near := slices.MinFunc(known, func(a, b string) int { return distance(p.key, a) - distance(p.key, b) }); distance(p.key, near) <= 2 {
		code, meant = "unknown_key_near", near
	}
	x := newDefect(0, p.value.file, p.line, code, []string{"key", p.key, "path", path, "known", meant})
	x.Subject = join(path, p.key)
	r.found = append(r.found, x)
}

// distance counts the letters to put in, take out or change from a to b, as far
// as their lengths leave room for a slip.
func distance(a, b string) int {
	if d := len(a) - len(b); d < -2 || d > 2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// each reads a map of things by name.
func each[K ~string, T any](r *reader, into *map[K]*T, form form, fill func(*T) part) part {
	return func(path string, n *node) {
		if !r.want(n, path, table, "{…}") {
			return
		}
		if r.tooMany(n, path, len(n.pairs)) {
			return
		}
		*into = make(map[K]*T, len(n.pairs))
		for _, p := range n.pairs {
			thing := new(T)
			if r.nameForm(p, path, form) {
				(*into)[K(p.key)] = thing
			}
			fill(thing)(join(path, p.key), p.value)
		}
	}
}

func (r *reader) tooMany(n *node, path string, count int) bool {
	if count <= maxEntries {
		return false
	}
	r.bad(n, path, "too_many", "count", strconv.Itoa(count), "limit", strconv.Itoa(maxEntries))
	return true
}

func (r *reader) nameForm(p pair, path string, form form) bool {
	if form.MatchString(p.key) {
		return true
	}
	x := newDefect(0, p.value.file, p.line, "name_form", []string{"key", p.key, "path", path, "form_id", form.words.ID, "form_en", form.words.EN})
	x.Subject = join(path, p.key)
	r.found = append(r.found, x)
	return false
}

// Readers of single values.

func textOf[T ~string](r *reader, into *T) part {
	return func(path string, n *node) {
		if r.want(n, path, text, "text") {
			*into = T(n.text)
		}
	}
}

func textsOf[T ~string](r *reader, into *[]T) part {
	return func(path string, n *node) {
		if !r.want(n, path, list, "[…]") || r.tooMany(n, path, len(n.items)) {
			return
		}
		for i, item := range n.items {
			at := path + "[" + strconv.Itoa(i) + "]"
			if !r.want(item, at, text, "text") {
				continue
			}
			if slices.Contains(*into, T(item.text)) {
				r.bad(item, at, "listed_twice", "name", item.text)
				continue
			}
			*into = append(*into, T(item.text))
		}
	}
}

func (r *reader) words(into *string) part  { return textOf(r, into) }
func (r *reader) name(into *string) part   { return textOf(r, into) }
func (r *reader) state(into *State) part   { return textOf(r, into) }
func (r *reader) list(into *[]string) part { return textsOf(r, into) }

func (r *reader) number(into *int) part {
	return func(path string, n *node) {
		if r.want(n, path, whole, "0, 1, 2 …") {
			*into, _ = strconv.Atoi(n.text)
		}
	}
}

func (r *reader) truth(into *bool) part {
	return func(path string, n *node) {
		if r.want(n, path, truth, "true, false") {
			*into = n.text == "true" || n.text == "True" || n.text == "TRUE"
		}
	}
}

func (r *reader) oneOf(into *string, allowed ...string) part {
	return func(path string, n *node) {
		if !r.want(n, path, text, "text") {
			return
		}
		if !slices.Contains(allowed, n.text) {
			r.bad(n, path, "not_one_of", "found", n.text, "allowed", strings.Join(allowed, ", "))
			return
		}
		*into = n.text
	}
}

func (r *reader) scope(into *domain.ScopeKind) part {
	return func(path string, n *node) {
		var s string
		r.oneOf(&s, "none", "village", "kecamatan", "opd", "kabupaten", "province")(path, n)
		*into = domain.ScopeKind(s)
	}
}

func (r *reader) label(into *Label) part {
	return r.object(fields{"id": r.words(&into.ID), "en": r.words(&into.EN)})
}

// labels reads a map of labels by name.
func (r *reader) labels(into *map[string]Label, form form) part {
	return func(path string, n *node) {
		var byName map[string]*Label
		each(r, &byName, form, r.label)(path, n)
		*into = make(map[string]Label, len(byName))
		for name, l := range byName {
			(*into)[name] = *l
		}
	}
}

// values reads the {field: value} of "when".
func (r *reader) values(into *map[string]string) part {
	return func(path string, n *node) {
		if !r.want(n, path, table, "{…}") {
			return
		}
		*into = make(map[string]string, len(n.pairs))
		for _, p := range n.pairs {
			if r.want(p.value, join(path, p.key), text, "text") {
				(*into)[p.key] = p.value.text
			}
		}
	}
}
