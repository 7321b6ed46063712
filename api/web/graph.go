package web

import (
	"fmt"
	"html/template"
	"strings"
)

// Sizes of the drawing, in its own units, which are pixels at full size.
const (
	boxWide, boxHigh = 208, 58
	gapWide, gapHigh = 72, 18
)

// draw returns a family as a picture: time runs to the right, one column per
// generation. What it shows is in the list beside it too, so those who cannot
// see it lose nothing.
func (v *visit) draw(f family, self string) template.HTML {
	type place struct{ x, y int }
	columns := make(map[int][]relative)
	last, tallest := 0, 0
	for _, n := range f.nodes {
		columns[n.generation] = append(columns[n.generation], n)
		last, tallest = max(last, n.generation), max(tallest, len(columns[n.generation]))
	}
	wide, high := (last+1)*boxWide+last*gapWide+4, tallest*boxHigh+(tallest-1)*gapHigh+4
	at := make(map[string]place)
	for g, column := range columns {
		used := len(column)*boxHigh + (len(column)-1)*gapHigh
		for i, n := range column {
			at[n.Number] = place{2 + g*(boxWide+gapWide), (high-used)/2 + i*(boxHigh+gapHigh)}
		}
	}
	esc := template.HTMLEscapeString
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="graph" role="img" aria-labelledby="graph-title graph-text" width="%d" height="%d" viewBox="0 0 %d %d"><title id="graph-title">%s</title><desc id="graph-text">%s</desc>`,
		wide, high, wide, high, esc(v.t("lineage.graph")), esc(v.t("lineage.graph_text", "n", v.count(len(f.nodes)))))
	for _, e := range f.edges {
		from, ok := at[e.From]
		to, known := at[e.To]
		if !ok || !known {
			continue
		}
		x1, y1, x2, y2 := from.x+boxWide, from.y+boxHigh/2, to.x-7, to.y+boxHigh/2
		class := "edge"
		if e.Ended {
			class = "edge ended"
		}
		mid := (x1 + x2) / 2
		fmt.Fprintf(&b, `<path class="%s" d="M%d %dC%d %d %d %d %d %d"/><path class="tip" d="M%d %dl-7 -5v10z"/>`, class, x1, y1, mid, y1, mid, y2, x2, y2, x2+7, y2)
		if e.Of > 0 && !e.Ended {
			x, y := x1+24, y1-6 // beside the end that the edge has to itself
			if e.Kind == "split" {
				x, y = x2-20, y2-8
			}
			fmt.Fprintf(&b, `<text class="weight" x="%d" y="%d" text-anchor="middle">%s</text>`, x, y, esc(v.lang.Percent(e.Weight, e.Of)))
		}
	}
	for _, n := range f.nodes {
		p, badge := at[n.Number], v.badge(n.summary)
		class := "box " + badge.Tone
		if n.Number == self {
			class += " self"
		}
		fmt.Fprintf(&b, `<g class="%s"><rect x="%d" y="%d" width="%d" height="%d" rx="6"/><text class="no" x="%d" y="%d">%s</text><text x="%d" y="%d">%s</text><text class="fate" x="%d" y="%d">%s</text></g>`,
			class, p.x, p.y, boxWide, boxHigh, p.x+10, p.y+18, esc(n.Number), p.x+10, p.y+34, esc(cut(v.titleOf(n.summary), 29)), p.x+10, p.y+50, esc(cut(badge.Text, 31)))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// cut shortens s to what fits in n letters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ,.") + "…"
}
