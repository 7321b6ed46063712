package person

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// The roles that deal with personal data.
const (
	Approver         domain.Role = "approver"
	HeadOfPlanning   domain.Role = "head_of_planning"
	Planner          domain.Role = "planner"
	CouncilSecretary domain.Role = "council_secretary"
	VillageOperator  domain.Role = "village_operator"
	Auditor          domain.Role = "auditor"
	PPID             domain.Role = "ppid"
)

// Registrars says who may give a pseudonym, by what it is for. The system
// registers the officials that the first grants are given to.
var Registrars = map[string][]domain.Role{
	"official":       {Approver, HeadOfPlanning, Planner, domain.RoleSystem},
	"council_member": {Approver, CouncilSecretary},
	"proposer":       {VillageOperator, CouncilSecretary, Planner},
}

// Purposes is for what sealed data may be opened (UU 27/2022: personal data are
// processed for a stated purpose only). A closed list names nobody and can be
// counted.
var Purposes = []string{
	"audit",        // an audit that is under way
	"court_order",  // a court or an investigator asks, in writing
	"complaint",    // a complaint cannot be dealt with otherwise
	"data_subject", // the person asks what is kept
	"verification", // somebody's right to aid must be verified
}

// Openers may open sealed data; PPID alone decides on erasure (UU 14/2008,
// UU 27/2022 pasal 8).
var Openers = []domain.Role{Auditor, PPID}

// Rules is everything a decision about a person's data may consult besides its
// past.
type Rules struct {
	Actor    domain.Actor
	Now      time.Time
	Occurred domain.Interval // when it took effect; zero: now
}

func (r Rules) occurred() domain.Interval {
	if r.Occurred.IsZero() {
		return domain.Moment(r.Now)
	}
	return r.Occurred
}

// Decide returns the events that ask amounts to, or a *domain.Error with every
// condition it examined. What was observed never repeats a secret.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	var v verdict
	v.inTime(s, r)
	v.hold(!s.IsErased, "person", "not erased", erased(s),
		domain.Refuse(domain.Conflict, "person.erased"))
	switch e := ask.(type) {
	case *Registered:
		v.registers(s, e, r)
	case *Unsealed:
		v.unseals(s, e, r)
	case *ErasureRequested:
		v.asksErasure(s, e, r)
	case *ErasureDecided:
		v.decidesErasure(s, e, r)
	case *Erased:
		v.erases(s, e, r)
	default:
		return nil, fmt.Errorf("person: %T is not decided here", ask)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	return []Event{ask}, nil
}

func (v *verdict) registers(s State, e *Registered, r Rules) {
	v.hold(s.Registered == nil, "person", "not registered yet", s.Pseudonym,
		domain.Refuse(domain.Conflict, "person.already_registered", "person", s.Pseudonym))
	may, known := Registrars[e.Purpose]
	if v.hold(known, "purpose", "official, council_member or proposer", e.Purpose,
		domain.Refuse(domain.Invalid, "person.purpose_unknown", "purpose", e.Purpose, "known", "official, council_member, proposer").At("/purpose")) {
		v.role(may, r)
	}
	v.secret("name", e.Name, nameForm, true)
	v.secret("nik", e.NIK, nikForm, false)
	v.secret("phone", e.Phone, phoneForm, false)
	v.secret("email", e.Email, emailForm, false)
}

// secret examines the form of a detail without ever repeating it.
func (v *verdict) secret(field string, secret domain.Secret, form *regexp.Regexp, needed bool) {
	ok := form.MatchString(secret.Plain) || secret.Plain == "" && !needed
	v.hold(ok, field, "well formed", "malformed",
		domain.Refuse(domain.Invalid, "person.detail_malformed", "field", field).At("/"+field))
}

func (v *verdict) unseals(s State, e *Unsealed, r Rules) {
	v.role(Openers, r)
	v.hold(s.Registered != nil || e.Event != "", "person", "registered, or data of an event", s.Pseudonym,
		domain.Refuse(domain.NotFound, "person.unknown", "person", s.Pseudonym))
	v.hold(len(e.Fields) > 0 && !slices.ContainsFunc(e.Fields, func(f string) bool { return !strings.HasPrefix(f, "/") }), "fields", "JSON pointers, one at least", strings.Join(e.Fields, ", "),
		domain.Refuse(domain.Invalid, "person.fields_missing").At("/fields"))
	v.hold(slices.Contains(Purposes, e.Purpose), "purpose", strings.Join(Purposes, ", "), e.Purpose,
		domain.Refuse(domain.Invalid, "person.purpose_unknown", "purpose", e.Purpose, "known", strings.Join(Purposes, ", ")).At("/purpose"))
	v.document("/ground", e.Ground, e.Export || e.Purpose == "court_order", r)
}

func (v *verdict) asksErasure(s State, e *ErasureRequested, r Rules) {
	v.known(s)
	own := s.Pseudonym != "" && r.Actor.Person == s.Pseudonym
	if !own {
		v.role([]domain.Role{PPID}, r)
	}
	v.hold(!s.Requested, "request", "none pending", "pending",
		domain.Refuse(domain.Conflict, "person.already_requested", "person", s.Pseudonym))
	v.document("/letter", e.Letter, !own, r)
}

func (v *verdict) decidesErasure(s State, e *ErasureDecided, r Rules) {
	v.known(s)
	v.role([]domain.Role{PPID}, r)
	v.hold(s.Requested, "request", "pending", "none",
		domain.Refuse(domain.Conflict, "person.not_requested", "person", s.Pseudonym))
	v.hold(strings.TrimSpace(e.Ground) != "", "ground", "the article it rests on", e.Ground,
		domain.Refuse(domain.Invalid, "person.ground_missing").At("/ground"))
	spans := domain.Mask(e.Ground).Spans
	v.hold(len(spans) == 0, "ground", "no personal details", fmt.Sprintf("%d personal details", len(spans)),
		domain.Refuse(domain.Invalid, "person.names_somebody", "field", "ground").At("/ground"))
	v.document("/decree", e.Decree, false, r)
}

func (v *verdict) erases(s State, e *Erased, r Rules) {
	v.known(s)
	v.role([]domain.Role{PPID, domain.RoleSystem}, r)
	granted := s.Decided != nil && s.Decided.Granted
	v.hold(granted, "decision", "granted", strconv.FormatBool(granted),
		domain.Refuse(domain.Conflict, "person.erasure_not_granted", "person", s.Pseudonym))
	v.hold(e.Keys >= 0, "keys", "counted", strconv.Itoa(e.Keys),
		domain.Refuse(domain.Invalid, "person.keys_wrong", "keys", strconv.Itoa(e.Keys)).At("/keys"))
}

func (v *verdict) known(s State) {
	v.hold(s.Registered != nil, "person", "registered", s.Pseudonym,
		domain.Refuse(domain.NotFound, "person.unknown", "person", s.Pseudonym))
}

func (v *verdict) role(may []domain.Role, r Rules) {
	words := make([]string, len(may))
	for i, m := range may {
		words[i] = string(m)
	}
	want := strings.Join(words, ", ")
	v.hold(slices.Contains(may, r.Actor.Role), "role", want, string(r.Actor.Role),
		domain.Refuse(domain.Forbidden, "person.role_missing", "role", string(r.Actor.Role), "wanted", want))
}

// document examines a paper; needed ones have kind, number and day.
func (v *verdict) document(field string, d domain.Document, needed bool, r Rules) {
	if needed {
		v.hold(d.Kind != "" && d.Number != "" && d.Date != "", "document", "kind, number and date", strings.TrimSpace(d.Kind+" "+d.Number+" "+d.Date),
			domain.Refuse(domain.Invalid, "person.document_missing", "field", field).At(field))
	}
	if d.Date == "" {
		return
	}
	day, err := time.Parse(time.DateOnly, d.Date)
	v.hold(err == nil && !day.After(r.Now.Add(easternmost)), "document date", "a day, not in the future", d.Date,
		domain.Refuse(domain.Invalid, "person.date_wrong", "date", d.Date).At(field+"/date"))
}

// inTime examines when the fact took effect (semantics R9), and that it follows
// what is on record: requests and decisions answer one another.
func (v *verdict) inTime(s State, r Rules) {
	at := r.occurred()
	now := r.Now.UTC().Format(time.RFC3339)
	from := at.From.UTC().Format(time.RFC3339)
	v.hold(at.Valid() && !at.From.After(r.Now), "occurred", "not after "+now, from,
		domain.Refuse(domain.Invalid, "person.occurred_in_future", "occurred", from, "now", now).At("/occurred"))
	last := s.Latest.UTC().Format(time.RFC3339)
	v.hold(!at.Effective(r.Now).Before(s.Latest), "occurred", "not before "+last, from,
		domain.Refuse(domain.Conflict, "person.occurred_before_last", "occurred", from, "last", last).At("/occurred"))
}

func erased(s State) string {
	if s.IsErased {
		return "erased"
	}
	return "kept"
}

var (
	nameForm  = regexp.MustCompile(`\pL`)
	nikForm   = regexp.MustCompile(`^[0-9]{16}$`)
	phoneForm = regexp.MustCompile(`^\+?[0-9]{8,15}$`)
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// easternmost is how far ahead of UTC a day can have begun in Indonesia (WIT).
const easternmost = 9 * time.Hour
