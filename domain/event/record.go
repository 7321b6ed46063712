package event

import (
	"time"

	"github.com/google/uuid"

	"runut/domain"
)

// An Envelope is what the log knows of an event beside its payload. Its JSON,
// with commitments for the texts and secrets and the payload last, is the
// record that the log's Merkle tree commits to.
type Envelope struct {
	ID          uuid.UUID       // drawn from the command and the ordinal in it
	Tenant      string          // kode wilayah of the kabupaten: "99.01"
	Cycle       int             // fiscal year; 0 for what belongs to none
	Stream      string          // "proposal-U-27-4K7M2XR"
	Version     int             // place in the stream, from 1
	Type        string          // stored name
	TypeVersion int             // shape it was written in
	Occurred    domain.Interval // when it took effect
	RecordedAt  time.Time       // when we learned it
	Actor       domain.Actor
	Command     uuid.UUID // what asked for it
	Correlation uuid.UUID // forum session, import or request it belongs to
	Causation   uuid.UUID // the event that caused it, or the command
	Definition  string    // hash of the pinned workflow definition, hex; "" outside cycles
}

// A Record is one event read back from the log.
type Record struct {
	Envelope
	Position int64 // place among all events, from 1; also the order of commit
	Event    any   // decoded, newest shape; a pointer
}

// Effective returns when the event counts from (semantics R3).
func (r Record) Effective() time.Time { return r.Occurred.Effective(r.RecordedAt) }

// A Change adds facts to a stream that now has exactly Version events. Without
// facts it asserts that version: the decision was judged on it.
//
// An append may reach into more than one fiscal year: carrying a proposal over
// ends it in one and begins it in the next. So a change says which year, and
// which year's definition, its facts belong to.
type Change struct {
	Stream     string
	Version    int
	Facts      []Fact
	Cycle      int    // fiscal year; 0: the command's
	Definition string // hash of that year's definition; "": the command's
}

// A Fact is an event as a decision hands it over.
type Fact struct {
	Event    any             // a pointer to a declared struct
	Occurred domain.Interval // zero: at the instant of recording
	// CausedBy is the ordinal, from 1 over all facts of the append, of the
	// earlier fact that caused this one; 0: the command did. A window's closing
	// is the cause of every lapse it brings.
	CausedBy int
}

// A Command identifies one request to the log. The same ID with the same
// Fingerprint is answered with the first receipt again.
type Command struct {
	ID          uuid.UUID
	Fingerprint [32]byte // SHA-256 of what was asked
	Actor       domain.Actor
	Correlation uuid.UUID // zero: the command's own id
	Tenant      string
	Cycle       int       // fiscal year of the changes that name none
	Definition  string    // hash of the definition it was judged by, for the same
	RecordedAt  time.Time // the caller's clock; zero: now
}

// IDOf returns the id of the n-th event, from 1, that a command writes.
func IDOf(command uuid.UUID, n int) uuid.UUID {
	var name [4]byte
	name[0], name[1], name[2], name[3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return uuid.NewSHA1(command, name[:])
}
