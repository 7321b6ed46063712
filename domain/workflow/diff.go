package workflow

import (
	"slices"
	"strings"
)

// Diff says in a language what differs from a to b, one sentence for each
// thing, in the order of b's document. Two definitions with the same hash
// differ in nothing.
func Diff(a, b *Definition, lang string) []string {
	f := comparison{a: a, b: b, lang: lang}
	f.tables(nil, a.source, b.source)
	return f.out
}

type comparison struct {
	a, b *Definition
	lang string
	out  []string
}

// tables compares two maps that lie at path.
func (f *comparison) tables(path []string, a, b *node) {
	for _, p := range b.pairs {
		f.value(append(slices.Clone(path), p.key), a.get(p.key), p.value)
	}
	for _, p := range a.pairs {
		if b.get(p.key) == nil {
			f.value(append(slices.Clone(path), p.key), p.value, nil)
		}
	}
}

func (f *comparison) value(path []string, a, b *node) {
	switch {
	case a == nil:
		f.say(path, Label{"ditambah", "added"}, "", b)
	case b == nil:
		f.say(path, Label{"dihapus", "removed"}, "", nil)
	case a.kind == table && b.kind == table && len(path) < 3:
		f.tables(path, a, b)
	case string(a.canonical(nil)) != string(b.canonical(nil)):
		f.say(path, Label{"berubah", "changed"}, a.flow()+" → ", b)
	}
}

func (f *comparison) say(path []string, verb Label, before string, after *node) {
	line := verb.In(f.lang) + ": " + f.name(path)
	if after != nil && !(before == "" && after.kind == table) {
		line += ": " + before + after.flow()
	}
	f.out = append(f.out, line)
}

// nouns are the sections of a definition in the singular.
var nouns = map[string]Label{
	"stages":          {"tahap", "stage"},
	"lanes":           {"jalur", "lane"},
	"roles":           {"peran", "role"},
	"windows":         {"masa", "window"},
	"reason_meanings": {"makna alasan", "meaning"},
	"reason_groups":   {"kelompok alasan", "reason group"},
	"reason_lists":    {"daftar alasan", "reason list"},
	"reasons":         {"alasan", "reason"},
	"states":          {"keadaan", "state"},
	"transitions":     {"tindakan", "act"},
	"on_window_close": {"penutupan", "closing of"},
}

// name says what lies at path: "tindakan accept “Terima”, need".
func (f *comparison) name(path []string) string {
	noun, ok := nouns[path[0]]
	if !ok || len(path) == 1 {
		return strings.Join(path, ".")
	}
	title, rest := "", ""
	for _, d := range []*Definition{f.a, f.b} { // b's words, where it has any
		thing := d.source.get(path[0]).get(path[1])
		label := thing.get("title")
		if label == nil {
			label = thing // lanes and meanings are labels themselves
		}
		if words := label.get(f.lang); words != nil {
			title = " “" + words.text + "”"
		}
	}
	if len(path) > 2 {
		rest = ", " + strings.Join(path[2:], ".")
	}
	return noun.In(f.lang) + " " + path[1] + title + rest
}

// flow writes n on one line, as YAML does in brackets.
func (n *node) flow() string {
	switch n.kind {
	case table:
		parts := make([]string, len(n.pairs))
		for i, p := range n.pairs {
			parts[i] = p.key + ": " + p.value.flow()
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case list:
		parts := make([]string, len(n.items))
		for i, item := range n.items {
			parts[i] = item.flow()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return n.text
}
