package history

import (
	"maps"
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
)

// A Setting is the world around the proposals of a cycle at one moment, as far
// as it bears on what may still become of them.
type Setting struct {
	Windows map[cycle.WindowKey]bool // every window that was ever opened; true while a person has it shut
	Lists   map[string]bool          // final lists that stand, by forum stream and list: "forum-…/L1"
	Adopted map[string]bool          // kinds of documents adopted: "rkpd"
	Closed  bool                     // the cycle
}

// SettingOf returns the setting that a cycle and its forums make.
func SettingOf(c cycle.State, forums ...forum.State) *Setting {
	s := newSetting()
	s.Closed = c.IsClosed
	for k, w := range c.Windows {
		s.Windows[key(k.Window, k.Scope)] = w.Shut
	}
	for kind := range c.Adopted {
		s.Adopted[kind] = true
	}
	for _, f := range forums {
		for list := range f.Final {
			s.Lists[listOf(forum.Stream(f.ID), list)] = true
		}
	}
	return s
}

func newSetting() *Setting {
	return &Setting{Windows: make(map[cycle.WindowKey]bool), Lists: make(map[string]bool), Adopted: make(map[string]bool)}
}

// apply brings s up to an event of a cycle or a forum; others change nothing.
func (s *Setting) apply(r event.Record) {
	switch e := r.Event.(type) {
	case *cycle.WindowOpened:
		s.Windows[key(e.Window, e.Scope)] = false
	case *cycle.WindowExtended: // one scope out of many gets a window of its own
		if shut, ok := s.window(e.Window, e.Scope); ok {
			s.Windows[key(e.Window, e.Scope)] = shut
		}
	case *cycle.WindowClosed:
		s.Windows[key(e.Window, e.Scope)] = true
	case *cycle.WindowReopened:
		s.Windows[key(e.Window, e.Scope)] = false
	case *cycle.DocumentAdopted:
		s.Adopted[e.Kind] = true
	case *cycle.Closed:
		s.Closed = true
	case *forum.ListFinalized:
		delete(s.Lists, listOf(r.Stream, e.Supersedes))
		s.Lists[listOf(r.Stream, e.List)] = true
	case *forum.ListSuperseded:
		delete(s.Lists, listOf(r.Stream, e.List))
	}
}

func key(window string, scope domain.Scope) cycle.WindowKey {
	return cycle.WindowKey{Window: window, Scope: cycle.Wide(scope)}
}

func listOf(forum, list string) string { return forum + "/" + list }

// window returns whether the window that holds for a scope is shut, and whether
// one was ever opened: its own, else the one for all of its kind, else the one
// for the whole kabupaten.
func (s *Setting) window(name string, scope domain.Scope) (shut, opened bool) {
	scope = cycle.Wide(scope)
	for _, candidate := range [...]domain.Scope{scope, {Kind: scope.Kind}, {Kind: domain.ScopeKabupaten}} {
		if shut, opened = s.Windows[cycle.WindowKey{Window: name, Scope: candidate}]; opened {
			return shut, true
		}
	}
	return false, false
}

// offices returns every OPD that has a window of its own, in order.
func (s *Setting) offices() []string {
	codes := make(map[string]bool)
	for k := range s.Windows {
		if k.Scope.Kind == domain.ScopeOPD && k.Scope.Code != "" {
			codes[k.Scope.Code] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// adoptedAfter names, for each kind of document, the stage that is over once it
// stands. A draft budget is laid before the DPRD when the KUA-PPAS are agreed,
// and a change of the budget changes one that stands.
var adoptedAfter = map[string]string{
	"rkpd": "rkpd", "ppas": "ppas", "rapbd": "ppas", "apbd": "apbd", "perubahan": "apbd",
}
