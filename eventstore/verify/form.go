package verify

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"runut/domain"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

// clockSkew is how far the clocks of two machines may be apart.
const clockSkew = time.Minute

// An examined is an entry and what it says by itself, whatever stands before it.
type examined struct {
	entry   Entry
	says    record.Record
	legible bool // the record could be read
	sound   bool // and is what its leaf says
	found   []Finding
	closed  []string // pointers of what was taken away beside the record
	sealed  []sealed // what stands sealed beside it
}

// A sealed is a ciphertext beside a record.
type sealed struct {
	field      string
	ciphertext []byte
}

// examine checks all that one entry can be checked for alone.
func examine(x *examined, e Entry, now time.Time) {
	x.entry = e
	if e.Err != nil {
		x.found = append(x.found, Finding{Code: "verify.line", Observed: e.Err.Error()}.of(x))
		return
	}
	if f, ok := readable(x); !ok {
		x.found = append(x.found, f.of(x))
		return
	}
	if f, ok := leaf(x); !ok {
		x.found = append(x.found, f.of(x))
	} else {
		x.sound = true
	}
	for _, f := range slices.Concat(columns(x), besides(x), times(x, now)) {
		x.found = append(x.found, f.of(x))
	}
}

// readable reads the record and holds that it has the one form there is.
func readable(x *examined) (Finding, bool) {
	r, err := record.Parse(x.entry.Record)
	if err != nil {
		return Finding{Code: "verify.record", Observed: err.Error()}, false
	}
	x.says, x.legible = r, true
	again, err := r.Append(nil)
	if err != nil || !bytes.Equal(again, x.entry.Record) {
		return Finding{Code: "verify.record", Observed: "form"}, false
	}
	return Finding{}, true
}

// leaf holds that the record is what its leaf says.
func leaf(x *examined) (Finding, bool) {
	want := proof.Leaf(x.says.ID, x.says.RecordedAt, sha256.Sum256(x.entry.Record))
	if want == x.entry.Leaf {
		return Finding{}, true
	}
	return Finding{Code: "verify.leaf", Want: x.entry.Leaf.String(), Observed: want.String()}, false
}

// columns holds that what is repeated for indexing repeats the record.
func columns(x *examined) []Finding {
	c := x.entry.Columns
	if c == nil {
		return nil
	}
	var found []Finding
	differ := func(column, want, observed string) {
		if want != observed {
			found = append(found, Finding{Code: "verify.column", Field: column, Want: want, Observed: observed})
		}
	}
	differ("event_id", x.says.ID.String(), c.EventID.String())
	differ("stream", x.says.Stream, c.Stream)
	differ("version", strconv.Itoa(x.says.Version), strconv.Itoa(c.Version))
	differ("type", x.says.Type, c.Type)
	differ("type_version", strconv.Itoa(x.says.TypeVersion), strconv.Itoa(c.TypeVersion))
	differ("tenant", x.says.Tenant, c.Tenant)
	differ("cycle", strconv.Itoa(x.says.Cycle), strconv.Itoa(c.Cycle))
	moment := func(column string, want, observed time.Time) {
		if !want.Equal(observed) {
			differ(column, want.UTC().Format(time.RFC3339Nano), observed.UTC().Format(time.RFC3339Nano))
		}
	}
	moment("occurred_from", x.says.Occurred.From, c.From)
	moment("occurred_to", x.says.Occurred.To, c.To)
	moment("recorded_at", x.says.RecordedAt, c.RecordedAt)
	return found
}

// A kept is a text beside a record, and what its commitment is keyed by.
type kept struct {
	Text string `json:"t"`
	Salt string `json:"s"` // base64 of 32 bytes
}

// besides holds that what lies beside the record is what the record commits to:
// every field of it and no other. A field that is null was closed; whether an
// event ordered it, only the whole log can tell.
func besides(x *examined) []Finding {
	var found []Finding
	broken := func(field string) {
		found = append(found, Finding{Code: "verify.beside", Field: field})
	}
	var texts map[string]*kept
	if x.entry.Texts != nil && json.Unmarshal(x.entry.Texts, &texts, json.RejectUnknownMembers(true)) != nil {
		broken("texts")
		return found
	}
	for pointer, k := range texts {
		commitment, known := x.says.Texts[pointer]
		switch {
		case !known:
			broken(pointer)
		case k == nil:
			x.closed = append(x.closed, pointer)
		case !commits(commitment, pointer, k):
			broken(pointer)
		}
	}
	for pointer := range x.says.Texts {
		if _, there := texts[pointer]; !there {
			broken(pointer)
		}
	}
	var ciphertexts map[string]*string
	if x.entry.Sealed != nil && json.Unmarshal(x.entry.Sealed, &ciphertexts) != nil {
		broken("sealed")
		return found
	}
	for pointer, text := range ciphertexts {
		if _, known := x.says.Sealed[pointer]; !known {
			broken(pointer)
			continue
		}
		if text == nil {
			x.closed = append(x.closed, pointer)
			continue
		}
		ciphertext, err := base64.StdEncoding.Strict().DecodeString(*text)
		if err != nil || len(ciphertext) == 0 {
			broken(pointer)
			continue
		}
		x.sealed = append(x.sealed, sealed{pointer, ciphertext})
	}
	for pointer := range x.says.Sealed {
		if _, there := ciphertexts[pointer]; !there && !x.entry.Bare {
			broken(pointer)
		}
	}
	slices.Sort(x.closed)
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Field, b.Field) })
	return found
}

func commits(commitment [32]byte, pointer string, k *kept) bool {
	salt, err := base64.StdEncoding.Strict().DecodeString(k.Salt)
	if err != nil || len(salt) != 32 {
		return false
	}
	sum := record.Commit([32]byte(salt), pointer, k.Text)
	return hmac.Equal(sum[:], commitment[:])
}

// times holds that nothing was recorded before it happened, or tomorrow. The
// writers' clocks need not agree, so no order is asked of recorded times.
func times(x *examined, now time.Time) []Finding {
	var found []Finding
	latest := x.says.Occurred.To
	if x.says.Occurred.Precision == domain.Day {
		latest = x.says.Occurred.From
	}
	if !x.says.Occurred.Valid() || latest.After(x.says.RecordedAt.Add(clockSkew)) {
		found = append(found, Finding{Code: "verify.occurred", Field: "occurred",
			Want: domain.Stamp(x.says.RecordedAt), Observed: domain.Stamp(x.says.Occurred.From) + ".." + domain.Stamp(x.says.Occurred.To)})
	}
	if x.says.RecordedAt.After(now.Add(24 * time.Hour)) {
		found = append(found, Finding{Code: "verify.recorded", Field: "recorded_at", Want: domain.Stamp(now), Observed: domain.Stamp(x.says.RecordedAt)})
	}
	return found
}
