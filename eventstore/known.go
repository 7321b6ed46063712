package eventstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain/event"
)

// block is how many positions share one entry of known.
const block = 1024

// known remembers, for every full block of positions, the latest time at which
// anything up to its end was recorded. These running maxima only grow, so a
// moment is looked up by halving; and they never change, so each block is read
// once a process.
type known struct {
	mu     sync.Mutex
	latest []time.Time
}

// KnownAt returns the position that a moment of knowledge stands for (semantics
// R1): the last one before anything that was recorded later, or event.Nothing.
// Permanent links carry the position rather than the moment.
func (s *Store) KnownAt(ctx context.Context, at time.Time) (int64, error) {
	full, err := s.knownBlocks(ctx)
	if err != nil {
		return 0, fmt.Errorf("position known at %s: %w", at, err)
	}
	first, _ := slices.BinarySearchFunc(full, at, func(latest, at time.Time) int {
		if latest.After(at) {
			return 1
		}
		return -1
	})
	after, upto := int64(first)*block, int64(math.MaxInt64) // in no full block: then in what follows them
	if first < len(full) {
		upto = after + block
	}
	var position int64
	err = s.pool.QueryRow(ctx, `
		select coalesce(min(position) filter (where recorded_at > $1) - 1, max(position), $2)
		  from events
		 where position > $2 and position <= $3`, at, after, upto).Scan(&position)
	if err != nil {
		return 0, fmt.Errorf("position known at %s: %w", at, err)
	}
	if position == 0 {
		return event.Nothing, nil
	}
	return position, nil
}

// Around returns the first and the last position of the append that a position lies in,
// (0, 0) where no command is known to have made it.
func (s *Store) Around(ctx context.Context, position int64) (first, last int64, err error) {
	r, err := s.At(ctx, position)
	if err != nil {
		return 0, 0, err
	}
	err = s.pool.QueryRow(ctx, `select first, last from commands where id = $1`, r.Command).Scan(&first, &last)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("append around position %d: %w", position, err)
	}
	return first, last, nil
}

// knownBlocks reads the blocks that have become full and returns all.
func (s *Store) knownBlocks(ctx context.Context) ([]time.Time, error) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	read := int64(len(s.known.latest)) * block
	rows, err := s.pool.Query(ctx, `
		select max(recorded_at)
		  from events
		 where position > $1 and position <= (select coalesce(max(position), 0) / $2 * $2 from events)
		 group by (position - 1) / $2
		 order by (position - 1) / $2`, read, int64(block))
	if err != nil {
		return nil, err
	}
	further, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return nil, err
	}
	for _, latest := range further {
		if n := len(s.known.latest); n > 0 && s.known.latest[n-1].After(latest) {
			latest = s.known.latest[n-1]
		}
		s.known.latest = append(s.known.latest, latest)
	}
	return s.known.latest, nil
}
