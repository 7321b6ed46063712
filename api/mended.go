package api

import (
	"errors"
	"maps"
	"slices"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/delivery"
)

// mended returns the file, by its digest, whose quarantined rows a workbook holds, ""
// where that is none that was taken in here.
func mended(imports delivery.State, f *sheet.File) string {
	of := sheet.Mends(f)
	switch file := imports.Files[of]; {
	case file == nil:
		return ""
	case file.Mends != "": // what was quarantined of a mended file is the first file's still
		return file.Mends
	}
	return of
}

// mostStretches bounds how many stretches of rows are named for one reason.
const mostStretches = 1000

// A quarantine gathers the rows that are quarantined, by the code of the refusal, so
// that later nobody takes a row for mended that had only not been reached.
type quarantine map[string][]int

func (q quarantine) add(row int, why error) {
	code := "lists.waiting" // for an officer to say what it means
	if e, ok := errors.AsType[*domain.Error](why); ok {
		code = e.Code
	}
	q[code] = append(q[code], row)
}

func (q quarantine) held() []delivery.Held {
	var out []delivery.Held
	for _, code := range slices.Sorted(maps.Keys(q)) {
		h := delivery.Held{Reason: code, Count: len(q[code])}
		for _, row := range slices.Compact(slices.Sorted(slices.Values(q[code]))) {
			switch n := len(h.Rows); {
			case n > 0 && h.Rows[n-1].To == row-1:
				h.Rows[n-1].To = row
			case n < mostStretches:
				h.Rows = append(h.Rows, delivery.Stretch{From: row, To: row})
			}
		}
		out = append(out, h)
	}
	return out
}

// resolving returns what is to be recorded where rows of a file that were quarantined
// are in now, nil where none was.
func resolving(imports delivery.State, file string, rows []int) *delivery.QuarantineResolved {
	received := imports.Files[file]
	if received == nil {
		return nil
	}
	var in []int
	for _, row := range rows {
		if row > 0 && received.Holds(row) && !imports.Resolved[file][row] && !slices.Contains(in, row) && len(in) < imports.Open(file) {
			in = append(in, row)
		}
	}
	if len(in) == 0 {
		return nil
	}
	slices.Sort(in)
	return &delivery.QuarantineResolved{File: file, Rows: in, How: "reimported"}
}
