package domain

import "strings"

// A Role is what a person may act as, named in the workflow definition:
// "camat", "opd_head".
type Role string

// RoleSystem is the role of acts nobody chose: the closing rows of a window.
const RoleSystem Role = "system"

// A ScopeKind says which attribute of a proposal a scope is compared with.
type ScopeKind string

// The kinds of scope, from the smallest to the largest.
const (
	ScopeNone      ScopeKind = "none"
	ScopeVillage   ScopeKind = "village"
	ScopeKecamatan ScopeKind = "kecamatan"
	ScopeOPD       ScopeKind = "opd"
	ScopeKabupaten ScopeKind = "kabupaten"
	ScopeProvince  ScopeKind = "province"
)

// A Scope bounds a grant, a window or a release: a kind and the code of one
// place or office of that kind. The zero Scope is the whole kabupaten.
type Scope struct {
	Kind ScopeKind `json:"kind"`
	Code string    `json:"code,omitzero"` // kode wilayah ("99.01.03") or OPD code ("1.03.0.00.0.00.01.0000")
}

// String returns "kecamatan:99.01.03", or the kind alone where there is no code.
func (s Scope) String() string {
	if s.Code == "" {
		return string(s.Kind)
	}
	return string(s.Kind) + ":" + s.Code
}

// ParseScope reads what String writes.
func ParseScope(text string) (Scope, error) {
	kind, code, _ := strings.Cut(text, ":")
	switch k := ScopeKind(kind); k {
	case ScopeNone, ScopeKabupaten, ScopeProvince, ScopeVillage, ScopeKecamatan, ScopeOPD:
		return Scope{Kind: k, Code: code}, nil
	}
	return Scope{}, Refuse(Invalid, "scope.unknown", "scope", text)
}

// Holds reports whether a place and an office lie within s. A village lies in
// its kecamatan because its kode wilayah begins with the kecamatan's; a scope
// of the kabupaten, the province or none holds everything in the log, which is
// one kabupaten's.
func (s Scope) Holds(village, kecamatan, opd string) bool {
	switch s.Kind {
	case ScopeVillage:
		return s.Code != "" && s.Code == village
	case ScopeKecamatan:
		return s.Code != "" && (s.Code == kecamatan || Within(village, s.Code))
	case ScopeOPD:
		return s.Code != "" && s.Code == opd
	}
	return true
}

// Within reports whether kode wilayah code is area or lies inside it.
func Within(code, area string) bool {
	return code == area || strings.HasPrefix(code, area+".")
}

// KecamatanOf returns the kecamatan part of a village's kode wilayah:
// "99.01.03.2001" lies in "99.01.03". It returns "" for anything shorter.
func KecamatanOf(village string) string {
	parts := strings.Split(village, ".")
	if len(parts) < 3 {
		return ""
	}
	return strings.Join(parts[:3], ".")
}

// IsVillage reports whether a kode wilayah is that of a desa or kelurahan. What was
// merged from several has for its village the kecamatan or kabupaten that holds
// all of them.
func IsVillage(code string) bool { return strings.Count(code, ".") == 3 }

// A Capacity is how somebody holds an office.
type Capacity string

// The capacities of Indonesian administrative law: holder, acting in a vacancy,
// acting during absence, signing on behalf.
const (
	Definitif Capacity = "definitif"
	Plt       Capacity = "plt"
	Plh       Capacity = "plh"
	An        Capacity = "an"
)

// An Actor is somebody acting in an office. Person is a pseudonym: who that is
// stands sealed in the person's own stream.
type Actor struct {
	Person   string   `json:"person"`          // "p-…", or "system"
	Role     Role     `json:"role"`            // the role acted in
	Scope    Scope    `json:"scope"`           // where that role is held
	Grant    string   `json:"grant,omitzero"`  // stream of the grant used: "grant-…"
	Office   string   `json:"office,omitzero"` // office as shown: "Kecamatan Contoh Satu"
	Capacity Capacity `json:"capacity,omitzero"`
}

// System returns the actor of closing rows and of the first grant.
func System() Actor {
	return Actor{Person: "system", Role: RoleSystem, Scope: Scope{Kind: ScopeNone}}
}
