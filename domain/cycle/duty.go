package cycle

import (
	"runut/domain"
	"runut/domain/event"
)

// The roles that act on a cycle as such. All are held for the whole kabupaten.
const (
	HeadOfPlanning domain.Role = "head_of_planning" // kepala Bappeda
	Planner        domain.Role = "planner"          // staff of Bappeda
	TAPD           domain.Role = "tapd"             // tim anggaran pemerintah daerah
	PPID           domain.Role = "ppid"             // pejabat pengelola informasi dan dokumentasi
	Approver       domain.Role = "approver"         // one of the two who correct and grant
	Importer       domain.Role = "importer"         // enters what another system decided
)

// A Duty says who may ask for an event and where that is written.
type Duty struct {
	Roles  []domain.Role
	Second bool   // a second person must approve
	Source string // law or rule it rests on
}

// Duties says who may ask for which event, by stored name.
var Duties = map[string]Duty{
	"cycle.opened":                 {Roles: []domain.Role{HeadOfPlanning}, Source: "UU 25/2004 and Permendagri 86/2017: Bappeda conducts the making of the RKPD"},
	"cycle.window_opened":          {Roles: []domain.Role{HeadOfPlanning, Planner}, Source: "Permendagri 86/2017: the timetable of the RKPD is Bappeda's"},
	"cycle.window_extended":        {Roles: []domain.Role{HeadOfPlanning}, Source: "Permendagri 86/2017; house rule: by decree only"},
	"cycle.window_closed":          {Roles: []domain.Role{HeadOfPlanning, Planner}, Source: "house rule: a window is closed by a person, never by a clock"},
	"cycle.window_reopened":        {Roles: []domain.Role{HeadOfPlanning}, Source: "house rule: by decree only"},
	"cycle.ceiling_set":            {Roles: []domain.Role{TAPD, HeadOfPlanning}, Source: "PP 12/2019: TAPD prepares the ceilings; Permendagri 86/2017: pagu indikatif"},
	"cycle.quota_set":              {Roles: []domain.Role{HeadOfPlanning, Planner}, Source: "Permendagri 86/2017: rules of the musrenbang are Bappeda's"},
	"cycle.vocabulary_published":   {Roles: []domain.Role{HeadOfPlanning, Planner}, Source: "Permendagri 86/2017: kamus usulan is Bappeda's"},
	"cycle.publication_policy_set": {Roles: []domain.Role{PPID}, Source: "UU 14/2008: the PPID decides what is exempt, after a test of consequences"},
	"cycle.publication_released":   {Roles: []domain.Role{PPID}, Source: "UU 14/2008: the PPID publishes"},
	"cycle.document_adopted":       {Roles: []domain.Role{HeadOfPlanning, TAPD, Importer}, Source: "UU 25/2004: RKPD by Bappeda; PP 12/2019: KUA-PPAS and APBD by TAPD"},
	"cycle.office_succeeded":       {Roles: []domain.Role{HeadOfPlanning}, Source: "PP 18/2016: the perda on the organisation of the kabupaten"},
	"cycle.territory_changed":      {Roles: []domain.Role{HeadOfPlanning}, Source: "Permendagri 58/2021: kode and data wilayah"},
	"cycle.definition_migrated":    {Roles: []domain.Role{HeadOfPlanning}, Second: true, Source: "house rule"},
	"cycle.corrected":              {Roles: []domain.Role{Approver}, Second: true, Source: "house rule: two persons correct the record"},
	"cycle.closed":                 {Roles: []domain.Role{HeadOfPlanning}, Source: "UU 25/2004: Bappeda conducts planning"},
}

// adopters narrows cycle.document_adopted to whose document each kind is.
var adopters = map[string][]domain.Role{
	"rkpd":      {HeadOfPlanning, Importer},
	"ppas":      {TAPD, Importer},
	"rapbd":     {TAPD, Importer},
	"apbd":      {TAPD, Importer},
	"perubahan": {TAPD, Importer},
}

var names = event.NewCatalog(Types...)

func nameOf(e Event) string {
	t, _ := names.Of(e)
	return t.Name
}

// mayAsk examines the actor's role and scope, and the second person where one
// is needed.
func mayAsk(v *domain.Verdict, duty Duty, r Rules) {
	v.Role(duty.Roles, r.Actor.Role)
	whole := r.Actor.Scope.Kind == domain.ScopeKabupaten || r.Actor.Scope.Kind == ""
	v.Hold(whole, "scope", string(domain.ScopeKabupaten), r.Actor.Scope.String(),
		domain.Refuse(domain.Forbidden, "cycle.scope_too_small", "scope", r.Actor.Scope.String()))
	if duty.Second {
		v.Seconded(r.Actor, r.Second, []domain.Role{Approver, HeadOfPlanning})
	}
}
