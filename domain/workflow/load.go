package workflow

import (
	_ "embed"
)

//go:embed musrenbang.yaml
var musrenbang []byte

// Load reads a definition from YAML, or from the canonical JSON another one
// gave, and checks it against what the program knows. Its error is Defects: all
// that is wrong, each with its line, the most basic first. What is only worth a
// look stands in Warnings. file is the name the defects mention.
func Load(file string, doc []byte, v Vocabulary) (*Definition, error) {
	root, found := parse(file, doc)
	if found != nil {
		found.sort()
		return nil, found.first()
	}
	return build(root, v)
}

// Musrenbang returns the base definition that comes with the program.
func Musrenbang(v Vocabulary) (*Definition, error) {
	return Load("musrenbang.yaml", musrenbang, v)
}

// build makes a checked definition of a document.
func build(root *node, v Vocabulary) (*Definition, error) {
	d, found := read(root)
	if found == nil { // a half-read definition would be accused of its own holes
		found = check(d, v)
	}
	return finish(d, found)
}

// finish returns d if nothing that was found forbids its use.
func finish(d *Definition, found Defects) (*Definition, error) {
	if found.sort(); found.fatal() {
		return nil, found.first()
	}
	d.Warnings = found
	d.seal()
	return d, nil
}
