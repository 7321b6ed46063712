package proof

import (
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
)

// A Consistency shows that a log only grew between two sizes: what it held at
// the smaller is what it begins with at the larger.
type Consistency struct {
	From   Head        `json:"from"`
	To     Head        `json:"to"`
	Hashes []tlog.Hash `json:"hashes"` // RFC 6962, section 2.1.2; none where the sizes are equal or the smaller is 0
}

// A Head is the size and the root of a tree, and the signed checkpoint that says
// so, where there is one of just that size.
type Head struct {
	Size       int64     `json:"size"`
	Root       tlog.Hash `json:"root"`
	Checkpoint string    `json:"checkpoint,omitzero"`
}

// ProveConsistent returns the hashes that show a tree of size to to begin with that of size
// from.
func ProveConsistent(from, to int64, hashes tlog.HashReader) ([]tlog.Hash, error) {
	if from == 0 || from == to {
		return []tlog.Hash{}, nil
	}
	return tlog.ProveTree(to, from, hashes)
}

// CheckConsistent holds that of two heads of one log the younger contains the
// older, by the hashes ProveConsistent returns. It refuses, as Invalid: consistency.shrunk
// where the younger is smaller, consistency.forked where one size has two roots,
// and consistency.wrong where the hashes do not lead from one root to the other.
func CheckConsistent(from, to Checkpoint, hashes []tlog.Hash) error {
	a, b := strconv.FormatInt(from.Size, 10), strconv.FormatInt(to.Size, 10)
	switch {
	case from.Origin != to.Origin:
		return domain.Refuse(domain.Invalid, "checkpoint.other_origin", "want", from.Origin, "observed", to.Origin)
	case to.Size < from.Size:
		return domain.Refuse(domain.Invalid, "consistency.shrunk", "from", a, "to", b)
	case to.Size == from.Size && to.Root != from.Root:
		return domain.Refuse(domain.Invalid, "consistency.forked", "size", a, "want", from.Root.String(), "observed", to.Root.String())
	case from.Size == 0 || to.Size == from.Size:
		return nil
	}
	if err := tlog.CheckTree(hashes, to.Size, to.Root, from.Size, from.Root); err != nil {
		return domain.Refuse(domain.Invalid, "consistency.wrong", "from", a, "to", b)
	}
	return nil
}
