package graph_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"runut/api/graph"
)

// What people wrote comes into a drawing as words, never as markup or commands.
func TestWordsStayWords(t *testing.T) {
	evil := "\"]; evil [label=<b>x</b>]\\N\n<script>&\x00\u202e"
	g := graph.Graph{Title: evil, Text: evil, Self: "U-27-1", Boxes: []graph.Box{{Number: "U-27-1", Title: evil, Fate: evil, Tone: `x" onload="y`}, {Number: "U-27-2", Generation: 1, Tone: "bad"}},
		Edges: []graph.Edge{{From: "U-27-1", To: "U-27-2", Label: evil, Ended: true}, {From: "U-27-1", To: "U-27-9"}}}
	d := xml.NewDecoder(strings.NewReader(g.SVG()))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && (e.Name.Local == "script" || e.Name.Local == "b") {
			t.Errorf("<%s> is an element", e.Name.Local)
		} else if ok {
			for _, a := range e.Attr {
				if a.Name.Local == "onload" {
					t.Error("an attribute was slipped in")
				}
			}
		}
	}
	dot := g.DOT()
	for line := range strings.Lines(dot) {
		inside := false
		for i := 0; i < len(line); i++ {
			switch {
			case line[i] == '\\' && inside:
				i++
			case line[i] == '"':
				inside = !inside
			case strings.HasPrefix(line[i:], "evil") && !inside:
				t.Errorf("a statement was slipped in: %s", line)
			}
		}
		if inside {
			t.Errorf("a string runs over its line: %q", line)
		}
	}
	if !strings.Contains(dot, `\\N`) || strings.Count(dot, "->") != 2 {
		t.Errorf("it is\n%s", dot)
	}
}
