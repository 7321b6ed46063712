package eventstore

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/record"
)

// A Raw is an event read back whose payload is still JSON. Decode only those
// whose Type is wanted.
type Raw struct {
	event.Envelope
	Position int64
	Record   []byte // the exact bytes the log commits to; package record reads more out of them
	Payload  []byte // the last part of Record
	Texts    []byte // JSON of the texts beside the record; nil where there are none
}

// A Querier is a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Decode returns the event of r in its newest shape.
func (s *Store) Decode(r *Raw) (event.Record, error) {
	texts, err := openTexts(r.Texts)
	if err != nil {
		return event.Record{}, fmt.Errorf("event %d: %w", r.Position, err)
	}
	e, err := s.options.Catalog.Decode(r.Type, r.TypeVersion, r.Payload, texts)
	if err != nil {
		return event.Record{}, fmt.Errorf("event %d: %w", r.Position, err)
	}
	return event.Record{Envelope: r.Envelope, Position: r.Position, Event: e}, nil
}

// A kept is a text beside a record, and what its commitment is keyed by.
type kept struct {
	Text string `json:"t"`
	Salt []byte `json:"s"`
}

// openTexts returns the texts that are not closed.
func openTexts(beside []byte) (map[string]string, error) {
	if len(beside) == 0 {
		return nil, nil
	}
	var all map[string]*kept
	if err := json.Unmarshal(beside, &all); err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	texts := make(map[string]string, len(all))
	for pointer, k := range all {
		if k != nil {
			texts[pointer] = k.Text
		}
	}
	return texts, nil
}

// A Beside is what lies beside a record, and may be taken away from it.
type Beside struct {
	Texts  map[string]Text   // by JSON pointer
	Sealed map[string][]byte // ciphertexts by JSON pointer, for the vault; nil once erased
}

// A Text is a text beside a record and the random bytes that key its commitment
// (record.Commit). Both are gone once it is closed.
type Text struct {
	Text   string
	Random [32]byte
	Closed bool
}

// Beside returns what lies beside the record at a position, or the refusal
// event.unknown (NotFound).
func (s *Store) Beside(ctx context.Context, position int64) (Beside, error) {
	var texts map[string]*kept
	var sealed map[string]*string
	err := s.pool.QueryRow(ctx, `select texts, sealed from events where position = $1`, position).Scan(&texts, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return Beside{}, domain.Refuse(domain.NotFound, "event.unknown", "position", fmt.Sprint(position))
	}
	if err != nil {
		return Beside{}, fmt.Errorf("beside event %d: %w", position, err)
	}
	b := Beside{Texts: make(map[string]Text, len(texts)), Sealed: make(map[string][]byte, len(sealed))}
	for pointer, k := range texts {
		if k == nil {
			b.Texts[pointer] = Text{Closed: true}
			continue
		}
		t := Text{Text: k.Text}
		copy(t.Random[:], k.Salt)
		b.Texts[pointer] = t
	}
	for pointer, text := range sealed {
		if text == nil {
			b.Sealed[pointer] = nil
			continue
		}
		if b.Sealed[pointer], err = base64.StdEncoding.DecodeString(*text); err != nil {
			return Beside{}, fmt.Errorf("beside event %d: %s: %w", position, pointer, err)
		}
	}
	return b, nil
}

// CloseText takes away one field beside the event at a position, a text or a
// sealed value, because the event at cause says so. The commitment in the record
// stays, and with it every proof. It is refused as text.not_ordered (Forbidden)
// where that event orders nothing of the kind; to close what is closed is no error.
func (s *Store) CloseText(ctx context.Context, position int64, field string, cause int64) error {
	_, err := s.pool.Exec(ctx, `select close_text($1, $2, $3)`, position, field, cause)
	if pgCode(err) == "42501" {
		return fmt.Errorf("%w: %w", domain.Refuse(domain.Forbidden, "text.not_ordered",
			"position", fmt.Sprint(position), "field", field, "cause", fmt.Sprint(cause)), err)
	}
	if err != nil {
		return fmt.Errorf("close %s beside event %d: %w", field, position, err)
	}
	return nil
}

// A line is a row of events as it came off the wire.
type line struct {
	position      int64
	record, texts []byte
}

// Lines are the rows of one query and the memory they lie in.
type lines struct {
	rows   []line
	blocks [][]byte
	block  int // the one in use
	free   []byte
}

// spare keeps the memory of lines that were decoded: events share none of it.
var spare = sync.Pool{New: func() any { return new(lines) }}

// release gives the memory of l back, with everything that lies in it.
func (l *lines) release() {
	clear(l.rows)
	l.rows, l.block, l.free = l.rows[:0], 0, nil
	if len(l.blocks) > 0 {
		l.free = l.blocks[0]
	}
	spare.Put(l)
}

// keep copies b.
func (l *lines) keep(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	for len(b) > len(l.free) {
		if l.block+1 < len(l.blocks) {
			l.block++
		} else {
			l.blocks = append(l.blocks, make([]byte, max(len(b), 256<<10)))
			l.block = len(l.blocks) - 1
		}
		l.free = l.blocks[l.block]
	}
	own := l.free[:len(b):len(b)]
	copy(own, b)
	l.free = l.free[len(b):]
	return own
}

// columns are what every query for events selects; scan wants them so. The
// indexed columns are not read: they repeat the record.
const columns = `position, record, texts::text`

var wireFormats = pgx.QueryResultFormats{pgx.BinaryFormatCode, pgx.BinaryFormatCode, pgx.BinaryFormatCode}

// scan copies the rows of a query that selects columns.
func scan(rows pgx.Rows) (*lines, error) {
	defer rows.Close()
	l := spare.Get().(*lines)
	for rows.Next() {
		v := rows.RawValues()
		l.rows = append(l.rows, line{readInt8(v[0]), l.keep(v[1]), l.keep(v[2])})
	}
	return l, rows.Err()
}

// readers keep the words of the log between readings.
var readers = sync.Pool{New: func() any { return new(record.Reader) }}

// raw cuts a line up without decoding its payload.
func (l *line) raw(r *Raw) error {
	reader := readers.Get().(*record.Reader)
	defer readers.Put(reader)
	payload, err := reader.Read(l.record, &r.Envelope)
	if err != nil {
		return fmt.Errorf("event %d: %w", l.position, err)
	}
	r.Position, r.Record, r.Payload, r.Texts = l.position, l.record, payload, l.texts
	return nil
}

// decode returns the event of a line.
func (s *Store) decode(l *line) (event.Record, error) {
	var r Raw
	if err := l.raw(&r); err != nil {
		return event.Record{}, err
	}
	return s.Decode(&r)
}

// decodeBare is decode without texts and checks.
func (s *Store) decodeBare(l *line) (event.Record, error) {
	var r Raw
	if err := l.raw(&r); err != nil {
		return event.Record{}, err
	}
	e, err := s.options.Catalog.DecodeBare(r.Type, r.TypeVersion, r.Payload)
	if err != nil {
		return event.Record{}, fmt.Errorf("event %d: %w", r.Position, err)
	}
	return event.Record{Envelope: r.Envelope, Position: r.Position, Event: e}, nil
}
