package act

import (
	"slices"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// Take is one act on one proposal: accept it, return it, refer it. The fact
// asked for is the command; what only the decision knows (state, stage,
// transition, checks) is filled in.
//
// With Rules.Occurred it is recorded as having taken effect earlier, as long as
// its window is still open and everything recorded since still holds. After the
// window see RecordLate.
type Take struct {
	Proposal string         // number
	Ask      proposal.Event // its stage may be named where one state has several
}

// Name implements Act: the stored name of the fact without its noun.
func (a Take) Name() string { return proposal.EventName(a.Ask) }

// Reads implements Act.
func (a Take) Reads(Histories) []string {
	return append(streamsOf(a.Proposal), forumOf(a.Ask)...)
}

// Decide implements Act.
func (a Take) Decide(h Histories, r Rules) ([]event.Change, error) {
	if err := alone(a.Ask); err != nil {
		return nil, err
	}
	s, p, err := sitOn(h, r, a.Proposal)
	if err != nil {
		return nil, err
	}
	if err := s.take(p, a.Ask, s.rules()); err != nil {
		return nil, err
	}
	if order, ok := a.Ask.(*proposal.TextRedacted); ok {
		if err := s.closable(p, order); err != nil {
			return nil, err
		}
	}
	return s.done()
}

// take decides one ask of a proposal and adds its event. Where it took effect
// earlier, it is judged on the proposal as it stood then; done examines that
// what came after still holds.
func (s *sitting) take(p proposal.State, ask proposal.Event, r proposal.Rules) error {
	if err := s.past(s.Occurred); err != nil {
		return err
	}
	r.Forum = s.forum(forumStream(ask))
	if !s.Occurred.IsZero() {
		sequence := s.histories.Now(proposal.Stream(p.Number))
		number := p.Number
		p = proposal.Fold(sequence[:after(sequence, s.Occurred.Effective(s.Now))])
		p.Number = number
	}
	e, err := s.decide(p, ask, r)
	if err != nil {
		return err
	}
	s.record(p, e, nil)
	return nil
}

// holds examines that a proposal's whole sequence is legal and leaves it where
// somebody will deal with it.
func (s *sitting) holds(sequence []event.Record) error {
	p, err := proposal.Replay(s.def, s.cycle, sequence)
	if err != nil {
		return err
	}
	if proposal.Stranded(s.def, s.cycle, p) {
		return domain.Refuse(domain.Conflict, "workflow.strands", "proposal", p.Number, "state", string(p.At),
			"windows", domain.Words(s.def.RowsFor(p.At)), "office", p.OPD)
	}
	return nil
}

// after returns how many records of a sequence count before an act that takes
// effect at a moment and is recorded now.
func after(sequence []event.Record, at time.Time) int {
	n, _ := slices.BinarySearchFunc(sequence, at, func(r event.Record, at time.Time) int {
		if r.Effective().After(at) {
			return 1
		}
		return -1
	})
	return n
}

// sitOn opens the docket of a decision on one proposal.
func sitOn(h Histories, r Rules, number string) (*sitting, proposal.State, error) {
	number, err := domain.ParseNumber(number)
	if err != nil {
		return nil, proposal.State{}, err
	}
	s, err := sit(h, r, proposal.Year(number))
	if err != nil {
		return nil, proposal.State{}, err
	}
	p, err := s.proposal(number)
	return s, p, err
}

// owners names the acts that write events which nobody can ask for alone.
var owners = map[string]string{
	"submitted": "submit", "submitted_late": "submit", "appeared_in_budget": "submit",
	"merged": "merge", "formed_by_merge": "merge", "merge_reversed": "unmerge",
	"split": "split", "formed_by_split": "split",
	"prioritized": "", "agreed": "", "below_cutoff": "finalize_list",
	"lapsed": "close_window", "unfinished": "close_window",
	"carried_over": "carry_over", "continued": "carry_over",
	"corrected": "correct", "office_changed": "succeed_office", "relocated": "change_territory",
}

// alone refuses what binds several streams or begins one: it has an act of its own.
func alone(ask proposal.Event) error {
	if ask == nil {
		return domain.Refuse(domain.Invalid, "act.nothing_asked")
	}
	name := proposal.EventName(ask)
	if act := owners[name]; act != "" {
		return domain.Refuse(domain.Invalid, "act.own", "event", name, "act", act)
	}
	o, answers := ask.(*proposal.ObjectionAnswered)
	b, revives := ask.(*proposal.Reinstated)
	if answers && o.Result == "upheld" || revives && b.Ground == "objection" {
		return domain.Refuse(domain.Invalid, "act.own", "event", name, "act", "answer_objection")
	}
	return nil
}

// forumStream returns the forum an ask names.
func forumStream(ask proposal.Event) string {
	if ask == nil {
		return ""
	}
	return proposal.ForumOf(ask)
}

func forumOf(ask proposal.Event) []string {
	if f := forumStream(ask); f != "" {
		return []string{f}
	}
	return nil
}

func cycleStream(year int) string { return cycle.Stream(year) }
