package domain

import (
	"regexp"
	"slices"
	"strings"
)

// A Text is something a person wrote. It is kept beside an event's record
// under a commitment, never in it, so that it can be closed (text_redacted)
// without breaking a proof. Personal spans found in it are cut out before it
// is recorded: Masked is what may be read, Spans what is sealed.
//
// In the JSON of a record a Text is just true: "there is a text beside".
type Text struct {
	Masked string
	Spans  []Span
}

// A Span is a personal detail cut out of a Text. The n-th mask in Masked
// stands for the n-th span.
type Span struct {
	Kind  SpanKind
	Plain string
}

// A SpanKind says what sort of personal detail was found.
type SpanKind string

// The kinds that are looked for.
const (
	SpanNIK   SpanKind = "nik"
	SpanPhone SpanKind = "phone"
	SpanEmail SpanKind = "email"
	SpanName  SpanKind = "name" // a name after an honorific or "atas nama"
)

var masks = map[SpanKind]string{
	SpanNIK:   "[NIK disamarkan]",
	SpanPhone: "[telepon disamarkan]",
	SpanEmail: "[surel disamarkan]",
	SpanName:  "[nama disamarkan]",
}

// The patterns, most certain first: where two overlap the earlier one wins.
// The last part of an address begins with a letter, so that camat@99.01.03, an
// office, is none. A NIK or family card number has 16 digits, often written in
// groups; a phone number begins with 0, 62 or +62 and has 9 to 14 digits; a name
// is recognised only after a word that announces one, so bare names pass: what
// is public is therefore an allow-list of fields and never relies on this alone.
var spanPatterns = []struct {
	kind SpanKind
	re   *regexp.Regexp
}{
	{SpanEmail, regexp.MustCompile(`[\pL\pN._%+-]+ ?@ ?(?:[\pL\pN-]+\.)+\pL[\pL\pN-]+`)},
	{SpanNIK, regexp.MustCompile(`\d(?:[ .\-]?\d){15,}`)},
	{SpanPhone, regexp.MustCompile(`(?:\+ ?62|\b62|\b0)[ .\-]?\(?\d(?:[ .\-()]?\d){7,12}`)},
	{SpanName, regexp.MustCompile(`\b(?i:bapak|pak|bpk|ibu|bu|sdri?|saudara|saudari|almarhum(?:ah)?|alm|atas nama|a\.n|an|nama|pemohon)\b[.: ]+(?:(?:[HD][jr]?|Drs|Ir|KH)\. *)*(\p{Lu}[\p{L}'.]+(?: +\p{Lu}[\p{L}'.]*){0,4})`)},
}

// notNames are words that follow an honorific without being anybody's name:
// offices, and what is called after mothers, a capital or the kecamatan Ibu.
var notNames = regexp.MustCompile(`^(?i:camat|lurah|kades|kepala|bupati|wakil|gubernur|ketua|sekretaris|hamil|menyusui|rumah|anak|guru|desa|dusun|kelurahan|kecamatan|jalan|sungai|jembatan|usulan|kegiatan|sub|program|dinas|badan|kota)\b|^(?i:utara|selatan)$`)

// codeForm is what stands in a planner's papers by the thousand and only looks
// like somebody's number: ids, digests, kode wilayah (62 is Kalimantan Tengah
// and also how a telephone number begins), codes of nomenclature, OPD and account.
var codeForm = regexp.MustCompile(`\b(?:` +
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|` +
	`[0-9a-f]{64}|` +
	`[1-9][0-9]\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}|` +
	`[1-9X](?:\.[0-9X]{1,4}){3,}` +
	`)\b`)

// A cut is where a personal detail stands in what somebody wrote.
type cut struct {
	from, to int
	kind     SpanKind
}

// gone stands in a text for a personal detail that was erased and is not kept
// again.
const gone = "[data dihapus]"

// Mask returns what may be kept of something a person wrote.
func Mask(written string) Text { return MaskErased(written, nil) }

// MaskErased is Mask where some details were erased before: of those nothing is
// kept, sealed or not.
func MaskErased(written string, erased func(Span) bool) Text {
	cuts := personal(written, nil)
	if len(cuts) == 0 {
		return Text{Masked: written}
	}
	var t Text
	var kept strings.Builder
	at := 0
	for _, c := range cuts {
		span := Span{c.kind, written[c.from:c.to]}
		kept.WriteString(written[at:c.from])
		if erased != nil && erased(span) {
			kept.WriteString(gone)
		} else {
			kept.WriteString(masks[c.kind])
			t.Spans = append(t.Spans, span)
		}
		at = c.to
	}
	kept.WriteString(written[at:])
	t.Masked = kept.String()
	return t
}

// Like reports whether two texts read the same, whoever's details were cut out of
// them.
func (t Text) Like(o Text) bool {
	return t.Masked == o.Masked || cutOut.Replace(t.Masked) == cutOut.Replace(o.Masked)
}

var cutOut = strings.NewReplacer(gone, "\x00", masks[SpanNIK], "\x00", masks[SpanPhone], "\x00", masks[SpanEmail], "\x00", masks[SpanName], "\x00")

// Identifies reports whether a short word, one that is kept readable for ever
// and never masked, holds a personal detail of any kind but those excepted.
func Identifies(word string, except ...SpanKind) bool { return len(personal(word, except)) > 0 }

// personal returns the personal details in what somebody wrote, in order. Most
// words show at a glance that there is none, and are not searched.
func personal(written string, except []SpanKind) []cut {
	numbers, address, named := glance(written)
	address = address && !slices.Contains(except, SpanEmail)
	named = named && !slices.Contains(except, SpanName)
	if !numbers && !address && !named {
		return nil
	}
	return search(written, numbers, address, named)
}

// search looks for what there may be.
func search(written string, numbers, address, named bool) []cut {
	uncoded := ""
	if numbers {
		uncoded = withoutCodes(written)
	}
	var cuts []cut
	for _, p := range spanPatterns {
		in := written
		switch {
		case p.kind == SpanEmail && !address, p.kind == SpanName && !named:
			continue
		case p.kind == SpanNIK, p.kind == SpanPhone:
			in = uncoded
		}
		for _, m := range p.re.FindAllStringSubmatchIndex(in, -1) {
			c := cut{m[0], m[1], p.kind}
			if p.kind == SpanPhone && insideCode(in, c.from) {
				continue
			}
			if p.kind == SpanName {
				c.from, c.to = m[2], m[3]
				if notNames.MatchString(written[c.from:c.to]) {
					continue
				}
			}
			if !slices.ContainsFunc(cuts, func(o cut) bool { return c.from < o.to && o.from < c.to }) {
				cuts = append(cuts, c)
			}
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int { return a.from - b.from })
	return cuts
}

// glance reports what of the patterns may be found at all: a number, an address,
// a name. It errs only by seeing too much.
func glance(s string) (number, address, named bool) {
	digits, gap := 0, 0 // of the number at hand, and signs since its last digit
	telephone := false  // whether it begins, after a boundary, as a telephone number does
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c):
			if gap > 2 || digits == 0 {
				digits, telephone = 0, false
			}
			digits++
			gap = 0
			starts := c == '0' || c == '6' && i+1 < len(s) && s[i+1] == '2'
			telephone = telephone || starts && (i == 0 || !isDigit(s[i-1]) && !insideCode(s, i))
			number = number || digits >= 16 || telephone && digits >= 9
			continue
		case c == '@':
			address = true
		case 'A' <= c && c <= 'Z' || c >= 0x80:
			named = named || announced(s, i)
		}
		if strings.IndexByte(" .-()+", c) >= 0 {
			gap++
		} else {
			gap = 3
		}
	}
	return number, address, named
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// announced reports whether a word that announces a name stands before i.
func announced(s string, i int) bool {
	to := i
	for to > 0 && strings.IndexByte(" .:", s[to-1]) >= 0 {
		to--
	}
	from := to
	for from > 0 && ('a' <= s[from-1]|0x20 && s[from-1]|0x20 <= 'z') {
		from--
	}
	if to == i {
		return false
	}
	return slices.ContainsFunc(announcers, func(a string) bool { return len(a) == to-from && strings.EqualFold(a, s[from:to]) })
}

// announcers are the last words, or parts, of what announces a name.
var announcers = []string{"bapak", "pak", "bpk", "ibu", "bu", "sdr", "sdri", "saudara", "saudari", "almarhum", "almarhumah", "alm", "nama", "n", "an", "pemohon"}

// withoutCodes returns what was written, of the same length, with the digits of
// codes blanked out. What goes on with a full stop and a digit is longer than a
// code, and is none.
func withoutCodes(written string) string {
	var blank []byte
	for _, m := range codeForm.FindAllStringIndex(written, -1) {
		from, to := m[0], m[1]
		if insideCode(written, from) || to+1 < len(written) && written[to] == '.' && isDigit(written[to+1]) {
			continue
		}
		if blank == nil {
			blank = []byte(written)
		}
		for i := from; i < to; i++ {
			if isDigit(blank[i]) {
				blank[i] = 'x'
			}
		}
	}
	if blank == nil {
		return written
	}
	return string(blank)
}

// insideCode reports whether the digits at i go on a dotted code, as in
// 1.03.10.2.01.0005, rather than begin a number.
func insideCode(s string, i int) bool {
	return i >= 2 && s[i-1] == '.' && isDigit(s[i-2])
}

// IsZero reports whether nothing was written.
func (t Text) IsZero() bool { return t.Masked == "" && len(t.Spans) == 0 }

// String returns what may be read.
func (t Text) String() string { return t.Masked }

// A Secret is a personal detail that is sealed as a whole: a person's name, a
// NIK. It is present while an event is decided and encoded; read back from the
// log it says only that something is sealed, until the vault opens it, which
// is itself an event.
type Secret struct {
	Plain  string
	Sealed bool // read back: a value stands sealed beside the record
}

// IsZero reports whether there is no secret, open or sealed.
func (s Secret) IsZero() bool { return s == Secret{} }

// String never shows the secret, so that no log line or URL can.
func (s Secret) String() string { return "[tersegel]" }
