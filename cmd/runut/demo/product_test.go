package demo

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/finding"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// The rules of the product find exactly what was planted: nothing is missed, and
// nothing is found that a planner of this kabupaten would call ordinary.
func TestTheProductFindsExactlyWhatWasPlanted(t *testing.T) {
	w := few(t)
	same(t, w.planted, inspected(w))
}

// inspected is what package finding finds in everything that was written.
func inspected(w *written) []Plant {
	charts := history.NewCharts(func(hash string) *workflow.Definition {
		if hash == w.definition.Hash() {
			return w.definition
		}
		return nil
	})
	streams := map[string][]event.Record{}
	var now time.Time
	for name, records := range w.histories {
		for _, r := range records {
			if r.RecordedAt.After(now) {
				now = r.RecordedAt
			}
		}
		if _, ok := proposal.NumberOf(name); !ok {
			streams[name] = records
		}
	}
	var out []Plant
	for _, year := range []int{Executed(w.o.Day), Complete(w.o.Day), Ongoing(w.o.Day), Practice(w.o.Day)} {
		of := maps.Clone(streams)
		maps.DeleteFunc(of, func(name string, records []event.Record) bool {
			return records[0].Cycle != year && !strings.HasPrefix(name, "reference-")
		})
		i := finding.NewInspector(year, now, charts, of)
		var found []finding.Finding
		for _, n := range w.numbers[year] {
			found = append(found, i.Proposal(w.histories[proposal.Stream(n)])...)
		}
		for _, f := range slices.Concat(found, i.Rest()) {
			p := Plant{Finding: Finding(f.Rule), Cycle: f.Cycle, Proposal: f.Proposal, Village: f.Village}
			if p.Proposal != "" {
				p.Village = ""
			}
			if f.Event != uuid.Nil {
				p.Event = f.Event.String()
			}
			out = append(out, p)
		}
	}
	return out
}
