package eventstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain/event"
)

// A Row is an event exactly as the table holds it: for copying the log and for
// checking it, where the columns that repeat the record must not be taken for it.
type Row struct {
	Position       int64
	event.Envelope // what the columns say; Actor, Command, Correlation, Causation, Definition and Precision are no columns
	Record         []byte
	Leaf           [32]byte
	Texts, Sealed  []byte // JSON; nil where there is none
}

// Rows are some rows of the log in a row, as they came off the wire.
type Rows struct{ raw [][wholeColumns][]byte }

// Len returns how many there are.
func (r *Rows) Len() int { return len(r.raw) }

// At reads the i-th of them. It may be called by several goroutines at once; what
// it returns shares memory with r.
func (r *Rows) At(i int) (Row, error) {
	v := r.raw[i]
	for _, fixed := range [...]struct{ column, size int }{{0, 8}, {1, 16}, {3, 4}, {5, 4}, {7, 4}, {8, 8}, {9, 8}, {10, 8}, {12, 32}} {
		if len(v[fixed.column]) != fixed.size {
			return Row{}, fmt.Errorf("eventstore: column %d of a row has %d bytes, want %d", fixed.column+1, len(v[fixed.column]), fixed.size)
		}
	}
	row := Row{Position: readInt8(v[0]), Record: v[11], Leaf: [32]byte(v[12]), Texts: v[13], Sealed: v[14]}
	row.ID, row.Stream, row.Version = uuid.UUID(v[1]), string(v[2]), int(readInt4(v[3]))
	row.Type, row.TypeVersion, row.Tenant, row.Cycle = string(v[4]), int(readInt4(v[5])), string(v[6]), int(readInt4(v[7]))
	row.Occurred.From, row.Occurred.To, row.RecordedAt = readTime(v[8]), readTime(v[9]), readTime(v[10])
	return row, nil
}

func readTime(b []byte) time.Time { return time.UnixMicro(readInt8(b) + postgresEpoch).UTC() }

const (
	wholeColumns = 15
	whole        = `position, event_id, stream, version, type, type_version, tenant, cycle,
	       occurred_from, occurred_to, recorded_at, record, leaf_hash, texts::text, sealed::text`
)

var wholeFormats = func() pgx.QueryResultFormats {
	formats := make(pgx.QueryResultFormats, wholeColumns)
	for i := range formats {
		formats[i] = pgx.BinaryFormatCode
	}
	return formats
}()

// Whole yields the rows after a position, up to and with another (0: all there
// are), in the order of positions, some thousand at a time.
func (s *Store) Whole(ctx context.Context, after, upto int64) iter.Seq2[*Rows, error] {
	return func(yield func(*Rows, error) bool) {
		for {
			rows, err := s.pool.Query(ctx, `
				select `+whole+`
				  from events
				 where position > $1 and ($2 = 0 or position <= $2)
				 order by position
				 limit $3`, wholeFormats, after, upto, page)
			if err != nil {
				yield(nil, fmt.Errorf("read the log after %d: %w", after, err))
				return
			}
			found, err := scanWhole(rows)
			if err != nil {
				yield(nil, fmt.Errorf("read the log after %d: %w", after, err))
				return
			}
			if n := found.Len(); n > 0 {
				after = readInt8(found.raw[n-1][0])
				if !yield(found, nil) {
					return
				}
			}
			if found.Len() < page {
				return
			}
		}
	}
}

func scanWhole(rows pgx.Rows) (*Rows, error) {
	defer rows.Close()
	found := &Rows{raw: make([][wholeColumns][]byte, 0, page)}
	var l lines // its memory, which is not given back: rows are handed on
	for rows.Next() {
		var row [wholeColumns][]byte
		for i, v := range rows.RawValues() {
			if row[i] = l.keep(v); v != nil && row[i] == nil {
				row[i] = []byte{}
			}
		}
		found.raw = append(found.raw, row)
	}
	return found, rows.Err()
}

// Leaves yields the leaf hashes of the log up to and with a position, in order,
// some thousand at a time.
func (s *Store) Leaves(ctx context.Context, upto int64) iter.Seq2[[][32]byte, error] {
	return func(yield func([][32]byte, error) bool) {
		for after := int64(0); after < upto; {
			rows, err := s.pool.Query(ctx, `
				select leaf_hash from events
				 where position > $1 and position <= $2
				 order by position
				 limit $3`, after, upto, 8*page)
			if err != nil {
				yield(nil, fmt.Errorf("leaves after %d: %w", after, err))
				return
			}
			leaves, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (leaf [32]byte, err error) {
				var b []byte
				err = row.Scan(&b)
				copy(leaf[:], b)
				return leaf, err
			})
			if err != nil {
				yield(nil, fmt.Errorf("leaves after %d: %w", after, err))
				return
			}
			if len(leaves) == 0 || !yield(leaves, nil) {
				return
			}
			after += int64(len(leaves))
		}
	}
}

// Positions returns where the events of streams stand, in order, up to and with a
// position.
func (s *Store) Positions(ctx context.Context, streams []string, upto int64) ([]int64, error) {
	var all []int64
	for some := range slices.Chunk(streams, page) {
		rows, err := s.pool.Query(ctx, `select position from events where stream = any ($1) and position <= $2`, some, upto)
		if err != nil {
			return nil, fmt.Errorf("positions of %d streams: %w", len(streams), err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return nil, fmt.Errorf("positions of %d streams: %w", len(streams), err)
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return all, nil
}

// Rows yields the rows at positions, which are in order, some thousand at a time.
func (s *Store) Rows(ctx context.Context, positions []int64) iter.Seq2[*Rows, error] {
	return func(yield func(*Rows, error) bool) {
		for some := range slices.Chunk(positions, page) {
			rows, err := s.pool.Query(ctx, `
				select `+whole+`
				  from events
				 where position = any ($1)
				 order by position`, wholeFormats, some)
			if err != nil {
				yield(nil, fmt.Errorf("read %d events: %w", len(some), err))
				return
			}
			found, err := scanWhole(rows)
			if err == nil && found.Len() != len(some) {
				err = fmt.Errorf("eventstore: %d of %d events are not there", len(some)-found.Len(), len(some))
			}
			if err != nil {
				yield(nil, fmt.Errorf("read %d events: %w", len(some), err))
				return
			}
			if !yield(found, nil) {
				return
			}
		}
	}
}
