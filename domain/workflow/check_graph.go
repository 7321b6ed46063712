package workflow

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

func anyEdge(edge) bool   { return true }
func forward(e edge) bool { return !e.remedy }

// reachable is check 2: some history leads to every state. Where a parent or a
// part begins counts.
func (c *checker) reachable() {
	seen := c.reach(c.d.Initial, anyEdge)
	for _, s := range sortedKeys(c.d.States) {
		if !seen[s] {
			c.bad(at("states", string(s)), "unreachable", c.state("state", s))
		}
	}
}

// completes is check 3, the option to complete: from every state an end can be
// reached without a remedy, for remedies begin at ends.
func (c *checker) completes() {
	for _, s := range sortedKeys(c.d.States) {
		ends := slices.ContainsFunc(slices.Collect(maps.Keys(c.reach(s, forward))), func(x State) bool {
			return c.d.States[x] != nil && c.d.States[x].Final != ""
		})
		if !ends {
			c.bad(at("states", string(s)), "never_ends", c.state("state", s))
		}
	}
}

// endsHold is check 4: an end is left by a remedy alone, and a remedy leaves
// ends alone. So whoever is told "this has ended" is told the truth, and what
// is counted as a chance to win never includes a favour.
func (c *checker) endsHold() {
	for _, t := range c.d.All() {
		for _, s := range t.From {
			spec := c.d.States[s]
			if spec == nil {
				continue
			}
			path := at("transitions", t.Name, "from")
			if spec.Final != "" && t.leaves(s) && !t.Remedy {
				c.bad(path, "leaves_end", act("act", t), c.state("state", s))
			}
			if spec.Final == "" && t.Remedy {
				c.bad(path, "remedy_from_open", act("act", t), c.state("state", s))
			}
		}
	}
}

// alive is check 5: somebody can take every act, somewhere, some day.
func (c *checker) alive() {
	seen := c.reach(c.d.Initial, anyEdge)
	for _, t := range c.d.All() {
		path := at("transitions", t.Name)
		if t.Window != "" && c.d.Windows[t.Window] == nil {
			c.bad(append(path, "window"), "act_window_unknown", act("act", t), p("window", t.Window))
		}
		if !slices.ContainsFunc(t.From, func(s State) bool { return seen[s] }) {
			c.bad(append(path, "from"), "never_possible", act("act", t))
		}
		if !slices.ContainsFunc(t.By, c.grantable) {
			c.bad(append(path, "by"), "nobody_may", act("act", t))
		}
	}
}

// deterministic is check 6: the record of an act says which arrow it was. Two
// arrows of one state and event must differ in a field that both name, and the
// rows of a closing must not be mistaken for an act that leads elsewhere.
func (c *checker) deterministic() {
	all := c.d.All()
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.Event != b.Event || differ(a.When, b.When) {
				continue
			}
			for _, s := range a.From {
				if _, both := slices.BinarySearch(b.From, s); both {
					c.bad(at("transitions", b.Name), "ambiguous", act("a", a), act("b", b), c.state("state", s), p("event", a.Event))
					break
				}
			}
		}
	}
	for _, r := range c.d.allRows() {
		if r.State == "" {
			continue
		}
		for _, t := range c.d.Taking(r.State, r.Event) {
			if !differ(t.When, r.When) && t.Target(r.State) != r.To {
				c.bad(r.path(), "row_ambiguous", act("act", t), c.state("state", r.State), p("event", r.Event))
			}
		}
	}
}

// differ reports whether some field has one value in a and another in b.
func differ(a, b map[string]string) bool {
	for field, value := range a {
		if other, both := b[field]; both && other != value {
			return true
		}
	}
	return false
}

// nothingHangs is check 9: the closing of some window ends every proposal that
// waits in an open state, whatever else could still happen to it. A withdrawal
// that is possible at any time ends nothing by itself.
func (c *checker) nothingHangs() {
	ends := map[State]bool{}
	for _, r := range c.d.allRows() {
		if c.d.Windows[r.Window] == nil {
			c.bad(r.path(), "row_window_unknown", p("window", r.Window))
			continue
		}
		if r.State == "" {
			continue
		}
		ends[r.State] = true
		if spec := c.d.States[r.State]; spec != nil && spec.Final != "" {
			c.bad(r.path(), "row_on_end", c.state("state", r.State), c.window(r.Window))
		}
		if to := c.d.States[r.To]; to == nil || to.Final == "" {
			c.bad(r.path(), "row_does_not_end", c.state("state", r.State), c.window(r.Window))
		}
	}
	for _, s := range sortedKeys(c.d.States) {
		if c.d.States[s].Final == "" && s != c.d.Initial && !ends[s] {
			c.bad(at("states", string(s)), "hangs", c.state("state", s), p("windows", c.exitWindows(s)))
		}
	}
}

// exitWindows lists the windows of the acts by which s is left.
func (c *checker) exitWindows(s State) string {
	var out []string
	for _, t := range c.d.Exits(s) {
		if t.Window != "" && !t.Remedy && !slices.Contains(out, t.Window) {
			out = append(out, t.Window)
		}
	}
	return cmp.Or(commas(out), "–")
}

// loopsBounded is check 14: a proposal cannot go round for ever. Bounds are the
// number of visits of a state; a list that is made final, which decides each
// proposal once; and the depth of merges and splits. A closing is no bound.
func (c *checker) loopsBounded() {
	for _, t := range c.d.All() {
		path := at("transitions", t.Name, "effect")
		if s := t.Effect.Split; s != nil && s.MaxDepth < 1 {
			c.bad(append(path, "split"), "split_unbounded", act("act", t))
		}
		if x := t.Effect.Transfer; x != nil && x.Max < 1 {
			c.bad(append(path, "transfer"), "transfer_unbounded", act("act", t))
		}
	}
	free := func(e edge) bool {
		if e.remedy || e.spawn || c.d.States[e.to].MaxVisits > 0 || c.d.States[e.from].MaxVisits > 0 {
			return false
		}
		return e.by == nil || !slices.Contains(e.by.Need, "list")
	}
	told := map[State]bool{}
	for _, s := range sortedKeys(c.d.States) {
		if told[s] {
			continue
		}
		loop := c.loop(s, free)
		for _, x := range loop {
			told[x] = true
		}
		if len(loop) > 0 {
			c.bad(at("states", string(s)), "unbounded_loop", c.state("state", s), p("loop", strings.Join(append(strs(loop), string(s)), " → ")))
		}
	}
}

// loop returns a shortest way from s back to s over the edges that use allows,
// s first, or nil.
func (c *checker) loop(s State, use func(edge) bool) []State {
	before := map[State]State{}
	for queue := []State{s}; len(queue) > 0; queue = queue[1:] {
		x := queue[0]
		for _, e := range c.out[x] {
			if !use(e) {
				continue
			}
			if e.to == s {
				loop := []State{x}
				for x != s {
					x = before[x]
					loop = append(loop, x)
				}
				slices.Reverse(loop)
				return loop
			}
			if _, seen := before[e.to]; !seen {
				before[e.to] = x
				queue = append(queue, e.to)
			}
		}
	}
	return nil
}

func strs[T ~string](xs []T) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return out
}
