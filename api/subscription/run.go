package subscription

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/api/feed"
	"runut/api/wire"
	"runut/projections"
)

// A turn is how much a run sends before it lets others have its place.
const (
	turnSends = 200
	turnLasts = 30 * time.Second
)

// leased is how long a lease lasts, a little longer than an attempt; every attempt
// renews it.
const leased = patience + 5*time.Second

// breaker is how many failures in a row mean that the endpoint is away and not
// that it will not take one proposal.
const breaker = 5

// errLost ends a run whose lease somebody else has, or nobody any more: the
// endpoint was paused, sent back to an earlier position or removed.
var errLost = errors.New("subscription: the lease is lost")

// A run sends to one endpoint for as long as it holds its lease.
type run struct {
	*Dispatcher
	Subscription
	lease   uuid.UUID
	secrets []string
	sent    int
}

// work sends until there is nothing to send, the turn is over, or nothing more is
// taken.
func (r *run) work(ctx context.Context) error {
	var err error
	if r.secrets, err = r.Store.secrets(ctx, r.ID); err != nil {
		return err
	}
	began := time.Now()
	for r.sent < turnSends && time.Since(began) < turnLasts {
		more, err := r.held(ctx)
		if err == nil && !more {
			more, err = r.onward(ctx)
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// held tries one proposal that is held back and whose time has come. It returns
// whether there may be more to do.
func (r *run) held(ctx context.Context) (more bool, err error) {
	var number string
	var position int64
	var failures int
	err = r.Store.DB.QueryRow(ctx, `
		select number, position, failures from subscription_parked
		 where subscription = $1 and next_at <= now() order by next_at limit 1`, r.ID).Scan(&number, &position, &failures)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, store("held back", err)
	}
	const some = 50
	page, err := projections.Feed{DB: r.Store.DB}.Of(ctx, r.OPD, number, position-1, r.Position, some)
	if err != nil {
		return false, err
	}
	for _, n := range page.Items {
		a, err := r.attempt(ctx, n)
		if err != nil {
			return false, err
		}
		if a.outcome != Taken {
			return r.missed(ctx, n, a, failures+1)
		}
		failures = 0
		if err := r.write(ctx, `update subscription_parked set position = $3, failures = 0, next_at = now() where subscription = $1 and number = $2`, number, n.Position+1); err != nil {
			return false, err
		}
		if err := r.move(ctx, r.Position, true); err != nil {
			return false, err
		}
	}
	if len(page.Items) == some {
		return true, nil
	}
	return true, r.write(ctx, `delete from subscription_parked where subscription = $1 and number = $2`, number)
}

// onward sends what comes next in the feed. It returns whether there may be more.
func (r *run) onward(ctx context.Context) (more bool, err error) {
	const some = 50
	page, err := projections.Feed{DB: r.Store.DB}.Accepted(ctx, r.OPD, r.Position, some)
	if err != nil || len(page.Items) == 0 {
		return false, err
	}
	numbers := make([]string, len(page.Items))
	for i, n := range page.Items {
		numbers[i] = n.Number
	}
	rows, err := r.Store.DB.Query(ctx, `select number from subscription_parked where subscription = $1 and number = any ($2)`, r.ID, numbers)
	if err != nil {
		return false, store("held back", err)
	}
	parked, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return false, store("held back", err)
	}
	for _, n := range page.Items {
		if slices.Contains(parked, n.Number) { // it follows when what is before it was taken
			if err := r.move(ctx, n.Position, false); err != nil {
				return false, err
			}
			continue
		}
		a, err := r.attempt(ctx, n)
		if err != nil {
			return false, err
		}
		if a.outcome != Taken {
			return r.missed(ctx, n, a, 1)
		}
		if err := r.move(ctx, n.Position, true); err != nil {
			return false, err
		}
	}
	return true, nil
}

// attempt sends a notice and notes what was answered.
func (r *run) attempt(ctx context.Context, n projections.Notice) (answer, error) {
	body, err := wire.Marshal(feed.OfNotice(n, r.Tenant))
	if err != nil {
		return answer{}, err
	}
	r.sent++
	a, err := r.sender.send(ctx, r.URL, r.secrets, parcel{n.Event, body})
	if err != nil {
		return a, err
	}
	return a, r.Store.noted(ctx, r.ID, Delivery{Position: n.Position, Event: n.Event, Type: n.Type, Number: n.Number}, a)
}

// missed decides what follows from an attempt that was not taken: the proposal is
// held back, or the endpoint is left alone for a while, or for good. It returns
// whether there may be more to do now.
func (r *run) missed(ctx context.Context, n projections.Notice, a answer, failures int) (more bool, err error) {
	if a.outcome == Gone {
		return false, r.disable(ctx, WhyGone)
	}
	idle, err := r.Store.idle(ctx, r.ID)
	if err != nil {
		return false, err
	}
	if idle { // what failed before was given up, or waited for a process: that says nothing of today
		r.Failures, r.FailingSince = 0, nil
	}
	r.Failures++
	if r.FailingSince == nil {
		now := time.Now()
		r.FailingSince = &now
	}
	if time.Since(*r.FailingSince) > r.longest() {
		return false, r.disable(ctx, WhyFailing)
	}
	own := r.Ordering == OrderProposal && (a.outcome == Refused || a.outcome == TimedOut) // it may be about this proposal alone
	pause := time.Duration(0)
	switch {
	case !own:
		pause, _ = r.pause(r.Failures)
	case r.Failures >= breaker:
		pause, _ = r.pause(r.Failures - breaker + 1)
	}
	if own {
		again, some := r.pause(failures)
		var next *time.Time
		if at := time.Now().Add(max(again, a.after)); some {
			next = &at
		}
		err := r.write(ctx, `
			insert into subscription_parked (subscription, number, position, failures, next_at) values ($1, $2, $3, $4, $5)
			on conflict (subscription, number) do update set position = excluded.position, failures = excluded.failures, next_at = excluded.next_at`,
			n.Number, n.Position, failures, next)
		if err != nil {
			return false, err
		}
		r.Position = max(r.Position, n.Position)
	} else if n.Position <= r.Position { // one that was held back waits with the rest
		if err := r.write(ctx, `update subscription_parked set next_at = $3 where subscription = $1 and number = $2`, n.Number, time.Now().Add(max(pause, a.after))); err != nil {
			return false, err
		}
	}
	pause = max(pause, a.after)
	if !own && pause == 0 {
		pause = time.Second
	}
	err = r.write(ctx, `
		update subscriptions set position = $2, failures = $3, failing_since = $4, next_at = now() + $5 where id = $1`,
		r.Position, r.Failures, r.FailingSince, pause)
	return pause == 0, err
}

// move writes down how far the endpoint has come.
func (r *run) move(ctx context.Context, position int64, taken bool) error {
	r.Position = position
	if !taken {
		return r.write(ctx, `update subscriptions set position = $2 where id = $1`, position)
	}
	r.Failures, r.FailingSince = 0, nil
	return r.write(ctx, `update subscriptions set position = $2, failures = 0, failing_since = null, delivered_at = now() where id = $1`, position)
}

func (r *run) disable(ctx context.Context, why string) error {
	r.Log.Warn("an endpoint was disabled", "subscription", r.ID, "opd", r.OPD, "host", host(r.URL), "why", why)
	return r.write(ctx, `update subscriptions set state = 'disabled', why = $2 where id = $1`, why)
}

// write changes something of the endpoint while the lease holds, and renews it.
func (r *run) write(ctx context.Context, sql string, args ...any) error {
	err := pgx.BeginFunc(ctx, r.Store.DB, func(tx pgx.Tx) error {
		held, err := tx.Exec(ctx, `update subscriptions set leased_until = now() + $3 where id = $1 and lease = $2`, r.ID, r.lease, leased)
		if err != nil {
			return err
		}
		if held.RowsAffected() == 0 {
			return errLost
		}
		_, err = tx.Exec(ctx, sql, append([]any{r.ID}, args...)...)
		return err
	})
	if errors.Is(err, errLost) {
		return err
	}
	return store("write", err)
}

// release gives the lease back.
func (r *run) release(ctx context.Context) error {
	_, err := r.Store.DB.Exec(ctx, `
		update subscriptions set lease = null, leased_until = '-infinity', next_at = greatest(next_at, now())
		 where id = $1 and lease = $2`, r.ID, r.lease)
	return store("release", err)
}

// pause returns how long to wait after failures, give or take a tenth, lest all
// come back at once, and whether there is another attempt of itself.
func (d *Dispatcher) pause(failures int) (time.Duration, bool) {
	steps := d.Schedule
	if steps == nil {
		steps = schedule
	}
	step := min(max(failures, 1), len(steps)) - 1
	pause := steps[step]
	return pause + time.Duration((rand.Float64()-0.5)/5*float64(pause)), failures <= len(steps)
}

func (d *Dispatcher) longest() time.Duration {
	if d.Longest > 0 {
		return d.Longest
	}
	return longest
}

// quiet is longer than any wait for another attempt.
const quiet = 48 * time.Hour

// idle reports whether the attempt before the newest was so long ago that nobody has
// been failing meanwhile.
func (s Store) idle(ctx context.Context, subscription uuid.UUID) (idle bool, err error) {
	err = s.DB.QueryRow(ctx, `
		select at < now() - $2::interval from subscription_deliveries where subscription = $1 and position > 0 order by id desc offset 1 limit 1`, subscription, quiet).Scan(&idle)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return idle, store("idle", err)
}

// keptDeliveries is how many attempts of an endpoint are kept.
const keptDeliveries = 500

// noted keeps what was answered.
func (s Store) noted(ctx context.Context, subscription uuid.UUID, d Delivery, a answer) error {
	var id int64
	err := s.DB.QueryRow(ctx, `
		insert into subscription_deliveries (subscription, position, event, type, number, attempt, status, outcome, took, answer)
		values ($1, $2, $3, $4, $5, 1 + (select count(*) from subscription_deliveries where subscription = $1 and event = $3), $6, $7, $8, $9)
		returning id`, subscription, d.Position, d.Event, d.Type, d.Number, a.status, a.outcome, a.took, a.begins).Scan(&id)
	if err == nil { // every time: the numbers are given to all endpoints in turn, and one may never get a round one
		_, err = s.DB.Exec(ctx, `
			delete from subscription_deliveries where subscription = $1
			   and id <= (select id from subscription_deliveries where subscription = $1 order by id desc offset $2 limit 1)`, subscription, keptDeliveries)
	}
	if err != nil {
		return fmt.Errorf("subscription: note an attempt: %w", err)
	}
	return nil
}
