package intake

import (
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// widest is how many rows one stretch may name.
const widest = 200_000

// highest is a row that no file has, far below where counting on would begin anew
// among the negative numbers and never end.
const highest = 1 << 30

// Rows reads row numbers as people type them: "4, 9-12".
func Rows(typed string) ([]int, error) {
	var rows []int
	for part := range strings.SplitSeq(typed, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.Atoi(strings.TrimSpace(from))
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(strings.TrimSpace(to))
		}
		if err != nil || last < first || last > highest || last-first > widest || len(rows) > widest {
			return nil, domain.Refuse(domain.Invalid, "import.row_wrong", "row", short(part))
		}
		for n := first; n <= last; n++ {
			rows = append(rows, n)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows), nil
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// All reports whether somebody typed that all rows are meant.
func All(typed string) bool {
	return slices.Contains([]string{"semua", "all"}, strings.ToLower(strings.TrimSpace(typed)))
}
