// Package verify tells whether anything in a log was altered, removed, inserted
// or put in another order, and which event it hit. It asks nobody: all it needs
// is what it is handed, and the log's verifier key from another source.
//
// Whatever holds a log (an export, a database) is read as entries in the order of
// positions (Source), and everything that can be checked of them is checked by
// Log in one pass, or in two with legality:
//
//   - each record has the one form there is, and is what its leaf says;
//   - the leaves, in order, come to the roots that the log signed;
//   - positions have no gap, nothing stands twice; versions of each stream follow
//     upon each other; event ids come from command and ordinal;
//   - columns that repeat the record for indexing repeat it rightly;
//   - texts and sealed values beside a record are those it commits to, and one that
//     is gone was ordered to be closed by an event;
//   - times make sense;
//   - with legality: each act was one that the workflow pinned by its cycle allowed,
//     in that state, that window, by somebody with a grant; what was only observed
//     in another system says so.
//
// Tiles and Heads check the public side of the log, where no record is: tiles
// against each other and a signed root, old checkpoints against new ones.
//
// A Report holds what was found, never more than a hundred findings in full, and
// what could not be checked. Memory grows with the number of streams and
// commands, about a hundred bytes each, and with legality by at most two hundred
// thousand proposals' states at once, about six kilobytes each; never with the
// number of events.
//
// The package knows no database and no server, so that a small program can carry
// it to where the auditor is.
package verify
