package history

import (
	"math/big"
	"slices"
)

// apportion divides a total into whole numbers by parts that make up one: each
// gets the whole number below its due, and what is left goes one by one to those
// that lost most, the earlier of two that lost the same. The parts are in the
// order of the numbers they belong to.
func apportion(total int64, parts []Part) []int64 {
	out := make([]int64, len(parts))
	if len(parts) == 1 {
		out[0] = total
		return out
	}
	left := total
	lost := make([]*big.Rat, len(parts))
	for i, p := range parts {
		due := p.Rat()
		due.Mul(due, new(big.Rat).SetInt64(total))
		whole := new(big.Int).Div(due.Num(), due.Denom()) // towards the lesser, negative totals too
		out[i] = whole.Int64()
		left -= out[i]
		lost[i] = due.Sub(due, new(big.Rat).SetInt(whole))
	}
	if left == 0 {
		return out
	}
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return lost[b].Cmp(lost[a]) })
	for _, i := range order[:min(left, int64(len(order)))] {
		out[i]++
	}
	return out
}

// proportions returns the parts that amounts, none of them negative, have in
// their sum. It is nil where that is nothing.
func proportions(amounts []int64) []Part {
	var sum int64
	for _, a := range amounts {
		sum += a
	}
	if sum == 0 {
		return nil
	}
	out := make([]Part, len(amounts))
	for i, a := range amounts {
		out[i] = ratio(a, sum)
	}
	return out
}
