// Package account says who is asking. A token stands for one grant: what its
// holder may do is what the grant says in the log, and never more than the
// token's own uses.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
)

// A Use is one thing a token is good for.
type Use string

// The uses of a token.
const (
	Read Use = "read" // everything its grant may see
	Act  Use = "act"  // commands
	Feed Use = "feed" // the pull feed of its grant's OPD
)

// Uses are all of them.
var Uses = []Use{Read, Act, Feed}

// Longest is how long a token may live.
const Longest = 366 * 24 * time.Hour

// A Token is what is kept of one.
type Token struct {
	ID      string
	Name    string
	Grant   string // stream of the grant it acts under
	Uses    []Use
	Created time.Time
	Expires time.Time
	Revoked *time.Time
}

// May reports whether the token is good for a use.
func (t Token) May(u Use) bool { return slices.Contains(t.Uses, u) }

// Tokens are the tokens of one database.
type Tokens struct{ DB *pgxpool.Pool }

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

var letters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func random(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return letters.EncodeToString(b)
}

// Issue makes a token and returns it in the clear, for the only time.
func (s Tokens) Issue(ctx context.Context, name, grant string, uses []Use, expires time.Time) (string, error) {
	for _, u := range uses {
		if !slices.Contains(Uses, u) {
			return "", domain.Refuse(domain.Invalid, "account.use_unknown", "use", string(u))
		}
	}
	if len(uses) == 0 {
		return "", domain.Refuse(domain.Invalid, "account.use_missing")
	}
	if until := time.Until(expires); until <= 0 || until > Longest {
		return "", domain.Refuse(domain.Invalid, "account.expiry", "expires", expires.Format(time.DateOnly))
	}
	return issue(ctx, s.DB, name, grant, uses, expires)
}

// issue writes a token down and returns it.
func issue(ctx context.Context, db execer, name, grant string, uses []Use, expires time.Time) (string, error) {
	id, secret := random(10), random(32)
	hash := sha256.Sum256([]byte(secret))
	_, err := db.Exec(ctx, `insert into tokens (id, hash, name, grant_stream, uses, expires_at) values ($1, $2, $3, $4, $5, $6)`,
		id, hash[:], name, grant, uses, expires)
	if err != nil {
		return "", fmt.Errorf("account: issue: %w", err)
	}
	return "rnt_" + id + "_" + secret, nil
}

// Check returns the token that a bearer presents, or why it is not good. A
// token with a wrong secret is answered as one that does not exist.
func (s Tokens) Check(ctx context.Context, bearer string) (Token, error) {
	rest, ok := strings.CutPrefix(bearer, "rnt_")
	id, secret, both := strings.Cut(rest, "_")
	if !ok || !both || len(bearer) > 200 {
		return Token{}, domain.Refuse(domain.Forbidden, "account.token_unknown")
	}
	var t Token
	var hash []byte
	err := s.DB.QueryRow(ctx, `select id, name, grant_stream, uses, created_at, expires_at, revoked_at, hash from tokens where id = $1`, id).
		Scan(&t.ID, &t.Name, &t.Grant, &t.Uses, &t.Created, &t.Expires, &t.Revoked, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Token{}, domain.Refuse(domain.Forbidden, "account.token_unknown")
	}
	if err != nil {
		return Token{}, fmt.Errorf("account: check: %w", err)
	}
	got := sha256.Sum256([]byte(secret))
	switch {
	case subtle.ConstantTimeCompare(got[:], hash) != 1:
		return Token{}, domain.Refuse(domain.Forbidden, "account.token_unknown")
	case t.Revoked != nil:
		return Token{}, domain.Refuse(domain.Forbidden, "account.token_revoked", "id", t.ID)
	case !time.Now().Before(t.Expires):
		return Token{}, domain.Refuse(domain.Forbidden, "account.token_expired", "id", t.ID, "expired", t.Expires.UTC().Format(time.RFC3339))
	}
	return t, nil
}

// List returns tokens by id, at most limit of those after the given one.
func (s Tokens) List(ctx context.Context, after string, limit int) ([]Token, error) {
	rows, err := s.DB.Query(ctx, `select id, name, grant_stream, uses, created_at, expires_at, revoked_at
		from tokens where id > $1 order by id limit $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("account: list: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Token])
	if err != nil {
		return nil, fmt.Errorf("account: list: %w", err)
	}
	return list, nil
}

// Revoke ends a token now.
func (s Tokens) Revoke(ctx context.Context, id string) error {
	tag, err := s.DB.Exec(ctx, `update tokens set revoked_at = coalesce(revoked_at, now()) where id = $1`, id)
	if err != nil {
		return fmt.Errorf("account: revoke: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return domain.Refuse(domain.NotFound, "account.token_not_found", "id", id)
	}
	return nil
}
