package follower

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// errLost ends what a group does when another process leads it, or may.
var errLost = errors.New("follower: no longer the leader")

// A council keeps this process's leaderships. One connection holds the advisory
// locks of all groups that are led here: when it breaks, all are lost, which is
// noticed at once because somebody always listens on it. Only the goroutine that
// presides uses the connection; the others leave their wishes here and poke it.
type council struct {
	start sync.Once

	mu    sync.Mutex
	wants map[string]chan *lease // groups to be led, and where to hand the lease
	leads map[string]*lease      // as the connection's locks have it
	quits []*lease               // of leads, to be given back
	poked bool                   // there is something for the next round
	wake  context.CancelFunc     // ends the wait for it
}

// A lease is the leadership of one group.
type lease struct {
	group string
	token uuid.UUID               // what the group's row must hold for a position to be written
	ctx   context.Context         // until it is lost or given back
	lose  context.CancelCauseFunc // ends ctx
	freed chan struct{}           // closed when this process no longer holds the lock
}

func (c *council) init() {
	c.wants = make(map[string]chan *lease)
	c.leads = make(map[string]*lease)
	c.wake = func() {}
}

// poke makes the next round come now. The lock is held.
func (c *council) poke() {
	c.poked = true
	c.wake()
}

// leadership waits until this process leads a group.
func (h *Hub) leadership(ctx context.Context, group string) (*lease, error) {
	c := &h.council
	c.start.Do(func() {
		h.spawn(h.preside)
		context.AfterFunc(h.ctx, func() { c.mu.Lock(); c.poke(); c.mu.Unlock() })
	})
	got := make(chan *lease, 1)
	c.mu.Lock()
	c.wants[group] = got
	c.poke()
	c.mu.Unlock()
	select {
	case l := <-got:
		return l, nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case l := <-got: // it came at the same moment
		return l, nil
	default:
		delete(c.wants, group)
		return nil, ctx.Err()
	}
}

// release gives a leadership back and waits until others can have it.
func (h *Hub) release(l *lease) {
	c := &h.council
	c.mu.Lock()
	if c.leads[l.group] == l {
		c.quits = append(c.quits, l)
		c.poke()
	}
	c.mu.Unlock()
	<-l.freed
}

// drop ends a lease whose lock is gone. The council's lock is held.
func (c *council) drop(l *lease) {
	delete(c.leads, l.group)
	l.lose(errLost)
	close(l.freed)
}

// preside keeps a connection and holds rounds on it until the hub is closed and
// every group has given back what it led.
func (h *Hub) preside() {
	var again backoff
	for {
		began := time.Now()
		err := h.sit()
		h.council.dissolve()
		if h.ctx.Err() != nil {
			return
		}
		if time.Since(began) > 10*time.Second {
			again = backoff{}
		}
		h.options.Log.Warn("the connection that leads groups is gone; trying again", "error", err)
		pause(h.ctx, again.next(100*time.Millisecond, 5*time.Second))
	}
}

// dissolve ends all leases: their locks went with the connection.
func (c *council) dissolve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.leads {
		c.drop(l)
	}
	c.quits = nil
}

// sit connects and holds rounds until something breaks. The connection outlives
// the hub's context, because leaderships are given back on it.
func (h *Hub) sit() error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.ctx))
	defer cancel()
	conn, err := h.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `listen runut_groups`); err != nil {
		return err
	}
	for {
		if err := h.round(ctx, conn); err != nil {
			return err
		}
		if h.ctx.Err() != nil && h.council.idle() {
			return nil
		}
		if err := h.rest(ctx, conn); err != nil {
			return err
		}
	}
}

func (h *Hub) connect(ctx context.Context) (*pgx.Conn, error) {
	config := h.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "runut groups"
	// a leader whose machine vanished must not lead for hours
	config.RuntimeParams["tcp_keepalives_idle"] = "5"
	config.RuntimeParams["tcp_keepalives_interval"] = "5"
	config.RuntimeParams["tcp_keepalives_count"] = "3"
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return pgx.ConnectConfig(ctx, config)
}

// idle reports whether nothing is led here.
func (c *council) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.leads) == 0
}

// rest waits for a notification, a poke, or the next round to be due. A
// connection that breaks ends it with an error.
func (h *Hub) rest(ctx context.Context, conn *pgx.Conn) error {
	wait, cancel := context.WithTimeout(ctx, h.options.Poll)
	defer cancel()
	c := &h.council
	c.mu.Lock()
	if c.poked {
		c.mu.Unlock()
		return nil
	}
	c.wake = cancel
	c.mu.Unlock()
	if _, err := conn.WaitForNotification(wait); err != nil && (wait.Err() == nil || conn.IsClosed()) {
		return err
	}
	return nil
}
