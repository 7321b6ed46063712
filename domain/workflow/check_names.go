package workflow

import (
	"cmp"
	"maps"
	"slices"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// namesResolve is check 1: what a definition mentions by name exists.
func (c *checker) namesResolve() {
	d := c.d
	if first := d.States[d.Initial]; first == nil {
		c.bad(at("initial"), "state_unknown", p("state", string(d.Initial)))
	} else if first.Final != "" {
		c.bad(at("initial"), "initial_is_end", c.state("state", d.Initial))
	}
	for _, name := range sortedKeys(d.States) {
		c.stateNames(name, d.States[name])
	}
	for _, t := range d.All() {
		c.transitionNames(t)
	}
	for _, name := range sortedKeys(d.Windows) {
		w := d.Windows[name]
		c.stageExists(at("windows", name, "stage"), w.Stage)
		for _, before := range w.After {
			if d.Windows[before] == nil {
				c.bad(at("windows", name, "after"), "window_unknown", p("window", before))
			}
		}
	}
	for _, r := range d.allRows() {
		if path := r.path(); r.State != "" {
			c.stateExists(path, r.State)
			if r.To != "" {
				c.stateExists(append(path, "to"), r.To)
			}
			c.whenNames(append(path, "when"), r.When)
		}
	}
	c.reasonNames()
}

func (r *Row) path() []string {
	if r.Flag != "" {
		return at("on_window_close", r.Window, "flag:"+r.Flag)
	}
	return at("on_window_close", r.Window, string(r.State))
}

func (c *checker) stateNames(name State, s *StateSpec) {
	path := at("states", string(name))
	switch {
	case s.Final == "" && s.Stage == "":
		c.bad(path, "state_without_stage", c.state("state", name))
	case s.Final != "" && s.Stage != "":
		c.bad(append(path, "stage"), "end_with_stage", c.state("state", name))
	case s.Stage != "":
		c.stageExists(append(path, "stage"), s.Stage)
	}
}

func (c *checker) transitionNames(t *Transition) {
	path := at("transitions", t.Name)
	for _, s := range t.From {
		c.stateExists(append(path, "from"), s)
	}
	if !t.Stay {
		c.stateExists(append(path, "to"), t.To)
		if t.To == c.d.Initial {
			c.bad(append(path, "to"), "back_to_initial", act("act", t), c.state("state", t.To))
		}
	}
	c.whenNames(append(path, "when"), t.When)
	if w := c.d.Windows[t.Window]; w != nil && t.When["stage"] != "" && t.When["stage"] != w.Stage {
		c.bad(append(path, "when"), "stage_of_other_window", act("act", t), p("stage", t.When["stage"]), c.window(t.Window))
	}
	path = append(path, "effect")
	if m := t.Effect.Merge; m != nil {
		c.startExists(append(path, "merge", "parent_starts_in"), t, m.ParentStartsIn)
	}
	if s := t.Effect.Split; s != nil {
		c.startExists(append(path, "split", "parts_start_in"), t, s.PartsStartIn)
	}
	if o := t.Effect.CarryOver; o != nil {
		for _, lane := range sortedKeys(o.StartsIn) {
			at := append(path, "carry_over", "starts_in", lane)
			c.startExists(at, t, o.StartsIn[lane])
			if _, ok := c.d.Lanes[lane]; !ok {
				c.bad(at, "lane_unknown", p("lane", lane))
			}
		}
	}
}

// startExists checks the state another stream begins in.
func (c *checker) startExists(path []string, t *Transition, s State) {
	c.stateExists(path, s)
	if spec := c.d.States[s]; spec != nil && (spec.Final != "" || s == c.d.Initial) {
		c.bad(path, "start_not_open", act("act", t), c.state("state", s))
	}
}

func (c *checker) stateExists(path []string, s State) {
	if c.d.States[s] == nil {
		c.bad(path, "state_unknown", p("state", string(s)))
	}
}

func (c *checker) stageExists(path []string, stage string) {
	if c.d.Stages[stage] == nil {
		c.bad(path, "stage_unknown", p("stage", stage))
	}
}

// whenNames checks the values of fields that name parts of the definition.
func (c *checker) whenNames(path []string, when map[string]string) {
	if s, ok := when["stage"]; ok {
		c.stageExists(path, s)
	}
	if l, ok := when["lane"]; ok {
		if _, known := c.d.Lanes[l]; !known {
			c.bad(path, "lane_unknown", p("lane", l))
		}
	}
	if s, ok := when["resume"]; ok {
		c.stateExists(path, State(s))
	}
}

func (c *checker) reasonNames() {
	d := c.d
	for _, name := range sortedKeys(d.Groups) {
		c.meaningExists(at("reason_groups", name, "means"), d.Groups[name].Means)
	}
	for _, code := range sortedKeys(d.Codes) {
		r := d.Codes[code]
		path := at("reasons", code)
		if d.Groups[r.Group] == nil {
			c.bad(append(path, "group"), "group_unknown", p("group", r.Group), p("code", code))
			continue
		}
		c.meaningExists(append(path, "means"), r.Means)
		for _, l := range r.Lists {
			if d.Lists[l] == nil {
				c.bad(append(path, "lists"), "list_unknown", p("list", l))
			}
		}
	}
}

func (c *checker) meaningExists(path []string, m string) {
	if _, ok := c.d.Meanings[m]; !ok {
		c.bad(path, "meaning_unknown", p("meaning", m))
	}
}

// eventsExist is check 7: the Go code knows every event, every field that is
// asked for or compared, and every guard.
func (c *checker) eventsExist() {
	for _, t := range c.d.All() {
		path := at("transitions", t.Name)
		c.eventHas(append(path, "event"), append(path, "need"), t.Event, t.Need)
		c.eventHas(append(path, "event"), append(path, "when"), t.Event, sortedKeys(t.When))
		if t.Reason != "" {
			c.eventHas(append(path, "event"), append(path, "reason"), t.Event, []string{"reason"})
		}
		for _, e := range t.spawned() {
			c.eventHas(append(path, "effect"), nil, e, nil)
		}
		for _, g := range t.Guard {
			if !slices.Contains(c.v.Guards, g) {
				c.bad(append(path, "guard"), "guard_unknown", act("act", t), p("guard", g), p("known", commas(c.v.Guards)))
			}
		}
	}
	for _, r := range c.d.allRows() {
		path := r.path()
		fields := sortedKeys(r.When)
		if r.Reason != "" {
			fields = append(fields, "reason")
		}
		c.eventHas(append(path, "event"), append(path, "event"), r.Event, fields)
	}
}

// spawned returns the events t writes to other streams.
func (t *Transition) spawned() []string {
	switch e := t.Effect; {
	case e.Merge != nil:
		return []string{e.Merge.ParentEvent}
	case e.Split != nil:
		return []string{e.Split.PartEvent}
	case e.CarryOver != nil:
		return []string{e.CarryOver.Event}
	}
	return nil
}

func (c *checker) eventHas(path, fieldPath []string, event string, fields []string) {
	has, ok := c.v.Events[event]
	if !ok {
		c.bad(path, "event_unknown", p("event", event))
		return
	}
	for _, f := range fields {
		if !slices.Contains(has, f) {
			c.bad(fieldPath, "field_unknown", p("event", event), p("field", f))
		}
	}
}

// eventsUsed is check 8: no event type lies idle, unless it is declared as
// written outside every definition.
func (c *checker) eventsUsed() {
	used := map[string]bool{}
	for _, t := range c.d.All() {
		used[t.Event] = true
		for _, e := range t.spawned() {
			used[e] = true
		}
	}
	for _, r := range c.d.allRows() {
		used[r.Event] = true
	}
	for _, e := range sortedKeys(c.v.Events) {
		if !used[e] && !slices.Contains(c.v.External, e) {
			c.bad(at("transitions"), "event_unused", p("event", e))
		}
	}
}
