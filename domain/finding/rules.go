package finding

import (
	"slices"
	"time"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// What the rules hold time and money against.
const (
	minutesWithin  = 30 * 24 * time.Hour // A1: for minutes to be signed
	silentFor      = 30 * 24 * time.Hour // A8
	dearer         = 125                 // A5: per cent of what the OPD accepted
	backdatedBy    = 24 * time.Hour      // B3
	lastHour       = time.Hour           // B4
	handoverDays   = 3                   // B6: working days
	tokenPart      = 10                  // B7: one in so many
	informedWithin = 60 * 24 * time.Hour // B8: after the RKPD
)

// endings: A1, A2 and A7.
func (c *subject) endings() {
	for n := range c.sequence {
		r := &c.sequence[n]
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		if e.Base().Late != nil {
			c.found("A2", r)
		}
		if reason, ends := endingReason(e); ends {
			if reason == "" || reason == proposal.ReasonUnsaid || c.unsigned(e, r) {
				c.found("A1", r)
			}
		}
	}
	if _, formed := c.sequence[0].Event.(*proposal.FormedByMerge); !formed || c.now.Ended == nil || c.now.Last != c.now.Ended.Event {
		return
	}
	for n := range c.sequence {
		if r := &c.sequence[n]; r.ID == c.now.Ended.Event && undecided(r.Event) {
			c.found("A7", r)
		}
	}
}

// endingReason returns the reason of an act that may end a proposal, and whether
// it is one.
func endingReason(e proposal.Event) (string, bool) {
	switch e := e.(type) {
	case *proposal.Rejected:
		return e.Reason, true
	case *proposal.Deferred:
		return e.Reason, true
	case *proposal.LeftOut:
		return e.Reason, true
	case *proposal.Cancelled:
		return e.Reason, true
	}
	return "", false
}

// undecided reports whether an ending says that nobody decided, or nobody said why.
func undecided(e any) bool {
	reason := ""
	switch e := e.(type) {
	case *proposal.Lapsed:
		reason = e.Reason
	case *proposal.LeftOut:
		reason = e.Reason
	case *proposal.Rejected:
		reason = e.Reason
	}
	return slices.Contains([]string{"WKT-TUTUP", "RJK-DIAM", proposal.ReasonUnsaid}, reason)
}

// unsigned reports whether a decision names a forum whose signed minutes do not
// cover it though there was time enough.
func (c *subject) unsigned(e proposal.Event, r *event.Record) bool {
	stream := proposal.ForumOf(e)
	if stream == "" || e.Base().Observed != nil || e.Base().Late != nil || c.Now.Sub(r.RecordedAt) <= minutesWithin {
		return false
	}
	s := c.forums[stream]
	return s == nil || !s.covered[""] && !s.covered[c.number]
}

// origin: A6, B1 and B2.
func (c *subject) origin() {
	first := &c.sequence[0]
	switch e := first.Event.(type) {
	case *proposal.AppearedInBudget:
		c.found("B1", first)
	case *proposal.SubmittedLate:
		c.found("B2", first)
	case *proposal.Submitted:
		if e.Lane != proposal.Musrenbang || !e.MinutesVillage.IsZero() || e.Forum != "" || slices.ContainsFunc(c.sequence, ofVillage) {
			return
		}
		c.found("A6", &c.sequence[min(1, len(c.sequence)-1)])
	}
}

// ofVillage reports whether an event shows that a village stood behind a proposal.
func ofVillage(r event.Record) bool {
	switch e := r.Event.(type) {
	case *proposal.Prioritized:
		return e.Stage == "desa"
	case *proposal.Recommended:
		return e.Level == "lurah"
	}
	return false
}

// timing: B3 and B4.
func (c *subject) timing() {
	if c.definition == nil {
		return
	}
	for n := range c.sequence {
		r := &c.sequence[n]
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		base := e.Base()
		t := c.definition.Transitions[base.Via]
		if t == nil || !t.Decides || base.Observed != nil || base.Late != nil {
			continue
		}
		if by := r.RecordedAt.Sub(r.Effective()); by > backdatedBy {
			f := c.found("B3", r)
			f.Measured, f.Unit = int64(by.Hours()), "hours"
		}
		w := c.definition.Windows[t.Window]
		if w == nil {
			continue
		}
		was := c.before(n)
		for _, open := range c.open(t.Window, was.Place(w.Scope)) {
			at := r.Effective()
			if left := open.to.Sub(at); left >= 0 && left <= lastHour && !at.Before(open.from) {
				f := c.found("B4", r)
				f.Measured, f.Unit = int64(left.Minutes()), "minutes"
			}
		}
	}
}

// moves: B5 and B6.
func (c *subject) moves() {
	var at workflow.State
	var came time.Time
	var had []string
	for n := range c.sequence {
		r := &c.sequence[n]
		switch e := r.Event.(type) {
		case *proposal.Transferred:
			if len(had) == 0 {
				had = append(had, e.From)
			}
			if slices.Contains(had, e.To) {
				c.found("B5", r)
			}
			had = append(had, e.To)
			came = r.Effective()
		case *proposal.Lapsed:
			if days := c.workingDays(came, r.Effective()); days < handoverDays {
				f := c.found("B6", r)
				f.Measured, f.Unit = int64(days), "days"
			}
		}
		if now := c.states[n].At; now != at {
			at, came = now, r.Effective()
		}
	}
}

// money: A5 and B7.
func (c *subject) money() {
	var basis domain.Rupiah
	var funded *event.Record
	dear := false
	for n := range c.sequence {
		r, p := &c.sequence[n], &c.states[n]
		if n == 0 && p.At == "accepted" {
			basis = p.Estimate
		}
		var amount domain.Rupiah
		switch e := r.Event.(type) {
		case *proposal.AcceptedByOPD:
			basis = e.Estimate
		case *proposal.IncludedInRKPD:
			amount = e.Amount
		case *proposal.IncludedInPPAS:
			amount = e.Amount
		case *proposal.Funded:
			amount = p.Granted()
			if funded == nil {
				funded = r
			}
		case *proposal.AmountRevised:
			if amount = p.Granted(); amount == 0 {
				amount = e.New
			}
		}
		if !dear && basis > 0 && amount*100 > basis*dearer {
			dear = true
			f := c.found("A5", r)
			f.Measured, f.Unit = int64(amount*1000/basis), "thousandths"
		}
	}
	p, asked := &c.now, c.states[0].Estimate
	won := p.At == "funded" || p.At == "completed" || p.At == "unfinished"
	if won && funded != nil && p.Granted()*tokenPart < asked {
		f := c.found("B7", funded)
		f.Measured, f.Unit = int64(p.Granted()*1000/asked), "thousandths"
	}
}

// silence: A8.
func (c *subject) silence() {
	if c.definition == nil {
		return
	}
	for n := range c.sequence {
		r, p := &c.sequence[n], &c.states[n]
		window := c.awaited(p.At)
		if window == "" {
			continue
		}
		from, to, next := r.Effective(), c.Now, (*event.Record)(nil)
		if n+1 < len(c.sequence) {
			next = &c.sequence[n+1]
			to = next.Effective()
		}
		for _, open := range c.open(window, p.Place(c.definition.Windows[window].Scope)) {
			begin, end := later(from, open.from), earlier(to, open.to)
			if silent := end.Sub(begin); silent > silentFor {
				f := c.found("A8", next)
				f.Measured, f.Unit = int64(silent.Hours()/24), "days"
			}
		}
	}
}

// answered are the stages whose forums owe a proposal an answer. A document or
// another government is waited for, but not within the kabupaten's own time.
var answered = []string{"desa", "kecamatan", "pokir", "forum_opd", "kabupaten"}

// awaited returns the window in which a proposal waits for a forum's answer, "".
func (c *subject) awaited(at workflow.State) string {
	for _, window := range c.definition.RowsFor(at) {
		row := c.definition.OnWindowClose[window][string(at)]
		if row != nil && row.Reason == "WKT-TUTUP" && slices.Contains(answered, window) {
			return window
		}
	}
	return ""
}

// A span is a time in which a window was open.
type span struct{ from, to time.Time }

// open returns when a window was open for a place, as it was in the end.
func (i *Inspector) open(window string, place domain.Scope) []span {
	w, ok := i.cycle.Find(window, place)
	if !ok {
		return nil
	}
	var out []span
	from := w.OpensAt
	for _, gap := range w.Gaps {
		out = append(out, span{from, earlier(gap.From, w.ClosesAt)})
		from = gap.To
	}
	return append(out, span{from, w.End()})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
