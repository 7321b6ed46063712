package proposal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/workflow"
)

// Guards are the named conditions that a workflow may ask for. They look beyond
// one proposal, so that whoever sees the others examines them: see Rules.Guards.
var Guards = []string{GuardFateLost}

// GuardFateLost holds where a proposal, or what became of it, was lost.
const GuardFateLost = "fate_lost"

// A Basis says on what an event rests, and so which conditions bear on it.
type Basis string

// The bases.
const (
	Decision    Basis = ""            // somebody decides: every condition bears
	Consequence Basis = "consequence" // another fact of the same append brings it; who acted was judged there
	Correction  Basis = "correction"  // a fact is put right: who acted and when it was typed in was judged once
)

// Rules is what a decision on one proposal consults besides its state.
type Rules struct {
	Workflow    *workflow.Definition
	Cycle       cycle.State
	Forum       forum.State // the session the ask names; zero where it names none
	Actor       domain.Actor
	Grant       grant.State   // the one Actor acts by
	Second      *domain.Actor // a second person who approved, where two are needed
	SecondGrant grant.State
	Now         time.Time
	Occurred    domain.Interval // when it took effect; zero: now
	Basis       Basis
	Late        *Lateness               // recorded after its window had closed, with evidence
	List        *forum.ListFinalized    // the final list that decides, in the same append
	Guards      map[string]domain.Check // the named conditions, as examined
}

// Decide returns the event that records what is asked of a proposal in s, or a
// *domain.Error with every condition that was examined and what it observed.
// The ask is the event itself, without what only the decision knows: state,
// stage, transition and checks. It is not changed.
//
// Where one state has several arrows for an event, the ask's own members tell
// which is meant (lane, answer, resume …). Its Stage does too; where it is empty
// the stage of the state is meant.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	h := newHearing(s, r)
	h.event = copied(ask)
	if h.findArrow() {
		h.complete()
		h.examine()
	}
	if err := h.Err(); err != nil {
		return nil, err
	}
	h.event.Base().Checks = h.lasting()
	return []Event{h.event}, nil
}

// lasting returns the checks that an accepted event keeps: those that rested on
// more than what the event and its envelope say themselves.
func (h *hearing) lasting() []domain.Check {
	return domain.Masked(slices.DeleteFunc(slices.Clone(h.Checks), func(c domain.Check) bool {
		switch c.Name {
		case "state", "role", "scope", "window", "forum", "quota", "visits", "transfer", "split", "duties", "second", "evidence":
			return false
		}
		return !slices.Contains(Guards, c.Name)
	}))
}

// A hearing is the examination of one ask.
type hearing struct {
	domain.Verdict
	Rules
	before State          // the proposal as it stands
	from   workflow.State // its state, the initial one before its first event
	event  Event          // what is asked, being completed; nil when only the arrow is asked about
	arrow  *workflow.Transition
	stage  string
	after  State // what the event makes of it
}

func newHearing(s State, r Rules) *hearing {
	if r.Occurred.IsZero() {
		r.Occurred = domain.Moment(r.Now)
	}
	h := &hearing{Rules: r, before: s, from: s.At}
	if h.from == "" {
		h.from = r.Workflow.Initial
	}
	return h
}

// hold notes a condition. Where it does not hold, kind, code and params say why
// that is a refusal; most conditions hold, so one is made only then.
func (h *hearing) hold(ok bool, name, want, observed string, kind domain.Kind, code string, params ...string) bool {
	if ok {
		return h.Hold(true, name, want, observed, nil)
	}
	return h.Hold(false, name, want, observed, domain.Refuse(kind, code, params...))
}

// at names the input that the last refusal is about.
func (h *hearing) at(field string) { h.Refusals[len(h.Refusals)-1].At(field) }

// subject is the proposal whose place and office count: as it stands, or for
// its first event as that event describes it.
func (h *hearing) subject() State {
	if h.before.At == "" {
		return h.after
	}
	return h.before
}

// findArrow looks for the transition that records the ask. Where there is none
// it says why and still hears who asks.
func (h *hearing) findArrow() bool {
	name := EventName(h.event)
	var here, elsewhere []*workflow.Transition
	for _, t := range h.Workflow.All() {
		if t.Event != name {
			continue
		}
		if slices.Contains(t.From, h.from) {
			here = append(here, t)
		} else {
			elsewhere = append(elsewhere, t)
		}
	}
	if h.arrow = h.closest(here); h.arrow != nil {
		h.hold(true, "state", domain.Words(h.arrow.From), string(h.from), "", "")
		return true
	}
	if len(here) > 0 {
		wants := words(here, func(t *workflow.Transition) []string { return pairs(t.When) })
		got := strings.Join(pairs(h.payload(here)), ", ")
		h.hold(false, "state", wants, got, domain.Invalid, "workflow.unfitting", "event", name, "state", string(h.from), "wanted", wants, "observed", got)
		return false
	}
	if len(elsewhere) == 0 {
		h.hold(false, "state", "an act of the workflow", name, domain.Invalid, "workflow.not_asked_for", "event", name)
		return false
	}
	fits := elsewhere
	if t := h.closest(elsewhere); t != nil {
		fits = slices.DeleteFunc(slices.Clone(elsewhere), func(t *workflow.Transition) bool { return !t.Fits(h.payload(elsewhere)) })
	}
	wants := words(fits, func(t *workflow.Transition) []string { return strings.Split(domain.Words(t.From), ", ") })
	h.hold(false, "state", wants, string(h.from), domain.Conflict, "workflow.state",
		"proposal", h.before.Number, "event", name, "state", string(h.from), "wanted", wants)
	if h.arrow = h.closest(elsewhere); h.arrow != nil && h.before.At != "" {
		h.person()
	}
	return false
}

// closest returns the transition that fits the ask's own words, the one with
// the most conditions first.
func (h *hearing) closest(among []*workflow.Transition) *workflow.Transition {
	payload := h.payload(among)
	var best *workflow.Transition
	for _, t := range among {
		if t.Fits(payload) && (best == nil || len(t.When) > len(best.When)) {
			best = t
		}
	}
	return best
}

// payload returns what the ask says in the members that tell transitions apart.
func (h *hearing) payload(among []*workflow.Transition) map[string]string {
	p := make(map[string]string)
	for _, t := range among {
		for name := range t.When {
			p[name] = word(h.event, name)
		}
	}
	if stage, asked := p["stage"]; asked && stage == "" {
		if spec := h.Workflow.States[h.from]; spec != nil {
			p["stage"] = spec.Stage
		}
	}
	return p
}

// complete fills in what the arrow and the past know, and works out what the
// event makes of the proposal.
func (h *hearing) complete() {
	h.stage = h.Workflow.StageOf(h.arrow, h.from)
	step := Step{Stage: h.stage, Via: h.arrow.Name, Late: h.Late}
	if !h.arrow.Stay {
		step.State = h.arrow.To
	}
	*h.event.Base() = step
	h.fill()
	h.after = Evolve(h.before, h.event, event.Envelope{
		Stream: Stream(h.before.Number), Version: h.before.Version + 1,
		Occurred: h.Occurred, RecordedAt: h.Now, Actor: h.Actor,
	})
}

// examine makes every check there is, however early one fails.
func (h *hearing) examine() {
	h.cycle()
	h.person()
	h.time()
	h.window()
	h.needs()
	h.reason()
	h.plausible()
	h.forum()
	h.list()
	h.limits()
	h.duties()
	h.guards(false)
	h.content()
	h.readable()
	h.second()
	h.lateness()
	h.stranding()
}

// cycle examines that the fiscal year is being planned. In a closed one things
// may still be said and ended, but nothing may come to wait.
func (h *hearing) cycle() {
	c := h.Cycle
	if !h.hold(c.Opened != nil, "cycle", "opened", year(c.Year), domain.Conflict, "workflow.cycle_unopened", "year", year(Year(h.before.Number))) {
		return
	}
	waits := !h.arrow.Stay && h.Workflow.States[h.arrow.To].Final == ""
	h.hold(!c.IsClosed || !waits, "cycle", "open", map[bool]string{true: "closed", false: "open"}[c.IsClosed],
		domain.Conflict, "workflow.cycle_closed", "year", year(c.Year))
}

// person examines who asks: in which role, for which place, by which grant.
func (h *hearing) person() {
	if h.Basis != Decision {
		return
	}
	a, by := h.Actor, domain.Words(h.arrow.By)
	h.hold(slices.Contains(h.arrow.By, a.Role), "role", by, string(a.Role),
		domain.Forbidden, "workflow.role", "act", h.arrow.Name, "role", string(a.Role), "wanted", by)
	if a == domain.System() {
		return
	}
	s := h.subject()
	place := h.placeFor(a.Role, s)
	h.hold(h.holds(a, s), "scope", place, a.Scope.String(),
		domain.Forbidden, "workflow.scope", "scope", a.Scope.String(), "place", place, "proposal", s.Number)
	h.granted(a, h.Grant)
}

// holds reports whether a's scope covers the proposal as it stands. An office
// of an OPD is no office of a village: each scope must be of a kind that the
// role can be held for.
func (h *hearing) holds(a domain.Actor, s State) bool {
	spec := h.Workflow.Roles[a.Role]
	if spec == nil {
		return false
	}
	place := a.Scope.Kind == domain.ScopeVillage || a.Scope.Kind == domain.ScopeKecamatan
	switch spec.Scope {
	case domain.ScopeOPD:
		if place {
			return false
		}
	case domain.ScopeVillage, domain.ScopeKecamatan:
		if a.Scope.Kind == domain.ScopeOPD {
			return false
		}
	}
	return a.Scope.Holds(s.Village, s.Kecamatan(), s.OPD)
}

func (h *hearing) placeFor(role domain.Role, s State) string {
	if spec := h.Workflow.Roles[role]; spec != nil {
		return s.Place(spec.Scope).String()
	}
	return s.Place(domain.ScopeKabupaten).String()
}

// granted examines that a grant gives a what a acts in, now and, where the act
// took effect earlier, then.
func (h *hearing) granted(a domain.Actor, g grant.State) {
	const name = "grant"
	if !h.hold(g.Given != nil && g.Stream == a.Grant, name, "a grant", a.Grant, domain.Forbidden, "grant.unknown", "grant", a.Grant) {
		return
	}
	same := g.Given.Person == a.Person && g.Given.Role == a.Role && g.Given.Scope == a.Scope
	h.hold(same, name, string(g.Given.Role)+" for "+g.Given.Scope.String(), string(a.Role)+" for "+a.Scope.String(),
		domain.Forbidden, "grant.other", "grant", a.Grant, "role", string(a.Role), "scope", a.Scope.String())
	span := day(g.Given.From) + ".." + day(g.Given.Until)
	c := h.Cycle.Year
	switch {
	case g.IsRevoked:
		h.hold(false, name, span, "revoked", domain.Forbidden, "grant.revoked", "grant", a.Grant)
	case g.Given.Cycle != 0 && g.Given.Cycle != c:
		h.hold(false, name, year(g.Given.Cycle), year(c), domain.Forbidden, "grant.other_cycle", "grant", a.Grant, "year", year(g.Given.Cycle), "asked", year(c))
	case !g.Valid(h.Now, c):
		h.hold(false, name, span, domain.Stamp(h.Now), domain.Forbidden, "grant.expired", "grant", a.Grant, "from", day(g.Given.From), "until", day(g.Given.Until))
	case !g.Valid(earlier(h.Occurred.To, h.Now), c):
		h.hold(false, name, span, domain.Stamp(h.Occurred.To), domain.Forbidden, "grant.expired", "grant", a.Grant, "from", day(g.Given.From), "until", day(g.Given.Until))
	default:
		h.hold(true, name, span, a.Grant, "", "")
	}
}

// time examines when it took effect (semantics R9): neither in the future nor
// before the cycle was opened. Today may be meant before it is over.
func (h *hearing) time() {
	at := h.Occurred
	if !h.hold(at.Valid(), "time", "an ordered interval", span(at), domain.Invalid, "time.malformed", "from", domain.Stamp(at.From), "to", domain.Stamp(at.To)) {
		return
	}
	if at.From.After(h.Now) {
		h.hold(false, "time", "until "+domain.Stamp(h.Now), span(at), domain.Invalid, "time.future", "occurred", domain.Stamp(at.From), "now", domain.Stamp(h.Now))
		return
	}
	if at.To.Before(h.Cycle.OpenedAt) {
		h.hold(false, "time", "from "+domain.Stamp(h.Cycle.OpenedAt), span(at), domain.Invalid, "time.before_cycle", "occurred", domain.Stamp(at.To), "opened", domain.Stamp(h.Cycle.OpenedAt))
		return
	}
	h.hold(true, "time", "until "+domain.Stamp(h.Now), span(at), "", "")
}

// window examines that the window of the act was open for the proposal's place
// when it took effect, and is open still: what comes later is recorded late,
// with evidence.
func (h *hearing) window() {
	name := h.arrow.Window
	if name == "" {
		return
	}
	place := h.subject().Place(h.Workflow.Windows[name].Scope)
	w, known := h.Cycle.Find(name, place)
	if !h.hold(known, "window", name+" open for "+place.String(), "never opened",
		domain.Conflict, "workflow.window_unopened", "window", name, "place", place.String()) {
		return
	}
	want := name + " " + domain.Stamp(w.OpensAt) + ".." + domain.Stamp(w.End())
	open := w.OpenDuring(h.Occurred) && (h.Late != nil || h.Basis == Correction || w.OpenDuring(domain.Moment(h.Now)))
	h.hold(open, "window", want, span(h.Occurred), domain.Conflict, "workflow.window_closed",
		"window", name, "place", place.String(), "opens", domain.Stamp(w.OpensAt), "closes", domain.Stamp(w.End()), "at", span(h.Occurred), "now", domain.Stamp(h.Now))
}

// needs examines that what the arrow asks for was given.
func (h *hearing) needs() {
	if len(h.arrow.Need) == 0 {
		return
	}
	var missing []string
	for _, name := range h.arrow.Need {
		if name != "second_approver" && !says(h.event, name) { // see second
			missing = append(missing, name)
		}
	}
	want := strings.Join(h.arrow.Need, ", ")
	if h.hold(len(missing) == 0, "need", want, "without "+strings.Join(missing, ", "), domain.Invalid, "workflow.need", "missing", strings.Join(missing, ", "), "act", h.arrow.Name) {
		h.Checks[len(h.Checks)-1].Observed = want
	} else {
		h.at("/" + missing[0])
	}
}

// reason examines that a code was chosen from the arrow's list, and explained
// where the code asks for that.
func (h *hearing) reason() {
	if h.arrow.Reason == "" {
		return
	}
	code := word(h.event, "reason")
	choices := strings.Join(codes(h.Workflow, h.arrow), ", ")
	if !h.hold(h.Workflow.Chooses(h.arrow, code), "reason", h.arrow.Reason, cmp.Or(code, "none"), domain.Invalid, "workflow.reason", "code", code, "list", h.arrow.Reason, "wanted", choices) {
		h.at("/reason")
		return
	}
	least := h.Workflow.Codes[code].MinWords
	if least == 0 {
		return
	}
	said := 0
	for _, name := range []string{"text", "note", "condition"} {
		if v, ok := member(h.event, name); ok {
			said = max(said, len(strings.Fields(v.Interface().(domain.Text).Masked)))
		}
	}
	if !h.hold(said >= least, "reason", year(least)+" words", year(said)+" words", domain.Invalid, "workflow.reason_words", "code", code, "words", year(said), "least", year(least)) {
		h.at("/text")
	}
}

// forum examines the session an act names: it was convened in this cycle, for
// this stage, and the proposal lies in its scope.
func (h *hearing) forum() {
	id := word(h.event, "forum")
	if id == "" || h.Basis == Consequence {
		return
	}
	f := h.Forum
	known := f.Convened != nil && forum.Stream(f.ID) == id && f.Cycle == h.Cycle.Year
	if !h.hold(known, "forum", "convened in "+year(h.Cycle.Year), id, domain.Invalid, "forum.unknown", "forum", id, "year", year(h.Cycle.Year)) {
		h.at("/forum")
		return
	}
	if !h.hold(f.Convened.Stage == h.stage, "forum", "of stage "+h.stage, f.Convened.Stage, domain.Invalid, "forum.other_stage", "forum", id, "stage", f.Convened.Stage, "wanted", h.stage) {
		h.at("/forum")
	}
	over := f.IsClosed && h.Late == nil && h.Basis == Decision && !h.Occurred.To.Before(h.Now)
	if !h.hold(!over, "forum", "in session", "closed", domain.Conflict, "forum.closed", "forum", id) {
		h.at("/forum")
	}
	s := h.subject()
	if !h.hold(f.Convened.Scope.Holds(s.Village, s.Kecamatan(), s.OPD), "forum", "for this proposal", f.Convened.Scope.String(),
		domain.Invalid, "forum.other_scope", "forum", id, "scope", f.Convened.Scope.String(), "proposal", s.Number) {
		h.at("/forum")
	}
}

// list examines that what only a final list may decide comes with one.
func (h *hearing) list() {
	if h.List != nil {
		h.hold(true, "quota", h.List.Limit.Kind+" "+number(h.List.Limit.Value), number(h.List.Used), "", "")
		return
	}
	if h.Basis == Correction {
		return
	}
	if h.arrow.Rank != nil || h.arrow.Quota != "" || EventName(h.event) == "below_cutoff" {
		h.hold(false, "quota", "a final list", "none", domain.Conflict, "workflow.list_only", "act", h.arrow.Name)
	}
}

// limits examines what bounds the walk: how often a state may be entered, how
// often a proposal is handed on, and that a side clock is not set twice.
func (h *hearing) limits() {
	t := h.arrow
	if most := h.Workflow.States[t.Target(h.from)].MaxVisits; !t.Stay && most > 0 {
		n := h.before.Visits[t.To]
		h.hold(n < most, "visits", "fewer than "+year(most), year(n), domain.Conflict, "workflow.visits", "proposal", h.before.Number, "state", string(t.To), "most", year(most))
	}
	if tr := t.Effect.Transfer; tr != nil {
		h.hold(h.before.Hops < tr.Max, "transfer", "fewer than "+year(tr.Max), year(h.before.Hops), domain.Conflict, "workflow.transfer_limit", "proposal", h.before.Number, "most", year(tr.Max))
	}
	if sp := t.Effect.Split; sp != nil {
		h.hold(h.before.PartDepth < sp.MaxDepth, "split", "split fewer than "+year(sp.MaxDepth)+" times", year(h.before.PartDepth), domain.Conflict, "split.depth", "proposal", h.before.Number, "most", year(sp.MaxDepth))
		h.hold(h.before.Granted() == 0, "amount", "none in force", h.before.Granted().String(), domain.Conflict, "split.funded", "proposal", h.before.Number, "amount", h.before.Granted().String())
	}
	if t.Raise != "" {
		_, raised := h.before.Flags[t.Raise]
		h.hold(!raised, "flag", "no "+t.Raise, t.Raise, domain.Conflict, "workflow.flag_raised", "proposal", h.before.Number, "flag", t.Raise)
	}
	if t.Clear != "" {
		_, raised := h.before.Flags[t.Clear]
		h.hold(raised, "flag", t.Clear, "none", domain.Conflict, "workflow.flag_missing", "proposal", h.before.Number, "flag", t.Clear)
	}
}

// duties examines that who decides is not who handed it in.
func (h *hearing) duties() {
	if !h.arrow.Decides || h.Basis != Decision {
		return
	}
	own := slices.Contains(h.before.EnteredBy, h.Actor.Person)
	h.hold(!own, "duties", "somebody else than who entered it", h.Actor.Person, domain.Forbidden, "workflow.duties", "proposal", h.before.Number, "act", h.arrow.Name)
}

// guards takes over what was found about the named conditions.
func (h *hearing) guards(lenient bool) {
	for _, name := range h.arrow.Guard {
		c, examined := h.Guards[name]
		if !examined && lenient {
			continue
		}
		if !examined {
			c = domain.Check{Name: name, Observed: "not examined"}
		}
		h.hold(c.OK, name, c.Want, c.Observed, domain.Conflict, "workflow.guard_"+name, "proposal", h.before.Number, "observed", c.Observed)
	}
}

// second examines that another person approved, where the event says who.
func (h *hearing) second() {
	if _, two := member(h.event, "second_approver"); !two || h.Basis == Consequence {
		return
	}
	h.approved(h.arrow.By)
}

// lateness examines what allows recording an act after its window had closed: a
// signed paper from inside the window, and the approval of somebody who may
// correct the record.
func (h *hearing) lateness() {
	if h.Late == nil {
		return
	}
	d := h.Late.Evidence
	h.must(d.Number != "" && d.Date != "" && d.Digest != "", "evidence", "number, date and digest", strings.TrimSpace(d.Number+" "+d.Date), domain.Invalid, "late.evidence", "/evidence")
	h.inside(d.Date)
	for _, t := range h.Workflow.All() {
		if t.Event == "corrected" {
			h.approved(t.By)
			return
		}
	}
}

// inside examines that a paper's day lies in the window of the act.
func (h *hearing) inside(date string) {
	spec := h.Workflow.Windows[h.arrow.Window]
	if spec == nil || date == "" {
		return
	}
	w, known := h.Cycle.Find(h.arrow.Window, h.subject().Place(spec.Scope))
	written, err := time.ParseInLocation(time.DateOnly, date, h.zone())
	if err != nil {
		h.must(false, "evidence", "a day such as 2026-02-20", date, domain.Invalid, "time.day_malformed", "/evidence/date", "field", "date", "value", date)
		return
	}
	day := domain.OnDay(written.Year(), written.Month(), written.Day(), h.zone())
	h.must(known && w.OpenDuring(day), "evidence", "of a day in the window "+h.arrow.Window, date, domain.Conflict, "late.evidence_outside", "/evidence/date",
		"window", h.arrow.Window, "date", date, "opens", domain.Stamp(w.OpensAt), "closes", domain.Stamp(w.End()))
}

// approved examines the second person: another one, who may correct the record
// or heads the planning.
func (h *hearing) approved(by []domain.Role) {
	second, g := h.Second, h.SecondGrant
	by = append(slices.Clip(by), cycle.HeadOfPlanning)
	if !h.hold(second != nil, "second", domain.Words(by), "nobody", domain.Forbidden, "second.missing", "wanted", domain.Words(by)) {
		return
	}
	h.hold(second.Person != h.Actor.Person, "second", "another person", second.Person, domain.Forbidden, "second.same_person", "wanted", domain.Words(by))
	h.hold(slices.Contains(by, second.Role), "second", domain.Words(by), string(second.Role), domain.Forbidden, "second.role", "role", string(second.Role), "wanted", domain.Words(by))
	h.granted(*second, g)
}

// stranding examines that the act leaves the proposal where somebody or some
// closing will still deal with it (check 26). A correction is judged by where
// the whole history ends.
func (h *hearing) stranding() {
	b, a := h.before, h.after
	if h.Basis == Correction || a.At == b.At && a.Village == b.Village && a.OPD == b.OPD {
		return
	}
	h.reachable(a)
}

func (h *hearing) reachable(after State) {
	stuck := Stranded(h.Workflow, h.Cycle, after)
	rows := strings.Join(h.Workflow.RowsFor(after.At), ", ")
	h.hold(!stuck, "strands", "a window still to close", cmp.Or(rows, string(after.At)), domain.Conflict, "workflow.strands",
		"proposal", after.Number, "state", string(after.At), "windows", rows, "office", after.OPD)
}

// Stranded reports whether nobody and nothing would end a proposal in s: it has
// not ended, and every window whose closing deals with it has been closed for
// its place.
func Stranded(d *workflow.Definition, c cycle.State, s State) bool {
	return d.Strands(s.At, func(window string) bool {
		w, ok := c.Find(window, s.Place(d.Windows[window].Scope))
		return ok && w.Shut
	})
}

// Begin examines the first event of a proposal that another act brings about:
// by merging, splitting or carrying over. The act was judged where it was
// taken; what is left is whether the new proposal is plausible and somebody
// will deal with it.
func Begin(s State, e Event, r Rules) error {
	h := newHearing(s, r)
	h.event, h.stage = e, e.Base().Stage
	h.after = Evolve(s, e, event.Envelope{Stream: Stream(s.Number), Version: 1, Occurred: h.Occurred, RecordedAt: h.Now, Actor: h.Actor})
	h.plausible()
	h.reachable(h.after)
	return h.Err()
}
