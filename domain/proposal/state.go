package proposal

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/workflow"
)

// State is what the past events of a proposal amount to. Its zero value is a
// proposal that nobody has handed in.
type State struct {
	Number  string // "U-27-4K7M2XR"
	Version int    // of the stream: the number of its events
	Cycle   int    // fiscal year

	At    workflow.State // "" before the first event
	Since time.Time      // when it came into that state
	Last  uuid.UUID      // the event that moved it there

	Lane     Lane
	Origin   bool          // begins with submitted, submitted_late or continued
	Asked    domain.Rupiah // first estimate, which origins are counted by
	Idea                   // as last revised or accepted
	Proposer string

	EnteredBy []string // pseudonyms of who handed it in, who may not decide on it

	Offices  []string // OPDs it was with, in order; the last one is Idea.OPD
	Hops     int      // transfers
	Visits   map[workflow.State]int
	Flags    map[string]Flag // side clocks: objection
	Verified []string        // "administrasi:pass"

	Parent     string      // number of the proposal it is absorbed in
	Components []Component // of a proposal formed by merge: all it was formed of
	Depth      int         // merges in it: 0 for an origin
	Parts      []string    // of a split proposal
	Weights    []int64
	Whole      string // of a part
	PartDepth  int    // how often what is in it has been split
	Previous   string // number in an earlier cycle
	Next       string // number in a later cycle

	Lists       map[string]Ranking // by stage, the place it holds
	Cut         string             // reason code of the last final list that held it below the line
	SubKegiatan string
	Accepted    domain.Rupiah            // estimate as accepted by the OPD
	Included    map[string]domain.Rupiah // by document kind: rkpd, ppas
	Lines       map[string]domain.Rupiah // budget lines in force, by line id
	Ended       *Ending                  // how it ended last, for remedies
	Resume      []Resumable              // states before acts that an un-merge undoes
}

// A Flag is a side clock: something outside the main course that must be
// answered.
type Flag struct {
	Since time.Time
	Event uuid.UUID
}

// An Ending is the last event that brought a proposal to an end.
type Ending struct {
	Event   uuid.UUID
	From    workflow.State // where it had been
	Window  string         // of a closing
	Scope   domain.Scope
	Closing uuid.UUID // the closing that caused it
}

// A Resumable is a state that a merged proposal was in, for its children to
// resume.
type Resumable struct {
	State workflow.State
	Event uuid.UUID // that left it
}

// Kecamatan returns the kode wilayah of the kecamatan the proposal lies in. A
// proposal merged from several villages of one kecamatan has that kecamatan's
// code for its village.
func (s State) Kecamatan() string { return domain.KecamatanOf(s.Village) }

// Place returns where the proposal stands, in terms of a kind of scope: its
// village, its kecamatan, its OPD, or the kabupaten.
func (s State) Place(kind domain.ScopeKind) domain.Scope {
	switch kind {
	case domain.ScopeVillage:
		return domain.Scope{Kind: kind, Code: s.Village}
	case domain.ScopeKecamatan:
		return domain.Scope{Kind: kind, Code: s.Kecamatan()}
	case domain.ScopeOPD:
		return domain.Scope{Kind: kind, Code: s.OPD}
	}
	return domain.Scope{Kind: domain.ScopeKabupaten}
}

// Granted returns the money in force: the sum of its budget lines.
func (s State) Granted() domain.Rupiah {
	var sum domain.Rupiah
	for _, amount := range s.Lines {
		sum += amount
	}
	return sum
}

// Fold returns what records, the events of one proposal as event.Sequence
// orders them, amount to.
func Fold(records []event.Record) State {
	var s State
	for _, r := range records {
		if e, ok := r.Event.(Event); ok {
			s = Evolve(s, e, r.Envelope)
		}
	}
	return s
}

// Evolve returns s after e. It consults facts only, never the rules: an old
// event means the same under every later workflow.
func Evolve(s State, e Event, v event.Envelope) State {
	if n, ok := NumberOf(v.Stream); ok {
		s.Number, s.Cycle = n, Year(n)
	}
	s.Version = max(s.Version, v.Version)
	before := s.At
	e.evolve(&s, v)
	if to := e.Base().State; to != "" && to != before {
		s.At, s.Since, s.Last = to, v.Occurred.Effective(v.RecordedAt), v.ID
		s.Visits = maps.Clone(s.Visits)
		if s.Visits == nil {
			s.Visits = make(map[workflow.State]int)
		}
		s.Visits[to]++
		s.Ended = ending(s.Ended, e, v, before)
		s.Resume = append(slices.Clip(s.Resume), Resumable{before, v.ID})
	}
	return s
}

// closer is an event that may be written by a window's closing.
type closer interface{ closing() Closing }

func (e *LeftOut) closing() Closing    { return e.Closing }
func (e *Lapsed) closing() Closing     { return e.Closing }
func (e *Unfinished) closing() Closing { return e.Closing }

// ending remembers what a remedy needs to know of the way a proposal left from.
func ending(last *Ending, e Event, v event.Envelope, from workflow.State) *Ending {
	end := &Ending{Event: v.ID, From: from}
	switch e := e.(type) {
	case closer:
		if c := e.closing(); c.Window != "" {
			end.Window, end.Scope, end.Closing = c.Window, c.Scope, v.Causation
			if c.Of != uuid.Nil {
				end.Closing = c.Of
			}
		}
	case *ReferralAnswered:
		if e.Answer == "back" {
			return last
		}
	case *MergeReversed:
		if e.Role != "parent" {
			return last
		}
	case *Rejected, *Deferred, *Withdrawn, *Cancelled, *FinancedElsewhere, *Merged, *Split, *Completed:
	default:
		return last
	}
	return end
}

// Over returns old with everything that i states put in its place; attachments
// are added to the old ones.
func (i Idea) Over(old Idea) Idea {
	set := func(dst *domain.Text, src domain.Text) {
		if !src.IsZero() {
			*dst = src
		}
	}
	n := old
	set(&n.Title, i.Title)
	set(&n.Problem, i.Problem)
	set(&n.Description, i.Description)
	set(&n.Location, i.Location)
	if i.Village != "" {
		n.Village = i.Village
	}
	if i.Point != nil {
		n.Point = i.Point
	}
	if !i.Volume.IsZero() {
		n.Volume = i.Volume
	}
	if i.Estimate != 0 {
		n.Estimate = i.Estimate
	}
	if i.BasicService != "" {
		n.BasicService = i.BasicService
	}
	if len(i.Issues) > 0 {
		n.Issues = i.Issues
	}
	if i.OPD != "" {
		n.OPD = i.OPD
	}
	if i.Kamus != "" {
		n.Kamus = i.Kamus
	}
	if i.Priority != 0 {
		n.Priority = i.Priority
	}
	if len(i.Attachments) > 0 {
		n.Attachments = slices.Concat(old.Attachments, i.Attachments)
	}
	return n
}
