package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Vocabulary is what the Go code knows, which a definition may only name:
// YAML can invent neither an event nor a condition.
type Vocabulary struct {
	// Events maps the name of an event, without "proposal.", to the JSON member
	// names of its payload.
	Events   map[string][]string
	External []string // events that exist but that no definition emits
	Guards   []string // named conditions
}

// A Defect is one thing wrong with a definition, at its place.
type Defect struct {
	Check   int // number in Checks; 0 for what cannot even be read
	File    string
	Line    int    // from 1; 0 where there is no line to blame
	Subject string // what it is about: "transitions.accept"
	Code    string // key of the sentence
	Params  map[string]string
	Warning bool // worth a look, but no reason to refuse
}

// newDefect returns a defect with params from alternating names and values.
func newDefect(check int, file string, line int, code string, params []string) Defect {
	x := Defect{Check: check, File: file, Line: line, Code: code, Params: make(map[string]string, len(params)/2)}
	for i := 0; i+1 < len(params); i += 2 {
		x.Params[params[i]] = params[i+1]
	}
	return x
}

// String returns "file:line: check 9: " and the sentence in English.
func (x Defect) String() string { return x.In(English) }

// In returns the defect with its place, in a language.
func (x Defect) In(lang string) string {
	var b strings.Builder
	b.WriteString(x.File)
	if x.Line > 0 {
		fmt.Fprintf(&b, ":%d", x.Line)
	}
	b.WriteString(": ")
	if x.Check > 0 {
		word := map[string]string{English: "check", Indonesian: "periksa"}[lang]
		fmt.Fprintf(&b, "%s %d: ", word, x.Check)
	}
	b.WriteString(x.Sentence(lang))
	return b.String()
}

// Defects are all that was found in one go, the most basic first. They are the
// error of Load.
type Defects []Defect

// Error returns every defect on a line of its own, in English.
func (ds Defects) Error() string {
	lines := make([]string, len(ds))
	for i, x := range ds {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// sort puts the most basic first: what cannot be read, then what a variant may
// not do to its base, then the checks in order, and warnings last.
func (ds Defects) sort() {
	rank := func(x Defect) int {
		switch {
		case x.Warning:
			return 100
		case x.Check == 17:
			return 0
		}
		return x.Check
	}
	slices.SortStableFunc(ds, func(a, b Defect) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Check, b.Check), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
}

// maxDefects bounds a report. Nobody mends more in one go, and whoever hands in
// a million must not get a million back.
const maxDefects = 500

// first returns ds, or its beginning with a last line that says how many more.
func (ds Defects) first() Defects {
	if len(ds) <= maxDefects {
		return ds
	}
	last := newDefect(0, ds[0].File, 0, "and_more", []string{"count", strconv.Itoa(len(ds) - maxDefects)})
	return append(ds[:maxDefects:maxDefects], last)
}

// fatal reports whether any of ds forbids use.
func (ds Defects) fatal() bool {
	return slices.ContainsFunc(ds, func(x Defect) bool { return !x.Warning })
}
