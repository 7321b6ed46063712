// Package grant says who may act: a person holds a role for a place or an
// office, by decree, from one day until another. There is no user above all:
// the first two grants are written by the system, once (FirstStreams); every
// later one needs two persons, neither of them the one it is given to.
package grant

import (
	"strconv"
	"time"

	"runut/domain"
	"runut/domain/event"
)

// Types is every event a grant can have, ever.
var Types = []event.Type{
	event.Declare[Given]("grant.given"),
	event.Declare[Revoked]("grant.revoked"),
	event.Declare[Invited]("grant.invited"),
}

// An Event is something that happened to a grant.
type Event interface{ evolve(*State) }

type (
	// Given: a person may act in a role.
	Given struct {
		Person         string          `json:"person"` // pseudonym
		Role           domain.Role     `json:"role"`
		Scope          domain.Scope    `json:"scope"`
		Office         string          `json:"office"`
		Capacity       domain.Capacity `json:"capacity"`
		Cycle          int             `json:"cycle,omitzero"` // fiscal year it is limited to; 0: any
		From           time.Time       `json:"from"`
		Until          time.Time       `json:"until,omitzero"` // zero: until revoked
		Decree         domain.Document `json:"decree"`
		SecondApprover string          `json:"second_approver,omitzero"` // pseudonym; empty for the first grant only
		First          bool            `json:"first,omitzero"`
	}

	// Revoked: no longer.
	Revoked struct {
		Decree domain.Document `json:"decree"`
		Reason domain.Text     `json:"reason,omitzero"`
	}

	// Invited: the holder was given a code by which to sign in, once. The code
	// itself is nowhere in the log.
	Invited struct {
		Until          time.Time `json:"until"`                    // of the code
		SecondApprover string    `json:"second_approver,omitzero"` // pseudonym
	}
)

// Stream returns the name of a grant's stream.
func Stream(id string) string { return "grant-" + id }

// State is what the past events of a grant amount to.
type State struct {
	Stream    string
	Version   int
	Given     *Given
	IsRevoked bool
}

func (e *Given) evolve(s *State)   { s.Given = e }
func (e *Revoked) evolve(s *State) { s.IsRevoked = true }
func (e *Invited) evolve(*State)   {}

// Fold returns what the events of one grant amount to.
func Fold(records []event.Record) State {
	var s State
	for _, r := range records {
		if e, ok := r.Event.(Event); ok {
			s.Stream, s.Version = r.Stream, max(s.Version, r.Version)
			e.evolve(&s)
		}
	}
	return s
}

// Valid reports whether the grant allows acting at a moment in a cycle.
func (s State) Valid(at time.Time, cycle int) bool {
	g := s.Given
	return g != nil && !s.IsRevoked && !at.Before(g.From) && (g.Until.IsZero() || at.Before(g.Until)) && (g.Cycle == 0 || g.Cycle == cycle)
}

// Actor returns the actor that a holder of the grant acts as.
func (s State) Actor() domain.Actor {
	g := s.Given
	return domain.Actor{Person: g.Person, Role: g.Role, Scope: g.Scope, Grant: s.Stream, Office: g.Office, Capacity: g.Capacity}
}

// Entitles examines that the grant gives an actor what they act in at a moment
// of a fiscal year; year 0 is none. It refuses, as Forbidden, with grant.unknown,
// grant.other, grant.revoked, grant.other_cycle or grant.expired.
func (s State) Entitles(a domain.Actor, now time.Time, year int) error {
	g := s.Given
	switch {
	case g == nil || s.Stream != a.Grant:
		return domain.Refuse(domain.Forbidden, "grant.unknown", "grant", a.Grant)
	case g.Person != a.Person || g.Role != a.Role || g.Scope != a.Scope:
		return domain.Refuse(domain.Forbidden, "grant.other", "grant", a.Grant, "role", string(a.Role), "scope", a.Scope.String())
	case s.IsRevoked:
		return domain.Refuse(domain.Forbidden, "grant.revoked", "grant", a.Grant)
	case year != 0 && g.Cycle != 0 && g.Cycle != year:
		return domain.Refuse(domain.Forbidden, "grant.other_cycle", "grant", a.Grant, "year", strconv.Itoa(g.Cycle), "asked", strconv.Itoa(year))
	case !s.Valid(now, g.Cycle):
		return domain.Refuse(domain.Forbidden, "grant.expired", "grant", a.Grant, "from", day(g.From), "until", day(g.Until))
	}
	return nil
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
