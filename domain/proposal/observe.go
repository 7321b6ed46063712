package proposal

import (
	"slices"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/workflow"
)

// ReasonUnsaid is the reason code of what a source shows without saying why. No
// person can choose it.
const ReasonUnsaid = "ALS-KOSONG"

// Observe returns the event that records what another system's file says became
// of a proposal. Nobody decided it here, so it needs no window, grant or
// evidence, only a way through the workflow; what a decision would have had to
// state is listed as gaps, and a missing reason is recorded as missing, never
// made up.
//
// A source shows outcomes and skips what led there: the transitions passed over
// are named. Where it shows an earlier stage than the log, the ask is a
// *Returned or *Reinstated, which need no way forward.
func Observe(d *workflow.Definition, c cycle.State, s State, ask Event, from Observed) (Event, error) {
	h := newHearing(s, Rules{Workflow: d, Cycle: c})
	h.event = copied(ask)
	way := h.observedWay()
	if way == nil {
		return nil, domain.Refuse(domain.Conflict, "observe.no_way", "proposal", s.Number, "event", EventName(ask), "state", string(h.from))
	}
	t := way[len(way)-1]
	for _, passed := range way[:len(way)-1] {
		from.Skipped = append(from.Skipped, passed.Name)
	}
	step := Step{Stage: d.StageOf(t, h.from), Via: t.Name}
	if !t.Stay {
		step.State = t.To
	}
	if len(way) > 1 || !slices.Contains(t.From, h.from) {
		step.Via = Jump
	}
	return h.observed(t, step, from)
}

// facts are the events that a source may show beside an outcome: opinions, and
// what the proposal states.
var facts = []string{"revised", "verified", "recommended", "responded", "transferred", "aligned", "progress_reported", "amount_revised", "source_missing", "source_found"}

// ObserveFact returns the event that records what a source says of a proposal
// without its state changing, whatever state that is.
func ObserveFact(d *workflow.Definition, c cycle.State, s State, ask Event, from Observed) (Event, error) {
	h := newHearing(s, Rules{Workflow: d, Cycle: c})
	h.event = copied(ask)
	name := EventName(ask)
	if !slices.Contains(facts, name) {
		return nil, domain.Refuse(domain.Invalid, "observe.not_a_fact", "event", name)
	}
	var t *workflow.Transition
	for _, x := range d.All() {
		if x.Event == name && (t == nil || slices.Contains(x.From, h.from) && x.Stay) {
			t = x
		}
	}
	if t == nil {
		return nil, domain.Refuse(domain.Conflict, "observe.no_way", "proposal", s.Number, "event", name, "state", string(h.from))
	}
	step := Step{Via: t.Name}
	if spec := d.States[h.from]; spec != nil {
		step.Stage = spec.Stage
	}
	if !t.Stay || !slices.Contains(t.From, h.from) {
		step.Via = Jump
	}
	return h.observed(t, step, from)
}

// observed completes what a source shows and examines that it is plausible.
func (h *hearing) observed(t *workflow.Transition, step Step, from Observed) (Event, error) {
	h.arrow, h.stage = t, step.Stage
	h.fill()
	from.Gaps = h.gaps()
	step.Observed = &from
	*h.event.Base() = step
	h.plausible()
	h.readable()
	if e, ok := h.event.(*Submitted); ok {
		h.place(Idea{Village: e.Village})
	}
	if err := h.Err(); err != nil {
		return nil, err
	}
	return h.event, nil
}

// observedWay returns the transitions from where the proposal stands to what
// the source shows, that one last, or nil. Of several ways it takes the
// shortest, of those the one whose last step the state knows.
func (h *hearing) observedWay() []*workflow.Transition {
	d, name := h.Workflow, EventName(h.event)
	var all, best []*workflow.Transition
	for _, t := range d.All() {
		if t.Event == name {
			all = append(all, t)
		}
	}
	payload := h.payload(all)
	if word(h.event, "stage") == "" {
		delete(payload, "stage") // the source may be at another stage than the log
	}
	direct := false
	for _, t := range all {
		if !fitsKnown(t, payload) {
			continue
		}
		here := slices.Contains(t.From, h.from)
		way := h.wayTo(t)
		if way == nil || best != nil && (len(way) > len(best) || len(way) == len(best) && (direct || !here)) {
			continue
		}
		best, direct = way, here
	}
	return best
}

// wayTo returns the shortest way to the end of t, or nil. Nothing leads to an
// act that changes no state but that state itself.
func (h *hearing) wayTo(t *workflow.Transition) []*workflow.Transition {
	if slices.Contains(t.From, h.from) || backwards(h.event) {
		return []*workflow.Transition{t}
	}
	if t.Stay {
		return nil
	}
	var best []*workflow.Transition
	for _, from := range t.From {
		if way := h.Workflow.Path(h.from, from); way != nil && (best == nil || len(way) < len(best)-1) {
			best = append(slices.Clip(way), t)
		}
	}
	return best
}

func fitsKnown(t *workflow.Transition, payload map[string]string) bool {
	for name, value := range t.When {
		if got, known := payload[name]; known && got != value {
			return false
		}
	}
	return true
}

// backwards reports whether an observed event tells that a source went back.
func backwards(e Event) bool {
	switch e.(type) {
	case *Returned, *Reinstated:
		return true
	}
	return false
}

// observable reports whether a source may show e, which jumped, of a proposal
// in from.
func observable(d *workflow.Definition, from workflow.State, e Event) bool {
	if backwards(e) {
		return d.States[e.Base().State] != nil
	}
	for _, t := range d.All() {
		if t.Event != EventName(e) || t.To != e.Base().State {
			continue
		}
		for _, f := range t.From {
			if f == from || d.Path(from, f) != nil {
				return true
			}
		}
	}
	return false
}

// gaps lists what the rule asks for and the source does not hold, and gives a
// missing reason the code that says it is missing.
func (h *hearing) gaps() []string {
	var gaps []string
	for _, name := range h.arrow.Need {
		if !says(h.event, name) {
			gaps = append(gaps, name)
		}
	}
	if h.arrow.Reason != "" && word(h.event, "reason") == "" {
		v, _ := member(h.event, "reason")
		v.SetString(ReasonUnsaid)
		gaps = append(gaps, "reason")
	}
	return gaps
}
