package history

import (
	"cmp"
	"time"

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

// A custodian works out who had a proposal from the events it is told, one after
// the other.
type custodian struct {
	charts *Charts
	cycle  cycle.State
	days   officeDays
	until  time.Time // what came then or later is no matter; zero: there is no end
	held   []Custody
}

// hold tells it of an event and where that took the proposal.
func (c *custodian) hold(p proposal.State, r event.Record) {
	at := r.Effective()
	d := c.charts.For(r.Definition).Definition
	if d == nil || !c.until.IsZero() && !at.Before(c.until) {
		return
	}
	holder := proposal.Turn(d, c.cycle, p)
	if n := len(c.held); n > 0 {
		if last := &c.held[n-1]; last.To.IsZero() {
			if last.Holder == holder && last.State == p.At && last.Proposal == p.Number {
				return
			}
			last.To = at
		}
	}
	if holder == "" {
		return
	}
	had := Custody{Proposal: p.Number, Holder: holder, State: p.At, From: at, By: MentionOf(r)}
	if spec := d.States[p.At]; spec != nil {
		had.Stage = spec.Stage
	}
	c.held = append(c.held, had)
}

// told returns who had it, with the days of each; those of one who still has it are
// counted up to now.
func (c *custodian) told(now time.Time) []Custody {
	if n := len(c.held); n > 0 && c.held[n-1].To.IsZero() {
		c.held[n-1].To = c.until
	}
	for i := range c.held {
		to := cmp.Or(c.held[i].To, now)
		if to.After(c.held[i].From) {
			c.held[i].WorkingDays = c.days.between(c.held[i].From, to)
		}
	}
	return c.held
}
