package dossier

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"runut/api/text"
	"runut/domain"
)

//go:embed templates
var files embed.FS

var style = func() string {
	sheet, err := files.ReadFile("templates/dossier.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(sheet)
}()

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(style) },
}).ParseFS(files, "templates/*.html"))

// Policy is the Content-Security-Policy under which a page of a dossier is shown:
// its one style and nothing else.
var Policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

func render(name string, view any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, view); err != nil {
		return nil, fmt.Errorf("dossier %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// A List is the page of a dossier of several.
type List struct {
	Frame
	View   []string
	Filter string
	Lines  []Line
	Seal   Seal
}

func listOf(d *Dossier, lines []Line) (*List, error) {
	l := &List{Frame: Frame{Lang: d.lang, Demo: d.manifest.Demo, Title: d.lang.T("dossier.list", "n", d.lang.Count(int64(len(lines))))}, Filter: d.manifest.Filter, Lines: lines}
	l.View = append(l.View, d.lang.T("dossier.known", "position", d.lang.Count(d.manifest.Known)))
	zone := domain.Zones["WITA"]
	if at := d.manifest.AsOf; !at.IsZero() {
		l.View = append(l.View, d.lang.T("dossier.as_of", "moment", d.lang.Moment(at, zone)))
	}
	var err error
	l.Seal, err = d.seal(zone)
	return l, err
}

var helpName = map[text.Lang]string{text.ID: "BACA-SAYA.txt", text.EN: "README.txt"}

// help says what the files are and how they are checked, in one language.
func (d *Dossier) help(l text.Lang) []byte {
	kind := "dossier.help." + d.manifest.Kind
	out := []string{l.T("dossier.help.title", "n", l.Count(int64(len(d.manifest.Proposals))), "proposal", d.manifest.Proposals[0]), ""}
	if d.manifest.Demo {
		out = append(out, l.T("verify.demo"), "")
	}
	out = append(out, l.T(kind), "", l.T("dossier.help.log", "origin", d.head.Origin, "size", l.Count(d.head.Size), "root", d.head.Root.String()), "")
	for i := 1; text.Has(fmt.Sprintf("dossier.help.%d", i)); i++ {
		out = append(out, fmt.Sprintf("%d. ", i)+l.T(fmt.Sprintf("dossier.help.%d", i), "file", d.Name()+".zip"), "")
	}
	return []byte(strings.Join(out, "\n"))
}
