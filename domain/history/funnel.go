package history

import (
	"fmt"

	"runut/domain"
)

// A Funnel says how far origins came, stage by stage, and where they left the
// way. Each part of an origin takes one road: through the stages it passed, in
// their order, to the one it is in or ended in. Lanes enter where their first
// forum is, so a later stage may have more than an earlier one.
type Funnel struct {
	Stages []string // in their order; the last, "", holds what passed no stage that is known
	At     []StageFlow
	roads  map[road]Tally
}

// A StageFlow is what came to a stage and what became of it there:
// Entered + Came = Σ Ended + WentOn.
type StageFlow struct {
	Stage   string
	Entered Tally // began here
	Came    Tally // from an earlier stage
	WentOn  Tally // to a later one
	Ended   map[Fate]Tally
}

// Reached returns what came to the stage at all.
func (f *StageFlow) Reached() Tally {
	return Tally{f.Entered.Millionths + f.Came.Millionths, f.Entered.Asked + f.Came.Asked}
}

type road struct{ from, to int }

// A Flow is what went from one stage to the next one it passed.
type Flow struct {
	From, To string
	Tally
}

// NewFunnel returns an empty funnel over the stages of a chart.
func NewFunnel(c *Chart) *Funnel {
	f := &Funnel{Stages: append(append([]string{}, c.Stages...), ""), roads: make(map[road]Tally)}
	for _, s := range f.Stages {
		f.At = append(f.At, StageFlow{Stage: s, Ended: make(map[Fate]Tally)})
	}
	return f
}

// Add puts an account in. Money without an origin takes no road.
func (f *Funnel) Add(a Account) {
	if a.Root != Origin {
		return
	}
	for _, s := range a.Shares {
		f.add(s)
	}
}

func (f *Funnel) add(s Share) {
	before := -1
	visit := func(stage int) {
		at := &f.At[stage]
		if before < 0 {
			at.Entered.add(s.Millionths, s.Asked)
		} else {
			at.Came.add(s.Millionths, s.Asked)
			f.At[before].WentOn.add(s.Millionths, s.Asked)
			t := f.roads[road{before, stage}]
			t.add(s.Millionths, s.Asked)
			f.roads[road{before, stage}] = t
		}
		before = stage
	}
	last := s.Stage
	for stage := range s.Reached.All() {
		if stage != last && stage < len(f.At)-1 {
			visit(stage)
		}
	}
	if last >= 0 || before < 0 {
		if last < 0 {
			last = len(f.At) - 1
		}
		visit(last)
	}
	t := f.At[before].Ended[s.Fate]
	t.add(s.Millionths, s.Asked)
	f.At[before].Ended[s.Fate] = t
}

// Flows returns what went from stage to stage, earlier ones first.
func (f *Funnel) Flows() []Flow {
	var out []Flow
	for from := range f.At {
		for to := range f.At {
			if t, ok := f.roads[road{from, to}]; ok {
				out = append(out, Flow{f.Stages[from], f.Stages[to], t})
			}
		}
	}
	return out
}

// Total returns all that entered the funnel.
func (f *Funnel) Total() Tally {
	var sum Tally
	for i := range f.At {
		sum.add(f.At[i].Entered.Millionths, f.At[i].Entered.Asked)
	}
	return sum
}

// Check returns an error where the funnel leaks: at a stage, between stages, or
// against the sum over the same accounts.
func (f *Funnel) Check(s Sum) error {
	ended := make(map[Fate]Tally)
	for i := range f.At {
		at := &f.At[i]
		out := at.WentOn
		for fate, t := range at.Ended {
			out.add(t.Millionths, t.Asked)
			all := ended[fate]
			all.add(t.Millionths, t.Asked)
			ended[fate] = all
		}
		if in := at.Reached(); in != out {
			return fmt.Errorf("history: stage %q has %v coming and %v leaving", at.Stage, in, out)
		}
	}
	if total, want := f.Total(), (Tally{int64(s.Origins) * Whole, s.Asked}); total != want {
		return fmt.Errorf("history: the funnel holds %v of %v", total, want)
	}
	for _, fate := range Fates {
		if ended[fate] != s.Fates[fate] {
			return fmt.Errorf("history: %v ended %s in the funnel, %v in the sum", ended[fate], fate, s.Fates[fate])
		}
	}
	return nil
}

// String returns the tally as "1.400000 (Rp280)".
func (t Tally) String() string {
	return fmt.Sprintf("%d.%06d (%s)", t.Millionths/Whole, t.Millionths%Whole, domain.Rupiah(t.Asked))
}
