package vault

import (
	"context"
	"crypto/hmac"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/eventstore"
	"runut/eventstore/record"
)

var _ eventstore.Sealer = (*Vault)(nil)

// A ciphertext is the number of its form, the id of its data key, and what
// AES-GCM made of the item: nonce, text, tag.
const (
	sealForm   = 1
	sealHeader = 1 + 16
	randomSize = 32
)

// Seal returns one ciphertext per item, each bound to its event and field: a
// ciphertext moved elsewhere does not open. With a subject all are under that
// person's key; without, each is under a key of its own. It notes where details
// occur that can be told by their form (NIK, telephone, electronic mail).
//
// To ask twice for the same event is harmless: the command was not recorded the
// first time, and the keys made then are used. Sealing for a subject that was
// erased is refused.
func (v *Vault) Seal(ctx context.Context, subject string, items []eventstore.Item) ([][]byte, error) {
	if len(items) == 0 {
		return nil, nil
	}
	sealed := make([][]byte, len(items))
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		keys, err := v.keysFor(ctx, tx, subject, items)
		if err != nil {
			return err
		}
		for i, item := range items {
			key, err := v.unwrap(keys[i])
			if err != nil {
				return err
			}
			out := make([]byte, 0, sealHeader+12+len(item.Plain)+16)
			out = append(append(out, sealForm), keys[i].id[:]...)
			sealed[i] = newAEAD(key).Seal(out, nil, item.Plain, fieldBinding(keys[i].id, item.Event, item.Field))
		}
		return v.note(ctx, tx, keys, items)
	})
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// keysFor returns the key of each item.
func (v *Vault) keysFor(ctx context.Context, tx pgx.Tx, subject string, items []eventstore.Item) ([]dataKey, error) {
	purpose, owners := purposeSubject, []owner{{subject: subject}}
	if subject == "" {
		purpose, owners = purposeField, make([]owner, len(items))
		for i, item := range items {
			owners[i] = owner{event: item.Event, field: item.Field}
		}
	}
	keys, err := v.ensure(ctx, tx, purpose, owners)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.erased != nil {
			return nil, domain.Refuse(domain.Conflict, "vault.erased", "position", strconv.FormatInt(k.erased.Position, 10))
		}
	}
	if purpose == purposeField {
		return keys, nil
	}
	perItem := make([]dataKey, len(items))
	for i := range perItem {
		perItem[i] = keys[0]
	}
	return perItem, nil
}

// fieldBinding ties a ciphertext to its key, event and field.
func fieldBinding(key, event uuid.UUID, field string) []byte {
	b := append([]byte("runut vault field\x00"), key[:]...)
	return append(append(b, event[:]...), field...)
}

// A Sealed is a ciphertext and where it was found.
type Sealed struct {
	Event uuid.UUID
	Field string
	Bytes []byte
}

// An Opened is what a Sealed held, or the erasure that took it. Both are good
// states of the log.
type Opened struct {
	Random [32]byte // keys the commitment in the event's record
	Plain  string
	Erased *Erasure // the detail was forgotten, by this event; the rest is zero
}

// Check compares what was opened with the commitment that the event's record
// holds for the field. Of what was erased there is nothing left to compare.
func (o Opened) Check(field string, commitment [32]byte) error {
	if o.Erased != nil {
		return nil
	}
	if sum := record.Commit(o.Random, field, o.Plain); !hmac.Equal(sum[:], commitment[:]) {
		return domain.Refuse(domain.Unready, "vault.commitment_broken", "field", field)
	}
	return nil
}

// Unseal opens ciphertexts, in their order. Whoever calls it records who looked
// and why, as an event, before showing anything. An error means that a
// ciphertext was changed or moved, or that its key is unknown to this vault.
func (v *Vault) Unseal(ctx context.Context, found ...Sealed) ([]Opened, error) {
	ids := make([]uuid.UUID, len(found))
	for i, s := range found {
		if len(s.Bytes) < sealHeader || s.Bytes[0] != sealForm {
			return nil, broken("vault.tampered", s)
		}
		copy(ids[i][:], s.Bytes[1:sealHeader])
	}
	keys, err := v.keysByID(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	opened := make([]Opened, len(found))
	for i, s := range found {
		k, ok := keys[ids[i]]
		if !ok {
			return nil, broken("vault.key_unknown", s)
		}
		if k.erased != nil {
			opened[i].Erased = k.erased
			continue
		}
		key, err := v.unwrap(k)
		if err != nil {
			return nil, fmt.Errorf("unseal: %w", err)
		}
		item, err := newAEAD(key).Open(nil, nil, s.Bytes[sealHeader:], fieldBinding(k.id, s.Event, s.Field))
		if err != nil || len(item) < randomSize {
			return nil, broken("vault.tampered", s)
		}
		opened[i].Random, opened[i].Plain = [32]byte(item[:randomSize]), string(item[randomSize:])
	}
	return opened, nil
}

func broken(code string, s Sealed) *domain.Error {
	return domain.Refuse(domain.Unready, code, "event", s.Event.String(), "field", s.Field)
}
