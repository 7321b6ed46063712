package projections

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/history"
	"runut/domain/workflow"
	"runut/eventstore"
)

// A Runner keeps projections up to date. Its fields are set before the first
// call and not changed after.
//
// What it promises:
//
//   - Each event counts exactly once: rows and position move in one transaction,
//     which commits only if the position is still the one it began at.
//   - The events of one command are applied together, so that whatever holds
//     over several proposals at once (sums, families) holds at every position
//     that can be read.
//   - A projection whose Fold fails is parked at the command that it cannot
//     apply, with the error, and tried again with growing pauses. The others go
//     on, and commands know nothing of it.
//   - A projection whose Version was raised is built anew beside the live one,
//     which answers readers until the new one has caught up.
//   - Any number of processes may run one. Each projection is kept by one of
//     them at a time, by advisory locks of a session; the rest take over when it
//     is gone.
//
// Commits do not wait for the disk: a crash takes back rows and position
// together, and the events are applied again.
type Runner struct {
	DB          *pgxpool.Pool
	Store       *eventstore.Store
	Definitions func(hash string) *workflow.Definition // published workflow definitions; nil for one that is not known
	List        []Projection                           // nil: All
	Log         *slog.Logger                           // nil: slog.Default

	Batch   int           // events applied at once, more only to finish a command; 0: 5,000
	Backoff time.Duration // before the first retry of a parked projection, doubled each time up to 5 min; 0: 1 s
	Keep    time.Duration // how long replaced tables stay, for readers in the midst of them; 0: 1 min

	// Hooks for metrics; nil ones are not called. They must return at once.
	Applied func(name string, position int64, events int, took time.Duration)
	Parked  func(name string, position int64, err error)
}

const (
	lookAround = time.Second     // how often a runner looks at what other processes do
	longest    = 5 * time.Minute // between two tries of a parked projection
	wholeMost  = 50_000          // events that a batch may grow by to finish a command
)

func (r *Runner) list() []Projection {
	if r.List != nil {
		return r.List
	}
	return All
}

func (r *Runner) charts() *history.Charts {
	if r.Definitions == nil {
		return history.NewCharts(func(string) *workflow.Definition { return nil })
	}
	return history.NewCharts(r.Definitions)
}

func (r *Runner) log() *slog.Logger { return cmp.Or(r.Log, slog.Default()) }

// Run follows the log until ctx is done. What is missing or of an older version
// is built first, in the background.
func (r *Runner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := r.run(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		r.log().ErrorContext(ctx, "keeping the projections failed, trying again", "error", err)
		select {
		case <-time.After(cmp.Or(r.Backoff, time.Second)):
		case <-ctx.Done():
		}
	}
	return nil
}

// run follows the log on one session.
func (r *Runner) run(ctx context.Context) error {
	k, err := r.keeper(ctx)
	if err != nil {
		return err
	}
	defer k.close()
	var building chan struct{}
	for {
		stale, err := k.look(ctx)
		if err != nil {
			return err
		}
		select {
		case <-building:
			building = nil
		default:
		}
		if len(stale) > 0 && building == nil {
			building = make(chan struct{})
			go func(done chan struct{}) {
				defer close(done)
				r.buildBeside(ctx, stale)
			}(building)
		}
		k.replaced = false
		for until := time.Now().Add(lookAround); time.Now().Before(until) && !k.replaced; {
			worked, err := k.step(ctx)
			if err != nil {
				waitBuilt(building)
				return err
			}
			if !worked && k.idle(ctx, until, building) {
				break
			}
		}
		if ctx.Err() != nil {
			waitBuilt(building)
			return nil
		}
	}
}

func waitBuilt(building chan struct{}) {
	if building != nil {
		<-building
	}
}

// buildBeside builds, and where that fails says so and waits before it returns,
// so that it is not tried again at once.
func (r *Runner) buildBeside(ctx context.Context, stale []Projection) {
	err := r.build(ctx, stale, false, nil)
	if err == nil || ctx.Err() != nil {
		return
	}
	for _, p := range stale {
		if r.Parked != nil {
			r.Parked(p.Name, 0, err)
		}
	}
	r.log().ErrorContext(ctx, "building projections failed", "error", err)
	select {
	case <-time.After(30 * cmp.Or(r.Backoff, time.Second)):
	case <-ctx.Done():
	}
}

// CatchUp builds what is missing or of an older version, applies all that the
// log holds now, and returns: for seeding, tests and commands. It fails where a
// projection is parked.
func (r *Runner) CatchUp(ctx context.Context) error {
	k, err := r.keeper(ctx)
	if err != nil {
		return err
	}
	defer k.close()
	stale, err := k.look(ctx)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		if err := r.build(ctx, stale, false, nil); err != nil {
			return err
		}
		if _, err := k.look(ctx); err != nil {
			return err
		}
	}
	head, err := r.Store.Head(ctx)
	if err != nil {
		return err
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		for worked := true; worked; {
			if worked, err = k.step(ctx); err != nil {
				return err
			}
		}
		done, err := k.reached(ctx, head)
		if done || err != nil {
			return err
		}
		select { // for a process that keeps one of them, or is just letting go of it
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if _, err := k.look(ctx); err != nil {
			return err
		}
	}
}

// reached reports whether all projections have applied the log up to a position,
// whoever keeps them. It fails where one is parked.
func (k *keeper) reached(ctx context.Context, position int64) (bool, error) {
	all, err := generations(ctx, k.conn)
	if err != nil {
		return false, err
	}
	for _, p := range k.r.list() {
		if f := k.followed[p.Name]; f != nil && f.failures > 0 {
			return false, fmt.Errorf("projection %s is parked at %d: %w", p.Name, f.position, f.err)
		}
		i := slices.IndexFunc(all, func(g generation) bool { return g.Live && g.Projection == p.Name })
		switch {
		case i < 0:
			return false, nil
		case all[i].Failures > 0:
			return false, fmt.Errorf("projection %s is parked at %d: %s", p.Name, all[i].Position, deref(all[i].Error))
		case all[i].Position < position:
			return false, nil
		}
	}
	return true, nil
}

// Retry asks for parked projections to be tried at once, by whichever process
// keeps them; no names means all.
func (r *Runner) Retry(ctx context.Context, names ...string) error {
	_, err := r.DB.Exec(ctx, `
		update projections.generations set retry_at = now()
		 where live and failures > 0 and (cardinality($1::text[]) = 0 or projection = any ($1))`, append([]string{}, names...))
	if err != nil {
		return fmt.Errorf("ask for parked projections to be tried again: %w", err)
	}
	return nil
}
