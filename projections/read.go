package projections

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"runut/domain"
)

// A DB begins transactions: a *pgxpool.Pool or a *pgx.Conn.
type DB interface {
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

// A Page is one stretch of a list.
type Page[T any] struct {
	Items    []T
	Next     Cursor // where the next page begins; "" after the last one
	Position int64  // of the log, up to which the read model stands
}

// At is an answer together with the position of the log it stands at.
type At[T any] struct {
	Value    T
	Position int64
}

// A Cursor is a place in a list, opaque to callers. The empty one is before
// the first item.
type Cursor string

// MaxLimit is the longest page anybody gets. A limit of 0 or less asks for
// DefaultLimit.
const (
	MaxLimit     = 500
	DefaultLimit = 50
)

func limited(n int) int {
	if n <= 0 {
		return DefaultLimit
	}
	return min(n, MaxLimit)
}

// cursorAt returns the cursor behind an item of the list called list, whose
// place in its order is key.
func cursorAt(list string, key ...any) Cursor {
	b, err := json.Marshal(append([]any{list}, key...))
	if err != nil {
		panic(err) // keys are strings and numbers
	}
	return Cursor(base64.RawURLEncoding.EncodeToString(b))
}

// read fills key with the place a cursor stands for, and reports whether there
// is one. A cursor of another list, or with another number of keys, is refused.
func (c Cursor) read(list string, key ...any) (bool, error) {
	if c == "" {
		return false, nil
	}
	bad := domain.Refuse(domain.Invalid, "cursor.unknown").At("/cursor")
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || len(b) > 1000 {
		return false, bad
	}
	var parts []jsontext.Value
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) != len(key)+1 {
		return false, bad
	}
	var of string
	for i, into := range append([]any{&of}, key...) {
		if err := json.Unmarshal(parts[i], into); err != nil {
			return false, bad
		}
	}
	if of != list {
		return false, bad
	}
	return true, nil
}

// beginning begins to read. Compiling a plan takes longer than any page may, and is
// what the server does once it thinks that much is to be read.
const beginning = "begin isolation level repeatable read read only; set local jit = off"

// reading runs f in one snapshot, with the position at which the read model
// stands. What it reads lies in schema read, under the names of the tables.
func reading(ctx context.Context, db DB, model string, f func(tx pgx.Tx) error) (position int64, err error) {
	return snapshot(ctx, db, beginning,
		`select position from read.positions where projection = $1`, model, f)
}

func snapshot(ctx context.Context, db DB, begin, where, model string, f func(tx pgx.Tx) error) (position int64, err error) {
	for try := range 2 {
		err = inTx(ctx, db, begin, func(tx pgx.Tx) error {
			if err := tx.QueryRow(ctx, where, model).Scan(&position); err != nil {
				return err
			}
			return f(tx)
		})
		// A version that was switched meanwhile makes the plans kept by a
		// connection invalid, once.
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "0A000" || try > 0 {
			break
		}
	}
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return position, refusal
	}
	if isMissing(err) || errors.Is(err, pgx.ErrNoRows) {
		return 0, domain.Refuse(domain.Unready, "projections.building", "projection", model)
	}
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", model, err)
	}
	return position, nil
}

func inTx(ctx context.Context, db DB, begin string, f func(tx pgx.Tx) error) error {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// cut makes a page of the items that were read, one more than its limit where
// there is a next page; cursor returns the place behind an item.
func (p *Page[T]) cut(limit int, cursor func(T) Cursor) {
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		p.Next = cursor(p.Items[limit-1])
	}
}

// collect reads rows into values, each by where its fields are to be scanned to.
func collect[T any](rows pgx.Rows, fields func(*T) []any) ([]T, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) {
		var item T
		return item, row.Scan(fields(&item)...)
	})
}

// A maybe is a time that is zero where the column is null.
type maybe struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m maybe) Scan(v any) error {
	*m.t, _ = v.(time.Time)
	return nil
}
