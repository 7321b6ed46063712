package subscription

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/api/feed"
	"runut/api/wire"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/projections"
)

// A Dispatcher sends to the endpoints of a database. Any number of processes may
// run one.
type Dispatcher struct {
	Store  Store
	Hub    *follower.Hub
	Tenant string
	Log    *slog.Logger

	Slots    int             // endpoints sent to at the same time; 0: 64
	Schedule []time.Duration // waits after failures; nil: as Standard Webhooks has them
	Longest  time.Duration   // after so long without anything taken an endpoint is disabled; 0: 5 days
	Look     time.Duration   // how often is looked for what is due, besides when the log grows; 0: 2 s

	sender *sender
}

// Run sends until ctx ends. What is being sent then is cut off, and comes again.
func (d *Dispatcher) Run(ctx context.Context) error {
	d.sender = newSender(d.Store.Dialer)
	defer d.sender.close()
	slots, look := d.Slots, d.Look
	if slots == 0 {
		slots = 64
	}
	if look == 0 {
		look = 2 * time.Second
	}
	var working sync.WaitGroup
	defer working.Wait()
	awake, free := make(chan struct{}, 1), make(chan struct{}, slots)
	working.Go(func() { d.listen(ctx, awake) })
	for ctx.Err() == nil {
		runs, err := d.claim(ctx, slots-len(free))
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("endpoints could not be looked for", "err", err)
		}
		for _, r := range runs {
			free <- struct{}{}
			working.Go(func() {
				defer func() { <-free; wake(awake) }()
				d.run(ctx, r)
			})
		}
		timer := time.NewTimer(look)
		select {
		case <-awake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// run sends to one endpoint for a turn.
func (d *Dispatcher) run(ctx context.Context, r *run) {
	if err := r.work(ctx); err != nil && !errors.Is(err, errLost) && ctx.Err() == nil {
		d.Log.Warn("an endpoint was not sent to", "subscription", r.ID, "err", err)
		r.write(ctx, `update subscriptions set next_at = now() + interval '5 seconds' where id = $1`) // the database, or the vault: not at once
	}
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := r.release(goodbye); err != nil {
		d.Log.Warn("a lease was not given back and will run out", "subscription", r.ID, "err", err)
	}
}

// listen wakes whoever looks for what is due when the log has grown and the feed
// has followed.
func (d *Dispatcher) listen(ctx context.Context, awake chan<- struct{}) {
	seen, err := d.Store.head(ctx)
	for ctx.Err() == nil {
		if err == nil {
			_, seen, err = d.Hub.Next(ctx, seen, 1, eventstore.Filter{})
		}
		if err == nil {
			err = projections.WaitFor(ctx, d.Store.DB, seen, "feed")
		}
		if err != nil { // what is due is found without this, only later
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			seen, err = d.Store.head(ctx)
			continue
		}
		wake(awake)
	}
}

func wake(awake chan<- struct{}) {
	select {
	case awake <- struct{}{}:
	default:
	}
}

// head returns the position that the feed has come to.
func (s Store) head(ctx context.Context) (int64, error) {
	page, err := projections.Feed{DB: s.DB}.Accepted(ctx, "", 0, 1)
	return page.Position, err
}

// claim takes the leases of up to n endpoints that have something to send.
func (d *Dispatcher) claim(ctx context.Context, n int) ([]*run, error) {
	if n <= 0 {
		return nil, nil
	}
	ids, err := d.due(ctx, n)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	lease := uuid.New()
	rows, err := d.Store.DB.Query(ctx, `
		update subscriptions s set lease = $2, leased_until = now() + $3
		 where s.id in (select id from subscriptions where id = any ($1) and state = 'active' and next_at <= now() and leased_until < now()
		                 order by id for update skip locked)
		returning `+columns, ids, lease, leased)
	if err != nil {
		return nil, store("claim", err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, store("claim", err)
	}
	runs := make([]*run, len(found))
	for i, s := range found {
		runs[i] = &run{Dispatcher: d, Subscription: s, lease: lease}
	}
	return runs, nil
}

// due returns up to n endpoints nobody sends to, whose time has come and for whom
// there is something, those that waited longest first.
func (d *Dispatcher) due(ctx context.Context, n int) (ids []uuid.UUID, err error) {
	type candidate struct {
		id     uuid.UUID
		place  projections.Behind
		parked bool
	}
	const some = 500
	for offset := 0; len(ids) < n; offset += some {
		rows, err := d.Store.DB.Query(ctx, `
			select id, opd, position, exists (select from subscription_parked p where p.subscription = s.id and p.next_at <= now())
			  from subscriptions s
			 where state = 'active' and next_at <= now() and leased_until < now()
			 order by next_at, id offset $1 limit $2`, offset, some)
		if err != nil {
			return nil, store("due", err)
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c candidate, err error) {
			err = row.Scan(&c.id, &c.place.OPD, &c.place.After, &c.parked)
			return c, err
		})
		if err != nil {
			return nil, store("due", err)
		}
		places := make([]projections.Behind, len(found))
		for i, c := range found {
			places[i] = c.place
		}
		waiting, err := projections.Feed{DB: d.Store.DB}.Waiting(ctx, places, 1)
		if err != nil {
			return nil, err
		}
		for i, c := range found {
			if (c.parked || waiting[i] > 0) && len(ids) < n {
				ids = append(ids, c.id)
			}
		}
		if len(found) < some {
			return ids, nil
		}
	}
	return ids, nil
}

// Test sends an event that is none of the log's, whatever the endpoint's state,
// and returns what was answered.
func (s Store) Test(ctx context.Context, id uuid.UUID, tenant string) (Delivery, error) {
	x, err := s.Get(ctx, id)
	if err != nil {
		return Delivery{}, err
	}
	secrets, err := s.secrets(ctx, id)
	if err != nil {
		return Delivery{}, err
	}
	event := uuid.New()
	body, err := wire.Marshal(feed.Test(x.OPD, tenant, event, time.Now()))
	if err != nil {
		return Delivery{}, err
	}
	once := newSender(s.Dialer)
	defer once.close()
	a, err := once.send(ctx, x.URL, secrets, parcel{event, body})
	if err != nil {
		return Delivery{}, err
	}
	if err := s.noted(ctx, id, Delivery{Event: event, Type: feed.TypeTest}, a); err != nil {
		return Delivery{}, err
	}
	newest, err := s.Deliveries(ctx, id, 0, 1)
	if err != nil || len(newest) == 0 {
		return Delivery{}, err
	}
	return newest[0], nil
}
