package notary

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/eventstore/proof"
)

// A Head is a checkpoint as it was signed.
type Head struct {
	proof.Checkpoint
	Note string    // text and signatures
	At   time.Time // when it was signed, by this server's clock; no part of what is signed
}

// A Book reads what was signed of one log and proves from it. It needs no more
// than a role that may read the schema tree: everything in it is public.
type Book struct {
	DB     querier
	Origin string
	Above  *Kept // tiles above the leaves; nil: they are read for every proof
}

// A Place says where an event stands, and what its leaf is made of.
type Place struct {
	Event      uuid.UUID
	Position   int64
	RecordedAt time.Time
	Entry      proof.Entry
}

// Leaf returns the event's leaf hash.
func (p Place) Leaf() tlog.Hash { return p.Entry.Leaf() }

const head = `select size, root, note, signed_at from tree.checkpoints `

// Latest returns the newest head, or the refusal log.unsigned (NotFound).
func (b Book) Latest(ctx context.Context) (Head, error) {
	return b.head(ctx, head+`where origin = $1 order by size desc limit 1`, b.Origin)
}

// Newest returns the newest head of the log that was signed last, whatever its
// name, or the refusal log.unsigned (NotFound).
func Newest(ctx context.Context, db querier) (Head, error) {
	return Book{DB: db}.head(ctx, head+`
		where origin = (select origin from tree.signing_keys order by signed_at desc, since desc limit 1)
		order by size desc limit 1`)
}

// At returns the head of exactly a size, or the refusal log.unsigned (NotFound).
func (b Book) At(ctx context.Context, size int64) (Head, error) {
	return b.head(ctx, head+`where origin = $1 and size = $2`, b.Origin, size)
}

// Covering returns the first head that covers a position, or the refusal
// log.unsigned (NotFound).
func (b Book) Covering(ctx context.Context, position int64) (Head, error) {
	return b.head(ctx, head+`where origin = $1 and size >= $2 order by size limit 1`, b.Origin, position)
}

func (b Book) head(ctx context.Context, sql string, args ...any) (Head, error) {
	heads, err := b.heads(ctx, sql, args...)
	if err == nil && len(heads) == 0 {
		err = domain.Refuse(domain.NotFound, "log.unsigned")
	}
	if err != nil {
		return Head{}, err
	}
	return heads[0], nil
}

// Before returns heads smaller than a size, of any size for 0, newest first.
func (b Book) Before(ctx context.Context, size int64, limit int) ([]Head, error) {
	return b.heads(ctx, head+`where origin = $1 and ($2 = 0 or size < $2) order by size desc limit $3`, b.Origin, size, limit)
}

// Daily returns the last head of each of the last days, by UTC, newest first; a
// day on which nothing was signed has none.
func (b Book) Daily(ctx context.Context, days int) ([]Head, error) {
	return b.heads(ctx, `
		select c.size, c.root, c.note, c.signed_at
		  from generate_series(0, $2 - 1) ago
		 cross join lateral (select date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - ago * interval '1 day' as begins) day
		 cross join lateral (select size, root, note, signed_at from tree.checkpoints
		                      where origin = $1 and signed_at >= begins and signed_at < begins + interval '1 day'
		                      order by signed_at desc limit 1) c
		 order by c.size desc`, b.Origin, days)
}

func (b Book) heads(ctx context.Context, sql string, args ...any) ([]Head, error) {
	rows, err := b.DB.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("signed heads: %w", err)
	}
	heads, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Head, err error) {
		var root []byte
		err = row.Scan(&h.Size, &root, &h.Note, &h.At)
		h.Origin, h.At = b.Origin, h.At.UTC()
		copy(h.Root[:], root)
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("signed heads: %w", err)
	}
	return heads, nil
}

// Keys returns the verifier keys the log signed under, oldest first.
func (b Book) Keys(ctx context.Context) ([]string, error) {
	rows, err := b.DB.Query(ctx, `select key from tree.signing_keys where origin = $1 order by signed_at, since, key`, b.Origin)
	if err != nil {
		return nil, fmt.Errorf("keys of the log: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("keys of the log: %w", err)
	}
	return keys, nil
}

// tail is how far behind the newest head an event is looked for by its id.
const tail = 10_000

// Place returns where an event stands, or the refusal event.unsealed (NotFound).
// An event is found as soon as it is in the log, unless very many are waiting to
// be sealed.
func (b Book) Place(ctx context.Context, id uuid.UUID) (Place, error) {
	rows, err := b.DB.Query(ctx, `
		with newest as (select coalesce(max(size), 0) as size from tree.checkpoints where origin = $2)
		select position, event_id, recorded_at, digest from tree.entries
		 where position = (select position from tree.places where event_id = $1)
		union all
		select e.position, e.event_id, e.recorded_at, e.digest from newest n, tree.entries e
		 where e.position > n.size and e.position <= n.size + $3 and e.event_id = $1
		limit 1`, id, b.Origin, tail)
	if err != nil {
		return Place{}, fmt.Errorf("place of %s: %w", id, err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, place)
	if errors.Is(err, pgx.ErrNoRows) {
		return Place{}, domain.Refuse(domain.NotFound, "event.unsealed", "event", id.String())
	}
	if err != nil {
		return Place{}, fmt.Errorf("place of %s: %w", id, err)
	}
	return p, nil
}

func place(row pgx.CollectableRow) (p Place, err error) {
	var digest []byte
	if err := row.Scan(&p.Position, &p.Event, &p.RecordedAt, &digest); err != nil {
		return p, err
	}
	p.RecordedAt = p.RecordedAt.UTC()
	p.Entry = proof.NewEntry(p.Event, p.RecordedAt, [32]byte(digest))
	return p, nil
}

// Consistency proves that the log only grew between two sizes. Where one of them
// was signed, the checkpoint comes with it. It refuses with log.size_unsealed
// (NotFound) what is beyond the newest head, and consistency.shrunk (Invalid)
// where to is smaller than from.
func (b Book) Consistency(ctx context.Context, from, to int64) (proof.Consistency, error) {
	newest, err := b.Latest(ctx)
	if err != nil {
		return proof.Consistency{}, err
	}
	switch {
	case to < from:
		return proof.Consistency{}, domain.Refuse(domain.Invalid, "consistency.shrunk", "from", number(from), "to", number(to))
	case to > newest.Size:
		return proof.Consistency{}, domain.Refuse(domain.NotFound, "log.size_unsealed", "size", number(to), "newest", number(newest.Size))
	}
	hashes := proof.Hashes(newest.Size, reader(ctx, b.DB))
	var c proof.Consistency
	if c.From, err = b.proven(ctx, from, hashes); err != nil {
		return c, err
	}
	if c.To, err = b.proven(ctx, to, hashes); err != nil {
		return c, err
	}
	if c.Hashes, err = proof.ProveConsistent(from, to, hashes); err != nil {
		return c, fmt.Errorf("compare %d and %d: %w", from, to, err)
	}
	return c, nil
}

// proven returns the root of a size, from the tiles, and the checkpoint that was
// signed of it, if any.
func (b Book) proven(ctx context.Context, size int64, hashes tlog.HashReader) (proof.Head, error) {
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return proof.Head{}, fmt.Errorf("root of %d: %w", size, err)
	}
	h, err := b.At(ctx, size)
	if err != nil && !errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
		return proof.Head{}, err
	}
	return proof.Head{Size: size, Root: root, Checkpoint: h.Note}, nil
}

// Tile returns the content of a tile or, at level -1, of a bundle of entries, as
// c2sp.org/tlog-tiles asks for it. It refuses with tile.absent (NotFound) what no
// signed head holds: a later tile, or more of a partial one than there is.
func (b Book) Tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	newest, err := b.Latest(ctx)
	if err != nil {
		return nil, err
	}
	if has, ok := proof.Within(t, newest.Size); !ok || t.W > has.W {
		return nil, domain.Refuse(domain.NotFound, "tile.absent", "tile", proof.Path(t), "size", number(newest.Size))
	}
	if t.L < 0 {
		return b.bundle(ctx, t)
	}
	data, err := reader(ctx, b.DB)([]tlog.Tile{t})
	if err != nil {
		return nil, err
	}
	return data[0][:t.W*tlog.HashSize], nil
}

func (b Book) bundle(ctx context.Context, t tlog.Tile) ([]byte, error) {
	from := t.N * proof.TileWidth
	rows, err := b.DB.Query(ctx, `
		select position, event_id, recorded_at, digest from tree.entries
		 where position > $1 and position <= $2 order by position`, from, from+int64(t.W))
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", proof.Path(t), err)
	}
	places, err := pgx.CollectRows(rows, place)
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", proof.Path(t), err)
	}
	if len(places) != t.W {
		return nil, domain.Refuse(domain.Unready, "tree.damaged", "place", proof.Path(t))
	}
	bundle := make([]byte, 0, t.W*(proof.EntrySize+2))
	for _, p := range places {
		bundle = proof.AppendEntry(bundle, p.Entry)
	}
	return bundle, nil
}
