package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Hash returns the identity of d: the SHA-256 of its canonical JSON, in hex.
// A cycle pins it at opening and every event repeats it. Comments, order of
// keys and line breaks do not change it; everything else does.
func (d *Definition) Hash() string { return d.hash }

// Canonical returns d as JSON with sorted keys and no spaces. It is made of the
// resolved document and not of Go types, so that an identity outlives changes
// of the program; Load reads it back to a definition with the same hash.
func (d *Definition) Canonical() []byte { return slices.Clone(d.canon) }

// Pin returns how a cycle and a variant name d: "musrenbang@1#<hash>".
func (d *Definition) Pin() string { return pin(d.Name, d.Version, d.hash) }

func (d *Definition) seal() {
	d.canon = d.source.canonical(nil)
	sum := sha256.Sum256(d.canon)
	d.hash = hex.EncodeToString(sum[:])
}

// canonical appends n as JSON to b, in the manner of RFC 8785.
func (n *node) canonical(b []byte) []byte {
	switch n.kind {
	case table:
		pairs := slices.SortedFunc(slices.Values(n.pairs), func(a, b pair) int { return strings.Compare(a.key, b.key) })
		b = append(b, '{')
		for i, p := range pairs {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(quote(b, p.key), ':')
			b = p.value.canonical(b)
		}
		return append(b, '}')
	case list:
		b = append(b, '[')
		for i, item := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.canonical(b)
		}
		return append(b, ']')
	case whole:
		return append(b, n.text...)
	case truth:
		return append(b, strings.ToLower(n.text)...)
	}
	return quote(b, n.text)
}

// quote appends a JSON string. Control characters never get here: parse
// refuses them.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}
