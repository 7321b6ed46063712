package web

import (
	"html/template"
	"runut/api/graph"
	"runut/api/text"
	"runut/domain"
	"runut/domain/workflow"
	"runut/projections"
)

// Picture puts a family into a drawing in the words of a language and a
// definition; self is the proposal that is asked about.
func Picture(lang text.Lang, flow *workflow.Definition, f projections.Family, self string) graph.Graph {
	v := &visit{lang: lang, flow: flow, zone: domain.Zones["WITA"]}
	return v.picture(familyOf(f), self)
}

func (v *visit) picture(f family, self string) graph.Graph {
	g := graph.Graph{Title: v.t("lineage.graph"), Text: v.t("lineage.graph_text", "n", v.count(len(f.nodes))), Self: self}
	for _, n := range f.nodes {
		badge := v.badge(n.summary)
		g.Boxes = append(g.Boxes, graph.Box{Number: n.Number, Title: v.titleOf(n.summary), Fate: badge.Text, Tone: badge.Tone, Generation: n.generation})
	}
	for _, e := range f.edges {
		edge := graph.Edge{From: e.From, To: e.To, Ended: e.Ended, Split: e.Kind == "split"}
		if e.Of > 0 && !e.Ended {
			edge.Label = v.lang.Percent(e.Weight, e.Of)
		}
		g.Edges = append(g.Edges, edge)
	}
	return g
}

// draw returns a family as a picture. What it shows is in the list beside it too,
// so those who cannot see it lose nothing.
func (v *visit) draw(f family, self string) template.HTML {
	return template.HTML(v.picture(f, self).SVG())
}
