package finding

import (
	"maps"
	"slices"
)

// scores: A3.
func (i *Inspector) scores(s *session) []Finding {
	var out []Finding
	for _, name := range s.Lists() {
		list := s.List(name)
		old := s.List(list.Supersedes)
		if old == nil {
			continue
		}
		before := make(map[string]int64, len(old.Entries))
		for _, e := range old.Entries {
			before[e.Proposal] = e.Score
		}
		for _, e := range list.Entries {
			if was, stood := before[e.Proposal]; stood && was != e.Score {
				out = append(out, i.onList("A3", s, name, e.Proposal))
			}
		}
	}
	return out
}

// onList is a finding that the event which made a list final shows.
func (i *Inspector) onList(rule string, s *session, list, number string) Finding {
	r := s.Made[list]
	return Finding{Rule: rule, Cycle: i.Year, Proposal: number, Event: r.ID, Position: r.Position, At: r.Effective()}
}

// leaps: A4.
func (i *Inspector) leaps(s *session) []Finding {
	var out []Finding
	for _, name := range s.Lists() {
		list := s.Final[name]
		if list == nil {
			continue // superseded
		}
		went := i.went[list.Stage]
		better := false // somebody below the line with a better rank stayed
		for _, e := range list.Entries[min(list.Cutoff, len(list.Entries)):] {
			if e.Reason != "" {
				continue // out for a reason of its own: it competes with nobody
			}
			r, gone := went[e.Proposal]
			if !gone {
				better = true
				continue
			}
			if better {
				out = append(out, Finding{Rule: "A4", Cycle: i.Year, Proposal: e.Proposal, Event: r.ID, Position: r.Position, At: r.Effective()})
			}
		}
	}
	return out
}

// uninformed: B8.
func (i *Inspector) uninformed() []Finding {
	if i.adopted.IsZero() || i.Now.Sub(i.adopted) <= informedWithin {
		return nil
	}
	var out []Finding
	for _, village := range slices.Sorted(maps.Keys(i.villages)) {
		if !i.letters[village] {
			out = append(out, Finding{Rule: "B8", Cycle: i.Year, Village: village})
		}
	}
	return out
}
