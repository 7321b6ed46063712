package proof

import (
	"fmt"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// Tiles are as c2sp.org/tlog-tiles lays them down: a full one holds 256 hashes,
// level 0 the leaf hashes, each level above the hashes of full tiles below. A
// partial tile is the beginning of the full one.
const (
	TileHeight = torchwood.TileHeight
	TileWidth  = torchwood.TileWidth
	TileBytes  = TileWidth * tlog.HashSize
)

// Path returns where a tile is served, below the log's prefix: "tile/0/x001/234"
// or "tile/0/001.p/17". Level -1 is a bundle of entries, "tile/entries/001".
func Path(t tlog.Tile) string { return torchwood.TilePath(t) }

// ParsePath reads a path in exactly the form that Path writes.
func ParsePath(path string) (tlog.Tile, error) {
	t, err := torchwood.ParseTilePath(path)
	if err == nil && Path(t) != path { // there is another way to write a bundle
		err = fmt.Errorf("proof: malformed tile path %q", path)
	}
	return t, err
}

// Within returns the tile as a tree of a size has it, full or partial, and
// whether it has it at all.
func Within(t tlog.Tile, size int64) (tlog.Tile, bool) {
	t.W = 0
	hashes := size >> (t.H * max(t.L, 0))
	if t.N <= hashes>>t.H { // else t.N<<t.H may be beyond what an int64 holds
		t.W = int(min(hashes-t.N<<t.H, TileWidth))
	}
	return t, t.W > 0
}

// Read returns what each of the tiles holds, W hashes of 32 bytes or more.
type Read func(tiles []tlog.Tile) ([][]byte, error)

// Hashes returns the hashes of a tree of a size from its tiles, for the functions
// of package tlog that prove and hash. Every call of those reads its tiles at once.
//
// It takes the tiles on trust: what is built of them has to be checked against a
// signed root. Where the tiles themselves are in doubt use tlog.TileHashReader.
func Hashes(size int64, read Read) tlog.HashReader {
	return HashesOf(size, func(tiles []tlog.Tile) ([]*Subtree, error) {
		data, err := read(tiles)
		if err != nil {
			return nil, err
		}
		subtrees := make([]*Subtree, len(data))
		for i := range data {
			subtrees[i] = NewSubtree(data[i])
		}
		return subtrees, nil
	})
}

// HashesOf is Hashes for whoever has the subtrees at hand.
func HashesOf(size int64, of func(tiles []tlog.Tile) ([]*Subtree, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var tiles []tlog.Tile
		place := make(map[tlog.Tile]int)
		at := make([]int, len(indexes))
		for i, x := range indexes {
			t, ok := Within(tlog.TileForIndex(TileHeight, x), size)
			if !ok {
				return nil, fmt.Errorf("proof: hash %d is outside a tree of %d", x, size)
			}
			n, have := place[t]
			if !have {
				n = len(tiles)
				place[t] = n
				tiles = append(tiles, t)
			}
			at[i] = n
		}
		subtrees, err := of(tiles)
		if err != nil {
			return nil, err
		}
		if len(subtrees) != len(tiles) {
			return nil, fmt.Errorf("proof: asked for %d tiles, got %d", len(tiles), len(subtrees))
		}
		hashes := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			h, ok := subtrees[at[i]].at(x)
			if !ok {
				return nil, fmt.Errorf("proof: tile %s has %d hashes and not hash %d", Path(tiles[at[i]]), subtrees[at[i]].Width(), x)
			}
			hashes[i] = h
		}
		return hashes, nil
	})
}

// AppendEntry appends an entry to a bundle, the tile of level -1.
func AppendEntry(bundle []byte, e Entry) []byte {
	bundle, _ = torchwood.AppendTileEntry(bundle, e[:]) // fails only above 65,535 bytes
	return bundle
}

// Entries cuts a bundle into its entries. It does not read them: see ParseEntry.
func Entries(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		e, rest, err := torchwood.ReadTileEntry(bundle)
		if err != nil {
			return nil, fmt.Errorf("proof: entry %d of the bundle: %w", len(entries), err)
		}
		if len(entries) == TileWidth {
			return nil, fmt.Errorf("proof: the bundle holds more than %d entries", TileWidth)
		}
		entries, bundle = append(entries, e), rest
	}
	return entries, nil
}
