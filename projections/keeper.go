package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain/event"
	"runut/domain/history"
	"runut/eventstore"
)

// A keeper is a session of a Runner: one connection, which holds the locks of
// what it keeps and writes all of it. Losing the connection loses both.
type keeper struct {
	r        *Runner
	conn     *pgx.Conn
	source   *source
	charts   *history.Charts
	followed map[string]*followed
	replaced bool            // something that was followed is not live any more
	warned   map[string]bool // that a newer program keeps a projection
}

// followed is a live generation that this session keeps.
type followed struct {
	Projection
	generation int
	schema     string
	position   int64

	// After a failure the stretch that failed is gone through in smaller steps,
	// until the command is found that cannot be applied.
	limit int   // events at once; 0: as the runner says
	until int64 // end of that stretch

	failures int
	err      error
	retry    time.Time
}

func (r *Runner) keeper(ctx context.Context) (*keeper, error) {
	if err := keepBooks(ctx, r.DB); err != nil {
		return nil, err
	}
	conn, err := r.session(ctx)
	if err != nil {
		return nil, err
	}
	return &keeper{r: r, conn: conn, source: newSource(r.Store, 0), charts: r.charts(), followed: make(map[string]*followed), warned: make(map[string]bool)}, nil
}

// session returns a connection of the runner's own, beside the pool: what is held
// for long must not take from those who answer requests.
func (r *Runner) session(ctx context.Context) (*pgx.Conn, error) {
	config := r.DB.Config().ConnConfig.Copy()
	maps.Copy(config.RuntimeParams, map[string]string{"synchronous_commit": "off", "jit": "off", "application_name": "runut projections"})
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect for the projections: %w", err)
	}
	return conn, nil
}

// close gives the locks back.
func (k *keeper) close() { hangUp(k.conn) }

// hangUp ends a session. The locks are given back first: a server takes a moment
// to notice that a client is gone.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !conn.IsClosed() {
		conn.Exec(ctx, `select pg_advisory_unlock_all()`)
	}
	conn.Close(ctx)
}

// look compares what there is with what there should be: it takes what nobody
// keeps, lets go of what was replaced, and returns what has to be built.
func (k *keeper) look(ctx context.Context) (stale []Projection, err error) {
	all, err := generations(ctx, k.conn)
	if err != nil {
		return nil, err
	}
	for _, p := range k.r.list() {
		i := slices.IndexFunc(all, func(g generation) bool { return g.Live && g.Projection == p.Name })
		if i < 0 || all[i].Version < p.Version {
			stale = append(stale, p)
			delete(k.followed, p.Name)
			continue
		}
		g := all[i]
		if f := k.followed[p.Name]; f != nil && f.generation == g.Generation {
			if f.failures > 0 && g.RetryAt != nil && g.RetryAt.Before(f.retry) {
				f.retry = *g.RetryAt
			}
			continue
		}
		delete(k.followed, p.Name)
		if g.Version > p.Version {
			if !k.warned[p.Name] {
				k.warned[p.Name] = true
				k.r.log().WarnContext(ctx, "a newer program keeps this projection", "projection", p.Name, "version", p.Version, "live", g.Version)
			}
			continue
		}
		mine, err := locked(ctx, k.conn, g.Schema)
		if err != nil {
			return nil, fmt.Errorf("lock projection %s: %w", p.Name, err)
		}
		if !mine {
			continue
		}
		if err := k.follow(ctx, p, g); err != nil {
			return nil, err
		}
	}
	return stale, k.dropRetired(ctx, all)
}

// follow begins to keep a generation that was locked. Where it stands is read
// after the lock was taken: whoever held it may have moved it since.
func (k *keeper) follow(ctx context.Context, p Projection, g generation) error {
	f := &followed{Projection: p, generation: g.Generation, schema: g.Schema}
	var retry *time.Time
	var message *string
	err := k.conn.QueryRow(ctx, `
		select position, failures, error, retry_at
		  from projections.generations where projection = $1 and generation = $2 and live`, p.Name, g.Generation).
		Scan(&f.position, &f.failures, &message, &retry)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the position of projection %s: %w", p.Name, err)
	}
	if f.failures > 0 {
		f.err, f.retry = errors.New(deref(message)), deref(retry)
	}
	k.followed[p.Name] = f
	return nil
}

// step applies the next batch to every projection that is behind, and reports
// whether there was anything to do. Its error is the session's, never a Fold's.
func (k *keeper) step(ctx context.Context) (worked bool, err error) {
	groups := make(map[[2]int64][]*followed)
	for _, p := range k.r.list() { // in their order, so that equal runs are equal
		if f := k.followed[p.Name]; f != nil && (f.failures == 0 || !time.Now().Before(f.retry)) {
			at := [2]int64{f.position, int64(f.limit)}
			groups[at] = append(groups[at], f)
		}
	}
	for at, group := range groups {
		n, err := k.advance(ctx, at[0], int(at[1]), group)
		if err != nil {
			return worked, err
		}
		worked = worked || n > 0
	}
	return worked, nil
}

// advance applies the batch after a position to projections that stand there.
func (k *keeper) advance(ctx context.Context, after int64, limit int, group []*followed) (int, error) {
	records, err := k.r.batch(ctx, k.conn, after, cmp.Or(limit, k.r.Batch, 5000))
	if err != nil || len(records) == 0 {
		return 0, err
	}
	last := records[len(records)-1].Position
	k.source.advance(after, records, last)
	all := newStretch(records, last, k.source, k.charts)
	var unmoved []*followed
	for _, f := range group {
		b := all.batch(&f.Projection, false)
		if len(b.Records) == 0 {
			unmoved = append(unmoved, f)
			continue
		}
		if err := k.apply(ctx, f, b, len(records)); err != nil {
			return len(records), err
		}
	}
	return len(records), k.pass(ctx, unmoved, after, last)
}

// batch reads and decodes events after a position: at most limit, and then as
// many as it takes to finish the last command.
func (r *Runner) batch(ctx context.Context, q eventstore.Querier, after int64, limit int) ([]event.Record, error) {
	raws, err := r.Store.Batch(ctx, q, after, limit)
	if err != nil || len(raws) == 0 {
		return nil, err
	}
	for len(raws) >= limit && len(raws) < limit+wholeMost {
		last := raws[len(raws)-1]
		more, err := r.Store.Batch(ctx, q, last.Position, max(32, min(len(raws), 5000)))
		if err != nil {
			return nil, err
		}
		n := slices.IndexFunc(more, func(x eventstore.Raw) bool { return x.Command != last.Command })
		if n < 0 {
			raws = append(raws, more...)
			if len(more) == 0 {
				break
			}
			continue
		}
		raws = append(raws, more[:n]...)
		break
	}
	return r.decode(raws)
}

var errMoved = errors.New("somebody else moved it")

// apply folds one batch into one projection. It returns an error of the session
// only; what Fold complains of parks the projection.
func (k *keeper) apply(ctx context.Context, f *followed, b *Batch, events int) error {
	began := time.Now()
	err := pgx.BeginFunc(ctx, k.conn, func(tx pgx.Tx) error {
		w := newWriter(tx, f.schema, false)
		if err := fold(ctx, &f.Projection, b, w); err != nil {
			return err
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			update projections.generations
			   set position = $4, failures = 0, error = null, failed_at = null, retry_at = null
			 where projection = $1 and generation = $2 and position = $3 and live`, f.Name, f.generation, f.position, b.Last)
		if err == nil && tag.RowsAffected() != 1 {
			err = errMoved
		}
		return err
	})
	switch {
	case err == nil:
		f.position = b.Last
		f.failures, f.err = 0, nil
		if f.limit > 0 && f.position >= f.until {
			f.limit, f.until = 0, 0
		}
		if k.r.Applied != nil {
			k.r.Applied(f.Name, b.Last, events, time.Since(began))
		}
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errMoved):
		delete(k.followed, f.Name)
		k.replaced = true // look finds out by what
		return nil
	case k.conn.IsClosed():
		return fmt.Errorf("projection %s: %w", f.Name, err)
	}
	if one := b.Records[0].Command; b.Records[len(b.Records)-1].Command != one {
		f.until = max(f.until, b.Last)
		f.limit = max(1, events/8)
		return nil
	}
	return k.park(ctx, f, err)
}

// fold calls Fold, and makes an error of a panic: a mistake in one read model
// must not end the program.
func fold(ctx context.Context, p *Projection, b *Batch, w *Writer) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("panic: %v\n%s", x, debug.Stack())
		}
	}()
	return p.Fold(ctx, b, w)
}

func (k *keeper) park(ctx context.Context, f *followed, cause error) error {
	f.failures++
	f.err = cause
	pause := cmp.Or(k.r.Backoff, time.Second) << min(f.failures-1, 20)
	f.retry = time.Now().Add(min(pause, longest))
	k.r.log().ErrorContext(ctx, "projection is parked", "projection", f.Name, "position", f.position,
		"attempts", f.failures, "retry", f.retry, "error", cause)
	if k.r.Parked != nil {
		k.r.Parked(f.Name, f.position, cause)
	}
	_, err := k.conn.Exec(ctx, `
		update projections.generations
		   set failures = $3, error = $4, failed_at = coalesce(failed_at, now()), retry_at = $5
		 where projection = $1 and generation = $2`, f.Name, f.generation, f.failures, cause.Error(), f.retry)
	if err != nil {
		return fmt.Errorf("park projection %s: %w", f.Name, err)
	}
	return nil
}

// pass moves projections over events that are none of theirs.
func (k *keeper) pass(ctx context.Context, group []*followed, after, last int64) error {
	if len(group) == 0 {
		return nil
	}
	schemas := make([]string, len(group))
	for i, f := range group {
		schemas[i] = f.schema
	}
	rows, err := k.conn.Query(ctx, `
		update projections.generations
		   set position = $3, failures = 0, error = null, failed_at = null, retry_at = null
		 where schema = any ($1) and position = $2 and live
		returning schema`, schemas, after, last)
	if err != nil {
		return fmt.Errorf("move %d projections: %w", len(group), err)
	}
	moved, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("move %d projections: %w", len(group), err)
	}
	for _, f := range group {
		if !slices.Contains(moved, f.schema) {
			delete(k.followed, f.Name)
			k.replaced = true
			continue
		}
		f.position, f.failures, f.err = last, 0, nil
		if f.limit > 0 && f.position >= f.until {
			f.limit, f.until = 0, 0
		}
	}
	return nil
}

// idle waits for the log to grow, and reports whether it is time to look around.
func (k *keeper) idle(ctx context.Context, until time.Time, building <-chan struct{}) bool {
	at, keeps := int64(0), false
	for _, f := range k.followed {
		switch {
		case f.failures == 0:
			at, keeps = max(at, f.position), true
		case f.retry.Before(until):
			until = f.retry
		}
	}
	wait, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	if building != nil {
		go func() {
			select {
			case <-building:
				cancel()
			case <-wait.Done():
			}
		}()
	}
	if keeps {
		if _, err := k.r.Store.Wait(wait, at); err == nil {
			return false
		}
	}
	<-wait.Done()
	return true
}
