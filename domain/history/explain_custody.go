package history

import (
	"cmp"
	"slices"
	"time"

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
	custody := x.custody(d.End, d.Occurred.Effective(d.Recorded))
	d.Wait = lastOf(custody)
	x.out.LateHandover = x.out.LateHandover || d.Wait != nil && d.Wait.Late
	for _, c := range custody { // parts were in the same hands before they were parts
		if !slices.ContainsFunc(x.out.Custody, func(o Custody) bool { return o.By.Event == c.By.Event && o.Proposal == c.Proposal }) {
			x.out.Custody = append(x.out.Custody, c)
		}
	}
	for _, w := range x.ways(d.before, d.closingWindow()) {
		if !slices.ContainsFunc(x.out.NotTaken, func(o NotTaken) bool { return o.Transition == w.Transition }) {
			x.out.NotTaken = append(x.out.NotTaken, w)
		}
	}
}

// A Wait is how long the last holder had something that nobody decided on. An
// office that sent it away and got it back had it before: its days count
// together, and a late handover is none of somebody's own making.
type Wait struct {
	Holder      string    `json:"holder"` // role@office
	Since       time.Time `json:"since"`  // when it came in last
	Times       int       `json:"times"`  // how often it came in, at that stage
	WorkingDays int       `json:"working_days"`
	Late        bool      `json:"late,omitzero"`   // it had it for less than three working days in all
	Before      string    `json:"before,omitzero"` // then: who had it longest of the others at that stage, else just before
}

// lastOf returns who had it last.
func lastOf(custody []Custody) *Wait {
	n := len(custody)
	if n == 0 {
		return nil
	}
	last := custody[n-1]
	w := &Wait{Holder: last.Holder}
	longest := -1
	for i, c := range custody {
		switch {
		case c.Stage != last.Stage:
		case c.Holder == last.Holder:
			if w.Times == 0 || custody[i-1].Holder != c.Holder {
				w.Since = c.From
				w.Times++
			}
			w.WorkingDays += c.WorkingDays
		case c.WorkingDays >= longest:
			longest, w.Before = c.WorkingDays, c.Holder
		}
	}
	if w.Before == "" && n > 1 && custody[n-2].Holder != last.Holder {
		w.Before = custody[n-2].Holder
	}
	if w.Late = w.Before != "" && w.WorkingDays < lateHandover; !w.Late {
		w.Before = ""
	}
	return w
}

func (d *Deciding) closingWindow() string {
	if d.Closing == nil {
		return ""
	}
	return d.Closing.Window
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
	for _, m := range x.road(x.Proposal, x.into(end), 0) {
		hold(m.now, m.record)
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

// A moment is an event and where it took its proposal.
type moment struct {
	record event.Record
	now    proposal.State
}

// road returns what a proposal went through, one after the other: by itself, for
// as long as it was merged in its parent, and then in that one of its parts that
// is on the way.
func (x *explaining) road(number string, way []string, depth int) []moment {
	if depth > len(x.last.states) {
		return nil
	}
	var out []moment
	var p proposal.State
	var merged time.Time
	within := func(parent string, until time.Time) {
		for _, m := range x.road(parent, way, depth+1) {
			if at := m.record.Effective(); !at.Before(merged) && (until.IsZero() || at.Before(until)) {
				out = append(out, m)
			}
		}
	}
	for _, r := range event.Sequence(x.Streams[proposal.Stream(number)], x.View) {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		was := p.Parent
		p = proposal.Evolve(p, e, r.Envelope)
		switch {
		case was == "" && p.Parent != "":
			merged = r.Effective()
			continue
		case was != "" && p.Parent == "":
			within(was, r.Effective())
		}
		out = append(out, moment{r, p})
	}
	if p.Parent != "" {
		within(p.Parent, time.Time{})
	}
	for _, part := range p.Parts {
		if slices.Contains(way, part) {
			out = append(out, x.road(part, way, depth+1)...)
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
