package forum

import (
	"runut/domain"
)

// The roles that convene forums and keep their record.
const (
	VillageOperator  domain.Role = "village_operator"
	VillageHead      domain.Role = "village_head"
	KecamatanOfficer domain.Role = "kecamatan_officer"
	Camat            domain.Role = "camat"
	OPDOfficer       domain.Role = "opd_officer"
	OPDHead          domain.Role = "opd_head"
	CouncilSecretary domain.Role = "council_secretary"
	Planner          domain.Role = "planner"
	HeadOfPlanning   domain.Role = "head_of_planning"
	TAPD             domain.Role = "tapd"
	Approver         domain.Role = "approver"
)

// A Kind is one sort of forum: what it is held for and who keeps it.
type Kind struct {
	Stages []string           // stages of the workflow it may decide in
	Scopes []domain.ScopeKind // whose forum it may be
	Keeps  []domain.Role      // who convenes it, records attendance, ranks and issues minutes
	Source string             // law or practice it rests on
}

// Kinds is every sort of forum there is.
var Kinds = map[string]Kind{
	"musrenbang_desa": {
		Stages: []string{"desa"}, Scopes: []domain.ScopeKind{domain.ScopeVillage},
		Keeps: []domain.Role{VillageHead, VillageOperator}, Source: "Permendagri 114/2014, Permendes PDTT 21/2020",
	},
	"musrenbang_kecamatan": {
		Stages: []string{"kecamatan"}, Scopes: []domain.ScopeKind{domain.ScopeKecamatan},
		Keeps: []domain.Role{Camat, KecamatanOfficer}, Source: "Permendagri 86/2017 pasal 98",
	},
	"pra_forum": {
		Stages: []string{"forum_opd"}, Scopes: []domain.ScopeKind{domain.ScopeOPD, domain.ScopeKecamatan, domain.ScopeKabupaten},
		Keeps: []domain.Role{Planner, HeadOfPlanning, OPDHead, OPDOfficer, Camat, KecamatanOfficer}, Source: "practice before the forum perangkat daerah",
	},
	"forum_opd": {
		Stages: []string{"forum_opd"}, Scopes: []domain.ScopeKind{domain.ScopeOPD, domain.ScopeKabupaten},
		Keeps: []domain.Role{OPDHead, OPDOfficer, Planner, HeadOfPlanning}, Source: "Permendagri 86/2017",
	},
	"pokir": {
		Stages: []string{"pokir"}, Scopes: []domain.ScopeKind{domain.ScopeKabupaten},
		Keeps: []domain.Role{CouncilSecretary}, Source: "Permendagri 86/2017 pasal 178",
	},
	"musrenbang_kabupaten": {
		Stages: []string{"kabupaten"}, Scopes: []domain.ScopeKind{domain.ScopeKabupaten},
		Keeps: []domain.Role{HeadOfPlanning, Planner}, Source: "Permendagri 86/2017",
	},
	"tapd": {
		Stages: []string{"rkpd", "ppas", "apbd", "execution"}, Scopes: []domain.ScopeKind{domain.ScopeKabupaten},
		Keeps: []domain.Role{TAPD}, Source: "PP 12/2019",
	},
}

// Correctors may put a mistake of writing in a final list right, two of them.
var (
	Correctors = []domain.Role{Approver}
	Seconds    = []domain.Role{Approver, HeadOfPlanning}
)

// keeps examines that the actor keeps forums of a kind and scope.
func keeps(v *domain.Verdict, kind string, scope domain.Scope, r Rules) {
	k, known := Kinds[kind]
	if !known {
		return
	}
	v.Role(k.Keeps, r.Actor.Role)
	v.Hold(Within(r.Actor.Scope, scope), "scope", scope.String(), r.Actor.Scope.String(),
		domain.Refuse(domain.Forbidden, "forum.scope_elsewhere", "scope", r.Actor.Scope.String(), "forum", scope.String()))
}

// Within reports whether everything in inner lies in outer: a village in its
// kecamatan, all in the kabupaten.
func Within(outer, inner domain.Scope) bool {
	switch outer.Kind {
	case "", domain.ScopeKabupaten:
		return true
	case domain.ScopeKecamatan:
		area := inner.Kind == domain.ScopeKecamatan || inner.Kind == domain.ScopeVillage
		return area && outer.Code != "" && domain.Within(inner.Code, outer.Code)
	}
	return outer.Kind == inner.Kind && outer.Code != "" && outer.Code == inner.Code
}
