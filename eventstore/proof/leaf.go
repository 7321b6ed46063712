// Package proof says what the log's Merkle tree is made of, so that anyone can
// build it again from what was disclosed.
//
// The tree has one leaf an event, in the order of positions: leaf index is
// position - 1. A leaf commits to the event's record through its digest alone,
// so the public tree shows neither content nor decision, and closing a text
// beside a record leaves every proof valid.
//
// From leaves grow a Tree, its tiles, and a Checkpoint that the log signs
// (Signer). An Inclusion shows one event in it, a Consistency that one checkpoint
// continues another; whoever checks brings a Trust. The formats are those of
// c2sp.org, so that programs we never saw can check them too. Nothing here knows
// a database.
package proof

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

// EntrySize is the length of every Entry.
const EntrySize = 1 + 16 + 8 + 32

// entryForm leads every entry. Another form would begin with another byte.
const entryForm = 1

// An Entry is what the tree holds of one event, byte for byte:
//
//	1 byte    the form of the entry, 1
//	16 bytes  the event's id
//	8 bytes   when it was recorded: microseconds since 1970 UTC, signed, big-endian
//	32 bytes  SHA-256 of its record
type Entry [EntrySize]byte

// NewEntry returns the entry of the event whose record has the digest.
func NewEntry(id uuid.UUID, recordedAt time.Time, digest [32]byte) Entry {
	var e Entry
	e[0] = entryForm
	copy(e[1:17], id[:])
	binary.BigEndian.PutUint64(e[17:25], uint64(recordedAt.UnixMicro()))
	copy(e[25:], digest[:])
	return e
}

// ParseEntry reads the bytes of an entry.
func ParseEntry(b []byte) (id uuid.UUID, recordedAt time.Time, digest [32]byte, err error) {
	if len(b) != EntrySize || b[0] != entryForm {
		return id, recordedAt, digest, fmt.Errorf("proof: an entry of %d bytes, want %d beginning with %d", len(b), EntrySize, entryForm)
	}
	copy(id[:], b[1:17])
	copy(digest[:], b[25:])
	return id, time.UnixMicro(int64(binary.BigEndian.Uint64(b[17:25]))).UTC(), digest, nil
}

// Leaf returns the leaf hash of an event: the RFC 6962 hash of its entry.
func Leaf(id uuid.UUID, recordedAt time.Time, digest [32]byte) tlog.Hash {
	e := NewEntry(id, recordedAt, digest)
	return tlog.RecordHash(e[:])
}
