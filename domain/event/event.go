// Package event says what an event is: a type declared once with its stored
// name, version, upcasters and strict JSON; the envelope the log keeps around
// it; and what a decision hands to the log.
//
// An event type is declared on one line of the package it belongs to:
//
//	event.Declare[Submitted]("proposal.submitted", event.Was(fromSubmitted1))
//
// Its version is one more than the number of upcasters. The stored name is for
// ever; the Go name may change. Events are handled as pointers (*Submitted).
//
// The package also holds the two-time reading of a history (Sequence), because
// every noun of the domain folds its events by it.
package event

import (
	"fmt"
	"iter"
	"reflect"
	"regexp"
)

// A Type is one declared kind of event.
type Type struct {
	Name    string // stored: "proposal.submitted"
	Version int    // of its shape; from 1
	goType  reflect.Type
	steps   []Step
}

// New returns a pointer to a zero event of the type.
func (t Type) New() any { return reflect.New(t.goType).Interface() }

// Go returns the Go struct type of the event's newest shape.
func (t Type) Go() reflect.Type { return t.goType }

// A Step turns one shape of an event into the next. Make one with Was.
type Step struct {
	from, to reflect.Type
	apply    func(any) any
}

// Was returns the step from an Old shape to a New one.
func Was[Old, New any](f func(Old) New) Step {
	return Step{
		from:  reflect.TypeFor[Old](),
		to:    reflect.TypeFor[New](),
		apply: func(old any) any { n := f(*old.(*Old)); return &n },
	}
}

var nameForm = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// Declare returns the type of event T. It panics where the steps do not lead
// to T one after the other or the name is malformed: a program with such a
// declaration must not start.
func Declare[T any](name string, steps ...Step) Type {
	t := Type{Name: name, Version: 1 + len(steps), goType: reflect.TypeFor[T](), steps: steps}
	if !nameForm.MatchString(name) {
		panic("event: stored name " + name + " is not noun.participle in lower case")
	}
	if t.goType.Kind() != reflect.Struct {
		panic(fmt.Sprintf("event: %s is %s, want a struct", name, t.goType))
	}
	for i, s := range steps {
		next := t.goType
		if i+1 < len(steps) {
			next = steps[i+1].from
		}
		if s.to != next {
			panic(fmt.Sprintf("event: step %d of %s leads to %s, want %s", i+1, name, s.to, next))
		}
	}
	return t
}

// A Catalog is a closed set of event types. It is made once and never changes,
// so it is safe for concurrent use.
type Catalog struct {
	types  []Type
	byName map[string]Type
	byGo   map[reflect.Type]Type
}

// NewCatalog returns the catalogue of types. It panics where two share a name
// or a Go type.
func NewCatalog(types ...Type) *Catalog {
	c := &Catalog{types: types, byName: make(map[string]Type, len(types)), byGo: make(map[reflect.Type]Type, len(types))}
	for _, t := range types {
		if _, twice := c.byName[t.Name]; twice {
			panic("event: " + t.Name + " is declared twice")
		}
		if o, twice := c.byGo[t.goType]; twice {
			panic(fmt.Sprintf("event: %s and %s are both %s", t.Name, o.Name, t.goType))
		}
		c.byName[t.Name], c.byGo[t.goType] = t, t
	}
	return c
}

// All yields the types in the order they were declared.
func (c *Catalog) All() iter.Seq[Type] {
	return func(yield func(Type) bool) {
		for _, t := range c.types {
			if !yield(t) {
				return
			}
		}
	}
}

// Named returns the type with a stored name.
func (c *Catalog) Named(name string) (Type, bool) { t, ok := c.byName[name]; return t, ok }

// Of returns the type of an event, a pointer to a declared struct.
func (c *Catalog) Of(e any) (Type, bool) {
	rt := reflect.TypeOf(e)
	if rt == nil || rt.Kind() != reflect.Pointer {
		return Type{}, false
	}
	t, ok := c.byGo[rt.Elem()]
	return t, ok
}
