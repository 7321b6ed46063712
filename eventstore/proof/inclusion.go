package proof

import (
	"encoding/base64"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
)

// MaxInclusion is how long a .tlog-proof may be, in bytes.
const MaxInclusion = MaxCheckpoint + 8<<10

// An Inclusion is a .tlog-proof as c2sp.org/tlog-proof lays it down: everything
// that shows, without asking anybody, that one event is in a log.
//
// Extra holds the event's entry, 57 bytes, so that the file says by itself which
// event it is about and when it was recorded. Nothing vouches for it but that it
// hashes to the leaf, which Verify checks.
type Inclusion struct {
	Index      int64 // of the leaf: position - 1
	Extra      []byte
	Hashes     tlog.RecordProof // from the leaf's sibling up
	Checkpoint []byte           // the signed checkpoint the proof leads to
}

// Format returns the file.
func (p Inclusion) Format() []byte {
	if p.Extra == nil {
		return torchwood.FormatProof(p.Index, p.Hashes, p.Checkpoint)
	}
	return torchwood.FormatProofWithExtraData(p.Index, p.Extra, p.Hashes, p.Checkpoint)
}

// ParseInclusion reads a .tlog-proof and believes nothing of it. It refuses what
// is none with inclusion.malformed (Invalid).
func ParseInclusion(b []byte) (Inclusion, error) {
	malformed := domain.Refuse(domain.Invalid, "inclusion.malformed")
	if len(b) > MaxInclusion {
		return Inclusion{}, malformed
	}
	head, signed, found := strings.Cut(string(b), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return Inclusion{}, malformed
	}
	p := Inclusion{Checkpoint: []byte(signed)}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[0], "extra "))
		if err != nil {
			return Inclusion{}, malformed
		}
		p.Extra, lines = extra, lines[1:]
	}
	if len(lines) == 0 || len(lines) > 64 {
		return Inclusion{}, malformed
	}
	index, ok := strings.CutPrefix(lines[0], "index ")
	n, err := strconv.ParseInt(index, 10, 64)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != index {
		return Inclusion{}, malformed
	}
	p.Index = n
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return Inclusion{}, malformed
		}
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}

// Entry returns the entry that the proof carries, and whether it carries one.
func (p Inclusion) Entry() (Entry, bool) {
	if len(p.Extra) != EntrySize || p.Extra[0] != entryForm {
		return Entry{}, false
	}
	return Entry(p.Extra), true
}

// Verify checks that the leaf is in the log at Index, under a checkpoint that is
// signed as t asks for. Beside the refusals of Trust.Open it refuses with
// inclusion.outside where the checkpoint is older than the leaf, and
// inclusion.wrong where the hashes do not lead from the leaf to the root.
func (p Inclusion) Verify(leaf tlog.Hash, t Trust) (Signed, error) {
	c, err := t.Open(p.Checkpoint)
	if err != nil {
		return Signed{}, err
	}
	index, size := strconv.FormatInt(p.Index, 10), strconv.FormatInt(c.Size, 10)
	if p.Index >= c.Size {
		return Signed{}, domain.Refuse(domain.Invalid, "inclusion.outside", "index", index, "size", size)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, leaf); err != nil {
		return Signed{}, domain.Refuse(domain.Invalid, "inclusion.wrong", "index", index, "size", size)
	}
	return c, nil
}

// Leaf returns the leaf hash of an entry.
func (e Entry) Leaf() tlog.Hash { return tlog.RecordHash(e[:]) }
