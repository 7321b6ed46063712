package vault

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// EraseSubject forgets a person: their key, and the keys of every field where
// one of their details was found in somebody's prose. The details are kept from
// coming back. It is done with its commit, in every process.
//
// The event by comes first, the erasure follows it; so whoever restores the
// vault from a backup goes through the erasures in the log and calls this for
// each again. A second time changes nothing, and a subject that never had a key
// cannot get one any more.
func (v *Vault) EraseSubject(ctx context.Context, subject string, by Erasure) error {
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		var key uuid.UUID
		err := tx.QueryRow(ctx, `
			insert into vault.keys as k (id, purpose, subject, master, erased_event, erased_position, erased_at)
			values ($1, 'subject', $2, $3, $4, $5, $6)
			on conflict (subject) where purpose = 'subject' do update
			   set wrapped = null,
			       erased_event = coalesce(k.erased_event, excluded.erased_event),
			       erased_position = coalesce(k.erased_position, excluded.erased_position),
			       erased_at = coalesce(k.erased_at, excluded.erased_at)
			returning id`,
			uuid.New(), subject, v.ring.current().id, by.Event, by.Position, by.At).Scan(&key)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			select distinct kind, mac
			  from vault.occurrences
			 where key_id = $1`, key)
		if err != nil {
			return err
		}
		details, err := pgx.CollectRows(rows, pgx.RowToStructByPos[trace])
		if err != nil {
			return err
		}
		if err := forget(ctx, tx, details, by); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from vault.occurrences where key_id = $1`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("erase subject: %w", err)
	}
	return nil
}

// EraseDetail forgets a detail whose owner has no stream of their own: the keys
// of every field it was found in. It stays where it is under a person's key,
// because that person's other details are under it too.
func (v *Vault) EraseDetail(ctx context.Context, detail domain.Span, by Erasure) error {
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		return forget(ctx, tx, []trace{{Kind: string(detail.Kind), MAC: v.mac(detail)}}, by)
	})
	if err != nil {
		return fmt.Errorf("erase detail: %w", err)
	}
	return nil
}

// EraseField forgets what stands sealed in one field of one event, where it is
// under a key of its own. It suppresses nothing.
func (v *Vault) EraseField(ctx context.Context, event uuid.UUID, field string, by Erasure) error {
	_, err := v.pool.Exec(ctx, `
		with erased as (
			update vault.keys
			   set wrapped = null, erased_event = $3, erased_position = $4, erased_at = $5
			 where purpose = 'field' and event_id = $1 and pointer = $2 and wrapped is not null
			returning id)
		delete from vault.occurrences
		 where key_id in (select id from erased)`,
		event, field, by.Event, by.Position, by.At)
	if err != nil {
		return fmt.Errorf("erase field: %w", err)
	}
	return nil
}

// A trace is what the vault knows a detail by.
type trace struct {
	Kind string
	MAC  []byte
}

// forget suppresses details and erases the fields they occur in.
func forget(ctx context.Context, tx pgx.Tx, details []trace, by Erasure) error {
	kinds := make([]string, len(details))
	macs := make([][]byte, len(details))
	for i, d := range details {
		kinds[i], macs[i] = d.Kind, d.MAC
	}
	var batch pgx.Batch
	batch.Queue(`
		insert into vault.suppressed (kind, mac, at, event_id, position)
		select kind, mac, $3, $4, $5
		  from unnest($1::text[], $2::bytea[]) as gone (kind, mac)
		on conflict do nothing`, kinds, macs, by.At, by.Event, by.Position)
	batch.Queue(`
		with erased as (
			update vault.keys
			   set wrapped = null, erased_event = $3, erased_position = $4, erased_at = $5
			 where purpose = 'field' and wrapped is not null
			   and id in (select key_id
			                from vault.occurrences
			                join unnest($1::text[], $2::bytea[]) as gone (kind, mac) using (kind, mac))
			returning id)
		delete from vault.occurrences
		 where key_id in (select id from erased)`, kinds, macs, by.Event, by.Position, by.At)
	return tx.SendBatch(ctx, &batch).Close()
}
