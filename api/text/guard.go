package text

import "strings"

// Guard returns a text that no spreadsheet program takes for a formula, whatever
// it is saved as: one that begins like a formula gets an apostrophe in front.
// Unguarded takes it away again.
func Guard(s string) string {
	if begins(strings.TrimLeft(s, " \t\r\n")) {
		return "'" + s
	}
	return s
}

// Unguarded returns a text without the apostrophe that Guard put in front.
func Unguarded(s string) string {
	for rest, ok := strings.CutPrefix(s, "'"); ok && begins(rest); rest, ok = strings.CutPrefix(s, "'") {
		s = rest
	}
	return s
}

// begins reports whether a text begins like a formula, or like one that was
// guarded.
func begins(s string) bool {
	bare := strings.TrimLeft(s, "'")
	return bare != "" && strings.IndexByte("=+-@|%", bare[0]) >= 0
}
