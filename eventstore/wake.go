package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

const (
	channel = "runut_log" // NOTIFY says here which position is the last
	poll    = time.Second // how often the log is looked at all the same
)

// A wake knows a position that the log has reached and tells those who wait for
// a further one.
type wake struct {
	mu      sync.Mutex
	head    int64
	further chan struct{} // closed when head has moved
	listens bool          // the listener was started
}

func (w *wake) init() { w.further = make(chan struct{}) }

// advance makes a position known that has been committed.
func (w *wake) advance(position int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if position <= w.head {
		return
	}
	w.head = position
	close(w.further)
	w.further = make(chan struct{})
}

func (w *wake) look() (head int64, further <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.head, w.further
}

// Wait returns a position greater than after as soon as the log has one: the
// newest it has heard of, which may not be the newest there is. However many
// wait, a process listens with one connection. A lost notification delays a
// reader by a second and loses nothing. Wait fails when ctx ends or the store is
// closed.
func (s *Store) Wait(ctx context.Context, after int64) (int64, error) {
	s.listen()
	for {
		head, further := s.wake.look()
		if head > after {
			return head, nil
		}
		select {
		case <-further:
		case <-ctx.Done():
			return head, ctx.Err()
		case <-s.closing:
			return head, domain.Refuse(domain.Unready, "log.closed")
		}
	}
}

// Head returns the last position; 0 for an empty log.
func (s *Store) Head(ctx context.Context) (int64, error) {
	head, err := headOf(ctx, s.pool)
	if err != nil {
		return 0, fmt.Errorf("head of the log: %w", err)
	}
	s.wake.advance(head)
	return head, nil
}

func headOf(ctx context.Context, q Querier) (int64, error) {
	rows, err := q.Query(ctx, `select coalesce(max(position), 0) from events`)
	if err != nil {
		return 0, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
}

// listen starts the listener on first need.
func (s *Store) listen() {
	s.wake.mu.Lock()
	defer s.wake.mu.Unlock()
	if s.wake.listens || s.isClosing() {
		return
	}
	s.wake.listens = true
	s.running.Go(s.listener)
}

// listener follows the head of the log until the store is closed.
func (s *Store) listener() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.running.Go(func() { <-s.closing; cancel() })
	pause := 10 * time.Millisecond
	for ctx.Err() == nil {
		heard, err := s.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		if heard {
			pause = 10 * time.Millisecond
		}
		s.options.Log.Warn("listening to the log failed, trying again", "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, poll)
	}
}

// hear listens on one connection until it is lost; heard reports whether it was
// of use.
func (s *Store) hear(ctx context.Context) (heard bool, err error) {
	config := s.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "runut listen"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return false, err
	}
	for {
		head, err := headSoon(ctx, conn)
		if err != nil {
			return heard, err
		}
		heard = true
		s.wake.advance(head)
		if err := s.notified(ctx, conn); err != nil {
			return heard, err
		}
	}
}

// headSoon is headOf for a connection that may have gone silent.
func headSoon(ctx context.Context, conn *pgx.Conn) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*poll)
	defer cancel()
	return headOf(ctx, conn)
}

// notified takes what is notified until it is time to look again.
func (s *Store) notified(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, poll)
	defer cancel()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			if errors.Is(ctx.Err(), context.DeadlineExceeded) && !conn.IsClosed() {
				return nil
			}
			return err
		}
		if position, err := strconv.ParseInt(n.Payload, 10, 64); err == nil {
			s.wake.advance(position)
		}
	}
}
