package record

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"runut/domain"
)

// ErrForm is wrapped by every error of Parse: the bytes are not laid out as
// Append does.
var ErrForm = errors.New("not the form of a record")

// Parse reads bytes that Append wrote. Whatever has another layout fails, but
// the payload is cut out without being looked at. The Record shares no memory
// with b except for the payload.
func Parse(b []byte) (Record, error) {
	var r Record
	s := scanner{b: b}
	r.ID = s.raw(`{"id":"`).id()
	r.Tenant = s.raw(`","tenant":`).text()
	r.Cycle = s.raw(`,"cycle":`).number()
	r.Stream = s.raw(`,"stream":`).text()
	r.Version = s.raw(`,"version":`).number()
	r.Type = s.raw(`,"type":`).text()
	r.TypeVersion = s.raw(`,"type_version":`).number()
	r.Occurred.From = s.raw(`,"occurred":{"from":"`).time()
	r.Occurred.To = s.raw(`","to":"`).time()
	r.Occurred.Precision = domain.Precision(s.raw(`","precision":`).text())
	r.RecordedAt = s.raw(`},"recorded_at":"`).time()
	r.Actor = s.raw(`","actor":`).actor()
	r.Command = s.raw(`,"command":{"id":"`).id()
	s.raw(`","fingerprint":"`).hex(r.Fingerprint[:])
	r.Correlation = s.raw(`"},"correlation":"`).id()
	r.Causation = s.raw(`","causation":"`).id()
	r.Definition = s.raw(`","definition":`).text()
	s.raw(`,"salt":"`).hex(r.Salt[:])
	r.Texts = s.raw(`","texts":`).commitments()
	r.Sealed = s.raw(`,"sealed":`).commitments()
	s.raw(`,"payload":`)
	if s.bad || len(s.b) < 3 || s.b[0] != '{' || s.b[len(s.b)-1] != '}' {
		return Record{}, fmt.Errorf("%w, at byte %d of %d", ErrForm, len(b)-len(s.b), len(b))
	}
	r.Payload = s.b[: len(s.b)-1 : len(s.b)-1]
	return r, nil
}

// ParseStrict reads bytes of unknown origin. They are refused for an unknown,
// missing, misspelt, repeated or misplaced member, for text that is not UTF-8,
// and for anything else that Append would have written otherwise; the payload
// must be compact JSON without repeated members, and is for the event catalogue
// to judge further.
func ParseStrict(b []byte) (Record, error) {
	var shape struct {
		ID          uuid.UUID       `json:"id"`
		Tenant      string          `json:"tenant"`
		Cycle       int             `json:"cycle"`
		Stream      string          `json:"stream"`
		Version     int             `json:"version"`
		Type        string          `json:"type"`
		TypeVersion int             `json:"type_version"`
		Occurred    domain.Interval `json:"occurred"`
		RecordedAt  time.Time       `json:"recorded_at"`
		Actor       domain.Actor    `json:"actor"`
		Command     struct {
			ID          uuid.UUID `json:"id"`
			Fingerprint string    `json:"fingerprint"`
		} `json:"command"`
		Correlation uuid.UUID         `json:"correlation"`
		Causation   uuid.UUID         `json:"causation"`
		Definition  string            `json:"definition"`
		Salt        string            `json:"salt"`
		Texts       map[string]string `json:"texts"`
		Sealed      map[string]string `json:"sealed"`
		Payload     jsontext.Value    `json:"payload"`
	}
	// the general reader first, because it says what is wrong and where
	if err := json.Unmarshal(b, &shape, json.RejectUnknownMembers(true)); err != nil {
		return Record{}, fmt.Errorf("record: %w", err)
	}
	compact := bytes.Clone(shape.Payload)
	if err := (*jsontext.Value)(&compact).Compact(); err != nil || !bytes.Equal(compact, shape.Payload) {
		return Record{}, fmt.Errorf("record: %w: the payload is not compact JSON", ErrForm)
	}
	r, err := Parse(b)
	if err != nil {
		return Record{}, fmt.Errorf("record: %w", err)
	}
	again, err := r.Append(nil)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(again, b) {
		at := 0
		for at < min(len(again), len(b)) && again[at] == b[at] {
			at++
		}
		return Record{}, fmt.Errorf("record: %w: byte %d would have been written otherwise", ErrForm, at)
	}
	return r, nil
}

// A scanner takes the parts of a record off the front of b. After a misfit it
// returns zero values and consumes nothing.
type scanner struct {
	b   []byte
	bad bool
}

func (s *scanner) raw(want string) *scanner {
	if !s.skip(want) {
		s.bad = true
	}
	return s
}

// skip consumes want if it stands next.
func (s *scanner) skip(want string) bool {
	if s.bad || len(s.b) < len(want) || string(s.b[:len(want)]) != want {
		return false
	}
	s.b = s.b[len(want):]
	return true
}

// take consumes n bytes.
func (s *scanner) take(n int) []byte {
	if s.bad || len(s.b) < n {
		s.bad = true
		return nil
	}
	taken := s.b[:n]
	s.b = s.b[n:]
	return taken
}

func (s *scanner) number() int {
	n, i := 0, 0
	for i < len(s.b) && '0' <= s.b[i] && s.b[i] <= '9' && i < 10 {
		n = n*10 + int(s.b[i]-'0')
		i++
	}
	if i == 0 {
		s.bad = true
	}
	s.take(i)
	return n
}

func (s *scanner) text() string {
	if !s.skip(`"`) {
		s.bad = true
		return ""
	}
	end := bytes.IndexByte(s.b, '"')
	if end >= 0 && bytes.IndexByte(s.b[:end], '\\') < 0 {
		text := string(s.b[:end])
		s.b = s.b[end+1:]
		return text
	}
	return s.escaped()
}

// escaped reads a text with a backslash in it, from behind its first quote.
func (s *scanner) escaped() string {
	for i := 0; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			i++
		case '"':
			quoted := append(append(make([]byte, 0, i+2), '"'), s.b[:i+1]...)
			text, err := jsontext.AppendUnquote(nil, quoted)
			s.bad = s.bad || err != nil
			s.take(i + 1)
			return string(text)
		}
	}
	s.bad = true
	return ""
}

func (s *scanner) hex(dst []byte) {
	if _, err := hex.Decode(dst, s.take(2*len(dst))); err != nil {
		s.bad = true
	}
}

func (s *scanner) id() (id uuid.UUID) {
	text := s.take(36)
	if s.bad || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		s.bad = true
		return id
	}
	for at, part := range [5][]byte{text[0:8], text[9:13], text[14:18], text[19:23], text[24:36]} {
		if _, err := hex.Decode(id[[5]int{0, 4, 6, 8, 10}[at]:], part); err != nil {
			s.bad = true
		}
	}
	return id
}

func (s *scanner) time() time.Time {
	text := s.take(len(clock))
	if s.bad {
		return time.Time{}
	}
	part := func(from, to int) (n int) {
		for _, c := range text[from:to] {
			if c < '0' || c > '9' {
				s.bad = true
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	for i, c := range []byte(clock) {
		if (c < '0' || c > '9') && text[i] != c {
			s.bad = true
		}
	}
	return time.Date(part(0, 4), time.Month(part(5, 7)), part(8, 10), part(11, 13), part(14, 16), part(17, 19), part(20, 26)*1000, time.UTC)
}

func (s *scanner) actor() (a domain.Actor) {
	a.Person = s.raw(`{"person":`).text()
	a.Role = domain.Role(s.raw(`,"role":`).text())
	a.Scope.Kind = domain.ScopeKind(s.raw(`,"scope":{"kind":`).text())
	a.Scope.Code = s.optional(`,"code":`)
	s.raw(`}`)
	a.Grant = s.optional(`,"grant":`)
	a.Office = s.optional(`,"office":`)
	a.Capacity = domain.Capacity(s.optional(`,"capacity":`))
	s.raw(`}`)
	return a
}

func (s *scanner) optional(name string) string {
	if !s.skip(name) {
		return ""
	}
	return s.text()
}

func (s *scanner) commitments() Commitments {
	if s.skip(`{}`) {
		return nil
	}
	c := make(Commitments, 2)
	for next := s.skip(`{`); next; next = s.skip(`,`) {
		pointer := s.text()
		var sum [32]byte
		s.raw(`:"`).hex(sum[:])
		s.raw(`"`)
		c[pointer] = sum
	}
	s.raw(`}`)
	return c
}
