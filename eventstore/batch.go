package eventstore

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// A batch is its members flattened into the arrays of one call of append_batch,
// kept between batches for its memory.
type batch struct {
	members []*member

	ids, prints, first, last                      array // a command each
	checkMember, checkParent, checkStream, expect array // a check each
	arriving                                      array // an event each
}

// A tip is what a batch leaves of a stream: its version, and the member (from 1)
// that last added to it.
type tip struct{ version, member int32 }

// arrange takes into b the members that can be written together, in order, and
// returns those to hold for a later batch. An append to a stream that an earlier
// member adds to is chained on that member if it expects what the member leaves.
// Otherwise its fate hangs on the other's and is not known yet. The same command
// twice in one batch waits for the same reason.
func (b *batch) arrange(members []*member) (held []*member) {
	b.members = b.members[:0]
	for _, a := range [...]*array{&b.ids, &b.prints, &b.first, &b.last, &b.checkMember, &b.checkParent, &b.checkStream, &b.expect, &b.arriving} {
		a.reset()
	}
	tips := make(map[string]tip, len(members))
	ids := make(map[uuid.UUID]bool, len(members))
	for _, m := range members {
		if ids[m.command] || !fits(tips, m) {
			held = append(held, m)
			continue
		}
		ids[m.command] = true
		b.add(m, tips)
	}
	return held
}

func fits(tips map[string]tip, m *member) bool {
	for _, c := range m.checks {
		if t, ok := tips[c.stream]; ok && t.version != c.expected {
			return false
		}
	}
	return true
}

func (b *batch) add(m *member, tips map[string]tip) {
	b.members = append(b.members, m)
	me := int32(len(b.members))
	b.ids.bytes(m.command[:])
	b.prints.bytes(m.print[:])
	b.first.int4(int32(b.arriving.n) + 1)
	b.last.int4(int32(b.arriving.n) + int32(len(m.rows)))
	for _, c := range m.checks {
		b.checkMember.int4(me)
		b.checkParent.int4(tips[c.stream].member)
		b.checkStream.text(c.stream)
		b.expect.int4(c.expected)
		if c.adds > 0 {
			tips[c.stream] = tip{c.expected + c.adds, me}
		} else if _, ok := tips[c.stream]; !ok {
			tips[c.stream] = tip{version: c.expected}
		}
	}
	for i := range m.rows {
		b.arriving.event(m.rows[i].wire, me)
	}
}

// params returns the arrays as append_batch takes them.
func (b *batch) params(dst [][]byte, rowType uint32) [][]byte {
	return append(dst,
		b.ids.seal(pgtype.UUIDOID), b.prints.seal(pgtype.ByteaOID), b.first.seal(pgtype.Int4OID), b.last.seal(pgtype.Int4OID),
		b.checkMember.seal(pgtype.Int4OID), b.checkParent.seal(pgtype.Int4OID), b.checkStream.seal(pgtype.TextOID), b.expect.seal(pgtype.Int4OID),
		b.arriving.seal(rowType))
}

// A verdict is why a member of a batch, counted from 1, was not written: it is
// known already, or in conflict, or, with neither, chained on one that is.
type verdict struct {
	member   int32
	known    bool
	conflict *ConflictError
}

// answer tells every member its place, given the last position before the batch,
// or the verdict on it.
func (b *batch) answer(before int64, verdicts []verdict) {
	lost := make(map[int32]verdict, len(verdicts))
	for _, v := range verdicts {
		lost[v.member] = v
	}
	next := before + 1
	for i, m := range b.members {
		v, ok := lost[int32(i+1)]
		switch {
		case !ok:
			m.first = next
			next += int64(len(m.rows))
		case v.known:
			m.known = true
		case v.conflict != nil:
			m.err = v.conflict
		default:
			m.again = true
		}
	}
}

// conflict returns the error of a member whose stream is at another version.
func (m *member) conflict(stream string, actual int) *ConflictError {
	for _, c := range m.checks {
		if c.stream == stream {
			return &ConflictError{stream, int(c.expected), actual}
		}
	}
	return &ConflictError{Stream: stream, Actual: actual}
}
