package workflow

import "slices"

// resolve fills in what is written short: macros, stays, one start for every
// lane, the meaning a code has from its group, the outcome of open states.
func (r *reader) resolve() {
	d := r.d
	for name, t := range d.Transitions {
		t.Name = name
		if t.To == stay {
			t.To, t.Stay = "", true
		}
		if macro := r.macros[t]; macro != "" {
			t.From = d.macro(macro)
		}
		slices.Sort(t.From)
		if c := t.Effect.CarryOver; c != nil {
			if s, all := r.starts[c]; all {
				for lane := range d.Lanes {
					c.StartsIn[lane] = s
				}
			}
		}
	}
	for _, s := range d.States {
		if s.Final == "" && s.Outcome == "" {
			s.Outcome = "pending"
		}
	}
	d.Reasons = make(map[string]map[string]Label, len(d.Lists))
	for name := range d.Lists {
		d.Reasons[name] = map[string]Label{}
	}
	for code, c := range d.Codes {
		if g := d.Groups[c.Group]; g != nil && c.Means == "" {
			c.Means = g.Means
		}
		for _, l := range c.Lists {
			if codes := d.Reasons[l]; codes != nil {
				codes[code] = c.Title
			}
		}
	}
	d.index()
}

// index remembers what is asked for with every decision.
func (d *Definition) index() {
	d.names = sortedKeys(d.Transitions)
	d.from, d.exits = map[State][]*Transition{}, map[State][]*Transition{}
	for _, t := range d.All() {
		for _, s := range t.From {
			d.from[s] = append(d.from[s], t)
			if t.leaves(s) {
				d.exits[s] = append(d.exits[s], t)
			}
		}
	}
	d.before = map[string]map[string]bool{}
	for w, spec := range d.Windows {
		seen := map[string]bool{}
		for queue := slices.Clone(spec.After); len(queue) > 0; queue = queue[1:] {
			if b := d.Windows[queue[0]]; b != nil && !seen[queue[0]] {
				seen[queue[0]] = true
				queue = append(queue, b.After...)
			}
		}
		d.before[w] = seen
	}
	d.endedBy = map[State][]string{}
	for _, w := range d.WindowNames() {
		for _, r := range d.Rows(w) {
			if r.State != "" {
				d.endedBy[r.State] = append(d.endedBy[r.State], w)
			}
		}
	}
}

// macro returns the states a word of "from" stands for.
func (d *Definition) macro(word string) []State {
	var out []State
	for name, s := range d.States {
		in := name != d.Initial
		switch word {
		case fromOpen:
			in = in && s.Final == ""
		case fromEnded:
			in = in && (s.Final != "" || s.Goal != "")
		}
		if in {
			out = append(out, name)
		}
	}
	return out
}
