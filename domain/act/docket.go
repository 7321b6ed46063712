package act

import (
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A docket is the file of one decision: what was read for it, and the facts it
// comes to. Whatever is read through it is asserted, so that nothing it rests
// on can change unnoticed before the append.
type docket struct {
	Rules
	histories Histories
	order     []string // streams in the order in which facts were first added
	facts     map[string][]*fact
	years     map[string]fiscal // that the facts of a stream belong to; none: the command's
	read      map[string]bool
}

// A fiscal is a fiscal year and the hash of the definition it pins.
type fiscal struct {
	year       int
	definition string
}

// A fact is one event to be appended, and the earlier one that brings it.
type fact struct {
	event    any
	occurred domain.Interval
	cause    *fact
	ordinal  int // in the append, from 1
}

func newDocket(h Histories, r Rules) *docket {
	return &docket{histories: h, Rules: r, facts: make(map[string][]*fact), years: make(map[string]fiscal), read: make(map[string]bool)}
}

// forget drops the facts of all streams but the first n that were noted.
func (d *docket) forget(n int) {
	for _, stream := range d.order[n:] {
		delete(d.facts, stream)
	}
	d.order = d.order[:n]
}

// readable examines that no fact noted of some streams shows who somebody is.
func (d *docket) readable(streams []string) error {
	for _, stream := range streams {
		for _, f := range d.facts[stream] {
			if err := event.Readable(f.event); err != nil {
				return err
			}
		}
	}
	return nil
}

// see returns the events of a stream as they count, and notes that the decision
// rests on them.
func (d *docket) see(stream string) []event.Record {
	d.read[stream] = true
	return d.histories.Now(stream)
}

// add notes a fact to be appended to a stream.
func (d *docket) add(stream string, e any, cause *fact) *fact {
	f := &fact{event: e, occurred: d.Occurred, cause: cause}
	if _, begun := d.facts[stream]; !begun {
		d.order = append(d.order, stream)
	}
	d.facts[stream] = append(d.facts[stream], f)
	return f
}

// changes returns the append: the facts stream by stream in the order they were
// added, then the assertions of what was only read. It is where every decision
// comes by, so here it is examined that no record will show who somebody is.
func (d *docket) changes() ([]event.Change, error) {
	if err := event.Readable(d.Actor); err != nil {
		return nil, placed(err, "/actor")
	}
	var out []event.Change
	n := 0
	for _, stream := range d.order {
		if err := event.Readable(stream); err != nil {
			return nil, placed(err, "/stream")
		}
		of := d.years[stream]
		c := event.Change{
			Stream: stream, Version: d.histories.Version(stream), Cycle: of.year, Definition: of.definition,
			Facts: make([]event.Fact, len(d.facts[stream])),
		}
		for i, f := range d.facts[stream] {
			if err := event.Readable(f.event); err != nil {
				return nil, err
			}
			n++
			f.ordinal = n
			c.Facts[i] = event.Fact{Event: f.event, Occurred: f.occurred}
			if f.cause != nil {
				c.Facts[i].CausedBy = f.cause.ordinal
			}
		}
		out = append(out, c)
	}
	var asserted []string
	for stream := range d.read {
		if d.facts[stream] == nil {
			asserted = append(asserted, stream)
		}
	}
	slices.Sort(asserted)
	for _, stream := range asserted {
		out = append(out, event.Change{Stream: stream, Version: d.histories.Version(stream)})
	}
	return out, nil
}

// A sitting is a docket within one fiscal year: its cycle, the definition it
// pins, and the grants of those who act.
type sitting struct {
	*docket
	year   int
	cycle  cycle.State
	def    *workflow.Definition
	grant  grant.State
	second grant.State
}

// sit opens the docket of a decision in a fiscal year. A decision that would be
// recorded before something it was judged on would also count before it, so it
// is put off: see Histories.Clock.
func sit(h Histories, r Rules, year int) (*sitting, error) {
	if latest := h.Clock(r.Now); latest.After(r.Now) {
		return nil, domain.Refuse(domain.Unready, "time.clock_behind", "now", domain.Stamp(r.Now), "latest", domain.Stamp(latest))
	}
	return newDocket(h, r).in(year)
}

// in returns a sitting of another fiscal year over the same docket.
func (d *docket) in(year int) (*sitting, error) {
	s := &sitting{docket: d, year: year}
	s.cycle = cycle.Fold(d.see(cycle.Stream(year)))
	if s.cycle.Opened == nil {
		return nil, domain.Refuse(domain.Conflict, "workflow.cycle_unopened", "year", itoa(year))
	}
	if d.Definitions != nil {
		s.def = d.Definitions(s.cycle.Pin.Hash)
	}
	if s.def == nil {
		return nil, domain.Refuse(domain.Unready, "workflow.unknown_definition", "hash", s.cycle.Pin.Hash, "year", itoa(year))
	}
	s.grant, s.second = d.grants()
	return s, nil
}

// grants returns the grants that who acts, and who approves, act by.
func (d *docket) grants() (own, second grant.State) {
	if d.Actor.Grant != "" {
		own = grant.Fold(d.see(d.Actor.Grant))
	}
	if d.Second != nil && d.Second.Grant != "" {
		second = grant.Fold(d.see(d.Second.Grant))
	}
	return own, second
}

// add notes a fact of the sitting's fiscal year.
func (s *sitting) add(stream string, e any, cause *fact) *fact {
	s.years[stream] = fiscal{s.year, s.cycle.Pin.Hash}
	return s.docket.add(stream, e, cause)
}

// rules returns the rules of a decision on one proposal.
func (s *sitting) rules() proposal.Rules {
	return proposal.Rules{
		Workflow: s.def, Cycle: s.cycle,
		Actor: s.Actor, Grant: s.grant, Second: s.Second, SecondGrant: s.second,
		Now: s.Now, Occurred: s.Occurred,
	}
}

// forum returns the forum that an ask names, zero where it names none.
func (s *sitting) forum(stream string) forum.State {
	if stream == "" {
		return forum.State{}
	}
	return forum.Fold(s.see(stream))
}

// proposal returns a proposal as it stands.
func (s *sitting) proposal(number string) (proposal.State, error) {
	canonical, err := domain.ParseNumber(number)
	if err != nil {
		return proposal.State{}, err
	}
	records := s.see(proposal.Stream(canonical))
	if len(records) == 0 {
		return proposal.State{}, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", canonical)
	}
	if y := proposal.Year(canonical); y != s.year {
		return proposal.State{}, domain.Refuse(domain.Conflict, "proposal.other_cycle", "proposal", canonical, "year", itoa(y), "wanted", itoa(s.year))
	}
	return proposal.Fold(records), nil
}

// decide returns the one event that an ask of a proposal in p comes to.
func (s *sitting) decide(p proposal.State, ask proposal.Event, r proposal.Rules) (proposal.Event, error) {
	events, err := proposal.Decide(p, ask, r)
	if err != nil {
		return nil, err
	}
	return events[0], nil
}

// record adds a proposal's event and returns the state it makes.
func (s *sitting) record(p proposal.State, e proposal.Event, cause *fact) (proposal.State, *fact) {
	stream := proposal.Stream(p.Number)
	f := s.add(stream, e, cause)
	return proposal.Evolve(p, e, s.envelope(stream, p.Version+1)), f
}

// envelope returns what is known before an append of the envelope it will get.
func (s *sitting) envelope(stream string, version int) event.Envelope {
	occurred := s.Occurred
	if occurred.IsZero() {
		occurred = domain.Moment(s.Now)
	}
	return event.Envelope{
		Stream: stream, Version: version, Cycle: s.year, Occurred: occurred,
		RecordedAt: s.Now, Actor: s.Actor, Command: s.Command, Definition: s.cycle.Pin.Hash,
	}
}

// draw returns the number of the n-th proposal that the command begins.
func (s *sitting) draw(n int) string { return domain.Number(s.year, s.Command, n) }

// done returns the append. Where it takes effect before something that is
// recorded of a proposal already, that proposal's history must hold with it in
// its place (semantics R6).
func (s *sitting) done() ([]event.Change, error) {
	at := s.Occurred.Effective(s.Now)
	for _, stream := range s.order {
		records := s.histories[stream]
		if _, ok := proposal.NumberOf(stream); !ok || s.Occurred.IsZero() || len(records) == 0 {
			continue
		}
		if sequence := s.histories.Now(stream); after(sequence, at) == len(sequence) {
			continue
		}
		records = slices.Clip(records)
		for _, f := range s.facts[stream] {
			last := records[len(records)-1]
			records = append(records, event.Record{Envelope: s.envelope(stream, last.Version+1), Position: last.Position + 1, Event: f.event})
		}
		if err := s.holds(event.Sequence(records, event.View{})); err != nil {
			return nil, err
		}
	}
	return s.changes()
}

// cycleRules returns the rules of a decision on the cycle.
func (s *sitting) cycleRules() cycle.Rules {
	return cycle.Rules{
		Actor: s.Actor, Second: s.Second, Now: s.Now, Occurred: s.Occurred,
		Definition: s.def, Tenant: s.Tenant,
	}
}

// entitled examines that the actor holds a grant for what they act in: for acts
// that no arrow of the workflow judges.
func (s *sitting) entitled() error {
	return entitled(s.Actor, s.grant, s.Now, s.year)
}
