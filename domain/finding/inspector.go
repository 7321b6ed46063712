package finding

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
)

// An Inspector looks through one fiscal year.
type Inspector struct {
	Year int
	Now  time.Time // what still waits has waited until then: when the last event was recorded

	charts   *history.Charts
	cycle    cycle.State
	zone     *time.Location
	forums   map[string]*session
	letters  map[string]bool                    // villages that got one
	villages map[string]string                  // villages that handed in, and the first number of each
	went     map[string]map[string]event.Record // who left a stage upwards without a list: stage → number
	holidays reference.Register
	adopted  time.Time // of the RKPD

	spare []proposal.State // memory of the states of the proposal before: a state is large
}

// A session is a forum and what its signed minutes cover.
type session struct {
	forum.State
	covered map[string]bool // numbers; "" covers all
}

// NewInspector returns an inspector of a year. The streams are those of the cycle,
// of its forums, of its letters and of the register of holidays; proposals are
// handed over one by one.
func NewInspector(year int, now time.Time, charts *history.Charts, streams map[string][]event.Record) *Inspector {
	i := &Inspector{Year: year, Now: now, charts: charts, forums: map[string]*session{}, letters: map[string]bool{}, villages: map[string]string{}, went: map[string]map[string]event.Record{}}
	for name, records := range streams {
		sequence := event.Sequence(records, event.View{})
		switch {
		case name == cycle.Stream(year):
			i.year(sequence)
		case strings.HasPrefix(name, forum.Stream("")):
			i.forums[name] = sessionOf(sequence)
		case strings.HasPrefix(name, "letter-"):
			i.letter(sequence)
		case name == reference.Stream("holidays"):
			i.holidays = reference.Fold(sequence)
		}
	}
	i.zone = cmp.Or(i.cycle.Zone, domain.Zones["WITA"])
	return i
}

// Practice reports whether the year is for learning: then nothing in it counts.
func (i *Inspector) Practice() bool { return i.cycle.Opened != nil && i.cycle.Opened.Practice }

func (i *Inspector) year(sequence []event.Record) {
	i.cycle = cycle.Fold(sequence)
	for _, r := range sequence {
		if e, ok := r.Event.(*cycle.DocumentAdopted); ok && e.Kind == "rkpd" && i.adopted.IsZero() {
			i.adopted = r.Effective()
		}
	}
}

func (i *Inspector) letter(sequence []event.Record) {
	for _, r := range sequence {
		if e, ok := r.Event.(*delivery.AnswerSent); ok && r.Cycle == i.Year {
			i.letters[e.Village] = true
		}
	}
}

func sessionOf(sequence []event.Record) *session {
	s := &session{State: forum.Fold(sequence), covered: map[string]bool{}}
	for _, e := range s.Signed {
		s.covered[""] = s.covered[""] || len(e.Covers) == 0
		for _, n := range e.Covers {
			s.covered[n] = true
		}
	}
	return s
}

// A subject is the proposal that is being looked at.
type subject struct {
	*Inspector
	number     string
	sequence   []event.Record
	states     []proposal.State // after each event of the sequence
	definition *workflow.Definition
	now        proposal.State // after the last event
	out        []Finding
}

// Proposal returns what is found in the history of one proposal, given all its
// records in the order of positions.
func (i *Inspector) Proposal(records []event.Record) []Finding {
	if len(records) == 0 || i.Practice() {
		return nil
	}
	number, ok := proposal.NumberOf(records[0].Stream)
	c := &subject{Inspector: i, number: number, sequence: event.Sequence(records, event.View{})}
	if !ok || len(c.sequence) == 0 {
		return nil
	}
	c.fold()
	c.definition = i.charts.For(c.sequence[len(c.sequence)-1].Definition).Definition
	i.note(c)
	c.endings()
	c.origin()
	c.timing()
	c.moves()
	c.money()
	c.silence()
	return c.out
}

// fold works out where the proposal stood after each event.
func (c *subject) fold() {
	c.states = c.spare[:0]
	for i := range c.sequence {
		if e, ok := c.sequence[i].Event.(proposal.Event); ok {
			c.now = proposal.Evolve(c.now, e, c.sequence[i].Envelope)
		}
		c.states = append(c.states, c.now)
	}
	c.spare = c.states
}

// before returns where the proposal stood before an event of the sequence.
func (c *subject) before(n int) proposal.State {
	if n == 0 {
		return proposal.State{}
	}
	return c.states[n-1]
}

// note keeps of a proposal what the rules over lists and villages need.
func (i *Inspector) note(c *subject) {
	first := c.sequence[0]
	switch e := first.Event.(type) {
	case *proposal.Submitted:
		if (e.Lane == proposal.Musrenbang || e.Lane == proposal.KiprahDesa) && e.Village != "" {
			i.villages[e.Village] = cmp.Or(i.villages[e.Village], c.number)
		}
	case *proposal.Continued:
		if (e.Lane == proposal.Musrenbang || e.Lane == proposal.KiprahDesa) && e.Village != "" {
			i.villages[e.Village] = cmp.Or(i.villages[e.Village], c.number)
		}
	}
	for _, r := range c.sequence {
		stage := ""
		switch e := r.Event.(type) {
		case *proposal.Prioritized:
			if e.List == "" {
				stage = e.Stage
			}
		case *proposal.Agreed:
			if e.List == "" {
				stage = e.Stage
			}
		}
		if stage == "" {
			continue
		}
		if i.went[stage] == nil {
			i.went[stage] = map[string]event.Record{}
		}
		if _, known := i.went[stage][c.number]; !known {
			i.went[stage][c.number] = r
		}
	}
}

// Rest returns what only the whole year shows: of final lists and of villages.
// Ask it once, after every proposal was handed over.
func (i *Inspector) Rest() []Finding {
	if i.Practice() {
		return nil
	}
	var out []Finding
	for _, name := range sortedNames(i.forums) {
		s := i.forums[name]
		out = append(out, i.scores(s)...)
		out = append(out, i.leaps(s)...)
	}
	return append(out, i.uninformed()...)
}

func sortedNames(forums map[string]*session) []string {
	names := make([]string, 0, len(forums))
	for name := range forums {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// workingDays counts the days on which offices work after one day, up to and
// with another.
func (i *Inspector) workingDays(from, to time.Time) int {
	n := 0
	day := func(t time.Time) string { return t.In(i.zone).Format(time.DateOnly) }
	last := day(to)
	for d := from.In(i.zone).AddDate(0, 0, 1); day(d) <= last && n < 1000; d = d.AddDate(0, 0, 1) {
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			continue
		}
		if _, off := i.holidays.Lookup(day(d), ""); !off {
			n++
		}
	}
	return n
}
