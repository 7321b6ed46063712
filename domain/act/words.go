package act

import (
	"math/bits"
	"strings"
	"time"

	"runut/domain"
)

func join(words []string) string { return strings.Join(words, ", ") }

func joinRoles(of []domain.Role) string {
	words := make([]string, len(of))
	for i, r := range of {
		words[i] = string(r)
	}
	return join(words)
}

// mulDiv returns a·b/c and the remainder, exactly, for numbers that are not
// negative and b not above c.
func mulDiv(a, b, c int64) (quotient, rest int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, r := bits.Div64(hi, lo, uint64(c))
	return int64(q), int64(r)
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
