package verify

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore/record"
)

// A course walks through what happened and holds that each act was allowed: by
// the workflow its cycle had pinned, in the state and the windows of that moment,
// to somebody with a grant.
//
// A proposal whose events lie in the order in which they took effect is judged
// event by event. One that was corrected, or had something recorded late, is
// judged after each append by its whole history, as whoever decided did
// (semantics R6). Which ones those are was found when the log was read before.
type course struct {
	report      *Report
	part, parts uint32 // of the proposals, those that are judged in this reading
	disordered  map[string]bool

	definitions map[string]*workflow.Definition // by hash
	doubted     map[string]bool                 // what was said once to be unknown
	cycles      map[int]*year
	forums      map[string]bool // streams that began
	grants      map[string]grant.State
	lives       map[string]*life
	run         run
}

// A year is a cycle as far as the log was read.
type year struct {
	records []event.Record
	state   cycle.State
	stale   bool // records were added since
}

// A life is a proposal as far as the log was read.
type life struct {
	state   proposal.State
	records []event.Record // kept where they are not in the order in which they took effect
	version int
	lost    bool // something in it could not be judged, so nothing after it is
}

// A run is the events of one command.
type run struct {
	command uuid.UUID
	events  int
	facts   []event.Record // that have a counterpart in the same command, or may be the only one
	caused  map[uuid.UUID]int
	touched []string // disordered proposals
}

// A step is an event in the second reading: decoded where the course needs it.
type step struct {
	event.Record
	wanted bool
	err    error
}

func newCourse(r *Report, part, parts int, disordered map[string]bool) *course {
	c := &course{
		report: r, part: uint32(part), parts: uint32(parts), disordered: disordered,
		definitions: make(map[string]*workflow.Definition), doubted: make(map[string]bool), cycles: make(map[int]*year),
		forums: make(map[string]bool), grants: make(map[string]grant.State), lives: make(map[string]*life),
	}
	if base, err := workflow.Musrenbang(catalog.Vocabulary()); err == nil {
		c.definitions[base.Hash()] = base // a hash is an identity, wherever the text comes from
	}
	return c
}

// mine reports whether a proposal is judged in this reading.
func (c *course) mine(stream string) bool {
	if c.parts == 1 {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(stream))
	return h.Sum32()%c.parts == c.part
}

// paired are the events that stand for something in another stream of the same
// command.
var paired = map[string]bool{
	"proposal.merged": true, "proposal.formed_by_merge": true, "proposal.split": true, "proposal.formed_by_split": true,
	"proposal.carried_over": true, "proposal.continued": true, "cycle.window_closed": true,
}

// read decodes an entry as far as the course needs it. It may run beside itself.
func (c *course) read(e Entry, words *record.Reader) (s step) {
	if e.Err != nil {
		s.err = e.Err
		return s
	}
	payload, err := words.Read(e.Record, &s.Envelope)
	if err != nil {
		s.err = err
		return s
	}
	s.Position = e.Position
	noun, _, _ := strings.Cut(s.Type, ".")
	switch noun {
	case "proposal":
		s.wanted = c.mine(s.Stream) || c.part == 0 && paired[s.Type]
	case "cycle", "grant":
		s.wanted = true
	case "reference":
		s.wanted = s.Stream == reference.Stream("workflow") || c.part == 0
	default:
		s.wanted = c.part == 0
	}
	if !s.wanted {
		return s
	}
	s.Event, s.err = catalog.Events.Decode(s.Type, s.TypeVersion, payload, nil)
	return s
}

// next judges one event by those before it.
func (c *course) next(s *step) {
	if s.Command != c.run.command {
		c.endRun()
		c.run = run{command: s.Command}
		c.entitled(s)
	}
	c.run.events++
	if s.Causation != s.Command && c.part == 0 {
		if c.run.caused == nil {
			c.run.caused = make(map[uuid.UUID]int)
		}
		c.run.caused[s.Causation]++
	}
	switch {
	case s.err != nil:
		c.undecodable(s)
	case s.wanted:
		c.fact(s)
	}
}

// undecodable tells bytes that nobody could have written from those of a program
// that is newer than this one.
func (c *course) undecodable(s *step) {
	if s.Envelope.ID == uuid.Nil {
		return // it was named when the log was first read
	}
	if life := c.lives[s.Stream]; life != nil {
		life.lost = true
	}
	if t, known := catalog.Events.Named(s.Type); !known || s.TypeVersion > t.Version {
		c.doubt("type "+s.Type+"/"+strconv.Itoa(s.TypeVersion), at("verify.newer", s, Finding{Observed: fmt.Sprintf("%s/%d", s.Type, s.TypeVersion)}))
		return
	}
	c.report.Add(at("verify.payload", s, Finding{Observed: s.err.Error()}))
}

func (c *course) doubt(what string, f Finding) {
	if !c.doubted[what] {
		c.doubted[what] = true
		c.report.Doubt(f)
	}
}

// at completes a finding with the event it is about.
func at(code string, s *step, f Finding) Finding {
	f.Code, f.Position, f.Event, f.Stream = code, s.Position, s.ID, s.Stream
	f.Proposal, _ = proposal.NumberOf(s.Stream)
	return f
}

func (c *course) fact(s *step) {
	if paired[s.Type] || c.run.events == 1 {
		c.run.facts = append(c.run.facts, s.Record)
	}
	switch e := s.Event.(type) {
	case *reference.EditionPublished:
		c.definition(s, e)
	case grant.Event:
		c.grant(s, e)
	case cycle.Event:
		c.cycle(s)
	case forum.Event:
		c.forum(s, e)
	case proposal.Event:
		if c.mine(s.Stream) {
			c.proposal(s, e)
		}
	}
}

// definition takes in the text of a workflow, if it is the one its hash names.
func (c *course) definition(s *step, e *reference.EditionPublished) {
	if e.Register != "workflow" || len(e.Entries) == 0 || c.definitions[e.Digest] != nil {
		return
	}
	d, err := workflow.Load(e.Edition, []byte(e.Entries[0].Facts["canonical"]), catalog.Vocabulary())
	switch {
	case err != nil:
		c.doubt("definition "+e.Digest, at("verify.definition_unreadable", s, Finding{Observed: err.Error()}))
	case d.Hash() != e.Digest:
		c.report.Add(at("verify.definition", s, Finding{Field: "digest", Want: e.Digest, Observed: d.Hash()}))
	default:
		c.definitions[e.Digest] = d
	}
}

func (c *course) grant(s *step, e grant.Event) {
	before := c.grants[s.Stream]
	_, gives := e.(*grant.Given)
	if gives == (before.Given != nil) || before.IsRevoked {
		c.illegal(s, "verify.begins", "")
	}
	after := grant.Fold([]event.Record{s.Record})
	if !gives {
		after.Given = before.Given
	}
	c.grants[s.Stream] = after
}

// entitled holds that whoever gave a command held the grant it names.
func (c *course) entitled(s *step) {
	if s.Actor == domain.System() || s.Actor.Person == "" || c.part != 0 {
		return
	}
	if err, ok := errors.AsType[*domain.Error](c.grants[s.Actor.Grant].Entitles(s.Actor, s.RecordedAt, s.Cycle)); ok {
		c.report.Add(at("verify.grant", s, Finding{Field: "actor", Observed: s.Actor.Grant, Why: err}))
	}
}

func (c *course) cycle(s *step) {
	y := c.cycles[s.Cycle]
	_, opens := s.Event.(*cycle.Opened)
	if opens != (y == nil) || s.Stream != cycle.Stream(s.Cycle) {
		c.illegal(s, "verify.begins", "")
	}
	if y == nil {
		y = new(year)
		c.cycles[s.Cycle] = y
	}
	y.records, y.stale = append(y.records, s.Record), true
	c.pinned(s, y)
}

// at returns a cycle as it stands, nil where it was not opened.
func (c *course) at(fiscal int) *year {
	y := c.cycles[fiscal]
	if y != nil && y.stale {
		y.state, y.stale = cycle.Fold(event.Sequence(y.records, event.View{})), false
	}
	return y
}

// pinned holds that an event names the definition that its cycle had pinned, and
// returns that definition where it is known.
func (c *course) pinned(s *step, y *year) *workflow.Definition {
	if y == nil {
		c.illegal(s, "verify.unopened", "")
		return nil
	}
	pin := c.at(s.Cycle).state.Pin.Hash
	if s.Definition != pin {
		c.report.Add(at("verify.pinned", s, Finding{Field: "definition", Want: pin, Observed: s.Definition}))
	}
	d := c.definitions[pin]
	if d == nil {
		c.doubt("definition "+pin, at("verify.definition_unknown", s, Finding{Observed: pin}))
	}
	return d
}

func (c *course) forum(s *step, e forum.Event) {
	_, convenes := e.(*forum.Convened)
	if convenes == c.forums[s.Stream] {
		c.illegal(s, "verify.begins", "")
	}
	c.forums[s.Stream] = true
	c.pinned(s, c.at(s.Cycle))
}

// proposal judges one event of a proposal.
func (c *course) proposal(s *step, e proposal.Event) {
	base := e.Base()
	if c.part == 0 || c.mine(s.Stream) {
		if base.Observed != nil {
			c.report.Observed++
		} else {
			c.report.Decided++
		}
	}
	if (base.Via == proposal.Jump) && base.Observed == nil || base.Observed != nil && base.Observed.Source == "" {
		c.illegal(s, "verify.observed", base.Via)
	}
	l := c.lives[s.Stream]
	if l == nil {
		l = new(life)
		c.lives[s.Stream] = l
	}
	if s.Version != l.version+1 {
		l.lost = true // the log was found to lack something of it
	}
	l.version = s.Version
	d := c.pinned(s, c.at(s.Cycle))
	if l.lost || d == nil {
		l.lost = true
		return
	}
	if c.disordered[s.Stream] {
		l.records = append(l.records, s.Record)
		if !slices.Contains(c.run.touched, s.Stream) {
			c.run.touched = append(c.run.touched, s.Stream)
		}
		return
	}
	state, err := proposal.Next(d, c.cycles[s.Cycle].state, l.state, s.Record)
	if err != nil {
		c.offends(s, err)
		l.lost = true
		return
	}
	l.state = state
}

// illegal notes an act that had no place where it stands.
func (c *course) illegal(s *step, code, observed string) {
	c.report.Add(at(code, s, Finding{Field: "type", Observed: strings.TrimSpace(s.Type + " " + observed)}))
}

// offends notes an act that the workflow did not allow.
func (c *course) offends(s *step, err error) {
	f := Finding{Observed: s.Type}
	f.Why, _ = errors.AsType[*domain.Error](err)
	c.report.Add(at("verify.illegal", s, f))
}

// endRun judges what only all events of a command together can tell.
func (c *course) endRun() {
	for _, stream := range c.run.touched {
		c.replay(stream)
	}
	if c.part != 0 {
		return
	}
	if c.run.events == 1 && len(c.run.facts) == 1 {
		c.role(c.run.facts[0])
	}
	c.counterparts()
}

// replay judges the whole history of a proposal, in the order in which its events
// took effect.
func (c *course) replay(stream string) {
	l := c.lives[stream]
	if l.lost || len(l.records) == 0 {
		return
	}
	last := &step{Record: l.records[len(l.records)-1]}
	y := c.at(last.Cycle)
	if _, err := proposal.Replay(c.definitions[y.state.Pin.Hash], y.state, event.Sequence(l.records, event.View{})); err != nil {
		c.offends(last, err)
		l.lost = true
	}
}

// role holds that the workflow lets somebody in that role do what a command that
// consists of one act did. Where several acts hang together, who may ask for them
// was judged on the one that brings the others, which the log does not name.
func (c *course) role(r event.Record) {
	e, ok := r.Event.(proposal.Event)
	if !ok || e.Base().Observed != nil {
		return
	}
	y := c.at(r.Cycle)
	if y == nil || c.definitions[y.state.Pin.Hash] == nil {
		return
	}
	t := c.definitions[y.state.Pin.Hash].Transitions[e.Base().Via]
	if t == nil || slices.Contains(t.By, r.Actor.Role) {
		return
	}
	c.report.Add(at("verify.role", &step{Record: r}, Finding{Field: "actor", Want: domain.Words(t.By), Observed: string(r.Actor.Role)}))
}

// counterparts holds that what binds proposals together is on record on both
// sides: who was merged, in the parent; the parts of a split, in the whole; what
// was carried over, in the next year; and that a closing ended as many as it says.
func (c *course) counterparts() {
	said := make(map[string]bool)
	for _, r := range c.run.facts {
		are, _ := counterpart(r)
		for _, side := range are {
			said[side] = true
		}
	}
	for _, r := range c.run.facts {
		_, ask := counterpart(r)
		for _, side := range ask {
			if !said[side] {
				c.report.Add(at("verify.counterpart", &step{Record: r}, Finding{Field: "type", Want: side, Observed: r.Type}))
			}
		}
		if e, ok := r.Event.(*cycle.WindowClosed); ok && e.Waiting != c.run.caused[r.ID] {
			c.report.Add(at("verify.waiting", &step{Record: r}, Finding{Field: "/waiting", Want: strconv.Itoa(c.run.caused[r.ID]), Observed: strconv.Itoa(e.Waiting)}))
		}
	}
}

// counterpart returns which sides of what binds two proposals an event is, and
// which other sides it asks for.
func counterpart(r event.Record) (are, ask []string) {
	number, _ := proposal.NumberOf(r.Stream)
	bind := func(kind, first, second, own, other string) {
		pair := kind + " " + first + " " + second + " "
		are, ask = append(are, pair+own), append(ask, pair+other)
	}
	switch e := r.Event.(type) {
	case *proposal.Merged:
		bind("merge", number, e.Parent, "child", "parent")
	case *proposal.FormedByMerge:
		for _, c := range e.Components {
			bind("merge", c.Child, number, "parent", "child")
		}
	case *proposal.Split:
		for _, part := range e.Parts {
			bind("split", number, part, "whole", "part")
		}
	case *proposal.FormedBySplit:
		bind("split", e.Whole, number, "part", "whole")
	case *proposal.CarriedOver:
		bind("carry", number, e.Next, "before", "after")
	case *proposal.Continued:
		bind("carry", e.Previous, number, "after", "before")
	}
	return are, ask
}
