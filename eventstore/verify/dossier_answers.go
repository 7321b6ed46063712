package verify

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/workflow"
	"runut/eventstore/dossier"
	"runut/eventstore/proof"
)

// explanations derives each explanation from the events again.
func (d *dossierCheck) explanations() error {
	if d.course == nil {
		return nil
	}
	charts := history.NewCharts(func(hash string) *workflow.Definition { return d.course.definitions[hash] })
	for _, number := range d.manifest.Proposals {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		name := d.manifest.Place(number, dossier.Answer)
		given, err := d.Read(name)
		if err != nil {
			d.add("verify.explanation_unreadable", name, Finding{Proposal: number})
			continue
		}
		x, _, err := dossier.Explain(number, d.manifest, charts, d.held)
		if err != nil {
			return err
		}
		derived, err := dossier.Encode(x)
		if err != nil {
			return err
		}
		if !bytes.Equal(given, derived) {
			at, said, want := differs(given, derived)
			d.add("verify.explanation", name, Finding{Proposal: number, Field: at, Want: want, Observed: said})
		}
		d.report.Answers = append(d.report.Answers, answered(x))
	}
	d.report.Checked = append(d.report.Checked, "explanation")
	return nil
}

// held returns streams out of the dossier.
func (d *dossierCheck) held(names []string) (map[string][]event.Record, error) {
	out := make(map[string][]event.Record, len(names))
	for _, name := range names {
		out[name] = d.streams[name]
	}
	return out, nil
}

// An Answered is what an explanation comes to, derived by whoever checks.
type Answered struct {
	Proposal string `json:"proposal"`
	Outcome  string `json:"outcome"`
	Kind     string `json:"kind,omitzero"`
	Stage    string `json:"stage,omitzero"`
	Position int64  `json:"position,omitzero"` // of the event that decided
	Type     string `json:"type,omitzero"`
}

func answered(x history.Explanation) Answered {
	a := Answered{Proposal: x.Proposal, Outcome: string(x.Outcome), Kind: string(x.Kind), Stage: x.Stage}
	for _, d := range slices.Concat(x.Decisive, x.Won) {
		if d.Position > a.Position {
			a.Position, a.Type = d.Position, d.Type
		}
	}
	return a
}

// differs returns where two JSON texts part, as a pointer, and what either says.
func differs(given, derived []byte) (at, said, want string) {
	var a, b any
	if err := json.Unmarshal(given, &a); err != nil {
		return "", err.Error(), ""
	}
	if err := json.Unmarshal(derived, &b); err != nil {
		return "", "", err.Error()
	}
	at, x, y := parting("", a, b)
	return at, brief(x), brief(y)
}

func parting(at string, a, b any) (string, any, any) {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return at, a, b
		}
		both := maps.Clone(x)
		maps.Copy(both, y)
		for _, name := range slices.Sorted(maps.Keys(both)) {
			if p, v, w := parting(at+"/"+name, x[name], y[name]); p != "" {
				return p, v, w
			}
		}
		return "", nil, nil
	case []any:
		y, ok := b.([]any)
		if !ok {
			return at, a, b
		}
		for i := range max(len(x), len(y)) {
			var v, w any
			if i < len(x) {
				v = x[i]
			}
			if i < len(y) {
				w = y[i]
			}
			if p, v, w := parting(at+"/"+strconv.Itoa(i), v, w); p != "" {
				return p, v, w
			}
		}
		return "", nil, nil
	}
	if a != b {
		return at, a, b
	}
	return "", nil, nil
}

func brief(v any) string {
	if v == nil {
		return ""
	}
	b, _ := json.Marshal(v)
	if r := []rune(string(b)); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return string(b)
}

// released holds the proofs of what was released against the entries they carry,
// and the explanation's events against them.
func (d *dossierCheck) released() {
	known := make(map[int64]proof.Entry)
	for _, f := range d.Reader.Files {
		position, ok := dossier.PositionOf(f.Name)
		if !ok {
			continue
		}
		p, err := d.proof(position)
		if err != nil {
			d.add("verify.proof", f.Name, Finding{Position: position, Why: refusal(err)})
			continue
		}
		entry, carries := p.Entry()
		if !carries {
			d.add("verify.proof_other", f.Name, Finding{Position: position})
			continue
		}
		known[position] = entry
		d.included(p, position, entry.Leaf(), f.Name)
	}
	d.report.Events = int64(len(known))
	for _, number := range d.manifest.Proposals {
		name := d.manifest.Place(number, dossier.Answer)
		b, err := d.Read(name)
		var x history.Explanation
		if err != nil || json.Unmarshal(b, &x) != nil {
			d.add("verify.explanation_unreadable", name, Finding{Proposal: number})
			continue
		}
		for _, a := range slices.Concat(x.Decisive, x.Won) {
			entry := known[a.Position]
			id, at, _, err := proof.ParseEntry(entry[:])
			if err != nil || id != a.Event || !at.Equal(a.Recorded) {
				d.add("verify.unproven", name, Finding{Proposal: number, Position: a.Position, Event: a.Event})
			}
		}
	}
	d.report.Checked = append(d.report.Checked, "inclusion")
}
