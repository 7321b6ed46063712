package cycle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"runut/domain"
)

func decideWindowOpened(s State, e WindowOpened, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	e.Scope, e.OpensAt, e.ClosesAt = Wide(e.Scope), micro(e.OpensAt), micro(e.ClosesAt)
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.window_opened"], r)
	inTime(&v, s, r)
	v.Hold(e.OpensAt.Before(e.ClosesAt), "span", "opens before it closes", domain.Stamp(e.OpensAt)+" to "+domain.Stamp(e.ClosesAt),
		domain.Refuse(domain.Invalid, "cycle.window_backwards", "window", e.Window, "opens", domain.Stamp(e.OpensAt), "closes", domain.Stamp(e.ClosesAt)).At("/closes_at"))
	ahead(&v, e.Window, e.ClosesAt, r)
	if !e.Decree.IsZero() {
		v.Document("/decree", e.Decree, r.Now)
	}
	if knowsWindow(&v, s, e.Window, e.Scope, r) {
		unheld(&v, s, e.Window, e.Scope)
		inOrder(&v, s, e.Window, e.Scope, e.ClosesAt, r, true)
	}
	return done(&v, &e)
}

// decideWindowExtended moves the end of a window forward. An extension for a
// whole kind of scope takes along the windows that single ones of it have and
// that are still running, so that nobody is left behind the general date; each
// gets an event of its own.
func decideWindowExtended(s State, e WindowExtended, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	e.Scope, e.ClosesAt = Wide(e.Scope), micro(e.ClosesAt)
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.window_extended"], r)
	inTime(&v, s, r)
	v.Decree("/decree", e.Decree, r.Now)
	ahead(&v, e.Window, e.ClosesAt, r)
	if !knowsWindow(&v, s, e.Window, e.Scope, r) {
		return done(&v)
	}
	affected := s.held(e.Window, e.Scope)
	if !v.Hold(len(affected) > 0, "window", "opened before", e.Window+" "+e.Scope.String(),
		domain.Refuse(domain.Conflict, "cycle.window_not_opened", "window", e.Window, "scope", e.Scope.String()).At("/window")) {
		return done(&v)
	}
	running := slices.DeleteFunc(slices.Clone(affected), func(k WindowKey) bool { return s.Windows[k].Shut })
	if !v.Hold(len(running) > 0, "window", "not closed by a person", "closed "+domain.Stamp(s.Windows[affected[0]].ShutAt),
		domain.Refuse(domain.Conflict, "cycle.window_closed", "window", e.Window, "scope", e.Scope.String(), "closed", domain.Stamp(s.Windows[affected[0]].ShutAt)).At("/window")) {
		return done(&v)
	}
	moved := slices.DeleteFunc(slices.Clone(running), func(k WindowKey) bool { return !s.Windows[k].ClosesAt.Before(e.ClosesAt) })
	v.Hold(len(moved) > 0, "closes_at", "after "+domain.Stamp(s.Windows[running[0]].ClosesAt), domain.Stamp(e.ClosesAt),
		domain.Refuse(domain.Invalid, "cycle.extension_shortens", "window", e.Window, "closes", domain.Stamp(s.Windows[running[0]].ClosesAt), "asked", domain.Stamp(e.ClosesAt)).At("/closes_at"))
	inOrder(&v, s, e.Window, e.Scope, e.ClosesAt, r, false)
	events := make([]Event, 0, len(moved))
	for _, k := range moved {
		lastWord(&v, s, k.String(), r)
		one := e
		if e.Scope.Code == "" {
			one.Scope = k.Scope
		}
		events = append(events, &one)
	}
	return done(&v, events...)
}

// held returns the windows an extension for scope bears on: the one that holds
// for it and, where scope is a whole kind, those of single ones too.
func (s State) held(window string, scope domain.Scope) []WindowKey {
	var out []WindowKey
	if k, ok := s.standing(window, scope); ok {
		out = append(out, k)
	}
	if scope.Code != "" {
		return out
	}
	for _, k := range s.Keys() {
		if k.Window == window && k.Scope.Code != "" {
			out = append(out, k)
		}
	}
	return out
}

// standing returns the window an act on scope means: the one that holds for it
// or, where everybody is meant, the one for all, whichever way it was opened.
func (s State) standing(window string, scope domain.Scope) (WindowKey, bool) {
	if k, ok := s.Key(window, scope); ok || scope.Code != "" {
		return k, ok
	}
	for _, k := range s.Keys() {
		if k.Window == window && k.Scope.Code == "" {
			return k, true
		}
	}
	return WindowKey{}, false
}

// CloseWindow examines whether a person may close a window now, early or
// overdue, and returns the event without the number of those who waited, which
// package act counts.
func CloseWindow(s State, ask *WindowClosed, r Rules) (*WindowClosed, error) {
	v := domain.Verdict{Noun: "cycle"}
	e := *ask
	e.Scope = Wide(e.Scope)
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.window_closed"], r)
	inTime(&v, s, r)
	if knowsWindow(&v, s, e.Window, e.Scope, r) {
		closes(&v, s, &e, r)
	}
	e.ClosedBy = string(r.Actor.Role) + "@" + cmp.Or(r.Actor.Scope.Code, r.Actor.Scope.String())
	if err := v.Err(); err != nil {
		return nil, err
	}
	return &e, nil
}

func closes(v *domain.Verdict, s State, e *WindowClosed, r Rules) {
	k, ok := s.standing(e.Window, e.Scope)
	if !v.Hold(ok, "window", "opened before", e.Window+" of "+e.Scope.String(),
		domain.Refuse(domain.Conflict, "cycle.window_not_opened", "window", e.Window, "scope", e.Scope.String()).At("/window")) {
		return
	}
	lastWord(v, s, k.String(), r)
	w := s.Windows[k]
	v.Hold(!w.Shut, "window", "not closed yet", k.String()+" closed "+domain.Stamp(w.ShutAt),
		domain.Refuse(domain.Conflict, "cycle.window_closed", "window", e.Window, "scope", k.Scope.String(), "closed", domain.Stamp(w.ShutAt)).At("/window"))
	v.Hold(!r.Now.Before(w.OpensAt), "window", "begun", domain.Stamp(w.OpensAt),
		domain.Refuse(domain.Conflict, "cycle.window_not_begun", "window", e.Window, "scope", k.Scope.String(), "opens", domain.Stamp(w.OpensAt)).At("/window"))
	if e.Scope.Code == "" {
		e.Scope = k.Scope
	}
	e.ClosesAt = w.ClosesAt
}

// ReopenWindow examines whether a closed window may be opened again by decree
// until ask.ClosesAt, and returns the event with the closing it undoes. The
// numbers in Covers limit whom package act brings back.
func ReopenWindow(s State, ask *WindowReopened, r Rules) (*WindowReopened, error) {
	v := domain.Verdict{Noun: "cycle"}
	e := *ask
	e.Scope, e.ClosesAt = Wide(e.Scope), micro(e.ClosesAt)
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.window_reopened"], r)
	inTime(&v, s, r)
	v.Decree("/decree", e.Decree, r.Now)
	ahead(&v, e.Window, e.ClosesAt, r)
	v.Numbers("/covers", e.Covers)
	if knowsWindow(&v, s, e.Window, e.Scope, r) {
		reopens(&v, s, &e, r)
		inOrder(&v, s, e.Window, e.Scope, e.ClosesAt, r, true)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return &e, nil
}

func reopens(v *domain.Verdict, s State, e *WindowReopened, r Rules) {
	k, ok := s.standing(e.Window, e.Scope)
	if !v.Hold(ok && s.Windows[k].Shut, "window", "closed by a person", "not closed",
		domain.Refuse(domain.Conflict, "cycle.window_not_closed", "window", e.Window, "scope", e.Scope.String()).At("/window")) {
		return
	}
	lastWord(v, s, k.String(), r)
	if e.Scope.Code == "" {
		e.Scope = k.Scope
	}
	w := s.Windows[k]
	closing := w.Closing.String()
	e.Closing = cmp.Or(e.Closing, closing)
	v.Hold(e.Closing == closing, "closing", closing, e.Closing,
		domain.Refuse(domain.Stale, "cycle.other_closing", "window", e.Window, "closing", e.Closing).At("/closing"))
}

// knowsWindow examines that the definition has a window and that the scope is of
// its kind or the whole kabupaten.
func knowsWindow(v *domain.Verdict, s State, window string, scope domain.Scope, r Rules) bool {
	if !knowsDefinition(v, r) {
		return false
	}
	spec := r.Definition.Windows[window]
	known := strings.Join(r.Definition.WindowNames(), ", ")
	if !v.Hold(spec != nil, "window", known, window,
		domain.Refuse(domain.Invalid, "cycle.window_unknown", "window", window, "known", known).At("/window")) {
		return false
	}
	fits := scope.Kind == spec.Scope || scope.Kind == domain.ScopeKabupaten
	return v.Hold(fits, "scope kind", string(spec.Scope)+" or kabupaten", string(scope.Kind),
		domain.Refuse(domain.Invalid, "cycle.window_scope", "window", window, "scope", scope.String(), "wanted", string(spec.Scope)).At("/scope")) &&
		inside(v, "/scope", scope, s.kabupaten())
}

// unheld examines that opening a window takes nothing away from anybody: no
// window of that name holds for the scope yet. Single scopes that have a window
// of their own keep it when one is opened for all of their kind.
func unheld(v *domain.Verdict, s State, window string, scope domain.Scope) {
	k, taken := s.standing(window, scope)
	if !taken {
		v.Hold(true, "overlap", "no window yet", "none", nil)
		return
	}
	w := s.Windows[k]
	if w.Shut {
		v.Hold(false, "overlap", "no window yet", k.String()+" closed "+domain.Stamp(w.ShutAt),
			domain.Refuse(domain.Conflict, "cycle.window_closed", "window", window, "scope", k.Scope.String(), "closed", domain.Stamp(w.ShutAt)).At("/window"))
		return
	}
	v.Hold(false, "overlap", "no window yet", k.String()+" "+domain.Stamp(w.OpensAt)+" to "+domain.Stamp(w.ClosesAt),
		domain.Refuse(domain.Conflict, "cycle.window_overlaps", "window", window, "scope", k.Scope.String(), "opens", domain.Stamp(w.OpensAt), "closes", domain.Stamp(w.ClosesAt)).At("/window"))
}

// inOrder examines the order of the planning year: no later stage may end
// before an earlier one, or what the earlier one sends on arrives at a closed
// door. Only windows that may hold for the same proposal are compared.
func inOrder(v *domain.Verdict, s State, window string, scope domain.Scope, end time.Time, r Rules, both bool) {
	d := r.Definition
	for _, name := range later(d, window) {
		for _, k := range s.among(d, name, scope) {
			other := s.Windows[k].End()
			v.Hold(!other.Before(end), "calendar", k.String()+" not before "+domain.Stamp(end), domain.Stamp(other),
				domain.Refuse(domain.Conflict, "cycle.extension_passes_later_stage", "window", window, "asked", domain.Stamp(end), "later", name, "scope", k.Scope.String(), "ends", domain.Stamp(other)).At("/closes_at"))
		}
	}
	if !both {
		return
	}
	for _, name := range earlier(d, window) {
		for _, k := range s.among(d, name, scope) {
			other := s.Windows[k].End()
			v.Hold(!end.Before(other), "calendar", "not before "+k.String()+", "+domain.Stamp(other), domain.Stamp(end),
				domain.Refuse(domain.Conflict, "cycle.ends_before_earlier_stage", "window", window, "asked", domain.Stamp(end), "earlier", name, "scope", k.Scope.String(), "ends", domain.Stamp(other)).At("/closes_at"))
		}
	}
}

// ahead examines that a window ends in the future: one that is over lets
// nobody act.
func ahead(v *domain.Verdict, window string, closes time.Time, r Rules) {
	v.Hold(closes.After(r.Now), "closes_at", "after "+domain.Stamp(r.Now), domain.Stamp(closes),
		domain.Refuse(domain.Invalid, "cycle.window_over", "window", window, "closes", domain.Stamp(closes), "now", domain.Stamp(r.Now)).At("/closes_at"))
}

// String returns "kecamatan of kecamatan:99.01.03", for checks.
func (k WindowKey) String() string { return k.Window + " of " + k.Scope.String() }

// micro cuts a time to what the log keeps, so that what is decided is what is read.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
