package act

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// CloseWindow closes a window and ends the wait of every proposal in it, in one
// append: the closing first, then one event per proposal in the order of
// streams, each caused by the closing. Nothing hangs silently.
//
// Candidates come from a read model and the tail of the log after it; they
// decide nothing. Whoever no longer waits is passed over, and everybody's
// version is asserted. An overdue window counts as closed at its end; one
// closed early, now.
type CloseWindow struct {
	Year       int
	Window     string
	Scope      domain.Scope // zero: everything that has no window of its own
	Candidates []string     // numbers that may be waiting
}

// Name implements Act.
func (a CloseWindow) Name() string { return "close_window" }

// Reads implements Act.
func (a CloseWindow) Reads(Histories) []string {
	return append(streamsOf(a.Candidates...), cycleStream(a.Year))
}

// Decide implements Act.
func (a CloseWindow) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	closed, err := cycle.CloseWindow(s.cycle, &cycle.WindowClosed{Window: a.Window, Scope: a.Scope}, s.cycleRules())
	if err != nil {
		return nil, err
	}
	if s.Occurred.IsZero() {
		s.Occurred = s.closingTime(closed)
	}
	waiting, err := s.waiting(closed, a.Candidates)
	if err != nil {
		return nil, err
	}
	closed.Waiting = len(waiting)
	closing := s.add(cycleStream(a.Year), closed, nil)
	at := s.Now
	if !closing.occurred.IsZero() {
		at = closing.occurred.Effective(s.Now)
	}
	for _, w := range waiting {
		f := s.add(w.stream, w.event, closing)
		if w.last.After(at) {
			f.occurred = domain.Moment(w.last) // it came to wait after the end of the window
		}
	}
	return s.changes()
}

// closingTime returns when a closing takes effect: at the window's end where
// that is past, else now, which is the zero interval. Where something decided
// on the cycle since would read differently after an earlier closing, it is now
// too.
func (s *sitting) closingTime(closed *cycle.WindowClosed) domain.Interval {
	if !closed.ClosesAt.Before(s.Now) {
		return domain.Interval{}
	}
	at := domain.Moment(closed.ClosesAt)
	own := cycle.WindowKey{Window: closed.Window, Scope: closed.Scope}
	then := s.cycleWith(closed, at)
	for key, w := range s.cycle.Windows {
		if other := then.Windows[key]; key != own && (other == nil || other.Shut != w.Shut || !other.ClosesAt.Equal(w.ClosesAt)) {
			return domain.Interval{}
		}
	}
	return at
}

// cycleWith returns the cycle as it will stand with one more event.
func (s *sitting) cycleWith(e cycle.Event, at domain.Interval) cycle.State {
	stream := cycleStream(s.year)
	records := s.histories[stream]
	v := s.envelope(stream, s.cycle.Version+1)
	if !at.IsZero() {
		v.Occurred = at
	}
	last := records[len(records)-1].Position
	return cycle.Fold(event.Sequence(append(slices.Clip(records), event.Record{Envelope: v, Position: last + 1, Event: e}), event.View{}))
}

// A wait is a proposal that a closing finds waiting.
type wait struct {
	stream string
	event  proposal.Event
	last   time.Time // when it was last touched
}

// waiting returns what the closing writes to the candidates that wait, in the
// order of streams.
func (s *sitting) waiting(closed *cycle.WindowClosed, candidates []string) ([]wait, error) {
	key := cycle.WindowKey{Window: closed.Window, Scope: closed.Scope}
	var out []wait
	seen := make(map[string]bool, len(candidates))
	for _, n := range candidates {
		if seen[n] {
			continue
		}
		seen[n] = true
		p, err := s.proposal(n)
		if err != nil {
			return nil, err
		}
		stream := proposal.Stream(p.Number)
		for _, row := range proposal.Waiting(s.def, s.cycle, p, key) {
			w := wait{stream: stream, event: proposal.EndWait(s.def, s.cycle, p, row, key, p.Cut, uuid.Nil)}
			if w.event == nil {
				return nil, domain.Refuse(domain.Unready, "workflow.row_event", "window", row.Window, "event", row.Event)
			}
			for _, r := range s.histories[stream] {
				if r.Effective().After(w.last) {
					w.last = r.Effective()
				}
			}
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b wait) int { return cmp.Compare(a.stream, b.stream) })
	return out, nil
}

// ReopenWindow opens a closed window again by decree, and brings back what that
// closing had ended, each to where it had waited.
type ReopenWindow struct {
	Year       int
	Window     string
	Scope      domain.Scope
	ClosesAt   time.Time
	Decree     domain.Document
	Covers     []string // numbers to bring back; empty: all that the closing ended
	Candidates []string // numbers that the closing may have ended
}

// Name implements Act.
func (a ReopenWindow) Name() string { return "reopen_window" }

// Reads implements Act.
func (a ReopenWindow) Reads(Histories) []string {
	return append(streamsOf(slices.Concat(a.Covers, a.Candidates)...), cycleStream(a.Year))
}

// Decide implements Act.
func (a ReopenWindow) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	ask := &cycle.WindowReopened{Window: a.Window, Scope: a.Scope, ClosesAt: a.ClosesAt, Decree: a.Decree, Covers: a.Covers}
	opened, err := cycle.ReopenWindow(s.cycle, ask, s.cycleRules())
	if err != nil {
		return nil, err
	}
	reopening := s.add(cycleStream(a.Year), opened, nil)
	s.cycle = s.cycleWith(opened, domain.Interval{})
	numbers := a.Covers
	if len(numbers) == 0 {
		numbers = a.Candidates
	}
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	for _, n := range numbers {
		p, err := s.proposal(n)
		if err != nil {
			return nil, err
		}
		if !s.endedBy(p, opened) {
			if len(a.Covers) > 0 {
				return nil, domain.Refuse(domain.Conflict, "reopen.not_ended", "proposal", p.Number, "window", a.Window, "state", string(p.At)).At("/covers")
			}
			continue
		}
		if err := s.reinstate(p, opened, reopening); err != nil {
			return nil, err
		}
	}
	return s.changes()
}

// endedBy reports whether the closing that is undone ended the proposal, and it
// has stayed so.
func (s *sitting) endedBy(p proposal.State, opened *cycle.WindowReopened) bool {
	if p.Ended == nil || p.Ended.Event != p.Last || p.Ended.Closing.String() != opened.Closing {
		return false
	}
	place := p.Place(s.def.Windows[opened.Window].Scope)
	return opened.Scope.Code == "" || opened.Scope == place
}

// reinstate brings a proposal back to where the closing found it, or where
// there is no arrow to that very state, to the one of its stage there is.
func (s *sitting) reinstate(p proposal.State, opened *cycle.WindowReopened, reopening *fact) error {
	row := s.def.OnWindowClose[opened.Window][string(p.Ended.From)]
	if row == nil {
		return nil
	}
	way := s.def.WayBack(row)
	if way == nil {
		return domain.Refuse(domain.Conflict, "reopen.no_way_back", "proposal", p.Number, "state", string(p.Ended.From))
	}
	rules := s.rules()
	rules.Basis = proposal.Consequence
	e, err := s.decide(p, &proposal.Reinstated{Resume: string(way.To), Ground: "reopening", Document: opened.Decree}, rules)
	if err != nil {
		return err
	}
	s.record(p, e, reopening)
	return nil
}

// ExtendWindow lets a window close later, by decree. It is refused where a
// later stage's window would then end before it.
type ExtendWindow struct {
	Year     int
	Window   string
	Scope    domain.Scope
	ClosesAt time.Time
	Decree   domain.Document
}

// Name implements Act.
func (a ExtendWindow) Name() string { return "extend_window" }

// Reads implements Act.
func (a ExtendWindow) Reads(Histories) []string { return []string{cycleStream(a.Year)} }

// Decide implements Act.
func (a ExtendWindow) Decide(h Histories, r Rules) ([]event.Change, error) {
	return OnCycle{a.Year, &cycle.WindowExtended{Window: a.Window, Scope: a.Scope, ClosesAt: a.ClosesAt, Decree: a.Decree}}.Decide(h, r)
}
