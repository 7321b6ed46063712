package proposal

import (
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/workflow"
)

// Jump is the Via of an observed event that passed over transitions; Closes is
// what the Via of a closing row begins with.
const (
	Jump   = "jump"
	Closes = "close:"
)

// Replay examines whether a history holds from its first event to its last: each
// was legal in the state the earlier ones left, for its window as it now stands.
// The records are those of one proposal as event.Sequence orders them. A late or
// correcting append is legal only if the history then replays (semantics R6).
// It returns the state they amount to, or a *domain.Error naming the event that
// does not fit.
func Replay(d *workflow.Definition, c cycle.State, sequence []event.Record) (State, error) {
	var s State
	for _, rec := range sequence {
		var err error
		if s, err = Next(d, c, s, rec); err != nil {
			return s, err
		}
	}
	if s.At == "" {
		return s, domain.Refuse(domain.Conflict, "history.empty")
	}
	return s, nil
}

// Next examines whether one more record may follow on what the earlier ones left,
// as Replay does for each, and returns the state it leaves. What is no event of a
// proposal changes nothing.
func Next(d *workflow.Definition, c cycle.State, s State, rec event.Record) (State, error) {
	e, ok := rec.Event.(Event)
	if !ok {
		return s, nil
	}
	if s.Version > 0 && s.At == "" {
		return s, misfit(s, e, rec, "history.state") // it began with what leads nowhere
	}
	if code := legal(d, c, s, e, rec); code != "" {
		return s, misfit(s, e, rec, code)
	}
	return Evolve(s, e, rec.Envelope), nil
}

func misfit(s State, e Event, rec event.Record, code string) error {
	return domain.Refuse(domain.Conflict, code, "proposal", s.Number, "event", EventName(e), "id", rec.ID.String(),
		"state", string(s.At), "via", e.Base().Via, "at", span(rec.Occurred))
}

// legal returns "" where e may follow on s, else the code of what is wrong.
func legal(d *workflow.Definition, c cycle.State, s State, e Event, rec event.Record) string {
	step, from := e.Base(), s.At
	if from == "" {
		from = d.Initial
	}
	if window, closes := strings.CutPrefix(step.Via, Closes); closes {
		return legalRow(d, s, e, window)
	}
	if step.Via == Jump {
		if step.State != "" && !observable(d, from, e) {
			return "history.state"
		}
		return ""
	}
	t := d.Transitions[step.Via]
	if t == nil {
		return "history.unknown_act"
	}
	if begins(e) {
		if s.At != "" || !startsIn(t, e) {
			return "history.state"
		}
		return ""
	}
	if !slices.Contains(t.From, from) || t.Event != EventName(e) || (t.Stay && step.State != "") || (!t.Stay && step.State != t.To) {
		return "history.state"
	}
	if step.Observed != nil {
		return ""
	}
	if spec := d.Windows[t.Window]; spec != nil {
		place := s
		if s.At == "" {
			place = Evolve(s, e, rec.Envelope)
		}
		if w, ok := c.Find(t.Window, place.Place(spec.Scope)); !ok || !w.OpenDuring(rec.Occurred) {
			return "history.window"
		}
	}
	if most := d.States[t.Target(from)].MaxVisits; !t.Stay && most > 0 && s.Visits[t.To] >= most {
		return "history.limit"
	}
	if tr := t.Effect.Transfer; tr != nil && s.Hops >= tr.Max {
		return "history.limit"
	}
	if _, raised := s.Flags[t.Clear]; t.Clear != "" && !raised {
		return "history.state"
	}
	return ""
}

func legalRow(d *workflow.Definition, s State, e Event, window string) string {
	for _, row := range d.Rows(window) {
		_, raised := s.Flags[row.Flag]
		if row.Event == EventName(e) && row.To == e.Base().State && (row.Flag != "" && raised || row.Flag == "" && row.State == s.At) {
			return ""
		}
	}
	return "history.state"
}

// begins reports whether e is the first event of a proposal that another act
// brings about; it names that act's transition.
func begins(e Event) bool {
	switch e.(type) {
	case *FormedByMerge, *FormedBySplit, *Continued:
		return true
	}
	return false
}

func startsIn(t *workflow.Transition, e Event) bool {
	to := e.Base().State
	switch e := e.(type) {
	case *FormedByMerge:
		return t.Effect.Merge != nil && t.Effect.Merge.ParentStartsIn == to
	case *FormedBySplit:
		return t.Effect.Split != nil && t.Effect.Split.PartsStartIn == to
	case *Continued:
		return t.Effect.CarryOver != nil && t.Effect.CarryOver.StartsIn[string(e.Lane)] == to
	}
	return false
}
