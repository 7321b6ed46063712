package bench

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"runut/eventstore/pgtest"
)

func TestRowsAreJudgedByTheMedianOfTheirRatios(t *testing.T) {
	for _, test := range []struct {
		row   Row
		ratio float64
		holds bool
	}{
		{Row{Ours: []float64{10, 30, 20}, Theirs: []float64{10, 10, 10}, Least: 2}, 2, true},
		{Row{Ours: []float64{10, 30, 20, 10}, Theirs: []float64{10, 10, 10, 10}, Least: 2}, 1.5, false},
		{Row{Ours: []float64{9, 8}, Theirs: []float64{10, 10}, Most: 1}, 0.85, true},
		{Row{Ours: []float64{12}, Theirs: []float64{10}, Most: 1}, 1.2, false},
		{Row{Ours: []float64{1}, Theirs: []float64{10}}, 0.1, true}, // no bar
	} {
		test.row.judge()
		if got := test.row; got.Ratio < test.ratio-1e-9 || got.Ratio > test.ratio+1e-9 || got.Holds != test.holds {
			t.Errorf("%v beside %v: ratio %v, holds %v; want %v, %v", got.Ours, got.Theirs, got.Ratio, got.Holds, test.ratio, test.holds)
		}
	}
}

// The figures mean nothing here; that every row is measured does.
func TestEveryRowIsMeasured(t *testing.T) {
	sizes := []int{1000, 2200}
	if testing.Short() {
		sizes = sizes[:1]
	}
	var table, line strings.Builder
	err := Run(t.Context(), &table, Options{
		URL: pgtest.Blank(t), Rounds: 1, Round: 50 * time.Millisecond, Callers: []int{1, 8}, Events: sizes, JSON: &line, careless: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	var report Report
	if err := json.Unmarshal([]byte(line.String()), &report); err != nil {
		t.Fatal(err)
	}
	for _, row := range report.Rows {
		if len(row.Ours) != 1 || len(row.Theirs) != 1 || row.Ratio <= 0 {
			t.Errorf("%s has %d and %d rounds and the ratio %v", row.What, len(row.Ours), len(row.Theirs), row.Ratio)
		}
		if !strings.Contains(table.String(), row.What) {
			t.Errorf("%s is not in the table", row.What)
		}
	}
	for _, what := range []string{"append, 1 caller", "  p99 of 1 caller", "append, 8 callers", "  p99 of 8 callers", "bulk import", "read all, decoded",
		"inclusion proof", "steady state", "  steady state", "rebuild of all read models", "  rebuild",
		"explain any proposal", "  the slowest", "compare two dates", "all findings"} {
		if !slices.ContainsFunc(report.Rows, func(r *Row) bool { return strings.HasPrefix(r.What, what) }) {
			t.Errorf("no row %q", what)
		}
	}
	for _, c := range report.Costs {
		if len(c.Micros) != len(sizes) || len(c.Events) != len(sizes) {
			t.Errorf("the cost of %s is told for %v events, not for logs of %v", c.What, c.Events, sizes)
		}
	}
	if len(report.Costs) != 5 {
		t.Errorf("%d costs, want those of appending, importing, reading, rebuilding and findings", len(report.Costs))
	}
}
