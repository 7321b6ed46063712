package history

import (
	"cmp"
	"slices"
	"time"

	"runut/domain"
)

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

// custody returns who had a proposal, and what it went into, one after the
// other, until a moment. A zero moment leaves the last one open: its days are
// counted up to when the question looks from.
func (x *explaining) custody(end string, until time.Time) []Custody {
	c := custodian{charts: x.Charts, cycle: x.cycle, until: until, days: officeDays{cmp.Or(x.cycle.Zone, domain.Zones["WITA"]), x.holidays}}
	for _, m := range x.road(x.Proposal, x.into(end), 0) {
		c.hold(m.now, m.record)
	}
	return c.told(cmp.Or(x.View.AsOf, x.Now))
}

func (d *Deciding) closingWindow() string {
	if d.Closing == nil {
		return ""
	}
	return d.Closing.Window
}
