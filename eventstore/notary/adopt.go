package notary

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// Adopt makes a checkpoint the last one this host knows of: one that the operator
// brings from elsewhere, or, where signed is empty, the newest in the database.
// It is for a host that joins, and for one whose file was lost; what the file
// holds already it never takes back. It refuses a checkpoint that the log did not
// sign, and with log.unsigned (NotFound) a database that has none.
//
// The newest checkpoint of a restored database may be an old one, so an operator
// who has a younger one on paper or from a reader should bring that.
func (n *Notary) Adopt(ctx context.Context, signed []byte) error {
	return pgx.BeginFunc(ctx, n.DB, func(tx pgx.Tx) error {
		if len(signed) == 0 {
			h, err := Book{DB: tx, Origin: n.Signer.Origin}.Latest(ctx)
			if err != nil {
				return err
			}
			signed = []byte(h.Note)
		}
		trust, err := n.trust(ctx, tx)
		if err != nil {
			return err
		}
		c, err := trust.Open(signed)
		if err != nil {
			return err
		}
		have, err := n.state()
		if err != nil {
			return err
		}
		if have.Size > c.Size {
			return domain.Refuse(domain.Conflict, "log.state_newer", "have", number(have.Size), "want", number(c.Size))
		}
		if err := n.keep(signed, c.Checkpoint); err != nil {
			return fmt.Errorf("adopt checkpoint %d: %w", c.Size, err)
		}
		return nil
	})
}
