package proof_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"filippo.io/torchwood"

	"runut/domain"
	"runut/eventstore/proof"
)

// Whatever is served as a checkpoint is refused or says what it prints back as,
// and what is believed is what torchwood reads in the text that was signed.
func FuzzCheckpoint(f *testing.F) {
	log := signer(f, head.Origin)
	good := string(sign(f, head, log.Keys...))
	f.Add([]byte(good))
	f.Add([]byte(head.Text() + "\n"))
	f.Add([]byte(head.Text() + "an extension\n\n— x AAAAAAAA\n"))
	f.Add([]byte(head.Text() + "\n" + good)) // another text above the signed one
	f.Add([]byte(strings.Replace(good, "\n7\n", "\n-7\n", 1)))
	f.Add([]byte(strings.Replace(good, "AAA=\n", "AAB=\n", 1))) // bits beyond the last byte
	f.Add([]byte(strings.Replace(good, "AAA=\n", "AAA=\r\n", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		believed, err := log.Trust.Open(b)
		if refusal := (*domain.Error)(nil); err != nil && !errors.As(err, &refusal) {
			t.Errorf("%q is refused without a code: %v", b, err)
		}
		c, peeked := proof.Peek(b)
		if peeked != nil {
			refused(t, err, "checkpoint.malformed")
			return
		}
		if err == nil && believed.Checkpoint != c {
			t.Errorf("%q is believed as %+v and reads as %+v", b, believed.Checkpoint, c)
		}
		if again, err := proof.Peek([]byte(c.Text() + "\n")); err != nil || again != c || !bytes.HasPrefix(b, []byte(c.Text())) {
			t.Errorf("%q reads as %+v, which prints as %q: %v", b, c, c.Text(), err)
		}
		signed := string(b[:bytes.LastIndex(b, []byte("\n\n"))+1])
		if other, err := torchwood.ParseCheckpoint(signed); err != nil || other.Origin != c.Origin || other.N != c.Size || other.Hash != c.Root {
			t.Errorf("%q reads as %+v, to torchwood as %+v: %v", b, c, other, err)
		}
	})
}

// Whatever is asked for as a tile is refused or is the one way to write that tile,
// and no tree has a tile that begins behind its end.
func FuzzTilePath(f *testing.F) {
	for _, path := range []string{"tile/0/x001/234", "tile/0/001.p/17", "tile/entries/x001/x002/003.p/255", "tile/63/000", "tile/data/001", "tile/-1/001", "tile/8/0/001", "tile/0/1",
		"tile/0/x000/001", "tile/0/001.p/256", "tile/0/../001", "tile/0/x072/x057/x594/x037/x927/936", "tile/0/x009/x223/x372/x036/x854/x775/807"} {
		for _, size := range []int64{0, 70_000, math.MaxInt64} {
			f.Add(path, size)
		}
	}
	f.Fuzz(func(t *testing.T, path string, size int64) {
		tile, err := proof.ParsePath(path)
		if err != nil {
			return
		}
		if back := proof.Path(tile); back != path {
			t.Errorf("%q reads as %+v, which prints as %q", path, tile, back)
		}
		if size < 0 {
			return
		}
		hashes := size >> (proof.TileHeight * max(tile.L, 0)) // at the tile's level
		has, ok := proof.Within(tile, size)
		if want := hashes > 0 && tile.N <= (hashes-1)/proof.TileWidth; ok != want || has.W < 0 || has.W > proof.TileWidth {
			t.Errorf("%q in a tree of %d: %+v, %v, want %v", path, size, has, ok, want)
		}
	})
}
