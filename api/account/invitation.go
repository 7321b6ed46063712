package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// codePrefix begins every code, so that it is not taken for a token.
const codePrefix = "rni_"

// Sessions is how long the token lives that a code is exchanged for.
const Sessions = 90 * 24 * time.Hour

// Personal are the uses of a person's token. Feeds are pulled by machines.
var Personal = []Use{Read, Act}

// misread turns what people read for another letter back: no code has these.
var misread = strings.NewReplacer("o", "0", "i", "1", "l", "1", "-", "", " ", "")

// IsCode reports whether somebody typed a code where a token may stand.
func IsCode(typed string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(typed)), codePrefix)
}

// Invite makes a code for the holder of a grant and returns it in the clear, for
// the only time. The same command asked again, because its answer was lost, makes
// a new code that is good for as long as the one before, and ends that; it is
// refused once that was used or is over.
func (s Tokens) Invite(ctx context.Context, command uuid.UUID, grant string, until time.Time) (made string, expires time.Time, err error) {
	code := codePrefix + random(15)
	hash := sha256.Sum256([]byte(code))
	var used *time.Time
	err = s.DB.QueryRow(ctx, `
		insert into invitations (command, hash, grant_stream, expires_at) values ($1, $2, $3, $4)
		on conflict (command) do update set hash = excluded.hash
		 where invitations.used_at is null and invitations.expires_at > now() and invitations.grant_stream = excluded.grant_stream
		returning expires_at`, command, hash[:], grant, until).Scan(&expires)
	if errors.Is(err, pgx.ErrNoRows) {
		err = s.DB.QueryRow(ctx, `select expires_at, used_at from invitations where command = $1`, command).Scan(&expires, &used)
		if err == nil && used == nil && !time.Now().Before(expires) {
			return "", expires, domain.Refuse(domain.Conflict, "account.code_expired", "expired", expires.UTC().Format(time.RFC3339))
		}
		if err == nil {
			return "", expires, domain.Refuse(domain.Conflict, "account.code_used")
		}
	}
	if err != nil {
		return "", expires, fmt.Errorf("account: invite: %w", err)
	}
	return code, expires.UTC(), nil
}

// An Accepted is what a code was exchanged for.
type Accepted struct {
	Token   string // in the clear, for the only time
	Grant   string // its stream
	Expires time.Time
}

// Accept exchanges a code for a token. A code that was used is refused by that
// name: its person then knows that somebody else was faster.
func (s Tokens) Accept(ctx context.Context, typed string) (Accepted, error) {
	code, isCode := strings.CutPrefix(strings.ToLower(strings.TrimSpace(typed)), codePrefix)
	if !isCode || len(code) > 100 {
		return Accepted{}, domain.Refuse(domain.Forbidden, "account.code_unknown")
	}
	hash := sha256.Sum256([]byte(codePrefix + misread.Replace(code)))
	var a Accepted
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var expires time.Time
		var used *time.Time
		err := tx.QueryRow(ctx, `select grant_stream, expires_at, used_at from invitations where hash = $1 for update`, hash[:]).Scan(&a.Grant, &expires, &used)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return domain.Refuse(domain.Forbidden, "account.code_unknown")
		case err != nil:
			return err
		case used != nil:
			return domain.Refuse(domain.Conflict, "account.code_used")
		case !time.Now().Before(expires):
			return domain.Refuse(domain.Forbidden, "account.code_expired", "expired", expires.UTC().Format(time.RFC3339))
		}
		if _, err := tx.Exec(ctx, `update invitations set used_at = now() where hash = $1`, hash[:]); err != nil {
			return err
		}
		a.Expires = time.Now().Add(Sessions)
		a.Token, err = issue(ctx, tx, "kode masuk", a.Grant, Personal, a.Expires)
		return err
	})
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return Accepted{}, refusal
	}
	if err != nil {
		return Accepted{}, fmt.Errorf("account: accept: %w", err)
	}
	return a, nil
}

// A Holding is the tokens and codes of a grant, as far as they matter to whoever
// may take them away.
type Holding struct {
	Tokens int  // that are good
	Code   bool // one waits to be used
}

// Holdings returns what there is to sign in by, by grant.
func (s Tokens) Holdings(ctx context.Context, grants []string) (map[string]Holding, error) {
	rows, err := s.DB.Query(ctx, `
		select g,
		       (select count(*) from tokens t where t.grant_stream = g and t.revoked_at is null and t.expires_at > now()),
		       exists (select from invitations i where i.grant_stream = g and i.used_at is null and i.expires_at > now())
		  from unnest($1::text[]) g`, grants)
	if err != nil {
		return nil, fmt.Errorf("account: holdings: %w", err)
	}
	out := make(map[string]Holding, len(grants))
	var grant string
	var h Holding
	_, err = pgx.ForEachRow(rows, []any{&grant, &h.Tokens, &h.Code}, func() error {
		out[grant] = h
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("account: holdings: %w", err)
	}
	return out, nil
}
