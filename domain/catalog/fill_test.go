package catalog_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/proposal"
)

// A filler says what to put into the leaves of an event.
type filler interface {
	text(at string) domain.Text
	secret(at string) domain.Secret
	word(at string) string
	whole() int64
	yes() bool
	moment() time.Time
	id() uuid.UUID
	many() int             // entries of a slice or map
	pick(n int) (int, int) // members of a one-of struct that are set: from, to
	set() bool             // a pointer
}

// fill sets everything that can be reached from v, a settable value. at is the
// way there, for canaries.
func fill(f filler, v reflect.Value, at string) {
	switch v.Interface().(type) {
	case domain.Text:
		v.Set(reflect.ValueOf(f.text(at)))
		return
	case domain.Secret:
		v.Set(reflect.ValueOf(f.secret(at)))
		return
	case time.Time:
		v.Set(reflect.ValueOf(f.moment()))
		return
	case uuid.UUID:
		v.Set(reflect.ValueOf(f.id()))
		return
	case proposal.Amendment:
		from, to := f.pick(v.NumField())
		for i := from; i < to; i++ {
			fillNew(f, v.Field(i), at)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.word(at))
	case reflect.Bool:
		v.SetBool(f.yes())
	case reflect.Int, reflect.Int64:
		v.SetInt(f.whole())
	case reflect.Pointer:
		if f.set() {
			fillNew(f, v, at)
		}
	case reflect.Slice:
		for i := range f.many() {
			one := reflect.New(v.Type().Elem()).Elem()
			fill(f, one, fmt.Sprintf("%s/%d", at, i))
			v.Set(reflect.Append(v, one))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range f.many() {
			key, one := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(f, key, fmt.Sprintf("%s/key%d", at, i))
			fill(f, one, fmt.Sprintf("%s/%d", at, i))
			v.SetMapIndex(key, one)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(f, v.Field(i), at+"/"+v.Type().Field(i).Name)
		}
	default:
		panic(fmt.Sprintf("%s is a %s, which no event should hold", at, v.Type()))
	}
}

func fillNew(f filler, v reflect.Value, at string) {
	v.Set(reflect.New(v.Type().Elem()))
	fill(f, v.Elem(), at)
}

// short is any text at all, but brief: what is odd about a text shows early.
var short = rapid.StringN(0, 6, -1)

// drawn fills with whatever rapid draws.
type drawn struct{ *rapid.T }

func (d drawn) text(string) domain.Text {
	t := domain.Text{Masked: short.Draw(d.T, "text")}
	if t.Masked != "" {
		for range rapid.IntRange(0, 2).Draw(d.T, "spans") {
			t.Spans = append(t.Spans, domain.Span{Kind: domain.SpanName, Plain: short.Draw(d.T, "span")})
		}
	}
	return t
}
func (d drawn) secret(string) domain.Secret {
	return domain.Secret{Plain: short.Draw(d.T, "secret")}
}
func (d drawn) word(string) string { return short.Draw(d.T, "word") }
func (d drawn) whole() int64       { return rapid.Int64().Draw(d.T, "int") }
func (d drawn) yes() bool          { return rapid.Bool().Draw(d.T, "bool") }
func (d drawn) moment() time.Time {
	if rapid.Bool().Draw(d.T, "zero time") {
		return time.Time{}
	}
	return time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(d.T, "micros")).UTC()
}
func (d drawn) id() uuid.UUID {
	var u uuid.UUID
	copy(u[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(d.T, "id"))
	return u
}
func (d drawn) many() int { return rapid.IntRange(0, 2).Draw(d.T, "many") }
func (d drawn) set() bool { return rapid.Bool().Draw(d.T, "set") }
func (d drawn) pick(n int) (int, int) {
	i := rapid.IntRange(0, n-1).Draw(d.T, "one of")
	return i, i + 1
}

// whole fills everything there is, so that no member is left out, and plants a
// canary in every text, span and secret.
type whole struct {
	canaries *int
	all      bool // of a one-of struct every member, else the first
}

func (w whole) canary(kind, at string) string {
	*w.canaries++
	return fmt.Sprintf("kenari %s %s %d", kind, at, *w.canaries)
}
func (w whole) text(at string) domain.Text {
	return domain.Text{Masked: w.canary("teks", at), Spans: []domain.Span{{Kind: domain.SpanNIK, Plain: w.canary("nik", at)}, {Kind: domain.SpanName, Plain: w.canary("nama", at)}}}
}
func (w whole) secret(at string) domain.Secret { return domain.Secret{Plain: w.canary("rahasia", at)} }
func (w whole) word(at string) string          { return "w" + fmt.Sprint(len(at)) }
func (w whole) whole() int64                   { return 77 }
func (w whole) yes() bool                      { return true }
func (w whole) moment() time.Time              { return time.Date(2026, 2, 20, 4, 5, 6, 7000, time.UTC) }
func (w whole) id() uuid.UUID                  { return uuid.MustParse("0198c2f0-0000-7000-8000-000000000001") }
func (w whole) many() int                      { return 1 }
func (w whole) set() bool                      { return true }
func (w whole) pick(n int) (int, int) {
	if w.all {
		return 0, n
	}
	return 0, 1
}
