package proposal

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// Likeness is what two proposals have in common that ask for the same thing at
// the same place: a digest of village, title and location, as they may be read,
// whatever the letter case, blanks and signs. It is good for a suggestion to a
// person and for nothing else; "" where too little is said to compare.
func (i Idea) Likeness() string {
	title := bare(i.Title.Masked)
	if title == "" || i.Village == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(i.Village + "\x00" + title + "\x00" + bare(i.Location.Masked)))
	return hex.EncodeToString(sum[:16])
}

// bare returns letters and digits alone, in lower case.
func bare(written string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, written)
}
