package sheet

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"runut/domain"
)

// A dialect is how a csv file is written.
type dialect struct {
	comma    byte
	encoding string // utf8, utf16le, utf16be, windows1252
	hint     bool   // the first line, "sep=;", is for Excel and no row
}

// separators are tried in this order; the first of equals wins.
var separators = []byte{';', ',', '\t', '|'}

// openText settles how a csv file is written.
func (f *File) openText(seen sighting) error {
	f.csv.encoding = seen.bom
	switch {
	case seen.bom == "" && seen.utf8:
		f.csv.encoding = "utf8"
	case seen.bom == "" || seen.bom == "utf8" && !seen.utf8:
		f.csv.encoding = "windows1252"
		f.Warnings = append(f.Warnings, domain.Refuse(domain.Invalid, "sheet.encoding_assumed", "file", f.Name, "encoding", "Windows-1252"))
	}
	start := make([]byte, 64<<10)
	n, err := io.ReadFull(f.decoded(), start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return f.broken()
	}
	text := string(start[:n])
	if strings.TrimSpace(text) == "" && n < len(start) {
		return domain.Refuse(domain.Invalid, "sheet.empty", "file", f.Name)
	}
	first, _, _ := strings.Cut(text, "\n")
	if hint, ok := strings.CutPrefix(strings.ToLower(strings.TrimRight(first, "\r")), "sep="); ok && len(hint) == 1 {
		f.csv.comma, f.csv.hint = hint[0], true
		return nil
	}
	f.csv.comma = separator(text)
	return nil
}

// decoded returns the bytes as UTF-8 without a mark of order.
func (f *File) decoded() io.Reader {
	raw := io.NewSectionReader(f.from, 0, f.Size)
	switch f.csv.encoding {
	case "utf16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(raw)
	case "utf16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(raw)
	case "windows1252":
		return charmap.Windows1252.NewDecoder().Reader(raw)
	}
	return unicode.UTF8BOM.NewDecoder().Reader(raw)
}

// separator returns the sign that divides the beginning of a file into the most
// columns for the most rows: decimal commas and commas in texts come irregularly.
func separator(text string) byte {
	best, most := byte(','), 0
	for _, comma := range separators {
		lengths := map[int]int{}
		records := &records{from: bufio.NewReader(strings.NewReader(text)), comma: comma}
		for range 50 {
			cells, err := records.next()
			if err != nil {
				break
			}
			lengths[len(cells)]++
		}
		for columns, rows := range lengths {
			if score := rows * (columns - 1); score > most {
				best, most = comma, score
			}
		}
	}
	return best
}

func (f *File) textRows(yield func(Row, error) bool) error {
	records := &records{from: bufio.NewReaderSize(f.decoded(), 64<<10), comma: f.csv.comma}
	for {
		cells, err := records.next()
		switch {
		case err == io.EOF:
			return nil
		case err == errQuote:
			return domain.Refuse(domain.Invalid, "sheet.quote_open", "file", f.Name, "row", strconv.Itoa(records.number))
		case err == errLong:
			return domain.Refuse(domain.Exhausted, "sheet.cell_too_long", "file", f.Name, "row", strconv.Itoa(records.number))
		case err == errWide:
			return domain.Refuse(domain.Exhausted, "sheet.too_wide", "file", f.Name, "row", strconv.Itoa(records.number), "limit", strconv.Itoa(MaxColumns))
		case err != nil:
			return f.broken()
		}
		if f.csv.hint && records.number == 1 {
			continue
		}
		row := Row{Number: records.number, Cells: make([]Cell, len(cells))}
		says := false
		for i, raw := range cells {
			if text := Clean(raw); text != "" {
				row.Cells[i] = Cell{Kind: Text, Text: text, Raw: raw}
				says = true
			}
		}
		if says && !yield(row, nil) {
			return errEnough
		}
	}
}

var (
	errQuote = errors.New("a quote that is never closed")
	errLong  = errors.New("a cell that is too long")
	errWide  = errors.New("too many columns")
)

// records reads the records of a csv file. The standard library's reader is not
// used because it leaves out empty records without counting them, so that a row's
// number could not be told, and reads on without end where a quote stays open.
//
// Quotes count at the beginning of a cell alone: 5" pipa is a text with an inch.
type records struct {
	from   *bufio.Reader
	comma  byte
	number int // of the record read last, from 1
	length int // bytes of that record
	buf    []byte
}

// next returns the cells of the next record, or io.EOF.
func (r *records) next() ([]string, error) {
	if _, err := r.from.Peek(1); err != nil {
		return nil, err
	}
	r.number++
	r.length = 0
	var cells []string
	for {
		cell, end, err := r.cell()
		if err != nil {
			return nil, err
		}
		cells = append(cells, cell)
		r.length += len(cell)
		if end {
			return cells, nil
		}
		if len(cells) == MaxColumns*4 { // empty ones at the end are common
			return nil, errWide
		}
		if r.length > 64*MaxText {
			return nil, errLong
		}
	}
}

// cell reads one cell and what ends it; end says that the record ends too.
func (r *records) cell() (text string, end bool, err error) {
	r.buf = r.buf[:0]
	quoted := false
	if c, err := r.from.Peek(1); err == nil && c[0] == '"' {
		r.from.Discard(1)
		quoted = true
	}
	for {
		c, err := r.from.ReadByte()
		switch {
		case err == io.EOF && quoted:
			return "", true, errQuote
		case err == io.EOF:
			return string(r.buf), true, nil
		case err != nil:
			return "", true, err
		case c == '"' && quoted:
			if next, err := r.from.Peek(1); err == nil && next[0] == '"' {
				r.from.Discard(1)
				break
			}
			quoted = false
			continue
		case c == r.comma && !quoted:
			return string(r.buf), false, nil
		case (c == '\n' || c == '\r') && !quoted:
			if next, err := r.from.Peek(1); c == '\r' && err == nil && next[0] == '\n' {
				r.from.Discard(1)
			}
			return string(r.buf), true, nil
		}
		r.buf = append(r.buf, c)
		if len(r.buf) > MaxText && quoted {
			return "", true, errQuote
		}
		if len(r.buf) > MaxText {
			return "", true, errLong
		}
	}
}
