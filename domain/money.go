package domain

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// Rupiah is an amount of money in whole rupiah. Indonesian budgets have no
// smaller unit, and sums of them fit an int64 a thousandfold.
type Rupiah int64

// String returns "Rp1.234.567".
func (r Rupiah) String() string {
	digits := fmt.Sprintf("%d", r)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	var groups []string
	for len(digits) > 3 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return sign + "Rp" + strings.Join(groups, ".")
}

// A Volume is how much of something: a decimal, kept as written because it is
// compared and shown but never a float, and its unit.
type Volume struct {
	Amount string `json:"amount"` // "350.5": digits with at most one decimal point
	Unit   string `json:"unit"`   // "m", "unit", "paket"
}

var decimal = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,6})?$`)

// Valid reports whether v has a positive decimal amount and a unit.
func (v Volume) Valid() bool {
	return v.Unit != "" && decimal.MatchString(v.Amount) && v.Rat().Sign() > 0
}

// Rat returns the amount as an exact number; zero where it is not a decimal.
func (v Volume) Rat() *big.Rat {
	if r, ok := new(big.Rat).SetString(v.Amount); ok {
		return r
	}
	return new(big.Rat)
}

// IsZero reports whether nothing was said.
func (v Volume) IsZero() bool { return v == Volume{} }

// String returns "350.5 m".
func (v Volume) String() string { return strings.TrimSpace(v.Amount + " " + v.Unit) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
