package forum

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"runut/domain/event"
)

// Stream returns the name of a forum's stream.
func Stream(id string) string { return "forum-" + id }

// State is what the past events of a forum amount to.
type State struct {
	ID       string
	Version  int
	Cycle    int
	Convened *Convened
	Attended *AttendanceRecorded
	Drafts   map[string]*ListRanked
	Final    map[string]*ListFinalized // lists that stand
	Past     map[string]*ListFinalized // superseded
	Made     map[string]event.Record   // what made each list final, as it was written then
	Minutes  []*MinutesIssued
	Signed   []*MinutesSigned
	Latest   map[string]time.Time // when the last word on something took effect: see about
	IsClosed bool
}

func (e *Convened) evolve(s *State)           { s.Convened = e }
func (e *AttendanceRecorded) evolve(s *State) { s.Attended = e }
func (e *ListRanked) evolve(s *State)         { s.Drafts = with(s.Drafts, e.List, e) }
func (e *MinutesIssued) evolve(s *State)      { s.Minutes = append(s.Minutes, e) }
func (e *MinutesSigned) evolve(s *State)      { s.Signed = append(s.Signed, e) }
func (e *Closed) evolve(s *State)             { s.IsClosed = true }

func (e *ListFinalized) evolve(s *State) {
	delete(s.Drafts, e.List)
	s.Final = with(s.Final, e.List, e)
	if old := s.Final[e.Supersedes]; old != nil {
		s.Past = with(s.Past, e.Supersedes, old)
		delete(s.Final, e.Supersedes)
	}
}

func (e *ListSuperseded) evolve(s *State) {
	if old := s.Final[e.List]; old != nil {
		s.Past = with(s.Past, e.List, old)
		delete(s.Final, e.List)
	}
}

func (e *Corrected) evolve(s *State) {
	if old := s.Final[e.List]; old != nil {
		fixed := *old
		fixed.Entries, fixed.Used, fixed.Cutoff, fixed.LastIn, fixed.FirstOut = e.Entries, e.Used, e.Cutoff, e.LastIn, e.FirstOut
		s.Final = with(s.Final, e.List, &fixed)
	}
}

func with[V any](m map[string]V, k string, v V) map[string]V {
	if m == nil {
		m = make(map[string]V)
	}
	m[k] = v
	return m
}

// about names what an event has the last word on; "" for one that only adds to
// what is there.
func about(e Event) string {
	switch e := e.(type) {
	case *AttendanceRecorded:
		return "attendance"
	case *ListRanked:
		return "list " + e.List
	case *Corrected:
		return "list " + e.List
	}
	return ""
}

// Fold returns what records, the events of one forum as event.Sequence orders
// them, amount to.
func Fold(records []event.Record) State {
	var s State
	for _, r := range records {
		if e, ok := r.Event.(Event); ok {
			s.ID, s.Cycle = strings.TrimPrefix(r.Stream, "forum-"), r.Cycle
			s.Version = max(s.Version, r.Version)
			e.evolve(&s)
			s.Latest = with(s.Latest, about(e), r.Effective())
			if e, ok := e.(*ListFinalized); ok {
				s.Made = with(s.Made, e.List, r)
			}
		}
	}
	return s
}

// At returns what the records of one forum, in the order of positions, amount to
// under v. A correction of a list acts as soon as it is known and whatever its
// own time, as those of single events do (semantics R2): what was a mistake of
// writing was one from the first day.
func At(records []event.Record, v event.View) State {
	sequence := event.Sequence(records, v)
	if !v.AsOf.IsZero() {
		for _, r := range event.Sequence(records, event.View{Known: v.Known}) {
			if _, ok := r.Event.(*Corrected); ok && r.Effective().After(v.AsOf) {
				sequence = append(sequence, r)
			}
		}
	}
	return Fold(sequence)
}

// List returns a list that was made final, with its mistakes of writing
// corrected, whether it stands or was superseded; nil where there is none.
func (s *State) List(name string) *ListFinalized {
	if l := s.Final[name]; l != nil {
		return l
	}
	return s.Past[name]
}

// Lists returns the names of all final lists in the order they were made.
func (s *State) Lists() []string {
	names := slices.Collect(maps.Keys(s.Made))
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(s.Made[a].Position, s.Made[b].Position) })
	return names
}

// Covered reports whether these minutes cover a proposal.
func (e *MinutesSigned) Covered(number string) bool {
	return len(e.Covers) == 0 || slices.Contains(e.Covers, number)
}
