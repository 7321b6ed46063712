package notary

import (
	"errors"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/eventstore/proof"
)

// keptTiles is how many tiles are kept with the hashes above theirs, 16 KiB each.
const keptTiles = 1024

// Kept keeps tiles that proofs were made of. What it keeps is never taken for
// true: a proof is checked against the head it is for. The zero Kept is empty; a
// nil one keeps nothing. It is safe for concurrent use.
type Kept struct {
	mu   sync.Mutex
	held map[spot]*proof.Subtree
}

// A spot is where a tile is, however wide.
type spot struct {
	level int
	n     int64
}

func everyTile(tlog.Tile) bool     { return true }
func aboveLeaves(t tlog.Tile) bool { return t.L > 0 } // one for 65,536 events, and fewer

// subtrees returns tiles that are kept, and those that read knows of. It keeps those
// that are worth it.
func (k *Kept) subtrees(read proof.Read, worth func(tlog.Tile) bool) func([]tlog.Tile) ([]*proof.Subtree, error) {
	return func(tiles []tlog.Tile) ([]*proof.Subtree, error) {
		out := make([]*proof.Subtree, len(tiles))
		var missing []tlog.Tile
		var places []int
		for i, t := range tiles {
			if out[i] = k.get(t); out[i] == nil {
				missing, places = append(missing, t), append(places, i)
			}
		}
		if len(missing) == 0 {
			return out, nil
		}
		data, err := read(missing)
		if err != nil {
			return nil, err
		}
		for j, t := range missing {
			s := proof.NewSubtree(data[j])
			out[places[j]] = s
			if worth(t) {
				k.put(t, s)
			}
		}
		return out, nil
	}
}

func (k *Kept) get(t tlog.Tile) *proof.Subtree {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.held[spot{t.L, t.N}]; s != nil && s.Width() >= t.W {
		return s
	}
	return nil
}

func (k *Kept) put(t tlog.Tile, s *proof.Subtree) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held == nil || len(k.held) >= keptTiles {
		k.held = make(map[spot]*proof.Subtree)
	}
	k.held[spot{t.L, t.N}] = s
}

// drop forgets everything where a proof went wrong, and reports whether that may
// have been the reason.
func (k *Kept) drop(err error) bool {
	if k == nil || !errors.Is(err, &domain.Error{Code: "inclusion.wrong"}) {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	had := len(k.held) > 0
	k.held = nil
	return had
}
