package bench

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/cmd/runut/demo"
	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
)

// Read models are measured over the demo's log, because what they cost depends
// on what happens in it. A log of more than one year is several years of the
// kabupaten: the year that went to the budget is told again as other years.
const (
	usual = 38_000    // events of a year, about
	much  = 3_000_000 // from here on a year of twice the proposals is told again
	years = 98        // that a number's two digits have room for, beside the practice year
)

var seeded = time.Date(2025, 11, 20, 9, 0, 0, 0, time.UTC)

// town fills an empty log with about so many events, in whole years, and returns
// how many there are.
func town(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, events int) (int64, error) {
	o := demo.Options{Store: store, Seed: 1, Day: seeded, Scale: 1, Single: true}
	switch {
	case events < usual:
		o.Part = usual / events
	case events >= much:
		o.Scale = 2
	}
	if err := demo.Seed(ctx, o); err != nil {
		return 0, err
	}
	first, err := store.Head(ctx)
	if err != nil {
		return 0, err
	}
	told := min(years, (int64(events)+first/2)/first)
	for n := int64(1); n < told; n++ {
		t := retelling{pool: pool, store: store, upTo: first, year: demo.Complete(seeded)}
		if err := t.as(ctx, 2000+(t.year-int(n)+100)%100); err != nil {
			return 0, fmt.Errorf("year %d of %d: %w", n+1, told, err)
		}
	}
	return store.Head(ctx)
}

// A retelling writes what the log holds of a fiscal year up to a position once
// more, as another year's.
type retelling struct {
	pool  *pgxpool.Pool
	store *eventstore.Store
	upTo  int64
	year  int
	now   int // the other year

	words [][2][]byte             // as they were and as they are
	ids   map[uuid.UUID]uuid.UUID // of events
}

func (t *retelling) as(ctx context.Context, year int) error {
	t.now, t.ids = year, make(map[uuid.UUID]uuid.UUID)
	t.words = append(t.words, [2][]byte{fmt.Appendf(nil, "U-%02d-", t.year%100), fmt.Appendf(nil, "U-%02d-", year%100)})
	for _, word := range []string{"forum-%d-", "cycle-%d", `"year":%d`, `"cycle":%d`} {
		t.words = append(t.words, [2][]byte{fmt.Appendf(nil, word, t.year), fmt.Appendf(nil, word, year)})
	}
	var entries []eventstore.Entry
	var one telling
	n := 0
	flush := func() error {
		_, err := t.store.Import(ctx, entries)
		entries, n = nil, 0
		return err
	}
	for at := int64(0); at < t.upTo; {
		raws, err := t.store.Batch(ctx, t.pool, at, 2000)
		if err != nil {
			return err
		}
		for i := range raws {
			r := &raws[i]
			at = r.Position
			if r.Cycle != t.year || at > t.upTo {
				continue
			}
			if r.Command != one.command && n >= transaction {
				if err := flush(); err != nil {
					return err
				}
			}
			if r.Command != one.command {
				one = telling{command: r.Command, id: uuid.NewSHA1(r.Command, fmt.Append(nil, year))}
				entries = append(entries, eventstore.Entry{Command: event.Command{
					ID: one.id, Fingerprint: [32]byte(append(one.id[:], one.id[:]...)), Actor: r.Actor, Tenant: r.Tenant, Cycle: year, Definition: r.Definition, RecordedAt: r.RecordedAt}})
			}
			if err := t.add(&entries[len(entries)-1], &one, r); err != nil {
				return err
			}
			n++
		}
	}
	return flush()
}

// A telling is a command that is told again.
type telling struct {
	command, id uuid.UUID
	facts       int
}

func (t *retelling) add(e *eventstore.Entry, one *telling, r *eventstore.Raw) error {
	one.facts++
	t.ids[r.ID] = event.IDOf(one.id, one.facts)
	r.Payload, r.Texts = t.renamed(r.Payload), t.renamed(r.Texts)
	decoded, err := t.store.Decode(r)
	if err != nil {
		return err
	}
	stream := string(t.renamed([]byte(r.Stream)))
	if of, ok := strings.CutSuffix(stream, fmt.Sprintf("-%d", t.year)); ok { // an import's, a letter's
		stream = fmt.Sprintf("%s-%d", of, t.now)
	}
	fact := event.Fact{Event: decoded.Event, Occurred: r.Occurred}
	if fact.Occurred == domain.Moment(r.RecordedAt) {
		fact.Occurred = domain.Interval{}
	}
	if last := len(e.Changes) - 1; last >= 0 && e.Changes[last].Stream == stream {
		e.Changes[last].Facts = append(e.Changes[last].Facts, fact)
		return nil
	}
	e.Changes = append(e.Changes, event.Change{Stream: stream, Version: r.Version - 1, Facts: []event.Fact{fact}})
	return nil
}

// renamed returns a copy of b that speaks of the other year and its events.
func (t *retelling) renamed(b []byte) []byte {
	if b == nil {
		return nil
	}
	b = bytes.Clone(b)
	for _, w := range t.words {
		b = bytes.ReplaceAll(b, w[0], w[1])
	}
	for i := 0; i+37 < len(b); i++ {
		if b[i] != '"' || b[i+37] != '"' || b[i+9] != '-' {
			continue
		}
		id, err := uuid.ParseBytes(b[i+1 : i+37])
		if now, ok := t.ids[id]; err == nil && ok {
			copy(b[i+1:], now.String())
		}
	}
	return b
}
