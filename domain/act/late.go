package act

import (
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// RecordLate records what was decided on paper in time and typed in after the
// window had closed: one append that strikes out the closing's event, where one
// was written, and adds the act at the time it was taken. It needs a signed
// document dated inside the window and the approval of a second person who may
// correct; without them the omission stands.
type RecordLate struct {
	Proposal string
	Void     uuid.UUID // closing event that the paper refutes; zero where none was written
	Ask      proposal.Event
	Evidence domain.Document // number, date and digest of the signed paper
	Reason   domain.Text     // why it is recorded only now
}

// Name implements Act.
func (a RecordLate) Name() string { return "record_late" }

// Reads implements Act.
func (a RecordLate) Reads(Histories) []string {
	return append(streamsOf(a.Proposal), forumOf(a.Ask)...)
}

// Decide implements Act. Rules.Occurred says when it was decided, Rules.Second
// approves.
func (a RecordLate) Decide(h Histories, r Rules) ([]event.Change, error) {
	if err := alone(a.Ask); err != nil {
		return nil, err
	}
	if r.Occurred.IsZero() {
		return nil, domain.Refuse(domain.Invalid, "late.when").At("/occurred")
	}
	s, p, err := sitOn(h, r, a.Proposal)
	if err != nil {
		return nil, err
	}
	if err := s.past(r.Occurred); err != nil {
		return nil, err
	}
	m := s.mend(p, a.Reason)
	m.basis = proposal.Consequence // of the evidence, which the act below is judged on
	if a.Void != uuid.Nil {
		if err := m.refutable(a.Void); err != nil {
			return nil, err
		}
		if err := m.fix(Fix{Target: a.Void, Action: event.Void}, false); err != nil {
			return nil, err
		}
	}
	sequence := m.sequence()
	before := proposal.Fold(sequence[:after(sequence, r.Occurred.Effective(r.Now))])
	before.Number = p.Number
	rules := s.rules()
	rules.Late = &proposal.Lateness{Evidence: a.Evidence}
	if r.Second != nil {
		rules.Late.SecondApprover = r.Second.Person
	}
	rules.Forum = s.forum(forumStream(a.Ask))
	e, err := s.decide(before, a.Ask, rules)
	if err != nil {
		return nil, err
	}
	m.append(e, r.Occurred)
	if err := m.holds(); err != nil {
		return nil, err
	}
	return s.changes()
}

// refutable examines that what is struck out is the event of a closing: a
// person's act is corrected, not refuted.
func (m *mending) refutable(id uuid.UUID) error {
	target, err := m.target(id)
	if err != nil {
		return err
	}
	if e, ok := target.Event.(proposal.Event); ok {
		if _, closes := cutClosing(e); closes {
			return nil
		}
	}
	return domain.Refuse(domain.Conflict, "late.not_a_closing", "proposal", m.p.Number, "target", id.String()).At("/void")
}
