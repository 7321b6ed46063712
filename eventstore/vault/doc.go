// Package vault keeps what must be forgotten on demand: personal details, under
// keys that can be deleted, and documents.
//
// The log itself is never changed, so nothing personal may stand in it. A detail
// is sealed before its event is recorded: the record holds only a commitment,
// and beside it lies a ciphertext that this package made and that only this
// package opens. What is known of a person is sealed under a key of that person;
// a detail found in somebody's prose, whose owner nobody knows, under a key of
// its own event and field. To erase is to delete the key. Every ciphertext, in
// the database and in each of its backups, is noise from then on, and every
// proof over the log stays valid:
//
//	v, err := vault.Open(ctx, pool, keyring)
//	sealed, err := v.Seal(ctx, "p-4K7M2XQ", items) // by the log, before it records
//	opened, err := v.Unseal(ctx, found...)         // an event of its own, person.unsealed
//	err = v.EraseSubject(ctx, "p-4K7M2XQ", erasure)
//	opened, err = v.Unseal(ctx, found...)          // opened[0].Erased says by which event
//
// The data keys lie wrapped in the schema vault, which has its own dump and so
// its own retention. The master keys that wrap them lie in a file (see Keyring)
// and never in the database. No key is cached: an erasure takes effect in every
// process with its commit.
//
// Where the same NIK, telephone number or address of electronic mail occurs is
// found again by an HMAC under a key of the vault (Occurrences), never by a plain
// hash: the sixteen digits of a NIK have so few possible values that a plain hash
// of one is the NIK. The same HMAC keeps an erased detail from coming back with
// the next import (Suppressed).
//
// Documents are kept by the SHA-256 of their content, in sealed pieces, after
// their type was checked against a short list and whatever told of places and
// devices was cut out of photographs. They are private: who may read one is for
// the caller to decide.
package vault
