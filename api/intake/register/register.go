// Package register reads registers out of tables that people made: kode wilayah,
// nomenclature, OPDs, kamus usulan, holidays; and tables that say which village or
// OPD was succeeded by which.
//
// Read makes entries of a table, and for every row that is none says where and
// why. Compare says what a new edition changes, and what may have happened to
// codes that are gone. Nothing here touches the log.
package register

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/reference"
)

// mostFaults is how many faulty rows are kept to be told; all are counted, and
// all stand in the quarantine.
const mostFaults = 1000

// MaxEntries is how many entries an edition may have: twice the places of the
// country.
const MaxEntries = 200_000

// Names are the registers that can be read from a table.
func Names() []string { return slices.Sorted(maps.Keys(shapes)) }

// Options say how a table is to be read.
type Options struct {
	Register string
	Sheet    string             // "": the first
	Tenant   string             // kode wilayah of the kabupaten
	All      bool               // of wilayah: places of other kabupaten too
	Offices  *reference.Edition // OPDs in force, to find the code of one that is named; may be nil
	Progress func(rows int)     // told now and then; may be nil
}

// A Table is what was read. Rows = Taken + Repeated + Elsewhere + Faulty.
type Table struct {
	Register  string
	File      string
	Digest    string // of the file, SHA-256 in hexadecimal
	Entries   []reference.Entry
	Rows      int      // below the heading that say something
	Taken     int      // that became entries, or a change of one
	Repeated  int      // that say again what another row says
	Elsewhere int      // places outside the kabupaten
	Faulty    int      // that were not taken in
	Faults    []Fault  // the first of them
	Derived   int      // entries that stand in no row of their own: urusan, programs
	Carried   int      // holidays of years that the table does not mention, from the edition before
	Differing []string // codes of derived entries that rows name differently; the first name was taken
	Unknown   []string // headings that were not understood
	Warnings  []error

	Quarantine *sheet.Quarantine // the faulty rows; nil where there are none. Whoever reads closes it
}

// A Fault is a row that was not taken in.
type Fault struct {
	Row    int    // in the file
	Column string // as its heading says; "" for the row as a whole
	Err    *domain.Error
}

// A shape is how the table of a register looks, and what one of its rows says.
type shape struct {
	columns []sheet.Column
	take    func(*reading, sheet.Row) error
	parent  func(*reading, reference.Entry) string // of an entry whose own parent is not there; nil: that is a fault
}

var shapes = map[string]shape{"wilayah": places, "nomenclature": nomenclature, "opd": offices, "kamus": kamus, "holidays": holidays}

// A reading is a table that is being read.
type reading struct {
	Options
	Table
	layout sheet.Layout
	at     map[string]int // of a code in Entries
	rows   []sheet.Row    // that an entry was read from; of a derived one the zero Row
	differ map[string]bool
}

// A misread is a refusal of what stands in one column.
type misread struct {
	key string
	err error
}

func (m *misread) Error() string { return m.key + ": " + m.err.Error() }
func (m *misread) Unwrap() error { return m.err }

// in says in which column of the table something was refused.
func in(key string, err error) error { return &misread{key, err} }

// Read reads a register out of a table. Only what forbids the whole is an error.
func Read(f *sheet.File, o Options) (*Table, error) {
	s, known := shapes[o.Register]
	if !known {
		return nil, domain.Refuse(domain.Invalid, "register.not_a_table", "register", o.Register, "known", strings.Join(Names(), ", "))
	}
	layout, err := sheet.Find(f.Rows(o.Sheet), s.columns)
	if err != nil {
		return nil, err
	}
	r := &reading{Options: o, layout: layout, at: map[string]int{}, differ: map[string]bool{}}
	r.Table = Table{Register: o.Register, File: f.Name, Digest: f.Digest, Unknown: layout.Unknown, Warnings: f.Warnings}
	if err := r.read(f, s); err != nil {
		if r.Quarantine != nil {
			r.Quarantine.Close()
		}
		return nil, err
	}
	return &r.Table, nil
}

func (r *reading) read(f *sheet.File, s shape) error {
	for row, err := range r.layout.Data(f.Rows(r.Sheet)) {
		if err != nil {
			return err
		}
		r.Rows++
		if r.Progress != nil && r.Rows%1000 == 0 {
			r.Progress(r.Rows)
		}
		if len(r.Entries) >= MaxEntries {
			return domain.Refuse(domain.Exhausted, "register.too_long", "limit", fmt.Sprint(MaxEntries))
		}
		if err := s.take(r, row); err != nil {
			if err := r.refuse(row, err); err != nil {
				return err
			}
		}
	}
	if err := r.settle(s); err != nil {
		return err
	}
	r.Differing = slices.Sorted(maps.Keys(r.differ))
	if r.Derived > 0 {
		slices.SortFunc(r.Entries, func(a, b reference.Entry) int { return strings.Compare(a.Code, b.Code) })
	}
	if len(r.Entries) == 0 && r.Faulty == 0 {
		if r.Elsewhere > 0 {
			return domain.Refuse(domain.Invalid, "register.all_elsewhere", "file", f.Name, "tenant", r.Tenant, "rows", fmt.Sprint(r.Elsewhere))
		}
		return domain.Refuse(domain.Invalid, "register.no_entries", "file", f.Name)
	}
	return nil
}

// add takes an entry in that a row says. A row that says the same again is
// counted; one that says something else of the same code is a fault.
func (r *reading) add(row sheet.Row, e reference.Entry) error {
	if e.Name == "" {
		return in("name", domain.Refuse(domain.Invalid, "register.name_missing", "code", e.Code))
	}
	for _, words := range append(slices.Collect(maps.Values(e.Facts)), e.Name) {
		if domain.Identifies(words, domain.SpanName) {
			return in("name", domain.Refuse(domain.Invalid, "register.personal", "code", e.Code))
		}
	}
	i, twice := r.at[e.Code]
	if !twice {
		r.at[e.Code] = len(r.Entries)
		r.Entries, r.rows = append(r.Entries, e), append(r.rows, row)
		r.Taken++
		return nil
	}
	if r.rows[i].Number == 0 { // a heading that was derived has a row of its own after all
		r.Entries[i], r.rows[i] = e, row
		r.Derived--
		r.Taken++
		return nil
	}
	if r.Entries[i].Name == e.Name && maps.Equal(r.Entries[i].Facts, e.Facts) {
		r.Repeated++
		return nil
	}
	return in("code", domain.Refuse(domain.Conflict, "register.code_twice", "code", e.Code, "row", fmt.Sprint(r.rows[i].Number), "name", r.Entries[i].Name))
}

// derive takes an entry in that no row is about but one mentions.
func (r *reading) derive(e reference.Entry) {
	i, known := r.at[e.Code]
	if known && r.Entries[i].Name != e.Name && r.rows[i].Number == 0 {
		r.differ[e.Code] = true
	}
	if known || e.Name == "" || e.Code == "" {
		return
	}
	r.at[e.Code] = len(r.Entries)
	r.Entries, r.rows = append(r.Entries, e), append(r.rows, sheet.Row{})
	r.Derived++
}

// Carry adds the holidays of years that the table does not mention from the
// edition before, nil for none: a decree lists the days of one year, and the next
// edition is not to forget the others.
func (t *Table) Carry(before *reference.Edition) {
	if t.Register != "holidays" || before == nil {
		return
	}
	mentioned := map[string]bool{}
	for _, e := range t.Entries {
		mentioned[year(e)] = true
	}
	for _, e := range before.Entries {
		if !mentioned[year(e)] {
			t.Entries = append(t.Entries, e)
			t.Carried++
		}
	}
}

// year returns the year of a holiday.
func year(e reference.Entry) string { return e.Code[:min(4, len(e.Code))] }

// settle sees to it that the parent of every entry is an entry.
func (r *reading) settle(s shape) error {
	for lost := true; lost; {
		lost = false
		kept, rows := r.Entries[:0], r.rows[:0]
		for i, e := range r.Entries {
			_, ok := r.at[e.Parent]
			if e.Parent != "" && !ok && s.parent != nil {
				e.Parent, ok = s.parent(r, e), true
			}
			if e.Parent == "" || ok {
				kept, rows = append(kept, e), append(rows, r.rows[i])
				continue
			}
			lost = true
			delete(r.at, e.Code)
			r.Taken--
			if err := r.refuse(r.rows[i], in("code", domain.Refuse(domain.Invalid, "register.parent_unknown", "code", e.Code, "parent", e.Parent))); err != nil {
				return err
			}
		}
		r.Entries, r.rows = kept, rows
		for i, e := range kept {
			r.at[e.Code] = i
		}
	}
	return nil
}

// refuse keeps a row that was not taken in, and why.
func (r *reading) refuse(row sheet.Row, why error) error {
	column := ""
	if m, ok := errors.AsType[*misread](why); ok {
		column, why = r.layout.Heading(m.key), m.err
	}
	refusal, ok := errors.AsType[*domain.Error](why)
	if !ok {
		return why
	}
	r.Faulty++
	if len(r.Faults) < mostFaults {
		r.Faults = append(r.Faults, Fault{row.Number, column, refusal})
	}
	if r.Quarantine == nil {
		var err error
		if r.Quarantine, err = sheet.NewQuarantine(r.layout); err != nil {
			return err
		}
	}
	return r.Quarantine.Add(row, column, refusal)
}

// text returns what a row says in a column, on one line; "" where it says nothing.
func (r *reading) text(row sheet.Row, key string) (string, error) {
	c := r.layout.Get(row, key)
	if c.Kind == sheet.Fault {
		return "", in(key, domain.Refuse(domain.Invalid, "sheet.cell_faulty", "value", c.Text))
	}
	if c.Blank() {
		return "", nil
	}
	return sheet.Line(c.Text), nil
}

// facts returns what a row says in several columns; a column without a word is
// left out.
func (r *reading) facts(row sheet.Row, keys ...string) (map[string]string, error) {
	var facts map[string]string
	for _, key := range keys {
		text, err := r.text(row, key)
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		if facts == nil {
			facts = map[string]string{}
		}
		facts[key] = text
	}
	return facts, nil
}

// codeOf returns the code of a row, as form wants it.
func (r *reading) codeOf(row sheet.Row, key, example string) (string, error) {
	code, err := r.text(row, key)
	if err != nil {
		return "", err
	}
	code = strings.Trim(strings.ReplaceAll(code, " ", ""), ".")
	if r.Table.Register == "wilayah" {
		code = dotted(code)
	}
	if code == "" {
		return "", in(key, domain.Refuse(domain.Invalid, "register.code_missing", "example", example))
	}
	if !reference.Registers[r.Table.Register].MatchString(code) {
		return "", in(key, domain.Refuse(domain.Invalid, "register.code_malformed", "code", code, "example", example))
	}
	return code, nil
}

// until returns the day from which an entry is no longer used.
func (r *reading) until(row sheet.Row) (string, error) {
	c := r.layout.Get(row, "until")
	if c.Blank() {
		return "", nil
	}
	day, err := sheet.Day(c)
	if err != nil {
		return "", in("until", err)
	}
	return day, nil
}
