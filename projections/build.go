package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
)

// Progress is how far a rebuild has come.
type Progress struct {
	Names []string // of the projections that are built
	Done  int64    // events read
	Total int64    // events the log held when it began
	Phase Phase
}

// A Phase is a stretch of a rebuild.
type Phase string

// The phases, in their order.
const (
	Reading    Phase = "reading"     // histories are read, folded and copied
	Indexing   Phase = "indexing"    // keys and indexes are made
	CatchingUp Phase = "catching_up" // what came meanwhile is applied
	Switched   Phase = "switched"    // readers see the new tables
)

// Rebuild makes projections anew from the log beside the live ones and then
// switches; no names means all. It may run while another process keeps them.
// progress may be nil.
func (r *Runner) Rebuild(ctx context.Context, names []string, progress func(Progress)) error {
	list := r.list()
	if len(names) > 0 {
		list = nil
		for _, name := range names {
			i := slices.IndexFunc(r.list(), func(p Projection) bool { return p.Name == name })
			if i < 0 {
				return domain.Refuse(domain.NotFound, "projections.unknown", "projection", name)
			}
			list = append(list, r.list()[i])
		}
	}
	if err := keepBooks(ctx, r.DB); err != nil {
		return err
	}
	return r.build(ctx, list, true, progress)
}

// A builder makes new generations of some projections in one pass over the log.
type builder struct {
	r        *Runner
	conn     *pgx.Conn // holds the locks
	made     []*made
	target   int64
	progress func(Progress)
	done     int64
	names    []string
}

// made is a generation in the making.
type made struct {
	Projection
	generation int
	schema     string
	writer     *Writer
}

// build makes new generations and makes them live. Unless forced it leaves out
// what has the right version by the time it is its turn.
func (r *Runner) build(ctx context.Context, list []Projection, force bool, progress func(Progress)) error {
	conn, err := r.session(ctx)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	if progress == nil {
		progress = func(Progress) {}
	}
	b := &builder{r: r, conn: conn, progress: progress}
	if err := b.begin(ctx, list, force); err != nil || len(b.made) == 0 {
		return err
	}
	b.say(Reading)
	if err := b.copyAll(ctx); err != nil {
		return err
	}
	b.say(Indexing)
	for _, m := range b.made {
		if _, err := conn.Exec(ctx, "set search_path to "+m.schema+", public"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, m.Indexes); err != nil {
			return fmt.Errorf("index projection %s: %w", m.Name, err)
		}
		for _, t := range tablesOf(m.Tables) {
			if _, err := conn.Exec(ctx, "analyze "+m.schema+"."+t); err != nil {
				return fmt.Errorf("analyze projection %s: %w", m.Name, err)
			}
		}
	}
	b.say(CatchingUp)
	if err := b.catchUp(ctx); err != nil {
		return err
	}
	b.say(Switched)
	return nil
}

func (b *builder) say(p Phase) {
	b.progress(Progress{Names: b.names, Done: b.done, Total: b.target, Phase: p})
}

// begin takes the locks, clears away what an earlier try left behind, and makes
// the empty tables.
func (b *builder) begin(ctx context.Context, list []Projection, force bool) error {
	list = slices.SortedFunc(slices.Values(list), func(x, y Projection) int { return strings.Compare(x.Name, y.Name) })
	for _, p := range list { // in the order of names, so that two builders never wait for each other
		if _, err := b.conn.Exec(ctx, `select pg_advisory_lock(hashtextextended($1, 0))`, "runut build "+p.Name); err != nil {
			return fmt.Errorf("wait to build projection %s: %w", p.Name, err)
		}
	}
	all, err := generations(ctx, b.conn)
	if err != nil {
		return err
	}
	if b.target, err = b.r.Store.Head(ctx); err != nil {
		return err
	}
	for _, p := range list {
		m := &made{Projection: p, generation: 1}
		current := true
		for _, g := range all {
			if g.Projection != p.Name {
				continue
			}
			m.generation = max(m.generation, g.Generation+1)
			switch {
			case g.Live:
				current = g.Version < p.Version
			case g.RetiredAt == nil: // its builder is gone: we have the lock
				if err := drop(ctx, b.conn, g); err != nil {
					return err
				}
			}
		}
		if !current && !force {
			continue
		}
		m.schema = fmt.Sprintf("%s_v%d", p.Name, p.Version)
		if slices.ContainsFunc(all, func(g generation) bool { return g.Schema == m.schema && (g.Live || g.RetiredAt != nil) }) {
			m.schema += fmt.Sprintf("_%d", m.generation)
		}
		if err := b.create(ctx, m); err != nil {
			return fmt.Errorf("create projection %s: %w", p.Name, err)
		}
		b.made = append(b.made, m)
		b.names = append(b.names, p.Name)
	}
	return nil
}

func (b *builder) create(ctx context.Context, m *made) error {
	m.writer = newWriter(b.conn, m.schema, true)
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		// Its lock is ours until it is live and given up: no runner takes it before.
		if _, err := tx.Exec(ctx, `select pg_advisory_lock(hashtextextended($1, 0))`, "runut projections "+m.schema); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into projections.generations (projection, generation, version, schema, position, tables)
			values ($1, $2, $3, $4, $5, $6)`, m.Name, m.generation, m.Version, m.schema, b.target, tablesOf(m.Tables)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "drop schema if exists "+m.schema+" cascade; create schema "+m.schema); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "set local search_path to "+m.schema+", public"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, m.Tables)
		return err
	})
}

// tablesOf returns the names of the tables that a DDL creates.
func tablesOf(ddl string) []string {
	var names []string
	for line := range strings.Lines(ddl) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "create table "); ok {
			name, _, _ := strings.Cut(rest, " ")
			names = append(names, name)
		}
	}
	return names
}

// chunk is how many streams a build takes at once. With their histories they
// are what a build holds in memory.
const chunk = 500

// copyAll folds the history of every stream, in the order in which streams
// began, so that those read together lie near each other in the log.
func (b *builder) copyAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	source := newSource(b.r.Store, b.target)
	chunks := make(chan []event.Record, 1) // one is read while one is folded
	var reading error
	var working sync.WaitGroup
	working.Go(func() {
		defer close(chunks)
		reading = b.streams(ctx, func(names []string) error {
			histories, err := source.histories(ctx, b.target, names)
			if err != nil {
				return err
			}
			var records []event.Record
			for _, name := range names {
				records = append(records, histories[name]...)
			}
			slices.SortFunc(records, func(x, y event.Record) int { return int(x.Position - y.Position) })
			select {
			case chunks <- records:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	defer working.Wait()
	defer cancel()
	charts := b.r.charts()
	for records := range chunks {
		all := newStretch(records, b.target, source, charts)
		for _, m := range b.made {
			batch := all.batch(&m.Projection, true)
			if len(batch.Records) == 0 {
				continue
			}
			if err := fold(ctx, &m.Projection, batch, m.writer); err != nil {
				return fmt.Errorf("build projection %s: %w", m.Name, err)
			}
			if err := m.writer.Spill(ctx); err != nil {
				return fmt.Errorf("build projection %s: %w", m.Name, err)
			}
		}
		b.done += int64(len(records))
		b.say(Reading)
	}
	working.Wait()
	if reading != nil {
		return fmt.Errorf("read the log: %w", reading)
	}
	for _, m := range b.made {
		if err := m.writer.flush(ctx); err != nil {
			return fmt.Errorf("build projection %s: %w", m.Name, err)
		}
	}
	return nil
}

// streams calls f with all streams that some projection takes, some at a time.
func (b *builder) streams(ctx context.Context, f func(names []string) error) error {
	conn, err := b.r.session(ctx)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	rows, err := conn.Query(ctx, `select stream from events where version = 1 and position <= $1 order by position`, b.target)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if !slices.ContainsFunc(b.made, func(m *made) bool { return m.takes(name) }) {
			continue
		}
		if names = append(names, name); len(names) == chunk {
			if err := f(names); err != nil {
				return err
			}
			names = nil
		}
	}
	if err := rows.Err(); err != nil || len(names) == 0 {
		return err
	}
	return f(names)
}

// catchUp applies what came while the tables were copied, and switches.
func (b *builder) catchUp(ctx context.Context) error {
	position := b.target
	source, charts := newSource(b.r.Store, position), b.r.charts()
	for _, m := range b.made {
		m.writer = nil
	}
	for {
		records, err := b.r.batch(ctx, b.conn, position, 5000)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return b.publish(ctx, position)
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

// publish makes what was built live, all of it at once. It waits for readers in
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

// decode decodes what was read, on two processors where there is much.
func (r *Runner) decode(raws []eventstore.Raw) ([]event.Record, error) {
	records := make([]event.Record, len(raws))
	half := len(raws)
	if len(raws) > 256 {
		half /= 2
	}
	work := func(from, to int) (err error) {
		for i := from; i < to && err == nil; i++ {
			records[i], err = r.Store.Decode(&raws[i])
		}
		return err
	}
	var second error
	var working sync.WaitGroup
	working.Go(func() { second = work(half, len(raws)) })
	first := work(0, half)
	working.Wait()
	return records, errors.Join(first, second)
}
