package event

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"runut/domain"
)

// Encoded is an event in the form the log keeps: its JSON without any text or
// secret, and those beside it by JSON pointer ("/problem", "/parts/0/title").
type Encoded struct {
	Type    string
	Version int
	Payload []byte
	Texts   map[string]string // what may be read, masked
	Secrets map[string]string // what is sealed; spans of a text as "/problem#0"
}

// A codec collects or supplies the texts of one event while its JSON is
// written or read. The option values hold per-type caches, hence the pool.
type codec struct {
	out  Encoded
	in   map[string]string
	opts json.Options
}

var codecs = sync.Pool{New: func() any {
	c := new(codec)
	c.opts = json.JoinOptions(
		json.RejectUnknownMembers(true),
		json.Deterministic(true),
		json.FormatNilSliceAsNull(false),
		json.WithMarshalers(json.JoinMarshalers(
			json.MarshalToFunc(func(enc *jsontext.Encoder, t domain.Text) error {
				at := string(enc.StackPointer())
				c.out.Texts = put(c.out.Texts, at, t.Masked)
				for i, s := range t.Spans {
					c.out.Secrets = put(c.out.Secrets, fmt.Sprintf("%s#%d", at, i), s.Plain)
				}
				return enc.WriteToken(jsontext.True)
			}),
			json.MarshalToFunc(func(enc *jsontext.Encoder, s domain.Secret) error {
				if !s.Sealed {
					c.out.Secrets = put(c.out.Secrets, string(enc.StackPointer()), s.Plain)
				}
				return enc.WriteToken(jsontext.True)
			}),
		)),
		json.WithUnmarshalers(json.JoinUnmarshalers(
			json.UnmarshalFromFunc(func(dec *jsontext.Decoder, t *domain.Text) error {
				if err := wantTrue(dec); err != nil {
					return err
				}
				*t = domain.Text{Masked: c.in[string(dec.StackPointer())]}
				return nil
			}),
			sealed,
		)),
	)
	return c
}}

// bare are the options of DecodeBare.
var bare = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, t *domain.Text) error {
			*t = domain.Text{}
			return wantTrue(dec)
		}),
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, checks *[]domain.Check) error {
			*checks = nil
			return dec.SkipValue()
		}),
		sealed,
	)),
)

// sealed reads the place of a secret.
var sealed = json.UnmarshalFromFunc(func(dec *jsontext.Decoder, s *domain.Secret) error {
	*s = domain.Secret{Sealed: true}
	return wantTrue(dec)
})

func put(m map[string]string, k, v string) map[string]string {
	if m == nil {
		m = make(map[string]string, 4)
	}
	m[k] = v
	return m
}

func wantTrue(dec *jsontext.Decoder) error {
	tok, err := dec.ReadToken()
	if err == nil && tok.Kind() != 't' {
		err = fmt.Errorf("a text or secret is %s, want true", tok)
	}
	return err
}

// Encode returns the stored form of e, a pointer to a declared struct.
func (c *Catalog) Encode(e any) (Encoded, error) {
	t, ok := c.Of(e)
	if !ok {
		return Encoded{}, fmt.Errorf("event: %T is not in the catalogue", e)
	}
	k := codecs.Get().(*codec)
	defer codecs.Put(k)
	k.out = Encoded{Type: t.Name, Version: t.Version}
	payload, err := json.Marshal(e, k.opts)
	if err != nil {
		return Encoded{}, fmt.Errorf("event: encode %s: %w", t.Name, err)
	}
	k.out.Payload = payload
	return k.out, nil
}

// Decode returns the event that was stored under a name and version, in its
// newest shape, as a pointer. It refuses unknown members, wrong case, duplicate
// names, bad UTF-8 and null, which Encode never writes and which would read as
// if nothing had been said. A text that was closed reads as empty.
func (c *Catalog) Decode(name string, version int, payload []byte, texts map[string]string) (any, error) {
	k := codecs.Get().(*codec)
	defer codecs.Put(k)
	k.in = texts
	defer func() { k.in = nil }()
	return c.decode(name, version, payload, k.opts)
}

// DecodeBare is Decode without what makes an event long and no sum rests on: its
// texts read as if they were closed, and the checks that a decision kept are left
// out. Whoever goes through all of a year reads it so.
func (c *Catalog) DecodeBare(name string, version int, payload []byte) (any, error) {
	return c.decode(name, version, payload, bare)
}

func (c *Catalog) decode(name string, version int, payload []byte, o json.Options) (any, error) {
	t, ok := c.byName[name]
	if !ok {
		return nil, fmt.Errorf("event: %q is not in the catalogue", name)
	}
	if version < 1 || version > t.Version {
		return nil, fmt.Errorf("event: %s has versions 1 to %d, not %d: a newer program wrote it", name, t.Version, version)
	}
	shape := t.goType
	if version < t.Version {
		shape = t.steps[version-1].from
	}
	if holdsNull(payload) {
		return nil, fmt.Errorf("event: decode %s version %d: it holds null", name, version)
	}
	e := reflect.New(shape).Interface()
	if err := json.Unmarshal(payload, e, o); err != nil {
		return nil, fmt.Errorf("event: decode %s version %d: %w", name, version, err)
	}
	for _, s := range t.steps[version-1:] {
		e = s.apply(e)
	}
	return e, nil
}

// holdsNull reports whether there is a null in JSON. Nearly always the word is
// not even there; where it is, it may stand in a string.
func holdsNull(payload []byte) bool {
	if !bytes.Contains(payload, []byte("null")) {
		return false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(payload))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return false // Decode says what is wrong
		}
		if tok.Kind() == 'n' {
			return true
		}
	}
}
