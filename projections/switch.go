package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// catchUp applies what came while the tables were copied, and switches.
func (b *builder) catchUp(ctx context.Context) error {
	position := b.target
	source, charts := newSource(b.r.Store, position), b.r.charts()
	for {
		records, err := b.r.batch(ctx, b.conn, position, 5000)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			err := b.publish(ctx, position)
			if errors.Is(err, errBehind) {
				continue
			}
			return err
		}
		last := records[len(records)-1].Position
		source.advance(position, records, last)
		all := newStretch(records, last, source, charts)
		for _, m := range b.made {
			batch := all.batch(&m.Projection, false)
			if len(batch.Records) == 0 {
				continue
			}
			err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
				w := newWriter(tx, m.schema, false)
				if err := fold(ctx, &m.Projection, batch, w); err != nil {
					return err
				}
				return w.flush(ctx)
			})
			if err != nil {
				return fmt.Errorf("build projection %s: %w", m.Name, err)
			}
		}
		position = last
	}
}

var errBehind = errors.New("what is live has gone further meanwhile")

// publish makes what was built live, all of it at once, and never what is behind
// that which readers have seen. It waits for readers in
// the midst of a statement, but only so long that other readers do not queue up
// behind it.
func (b *builder) publish(ctx context.Context, position int64) error {
	for {
		err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `set local lock_timeout = '2s'`); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('runut projections', 0))`); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, `select position from projections.generations where projection = any ($1) and live for update`, b.names)
			if err != nil {
				return err
			}
			live, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if err != nil {
				return err
			}
			if slices.ContainsFunc(live, func(p int64) bool { return p > position }) {
				return errBehind
			}
			for _, m := range b.made {
				if err := m.publish(ctx, tx, position); err != nil {
					return fmt.Errorf("publish projection %s: %w", m.Name, err)
				}
			}
			return nil
		})
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "55P03" { // lock_not_available
			select {
			case <-time.After(100 * time.Millisecond):
				continue
			case <-ctx.Done():
			}
		}
		return err
	}
}

func (m *made) publish(ctx context.Context, tx pgx.Tx, position int64) error {
	views := "read"
	if m.Public {
		views = "public_read"
	}
	var old []string
	err := tx.QueryRow(ctx, `
		update projections.generations set live = false, retired_at = now()
		 where projection = $1 and live returning tables`, m.Name).Scan(&old)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update projections.generations set live = true, position = $3
		 where projection = $1 and generation = $2`, m.Name, m.generation, position); err != nil {
		return err
	}
	for _, t := range old {
		if _, err := tx.Exec(ctx, "drop view if exists "+views+"."+t); err != nil {
			return err
		}
	}
	for _, t := range tablesOf(m.Tables) {
		if strings.HasSuffix(t, "_private") {
			continue
		}
		if _, err := tx.Exec(ctx, "create view "+views+"."+t+" as select * from "+m.schema+"."+t); err != nil {
			return err
		}
		if !m.Public {
			continue
		}
		if _, err := tx.Exec(ctx, `
			do $$ begin
				if exists (select from pg_roles where rolname = 'runut_public') then
					grant select on public_read.`+t+` to runut_public;
				end if;
			end $$`); err != nil {
			return err
		}
	}
	return nil
}

// dropRetired drops generations that no reader has seen for a while.
func (k *keeper) dropRetired(ctx context.Context, all []generation) error {
	for _, g := range all {
		if g.RetiredAt == nil || time.Since(*g.RetiredAt) < cmp.Or(k.r.Keep, time.Minute) {
			continue
		}
		free, err := locked(ctx, k.conn, g.Schema)
		if err != nil {
			return err
		}
		if !free {
			continue // whoever kept it has not looked around yet
		}
		if err := drop(ctx, k.conn, g); err != nil && !k.conn.IsClosed() {
			k.r.log().WarnContext(ctx, "an old read model could not be dropped, trying again", "schema", g.Schema, "error", err)
		}
		if _, err := k.conn.Exec(ctx, `select pg_advisory_unlock(hashtextextended($1, 0))`, "runut projections "+g.Schema); err != nil {
			return err
		}
	}
	return nil
}

func drop(ctx context.Context, c conn, g generation) error {
	_, err := c.Exec(ctx, "set lock_timeout = '1s'; drop schema if exists "+g.Schema+" cascade; set lock_timeout = 0")
	if err == nil {
		_, err = c.Exec(ctx, `delete from projections.generations where projection = $1 and generation = $2`, g.Projection, g.Generation)
	}
	if err != nil {
		return fmt.Errorf("drop read model %s: %w", g.Schema, err)
	}
	return nil
}
