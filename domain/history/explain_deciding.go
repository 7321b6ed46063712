package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Deciding is the act that settled a part of a proposal: the event to cite,
// and what that rested on.
type Deciding struct {
	Mention
	End        string       `json:"end"`        // the leaf it settled
	Millionths int64        `json:"millionths"` // of the proposal asked about
	Kind       DecisionKind `json:"kind,omitzero"`
	Stage      string       `json:"stage,omitzero"`

	Authority Authority  `json:"authority,omitzero"` // absent where nobody decided
	Forum     *Session   `json:"forum,omitempty"`
	Evidence  []Evidence `json:"evidence,omitempty"`
	Reason    *Reason    `json:"reason,omitempty"`
	Rule      Rule       `json:"rule"`
	Closing   *Shutting  `json:"closing,omitempty"` // where a window's closing brought it about
	Ranking   *Placing   `json:"ranking,omitempty"`
	Late      bool       `json:"recorded_late,omitzero"` // its window had closed when it was recorded
	Observed  string     `json:"observed,omitzero"`      // the source it was read off; absent where it was decided in Runut
	Amended   *Mention   `json:"amended,omitempty"`      // the correction that put other facts in the place of those first recorded
	Wait      *Wait      `json:"wait,omitempty"`         // where nobody decided: who had it last

	before proposal.State // the end's, just before
}

// Authority is who decided, as an office; persons are never in it.
type Authority struct {
	Role     domain.Role     `json:"role"`
	Office   string          `json:"office,omitzero"`
	Scope    domain.Scope    `json:"scope,omitzero"`
	Capacity domain.Capacity `json:"capacity,omitzero"`
	Grant    string          `json:"grant,omitzero"`  // stream of the grant
	Decree   domain.Document `json:"decree,omitzero"` // of the grant
	// Elsewhere is the government that decided where none of the kabupaten did
	// (provinsi, pusat, desa, bumn); the role is then who recorded the answer.
	Elsewhere string `json:"elsewhere,omitzero"`
}

// A Session is the forum an act was decided in.
type Session struct {
	Stream string       `json:"stream"`
	Kind   string       `json:"kind,omitzero"`
	Date   string       `json:"date,omitzero"` // local day
	Scope  domain.Scope `json:"scope,omitzero"`
	Signed bool         `json:"signed"` // its minutes were, and cover the proposal
}

// Evidence is a document that an act rests on.
type Evidence struct {
	From string `json:"from"` // where it is named: act, minutes, late
	domain.Document
}

// A Reason is why, as a code of the cycle's list and in words.
type Reason struct {
	Code   string         `json:"code"`
	Group  string         `json:"group,omitzero"`  // national group
	Means  string         `json:"means,omitzero"`  // what the group comes down to
	Label  workflow.Label `json:"label,omitzero"`  // of the code
	Text   string         `json:"text,omitzero"`   // as somebody wrote it, masked
	Ground string         `json:"ground,omitzero"` // article or plan
}

// A Rule is the step of the pinned process that was taken.
type Rule struct {
	Definition string         `json:"definition,omitzero"` // "musrenbang@1#2f9c…"
	Hash       string         `json:"hash,omitzero"`
	Transition string         `json:"transition,omitzero"`
	Checks     []domain.Check `json:"checks,omitempty"` // every condition, and what was observed
}

// Shutting is the closing of a window.
type Shutting struct {
	Mention
	Window   string       `json:"window"`
	Scope    domain.Scope `json:"scope"`
	ClosesAt time.Time    `json:"closes_at"`
	ClosedBy string       `json:"closed_by,omitzero"` // role@office
}

// deciding returns what an event that settled an end rests on. Before is how the
// proposals stood just before.
func (x *explaining) deciding(r event.Record, end End, before map[string]proposal.State) Deciding {
	d := Deciding{Mention: MentionOf(r), End: end.Proposal, Millionths: end.Millionths, Authority: x.authority(r)}
	if fix, amended := event.Amending(x.Streams[r.Stream], x.View, r.ID); amended {
		m := MentionOf(fix)
		d.Amended, d.Type = &m, typeOf(r)
	}
	chart := x.Charts.For(r.Definition)
	d.Rule = rule(chart.Definition, r)
	if e, ok := r.Event.(proposal.Event); ok {
		base := e.Base()
		d.Stage, d.Late = base.Stage, base.Late != nil
		if base.Observed != nil {
			d.Observed = base.Observed.Source
		}
		d.Reason = x.reason(r, e, end, chart.Definition)
		d.Evidence = evidence(e)
		d.Ranking = x.placing(r, e, before)
		x.elsewhere(&d, r, e)
	}
	if d.Stage == "" {
		d.Stage = stageOf(r)
	}
	d.Forum = x.session(&d, r, end)
	d.Closing = x.closing(r)
	return d
}

// typeOf returns the stored name of what a record counts as, which an amendment
// may have changed.
func typeOf(r event.Record) string {
	if e, ok := r.Event.(proposal.Event); ok {
		return "proposal." + proposal.EventName(e)
	}
	return r.Type
}

func rule(d *workflow.Definition, r event.Record) Rule {
	out := Rule{Hash: r.Definition}
	if d != nil {
		out.Definition = cycle.Pin{Name: d.Name, Version: d.Version, Hash: r.Definition}.String()
	}
	if e, ok := r.Event.(proposal.Event); ok {
		out.Transition, out.Checks = e.Base().Via, e.Base().Checks
	}
	return out
}

// authority returns the office an event was written by, with the decree of the
// grant it used.
func (x *explaining) authority(r event.Record) Authority {
	if closingOf(r).Window != "" {
		return Authority{} // nobody decided: whoever closed the window stands in Closing
	}
	a := Authority{Role: r.Actor.Role, Office: r.Actor.Office, Scope: r.Actor.Scope, Capacity: r.Actor.Capacity, Grant: r.Actor.Grant}
	if g := grant.Fold(x.Streams[a.Grant]); g.Given != nil {
		a.Decree = g.Given.Decree
	}
	return a
}

// elsewhere names the government that answered a referral, for whoever recorded
// the answer did not decide it.
func (x *explaining) elsewhere(d *Deciding, r event.Record, e proposal.Event) {
	if _, ok := e.(*proposal.ReferralAnswered); !ok {
		return
	}
	for _, before := range event.Sequence(x.Streams[r.Stream], x.View) {
		if before.ID == r.ID {
			return
		}
		if asked, ok := before.Event.(*proposal.Referred); ok {
			d.Authority.Elsewhere = asked.Target
		}
	}
}

// reason returns the reason an event gives. A component that was dropped has the
// reason the parent's event gives for it.
func (x *explaining) reason(r event.Record, e proposal.Event, end End, d *workflow.Definition) *Reason {
	var why Reason
	switch e := e.(type) {
	case *proposal.Rejected:
		why = Reason{Code: e.Reason, Text: e.Text.Masked, Ground: e.Ground}
	case *proposal.Deferred:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.BelowCutoff:
		why = Reason{Code: e.Reason}
	case *proposal.LeftOut:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.Lapsed:
		why = Reason{Code: e.Reason}
	case *proposal.Cancelled:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.Withdrawn:
		why = Reason{Code: e.Reason, Text: e.Text.Masked}
	case *proposal.ReferralAnswered:
		why = Reason{Code: e.Reason, Text: e.Note.Masked}
	case *proposal.FinancedElsewhere:
		why = Reason{Code: e.Reason}
	}
	if end.dropped {
		why = Reason{}
		for _, c := range components(e) {
			if c.Child == end.Proposal {
				why.Code = cmp.Or(c.Reason, proposal.ReasonDropped)
			}
		}
	}
	if why == (Reason{}) {
		return nil
	}
	if why.Text != "" && x.closed(r) {
		why.Text = ""
	}
	x.word(&why, d)
	return &why
}

// closed reports whether a text of an event was ordered to be closed. The log
// takes it away a moment after the order, and whatever the question looks from
// is no reason to show it in between.
func (x *explaining) closed(r event.Record) bool {
	return slices.ContainsFunc(x.Streams[r.Stream], func(o event.Record) bool {
		e, ok := o.Event.(*proposal.TextRedacted)
		return ok && e.Target == r.ID.String()
	})
}

// word puts a code into words: those of the definition, else those of the
// vocabulary that the cycle published.
func (x *explaining) word(why *Reason, d *workflow.Definition) {
	if d == nil {
		return
	}
	if known := d.Codes[why.Code]; known != nil {
		why.Group, why.Label, why.Means = known.Group, known.Title, known.Means
	} else if list := x.cycle.Words["reasons"]; list != nil {
		for _, w := range list.Entries {
			if w.Code == why.Code {
				why.Group, why.Label = w.Group, workflow.Label{ID: w.ID, EN: w.EN}
			}
		}
	}
	if g := d.Groups[why.Group]; g != nil {
		why.Means = cmp.Or(why.Means, g.Means)
	}
}

// evidence returns the documents an event names.
func evidence(e proposal.Event) []Evidence {
	var out []Evidence
	add := func(from string, d domain.Document) {
		if !d.IsZero() {
			out = append(out, Evidence{from, d})
		}
	}
	switch e := e.(type) {
	case *proposal.Rejected:
		add("act", e.Document)
	case *proposal.LeftOut:
		add("act", e.Document)
	case *proposal.Cancelled:
		add("act", e.LegalGround)
	case *proposal.ReferralAnswered:
		add("act", e.Letter)
	case *proposal.IncludedInRKPD:
		add("act", e.Document)
	case *proposal.IncludedInPPAS:
		add("act", e.Document)
	case *proposal.Funded:
		add("act", e.Document)
	case *proposal.AmountRevised:
		add("act", e.Ground)
	case *proposal.Reinstated:
		add("act", e.Document)
	}
	if late := e.Base().Late; late != nil {
		add("late", late.Evidence)
	}
	return out
}

// session returns the forum a deciding act belongs to and adds its signed
// minutes to the evidence, if they cover the proposal.
func (x *explaining) session(d *Deciding, r event.Record, end End) *Session {
	stream := ""
	switch e := r.Event.(type) {
	case proposal.Event:
		stream = proposal.ForumOf(e)
	case forum.Event:
		stream = r.Stream
	}
	if d.Ranking != nil {
		stream = cmp.Or(stream, d.Ranking.Forum)
	}
	if stream == "" {
		return nil
	}
	s := &Session{Stream: stream}
	f := x.forum(stream)
	convened := f.Convened
	if convened == nil { // what was decided on paper may be older than the record of its forum
		convened = forum.At(x.Streams[stream], event.View{Known: x.View.Known}).Convened
	}
	if convened == nil {
		x.gap("forum_unheld", stream)
		return s
	}
	s.Kind, s.Date, s.Scope = convened.Kind, convened.Date, convened.Scope
	subject, _ := proposal.NumberOf(r.Stream)
	for _, signed := range f.Signed {
		if signed.Covered(subject) || signed.Covered(end.Proposal) {
			s.Signed = true
			d.Evidence = append(d.Evidence, Evidence{"minutes", signed.Document})
		}
	}
	if !s.Signed {
		x.gap("minutes_unsigned", stream)
	}
	return s
}

// closing returns the closing of a window that brought an event about: the one
// that caused it, or the event itself.
func (x *explaining) closing(r event.Record) *Shutting {
	cause := r.Causation
	if c := closingOf(r); c.Of != uuid.Nil {
		cause = c.Of
	}
	for _, s := range x.timeline.Steps {
		for _, c := range s.Records {
			e, ok := c.Event.(*cycle.WindowClosed)
			if ok && (c.ID == cause || c.ID == r.ID) {
				return &Shutting{Mention: MentionOf(c), Window: e.Window, Scope: e.Scope, ClosesAt: e.ClosesAt, ClosedBy: e.ClosedBy}
			}
		}
	}
	return nil
}

// closingOf returns what an event of a closing row says of the wait it ended.
func closingOf(r event.Record) proposal.Closing {
	switch e := r.Event.(type) {
	case *proposal.LeftOut:
		return e.Closing
	case *proposal.Lapsed:
		return e.Closing
	case *proposal.Unfinished:
		return e.Closing
	}
	return proposal.Closing{}
}

// stageOf returns the stage that an act of a cycle or a forum belongs to.
func stageOf(r event.Record) string {
	switch e := r.Event.(type) {
	case *forum.ListFinalized:
		return e.Stage
	case *cycle.DocumentAdopted:
		return adoptedAfter[e.Kind]
	case *cycle.WindowClosed:
		return e.Window
	}
	return ""
}

// idle reports whether an event changes nothing about what may become of
// proposals: a year has hundreds of those, of ceilings and of who came.
func idle(r event.Record) bool {
	switch r.Event.(type) {
	case proposal.Event, *cycle.Opened, *cycle.DefinitionMigrated, *cycle.WindowOpened, *cycle.WindowExtended, *cycle.WindowClosed, *cycle.WindowReopened,
		*cycle.DocumentAdopted, *cycle.Closed, *forum.ListFinalized, *forum.ListSuperseded, event.Correction:
		return false
	}
	return true
}

// bears reports whether a stream bears on what may become of proposals.
func bears(stream string) bool {
	_, isProposal := proposal.NumberOf(stream)
	return isProposal || strings.HasPrefix(stream, "cycle-") || strings.HasPrefix(stream, forum.Stream(""))
}
