package projections

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/person"
	"runut/domain/proposal"
)

// closed returns the records of one proposal without the texts that an event of
// it ordered to be closed. The log takes such a text away a moment after the
// order; a read model that folded it in between must come out the same as one
// that folds it later.
func closed(records []event.Record) []event.Record {
	var orders map[uuid.UUID][]string
	for _, r := range records {
		if e, ok := r.Event.(*proposal.TextRedacted); ok {
			if orders == nil {
				orders = make(map[uuid.UUID][]string)
			}
			if target, err := uuid.Parse(e.Target); err == nil {
				orders[target] = append(orders[target], e.Field)
			}
		}
	}
	if orders == nil {
		return records
	}
	out := make([]event.Record, len(records))
	copy(out, records)
	for i, r := range out {
		for _, field := range orders[r.ID] {
			out[i].Event = blank(out[i].Event, field)
		}
	}
	return out
}

// closesElsewhere reports whether an event closes texts of other streams, so
// that histories read before it are not as they would be read now.
func closesElsewhere(r event.Record) bool {
	_, erased := r.Event.(*person.Erased)
	return erased
}

// blank returns a copy of an event without the text that a JSON pointer names.
func blank(e any, pointer string) any {
	v := reflect.ValueOf(e)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return e
	}
	twin := reflect.New(v.Elem().Type())
	twin.Elem().Set(v.Elem())
	clearAt(twin.Elem(), strings.Split(strings.TrimPrefix(pointer, "/"), "/"))
	return twin.Interface()
}

var textType = reflect.TypeFor[domain.Text]()

// clearAt clears the text at a path in v, which is settable; what it shares with
// other values on the way is copied first.
func clearAt(v reflect.Value, path []string) {
	if v.Type() == textType {
		if len(path) == 0 {
			v.SetZero()
		}
		return
	}
	if len(path) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			twin := reflect.New(v.Elem().Type())
			twin.Elem().Set(v.Elem())
			v.Set(twin)
			clearAt(v.Elem(), path)
		}
	case reflect.Slice:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= v.Len() {
			return
		}
		twin := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(twin, v)
		v.Set(twin)
		clearAt(v.Index(i), path[1:])
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				clearAt(v.Field(i), path)
			case name == path[0]:
				clearAt(v.Field(i), path[1:])
			}
		}
	}
}
