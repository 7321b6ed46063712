package proof

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A Range is the tree over the leaves 0 … Size-1 as somebody holds it who reads
// them in order: the hashes of its perfect subtrees, the largest first, one for
// every one in the binary form of Size. It grows by leaves without reading
// anything again, in memory that grows with the logarithm of Size. The zero
// Range is the empty tree.
type Range struct {
	Size  int64
	Nodes []tlog.Hash
}

var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// NewRange returns the range that somebody else wrote down. The nodes are not
// believed before Root is what a checkpoint says.
func NewRange(size int64, nodes []tlog.Hash) (Range, error) {
	if size < 0 || len(nodes) != bits.OnesCount64(uint64(size)) {
		return Range{}, fmt.Errorf("proof: a tree of %d leaves has %d subtrees, not %d", size, bits.OnesCount64(uint64(max(size, 0))), len(nodes))
	}
	return Range{Size: size, Nodes: slices.Clone(nodes)}, nil
}

// Add appends one leaf hash.
func (r *Range) Add(leaf tlog.Hash) {
	for rest := r.Size; rest&1 == 1; rest >>= 1 {
		last := len(r.Nodes) - 1
		leaf = tlog.NodeHash(r.Nodes[last], leaf)
		r.Nodes = r.Nodes[:last]
	}
	r.Nodes = append(r.Nodes, leaf)
	r.Size++
}

// Root returns the root hash of the tree. That of the empty tree is the hash of
// nothing, as RFC 6962 has it.
func (r Range) Root() tlog.Hash {
	if len(r.Nodes) == 0 {
		return emptyRoot
	}
	root := r.Nodes[len(r.Nodes)-1]
	for _, left := range slices.Backward(r.Nodes[:len(r.Nodes)-1]) {
		root = tlog.NodeHash(left, root)
	}
	return root
}

// Clone returns a range that grows by itself.
func (r Range) Clone() Range { return Range{r.Size, slices.Clone(r.Nodes)} }
