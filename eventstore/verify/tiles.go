package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/eventstore/proof"
)

// A Fetch reads one resource of a log as c2sp.org/tlog-tiles serves it:
// "checkpoint", "tile/0/001", "tile/entries/x001/234.p/17". It returns
// fs.ErrNotExist for what is not there.
type Fetch func(ctx context.Context, path string) ([]byte, error)

// fetching is how many tiles are asked for at once.
const fetching = 8

// Tiles checks the public side of a log: that its checkpoint is signed, that the
// entries come to the tiles, the tiles to each other and to the signed root, and
// that the heads given, of earlier checkpoints, are ones it went through. Which
// record an entry stands for, and whether acts were allowed, only an export tells.
func Tiles(ctx context.Context, fetch Fetch, trust *proof.Trust, heads []Head, progress func(done, total int64), r *Report) error {
	r.Unchecked = append(r.Unchecked, "records", "versions", "legality")
	signed, err := openCheckpoint(ctx, fetch, trust, r)
	if signed == nil || err != nil {
		return err
	}
	r.Size = signed.Size
	c := &tileCheck{fetch: fetch, report: r, size: signed.Size, heads: slices.Clone(heads)}
	slices.SortStableFunc(c.heads, func(a, b Head) int { return int(a.Size - b.Size) })
	c.tree.Full = func(t tlog.Tile, hashes []byte) { c.computed = append(c.computed, proof.Tile{Tile: t, Hashes: hashes}) }
	c.known(0)
	if err := c.bundles(ctx, progress); err != nil {
		return err
	}
	for _, t := range c.tree.Edge() {
		if t.L > 0 {
			c.computed = append(c.computed, t)
		}
	}
	if err := c.upper(ctx); err != nil {
		return err
	}
	if root := c.tree.Root(); root != signed.Root {
		r.Add(Finding{Code: "verify.root", Place: "checkpoint", Position: c.agreed + 1, Until: signed.Size, Want: signed.Root.String(), Observed: root.String()})
	}
	for _, h := range c.heads {
		r.Add(Finding{Code: "verify.missing", Position: signed.Size + 1, Until: h.Size, Place: h.Place})
	}
	r.Root = c.tree.Root().String()
	r.Checked = append(r.Checked, "entries", "tiles", "root")
	if len(heads) > 0 {
		r.Checked = append(r.Checked, "consistency")
	}
	return nil
}

// openCheckpoint reads the checkpoint and holds it against who is trusted. Where
// nobody is, it says so: a signature nobody can check proves nothing.
func openCheckpoint(ctx context.Context, fetch Fetch, trust *proof.Trust, r *Report) (*proof.Checkpoint, error) {
	note, err := fetch(ctx, "checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		r.Add(Finding{Code: "verify.tile_missing", Place: "checkpoint"})
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if trust == nil {
		if trust, err = ownTrust(ctx, fetch, r); err != nil {
			return nil, err
		}
	}
	return Checkpoint(note, "checkpoint", trust, r), nil
}

// ownTrust takes the keys that are served beside the log, where there are any,
// and says so.
func ownTrust(ctx context.Context, fetch Fetch, r *Report) (*proof.Trust, error) {
	keys, err := fetch(ctx, "keys")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	trust, err := proof.ParseTrust(keys)
	if err != nil {
		r.Add(Finding{Code: "verify.checkpoint", Place: "keys", Why: refusal(err)})
		return nil, nil
	}
	r.OwnKey = true
	return &trust, nil
}

// Checkpoint checks one signed checkpoint and returns what it says, nil where it
// is not to be believed.
func Checkpoint(note []byte, place string, trust *proof.Trust, r *Report) *proof.Checkpoint {
	if trust == nil {
		c, err := proof.Peek(note)
		if err != nil {
			r.Add(Finding{Code: "verify.checkpoint", Place: place, Why: refusal(err)})
			return nil
		}
		r.Origin, r.Demo = c.Origin, proof.IsDemo(c.Origin)
		r.Doubt(Finding{Code: "verify.no_key", Place: place})
		return &c
	}
	signed, err := trust.Open(note)
	if err == nil && !exact(signed.Keys) {
		err = domain.Refuse(domain.Invalid, "checkpoint.malformed")
	}
	if err != nil {
		r.Add(Finding{Code: "verify.checkpoint", Place: place, Why: refusal(err)})
		return nil
	}
	r.Origin, r.Demo = signed.Origin, proof.IsDemo(signed.Origin)
	signedBy(signed, r)
	r.Checked = append(r.Checked, "signature")
	return &signed.Checkpoint
}

func signedBy(s proof.Signed, r *Report) {
	r.SignedBy, r.Witnesses = "", nil
	for _, key := range s.Keys {
		r.SignedBy = strings.TrimSpace(r.SignedBy + " " + fmt.Sprintf("%s+%08x", key.Name, key.Hash))
	}
	for _, w := range s.Witnesses {
		r.Witnesses = append(r.Witnesses, w.Name+" "+domain.Stamp(w.At))
	}
}

// A tileCheck builds the tree anew from the entries and holds every tile against it.
type tileCheck struct {
	fetch    Fetch
	report   *Report
	size     int64
	tree     proof.Tree
	heads    []Head
	agreed   int64        // size of the last head whose root was right
	computed []proof.Tile // of the levels above 0, not compared yet
	parent   proof.Tile   // the tile of level 1 that was read last
}

// A bundle is 256 entries and the tile of their leaf hashes, as they were served.
type bundle struct {
	tile                    tlog.Tile
	entries, hashes         []byte
	entriesPath, tilePath   string
	entriesError, tileError error
}

// bundles reads all entries and the tiles of level 0, some at a time, in order.
func (c *tileCheck) bundles(ctx context.Context, progress func(done, total int64)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ahead := make(chan chan bundle, fetching)
	go func() {
		defer close(ahead)
		for n := int64(0); n*proof.TileWidth < c.size; n++ {
			one := make(chan bundle, 1)
			select {
			case ahead <- one:
			case <-ctx.Done():
				return
			}
			go func() { one <- c.read(ctx, n) }()
		}
	}()
	for one := range ahead {
		b := <-one
		if err := c.bundle(ctx, b); err != nil {
			return err
		}
		if progress != nil {
			progress(min((b.tile.N+1)*proof.TileWidth, c.size), c.size)
		}
	}
	return ctx.Err()
}

func (c *tileCheck) read(ctx context.Context, n int64) bundle {
	t, _ := proof.Within(tlog.Tile{H: proof.TileHeight, L: 0, N: n}, c.size)
	e := t
	e.L = -1
	b := bundle{tile: t, tilePath: proof.Path(t), entriesPath: proof.Path(e)}
	b.hashes, b.tileError = c.tile(ctx, t)
	b.entries, b.entriesError = c.whole(ctx, e)
	return b
}

// tile reads a tile of hashes and cuts it to its width.
func (c *tileCheck) tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	data, err := c.whole(ctx, t)
	if err != nil {
		return nil, err
	}
	if len(data) < t.W*tlog.HashSize || len(data)%tlog.HashSize != 0 || len(data) > proof.TileBytes {
		return nil, fmt.Errorf("%w: %d bytes", errTile, len(data))
	}
	return data[:t.W*tlog.HashSize], nil
}

var errTile = errors.New("not a tile of that width")

// whole reads a tile; a partial one that was cleaned away since is the beginning
// of the full one.
func (c *tileCheck) whole(ctx context.Context, t tlog.Tile) ([]byte, error) {
	data, err := c.fetch(ctx, proof.Path(t))
	if errors.Is(err, fs.ErrNotExist) && t.W < proof.TileWidth {
		t.W = proof.TileWidth
		data, err = c.fetch(ctx, proof.Path(t))
	}
	return data, err
}

// bundle adds the leaves of one bundle to the tree. Where entries and tile differ
// it tells by the tile above which of them was altered.
func (c *tileCheck) bundle(ctx context.Context, b bundle) error {
	for _, err := range []error{b.tileError, b.entriesError} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errTile) {
			return err
		}
	}
	byTile, tileGood := c.hashes(b)
	byEntry, entriesGood := c.leaves(b)
	leaves := byEntry
	switch {
	case !tileGood && !entriesGood:
		leaves = make([]tlog.Hash, b.tile.W) // the tree can only be wrong now
	case !entriesGood:
		leaves = byTile
	case tileGood && !slices.Equal(byTile, byEntry):
		above, err := c.above(ctx, b.tile)
		if err != nil {
			return err
		}
		entriesFit, tileFits := subtree(byEntry) == above, subtree(byTile) == above
		if tileFits {
			leaves = byTile
		}
		if !entriesFit || !tileFits && above == (tlog.Hash{}) {
			c.altered(b, byTile, byEntry)
		}
		if !tileFits {
			c.report.Add(Finding{Code: "verify.tile", Place: b.tilePath})
		}
	}
	for _, leaf := range leaves {
		c.tree.Add(leaf)
		c.known(c.tree.Size)
	}
	c.report.Events = c.tree.Size
	c.report.Tiles++
	return c.upper(ctx)
}

func (c *tileCheck) hashes(b bundle) ([]tlog.Hash, bool) {
	switch {
	case errors.Is(b.tileError, fs.ErrNotExist):
		c.report.Add(Finding{Code: "verify.tile_missing", Place: b.tilePath})
	case b.tileError != nil:
		c.report.Add(Finding{Code: "verify.tile", Place: b.tilePath, Observed: b.tileError.Error()})
	default:
		out := make([]tlog.Hash, b.tile.W)
		for i := range out {
			out[i] = tlog.Hash(b.hashes[i*tlog.HashSize:])
		}
		return out, true
	}
	return nil, false
}

func (c *tileCheck) leaves(b bundle) ([]tlog.Hash, bool) {
	if b.entriesError != nil {
		c.report.Add(Finding{Code: "verify.tile_missing", Place: b.entriesPath})
		return nil, false
	}
	entries, err := proof.Entries(b.entries)
	if err != nil || len(entries) < b.tile.W {
		c.report.Add(Finding{Code: "verify.tile", Place: b.entriesPath})
		return nil, false
	}
	out := make([]tlog.Hash, b.tile.W)
	for i := range out {
		out[i] = tlog.RecordHash(entries[i])
		if _, _, _, err := proof.ParseEntry(entries[i]); err != nil {
			c.report.Add(Finding{Code: "verify.entry", Place: b.entriesPath, Position: b.tile.N*proof.TileWidth + int64(i) + 1})
		}
	}
	return out, true
}

// altered names the entries that are not what the tile says.
func (c *tileCheck) altered(b bundle, byTile, byEntry []tlog.Hash) {
	entries, _ := proof.Entries(b.entries)
	for i := range byEntry {
		if byTile[i] == byEntry[i] {
			continue
		}
		f := Finding{Code: "verify.entry", Place: b.entriesPath, Position: b.tile.N*proof.TileWidth + int64(i) + 1}
		if id, _, _, err := proof.ParseEntry(entries[i]); err == nil {
			f.Event = id
		}
		c.report.Add(f)
	}
}

// above returns what the tile of level 1 says of a full tile of level 0, zero
// where nothing is above it or it cannot be read.
func (c *tileCheck) above(ctx context.Context, t tlog.Tile) (tlog.Hash, error) {
	if t.W < proof.TileWidth {
		return tlog.Hash{}, nil
	}
	up, ok := proof.Within(tlog.Tile{H: proof.TileHeight, L: 1, N: t.N / proof.TileWidth}, c.size)
	if !ok {
		return tlog.Hash{}, nil
	}
	if c.parent.Tile != up {
		hashes, err := c.tile(ctx, up)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errTile) {
			return tlog.Hash{}, err
		}
		c.parent = proof.Tile{Tile: up, Hashes: hashes}
	}
	at := int(t.N%proof.TileWidth) * tlog.HashSize
	if at+tlog.HashSize > len(c.parent.Hashes) {
		return tlog.Hash{}, nil
	}
	return tlog.Hash(c.parent.Hashes[at:]), nil
}

// subtree returns the hash over full leaves; of a partial tile there is none.
func subtree(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) != proof.TileWidth {
		return tlog.Hash{1}
	}
	var r proof.Range
	for _, leaf := range leaves {
		r.Add(leaf)
	}
	return r.Root()
}

// upper compares the tiles above level 0 that the tree has completed.
func (c *tileCheck) upper(ctx context.Context) error {
	for _, t := range c.computed {
		if t.L == 0 {
			continue
		}
		c.report.Tiles++
		served, err := c.tile(ctx, t.Tile)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			c.report.Add(Finding{Code: "verify.tile_missing", Place: proof.Path(t.Tile)})
		case errors.Is(err, errTile):
			c.report.Add(Finding{Code: "verify.tile", Place: proof.Path(t.Tile), Observed: err.Error()})
		case err != nil:
			return err
		case !bytes.Equal(served, t.Hashes):
			c.report.Add(Finding{Code: "verify.tile", Place: proof.Path(t.Tile)})
		}
	}
	c.computed = c.computed[:0]
	return nil
}

// known holds that the tree went through the heads that were signed before.
func (c *tileCheck) known(size int64) {
	for len(c.heads) > 0 && c.heads[0].Size <= size {
		h := c.heads[0]
		c.heads = c.heads[1:]
		if root := c.tree.Root(); h.Root != root {
			c.report.Add(Finding{Code: "verify.root", Place: h.Place, Position: c.agreed + 1, Until: h.Size, Want: h.Root.String(), Observed: root.String()})
			continue
		}
		c.agreed = h.Size
	}
}

// Consistent checks that a log with one signed head once had another: by its
// tiles, each of which is held against the newer root first.
func Consistent(ctx context.Context, fetch Fetch, older, newer proof.Checkpoint, r *Report) error {
	reader := tileReader{ctx, fetch}
	root, err := tlog.TreeHash(older.Size, tlog.TileHashReader(tlog.Tree{N: newer.Size, Hash: newer.Root}, reader))
	if err != nil {
		var not *unreachable
		if errors.As(err, &not) {
			return not.err
		}
		r.Add(Finding{Code: "verify.tile", Place: "tile", Observed: err.Error()})
		return nil
	}
	if root != older.Root {
		r.Add(Finding{Code: "verify.root", Place: "checkpoint", Position: 1, Until: older.Size, Want: older.Root.String(), Observed: root.String()})
	}
	r.Checked = append(r.Checked, "consistency")
	return nil
}

// A tileReader hands tiles to package tlog, which holds them against a root.
type tileReader struct {
	ctx   context.Context
	fetch Fetch
}

func (t tileReader) Height() int { return proof.TileHeight }

func (t tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	c := tileCheck{fetch: t.fetch}
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := c.tile(t.ctx, tile)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, errTile):
			return nil, fmt.Errorf("%s: %w", proof.Path(tile), err)
		case err != nil:
			return nil, &unreachable{err}
		}
		out[i] = data
	}
	return out, nil
}

func (t tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// An unreachable is a failure to read that says nothing of the log.
type unreachable struct{ err error }

func (u *unreachable) Error() string { return u.err.Error() }
