package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
)

// A Receipt says where the events of an accepted command stand.
type Receipt struct {
	Command     uuid.UUID
	First, Last int64 // positions; 0 where a decision had nothing to add
	Events      []EventReceipt
	Duplicate   bool // the command had been accepted before; this is its first receipt
}

// An EventReceipt is what the author of an event keeps of it: enough to ask for
// a proof that it is in the log.
type EventReceipt struct {
	ID       uuid.UUID
	Stream   string
	Version  int
	Position int64
	Leaf     [32]byte // leaf hash: the leaf at index Position - 1 of the Merkle tree
}

// A ConflictError reports a stream that is not at the version a change named:
// somebody else was first. It unwraps to a *domain.Error of kind Stale.
type ConflictError struct {
	Stream           string
	Expected, Actual int
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s is at version %d, not %d", e.Stream, e.Actual, e.Expected)
}

// Unwrap returns the refusal that is safe to show.
func (e *ConflictError) Unwrap() error {
	return domain.Refuse(domain.Stale, "stream.moved_on",
		"stream", e.Stream, "expected", strconv.Itoa(e.Expected), "actual", strconv.Itoa(e.Actual))
}

// Append adds a command's facts, all or none, and returns when they are durable.
//
// It fails with a *ConflictError when a stream is not at the version its change
// names; with the refusal log.busy (Exhausted) or log.unready when nothing was
// appended and the same may be tried later; with log.unanswered when nobody can
// tell whether it was appended: ask again with the same command, which is answered
// with the first receipt if it was. A command id that was used for something
// else is refused as command.reused (Conflict). A store that was halted fails with
// the reason. When ctx ends the answer is either its error, and nothing was
// appended, or log.unanswered.
func (s *Store) Append(ctx context.Context, cmd event.Command, changes ...event.Change) (Receipt, error) {
	return s.append(ctx, cmd, changes, s.options.Now())
}

// append is Append at a moment that is known to have come.
func (s *Store) append(ctx context.Context, cmd event.Command, changes []event.Change, now time.Time) (Receipt, error) {
	if err := s.mayAppend(); err != nil {
		return Receipt{}, err
	}
	m, err := s.prepare(ctx, cmd, changes, now)
	if err != nil {
		return Receipt{}, err
	}
	if len(m.rows) > largeEvents || m.size > largeBytes {
		err = s.appendLarge(ctx, []*member{m})
	} else {
		err = s.commit.append(ctx, m)
	}
	if err != nil {
		return Receipt{}, err
	}
	return s.answer(ctx, m)
}

// answer returns the receipt of a member that was written now or earlier.
func (s *Store) answer(ctx context.Context, m *member) (Receipt, error) {
	if !m.known {
		return m.receipt(), nil
	}
	r, err := s.again(ctx, m.command, m.print)
	if _, refused := errors.AsType[*domain.Error](err); err != nil && !refused { // it is there, and its receipt cannot be read now
		return Receipt{}, unanswered(m.command.String(), err)
	}
	return r, err
}

// again returns the stored receipt of a command that asks a second time.
func (s *Store) again(ctx context.Context, command uuid.UUID, print [32]byte) (Receipt, error) {
	r, stored, err := s.stored(ctx, command)
	if err != nil {
		return Receipt{}, err
	}
	if stored != print {
		return Receipt{}, domain.Refuse(domain.Conflict, "command.reused", "command", command.String())
	}
	s.count.known.Add(1)
	r.Duplicate = true
	return r, nil
}

// Receipt returns the receipt of an accepted command, or the refusal
// command.unknown (NotFound).
func (s *Store) Receipt(ctx context.Context, command uuid.UUID) (Receipt, error) {
	r, _, err := s.stored(ctx, command)
	return r, err
}

func (s *Store) stored(ctx context.Context, command uuid.UUID) (Receipt, [32]byte, error) {
	r := Receipt{Command: command}
	var print [32]byte
	rows, err := s.pool.Query(ctx, `
		select c.first, c.last, c.fingerprint, e.event_id, e.stream, e.version, e.position, e.leaf_hash
		  from commands c
		  join events e on e.position between c.first and c.last
		 where c.id = $1
		 order by e.position`, command)
	if err != nil {
		return Receipt{}, print, fmt.Errorf("receipt of %s: %w", command, err)
	}
	r.Events, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e EventReceipt, err error) {
		var fingerprint, leaf []byte
		err = row.Scan(&r.First, &r.Last, &fingerprint, &e.ID, &e.Stream, &e.Version, &e.Position, &leaf)
		copy(print[:], fingerprint)
		copy(e.Leaf[:], leaf)
		return e, err
	})
	if err != nil {
		return Receipt{}, print, fmt.Errorf("receipt of %s: %w", command, err)
	}
	if len(r.Events) == 0 {
		return Receipt{}, print, domain.Refuse(domain.NotFound, "command.unknown", "command", command.String())
	}
	return r, print, nil
}

// isUnknownCommand reports whether err says that a command has no receipt.
func isUnknownCommand(err error) bool {
	return errors.Is(err, &domain.Error{Code: "command.unknown"})
}
