package proposal

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// most is more than any kabupaten's budget and small enough that a hundred
// thousand of them can be added up.
const most domain.Rupiah = 10_000_000_000_000 // ten trillion

// plausible examines every amount, share, volume and place in the event, however
// deep it stands: none may be negative, beyond measure or malformed.
func (h *hearing) plausible() {
	bad := 0
	walk(reflect.ValueOf(h.event).Elem(), "", func(at string, x any) {
		ok, code := true, ""
		switch x := x.(type) {
		case domain.Rupiah:
			ok, code = 0 <= x && x <= most, "amount.implausible"
		case int64:
			ok, code = 0 <= x && x <= int64(most), "amount.implausible"
		case int:
			ok, code = 0 <= x, "amount.implausible"
		case Percent:
			ok, code = 0 <= x && x <= 10_000, "amount.percent"
		case domain.Volume:
			ok, code = x.IsZero() || x.Valid(), "amount.volume"
		case domain.Point:
			ok, code = x.Valid(), "amount.point"
		}
		if !ok {
			bad++
			h.hold(false, "amount", "plausible", fmt.Sprint(x), domain.Invalid, code, "field", at[1:], "value", fmt.Sprint(x), "most", most.String())
			h.at(at)
		}
	})
	if bad == 0 {
		h.hold(true, "amount", "plausible", "plausible", "", "")
	}
}

// walk calls visit with every number, volume and place in v, by JSON pointer.
func walk(v reflect.Value, at string, visit func(at string, x any)) {
	switch x := v.Interface().(type) {
	case domain.Rupiah, Percent, int, int64, domain.Volume, domain.Point:
		visit(at, x)
		return
	case domain.Text, domain.Document, domain.Scope, time.Time, *Observed, *Lateness, []domain.Check:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), at, visit)
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k != reflect.Struct && k != reflect.Int64 {
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), at+"/"+strconv.Itoa(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				walk(v.Field(i), at, visit)
				continue
			}
			walk(v.Field(i), at+"/"+name, visit)
		}
	}
}
