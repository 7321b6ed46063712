package demo

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/grant"
	"runut/domain/person"
)

// A Holder is one person of the demo who can be acted for: one per role.
type Holder struct {
	Role   domain.Role
	Office string
	Grant  string // stream
}

// The holders of places sit here.
const (
	TourKecamatan = Kabupaten + ".01"
	TourVillage   = Kabupaten + ".01.2001"
)

// Holders returns one person per role, for whom runut dev makes tokens. Those of
// a place sit in the first kecamatan and its first village.
func Holders() []Holder {
	var out []Holder
	for _, s := range seats() {
		switch s.scope.Code {
		case "", TourKecamatan, TourVillage, OPD:
			if !s.extra {
				out = append(out, Holder{s.role, s.office, s.grant()})
			}
		}
	}
	return out
}

// A seat is an office that somebody is appointed to.
type seat struct {
	role   domain.Role
	scope  domain.Scope
	office string
	extra  bool // a further holder of a role
	n      int  // tells further holders apart
}

var seatSpace = uuid.MustParse("6ba7b815-9dad-11d1-80b4-00c04fd430c8")

func (s seat) id() uuid.UUID {
	return uuid.NewSHA1(seatSpace, fmt.Appendf(nil, "%s %s %d", s.role, s.scope, s.n))
}

// grant returns the stream of the seat's grant: the same in every demo, and for
// the two that begin everything the one the domain prescribes.
func (s seat) grant() string {
	switch {
	case s.role == grant.Approver && s.n == 0:
		return grant.FirstStreams[0]
	case s.role == grant.HeadOfPlanning:
		return grant.FirstStreams[1]
	}
	return grant.Stream(s.id().String())
}

// seats lists every office of the kabupaten.
func seats() []seat {
	all := domain.Scope{Kind: domain.ScopeKabupaten}
	out := []seat{
		{role: grant.Approver, scope: all, office: "Sekretariat Daerah"},
		{role: grant.HeadOfPlanning, scope: all, office: "Bappeda"},
		{role: "planner", scope: all, office: "Bappeda"},
		{role: "tapd", scope: all, office: "Tim Anggaran Pemerintah Daerah"},
		{role: "council_secretary", scope: all, office: "Sekretariat DPRD"},
		{role: "council_member", scope: all, office: "DPRD"},
		{role: "importer", scope: all, office: "Bappeda"},
		{role: "ppid", scope: all, office: "PPID"},
		{role: "auditor", scope: all, office: "Inspektorat"},
		{role: "province_planner", scope: domain.Scope{Kind: domain.ScopeProvince}, office: "Bappeda Provinsi Contoh"},
	}
	for n := 1; n < 10; n++ {
		out = append(out, seat{role: "council_member", scope: all, office: "DPRD", extra: true, n: n})
	}
	for _, o := range offices {
		scope := domain.Scope{Kind: domain.ScopeOPD, Code: o.code}
		for _, role := range []domain.Role{"opd_officer", "opd_head", "opd_planner"} {
			out = append(out, seat{role: role, scope: scope, office: o.name})
		}
	}
	for _, k := range territory(1) {
		scope := domain.Scope{Kind: domain.ScopeKecamatan, Code: k.code}
		out = append(out, seat{role: "kecamatan_officer", scope: scope, office: "Kecamatan " + k.name}, seat{role: "camat", scope: scope, office: "Kecamatan " + k.name})
		for _, v := range k.villages {
			scope := domain.Scope{Kind: domain.ScopeVillage, Code: v.code}
			out = append(out, seat{role: "village_operator", scope: scope, office: v.title()}, seat{role: "village_head", scope: scope, office: v.title()})
		}
	}
	return out
}

// appoint registers everybody and gives them their offices: the first two by the
// system, all others by these two together.
func (w *world) appoint() {
	w.day(appointmentDay, 9, 0)
	decree := domain.Document{Kind: "sk", Number: "800/112/BUP", Date: w.now.AddDate(0, 0, -7).Format("2006-01-02")}
	var approver, second domain.Actor
	for i, s := range seats() {
		pseudonym := person.Pseudonym(s.id())
		giver, other := approver, &second
		if i < 2 {
			giver, other = domain.System(), nil
		}
		given := &grant.Given{Person: pseudonym, Role: s.role, Scope: s.scope, Office: s.office, Capacity: domain.Definitif, From: w.now.UTC(), Decree: decree, First: i < 2}
		if s.role == "camat" && strings.HasSuffix(s.scope.Code, ".07") {
			given.Capacity = domain.Plt
		}
		w.doWith(0, giver, other, domain.Interval{}, act.OnGrant{Grant: s.grant(), Definition: w.definition.Hash(), Ask: given})
		actor := domain.Actor{Person: pseudonym, Role: s.role, Scope: s.scope, Grant: s.grant(), Office: s.office, Capacity: given.Capacity}
		switch {
		case i == 0:
			approver = actor
		case i == 1:
			second = actor
		}
		registrar, purpose := approver, "official"
		if s.role == "council_member" {
			purpose = "council_member"
		}
		w.do(0, registrar, act.OnPerson{Person: pseudonym, Ask: &person.Registered{Name: domain.Secret{Plain: w.name()}, Purpose: purpose}})
		code := s.scope.Code
		if s.extra {
			code = fmt.Sprint(s.n)
		}
		w.holders[holderKey{s.role, code}] = actor
	}
}

// name makes up a person's name. It is sealed before it reaches the log.
func (w *world) name() string {
	first := []string{"Adi", "Bayu", "Citra", "Dewi", "Eko", "Fitri", "Gita", "Hadi", "Indah", "Joko", "Kartika", "Lukman", "Maya", "Nanda", "Oka", "Putri", "Rudi", "Sari", "Tono", "Umi", "Vina", "Wahyu", "Yanti", "Zaki"}
	last := []string{"Contoh", "Rekaan", "Misalan", "Percobaan", "Ilustrasi", "Umpama", "Teladan", "Andaian"}
	return pick(w, first) + " " + pick(w, last)
}
