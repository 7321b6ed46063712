package notary

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/eventstore"
	"runut/eventstore/proof"
)

const (
	every = time.Second            // between two signings, where nobody waits
	soon  = 100 * time.Millisecond // between two, where somebody does
	later = 10 * time.Second       // before a log that is not what it was is looked at again
)

// A Notary signs the heads of one log. Every field is needed but Store and Every.
type Notary struct {
	DB     *pgxpool.Pool
	Store  *eventstore.Store // halted while the log is not what was signed
	Signer *proof.Signer
	State  string        // path of the file that keeps the last signed checkpoint
	Every  time.Duration // 0: a second
	Log    *slog.Logger

	mu      sync.Mutex // one round at a time
	signed  time.Time  // when this process last did
	trouble atomic.Pointer[domain.Error]

	step func(name string) error // tests fail here
}

// Run signs until ctx is done. It does not give up: a database that is away, a
// disk that is full, are tried again.
func (n *Notary) Run(ctx context.Context) error {
	pause := n.Every
	if pause == 0 {
		pause = every
	}
	for {
		next := pause
		if _, err := n.Seal(ctx); err != nil {
			next = later
		}
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return nil
		}
	}
}

// Seal brings the tree to the head of the log and signs it, unless that was done
// already or another process is at it. It returns the newest checkpoint there is,
// the zero Head where the log is empty.
//
// It refuses, as Unready, and halts the store, with log.shrunk where the log ends
// before what was signed, log.forked where it holds something else there,
// log.state_missing and log.state_damaged where the file does not say what was
// signed, and log.other_origin where the database holds another log. With
// tree.damaged the tiles are wrong and the log is not.
func (n *Notary) Seal(ctx context.Context) (Head, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		head, more, err := n.round(ctx)
		if ctx.Err() != nil {
			return head, ctx.Err()
		}
		n.judge(err)
		if err != nil || !more {
			return head, err
		}
	}
}

// Await returns when an event of the log is covered by a checkpoint, signing one
// now where that is needed.
func (n *Notary) Await(ctx context.Context, position int64) error {
	for {
		if err := n.rest(ctx); err != nil {
			return err
		}
		head, err := n.Seal(ctx)
		if err != nil || head.Size >= position {
			return err
		}
	}
}

// rest keeps those who wait from having every single event signed by itself.
func (n *Notary) rest(ctx context.Context) error {
	n.mu.Lock()
	pause := max(soon-time.Since(n.signed), 10*time.Millisecond)
	n.mu.Unlock()
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Trouble returns why nothing is signed at present, nil where all is well.
func (n *Notary) Trouble() error {
	if e := n.trouble.Load(); e != nil {
		return e
	}
	return nil
}

// Difference returns why nothing may be appended at present: what was signed and
// what the log holds are not the same. It is nil where they are, or where the
// trouble is another.
func (n *Notary) Difference() error {
	if e := n.trouble.Load(); e != nil && differences[e.Code] {
		return e
	}
	return nil
}

// differences are the refusals after which nothing may be appended: what was
// signed is not in the log, or nobody knows what was signed.
var differences = map[string]bool{
	"log.shrunk": true, "log.forked": true, "log.state_missing": true, "log.state_damaged": true, "log.other_origin": true,
}

// judge draws the consequences of a round.
func (n *Notary) judge(err error) {
	e, refused := errors.AsType[*domain.Error](err)
	if err != nil && !refused {
		e = domain.Refuse(domain.Unready, "log.unsealed", "error", err.Error())
	}
	before := n.trouble.Swap(e)
	if n.Store != nil {
		switch {
		case e != nil && differences[e.Code]:
			n.Store.Halt(e)
		case e == nil || refused: // an error of the machine says nothing of the log
			n.Store.Halt(nil)
		}
	}
	switch {
	case e != nil && (before == nil || before.Code != e.Code):
		n.Log.Error("the log is not signed", "code", e.Code, "err", err)
	case e == nil && before != nil:
		n.Log.Info("the log is signed again", "was", before.Code)
	}
}

func (n *Notary) reached(step string) error {
	if n.step == nil {
		return nil
	}
	return n.step(step)
}
