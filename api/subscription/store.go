package subscription

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/eventstore"
	"runut/eventstore/vault"
	"runut/projections"
)

// A Store holds endpoints.
type Store struct {
	DB     *pgxpool.Pool
	Vault  *vault.Vault
	Dialer Dialer
}

// MostCounted is how far what waits for an endpoint is counted.
const MostCounted = 1000

// most is how many endpoints an OPD may have.
const most = 20

// mostSecrets is by how many it is signed at the same time.
const mostSecrets = 5

// overlap is how long a secret is still signed by after another followed it.
const overlap = 24 * time.Hour

// A Request asks for an endpoint.
type Request struct {
	ID       uuid.UUID // chosen by who asks: the same twice makes one
	OPD      string
	URL      string
	Ordering Ordering
	From     int64 // position of the feed after which it begins; Now: with what comes
}

// Now, as Request.From, begins with what comes.
const Now int64 = -1

// Add makes an endpoint and returns its secret, for the only time; asked again
// with the same id it returns the endpoint and no secret. It refuses, as Invalid,
// with subscription.url_… and subscription.ordering, and with subscription.too_many
// and subscription.other (Conflict).
func (s Store) Add(ctx context.Context, by domain.Actor, r Request) (made Subscription, secret string, err error) {
	if err := s.Dialer.Check(r.URL); err != nil {
		return made, "", err
	}
	if r.Ordering != OrderProposal && r.Ordering != OrderEndpoint {
		return made, "", domain.Refuse(domain.Invalid, "subscription.ordering", "ordering", string(r.Ordering)).At("/ordering")
	}
	head, err := s.head(ctx)
	if err != nil {
		return made, "", err
	}
	switch {
	case r.From == Now:
		r.From = head
	case r.From < 0, r.From > head: // what is recorded up to there would never be sent, and nobody told
		return made, "", domain.Refuse(domain.Invalid, "subscription.position", "position", fmt.Sprint(r.From)).At("/after")
	}
	secret, sealed, err := s.seal(ctx, r.ID, 1)
	if err != nil {
		return made, "", err
	}
	fresh := false
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		// one at a time for an OPD, so that the limit holds
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('runut subscription ' || $1, 0))`, r.OPD); err != nil {
			return err
		}
		var there int
		if err := tx.QueryRow(ctx, `select count(*) from subscriptions where opd = $1 and id <> $2`, r.OPD, r.ID).Scan(&there); err != nil {
			return err
		}
		if there >= most {
			return domain.Refuse(domain.Conflict, "subscription.too_many", "most", fmt.Sprint(most))
		}
		tag, err := tx.Exec(ctx, `
			insert into subscriptions (id, opd, url, ordering, position, created_by)
			values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`, r.ID, r.OPD, r.URL, r.Ordering, r.From, by.Person)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		fresh = true
		if _, err := tx.Exec(ctx, `insert into subscription_secrets (subscription, n, sealed) values ($1, 1, $2)`, r.ID, sealed); err != nil {
			return err
		}
		return note(ctx, tx, r.ID, by, "added", r.URL)
	})
	if err != nil {
		return made, "", store("add", err)
	}
	made, err = s.Get(ctx, r.ID)
	if err == nil && (made.OPD != r.OPD || made.URL != r.URL) {
		return Subscription{}, "", domain.Refuse(domain.Conflict, "subscription.other", "id", r.ID.String())
	}
	if !fresh {
		secret = ""
	}
	return made, secret, err
}

const columns = `
	s.id, s.opd, s.url, s.ordering, s.state, s.why, s.position, s.failures, s.failing_since, s.next_at, s.created_at, s.created_by, s.delivered_at,
	(select count(*) from subscription_parked p where p.subscription = s.id),
	(select count(*) from subscription_parked p where p.subscription = s.id and p.next_at is null)`

func scan(row pgx.CollectableRow) (s Subscription, err error) {
	err = row.Scan(&s.ID, &s.OPD, &s.URL, &s.Ordering, &s.State, &s.Why, &s.Position, &s.Failures, &s.FailingSince, &s.Next, &s.Created, &s.by, &s.Delivered, &s.Parked, &s.Stuck)
	return s, err
}

// Get returns an endpoint, or the refusal subscription.unknown (NotFound).
func (s Store) Get(ctx context.Context, id uuid.UUID) (Subscription, error) {
	found, err := s.query(ctx, `select `+columns+` from subscriptions s where s.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = domain.Refuse(domain.NotFound, "subscription.unknown", "id", id.String())
	}
	if err != nil {
		return Subscription{}, err
	}
	return found[0], nil
}

// List returns the endpoints of an OPD, of all for "", in the order of ids, at
// most limit of those after one.
func (s Store) List(ctx context.Context, opd string, after uuid.UUID, limit int) ([]Subscription, error) {
	return s.query(ctx, `select `+columns+` from subscriptions s where ($1 = '' or s.opd = $1) and s.id > $2 order by s.id limit $3`, opd, after, limit)
}

func (s Store) query(ctx context.Context, sql string, args ...any) ([]Subscription, error) {
	rows, err := s.DB.Query(ctx, sql, args...)
	if err != nil {
		return nil, store("read", err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, store("read", err)
	}
	opds := make([]projections.Behind, len(found))
	for i, x := range found {
		opds[i] = projections.Behind{OPD: x.OPD, After: x.Position}
	}
	counts, err := projections.Feed{DB: s.DB}.Waiting(ctx, opds, MostCounted)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Waiting = counts[i]
	}
	return found, nil
}

// Pause stops sending; Resume goes on where it stopped, also with what was held
// back, and forgets that it failed.
func (s Store) Pause(ctx context.Context, by domain.Actor, id uuid.UUID) error {
	return s.change(ctx, by, id, "paused", "", func(tx pgx.Tx) (pgconn.CommandTag, error) {
		return tx.Exec(ctx, `update subscriptions set state = 'paused', why = '', lease = null, leased_until = '-infinity' where id = $1`, id)
	})
}

// Resume undoes Pause and any disabling.
func (s Store) Resume(ctx context.Context, by domain.Actor, id uuid.UUID) error {
	return s.change(ctx, by, id, "resumed", "", func(tx pgx.Tx) (pgconn.CommandTag, error) {
		if _, err := tx.Exec(ctx, `update subscription_parked set failures = 0, next_at = now() where subscription = $1`, id); err != nil {
			return pgconn.CommandTag{}, err
		}
		return tx.Exec(ctx, `update subscriptions set state = 'active', why = '', failures = 0, failing_since = null, next_at = now() where id = $1`, id)
	})
}

// Replay sends everything of the feed after a position again, and tries what is held
// back since before it: what follows of that is sent after it only.
func (s Store) Replay(ctx context.Context, by domain.Actor, id uuid.UUID, after int64) error {
	if after < 0 {
		return domain.Refuse(domain.Invalid, "subscription.position", "position", fmt.Sprint(after)).At("/position")
	}
	return s.change(ctx, by, id, "replayed", fmt.Sprint(after), func(tx pgx.Tx) (pgconn.CommandTag, error) {
		if _, err := tx.Exec(ctx, `delete from subscription_parked where subscription = $1 and position > $2`, id, after); err != nil {
			return pgconn.CommandTag{}, err
		}
		if _, err := tx.Exec(ctx, `update subscription_parked set failures = 0, next_at = now() where subscription = $1`, id); err != nil {
			return pgconn.CommandTag{}, err
		}
		return tx.Exec(ctx, `
			update subscriptions set position = least(position, $2), failures = 0, failing_since = null, next_at = now(), lease = null, leased_until = '-infinity'
			 where id = $1`, id, after)
	})
}

// Remove takes an endpoint away, with its secrets and what was noted of it.
func (s Store) Remove(ctx context.Context, by domain.Actor, id uuid.UUID) error {
	return s.change(ctx, by, id, "removed", "", func(tx pgx.Tx) (pgconn.CommandTag, error) {
		return tx.Exec(ctx, `delete from subscriptions where id = $1`, id)
	})
}

// Rotate makes another secret and returns it, for the only time. What was signed by
// before goes on for another day.
func (s Store) Rotate(ctx context.Context, by domain.Actor, id uuid.UUID) (secret string, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `select (select max(n) from subscription_secrets where subscription = s.id) from subscriptions s where id = $1 for update`, id).Scan(&n)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "subscription.unknown", "id", id.String())
		}
		if err != nil {
			return err
		}
		var sealed []byte
		if secret, sealed, err = s.seal(ctx, id, n+1); err != nil {
			return err
		}
		// Each before goes on for its own day: a form that is sent twice must not
		// take away the only one that the receiver knows. Nor are there ever many.
		if _, err := tx.Exec(ctx, `delete from subscription_secrets where subscription = $1 and (until < now() or n <= $2)`, id, n+1-mostSecrets); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update subscription_secrets set until = now() + $2 where subscription = $1 and until is null`, id, overlap); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into subscription_secrets (subscription, n, sealed) values ($1, $2, $3)`, id, n+1, sealed); err != nil {
			return err
		}
		return note(ctx, tx, id, by, "rotated", "")
	})
	return secret, store("rotate", err)
}

// change changes an endpoint, and notes who did it.
func (s Store) change(ctx context.Context, by domain.Actor, id uuid.UUID, act, about string, do func(pgx.Tx) (pgconn.CommandTag, error)) error {
	return store(act, pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		// first the endpoint and then what hangs on it, as runs do: else the two wait for each other
		if _, err := tx.Exec(ctx, `select from subscriptions where id = $1 for update`, id); err != nil {
			return err
		}
		changed, err := do(tx)
		if err != nil {
			return err
		}
		if changed.RowsAffected() == 0 {
			return domain.Refuse(domain.NotFound, "subscription.unknown", "id", id.String())
		}
		return note(ctx, tx, id, by, act, about)
	}))
}

func note(ctx context.Context, tx pgx.Tx, id uuid.UUID, by domain.Actor, act, about string) error {
	_, err := tx.Exec(ctx, `insert into subscription_acts (subscription, person, role, act, about) values ($1, $2, $3, $4, $5)`, id, by.Person, by.Role, act, about)
	return err
}

// Deliveries returns attempts, newest first, at most limit of those before one
// (0: of all).
func (s Store) Deliveries(ctx context.Context, id uuid.UUID, before int64, limit int) ([]Delivery, error) {
	rows, err := s.DB.Query(ctx, `
		select id, at, position, event, type, number, attempt, status, outcome, (extract(epoch from took) * 1000)::bigint, answer
		  from subscription_deliveries
		 where subscription = $1 and ($2 = 0 or id < $2)
		 order by id desc limit $3`, id, before, limit)
	if err != nil {
		return nil, store("deliveries", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Delivery, err error) {
		err = row.Scan(&d.ID, &d.At, &d.Position, &d.Event, &d.Type, &d.Number, &d.Attempt, &d.Status, &d.Outcome, &d.Took, &d.Answer)
		return d, err
	})
	return found, store("deliveries", err)
}

// secretBytes is how long a secret is.
const secretBytes = 32

func field(n int) string { return fmt.Sprintf("/secret/%d", n) }

// seal makes a secret as receivers are given it ("whsec_…"), and what is kept.
func (s Store) seal(ctx context.Context, id uuid.UUID, n int) (secret string, sealed []byte, err error) {
	random := make([]byte, 32+secretBytes) // the vault wants 32 random bytes before every value
	rand.Read(random)
	secret = "whsec_" + base64.StdEncoding.EncodeToString(random[32:])
	all, err := s.Vault.Seal(ctx, "", []eventstore.Item{{Event: id, Field: field(n), Plain: append(random[:32:32], secret...)}})
	if err != nil {
		return "", nil, err
	}
	return secret, all[0], nil
}

// secrets returns what an endpoint is signed by now, the newest first.
func (s Store) secrets(ctx context.Context, id uuid.UUID) ([]string, error) {
	rows, err := s.DB.Query(ctx, `select n, sealed from subscription_secrets where subscription = $1 and (until is null or until > now()) order by n desc`, id)
	if err != nil {
		return nil, store("secrets", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x vault.Sealed, err error) {
		var n int
		err = row.Scan(&n, &x.Bytes)
		x.Event, x.Field = id, field(n)
		return x, err
	})
	if err != nil {
		return nil, store("secrets", err)
	}
	opened, err := s.Vault.Unseal(ctx, found...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, o := range opened {
		out = append(out, o.Plain)
	}
	return out, nil
}

// store says what failed of a database error, and leaves refusals as they are.
func store(what string, err error) error {
	if _, refused := errors.AsType[*domain.Error](err); err == nil || refused {
		return err
	}
	return fmt.Errorf("subscription: %s: %w", what, err)
}
