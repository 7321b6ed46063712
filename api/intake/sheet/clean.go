package sheet

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"runut/api/text"
)

// Clean returns a text as it reads: blanks of every kind as spaces, without what
// does not show (zero-width and control characters, marks of direction), without
// spaces around lines, and without the apostrophe that text.Guard sets. Line breaks
// stay. It changes nothing that Clean returned.
func Clean(s string) string {
	if plainText(s) {
		return s
	}
	var b strings.Builder
	for _, line := range strings.FieldsFunc(s, func(r rune) bool {
		return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f'
	}) {
		cleaned := cleanLine(line)
		if cleaned == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(cleaned)
	}
	return text.Unguarded(b.String())
}

// Line returns a text on one line: Clean, with line breaks as spaces.
func Line(text string) string { return strings.ReplaceAll(Clean(text), "\n", " ") }

// plainText reports whether a text needs no cleaning; most do not.
func plainText(text string) bool {
	last := byte(' ')
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c >= 0x7F || c == ' ' && last == ' ' || c == '\'' && i == 0 {
			return false
		}
		last = c
	}
	return text == "" || last != ' '
}

func cleanLine(line string) string {
	var b strings.Builder
	gap := false
	for _, r := range line {
		switch {
		case unicode.IsSpace(r) || r == '\u2800' || r == '\u3164': // blanks that are letters by name
			gap = true
			continue
		case r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector):
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// LooksCut reports whether a text has just the length at which other programs
// cut texts off: 255 characters or bytes.
func LooksCut(text string) bool { return len(text) == 255 || utf8.RuneCountInString(text) == 255 }

// unescaped reads the way in which workbooks write characters that XML cannot
// hold: _x000D_ (ECMA-376, ST_Xstring).
func unescaped(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for {
		at := strings.Index(text, "_x")
		if at < 0 || at+7 > len(text) {
			return b.String() + text
		}
		code, err := strconv.ParseUint(text[at+2:at+6], 16, 16)
		if err != nil || text[at+6] != '_' {
			b.WriteString(text[:at+2])
			text = text[at+2:]
			continue
		}
		b.WriteString(text[:at])
		b.WriteRune(rune(code))
		text = text[at+7:]
	}
}
