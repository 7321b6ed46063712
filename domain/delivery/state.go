package delivery

import (
	"regexp"
	"slices"

	"runut/domain"
	"runut/domain/event"
)

// State is what the past events of one stream of imports or letters amount to.
type State struct {
	Version  int
	Files    map[string]*Received    // by digest, as last received
	Order    []*Received             // in the order in which they came
	Resolved map[string]map[int]bool // by file, the rows dealt with
	Letters  map[string]*AnswerSent  // by number of the letter
}

func (e *Received) evolve(s *State) {
	if s.Files == nil {
		s.Files = make(map[string]*Received)
	}
	s.Files[e.Digest] = e
	s.Order = append(s.Order, e)
}

// Last returns the newest export, of those taken in, that speaks for some of
// what e speaks for; nil for none. What mends another file is no export.
func (s State) Last(e *Received) *Received {
	return s.newest(e, func(*Received) bool { return true })
}

// Before returns the newest export that is older than e and speaks for some of
// what e speaks for; nil for none.
func (s State) Before(e *Received) *Received {
	return s.newest(e, func(o *Received) bool { return o.ExportedAt.Before(e.ExportedAt) })
}

func (s State) newest(e *Received, fits func(*Received) bool) *Received {
	var best *Received
	for _, o := range s.Order {
		if o.Mends != "" || o.Digest == e.Digest || o.Lane != e.Lane || !fits(o) || !Overlap(o.Coverage, e.Coverage) {
			continue
		}
		if best == nil || !o.ExportedAt.Before(best.ExportedAt) {
			best = o
		}
	}
	return best
}

// Overlap reports whether two coverages have something in common: a place, and
// an OPD. A coverage that names no place, or no OPD, is of all of them.
func Overlap(a, b []string) bool {
	return meet(a, b, isPlace) && meet(a, b, func(code string) bool { return !isPlace(code) })
}

func meet(a, b []string, of func(string) bool) bool {
	wide := func(codes []string) bool { return !slices.ContainsFunc(codes, of) }
	if wide(a) || wide(b) {
		return true
	}
	return slices.ContainsFunc(a, func(x string) bool {
		return of(x) && slices.ContainsFunc(b, func(y string) bool { return domain.Within(x, y) || domain.Within(y, x) })
	})
}

func isPlace(code string) bool { return placeForm.MatchString(code) }

var placeForm = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}){1,2}(\.[0-9]{4})?$`)

// Open returns how many rows of a file are quarantined still.
func (s State) Open(file string) int {
	if f := s.Files[file]; f != nil && f.Mends == "" {
		return f.Quarantined - len(s.Resolved[file])
	}
	return 0
}

// OpenRows returns the numbers of the rows of a file that are quarantined still, as
// far as they are named.
func (s State) OpenRows(file string) []int {
	f := s.Files[file]
	if f == nil {
		return nil
	}
	var rows []int
	for _, h := range f.Held {
		for _, r := range h.Rows {
			for n := r.From; n <= r.To; n++ {
				if !s.Resolved[file][n] {
					rows = append(rows, n)
				}
			}
		}
	}
	slices.Sort(rows)
	return rows
}

// OpenReasons returns why the rows of a file are quarantined that are so still:
// how many by the code of the refusal. Of rows that are not named one by one
// nobody knows which were dealt with; they count as open until all are.
func (s State) OpenReasons(file string) map[string]int {
	out := make(map[string]int)
	if s.Open(file) == 0 {
		return out
	}
	for _, h := range s.Files[file].Held {
		open := h.Count
		for row := range s.Resolved[file] {
			if h.names(row) {
				open--
			}
		}
		if open > 0 {
			out[h.Reason] = open
		}
	}
	return out
}

func (h Held) names(row int) bool {
	return slices.ContainsFunc(h.Rows, func(r Stretch) bool { return r.From <= row && row <= r.To })
}

// Holds reports whether a row of a file was quarantined. Where there were so many
// that not all are named, any row may have been.
func (e *Received) Holds(row int) bool {
	for _, h := range e.Held {
		named := 0
		for _, r := range h.Rows {
			named += r.To - r.From + 1
		}
		if named < h.Count || h.names(row) {
			return true
		}
	}
	return len(e.Held) == 0
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
