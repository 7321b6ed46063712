package template

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A Mark says what a workbook is. It stands in the first cell, and with its
// number in every prepared row, in a hidden column: so it lasts when the sheet is
// saved as csv, and when a few rows are taken out of it into a quarantine.
type Mark struct {
	Version   int
	Year      int
	File      uuid.UUID
	Kabupaten string
}

const markHead = "runut-usulan"

// String returns "runut-usulan/1/2028/0198c2f0-…/99.01".
func (m Mark) String() string {
	return fmt.Sprintf("%s/%d/%d/%s/%s", markHead, m.Version, m.Year, m.File, m.Kabupaten)
}

// row returns the mark of the n-th prepared row.
func (m Mark) row(n int) string { return m.String() + "/" + strconv.Itoa(n) }

// parseMark reads what String and row write; n is 0 for the workbook as a whole.
func parseMark(written string) (m Mark, n int, ok bool) {
	parts := strings.Split(strings.TrimSpace(written), "/")
	if len(parts) == 6 {
		if n, _ = strconv.Atoi(parts[5]); n < 1 {
			return Mark{}, 0, false
		}
		parts = parts[:5]
	}
	if len(parts) != 5 || parts[0] != markHead {
		return Mark{}, 0, false
	}
	version, bad1 := strconv.Atoi(parts[1])
	year, bad2 := strconv.Atoi(parts[2])
	file, bad3 := uuid.Parse(parts[3])
	return Mark{version, year, file, parts[4]}, n, bad1 == nil && bad2 == nil && bad3 == nil
}

// serial returns how spreadsheets count the first day of a year.
func serial(year int) int {
	return int(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}
