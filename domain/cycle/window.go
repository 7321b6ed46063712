package cycle

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/workflow"
)

// A WindowKey names one window of one scope. A window whose scope has no code
// is open for everything of its kind that has no window of its own.
type WindowKey struct {
	Window string
	Scope  domain.Scope
}

// A Window is one span of time in which acts bound to it may take effect, less
// the gaps between a closing and the re-opening after it.
type Window struct {
	OpensAt  time.Time
	ClosesAt time.Time
	Shut     bool      // closed by a person
	ShutAt   time.Time // when, last; zero where it never was
	Closing  uuid.UUID // the event that closed it last
	Gaps     []Gap     // between closings and re-openings, in order
	Version  int       // of the cycle stream when it last changed
}

// A Gap is a time in which a window was shut before it was opened again.
type Gap struct {
	From time.Time // the first instant outside the window
	To   time.Time // the first instant inside again
}

// End returns when the window ends as it stands: when it closes, or earlier
// where a person has shut it.
func (w Window) End() time.Time {
	if w.Shut && w.ShutAt.Before(w.ClosesAt) {
		return w.ShutAt
	}
	return w.ClosesAt
}

// OpenDuring reports whether an act that took effect in the interval fell in
// the window as it stands: some moment of the interval is inside. OpensAt and
// ClosesAt are inside; the moment of an early closing is not.
func (w Window) OpenDuring(at domain.Interval) bool {
	from := w.OpensAt
	for _, g := range w.Gaps {
		if !at.To.Before(from) && at.From.Before(g.From) {
			return true
		}
		from = g.To
	}
	if at.To.Before(from) || at.From.After(w.ClosesAt) {
		return false
	}
	return !w.Shut || at.From.Before(w.ShutAt) || !w.ShutAt.Before(w.ClosesAt)
}

// Wide returns the scope that windows for the whole kabupaten are kept under:
// s itself where it is a smaller one. The log is one kabupaten's, so its code
// adds nothing.
func Wide(s domain.Scope) domain.Scope {
	switch s.Kind {
	case "", domain.ScopeNone, domain.ScopeKabupaten:
		return domain.Scope{Kind: domain.ScopeKabupaten}
	}
	return s
}

// Key returns the key of the window that holds for a scope: its own, else the
// one for all of its kind, else the one for the whole kabupaten.
func (s State) Key(window string, scope domain.Scope) (WindowKey, bool) {
	scope = Wide(scope)
	for _, candidate := range [...]domain.Scope{scope, {Kind: scope.Kind}, {Kind: domain.ScopeKabupaten}} {
		k := WindowKey{window, candidate}
		if s.Windows[k] != nil {
			return k, true
		}
	}
	return WindowKey{}, false
}

// Find returns the window that holds for a scope, as Key chooses it.
func (s State) Find(window string, scope domain.Scope) (Window, bool) {
	k, ok := s.Key(window, scope)
	if !ok {
		return Window{}, false
	}
	return *s.Windows[k], true
}

// Keys returns the windows that were ever opened, in a stable order.
func (s State) Keys() []WindowKey {
	return slices.SortedFunc(maps.Keys(s.Windows), func(a, b WindowKey) int {
		return cmp.Or(cmp.Compare(a.Window, b.Window), cmp.Compare(a.Scope.Kind, b.Scope.Kind), cmp.Compare(a.Scope.Code, b.Scope.Code))
	})
}

// Overdue returns the windows that are past their end at now and that nobody
// has closed: they refuse acts, yet what waits in them has no end. That is a
// finding.
func (s State) Overdue(now time.Time) []WindowKey {
	return slices.DeleteFunc(s.Keys(), func(k WindowKey) bool {
		w := s.Windows[k]
		return w.Shut || !now.After(w.ClosesAt)
	})
}

// earlier returns the windows that window may not end before, those before
// them included; later the windows that may not end before it.
func earlier(d *workflow.Definition, window string) []string {
	seen := map[string]bool{window: true}
	var out []string
	for queue := []string{window}; len(queue) > 0; queue = queue[1:] {
		spec := d.Windows[queue[0]]
		if spec == nil {
			continue
		}
		for _, w := range spec.After {
			if !seen[w] {
				seen[w] = true
				out, queue = append(out, w), append(queue, w)
			}
		}
	}
	slices.Sort(out)
	return out
}

func later(d *workflow.Definition, window string) []string {
	return slices.DeleteFunc(d.WindowNames(), func(w string) bool { return !slices.Contains(earlier(d, w), window) })
}

// among returns the windows of a name that may hold for a proposal which lies
// in scope. Where scope settles the place that counts for the window, that is
// one window; else it is every one whose scope has something in common with it.
func (s State) among(d *workflow.Definition, window string, scope domain.Scope) []WindowKey {
	if place, ok := placeIn(scope, d.Windows[window].Scope); ok {
		if k, ok := s.Key(window, place); ok {
			return []WindowKey{k}
		}
		return nil
	}
	return slices.DeleteFunc(s.Keys(), func(k WindowKey) bool { return k.Window != window || !meet(k.Scope, scope) })
}

// placeIn returns the one scope of a kind that everything in scope lies in.
func placeIn(scope domain.Scope, kind domain.ScopeKind) (domain.Scope, bool) {
	switch {
	case kind == domain.ScopeKabupaten:
		return domain.Scope{Kind: kind}, true
	case scope.Code == "":
		return domain.Scope{}, false
	case scope.Kind == kind:
		return scope, true
	case scope.Kind == domain.ScopeVillage && kind == domain.ScopeKecamatan:
		return domain.Scope{Kind: kind, Code: domain.KecamatanOf(scope.Code)}, true
	}
	return domain.Scope{}, false
}

// meet reports whether one proposal can lie in both scopes, which are of
// different kinds: any OPD may get what any village asks for.
func meet(a, b domain.Scope) bool {
	if a.Code == "" || b.Code == "" || a.Kind == domain.ScopeOPD || b.Kind == domain.ScopeOPD {
		return true
	}
	return domain.Within(a.Code, b.Code) || domain.Within(b.Code, a.Code)
}
