package vault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
)

// A Vault is the schema vault of one database and the keyring that opens it.
// It is safe for concurrent use.
type Vault struct {
	pool  *pgxpool.Pool
	ring  *Keyring
	index []byte // HMAC key of occurrences and suppressed details
}

// An Erasure is the event that ordered something to be forgotten.
type Erasure struct {
	Event    uuid.UUID
	Position int64
	At       time.Time
}

// Open returns the vault in the database of pool. It refuses a keyring that
// lacks a master key which something in the vault is still wrapped by: to go on
// would mean a vault of which one part can never be opened.
func Open(ctx context.Context, pool *pgxpool.Pool, ring *Keyring) (*Vault, error) {
	v := &Vault{pool: pool, ring: ring}
	rows, err := pool.Query(ctx, `
		select distinct master
		  from vault.keys
		 where wrapped is not null`)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	used, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	unknown := slices.DeleteFunc(used, func(id string) bool { _, ok := ring.find(id); return ok })
	if len(unknown) > 0 {
		return nil, domain.Refuse(domain.Unready, "vault.master_unknown", "masters", strings.Join(unknown, ", "))
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		keys, err := v.ensure(ctx, tx, purposeIndex, []owner{{}})
		if err != nil {
			return err
		}
		v.index, err = v.unwrap(keys[0])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return v, nil
}
