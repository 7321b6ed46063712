package eventstore

import (
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// This file writes values as PostgreSQL's binary protocol wants them: each is
// its length in four bytes and its bytes, both as the element of an array and as
// the column of a COPY. The committer does it by hand because it is the one
// goroutine that everybody waits for.

// postgresEpoch is 2000-01-01 UTC in microseconds since 1970.
const postgresEpoch = 946_684_800_000_000

func wireInt4(b []byte, n int32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(n))
}

func wireInt8(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n))
}

func wireTime(b []byte, t time.Time) []byte { return wireInt8(b, t.UnixMicro()-postgresEpoch) }

func wireBytes[T string | []byte](b []byte, x T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(x))), x...)
}

// wireJSONB writes a jsonb, whose binary form begins with a version, and null for
// an empty one.
func wireJSONB(b, x []byte) []byte {
	if len(x) == 0 {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(x)+1))
	return append(append(b, 1), x...)
}

// An array is a one-dimensional array under construction.
type array struct {
	b []byte
	n uint32
}

// arrayHeader is the room that precedes the elements: dimensions, whether there
// are nulls, element type, length, lower bound.
const arrayHeader = 20

func (a *array) reset() {
	if cap(a.b) < arrayHeader {
		a.b = make([]byte, arrayHeader, 1024)
	}
	a.b, a.n = a.b[:arrayHeader], 0
}

func (a *array) int4(n int32)   { a.b, a.n = wireInt4(a.b, n), a.n+1 }
func (a *array) text(s string)  { a.b, a.n = wireBytes(a.b, s), a.n+1 }
func (a *array) bytes(x []byte) { a.b, a.n = wireBytes(a.b, x), a.n+1 }

// event adds an event_to_append and tells it its place and member.
func (a *array) event(w []byte, member int32) {
	at := len(a.b)
	a.b, a.n = append(a.b, w...), a.n+1
	binary.BigEndian.PutUint32(a.b[at+wirePlace:], a.n)
	binary.BigEndian.PutUint32(a.b[at+wireMember:], uint32(member))
}

// seal returns the array, whose elements are of a type.
func (a *array) seal(oid uint32) []byte {
	dimensions := uint32(1)
	if a.n == 0 {
		dimensions = 0
	}
	binary.BigEndian.PutUint32(a.b[0:], dimensions)
	binary.BigEndian.PutUint32(a.b[4:], 0)
	binary.BigEndian.PutUint32(a.b[8:], oid)
	binary.BigEndian.PutUint32(a.b[12:], a.n)
	binary.BigEndian.PutUint32(a.b[16:], 1)
	if a.n == 0 {
		return a.b[:12]
	}
	return a.b
}

// Where place and member stand in the bytes of an event_to_append: behind its
// length and number of columns, each behind its type and length.
const (
	wirePlace  = 4 + 4 + 4 + 4
	wireMember = wirePlace + 4 + 4 + 4
)

// lay lays w out as an element of an array of event_to_append: a composite, each
// of whose columns is preceded by its type. The record is written in its place
// there, and w.record is a window on it.
func (w *row) lay(write func(dst []byte) ([]byte, error), sized int, leaf func(record []byte) [32]byte) error {
	b := make([]byte, 0, 400+sized+len(w.texts)+len(w.sealed))
	column := func(oid uint32) []byte { return binary.BigEndian.AppendUint32(b, oid) }
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 16) // the length follows
	b = wireInt4(column(pgtype.Int4OID), 0)
	b = wireInt4(column(pgtype.Int4OID), 0)
	b = wireBytes(column(pgtype.UUIDOID), w.id[:])
	b = wireBytes(column(pgtype.TextOID), w.stream)
	b = wireInt4(column(pgtype.Int4OID), w.version)
	b = wireBytes(column(pgtype.TextOID), w.kind)
	b = wireInt4(column(pgtype.Int4OID), w.shape)
	b = wireBytes(column(pgtype.TextOID), w.tenant)
	b = wireInt4(column(pgtype.Int4OID), w.cycle)
	b = wireTime(column(pgtype.TimestamptzOID), w.from)
	b = wireTime(column(pgtype.TimestamptzOID), w.to)
	b = wireTime(column(pgtype.TimestamptzOID), w.at)
	b = wireBytes(column(pgtype.ByteaOID), "")
	from := len(b)
	b, err := write(b)
	if err != nil {
		return err
	}
	to := len(b)
	binary.BigEndian.PutUint32(b[from-4:], uint32(to-from))
	w.leaf = leaf(b[from:to])
	b = wireBytes(column(pgtype.ByteaOID), w.leaf[:])
	b = wireJSONB(column(pgtype.JSONBOID), w.texts)
	b = wireJSONB(column(pgtype.JSONBOID), w.sealed)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	w.wire, w.record = b, b[from:to:to]
	return nil
}
