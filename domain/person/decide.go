package person

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// Readers may see which pseudonym holds which grants. Names they do not see.
var Readers = []domain.Role{Approver, HeadOfPlanning, Planner, CouncilSecretary, Auditor, PPID}

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
	v := domain.Verdict{Noun: "person"}
	inTime(&v, s, r)
	v.Hold(!s.IsErased, "person", "not erased", erased(s),
		domain.Refuse(domain.Conflict, "person.erased"))
	switch e := ask.(type) {
	case *Registered:
		registers(&v, s, e, r)
	case *DetailsCorrected:
		corrects(&v, s, e, r)
	case *Unsealed:
		unseals(&v, s, e, r)
	case *ErasureRequested:
		asksErasure(&v, s, e, r)
	case *ErasureDecided:
		decidesErasure(&v, s, e, r)
	case *Erased:
		erases(&v, s, e, r)
	default:
		return nil, fmt.Errorf("person: %T is not decided here", ask)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return []Event{ask}, nil
}

func registers(v *domain.Verdict, s State, e *Registered, r Rules) {
	v.Hold(s.Registered == nil, "person", "not registered yet", s.Pseudonym,
		domain.Refuse(domain.Conflict, "person.already_registered", "person", s.Pseudonym))
	may, known := Registrars[e.Purpose]
	if v.Hold(known, "purpose", "official, council_member or proposer", e.Purpose,
		domain.Refuse(domain.Invalid, "person.purpose_unknown", "purpose", e.Purpose, "known", "official, council_member, proposer").At("/purpose")) {
		v.Role(may, r.Actor.Role)
	}
	details(v, true, e.Name, e.NIK, e.Phone, e.Email)
}

// corrects examines a correction: asked for by those who register such persons,
// or by the person (UU 27/2022 pasal 6).
func corrects(v *domain.Verdict, s State, e *DetailsCorrected, r Rules) {
	if known(v, s) && r.Actor.Person != s.Pseudonym {
		v.Role(Registrars[s.Registered.Purpose], r.Actor.Role)
	}
	some := e.Name.Plain != "" || e.NIK.Plain != "" || e.Phone.Plain != "" || e.Email.Plain != ""
	v.Hold(some, "details", "one at least", "none",
		domain.Refuse(domain.Invalid, "person.details_missing").At("/name"))
	details(v, false, e.Name, e.NIK, e.Phone, e.Email)
}

// details examines the form of all details; a name may be needed.
func details(v *domain.Verdict, named bool, name, nik, phone, email domain.Secret) {
	secret(v, "name", name, nameForm, named)
	secret(v, "nik", nik, nikForm, false)
	secret(v, "phone", phone, phoneForm, false)
	secret(v, "email", email, emailForm, false)
}

// longestDetail is how many characters a detail may have.
const longestDetail = 200

// secret examines the form of a detail without ever repeating it.
func secret(v *domain.Verdict, field string, secret domain.Secret, form *regexp.Regexp, needed bool) {
	short := utf8.RuneCountInString(secret.Plain) <= longestDetail && !strings.ContainsFunc(secret.Plain, unicode.IsControl)
	ok := form.MatchString(secret.Plain) && short || secret.Plain == "" && !needed
	v.Hold(ok, field, "well formed", "malformed",
		domain.Refuse(domain.Invalid, "person.detail_malformed", "field", field).At("/"+field))
}

func unseals(v *domain.Verdict, s State, e *Unsealed, r Rules) {
	v.Role(Openers, r.Actor.Role)
	v.Hold(s.Registered != nil || e.Event != "", "person", "registered, or data of an event", s.Pseudonym,
		domain.Refuse(domain.NotFound, "person.unknown", "person", s.Pseudonym))
	v.Hold(len(e.Fields) > 0 && !slices.ContainsFunc(e.Fields, func(f string) bool { return !strings.HasPrefix(f, "/") }), "fields", "JSON pointers, one at least", strings.Join(e.Fields, ", "),
		domain.Refuse(domain.Invalid, "person.fields_missing").At("/fields"))
	v.Hold(slices.Contains(Purposes, e.Purpose), "purpose", strings.Join(Purposes, ", "), e.Purpose,
		domain.Refuse(domain.Invalid, "person.purpose_unknown", "purpose", e.Purpose, "known", strings.Join(Purposes, ", ")).At("/purpose"))
	document(v, "/ground", e.Ground, e.Export || e.Purpose == "court_order", r)
}

func asksErasure(v *domain.Verdict, s State, e *ErasureRequested, r Rules) {
	known(v, s)
	own := s.Pseudonym != "" && r.Actor.Person == s.Pseudonym
	if !own {
		v.Role([]domain.Role{PPID}, r.Actor.Role)
	}
	v.Hold(!s.Requested, "request", "none pending", "pending",
		domain.Refuse(domain.Conflict, "person.already_requested", "person", s.Pseudonym))
	document(v, "/letter", e.Letter, !own, r)
}

func decidesErasure(v *domain.Verdict, s State, e *ErasureDecided, r Rules) {
	known(v, s)
	v.Role([]domain.Role{PPID}, r.Actor.Role)
	v.Hold(s.Requested, "request", "pending", "none",
		domain.Refuse(domain.Conflict, "person.not_requested", "person", s.Pseudonym))
	v.Hold(strings.TrimSpace(e.Ground) != "", "ground", "the article it rests on", e.Ground,
		domain.Refuse(domain.Invalid, "person.ground_missing").At("/ground"))
	spans := domain.Mask(e.Ground).Spans
	v.Hold(len(spans) == 0, "ground", "no personal details", fmt.Sprintf("%d personal details", len(spans)),
		domain.Refuse(domain.Invalid, "person.names_somebody", "field", "ground").At("/ground"))
	document(v, "/decree", e.Decree, false, r)
}

func erases(v *domain.Verdict, s State, e *Erased, r Rules) {
	known(v, s)
	v.Role([]domain.Role{PPID, domain.RoleSystem}, r.Actor.Role)
	granted := s.Decided != nil && s.Decided.Granted
	v.Hold(granted, "decision", "granted", strconv.FormatBool(granted),
		domain.Refuse(domain.Conflict, "person.erasure_not_granted", "person", s.Pseudonym))
	v.Hold(e.Keys >= 0, "keys", "counted", strconv.Itoa(e.Keys),
		domain.Refuse(domain.Invalid, "person.keys_wrong", "keys", strconv.Itoa(e.Keys)).At("/keys"))
}

func known(v *domain.Verdict, s State) bool {
	return v.Hold(s.Registered != nil, "person", "registered", s.Pseudonym,
		domain.Refuse(domain.NotFound, "person.unknown", "person", s.Pseudonym))
}

// document examines a paper; needed ones have kind, number and day.
func document(v *domain.Verdict, field string, d domain.Document, needed bool, r Rules) {
	if needed {
		v.Hold(d.Kind != "" && d.Number != "" && d.Date != "", "document", "kind, number and date", strings.TrimSpace(d.Kind+" "+d.Number+" "+d.Date),
			domain.Refuse(domain.Invalid, "person.document_missing", "field", field).At(field))
	}
	if d.Date != "" {
		v.Date(field+"/date", d.Date, r.Now)
	}
}

// inTime examines when the fact took effect (semantics R9), and that it follows
// what is on record: requests and decisions answer one another.
func inTime(v *domain.Verdict, s State, r Rules) {
	at := r.occurred()
	v.InTime(at, r.Now)
	from, last := domain.Stamp(at.From), domain.Stamp(s.Latest)
	v.Hold(!at.Effective(r.Now).Before(s.Latest), "occurred", "not before "+last, from,
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
