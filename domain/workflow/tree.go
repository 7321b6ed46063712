package workflow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxSize bounds a definition, in bytes. The largest one that makes sense has a
// tenth of it.
const maxSize = 1 << 20

// maxDepth bounds nesting; the grammar needs six levels.
const maxDepth = 24

// A node is one part of a document with its place. Definitions and variants
// are merged as nodes, so that after a merge each part still knows its own
// file and line.
type node struct {
	kind  kind
	file  string
	line  int
	text  string  // of scalars
	items []*node // of lists
	pairs []pair  // of maps, in the order written
}

// A pair is one entry of a map.
type pair struct {
	key   string
	line  int
	value *node
}

type kind int

const (
	null kind = iota
	text
	whole
	truth
	list
	table
	other // a date, a fraction: nothing the grammar has
)

// get returns the value under a key, or nil.
func (n *node) get(key string) *node {
	if n != nil {
		for _, p := range n.pairs {
			if p.key == key {
				return p.value
			}
		}
	}
	return nil
}

// place returns the file and line of the deepest part of path that exists.
func (n *node) place(path ...string) (file string, line int) {
	if n == nil {
		return "", 0
	}
	file, line = n.file, n.line
	for _, key := range path {
		var next *pair
		for i := range n.pairs {
			if n.pairs[i].key == key {
				next = &n.pairs[i]
			}
		}
		if next == nil {
			break
		}
		n = next.value
		file, line = n.file, next.line
	}
	return file, line
}

var (
	yamlLine   = regexp.MustCompile(`line (\d+): (.*)`)
	yamlAnchor = regexp.MustCompile(`unknown anchor '([^']*)'`)
)

// parse reads one YAML document into nodes. What it refuses: everything that
// makes a document mean more than it shows (anchors, aliases, tags, merge keys,
// a second document), keys given twice, tabs as indentation, control
// characters, and sizes no honest definition has.
func parse(file string, doc []byte) (*node, Defects) {
	p := parser{file: file}
	if len(doc) > maxSize {
		p.bad(0, "too_large", "bytes", strconv.Itoa(len(doc)), "limit", strconv.Itoa(maxSize))
		return nil, p.found
	}
	if !utf8.Valid(doc) {
		p.bad(firstInvalid(doc), "not_utf8")
		return nil, p.found
	}
	p.tabs(doc)
	dec := yaml.NewDecoder(bytes.NewReader(doc))
	var root, second yaml.Node
	switch err := dec.Decode(&root); {
	case errors.Is(err, io.EOF):
		p.bad(0, "empty")
		return nil, p.found
	case err != nil:
		if p.found == nil { // a tab explains itself better than the parser does
			p.syntax(doc, err)
		}
		return nil, p.found
	}
	if err := dec.Decode(&second); err == nil {
		p.bad(second.Line, "second_document")
	} else if !errors.Is(err, io.EOF) {
		p.syntax(doc, err)
	}
	n := p.node(root.Content[0], "", 0)
	if n.kind != table && p.found == nil {
		p.bad(n.line, "not_a_map", "path", "document")
	}
	return n, p.found
}

type parser struct {
	file  string
	found Defects
}

func (p *parser) bad(line int, code string, params ...string) {
	p.found = append(p.found, newDefect(0, p.file, line, code, params))
}

// syntax turns the YAML package's message into a defect. That package names no
// line for what is on the first, and for what its parser (not its scanner)
// refuses, the line before.
func (p *parser) syntax(doc []byte, err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlAnchor.FindStringSubmatch(message); m != nil { // never with a line
		before, _, _ := bytes.Cut(doc, []byte("*"+m[1]))
		p.bad(1+bytes.Count(before, []byte("\n")), "alias", "name", m[1])
		return
	}
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
		if strings.HasPrefix(message, "did not find expected") {
			line++
		}
	}
	p.bad(line, "syntax", "message", message)
}

// tabs reports every line that is indented with a tab.
func (p *parser) tabs(doc []byte) {
	line := 0
	for l := range bytes.Lines(doc) {
		line++
		indent := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]
		if bytes.ContainsRune(indent, '\t') && len(bytes.TrimSpace(l)) > 0 {
			p.bad(line, "tab")
		}
	}
}

// node turns y, which lies under path, into a node, reporting what it refuses.
func (p *parser) node(y *yaml.Node, path string, depth int) *node {
	n := &node{file: p.file, line: y.Line, text: y.Value}
	if depth > maxDepth {
		p.bad(y.Line, "too_deep", "limit", strconv.Itoa(maxDepth))
		return n
	}
	if y.Kind == yaml.AliasNode {
		p.bad(y.Line, "alias", "name", y.Value)
		return n
	}
	if y.Anchor != "" {
		p.bad(y.Line, "anchor", "name", y.Anchor)
	}
	if y.Style&yaml.TaggedStyle != 0 {
		p.bad(y.Line, "tag", "name", y.Tag)
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = table
		p.pairs(n, y, path, depth)
	case yaml.SequenceNode:
		n.kind = list
		for i, item := range y.Content {
			n.items = append(n.items, p.node(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
	default:
		n.kind = scalarKind(y)
		if strings.ContainsFunc(y.Value, unicode.IsControl) {
			p.bad(y.Line, "control_character", "path", path)
		}
	}
	return n
}

func (p *parser) pairs(n *node, y *yaml.Node, path string, depth int) {
	seen := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Anchor != "" || k.Style&yaml.TaggedStyle != 0 || k.ShortTag() != "!!str" {
			p.bad(k.Line, "key_not_text", "path", path)
			continue
		}
		if first, twice := seen[k.Value]; twice {
			p.bad(k.Line, "duplicate_key", "key", k.Value, "first", strconv.Itoa(first))
			continue
		}
		seen[k.Value] = k.Line
		n.pairs = append(n.pairs, pair{k.Value, k.Line, p.node(v, join(path, k.Value), depth+1)})
	}
}

var wholeForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

func scalarKind(y *yaml.Node) kind {
	switch tag := y.ShortTag(); {
	case tag == "!!str":
		return text
	case tag == "!!null":
		return null
	case tag == "!!bool":
		return truth
	case tag == "!!int" && wholeForm.MatchString(y.Value):
		return whole
	}
	return other
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// firstInvalid returns the line of the first byte that is not UTF-8.
func firstInvalid(doc []byte) int {
	line := 1
	for len(doc) > 0 {
		r, size := utf8.DecodeRune(doc)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		doc = doc[size:]
	}
	return line
}
