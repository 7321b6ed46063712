package follower

import (
	"context"
	"errors"
	"time"
)

// errUnhandled is what remains of a handler that was still at work when closing
// could wait no longer. Its event will be handed over again.
var errUnhandled = errors.New("follower: the handler did not finish")

// deliver hands an event over, as often as it takes, and returns nil when it was
// handled. ctx ends with the group and with the lease; until then an event that
// fails stays the next one.
func (r *run) deliver(ctx context.Context, e *entry) error {
	var again backoff
	for {
		done, err := r.attempt(ctx, e)
		if done {
			if r.handled == 0 {
				r.since = time.Now()
			}
			r.at, r.failures = e.Position, 0
			r.handled++
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.save(ctx); err != nil { // others see what fails, and where
			return err
		}
		r.fail(ctx, e.Position, r.failures, r.reason)
		wait := again.next(r.hub.options.Pause, r.hub.options.MaxPause)
		r.hub.options.Log.Warn("an event was not handled and will be handed over again",
			"group", r.group, "position", e.Position, "type", e.Type, "failures", r.failures, "pause", wait)
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// attempt hands an event over once. It returns whether it was handled, or an
// error where the group has come to its end.
func (r *run) attempt(ctx context.Context, e *entry) (handled bool, err error) {
	if err := errors.Join(ctx.Err(), r.lease.ctx.Err()); err != nil {
		return false, err
	}
	// The handler may finish its work when the group is closed, so its context
	// ends with the lease alone: somebody else may be at the same event then.
	working, cancel := context.WithCancelCause(r.values)
	defer cancel(nil)
	defer context.AfterFunc(r.lease.ctx, func() { cancel(errLost) })()
	m, fault := newMessage(working, e)
	select {
	case r.out <- m:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	var patience <-chan time.Time
	ended := ctx.Done()
	for {
		select {
		case <-m.Acked():
			return true, nil
		case <-m.Nacked():
			r.failures++
			r.reason = fault.String()
			return false, ctx.Err()
		case <-ended:
			ended = nil
			timer := time.NewTimer(r.hub.options.Patience)
			defer timer.Stop()
			patience = timer.C
		case <-patience:
			cancel(errUnhandled)
			return false, errUnhandled
		}
	}
}
