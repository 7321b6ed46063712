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
// A NIK or family card number has 16 digits, often written in groups; a phone
// number begins with 0, 62 or +62 and has 9 to 14 digits; a name is recognised
// only after a word that announces one, so bare names pass: what is public is
// therefore an allow-list of fields and never relies on this alone.
var spanPatterns = []struct {
	kind SpanKind
	re   *regexp.Regexp
}{
	{SpanEmail, regexp.MustCompile(`[\pL\pN._%+-]+ ?@ ?[\pL\pN-]+(?:\.[\pL\pN-]+)+`)},
	{SpanNIK, regexp.MustCompile(`\d(?:[ .\-]?\d){15,}`)},
	{SpanPhone, regexp.MustCompile(`(?:\+ ?62|\b62|\b0)[ .\-]?\(?\d(?:[ .\-()]?\d){7,12}`)},
	{SpanName, regexp.MustCompile(`\b(?i:bapak|pak|bpk|ibu|bu|sdri?|saudara|saudari|almarhumah?|alm|atas nama|a\.n|an|nama|pemohon)\b[.: ]+(?:(?:[HD][jr]?|Drs|Ir|KH)\. *)*(\p{Lu}[\p{L}'.]+(?: +\p{Lu}[\p{L}'.]*){0,4})`)},
}

// notNames are words that follow an honorific without being anybody's name.
var notNames = regexp.MustCompile(`^(?i:camat|lurah|kades|kepala|bupati|wakil|gubernur|ketua|sekretaris|hamil|menyusui|rumah|anak|guru|desa|dusun|kelurahan|kecamatan|jalan|sungai|jembatan|usulan|kegiatan|sub|program|dinas|badan)\b`)

// Mask returns what may be kept of something a person wrote.
func Mask(written string) Text {
	type cut struct {
		from, to int
		kind     SpanKind
	}
	var cuts []cut
	for _, p := range spanPatterns {
		for _, m := range p.re.FindAllStringSubmatchIndex(written, -1) {
			c := cut{m[0], m[1], p.kind}
			if p.kind == SpanPhone && insideCode(written, c.from) {
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
	var t Text
	var kept strings.Builder
	at := 0
	for _, c := range cuts {
		kept.WriteString(written[at:c.from])
		kept.WriteString(masks[c.kind])
		t.Spans = append(t.Spans, Span{c.kind, written[c.from:c.to]})
		at = c.to
	}
	kept.WriteString(written[at:])
	t.Masked = kept.String()
	return t
}

// insideCode reports whether the digits at i go on a dotted code, as in
// 1.03.10.2.01.0005, rather than begin a phone number.
func insideCode(s string, i int) bool {
	return i >= 2 && s[i-1] == '.' && '0' <= s[i-2] && s[i-2] <= '9'
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
