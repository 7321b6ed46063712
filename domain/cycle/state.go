package cycle

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// State is what the past events of a cycle amount to.
type State struct {
	Year     int
	Version  int
	Opened   *Opened
	OpenedAt time.Time
	Zone     *time.Location
	Pin      Pin                        // definition in force
	Windows  map[WindowKey]*Window      //
	Ceilings map[LimitKey]Limited       // rupiah
	Quotas   map[LimitKey]Limited       // proposals
	Policy   *PublicationPolicySet      // nil: nothing may be published
	Released []Release                  // in order
	Adopted  map[string]DocumentAdopted // by kind, the last one
	Words    map[string]*VocabularyPublished
	Written  map[uuid.UUID]string // stored name of every event that counts, by id
	Latest   map[string]time.Time // when the last word on something took effect: see about
	IsClosed bool
}

// A Release is one act of publication.
type Release struct {
	PublicationReleased
	At       time.Time
	Position int64
}

func (e *Opened) evolve(s *State, v event.Envelope) {
	s.Opened, s.Year, s.Pin = e, e.Year, e.Definition
	s.OpenedAt = v.Occurred.Effective(v.RecordedAt)
	s.Zone = cmp.Or(domain.Zones[e.Zone], domain.Zones["WITA"])
}

func (e *WindowOpened) evolve(s *State, v event.Envelope) {
	s.window(e.Window, e.Scope, Window{OpensAt: e.OpensAt, ClosesAt: e.ClosesAt, Version: v.Version})
}

// What happens to one scope of a window that was opened for all gives that
// scope a window of its own.
func (e *WindowExtended) evolve(s *State, v event.Envelope) {
	w, ok := s.Find(e.Window, e.Scope)
	if !ok {
		return
	}
	w.ClosesAt, w.Version = e.ClosesAt, v.Version
	s.window(e.Window, e.Scope, w)
}

func (e *WindowClosed) evolve(s *State, v event.Envelope) {
	w, _ := s.Find(e.Window, e.Scope)
	w.ClosesAt, w.Shut, w.ShutAt, w.Closing, w.Version = e.ClosesAt, true, v.Occurred.Effective(v.RecordedAt), v.ID, v.Version
	s.window(e.Window, e.Scope, w)
}

func (e *WindowReopened) evolve(s *State, v event.Envelope) {
	w, _ := s.Find(e.Window, e.Scope)
	if w.Shut {
		outside := w.ShutAt
		if !outside.Before(w.ClosesAt) { // overdue: ClosesAt itself was inside
			outside = w.ClosesAt.Add(time.Microsecond)
		}
		w.Gaps = append(slices.Clip(w.Gaps), Gap{outside, v.Occurred.Effective(v.RecordedAt)})
	}
	w.ClosesAt, w.Shut, w.Version = e.ClosesAt, false, v.Version
	s.window(e.Window, e.Scope, w)
}

func (s *State) window(name string, scope domain.Scope, w Window) {
	if s.Windows == nil {
		s.Windows = make(map[WindowKey]*Window)
	}
	s.Windows[WindowKey{name, Wide(scope)}] = &w
}

func (e *CeilingSet) evolve(s *State, v event.Envelope) {
	if s.Ceilings == nil {
		s.Ceilings = make(map[LimitKey]Limited)
	}
	s.Ceilings[LimitKey{e.Stage, e.Scope}] = Limited{int64(e.Amount), v.ID}
}

func (e *QuotaSet) evolve(s *State, v event.Envelope) {
	if s.Quotas == nil {
		s.Quotas = make(map[LimitKey]Limited)
	}
	s.Quotas[LimitKey{e.Stage, e.Scope}] = Limited{int64(e.Count), v.ID}
}

func (e *VocabularyPublished) evolve(s *State, _ event.Envelope) {
	if s.Words == nil {
		s.Words = make(map[string]*VocabularyPublished)
	}
	s.Words[e.Register] = e
}

func (e *PublicationPolicySet) evolve(s *State, _ event.Envelope) { s.Policy = e }

func (e *PublicationReleased) evolve(s *State, v event.Envelope) {
	s.Released = append(s.Released, Release{PublicationReleased: *e, At: v.Occurred.Effective(v.RecordedAt)})
}

func (e *DocumentAdopted) evolve(s *State, _ event.Envelope) {
	if s.Adopted == nil {
		s.Adopted = make(map[string]DocumentAdopted)
	}
	s.Adopted[e.Kind] = *e
}

func (e *OfficeSucceeded) evolve(*State, event.Envelope)  {}
func (e *TerritoryChanged) evolve(*State, event.Envelope) {}
func (e *Corrected) evolve(*State, event.Envelope)        {}
func (e *Closed) evolve(s *State, _ event.Envelope)       { s.IsClosed = true }

func (e *DefinitionMigrated) evolve(s *State, _ event.Envelope) { s.Pin = e.To }

// about names what an event has the last word on; "" for one that only adds to
// what is there. What took effect last counts, so nothing may be recorded that
// would already be overruled.
func about(e Event) string {
	switch e := e.(type) {
	case *WindowOpened:
		return WindowKey{e.Window, Wide(e.Scope)}.String()
	case *WindowExtended:
		return WindowKey{e.Window, Wide(e.Scope)}.String()
	case *WindowClosed:
		return WindowKey{e.Window, Wide(e.Scope)}.String()
	case *WindowReopened:
		return WindowKey{e.Window, Wide(e.Scope)}.String()
	case *CeilingSet:
		return "ceiling at " + e.Stage + " of " + e.Scope.String()
	case *QuotaSet:
		return "quota at " + e.Stage + " of " + e.Scope.String()
	case *VocabularyPublished:
		return "vocabulary " + e.Register
	case *PublicationPolicySet:
		return "publication policy"
	case *DocumentAdopted:
		return "document " + e.Kind
	}
	return ""
}

// Fold returns what records, the events of one cycle as event.Sequence orders
// them, amount to.
func Fold(records []event.Record) State {
	var s State
	for _, r := range records {
		e, ok := r.Event.(Event)
		if !ok {
			continue
		}
		s.Version = max(s.Version, r.Version)
		e.evolve(&s, r.Envelope)
		if s.Written == nil {
			s.Written, s.Latest = make(map[uuid.UUID]string), make(map[string]time.Time)
		}
		s.Written[r.ID] = nameOf(e)
		s.Latest[about(e)] = r.Effective()
		if n := len(s.Released); n > 0 && s.Released[n-1].Position == 0 {
			s.Released[n-1].Position = r.Position
		}
	}
	return s
}
