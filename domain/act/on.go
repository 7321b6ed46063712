package act

import (
	"reflect"
	"strings"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/person"
	"runut/domain/reference"
)

// OnCycle is an act on a cycle alone: open it, open or extend a window, set a
// ceiling, publish. Closing and re-opening have acts of their own, for they
// touch proposals, and so has adopting a document.
type OnCycle struct {
	Year int // fiscal year
	Ask  cycle.Event
}

// Name implements Act: the stored name of the fact without its noun.
func (a OnCycle) Name() string { return factName(cycle.Types, a.Ask) }

// Reads implements Act.
func (a OnCycle) Reads(Histories) []string { return []string{cycleStream(a.Year)} }

// Decide implements Act.
func (a OnCycle) Decide(h Histories, r Rules) ([]event.Change, error) {
	switch a.Ask.(type) {
	case nil:
		return nil, domain.Refuse(domain.Invalid, "act.nothing_asked")
	case *cycle.WindowClosed, *cycle.WindowReopened, *cycle.Closed, *cycle.OfficeSucceeded, *cycle.TerritoryChanged:
		return nil, domain.Refuse(domain.Invalid, "act.own", "event", a.Name(), "act", cycleOwners[a.Name()])
	}
	if opened, ok := a.Ask.(*cycle.Opened); ok {
		return a.open(h, r, opened)
	}
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if _, err := s.onCycle(a.Ask); err != nil {
		return nil, err
	}
	return s.changes()
}

var cycleOwners = map[string]string{
	"window_closed": "close_window", "window_reopened": "reopen_window", "closed": "close_cycle",
	"office_succeeded": "succeed_office", "territory_changed": "change_territory",
}

// open decides the first event of a cycle, which names the definition it pins.
func (a OnCycle) open(h Histories, r Rules, opened *cycle.Opened) ([]event.Change, error) {
	if opened.Year != a.Year {
		return nil, domain.Refuse(domain.Invalid, "cycle.other_year", "year", itoa(a.Year), "observed", itoa(opened.Year)).At("/year")
	}
	d := newDocket(h, r)
	own, _ := d.grants()
	if err := entitled(r.Actor, own, r.Now, a.Year); err != nil {
		return nil, err
	}
	rules := cycle.Rules{Actor: r.Actor, Second: r.Second, Now: r.Now, Occurred: r.Occurred, Tenant: r.Tenant}
	if r.Definitions != nil {
		rules.Definition = r.Definitions(opened.Definition.Hash)
	}
	stream := cycleStream(a.Year)
	events, err := cycle.Decide(cycle.Fold(d.see(stream)), opened, rules)
	if err != nil {
		return nil, err
	}
	d.add(stream, events[0], nil)
	d.years[stream] = fiscal{a.Year, events[0].(*cycle.Opened).Definition.Hash}
	return d.changes()
}

// OnForum is an act on a forum alone: convene it, record who came, rank a
// draft, issue the minutes. Final lists are for FinalizeList and CorrectList.
type OnForum struct {
	Forum string // forum stream
	Year  int    // fiscal year
	Ask   forum.Event
}

// Name implements Act: the stored name of the fact without its noun.
func (a OnForum) Name() string { return factName(forum.Types, a.Ask) }

// Reads implements Act.
func (a OnForum) Reads(Histories) []string {
	streams := []string{a.Forum, cycleStream(a.Year)}
	if _, ok := a.Ask.(*forum.AttendanceRecorded); ok {
		streams = append(streams, reference.Stream("wilayah"), reference.Stream("opd"))
	}
	return streams
}

// Decide implements Act.
func (a OnForum) Decide(h Histories, r Rules) ([]event.Change, error) {
	switch a.Ask.(type) {
	case nil:
		return nil, domain.Refuse(domain.Invalid, "act.nothing_asked")
	case *forum.ListFinalized, *forum.ListSuperseded:
		return nil, domain.Refuse(domain.Invalid, "act.own", "event", a.Name(), "act", "finalize_list")
	case *forum.Corrected:
		return nil, domain.Refuse(domain.Invalid, "act.own", "event", a.Name(), "act", "correct_list")
	}
	if id, ok := strings.CutPrefix(a.Forum, forum.Stream("")); !ok || id == "" {
		return nil, domain.Refuse(domain.Invalid, "forum.stream", "forum", a.Forum)
	}
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	f := s.forum(a.Forum)
	f.ID = strings.TrimPrefix(a.Forum, forum.Stream(""))
	if f.Convened != nil && f.Cycle != a.Year {
		return nil, domain.Refuse(domain.Invalid, "forum.unknown", "forum", a.Forum, "year", itoa(a.Year))
	}
	rules := forum.Rules{Actor: r.Actor, Second: r.Second, Now: r.Now, Occurred: r.Occurred, Since: s.cycle.OpenedAt, Definition: s.def}
	if _, ok := a.Ask.(*forum.AttendanceRecorded); ok && f.Convened != nil {
		rules.Register = s.register(f.Convened)
	}
	events, err := forum.Decide(f, a.Ask, rules)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		s.add(a.Forum, e, nil)
	}
	return s.changes()
}

// register returns whom a forum expects, by the registers of its day: a
// kecamatan's musrenbang its villages, an OPD's forum the kecamatan, the
// kabupaten's both kecamatan and OPDs.
func (s *sitting) register(c *forum.Convened) forum.Register {
	places := reference.Fold(s.see(reference.Stream("wilayah"))).On(c.Date)
	offices := reference.Fold(s.see(reference.Stream("opd"))).On(c.Date)
	if places == nil {
		return forum.Register{}
	}
	out := forum.Register{Edition: places.Name, Known: func(code string) bool {
		_, place := places.Entry(code)
		_, office := offices.Entry(code)
		return place || office
	}}
	expect := func(entries []reference.Entry) {
		for _, e := range entries {
			if e.On(c.Date) {
				out.Expected = append(out.Expected, e.Code)
			}
		}
	}
	switch c.Scope.Kind {
	case domain.ScopeVillage:
		out.Expected = []string{c.Scope.Code}
	case domain.ScopeKecamatan:
		expect(places.Under(c.Scope.Code))
	case domain.ScopeOPD:
		expect(places.Under(s.cycle.Opened.Kabupaten))
	default:
		expect(places.Under(s.cycle.Opened.Kabupaten))
		if offices != nil {
			expect(offices.Entries)
		}
	}
	return out
}

// OnGrant gives a person an office, or takes it back.
type OnGrant struct {
	Grant      string // grant stream
	Definition string // hash of the workflow whose roles may be given; empty: that of the grant's cycle
	Ask        grant.Event
}

// Name implements Act: the stored name of the fact without its noun.
func (a OnGrant) Name() string { return factName(grant.Types, a.Ask) }

// Reads implements Act.
func (a OnGrant) Reads(Histories) []string {
	streams := []string{a.Grant}
	g, ok := a.Ask.(*grant.Given)
	if !ok {
		return streams
	}
	if g.Cycle != 0 {
		streams = append(streams, cycleStream(g.Cycle))
	}
	if person.IsPseudonym(g.Person) {
		streams = append(streams, person.Stream(g.Person))
	}
	return streams
}

// Decide implements Act.
func (a OnGrant) Decide(h Histories, r Rules) ([]event.Change, error) {
	if a.Ask == nil {
		return nil, domain.Refuse(domain.Invalid, "act.nothing_asked")
	}
	d := newDocket(h, r)
	if err := d.entitled(); err != nil {
		return nil, err
	}
	g := grant.Fold(d.see(a.Grant))
	g.Stream = a.Grant
	rules := grant.Rules{Actor: r.Actor, Second: r.Second, Now: r.Now, Occurred: r.Occurred, Tenant: r.Tenant}
	hash := a.Definition
	given, gives := a.Ask.(*grant.Given)
	if gives && person.IsPseudonym(given.Person) {
		rules.Erased = person.Fold(d.see(person.Stream(given.Person))).IsErased
	}
	if gives && hash == "" && given.Cycle != 0 {
		hash = cycle.Fold(d.see(cycleStream(given.Cycle))).Pin.Hash
	}
	if hash != "" && r.Definitions != nil {
		rules.Definition = r.Definitions(hash)
	}
	events, err := grant.Decide(g, a.Ask, rules)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		d.add(a.Grant, e, nil)
	}
	return d.changes()
}

// entitled examines the actor's grant, and the second person's, for acts that
// belong to no fiscal year.
func (d *docket) entitled() error {
	own, second := d.grants()
	if err := entitled(d.Actor, own, d.Now, 0); err != nil {
		return err
	}
	if d.Second == nil {
		return nil
	}
	return entitled(*d.Second, second, d.Now, 0)
}

// OnPerson registers a person, notes that sealed data were opened, or deals
// with a request to be erased.
type OnPerson struct {
	Person string // pseudonym
	Ask    person.Event
}

// Name implements Act: the stored name of the fact without its noun.
func (a OnPerson) Name() string { return factName(person.Types, a.Ask) }

// Reads implements Act.
func (a OnPerson) Reads(Histories) []string { return []string{person.Stream(a.Person)} }

// Decide implements Act.
func (a OnPerson) Decide(h Histories, r Rules) ([]event.Change, error) {
	if a.Ask == nil {
		return nil, domain.Refuse(domain.Invalid, "act.nothing_asked")
	}
	d := newDocket(h, r)
	if err := d.entitled(); err != nil {
		return nil, err
	}
	stream := person.Stream(a.Person)
	s := person.Fold(d.see(stream))
	if s.Pseudonym == "" && person.IsPseudonym(a.Person) {
		s.Pseudonym = a.Person
	}
	events, err := person.Decide(s, a.Ask, person.Rules{Actor: r.Actor, Now: r.Now, Occurred: r.Occurred})
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		d.add(stream, e, nil)
	}
	return d.changes()
}

// OnDelivery records a file that was read, rows that were dealt with, or a
// letter that was sent.
type OnDelivery struct {
	Stream    string // delivery.ImportStream or delivery.LetterStream
	Ask       delivery.Event
	Confirmed bool // somebody confirmed that so many rows may be missing
}

// Name implements Act: the stored name of the fact without its noun.
func (a OnDelivery) Name() string { return factName(delivery.Types, a.Ask) }

// Reads implements Act.
func (a OnDelivery) Reads(Histories) []string { return []string{a.Stream} }

// Decide implements Act.
func (a OnDelivery) Decide(h Histories, r Rules) ([]event.Change, error) {
	if a.Ask == nil {
		return nil, domain.Refuse(domain.Invalid, "act.nothing_asked")
	}
	d := newDocket(h, r)
	if err := d.entitled(); err != nil {
		return nil, err
	}
	if err := d.deliver(a.Stream, a.Ask, a.Confirmed); err != nil {
		return nil, err
	}
	return d.changes()
}

// deliver decides one ask of an import or a letter and adds its events.
func (d *docket) deliver(stream string, ask delivery.Event, confirmed bool) error {
	rules := delivery.Rules{Actor: d.Actor, Now: d.Now, Occurred: d.Occurred, Confirmed: confirmed}
	events, err := delivery.Decide(delivery.Fold(d.see(stream)), ask, rules)
	if err != nil {
		return err
	}
	for _, e := range events {
		d.add(stream, e, nil)
	}
	return nil
}

// OnReference publishes an edition of a register.
type OnReference struct {
	Ask *reference.EditionPublished // whole, or one part after another
}

// Name implements Act: the stored name of the fact without its noun.
func (a OnReference) Name() string { return "edition_published" }

// Reads implements Act.
func (a OnReference) Reads(Histories) []string { return []string{reference.Stream(a.Ask.Register)} }

// Decide implements Act.
func (a OnReference) Decide(h Histories, r Rules) ([]event.Change, error) {
	d := newDocket(h, r)
	if err := d.entitled(); err != nil {
		return nil, err
	}
	stream := reference.Stream(a.Ask.Register)
	events, err := reference.Decide(reference.Fold(d.see(stream)), a.Ask, reference.Rules{Actor: r.Actor, Now: r.Now, Occurred: r.Occurred})
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		d.add(stream, e, nil)
	}
	return d.changes()
}

// factName returns the stored name of a fact without its noun; "" for none.
func factName(types []event.Type, fact any) string {
	for _, t := range types {
		if reflect.TypeOf(fact) == reflect.PointerTo(t.Go()) {
			_, name, _ := strings.Cut(t.Name, ".")
			return name
		}
	}
	return ""
}
