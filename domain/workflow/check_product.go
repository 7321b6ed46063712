package workflow

import (
	"slices"
	"strconv"
	"strings"
)

// productEnds is check 27. One proposal is a state machine and the checks above
// settle its fate exactly; proposals that are merged are no longer one. So every
// history of two proposals that may become children of one parent is explored,
// with the windows closing in every order the definition allows and commands
// that would strand somebody refused, as they are at run time. Two things must
// hold: when all windows are closed nobody is left waiting, and nobody's fate
// follows a parent that was dissolved. It is run only on a definition with no
// other defect, since each of those would show here again.
func (c *checker) productEnds() {
	if c.found.fatal() {
		return
	}
	for _, m := range c.d.All() {
		if m.Effect.Merge != nil {
			newProduct(c, m).explore()
		}
	}
}

// A joint is where two proposals, the parent they may share and the windows
// stand. The proposals are interchangeable, so a is never after b.
type joint struct {
	shut   int   // bit i: windows[i] is closed
	a, b   State // the children
	parent State // "" before the merge and after it was undone
}

type product struct {
	c       *checker
	d       *Definition
	merge   *Transition
	windows []string // those that end somebody, in order
	before  []int    // per window: those that must be closed first
	seen    map[joint]step
	queue   []joint
	strands func(s State, ran func(window string) bool) bool // what commands are refused for
}

// A step says how a joint was first come to.
type step struct {
	from joint
	by   string
}

func newProduct(c *checker, merge *Transition) *product {
	x := &product{c: c, d: c.d, merge: merge, seen: map[joint]step{}, strands: c.d.Strands}
	for _, w := range c.d.WindowNames() {
		if slices.ContainsFunc(c.d.Rows(w), func(r *Row) bool { return r.State != "" }) {
			x.windows = append(x.windows, w)
		}
	}
	x.before = make([]int, len(x.windows))
	for i, w := range x.windows {
		for j, o := range x.windows {
			if c.d.follows(w, o) {
				x.before[i] |= 1 << j
			}
		}
	}
	return x
}

// maxJoints bounds the exploration. The base definition has 3,226.
const maxJoints = 100_000

func (x *product) explore() {
	if len(x.windows) > 30 { // one bit each
		x.tooLarge()
		return
	}
	start := joint{a: x.d.Initial, b: x.d.Initial}
	x.seen[start] = step{}
	x.queue = []joint{start}
	told := map[string]bool{}
	for ; len(x.queue) > 0; x.queue = x.queue[1:] {
		if len(x.seen) > maxJoints {
			x.tooLarge()
			return
		}
		j := x.queue[0]
		if code, who := x.wrong(j); code != "" && !told[code+string(who)] {
			told[code+string(who)] = true
			x.c.bad(at("transitions", x.merge.Name), code, act("act", x.merge), x.c.state("state", who), p("history", x.history(j)))
		}
		x.closings(j)
		x.acts(j)
	}
}

func (x *product) tooLarge() {
	x.c.odd(at("transitions", x.merge.Name), "product_too_large", act("act", x.merge), p("limit", strconv.Itoa(maxJoints)))
}

// wrong returns what is wrong with a joint and whose state shows it.
func (x *product) wrong(j joint) (string, State) {
	for _, s := range []State{j.a, j.b} {
		if spec := x.d.States[s]; spec.FateFollows == "parent" && j.parent != "" && x.d.States[j.parent].Final == FinalDissolved {
			return "parent_gone", s
		}
	}
	if j.shut != 1<<len(x.windows)-1 {
		return "", ""
	}
	for _, s := range []State{j.a, j.b, j.parent} {
		if s != "" && s != x.d.Initial && x.d.States[s].Final == "" {
			return "waits_for_ever", s
		}
	}
	return "", ""
}

func (x *product) closings(j joint) {
	for i, w := range x.windows {
		if j.shut&(1<<i) != 0 || j.shut&x.before[i] != x.before[i] {
			continue
		}
		next := j
		next.shut |= 1 << i
		for _, s := range []*State{&next.a, &next.b, &next.parent} {
			if r := x.d.OnWindowClose[w][string(*s)]; r != nil && *s != "" {
				*s = r.To
			}
		}
		x.visit(j, next, "close "+w)
	}
}

func (x *product) acts(j joint) {
	for _, t := range x.steps(j, j.a) {
		next := j
		next.a = t.To
		x.visit(j, next, t.Name)
	}
	if j.b != j.a {
		for _, t := range x.steps(j, j.b) {
			next := j
			next.b = t.To
			x.visit(j, next, t.Name)
		}
	}
	if j.parent == "" {
		if x.open(j, x.merge) && slices.Contains(x.merge.From, j.a) && slices.Contains(x.merge.From, j.b) {
			next := j
			next.a, next.b, next.parent = x.merge.To, x.merge.To, x.merge.Effect.Merge.ParentStartsIn
			x.visit(j, next, x.merge.Name)
		}
		return
	}
	for _, t := range x.steps(j, j.parent) {
		if x.undoes(t) {
			x.undo(j, t)
			continue
		}
		next := j
		next.parent = t.To
		x.visit(j, next, t.Name)
	}
}

// steps returns the acts one proposal may take by itself.
func (x *product) steps(j joint, s State) []*Transition {
	return kept(x.d.Exits(s), func(t *Transition) bool {
		return t.Effect == (Effect{}) && x.d.States[s].Final != FinalAbsorbed && x.open(j, t)
	})
}

// undoes reports whether t is a parent's side of undoing a merge: it dissolves
// the parent by the same event that gives absorbed children back. It happens
// with them or not at all.
func (x *product) undoes(t *Transition) bool {
	return x.d.States[t.To].Final == FinalDissolved && slices.ContainsFunc(x.d.All(), func(o *Transition) bool { return x.givesBack(o, t) })
}

func (x *product) givesBack(child, parent *Transition) bool {
	return child.Event == parent.Event && slices.Contains(child.From, x.merge.To)
}

func (x *product) undo(j joint, parent *Transition) {
	for _, t := range x.d.Exits(x.merge.To) {
		if !x.givesBack(t, parent) || !x.open(j, t) {
			continue
		}
		next := j
		next.a, next.b, next.parent = t.To, t.To, ""
		x.visit(j, next, parent.Name)
	}
}

func (x *product) open(j joint, t *Transition) bool {
	i := slices.Index(x.windows, t.Window)
	return i < 0 || j.shut&(1<<i) == 0
}

// visit comes to a joint, unless by a command that strands somebody.
func (x *product) visit(from, to joint, by string) {
	ran := func(w string) bool {
		i := slices.Index(x.windows, w)
		return i >= 0 && to.shut&(1<<i) != 0
	}
	if from.shut == to.shut {
		for _, s := range []State{to.a, to.b, to.parent} {
			if s != "" && x.strands(s, ran) {
				return
			}
		}
	}
	if to.a > to.b {
		to.a, to.b = to.b, to.a
	}
	if _, seen := x.seen[to]; !seen {
		x.seen[to] = step{from, by}
		x.queue = append(x.queue, to)
	}
}

// history tells how a joint was come to.
func (x *product) history(j joint) string {
	var acts []string
	for x.seen[j].by != "" {
		acts = append(acts, x.seen[j].by)
		j = x.seen[j].from
	}
	slices.Reverse(acts)
	return strings.Join(acts, ", ")
}
