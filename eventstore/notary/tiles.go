package notary

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/eventstore/proof"
)

// A querier reads rows: a pool, a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// extend adds the events up to a position to the tree, a stretch of them at
// most, and returns its right edge.
func extend(ctx context.Context, tx pgx.Tx, to int64) (*proof.Tree, error) {
	size, err := treeSize(ctx, tx)
	if err != nil {
		return nil, err
	}
	tree, err := proof.Resume(size, reader(ctx, tx))
	if err != nil || size >= to {
		return tree, err
	}
	var grown []proof.Tile
	tree.Full = func(t tlog.Tile, hashes []byte) { grown = append(grown, proof.Tile{Tile: t, Hashes: hashes}) }
	to = min(to, size+stretch)
	if err := addLeaves(ctx, tx, tree, to); err != nil {
		return nil, err
	}
	if err := writeTiles(ctx, tx, append(grown, tree.Edge()...)); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		insert into tree.places (event_id, position)
		select event_id, position from events where position > $1 and position <= $2
		on conflict do nothing`, size, to)
	if err != nil {
		return nil, fmt.Errorf("write where events stand: %w", err)
	}
	return tree, nil
}

// treeSize returns how many leaves the tiles hold.
func treeSize(ctx context.Context, tx pgx.Tx) (size int64, err error) {
	err = tx.QueryRow(ctx, `
		select coalesce((select n * 256 + width from tree.tiles where level = 0 order by n desc limit 1), 0)`).Scan(&size)
	if err != nil {
		return 0, fmt.Errorf("size of the tree: %w", err)
	}
	return size, nil
}

// addLeaves adds the leaf hashes of the log up to a position. It takes them as
// they were stored when the event was appended; whether they are those of the
// records is for verify to say.
func addLeaves(ctx context.Context, db querier, tree *proof.Tree, to int64) error {
	rows, err := db.Query(ctx, `
		select position, leaf_hash from events where position > $1 and position <= $2 order by position`, tree.Size, to)
	if err != nil {
		return fmt.Errorf("leaves of the log: %w", err)
	}
	var position int64
	var leaf []byte
	_, err = pgx.ForEachRow(rows, []any{&position, &leaf}, func() error {
		if position != tree.Size+1 || len(leaf) != tlog.HashSize {
			return domain.Refuse(domain.Unready, "log.forked", "size", number(to), "from", number(tree.Size+1), "to", number(to))
		}
		tree.Add(tlog.Hash(leaf))
		return nil
	})
	if err != nil {
		return fmt.Errorf("leaves of the log: %w", err)
	}
	if tree.Size != to {
		return domain.Refuse(domain.Unready, "log.forked", "size", number(to), "from", number(tree.Size+1), "to", number(to))
	}
	return nil
}

// writeTiles stores tiles, new ones and such as have grown.
func writeTiles(ctx context.Context, tx pgx.Tx, tiles []proof.Tile) error {
	levels, ns := make([]int16, len(tiles)), make([]int64, len(tiles))
	widths, hashes := make([]int16, len(tiles)), make([][]byte, len(tiles))
	for i, t := range tiles {
		levels[i], ns[i], widths[i], hashes[i] = int16(t.L), t.N, int16(t.W), t.Hashes
	}
	_, err := tx.Exec(ctx, `
		insert into tree.tiles as t (level, n, width, hashes)
		select * from unnest($1::int2[], $2::bigint[], $3::int2[], $4::bytea[])
		on conflict (level, n) do update set width = excluded.width, hashes = excluded.hashes where t.width < excluded.width`,
		levels, ns, widths, hashes)
	if err != nil {
		return fmt.Errorf("write tiles: %w", err)
	}
	return nil
}

// reader reads tiles from the table, all that are asked for by one statement.
func reader(ctx context.Context, db querier) proof.Read {
	return func(tiles []tlog.Tile) ([][]byte, error) {
		levels, ns := make([]int16, len(tiles)), make([]int64, len(tiles))
		for i, t := range tiles {
			levels[i], ns[i] = int16(t.L), t.N
		}
		rows, err := db.Query(ctx, `
			select a.i, t.hashes
			  from unnest($1::int2[], $2::bigint[]) with ordinality a(level, n, i)
			  join tree.tiles t on t.level = a.level and t.n = a.n`, levels, ns)
		if err != nil {
			return nil, fmt.Errorf("read tiles: %w", err)
		}
		data := make([][]byte, len(tiles))
		var i int
		var hashes []byte
		_, err = pgx.ForEachRow(rows, []any{&i, &hashes}, func() error {
			data[i-1] = hashes
			hashes = nil
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read tiles: %w", err)
		}
		for i, t := range tiles {
			if len(data[i]) < t.W*tlog.HashSize {
				return nil, domain.Refuse(domain.Unready, "tree.damaged", "place", proof.Path(t))
			}
		}
		return data, nil
	}
}

// diagnose says what is wrong where the tree does not contain a head that was
// signed: the tiles, where the events still lead to it, or else the log, and
// then from which position on.
func diagnose(ctx context.Context, db querier, signed proof.Checkpoint) error {
	var tree proof.Tree
	good := int64(0)
	for tree.Size < signed.Size {
		heads, err := signedUpTo(ctx, db, signed, tree.Size, min(tree.Size+stretch, signed.Size))
		if err != nil {
			return err
		}
		for _, h := range heads {
			if err := addLeaves(ctx, db, &tree, h.Size); err != nil {
				return err
			}
			if h.Root != (tlog.Hash{}) && tree.Root() == h.Root {
				good = h.Size
			}
		}
	}
	if tree.Root() == signed.Root {
		return domain.Refuse(domain.Unready, "tree.damaged", "place", "tree.tiles")
	}
	return domain.Refuse(domain.Unready, "log.forked", "size", number(signed.Size), "from", number(good+1), "to", number(signed.Size))
}

// signedUpTo returns the heads that were signed in a stretch, ending with the end
// of it, whose root may be left open.
func signedUpTo(ctx context.Context, db querier, signed proof.Checkpoint, from, to int64) ([]proof.Checkpoint, error) {
	rows, err := db.Query(ctx, `
		select size, root from tree.checkpoints where origin = $1 and size > $2 and size < $3 order by size`, signed.Origin, from, to)
	if err != nil {
		return nil, fmt.Errorf("signed heads: %w", err)
	}
	heads, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c proof.Checkpoint, err error) {
		var root []byte
		err = row.Scan(&c.Size, &root)
		copy(c.Root[:], root)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("signed heads: %w", err)
	}
	end := proof.Checkpoint{Size: to}
	if to == signed.Size {
		end = signed
	}
	return append(heads, end), nil
}

// Rebuild makes tiles and places again from the log, under the lock of those
// who sign. The database role needs to own them. It refuses with log.forked where
// the log does not lead to the newest head that was signed.
func Rebuild(ctx context.Context, db interface {
	Begin(context.Context) (pgx.Tx, error)
}, progress func(done, total int64)) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('runut notary', 0))`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `truncate tree.tiles, tree.places`); err != nil {
			return fmt.Errorf("rebuild the tree: %w", err)
		}
		var head int64
		if err := tx.QueryRow(ctx, `select coalesce(max(position), 0) from events`).Scan(&head); err != nil {
			return fmt.Errorf("rebuild the tree: %w", err)
		}
		for size := int64(0); size < head; {
			tree, err := extend(ctx, tx, head)
			if err != nil {
				return err
			}
			size = tree.Size
			progress(size, head)
		}
		return nil
	})
}
