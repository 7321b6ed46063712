package projections

import (
	"context"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// Register answers what codes mean, by edition.
type Register struct{ DB DB }

// The registers.
const (
	RegisterWilayah      = "wilayah"
	RegisterOPD          = "opd"
	RegisterNomenclature = "nomenclature"
	RegisterKamus        = "kamus"
	RegisterReasons      = "reasons"
	RegisterHolidays     = "holidays"
)

// A RegisterEntry is one row of an edition of a register.
type RegisterEntry struct {
	Register string            `json:"register"`
	Edition  string            `json:"edition"`
	Code     string            `json:"code"`
	Name     string            `json:"name"`
	Parent   string            `json:"parent"`
	Until    string            `json:"until"` // local day it ceased
	Facts    map[string]string `json:"facts"`
}

// An Edition is one edition of a register.
type Edition struct {
	Register  string `json:"register"`
	Edition   string `json:"edition"`
	ValidFrom string `json:"valid_from"` // local day
	Digest    string `json:"digest"`
	Rows      int    `json:"rows"`     // as the edition says
	Parts     int    `json:"parts"`    // it comes in
	Seen      int    `json:"seen"`     // parts recorded so far
	Position  int64  `json:"position"` // of the last of them
}

// Editions returns the editions of a register, newest first.
func (r Register) Editions(ctx context.Context, register string) (At[[]Edition], error) {
	var out At[[]Edition]
	var err error
	out.Position, err = reading(ctx, r.DB, "register", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select register, edition, max(valid_from), max(digest), max(rows), max(parts), count(*), max(position)
			  from read.register_parts
			 where register = $1
			 group by register, edition
			 order by max(valid_from) desc, max(position) desc`, register)
		if err == nil {
			out.Value, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Edition])
		}
		return err
	})
	return out, err
}

// newest orders the rows of a code by editions, the newest first. An entry of a
// cycle's own vocabulary comes before one of the general register.
const newest = `e.code, p.valid_from desc, e.position desc`

// Names returns the names of codes in the newest edition of a register that
// holds each; codes that no edition holds are absent.
func (r Register) Names(ctx context.Context, register string, codes ...string) (At[map[string]string], error) {
	return r.NamesIn(ctx, []string{register}, codes...)
}

// NamesIn is Names over several registers that have no code in common.
func (r Register) NamesIn(ctx context.Context, registers []string, codes ...string) (At[map[string]string], error) {
	out := At[map[string]string]{Value: make(map[string]string, len(codes))}
	var err error
	out.Position, err = reading(ctx, r.DB, "register", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select distinct on (e.code) e.code, e.name
			  from read.register_entries e
			  join read.register_parts p on p.register = e.register and p.edition = e.edition and p.source = e.source and p.part = 1
			 where e.register = any ($1) and e.code = any ($2)
			 order by `+newest, registers, codes)
		if err != nil {
			return err
		}
		return collectNames(rows, out.Value)
	})
	return out, err
}

func collectNames(rows pgx.Rows, into map[string]string) error {
	var code, name string
	_, err := pgx.ForEachRow(rows, []any{&code, &name}, func() error {
		into[code] = name
		return nil
	})
	return err
}

// Get returns the entry of a code in an edition; "" is the newest that holds it.
func (r Register) Get(ctx context.Context, register, edition, code string) (At[RegisterEntry], error) {
	var out At[RegisterEntry]
	var err error
	out.Position, err = reading(ctx, r.DB, "register", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select e.register, e.edition, e.code, e.name, e.parent, e.until, e.facts
			  from read.register_entries e
			  join read.register_parts p on p.register = e.register and p.edition = e.edition and p.source = e.source and p.part = 1
			 where e.register = $1 and e.code = $2 and ($3 = '' or e.edition = $3)
			 order by `+newest+` limit 1`, register, code, edition)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[RegisterEntry])
		if err == nil && len(found) == 0 {
			return domain.Refuse(domain.NotFound, "register.code_unknown", "register", register, "code", code)
		}
		if err == nil {
			out.Value = found[0]
		}
		return err
	})
	return out, err
}

// newestEdition is the edition of register $1 that holds now.
const newestEdition = `(select edition from read.register_parts where register = $1 order by valid_from desc, position desc limit 1)`

// List returns the entries of an edition ("" is the newest) under a parent (""
// is all), by code.
func (r Register) List(ctx context.Context, register, edition, parent string, after Cursor, limit int) (Page[RegisterEntry], error) {
	const list = "register"
	var page Page[RegisterEntry]
	var code string
	if _, err := after.read(list, &code); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, r.DB, "register", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select distinct on (code) register, edition, code, name, parent, until, facts
			  from read.register_entries
			 where register = $1 and edition = coalesce(nullif($2, ''), `+newestEdition+`)
			   and ($3 = '' or parent = $3) and code > $4
			 order by code, position desc
			 limit $5`, register, edition, parent, code, limit+1)
		if err == nil {
			page.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[RegisterEntry])
		}
		return err
	})
	page.cut(limit, func(e RegisterEntry) Cursor { return cursorAt(list, e.Code) })
	return page, err
}

// Search returns entries of the newest editions whose name or code has words
// that begin with those of text, at most limit.
func (r Register) Search(ctx context.Context, register, text string, limit int) (At[[]RegisterEntry], error) {
	var out At[[]RegisterEntry]
	var err error
	out.Position, err = reading(ctx, r.DB, "register", func(tx pgx.Tx) (err error) {
		out.Value, err = searchRegister(ctx, tx, "read.register_entries", newestEdition, register, text, limit)
		return err
	})
	return out, err
}

func searchRegister(ctx context.Context, tx pgx.Tx, entries, edition, register, text string, limit int) ([]RegisterEntry, error) {
	w := where{args: []any{register}}
	w.and("register = $1")
	w.and("edition = " + edition)
	for _, term := range terms(text) {
		w.and("search @@ (to_tsquery('simple', ?) || plainto_tsquery('indonesian', ?))", prefixQuery(term), term)
	}
	rows, err := tx.Query(ctx, `
		select register, edition, code, name, parent, until, facts
		  from `+entries+`
		 where `+w.String()+`
		 order by length(name), code
		 limit `+w.arg(limited(limit)), w.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[RegisterEntry])
}
