// Package wire is JSON as it crosses the edge: read strictly, with personal
// details cut out of every text before anything else sees it, and written with
// what may be read of a text and never a secret.
package wire

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"runut/domain"
)

// longestText is how many bytes one free text may have. A berita acara is a
// document, not a text.
const longestText = 20_000

// inputs reads a request's JSON as it reads the log's own: unknown members,
// wrong case, duplicate names and bad UTF-8 are refused. A text is a string
// here; what is personal in it is cut out before anything else sees it.
var inputs = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, t *domain.Text) error {
			var s string
			if err := json.UnmarshalDecode(dec, &s); err != nil {
				return err
			}
			if len(s) > longestText {
				return domain.Refuse(domain.Invalid, "request.text_too_long", "longest", "20000")
			}
			*t = domain.Mask(strings.TrimSpace(s))
			return nil
		}),
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, s *domain.Secret) error {
			return json.UnmarshalDecode(dec, &s.Plain)
		}),
	)),
)

// kinds are what JSON calls its values.
var kinds = map[jsontext.Kind]string{
	'{': "object", '[': "array", '"': "string", '0': "number", 't': "boolean", 'f': "boolean", 'n': "null",
}

// Decode reads body into v, a pointer, and says where it does not fit.
func Decode(body []byte, v any) error {
	if len(strings.TrimSpace(string(body[:min(len(body), 64)]))) == 0 {
		return domain.Refuse(domain.Invalid, "request.body_missing")
	}
	err := json.Unmarshal(body, v, inputs)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		at := string(e.JSONPointer)
		if refusal, ok := errors.AsType[*domain.Error](err); ok {
			return refusal.At(at)
		}
		if errors.Is(err, json.ErrUnknownName) {
			return domain.Refuse(domain.Invalid, "request.unknown_field", "field", at).At(at)
		}
		return domain.Refuse(domain.Invalid, "request.field_type", "field", cmp.Or(at, "/"), "got", kinds[e.JSONKind]).At(at)
	}
	at, line := "", 1
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = string(e.JSONPointer)
		line += strings.Count(string(body[:min(int(e.ByteOffset), len(body))]), "\n")
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return domain.Refuse(domain.Invalid, "request.duplicate_field", "field", at).At(at)
		}
	}
	if !utf8.Valid(body) {
		return domain.Refuse(domain.Invalid, "request.utf8", "field", at).At(at)
	}
	return domain.Refuse(domain.Invalid, "request.json", "line", strconv.Itoa(line), "field", at).At(at)
}

// Outputs writes answers: a text as what may be read of it, a secret never.
var Outputs = json.JoinOptions(
	json.Deterministic(true),
	json.FormatNilSliceAsNull(false),
	json.WithMarshalers(json.JoinMarshalers(
		json.MarshalToFunc(func(enc *jsontext.Encoder, t domain.Text) error {
			return enc.WriteToken(jsontext.String(t.Masked))
		}),
		json.MarshalToFunc(func(enc *jsontext.Encoder, s domain.Secret) error {
			return enc.WriteToken(jsontext.String(s.String()))
		}),
	)),
)

// Marshal writes v with Outputs.
func Marshal(v any) ([]byte, error) { return json.Marshal(v, Outputs) }
