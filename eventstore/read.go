package eventstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
)

const (
	page   = 2048  // events read at once, and the memory a reader takes
	stride = 50000 // positions a filtered query looks at, at most
)

// Stream yields a stream's events, oldest first; nothing for one that is not there.
func (s *Store) Stream(ctx context.Context, stream string) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		all, err := s.Streams(ctx, []string{stream})
		if err != nil {
			yield(event.Record{}, err)
			return
		}
		for _, r := range all[stream] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Streams returns the events of several streams, each oldest first, by one
// query. A stream without events is absent.
func (s *Store) Streams(ctx context.Context, names []string) (map[string][]event.Record, error) {
	return s.streams(ctx, s.pool, names)
}

func (s *Store) streams(ctx context.Context, q Querier, names []string) (map[string][]event.Record, error) {
	if len(names) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, `select `+columns+` from events where stream = any ($1)`, wireFormats, names)
	if err != nil {
		return nil, fmt.Errorf("read %d streams: %w", len(names), err)
	}
	all, err := histories(rows, s.decode)
	if err != nil {
		return nil, fmt.Errorf("read %d streams: %w", len(names), err)
	}
	return all, nil
}

// Bare is Streams for whoever goes through very many: events come without their
// texts, as if these were closed, and without the checks that a decision kept, and
// those of some types not at all.
func (s *Store) Bare(ctx context.Context, names []string, without ...string) (map[string][]event.Record, error) {
	rows, err := s.pool.Query(ctx, `
		select position, record, null::text
		  from events
		 where stream = any ($1) and type <> all ($2::text[])`, wireFormats, names, append([]string{}, without...))
	if err != nil {
		return nil, fmt.Errorf("read %d streams: %w", len(names), err)
	}
	all, err := histories(rows, s.decodeBare)
	if err != nil {
		return nil, fmt.Errorf("read %d streams: %w", len(names), err)
	}
	return all, nil
}

// Beyond returns the events of several streams after a version of each, each
// oldest first, without those of some types, by one query: what whoever keeps
// histories has not seen yet. A stream without such events is absent.
func (s *Store) Beyond(ctx context.Context, versions map[string]int, without ...string) (map[string][]event.Record, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	names, after := make([]string, 0, len(versions)), make([]int32, 0, len(versions))
	for name, version := range versions {
		names, after = append(names, name), append(after, int32(version))
	}
	rows, err := s.pool.Query(ctx, `
		select `+columns+`
		  from unnest($1::text[], $2::int[]) as held (name, upto)
		  join events on stream = name and version > upto
		 where type <> all ($3::text[])`, wireFormats, names, after, append([]string{}, without...))
	if err != nil {
		return nil, fmt.Errorf("read %d streams: %w", len(names), err)
	}
	all, err := histories(rows, s.decode)
	if err != nil {
		return nil, fmt.Errorf("read %d streams: %w", len(names), err)
	}
	return all, nil
}

// histories decodes the rows of a query for events, by stream.
func histories(rows pgx.Rows, decode func(*line) (event.Record, error)) (map[string][]event.Record, error) {
	found, err := scan(rows)
	if err != nil {
		return nil, err
	}
	defer found.release()
	records, err := decodeAll(found.rows, decode)
	if err != nil {
		return nil, err
	}
	order := func(a, b event.Record) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Version, b.Version))
	}
	if !slices.IsSortedFunc(records, order) { // an index yields them so, and a record is large
		slices.SortFunc(records, order)
	}
	all := make(map[string][]event.Record)
	for first := 0; first < len(records); {
		end := first + 1
		for end < len(records) && records[end].Stream == records[first].Stream {
			end++
		}
		all[records[first].Stream] = slices.Clone(records[first:end]) // whoever keeps one keeps no other
		first = end
	}
	return all, nil
}

// Begun tells which of some streams have an event up to and with a position.
func (s *Store) Begun(ctx context.Context, names []string, upto int64) (map[string]bool, error) {
	rows, err := s.pool.Query(ctx, `select stream from events where stream = any ($1) and version = 1 and position <= $2`, names, upto)
	if err != nil {
		return nil, fmt.Errorf("look for %d streams: %w", len(names), err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for %d streams: %w", len(names), err)
	}
	begun := make(map[string]bool, len(found))
	for _, name := range found {
		begun[name] = true
	}
	return begun, nil
}

// A Filter narrows what Since yields. A zero field does not narrow.
type Filter struct {
	Types        []string // stored names
	StreamPrefix string   // "proposal-"
	Cycle        int      // fiscal year
}

// Since yields the events after a position that pass f, in order, at most limit
// of them (0: all there are). It holds no connection while the caller is busy
// with what it was given, reads ahead, and decodes on all processors.
func (s *Store) Since(ctx context.Context, after int64, limit int, f Filter) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		pages := make(chan *pageRead, 2)
		var working sync.WaitGroup
		working.Go(func() {
			defer close(pages)
			for found, err := range s.pages(ctx, after, limit, f) {
				p := &pageRead{err: err, decoded: make(chan struct{})}
				working.Go(func() {
					defer close(p.decoded)
					if p.err == nil {
						defer found.release()
						p.records, p.err = decodeAll(found.rows, s.decode)
					}
				})
				select {
				case pages <- p:
				case <-ctx.Done():
					return
				}
			}
		})
		defer working.Wait()
		defer cancel()
		for p := range pages {
			<-p.decoded
			for _, r := range p.records {
				if !yield(r, nil) {
					return
				}
			}
			if p.err != nil {
				yield(event.Record{}, p.err)
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(event.Record{}, err)
		}
	}
}

// A pageRead is a page on its way from the wire to whoever ranges over Since.
type pageRead struct {
	decoded chan struct{} // closed when the rest stands
	records []event.Record
	err     error
}

// pages yields what Since reads, a page at a time.
func (s *Store) pages(ctx context.Context, after int64, limit int, f Filter) iter.Seq2[*lines, error] {
	narrow := len(f.Types) > 0 || f.StreamPrefix != "" || f.Cycle != 0
	return func(yield func(*lines, error) bool) {
		var head int64
		if narrow {
			var err error
			if head, err = s.Head(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		for left := limit; ; {
			size := page
			if limit > 0 {
				size = min(size, left)
			}
			var found *lines
			var err error
			if narrow {
				found, err = s.filtered(ctx, after, size, f)
			} else {
				found, err = since(ctx, s.pool, after, size)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			n := len(found.rows)
			last := after
			if n > 0 {
				last = found.rows[n-1].position // whoever takes found may release it
				if !yield(found, nil) {
					return
				}
			}
			left -= n
			switch {
			case limit > 0 && left <= 0:
				return
			case n == size:
				after = last
			case narrow && after+stride < head: // nothing more in this stride
				after += stride
			default:
				return
			}
		}
	}
}

func since(ctx context.Context, q Querier, after int64, limit int) (*lines, error) {
	rows, err := q.Query(ctx, `select `+columns+` from events where position > $1 order by position limit $2`, wireFormats, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", after, err)
	}
	found, err := scan(rows)
	if err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", after, err)
	}
	return found, nil
}

// filtered looks no further than a stride, so that a filter that lets next to
// nothing through makes many short queries and not one that never ends.
func (s *Store) filtered(ctx context.Context, after int64, limit int, f Filter) (*lines, error) {
	rows, err := s.pool.Query(ctx, `
		select `+columns+`
		  from events
		 where position > $1 and position <= $2
		   and (cardinality($3::text[]) = 0 or type = any ($3))
		   and ($4 = '' or starts_with(stream, $4))
		   and ($5 = 0 or cycle = $5)
		 order by position
		 limit $6`, wireFormats, after, after+stride, append([]string{}, f.Types...), f.StreamPrefix, f.Cycle, limit)
	if err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", after, err)
	}
	found, err := scan(rows)
	if err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", after, err)
	}
	return found, nil
}

// Batch returns at most limit events after a position, in order, read through q
// and not decoded: what a projection folds in the transaction it writes in.
func (s *Store) Batch(ctx context.Context, q Querier, after int64, limit int) ([]Raw, error) {
	found, err := since(ctx, q, after, limit)
	if err != nil {
		return nil, err
	}
	raws := make([]Raw, len(found.rows)) // they lie in found's memory
	return raws, spread(len(raws), 128, func(i int) error { return found.rows[i].raw(&raws[i]) })
}

// At returns the event at a position, or the refusal event.unknown (NotFound).
func (s *Store) At(ctx context.Context, position int64) (Raw, error) {
	found, err := since(ctx, s.pool, position-1, 1)
	if err != nil {
		return Raw{}, err
	}
	if len(found.rows) == 0 || found.rows[0].position != position {
		return Raw{}, domain.Refuse(domain.NotFound, "event.unknown", "position", strconv.FormatInt(position, 10))
	}
	var r Raw
	err = found.rows[0].raw(&r)
	return r, err
}

// PositionOf returns where an event of a stream stands, 0 where that stream has
// no such event.
func (s *Store) PositionOf(ctx context.Context, stream string, id uuid.UUID) (int64, error) {
	var position int64
	err := s.pool.QueryRow(ctx, `select position from events where stream = $1 and event_id = $2`, stream, id).Scan(&position)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("position of event %s: %w", id, err)
	}
	return position, nil
}

// decodeAll decodes lines and keeps their order.
func decodeAll(lines []line, decode func(*line) (event.Record, error)) ([]event.Record, error) {
	records := make([]event.Record, len(lines))
	if err := spread(len(lines), 128, func(i int) (err error) {
		records[i], err = decode(&lines[i])
		return err
	}); err != nil {
		return nil, err
	}
	return records, nil
}

// spread calls f for 0 … n-1 on all processors, each taking at least grain of
// them, and stops a share at its first error.
func spread(n, grain int, f func(i int) error) error {
	shares := min(runtime.GOMAXPROCS(0), 1+n/grain)
	errs := make([]error, shares)
	work := func(share int) {
		for i := n * share / shares; i < n*(share+1)/shares && errs[share] == nil; i++ {
			errs[share] = f(i)
		}
	}
	var others sync.WaitGroup
	for share := 1; share < shares; share++ {
		others.Go(func() { work(share) })
	}
	work(0)
	others.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Names returns streams whose names begin with a prefix and that begin in a cycle
// (0: in any), in order, at most limit of them after one. Whoever goes through all
// histories reads them so, some thousand at a time, and needs memory for no more.
func (s *Store) Names(ctx context.Context, prefix string, cycle int, after string, limit int) ([]string, error) {
	query, args := `
		select stream from events
		 where version = 1 and stream > $1 and stream >= $2 and stream < $3
		 order by stream limit $4`, []any{after, prefix, prefix + "\U0010ffff", limit}
	if cycle != 0 {
		query, args = `
		select stream from events
		 where version = 1 and cycle = $5 and stream > $1 and stream >= $2 and stream < $3
		 order by stream limit $4`, append(args, cycle)
	}
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("names of streams %s…: %w", prefix, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
