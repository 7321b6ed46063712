// Package notary signs the heads of the log, and proves from what it signed.
//
//	n := &notary.Notary{DB: pool, Store: store, Signer: signer, State: "/var/lib/runut/checkpoint", Log: log}
//	if _, err := n.Seal(ctx); err != nil { … } // at start: read-only where the log is not what was signed
//	go n.Run(ctx)
//
//	book := notary.Book{DB: public, Origin: signer.Origin}
//	proof, err := book.Inclusion(ctx, eventID)
//
// It follows the log like any reader: nothing of it runs where events are
// appended, and it takes no lock that an appender waits for. Once a second, where
// the head has moved, it adds the new leaf hashes to the tiles of the tree, signs
// the root, and keeps what it signed in two places: a file outside the database,
// and the table tree.checkpoints that readers see.
//
// # What is promised
//
//   - Whatever was signed once is contained in everything that is signed later.
//     The order of the steps sees to it: sign, keep the file, write the table,
//     commit. A process that dies between two of them leaves either nothing, or a
//     signed head in the file alone, which the next round publishes first.
//   - What the file holds is compared before every signing with the log as it is.
//     A database that was restored from an older backup lacks part of what was
//     signed; the store is then halted, so that commands are refused instead of
//     being written over what people hold receipts of.
//   - Any number of processes may sign one log, one at a time, by an advisory lock
//     that lasts for a transaction. Each host keeps a file of its own and follows
//     what the others sign.
//   - Tiles follow from events and can be made again at any time (Rebuild).
package notary
