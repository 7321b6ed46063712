package eventstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/eventstore/record"
)

// Restore puts rows of a log where this one ends, byte for byte as they were
// written once: positions, records, leaves, and the commands, so that what was
// asked then is known when it is asked again. It is one transaction under the
// head lock: all of it is there in the end, or nothing.
//
// The log must end at after, which is 0 for an empty one; it refuses with
// import.not_empty (Conflict) where it does not. What the rows say is believed:
// whoever calls it has checked them. sure, where it is set, is asked once more
// before the commit; its error undoes everything.
func (s *Store) Restore(ctx context.Context, after int64, pages iter.Seq2[[]Row, error], sure func() error) error {
	conn, err := s.session(ctx, map[string]string{"statement_timeout": "0", "idle_in_transaction_session_timeout": milliseconds(bulkTimeout)})
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `begin`); err != nil {
		return err
	}
	if err := restoreInto(ctx, conn, after, pages); err != nil {
		return err
	}
	if sure != nil {
		if err := sure(); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, `commit`); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func restoreInto(ctx context.Context, conn *pgx.Conn, after int64, pages iter.Seq2[[]Row, error]) error {
	var last int64
	if _, err := conn.Exec(ctx, `select from head for update`); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := conn.QueryRow(ctx, `select coalesce(max(position), 0) from events`).Scan(&last); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if last != after {
		return domain.Refuse(domain.Conflict, "import.not_empty", "position", strconv.FormatInt(last, 10), "after", strconv.FormatInt(after, 10))
	}
	var running restored
	for page, err := range pages {
		if err != nil {
			return err
		}
		commands, err := running.add(page)
		if err != nil {
			return err
		}
		if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(copyWhole(page)), copyEvents); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(commands), copyCommands); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(running.end()), copyCommands); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err := conn.Exec(ctx, `select pg_notify($1, coalesce(max(position), 0)::text) from events`, channel)
	return err
}

// copyWhole lays rows out as copyRows does those of commands.
func copyWhole(rows []Row) []byte {
	size := len(copySignature) + 2
	for i := range rows {
		size += 400 + len(rows[i].Record) + len(rows[i].Texts) + len(rows[i].Sealed)
	}
	b := append(make([]byte, 0, size), copySignature...)
	for i := range rows {
		r := &rows[i]
		b = binary.BigEndian.AppendUint16(b, wholeColumns)
		b = wireInt8(b, r.Position)
		b = wireBytes(b, r.ID[:])
		b = wireBytes(b, r.Stream)
		b = wireInt4(b, int32(r.Version))
		b = wireBytes(b, r.Type)
		b = wireInt4(b, int32(r.TypeVersion))
		b = wireBytes(b, r.Tenant)
		b = wireInt4(b, int32(r.Cycle))
		b = wireTime(b, r.Occurred.From)
		b = wireTime(b, r.Occurred.To)
		b = wireTime(b, r.RecordedAt)
		b = wireBytes(b, r.Record)
		b = wireBytes(b, r.Leaf[:])
		b = wireJSONB(b, r.Texts)
		b = wireJSONB(b, r.Sealed)
	}
	return append(b, 0xff, 0xff)
}

// copySignature begins COPY's binary form: signature, flags, no extension.
const copySignature = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

const copyCommands = `copy commands (id, fingerprint, first, last) from stdin (format binary)`

// A restored is the command whose rows are being restored. They stand together.
type restored struct {
	id          uuid.UUID
	print       [32]byte
	first, last int64
}

// add notes the commands of a page and returns those that are complete.
func (c *restored) add(page []Row) ([]byte, error) {
	b := []byte(copySignature)
	for i := range page {
		r, err := record.Parse(page[i].Record)
		if err != nil {
			return nil, fmt.Errorf("restore event %d: %w", page[i].Position, err)
		}
		if r.Command != c.id {
			b = c.append(b)
			*c = restored{r.Command, r.Fingerprint, page[i].Position, 0}
		}
		c.last = page[i].Position
	}
	return append(b, 0xff, 0xff), nil
}

func (c *restored) end() []byte { return append(c.append([]byte(copySignature)), 0xff, 0xff) }

func (c *restored) append(b []byte) []byte {
	if c.last == 0 {
		return b
	}
	b = binary.BigEndian.AppendUint16(b, 4)
	b = wireBytes(b, c.id[:])
	b = wireBytes(b, c.print[:])
	b = wireInt8(b, c.first)
	return wireInt8(b, c.last)
}
