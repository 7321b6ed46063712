package template

import (
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// Stated is what the proposer has said so far, without what an OPD or a merge
// made of it: what a row that comes again is compared with.
type Stated struct {
	Source string // key of the row that began it
	Idea   proposal.Idea
	closed map[string]bool // members whose text was closed since, by name
}

// StatedIn returns what the proposer has said in the events of one proposal, as
// event.Sequence orders them.
func StatedIn(records []event.Record) Stated {
	var s Stated
	for _, r := range records {
		switch e := r.Event.(type) {
		case *proposal.Submitted:
			s.Source, s.Idea = e.SourceID, e.Idea
		case *proposal.Revised:
			s.Idea = e.Idea.Over(s.Idea)
		case *proposal.TextRedacted:
			if s.closed == nil {
				s.closed = map[string]bool{}
			}
			s.closed[strings.TrimPrefix(e.Field, "/")] = true
		}
	}
	return s
}

// Revision returns what a row says otherwise than before, and whether there is
// anything. A cell that was emptied says nothing, and a text that was closed is
// not written again.
func (s Stated) Revision(row proposal.Idea) (changed proposal.Idea, differs bool) {
	text := func(name string, now, before domain.Text, into *domain.Text) {
		if now.Masked != "" && now.Masked != before.Masked && !s.closed[name] {
			*into, differs = now, true
		}
	}
	text("title", row.Title, s.Idea.Title, &changed.Title)
	text("problem", row.Problem, s.Idea.Problem, &changed.Problem)
	text("description", row.Description, s.Idea.Description, &changed.Description)
	text("location", row.Location, s.Idea.Location, &changed.Location)
	set := func(given, same bool, put func()) {
		if given && !same {
			put()
			differs = true
		}
	}
	old := s.Idea
	set(row.Point != nil, old.Point != nil && row.Point != nil && *row.Point == *old.Point, func() { changed.Point = row.Point })
	set(!row.Volume.IsZero(), row.Volume == old.Volume, func() { changed.Volume = row.Volume })
	set(row.Estimate != 0, row.Estimate == old.Estimate, func() { changed.Estimate = row.Estimate })
	set(row.BasicService != "", row.BasicService == old.BasicService, func() { changed.BasicService = row.BasicService })
	set(len(row.Issues) > 0, slices.Equal(row.Issues, old.Issues), func() { changed.Issues = row.Issues })
	set(row.OPD != "", row.OPD == old.OPD, func() { changed.OPD = row.OPD })
	set(row.Kamus != "", row.Kamus == old.Kamus, func() { changed.Kamus = row.Kamus })
	set(row.Priority != 0, row.Priority == old.Priority, func() { changed.Priority = row.Priority })
	return changed, differs
}

// Recognises reports whether a row can be meant as a repair of what was said
// before: its title still has a third of its words, or both lie at the same
// place. Two copies of one workbook have rows of the same number, and what
// stands in them may have nothing to do with each other.
func (s Stated) Recognises(row proposal.Idea) bool {
	if fold(row.Location.Masked) == fold(s.Idea.Location.Masked) && fold(row.Location.Masked) != "" || s.closed["title"] {
		return true
	}
	before, now := strings.Fields(strings.ToLower(s.Idea.Title.Masked)), strings.Fields(strings.ToLower(row.Title.Masked))
	shared := 0
	for _, w := range now {
		if slices.Contains(before, w) {
			shared++
		}
	}
	return shared*3 >= min(len(before), len(now))
}
