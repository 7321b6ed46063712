// Package sheet reads and writes tables that people made: xlsx workbooks and
// csv files, as streams, in bounded memory, without losing a row in silence.
//
// Open tells the kind by content, never by name. Rows yields the rows of a
// sheet, each with its number in the file; Find finds the heading among the
// first rows; the functions on cells (Rupiah, Volume, Day, Place) read values
// and refuse what they would have to guess. Quarantine writes the rows that were
// not taken in, with the reason, so that they can be mended and read again.
//
// Every refusal is a *domain.Error with a code sheet.*; every byte that is read
// is taken for hostile.
package sheet

import (
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"runut/domain"
)

// What a file may amount to. Beyond it is refused, never cut.
const (
	MaxSize     = 256 << 20 // bytes of a file
	MaxUnpacked = 2 << 30   // bytes of all parts of a workbook, unpacked
	MaxText     = 64 << 10  // bytes of one cell; Excel's own limit is 32,767 characters
	MaxColumns  = 1024      // columns that hold something
	maxMerges   = 200_000   // merged ranges of one sheet
)

// A Kind of file.
const (
	XLSX = "xlsx"
	CSV  = "csv"
)

// A File is an open table or workbook. It may be read any number of times, by
// one goroutine at a time.
type File struct {
	Name     string    // base name, as given
	Kind     string    // XLSX or CSV
	Digest   string    // SHA-256 of the bytes, hexadecimal
	Size     int64     // bytes
	Modified time.Time // when the program that wrote it says it was changed; zero: unknown
	Sheets   []string  // names in the order of the workbook, hidden ones last; one, "", of a csv file
	Warnings []error   // what had to be assumed to read it: *domain.Error values

	from io.ReaderAt
	own  io.Closer // what Open opened
	csv  dialect
	book *workbook
}

// A Row is one row of a sheet that holds something.
type Row struct {
	Number int // in the file, from 1, as a spreadsheet program counts
	Cells  []Cell
}

// A CellKind says what a cell holds.
type CellKind string

// The kinds of cell. Everything in a csv file is Text or Empty.
const (
	Empty  CellKind = ""
	Text   CellKind = "text"
	Number CellKind = "number"
	Date   CellKind = "date"
	Bool   CellKind = "bool"
	Fault  CellKind = "fault" // an error such as #REF!, or a formula whose result was not saved
)

// A Cell is one value of a row.
type Cell struct {
	Kind   CellKind
	Text   string // to be read: cleaned, a number in plain decimal digits, a date as 2026-01-31, a time behind it
	Raw    string // as it is stored
	Merged bool   // copied from the first cell of a merged range
	Epoch  int    // year that serial numbers of days count from, 1904; else 0
}

// Blank reports whether a cell says nothing: empty, blanks that do not show, or
// one of the signs that people put for nothing.
func (c Cell) Blank() bool {
	switch strings.ToLower(c.Text) {
	case "", "-", "--", "–", "—", ".", "null", "(null)", "n/a":
		return true
	}
	return false
}

// Cell returns the cell of a column, counted from 0; the zero Cell beyond the end.
func (r Row) Cell(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}

// Texts returns what the cells say, for keeping a row as it was.
func (r Row) Texts() []string {
	texts := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		texts[i] = c.Text
	}
	return texts
}

// Open opens a file by its path.
func Open(path string) (*File, error) {
	name := filepath.Base(path)
	from, err := os.Open(path)
	if err != nil {
		return nil, domain.Refuse(domain.NotFound, "sheet.unreadable", "file", name)
	}
	info, err := from.Stat()
	if err != nil || !info.Mode().IsRegular() {
		from.Close()
		return nil, domain.Refuse(domain.NotFound, "sheet.unreadable", "file", name)
	}
	f, err := OpenReader(name, from, info.Size())
	if err != nil {
		from.Close()
		return nil, err
	}
	f.own = from
	return f, nil
}

// OpenReader opens a file that lies anywhere; name is for messages and is cut to
// its last part. The bytes must stay as they are until Close.
func OpenReader(name string, from io.ReaderAt, size int64) (*File, error) {
	f := &File{Name: filepath.Base(filepath.ToSlash(name)), Size: size, from: from}
	if size == 0 {
		return nil, domain.Refuse(domain.Invalid, "sheet.empty", "file", f.Name)
	}
	if size > MaxSize {
		return nil, domain.Refuse(domain.Exhausted, "sheet.too_large", "file", f.Name, "limit", "256 MB")
	}
	seen, err := look(io.NewSectionReader(from, 0, size))
	if err != nil {
		return nil, err
	}
	f.Digest = seen.digest
	switch seen.form {
	case "zip":
		f.Kind = XLSX
		err = f.openBook()
	case "text":
		f.Kind, f.Sheets = CSV, []string{""}
		err = f.openText(seen)
	case "encrypted":
		err = domain.Refuse(domain.Invalid, "sheet.encrypted", "file", f.Name)
	case "":
		err = domain.Refuse(domain.Invalid, "sheet.not_a_table", "file", f.Name)
	default:
		err = domain.Refuse(domain.Invalid, "sheet.old_format", "file", f.Name, "format", seen.form)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Close lets go of what the file holds.
func (f *File) Close() error {
	if f.book != nil {
		f.book.close()
	}
	if f.own != nil {
		return f.own.Close()
	}
	return nil
}

// Rows yields the rows of a sheet that hold something, in order; "" is the first
// sheet that is not hidden. An error is the last thing yielded: what was yielded
// before it is right, what comes after it was not read.
func (f *File) Rows(sheet string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var err error
		switch {
		case sheet != "" && f.Kind == CSV:
			err = f.noSuchSheet(sheet)
		case f.Kind == CSV:
			err = f.textRows(yield)
		default:
			err = f.bookRows(sheet, yield)
		}
		if err != nil && err != errEnough {
			yield(Row{}, err)
		}
	}
}

func (f *File) noSuchSheet(sheet string) error {
	return domain.Refuse(domain.NotFound, "sheet.not_found", "file", f.Name, "sheet", sheet, "known", strings.Join(f.Sheets, ", "))
}

func (f *File) broken() error {
	return domain.Refuse(domain.Invalid, "sheet.broken", "file", f.Name)
}
