package api_test

import (
	"slices"
	"testing"

	"runut/domain/delivery"
)

// rowsHeld are the rows that a file says it quarantined.
func rowsHeld(f *delivery.Received) []int {
	var out []int
	for _, h := range f.Held {
		for _, r := range h.Rows {
			for n := r.From; n <= r.To; n++ {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out
}

// A file names the rows it quarantined: one that it merely had not reached when it broke
// off is never taken for mended.
func (w *town) names(t *testing.T, source, file string, want ...int) {
	t.Helper()
	received := w.imports(source).Files[file]
	if got := rowsHeld(received); !slices.Equal(got, want) {
		t.Errorf("quarantined are %v, want %v", got, want)
	}
	if received.Holds(want[0]-1) || !received.Holds(want[0]) {
		t.Errorf("%+v holds what it did not quarantine", received.Held)
	}
}
