package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

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
	conn     *pgx.Conn    // holds the locks
	hands    [2]*pgx.Conn // write, conn among them
	made     []*made
	queue    []*made // the same, the slowest first
	target   int64
	progress func(Progress)
	done     int64
	names    []string
}

// together calls f for all that is made, on both connections at once. What took
// longest so far comes first, so that neither is left waiting for the other.
func (b *builder) together(f func(m *made) error) error {
	slices.SortStableFunc(b.queue, func(x, y *made) int { return cmp.Compare(y.took, x.took) })
	var errs [2]error
	var next atomic.Int64
	var working sync.WaitGroup
	for i, hand := range b.hands {
		working.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(b.queue)) && errs[i] == nil; n = next.Add(1) - 1 {
				m := b.queue[n]
				m.conn, m.writer.conn = hand, hand
				began := time.Now()
				if err := f(m); err != nil {
					errs[i] = fmt.Errorf("build projection %s: %w", m.Name, err)
				}
				m.took += time.Since(began)
			}
		})
	}
	working.Wait()
	return errors.Join(errs[:]...)
}

// made is a generation in the making.
type made struct {
	Projection
	generation int
	schema     string
	conn       *pgx.Conn // of the hand that is at it
	writer     *Writer
	took       time.Duration
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
	second, err := r.session(ctx)
	if err != nil {
		return err
	}
	defer hangUp(second)
	b.hands, b.queue = [2]*pgx.Conn{conn, second}, slices.Clone(b.made)
	for _, m := range b.made {
		m.writer = newWriter(conn, m.schema, true)
	}
	b.say(Reading)
	if err := b.copyAll(ctx); err != nil {
		return err
	}
	b.say(Indexing)
	if err := b.together(func(m *made) error { return m.index(ctx) }); err != nil {
		return err
	}
	b.say(CatchingUp)
	if err := b.catchUp(ctx); err != nil {
		return err
	}
	b.say(Switched)
	return nil
}

// index makes keys and indexes and lets the planner know the tables.
func (m *made) index(ctx context.Context) error {
	if _, err := m.conn.Exec(ctx, "set search_path to "+m.schema+", public"); err != nil {
		return err
	}
	if _, err := m.conn.Exec(ctx, m.Indexes); err != nil {
		return err
	}
	for _, t := range tablesOf(m.Tables) {
		if _, err := m.conn.Exec(ctx, "analyze "+m.schema+"."+t); err != nil {
			return err
		}
	}
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
		err := b.together(func(m *made) error {
			batch := all.batch(&m.Projection, true)
			if len(batch.Records) == 0 {
				return nil
			}
			if err := fold(ctx, &m.Projection, batch, m.writer); err != nil {
				return err
			}
			return m.writer.Spill(ctx)
		})
		if err != nil {
			return err
		}
		b.done += int64(len(records))
		b.say(Reading)
	}
	working.Wait()
	if reading != nil {
		return fmt.Errorf("read the log: %w", reading)
	}
	return b.together(func(m *made) error { return m.writer.flush(ctx) })
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
