// Package record is the exact form in which the log keeps an event: one line of
// JSON whose members stand in a fixed order, written once and never again.
//
//	{"id":"…","tenant":"99.01","cycle":2027,"stream":"proposal-…","version":3,
//	 "type":"proposal.rejected","type_version":1,
//	 "occurred":{"from":"2026-11-22T14:00:00.000000Z","to":"…","precision":"instant"},
//	 "recorded_at":"2026-11-22T14:00:00.000000Z",
//	 "actor":{"person":"p-…","role":"camat","scope":{"kind":"kecamatan","code":"99.01.03"},…},
//	 "command":{"id":"…","fingerprint":"…"},"correlation":"…","causation":"…",
//	 "definition":"…","salt":"…","texts":{"/note":"…"},"sealed":{},"payload":{…}}
//
// (on one line, without the spaces). The log's Merkle tree commits to these
// bytes, so there is exactly one way to write a record: Append. There are two
// ways to read one. Parse is for bytes that are known to be our own; it knows
// where everything stands and is fast. ParseStrict is for bytes that somebody
// else hands over: it accepts nothing that Append would not have written.
//
// What a person wrote is not in the record. It lies beside it, bound by a
// commitment (Commit) under the JSON pointer of its field, so that it can be
// taken away without breaking a proof.
package record

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"runut/domain/event"
)

// A Record is an event as the log commits to it.
type Record struct {
	event.Envelope
	Fingerprint [32]byte // of the command: a hash of what was asked, keyed by the vault where people ask
	Salt        [16]byte // random: keeps a record from being guessed out of its leaf
	Texts       Commitments
	Sealed      Commitments
	Payload     []byte // the event's JSON in the shape Type and TypeVersion name
}

// Commitments bind what lies beside a record, by JSON pointer ("/problem").
type Commitments map[string][32]byte

// Commit returns the commitment of a value at a JSON pointer under 32 random
// bytes: HMAC-SHA256, keyed by them, over the pointer's length (4 bytes,
// big-endian), the pointer and the value. Who is shown value and random can
// check it; who is not cannot guess even a value with few possibilities.
func Commit(random [32]byte, pointer, value string) [32]byte {
	mac := hmac.New(sha256.New, random[:])
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(pointer)))
	mac.Write(n[:])
	mac.Write([]byte(pointer))
	mac.Write([]byte(value))
	return [32]byte(mac.Sum(nil))
}
