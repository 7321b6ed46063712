package act

import (
	"slices"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// Correct puts an earlier event of a proposal right: strikes it out, gives it
// other facts, or takes such a correction back. The wrong event stays for all
// to see. Two persons ask for it, and it is refused unless the history holds
// afterwards: what else must change for that is corrected along with it.
type Correct struct {
	Proposal string
	Fix
	Reason domain.Text
	Also   []Fix // further corrections, without which the history would not hold
}

// A Fix is one correction.
type Fix struct {
	Target   uuid.UUID // event id
	Action   event.CorrectAction
	With     proposal.Event   // amend: the full facts
	Occurred *domain.Interval // amend: when it really took effect; nil: as it was
}

// Name implements Act.
func (a Correct) Name() string { return "correct" }

// Reads implements Act.
func (a Correct) Reads(Histories) []string {
	streams := streamsOf(a.Proposal)
	for _, f := range append([]Fix{a.Fix}, a.Also...) {
		streams = append(streams, forumOf(f.With)...)
	}
	return streams
}

// Decide implements Act.
func (a Correct) Decide(h Histories, r Rules) ([]event.Change, error) {
	if !r.Occurred.IsZero() {
		return nil, domain.Refuse(domain.Invalid, "correct.occurred").At("/occurred")
	}
	s, p, err := sitOn(h, r, a.Proposal)
	if err != nil {
		return nil, err
	}
	m := s.mend(p, a.Reason)
	for i, f := range append([]Fix{a.Fix}, a.Also...) {
		if err := m.fix(f, false); err != nil {
			if i > 0 {
				return nil, placed(err, "/also/"+itoa(i-1))
			}
			return nil, err
		}
	}
	if err := m.holds(); err != nil {
		return nil, err
	}
	return s.changes()
}

// A mending is the correcting of one proposal's history: the records as they
// will be, with the corrections and further facts of the append.
type mending struct {
	*sitting
	p       proposal.State
	stream  string
	reason  domain.Text
	records []event.Record // of the stream, and what the append adds to it
	basis   proposal.Basis // of the corrections themselves
	cause   *fact          // what brings them
}

func (s *sitting) mend(p proposal.State, reason domain.Text) *mending {
	stream := proposal.Stream(p.Number)
	s.see(stream)
	return &mending{sitting: s, p: p, stream: stream, reason: reason, records: slices.Clone(s.histories[stream])}
}

// sequence returns the history as it counts with what was mended so far.
func (m *mending) sequence() []event.Record { return event.Sequence(m.records, event.View{}) }

// append notes a fact and adds it to the history.
func (m *mending) append(e proposal.Event, at domain.Interval) {
	f := m.add(m.stream, e, m.cause)
	f.occurred = at
	v := m.envelope(m.stream, m.records[len(m.records)-1].Version+1)
	v.ID = event.IDOf(m.Command, len(m.records)) // only until the log names it
	if !at.IsZero() {
		v.Occurred = at
	}
	m.records = append(m.records, event.Record{Envelope: v, Position: m.records[len(m.records)-1].Position + 1, Event: e})
}

// target finds the event that a correction is about.
func (m *mending) target(id uuid.UUID) (event.Record, error) {
	i := slices.IndexFunc(m.records, func(r event.Record) bool { return r.ID == id })
	if i < 0 {
		return event.Record{}, domain.Refuse(domain.NotFound, "correct.unknown", "proposal", m.p.Number, "target", id.String()).At("/target")
	}
	if _, again := m.records[i].Event.(event.Correction); again {
		return event.Record{}, domain.Refuse(domain.Conflict, "correct.correction", "proposal", m.p.Number, "target", id.String()).At("/target")
	}
	return m.records[i], nil
}

// bound are the events that hold several proposals together, and the act that
// puts each right instead of a correction.
var bound = map[string]string{
	"merged": "unmerge", "formed_by_merge": "unmerge", "merge_reversed": "merge",
	"split": "merge", "formed_by_split": "merge",
	"prioritized": "correct_list", "below_cutoff": "correct_list", "agreed": "correct_list",
	"carried_over": "take", "continued": "take",
	"office_changed": "succeed_office", "relocated": "change_territory",
}

// fix adds one correction. Events of lists may only be corrected with their list.
func (m *mending) fix(f Fix, withList bool) error {
	target, err := m.target(f.Target)
	if err != nil {
		return err
	}
	wrong, ok := target.Event.(proposal.Event)
	name := proposal.EventName(wrong)
	if act := bound[name]; !ok || act != "" && !withList {
		return domain.Refuse(domain.Conflict, "correct.bound", "proposal", m.p.Number, "event", name, "act", act).At("/target")
	}
	fixed := &proposal.Corrected{Target: f.Target, Action: f.Action, Occurred: f.Occurred, Reason: m.reason}
	if f.Action == event.Amend {
		with, err := m.amended(target, wrong, f)
		if err != nil {
			return err
		}
		if fixed.With = proposal.Amend(with); fixed.With == nil {
			return domain.Refuse(domain.Conflict, "correct.bound", "proposal", m.p.Number, "event", proposal.EventName(with), "act", "").At("/with")
		}
	} else if f.With != nil || f.Occurred != nil {
		return domain.Refuse(domain.Invalid, "correct.with", "action", string(f.Action)).At("/with")
	}
	rules := m.rules()
	rules.Basis = m.basis
	e, err := m.decide(m.p, fixed, rules)
	if err != nil {
		return err
	}
	m.append(e, domain.Interval{})
	return nil
}

// amended decides the facts that replace a target's, on the proposal as it
// stood then. Who acted stays as it was.
func (m *mending) amended(target event.Record, wrong proposal.Event, f Fix) (proposal.Event, error) {
	if f.With == nil {
		return nil, domain.Refuse(domain.Invalid, "correct.with", "action", string(f.Action)).At("/with")
	}
	at := target.Occurred
	if f.Occurred != nil {
		at = *f.Occurred
	}
	effective := at.Effective(target.RecordedAt)
	var past []event.Record
	for _, r := range m.sequence() {
		if r.ID == target.ID {
			continue
		}
		if r.Effective().Before(effective) || r.Effective().Equal(effective) && r.Position < target.Position {
			past = append(past, r)
		}
	}
	before := proposal.Fold(past)
	before.Number = m.p.Number
	if window, closes := cutClosing(wrong); closes {
		return nil, domain.Refuse(domain.Conflict, "correct.closing", "proposal", m.p.Number, "window", window).At("/target")
	}
	rules := m.rules()
	rules.Basis, rules.Occurred, rules.Actor = proposal.Correction, at, target.Actor
	rules.Forum = m.forum(forumStream(f.With))
	if wrong.Base().Observed != nil {
		return proposal.Observe(m.def, m.cycle, before, f.With, *wrong.Base().Observed)
	}
	return m.decide(before, f.With, rules)
}

// holds examines the history as it will be.
func (m *mending) holds() error { return m.sitting.holds(m.sequence()) }

func cutClosing(e proposal.Event) (window string, ok bool) {
	via := e.Base().Via
	if len(via) > len(proposal.Closes) && via[:len(proposal.Closes)] == proposal.Closes {
		return via[len(proposal.Closes):], true
	}
	return "", false
}
