package follower

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"runut/domain"
	"runut/eventstore"
)

// skipWithin is how long a position that moved only over events nobody asked for
// may stay unwritten: writing it at each such event would cost every idle group a
// commit for every event of the log.
const skipWithin = time.Second

// A run is one process's part in a group, leading or standing by.
type run struct {
	hub    *Hub
	group  string
	filter eventstore.Filter
	out    chan *message.Message
	values context.Context // what messages' contexts descend from

	lease    *lease
	at       int64     // everything up to here is handled or not asked for
	saved    int64     // what the database holds
	handled  int       // events handled since then
	since    time.Time // of the first of them, or of the first event passed over
	failures int       // of the event after at, in a row
	reason   string    // of the last of them
}

// follow leads the group whenever it can, until ctx ends.
func (r *run) follow(ctx context.Context) {
	var again backoff
	for ctx.Err() == nil {
		lease, err := r.hub.leadership(ctx, r.group)
		if err != nil {
			return
		}
		r.lease = lease
		began := time.Now()
		err = r.lead(ctx)
		r.hub.release(lease)
		if ctx.Err() != nil {
			if err != nil && !errors.Is(err, errLost) {
				r.hub.options.Log.Error("group stopped without writing its position", "group", r.group, "position", r.saved, "reached", r.at, "error", err)
			}
			return
		}
		if errors.Is(err, errLost) {
			continue
		}
		if time.Since(began) > time.Minute {
			again = backoff{}
		}
		r.hub.options.Log.Error("group interrupted; trying again", "group", r.group, "position", r.at, "error", err)
		pause(ctx, again.next(r.hub.options.Pause, r.hub.options.MaxPause))
	}
}

// lead hands events over until ctx ends (nil), the lease is lost (errLost) or
// something breaks.
func (r *run) lead(ctx context.Context) error {
	// reading ends with the group and with the lease
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.lease.ctx, cancel)()
	if err := r.load(reading); err != nil {
		return r.why(ctx, err)
	}
	for {
		entries, err := r.read(reading)
		if errors.Is(err, context.DeadlineExceeded) && reading.Err() == nil {
			err = r.save(reading) // nothing came: time to write what was passed over
		}
		if err != nil {
			return r.finish(ctx, err)
		}
		for _, e := range entries {
			if !passes(r.filter, &e.Raw) {
				r.pass(e.Position)
				continue
			}
			if err := r.deliver(reading, e); err != nil {
				return r.finish(ctx, err)
			}
			if r.due() {
				if err := r.save(reading); err != nil {
					return r.finish(ctx, err)
				}
			}
		}
	}
}

// load reads where the group stands, and refuses a log that is not the one it
// stood in.
func (r *run) load(ctx context.Context) error {
	var same bool
	err := r.hub.pool.QueryRow(ctx, `
		select position, event_id is not distinct from (select e.event_id from events e where e.position = c.position)
		  from consumers c
		 where name = $1`, r.group).Scan(&r.at, &same)
	if err != nil {
		return err
	}
	r.saved, r.handled, r.failures = r.at, 0, 0
	if same {
		return nil
	}
	refusal := domain.Refuse(domain.Conflict, "group.log_differs", "group", r.group, "position", strconv.FormatInt(r.at, 10))
	r.fail(ctx, r.at, 1, refusal.Error())
	r.hub.options.Log.Error("group stands on an event that the log does not hold there: was the log restored? Set the group's position", "group", r.group, "position", r.at)
	<-ctx.Done() // until somebody sets the position, or the group is closed
	return refusal
}

// read returns the next events. Where that means waiting for one, a position
// that moved by events handled is written first; one that moved only over events
// nobody asked for is written after a while.
func (r *run) read(ctx context.Context) ([]*entry, error) {
	waits := r.hub.caughtUp(r.at)
	if r.at > r.saved && (waits && r.handled > 0 || time.Since(r.since) >= skipWithin) {
		if err := r.save(ctx); err != nil {
			return nil, err
		}
	}
	if waits && r.at > r.saved {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, r.since.Add(skipWithin))
		defer cancel()
	}
	return r.hub.read(ctx, r.at, batchSize)
}

// caughtUp reports whether there is nothing after a position that could be read
// without waiting.
func (h *Hub) caughtUp(position int64) bool {
	entries, behind, _ := h.tail.after(position, 1)
	return len(entries) == 0 && !behind
}

// pass moves the position over an event that nobody asked for.
func (r *run) pass(position int64) {
	if r.at == r.saved {
		r.since = time.Now()
	}
	r.at = position
}

// due reports whether the position must be written before the next event.
func (r *run) due() bool {
	return r.handled >= r.hub.options.SaveEvery || r.handled > 0 && time.Since(r.since) >= r.hub.options.SaveWithin
}

// finish writes the position, where the group still leads, and says why it
// stopped.
func (r *run) finish(ctx context.Context, err error) error {
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if saved := r.save(saving); saved != nil {
		return saved
	}
	return r.why(ctx, err)
}

// why tells the three ends of leading apart.
func (r *run) why(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return nil
	case r.lease.ctx.Err() != nil:
		return errLost
	}
	return err
}

// save writes the position. It only ever moves forward, and only under the token
// of the leader: one that was cut off finds the row no longer its own.
func (r *run) save(ctx context.Context) error {
	if r.at == r.saved {
		return nil
	}
	tag, err := r.hub.pool.Exec(ctx, `
		update consumers
		   set position = $3, event_id = (select event_id from events where position = $3),
		       failing = null, failures = 0, moved_at = clock_timestamp()
		 where name = $1 and leader = $2 and position < $3`, r.group, r.lease.token, r.at)
	if err != nil {
		return fmt.Errorf("write the position of %s: %w", r.group, err)
	}
	if tag.RowsAffected() == 0 {
		return errLost
	}
	r.saved, r.handled = r.at, 0
	return nil
}

// fail notes that an event was not handled. It is for people to see; what it says
// is kept free of personal details.
func (r *run) fail(ctx context.Context, position int64, failures int, reason string) {
	_, err := r.hub.pool.Exec(ctx, `
		update consumers
		   set failing = $3, failures = $4, last_error = $5, failed_at = clock_timestamp()
		 where name = $1 and leader = $2`, r.group, r.lease.token, position, failures, masked(reason))
	if err != nil && ctx.Err() == nil {
		r.hub.options.Log.Warn("could not note a failure", "group", r.group, "position", position, "error", err)
	}
}
