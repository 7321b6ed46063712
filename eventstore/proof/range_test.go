package proof_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"runut/eventstore/proof"
)

// The root is the one that the standard library's tree comes to, at every size.
func TestRangeGrowsTheTree(t *testing.T) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			out[i] = stored[at]
		}
		return out, nil
	})
	var r proof.Range
	if r.Root() != tlog.Hash(sha256.Sum256(nil)) {
		t.Error("the empty tree has another root than RFC 6962 gives it")
	}
	for n := range int64(600) {
		leaf := tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(n)))
		more, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
		before := r.Clone()
		r.Add(leaf)
		want, err := tlog.TreeHash(n+1, reader)
		if err != nil || r.Root() != want || r.Size != n+1 {
			t.Fatalf("root of %d leaves is %v, want %v (%v)", n+1, r.Root(), want, err)
		}
		again, err := proof.NewRange(before.Size, before.Nodes)
		if err != nil {
			t.Fatal(err)
		}
		again.Add(leaf)
		if again.Root() != want {
			t.Fatalf("a range that was written down at %d grows to another root", n)
		}
	}
}

func TestNewRangeRefusesAnotherNumberOfSubtrees(t *testing.T) {
	for size, nodes := range map[int64]int{-1: 0, 0: 1, 1: 0, 6: 3, 8: 2} {
		if _, err := proof.NewRange(size, make([]tlog.Hash, nodes)); err == nil {
			t.Errorf("a tree of %d leaves was made of %d subtrees", size, nodes)
		}
	}
}
