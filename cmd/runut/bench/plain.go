package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What is measured beside a read model is also the barest way to write it: for
// every event, each row that it changes by a statement of its own. That way is
// given every advantage. Which rows those are, and their values as they go over the
// wire, was found out before by letting the read models themselves apply one
// command at a time and noting what differed; nothing is read, decoded or folded.
// The statements are prepared, their tables have the keys, indexes and rows that
// the read models had there, and all of them share one transaction.

// A slice is what some events write, and tables that are as the read models were
// before them.
type slice struct {
	upTo       int64
	events     int
	statements []string // that write or remove a row
	writes     []write
}

type write struct {
	order     int64
	statement int
	values    [][]byte // in binary form
}

// perEvent returns how many rows the events of slices write.
func perEvent(all []*slice) float64 {
	writes, events := 0, 0
	for _, s := range all {
		writes, events = writes+len(s.writes), events+s.events
	}
	return float64(writes) / float64(events)
}

// replay writes a slice and returns the events a second. It leaves nothing behind.
func (s *slice) replay(ctx context.Context, pool *pgxpool.Pool) (rate float64, err error) {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for i, sql := range s.statements {
		if _, err := conn.PgConn().Prepare(ctx, statementName(i), sql, nil); err != nil {
			return 0, fmt.Errorf("%s: %w", sql, err)
		}
	}
	if _, err := conn.Exec(ctx, `begin`); err != nil {
		return 0, err
	}
	began := time.Now()
	for _, w := range s.writes {
		if _, err := conn.PgConn().ExecPrepared(ctx, statementName(w.statement), w.values, binary, nil).Close(); err != nil {
			return 0, fmt.Errorf("%s: %w", s.statements[w.statement], err)
		}
	}
	took := time.Since(began)
	_, err = conn.Exec(ctx, `rollback`)
	return float64(s.events) / took.Seconds(), err
}

var binary = []int16{pgx.BinaryFormatCode}

func statementName(i int) string { return fmt.Sprint("write_", i) }

// A table is one of a read model.
type table struct {
	schema, name string
	columns, key []string
}

// tablesOfModels are the tables that read models write; those without a primary key
// are counts, which the database keeps by itself and only ours pays for.
const tablesOfModels = `
	select g.schema, t.name,
	       (select array_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
	         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''),
	       (select array_agg(quote_ident(a.attname) order by k.n)
	          from pg_index i, unnest(i.indkey) with ordinality k(attnum, n), pg_attribute a
	         where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum)
	  from projections.generations g, unnest(g.tables) t(name), pg_class c
	 where g.live and c.oid = (quote_ident(g.schema) || '.' || quote_ident(t.name))::regclass
	   and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
	 order by 1, 2`

// record lets the read models take in the next events one command at a time, and
// notes what they write.
func (m *keeping) record(ctx context.Context, source *pgxpool.Pool, round int, after, events int64) (*slice, error) {
	rows, err := m.pool.Query(ctx, tablesOfModels)
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) {
		return t, row.Scan(&t.schema, &t.name, &t.columns, &t.key)
	})
	if err != nil {
		return nil, err
	}
	if _, err := m.pool.Exec(ctx, noting); err != nil {
		return nil, err
	}
	for _, t := range tables {
		if _, err := m.pool.Exec(ctx, t.watched(round)); err != nil {
			return nil, err
		}
	}
	upTo, err := move(ctx, source, m.pool, after, after+events)
	if err != nil {
		return nil, err
	}
	oneByOne := *m.runner
	oneByOne.Batch = 1
	if err := oneByOne.CatchUp(ctx); err != nil {
		return nil, err
	}
	s := &slice{upTo: upTo, events: int(upTo - after)}
	for _, t := range tables {
		if err := s.take(ctx, m.pool, t, round); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(s.writes, func(a, b write) int { return cmp.Compare(a.order, b.order) })
	return s, nil
}

const noting = `
	create table if not exists plain.noted (n bigint generated always as identity, relation text not null, op text not null, row text not null);
	truncate plain.noted;
	create or replace function plain.note() returns trigger language plpgsql as $$
	begin
		insert into plain.noted (relation, op, row) values
			(tg_table_schema || '.' || tg_table_name, tg_op, case when tg_op = 'DELETE' then old::text else new::text end);
		return null;
	end $$`

func (t *table) relation() string { return t.schema + "." + t.name }

func (t *table) copy(round int) string { return fmt.Sprintf("plain.%s_%s_%d", t.schema, t.name, round) }

// watched copies a table as it is and has its changes noted from now on.
func (t *table) watched(round int) string {
	columns := strings.Join(t.columns, ", ")
	return fmt.Sprintf(`
		create table %[1]s (like %[2]s including all);
		insert into %[1]s (%[3]s) select %[3]s from %[2]s;
		analyze %[1]s;
		create trigger noted after insert or update or delete on %[2]s for each row execute function plain.note()`,
		t.copy(round), t.relation(), columns)
}

// take takes over what was noted of a table, and ends the noting.
func (s *slice) take(ctx context.Context, pool *pgxpool.Pool, t table, round int) error {
	if _, err := pool.Exec(ctx, `drop trigger noted on `+t.relation()); err != nil {
		return err
	}
	places := make([]string, len(t.columns))
	var set []string
	for i, c := range t.columns {
		places[i] = fmt.Sprintf("$%d", i+1)
		if !slices.Contains(t.key, c) {
			set = append(set, c+" = excluded."+c)
		}
	}
	change := "nothing"
	if len(set) > 0 {
		change = "update set " + strings.Join(set, ", ")
	}
	key := make([]string, len(t.key))
	for i, c := range t.key {
		key[i] = fmt.Sprintf("%s = $%d", c, i+1)
	}
	write := fmt.Sprintf("insert into %s (%s) values (%s) on conflict (%s) do %s",
		t.copy(round), strings.Join(t.columns, ", "), strings.Join(places, ", "), strings.Join(t.key, ", "), change)
	remove := fmt.Sprintf("delete from %s where %s", t.copy(round), strings.Join(key, " and "))
	if err := s.noted(ctx, pool, t, `op <> 'DELETE'`, t.columns, write); err != nil {
		return err
	}
	return s.noted(ctx, pool, t, `op = 'DELETE'`, t.key, remove)
}

func (s *slice) noted(ctx context.Context, pool *pgxpool.Pool, t table, which string, columns []string, statement string) error {
	rows, err := pool.Query(ctx, `select n, (row::`+t.relation()+`).`+strings.Join(columns, `, (row::`+t.relation()+`).`)+`
		  from plain.noted where relation = $1 and `+which, pgx.QueryResultFormats{pgx.BinaryFormatCode}, t.relation())
	if err != nil {
		return err
	}
	defer rows.Close()
	s.statements = append(s.statements, statement)
	for rows.Next() {
		w := write{statement: len(s.statements) - 1}
		raw := rows.RawValues()
		for _, b := range raw[0] {
			w.order = w.order<<8 | int64(b)
		}
		for _, v := range raw[1:] {
			if v != nil {
				v = slices.Clone(v)
			}
			w.values = append(w.values, v)
		}
		s.writes = append(s.writes, w)
	}
	return rows.Err()
}
