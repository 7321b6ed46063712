package proof

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// A Tree is the right edge of a Merkle tree: all that is needed to add leaves
// and to know the root, however many leaves there are. The zero Tree is empty.
type Tree struct {
	Size int64 // leaves so far

	// Full, where it is set, is handed every tile that an Add completes, a tile
	// before the one above it. It may keep the hashes.
	Full func(tile tlog.Tile, hashes []byte)

	edge [][]byte // by level, the hashes behind the last full tile
}

// A Tile is a tile of the tree and what it holds, 32 bytes a hash.
type Tile struct {
	tlog.Tile
	Hashes []byte
}

// Resume returns the tree of a size whose right edge read supplies, so that it
// can grow. It reads one partial tile a level, all at once.
func Resume(size int64, read Read) (*Tree, error) {
	t := &Tree{Size: size}
	wanted := EdgeTiles(size)
	if len(wanted) == 0 {
		return t, nil
	}
	data, err := read(wanted)
	if err != nil {
		return nil, err
	}
	for i, tile := range wanted {
		if len(data) != len(wanted) || len(data[i]) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("proof: tile %s is missing or short", Path(tile))
		}
		for len(t.edge) <= tile.L {
			t.edge = append(t.edge, nil)
		}
		t.edge[tile.L] = append(make([]byte, 0, TileBytes), data[i][:tile.W*tlog.HashSize]...)
	}
	return t, nil
}

// EdgeTiles returns the partial tiles of a tree of a size, lowest level first.
func EdgeTiles(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level := 0; size > 0; level++ {
		if w := int(size % TileWidth); w > 0 {
			tiles = append(tiles, tlog.Tile{H: TileHeight, L: level, N: size / TileWidth, W: w})
		}
		size /= TileWidth
	}
	return tiles
}

// Add adds a leaf.
func (t *Tree) Add(leaf tlog.Hash) {
	t.Size++
	for level, h := 0, leaf; ; level++ {
		if level == len(t.edge) {
			t.edge = append(t.edge, make([]byte, 0, TileBytes))
		}
		t.edge[level] = append(t.edge[level], h[:]...)
		full := t.edge[level]
		if len(full) < TileBytes {
			return
		}
		if t.Full != nil {
			t.Full(tlog.Tile{H: TileHeight, L: level, N: t.Size>>((level+1)*TileHeight) - 1, W: TileWidth}, full)
			t.edge[level] = make([]byte, 0, TileBytes)
		} else {
			t.edge[level] = full[:0]
		}
		h = subtree(full)
	}
}

// Edge returns the partial tiles, lowest level first. They share memory with the
// tree until the next Add.
func (t *Tree) Edge() []Tile {
	tiles := make([]Tile, 0, len(t.edge))
	for _, tile := range EdgeTiles(t.Size) {
		tiles = append(tiles, Tile{tile, t.edge[tile.L]})
	}
	return tiles
}

// Root returns the hash of the tree: of no leaves, the hash of nothing.
func (t *Tree) Root() tlog.Hash {
	if t.Size == 0 {
		h, _ := tlog.TreeHash(0, nil)
		return h
	}
	var root tlog.Hash
	begun := false
	for _, hashes := range t.edge { // from the right: the smallest subtrees first
		for n := len(hashes) / tlog.HashSize; n > 0; {
			w := 1 << bits.TrailingZeros(uint(n))
			h := subtree(hashes[(n-w)*tlog.HashSize : n*tlog.HashSize])
			if begun {
				h = tlog.NodeHash(h, root)
			}
			root, begun, n = h, true, n-w
		}
	}
	return root
}

// subtree returns the hash over a power of two of hashes, which it leaves alone.
func subtree(hashes []byte) tlog.Hash {
	if len(hashes) == tlog.HashSize {
		return tlog.Hash(hashes)
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}
