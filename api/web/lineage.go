package web

import (
	"html/template"

	"runut/projections"
)

// A Lineage is what a proposal was merged with, split into and carried on as:
// as nested lists, and as a drawing of the same.
type Lineage struct {
	Roots []Branch
	Graph template.HTML // "" where it would be too large to read
	More  bool          // the family is larger than what is shown
}

// A Branch is one proposal of a family and what it became.
type Branch struct {
	Number, URL, Title string
	Badge              Badge
	Asked, Granted     string
	Way                string // how it came from the one above it
	Ended              bool   // and that it did no longer holds
	Self, Repeated     bool
	Heirs              []Branch
}

// A family is a lineage of either read model.
type family struct {
	nodes []relative
	edges []projections.PublicEdge
	more  bool
}

type relative struct {
	summary
	generation int
	village    string
}

func familyOf(f projections.Family) family {
	out := family{more: f.More}
	for _, n := range f.Nodes {
		out.nodes = append(out.nodes, relative{summary{Number: n.Number, Cycle: n.Cycle, Lane: n.Lane, Title: n.Title, Village: n.Village,
			State: n.State, Fate: n.Fate, Asked: n.Asked, Granted: n.Granted}, n.Generation, n.Village})
	}
	for _, e := range f.Edges {
		out.edges = append(out.edges, projections.PublicEdge{From: e.From, To: e.To, Kind: e.Kind, Weight: e.Weight, Of: e.Of, Ended: e.Ended})
	}
	return out
}

func familyOfPublic(f projections.PublicFamily) family {
	out := family{edges: f.Edges}
	for _, n := range f.Nodes {
		out.nodes = append(out.nodes, relative{summary{Number: n.Number, Cycle: yearOf(n.Number), Title: n.Title, Village: n.Village,
			State: n.State, Fate: n.Fate, Asked: n.Asked, Granted: n.Granted}, n.Generation, n.Village})
	}
	return out
}

// yearOf reads the fiscal year off a number: U-27-… is 2027.
func yearOf(number string) int {
	if len(number) < 4 {
		return 0
	}
	return 2000 + int(number[2]-'0')*10 + int(number[3]-'0')
}

// Of a larger family only a part is listed, and nothing is drawn.
const (
	mostListed = 60
	mostDrawn  = 24
)

func (v *visit) lineage(s *subject) *Lineage {
	f := s.family
	if len(f.nodes) < 2 {
		return nil
	}
	out := &Lineage{More: f.more || len(f.nodes) > mostListed}
	at := make(map[string]relative, len(f.nodes))
	heir := make(map[string]bool)
	for _, n := range f.nodes {
		at[n.Number] = n
	}
	below := make(map[string][]projections.PublicEdge)
	for _, e := range f.edges {
		below[e.From] = append(below[e.From], e)
		heir[e.To] = true
	}
	seen := make(map[string]bool)
	var branch func(n relative, way string, ended bool) Branch
	branch = func(n relative, way string, ended bool) Branch {
		b := Branch{Number: n.Number, URL: proposalURL(n.Number), Title: v.titleOf(n.summary), Badge: v.badge(n.summary), Way: way, Ended: ended,
			Self: n.Number == s.Number, Repeated: seen[n.Number]}
		if n.Asked > 0 {
			b.Asked = v.lang.Short(n.Asked)
		}
		if n.Granted > 0 {
			b.Granted = v.lang.Short(n.Granted)
		}
		if b.Repeated {
			return b
		}
		seen[n.Number] = true
		for _, e := range below[n.Number] {
			if to, ok := at[e.To]; ok && len(seen) < mostListed {
				b.Heirs = append(b.Heirs, branch(to, v.way(e), e.Ended))
			}
		}
		return b
	}
	for _, n := range f.nodes {
		if !heir[n.Number] && len(seen) < mostListed {
			out.Roots = append(out.Roots, branch(n, "", false))
		}
	}
	if len(f.nodes) <= mostDrawn {
		out.Graph = v.draw(f, s.Number)
	}
	return out
}

// way says how one proposal became another: "digabung (34,5 %)".
func (v *visit) way(e projections.PublicEdge) string {
	code := "way." + e.Kind
	if e.Ended {
		code += ".ended"
	}
	way := v.lang.Or(code, e.Kind)
	if e.Of > 0 && !e.Ended {
		way += " (" + v.lang.Percent(e.Weight, e.Of) + ")"
	}
	return way
}
