package process

import (
	"slices"
	"time"

	"runut/domain/workflow"
)

// A stay is one proposal's time at one stage; open where it is still there, so
// that all that is known is that it takes longer.
type stay struct {
	took time.Duration
	open bool
}

// StageTime is how long proposals stay at a stage. Those still there count as
// well, as waits that have lasted so long and go on (Kaplan and Meier 1958): to
// leave them out would make a stage look the faster the more of it is stuck.
type StageTime struct {
	Stage string `json:"stage"`
	Left  int    `json:"left"` // stays that ended
	Open  int    `json:"open"` // stays that go on
	// Median and P90 are the days after which half and nine tenths have left; -1
	// where fewer have, so that nobody can say.
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	// Survival is the share that is still there after so many days.
	Survival []Survivor `json:"survival"`
}

// A Survivor is one step of a survival curve.
type Survivor struct {
	Days  float64 `json:"days"`
	Share float64 `json:"share"` // still there after so many days
}

// A stageClock measures the stays of one proposal. States of one stage are one
// stay: who is sent back for repair has not left it.
type stageClock struct {
	analysis   *Analysis
	definition *workflow.Definition
	stage      string
	since      time.Time
}

func (c *stageClock) enter(at workflow.State, when time.Time) {
	stage := ""
	if spec := c.definition.States[at]; spec != nil && spec.Final == "" {
		stage = spec.Stage
	}
	if stage == c.stage {
		return
	}
	if c.stage != "" {
		c.analysis.stays[c.stage] = append(c.analysis.stays[c.stage], stay{took: max(0, when.Sub(c.since))})
	}
	c.stage, c.since = stage, when
}

// stop ends the measuring of a proposal: where it is now, it still is.
func (c *stageClock) stop() {
	if c.stage != "" && c.analysis.Now.After(c.since) {
		c.analysis.stays[c.stage] = append(c.analysis.stays[c.stage], stay{c.analysis.Now.Sub(c.since), true})
	}
}

func (a *Analysis) stageTimes() []StageTime {
	var out []StageTime
	d := a.charts.For(a.cycle.Pin.Hash).Definition
	if d == nil {
		return nil
	}
	for _, name := range d.StageNames() {
		if stays := a.stays[name]; len(stays) > 0 {
			out = append(out, survival(name, stays))
		}
	}
	return out
}

// steps is how many points a curve has at most.
const steps = 60

// survival is the estimate of Kaplan and Meier over stays, of which the open ones
// are known only to be longer.
func survival(stage string, stays []stay) StageTime {
	slices.SortFunc(stays, func(x, y stay) int {
		switch {
		case x.took != y.took:
			return int(min(max(x.took-y.took, -1), 1))
		case x.open == y.open:
			return 0
		case x.open: // of the same length, those that ended count first
			return 1
		}
		return -1
	})
	t := StageTime{Stage: stage, Median: -1, P90: -1}
	share, there := 1.0, len(stays)
	var curve []Survivor
	for i := 0; i < len(stays); {
		length, ended, n := stays[i].took, 0, 0
		for ; i < len(stays) && stays[i].took == length; i++ {
			n++
			if !stays[i].open {
				ended++
			}
		}
		share *= 1 - float64(ended)/float64(there)
		there -= n
		t.Left += ended
		t.Open += n - ended
		days := length.Hours() / 24
		if ended > 0 {
			curve = append(curve, Survivor{days, share})
		}
		if t.Median < 0 && share <= 0.5 {
			t.Median = days
		}
		if t.P90 < 0 && share <= 0.1 {
			t.P90 = days
		}
	}
	t.Survival = thinned(curve)
	return t
}

// thinned keeps so many steps of a curve, its last among them.
func thinned(curve []Survivor) []Survivor {
	if len(curve) <= steps {
		return curve
	}
	out := make([]Survivor, 0, steps)
	for i := range steps {
		out = append(out, curve[i*(len(curve)-1)/(steps-1)])
	}
	return out
}
