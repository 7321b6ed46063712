package catalog_test

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
)

// readBack makes what was written comparable with what is read: of a text what
// may be read, of a secret that there is one.
var readBack = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Transformer("masked", func(t domain.Text) string { return t.Masked }),
	cmp.Transformer("sealed", func(s domain.Secret) bool { return !s.IsZero() }),
}

func TestEveryEventIsReadAsItWasWritten(t *testing.T) {
	types := slices.Collect(catalog.Events.All())
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			e := rapid.SampledFrom(types).Draw(t, "type").New()
			fill(drawn{t}, reflect.ValueOf(e).Elem(), "")
			thereAndBack(t, e)
		}
	})
}

func thereAndBack(t *rapid.T, e any) {
	written, err := catalog.Events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	read, err := catalog.Events.Decode(written.Type, written.Version, written.Payload, written.Texts)
	if err != nil {
		t.Fatalf("%v\n%s", err, written.Payload)
	}
	again, err := catalog.Events.Encode(read)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written.Payload, again.Payload) {
		t.Fatalf("%s written %s\nagain   %s", written.Type, written.Payload, again.Payload)
	}
	if d := cmp.Diff(written.Texts, again.Texts, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s texts (-written +again):\n%s", written.Type, d)
	}
	if d := cmp.Diff(e, read, readBack, sealedAlways()); d != "" {
		t.Fatalf("%s (-written +read):\n%s", written.Type, d)
	}
}

// Whoever reads events bare reads the same events, whatever is in them, but for
// what is left out.
func TestABareEventLacksItsTextsAndChecksAndNothingElse(t *testing.T) {
	types := slices.Collect(catalog.Events.All())
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			e := rapid.SampledFrom(types).Draw(t, "type").New()
			fill(drawn{t}, reflect.ValueOf(e).Elem(), "")
			written, err := catalog.Events.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			want, err := catalog.Events.Decode(written.Type, written.Version, written.Payload, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := catalog.Events.DecodeBare(written.Type, written.Version, written.Payload)
			if err != nil {
				t.Fatalf("%v\n%s", err, written.Payload)
			}
			if bytes.Contains(written.Payload, []byte(`"check":`)) {
				checked++
			}
			if d := cmp.Diff(want, got, cmp.Comparer(func(_, _ []domain.Check) bool { return true })); d != "" {
				t.Fatalf("%s %s (-whole +bare):\n%s", written.Type, written.Payload, d)
			}
		}
	})
	if checked == 0 {
		t.Error("no event that was drawn has checks")
	}
}

func TestABareEventHasNoChecks(t *testing.T) {
	e := &proposal.Withdrawn{Step: proposal.Step{Via: "withdraw", Checks: []domain.Check{{Name: "state", OK: true}}}}
	written, err := catalog.Events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := catalog.Events.DecodeBare(written.Type, written.Version, written.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if bare := got.(*proposal.Withdrawn); bare.Checks != nil || bare.Via != e.Via {
		t.Errorf("bare: %+v", bare)
	}
}

// sealedAlways ignores secrets that a struct keeps a place for even when they
// are empty: they read back as sealed.
func sealedAlways() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		if !ok || f.Type() != reflect.TypeFor[domain.Secret]() {
			return false
		}
		owner := p.Index(-2).Type()
		field, _ := owner.FieldByName(f.Name())
		return !strings.Contains(field.Tag.Get("json"), "omitzero")
	}, cmp.Ignore())
}

// filled returns an event with every member present, in the form the log keeps,
// and how many canaries were planted in it.
func filled(t *testing.T, typ event.Type, all bool) (event.Encoded, int) {
	t.Helper()
	n := 0
	e := typ.New()
	fill(whole{canaries: &n, all: all}, reflect.ValueOf(e).Elem(), "")
	enc, err := catalog.Events.Encode(e)
	if err != nil {
		t.Fatalf("%s: %v", typ.Name, err)
	}
	return enc, n
}

func TestNothingWrittenStandsInARecord(t *testing.T) {
	for typ := range catalog.Events.All() {
		enc, planted := filled(t, typ, true)
		if bytes.Contains(enc.Payload, []byte("kenari")) {
			t.Errorf("%s: a text or secret stands in the record: %s", typ.Name, enc.Payload)
		}
		found := 0
		for at, text := range enc.Texts {
			found++
			if !strings.HasPrefix(text, "kenari teks") {
				t.Errorf("%s: %q stands in the clear at %s", typ.Name, text, at)
			}
		}
		for at, secret := range enc.Secrets {
			found++
			if strings.HasPrefix(secret, "kenari teks") {
				t.Errorf("%s: the text %q is sealed at %s", typ.Name, secret, at)
			}
		}
		if found != planted {
			t.Errorf("%s: %d of %d texts, spans and secrets are kept", typ.Name, found, planted)
		}
	}
}

func TestNullIsNeitherWrittenNorRead(t *testing.T) {
	for typ := range catalog.Events.All() {
		empty, err := catalog.Events.Encode(typ.New())
		if err != nil {
			t.Fatal(err)
		}
		full, _ := filled(t, typ, true)
		for _, enc := range []event.Encoded{empty, full} {
			if bytes.Contains(enc.Payload, []byte("null")) {
				t.Errorf("%s is written with a null: %s", typ.Name, enc.Payload)
			}
		}
		name, rest, _ := strings.Cut(string(full.Payload), ":")
		spoilt := name + ":null" + rest[len(firstValue(name+":"+rest)):]
		for _, payload := range []string{"null", spoilt} {
			if _, err := catalog.Events.Decode(full.Type, full.Version, []byte(payload), full.Texts); err == nil {
				t.Errorf("%s: a null passes: %.100s", typ.Name, payload)
			}
		}
	}
}

func TestEveryEventIsReadStrictly(t *testing.T) {
	member := regexp.MustCompile(`^\{("[^"]+"):`)
	number := regexp.MustCompile(`([:\[,])77([,}\]])`)
	word := regexp.MustCompile(`"[a-z]`)
	for typ := range catalog.Events.All() {
		enc, _ := filled(t, typ, false)
		payload := string(enc.Payload)
		first := member.FindStringSubmatch(payload)
		if first == nil {
			t.Fatalf("%s: %s", typ.Name, payload)
		}
		spoilt := map[string]string{
			"an unknown member": strings.Replace(payload, "{", `{"zzz":1,`, 1),
			"a wrong case":      strings.Replace(payload, first[1], strings.ToUpper(first[1]), 1),
			"a member twice":    strings.Replace(payload, "{", "{"+first[1]+":"+firstValue(payload)+",", 1),
			"bad UTF-8":         word.ReplaceAllStringFunc(payload, func(s string) string { return s + "\xff" }),
			"two values":        payload + payload,
			"half of it":        payload[:len(payload)/2],
			"another shape":     "[" + payload + "]",
		}
		if number.MatchString(payload) {
			spoilt["a fraction for a whole"] = number.ReplaceAllString(payload, "${1}77.5$2")
			spoilt["a word for a number"] = number.ReplaceAllString(payload, `$1"77"$2`)
			spoilt["a number too large"] = number.ReplaceAllString(payload, "${1}99999999999999999999$2")
		}
		if len(enc.Texts) > 0 {
			spoilt["words in place of a text"] = strings.Replace(payload, ":true", `:"terang"`, 1)
		}
		for how, bytes := range spoilt {
			if bytes == payload {
				t.Errorf("%s: %s changes nothing", typ.Name, how)
				continue
			}
			if _, err := catalog.Events.Decode(enc.Type, enc.Version, []byte(bytes), enc.Texts); err == nil {
				t.Errorf("%s: %s passes: %.200s", typ.Name, how, bytes)
			}
		}
		if _, err := catalog.Events.Decode(enc.Type, enc.Version, enc.Payload, enc.Texts); err != nil {
			t.Errorf("%s: the unspoilt record does not pass: %v", typ.Name, err)
		}
	}
}

// firstValue returns the value of the first member of a payload.
func firstValue(payload string) string {
	_, rest, _ := strings.Cut(payload, ":")
	depth, quoted := 0, false
	for i, c := range rest {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}'):
			return rest[:i]
		case c == '}' || c == ']':
			depth--
		}
	}
	panic(fmt.Sprint("no value in ", payload))
}
