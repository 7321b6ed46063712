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
	Source    string             // sipd, template, rkpd, ppas, apbd
	File      string             // SHA-256 of the file, hex
	Received  *delivery.Received // the file itself, with the first of its rows; nil where it is recorded already
	Confirmed bool               // somebody confirmed that so many rows may be missing
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
}

// Name implements Act.
func (a Observe) Name() string { return "observe" }

// Reads implements Act.
func (a Observe) Reads(Histories) []string {
	streams := []string{cycleStream(a.Year)}
	if a.Received != nil {
		streams = append(streams, delivery.ImportStream(a.Source, itoa(a.Year)))
	}
	for _, row := range a.Rows {
		streams = append(streams, streamsOf(row.Proposal)...)
	}
	return streams
}

// Decide implements Act.
func (a Observe) Decide(h Histories, r Rules) ([]event.Change, error) {
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
	if a.Received != nil {
		stream := delivery.ImportStream(a.Source, itoa(a.Year))
		if err := s.deliver(stream, a.Received, a.Confirmed); err != nil {
			return nil, err
		}
		s.years[stream] = fiscal{a.Year, s.cycle.Pin.Hash}
	}
	began := 0
	for i, row := range a.Rows {
		if err := a.row(s, row, &began); err != nil {
			return nil, placed(err, "/rows/"+itoa(i))
		}
	}
	return s.changes()
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
	for _, part := range row.parts() {
		e, err := part.observe(s.def, s.cycle, p, part.ask, proposal.Observed{Source: a.Source, File: a.File, Row: row.Row})
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
