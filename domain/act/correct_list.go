package act

import (
	"slices"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// CorrectList puts a mistake of writing in a final list right: the same
// proposals in another order, with other scores or amounts. In the same append
// each proposal's place is amended, and its outcome where it changed sides of
// the line. Refused once a later stage has dealt with one that falls; then only
// a re-opening helps. A change of mind is another thing and no correction.
type CorrectList struct {
	Forum   string // forum stream
	List    string // "L1", final
	Entries []forum.Entry
	In      int // how many are in; 0: as many as before
	Reason  domain.Text
}

// Name implements Act.
func (a CorrectList) Name() string { return "correct_list" }

// Reads implements Act.
func (a CorrectList) Reads(h Histories) []string {
	f := forum.Fold(h.Now(a.Forum))
	streams := []string{a.Forum}
	if f.Convened != nil {
		streams = append(streams, cycleStream(f.Cycle))
	}
	for _, e := range a.Entries {
		streams = append(streams, streamsOf(e.Proposal)...)
	}
	return streams
}

// Decide implements Act.
func (a CorrectList) Decide(h Histories, r Rules) ([]event.Change, error) {
	f := forum.Fold(h.Now(a.Forum))
	if f.Convened == nil {
		return nil, domain.Refuse(domain.NotFound, "forum.not_convened", "forum", a.Forum)
	}
	s, err := sit(h, r, f.Cycle)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	l := &ranking{sitting: s, forum: s.forum(a.Forum), on: make(map[string]proposal.State)}
	events, err := forum.Decide(l.forum, &forum.Corrected{List: a.List, Entries: a.Entries, Cutoff: a.In, Reason: a.Reason}, l.forumRules())
	if err != nil {
		return nil, err
	}
	corrected := events[0].(*forum.Corrected)
	old := l.forum.Final[a.List]
	l.ask = &forum.ListFinalized{List: a.List, Stage: old.Stage, Scope: old.Scope}
	if err := l.stage(); err != nil {
		return nil, err
	}
	right := *old
	right.Entries, right.Cutoff, right.Used = corrected.Entries, corrected.Cutoff, corrected.Used
	cause := s.add(forum.Stream(l.forum.ID), corrected, nil)
	for i, e := range right.Entries {
		was := slices.IndexFunc(old.Entries, func(o forum.Entry) bool { return o.Proposal == e.Proposal })
		if was == i && right.Cutoff == old.Cutoff && e.Score == old.Entries[was].Score && e.Amount == old.Entries[was].Amount && e.Reason == old.Entries[was].Reason {
			continue
		}
		p, err := l.proposal(e.Proposal)
		if err != nil {
			return nil, err
		}
		if err := l.amend(p, &right, i, was < old.Cutoff, a.Reason, cause); err != nil {
			return nil, err
		}
	}
	return s.changes()
}

// amend corrects what the list had made of one proposal.
func (l *ranking) amend(p proposal.State, right *forum.ListFinalized, i int, wasIn bool, reason domain.Text, cause *fact) error {
	m := l.mend(p, reason)
	m.basis, m.cause = proposal.Consequence, cause
	target, ok := m.decidedBy(l.name(right.List))
	if !ok {
		return nil // the list left it where it was
	}
	in := i < right.Cutoff
	if wasIn && !in {
		if err := l.noLaterAct(p, l.name(right.List), right.Stage); err != nil {
			return err
		}
	}
	if !wasIn && in {
		if err := m.liftClosing(target); err != nil {
			return err
		}
	}
	if err := m.fix(Fix{Target: target.ID, Action: event.Amend, With: l.asked(right, i)}, true); err != nil {
		return err
	}
	if wasIn && !in {
		m.endWait()
	}
	return m.holds()
}

// decidedBy finds the event by which a list decided on the proposal.
func (m *mending) decidedBy(list string) (event.Record, bool) {
	for _, r := range m.sequence() {
		if e, ok := r.Event.(proposal.Event); ok {
			if place, on := proposal.PlaceOf(e); on && place.List == list {
				return r, true
			}
		}
	}
	return event.Record{}, false
}

// liftClosing strikes out what a closing wrote because the proposal was below
// the line: it never was.
func (m *mending) liftClosing(decided event.Record) error {
	for _, r := range m.sequence() {
		e, ok := r.Event.(proposal.Event)
		if !ok || r.Position <= decided.Position {
			continue
		}
		if _, closes := cutClosing(e); closes && e.Base().State != "" {
			return m.fix(Fix{Target: r.ID, Action: event.Void}, true)
		}
	}
	return nil
}

// endWait writes what the window's closing would have written, had the
// proposal been below the line already.
func (m *mending) endWait() {
	p := proposal.Fold(m.sequence())
	for _, window := range m.def.RowsFor(p.At) {
		place := p.Place(m.def.Windows[window].Scope)
		w, ok := m.cycle.Find(window, place)
		if !ok || !w.Shut {
			continue
		}
		key, _ := m.cycle.Key(window, place)
		for _, row := range proposal.Waiting(m.def, m.cycle, p, key) {
			if row.Flag == "" {
				m.append(proposal.EndWait(m.def, m.cycle, p, row, key, p.Cut, w.Closing), domain.Moment(w.ShutAt))
				return
			}
		}
	}
}
