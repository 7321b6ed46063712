package delivery

import (
	"time"

	"runut/domain/event"
)

// State is what the past events of one stream of imports or letters amount to.
type State struct {
	Version    int
	Files      map[string]*Received    // by digest, as last received
	Resolved   map[string]map[int]bool // by file, the rows dealt with
	ExportedAt time.Time               // of the newest export taken in
	Letters    map[string]*AnswerSent  // by number of the letter
}

func (e *Received) evolve(s *State) {
	if s.Files == nil {
		s.Files = make(map[string]*Received)
	}
	s.Files[e.Digest] = e
	if e.ExportedAt.After(s.ExportedAt) {
		s.ExportedAt = e.ExportedAt
	}
}

func (e *QuarantineResolved) evolve(s *State) {
	if s.Resolved == nil {
		s.Resolved = make(map[string]map[int]bool)
	}
	if s.Resolved[e.File] == nil {
		s.Resolved[e.File] = make(map[int]bool)
	}
	for _, row := range e.Rows {
		s.Resolved[e.File][row] = true
	}
}

func (e *AnswerSent) evolve(s *State) {
	if s.Letters == nil {
		s.Letters = make(map[string]*AnswerSent)
	}
	s.Letters[e.Letter.Number] = e
}

// Fold returns what the events of one stream of imports or letters amount to.
func Fold(records []event.Record) State {
	var s State
	for _, r := range records {
		if e, ok := r.Event.(Event); ok {
			s.Version = max(s.Version, r.Version)
			e.evolve(&s)
		}
	}
	return s
}
