package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"runut/domain/delivery"
)

// Imports answers what came in from other systems.
type Imports struct{ DB DB }

// An ImportedFile is one file that was taken in.
type ImportedFile struct {
	Year     int               `json:"year"` // fiscal year
	Received delivery.Received `json:"received"`
	Open     int               `json:"open"`    // rows that are quarantined still
	Reasons  map[string]int    `json:"reasons"` // those, by the code of the refusal
	At       time.Time         `json:"at"`      // when it was recorded
	Position int64             `json:"position"`
}

// An ImportFilter narrows a list of files. A zero field does not narrow.
type ImportFilter struct {
	Year   int
	Source string
	Open   bool // those of which rows are quarantined still
}

// Files returns the files that were taken in, the last one first.
func (i Imports) Files(ctx context.Context, f ImportFilter, after Cursor, limit int) (Page[ImportedFile], error) {
	const list = "imports"
	var page Page[ImportedFile]
	var before int64
	begun, err := after.read(list, &before)
	if err != nil {
		return page, err
	}
	limit = limited(limit)
	page.Position, err = reading(ctx, i.DB, "imports", func(tx pgx.Tx) error {
		w := new(where)
		if f.Year != 0 {
			w.and("year = ?", f.Year)
		}
		if f.Source != "" {
			w.and("source = ?", f.Source)
		}
		if f.Open {
			w.and("open > 0")
		}
		if begun {
			w.and("position < ?", before)
		}
		rows, err := tx.Query(ctx, `
			select year, received, open, reasons, at, position
			  from read.import_files
			 where `+w.String()+`
			 order by position desc
			 limit `+w.arg(limit+1), w.args...)
		if err != nil {
			return err
		}
		page.Items, err = pgx.CollectRows(rows, scanFile)
		return err
	})
	page.cut(limit, func(x ImportedFile) Cursor { return cursorAt(list, x.Position) })
	return page, err
}

func scanFile(row pgx.CollectableRow) (ImportedFile, error) {
	var f ImportedFile
	var received, reasons []byte
	if err := row.Scan(&f.Year, &received, &f.Open, &reasons, &f.At, &f.Position); err != nil {
		return f, err
	}
	if err := json.Unmarshal(received, &f.Received); err != nil {
		return f, err
	}
	return f, json.Unmarshal(reasons, &f.Reasons)
}

// A SourceRow is a proposal as a source knows it.
type SourceRow struct {
	ID      string
	Number  string
	Missing string // SHA-256 of the file that did not hold it any more; "" where the source holds it
}

// ByID returns the proposals of a fiscal year that a source knows by some ids, by
// id. The log may hold more behind the position it is answered at.
func (i Imports) ByID(ctx context.Context, year int, source string, ids []string) (At[map[string]SourceRow], error) {
	out := At[map[string]SourceRow]{Value: make(map[string]SourceRow, len(ids))}
	var err error
	out.Position, err = reading(ctx, i.DB, "imports", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select id, number, missing
			  from read.import_rows
			 where cycle = $1 and source = $2 and id = any ($3)`, year, source, ids)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SourceRow])
		for _, r := range found {
			out.Value[r.ID] = r
		}
		return err
	})
	return out, err
}

// Held returns, by id and some at a time, the proposals of a year and lane that a
// source held before a file, within some kecamatan or villages and OPDs; an empty
// list narrows nothing.
func (i Imports) Held(ctx context.Context, year int, source, lane, file string, places, opds []string, after string, limit int) (At[[]SourceRow], error) {
	var out At[[]SourceRow]
	var err error
	out.Position, err = reading(ctx, i.DB, "imports", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select id, number, missing
			  from read.import_rows
			 where cycle = $1 and source = $2 and lane = $3 and missing in ('', $4) and id > $5
			   and (cardinality($6::text[]) = 0 or kecamatan = any ($6) or village = any ($6))
			   and (cardinality($7::text[]) = 0 or opd = any ($7))
			 order by id
			 limit $8`, year, source, lane, file, after, append([]string{}, places...), append([]string{}, opds...), limit)
		if err != nil {
			return err
		}
		out.Value, err = pgx.CollectRows(rows, pgx.RowToStructByPos[SourceRow])
		return err
	})
	return out, err
}

// Alike returns for likenesses (proposal.Idea.Likeness) the proposals of a year
// that share them, at most three each.
func (i Imports) Alike(ctx context.Context, year int, likenesses []string) (At[map[string][]string], error) {
	out := At[map[string][]string]{Value: make(map[string][]string)}
	var err error
	out.Position, err = reading(ctx, i.DB, "imports", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select asked.likeness, r.number
			  from unnest($2::text[]) as asked (likeness)
			 cross join lateral (
			       select number from read.import_rows
			        where cycle = $1 and likeness = asked.likeness and likeness <> ''
			        order by number limit 3) r`, year, likenesses)
		if err != nil {
			return err
		}
		var likeness, number string
		_, err = pgx.ForEachRow(rows, []any{&likeness, &number}, func() error {
			out.Value[likeness] = append(out.Value[likeness], number)
			return nil
		})
		return err
	})
	return out, err
}
