package sheet

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"runut/api/text"
)

// A Quarantine writes the rows that were not taken in as a workbook: the source's
// own heading and cells, then which row it was, in which column, and why. Mended,
// it can be read again as it is; Find passes over the columns that were added.
//
// What does not fit in memory goes to temporary files until Close.
type Quarantine struct {
	Rows int // written so far

	book   *excelize.File
	out    *excelize.StreamWriter
	width  int
	at     int
	lang   text.Lang
	header int
}

// NewQuarantine begins a workbook for the rows of a table.
func NewQuarantine(l Layout) (*Quarantine, error) {
	q := &Quarantine{book: excelize.NewFile(), width: len(l.Headings), lang: text.ID, header: len(l.Header)}
	if err := q.begin(l); err != nil {
		q.book.Close()
		return nil, err
	}
	return q, nil
}

func (q *Quarantine) begin(l Layout) error {
	const name = "Karantina"
	if err := q.book.SetSheetName(q.book.GetSheetName(0), name); err != nil {
		return err
	}
	bold, err := q.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	if q.out, err = q.book.NewStreamWriter(name); err != nil {
		return err
	}
	if err := q.out.SetColWidth(1, max(1, q.width), 18); err != nil {
		return err
	}
	if err := q.out.SetColWidth(q.width+1, q.width+2, 14); err != nil {
		return err
	}
	if err := q.out.SetColWidth(q.width+3, q.width+3, 70); err != nil {
		return err
	}
	if err := q.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: q.header, TopLeftCell: fmt.Sprintf("A%d", q.header+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for _, row := range l.Header {
		cells := make([]any, 0, q.width+3)
		for i := range q.width {
			cells = append(cells, excelize.Cell{StyleID: bold, Value: text.Guard(row.Cell(i).Text)})
		}
		for _, added := range quarantineColumns {
			cells = append(cells, excelize.Cell{StyleID: bold, Value: added})
		}
		if err := q.write(cells); err != nil {
			return err
		}
	}
	return nil
}

// The hidden sheet that says which file a quarantine is of, and what stands before the
// digest there.
const (
	ofSheet = "_runut"
	ofWord  = "quarantine of"
)

// Of notes the SHA-256, hex, of the file whose rows these are, so that the workbook is
// known by it when it comes back.
func (q *Quarantine) Of(digest string) error {
	if _, err := q.book.NewSheet(ofSheet); err != nil {
		return err
	}
	if err := q.book.SetSheetRow(ofSheet, "A1", &[]string{ofWord, digest}); err != nil {
		return err
	}
	return q.book.SetSheetVisible(ofSheet, false)
}

// Mends returns the digest of the file whose quarantined rows a workbook holds, "" where
// it is no quarantine or does not say.
func Mends(f *File) string {
	if !slices.Contains(f.Sheets, ofSheet) {
		return ""
	}
	for row, err := range f.Rows(ofSheet) {
		if err != nil || row.Cell(0).Text != ofWord {
			return ""
		}
		return row.Cell(1).Text
	}
	return ""
}

// Origin returns which row of the quarantined file a row of a quarantine was, 0 where it
// does not say. Quarantined again, it still says it first.
func (l Layout) Origin(row Row) int {
	i := slices.Index(l.Headings, quarantineColumns[0])
	if i < 0 {
		return 0
	}
	n, _ := strconv.Atoi(row.Cell(i).Text)
	return max(n, 0)
}

// Add writes a row with the column at fault, as its heading says or "", and the
// reason, in Indonesian.
func (q *Quarantine) Add(row Row, column string, reason error) error {
	refusal := q.lang.Refuse(reason)
	why := []string{refusal.Title}
	for _, more := range refusal.All {
		why = append(why, more.Title)
	}
	cells := make([]any, 0, q.width+3)
	for i := range q.width {
		cells = append(cells, stored(row.Cell(i)))
	}
	cells = append(cells, row.Number, text.Guard(column), text.Guard(strings.Join(why, "\n")))
	q.Rows++
	return q.write(cells)
}

// stored returns what is written for a cell, so that it is read again as it was.
// A text stays a text, also where it looks like a number.
func stored(c Cell) any {
	switch c.Kind {
	case Empty:
		return nil
	case Number:
		if _, value, ok := plain(c.Text, format{places: -1}); ok {
			if back, _, _ := plain(fmt.Sprint(value), format{places: -1}); back == c.Text {
				return value
			}
		}
	case Bool:
		return c.Text == "true"
	}
	return text.Guard(c.Text)
}

func (q *Quarantine) write(cells []any) error {
	q.at++
	return q.out.SetRow(fmt.Sprintf("A%d", q.at), cells)
}

// WriteTo ends the workbook and writes it out. Nothing can be added after.
func (q *Quarantine) WriteTo(w io.Writer) (int64, error) {
	if err := q.out.Flush(); err != nil {
		return 0, err
	}
	return q.book.WriteTo(w)
}

// Close removes what was kept on disk.
func (q *Quarantine) Close() error { return q.book.Close() }
