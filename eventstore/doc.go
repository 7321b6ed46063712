// Package eventstore is the log: every event, in one order, in PostgreSQL.
//
//	store, err := eventstore.Open(ctx, pool, eventstore.Options{Catalog: catalog.All, Tenant: "99.01"})
//	defer store.Close()
//
//	receipt, err := store.Execute(ctx, eventstore.Decision{
//		Command: cmd,                    // who asks, with an id that makes asking twice harmless
//		Name:    "proposal.accept",
//		Read: func(ctx context.Context, r *eventstore.Reading) error {
//			return r.Load(ctx, "proposal-U-27-4K7M2XR", "cycle-2027")
//		},
//		Decide: func(r *eventstore.Reading) ([]event.Change, error) { … }, // pure
//	})
//
//	for r, err := range store.Since(ctx, position, 500, eventstore.Filter{}) { … }
//	head, err := store.Wait(ctx, position) // until there is more
//
// # What is promised
//
//   - Append adds the facts of one command, to as many streams as it likes, all or
//     none. When it returns without an error they are durable.
//   - A change is made only to a stream that has exactly the version the change
//     names. A change without facts asserts that version and adds nothing.
//   - Positions are given in the order of commit, without gaps. Who has seen
//     position n will never find a smaller one later: a follower needs no more
//     than its last position.
//   - A command has an id. Asked again with the same id and the same fingerprint
//     it gets its first receipt again, also after an answer was lost.
//   - A record is written once; its bytes are what the Merkle tree commits to
//     (packages record and proof). Texts and sealed values lie beside it and may be
//     closed by an event that says so, by nothing else.
//
// # How it works
//
// The database has one row that appenders lock and nobody updates. A process
// gathers what its callers append at the same time and writes it by one call of
// one function in the database, in one transaction under that lock, so that a
// hundred callers pay for one fsync and no lock is held while a packet travels.
// A caller who is alone pays for no gathering: it makes the call itself. Very
// large appends, imports, and decisions that must not be overtaken are
// transactions of their own, written by COPY under the same lock. Any number of
// processes may append to one database; the lock orders their batches.
//
// Everything costly (JSON, salts, commitments, hashes, sealing) is done before
// a caller queues. If the connection is lost while a batch is under way, nobody
// knows whether it was committed. The batch is then sent again, unchanged, and
// the table of commands, read under the lock, says which of its members are
// there already.
package eventstore
