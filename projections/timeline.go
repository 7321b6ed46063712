package projections

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// timeline is what happened to each proposal, one row an event.
var timeline = Projection{
	Name: "timeline", Version: 1, Streams: []string{proposals},
	Tables: `
create table timeline (
    position  bigint           not null,
    number    text collate "C" not null,
    event     uuid             not null,
    type      text collate "C" not null,
    effective timestamptz      not null,
    recorded  timestamptz      not null,
    role      text collate "C" not null,
    office    text             not null, -- never a person
    stage     text collate "C" not null,
    reason    text collate "C" not null,
    observed  boolean          not null, -- read off a source
    late      boolean          not null,
    corrected text collate "C" not null, -- void or amend, where a later event says so
    step      jsonb            not null  -- all of it
);`,
	Indexes: `
alter table timeline add primary key (position);
create index on timeline (number, effective, position);
create index on timeline (event);`,
	Fold: foldTimeline,
}

var timelineRows = &Table{Name: "timeline", Key: "position", Owner: "number",
	Columns: "position, number, event, type, effective, recorded, role, office, stage, reason, observed, late, corrected, step"}

var emptyEnvelope event.Envelope

func foldTimeline(ctx context.Context, b *Batch, w *Writer) error {
	first := make(map[string]int64) // by stream, the first new event
	for _, r := range b.Records {
		if _, ok := first[r.Stream]; !ok {
			first[r.Stream] = r.Position
		}
	}
	for streams := range slices.Chunk(b.Streams(proposals), 1000) {
		lives, err := b.lives(ctx, streams)
		if err != nil {
			return err
		}
		for _, s := range streams {
			l := lives[strings.TrimPrefix(s, proposals)]
			calm := l.calm(first[s])
			if !calm {
				w.Replace(timelineRows, l.number)
			}
			for _, step := range l.steps() {
				if !calm || step.Position >= first[s] {
					w.Put(timelineRows, step.Position, step.Number, step.Event, step.Type, step.Effective, step.Recorded,
						string(step.Role), step.Office, step.Stage, step.Reason, step.Observed != nil, step.Late, step.Corrected, asJSON(step))
				}
			}
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

// StepsOf returns the timeline of a proposal as a view shows it, made from its
// events alone. Those the view does not know of are left out; those not in effect
// yet lead from no state to none.
func StepsOf(number string, records []event.Record, v event.View, charts *history.Charts) []Step {
	known := slices.DeleteFunc(slices.Clone(records), func(r event.Record) bool { return v.Known > 0 && r.Position > v.Known })
	return liveOf(number, known, v, charts).steps()
}

// calm reports whether what was recorded from a position on came after all that
// counted before and changed nothing of it.
func (l *life) calm(from int64) bool {
	for _, r := range l.all {
		if r.Position < from {
			continue
		}
		switch r.Event.(type) {
		case event.Correction, *proposal.TextRedacted:
			return false
		}
	}
	begun := false
	for _, r := range l.seq {
		if r.Position >= from {
			begun = true
		} else if begun {
			return false
		}
	}
	return true
}

// steps returns the timeline of a proposal, in the order of positions.
func (l *life) steps() []Step {
	type passage struct {
		record        event.Record // as it counts
		before, after proposal.State
	}
	passages := make(map[uuid.UUID]passage, len(l.seq))
	var s proposal.State
	for _, r := range l.seq {
		before := s
		if e, ok := r.Event.(proposal.Event); ok {
			s = proposal.Evolve(s, e, r.Envelope)
		}
		passages[r.ID] = passage{r, before, s}
	}
	fixes := make(map[uuid.UUID]event.Record)
	closings := make(map[uuid.UUID]bool)
	originals := make(map[uuid.UUID]any, len(l.all))
	for _, r := range l.all {
		originals[r.ID] = r.Event
		switch e := r.Event.(type) {
		case event.Correction:
			target, _ := e.Corrects()
			fixes[target] = r
		case *proposal.TextRedacted:
			if target, err := uuid.Parse(e.Target); err == nil {
				closings[target] = true
			}
		}
	}
	steps := make([]Step, 0, len(l.all))
	var latest time.Time
	for _, r := range l.all {
		p, counts := passages[r.ID]
		if !counts {
			p.record = r
		}
		step := stepOf(l.number, p.record)
		step.Closed = closings[r.ID]
		if fix, ok := fixes[r.ID]; ok {
			if _, action := fix.Event.(event.Correction).Corrects(); action != event.Restore {
				step.Corrected, step.CorrectedBy = string(action), fix.Position
			}
		}
		switch e := r.Event.(type) {
		case event.Correction:
			target, action := e.Corrects()
			step.Correction, step.Target = string(action), target
			if with, _ := e.Replacement(); action == event.Amend && with != nil {
				step.Changes = amended(originals[target], with)
			}
		default:
			step.From, step.To = p.before.At, p.after.At
			if counts {
				step.Changes = changed(p.before, p.after)
			}
			step.Minor = counts && step.From == step.To && !slices.ContainsFunc(step.Changes, Change.isMoney)
		}
		recorded := r.Effective()
		step.Late = step.Late || recorded.Before(latest) || step.Observed == nil && r.RecordedAt.Sub(recorded) > 24*time.Hour
		if recorded.After(latest) {
			latest = recorded
		}
		steps = append(steps, step)
	}
	return steps
}

// stepOf returns what one event says by itself.
func stepOf(number string, r event.Record) Step {
	s := statements(r.Event)
	step := Step{
		Position: r.Position, Event: r.ID, Number: number, Version: r.Version, Type: r.Type,
		Effective: r.Effective(), Occurred: r.Occurred, Recorded: r.RecordedAt,
		Role: r.Actor.Role, Office: r.Actor.Office, Scope: r.Actor.Scope, Capacity: r.Actor.Capacity,
		Facts: s.facts, Words: s.words, Docs: s.docs, Link: s.links, Forum: s.forum, Rank: s.place,
		Kind: s.close.Kind, Since: s.close.Since, Holder: s.close.Holder, CouldAct: s.close.CouldHaveActed, Window: s.close.Window, Cause: r.Causation,
	}
	step.Reason, _ = reasonOf(r.Event)
	if e, ok := r.Event.(proposal.Event); ok {
		base := e.Base()
		step.To, step.Stage, step.Via, step.Observed, step.Late = base.State, base.Stage, base.Via, base.Observed, base.Late != nil
		if base.Late != nil && !base.Late.Evidence.IsZero() {
			step.Docs = append(step.Docs, Evidence{"evidence", base.Late.Evidence})
		}
	}
	if e, ok := r.Event.(*proposal.FormedByMerge); ok {
		for _, c := range e.Components {
			step.Link = append(step.Link, c.Child)
		}
	}
	return step
}
