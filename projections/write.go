package projections

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A Table describes one table to the Writer.
type Table struct {
	Name    string // also that of the view readers name
	Key     string // columns of the primary key: "number" or "opd, position"
	Owner   string // column by which rows belong together and are replaced
	Columns string // all columns that are written, in the order of the values given to Put
}

func (t *Table) columns() []string { return strings.Split(t.Columns, ", ") }

// A raw is JSON for a column of type jsonb.
type raw []byte

// asJSON returns v for a column of type jsonb. Equal values give equal bytes.
func asJSON(v any) raw {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(fmt.Sprintf("projections: %T as JSON: %v", v, err)) // our own types
	}
	return b
}

// moment returns t for a column that is null where there is no time.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// A Writer takes the rows of one projection and brings its tables to them, by
// one statement a table however many rows there are.
type Writer struct {
	conn   conn
	schema string
	build  bool // the tables were empty and have no keys yet: rows are copied straight in
	tables map[*Table]*pending
	order  []*Table
	rows   int
}

// A conn is what a Writer writes through: a connection or a transaction.
type conn interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

type pending struct {
	rows   [][]any
	owners []string // whose rows are replaced as a whole
}

// How many rows a Writer holds before it writes them.
const (
	heldRows  = 5_000
	heldBuilt = 20_000
)

func newWriter(c conn, schema string, build bool) *Writer {
	return &Writer{conn: c, schema: schema, build: build, tables: make(map[*Table]*pending)}
}

func (w *Writer) of(t *Table) *pending {
	p := w.tables[t]
	if p == nil {
		p = new(pending)
		w.tables[t] = p
		w.order = append(w.order, t)
	}
	return p
}

// Replace says that an owner's rows are those put for it in this batch and no
// others.
func (w *Writer) Replace(t *Table, owner string) {
	if !w.build {
		p := w.of(t)
		p.owners = append(p.owners, owner)
	}
}

// Put says what a row is now. A key may be put once in a batch. A value is a
// string, an integer, a bool, a time, a list of strings, an id, raw JSON or nil.
func (w *Writer) Put(t *Table, values ...any) {
	p := w.of(t)
	p.rows = append(p.rows, values)
	w.rows++
}

// Spill writes what is held where that is much. It is called by a Fold that has
// many rows, when no owner's rows are half put.
func (w *Writer) Spill(ctx context.Context) error {
	if w.build && w.rows < heldBuilt || w.rows < heldRows {
		return nil
	}
	return w.flush(ctx)
}

// flush writes what is held.
func (w *Writer) flush(ctx context.Context) error {
	for _, t := range w.order {
		p := w.tables[t]
		if len(p.rows) == 0 && len(p.owners) == 0 {
			continue
		}
		if err := w.write(ctx, t, p); err != nil {
			return fmt.Errorf("write %d rows of %s: %w", len(p.rows), t.Name, err)
		}
		*p = pending{}
	}
	w.rows = 0
	return nil
}

// column returns what a query over the projection's own tables gives.
func (w *Writer) column(ctx context.Context, sql string, args ...any) ([]string, error) {
	rows, err := w.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (w *Writer) write(ctx context.Context, t *Table, p *pending) error {
	if w.build {
		for _, row := range p.rows {
			for i, v := range row {
				if j, ok := v.(raw); ok {
					row[i] = string(j)
				}
			}
		}
		_, err := w.conn.CopyFrom(ctx, pgx.Identifier{w.schema, t.Name}, t.columns(), pgx.CopyFromRows(p.rows))
		return err
	}
	_, err := w.conn.Exec(ctx, t.statement(w.schema), t.encode(p.rows), p.owners)
	return err
}

// statement takes over the rows in $1, touching only those that differ, and
// removes the others of the owners in $2.
func (t *Table) statement(schema string) string {
	key := strings.Split(t.Key, ", ")
	rest := slices.DeleteFunc(t.columns(), func(c string) bool { return slices.Contains(key, c) })
	same := make([]string, len(key))
	for i, k := range key {
		same[i] = "i." + k + " = t." + k
	}
	change := "nothing"
	if len(rest) > 0 {
		change = fmt.Sprintf("update set (%s) = row(%s) where (%s) is distinct from (%s)",
			strings.Join(rest, ", "), prefixed("excluded.", rest), prefixed("t.", rest), prefixed("excluded.", rest))
	}
	return fmt.Sprintf(`with incoming as materialized (select %[3]s from json_populate_recordset(null::%[1]s.%[2]s, $1::json)),
gone as (delete from %[1]s.%[2]s t where t.%[4]s = any ($2::text[]) and not exists (select from incoming i where %[5]s))
insert into %[1]s.%[2]s as t (%[3]s) select %[3]s from incoming on conflict (%[6]s) do %[7]s`,
		schema, t.Name, t.Columns, t.Owner, strings.Join(same, " and "), t.Key, change)
}

func prefixed(prefix string, columns []string) string {
	return prefix + strings.Join(columns, ", "+prefix)
}

// encode returns rows as a JSON array of objects.
func (t *Table) encode(rows [][]any) string {
	columns := t.columns()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = `,"` + c + `":`
	}
	b := make([]byte, 0, 512*len(rows)+2)
	b = append(b, '[')
	for i, row := range rows {
		if len(row) != len(columns) {
			panic(fmt.Sprintf("projections: %d values for %d columns of %s", len(row), len(columns), t.Name))
		}
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		for j, v := range row {
			b = append(b, names[j]...)
			b = appendJSON(b, v)
		}
		b[start] = '{' // in place of the first comma
		b = append(b, '}')
	}
	return string(append(b, ']'))
}

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendText(b, v)
	case raw:
		return append(b, v...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case time.Time:
		return append(v.UTC().AppendFormat(append(b, '"'), "2006-01-02T15:04:05.999999Z07:00"), '"')
	case uuid.UUID:
		return append(append(append(b, '"'), v.String()...), '"')
	case []string:
		b = append(b, '[')
		for i, s := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, s)
		}
		return append(b, ']')
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return appendText(b, r.String())
	case reflect.Int, reflect.Int64, reflect.Int32:
		return strconv.AppendInt(b, r.Int(), 10)
	}
	panic(fmt.Sprintf("projections: %T cannot be put into a column", v))
}

func appendText(b []byte, s string) []byte {
	b, err := jsontext.AppendQuote(b, s)
	if err != nil {
		panic(err) // events hold valid UTF-8 only
	}
	return b
}
