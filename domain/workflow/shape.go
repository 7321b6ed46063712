package workflow

import "strings"

// The readers of the grammar's nouns: which keys each has, and which it must have.

func (r *reader) stage(s *Stage) part {
	return r.object(fields{"order!": r.number(&s.Order), "title": r.label(&s.Title), "legal": r.list(&s.Legal)})
}

func (r *reader) role(x *Role) part {
	return r.object(fields{"scope!": r.scope(&x.Scope), "observes": r.truth(&x.Observes), "title": r.label(&x.Title)})
}

func (r *reader) window(w *Window) part {
	return r.object(fields{
		"scope!": r.scope(&w.Scope),
		"stage!": r.words(&w.Stage),
		"after":  r.list(&w.After),
		"title":  r.label(&w.Title),
		"legal":  r.list(&w.Legal),
	})
}

func (r *reader) group(g *ReasonGroup) part {
	return r.object(fields{"means!": r.words(&g.Means), "title": r.label(&g.Title)})
}

func (r *reader) reasonList(l *ReasonList) part {
	return r.object(fields{"title": r.label(&l.Title), "engine": r.truth(&l.Engine)})
}

func (r *reader) reason(c *Reason) part {
	c.Selectable = true
	return r.object(fields{
		"group!":     r.words(&c.Group),
		"means":      r.words(&c.Means),
		"lists!":     r.list(&c.Lists),
		"selectable": r.truth(&c.Selectable),
		"min_words":  r.number(&c.MinWords),
		"title":      r.label(&c.Title),
	})
}

func (r *reader) stateSpec(s *StateSpec) part {
	return r.object(fields{
		"stage":        r.words(&s.Stage),
		"final":        r.oneOf(&s.Final, FinalDone, FinalElsewhere, FinalLost, FinalWithdrawn, FinalAbsorbed, FinalDissolved),
		"goal":         r.oneOf(&s.Goal, GoalFunded, GoalElsewhere),
		"outcome":      r.oneOf(&s.Outcome, "pending", "funded", "elsewhere", "dropped", "deferred", "cancelled", "withdrawn"),
		"fate_follows": r.oneOf(&s.FateFollows, "parent", "parts"),
		"max_visits":   r.number(&s.MaxVisits),
		"title":        r.label(&s.Title),
	})
}

func (r *reader) transition(t *Transition) part {
	return r.object(fields{
		"title":     r.label(&t.Title),
		"legal":     r.list(&t.Legal),
		"from!":     r.from(t),
		"to!":       r.state(&t.To),
		"event!":    r.words(&t.Event),
		"when":      r.values(&t.When),
		"by!":       textsOf(r, &t.By),
		"window":    r.words(&t.Window),
		"need":      r.list(&t.Need),
		"reason":    r.words(&t.Reason),
		"quota":     r.words(&t.Quota),
		"rank":      r.rank(&t.Rank),
		"effect":    r.effect(&t.Effect),
		"guard":     r.list(&t.Guard),
		"raise":     r.words(&t.Raise),
		"clear":     r.words(&t.Clear),
		"remedy":    r.truth(&t.Remedy),
		"decides":   r.truth(&t.Decides),
		"mandatory": r.truth(&t.Mandatory),
	})
}

func (r *reader) from(t *Transition) part {
	return func(path string, n *node) {
		if n.kind == text {
			var macro string
			r.oneOf(&macro, fromOpen, fromAny, fromEnded)(path, n)
			r.macros[t] = macro
			return
		}
		textsOf(r, &t.From)(path, n)
	}
}

// made returns a part that makes room for a value before it is read, so that
// an absent one stays nil.
func made[T any](into **T, fill func(*T) part) part {
	return func(path string, n *node) {
		*into = new(T)
		fill(*into)(path, n)
	}
}

func (r *reader) rank(into **Rank) part {
	return made(into, func(x *Rank) part {
		return r.object(fields{"scope!": r.scope(&x.Scope), "cutoff!": r.oneOf(&x.Cutoff, "quota", "ceiling", "quota_or_ceiling")})
	})
}

func (r *reader) effect(e *Effect) part {
	return func(path string, n *node) {
		r.object(fields{
			"merge":      made(&e.Merge, r.merge),
			"split":      made(&e.Split, r.split),
			"transfer":   made(&e.Transfer, r.transfer),
			"carry_over": made(&e.CarryOver, r.carryOver),
		})(path, n)
		if n.kind == table && len(n.pairs) != 1 {
			r.lacks(n, path, "one_effect")
		}
	}
}

func (r *reader) merge(m *Merge) part {
	return r.object(fields{
		"min!":              r.number(&m.Min),
		"max_depth":         r.number(&m.MaxDepth),
		"parent_starts_in!": r.state(&m.ParentStartsIn),
		"parent_event!":     r.words(&m.ParentEvent),
		"same":              r.list(&m.Same),
	})
}

func (r *reader) split(s *Split) part {
	return r.object(fields{
		"min!":            r.number(&s.Min),
		"max_depth":       r.number(&s.MaxDepth),
		"parts_start_in!": r.state(&s.PartsStartIn),
		"part_event!":     r.words(&s.PartEvent),
	})
}

func (r *reader) transfer(x *Transfer) part {
	return r.object(fields{"attribute!": r.words(&x.Attribute), "max!": r.number(&x.Max)})
}

func (r *reader) carryOver(c *CarryOver) part {
	return r.object(fields{"cycle!": r.number(&c.Cycle), "starts_in!": r.startsIn(c), "event!": r.words(&c.Event)})
}

// startsIn reads one state for every lane, or a state by lane.
func (r *reader) startsIn(c *CarryOver) part {
	return func(path string, n *node) {
		c.StartsIn = map[string]State{}
		if n.kind == text {
			r.starts[c] = State(n.text) // spread over the lanes by resolve
			return
		}
		if !r.want(n, path, table, "{…}") {
			return
		}
		for _, p := range n.pairs {
			if r.want(p.value, join(path, p.key), text, "text") {
				c.StartsIn[p.key] = State(p.value.text)
			}
		}
	}
}

// closing reads the rows of all windows.
func (r *reader) closing(path string, n *node) {
	if !r.want(n, path, table, "{…}") || r.tooMany(n, path, len(n.pairs)) {
		return
	}
	r.d.OnWindowClose = make(map[string]map[string]*Row, len(n.pairs))
	for _, p := range n.pairs {
		at := join(path, p.key)
		if !r.want(p.value, at, table, "{…}") || r.tooMany(p.value, at, len(p.value.pairs)) {
			continue
		}
		rows := make(map[string]*Row, len(p.value.pairs))
		for _, q := range p.value.pairs {
			row := &Row{Window: p.key}
			if flag, ok := strings.CutPrefix(q.key, "flag:"); ok {
				row.Flag = flag
			} else {
				row.State = State(q.key)
			}
			rows[q.key] = row
			r.row(row)(join(at, q.key), q.value)
		}
		r.d.OnWindowClose[p.key] = rows
	}
}

func (r *reader) row(x *Row) part {
	return r.object(fields{
		"to":     r.state(&x.To),
		"event!": r.words(&x.Event),
		"when":   r.values(&x.When),
		"kind!":  r.oneOf(&x.Kind, KindOmission, KindRule),
		"reason": r.words(&x.Reason),
		"clear":  r.words(&x.Clear),
	})
}
