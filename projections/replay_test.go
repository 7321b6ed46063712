package projections_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/projections"
)

// Equal logs give equal tables, byte for byte: whatever the batches they were
// applied in, and whether they were applied step by step or read at once.
func TestReplayGivesByteEqualTables(t *testing.T) {
	for _, test := range []struct {
		name   string
		seed   uint64
		events int
		batch  []int
	}{
		{"short, one command at a time", 1, 60, []int{1, 7, 5000}},
		{"long", 2, 400, []int{13, 5000}},
		{"another", 3, 250, []int{40, 5000}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var first string
			for _, batch := range test.batch {
				w := newWorld(t)
				run := w.runner(projections.All...)
				run.Batch = batch
				w.catchUp(run) // over an empty log
				newTown(w, test.seed).grow(test.events)
				w.catchUp(run)
				stepped := w.dump()
				if err := run.Rebuild(t.Context(), nil, nil); err != nil {
					t.Fatal(err)
				}
				if d := diffLines(stepped, w.dump()); d != "" {
					t.Errorf("rebuilding after batches of %d changed rows (-stepped +rebuilt):\n%s", batch, d)
				}
				if first == "" {
					first = stepped
				} else if d := diffLines(first, stepped); d != "" {
					t.Errorf("batches of %d and of %d give other rows:\n%s", test.batch[0], batch, d)
				}
			}
		})
	}
}

// diffLines returns some of the lines that differ.
func diffLines(a, b string) string {
	if a == b {
		return ""
	}
	d := cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n"))
	return d[:min(len(d), 6000)]
}
