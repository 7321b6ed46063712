package event

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"runut/domain"
)

// maxWord is how many characters a word may have that stands readable in a
// record. Whatever is longer is prose, and prose is a domain.Text.
const maxWord = 1000

// Readable examines that nothing identifies anybody in what stands readable in
// a record for ever: every plain string of e, however deep, keys of maps
// included. A record cannot be closed as a text can, so a NIK, a telephone
// number, an address of electronic mail or somebody's name may only stand in a
// domain.Text, where it is masked, or in a domain.Secret. What it refuses:
//
//	text.personal    a string holds a personal detail
//	text.unprintable it holds a control character, or is not UTF-8
//	text.too_long    it has more than a thousand characters
//
// The refusal names the place in e by a JSON pointer. Two tags of a member say
// that less is asked of it:
//
//	readable:"things"  the words of a register, which may be long and are often
//	                   called after somebody (kecamatan Ibu, Jalan Bapak …)
//	readable:"post"    role@office as the program itself writes it, which must
//	                   not be taken for an address of electronic mail
func Readable(e any) error {
	v := reflect.ValueOf(e)
	if !v.IsValid() {
		return nil
	}
	if refusal := readerOf(v.Type())(v); refusal != nil {
		refusal.Params["field"] = refusal.Field
		return refusal
	}
	return nil
}

// A rule says what a word may be.
type rule struct {
	may  []domain.SpanKind // what is not looked for
	long bool              // as long as it likes
}

var (
	plain = &rule{}
	tags  = map[string]*rule{
		"things": {may: []domain.SpanKind{domain.SpanName}, long: true},
		"post":   {may: []domain.SpanKind{domain.SpanEmail}},
	}
)

// A reader examines values of one type and returns the first refusal, whose
// place is told from the value on.
type reader func(reflect.Value) *domain.Error

var readers sync.Map // reflect.Type → reader

// readerOf returns the reader of a type, which is put together once.
func readerOf(t reflect.Type) reader {
	if r, known := readers.Load(t); known {
		return r.(reader)
	}
	r := newReader(t, plain)
	if r == nil {
		r = func(reflect.Value) *domain.Error { return nil }
	}
	readers.Store(t, r)
	return r
}

// newReader returns nil for a type that holds no plain string.
func newReader(t reflect.Type, words *rule) reader {
	switch t {
	case reflect.TypeFor[domain.Text](), reflect.TypeFor[domain.Secret](), reflect.TypeFor[time.Time]():
		return nil
	case reflect.TypeFor[domain.Point]():
		return point
	}
	switch t.Kind() {
	case reflect.String:
		return func(v reflect.Value) *domain.Error { return words.examine(v.String()) }
	case reflect.Struct:
		return structReader(t, words)
	case reflect.Pointer:
		return func(v reflect.Value) *domain.Error {
			if v.IsNil() {
				return nil
			}
			return readerOf(t.Elem())(v.Elem()) // found when it is needed: what it points to may point back
		}
	case reflect.Slice, reflect.Array:
		if r := newReader(t.Elem(), words); r != nil {
			return func(v reflect.Value) *domain.Error {
				for i := range v.Len() {
					if refusal := r(v.Index(i)); refusal != nil {
						return under(strconv.Itoa(i), refusal)
					}
				}
				return nil
			}
		}
	case reflect.Map:
		return mapReader(t, words)
	case reflect.Interface:
		return func(v reflect.Value) *domain.Error {
			if v.IsNil() {
				return nil
			}
			return readerOf(v.Elem().Type())(v.Elem())
		}
	}
	return nil
}

func structReader(t reflect.Type, words *rule) reader {
	type member struct {
		index int
		name  string // in JSON; "" where its members stand among the struct's
		read  reader
	}
	var members []member
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" && !f.Anonymous {
			name = f.Name
		}
		if r := newReader(f.Type, cmp.Or(tags[f.Tag.Get("readable")], words)); r != nil {
			members = append(members, member{i, name, r})
		}
	}
	if members == nil {
		return nil
	}
	return func(v reflect.Value) *domain.Error {
		for _, m := range members {
			if refusal := m.read(v.Field(m.index)); refusal != nil {
				return under(m.name, refusal)
			}
		}
		return nil
	}
}

func mapReader(t reflect.Type, words *rule) reader {
	key, one := newReader(t.Key(), words), newReader(t.Elem(), words)
	if key == nil && one == nil {
		return nil
	}
	return func(v reflect.Value) *domain.Error {
		if v.Len() == 0 {
			return nil
		}
		for entry := v.MapRange(); entry.Next(); {
			if key != nil {
				if refusal := key(entry.Key()); refusal != nil {
					return refusal // its place is the map: to name the key would repeat it
				}
			}
			if one != nil {
				if refusal := one(entry.Value()); refusal != nil {
					return under(entry.Key().String(), refusal)
				}
			}
		}
		return nil
	}
}

// under puts a refusal's place under a member.
func under(name string, refusal *domain.Error) *domain.Error {
	if name != "" {
		refusal.Field = "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name) + refusal.Field
	}
	return refusal
}

// point examines a place: the digits of its degrees are nobody's number.
func point(v reflect.Value) *domain.Error {
	p := domain.Point{Lat: v.FieldByName("Lat").String(), Lon: v.FieldByName("Lon").String()}
	if p.Valid() {
		return nil
	}
	if refusal := plain.examine(p.Lat); refusal != nil {
		return under("lat", refusal)
	}
	if refusal := plain.examine(p.Lon); refusal != nil {
		return under("lon", refusal)
	}
	return nil
}

func (r *rule) examine(s string) *domain.Error {
	switch {
	case !utf8.ValidString(s), strings.ContainsFunc(s, unicode.IsControl):
		return domain.Refuse(domain.Invalid, "text.unprintable", "field", "")
	case !r.long && len(s) > maxWord && utf8.RuneCountInString(s) > maxWord:
		return domain.Refuse(domain.Invalid, "text.too_long", "field", "", "most", strconv.Itoa(maxWord))
	case domain.Identifies(s, r.may...):
		return domain.Refuse(domain.Invalid, "text.personal", "field", "")
	}
	return nil
}
