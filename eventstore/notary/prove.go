package notary

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/eventstore/proof"
)

// Inclusion proves that an event is in the newest head, mostly in one short read:
// the event, the head and the tile of its leaf; the tiles above are few, and kept.
// It refuses with event.unsealed (NotFound) where no head covers it, and with
// inclusion.wrong (Invalid) where the record is not the one that was sealed.
func (b Book) Inclusion(ctx context.Context, id uuid.UUID) (proof.Inclusion, error) {
	p, h, leaves, err := b.underNewest(ctx, id)
	if err != nil {
		return proof.Inclusion{}, err
	}
	return b.prove(p, h, given(p, leaves, reader(ctx, b.DB)))
}

// Prove proves that an event is in a head, in one read of the tiles. It refuses as
// Inclusion does.
func (b Book) Prove(ctx context.Context, p Place, h Head) (proof.Inclusion, error) {
	return b.prove(p, h, reader(ctx, b.DB))
}

// prove keeps what it reads of the tiles above the leaves. Where these do not lead
// to the head, as after the tree was made anew, it reads them again before it says so.
func (b Book) prove(p Place, h Head, read proof.Read) (proof.Inclusion, error) {
	proven, err := prove(p, h, b.Above.subtrees(read, aboveLeaves))
	if b.Above.drop(err) {
		proven, err = prove(p, h, b.Above.subtrees(read, aboveLeaves))
	}
	return proven, err
}

func prove(p Place, h Head, of func([]tlog.Tile) ([]*proof.Subtree, error)) (proof.Inclusion, error) {
	if p.Position > h.Size {
		return proof.Inclusion{}, domain.Refuse(domain.NotFound, "event.unsealed", "event", p.Event.String())
	}
	hashes, err := tlog.ProveRecord(h.Size, p.Position-1, proof.HashesOf(h.Size, of))
	if err != nil {
		return proof.Inclusion{}, fmt.Errorf("prove event %d: %w", p.Position, err)
	}
	if tlog.CheckRecord(hashes, h.Size, h.Root, p.Position-1, p.Leaf()) != nil {
		return proof.Inclusion{}, domain.Refuse(domain.Invalid, "inclusion.wrong", "index", number(p.Position-1), "size", number(h.Size))
	}
	return proof.Inclusion{Index: p.Position - 1, Extra: p.Entry[:], Hashes: hashes, Checkpoint: []byte(h.Note)}, nil
}

// underNewest returns the place of an event, the newest head, and the tile of the
// event's leaf as far as it reaches.
func (b Book) underNewest(ctx context.Context, id uuid.UUID) (p Place, h Head, leaves []byte, err error) {
	rows, err := b.DB.Query(ctx, `
		select e.position, e.event_id, e.recorded_at, e.digest, c.size, c.root, c.note, c.signed_at, t.hashes
		  from tree.places p
		  join tree.entries e on e.position = p.position
		  join tree.tiles t on t.level = 0 and t.n = (p.position - 1) / $3
		 cross join lateral (`+head+`where origin = $2 order by size desc limit 1) c
		 where p.event_id = $1`, id, b.Origin, int64(proof.TileWidth))
	if err != nil {
		return p, h, nil, fmt.Errorf("place of %s: %w", id, err)
	}
	h, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (h Head, err error) {
		var digest, root []byte
		if err := row.Scan(&p.Position, &p.Event, &p.RecordedAt, &digest, &h.Size, &root, &h.Note, &h.At, &leaves); err != nil {
			return h, err
		}
		p.RecordedAt, h.At, h.Origin = p.RecordedAt.UTC(), h.At.UTC(), b.Origin
		p.Entry = proof.NewEntry(p.Event, p.RecordedAt, [32]byte(digest))
		copy(h.Root[:], root)
		return h, nil
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		return p, h, leaves, err
	}
	if p, err = b.Place(ctx, id); err != nil { // one of them is missing, and says so
		return p, h, nil, err
	}
	h, err = b.Latest(ctx)
	return p, h, nil, err
}

// given reads the tile of a leaf from where it is already, and all others as read does.
func given(p Place, leaves []byte, read proof.Read) proof.Read {
	return func(tiles []tlog.Tile) ([][]byte, error) {
		at := slices.IndexFunc(tiles, func(t tlog.Tile) bool {
			return t.L == 0 && t.N == (p.Position-1)/proof.TileWidth && len(leaves) >= t.W*tlog.HashSize
		})
		if at < 0 {
			return read(tiles)
		}
		if len(tiles) == 1 {
			return [][]byte{leaves}, nil
		}
		data, err := read(slices.Delete(slices.Clone(tiles), at, at+1))
		if err != nil {
			return nil, err
		}
		return slices.Insert(data, at, leaves), nil
	}
}

// A Prover proves that events are in one head. It keeps the tiles it has read, so
// that events in order take few reads.
type Prover struct {
	head Head
	of   func([]tlog.Tile) ([]*proof.Subtree, error)
}

// Prover returns what proves events in a head.
func (b Book) Prover(ctx context.Context, h Head) *Prover {
	return &Prover{h, new(Kept).subtrees(reader(ctx, b.DB), everyTile)}
}

// Prove proves that an event is in the head. It refuses as Book.Prove does.
func (p *Prover) Prove(at Place) (proof.Inclusion, error) { return prove(at, p.head, p.of) }

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
