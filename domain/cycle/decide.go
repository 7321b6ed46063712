package cycle

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/workflow"
)

// Rules is everything a decision about a cycle may consult besides its past.
type Rules struct {
	Actor      domain.Actor
	Second     *domain.Actor        // a second person who approved, where two are needed
	Now        time.Time            //
	Occurred   domain.Interval      // when it took effect; zero: now
	Definition *workflow.Definition // the one that is pinned, or to be pinned at opening
	Tenant     string               // kode wilayah of the kabupaten whose log this is; "": any
}

func (r Rules) occurred() domain.Interval {
	if r.Occurred.IsZero() {
		return domain.Moment(r.Now)
	}
	return r.Occurred
}

// Decide returns the events that ask amounts to, completed with what only the
// past knows, or a *domain.Error with every condition it examined. An ask is
// the event that somebody wants recorded.
//
// Closing and re-opening a window and closing the cycle touch proposals too:
// package act decides them, with CloseWindow, ReopenWindow and Close.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	switch e := ask.(type) {
	case *Opened:
		return decideOpened(s, *e, r)
	case *WindowOpened:
		return decideWindowOpened(s, *e, r)
	case *WindowExtended:
		return decideWindowExtended(s, *e, r)
	case *CeilingSet:
		return decideCeiling(s, *e, r)
	case *QuotaSet:
		return decideQuota(s, *e, r)
	case *VocabularyPublished:
		return decideVocabulary(s, *e, r)
	case *PublicationPolicySet:
		return decidePolicy(s, *e, r)
	case *PublicationReleased:
		return decideRelease(s, *e, r)
	case *DocumentAdopted:
		return decideAdopted(s, *e, r)
	case *OfficeSucceeded:
		return decideSucceeded(s, *e, r)
	case *TerritoryChanged:
		return decideTerritory(s, *e, r)
	case *Corrected:
		return decideCorrected(s, *e, r)
	case *DefinitionMigrated:
		return nil, domain.Refuse(domain.Conflict, "cycle.migration_not_offered", "definition", s.Pin.Name)
	}
	return nil, fmt.Errorf("cycle: %T is not decided by the cycle alone", ask)
}

// done is the end of a decision: the events, unless a condition failed.
func done(v *domain.Verdict, events ...Event) ([]Event, error) {
	if err := v.Err(); err != nil {
		return nil, err
	}
	return events, nil
}

func decideOpened(s State, e Opened, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	v.Hold(s.Opened == nil, "cycle", "not opened yet", year(s.Year),
		domain.Refuse(domain.Conflict, "cycle.already_opened", "year", year(s.Year)))
	mayAsk(&v, Duties["cycle.opened"], r)
	inTime(&v, State{}, r)
	v.Hold(2000 < e.Year && e.Year < 2100, "year", "2001 to 2099", year(e.Year),
		domain.Refuse(domain.Invalid, "cycle.year_implausible", "year", year(e.Year)).At("/year"))
	v.Hold(kabupatenForm.MatchString(e.Kabupaten) && (r.Tenant == "" || e.Kabupaten == r.Tenant), "kabupaten", r.Tenant, e.Kabupaten,
		domain.Refuse(domain.Invalid, "cycle.other_kabupaten", "kabupaten", e.Kabupaten, "wanted", r.Tenant).At("/kabupaten"))
	v.Hold(domain.Zones[e.Zone] != nil, "zone", "WIB, WITA or WIT", e.Zone,
		domain.Refuse(domain.Invalid, "cycle.zone_unknown", "zone", e.Zone).At("/zone"))
	v.Plain("/title", e.Title)
	if d := r.Definition; knowsDefinition(&v, r) {
		pin := Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}
		if e.Definition == (Pin{}) {
			e.Definition = pin
		}
		v.Hold(e.Definition == pin, "definition", pin.String(), e.Definition.String(),
			domain.Refuse(domain.Invalid, "cycle.definition_differs", "definition", e.Definition.String(), "wanted", pin.String()).At("/definition"))
		v.Hold(d.Status == "published", "definition status", "published", d.Status,
			domain.Refuse(domain.Invalid, "cycle.definition_not_published", "definition", d.Name, "status", d.Status).At("/definition"))
		v.Hold(d.Kabupaten == "" || d.Kabupaten == e.Kabupaten, "definition kabupaten", e.Kabupaten, d.Kabupaten,
			domain.Refuse(domain.Invalid, "cycle.definition_of_other_kabupaten", "definition", d.Name, "kabupaten", d.Kabupaten).At("/definition"))
	}
	return done(&v, &e)
}

func decideAdopted(s State, e DocumentAdopted, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	duty := Duties["cycle.document_adopted"]
	whose, known := adopters[e.Kind]
	if known {
		duty.Roles = whose
	}
	mayAsk(&v, duty, r)
	inTime(&v, s, r)
	lastWord(&v, s, about(&e), r)
	v.Hold(known, "kind", "rkpd, ppas, rapbd, apbd, perubahan", e.Kind,
		domain.Refuse(domain.Invalid, "cycle.document_kind_unknown", "kind", e.Kind).At("/kind"))
	if e.Document.Kind == "" {
		e.Document.Kind = e.Kind
	}
	whole := e.Document.Number != "" && e.Document.Date != "" && e.Document.Digest != ""
	v.Hold(whole, "document", "number, date and digest", strings.TrimSpace(e.Document.Number+" "+e.Document.Date+" "+e.Document.Digest),
		domain.Refuse(domain.Invalid, "cycle.document_incomplete", "kind", e.Document.Kind).At("/document"))
	v.Document("/document", e.Document, r.Now)
	v.Hold(e.Lines > 0, "lines", "one at least", strconv.Itoa(e.Lines),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", strconv.Itoa(e.Lines), "field", "lines").At("/lines"))
	v.Hold(e.Total > 0, "total", "above zero", e.Total.String(),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", e.Total.String(), "field", "total").At("/total"))
	return done(&v, &e)
}

func decideSucceeded(s State, e OfficeSucceeded, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.office_succeeded"], r)
	inTime(&v, s, r)
	v.Decree("/decree", e.Decree, r.Now)
	v.Hold(e.From != "", "from", "the code of an office", e.From,
		domain.Refuse(domain.Invalid, "cycle.missing", "field", "from").At("/from"))
	v.Hold(len(e.To) > 0 && !slices.Contains(e.To, ""), "to", "one successor at least", strings.Join(e.To, ", "),
		domain.Refuse(domain.Invalid, "cycle.missing", "field", "to").At("/to"))
	v.Once("/to", "offices", append([]string{e.From}, e.To...))
	return done(&v, &e)
}

func decideTerritory(s State, e TerritoryChanged, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.territory_changed"], r)
	inTime(&v, s, r)
	v.Decree("/ground", e.Ground, r.Now)
	v.Hold(e.Edition != "", "edition", "of the register of wilayah", e.Edition,
		domain.Refuse(domain.Invalid, "cycle.missing", "field", "edition").At("/edition"))
	v.Hold(len(e.Successors) > 0, "successors", "one at least", "none",
		domain.Refuse(domain.Invalid, "cycle.missing", "field", "successors").At("/successors"))
	for _, from := range sortedKeys(e.Successors) {
		to := e.Successors[from]
		at := "/successors/" + from
		for _, code := range []string{from, to} {
			inside(&v, at, domain.Scope{Kind: domain.ScopeVillage, Code: code}, s.kabupaten())
		}
		_, chained := e.Successors[to]
		v.Each(!chained, "successor", "a village that stays", to,
			domain.Refuse(domain.Invalid, "cycle.successor_moves_too", "from", from, "to", to).At(at))
	}
	return done(&v, &e)
}

// voidable are the events whose effects stay within the cycle, so that one of
// them can be struck out without undoing anybody's act. The others are put
// right by a further event: a window by an extension or a closing.
var voidable = []string{
	"cycle.ceiling_set", "cycle.quota_set", "cycle.vocabulary_published",
	"cycle.publication_policy_set", "cycle.publication_released", "cycle.document_adopted",
}

func decideCorrected(s State, e Corrected, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	wasOpened(&v, s)
	mayAsk(&v, Duties["cycle.corrected"], r)
	inTime(&v, s, r)
	v.Hold(e.Action == event.Void, "action", string(event.Void), string(e.Action),
		domain.Refuse(domain.Invalid, "cycle.correction_unknown", "action", string(e.Action)).At("/action"))
	name, known := s.Written[e.Target]
	if v.Hold(known, "target", "an event of this cycle that stands", e.Target.String(),
		domain.Refuse(domain.NotFound, "cycle.target_unknown", "target", e.Target.String()).At("/target")) {
		v.Hold(slices.Contains(voidable, name), "target type", strings.Join(voidable, ", "), name,
			domain.Refuse(domain.Conflict, "cycle.target_not_voidable", "event", name).At("/target"))
	}
	v.Hold(!e.Reason.IsZero(), "reason", "in words", "",
		domain.Refuse(domain.Invalid, "cycle.missing", "field", "reason").At("/reason"))
	if r.Second != nil {
		e.SecondApprover = r.Second.Person
	}
	return done(&v, &e)
}

// Close examines whether a cycle may be closed as far as the cycle itself
// knows: no window is open. That no proposal waits is for package act to find.
func Close(s State, ask *Closed, r Rules) (*Closed, error) {
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.closed"], r)
	inTime(&v, s, r)
	var running []string
	for _, k := range s.Keys() {
		if !s.Windows[k].Shut {
			running = append(running, k.String())
		}
	}
	v.Hold(len(running) == 0, "windows", "all closed", strings.Join(running, ", "),
		domain.Refuse(domain.Conflict, "cycle.window_still_open", "windows", strings.Join(running, ", ")))
	v.Hold(ask.Origins >= 0, "origins", "counted", strconv.Itoa(ask.Origins),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", strconv.Itoa(ask.Origins), "field", "origins").At("/origins"))
	if err := v.Err(); err != nil {
		return nil, err
	}
	e := *ask
	return &e, nil
}

// isOpen examines that the cycle was opened and is not closed, wasOpened only the
// first: what is already decided may still be published and corrected.
func isOpen(v *domain.Verdict, s State) {
	if wasOpened(v, s) {
		v.Hold(!s.IsClosed, "cycle", "open", "closed",
			domain.Refuse(domain.Conflict, "cycle.not_open", "year", year(s.Year), "state", "closed"))
	}
}

func wasOpened(v *domain.Verdict, s State) bool {
	return v.Hold(s.Opened != nil, "cycle", "opened", year(s.Year),
		domain.Refuse(domain.Conflict, "cycle.not_open", "year", year(s.Year), "state", "never_opened"))
}

// inTime examines when the fact took effect (semantics R9): neither in the
// future nor before the cycle was opened.
func inTime(v *domain.Verdict, s State, r Rules) {
	at := r.occurred()
	v.Hold(at.Valid(), "occurred", "an ordered interval", domain.Stamp(at.From)+" to "+domain.Stamp(at.To),
		domain.Refuse(domain.Invalid, "cycle.occurred_malformed").At("/occurred"))
	v.Hold(!at.From.After(r.Now), "occurred", "not after "+domain.Stamp(r.Now), domain.Stamp(at.From),
		domain.Refuse(domain.Invalid, "cycle.occurred_in_future", "occurred", domain.Stamp(at.From), "now", domain.Stamp(r.Now)).At("/occurred"))
	if s.Opened != nil {
		v.Hold(!at.To.Before(s.OpenedAt), "occurred", "not before "+domain.Stamp(s.OpenedAt), domain.Stamp(at.To),
			domain.Refuse(domain.Invalid, "cycle.occurred_before_opening", "occurred", domain.Stamp(at.To), "opened", domain.Stamp(s.OpenedAt)).At("/occurred"))
	}
}

// lastWord examines that the fact is the last one about something.
func lastWord(v *domain.Verdict, s State, about string, r Rules) {
	v.LastWord(about, r.occurred().Effective(r.Now), s.Latest[about])
}

// knowsDefinition examines that the definition to judge by is at hand.
func knowsDefinition(v *domain.Verdict, r Rules) bool {
	observed := "unknown"
	if r.Definition != nil {
		observed = r.Definition.Name
	}
	return v.Hold(r.Definition != nil, "definition", "known", observed,
		domain.Refuse(domain.Unready, "cycle.definition_unknown"))
}

// inside examines that a scope is well formed and lies in the kabupaten.
func inside(v *domain.Verdict, field string, s domain.Scope, kabupaten string) bool {
	ok := true
	switch s.Kind {
	case domain.ScopeVillage:
		ok = s.Code == "" || villageForm.MatchString(s.Code) && domain.Within(s.Code, kabupaten)
	case domain.ScopeKecamatan:
		ok = s.Code == "" || kecamatanForm.MatchString(s.Code) && domain.Within(s.Code, kabupaten)
	case domain.ScopeKabupaten:
		ok = s.Code == "" || s.Code == kabupaten
	case domain.ScopeOPD:
	default:
		ok = false
	}
	return v.Hold(ok, "scope", "a place or office in "+kabupaten, s.String(),
		domain.Refuse(domain.Invalid, "cycle.scope_outside", "scope", s.String(), "kabupaten", kabupaten).At(field))
}

func (s State) kabupaten() string {
	if s.Opened == nil {
		return ""
	}
	return s.Opened.Kabupaten
}

var (
	kabupatenForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}$`)
	kecamatanForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$`)
	villageForm   = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$`)
)

func year(y int) string { return strconv.Itoa(y) }
