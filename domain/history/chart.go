package history

import (
	"iter"
	"math/bits"
	"slices"
	"sync"

	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Chart is a workflow definition made ready for questions: its states and
// ways by number, with what was found out about them so far. It is safe for
// concurrent use.
type Chart struct {
	Definition *workflow.Definition
	Stages     []string // in their order; a StageSet and a Share count by it

	states  []state
	at      map[workflow.State]int
	stageAt map[string]int
	windows []window
	begin   int // index of the state before the first event

	mu    sync.RWMutex
	found map[question]answer
}

// A state is one state of the definition with the ways out that are no remedies.
type state struct {
	name  workflow.State
	fate  Fate
	stage int // index in Stages, -1 for none
	goal  goals
	line  bool // below the line of a final list
	ways  []way
	hops  []hop
}

// A way leads from a state to another one, by a transition.
type way struct {
	to     int // state in which what is taken goes on: its own, its parent's or its parts'
	window int // index in windows, -1 for at any time
	byList bool
}

// A hop hands a proposal to another office.
type hop struct {
	to     int
	window int
	max    int
}

// A window of the definition, with the order of its stage.
type window struct {
	name  string
	spec  *workflow.Window
	order int
}

// NewChart returns the chart of a definition. Of a nil definition it knows no
// state: every fate in it is Unknown.
func NewChart(d *workflow.Definition) *Chart {
	c := &Chart{Definition: d, at: make(map[workflow.State]int), stageAt: make(map[string]int), found: make(map[question]answer)}
	if d == nil {
		return c
	}
	c.Stages = d.StageNames()
	for i, name := range c.Stages {
		c.stageAt[name] = i
	}
	windowAt := map[string]int{"": -1}
	for i, name := range d.WindowNames() {
		windowAt[name] = i
		spec := d.Windows[name]
		c.windows = append(c.windows, window{name, spec, c.order(spec.Stage)})
	}
	for i, name := range d.StateNames() {
		c.at[name] = i
		spec := d.States[name]
		c.states = append(c.states, state{name: name, fate: fateOf(spec), stage: c.stage(spec.Stage), goal: goalOf(spec.Goal)})
	}
	c.begin = c.at[d.Initial]
	for _, t := range d.All() {
		c.draw(t, windowAt[t.Window])
	}
	return c
}

// draw enters a transition into the states it leads out of.
func (c *Chart) draw(t *workflow.Transition, window int) {
	if t.Event == belowCutoff && !t.Stay {
		c.states[c.at[t.To]].line = true
	}
	if t.Remedy || t.Event == unasked {
		return // no way for a proposal to win
	}
	byList := t.Rank != nil || slices.Contains(t.Need, "list")
	for _, from := range t.From {
		s := &c.states[c.at[from]]
		switch target := c.at[t.Target(from)]; {
		case t.Effect.Transfer != nil:
			s.hops = append(s.hops, hop{target, window, t.Effect.Transfer.Max})
		case t.Effect.Merge != nil:
			s.ways = append(s.ways, way{c.at[t.Effect.Merge.ParentStartsIn], window, byList})
		case t.Effect.Split != nil:
			s.ways = append(s.ways, way{c.at[t.Effect.Split.PartsStartIn], window, byList})
		case !t.Stay && t.To != from:
			s.ways = append(s.ways, way{target, window, byList})
		}
	}
}

// Events that mean more to a chart than the arrow they are written on: by
// belowCutoff a list puts a proposal below its line; unasked is money that no
// proposal asked for.
const (
	belowCutoff = "below_cutoff"
	unasked     = "appeared_in_budget"
)

// stage returns the index of a stage, -1 where it is none a proposal passes:
// what comes before the first event is no stage.
func (c *Chart) stage(name string) int {
	if i, ok := c.stageAt[name]; ok {
		return i
	}
	return -1
}

// order returns the place of a stage in the year, -1 for none.
func (c *Chart) order(stage string) int {
	if s := c.Definition.Stages[stage]; s != nil {
		return s.Order
	}
	return -1
}

// state returns what the chart knows of a state, nil for nothing.
func (c *Chart) state(s workflow.State) *state {
	if i, ok := c.at[s]; ok {
		return &c.states[i]
	}
	return nil
}

// Fate returns the fate of a leaf that rests in a state, "" where it is absorbed
// or dissolved and has none of its own.
func (c *Chart) Fate(s workflow.State) Fate {
	if s := c.state(s); s != nil {
		return s.fate
	}
	return Unknown
}

// A StageSet is a set of stages of a Chart, the first in the lowest bit. A
// definition has at most 64.
type StageSet uint64

// Has reports whether the stage with index i is in s.
func (s StageSet) Has(i int) bool { return i >= 0 && s>>i&1 == 1 }

// All yields the indexes of the stages in s, in order.
func (s StageSet) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for rest := uint64(s); rest != 0; rest &= rest - 1 {
			if !yield(bits.TrailingZeros64(rest)) {
				return
			}
		}
	}
}

func (s StageSet) with(i int) StageSet {
	if i < 0 {
		return s
	}
	return s | 1<<i
}

// Charts finds the chart of a definition by its hash and keeps it. It is safe
// for concurrent use.
type Charts struct {
	find   func(hash string) *workflow.Definition
	mu     sync.Mutex
	byHash map[string]*Chart
}

// NewCharts returns the charts of the definitions that find knows; it returns
// nil for one it does not.
func NewCharts(find func(hash string) *workflow.Definition) *Charts {
	return &Charts{find: find, byHash: make(map[string]*Chart)}
}

// For returns the chart of a definition. Where that is not known, the chart
// knows no state, so that what rests on it is unknown and nothing fails.
func (c *Charts) For(hash string) *Chart {
	c.mu.Lock()
	defer c.mu.Unlock()
	chart := c.byHash[hash]
	if chart == nil {
		chart = NewChart(c.find(hash))
		if chart.Definition != nil { // one unknown today may be published tomorrow
			c.byHash[hash] = chart
		}
	}
	return chart
}

// Nodes reads the proposals of streams as they stand under v, each by the
// definition its last event was written under. Streams that are no proposal's,
// and proposals nobody knew of, are passed over.
func (c *Charts) Nodes(v event.View, streams iter.Seq2[string, []event.Record]) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for stream, records := range streams {
			if _, ok := proposal.NumberOf(stream); !ok {
				continue
			}
			sequence := event.Sequence(records, v)
			if len(sequence) == 0 {
				continue
			}
			chart := c.For(sequence[len(sequence)-1].Definition)
			if !yield(chart.Node(sequence)) {
				return
			}
		}
	}
}
