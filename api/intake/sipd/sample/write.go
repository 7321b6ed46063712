package sample

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

// XLSX writes an export as a workbook; exported is what its properties say.
func (t Table) XLSX(w io.Writer, exported time.Time) error {
	f := excelize.NewFile()
	defer f.Close()
	const name = "Usulan"
	if err := f.SetSheetName(f.GetSheetName(0), name); err != nil {
		return err
	}
	stamp := exported.UTC().Format(time.RFC3339)
	if err := f.SetDocProps(&excelize.DocProperties{Title: "DATA CONTOH", Creator: "Runut", Created: stamp, Modified: stamp}); err != nil {
		return err
	}
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	at := 0
	write := func(cells []any) error {
		at++
		return out.SetRow(fmt.Sprintf("A%d", at), cells)
	}
	for _, line := range t.Above {
		if err := write([]any{line}); err != nil {
			return err
		}
	}
	if t.Upper != nil {
		if err := t.merge(out, at+1); err != nil {
			return err
		}
		if err := write(texts(t.Upper)); err != nil {
			return err
		}
	}
	if err := write(texts(t.Lower)); err != nil {
		return err
	}
	for _, row := range t.Rows {
		cells := make([]any, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case time.Time:
				cells[i] = excelize.Cell{StyleID: day, Value: v}
			case fault:
				cells[i] = excelize.Cell{Formula: "1/0", Value: string(v)}
			default:
				cells[i] = v
			}
		}
		if err := write(cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

// merge merges the headings of a group over its columns, and those of no group
// over both rows.
func (t Table) merge(out *excelize.StreamWriter, row int) error {
	cell := func(column, row int) string { name, _ := excelize.CoordinatesToCellName(column+1, row); return name }
	for i := 0; i < len(t.Upper); {
		end := i
		for end+1 < len(t.Upper) && t.Upper[end+1] == t.Upper[i] && t.Upper[i] != t.Lower[i] {
			end++
		}
		from, to := cell(i, row), cell(end, row)
		if t.Upper[i] == t.Lower[i] {
			to = cell(i, row+1)
		}
		if from != to {
			if err := out.MergeCell(from, to); err != nil {
				return err
			}
		}
		i = end + 1
	}
	return nil
}

// CSV writes an export with a separator between cells.
func (t Table) CSV(w io.Writer, separator rune) error {
	out := csv.NewWriter(w)
	out.Comma = separator
	lines := [][]any{texts(t.Lower)}
	for _, row := range append(lines, t.Rows...) {
		cells := make([]string, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case nil:
			case time.Time:
				cells[i] = v.Format("02/01/2006")
			case float64:
				cells[i] = fmt.Sprintf("%.2f", v)
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func texts(of []string) []any {
	cells := make([]any, len(of))
	for i, s := range of {
		cells[i] = s
	}
	return cells
}
