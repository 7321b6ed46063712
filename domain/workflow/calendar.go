package workflow

import (
	"slices"
	"time"

	"runut/domain"
)

// A Span is the days of one window in one scope, as a cycle has it.
type Span struct {
	Window string
	Scope  domain.Scope // of the window's kind, or wider: the kabupaten stands for all its places
	Opens  time.Time
	Closes time.Time
}

// CheckCalendar is check 10 for the days of a cycle: at its opening, and with
// every window that is opened or extended later. It returns nil where no window
// ends before one it must not end before, in scopes that one proposal can lie
// in. A span of a wider scope is overruled by one of a narrower scope.
func CheckCalendar(d *Definition, spans []Span) Defects {
	c := &calendar{d: d}
	for _, s := range spans {
		if s.Scope == (domain.Scope{}) {
			s.Scope.Kind = domain.ScopeKabupaten
		}
		if c.fits(s) {
			c.good = append(c.good, s)
		}
	}
	for _, s := range c.good {
		c.order(s)
	}
	return c.found
}

type calendar struct {
	d     *Definition
	good  []Span
	found Defects
}

func (c *calendar) bad(s Span, code string, params ...param) {
	k := checker{d: c.d, number: 10}
	k.bad(at("windows", s.Window), code, append(params, k.window(s.Window), p("scope", s.Scope.String()))...)
	k.found[0].Subject = s.Window + "/" + s.Scope.String()
	c.found = append(c.found, k.found...)
}

func (c *calendar) fits(s Span) bool {
	w := c.d.Windows[s.Window]
	switch {
	case w == nil:
		c.bad(s, "calendar_window")
	case !wider(s.Scope.Kind, w.Scope):
		c.bad(s, "calendar_scope", p("kind", string(w.Scope)))
	case slices.ContainsFunc(c.good, func(o Span) bool { return o.Window == s.Window && o.Scope == s.Scope }):
		c.bad(s, "calendar_twice")
	case !s.Opens.Before(s.Closes):
		c.bad(s, "calendar_backwards", p("opens", moment(s.Opens)), p("closes", moment(s.Closes)))
	default:
		return true
	}
	return false
}

// order reports every span that s ends before and may not.
func (c *calendar) order(s Span) {
	for _, o := range c.good {
		if !c.d.follows(s.Window, o.Window) || !s.Closes.Before(o.Closes) || !meet(s.Scope, o.Scope) || c.overruled(o, s.Scope) || c.overruled(s, o.Scope) {
			continue
		}
		c.bad(s, "calendar_ends_before", p("closes", moment(s.Closes)), p("before", o.Window), p("before_scope", o.Scope.String()), p("before_closes", moment(o.Closes)))
	}
}

// overruled reports whether for everything in scope another span stands in the
// place of s.
func (c *calendar) overruled(s Span, scope domain.Scope) bool {
	return slices.ContainsFunc(c.good, func(o Span) bool {
		return o.Window == s.Window && o.Scope != s.Scope && within(scope, o.Scope) && within(o.Scope, s.Scope)
	})
}

// wider reports whether a span of one kind of scope can stand for windows of
// another: kecamatan for its villages, the kabupaten for everything.
func wider(kind, window domain.ScopeKind) bool {
	return kind == window || kind == domain.ScopeKabupaten || kind == domain.ScopeKecamatan && window == domain.ScopeVillage
}

// within reports whether whatever lies in a lies in b.
func within(a, b domain.Scope) bool {
	switch {
	case b.Kind == domain.ScopeKabupaten:
		return true
	case a.Kind == domain.ScopeOPD || b.Kind == domain.ScopeOPD:
		return a == b
	case a.Kind == domain.ScopeKabupaten:
		return false
	}
	return domain.Within(a.Code, b.Code)
}

// meet reports whether one proposal can lie in both scopes. A place and an
// office always meet: any office may deal with any place.
func meet(a, b domain.Scope) bool {
	if (a.Kind == domain.ScopeOPD) != (b.Kind == domain.ScopeOPD) {
		return true
	}
	return within(a, b) || within(b, a)
}

// moment writes a time as a calendar does.
func moment(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }
