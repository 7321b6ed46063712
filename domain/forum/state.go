package forum

import (
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
		}
	}
	return s
}
