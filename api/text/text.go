// Package text is the one catalogue of words that people read, Indonesian
// first: refusals, page titles, labels, the names of events and states. API,
// pages and commands all speak from it, so they cannot disagree.
//
// A sentence may name parameters in braces: "Jendela {window} sudah ditutup."
// and choose by a number: "{n:usulan|proposal|proposals}" is not needed in
// Indonesian and reads "{n} {n?proposal|proposals}" in English.
package text

import (
	"errors"
	"iter"
	"strings"

	"golang.org/x/text/language"

	"runut/domain"
)

// A Lang is a language people may read in.
type Lang string

// The languages. Indonesian is what counts where the two differ.
const (
	ID Lang = "id"
	EN Lang = "en"
)

// A Pair is one text in both languages.
type Pair struct{ ID, EN string }

// In returns the text in a language.
func (p Pair) In(l Lang) string {
	if l == EN {
		return p.EN
	}
	return p.ID
}

var matcher = language.NewMatcher([]language.Tag{language.Indonesian, language.English})

// Accept returns the language for an Accept-Language header. Whoever asks for
// neither gets Indonesian.
func Accept(header string) Lang {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return ID
	}
	if _, i, confidence := matcher.Match(tags...); i == 1 && confidence > language.Low {
		return EN
	}
	return ID
}

// Parse returns the language a person chose by "?lang=", and whether they did.
func Parse(chosen string) (Lang, bool) {
	switch Lang(chosen) {
	case ID:
		return ID, true
	case EN:
		return EN, true
	}
	return ID, false
}

// T returns the text of a code with params filled in. A code that is missing
// shows as itself: ugly, harmless, and caught by a test.
func (l Lang) T(code string, params ...string) string {
	p, ok := find(code)
	if !ok {
		return code
	}
	values := make(map[string]string, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		values[params[i]] = params[i+1]
	}
	return fill(p.In(l), values)
}

// Has reports whether the catalogue holds a code.
func Has(code string) bool { _, ok := find(code); return ok }

func find(code string) (Pair, bool) {
	for _, table := range tables {
		if p, ok := table[code]; ok {
			return p, true
		}
	}
	return Pair{}, false
}

// tables are the parts of the catalogue, by subject.
var tables = []map[string]Pair{
	refusals,
	storeRefusals,
	paperRefusals, papers,
	proofRefusals, proofPages, subscriptionRefusals, subscriptionWords,
	planningRefusals,
	registers,
	actRefusals,
	sheetRefusals,
	listRefusals,
	templateRefusals,
	sipdRefusals,
	sipdWords,
	checks,
	pages,
	peoplePages,
	importPages, uploadRefusals,
	commands,
	listWords,
	templateWords,
	budgetWords,
	values,
	explanations,
	verifyWords,
	verifyRefusals,
	auditPages,
	accessPages,
	logCommands,
	dossiers,
}

// fill puts values where s names them. "{n?one|many}" chooses by whether the
// value of n is "1".
func fill(s string, values map[string]string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		s = after
		if name, choice, ok := strings.Cut(name, "?"); ok {
			one, many, _ := strings.Cut(choice, "|")
			if values[name] == "1" {
				b.WriteString(one)
			} else {
				b.WriteString(many)
			}
			continue
		}
		if v, ok := values[name]; ok {
			b.WriteString(v)
		} else {
			b.WriteString("{" + name + "}")
		}
	}
}

// A Refusal is a domain.Error in words.
type Refusal struct {
	Code   string
	Title  string    // one sentence: what is wrong, where, and what to do
	Field  string    // JSON pointer of the input, where there is one
	Checks []Check   // every condition examined
	All    []Refusal // further defects of the same input
}

// A Check is one examined condition in words.
type Check struct {
	Name     string
	Title    string
	OK       bool
	Want     string
	Observed string
}

// Refuse puts an error into words. An error that is no refusal becomes
// "internal", because what a machine says of itself is for operators.
func (l Lang) Refuse(err error) Refusal {
	var e *domain.Error
	if !errors.As(err, &e) {
		return Refusal{Code: "internal", Title: l.T("internal")}
	}
	r := Refusal{Code: e.Code, Field: e.Field}
	if p, ok := find(e.Code); ok {
		r.Title = fill(p.In(l), l.values(e.Params))
	} else {
		r.Title = e.Error()
	}
	for _, c := range e.Checks {
		title := c.Name
		if p, ok := checks["check."+strings.ReplaceAll(c.Name, " ", "_")]; ok {
			title = p.In(l)
		}
		r.Checks = append(r.Checks, Check{Name: c.Name, Title: title, OK: c.OK, Want: c.Want, Observed: c.Observed})
	}
	for _, other := range e.All {
		r.All = append(r.All, l.Refuse(other))
	}
	return r
}

// values puts the params that are themselves words of the catalogue into the
// language: a param "window" of "kecamatan" reads "Musrenbang kecamatan".
func (l Lang) values(params map[string]string) map[string]string {
	out := make(map[string]string, len(params))
	for k, v := range params {
		out[k] = v
		if p, ok := values[k+"."+v]; ok {
			out[k] = p.In(l)
		}
	}
	return out
}

// All yields every text of the catalogue.
func All() iter.Seq2[string, Pair] {
	return func(yield func(string, Pair) bool) {
		for _, table := range tables {
			for code, p := range table {
				if !yield(code, p) {
					return
				}
			}
		}
	}
}
