package eventstore

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// An appender is a connection with the two append functions prepared on it.
type appender struct {
	conn      *pgx.Conn
	one, many *pgconn.StatementDescription
	rowType   uint32 // of event_to_append in this database
	params    [][]byte
	scratch   []byte
	streams   array
	versions  array
}

var binary1 = []int16{pgx.BinaryFormatCode} // for all parameters, or all columns

// appender opens one. A statement on it has a timeout of the server's and, should
// the server not be heard of any more, one of the socket's.
func (s *Store) appender(ctx context.Context) (*appender, error) {
	conn, err := s.session(ctx, map[string]string{"statement_timeout": milliseconds(batchTimeout)})
	if err != nil {
		return nil, err
	}
	a := &appender{conn: conn}
	if a.one, err = conn.Prepare(ctx, "append_one", `
		select append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`); err == nil {
		a.many, err = conn.Prepare(ctx, "append_batch", `
		select member, first, fingerprint, stream, version
		  from append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	}
	if err == nil {
		err = conn.QueryRow(ctx, `select 'event_to_append'::regtype::oid`).Scan(&a.rowType)
	}
	if err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return a, nil
}

// call runs a prepared function and yields its rows' columns in binary form.
func (a *appender) call(function *pgconn.StatementDescription, params [][]byte, row func(column [][]byte)) error {
	pg := a.conn.PgConn()
	if err := pg.Conn().SetDeadline(time.Now().Add(batchTimeout + 5*time.Second)); err != nil {
		return err
	}
	result := pg.ExecStatement(context.Background(), function, params, binary1, binary1)
	for result.NextRow() {
		row(result.Values())
	}
	_, err := result.Close()
	return err
}

// writeOne writes a member of one event: what a caller who is alone pays for. It
// returns false where something stands against it.
func (a *appender) writeOne(m *member) (written bool, err error) {
	w := &m.rows[0]
	a.streams.reset()
	a.versions.reset()
	for _, c := range m.checks {
		if c.adds == 0 {
			a.streams.text(c.stream)
			a.versions.int4(c.expected)
		}
	}
	// every fixed-size parameter is a window on scratch
	a.scratch = a.scratch[:0]
	for _, n := range [...]int32{w.version, w.shape, w.cycle} {
		a.scratch = binary.BigEndian.AppendUint32(a.scratch, uint32(n))
	}
	for _, t := range [...]time.Time{w.from, w.to, w.at} {
		a.scratch = binary.BigEndian.AppendUint64(a.scratch, uint64(t.UnixMicro()-postgresEpoch))
	}
	f := a.scratch
	a.params = append(a.params[:0],
		m.command[:], m.print[:], a.streams.seal(pgtype.TextOID), a.versions.seal(pgtype.Int4OID),
		w.id[:], []byte(w.stream), f[0:4], []byte(w.kind), f[4:8], []byte(w.tenant), f[8:12],
		f[12:20], f[20:28], f[28:36], w.record, w.leaf[:], w.texts, w.sealed)
	err = a.call(a.one, a.params, func(column [][]byte) {
		if position := column[0]; position != nil {
			m.first, written = readInt8(position), true
		}
	})
	return written && err == nil, err
}

// writeMany writes a batch and answers its members.
func (a *appender) writeMany(b *batch) error {
	a.params = b.params(a.params[:0], a.rowType)
	var before int64
	var verdicts []verdict
	err := a.call(a.many, a.params, func(column [][]byte) {
		v := verdict{member: readInt4(column[0])}
		switch at, fingerprint, stream, version := column[1], column[2], column[3], column[4]; {
		case v.member == 0:
			before = readInt8(at)
			return
		case fingerprint != nil:
			v.known = true
		case stream != nil:
			v.conflict = b.members[v.member-1].conflict(string(stream), int(readInt4(version)))
		}
		verdicts = append(verdicts, v)
	})
	if err != nil {
		return err
	}
	b.answer(before, verdicts)
	return nil
}

// readInt4 and readInt8 read columns in binary form.
func readInt4(b []byte) int32 { return int32(binary.BigEndian.Uint32(b)) }
func readInt8(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }
