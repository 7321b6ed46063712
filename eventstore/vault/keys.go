package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// What a data key is for.
const (
	purposeSubject  = "subject"
	purposeField    = "field"
	purposeDocument = "document"
	purposeIndex    = "index"
)

// An owner is what a data key belongs to: a subject, or a field of an event;
// neither for the key of the index and those of documents.
type owner struct {
	subject string
	event   uuid.UUID
	field   string
}

// A dataKey is a row of vault.keys.
type dataKey struct {
	id      uuid.UUID
	owner   owner
	master  string
	wrapped []byte // nil: erased
	erased  *Erasure
}

// newAEAD returns AES-256-GCM with random nonces. One data key seals the few
// details of one person or field, the master key some hundred thousand data
// keys: both far below the 2³² that random nonces allow.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // of 32 bytes by construction
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// wrapBinding ties a wrapped key to its row, so that two rows cannot be swapped.
func wrapBinding(id uuid.UUID) []byte {
	return append([]byte("runut vault key\x00"), id[:]...)
}

// fresh returns a new data key wrapped by the current master.
func (v *Vault) fresh() (id uuid.UUID, wrapped []byte) {
	var key [32]byte
	rand.Read(key[:])
	id = uuid.New()
	return id, v.ring.current().aead.Seal(nil, nil, key[:], wrapBinding(id))
}

// unwrap returns the bytes of a data key that was not erased.
func (v *Vault) unwrap(k dataKey) ([]byte, error) {
	m, ok := v.ring.find(k.master)
	if !ok {
		return nil, domain.Refuse(domain.Unready, "vault.master_unknown", "masters", k.master)
	}
	key, err := m.aead.Open(nil, nil, k.wrapped, wrapBinding(k.id))
	if err != nil {
		return nil, fmt.Errorf("data key %s does not open under master %s: %w", k.id, k.master, err)
	}
	return key, nil
}

// ensure returns the keys of subjects or fields or the one of the index, in the
// order of owners, and makes those that are missing. It takes one round trip for all: the insert waits for whoever is
// making the same key, and the query after it sees what they made.
func (v *Vault) ensure(ctx context.Context, tx pgx.Tx, purpose string, owners []owner) ([]dataKey, error) {
	var (
		ids      = make([]uuid.UUID, len(owners))
		wrapped  = make([][]byte, len(owners))
		subjects = make([]*string, len(owners))
		events   = make([]*uuid.UUID, len(owners))
		fields   = make([]*string, len(owners))
	)
	for i := range owners {
		ids[i], wrapped[i] = v.fresh()
		switch purpose {
		case purposeSubject:
			subjects[i] = &owners[i].subject
		case purposeField:
			events[i], fields[i] = &owners[i].event, &owners[i].field
		}
	}
	var batch pgx.Batch
	batch.Queue(`
		insert into vault.keys (id, purpose, subject, event_id, pointer, master, wrapped)
		select id, $1, subject, event_id, pointer, $2, wrapped
		  from unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bytea[])
		       as fresh (id, subject, event_id, pointer, wrapped)
		on conflict do nothing`,
		purpose, v.ring.current().id, ids, subjects, events, fields, wrapped)
	var found []dataKey
	collect := func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanKey)
		return err
	}
	switch purpose {
	case purposeField:
		batch.Queue(`
			select id, subject, event_id, pointer, master, wrapped, erased_event, erased_position, erased_at
			  from vault.keys
			  join unnest($1::uuid[], $2::text[]) as wanted (event_id, pointer) using (event_id, pointer)
			 where purpose = 'field'`, events, fields).Query(collect)
	case purposeSubject:
		batch.Queue(`
			select id, subject, event_id, pointer, master, wrapped, erased_event, erased_position, erased_at
			  from vault.keys
			 where purpose = 'subject' and subject = any ($1)`, subjects).Query(collect)
	case purposeIndex:
		batch.Queue(`
			select id, subject, event_id, pointer, master, wrapped, erased_event, erased_position, erased_at
			  from vault.keys
			 where purpose = 'index'`).Query(collect)
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, err
	}
	byOwner := make(map[owner]dataKey, len(found))
	for _, k := range found {
		byOwner[k.owner] = k
	}
	keys := make([]dataKey, len(owners))
	for i, o := range owners {
		k, ok := byOwner[o]
		if !ok {
			return nil, fmt.Errorf("a %s key was neither made nor found", purpose)
		}
		keys[i] = k
	}
	return keys, nil
}

// keysByID returns the data keys with ids; one that is not there is absent.
func (v *Vault) keysByID(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]dataKey, error) {
	rows, err := v.pool.Query(ctx, `
		select id, subject, event_id, pointer, master, wrapped, erased_event, erased_position, erased_at
		  from vault.keys
		 where id = any ($1)`, ids)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanKey)
	if err != nil {
		return nil, err
	}
	keys := make(map[uuid.UUID]dataKey, len(found))
	for _, k := range found {
		keys[k.id] = k
	}
	return keys, nil
}

func scanKey(row pgx.CollectableRow) (dataKey, error) {
	var (
		k        dataKey
		subject  *string
		event    *uuid.UUID
		field    *string
		by       *uuid.UUID
		position *int64
		at       *time.Time
	)
	if err := row.Scan(&k.id, &subject, &event, &field, &k.master, &k.wrapped, &by, &position, &at); err != nil {
		return k, err
	}
	if subject != nil {
		k.owner.subject = *subject
	}
	if event != nil {
		k.owner.event, k.owner.field = *event, *field
	}
	if by != nil {
		k.erased = &Erasure{Event: *by, Position: *position, At: at.UTC()}
	}
	return k, nil
}
