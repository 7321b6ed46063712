package api

import (
	"bytes"
	"io"
	"maps"
	"math/big"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"runut/api/wire"
	"runut/domain"
	"runut/domain/proposal"
	"runut/projections"
)

// filledIn are the members of a proposal's event that the decider fills in and
// nobody may ask for.
var filledIn = []string{"state", "via", "checks", "observed", "recorded_late"}

// named is what a type is called in the OpenAPI document. Those of other packages
// carry the package's name, since a Check of the domain is not ours.
func named(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if t.Name() == "" || pkg == "." || pkg == "api" {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// aliases tell huma what the domain's own types look like in JSON.
func aliases(r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[domain.Text](), reflect.TypeFor[string]())
	r.RegisterTypeAlias(reflect.TypeFor[domain.Secret](), reflect.TypeFor[string]())
	r.RegisterTypeAlias(reflect.TypeFor[proposal.Amendment](), reflect.TypeFor[map[string]any]())
	r.RegisterTypeAlias(reflect.TypeFor[projections.Share](), reflect.TypeFor[float64]())
	r.RegisterTypeAlias(reflect.TypeFor[big.Rat](), reflect.TypeFor[string]())
}

// inputSchema returns the schema of what a client may send for a T. Nothing is
// marked required: what is needed depends on the workflow in force, and a
// refusal names it.
func inputSchema(r huma.Registry, t reflect.Type, hide []string) *huma.Schema {
	full := r.Schema(t, false, t.Name())
	s := *full
	s.Properties = maps.Clone(full.Properties)
	for _, name := range slices.Concat(hide, []string{"$schema"}) {
		delete(s.Properties, name)
	}
	s.Required = nil
	s.AdditionalProperties = false
	s.PrecomputeMessages()
	return &s
}

// format writes every JSON answer.
var format = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		var b bytes.Buffer
		if err := json.MarshalWrite(&b, v, wire.Outputs); err != nil {
			return err
		}
		b.WriteByte('\n')
		_, err := w.Write(b.Bytes())
		return err
	},
	Unmarshal: wire.Decode,
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
