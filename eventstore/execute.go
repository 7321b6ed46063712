package eventstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"runut/domain"
	"runut/domain/event"
)

// patience is the try that decides under the head lock, where nobody can be
// first any more.
const patience = 3

// A Decision is one command on its way into the log.
type Decision struct {
	Command event.Command
	Name    string // what is asked, kept with a refusal: "proposal.accept"; "": refusals are not kept

	// Read loads every stream that Decide reads. It is called again after a
	// conflict, when what was loaded may name further streams. A read model may
	// help it to find candidates; what is decided, is decided on streams.
	Read func(ctx context.Context, r *Reading) error

	// Decide says what happens, or refuses with a *domain.Error. It may be called
	// several times and touches nothing but r. Changes of streams that were loaded
	// need no Version.
	Decide func(r *Reading) ([]event.Change, error)

	// Clock, where there is one, is asked before each Decide for the time that
	// the command is recorded at: not before anything it is judged on.
	Clock func(r *Reading) time.Time

	// Locked decides under the head lock at the first try: for an act that
	// concerns so many streams that somebody will always be first. Everybody
	// waits while it decides.
	Locked bool
}

// Execute reads, decides and appends. What was read is asserted, so that a
// decision never lands on anything but what it was judged on. After a conflict
// the streams that moved on are read again; the third try decides while nobody
// else can append.
//
// It fails as Append does, and with what Decide refuses; the refusal is kept. A
// command that was accepted before gets its receipt, whatever would be decided
// today. A decision without facts appends nothing and gets an empty receipt.
func (s *Store) Execute(ctx context.Context, d Decision) (Receipt, error) {
	if err := s.mayAppend(); err != nil {
		return Receipt{}, err
	}
	r := &Reading{store: s, from: s.pool, streams: make(map[string][]event.Record)}
	for try := 1; ; try++ {
		if err := r.refresh(ctx); err != nil {
			return Receipt{}, err
		}
		if err := d.Read(ctx, r); err != nil {
			return s.refuse(ctx, d, r, err)
		}
		if d.Locked || try == patience {
			return s.executeLocked(ctx, d, r)
		}
		d.tell(r)
		changes, err := r.decide(d)
		if err != nil {
			return s.refuse(ctx, d, r, err)
		}
		if changes == nil {
			return s.nothing(ctx, d)
		}
		receipt, err := s.append(ctx, d.Command, changes, r.now())
		if _, conflict := errors.AsType[*ConflictError](err); !conflict {
			return receipt, err
		}
	}
}

// tell sets the time that the command is recorded at.
func (d *Decision) tell(r *Reading) {
	if d.Clock != nil {
		d.Command.RecordedAt = d.Clock(r)
	}
}

// executeLocked reads what has happened since r, decides and appends, while it
// holds the head lock.
func (s *Store) executeLocked(ctx context.Context, d Decision, r *Reading) (Receipt, error) {
	m := &member{command: d.Command.ID, print: d.Command.Fingerprint}
	empty := false
	err := s.exclusively(ctx, []*member{m}, func(ctx context.Context, x *exclusive) error {
		if m.known = x.known[d.Command.ID]; m.known {
			return x.write(ctx, nil, nil)
		}
		r.from = x.conn
		if err := r.refresh(ctx); err != nil {
			return err
		}
		if err := d.Read(ctx, r); err != nil {
			return err
		}
		d.tell(r)
		changes, err := r.decide(d)
		if err != nil {
			return err
		}
		if empty = changes == nil; empty {
			return x.write(ctx, nil, nil)
		}
		if m, err = s.prepare(ctx, d.Command, changes, r.now()); err != nil {
			return err
		}
		members := []*member{m}
		return x.write(ctx, members, copyRows(members))
	})
	if err != nil {
		return s.refuse(ctx, d, r, err)
	}
	if empty {
		return s.nothing(ctx, d)
	}
	if !m.known {
		s.appended(m)
	}
	return s.answer(ctx, m)
}

// refuse returns err, and keeps it where it is a refusal; unless the command was
// accepted before, and would be refused for what it did itself.
func (s *Store) refuse(ctx context.Context, d Decision, r *Reading, err error) (Receipt, error) {
	refusal, ok := errors.AsType[*domain.Error](err)
	if !ok || refusal.Kind == domain.Unready || refusal.Kind == domain.Unanswered {
		return Receipt{}, err
	}
	receipt, e := s.again(ctx, d.Command.ID, d.Command.Fingerprint)
	if !isUnknownCommand(e) {
		return receipt, e
	}
	if d.Name == "" {
		return Receipt{}, err
	}
	if e := s.Refused(ctx, Refusal{Command: d.Command, Name: d.Name, Stream: r.first, Err: refusal}); e != nil {
		s.options.Log.Error("a refusal was not kept", "command", d.Name, "code", refusal.Code, "error", e)
	}
	return Receipt{}, err
}

// nothing answers a decision that adds nothing: with the first receipt, if what
// was asked has been done by this very command.
func (s *Store) nothing(ctx context.Context, d Decision) (Receipt, error) {
	receipt, err := s.again(ctx, d.Command.ID, d.Command.Fingerprint)
	if isUnknownCommand(err) {
		return Receipt{Command: d.Command.ID}, nil
	}
	return receipt, err
}

// A Reading is the histories that one decision is judged on.
type Reading struct {
	store   *Store
	from    Querier
	streams map[string][]event.Record // loaded; empty for a stream that is not there
	first   string                    // loaded
}

// Load adds streams, by one query. Those that are there already stay as they are.
func (r *Reading) Load(ctx context.Context, streams ...string) error {
	missing := make([]string, 0, len(streams))
	for _, name := range streams {
		if _, there := r.streams[name]; !there {
			missing = append(missing, name)
		}
	}
	found, err := r.store.streams(ctx, r.from, missing)
	if err != nil {
		return err
	}
	for _, name := range missing {
		r.streams[name] = found[name]
	}
	if r.first == "" && len(streams) > 0 {
		r.first = streams[0]
	}
	return nil
}

// History returns the events of a loaded stream in the order they were recorded.
// It panics where the stream was not loaded: the decision would not be judged on it.
func (r *Reading) History(stream string) []event.Record {
	history, there := r.streams[stream]
	if !there {
		panic("eventstore: " + stream + " was not loaded")
	}
	return history
}

// Version returns how many events a loaded stream has.
func (r *Reading) Version(stream string) int { return len(r.History(stream)) }

// Loaded returns the names of all loaded streams, sorted.
func (r *Reading) Loaded() []string { return slices.Sorted(maps.Keys(r.streams)) }

// now returns the time, which is not before anything that was loaded: where the
// clock of the machine that recorded it ran ahead, everybody else would otherwise
// have to wait for that moment to come.
func (r *Reading) now() time.Time {
	now := r.store.options.Now()
	for _, history := range r.streams {
		for i := range history {
			if at := history[i].RecordedAt; at.After(now) {
				now = at
			}
		}
	}
	return now
}

// refresh adds what has been appended to the loaded streams.
func (r *Reading) refresh(ctx context.Context) error {
	if len(r.streams) == 0 {
		return nil
	}
	names := r.Loaded()
	versions := make([]int32, len(names))
	for i, name := range names {
		versions[i] = int32(len(r.streams[name]))
	}
	rows, err := r.from.Query(ctx, `
		select `+columns+`
		  from unnest($1::text[], $2::int[]) as seen (name, upto)
		  join events on stream = name and version > upto`, wireFormats, names, versions)
	if err != nil {
		return fmt.Errorf("read on in %d streams: %w", len(names), err)
	}
	further, err := histories(rows, r.store.decode)
	if err != nil {
		return fmt.Errorf("read on in %d streams: %w", len(names), err)
	}
	for name, history := range further {
		r.streams[name] = append(r.streams[name], history...)
	}
	return nil
}

// decide returns the changes that d decides, with an assertion for every other
// stream that was loaded; nil where nothing is to be added.
func (r *Reading) decide(d Decision) ([]event.Change, error) {
	decided, err := d.Decide(r)
	if err != nil {
		return nil, err
	}
	facts := 0
	changes := make([]event.Change, 0, len(r.streams)+len(decided))
	named := make(map[string]bool, len(decided))
	for _, c := range decided {
		if history, there := r.streams[c.Stream]; there {
			if c.Version != 0 && c.Version != len(history) {
				return nil, fmt.Errorf("eventstore: %s decided %s to be at version %d, it was read at %d", d.Name, c.Stream, c.Version, len(history))
			}
			c.Version = len(history)
		}
		facts += len(c.Facts)
		named[c.Stream] = true
		changes = append(changes, c)
	}
	if facts == 0 {
		return nil, nil
	}
	for _, name := range r.Loaded() {
		if !named[name] {
			changes = append(changes, event.Change{Stream: name, Version: len(r.streams[name])})
		}
	}
	return changes, nil
}
