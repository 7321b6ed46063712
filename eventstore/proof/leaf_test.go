package proof_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/eventstore/proof"
)

// The vectors were computed apart from this package: the entry laid out by hand,
// the leaf as SHA-256 of a zero byte and the entry. A change here would break
// every proof ever given out.
func TestLeafVectors(t *testing.T) {
	for _, test := range []struct {
		id, at, record, entry, leaf string
	}{
		{
			id: "0198c2f0-0000-7000-8000-000000000001", at: "2026-11-22T14:00:00.123456Z", record: `{"id":"x"}`,
			entry: "010198c2f0000070008000000000000001000660dde4a1fa405e2b92cc57ce618dfbb54844a31775e4b95c6fb552ee6bf5a068133c12d2ad90",
			leaf:  "52ed67cde7647359b1e6f9a8eb90264137b7676a25dad643ad44c4bd286f8310",
		},
		{
			id: "00000000-0000-0000-0000-000000000000", at: "1969-12-31T23:59:59.999999Z", record: "",
			entry: "0100000000000000000000000000000000ffffffffffffffffe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			leaf:  "9b8f89cbee66d0b5c249688ea62ca4f9e3bb0cc0ef5f2d1e9aeedeef9a1e930f",
		},
	} {
		at, err := time.Parse(time.RFC3339Nano, test.at)
		if err != nil {
			t.Fatal(err)
		}
		e := proof.NewEntry(uuid.MustParse(test.id), at, sha256.Sum256([]byte(test.record)))
		if got := hex.EncodeToString(e[:]); got != test.entry {
			t.Errorf("entry of %s is\n%s, want\n%s", test.id, got, test.entry)
		}
		leaf := proof.Leaf(uuid.MustParse(test.id), at, sha256.Sum256([]byte(test.record)))
		if got := hex.EncodeToString(leaf[:]); got != test.leaf {
			t.Errorf("leaf of %s is %s, want %s", test.id, got, test.leaf)
		}
	}
}

func TestEntryReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id uuid.UUID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		at := time.UnixMicro(rapid.Int64Range(-1e15, 1e16).Draw(t, "at")).UTC()
		digest := sha256.Sum256(rapid.SliceOf(rapid.Byte()).Draw(t, "record"))
		e := proof.NewEntry(id, at, digest)
		gotID, gotAt, gotDigest, err := proof.ParseEntry(e[:])
		if err != nil || gotID != id || !gotAt.Equal(at) || gotDigest != digest {
			t.Fatalf("ParseEntry = %v %v %x, %v; want %v %v %x", gotID, gotAt, gotDigest, err, id, at, digest)
		}
	})
}

func TestParseEntryRefusesOtherForms(t *testing.T) {
	e := proof.NewEntry(uuid.Nil, time.Unix(0, 0), [32]byte{})
	other := e
	other[0] = 2
	for _, bad := range [][]byte{nil, e[:56], append(e[:], 0), other[:]} {
		if _, _, _, err := proof.ParseEntry(bad); err == nil {
			t.Errorf("ParseEntry(%x) passed", bad)
		}
	}
}
