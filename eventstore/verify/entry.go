package verify

import (
	"iter"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

// An Entry is one event as somebody holds it. Its bytes are only read, and must
// stay as they are until the Source is asked for the batch after the next.
type Entry struct {
	Position int64
	Record   []byte
	Leaf     tlog.Hash
	Texts    []byte   // JSON beside the record: {pointer: {"t": text, "s": salt} or null}; nil for none
	Sealed   []byte   // {pointer: ciphertext in base64 or null}; nil for none
	Bare     bool     // what stands sealed beside it was left out on purpose
	Columns  *Columns // where the record is repeated for indexing, what it says there
	Place    string   // where it stands, for people: "log.ndjson:17"
	Err      error    // it could not be read at all; Position and Place may be known
}

// Columns are what a database repeats of a record for its indexes.
type Columns struct {
	EventID     uuid.UUID
	Stream      string
	Version     int
	Type        string
	TypeVersion int
	Tenant      string
	Cycle       int
	From, To    time.Time // occurred
	RecordedAt  time.Time
}

// A Batch is some entries in a row, which may be read all at once by several
// goroutines.
type Batch struct {
	Len int
	At  func(i int) Entry
}

// A Source yields a log from position After + 1 on, every time it is asked to.
// An error that wraps a *Finding is a finding; any other ends the check.
type Source struct {
	After int64
	Each  func() iter.Seq2[Batch, error]
}
