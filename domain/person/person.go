// Package person keeps who people are apart from what they do. Everywhere else
// a person is a pseudonym; name and numbers stand sealed under a key of the
// person's own, and deleting that key erases them without touching the log.
package person

import (
	"crypto/sha256"
	"encoding/binary"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// Types is every event a person can have, ever.
var Types = []event.Type{
	event.Declare[Registered]("person.registered"),
	event.Declare[DetailsCorrected]("person.details_corrected"),
	event.Declare[Unsealed]("person.unsealed"),
	event.Declare[ErasureRequested]("person.erasure_requested"),
	event.Declare[ErasureDecided]("person.erasure_decided"),
	event.Declare[Erased]("person.erased"),
}

// An Event is something that happened to a person's data.
type Event interface{ evolve(*State) }

type (
	// Registered: a pseudonym was given to somebody.
	Registered struct {
		Name    domain.Secret `json:"name"`
		NIK     domain.Secret `json:"nik,omitzero"`
		Phone   domain.Secret `json:"phone,omitzero"`
		Email   domain.Secret `json:"email,omitzero"`
		Purpose string        `json:"purpose"` // official, council_member or proposer
	}

	// DetailsCorrected: a detail was written down wrong, or is another one now.
	// What is left out stays as it was.
	DetailsCorrected struct {
		Name  domain.Secret `json:"name,omitzero"`
		NIK   domain.Secret `json:"nik,omitzero"`
		Phone domain.Secret `json:"phone,omitzero"`
		Email domain.Secret `json:"email,omitzero"`
	}

	// Unsealed: sealed data were looked at or exported. Every time.
	Unsealed struct {
		Event   string          `json:"event,omitzero"` // id of the event the data belong to
		Fields  []string        `json:"fields"`         // JSON pointers: "/name", "/problem#0"
		Purpose string          `json:"purpose"`        // audit, court_order, complaint, data_subject or verification
		Ground  domain.Document `json:"ground,omitzero"`
		Export  bool            `json:"export,omitzero"`
	}

	// ErasureRequested: the person asks to be erased (UU 27/2022).
	ErasureRequested struct {
		Letter domain.Document `json:"letter,omitzero"`
	}

	// ErasureDecided: granted or refused, with the ground.
	ErasureDecided struct {
		Granted bool            `json:"granted"`
		Ground  string          `json:"ground"`
		Decree  domain.Document `json:"decree,omitzero"`
	}

	// Erased: the key is gone; what was sealed under it cannot be read again.
	Erased struct {
		Keys int `json:"keys"` // how many keys were deleted
	}
)

// Stream returns the name of a person's stream.
func Stream(pseudonym string) string { return "person-" + pseudonym }

// crockford is Crockford's base 32: no I, L, O or U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var pseudonymForm = regexp.MustCompile(`^p-[0-9A-HJKMNP-TV-Z]{12}$`)

// Pseudonym returns the name under which the person that a command registers
// acts for ever, such as p-4K7M2XQ0TB9D. It is drawn from the command, so that
// asking twice gives the same one, and says nothing about the person: neither
// order nor count, and nothing of a name or a NIK.
func Pseudonym(command uuid.UUID) string {
	digest := sha256.Sum256(append([]byte("person "), command[:]...))
	bits := binary.BigEndian.Uint64(digest[:])
	var body [12]byte
	for i := range body {
		body[i] = crockford[bits&31]
		bits >>= 5
	}
	return "p-" + string(body[:])
}

// IsPseudonym reports whether a word has the form of a pseudonym.
func IsPseudonym(word string) bool { return pseudonymForm.MatchString(word) }

// State is what the past events of a person amount to.
type State struct {
	Pseudonym  string
	Version    int
	Registered *Registered
	Requested  bool            // an erasure was asked for and not decided since
	Decided    *ErasureDecided // the last decision on one; nil while one is asked for
	Latest     time.Time       // when the last of its events took effect
	IsErased   bool
}

func (e *Registered) evolve(s *State)       { s.Registered = e }
func (e *DetailsCorrected) evolve(*State)   {}
func (e *Unsealed) evolve(*State)           {}
func (e *ErasureRequested) evolve(s *State) { s.Requested, s.Decided = true, nil }
func (e *ErasureDecided) evolve(s *State)   { s.Requested, s.Decided = false, e }
func (e *Erased) evolve(s *State)           { s.IsErased = true }

// Fold returns what the events of one person amount to.
func Fold(records []event.Record) State {
	var s State
	for _, r := range records {
		if e, ok := r.Event.(Event); ok {
			s.Pseudonym = strings.TrimPrefix(r.Stream, "person-")
			s.Version, s.Latest = max(s.Version, r.Version), r.Effective()
			e.evolve(&s)
		}
	}
	return s
}
