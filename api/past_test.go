package api_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore"
)

// A past is what happened in a town before a test looks at it: decided as
// everything is, but one after the other in memory, and handed to the log at once.
type past struct {
	*town
	now       time.Time
	position  int64
	histories act.Histories
	entries   []eventstore.Entry
}

// past begins to tell what happened from a moment on.
func (w *town) past(from time.Time) *past {
	w.Helper()
	p := &past{town: w, now: from.UTC().Truncate(time.Microsecond), histories: act.Histories{}}
	for r, err := range w.server.Store.Since(context.Background(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			w.Fatal(err)
		}
		p.histories[r.Stream] = append(p.histories[r.Stream], r)
		p.position = r.Position
	}
	return p
}

// do lets somebody do something a moment later, and returns the numbers of the
// proposals that it wrote to.
func (p *past) do(actor domain.Actor, second *domain.Actor, a act.Act) []string {
	p.Helper()
	p.now = p.now.Add(time.Millisecond)
	cmd := event.Command{ID: uuid.New(), Actor: actor, Tenant: kabupaten, RecordedAt: p.now}
	cmd.Fingerprint = sha256.Sum256(cmd.ID[:])
	rules := act.Rules{Command: cmd.ID, Actor: actor, Second: second, Now: p.now, Tenant: kabupaten, Definitions: act.Definitions(p.find)}
	loaded := act.Histories{}
	for named := -1; named != len(loaded); {
		named = len(loaded)
		for _, stream := range act.Streams(a, loaded, rules) {
			loaded[stream] = p.histories[stream]
		}
	}
	changes, err := a.Decide(loaded, rules)
	if err != nil {
		p.Fatalf("%s by %s: %v", a.Name(), actor.Role, err)
	}
	switch a.(type) {
	case act.OnGrant, act.OnReference:
	default:
		cmd.Cycle, cmd.Definition = year, p.definition.Hash()
	}
	return p.apply(cmd, changes)
}

func (p *past) apply(cmd event.Command, changes []event.Change) (numbers []string) {
	var written []event.Change
	n := 0
	for _, c := range changes {
		if len(c.Facts) == 0 {
			continue
		}
		written = append(written, c)
		if number, ok := proposal.NumberOf(c.Stream); ok {
			numbers = append(numbers, number)
		}
		for i, f := range c.Facts {
			n++
			p.position++
			e := event.Envelope{ID: event.IDOf(cmd.ID, n), Stream: c.Stream, Version: c.Version + 1 + i, Tenant: kabupaten, Cycle: cmp.Or(c.Cycle, cmd.Cycle), Definition: cmp.Or(c.Definition, cmd.Definition),
				Occurred: f.Occurred, RecordedAt: cmd.RecordedAt, Actor: cmd.Actor, Command: cmd.ID, Causation: cmd.ID}
			if f.CausedBy > 0 {
				e.Causation = event.IDOf(cmd.ID, f.CausedBy)
			}
			if f.Occurred.IsZero() {
				e.Occurred = domain.Moment(cmd.RecordedAt)
			}
			p.histories[c.Stream] = append(p.histories[c.Stream], event.Record{Envelope: e, Position: p.position, Event: f.Event})
		}
	}
	p.entries = append(p.entries, eventstore.Entry{Command: cmd, Changes: written})
	return numbers
}

// happen hands it to the log.
func (p *past) happen() {
	p.Helper()
	if _, err := p.server.Store.Import(p.Context(), p.entries); err != nil {
		p.Fatal(err)
	}
	p.entries = nil
}
