package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"

	"runut/domain"
)

// bookRows reads the rows of a sheet of a workbook.
func (f *File) bookRows(sheet string, yield func(Row, error) bool) error {
	part, ok := f.book.sheet(sheet)
	if !ok {
		return f.noSuchSheet(sheet)
	}
	merges, err := f.merges(part)
	if err != nil {
		return err
	}
	t, err := newTokens(f.book.parts[part])
	if err != nil {
		return f.broken()
	}
	defer t.close()
	r := rowReader{file: f, merges: merges, yield: yield}
	for !r.ended {
		token, err := t.next()
		if errors.Is(err, errToken) {
			return domain.Refuse(domain.Exhausted, "sheet.cell_too_long", "file", f.Name, "row", strconv.Itoa(r.row.Number))
		}
		if err != nil { // also the end of the part: sheetData was never closed
			return domain.Refuse(domain.Invalid, "sheet.broken_at", "file", f.Name, "row", strconv.Itoa(r.row.Number))
		}
		if err := r.take(token); err != nil {
			return err
		}
	}
	// What follows the rows is read to its end, so that a wrong checksum shows.
	if _, err := io.Copy(io.Discard, t.from); err != nil {
		return domain.Refuse(domain.Invalid, "sheet.broken_at", "file", f.Name, "row", strconv.Itoa(r.row.Number))
	}
	return nil
}

// A rowReader puts rows together from the pieces of a sheet's XML.
type rowReader struct {
	file   *File
	merges mergedRanges
	yield  func(Row, error) bool

	row    Row
	cell   storedCell
	column int  // of the cell at hand, from 0
	in     byte // what text belongs to: v, f, or 0
	run    textRun
	ended  bool
}

// A storedCell is a cell as the file has it.
type storedCell struct {
	kind, style string
	value       []byte
	formula     []byte
	computed    bool // a value is stored, though it may be the empty text
	long        bool
}

func (r *rowReader) take(token xml.Token) error {
	switch e := token.(type) {
	case xml.StartElement:
		return r.begin(e)
	case xml.CharData:
		r.text(e)
	case xml.EndElement:
		return r.end(e.Name.Local)
	}
	return nil
}

func (r *rowReader) begin(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		number := r.row.Number + 1
		if given, err := strconv.Atoi(attribute(e, "r")); err == nil && given > r.row.Number && given <= 1<<20 {
			number = given
		}
		r.row, r.column = Row{Number: number}, -1
	case "c":
		r.column++
		if name := attribute(e, "r"); name != "" {
			column, _, ok := coordinates(name)
			if !ok || column < r.column {
				return domain.Refuse(domain.Invalid, "sheet.broken_at", "file", r.file.Name, "row", strconv.Itoa(r.row.Number))
			}
			r.column = column
		}
		r.cell = storedCell{kind: attribute(e, "t"), style: attribute(e, "s"), value: r.cell.value[:0], formula: r.cell.formula[:0]}
		r.run.take()
		r.run.long = false
	case "v", "f":
		r.in = e.Name.Local[0]
		r.cell.computed = r.cell.computed || r.in == 'v'
	default:
		r.run.begin(e.Name.Local)
	}
	return nil
}

func (r *rowReader) text(text []byte) {
	switch r.in {
	case 'v':
		if len(r.cell.value)+len(text) > MaxText {
			r.cell.long = true
			return
		}
		r.cell.value = append(r.cell.value, text...)
	case 'f':
		if len(r.cell.formula)+len(text) <= MaxText {
			r.cell.formula = append(r.cell.formula, text...)
		}
	default:
		r.run.add(text)
	}
}

func (r *rowReader) end(element string) error {
	switch element {
	case "v", "f":
		r.in = 0
	case "c":
		return r.put(r.read())
	case "row":
		return r.finish()
	case "sheetData":
		r.ended = true
	default:
		r.run.end(element)
	}
	return nil
}

// put takes a cell into the row.
func (r *rowReader) put(cell Cell, long bool) error {
	if long {
		return domain.Refuse(domain.Exhausted, "sheet.cell_too_long", "file", r.file.Name, "row", strconv.Itoa(r.row.Number))
	}
	if cell.Kind == Empty {
		return nil
	}
	if r.column >= MaxColumns {
		return domain.Refuse(domain.Exhausted, "sheet.too_wide", "file", r.file.Name, "row", strconv.Itoa(r.row.Number), "limit", strconv.Itoa(MaxColumns))
	}
	for len(r.row.Cells) <= r.column {
		r.row.Cells = append(r.row.Cells, Cell{})
	}
	r.row.Cells[r.column] = cell
	return nil
}

// finish yields the row, with what merged ranges say in it, unless it is blank.
func (r *rowReader) finish() error {
	row := r.row
	blank := len(row.Cells) == 0
	r.merges.unfold(&row)
	if blank {
		return nil
	}
	if !r.yield(row, nil) {
		return errEnough
	}
	return nil
}

// read makes a cell out of what is stored.
func (r *rowReader) read() (cell Cell, long bool) {
	raw, text := string(r.cell.value), ""
	switch r.cell.kind {
	case "s":
		shared, tooLong, ok := r.file.book.texts.at(raw)
		if !ok {
			return Cell{Kind: Fault, Text: "#" + Clean(raw), Raw: raw}, false
		}
		raw, long = shared, tooLong
		text = Clean(unescaped(raw))
	case "inlineStr":
		raw, long = string(r.run.take()), r.run.long
		text = Clean(unescaped(raw))
	case "str":
		text = Clean(unescaped(raw))
	case "e":
		return Cell{Kind: Fault, Text: Clean(raw), Raw: raw}, r.cell.long
	case "b":
		return Cell{Kind: Bool, Text: map[string]string{"1": "true", "0": "false"}[raw], Raw: raw}, r.cell.long
	case "d":
		return Cell{Kind: Date, Text: Clean(raw), Raw: raw}, r.cell.long
	default:
		return r.number(raw), r.cell.long
	}
	long = long || r.cell.long
	if text == "" {
		return r.unsaved(), long
	}
	return Cell{Kind: Text, Text: text, Raw: raw}, long
}

// number makes a cell out of a stored number.
func (r *rowReader) number(raw string) Cell {
	if raw == "" {
		return r.unsaved()
	}
	var f format
	if style, err := strconv.Atoi(r.cell.style); err == nil && 0 <= style && style < len(r.file.book.formats) {
		f = r.file.book.formats[style]
	} else {
		f.places = -1
	}
	text, value, ok := plain(raw, f)
	if !ok {
		return Cell{Kind: Fault, Text: Clean(raw), Raw: raw}
	}
	if f.date {
		if day, ok := serial(value, r.file.book.epoch); ok {
			return Cell{Kind: Date, Text: day, Raw: raw, Epoch: r.file.book.epoch}
		}
	}
	return Cell{Kind: Number, Text: text, Raw: raw, Epoch: r.file.book.epoch}
}

// unsaved returns what a cell without a value is: nothing, or a formula that was
// never computed, which would else be lost in silence.
func (r *rowReader) unsaved() Cell {
	if len(r.cell.formula) == 0 || r.cell.computed {
		return Cell{}
	}
	return Cell{Kind: Fault, Text: "=" + Clean(string(r.cell.formula)), Raw: string(r.cell.formula)}
}

// coordinates returns the column and the row, both from 0, of a name such as AB12.
func coordinates(name string) (column, row int, ok bool) {
	i := 0
	for ; i < len(name) && 'A' <= name[i]&^0x20 && name[i]&^0x20 <= 'Z'; i++ {
		if column = column*26 + int(name[i]&^0x20-'A') + 1; column > 1<<14 {
			return 0, 0, false
		}
	}
	row, err := strconv.Atoi(name[i:])
	if i == 0 || err != nil || row < 1 || row > 1<<20 {
		return 0, 0, false
	}
	return column - 1, row - 1, true
}
