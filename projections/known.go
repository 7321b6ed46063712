package projections

import (
	"time"

	"runut/domain/event"
	"runut/domain/proposal"
)

// learned is one event of a proposal with what was known of the
// proposal before it was recorded and after.
type learned struct {
	record        event.Record
	before, after proposal.State
	stage         string // the event belongs to
}

// learning returns what was known of a proposal event by event, in the order of
// positions: what a reader of the log at that position would have made of it.
// Nothing recorded later bears on it, save that a text that was closed is gone.
func (l *life) learning() []learned {
	out := make([]learned, 0, len(l.all))
	var s proposal.State
	var latest time.Time // effective time that what is known reaches to
	stages := make(map[[16]byte]string, len(l.all))
	stage := ""
	for i, r := range l.all {
		before := s
		_, corrects := r.Event.(event.Correction)
		e, ok := r.Event.(proposal.Event)
		switch {
		case !ok:
		case corrects || r.Effective().Before(latest):
			seq := event.Sequence(l.all[:i+1], event.View{})
			s = proposal.Fold(seq)
			if n := len(seq); n > 0 {
				latest = seq[n-1].Effective()
			}
		default:
			s, latest = proposal.Evolve(s, e, r.Envelope), r.Effective()
		}
		stage = l.stageOf(r, stage, stages)
		stages[r.ID] = stage
		out = append(out, learned{r, before, s, stage})
	}
	return out
}

// stageOf returns the stage an event belongs to: the one it names; that of the
// event it corrects; the one of the event before; for a first one that of the
// state it leads to.
func (l *life) stageOf(r event.Record, before string, stages map[[16]byte]string) string {
	switch e := r.Event.(type) {
	case *proposal.Corrected:
		if s, ok := stages[e.Target]; ok {
			return s
		}
	case proposal.Event:
		base := e.Base()
		if base.Stage != "" {
			return base.Stage
		}
		if d := l.charts.For(r.Definition).Definition; before == "" && d != nil && d.States[base.State] != nil {
			return d.States[base.State].Stage
		}
	}
	return before
}
