package demo

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"runut/domain/catalog"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/projections"
)

// emptySealer stands in for the vault: what it is given is gone.
type emptySealer struct{}

func (emptySealer) Seal(_ context.Context, _ string, items []eventstore.Item) ([][]byte, error) {
	sealed := make([][]byte, len(items))
	for i := range sealed {
		sealed[i] = []byte("sealed")
	}
	return sealed, nil
}

// The demo goes into a real log, and what the read models make of it balances.
func TestSeedFillsALog(t *testing.T) {
	pool := pgtest.Open(t)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: emptySealer{}, Tenant: Kabupaten, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	var done, total int64
	var planted []Plant
	err = Seed(t.Context(), Options{Store: store, Seed: 1, Day: today, Part: 70, Planted: &planted, Progress: func(d, of int64) { done, total = d, of }})
	if err != nil || len(planted) == 0 {
		t.Fatal(len(planted), err)
	}
	head, err := store.Head(t.Context())
	if err != nil || head == 0 || done != head || total < done {
		t.Fatalf("head %d, %v; progress %d of %d", head, err, done, total)
	}
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	run := projections.Runner{DB: pool, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Definitions: func(hash string) *workflow.Definition {
			if hash == d.Hash() {
				return d
			}
			return nil
		}}
	if err := run.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, year := range []int{Executed(today), Complete(today), Practice(today)} {
		sum, err := projections.Funnel{DB: pool}.Sum(t.Context(), projections.FunnelFilter{Cycle: year})
		if err != nil {
			t.Fatal(err)
		}
		if !sum.Value.Balanced() || sum.Value.Origins == 0 || sum.Value.Granted == 0 {
			t.Errorf("%d: %+v", year, sum.Value)
		}
	}
}
