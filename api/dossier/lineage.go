package dossier

import (
	"fmt"
	"html/template"
	"strings"

	"runut/domain"
	"runut/domain/history"
)

// ways are the words for how one proposal became another.
var ways = map[history.EdgeKind]string{history.MergedInto: "way.merged", history.SplitFrom: "way.split", history.Continues: "way.continued"}

// chain tells the lineage as a list: "U-27-… merged into U-27-… (34.5 %)".
func (t *tale) chain(w words) []string {
	var out []string
	for _, tie := range t.Chain {
		line := tie.From + " " + w.t(ways[tie.Kind]) + " " + tie.To
		if part := share(w, tie); part != "" {
			line += " (" + part + ")"
		}
		if tie.Dropped {
			line += "; " + w.t("dossier.dropped")
		}
		if fate := fateOf(t.Explanation, tie.To); fate != "" {
			line += ": " + w.t("fate."+string(fate))
		}
		out = append(out, line)
	}
	return out
}

// share is the part of a whole that went one way, or the weight in a merge.
func share(w words, tie history.Tie) string {
	switch {
	case tie.Of > 0:
		return w.Lang.Percent(tie.Weight, tie.Of)
	case tie.Weight > 0:
		return w.Lang.Rupiah(domain.Rupiah(tie.Weight))
	}
	return ""
}

// fateOf is what became of a proposal of a lineage, where the answer says it.
func fateOf(x history.Explanation, number string) history.Fate {
	for _, e := range x.Ends {
		if e.Proposal == number {
			return e.Fate
		}
	}
	for _, l := range x.Later {
		if l.Proposal == number {
			return l.Outcome
		}
	}
	return ""
}

// Sizes of the drawing, in its own units; of a larger family nothing is drawn.
const (
	boxWide, boxHigh = 150, 42
	gapWide, gapHigh = 60, 14
	mostDrawn        = 30
)

// draw returns a lineage as a picture whose time runs to the right. The list
// beside it says the same.
func draw(w words, x history.Explanation) template.HTML {
	depth := map[string]int{}
	var order []string
	see := func(n string) {
		if _, seen := depth[n]; !seen {
			depth[n], order = 0, append(order, n)
		}
	}
	see(x.Proposal)
	for _, tie := range x.Chain {
		see(tie.From)
		see(tie.To)
	}
	if len(order) < 2 || len(order) > mostDrawn {
		return ""
	}
	for range order { // the longest way to each
		for _, tie := range x.Chain {
			depth[tie.To] = min(max(depth[tie.To], depth[tie.From]+1), len(order))
		}
	}
	columns := map[int]int{}
	type place struct{ x, y int }
	at := map[string]place{}
	wide, high := 0, 0
	for _, n := range order {
		d := depth[n]
		at[n] = place{2 + d*(boxWide+gapWide), 2 + columns[d]*(boxHigh+gapHigh)}
		columns[d]++
		wide, high = max(wide, at[n].x+boxWide+2), max(high, at[n].y+boxHigh+2)
	}
	esc := template.HTMLEscapeString
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="graph" role="img" aria-label="%s" viewBox="0 0 %d %d" width="%d" height="%d">`, esc(w.t("lineage.graph")), wide, high, wide, high)
	for _, tie := range x.Chain {
		from, to := at[tie.From], at[tie.To]
		x1, y1, x2, y2 := from.x+boxWide, from.y+boxHigh/2, to.x-7, to.y+boxHigh/2
		mid := (x1 + x2) / 2
		class := "edge"
		if tie.Dropped {
			class = "edge dropped"
		}
		fmt.Fprintf(&b, `<path class="%s" d="M%d %dC%d %d %d %d %d %d"/><path class="tip" d="M%d %dl-7 -4v8z"/>`, class, x1, y1, mid, y1, mid, y2, x2, y2, x2+7, y2)
	}
	for _, n := range order {
		p, class := at[n], "box"
		if n == x.Proposal {
			class = "box self"
		}
		fate := ""
		if f := fateOf(x, n); f != "" {
			fate = w.t("fate." + string(f))
		}
		fmt.Fprintf(&b, `<g class="%s"><rect x="%d" y="%d" width="%d" height="%d" rx="4"/><text class="no" x="%d" y="%d">%s</text><text x="%d" y="%d">%s</text></g>`,
			class, p.x, p.y, boxWide, boxHigh, p.x+9, p.y+17, esc(n), p.x+9, p.y+33, esc(fate))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}
