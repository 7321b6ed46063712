package follower

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"

	"runut/domain"
	"runut/eventstore"
)

// Now, as Group.From, begins a new group at the end of the log.
const Now int64 = -1

// A Group is the durable following of the log under a name: a Watermill
// subscriber whose topic is the name of the group. The same name in several
// processes is one group, led by one of them at a time.
type Group struct {
	Hub    *Hub
	Filter eventstore.Filter // what is handed over; the position moves over the rest too
	From   int64             // position after which a group that is new begins; Now: at the end

	mu      sync.Mutex
	closed  bool
	closing []context.CancelFunc
	running sync.WaitGroup
}

var _ message.Subscriber = (*Group)(nil)

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// Subscribe joins the group called name and returns its messages while this
// process leads it. When ctx ends or the group is closed, what is being handled
// is waited for and the channel is closed. The context of a message carries ctx's
// values and not its end.
func (g *Group) Subscribe(ctx context.Context, name string) (<-chan *message.Message, error) {
	if !nameForm.MatchString(name) {
		return nil, domain.Refuse(domain.Invalid, "group.name_malformed", "group", name)
	}
	if err := g.Hub.enter(name); err != nil {
		return nil, err
	}
	_, err := g.Hub.pool.Exec(ctx, `
		insert into consumers (name, position, event_id)
		select $1, p, (select event_id from events where position = p)
		  from (select case when $2 < 0 then (select coalesce(max(position), 0) from events) else $2 end) as begin (p)
		on conflict do nothing`, name, g.From)
	if err != nil {
		g.Hub.leave(name)
		return nil, fmt.Errorf("follow as %s: %w", name, err)
	}
	r := &run{hub: g.Hub, group: name, filter: g.Filter, out: make(chan *message.Message), values: context.WithoutCancel(ctx)}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(g.Hub.ctx, cancel)
	end := func() {
		stop()
		cancel()
		g.Hub.leave(name)
	}
	if !g.begin(cancel) {
		end()
		return nil, errClosed
	}
	started := g.Hub.spawn(func() {
		defer g.running.Done()
		defer close(r.out)
		defer end()
		r.follow(ctx)
	})
	if !started {
		g.running.Done()
		end()
		return nil, errClosed
	}
	return r.out, nil
}

func (g *Group) begin(cancel context.CancelFunc) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.closing = append(g.closing, cancel)
	g.running.Add(1)
	return true
}

// Close ends the subscriptions made through g and returns when their last
// messages were handled and their positions written. A second time does nothing.
func (g *Group) Close() error {
	g.mu.Lock()
	g.closed = true
	for _, cancel := range g.closing {
		cancel()
	}
	g.mu.Unlock()
	g.running.Wait()
	return nil
}

// errTwice is what a second subscription of one group in one process gets: the
// database would take both for the one leader.
var errTwice = errors.New("follower: this process follows as that group already")

// enter notes that the process follows as a group.
func (h *Hub) enter(group string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return errClosed
	}
	if h.groups[group] {
		return fmt.Errorf("%w: %s", errTwice, group)
	}
	h.groups[group] = true
	return nil
}

func (h *Hub) leave(group string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.groups, group)
}
