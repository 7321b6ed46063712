package workflow

import "runut/domain"

// labelled is check 19: whatever people read has words in both languages, and
// no two states or acts share theirs.
func (c *checker) labelled() {
	d := c.d
	need := func(l Label, path ...string) {
		if l.ID == "" {
			c.bad(append(path, "title"), "label_missing", p("what", path[len(path)-1]), p("language", Indonesian))
		}
		if l.EN == "" {
			c.bad(append(path, "title"), "label_missing", p("what", path[len(path)-1]), p("language", English))
		}
	}
	need(d.Title, d.Name)
	for _, k := range sortedKeys(d.Stages) {
		need(d.Stages[k].Title, "stages", k)
	}
	for _, k := range sortedKeys(d.Lanes) {
		need(d.Lanes[k], "lanes", k)
	}
	for _, k := range sortedKeys(d.Roles) {
		need(d.Roles[k].Title, "roles", string(k))
	}
	for _, k := range sortedKeys(d.Windows) {
		need(d.Windows[k].Title, "windows", k)
	}
	for _, k := range sortedKeys(d.Meanings) {
		need(d.Meanings[k], "reason_meanings", k)
	}
	for _, k := range sortedKeys(d.Groups) {
		need(d.Groups[k].Title, "reason_groups", k)
	}
	for _, k := range sortedKeys(d.Lists) {
		need(d.Lists[k].Title, "reason_lists", k)
	}
	for _, k := range sortedKeys(d.Codes) {
		need(d.Codes[k].Title, "reasons", k)
	}
	states, acts := map[string]string{}, map[string]string{}
	for _, k := range sortedKeys(d.States) {
		need(d.States[k].Title, "states", string(k))
		c.unique(states, d.States[k].Title, "states", string(k))
	}
	for _, t := range d.All() {
		need(t.Title, "transitions", t.Name)
		c.unique(acts, t.Title, "transitions", t.Name)
	}
}

func (c *checker) unique(seen map[string]string, l Label, path ...string) {
	for _, words := range []string{l.ID, l.EN} {
		name := path[len(path)-1]
		if other, twice := seen[words]; twice && words != "" && other != name {
			c.bad(append(path, "title"), "label_twice", p("words", words), p("what", name), p("other", other))
		}
		seen[words] = name
	}
}

// nothingIdle is check 20: a warning for what nothing uses.
func (c *checker) nothingIdle() {
	d := c.d
	windows, roles, lists, lanes := map[string]bool{}, map[domain.Role]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range d.All() {
		windows[t.Window], lists[t.Reason], lanes[t.When["lane"]] = true, true, true
		for _, r := range t.By {
			roles[r] = true
		}
	}
	stages := map[string]bool{}
	for _, s := range d.States {
		stages[s.Stage] = true
	}
	for _, w := range d.Windows {
		stages[w.Stage] = true
	}
	listed, grouped, meant := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range d.Codes {
		grouped[r.Group], meant[r.Means] = true, true
		for _, l := range r.Lists {
			listed[l] = true
		}
	}
	idle := func(section, name string, used bool) {
		if !used {
			c.odd(at(section, name), "idle", p("section", section), p("name", name))
		}
	}
	for _, k := range sortedKeys(d.Windows) {
		idle("windows", k, windows[k])
	}
	for _, k := range sortedKeys(d.Roles) {
		idle("roles", string(k), roles[k])
	}
	for _, k := range sortedKeys(d.Stages) {
		idle("stages", k, stages[k])
	}
	for _, k := range sortedKeys(d.Lanes) {
		idle("lanes", k, lanes[k])
	}
	for _, k := range sortedKeys(d.Lists) {
		idle("reason_lists", k, listed[k] && (lists[k] || d.Lists[k].Engine))
	}
	for _, k := range sortedKeys(d.Codes) {
		idle("reasons", k, len(d.Codes[k].Lists) > 0)
	}
	for _, k := range sortedKeys(d.Groups) {
		idle("reason_groups", k, grouped[k])
	}
	for _, k := range sortedKeys(d.Meanings) {
		idle("reason_meanings", k, meant[k])
	}
}
