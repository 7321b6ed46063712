package grant

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/workflow"
)

// The roles that give and take away grants.
const (
	Approver       domain.Role = "approver"
	HeadOfPlanning domain.Role = "head_of_planning"
)

// Givers may give and revoke grants; Seconds may be the second person.
// Giving needs two: UU 30/2014 asks that authority be delegated in writing, and
// nobody is to enlarge their own. The house rule is that no single person can.
var (
	Givers  = []domain.Role{Approver}
	Seconds = []domain.Role{Approver, HeadOfPlanning}
)

// Standing are the roles that every log knows beside those of its workflow,
// with the kind of scope each is held for. They decide nothing about proposals.
var Standing = map[domain.Role]domain.ScopeKind{
	"auditor": domain.ScopeKabupaten, // Inspektorat, BPKP, BPK, KPK: reads everything, sealed data with a trace
	"ppid":    domain.ScopeKabupaten, // publishes, answers requests for erasure
}

// FirstStreams are the streams of the first grants, which the system writes at
// the very beginning: one to an approver and one to whoever is to be the second
// person, since from then on every grant needs two. As the names are fixed, the
// log itself refuses a second beginning.
var FirstStreams = [...]string{Stream("first"), Stream("second")}

// Rules is everything a decision about a grant may consult besides its past.
type Rules struct {
	Actor      domain.Actor
	Second     *domain.Actor        // a second person who approved
	Now        time.Time            //
	Occurred   domain.Interval      // when it took effect; zero: now
	Definition *workflow.Definition // whose roles may be given; nil: the standing ones only
	Tenant     string               // kode wilayah of the kabupaten whose log this is; "": any
}

func (r Rules) occurred() domain.Interval {
	if r.Occurred.IsZero() {
		return domain.Moment(r.Now)
	}
	return r.Occurred
}

// Decide returns the events that ask amounts to, completed with the second
// approver, or a *domain.Error with every condition it examined.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	switch e := ask.(type) {
	case *Given:
		return decideGiven(s, *e, r)
	case *Revoked:
		return decideRevoked(s, *e, r)
	}
	return nil, fmt.Errorf("grant: %T is not decided here", ask)
}

// done is the end of a decision: the event, unless a condition failed.
func done(v *verdict, e Event) ([]Event, error) {
	if err := v.err(); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func decideGiven(s State, e Given, r Rules) ([]Event, error) {
	var v verdict
	e.From, e.Until = micro(e.From), micro(e.Until)
	if e.First {
		v.first(s, e, r)
	} else {
		v.giver(r)
		v.seconded(r)
		v.notOwn(e, r)
		v.hold(s.Given == nil, "grant", "not given yet", s.Stream,
			domain.Refuse(domain.Conflict, "grant.already_given", "grant", s.Stream))
	}
	v.inTime(r)
	v.hold(personForm.MatchString(e.Person), "person", "a pseudonym", "", // perhaps a name
		domain.Refuse(domain.Invalid, "grant.person_malformed").At("/person"))
	v.heldFor(e, r)
	v.plain("/office", e.Office)
	v.hold(slices.Contains(capacities, e.Capacity), "capacity", "definitif, plt, plh or an", string(e.Capacity),
		domain.Refuse(domain.Invalid, "grant.capacity_unknown", "capacity", string(e.Capacity)).At("/capacity"))
	v.hold(e.Cycle == 0 || 2000 < e.Cycle && e.Cycle < 2100, "cycle", "a fiscal year, or none", strconv.Itoa(e.Cycle),
		domain.Refuse(domain.Invalid, "grant.cycle_wrong", "cycle", strconv.Itoa(e.Cycle)).At("/cycle"))
	v.decree(e.Decree, r)
	v.span(e, r)
	e.SecondApprover = ""
	if !e.First && r.Second != nil {
		e.SecondApprover = r.Second.Person
	}
	return done(&v, &e)
}

func decideRevoked(s State, e Revoked, r Rules) ([]Event, error) {
	var v verdict
	v.giver(r)
	v.inTime(r)
	v.decree(e.Decree, r)
	if v.hold(s.Given != nil, "grant", "given", "unknown",
		domain.Refuse(domain.NotFound, "grant.unknown", "grant", s.Stream)) {
		v.hold(!s.IsRevoked, "grant", "not revoked", "revoked",
			domain.Refuse(domain.Conflict, "grant.already_revoked", "grant", s.Stream))
	}
	return done(&v, &e)
}

// first examines the grants that begin everything: given by the system, to
// those who can then give all others together.
func (v *verdict) first(s State, e Given, r Rules) {
	v.hold(s.Given == nil, "grant", "never given", s.Stream,
		domain.Refuse(domain.Conflict, "grant.first_taken", "grant", s.Stream))
	system := r.Actor.Role == domain.RoleSystem
	v.hold(system, "role", string(domain.RoleSystem), string(r.Actor.Role),
		domain.Refuse(domain.Forbidden, "grant.first_by_system", "role", string(r.Actor.Role)))
	v.hold(slices.Contains(Seconds, e.Role), "first role", roles(Seconds), string(e.Role),
		domain.Refuse(domain.Invalid, "grant.first_role", "role", string(e.Role), "wanted", roles(Seconds)).At("/role"))
}

func (v *verdict) giver(r Rules) {
	v.hold(slices.Contains(Givers, r.Actor.Role), "role", roles(Givers), string(r.Actor.Role),
		domain.Refuse(domain.Forbidden, "grant.role_missing", "role", string(r.Actor.Role), "wanted", roles(Givers)))
}

// seconded examines that another person than the actor approved, one who may
// approve.
func (v *verdict) seconded(r Rules) {
	want := "another person: " + roles(Seconds)
	if !v.hold(r.Second != nil, "second", want, "nobody", domain.Refuse(domain.Forbidden, "grant.second_needed", "wanted", roles(Seconds))) {
		return
	}
	v.hold(r.Second.Person != "" && r.Second.Person != r.Actor.Person, "second person", want, r.Second.Person,
		domain.Refuse(domain.Forbidden, "grant.same_person", "person", r.Second.Person))
	v.hold(slices.Contains(Seconds, r.Second.Role), "second role", roles(Seconds), string(r.Second.Role),
		domain.Refuse(domain.Forbidden, "grant.second_role_missing", "role", string(r.Second.Role), "wanted", roles(Seconds)))
}

// notOwn examines that neither of the two gives the grant to themselves.
func (v *verdict) notOwn(e Given, r Rules) {
	own := e.Person == r.Actor.Person || r.Second != nil && e.Person == r.Second.Person
	v.hold(!own, "person", "neither of the two who give it", e.Person,
		domain.Refuse(domain.Forbidden, "grant.own_grant", "person", e.Person).At("/person"))
}

// heldFor examines that the role exists and is held for a scope of its kind:
// one village, one kecamatan, one OPD, or the whole kabupaten.
func (v *verdict) heldFor(e Given, r Rules) {
	kind, known := Standing[e.Role]
	if e.First && slices.Contains(Seconds, e.Role) { // no workflow is pinned yet
		kind, known = domain.ScopeKabupaten, true
	}
	if !known && r.Definition != nil {
		if role := r.Definition.Roles[e.Role]; role != nil {
			kind, known = role.Scope, e.Role != domain.RoleSystem
		}
	}
	if !v.hold(known, "role", "a role of the workflow or a standing one", string(e.Role),
		domain.Refuse(domain.Invalid, "grant.role_unknown", "role", string(e.Role)).At("/role")) {
		return
	}
	v.hold(e.Scope.Kind == kind, "scope kind", string(kind), string(e.Scope.Kind),
		domain.Refuse(domain.Invalid, "grant.scope_kind", "role", string(e.Role), "scope", e.Scope.String(), "wanted", string(kind)).At("/scope"))
	v.hold(placed(e.Scope, r.Tenant), "scope", "one place or office here", e.Scope.String(),
		domain.Refuse(domain.Invalid, "grant.scope_outside", "scope", e.Scope.String(), "kabupaten", r.Tenant).At("/scope"))
}

// placed reports whether a scope names one place or office of the kabupaten.
func placed(s domain.Scope, tenant string) bool {
	here := tenant == "" || domain.Within(s.Code, tenant)
	switch s.Kind {
	case domain.ScopeVillage:
		return villageForm.MatchString(s.Code) && here
	case domain.ScopeKecamatan:
		return kecamatanForm.MatchString(s.Code) && here
	case domain.ScopeOPD:
		return s.Code != ""
	case domain.ScopeKabupaten:
		return s.Code == "" || tenant == "" || s.Code == tenant
	case domain.ScopeProvince:
		return true
	}
	return false
}

// decree examines the paper a grant rests on.
func (v *verdict) decree(d domain.Document, r Rules) {
	v.hold(d.Kind != "" && d.Number != "" && d.Date != "", "decree", "kind, number and date", strings.TrimSpace(d.Kind+" "+d.Number+" "+d.Date),
		domain.Refuse(domain.Invalid, "grant.decree_missing").At("/decree"))
	if d.Date != "" {
		day, err := time.Parse(time.DateOnly, d.Date)
		v.hold(err == nil && !day.After(r.Now.Add(easternmost)), "decree date", "a day, not in the future", d.Date,
			domain.Refuse(domain.Invalid, "grant.date_wrong", "date", d.Date).At("/decree/date"))
	}
	if d.Digest != "" {
		v.hold(digestForm.MatchString(d.Digest), "digest", "SHA-256 in hexadecimal", d.Digest,
			domain.Refuse(domain.Invalid, "grant.digest_malformed").At("/decree/digest"))
	}
}

// span examines from when until when. A grant does not reach back before the
// day of its decree, or it would make acts good that nobody had allowed.
func (v *verdict) span(e Given, r Rules) {
	v.hold(!e.From.IsZero() && (e.Until.IsZero() || e.From.Before(e.Until)), "span", "from before until", moment(e.From)+" to "+moment(e.Until),
		domain.Refuse(domain.Invalid, "grant.span_backwards", "from", moment(e.From), "until", moment(e.Until)).At("/until"))
	v.hold(e.Until.IsZero() || e.Until.After(r.Now), "until", "after "+moment(r.Now), moment(e.Until),
		domain.Refuse(domain.Invalid, "grant.over", "until", moment(e.Until)).At("/until"))
	if day, err := time.Parse(time.DateOnly, e.Decree.Date); err == nil {
		v.hold(!e.From.Before(day.Add(-easternmost)), "from", "not before the day of the decree, "+e.Decree.Date, moment(e.From),
			domain.Refuse(domain.Invalid, "grant.before_decree", "from", moment(e.From), "date", e.Decree.Date).At("/from"))
	}
}

// inTime examines when the fact took effect (semantics R9).
func (v *verdict) inTime(r Rules) {
	at := r.occurred()
	v.hold(at.Valid() && !at.From.After(r.Now), "occurred", "not after "+moment(r.Now), moment(at.From),
		domain.Refuse(domain.Invalid, "grant.occurred_in_future", "occurred", moment(at.From), "now", moment(r.Now)).At("/occurred"))
}

// plain examines a short word that is kept readable for ever: it is there and
// shows nobody's number, address or name.
func (v *verdict) plain(field, word string) {
	name := strings.TrimPrefix(field, "/")
	v.hold(strings.TrimSpace(word) != "", name, "not empty", word,
		domain.Refuse(domain.Invalid, "grant.missing", "field", name).At(field))
	spans := domain.Mask(word).Spans
	v.hold(len(spans) == 0, name, "no personal details", fmt.Sprintf("%d personal details", len(spans)),
		domain.Refuse(domain.Invalid, "grant.names_somebody", "field", name).At(field))
}

var (
	capacities    = []domain.Capacity{domain.Definitif, domain.Plt, domain.Plh, domain.An}
	personForm    = regexp.MustCompile(`^p-[0-9A-Za-z-]{1,40}$`)
	kecamatanForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$`)
	villageForm   = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$`)
	digestForm    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// easternmost is how far ahead of UTC a day can have begun in Indonesia (WIT).
const easternmost = 9 * time.Hour

// moment writes a time for a check. Who shows it to people puts it into their zone.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// micro cuts a time to what the log keeps; the zero time stays zero.
func micro(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func roles(of []domain.Role) string {
	words := make([]string, len(of))
	for i, r := range of {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}
