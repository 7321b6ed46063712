package api

import (
	"slices"

	"runut/api/intake/sheet"
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
