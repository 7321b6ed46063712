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
	switch {
	case a == domain.System():
		return nil
	case g.Given == nil || g.Stream != a.Grant:
		return domain.Refuse(domain.Forbidden, "grant.unknown", "grant", a.Grant)
	case g.Given.Person != a.Person || g.Given.Role != a.Role || g.Given.Scope != a.Scope:
		return domain.Refuse(domain.Forbidden, "grant.other", "grant", a.Grant, "role", string(a.Role), "scope", a.Scope.String())
	case g.IsRevoked:
		return domain.Refuse(domain.Forbidden, "grant.revoked", "grant", a.Grant)
	case year != 0 && g.Given.Cycle != 0 && g.Given.Cycle != year:
		return domain.Refuse(domain.Forbidden, "grant.other_cycle", "grant", a.Grant, "year", itoa(g.Given.Cycle), "asked", itoa(year))
	case !g.Valid(now, g.Given.Cycle):
		return domain.Refuse(domain.Forbidden, "grant.expired", "grant", a.Grant, "from", day(g.Given.From), "until", day(g.Given.Until))
	}
	return nil
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

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
