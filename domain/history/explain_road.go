package history

import (
	"slices"
	"time"

	"runut/domain/event"
	"runut/domain/proposal"
)

// A moment is an event and where it took its proposal.
type moment struct {
	record event.Record
	now    proposal.State
}

// road returns what a proposal went through, one after the other: by itself, for
// as long as it was merged in its parent, and then in that one of its parts that
// is on the way.
func (x *explaining) road(number string, way []string, depth int) []moment {
	if depth > len(x.last.states) {
		return nil
	}
	var out []moment
	var p proposal.State
	var merged time.Time
	within := func(parent string, until time.Time) {
		for _, m := range x.road(parent, way, depth+1) {
			if at := m.record.Effective(); !at.Before(merged) && (until.IsZero() || at.Before(until)) {
				out = append(out, m)
			}
		}
	}
	for _, r := range event.Sequence(x.Streams[proposal.Stream(number)], x.View) {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		was := p.Parent
		p = proposal.Evolve(p, e, r.Envelope)
		switch {
		case was == "" && p.Parent != "":
			merged = r.Effective()
			continue
		case was != "" && p.Parent == "":
			within(was, r.Effective())
		}
		out = append(out, moment{r, p})
	}
	if p.Parent != "" {
		within(p.Parent, time.Time{})
	}
	for _, part := range p.Parts {
		if slices.Contains(way, part) {
			out = append(out, x.road(part, way, depth+1)...)
		}
	}
	return out
}
