package workflow

import "strconv"

// CheckOpening is what checks 15 and 18 ask when a cycle is opened: the
// definition to be pinned is published, is not another text under a version
// that was used before, and can take in what the cycle before carries over.
// before is that cycle's definition, nil for the first cycle.
func CheckOpening(before, next *Definition) Defects {
	c := &checker{d: next, number: 18}
	if next.Status != "published" {
		c.bad(at("status"), "not_published", p("name", next.Name), p("status", next.Status))
	}
	if before == nil {
		return c.found
	}
	if before.Name == next.Name && before.hash != next.hash && next.Version <= before.Version {
		c.bad(at("version"), "version_not_raised", p("name", next.Name), p("version", strconv.Itoa(next.Version)), p("before", strconv.Itoa(before.Version)))
	}
	c.number = 15
	for _, t := range before.All() {
		if o := t.Effect.CarryOver; o != nil {
			c.takesIn(before, t, o)
		}
	}
	c.found.sort()
	return c.found
}

// takesIn reports the lanes that a carry-over cannot start in the next cycle.
func (c *checker) takesIn(before *Definition, t *Transition, o *CarryOver) {
	for _, lane := range sortedKeys(o.StartsIn) {
		start := o.StartsIn[lane]
		if _, ok := c.d.Lanes[lane]; !ok {
			c.bad(at("lanes"), "next_without_lane", act("act", t), param{"lane", lane, before.Lanes[lane]}, p("next", c.d.Pin()))
		}
		if s := c.d.States[start]; s == nil || s.Final != "" || start == c.d.Initial {
			c.bad(at("states", string(start)), "next_without_state", act("act", t), param{"lane", lane, before.Lanes[lane]}, p("state", string(start)), p("next", c.d.Pin()))
		}
	}
}

// CheckMigration is the part of check 18 that concerns a change of definition
// within a cycle: the map says for every state of the old one which it becomes
// in the new one, and what had ended stays ended with the same outcome.
func CheckMigration(from, to *Definition, states map[State]State) Defects {
	c := &checker{d: to, number: 18}
	for _, s := range sortedKeys(from.States) {
		old := from.States[s]
		named := param{"state", string(s), old.Title}
		target, ok := states[s]
		if !ok {
			c.bad(at("states"), "map_misses_state", named)
			continue
		}
		next := to.States[target]
		if next == nil {
			c.bad(at("states"), "map_to_unknown", named, p("to", string(target)))
			continue
		}
		if next.Final != old.Final || next.Outcome != old.Outcome || (s == from.Initial) != (target == to.Initial) {
			c.bad(at("states", string(target)), "map_changes_fate", named, c.state("to", target))
		}
	}
	return c.found
}

// Circular reports whether parent already descends from child, so that joining
// child to it would close a circle. parents returns what a proposal was merged
// into, split into or continued as; it may know nothing of a number. Together
// with the depth of merges and splits this is the part of check 13 that is made
// with each command.
func Circular(child, parent string, parents func(number string) []string) bool {
	seen := map[string]bool{}
	for queue := []string{parent}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if n == child {
			return true
		}
		if !seen[n] {
			seen[n] = true
			queue = append(queue, parents(n)...)
		}
	}
	return false
}
