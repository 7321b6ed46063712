package proof_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"runut/eventstore/proof"
)

// numbered returns a leaf that stands for event n.
func numbered(n int64) tlog.Hash {
	return tlog.Hash(sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n))))
}

// A forest keeps every tile a Tree completes, and answers for any of them.
type forest struct {
	tree proof.Tree
	full map[tlog.Tile][]byte
}

func newForest() *forest {
	f := &forest{full: make(map[tlog.Tile][]byte)}
	f.tree.Full = func(t tlog.Tile, hashes []byte) { f.full[t] = hashes }
	return f
}

func (f *forest) grow(to int64) {
	for f.tree.Size < to {
		f.tree.Add(numbered(f.tree.Size))
	}
}

func (f *forest) read(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		whole := t
		whole.W = proof.TileWidth
		data[i] = f.full[whole]
		for _, e := range f.tree.Edge() {
			if e.L == t.L && e.N == t.N {
				data[i] = e.Hashes
			}
		}
	}
	return data, nil
}

// At every size the root is what package tlog makes of all leaf hashes, and the
// tiles are those it would make.
func TestTheTreeIsThatOfAllLeaves(t *testing.T) {
	f := newForest()
	var stored []tlog.Hash
	all := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			hashes[i] = stored[x]
		}
		return hashes, nil
	})
	const most = 3 * 256 * 100
	for n := int64(0); n <= most; n++ {
		if n < 1100 || n%256 < 2 || n%977 == 0 || n > most-3 {
			want, err := tlog.TreeHash(n, all)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.tree.Root(); got != want {
				t.Fatalf("root of %d leaves is %v, want %v", n, got, want)
			}
		}
		added, err := tlog.StoredHashesForRecordHash(n, numbered(n), all)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, added...)
		f.grow(n + 1)
	}
	for _, tile := range tlog.NewTiles(proof.TileHeight, 0, most) {
		want, err := tlog.ReadTileData(tile, all)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := f.read([]tlog.Tile{tile})
		if len(got[0]) < len(want) || !bytes.Equal(got[0][:len(want)], want) {
			t.Errorf("tile %s differs from that of package tlog", proof.Path(tile))
		}
	}
}

// A tree that is laid down and taken up again anywhere is the tree that never
// stopped, and old heads of it follow from younger tiles.
func TestATreeGrowsOnFromItsTiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, whole := newForest(), newForest()
		heads := map[int64]tlog.Hash{}
		for range rapid.IntRange(1, 6).Draw(t, "stops") {
			to := f.tree.Size + rapid.Int64Range(1, 1000).Draw(t, "more")
			resumed, err := proof.Resume(f.tree.Size, f.read)
			if err != nil {
				t.Fatal(err)
			}
			resumed.Full = f.tree.Full
			f.tree = *resumed
			f.grow(to)
			whole.grow(to)
			if f.tree.Root() != whole.tree.Root() {
				t.Fatalf("the resumed tree of %d leaves has another root", to)
			}
			heads[to] = f.tree.Root()
		}
		hashes := proof.Hashes(f.tree.Size, f.read)
		last := proof.Checkpoint{Origin: "log", Size: f.tree.Size, Root: f.tree.Root()}
		for size, root := range heads {
			if got, err := tlog.TreeHash(size, hashes); err != nil || got != root {
				t.Fatalf("root of %d from the tiles of %d is %v, %v; want %v", size, f.tree.Size, got, err, root)
			}
			path, err := proof.ProveConsistent(size, f.tree.Size, hashes)
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.CheckConsistent(proof.Checkpoint{Origin: "log", Size: size, Root: root}, last, path); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWithinIsWhatATreeHasOfATile(t *testing.T) {
	at := func(level int, n int64) tlog.Tile { return tlog.Tile{H: 8, L: level, N: n} }
	for _, test := range []struct {
		tile tlog.Tile
		size int64
		want int // 0: nothing
	}{
		{at(0, 0), 0, 0}, {at(0, 0), 1, 1}, {at(0, 0), 255, 255}, {at(0, 0), 256, 256}, {at(0, 1), 256, 0},
		{at(0, 273), 70_000, 112}, {at(1, 0), 70_000, 256}, {at(1, 1), 70_000, 17}, {at(2, 0), 70_000, 1}, {at(3, 0), 70_000, 0},
		{at(1, 0), 255, 0}, {at(-1, 273), 70_000, 112}, {at(0, 1<<40), 70_000, 0}, {at(63, 0), 70_000, 0},
	} {
		got, ok := proof.Within(test.tile, test.size)
		if got.W != test.want || ok != (test.want > 0) {
			t.Errorf("tile %d/%d of a tree of %d has %d hashes, want %d", test.tile.L, test.tile.N, test.size, got.W, test.want)
		}
	}
}
