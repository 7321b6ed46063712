// Package process looks at how the work went, over all proposals of a fiscal
// year: how long they stayed at each stage, which ways they took, who handed what
// to whom, what had to be done again, and where the record does not follow its own
// rules. An Analysis is given one history after the other and holds sums only,
// so a year of any size fits.
//
// Ocel says the same events in the form of OCEL 2.0, for tools of others.
package process

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// An Analysis of a fiscal year in the making.
type Analysis struct {
	Year int
	Now  time.Time // until when what still waits has waited

	charts   *history.Charts
	cycle    cycle.State
	stays    map[string][]stay
	variants map[string]*Variant
	handover map[Handover]int
	rework   map[Rework]int
	misfits  []Misfit
	observed int
	late     int
	events   int
	number   int
}

// NewAnalysis returns an empty analysis of a year, given the events of its cycle
// as they count.
func NewAnalysis(year int, now time.Time, charts *history.Charts, sequence []event.Record) *Analysis {
	return &Analysis{Year: year, Now: now, charts: charts, cycle: cycle.Fold(sequence), stays: map[string][]stay{},
		variants: map[string]*Variant{}, handover: map[Handover]int{}, rework: map[Rework]int{}}
}

// A Report is what an analysis found.
type Report struct {
	Cycle     int         `json:"cycle"`
	Proposals int         `json:"proposals"`
	Events    int         `json:"events"`
	Stages    []StageTime `json:"stages"`
	Variants  []Variant   `json:"variants"` // most frequent first
	Ways      int         `json:"ways"`     // how many variants there are in all
	Handovers []Handover  `json:"handovers"`
	Rework    []Rework    `json:"rework"`
	Fitness   Fitness     `json:"conformance"`
}

// A Variant is a way that proposals took, as the steps that changed their state.
type Variant struct {
	Steps   []string             `json:"steps"` // transitions; closing rows as "close:WINDOW"
	Count   int                  `json:"count"`
	Fates   map[history.Fate]int `json:"fates"`
	Example string               `json:"example"` // number
}

// A Handover is how often one office handed proposals to another.
type Handover struct {
	From  string `json:"from"` // role, for transfers between OPDs the OPD code
	To    string `json:"to"`
	Count int    `json:"count"`
}

// A Rework is how often something had to be done again.
type Rework struct {
	What  string `json:"what"`  // returned, transferred_back, merge_reversed, reinstated, corrected
	Where string `json:"where"` // stage
	Count int    `json:"count"`
}

// Fitness says how far the record follows its own rules: every history is
// replayed through the definition its cycle pins.
type Fitness struct {
	Replayed int      `json:"replayed"` // histories
	Fit      int      `json:"fit"`
	Observed int      `json:"observed"`      // events read off a source, which pass stages over
	Late     int      `json:"recorded_late"` // acts recorded after their window had closed, with evidence
	Misfits  []Misfit `json:"misfits"`       // the first hundred
	More     int      `json:"more,omitzero"` // misfits beyond those
}

// A Misfit is the first event of a history that its rules do not allow.
type Misfit struct {
	Proposal string `json:"proposal"`
	Code     string `json:"code"` // history.window, history.state …
	Event    string `json:"event"`
	At       string `json:"at"`
}

// mostMisfits and mostVariants are how many are told one by one.
const (
	mostMisfits  = 100
	mostVariants = 50
)

// Add takes in a proposal, given all its records in the order of positions.
func (a *Analysis) Add(records []event.Record) {
	sequence := event.Sequence(records, event.View{})
	if len(sequence) == 0 {
		return
	}
	number, ok := proposal.NumberOf(sequence[0].Stream)
	d := a.charts.For(sequence[len(sequence)-1].Definition)
	if !ok || d.Definition == nil {
		return
	}
	a.number++
	a.events += len(records)
	for _, r := range records {
		if c, ok := r.Event.(event.Correction); ok && c != nil {
			a.rework[Rework{What: "corrected"}]++
		}
	}
	a.walk(number, sequence, d)
	a.replay(number, sequence, d.Definition)
}

// walk goes through a history once, for everything but its legality.
func (a *Analysis) walk(number string, sequence []event.Record, chart *history.Chart) {
	var p proposal.State
	var steps []string
	holder := ""
	clock := stageClock{analysis: a, definition: chart.Definition}
	for _, r := range sequence {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		before := p.At
		p = proposal.Evolve(p, e, r.Envelope)
		base := e.Base()
		if base.Observed != nil {
			a.observed++
		}
		if base.Late != nil {
			a.late++
		}
		if p.At != before {
			steps = append(steps, cmp.Or(base.Via, proposal.EventName(e)))
			clock.enter(p.At, r.Effective())
		}
		a.again(e, chart.Definition, before)
		next := role(proposal.Turn(chart.Definition, a.cycle, p))
		if t, ok := e.(*proposal.Transferred); ok {
			a.handover[Handover{From: t.From, To: t.To}]++
		} else if next != "" && holder != "" && next != holder {
			a.handover[Handover{From: holder, To: next}]++
		}
		holder = cmp.Or(next, holder)
	}
	clock.stop()
	key := strings.Join(steps, "\x00")
	v := a.variants[key]
	if v == nil {
		v = &Variant{Steps: steps, Fates: map[history.Fate]int{}, Example: number}
		a.variants[key] = v
	}
	v.Count++
	v.Fates[cmp.Or(chart.Fate(p.At), "merged")]++
}

// again counts what had to be done again.
func (a *Analysis) again(e proposal.Event, d *workflow.Definition, from workflow.State) {
	stage := e.Base().Stage
	if spec := d.States[from]; stage == "" && spec != nil {
		stage = spec.Stage
	}
	switch e := e.(type) {
	case *proposal.Returned:
		a.rework[Rework{What: "returned", Where: stage}]++
	case *proposal.MergeReversed:
		if e.Role == "parent" {
			a.rework[Rework{What: "merge_reversed", Where: stage}]++
		}
	case *proposal.Reinstated:
		a.rework[Rework{What: "reinstated", Where: stage}]++
	}
}

func role(post string) string {
	name, _, _ := strings.Cut(post, "@")
	return name
}

// replay holds a history against the rules it was made by.
func (a *Analysis) replay(number string, sequence []event.Record, d *workflow.Definition) {
	_, err := proposal.Replay(d, a.cycle, sequence)
	if err == nil {
		return
	}
	m := Misfit{Proposal: number}
	if refusal, ok := err.(*domain.Error); ok {
		m.Code, m.Event, m.At = refusal.Code, refusal.Params["id"], refusal.Params["at"]
	}
	a.misfits = append(a.misfits, m)
}

// Report sums up.
func (a *Analysis) Report() Report {
	r := Report{Cycle: a.Year, Proposals: a.number, Events: a.events, Ways: len(a.variants), Stages: a.stageTimes()}
	for _, v := range a.variants {
		r.Variants = append(r.Variants, *v)
	}
	slices.SortFunc(r.Variants, func(x, y Variant) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), slices.Compare(x.Steps, y.Steps))
	})
	r.Variants = r.Variants[:min(len(r.Variants), mostVariants)]
	for h, n := range a.handover {
		h.Count = n
		r.Handovers = append(r.Handovers, h)
	}
	slices.SortFunc(r.Handovers, func(x, y Handover) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	for _, w := range slices.SortedFunc(maps.Keys(a.rework), func(x, y Rework) int {
		return cmp.Or(cmp.Compare(x.What, y.What), cmp.Compare(x.Where, y.Where))
	}) {
		w.Count = a.rework[w]
		r.Rework = append(r.Rework, w)
	}
	r.Fitness = Fitness{Replayed: a.number, Fit: a.number - len(a.misfits), Observed: a.observed, Late: a.late}
	slices.SortFunc(a.misfits, func(x, y Misfit) int { return cmp.Compare(x.Proposal, y.Proposal) })
	r.Fitness.Misfits = append([]Misfit{}, a.misfits[:min(len(a.misfits), mostMisfits)]...)
	r.Fitness.More = len(a.misfits) - len(r.Fitness.Misfits)
	return r
}
