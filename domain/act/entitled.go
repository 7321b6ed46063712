package act

import (
	"strconv"
	"time"

	"runut/domain"
	"runut/domain/grant"
	"runut/domain/proposal"
)

// entitled examines that a grant gives an actor what they act in at a moment of
// a fiscal year; year 0 is none. The system needs no grant.
func entitled(a domain.Actor, g grant.State, now time.Time, year int) error {
	if a == domain.System() {
		return nil
	}
	return g.Entitles(a, now, year)
}

// streamsOf returns the streams of proposals and of their cycles; what is no
// number is left for the decision to refuse.
func streamsOf(numbers ...string) []string {
	out := make([]string, 0, len(numbers)+1)
	years := map[int]bool{}
	for _, n := range numbers {
		canonical, err := domain.ParseNumber(n)
		if err != nil {
			continue
		}
		out = append(out, proposal.Stream(canonical))
		if y := proposal.Year(canonical); !years[y] {
			years[y] = true
			out = append(out, cycleStream(y))
		}
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
