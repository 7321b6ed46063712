package proposal

import (
	"reflect"
	"strings"
	"sync"

	"runut/domain"
)

// A shape knows the members of one event type by their JSON names, which is
// how a workflow definition speaks of them.
type shape struct {
	name    string                         // stored, without its noun: "submitted"
	members map[string]reflect.StructField // Index leads through embedded structs
}

// shapes holds the shape of every event type. It is filled once, on first use,
// and read only afterwards.
var shapes = sync.OnceValue(func() map[reflect.Type]*shape {
	all := make(map[reflect.Type]*shape, len(Types))
	for _, t := range Types {
		s := &shape{name: strings.TrimPrefix(t.Name, "proposal."), members: make(map[string]reflect.StructField)}
		s.add(t.Go(), nil)
		all[t.Go()] = s
	}
	return all
})

// add notes the members of a struct. One of an embedded struct gives way to one
// that stands nearer, as in JSON.
func (s *shape) add(t reflect.Type, path []int) {
	var embedded []reflect.StructField
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		f.Index = append(append([]int(nil), path...), f.Index...)
		if f.Anonymous && name == "" {
			embedded = append(embedded, f)
			continue
		}
		if _, nearer := s.members[name]; !nearer {
			s.members[name] = f
		}
	}
	for _, f := range embedded {
		s.add(f.Type, f.Index)
	}
}

func shapeOf(e Event) *shape { return shapes()[reflect.TypeOf(e).Elem()] }

// EventName returns the stored name of an event without its noun: "submitted".
// It returns "" for no event.
func EventName(e Event) string {
	if e == nil {
		return ""
	}
	return shapeOf(e).name
}

// member returns the value of a member by its JSON name.
func member(e Event, name string) (reflect.Value, bool) {
	f, ok := shapeOf(e).members[name]
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.ValueOf(e).Elem().FieldByIndex(f.Index), true
}

// word returns a member that is a string or a yes-or-no as text, "" otherwise.
func word(e Event, name string) string {
	v, ok := member(e, name)
	switch {
	case !ok:
		return ""
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool && v.Bool():
		return "true"
	}
	return ""
}

// says reports whether a member was given. What is written must hold more than
// blanks, a document must be identified, a volume must be one, and a number
// that was left at nothing counts as not given; only how far work has come may
// truly be zero.
func says(e Event, name string) bool {
	v, ok := member(e, name)
	if !ok {
		return false
	}
	switch x := v.Interface().(type) {
	case domain.Text:
		return strings.TrimSpace(x.Masked) != "" || len(x.Spans) > 0
	case domain.Document:
		return x.Number != "" || x.Digest != ""
	case domain.Volume:
		return x.Valid()
	case Percent:
		return true
	}
	switch v.Kind() {
	case reflect.String:
		return strings.TrimSpace(v.String()) != ""
	case reflect.Slice, reflect.Map:
		return v.Len() > 0
	}
	return !v.IsZero()
}

// copied returns an event of the same type and content, so that completing it
// leaves the caller's alone.
func copied(e Event) Event {
	v := reflect.New(reflect.TypeOf(e).Elem())
	v.Elem().Set(reflect.ValueOf(e).Elem())
	return v.Interface().(Event)
}

// ForumOf returns the stream of the session that an ask names, "" for none.
func ForumOf(ask Event) string { return word(ask, "forum") }

// ReasonOf returns the reason code an event gives, "" for none.
func ReasonOf(e Event) string { return word(e, "reason") }
