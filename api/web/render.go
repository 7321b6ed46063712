package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"

	"runut/api/paper"
	"runut/api/text"
)

//go:embed templates static
var files embed.FS

// style is the style sheet of every page; with that of papers behind it, that of
// pages that show one.
var style = func() []byte {
	sheet, err := files.ReadFile("static/style.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return sheet
}()

var paperStyle = slices.Concat(style, paper.Style)

// Their addresses carry a hash of what is in them, so that browsers may keep them
// for ever.
var (
	styleURL = "/static/style." + short(style) + ".css"
	paperURL = "/static/paper." + short(paperStyle) + ".css"
)

func short(sheet []byte) string {
	sum := sha256.Sum256(sheet)
	return hex.EncodeToString(sum[:4])
}

// templates are all pages in each language, by the name of their file.
var templates = map[text.Lang]map[string]*template.Template{text.ID: parse(text.ID), text.EN: parse(text.EN)}

func parse(lang text.Lang) map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(template.FuncMap{
		"t":     lang.T,
		"count": func(n int) string { return lang.Count(int64(n)) },
	}).ParseFS(files, "templates/layout.html", "templates/parts.html"))
	all := make(map[string]*template.Template)
	entries, err := files.ReadDir("templates")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		all[name] = template.Must(template.Must(shared.Clone()).ParseFS(files, path.Join("templates", e.Name())))
	}
	return all
}

// html returns a page as text.
func html(name string, page view) ([]byte, error) {
	t := templates[page.around().Lang][name]
	if t == nil {
		return nil, fmt.Errorf("web: no page %q", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", page); err != nil {
		return nil, fmt.Errorf("web: page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// show answers with a page, all of it or none.
func (v *visit) show(status int, name string, page view) error {
	page.around().Rounded = v.rounded
	body, err := html(name, page)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Cookie")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	v.w.WriteHeader(status)
	v.w.Write(body)
	return nil
}

func static(name, kind, cache string) http.HandlerFunc {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return fixed(body, kind, cache)
}

func fixed(body []byte, kind, cache string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", cache)
		w.Write(body)
	}
}
