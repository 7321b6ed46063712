package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// conforms examines that what the server answered is what its OpenAPI document
// says it answers. Every request of these tests goes through it.
func (w *town) conforms(method, path string, r reply) {
	w.Helper()
	path, _, _ = strings.Cut(path, "?")
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.HasSuffix(media, "json") || w.described.root == nil || path == "/openapi.json" {
		return
	}
	o, ok := w.described.find(method, path)
	if !ok {
		if r.StatusCode < 400 {
			w.Errorf("%s %s is answered, but not described", method, path)
		}
		return
	}
	responses, _ := o.said["responses"].(map[string]any)
	response := w.described.resolve(responses[fmt.Sprint(r.StatusCode)])
	if response == nil {
		response = w.described.resolve(responses["default"])
	}
	content, _ := response["content"].(map[string]any)
	said, ok := content[media].(map[string]any)
	if !ok {
		w.Errorf("%s answered %d %s, which is not described", o, r.StatusCode, media)
		return
	}
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		w.Errorf("%s: %v", o, err)
		return
	}
	for _, misfit := range w.described.misfits(said["schema"], v, "") {
		w.Errorf("%s answered otherwise than described: %s", o, misfit)
	}
}

// find returns the operation that answers a path.
func (d openapi) find(method, path string) (operation, bool) {
	paths, _ := d.root["paths"].(map[string]any)
	parts := strings.Split(path, "/")
	var best operation
	found, fixed := false, -1
	for template, item := range paths {
		said, ok := item.(map[string]any)[strings.ToLower(method)].(map[string]any)
		segments := strings.Split(template, "/")
		if !ok || len(segments) != len(parts) {
			continue
		}
		same, fits := 0, true
		for i, s := range segments {
			switch {
			case s == parts[i]:
				same++
			case !strings.HasPrefix(s, "{"):
				fits = false
			}
		}
		if fits && same > fixed {
			best, found, fixed = operation{template, strings.ToLower(method), said}, true, same
		}
	}
	return best, found
}

// misfits returns where a value is not what a schema says: of JSON Schema as much
// as the document uses.
func (d openapi) misfits(schema, v any, at string) []string {
	s := d.resolve(schema)
	if len(s) == 0 {
		return nil
	}
	if s["const"] != nil || s["oneOf"] != nil || s["anyOf"] != nil || s["allOf"] != nil || s["not"] != nil {
		return []string{at + " is described in words this test does not know"}
	}
	types, _ := s["type"].([]any)
	if one, ok := s["type"].(string); ok {
		types = []any{one}
	}
	if kind := kindOf(v); len(types) > 0 && !slices.Contains(types, any(kind)) && !(kind == "integer" && slices.Contains(types, any("number"))) {
		return []string{fmt.Sprintf("%s is %s %v, want %v", at, kind, v, types)}
	}
	var out []string
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		out = append(out, fmt.Sprintf("%s is %v, want one of %v", at, v, enum))
	}
	switch x := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, x); s["format"] == "date-time" && err != nil {
			out = append(out, fmt.Sprintf("%s is %q, want a time", at, x))
		}
	case []any:
		for i, item := range x {
			out = append(out, d.misfits(s["items"], item, fmt.Sprint(at, "/", i))...)
		}
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, there := x[name.(string)]; !there {
				out = append(out, fmt.Sprintf("%s/%s is missing", at, name))
			}
		}
		for name, member := range x {
			described, ok := properties[name]
			if !ok {
				described = s["additionalProperties"]
				if described == false {
					out = append(out, fmt.Sprintf("%s/%s is not described", at, name))
				}
			}
			out = append(out, d.misfits(described, member, at+"/"+name)...)
		}
	}
	slices.Sort(out)
	return out
}

func kindOf(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if x == float64(int64(x)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
