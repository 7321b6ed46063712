package workflow

// Sentences are the words of defects, so that tests can ask for every one.
var Sentences = sentences

// Unguarded explores the product of every merge with check 26 switched off.
func Unguarded(d *Definition) Defects {
	c := newChecker(d, Vocabulary{})
	c.number = 27
	for _, m := range d.All() {
		if m.Effect.Merge != nil {
			x := newProduct(c, m)
			x.strands = func(State, func(string) bool) bool { return false }
			x.explore()
		}
	}
	return c.found
}
