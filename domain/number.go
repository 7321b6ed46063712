package domain

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// crockford is Crockford's base 32: no I, L, O or U, so that a number can be
// read out over a bad line.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var numberForm = regexp.MustCompile(`^U-[0-9]{2}-[0-9A-HJKMNP-TV-Z]{7}$`)

// Number returns the number a proposal of a fiscal year is known by to people,
// such as U-27-4K7M2XR: six characters and a check character. It is drawn from
// the command that creates the proposal, so that asking twice gives the same
// number, and reveals neither order nor count. Two commands may in rare cases
// draw the same; the second then fails on the stream's version and is asked
// again with another command.
func Number(year int, command uuid.UUID, ordinal int) string {
	h := sha256.New()
	h.Write(command[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(ordinal))
	h.Write(n[:])
	bits := binary.BigEndian.Uint64(h.Sum(nil)[:8])
	var body [6]byte
	for i := range body {
		body[i] = crockford[bits&31]
		bits >>= 5
	}
	prefix := fmt.Sprintf("U-%02d-", year%100)
	return prefix + string(body[:]) + string(checkChar(prefix+string(body[:])))
}

// checkChar folds the characters as a polynomial over the field of 32 elements
// (x⁵+x²+1). Multiplying by x is invertible and so is multiplying by x+1, hence
// every single wrong character and every swap of two neighbours is noticed.
func checkChar(s string) byte {
	sum := 0
	for i := range len(s) {
		v := strings.IndexByte(crockford, s[i])
		if v < 0 {
			continue // the U and the hyphens
		}
		sum = timesX(sum) ^ v
	}
	return crockford[timesX(sum)]
}

func timesX(v int) int {
	v <<= 1
	if v >= 32 {
		v ^= 0b100101
	}
	return v
}

// ParseNumber returns the canonical form of a proposal number as a person may
// type it: lower case, with spaces, O for 0 and I or L for 1. It refuses one
// whose check character does not fit.
func ParseNumber(typed string) (string, error) {
	s := strings.ToUpper(strings.NewReplacer(" ", "", "–", "-").Replace(strings.TrimSpace(typed)))
	if len(s) > 5 {
		s = s[:5] + strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s[5:])
	}
	if !numberForm.MatchString(s) {
		return "", Refuse(Invalid, "number.malformed", "number", clip(typed))
	}
	if checkChar(s[:len(s)-1]) != s[len(s)-1] {
		return "", Refuse(Invalid, "number.mistyped", "number", clip(typed))
	}
	return s, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
