package answer

import (
	"context"
	"sync"

	"runut/domain/finding"
)

// Kept remembers what was found in a year until the log grows. Going through a
// year takes a moment, and a page of findings is one of many that ask.
type Kept struct {
	mu    sync.Mutex
	years map[int]*keptYear
}

type keptYear struct {
	mu    sync.Mutex
	head  int64
	found []finding.Finding
}

// Findings returns what is found in a year, and the position of the log that was
// looked through. Of several who ask at once one looks and the others wait.
func (k *Kept) Findings(ctx context.Context, d Desk, year int) ([]finding.Finding, int64, error) {
	k.mu.Lock()
	if k.years == nil {
		k.years = map[int]*keptYear{}
	}
	y := k.years[year]
	if y == nil {
		y = &keptYear{}
		k.years[year] = y
	}
	k.mu.Unlock()

	y.mu.Lock()
	defer y.mu.Unlock()
	head, err := d.Store.Head(ctx)
	if err != nil || head == y.head && head > 0 {
		return y.found, y.head, err
	}
	found, err := d.Findings(ctx, year, nil)
	if err != nil {
		return nil, 0, err
	}
	y.found, y.head = found, head
	return found, head, nil
}
