package web

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Developers is the page that documents the JSON API, made from its OpenAPI
// document.
type Developers struct {
	Shell
	Version string
	Origin  string // scheme and host to put before a path
	Tags    []Tag
}

// A Tag is a group of operations.
type Tag struct {
	Anchor, Name string
	Operations   []Operation
}

// An Operation is one thing that can be asked of the API.
type Operation struct {
	ID, Method, Path, Summary, Doc string
	Closed                         bool // needs a token
	Parameters                     []Parameter
	Body                           []Parameter // members of the body
	Answer                         string      // name of the schema
	Statuses                       string
}

// A Parameter is one value that an operation takes.
type Parameter struct {
	Name, In, Type, Doc string
	Required            bool
}

// developer keeps the OpenAPI document, which never changes while the program
// runs.
type developer struct {
	mu   sync.Mutex
	read *openapi
}

// openapi is what the page needs of an OpenAPI 3.1 document.
type openapi struct {
	Info struct {
		Version string `json:"version"`
	} `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	ID          string           `json:"operationId"`
	Summary     string           `json:"summary"`
	Description string           `json:"description"`
	Tags        []string         `json:"tags"`
	Security    []map[string]any `json:"security"`
	Parameters  []struct {
		Name        string `json:"name"`
		In          string `json:"in"`
		Description string `json:"description"`
		Required    bool   `json:"required"`
		Schema      schema `json:"schema"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type schema struct {
	Ref         string            `json:"$ref"`
	Type        any               `json:"type"` // a string, or several
	Format      string            `json:"format"`
	Description string            `json:"description"`
	Items       *schema           `json:"items"`
	Properties  map[string]schema `json:"properties"`
}

// name says in a word what a schema is.
func (s schema) name() string {
	if s.Ref != "" {
		return path.Base(s.Ref)
	}
	if s.Items != nil {
		return s.Items.name() + "[]"
	}
	word, _ := s.Type.(string)
	if several, ok := s.Type.([]any); ok && len(several) > 0 {
		if word, _ = several[0].(string); word == "array" && s.Items != nil {
			word = s.Items.name() + "[]"
		}
	}
	if s.Format != "" {
		word += " (" + s.Format + ")"
	}
	return word
}

func (v *visit) openapi() (*openapi, error) {
	d := &v.Pages.developer
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.read != nil {
		return d.read, nil
	}
	a, err := v.ask(http.MethodGet, "/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.problem()
	}
	doc := new(openapi)
	if err := json.Unmarshal(a.body.Bytes(), doc); err != nil {
		return nil, err
	}
	d.read = doc
	return doc, nil
}

func (v *visit) developers() error {
	doc, err := v.openapi()
	if err != nil {
		return err
	}
	page := &Developers{Shell: v.shell("developers", v.t("dev.title"), nil), Version: doc.Info.Version, Origin: v.origin()}
	tags := make(map[string]*Tag)
	for where, methods := range doc.Paths {
		for method, op := range methods {
			name := v.t("dev.other")
			if len(op.Tags) > 0 {
				name = op.Tags[0]
			}
			if tags[name] == nil {
				tags[name] = &Tag{Anchor: strings.ReplaceAll(strings.ToLower(name), " ", "-"), Name: name}
			}
			tags[name].Operations = append(tags[name].Operations, v.operation(strings.ToUpper(method), where, op, doc))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		slices.SortFunc(tags[name].Operations, func(a, b Operation) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
		})
		page.Tags = append(page.Tags, *tags[name])
	}
	return v.show(http.StatusOK, "developers", page)
}

// origin is how this server was reached.
func (v *visit) origin() string {
	if v.r.TLS != nil || v.r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

// either returns the half of "Ajukan usulan · Hand in a proposal" that is in the
// language of the page.
func (v *visit) either(s string) string {
	id, en, both := strings.Cut(s, " · ")
	if both && v.lang == "en" {
		return en
	}
	return id
}

func (v *visit) operation(method, where string, op operation, doc *openapi) Operation {
	out := Operation{ID: op.ID, Method: method, Path: where, Summary: v.either(op.Summary), Doc: op.Description, Closed: len(op.Security) > 0 && !slices.ContainsFunc(op.Security, func(need map[string]any) bool { return len(need) == 0 })}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, Parameter{p.Name, p.In, p.Schema.name(), cmp.Or(p.Description, p.Schema.Description), p.Required})
	}
	for _, c := range op.RequestBody.Content {
		s := c.Schema
		if s.Ref != "" {
			s = doc.Components.Schemas[path.Base(s.Ref)]
		}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			p := s.Properties[name]
			out.Body = append(out.Body, Parameter{Name: name, Type: p.name(), Doc: p.Description})
		}
	}
	var statuses []string
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		statuses = append(statuses, status)
		for _, c := range op.Responses[status].Content {
			if strings.HasPrefix(status, "2") {
				out.Answer = c.Schema.name()
			}
		}
	}
	out.Statuses = strings.Join(statuses, ", ")
	return out
}
