package record

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"runut/domain"
)

// clock is the layout of every time in a record: UTC, always six decimals, so
// that all have one length.
const clock = "2006-01-02T15:04:05.000000Z"

// Append appends the bytes of r to dst. It fails on text that is not UTF-8, on
// a time outside the years 1 to 9999 or finer than a microsecond, and on a
// payload that is no JSON object. That the payload is compact and strict JSON is
// its encoder's promise (event.Catalog); ParseStrict does not rely on it.
func (r *Record) Append(dst []byte) ([]byte, error) {
	w := writer{b: slices.Grow(dst, 900+len(r.Payload))}
	w.raw(`{"id":"`).id(r.ID)
	w.raw(`","tenant":`).text(r.Tenant)
	w.raw(`,"cycle":`).number(r.Cycle)
	w.raw(`,"stream":`).text(r.Stream)
	w.raw(`,"version":`).number(r.Version)
	w.raw(`,"type":`).text(r.Type)
	w.raw(`,"type_version":`).number(r.TypeVersion)
	w.raw(`,"occurred":{"from":"`).time(r.Occurred.From)
	w.raw(`","to":"`).time(r.Occurred.To)
	w.raw(`","precision":`).text(string(r.Occurred.Precision))
	w.raw(`},"recorded_at":"`).time(r.RecordedAt)
	w.raw(`","actor":`).actor(r.Actor)
	w.raw(`,"command":{"id":"`).id(r.Command)
	w.raw(`","fingerprint":"`).hex(r.Fingerprint[:])
	w.raw(`"},"correlation":"`).id(r.Correlation)
	w.raw(`","causation":"`).id(r.Causation)
	w.raw(`","definition":`).text(r.Definition)
	w.raw(`,"salt":"`).hex(r.Salt[:])
	w.raw(`","texts":`).commitments(r.Texts)
	w.raw(`,"sealed":`).commitments(r.Sealed)
	w.raw(`,"payload":`)
	if n := len(r.Payload); n < 2 || r.Payload[0] != '{' || r.Payload[n-1] != '}' {
		w.fail(errors.New("the payload is no JSON object"))
	}
	w.b = append(append(w.b, r.Payload...), '}')
	if w.err != nil {
		return dst, fmt.Errorf("record of %s version %d: %w", r.Stream, r.Version, w.err)
	}
	return w.b, nil
}

// A writer appends the parts of a record and remembers the first failure.
type writer struct {
	b   []byte
	err error
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) raw(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

func (w *writer) number(n int) { w.b = strconv.AppendInt(w.b, int64(n), 10) }

func (w *writer) hex(x []byte) { w.b = hex.AppendEncode(w.b, x) }

func (w *writer) id(id uuid.UUID) {
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	w.b = append(w.b, text[:]...)
}

func (w *writer) text(s string) {
	b, err := jsontext.AppendQuote(w.b, s)
	if err != nil {
		w.fail(fmt.Errorf("%q: %w", s, err))
		return
	}
	w.b = b
}

func (w *writer) time(t time.Time) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 || t.Nanosecond()%1000 != 0 {
		w.fail(fmt.Errorf("%s is not a time in whole microseconds", t))
	}
	w.b = t.AppendFormat(w.b, clock)
}

func (w *writer) actor(a domain.Actor) {
	w.raw(`{"person":`).text(a.Person)
	w.raw(`,"role":`).text(string(a.Role))
	w.raw(`,"scope":{"kind":`).text(string(a.Scope.Kind))
	w.optional("code", a.Scope.Code)
	w.raw(`}`)
	w.optional("grant", a.Grant)
	w.optional("office", a.Office)
	w.optional("capacity", string(a.Capacity))
	w.raw(`}`)
}

func (w *writer) optional(name, s string) {
	if s != "" {
		w.raw(`,"`).raw(name).raw(`":`).text(s)
	}
}

func (w *writer) commitments(c Commitments) {
	if len(c) == 0 {
		w.raw(`{}`)
		return
	}
	w.raw(`{`)
	for i, pointer := range slices.Sorted(maps.Keys(c)) {
		if i > 0 {
			w.raw(`,`)
		}
		w.text(pointer)
		sum := c[pointer]
		w.raw(`:"`).hex(sum[:])
		w.raw(`"`)
	}
	w.raw(`}`)
}
