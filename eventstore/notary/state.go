package notary

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"runut/domain"
	"runut/eventstore/proof"
	"runut/eventstore/secretfile"
)

// state reads the file of the last signed checkpoint: the zero Head where there
// is none. Its signature is checked by whoever uses it.
func (n *Notary) state() (Head, error) { return ReadState(n.State) }

// ReadState reads a file of the last signed checkpoint, and checks no signature.
// It refuses what is none with log.state_damaged (Unready).
func ReadState(path string) (Head, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, fmt.Errorf("last checkpoint: %w", err)
	}
	c, err := proof.Peek(text)
	if err != nil || c.Size == 0 {
		return Head{}, domain.Refuse(domain.Unready, "log.state_damaged", "path", path)
	}
	return Head{Checkpoint: c, Note: string(text)}, nil
}

// keep puts a signed checkpoint into the file, for good, before anybody sees it.
// Processes of one host share the file, so it is compared and written under a
// lock: it never goes back, and never gets a second root for a size.
func (n *Notary) keep(signed []byte, c proof.Checkpoint) error {
	unlock, err := lock(n.State + ".lock")
	if err != nil {
		return fmt.Errorf("lock %s: %w", n.State, err)
	}
	defer unlock()
	have, err := n.state()
	if err != nil {
		return err
	}
	switch {
	case have.Size > c.Size:
		return nil
	case have.Size == c.Size && have.Checkpoint != c:
		return domain.Refuse(domain.Unready, "log.forked", "size", number(c.Size), "from", number(c.Size), "to", number(c.Size))
	case have.Size > 0 && have.Origin != c.Origin:
		return domain.Refuse(domain.Unready, "log.other_origin", "want", c.Origin, "observed", have.Origin)
	}
	return secretfile.Write(n.State, signed)
}
