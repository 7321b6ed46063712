package notary

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"runut/eventstore/proof"
)

// keptTiles is how many tiles a Prover holds, 8 KiB each.
const keptTiles = 1024

// A Prover proves that events are in one head. It keeps the tiles it has read, so
// that events in order take few reads. It is not safe for concurrent use.
type Prover struct {
	book Book
	head Head
	read proof.Read
}

// Prover returns what proves events in a head.
func (b Book) Prover(ctx context.Context, h Head) *Prover {
	read, kept := reader(ctx, b.DB), make(map[tlog.Tile][]byte)
	return &Prover{b, h, func(wanted []tlog.Tile) ([][]byte, error) {
		if len(kept) > keptTiles {
			clear(kept)
		}
		var missing []tlog.Tile
		for _, t := range wanted {
			if kept[t] == nil {
				missing = append(missing, t)
			}
		}
		if len(missing) > 0 {
			found, err := read(missing)
			if err != nil {
				return nil, err
			}
			for i, t := range missing {
				kept[t] = found[i]
			}
		}
		out := make([][]byte, len(wanted))
		for i, t := range wanted {
			out[i] = kept[t]
		}
		return out, nil
	}}
}

// Prove proves that an event is in the head. It refuses as Book.Prove does.
func (p *Prover) Prove(at Place) (proof.Inclusion, error) { return p.book.prove(at, p.head, p.read) }

// Entries returns what the tree holds of the events at positions, in order. It
// needs to see no record.
func (b Book) Entries(ctx context.Context, positions []int64) ([]Place, error) {
	rows, err := b.DB.Query(ctx, `
		select position, event_id, recorded_at, digest from tree.entries
		 where position = any ($1) order by position`, positions)
	if err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	places, err := pgx.CollectRows(rows, place)
	if err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	return places, nil
}
