package notary

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/logbook"
	"runut/eventstore/proof"
)

// stretch is how many events are added to the tree in one transaction: 2 MB of
// tiles, a fraction of a second.
const stretch = 1 << 16

// A standing is where log and table are.
type standing struct {
	head   int64 // last position of the log
	newest Head  // last checkpoint of this origin in the table
	others bool  // there are checkpoints of other origins only
}

// round signs the head once, or brings the tree a stretch nearer to it and says
// that there is more to do.
func (n *Notary) round(ctx context.Context) (newest Head, more bool, err error) {
	kept, err := n.state()
	if err != nil {
		return Head{}, false, err
	}
	at, err := n.standing(ctx, n.DB)
	if err != nil {
		return Head{}, false, err
	}
	if n.atRest(at, kept) {
		return at.newest, false, nil
	}
	err = pgx.BeginFunc(ctx, n.DB, func(tx pgx.Tx) error {
		var ours bool
		if err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(hashtextextended('runut notary', 0))`).Scan(&ours); err != nil {
			return err
		}
		if !ours { // somebody else is at it
			newest = at.newest
			return nil
		}
		if kept, err = n.state(); err != nil { // a process of this host may have signed since
			return err
		}
		newest, more, err = n.work(ctx, tx, kept)
		return err
	})
	if err == nil && !more {
		err = n.reached("published")
	}
	return newest, more, err
}

// atRest reports whether there is nothing to do: what most rounds find.
func (n *Notary) atRest(at standing, kept Head) bool {
	switch {
	case at.head == 0 && at.newest.Size == 0 && kept.Size == 0 && !at.others:
		return true
	case at.newest.Size != at.head || at.newest.Checkpoint != kept.Checkpoint:
		return false
	}
	return n.signedByAll(kept)
}

// work does a round while no other process can.
func (n *Notary) work(ctx context.Context, tx pgx.Tx, kept Head) (newest Head, more bool, err error) {
	at, err := n.standing(ctx, tx)
	if err != nil {
		return Head{}, false, err
	}
	trust, err := n.trust(ctx, tx)
	if err != nil {
		return Head{}, false, err
	}
	if err := n.examine(ctx, tx, at, kept, trust); err != nil {
		return Head{}, false, err
	}
	tree, err := extend(ctx, tx, at.head)
	if err != nil {
		return Head{}, false, err
	}
	if tree.Size > at.head {
		return Head{}, false, domain.Refuse(domain.Unready, "tree.damaged", "place", "tree.tiles")
	}
	if err := n.reached("extended"); err != nil || tree.Size < at.head {
		return at.newest, true, err
	}
	now := proof.Checkpoint{Origin: n.Signer.Origin, Size: tree.Size, Root: tree.Root()}
	for _, before := range []Head{kept, at.newest} {
		if err := n.continues(ctx, tx, before.Checkpoint, now); err != nil {
			return Head{}, false, err
		}
	}
	newest, err = n.settle(ctx, tx, at.newest, kept)
	if err != nil || newest.Size == now.Size && n.signedByAll(newest) {
		return newest, false, err
	}
	newest, err = n.sign(ctx, tx, now)
	return newest, false, err
}

// settle makes table and file agree on what was signed last: a process may have
// died between the two, and another host may have signed since.
func (n *Notary) settle(ctx context.Context, tx pgx.Tx, newest, kept Head) (Head, error) {
	switch {
	case kept.Size > newest.Size:
		return kept, n.enter(ctx, tx, kept)
	case newest.Size > kept.Size:
		return newest, n.keep([]byte(newest.Note), newest.Checkpoint)
	}
	return newest, nil
}

// sign puts the signatures on a head that continues everything signed before,
// first in the file, then in the table.
func (n *Notary) sign(ctx context.Context, tx pgx.Tx, c proof.Checkpoint) (Head, error) {
	signed, err := c.Sign(n.Signer.Keys...)
	if err != nil {
		return Head{}, err
	}
	if err := n.reached("signed"); err != nil {
		return Head{}, err
	}
	if err := n.keep(signed, c); err != nil {
		return Head{}, err
	}
	if err := n.reached("kept"); err != nil {
		return Head{}, err
	}
	h := Head{Checkpoint: c, Note: string(signed), At: time.Now().UTC()}
	if err := n.enter(ctx, tx, h); err != nil {
		return Head{}, err
	}
	n.signed = time.Now()
	return h, n.reached("written")
}

// enter writes a signed head into the table.
func (n *Notary) enter(ctx context.Context, tx pgx.Tx, h Head) error {
	_, err := tx.Exec(ctx, `
		with head as (
		    insert into tree.checkpoints as c (origin, size, root, note) values ($1, $2, $3, $4)
		    on conflict (origin, size) do update set note = excluded.note, signed_at = now() where c.root = excluded.root)
		insert into tree.signing_keys (key, origin, since)
		select k, $1, $2 from unnest($5::text[]) k
		on conflict do nothing`, h.Origin, h.Size, h.Root[:], h.Note, n.Signer.Public)
	if err != nil {
		return fmt.Errorf("write checkpoint %d: %w", h.Size, err)
	}
	return nil
}

// standing reads where log and table are.
func (n *Notary) standing(ctx context.Context, db querier) (standing, error) {
	var s standing
	var size *int64
	var root []byte
	var text *string
	var at *time.Time
	var any bool
	rows, err := db.Query(ctx, `
		select (select coalesce(max(position), 0) from events), c.size, c.root, c.note, c.signed_at,
		       exists (select from tree.checkpoints)
		  from (select) one
		  left join lateral (select size, root, note, signed_at from tree.checkpoints where origin = $1 order by size desc limit 1) c on true`,
		n.Signer.Origin)
	if err != nil {
		return s, fmt.Errorf("where the log stands: %w", err)
	}
	_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&s.head, &size, &root, &text, &at, &any)
	})
	if err != nil {
		return s, fmt.Errorf("where the log stands: %w", err)
	}
	s.others = any && size == nil
	if size != nil {
		s.newest = Head{Checkpoint: proof.Checkpoint{Origin: n.Signer.Origin, Size: *size, Root: tlog.Hash(root)}, Note: *text, At: *at}
	}
	return s, nil
}

// examine refuses a log that cannot be what was signed, as far as its length and
// name tell.
func (n *Notary) examine(ctx context.Context, tx pgx.Tx, at standing, kept Head, trust proof.Trust) error {
	origin := n.Signer.Origin
	if kept.Size > 0 && kept.Origin != origin {
		return domain.Refuse(domain.Unready, "log.other_origin", "want", origin, "observed", kept.Origin)
	}
	if kept.Size > 0 {
		if _, err := trust.Open([]byte(kept.Note)); err != nil {
			return domain.Refuse(domain.Unready, "log.state_damaged", "path", n.State)
		}
	}
	if at.newest.Size > 0 {
		if kept.Size == 0 {
			return domain.Refuse(domain.Unready, "log.state_missing", "path", n.State, "size", number(at.newest.Size))
		}
		if c, err := trust.Open([]byte(at.newest.Note)); err != nil || c.Checkpoint != at.newest.Checkpoint {
			return domain.Refuse(domain.Unready, "tree.damaged", "place", "tree.checkpoints "+number(at.newest.Size))
		}
	}
	if at.others && kept.Size == 0 {
		if err := n.succeeds(ctx, tx); err != nil {
			return err
		}
	}
	if last := max(kept.Size, at.newest.Size); at.head < last {
		return domain.Refuse(domain.Unready, "log.shrunk", "head", number(at.head), "size", number(last), "from", number(at.head+1), "to", number(last))
	}
	return nil
}

// succeeds holds that this log was begun, on purpose, in a database that held
// another: the log says so itself.
func (n *Notary) succeeds(ctx context.Context, tx pgx.Tx) error {
	var last string
	if err := tx.QueryRow(ctx, `select origin from tree.checkpoints order by signed_at desc limit 1`).Scan(&last); err != nil {
		return err
	}
	var said bool
	err := tx.QueryRow(ctx, `
		select exists (select from events e
		                where e.stream = $1 and e.type = 'log.restarted'
		                  and convert_from(e.record, 'UTF8')::jsonb -> 'payload' ->> 'origin' = $2)`, logbook.Stream, n.Signer.Origin).Scan(&said)
	if err != nil {
		return fmt.Errorf("what the log says of its name: %w", err)
	}
	if !said {
		return domain.Refuse(domain.Unready, "log.other_origin", "want", n.Signer.Origin, "observed", last)
	}
	return nil
}

// continues holds that a head contains one that was signed before.
func (n *Notary) continues(ctx context.Context, tx pgx.Tx, before, now proof.Checkpoint) error {
	if before.Size == 0 {
		return nil
	}
	hashes, err := proof.ProveConsistent(before.Size, now.Size, proof.Hashes(now.Size, reader(ctx, tx)))
	if err != nil {
		return fmt.Errorf("compare with checkpoint %d: %w", before.Size, err)
	}
	if proof.CheckConsistent(before, now, hashes) == nil {
		return nil
	}
	return diagnose(ctx, tx, before)
}

// trust returns what the log's own signatures are checked with: the keys it signs
// under, and those it signed under before.
func (n *Notary) trust(ctx context.Context, tx pgx.Tx) (proof.Trust, error) {
	rows, err := tx.Query(ctx, `select key from tree.signing_keys where origin = $1`, n.Signer.Origin)
	if err != nil {
		return proof.Trust{}, fmt.Errorf("keys of the log: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return proof.Trust{}, fmt.Errorf("keys of the log: %w", err)
	}
	return proof.ParseTrust([]byte(strings.Join(append(keys, n.Signer.Public...), "\n")))
}

// signedByAll reports whether a head bears a signature of each key in use. A new
// key signs the head that is there as soon as it is put in.
func (n *Notary) signedByAll(h Head) bool {
	signed, err := note.Open([]byte(h.Note), n.Signer.Trust)
	return err == nil && len(signed.Sigs) == len(n.Signer.Keys)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
