package dossier

import (
	"context"

	format "runut/eventstore/dossier"
	"runut/eventstore/notary"
)

// addProofs proves that events are in the dossier's one head.
func addProofs(ctx context.Context, w *format.Writer, d *Dossier, book notary.Book, places []notary.Place) error {
	prover := book.Prover(ctx, d.head)
	for _, place := range places {
		p, err := prover.Prove(place)
		if err != nil {
			return err
		}
		if err := w.Add(format.Proof(place.Position), p.Format()); err != nil {
			return err
		}
	}
	return nil
}
