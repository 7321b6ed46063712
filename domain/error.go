package domain

import (
	"fmt"
	"strings"
)

// A Kind says what sort of refusal an Error is. What answers requests maps it
// to a status; nothing here knows HTTP.
type Kind string

// The kinds of refusal.
const (
	Invalid    Kind = "invalid"    // the input is wrong
	Forbidden  Kind = "forbidden"  // this actor may not
	NotFound   Kind = "not_found"  // there is no such thing
	Conflict   Kind = "conflict"   // the state forbids it, or somebody else was first
	Stale      Kind = "stale"      // decided on an older version than the one that stands
	Exhausted  Kind = "exhausted"  // too large, too many, too soon
	Unready    Kind = "unready"    // the program cannot answer now; ask again
	Unanswered Kind = "unanswered" // the outcome is unknown; ask again with the same command id
)

// A Check is one condition that was examined before a decision, with what was
// found, so that a refusal can be argued with and a decision explained.
type Check struct {
	Name     string `json:"check"`             // "state", "role", "scope", "window", "need", "reason", "quota" …
	OK       bool   `json:"ok"`                // whether it held
	Want     string `json:"want,omitzero"`     // what the rule asks for
	Observed string `json:"observed,omitzero"` // what was found
}

// An Error is a refusal: a value that is safe to show to whoever asked. Its
// words come from the catalogue of package text, by Code, with Params filled
// in. Every other error is the machine's and is shown to operators only.
type Error struct {
	Kind   Kind              `json:"kind"`
	Code   string            `json:"code"`             // stable and machine-readable: "workflow.window_closed"
	Params map[string]string `json:"params,omitempty"` // what the words mention: place, value, remedy
	Field  string            `json:"field,omitzero"`   // JSON pointer of the offending input, where there is one
	Checks []Check           `json:"checks,omitempty"` // every check that was made
	All    []*Error          `json:"all,omitempty"`    // further defects found in the same input
}

// Refuse returns an Error with Params from alternating names and values.
func Refuse(kind Kind, code string, params ...string) *Error {
	if len(params)%2 != 0 {
		panic("domain: Refuse wants names and values in pairs: " + code)
	}
	e := &Error{Kind: kind, Code: code}
	for i := 0; i < len(params); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]string, len(params)/2)
		}
		e.Params[params[i]] = params[i+1]
	}
	return e
}

// At returns e with the place of the offending input set.
func (e *Error) At(field string) *Error { e.Field = field; return e }

// Error returns code and params, for operators; people read the catalogue's words.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	for _, k := range sortedKeys(e.Params) {
		fmt.Fprintf(&b, " %s=%q", k, e.Params[k])
	}
	if e.Field != "" {
		fmt.Fprintf(&b, " at %s", e.Field)
	}
	for _, c := range e.Checks {
		if !c.OK {
			fmt.Fprintf(&b, " [%s: want %s, observed %s]", c.Name, c.Want, c.Observed)
		}
	}
	return b.String()
}

// Is makes errors.Is compare kind and code, so that tests can name a refusal.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Kind == "" || t.Kind == e.Kind)
}
