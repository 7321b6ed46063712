package act

import (
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Observe records what the file of another system says of proposals. An import
// never invents an act: it notes opinions as they stand in the file and at most
// one outcome per row, marked as observed, with what the source passed over and
// what a decision here would have had to state. New rows begin streams of their
// own, the n-th of them with the number domain.Number(year, command, n-1).
type Observe struct {
	Year      int
	Source    string                       // sipd, template, rkpd, ppas, apbd
	File      string                       // SHA-256 of the file, hex
	Received  *delivery.Received           // the file itself; nil where other rows of it are recorded before or after
	Resolved  *delivery.QuarantineResolved // rows quarantined earlier that are in now; nil for none
	Confirmed bool                         // somebody confirmed that so many rows may be missing
	Before    string                       // SHA-256 of the file before it that the rows were compared with; "" for none
	Imports   int                          // version of the source's stream of imports they were compared at; 0: not examined
	Rows      []Row
}

// A Row is what one row of the file says.
type Row struct {
	Row      int              // number in the file, from 1
	Proposal string           // number; empty where the row is new
	New      proposal.Event   // *proposal.Submitted or *proposal.SubmittedLate of a row that is new
	Facts    []proposal.Event // that change no state: recommendations, revisions, missing, found
	Outcome  proposal.Event   // at most one that does; nil for none
	Occurred domain.Interval  // between the two exports; zero: as the act says

	ID       string          // id of the row in the source
	Doubts   []string        // what reading it left in doubt
	Said     []proposal.Said // what it says besides, as it was written
	Proposer domain.Secret   // whom it names as the proposer
}

// Name implements Act.
func (a Observe) Name() string { return "observe" }

// Reads implements Act.
func (a Observe) Reads(Histories) []string {
	streams := []string{cycleStream(a.Year)}
	if a.Received != nil || a.Resolved != nil || a.Imports > 0 {
		streams = append(streams, delivery.ImportStream(a.Source, itoa(a.Year)))
	}
	for _, row := range a.Rows {
		streams = append(streams, streamsOf(row.Proposal)...)
	}
	return streams
}

// Decide implements Act.
func (a Observe) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := a.sit(h, r)
	if err != nil {
		return nil, err
	}
	began := 0
	for i, row := range a.Rows {
		if err := a.row(s, row, &began); err != nil {
			return nil, placed(err, "/rows/"+itoa(i))
		}
	}
	if err := a.deliver(s); err != nil {
		return nil, err
	}
	return s.changes()
}

// deliver records the file itself and what it mends.
func (a Observe) deliver(s *sitting) error {
	stream := delivery.ImportStream(a.Source, itoa(a.Year))
	var asks []delivery.Event
	if a.Received != nil {
		asks = append(asks, a.Received)
	}
	if a.Resolved != nil {
		asks = append(asks, a.Resolved)
	}
	for _, ask := range asks {
		if err := s.deliver(stream, ask, a.Confirmed); err != nil {
			return err
		}
		s.years[stream] = fiscal{a.Year, s.cycle.Pin.Hash}
	}
	return nil
}

// Sift decides like Decide, but leaves out the rows that cannot be recorded and
// says why not, by their place among Rows: one row that does not fit keeps no
// other from being taken in. What is refused of the file as a whole is an error.
// No two rows may be of one proposal.
func (a Observe) Sift(h Histories, r Rules) ([]event.Change, map[int]error, error) {
	s, err := a.sit(h, r)
	if err != nil {
		return nil, nil, err
	}
	refused := make(map[int]error)
	began := 0
	for i, row := range a.Rows {
		noted, drawn := len(s.order), began
		err := a.row(s, row, &began)
		if err == nil {
			err = s.readable(s.order[noted:])
		}
		if err != nil {
			s.forget(noted)
			began = drawn
			refused[i] = err
		}
	}
	if err := a.deliver(s); err != nil {
		return nil, nil, err
	}
	changes, err := s.changes()
	return changes, refused, err
}

// sit examines what concerns the file as a whole.
func (a Observe) sit(h Histories, r Rules) (*sitting, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	if r.Actor.Role != cycle.Importer {
		return nil, domain.Refuse(domain.Forbidden, "workflow.role", "act", a.Name(), "role", string(r.Actor.Role), "wanted", string(cycle.Importer))
	}
	if s.cycle.IsClosed {
		return nil, domain.Refuse(domain.Conflict, "workflow.cycle_closed", "year", itoa(a.Year))
	}
	stream := delivery.ImportStream(a.Source, itoa(a.Year))
	if a.Imports > 0 && delivery.Fold(s.see(stream)).Version != a.Imports {
		return nil, domain.Refuse(domain.Conflict, "import.overtaken", "source", a.Source, "year", itoa(a.Year))
	}
	return s, nil
}

// row records what one row says. It is judged on the proposal as it stood when
// the source must have changed; what came after must still hold, and nobody may
// be left where nothing ends the wait.
func (a Observe) row(s *sitting, row Row, began *int) error {
	at := row.Occurred
	if at.IsZero() {
		at = s.Occurred
	}
	if err := s.past(at); err != nil {
		return err
	}
	var p proposal.State
	var sequence []event.Record
	switch {
	case row.Proposal != "":
		var err error
		if p, err = s.proposal(row.Proposal); err != nil {
			return err
		}
		sequence = s.histories.Now(proposal.Stream(p.Number))
	case row.New == nil:
		return domain.Refuse(domain.Invalid, "observe.nothing", "row", itoa(row.Row))
	default:
		p.Number = s.draw(*began)
		*began++
	}
	n := len(sequence)
	if !at.IsZero() && n > 0 {
		number := p.Number
		n = after(sequence, at.Effective(s.Now))
		p = proposal.Fold(sequence[:n])
		p.Number = number
	}
	history := slices.Clone(sequence[:n])
	for i, part := range row.parts() {
		from := proposal.Observed{Source: a.Source, File: a.File, Before: a.Before, Row: row.Row, ID: row.ID}
		if i == 0 {
			from.Doubts, from.Said, from.Proposer = row.Doubts, row.Said, row.Proposer
		}
		e, err := part.observe(s.def, s.cycle, p, part.ask, from)
		if err != nil {
			return err
		}
		v := s.envelope(proposal.Stream(p.Number), p.Version+1)
		if !at.IsZero() {
			v.Occurred = at
		}
		history = append(history, event.Record{Envelope: v, Event: e})
		var f *fact
		p, f = s.record(p, e, nil)
		f.occurred = at
	}
	return s.holds(append(history, sequence[n:]...))
}

// A part is one thing a row says, and how it is read.
type part struct {
	ask     proposal.Event
	observe func(*workflow.Definition, cycle.State, proposal.State, proposal.Event, proposal.Observed) (proposal.Event, error)
}

// parts returns what a row says in the order in which it must have happened.
func (r Row) parts() []part {
	var out []part
	if r.Proposal == "" {
		out = append(out, part{r.New, proposal.Observe})
	}
	for _, ask := range r.Facts {
		out = append(out, part{ask, proposal.ObserveFact})
	}
	if r.Outcome != nil {
		out = append(out, part{r.Outcome, proposal.Observe})
	}
	return out
}

// past examines that what was observed is neither of the future nor from before
// the cycle (semantics R9).
func (s *sitting) past(at domain.Interval) error {
	switch {
	case at.IsZero():
		return nil
	case !at.Valid():
		return domain.Refuse(domain.Invalid, "time.malformed", "from", domain.Stamp(at.From), "to", domain.Stamp(at.To))
	case at.From.After(s.Now):
		return domain.Refuse(domain.Invalid, "time.future", "occurred", domain.Stamp(at.From), "now", domain.Stamp(s.Now))
	case at.To.Before(s.cycle.OpenedAt):
		return domain.Refuse(domain.Invalid, "time.before_cycle", "occurred", domain.Stamp(at.To), "opened", domain.Stamp(s.cycle.OpenedAt))
	}
	return nil
}
