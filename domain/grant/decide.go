package grant

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
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
	Erased     bool                 // the data of the person it is to be given to were erased
}

// Decide returns the events that ask amounts to, completed with the second
// approver, or a *domain.Error with every condition it examined.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	switch e := ask.(type) {
	case *Given:
		return decideGiven(s, *e, r)
	case *Revoked:
		return decideRevoked(s, *e, r)
	case *Invited:
		return decideInvited(s, *e, r)
	}
	return nil, fmt.Errorf("grant: %T is not decided here", ask)
}

// done is the end of a decision: the event, unless a condition failed.
func done(v *domain.Verdict, e Event) ([]Event, error) {
	if err := v.Err(); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func decideGiven(s State, e Given, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "grant"}
	e.From, e.Until = micro(e.From), micro(e.Until)
	if e.First {
		begins(&v, s, e, r)
	} else {
		v.Role(Givers, r.Actor.Role)
		v.Seconded(r.Actor, r.Second, Seconds)
		notOwn(&v, e, r)
		v.Hold(s.Given == nil, "grant", "not given yet", s.Stream,
			domain.Refuse(domain.Conflict, "grant.already_given", "grant", s.Stream))
	}
	v.InTime(r.Occurred, r.Now)
	v.Hold(personForm.MatchString(e.Person), "person", "a pseudonym", "", // perhaps a name
		domain.Refuse(domain.Invalid, "grant.person_malformed").At("/person"))
	v.Hold(!r.Erased, "person", "not erased", "",
		domain.Refuse(domain.Conflict, "grant.person_erased").At("/person"))
	heldFor(&v, e, r)
	v.Plain("/office", e.Office)
	v.Hold(slices.Contains(capacities, e.Capacity), "capacity", "definitif, plt, plh or an", string(e.Capacity),
		domain.Refuse(domain.Invalid, "grant.capacity_unknown", "capacity", string(e.Capacity)).At("/capacity"))
	v.Hold(e.Cycle == 0 || 2000 < e.Cycle && e.Cycle < 2100, "cycle", "a fiscal year, or none", strconv.Itoa(e.Cycle),
		domain.Refuse(domain.Invalid, "grant.cycle_wrong", "cycle", strconv.Itoa(e.Cycle)).At("/cycle"))
	v.Decree("/decree", e.Decree, r.Now)
	spans(&v, e, r)
	e.SecondApprover = ""
	if !e.First && r.Second != nil {
		e.SecondApprover = r.Second.Person
	}
	return done(&v, &e)
}

func decideRevoked(s State, e Revoked, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "grant"}
	v.Role(Givers, r.Actor.Role)
	v.InTime(r.Occurred, r.Now)
	v.Decree("/decree", e.Decree, r.Now)
	if v.Hold(s.Given != nil, "grant", "given", "unknown",
		domain.Refuse(domain.NotFound, "grant.unknown", "grant", s.Stream)) {
		v.Hold(!s.IsRevoked, "grant", "not revoked", "revoked",
			domain.Refuse(domain.Conflict, "grant.already_revoked", "grant", s.Stream))
	}
	return done(&v, &e)
}

// LongestInvitation is how long a code may wait for its person.
const LongestInvitation = 14 * 24 * time.Hour

// decideInvited decides who may hand the holder of a grant a way to sign in. As
// whoever has the code can act under the grant, it takes the same two persons as
// giving it does, neither of them the holder: else one of the two could hand the
// other's code to themselves, and would be two.
func decideInvited(s State, e Invited, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "grant"}
	e.Until = micro(e.Until)
	v.Role(Givers, r.Actor.Role)
	v.Seconded(r.Actor, r.Second, Seconds)
	v.InTime(r.Occurred, r.Now)
	if v.Hold(s.Given != nil, "grant", "given", "unknown",
		domain.Refuse(domain.NotFound, "grant.unknown", "grant", s.Stream)) {
		notOwn(&v, *s.Given, r)
		v.Hold(!s.IsRevoked, "grant", "not revoked", "revoked",
			domain.Refuse(domain.Conflict, "grant.already_revoked", "grant", s.Stream))
		end := s.Given.Until
		v.Hold(end.IsZero() || end.After(r.Now), "grant", "not over", domain.Stamp(end),
			domain.Refuse(domain.Conflict, "grant.over", "until", domain.Stamp(end)))
	}
	last := r.Now.Add(LongestInvitation)
	v.Hold(e.Until.After(r.Now) && !e.Until.After(last), "until", "from now to "+domain.Stamp(last), domain.Stamp(e.Until),
		domain.Refuse(domain.Invalid, "grant.invitation_span", "until", domain.Stamp(e.Until), "last", domain.Stamp(last)).At("/until"))
	e.SecondApprover = ""
	if r.Second != nil {
		e.SecondApprover = r.Second.Person
	}
	return done(&v, &e)
}

// begins examines the grants that begin everything: given by the system, to
// those who can then give all others together.
func begins(v *domain.Verdict, s State, e Given, r Rules) {
	v.Hold(s.Given == nil, "grant", "never given", s.Stream,
		domain.Refuse(domain.Conflict, "grant.first_taken", "grant", s.Stream))
	system := r.Actor.Role == domain.RoleSystem
	v.Hold(system, "role", string(domain.RoleSystem), string(r.Actor.Role),
		domain.Refuse(domain.Forbidden, "grant.first_by_system", "role", string(r.Actor.Role)))
	v.Hold(slices.Contains(Seconds, e.Role), "first role", domain.Words(Seconds), string(e.Role),
		domain.Refuse(domain.Invalid, "grant.first_role", "role", string(e.Role), "wanted", domain.Words(Seconds)).At("/role"))
}

// notOwn examines that neither of the two gives the grant to themselves.
func notOwn(v *domain.Verdict, e Given, r Rules) {
	own := e.Person == r.Actor.Person || r.Second != nil && e.Person == r.Second.Person
	v.Hold(!own, "person", "neither of the two who give it", e.Person,
		domain.Refuse(domain.Forbidden, "grant.own_grant", "person", e.Person).At("/person"))
}

// heldFor examines that the role exists and is held for a scope of its kind:
// one village, one kecamatan, one OPD, or the whole kabupaten.
func heldFor(v *domain.Verdict, e Given, r Rules) {
	kind, known := Standing[e.Role]
	if e.First && slices.Contains(Seconds, e.Role) { // no workflow is pinned yet
		kind, known = domain.ScopeKabupaten, true
	}
	if !known && r.Definition != nil {
		if role := r.Definition.Roles[e.Role]; role != nil {
			kind, known = role.Scope, e.Role != domain.RoleSystem
		}
	}
	if !v.Hold(known, "role", "a role of the workflow or a standing one", string(e.Role),
		domain.Refuse(domain.Invalid, "grant.role_unknown", "role", string(e.Role)).At("/role")) {
		return
	}
	v.Hold(e.Scope.Kind == kind, "scope kind", string(kind), string(e.Scope.Kind),
		domain.Refuse(domain.Invalid, "grant.scope_kind", "role", string(e.Role), "scope", e.Scope.String(), "wanted", string(kind)).At("/scope"))
	v.Hold(placed(e.Scope, r.Tenant), "scope", "one place or office here", e.Scope.String(),
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

// spans examines from when until when. A grant does not reach back before the
// day of its decree, or it would make acts good that nobody had allowed.
func spans(v *domain.Verdict, e Given, r Rules) {
	v.Hold(!e.From.IsZero() && (e.Until.IsZero() || e.From.Before(e.Until)), "span", "from before until", domain.Stamp(e.From)+" to "+domain.Stamp(e.Until),
		domain.Refuse(domain.Invalid, "grant.span_backwards", "from", domain.Stamp(e.From), "until", domain.Stamp(e.Until)).At("/until"))
	v.Hold(e.Until.IsZero() || e.Until.After(r.Now), "until", "after "+domain.Stamp(r.Now), domain.Stamp(e.Until),
		domain.Refuse(domain.Invalid, "grant.over", "until", domain.Stamp(e.Until)).At("/until"))
	if day, err := time.Parse(time.DateOnly, e.Decree.Date); err == nil {
		v.Hold(!e.From.Before(day.Add(-domain.Easternmost)), "from", "not before the day of the decree, "+e.Decree.Date, domain.Stamp(e.From),
			domain.Refuse(domain.Invalid, "grant.before_decree", "from", domain.Stamp(e.From), "date", e.Decree.Date).At("/from"))
	}
}

var (
	capacities    = []domain.Capacity{domain.Definitif, domain.Plt, domain.Plh, domain.An}
	personForm    = regexp.MustCompile(`^p-[0-9A-Za-z-]{1,40}$`)
	kecamatanForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$`)
	villageForm   = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$`)
)

// micro cuts a time to what the log keeps; the zero time stays zero.
func micro(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
