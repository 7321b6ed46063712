package workflow

import "slices"

// windowsInOrder is check 10 as far as a definition alone shows it: the order
// of windows has no circle, agrees with the order of stages, and no act hands a
// proposal to a window that may already have ended.
func (c *checker) windowsInOrder() {
	for _, w := range sortedKeys(c.d.Windows) {
		if c.d.follows(w, w) {
			c.bad(at("windows", w, "after"), "window_after_itself", c.window(w))
			continue
		}
		for _, before := range c.d.Windows[w].After {
			c.stageOrder(w, before)
		}
	}
	for _, e := range c.edges {
		if e.by == nil || e.by.Window == "" || c.d.Windows[e.by.Window] == nil {
			continue
		}
		for _, w := range c.d.RowsFor(e.to) {
			if w != e.by.Window && !c.d.follows(w, e.by.Window) {
				c.bad(at("windows", w, "after"), "may_end_before", c.window(w), p("before", e.by.Window), act("act", e.by), c.state("state", e.to))
			}
		}
	}
}

func (c *checker) stageOrder(w, before string) {
	b := c.d.Windows[before]
	if b == nil {
		return
	}
	late, early := c.d.Stages[c.d.Windows[w].Stage], c.d.Stages[b.Stage]
	if late != nil && early != nil && late.Order < early.Order {
		c.bad(at("windows", w, "after"), "against_stages", c.window(w), p("before", before))
	}
}

// wayBack is check 22: when a window is reopened by decree, whatever its closing
// ended can be brought back.
func (c *checker) wayBack() {
	for _, r := range c.d.allRows() {
		if r.State != "" && c.d.States[r.To] != nil && c.d.States[r.State] != nil && c.d.WayBack(r) == nil {
			c.bad(r.path(), "no_way_back", c.window(r.Window), c.state("state", r.State), c.state("to", r.To))
		}
	}
}

// rowsOnOwnWindow is check 25: a proposal waits for the window by which it could
// still get on, not for somebody else's.
func (c *checker) rowsOnOwnWindow() {
	for _, r := range c.d.allRows() {
		if r.State == "" || c.d.States[r.State] == nil {
			continue
		}
		own := slices.ContainsFunc(c.d.Exits(r.State), func(t *Transition) bool { return !t.Remedy && t.Window == r.Window })
		if !own {
			c.bad(r.path(), "row_on_other_window", c.state("state", r.State), c.window(r.Window), p("windows", c.exitWindows(r.State)))
		}
	}
}

// flagsEnd is check 23: a clock that runs beside the state, such as an
// objection, is stopped by an act and at the latest by the closing of the
// window it was started in.
func (c *checker) flagsEnd() {
	raised, cleared := map[string]bool{}, map[string]bool{}
	for _, t := range c.d.All() {
		raised[t.Raise] = true
		cleared[t.Clear] = true
	}
	for _, t := range c.d.All() {
		path := at("transitions", t.Name)
		if t.Raise != "" && !cleared[t.Raise] {
			c.bad(append(path, "raise"), "flag_never_cleared", act("act", t), p("flag", t.Raise))
		}
		if t.Raise != "" && !c.flagRow(t) {
			c.bad(append(path, "raise"), "flag_outlives_window", act("act", t), p("flag", t.Raise), c.window(t.Window))
		}
		if t.Clear != "" && !raised[t.Clear] {
			c.bad(append(path, "clear"), "flag_never_raised", act("act", t), p("flag", t.Clear))
		}
	}
	for _, r := range c.d.allRows() {
		if r.Flag == "" {
			continue
		}
		if r.Clear != r.Flag {
			c.bad(r.path(), "flag_row_clears_nothing", p("flag", r.Flag))
		}
		if !raised[r.Flag] {
			c.bad(r.path(), "flag_never_raised", p("flag", r.Flag), p("act", r.Via()))
		}
	}
}

func (c *checker) flagRow(t *Transition) bool {
	_, ok := c.d.OnWindowClose[t.Window]["flag:"+t.Raise]
	return ok
}
