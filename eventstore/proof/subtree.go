package proof

import (
	"golang.org/x/mod/sumdb/tlog"
)

// A Subtree is a tile with the hashes of all perfect subtrees over its own, worked
// out once: whoever proves many events of one tile hashes it for the first only.
// What stands in a tile never changes and only becomes more, so a wider Subtree
// says of a smaller tree what a narrower one does.
type Subtree struct {
	levels [TileHeight][]tlog.Hash // levels[k][i] is over 2^k hashes of the tile, the i-th such
}

// NewSubtree returns the subtree of a tile, given its hashes.
func NewSubtree(tile []byte) *Subtree {
	s := new(Subtree)
	width := min(len(tile)/tlog.HashSize, TileWidth)
	hashes := make([]tlog.Hash, 0, 2*width)
	for i := range width {
		hashes = append(hashes, tlog.Hash(tile[i*tlog.HashSize:]))
	}
	s.levels[0] = hashes
	for k := 1; k < TileHeight; k++ {
		below := s.levels[k-1]
		first := len(hashes)
		for i := 0; i+1 < len(below); i += 2 {
			hashes = append(hashes, tlog.NodeHash(below[i], below[i+1]))
		}
		s.levels[k] = hashes[first:]
	}
	return s
}

// Width returns how many hashes the tile holds.
func (s *Subtree) Width() int { return len(s.levels[0]) }

// at returns the hash that a tree stores at an index, and whether it is in the
// subtree, which has to be that of the index's tile.
func (s *Subtree) at(index int64) (tlog.Hash, bool) {
	level, n := tlog.SplitStoredHashIndex(index)
	k := level % TileHeight
	i := n & (TileWidth>>k - 1)
	if i >= int64(len(s.levels[k])) {
		return tlog.Hash{}, false
	}
	return s.levels[k][i], true
}
