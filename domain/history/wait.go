package history

import "time"

// lateHandover is how many working days a holder must have had for the wait to
// be its own (semantics: custody).
const lateHandover = 3

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
