package projections

import (
	"slices"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// This file decides what releases cover.

// seen is proposals as far as they are public.
type seen struct {
	kinship                      // of the events that are covered
	all     *kinship             // of all events: what is read here must not be shown
	known   map[string][]learned // of all, in the order of positions
	cover   map[string][]cover
	years   map[int]*year
}

// A cover is a release that covers a proposal.
type cover struct {
	position int64
	at       time.Time
	name     string // of the stage; "" is everything until then
	stage    int    // its place among the stages of the cycle's definition
}

// admits reports whether the release shows an event at a position that belongs
// to a stage, given by its place; -1 is a stage that is not known.
func (c cover) admits(position int64, stage int) bool {
	return position <= c.position && (c.name == "" || 0 <= stage && stage <= c.stage)
}

// look returns the proposals of k as far as they are public.
func look(k *kinship, years map[int]*year) *seen {
	v := &seen{kinship: kinship{lives: make(map[string]*life)}, all: k, cover: make(map[string][]cover), years: years}
	known := make(map[string][]learned, len(k.lives))
	for number, l := range k.lives {
		known[number] = l.learning()
	}
	v.known = known
	for number := range k.lives {
		v.cover[number] = v.coverage(number, known)
	}
	for number, l := range k.lives {
		if !v.policy(number).allows("number") {
			continue
		}
		var covered []event.Record
		for i, r := range l.all {
			stage := slices.Index(l.charts.For(r.Definition).Stages, known[number][i].stage)
			if v.covers(number, r.Position, stage, 0) {
				covered = append(covered, r)
			}
		}
		switch {
		case len(covered) == len(l.all): // read already
			v.lives[number] = l
		case len(covered) > 0 && covered[0].Position == l.all[0].Position:
			v.lives[number] = liveOf(number, covered, event.View{}, l.charts)
		}
	}
	v.dropOrphans()
	v.trace()
	return v
}

// covers reports whether an event of a proposal is covered: by a release that
// covers the proposal, and for what was formed by merging, all it was formed of.
func (v *seen) covers(number string, position int64, stage, depth int) bool {
	l := v.all.lives[number]
	if l == nil || depth > 8 {
		return false
	}
	if children := formedOf(l); len(children) > 0 {
		return !slices.ContainsFunc(children, func(c string) bool { return !v.covers(c, position, stage, depth+1) })
	}
	return slices.ContainsFunc(v.cover[number], func(c cover) bool { return c.admits(position, stage) })
}

// since returns from which position on a covered event is public: that of the
// release that covered it, or of the policy that allowed timelines if that came
// later. What was formed by merging waited for the last of all it was formed of,
// a part for what it was split from.
func (v *seen) since(number string, position int64) int64 {
	known := v.known[number]
	i := slices.IndexFunc(known, func(k learned) bool { return k.record.Position == position })
	if i < 0 {
		return position
	}
	stages := v.all.lives[number].charts.For(known[i].record.Definition).Stages
	from := max(v.admitted(number, position, slices.Index(stages, known[i].stage), 0), v.allowed(number))
	if e, ok := known[0].record.Event.(*proposal.FormedBySplit); ok && len(v.known[e.Whole]) > 0 && e.Whole != number {
		from = max(from, v.since(e.Whole, v.known[e.Whole][0].record.Position))
	}
	return from
}

// admitted returns the position of the first release that covers an event.
func (v *seen) admitted(number string, position int64, stage, depth int) int64 {
	l := v.all.lives[number]
	if l == nil || depth > 8 {
		return position
	}
	latest := position
	if children := formedOf(l); len(children) > 0 {
		for _, c := range children {
			latest = max(latest, v.admitted(c, position, stage, depth+1))
		}
		return latest
	}
	for _, c := range v.cover[number] {
		if c.admits(position, stage) {
			return c.position
		}
	}
	return latest
}

// allowed returns the position since which the policy has allowed timelines.
func (v *seen) allowed(number string) int64 {
	y := v.years[proposal.Year(number)]
	if y == nil {
		return 0
	}
	var since int64
	open := false
	for _, r := range y.seq {
		if e, ok := r.Event.(*cycle.PublicationPolicySet); ok {
			allows := slices.Contains(e.Fields, "number") && slices.Contains(e.Fields, "timeline")
			if allows && !open {
				since = r.Position
			}
			open = allows
		}
	}
	return since
}

// formedOf returns the numbers of what a proposal was formed of by merging.
func formedOf(l *life) []string {
	if len(l.all) == 0 {
		return nil
	}
	e, ok := l.all[0].Event.(*proposal.FormedByMerge)
	if !ok {
		return nil
	}
	out := make([]string, len(e.Components))
	for i, c := range e.Components {
		out[i] = c.Child
	}
	return out
}

// dropOrphans hides parts of what is hidden: they would tell of it.
func (v *seen) dropOrphans() {
	for again := true; again; {
		again = false
		for number, l := range v.lives {
			if e, ok := l.all[0].Event.(*proposal.FormedBySplit); ok && v.lives[e.Whole] == nil {
				delete(v.lives, number)
				again = true
			}
		}
	}
}

// coverage returns the releases that cover a proposal by where it lay when they
// were made, in order.
func (v *seen) coverage(number string, known map[string][]learned) []cover {
	y := v.years[proposal.Year(number)]
	if y == nil {
		return nil
	}
	var out []cover
	for _, r := range y.state.Released {
		s, ok := stateAt(known[number], r.Position)
		if !ok || !v.holds(r.Scope, s, r.Position, known) {
			continue
		}
		c := cover{position: r.Position, at: r.At, name: r.Stage, stage: -1}
		for _, l := range v.all.lives[number].seq[:min(1, len(v.all.lives[number].seq))] {
			c.stage = slices.Index(v.all.lives[number].charts.For(l.Definition).Stages, r.Stage)
		}
		out = append(out, c)
	}
	return out
}

// holds reports whether a proposal lies in a scope. What was merged lies at the
// OPD that its parent is with.
func (v *seen) holds(scope domain.Scope, s proposal.State, position int64, known map[string][]learned) bool {
	if scope.Kind == domain.ScopeOPD {
		for range 8 {
			parent, ok := stateAt(known[s.Parent], position)
			if !ok {
				break
			}
			s = parent
		}
	}
	return cycle.Wide(scope).Holds(s.Village, s.Kecamatan(), s.OPD)
}

// stateAt returns what was known at a position.
func stateAt(known []learned, position int64) (proposal.State, bool) {
	var s proposal.State
	found := false
	for _, k := range known {
		if k.record.Position > position {
			break
		}
		s, found = k.after, true
	}
	return s, found
}

// A policy is what the public may see of the proposals of a cycle.
type policy []string

func (p policy) allows(field string) bool { return slices.Contains(p, field) }

func (v *seen) policy(number string) policy {
	y := v.years[proposal.Year(number)]
	if y == nil || y.state.Policy == nil {
		return nil
	}
	return y.state.Policy.Fields
}

// last returns the last release that covers a proposal. For what was merged it
// is the one that completed it: the earliest of the last ones of all it was
// formed of.
func (v *seen) last(number string, depth int) cover {
	l := v.all.lives[number]
	if children := formedOf(l); len(children) > 0 && depth < 8 {
		var out cover
		for i, c := range children {
			if x := v.last(c, depth+1); i == 0 || x.position < out.position {
				out = x
			}
		}
		return out
	}
	covers := v.cover[number]
	if len(covers) == 0 {
		return cover{}
	}
	return covers[len(covers)-1]
}
