package history

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Custody is a stretch of time in which one office had a proposal and could
// have moved it on.
type Custody struct {
	Proposal    string         `json:"proposal"`
	Holder      string         `json:"holder"` // role@office
	State       workflow.State `json:"state"`
	Stage       string         `json:"stage,omitzero"`
	From        time.Time      `json:"from"`
	To          time.Time      `json:"to,omitzero"`  // absent: still
	WorkingDays int            `json:"working_days"` // after the day it came, without weekends and holidays of the register
	By          Mention        `json:"by"`           // the event that handed it over
}

// NotTaken is a step that somebody could have taken while nobody decided.
type NotTaken struct {
	Transition string         `json:"transition"`
	Event      string         `json:"event"`
	Label      workflow.Label `json:"label"`
	By         []domain.Role  `json:"by"`
}

// A Turn says who has a proposal that is still pending, and until when.
type Turn struct {
	Proposal string         `json:"proposal"`
	Holder   string         `json:"holder,omitzero"` // role@office
	State    workflow.State `json:"state"`
	Stage    string         `json:"stage,omitzero"`
	Since    time.Time      `json:"since"`
	Window   string         `json:"window,omitzero"` // that ends the wait
	Until    time.Time      `json:"until,omitzero"`  // when it closes as it stands
	Opens    bool           `json:"opens,omitzero"`  // it was never opened so far
	Ways     []NotTaken     `json:"ways,omitempty"`  // what can be done
}

// lateHandover is how many working days a holder must have had for the wait to
// be its own (semantics: custody).
const lateHandover = 3

// waits fills in what concerns waiting: for omissions who had it when and what
// could have been done, for what is pending whose turn it is.
func (x *explaining) waits() {
	for i := range x.out.Decisive {
		d := &x.out.Decisive[i]
		x.contribute(d)
		if d.Kind == ByOmission {
			x.omitted(d)
		}
	}
	for _, e := range x.out.Ends {
		if e.Fate == Pending && x.out.Next == nil {
			x.out.Next = x.turn(e.Proposal)
			x.out.Custody = append(x.out.Custody, x.custody(e.Proposal, time.Time{})...)
		}
	}
}

func (x *explaining) omitted(d *Deciding) {
	until := d.Occurred.Effective(d.Recorded)
	custody := x.custody(d.End, until)
	x.out.Custody = append(x.out.Custody, custody...)
	if n := len(custody); n > 1 && custody[n-1].WorkingDays < lateHandover && custody[n-1].Holder != custody[n-2].Holder {
		x.out.LateHandover = true
	}
	before := x.timeline.until(x.stepOf(d.Event)).states[d.End]
	x.out.NotTaken = append(x.out.NotTaken, x.ways(before, d.closingWindow())...)
}

func (d *Deciding) closingWindow() string {
	if d.Closing == nil {
		return ""
	}
	return d.Closing.Window
}

// stepOf returns the index of the step an event belongs to.
func (x *explaining) stepOf(id uuid.UUID) int {
	for i, s := range x.timeline.Steps {
		for _, r := range s.Records {
			if r.ID == id {
				return i
			}
		}
	}
	return len(x.timeline.Steps)
}

// ways returns the steps that lead on from where a proposal stands, without
// remedies and without what only the system does.
func (x *explaining) ways(p proposal.State, window string) []NotTaken {
	d := x.Charts.For(x.last.pins[p.Cycle]).Definition
	if d == nil {
		return nil
	}
	var out []NotTaken
	for _, t := range d.Exits(p.At) {
		if t.Remedy || window != "" && t.Window != window || t.Window == "" || len(t.By) == 1 && t.By[0] == domain.RoleSystem {
			continue
		}
		var by []domain.Role
		for _, role := range t.By {
			if spec := d.Roles[role]; spec != nil && !spec.Observes && role != domain.RoleSystem {
				by = append(by, role)
			}
		}
		if len(by) > 0 {
			out = append(out, NotTaken{Transition: t.Name, Event: t.Event, Label: t.Title, By: by})
		}
	}
	return out
}

// turn says whose turn it is with a leaf that still waits.
func (x *explaining) turn(number string) *Turn {
	p := x.last.states[number]
	chart := x.Charts.For(x.last.pins[p.Cycle])
	t := &Turn{Proposal: number, State: p.At, Since: p.Since}
	if chart.Definition == nil {
		return t
	}
	if s := chart.state(p.At); s != nil && s.stage >= 0 {
		t.Stage = chart.Stages[s.stage]
	}
	t.Holder = proposal.Turn(chart.Definition, x.cycle, p)
	for _, name := range chart.Definition.RowsFor(p.At) {
		w, opened := x.cycle.Find(name, p.Place(chart.Definition.Windows[name].Scope))
		if opened && w.Shut {
			continue
		}
		t.Window, t.Until, t.Opens = name, w.ClosesAt, !opened
		break
	}
	t.Ways = x.ways(p, t.Window)
	return t
}

// custody returns who had a proposal, and what it went into, one after the
// other, until a moment. A zero moment leaves the last one open: its days are
// counted up to when the question looks from.
func (x *explaining) custody(end string, until time.Time) []Custody {
	var out []Custody
	hold := func(p proposal.State, r event.Record) {
		at := r.Effective()
		d := x.Charts.For(r.Definition).Definition
		if d == nil || !until.IsZero() && !at.Before(until) {
			return
		}
		holder := proposal.Turn(d, x.cycle, p)
		if n := len(out); n > 0 {
			if last := &out[n-1]; last.To.IsZero() {
				if last.Holder == holder && last.State == p.At && last.Proposal == p.Number {
					return
				}
				last.To = at
			}
		}
		if holder == "" {
			return
		}
		c := Custody{Proposal: p.Number, Holder: holder, State: p.At, From: at, By: MentionOf(r)}
		if spec := d.States[p.At]; spec != nil {
			c.Stage = spec.Stage
		}
		out = append(out, c)
	}
	way := append([]string{x.Proposal}, x.into(end)...)
	for i, number := range way {
		var p proposal.State
		for _, r := range event.Sequence(x.Streams[proposal.Stream(number)], x.View) {
			e, ok := r.Event.(proposal.Event)
			if !ok {
				continue
			}
			p = proposal.Evolve(p, e, r.Envelope)
			if i+1 < len(way) && (p.Parent != "" || len(p.Parts) > 0) {
				break // goes on as the next one
			}
			hold(p, r)
		}
	}
	if n := len(out); n > 0 && out[n-1].To.IsZero() {
		out[n-1].To = until
	}
	for i := range out {
		to := cmp.Or(out[i].To, x.View.AsOf, x.Now)
		if to.After(out[i].From) {
			out[i].WorkingDays = x.workingDays(out[i].From, to)
		}
	}
	return out
}

// workingDays counts the days on which offices work after one day, up to and
// with another: what comes in on a Friday and goes out on the Monday was held for
// one.
func (x *explaining) workingDays(from, to time.Time) int {
	zone := cmp.Or(x.cycle.Zone, domain.Zones["WITA"])
	n := 0
	last := to.In(zone).Format(time.DateOnly)
	for day := from.In(zone).AddDate(0, 0, 1); day.Format(time.DateOnly) <= last && n < 1000; day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !x.holiday(day) {
			n++
		}
	}
	return n
}

func (x *explaining) holiday(day time.Time) bool {
	if x.holidays == nil {
		return false
	}
	_, ok := x.holidays.Lookup(day.Format(time.DateOnly), "")
	return ok
}

// deliver says how far the work came that money was granted for.
func (x *explaining) deliver() {
	for _, e := range x.out.Ends {
		if e.Fate != Funded {
			continue
		}
		d := &Delivery{State: "none"}
		for _, r := range event.Sequence(x.Streams[proposal.Stream(e.Proposal)], x.View) {
			switch e := r.Event.(type) {
			case *proposal.ProgressReported:
				d.State, d.Physical, d.Financial = "under_way", e.Physical, e.Financial
			case *proposal.Completed:
				d.State, d.Handover = "completed", e.Handover
				d.Physical, d.Financial = max(d.Physical, e.Physical), max(d.Financial, e.Financial)
			case *proposal.Unfinished:
				d.State = "unfinished"
				d.Physical, d.Financial = max(d.Physical, e.Physical), max(d.Financial, e.Financial)
			default:
				continue
			}
			m := MentionOf(r)
			d.By = &m
		}
		if x.out.Delivery == nil || d.State == "unfinished" {
			x.out.Delivery = d
		}
	}
}

// missing names what a full answer would need of the decisive acts and of what
// led to them.
func (x *explaining) missing() {
	for _, d := range append(append([]Deciding{}, x.out.Decisive...), x.out.Won...) {
		if d.Reason != nil && d.Reason.Code == proposal.ReasonUnsaid {
			x.gap("reason_not_recorded", d.Event.String())
		}
		if d.Rule.Definition == "" {
			x.gap("definition_unknown", d.Rule.Hash)
		}
		if d.Kind == ByAct && len(d.Evidence) == 0 {
			x.gap("no_evidence", d.Event.String())
		}
	}
	for _, number := range append([]string{x.Proposal}, x.relatives()...) {
		for _, r := range event.Sequence(x.Streams[proposal.Stream(number)], x.View) {
			if e, ok := r.Event.(proposal.Event); ok && e.Base().Observed != nil {
				for _, member := range e.Base().Observed.Gaps {
					x.gap("source_does_not_say", member)
				}
			}
			if _, ok := r.Event.(*proposal.TextRedacted); ok {
				x.gap("text_closed", r.Stream)
			}
		}
	}
	for _, n := range x.lineage.Unheld() {
		if x.mine(n) {
			x.gap("not_held", n)
		}
	}
	if len(x.Streams[cycle.Stream(x.out.Cycle)]) == 0 {
		x.gap("cycle_unheld", cycle.Stream(x.out.Cycle))
	}
}

// relatives returns what the proposal went into.
func (x *explaining) relatives() []string {
	var out []string
	for _, e := range x.out.Ends {
		if e.Proposal != x.Proposal {
			out = append(out, e.Proposal)
		}
	}
	return out
}
