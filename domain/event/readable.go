package event

import (
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
// The refusal names the place in e by a JSON pointer. A member with the tag
// readable:"things" holds the words of a register, which are many, may be long
// and are called after people as often as not (kecamatan Ibu, Jalan Bapak …):
// names and length are left alone there.
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

// A reader examines values of one type and returns the first refusal, whose
// place is told from the value on.
type reader func(reflect.Value) *domain.Error

var readers sync.Map // reflect.Type → reader

// readerOf returns the reader of a type, which is put together once.
func readerOf(t reflect.Type) reader {
	if r, known := readers.Load(t); known {
		return r.(reader)
	}
	r := newReader(t, false)
	if r == nil {
		r = func(reflect.Value) *domain.Error { return nil }
	}
	readers.Store(t, r)
	return r
}

// newReader returns nil for a type that holds no plain string. Things says that
// its strings are words of a register.
func newReader(t reflect.Type, things bool) reader {
	switch t {
	case reflect.TypeFor[domain.Text](), reflect.TypeFor[domain.Secret](), reflect.TypeFor[time.Time]():
		return nil
	case reflect.TypeFor[domain.Point]():
		return point
	}
	switch t.Kind() {
	case reflect.String:
		return func(v reflect.Value) *domain.Error { return word(v.String(), things) }
	case reflect.Struct:
		return structReader(t, things)
	case reflect.Pointer:
		return func(v reflect.Value) *domain.Error {
			if v.IsNil() {
				return nil
			}
			return readerOf(t.Elem())(v.Elem()) // found when it is needed: what it points to may point back
		}
	case reflect.Slice, reflect.Array:
		if r := newReader(t.Elem(), things); r != nil {
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
		return mapReader(t, things)
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

func structReader(t reflect.Type, things bool) reader {
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
		if r := newReader(f.Type, things || f.Tag.Get("readable") == "things"); r != nil {
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

func mapReader(t reflect.Type, things bool) reader {
	key, one := newReader(t.Key(), things), newReader(t.Elem(), things)
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
	if refusal := word(p.Lat, false); refusal != nil {
		return under("lat", refusal)
	}
	if refusal := word(p.Lon, false); refusal != nil {
		return under("lon", refusal)
	}
	return nil
}

func word(s string, things bool) *domain.Error {
	switch {
	case !utf8.ValidString(s), strings.ContainsFunc(s, unicode.IsControl):
		return domain.Refuse(domain.Invalid, "text.unprintable", "field", "")
	case !things && len(s) > maxWord && utf8.RuneCountInString(s) > maxWord:
		return domain.Refuse(domain.Invalid, "text.too_long", "field", "", "most", strconv.Itoa(maxWord))
	case domain.Identifies(s, !things):
		return domain.Refuse(domain.Invalid, "text.personal", "field", "")
	}
	return nil
}
