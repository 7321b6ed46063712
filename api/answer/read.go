package answer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// View reads a view of a fiscal year as people write it: asOf a day of its zone
// or a moment, known one of these or a position; "" for now. What comes back
// names a position always, so that the same question gives the same answer later: one
// at which an append ends, for a position inside of one is rounded down (see Heed).
func (d Desk) View(ctx context.Context, year int, asOf, known string) (event.View, error) {
	head, err := d.Store.Head(ctx)
	if err != nil {
		return event.View{}, err
	}
	if asOf == "" && known == "" {
		return event.View{Known: head}, nil
	}
	stream := cycle.Stream(year)
	read, err := d.Shelf.streams(ctx, d.Store, []string{stream})
	if err != nil {
		return event.View{}, err
	}
	zone := cmp.Or(cycle.Fold(event.Sequence(read[stream], event.View{})).Zone, domain.Zones["WITA"])
	v, err := event.ViewAt(asOf, known, zone, func(at time.Time) (int64, error) { return d.Store.KnownAt(ctx, at) })
	if err != nil {
		return event.View{}, err
	}
	switch {
	case v.Known == 0 || v.Known >= head:
		v.Known = head
	case v.Known != event.Nothing:
		return d.whole(ctx, v)
	}
	return v, nil
}

// Ask reads what an answer about a proposal needs, a few queries in all. It
// refuses a number that is not in the log as proposal.unknown (NotFound).
func (d Desk) Ask(ctx context.Context, number string, v event.View) (history.Inquiry, error) {
	q := history.Inquiry{Proposal: number, View: v, Charts: d.Charts, Now: time.Now()}
	var err error
	q.Streams, err = history.Gather(number, func(names []string) (map[string][]event.Record, error) { return d.Shelf.streams(ctx, d.Store, names) })
	if err != nil {
		return q, err
	}
	if len(q.Streams[proposal.Stream(number)]) == 0 {
		return q, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
	}
	return q, nil
}

// Codes returns the places and offices that the words of an explanation may
// name, so that their names can be read at once.
func Codes(x history.Explanation) []string {
	codes := map[string]bool{}
	add := func(posts ...string) {
		for _, at := range posts {
			if code := afterAt(at); code != "" {
				codes[code] = true
			}
		}
	}
	for _, d := range slices.Concat(x.Decisive, x.Won) {
		codes[d.Authority.Scope.Code] = true
		if d.Forum != nil {
			codes[d.Forum.Scope.Code] = true
		}
		if d.Closing != nil {
			add(d.Closing.ClosedBy)
		}
	}
	for _, c := range x.Custody {
		add(c.Holder)
	}
	for _, c := range x.Contributing {
		codes[c.From], codes[c.To] = true, true
	}
	if x.Next != nil {
		add(x.Next.Holder)
	}
	delete(codes, "")
	return slices.Sorted(maps.Keys(codes))
}

func afterAt(at string) string {
	for i := range at {
		if at[i] == '@' {
			return at[i+1:]
		}
	}
	return ""
}
