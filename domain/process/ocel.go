package process

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// The types below are OCEL 2.0 as its JSON schema has it: events that relate to
// many objects, objects that relate to objects and change in time. All values
// are strings. A merge is one event of each child and one of the parent, related
// to each other, so that nobody is counted twice.
//
// Persons are in it nowhere: who acted is a role and the place it is held for.

// An OcelEvent is one event.
type OcelEvent struct {
	ID            string         `json:"id"`
	Type          string         `json:"type"`
	Time          time.Time      `json:"time"`
	Attributes    []OcelValue    `json:"attributes"`
	Relationships []OcelRelation `json:"relationships"`
}

// An OcelObject is one thing that events are about.
type OcelObject struct {
	ID            string         `json:"id"`
	Type          string         `json:"type"`
	Attributes    []OcelChange   `json:"attributes"`
	Relationships []OcelRelation `json:"relationships"`
}

// OcelValue, OcelChange and OcelRelation are the parts of both.
type (
	OcelValue struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	OcelChange struct {
		Name  string    `json:"name"`
		Time  time.Time `json:"time"`
		Value string    `json:"value"`
	}
	OcelRelation struct {
		ObjectID  string `json:"objectId"`
		Qualifier string `json:"qualifier"`
	}
	// An OcelType declares a type of events or objects.
	OcelType struct {
		Name       string          `json:"name"`
		Attributes []OcelAttribute `json:"attributes"`
	}
	OcelAttribute struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
)

// The types of objects.
const (
	Usulan      = "usulan"
	Desa        = "desa"
	Kecamatan   = "kecamatan"
	OPD         = "opd"
	Siklus      = "siklus"
	Forum       = "forum"
	BeritaAcara = "berita_acara"
)

// OcelObjectTypes are the types of objects with what may be said of each.
func OcelObjectTypes() []OcelType {
	text := func(names ...string) []OcelAttribute {
		out := []OcelAttribute{}
		for _, n := range names {
			out = append(out, OcelAttribute{n, "string"})
		}
		return out
	}
	return []OcelType{
		{Usulan, append(text("lane", "state", "opd"), OcelAttribute{"estimate", "integer"}, OcelAttribute{"granted", "integer"})},
		{Desa, text("code")}, {Kecamatan, text("code")}, {OPD, text("code")}, {Siklus, text("year", "definition")}, {Forum, text("kind", "date")}, {BeritaAcara, text("number", "date")},
	}
}

// eventAttributes are what is said of every event.
var eventAttributes = []OcelAttribute{{"stage", "string"}, {"via", "string"}, {"reason", "string"}, {"role", "string"}, {"office", "string"}, {"recorded", "time"}, {"position", "integer"}}

// OcelEventTypes declares stored names of events.
func OcelEventTypes(names []string) []OcelType {
	out := make([]OcelType, len(names))
	for i, n := range names {
		out[i] = OcelType{n, eventAttributes}
	}
	return out
}

// OcelEventOf puts an event of a proposal, a forum or a cycle into OCEL, and
// reports whether it is one.
func OcelEventOf(r event.Record) (OcelEvent, bool) {
	e := OcelEvent{ID: r.ID.String(), Type: r.Type, Time: r.Effective().UTC(), Attributes: []OcelValue{}, Relationships: []OcelRelation{}}
	say := func(name, value string) {
		if value != "" {
			e.Attributes = append(e.Attributes, OcelValue{name, value})
		}
	}
	tie := func(object, qualifier string) {
		relation := OcelRelation{object, qualifier}
		if object != "" && !slices.Contains(e.Relationships, relation) {
			e.Relationships = append(e.Relationships, relation)
		}
	}
	switch x := r.Event.(type) {
	case proposal.Event:
		number, _ := proposal.NumberOf(r.Stream)
		tie(number, "subject")
		say("stage", x.Base().Stage)
		say("via", x.Base().Via)
		say("reason", proposal.ReasonOf(x))
		ocelKin(x, tie)
		tie(proposal.ForumOf(x), "forum")
	case forum.Event:
		tie(r.Stream, "forum")
		ocelForum(r.Stream, x, tie)
	case cycle.Event:
	default:
		return e, false
	}
	tie(cycle.Stream(r.Cycle), "cycle")
	if r.Actor.Role != "" {
		say("role", string(r.Actor.Role))
		say("office", string(r.Actor.Role)+"@"+r.Actor.Scope.Code)
		tie(officeOf(r.Actor), "decider")
	}
	say("recorded", domain.Stamp(r.RecordedAt))
	say("position", strconv.FormatInt(r.Position, 10))
	return e, true
}

// officeOf returns the object that somebody acted for: a village, a kecamatan or
// an OPD; the kabupaten is no object.
func officeOf(a domain.Actor) string {
	switch a.Scope.Kind {
	case domain.ScopeVillage, domain.ScopeKecamatan, domain.ScopeOPD:
		return a.Scope.Code
	}
	return ""
}

func ocelKin(e proposal.Event, tie func(object, qualifier string)) {
	switch e := e.(type) {
	case *proposal.Merged:
		tie(e.Parent, "result")
	case *proposal.FormedByMerge:
		for _, c := range e.Components {
			tie(c.Child, "absorbed")
		}
	case *proposal.Split:
		for _, part := range e.Parts {
			tie(part, "part")
		}
	case *proposal.FormedBySplit:
		tie(e.Whole, "whole")
	case *proposal.CarriedOver:
		tie(e.Next, "continued_as")
	case *proposal.Continued:
		tie(e.Previous, "continues")
	case *proposal.Transferred:
		tie(e.From, "from")
		tie(e.To, "to")
	case *proposal.OfficeChanged:
		tie(e.From, "from")
		tie(e.To, "to")
	}
}

func ocelForum(stream string, e forum.Event, tie func(object, qualifier string)) {
	switch e := e.(type) {
	case *forum.ListFinalized:
		for i, entry := range e.Entries {
			tie(entry.Proposal, map[bool]string{true: "in", false: "out"}[i < e.Cutoff])
		}
	case *forum.MinutesIssued:
		tie(minutesOf(stream, e.Number), "evidence")
		for _, n := range e.Covers {
			tie(n, "covered")
		}
	case *forum.MinutesSigned:
		tie(minutesOf(stream, e.Document.Number), "evidence")
	}
}

func minutesOf(stream, number string) string {
	if number == "" {
		return ""
	}
	return "berita-acara:" + stream + ":" + number
}

// An Ocel gathers the objects that events were about while they are written, and
// tells each once.
type Ocel struct {
	objects map[string]*OcelObject
}

// NewOcel returns a gathering of nothing.
func NewOcel() *Ocel { return &Ocel{map[string]*OcelObject{}} }

// object returns an object that is told for the first time now or was before.
func (o *Ocel) object(id, kind string) *OcelObject {
	if id == "" {
		return &OcelObject{}
	}
	x := o.objects[id]
	if x == nil {
		x = &OcelObject{ID: id, Type: kind, Attributes: []OcelChange{}, Relationships: []OcelRelation{}}
		o.objects[id] = x
	}
	return x
}

func (x *OcelObject) say(name, value string, at time.Time) {
	if value == "" || x.ID == "" {
		return
	}
	for _, c := range slices.Backward(x.Attributes) {
		if c.Name == name {
			if c.Value == value {
				return
			}
			break
		}
	}
	x.Attributes = append(x.Attributes, OcelChange{name, at.UTC(), value})
}

func (x *OcelObject) tie(object, qualifier string) {
	r := OcelRelation{object, qualifier}
	if x.ID != "" && object != "" && !slices.Contains(x.Relationships, r) {
		x.Relationships = append(x.Relationships, r)
	}
}

// Proposal takes in a history, as event.Sequence orders it, and returns the
// objects it is about: the proposal itself, whole, with its changes in time.
// Places and offices are gathered and told by Rest.
func (o *Ocel) Proposal(sequence []event.Record) OcelObject {
	var p proposal.State
	var self OcelObject
	for _, r := range sequence {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		p = proposal.Evolve(p, e, r.Envelope)
		if self.ID == "" {
			self = OcelObject{ID: p.Number, Type: Usulan, Attributes: []OcelChange{}, Relationships: []OcelRelation{}}
			self.tie(cycle.Stream(p.Cycle), "cycle")
		}
		at := r.Effective()
		self.say("lane", string(p.Lane), at)
		self.say("state", string(p.At), at)
		self.say("opd", p.OPD, at)
		self.say("estimate", amount(p.Estimate), at)
		self.say("granted", amount(p.Granted()), at)
		for _, office := range []string{p.OPD, officeIf(e)} {
			o.object(office, OPD).say("code", office, time.Unix(0, 0))
		}
		o.actor(r.Actor)
	}
	o.object(p.Kecamatan(), Kecamatan).say("code", p.Kecamatan(), time.Unix(0, 0))
	if domain.IsVillage(p.Village) {
		o.object(p.Village, Desa).say("code", p.Village, time.Unix(0, 0))
		o.object(p.Village, Desa).tie(p.Kecamatan(), "lies_in")
		self.tie(p.Village, "village")
	} else { // merged from several
		self.tie(p.Kecamatan(), "kecamatan")
	}
	self.tie(p.OPD, "opd")
	self.tie(p.Parent, "absorbed_into")
	self.tie(p.Whole, "split_from")
	self.tie(p.Previous, "continues")
	return self
}

func officeIf(e proposal.Event) string {
	if t, ok := e.(*proposal.Transferred); ok {
		return t.From
	}
	return ""
}

func amount(r domain.Rupiah) string {
	if r == 0 {
		return ""
	}
	return strconv.FormatInt(int64(r), 10)
}

// actor makes an object of the place or office somebody acted for.
func (o *Ocel) actor(a domain.Actor) {
	kind := map[domain.ScopeKind]string{domain.ScopeVillage: Desa, domain.ScopeKecamatan: Kecamatan, domain.ScopeOPD: OPD}[a.Scope.Kind]
	if kind != "" {
		o.object(a.Scope.Code, kind).say("code", a.Scope.Code, time.Unix(0, 0))
	}
}

// Forum takes in the history of a forum.
func (o *Ocel) Forum(sequence []event.Record) {
	for _, r := range sequence {
		x := o.object(r.Stream, Forum)
		o.actor(r.Actor)
		switch e := r.Event.(type) {
		case *forum.Convened:
			x.say("kind", e.Kind, r.Effective())
			x.say("date", e.Date, r.Effective())
			x.tie(cycle.Stream(r.Cycle), "cycle")
		case *forum.MinutesIssued:
			o.minutes(r, e.Number, "")
		case *forum.MinutesSigned:
			o.minutes(r, e.Document.Number, e.Document.Date)
		}
	}
}

func (o *Ocel) minutes(r event.Record, number, date string) {
	x := o.object(minutesOf(r.Stream, number), BeritaAcara)
	x.say("number", number, r.Effective())
	x.say("date", date, r.Effective())
	x.tie(r.Stream, "of")
}

// Cycle takes in the history of a cycle.
func (o *Ocel) Cycle(sequence []event.Record) {
	for _, r := range sequence {
		if e, ok := r.Event.(*cycle.Opened); ok {
			x := o.object(r.Stream, Siklus)
			x.say("year", strconv.Itoa(e.Year), r.Effective())
			x.say("definition", e.Definition.String(), r.Effective())
		}
		o.actor(r.Actor)
	}
}

// Rest returns everything that was gathered besides proposals, by name.
func (o *Ocel) Rest() []OcelObject {
	out := make([]OcelObject, 0, len(o.objects))
	for _, id := range slices.Sorted(maps.Keys(o.objects)) {
		out = append(out, *o.objects[id])
	}
	return out
}
