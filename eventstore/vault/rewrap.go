package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// Rewrap brings every data key under the first key of the keyring and returns
// how many it moved. The ciphertexts stay as they are, so this is quick and may
// run beside everything else. When it returns 0 and every running program has
// the new keyring, the older master keys may be taken out of it.
func (v *Vault) Rewrap(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := v.rewrapSome(ctx)
		if err != nil {
			return total, fmt.Errorf("rewrap: %w", err)
		}
		if n == 0 {
			return total, nil
		}
		total += n
	}
}

func (v *Vault) rewrapSome(ctx context.Context) (n int, err error) {
	err = pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select id, subject, event_id, pointer, master, wrapped, erased_event, erased_position, erased_at
			  from vault.keys
			 where master <> $1 and wrapped is not null
			 limit 500
			   for update`, v.ring.current().id)
		if err != nil {
			return err
		}
		keys, err := pgx.CollectRows(rows, scanKey)
		if err != nil {
			return err
		}
		ids := make([]uuid.UUID, len(keys))
		wrapped := make([][]byte, len(keys))
		for i, k := range keys {
			key, err := v.unwrap(k)
			if err != nil {
				return err
			}
			ids[i] = k.id
			wrapped[i] = v.ring.current().aead.Seal(nil, nil, key, wrapBinding(k.id))
		}
		n = len(keys)
		_, err = tx.Exec(ctx, `
			update vault.keys k
			   set master = $1, wrapped = moved.wrapped
			  from unnest($2::uuid[], $3::bytea[]) as moved (id, wrapped)
			 where k.id = moved.id`, v.ring.current().id, ids, wrapped)
		if err != nil || n > 0 {
			return err
		}
		n, err = v.rewrapUploads(ctx, tx)
		return err
	})
	return n, err
}

// rewrapUploads does the same to the keys of uploads, which lie in their rows.
func (v *Vault) rewrapUploads(ctx context.Context, tx pgx.Tx) (int, error) {
	rows, err := tx.Query(ctx, `select id, master, wrapped from vault.uploads where master <> $1 and expires_at > now() limit 500 for update`, v.ring.current().id)
	if err != nil {
		return 0, err
	}
	keys, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k dataKey, err error) {
		err = row.Scan(&k.id, &k.master, &k.wrapped)
		return k, err
	})
	if err != nil {
		return 0, err
	}
	moved := 0
	for _, k := range keys {
		key, err := v.unwrap(k)
		if errors.Is(err, &domain.Error{Code: "vault.master_unknown"}) {
			continue // as good as gone, and deleted within days
		}
		if err != nil {
			return 0, err
		}
		moved++
		wrapped := v.ring.current().aead.Seal(nil, nil, key, wrapBinding(k.id))
		if _, err := tx.Exec(ctx, `update vault.uploads set master = $2, wrapped = $3 where id = $1`, k.id, v.ring.current().id, wrapped); err != nil {
			return 0, err
		}
	}
	return moved, nil
}
