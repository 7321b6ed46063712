package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"runut/eventstore/notary"
)

// openapi is /openapi.json as it is read here: loosely, since what it holds is
// what is examined.
type openapi struct{ root map[string]any }

// An operation is one method of one path.
type operation struct {
	path, method string
	said         map[string]any
}

func (o operation) String() string { return strings.ToUpper(o.method) + " " + o.path }

func (w *town) describe() {
	w.Helper()
	r := w.send("", http.MethodGet, "/openapi.json", nil)
	if r.StatusCode != http.StatusOK {
		w.Fatalf("/openapi.json: %d\n%s", r.StatusCode, r.body)
	}
	if err := json.Unmarshal(r.body, &w.described.root); err != nil {
		w.Fatal(err)
	}
}

// operations returns all of them, in the order of paths.
func (d openapi) operations() []operation {
	var out []operation
	paths, _ := d.root["paths"].(map[string]any)
	for path, item := range paths {
		for method, said := range item.(map[string]any) {
			out = append(out, operation{path, method, said.(map[string]any)})
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// at follows a JSON pointer from the root; nil where it leads nowhere.
func (d openapi) at(pointer string) any {
	var v any = d.root
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "#/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")]
	}
	return v
}

// resolve follows a $ref, if v is one.
func (d openapi) resolve(v any) map[string]any {
	m, _ := v.(map[string]any)
	if ref, ok := m["$ref"].(string); ok {
		m, _ = d.at(ref).(map[string]any)
	}
	return m
}

// walk visits everything in v with its place.
func walk(v any, at string, visit func(at string, v any)) {
	visit(at, v)
	switch x := v.(type) {
	case map[string]any:
		for k, member := range x {
			walk(member, at+"/"+k, visit)
		}
	case []any:
		for i, member := range x {
			walk(member, fmt.Sprint(at, "/", i), visit)
		}
	}
}

// schemaTypes are those that JSON Schema knows.
var schemaTypes = []any{"string", "number", "integer", "boolean", "array", "object", "null"}

func TestOpenAPI(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	d := w.described
	if v, _ := d.root["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("it says to be OpenAPI %q", v)
	}
	for _, pointer := range []string{"#/info/title", "#/info/version", "#/info/license/name", "#/components/securitySchemes/token/scheme"} {
		if s, _ := d.at(pointer).(string); s == "" {
			t.Errorf("%s is missing", pointer)
		}
	}

	t.Run("every operation says what it is", func(t *testing.T) {
		ids := map[string]string{}
		for _, o := range d.operations() {
			id, _ := o.said["operationId"].(string)
			summary, _ := o.said["summary"].(string)
			tags, _ := o.said["tags"].([]any)
			responses, _ := o.said["responses"].(map[string]any)
			if other := ids[id]; id == "" || other != "" {
				t.Errorf("%s has the id %q (also: %s)", o, id, other)
			}
			ids[id] = o.String()
			if len(summary) < 8 || !strings.Contains(summary, " · ") {
				t.Errorf("%s has the summary %q; want one in Indonesian and English", o, summary)
			}
			if len(tags) != 1 {
				t.Errorf("%s has %d tags", o, len(tags))
			}
			if !slices.Contains([]string{"get", "post"}, o.method) {
				t.Errorf("%s is neither a read nor a command", o)
			}
			good, bad := false, false
			for status, r := range responses {
				said := d.resolve(r)
				if s, _ := said["description"].(string); s == "" {
					t.Errorf("%s does not describe %s", o, status)
				}
				content, _ := said["content"].(map[string]any)
				if len(content) == 0 {
					t.Errorf("%s says nothing of what %s holds", o, status)
				}
				good = good || strings.HasPrefix(status, "2")
				if !strings.HasPrefix(status, "2") {
					bad = true
					if content["application/problem+json"] == nil {
						t.Errorf("%s answers %s with %v, not a problem", o, status, content)
					}
				}
			}
			if !good || !bad {
				t.Errorf("%s says how it goes well: %t, how it goes badly: %t", o, good, bad)
			}
			_, secured := o.said["security"]
			if open := strings.HasPrefix(o.path, "/api/v1/public/"); secured == open {
				t.Errorf("%s speaks of a token: %t", o, secured)
			}
		}
		if len(ids) < 70 {
			t.Errorf("%d operations: some are missing", len(ids))
		}
	})

	t.Run("every path parameter is described", func(t *testing.T) {
		for _, o := range d.operations() {
			var described []string
			params, _ := o.said["parameters"].([]any)
			for _, p := range params {
				m := d.resolve(p)
				if m["in"] == "path" {
					described = append(described, m["name"].(string))
					if m["required"] != true {
						t.Errorf("%s: %v may be left out of the path", o, m["name"])
					}
				}
			}
			var named []string
			for _, m := range regexp.MustCompile(`\{([^}]+)\}`).FindAllStringSubmatch(o.path, -1) {
				named = append(named, m[1])
			}
			slices.Sort(named)
			slices.Sort(described)
			if !slices.Equal(named, described) {
				t.Errorf("%s has parameters %v, describes %v", o, named, described)
			}
		}
	})

	t.Run("every reference leads somewhere", func(t *testing.T) {
		refs := 0
		walk(d.root, "#", func(at string, v any) {
			m, ok := v.(map[string]any)
			if !ok {
				return
			}
			if ref, ok := m["$ref"].(string); ok {
				refs++
				if d.at(ref) == nil {
					t.Errorf("%s refers to %s, which is not there", at, ref)
				}
			}
			if !strings.HasSuffix(at, "/properties") && !strings.HasSuffix(at, "/schemas") {
				types := []any{m["type"]}
				if list, ok := m["type"].([]any); ok {
					types = list
				}
				for _, kind := range types {
					if kind != nil && !slices.Contains(schemaTypes, kind) && !strings.Contains(at, "/securitySchemes/") && !strings.Contains(at, "/example") {
						t.Errorf("%s has the type %v", at, kind)
					}
				}
			}
		})
		if refs < 50 {
			t.Errorf("only %d references", refs)
		}
	})

	t.Run("a command does not offer what the decision fills in", func(t *testing.T) {
		commands := 0
		for _, o := range d.operations() {
			schema, ok := bodySchema(d, o)
			if !ok {
				continue
			}
			commands++
			properties, _ := schema["properties"].(map[string]any)
			for _, hidden := range []string{"state", "via", "checks", "observed", "recorded_late", "$schema"} {
				if _, there := properties[hidden]; there {
					t.Errorf("%s offers %q", o, hidden)
				}
			}
			if schema["additionalProperties"] != false {
				t.Errorf("%s lets unknown members through", o)
			}
			keyed, matched := false, false
			for _, p := range o.said["parameters"].([]any) {
				keyed = keyed || d.resolve(p)["name"] == "Idempotency-Key"
				matched = matched || d.resolve(p)["name"] == "If-Match"
			}
			if !keyed || !matched {
				t.Errorf("%s asks for Idempotency-Key: %t, If-Match: %t", o, keyed, matched)
			}
		}
		if commands < 45 {
			t.Errorf("only %d commands", commands)
		}
	})

	t.Run("documents, feeds and the stream are in it", func(t *testing.T) {
		for pointer, media := range map[string]string{
			"#/paths/~1api~1v1~1documents/post/responses/201/content":                            "application/json",
			"#/paths/~1api~1v1~1documents~1{digest}/get/responses/200/content":                   "application/octet-stream",
			"#/paths/~1api~1v1~1feeds~1opd~1{code}~1accepted/get/responses/200/content":          "application/cloudevents-batch+json",
			"#/paths/~1stream/get/responses/200/content":                                         "text/event-stream",
			"#/paths/~1api~1v1~1proposals~1{number}/get/responses/200/content":                   "application/json",
			"#/paths/~1api~1v1~1proposals/post/responses/422/content":                            "application/problem+json",
			"#/paths/~1api~1v1~1proposals~1{number}~1withdraw/post/requestBody/content":          "application/json",
			"#/paths/~1api~1v1~1public~1proposals~1{number}~1timeline/get/responses/200/content": "application/json",
		} {
			if content, _ := d.at(pointer).(map[string]any); content[media] == nil {
				t.Errorf("%s does not hold %s: %v", pointer, media, content)
			}
		}
	})

	t.Run("it loads nothing from elsewhere", func(t *testing.T) {
		for _, path := range []string{"/openapi.json", "/openapi.yaml", "/docs"} {
			r := w.send("", http.MethodGet, path, nil)
			if path == "/docs" && r.StatusCode != http.StatusNotFound {
				t.Errorf("%s answers %d; the usual page loads its script from elsewhere", path, r.StatusCode)
			}
			for _, m := range regexp.MustCompile(`https?://[^"'\s]+`).FindAllString(string(r.body), -1) {
				t.Errorf("%s refers to %s", path, m)
			}
		}
	})
}

// bodySchema returns what a command's body may hold.
func bodySchema(d openapi, o operation) (map[string]any, bool) {
	// It asks for no act: it hands in a code, says what a file is, or changes an endpoint.
	if strings.HasPrefix(o.path, "/api/v1/public/") || strings.HasPrefix(o.path, "/api/v1/uploads/") || strings.HasPrefix(o.path, subscriptions) {
		return nil, false
	}
	body, _ := o.said["requestBody"].(map[string]any)
	content, _ := body["content"].(map[string]any)
	media, ok := content["application/json"].(map[string]any)
	if !ok {
		return nil, false
	}
	return d.resolve(media["schema"]), true
}
