package follower

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// A Standing is how far a group has come.
type Standing struct {
	Name      string     `json:"name"`
	Position  int64      `json:"position"`           // everything up to here is handled
	Lag       int64      `json:"lag"`                // events after it, whether the group asks for them or not
	Leader    string     `json:"leader"`             // process that leads it; "" while nobody does
	Since     *time.Time `json:"since,omitzero"`     // when that began
	Failing   int64      `json:"failing,omitzero"`   // position of the event that fails; 0: none does
	Failures  int        `json:"failures"`           // of that event, in a row
	LastError string     `json:"lastError,omitzero"` // of the last failure, also when it is over
	FailedAt  *time.Time `json:"failedAt,omitzero"`  // when that was
	MovedAt   time.Time  `json:"movedAt"`            // when the position last moved
}

// Standings returns all groups by name. A leader counts as one while its
// connection holds the lock, not longer.
func (h *Hub) Standings(ctx context.Context) ([]Standing, error) {
	rows, err := h.pool.Query(ctx, `
		with held as (
			select (classid::bigint << 32) | objid::bigint as key
			  from pg_locks
			 where locktype = 'advisory' and objsubid = 1 and granted
			   and database = (select oid from pg_database where datname = current_database())),
		judged as (
			select c.*, hashtextextended('runut group ' || c.name, 0) in (select key from held) as led
			  from consumers c)
		select name, position, greatest((select coalesce(max(position), 0) from events) - position, 0),
		       coalesce(case when led then leader_name end, ''), case when led then leading_since end,
		       coalesce(failing, 0), failures, coalesce(last_error, ''), failed_at, moved_at
		  from judged
		 order by name`)
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	standings, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Standing])
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	return standings, nil
}

// Reset sets the position of a group, to replay from there or to go on from
// there: the next event it gets is the one after position. A leader at work hears
// of it within moments; the handler's context ends, and what it still handles
// until then does not move the position.
func (h *Hub) Reset(ctx context.Context, group string, position int64) error {
	err := pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		var head int64
		if err := tx.QueryRow(ctx, `select coalesce(max(position), 0) from events`).Scan(&head); err != nil {
			return err
		}
		if position < 0 || position > head {
			return domain.Refuse(domain.Invalid, "group.position_beyond",
				"group", group, "position", strconv.FormatInt(position, 10), "head", strconv.FormatInt(head, 10))
		}
		tag, err := tx.Exec(ctx, `
			update consumers
			   set position = $2, event_id = (select event_id from events where position = $2),
			       leader = null, leader_name = null, leading_since = null,
			       failing = null, failures = 0, last_error = null, failed_at = null, moved_at = clock_timestamp()
			 where name = $1`, group, position)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return domain.Refuse(domain.NotFound, "group.unknown", "group", group)
		}
		_, err = tx.Exec(ctx, `select pg_notify('runut_groups', '')`)
		return err
	})
	if err != nil {
		return fmt.Errorf("reset group: %w", err)
	}
	return nil
}

// Forget removes a group that nobody leads.
func (h *Hub) Forget(ctx context.Context, group string) error {
	err := pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		var free bool
		err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(hashtextextended('runut group ' || $1, 0))`, group).Scan(&free)
		if err != nil {
			return err
		}
		if !free {
			return domain.Refuse(domain.Conflict, "group.led", "group", group)
		}
		var gone string
		err = tx.QueryRow(ctx, `delete from consumers where name = $1 returning name`, group).Scan(&gone)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "group.unknown", "group", group)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("forget group: %w", err)
	}
	return nil
}
