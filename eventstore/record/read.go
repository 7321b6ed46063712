package record

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
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
	s.context(&r.Envelope, r.Fingerprint[:])
	s.raw(`,"salt":"`).hex(r.Salt[:])
	r.Texts = s.raw(`","texts":`).commitments()
	r.Sealed = s.raw(`,"sealed":`).commitments()
	payload, err := s.payload(b)
	if err != nil {
		return Record{}, err
	}
	r.Payload = payload
	return r, nil
}

// A Reader reads many records of one log for what they say, and leaves salts and
// commitments alone. It remembers the words that come again and again. It is not
// safe for concurrent use.
type Reader struct{ words map[string]string }

// Read reads bytes that Append wrote, as Parse does, into e, and returns the
// payload in them.
func (r *Reader) Read(b []byte, e *event.Envelope) (payload []byte, err error) {
	if r.words == nil || len(r.words) > 4096 {
		r.words = make(map[string]string)
	}
	s := scanner{b: b, words: r.words}
	s.context(e, nil)
	s.raw(`,"salt":"`).take(32)
	s.raw(`","texts":`).skipCommitments()
	s.raw(`,"sealed":`).skipCommitments()
	return s.payload(b)
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
	b     []byte
	bad   bool
	words map[string]string // seen before; nil: not kept
}

// context reads everything before the salt; the fingerprint only where there is
// room for it.
func (s *scanner) context(e *event.Envelope, fingerprint []byte) {
	e.ID = s.raw(`{"id":"`).id()
	e.Tenant = s.raw(`","tenant":`).word()
	e.Cycle = s.raw(`,"cycle":`).number()
	e.Stream = s.raw(`,"stream":`).text()
	e.Version = s.raw(`,"version":`).number()
	e.Type = s.raw(`,"type":`).word()
	e.TypeVersion = s.raw(`,"type_version":`).number()
	e.Occurred.From = s.raw(`,"occurred":{"from":"`).time()
	e.Occurred.To = s.raw(`","to":"`).time()
	e.Occurred.Precision = domain.Precision(s.raw(`","precision":`).word())
	e.RecordedAt = s.raw(`},"recorded_at":"`).time()
	e.Actor = s.raw(`","actor":`).actor()
	e.Command = s.raw(`,"command":{"id":"`).id()
	s.raw(`","fingerprint":"`)
	if fingerprint != nil {
		s.hex(fingerprint)
	} else {
		s.take(64)
	}
	e.Correlation = s.raw(`"},"correlation":"`).id()
	e.Causation = s.raw(`","causation":"`).id()
	e.Definition = s.raw(`","definition":`).word()
}

// payload returns what is left of b but for its last bracket.
func (s *scanner) payload(b []byte) ([]byte, error) {
	s.raw(`,"payload":`)
	if s.bad || len(s.b) < 3 || s.b[0] != '{' || s.b[len(s.b)-1] != '}' {
		return nil, fmt.Errorf("%w, at byte %d of %d", ErrForm, len(b)-len(s.b), len(b))
	}
	return s.b[: len(s.b)-1 : len(s.b)-1], nil
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
	if plain, ok := s.plain(); ok {
		return string(plain)
	}
	return s.escaped()
}

// word is text for what comes again and again.
func (s *scanner) word() string {
	plain, ok := s.plain()
	if !ok {
		return s.escaped()
	}
	if w, seen := s.words[string(plain)]; seen { // does not allocate
		return w
	}
	w := string(plain)
	if s.words != nil {
		s.words[w] = w
	}
	return w
}

// plain consumes a text that has no escapes.
func (s *scanner) plain() ([]byte, bool) {
	if s.bad || len(s.b) == 0 || s.b[0] != '"' {
		s.bad = true
		return nil, false
	}
	for i, c := range s.b[1:] {
		switch c {
		case '"':
			plain := s.b[1 : i+1]
			s.b = s.b[i+2:]
			return plain, true
		case '\\':
			return nil, false
		}
	}
	s.bad = true
	return nil, false
}

// escaped reads a text with a backslash in it.
func (s *scanner) escaped() string {
	for i := 1; i < len(s.b) && !s.bad; i++ {
		switch s.b[i] {
		case '\\':
			i++
		case '"':
			text, err := jsontext.AppendUnquote(nil, s.take(i+1))
			s.bad = s.bad || err != nil
			return string(text)
		}
	}
	s.bad = true
	return ""
}

// nibble gives the value of a hex digit, 0xff for what is none. Capitals are
// none: Append does not write them.
var nibble = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	return t
}()

func (s *scanner) hex(dst []byte) {
	text := s.take(2 * len(dst))
	if s.bad {
		return
	}
	wrong := byte(0)
	for i := range dst {
		hi, lo := nibble[text[2*i]], nibble[text[2*i+1]]
		wrong |= hi | lo
		dst[i] = hi<<4 | lo
	}
	s.bad = wrong&0xf0 != 0
}

func (s *scanner) id() (id uuid.UUID) {
	s.hex(id[0:4])
	s.raw(`-`).hex(id[4:6])
	s.raw(`-`).hex(id[6:8])
	s.raw(`-`).hex(id[8:10])
	s.raw(`-`).hex(id[10:16])
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
	a.Person = s.raw(`{"person":`).word()
	a.Role = domain.Role(s.raw(`,"role":`).word())
	a.Scope.Kind = domain.ScopeKind(s.raw(`,"scope":{"kind":`).word())
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
	return s.word()
}

func (s *scanner) skipCommitments() {
	if s.skip(`{}`) {
		return
	}
	for next := s.skip(`{`); next; next = s.skip(`,`) {
		if _, ok := s.plain(); !ok {
			s.escaped()
		}
		s.raw(`:"`).take(64)
		s.raw(`"`)
	}
	s.raw(`}`)
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
