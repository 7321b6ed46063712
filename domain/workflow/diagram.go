package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid returns the whole of d as a Mermaid state diagram with words in a
// language: the stages, the acts that move a proposal and what closings do.
// Remedies and acts that change no state are left out; Document lists them.
func (d *Definition) Mermaid(lang string) string {
	return (&diagram{d: d, lang: lang, shown: func(State) bool { return true }}).draw()
}

// Overview returns the road to a win alone: the states of a proposal that is
// still on its way or has what it asked for, and the acts between them. It is
// what somebody new can take in.
func (d *Definition) Overview(lang string) string {
	return (&diagram{d: d, lang: lang, shown: func(s State) bool {
		spec := d.States[s]
		return spec.Final == "" || spec.Goal == GoalFunded && !d.onlyByClosing(s)
	}}).draw()
}

// onlyByClosing reports whether no act leads to s.
func (d *Definition) onlyByClosing(s State) bool {
	return !slices.ContainsFunc(d.All(), func(t *Transition) bool { return t.To == s && !t.Remedy })
}

type diagram struct {
	d     *Definition
	lang  string
	shown func(State) bool
	b     strings.Builder
}

func (g *diagram) draw() string {
	g.line(0, "stateDiagram-v2")
	for _, stage := range g.d.StageNames() {
		g.stage(stage)
	}
	g.states(0, func(s *StateSpec) bool { return s.Final != "" })
	for _, e := range g.arrows() {
		g.line(1, "%s --> %s: %s", g.id(e.from), g.id(e.to), strings.Join(e.words, " / "))
	}
	g.class("won", "fill:#d8f0dc,stroke:#1d6f36,color:#10381c", func(s *StateSpec) bool { return s.Goal != "" })
	g.class("lost", "fill:#f8dcd8,stroke:#9c2b1b,color:#4a140c", func(s *StateSpec) bool { return s.Final == FinalLost })
	g.class("other", "fill:#e6e6ea,stroke:#5b5b66,color:#26262b", func(s *StateSpec) bool { return s.Final != "" && s.Goal == "" && s.Final != FinalLost })
	return g.b.String()
}

func (g *diagram) line(indent int, format string, args ...any) {
	g.b.WriteString(strings.Repeat("    ", indent))
	fmt.Fprintf(&g.b, format, args...)
	g.b.WriteByte('\n')
}

// stage draws the open states of one stage in a box.
func (g *diagram) stage(name string) {
	in := func(s *StateSpec) bool { return s.Stage == name }
	if !slices.ContainsFunc(g.d.StateNames(), func(s State) bool { return s != g.d.Initial && in(g.d.States[s]) }) {
		return
	}
	g.line(1, "state %q as stage_%s {", plain(g.d.Stages[name].Title.In(g.lang)), name)
	g.states(1, in)
	g.line(1, "}")
}

func (g *diagram) states(indent int, in func(*StateSpec) bool) {
	for _, s := range g.d.StateNames() {
		if s != g.d.Initial && g.shown(s) && in(g.d.States[s]) {
			g.line(indent+1, "state %q as %s", plain(g.d.States[s].Title.In(g.lang)), g.id(s))
		}
	}
}

// An arrow joins everything that leads from one state to another.
type arrow struct {
	from, to State
	words    []string
}

func (g *diagram) arrows() []arrow {
	var out []arrow
	add := func(from, to State, words string) {
		if !g.shown(from) || !g.shown(to) {
			return
		}
		i := slices.IndexFunc(out, func(a arrow) bool { return a.from == from && a.to == to })
		if i < 0 {
			i = len(out)
			out = append(out, arrow{from: from, to: to})
		}
		out[i].words = append(out[i].words, plain(words))
	}
	for _, s := range g.d.StateNames() {
		for _, t := range g.d.Exits(s) {
			if !t.Remedy {
				add(s, t.To, t.Title.In(g.lang))
			}
		}
		for _, w := range g.d.RowsFor(s) {
			ends := Label{"berakhir", "ends"}
			add(s, g.d.OnWindowClose[w][string(s)].To, g.d.Windows[w].Title.In(g.lang)+" "+ends.In(g.lang))
		}
	}
	return out
}

func (g *diagram) class(name, style string, in func(*StateSpec) bool) {
	var ids []string
	for _, s := range g.d.StateNames() {
		if g.shown(s) && in(g.d.States[s]) {
			ids = append(ids, g.id(s))
		}
	}
	if ids != nil {
		g.line(1, "classDef %s %s", name, style)
		g.line(1, "class %s %s", strings.Join(ids, ","), name)
	}
}

// id returns how the diagram calls a state; the initial one is its black dot.
// Words of Mermaid's own get a tail.
func (g *diagram) id(s State) string {
	switch s {
	case g.d.Initial:
		return "[*]"
	case "state", "note", "end", "direction", "class", "style", "fork", "join", "choice", "default", "as", "click", "hide":
		return string(s) + "_"
	}
	return string(s)
}

// plain takes out the characters that end a label in Mermaid.
func plain(words string) string {
	return strings.NewReplacer(":", " –", ";", ",", `"`, "'", "#", "").Replace(words)
}
