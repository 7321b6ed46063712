package eventstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
)

// An Entry is one command of an Import.
type Entry struct {
	Command event.Command
	Changes []event.Change
}

// Import appends the commands of many entries in their order, in one
// transaction, all or none, by COPY: some thousand events at a time is what it
// is made for. An entry may build on what earlier ones leave. Entries that were
// imported before are answered with their receipts and not written again, so an
// import that broke off can simply be run again. It fails as Append does.
func (s *Store) Import(ctx context.Context, entries []Entry) ([]Receipt, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	if err := s.mayAppend(); err != nil {
		return nil, err
	}
	members := make([]*member, len(entries))
	if err := spread(len(entries), 8, func(i int) (err error) {
		members[i], err = s.prepare(ctx, entries[i].Command, entries[i].Changes, s.options.Now())
		return err
	}); err != nil {
		return nil, err
	}
	if err := s.appendLarge(ctx, members); err != nil {
		return nil, err
	}
	receipts := make([]Receipt, len(members))
	for i, m := range members {
		var err error
		if receipts[i], err = s.answer(ctx, m); err != nil {
			return nil, err
		}
	}
	return receipts, nil
}

// appendLarge writes members by COPY, all or none.
func (s *Store) appendLarge(ctx context.Context, members []*member) error {
	ids := make(map[uuid.UUID]bool, len(members))
	for _, m := range members {
		if ids[m.command] {
			return fmt.Errorf("eventstore: command %s twice in one import", m.command)
		}
		ids[m.command] = true
	}
	rows := copyRows(members) // before the lock is taken; positions follow
	err := s.exclusively(ctx, members, func(ctx context.Context, x *exclusive) error {
		fresh := x.fresh(members)
		if len(fresh) < len(members) {
			rows = copyRows(fresh)
		}
		return x.write(ctx, fresh, rows)
	})
	if _, conflict := errors.AsType[*ConflictError](err); conflict {
		s.count.conflicts.Add(1)
	}
	if err == nil {
		s.appended(members...)
	}
	return err
}

// An exclusive is a transaction that holds the head lock: until it ends, the log
// is what it sees.
type exclusive struct {
	conn  *pgx.Conn
	last  int64              // position before it
	known map[uuid.UUID]bool // which of the commands asked about are in the log
	open  bool               // COMMIT was sent and not answered
}

// exclusively runs work under the head lock and commits. When the connection is
// lost it begins again, so work must be repeatable; that the commands are not
// written twice it sees from x.known. The members are answered by work itself.
func (s *Store) exclusively(ctx context.Context, members []*member, work func(ctx context.Context, x *exclusive) error) error {
	var conn *pgx.Conn
	select {
	case conn = <-s.bulk:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		release(conn)
		s.bulk <- conn
	}()
	if s.isClosing() {
		return domain.Refuse(domain.Unready, "log.closed")
	}
	giveUp := time.Now().Add(s.options.GiveUp)
	open := false
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		var err error
		if conn == nil || conn.IsClosed() {
			conn, err = s.session(ctx, map[string]string{
				"statement_timeout":                   milliseconds(bulkTimeout),
				"idle_in_transaction_session_timeout": milliseconds(bulkIdle),
			})
		}
		kind := notNow
		if err == nil {
			x := &exclusive{conn: conn}
			err = x.run(ctx, members, work)
			if err == nil {
				return nil
			}
			open = open || x.open
			if kind = judgeWork(conn, err); becameReplica(err) {
				conn.Close(context.WithoutCancel(ctx))
			}
			release(conn)
		}
		switch {
		case kind == badData:
			return err
		case ctx.Err() != nil && !open:
			return ctx.Err()
		case ctx.Err() != nil, time.Now().After(giveUp), s.isClosing():
			if open {
				return unanswered(members[0].command.String(), err)
			}
			return unready(err)
		}
		s.count.resent.Add(1)
		s.options.Log.Warn("large append failed, trying again", "commands", len(members), "error", err)
		time.Sleep(pause)
	}
}

// judgeWork is judge for an error that may also be a refusal or a conflict of
// the work's own.
func judgeWork(conn *pgx.Conn, err error) failure {
	if pgCode(err) == "" && !conn.IsClosed() && conn.PgConn().TxStatus() == 'T' {
		return badData
	}
	return judge(conn, err)
}

// run does one attempt. A server that is not heard of any more ends it.
func (x *exclusive) run(ctx context.Context, members []*member, work func(ctx context.Context, x *exclusive) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*bulkTimeout)
	defer cancel()
	if err := x.begin(ctx, members); err != nil {
		return err
	}
	return work(ctx, x)
}

// begin takes the lock, and then reads what it protects.
func (x *exclusive) begin(ctx context.Context, members []*member) error {
	ids := make([]uuid.UUID, len(members))
	for i, m := range members {
		ids[i] = m.command
	}
	x.known = make(map[uuid.UUID]bool)
	var b pgx.Batch
	b.Queue(`begin`)
	b.Queue(`select from head for update`)
	b.Queue(`select coalesce(max(position), 0) from events`).QueryRow(func(row pgx.Row) error { return row.Scan(&x.last) })
	b.Queue(`select id from commands where id = any ($1)`, ids).Query(func(rows pgx.Rows) error {
		known, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		for _, id := range known {
			x.known[id] = true
		}
		return err
	})
	return x.conn.SendBatch(ctx, &b).Close()
}

// fresh returns the members that are not in the log and tells the others.
func (x *exclusive) fresh(members []*member) []*member {
	fresh := make([]*member, 0, len(members))
	for _, m := range members {
		if m.known = x.known[m.command]; !m.known {
			fresh = append(fresh, m)
		}
	}
	return fresh
}

// write checks what members rest on, writes rows, which are theirs, commits and
// gives the members their positions.
func (x *exclusive) write(ctx context.Context, members []*member, rows *copied) error {
	if len(members) == 0 {
		_, err := x.conn.Exec(ctx, `commit`)
		return err
	}
	if err := x.check(ctx, members); err != nil {
		return err
	}
	rows.number(x.last + 1)
	if _, err := x.conn.PgConn().CopyFrom(ctx, bytes.NewReader(rows.b), copyEvents); err != nil {
		return err
	}
	ids, prints := make([]uuid.UUID, len(members)), make([][]byte, len(members))
	first, last := make([]int64, len(members)), make([]int64, len(members))
	next := x.last + 1
	for i, m := range members {
		ids[i], prints[i] = m.command, m.print[:]
		first[i], last[i] = next, next+int64(len(m.rows))-1
		next = last[i] + 1
	}
	var b pgx.Batch
	b.Queue(`
		insert into commands (id, fingerprint, first, last)
		select id, fingerprint, first, last
		  from unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::bigint[]) as c (id, fingerprint, first, last)`, ids, prints, first, last)
	b.Queue(`select pg_notify($1, $2::bigint::text)`, channel, next-1)
	b.Queue(`commit`)
	// from here on the outcome is the server's alone
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bulkIdle)
	defer cancel()
	x.open = true
	if err := x.conn.SendBatch(ctx, &b).Close(); err != nil {
		x.open = pgCode(err) == ""
		return err
	}
	for i, m := range members {
		m.first, m.err = first[i], nil
	}
	return nil
}

// check finds the first stream that is not at the version its members expect.
func (x *exclusive) check(ctx context.Context, members []*member) error {
	var streams []string
	var versions []int32
	tips := make(map[string]int32)
	for _, m := range members {
		for _, c := range m.checks {
			at, seen := tips[c.stream]
			switch {
			case !seen:
				streams, versions = append(streams, c.stream), append(versions, c.expected)
			case at != c.expected:
				return m.conflict(c.stream, int(at))
			}
			tips[c.stream] = c.expected + c.adds
		}
	}
	var conflict ConflictError
	err := x.conn.QueryRow(ctx, `
		select s.stream, s.expected, coalesce(m.version, 0)
		  from unnest($1::text[], $2::int[]) as s (stream, expected)
		  left join lateral (select max(e.version) as version from events e where e.stream = s.stream) m on true
		 where s.expected <> coalesce(m.version, 0)
		 limit 1`, streams, versions).Scan(&conflict.Stream, &conflict.Expected, &conflict.Actual)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return &conflict
}

// release gives the head lock back, whatever state conn was left in.
func release(conn *pgx.Conn) {
	if conn == nil || conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := conn.Exec(ctx, `rollback`); err != nil {
		conn.Close(ctx)
	}
}

// A copied is rows in COPY's binary form whose positions are not known yet.
type copied struct {
	b    []byte
	at   []int // where each row's position stands in b
	sent bool  // b was handed to a connection
}

const copyEvents = `
	copy events (position, event_id, stream, version, type, type_version, tenant, cycle,
	             occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed)
	from stdin (format binary)`

// copyRows lays the rows of members out: after a signature, flags and no
// extension, each row is the number of its columns and the columns; -1 ends.
func copyRows(members []*member) *copied {
	rows, size := 0, 32
	for _, m := range members {
		rows, size = rows+len(m.rows), size+m.size+len(m.rows)*350
	}
	c := &copied{b: make([]byte, 0, size), at: make([]int, 0, rows)}
	b := append(c.b, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	for _, m := range members {
		for i := range m.rows {
			w := &m.rows[i]
			b = binary.BigEndian.AppendUint16(b, 15)
			c.at = append(c.at, len(b)+4)
			b = wireInt8(b, 0)
			b = wireBytes(b, w.id[:])
			b = wireBytes(b, w.stream)
			b = wireInt4(b, w.version)
			b = wireBytes(b, w.kind)
			b = wireInt4(b, w.shape)
			b = wireBytes(b, w.tenant)
			b = wireInt4(b, w.cycle)
			b = wireTime(b, w.from)
			b = wireTime(b, w.to)
			b = wireTime(b, w.at)
			b = wireBytes(b, w.record)
			b = wireBytes(b, w.leaf[:])
			b = wireJSONB(b, w.texts)
			b = wireJSONB(b, w.sealed)
		}
	}
	c.b = append(b, 0xff, 0xff)
	return c
}

// number gives the rows their positions, from first on. Where they were sent
// before, a connection that broke may still be reading those bytes, so the rows
// get others.
func (c *copied) number(first int64) {
	if c.sent {
		c.b = bytes.Clone(c.b)
	}
	c.sent = true
	for i, at := range c.at {
		binary.BigEndian.PutUint64(c.b[at:], uint64(first)+uint64(i))
	}
}
