// Package graph draws how proposals hang together, as SVG for readers and as DOT
// for programs. Both are made of one Graph and so show the same.
package graph

import (
	"fmt"
	"html"
	"strings"
	"unicode"
)

// A Graph is proposals and what they became. Time runs along the generations.
type Graph struct {
	Title, Text string // what it shows, in a few words and in a sentence
	Self        string // number of the proposal that is asked about
	Boxes       []Box
	Edges       []Edge
}

// A Box is one proposal.
type Box struct {
	Number, Title, Fate string // as people read them
	Tone                string // good, bad, wait, move or plain
	Generation          int    // its column
}

// An Edge leads from what was to what it became.
type Edge struct {
	From, To string // numbers
	Label    string // which part of it; "" for all or none
	Ended    bool   // it no longer holds
	Split    bool   // the label belongs to the end it leads to
}

// Sizes of the drawing, in its own units, which are pixels at full size.
const (
	boxWide, boxHigh = 208, 58
	gapWide, gapHigh = 72, 18
)

// colours are those of a drawing that stands alone; on a page the style sheet has
// its own.
var colours = map[string][2]string{ // stroke, fill
	"good": {"#0a6238", "#e8f5ed"}, "bad": {"#9c2230", "#fcefee"}, "wait": {"#744800", "#fdf4e0"}, "move": {"#513a86", "#f2eefb"}, "plain": {"#4a5a66", "#ffffff"},
}

// SVG returns the graph as an svg element: time runs to the right, one column a
// generation. It may stand in a page or be a file of its own.
func (g Graph) SVG() string {
	type place struct{ x, y int }
	columns := make(map[int][]Box)
	last, tallest := 0, 0
	for _, n := range g.Boxes {
		columns[n.Generation] = append(columns[n.Generation], n)
		last, tallest = max(last, n.Generation), max(tallest, len(columns[n.Generation]))
	}
	wide, high := (last+1)*boxWide+last*gapWide+4, max(tallest*boxHigh+(tallest-1)*gapHigh, 0)+4
	at := make(map[string]place)
	for c, column := range columns {
		used := len(column)*boxHigh + (len(column)-1)*gapHigh
		for i, n := range column {
			at[n.Number] = place{2 + c*(boxWide+gapWide), (high-used)/2 + i*(boxHigh+gapHigh)}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-labelledby="graph-title graph-text" font-family="sans-serif" font-size="12" width="%d" height="%d" viewBox="0 0 %d %d"><title id="graph-title">%s</title><desc id="graph-text">%s</desc>`,
		wide, high, wide, high, text(g.Title), text(g.Text))
	for _, e := range g.Edges {
		from, ok := at[e.From]
		to, known := at[e.To]
		if !ok || !known {
			continue
		}
		x1, y1, x2, y2 := from.x+boxWide, from.y+boxHigh/2, to.x-7, to.y+boxHigh/2
		class, dashes := "edge", ""
		if e.Ended {
			class, dashes = "edge ended", ` stroke-dasharray="5 4"`
		}
		mid := (x1 + x2) / 2
		fmt.Fprintf(&b, `<path class="%s" fill="none" stroke="#4a5a66"%s d="M%d %dC%d %d %d %d %d %d"/><path class="tip" fill="#4a5a66" d="M%d %dl-7 -5v10z"/>`, class, dashes, x1, y1, mid, y1, mid, y2, x2, y2, x2+7, y2)
		if e.Label != "" {
			x, y := x1+24, y1-6 // beside the end that the edge has to itself
			if e.Split {
				x, y = x2-20, y2-8
			}
			fmt.Fprintf(&b, `<text class="weight" font-size="11" x="%d" y="%d" text-anchor="middle">%s</text>`, x, y, text(e.Label))
		}
	}
	for _, n := range g.Boxes {
		p, tone := at[n.Number], n.tone()
		class, bold := "box "+tone, "1.5"
		if n.Number == g.Self {
			class, bold = class+" self", "3.5"
		}
		fmt.Fprintf(&b, `<g class="%s"><rect stroke="%s" fill="%s" stroke-width="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/><text class="no" font-weight="600" x="%d" y="%d">%s</text><text x="%d" y="%d">%s</text><text class="fate" font-size="11" x="%d" y="%d">%s</text></g>`,
			class, colours[tone][0], colours[tone][1], bold, p.x, p.y, boxWide, boxHigh, p.x+10, p.y+18, text(n.Number), p.x+10, p.y+34, text(cut(n.Title, 29)), p.x+10, p.y+50, text(cut(n.Fate, 31)))
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// tone returns a tone that there is a colour for.
func (b Box) tone() string {
	if _, known := colours[b.Tone]; known {
		return b.Tone
	}
	return "plain"
}

// DOT returns the graph in the language of Graphviz.
func (g Graph) DOT() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  rankdir=LR;\n  label=%s;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n", quoted(g.Self), quoted(g.Title))
	for _, n := range g.Boxes {
		c, bold := colours[n.tone()], 1
		if n.Number == g.Self {
			bold = 3
		}
		fmt.Fprintf(&b, "  %s [label=%s, color=%s, fillcolor=%s, penwidth=%d];\n", quoted(n.Number), quoted(n.Number, n.Title, n.Fate), quoted(c[0]), quoted(c[1]), bold)
	}
	for _, e := range g.Edges {
		style := "solid"
		if e.Ended {
			style = "dashed"
		}
		fmt.Fprintf(&b, "  %s -> %s [label=%s, style=%s];\n", quoted(e.From), quoted(e.To), quoted(e.Label), style)
	}
	b.WriteString("}\n")
	return b.String()
}

// quoted writes lines as one string of DOT. A backslash is doubled, for in labels
// it would begin an escape of Graphviz's own.
func quoted(lines ...string) string {
	for i, s := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printable(s))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}

func text(s string) string { return html.EscapeString(printable(s)) }

// printable takes out what neither language may hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\ufffe' || r == '\uffff':
			return -1
		}
		return r
	}, s)
}

// cut shortens s to what fits in n letters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ,.") + "…"
}
