package answer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// Compare returns a year's proposals as two views show them. It goes through the
// whole year; for one proposal ask Explain twice.
func (d Desk) Compare(ctx context.Context, year int, then, now event.View) ([]history.Move, error) {
	c := history.NewComparison(then, now, d.Charts)
	err := Histories(ctx, d.Store, proposal.Stream(fmt.Sprintf("U-%02d-", year%100)), func(read map[string][]event.Record) error {
		for _, name := range slices.Sorted(maps.Keys(read)) {
			c.Add(read[name])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.Moves(), nil
}

// A Sought is what a proposal must be like to be in a list; empty fields do not
// narrow. The same words are put to both views, and the list says which of them
// fits.
type Sought struct {
	Fate, State, Stage, OPD, Village, Lane, Reason []string
	Origins                                        bool // origin proposals only
	Changed                                        bool // those that differ only
}

// Matches says in which of two views a proposal is what is sought: "then", "now",
// "both", or "" for neither.
func (s Sought) Matches(m history.Move) string {
	if s.Origins && !m.Origin || s.Changed && !m.Changed() || !within(s.Lane, string(m.Lane)) || !inside(s.Village, m.Village) {
		return ""
	}
	if len(s.Reason) > 0 && (m.By == nil || !slices.Contains(s.Reason, m.By.Reason)) {
		return ""
	}
	switch then, now := s.fits(m.Then), s.fits(m.Now); {
	case then && now:
		return "both"
	case then:
		return "then"
	case now:
		return "now"
	}
	return ""
}

func (s Sought) fits(x *history.Standing) bool {
	return x != nil && within(s.Fate, string(x.Fate)) && within(s.State, string(x.State)) && within(s.Stage, x.Stage) && within(s.OPD, x.OPD)
}

func within(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

func inside(areas []string, village string) bool {
	return len(areas) == 0 || slices.ContainsFunc(areas, func(area string) bool { return domain.Within(village, area) })
}

// Stood returns where a proposal stood in a view, beside where it stands now.
func (d Desk) Stood(ctx context.Context, number string, v event.View) (history.Move, error) {
	q, err := Ask(ctx, d.Store, d.Charts, number, v)
	if err != nil {
		return history.Move{}, err
	}
	c := history.NewComparison(v, event.View{}, d.Charts)
	for _, name := range slices.Sorted(maps.Keys(q.Streams)) {
		c.Add(q.Streams[name])
	}
	for _, m := range c.Moves() {
		if m.Number == number {
			return m, nil
		}
	}
	return history.Move{}, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
}
