package bench

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore/notary"
	"runut/eventstore/proof"
)

// proofRound signs the log, and proves events of it, one after the other, beside
// reading events by their position.
func (r *run) proofRound(ctx context.Context, pool *pgxpool.Pool, round, events int, row *Row) error {
	dir, err := os.MkdirTemp("", "runut-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	signer, err := proof.CreateSigner(filepath.Join(dir, "signer"), proof.DemoOrigin("99.01"))
	if err != nil {
		return err
	}
	store, err := r.open(ctx, pool, samples)
	if err != nil {
		return err
	}
	defer store.Close()
	n := &notary.Notary{DB: pool, Store: store, Signer: signer, State: filepath.Join(dir, "checkpoint"), Log: slog.New(slog.DiscardHandler)}
	if _, err := n.Seal(ctx); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, `analyze`); err != nil { // as autovacuum does
		return err
	}
	ids := make([]uuid.UUID, 1000)
	for i := range ids {
		if err := pool.QueryRow(ctx, `select event_id from events where position = $1`, 1+rand.IntN(events)).Scan(&ids[i]); err != nil {
			return err
		}
	}
	book := notary.Book{DB: pool, Origin: signer.Origin, Above: new(notary.Kept)}
	prove := func() (float64, error) {
		return each(r.Round, func(i int) error {
			_, err := book.Inclusion(ctx, ids[i%len(ids)])
			return err
		})
	}
	read := func() (float64, error) {
		return each(r.Round, func(i int) error {
			var record []byte
			return pool.QueryRow(ctx, `select record from events where position = $1`, 1+rand.IntN(events)).Scan(&record)
		})
	}
	for _, warm := range []func() (float64, error){prove, read} {
		if _, err := warm(); err != nil {
			return err
		}
	}
	measured, err := taking(round, prove, read)
	if err != nil {
		return err
	}
	row.add(measured)
	r.step()
	return nil
}

// each does something again and again, and returns how many milliseconds one took.
func each(d time.Duration, do func(i int) error) (float64, error) {
	began, i := time.Now(), 0
	for ; time.Since(began) < d; i++ {
		if err := do(i); err != nil {
			return 0, err
		}
	}
	return milliseconds(time.Since(began)) / float64(i), nil
}
