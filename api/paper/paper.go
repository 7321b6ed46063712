// Package paper sets what the log says on paper: the berita acara of a forum and
// the letters that answer villages, as HTML that prints well on A4.
//
// A paper is a function of its struct: the same events give the same bytes, so
// that anybody can make it again and compare the digest. It knows no clock, no
// address of a server and no language but Indonesian, in which such papers are
// written; pages around them speak the reader's. As a file it carries its style
// inside and needs nothing else; on a page it is a part without one (see Part).
//
// Whatever is changed here changes the digest of papers made anew. What was
// issued or sent is kept as it was, by its digest.
package paper

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"strings"
	"time"

	"runut/api/qr"
	"runut/api/text"
	"runut/domain"
)

//go:embed templates paper.css
var files embed.FS

// Type is the media type of a paper.
const Type = "text/html"

// Style is the style sheet of papers, for pages that show one.
var Style = func() []byte {
	sheet, err := files.ReadFile("paper.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return sheet
}()

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"count":   func(n int) string { return text.ID.Count(int64(n)) },
	"money":   text.ID.Rupiah,
	"day":     text.ID.Date,
	"weekday": weekday,
	"volume":  volume,
	"score":   score,
	"upper":   strings.ToUpper,
	"lower":   lower,
	"next":    func(i int) int { return i + 1 },
	"qr":      code,
	"style":   func() template.CSS { return template.CSS(Style) },
}).ParseFS(files, "templates/*.html"))

// file makes a paper of a template: a whole file, or the part of it that a page
// shows.
func file(name string, view any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, view); err != nil {
		return nil, fmt.Errorf("paper %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func part(name string, view any) (template.HTML, error) {
	b, err := file(name, view)
	return template.HTML(b), err // made by html/template, escaped there
}

// code draws a text as a QR code. Inside of HTML no name space need be named.
func code(content string) (template.HTML, error) {
	svg, err := qr.SVG(content)
	return template.HTML(strings.Replace(svg, ` xmlns="http://www.w3.org/2000/svg"`, "", 1)), err // made of numbers alone
}

// Digest returns the SHA-256 of a paper, hex: what the log names it by.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

var weekdays = []string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}

// weekday returns the day of the week of a local day; "" for what is none.
func weekday(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return weekdays[t.Weekday()]
}

func volume(v domain.Volume) string {
	if v.IsZero() {
		return "–"
	}
	return text.ID.Decimal(v.Amount) + "\u00a0" + v.Unit
}

// score writes thousandths of a point with two decimals: 87250 is 87,25.
func score(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%s,%02d", text.ID.Count((n+5)/1000), (n+5)%1000/10)
}

// village writes a village's name with what it is, unless its name says so.
func village(code, name string) string {
	sort := "Desa"
	if isKelurahan(code) {
		sort = "Kelurahan"
	}
	if name == "" || strings.HasPrefix(strings.ToLower(name), strings.ToLower(sort)) {
		return name
	}
	return sort + " " + name
}

// isKelurahan reads off a kode wilayah whether it is a kelurahan: the last part
// of theirs begins with 1, that of desa with 2.
func isKelurahan(code string) bool {
	parts := strings.Split(code, ".")
	return len(parts) == 4 && strings.HasPrefix(parts[3], "1")
}

func kecamatan(name string) string {
	if name == "" || strings.HasPrefix(strings.ToLower(name), "kecamatan") {
		return name
	}
	return "Kecamatan " + name
}
