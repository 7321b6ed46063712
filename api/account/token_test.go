package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"runut/api/account"
	"runut/domain"
	"runut/eventstore/pgtest"
)

func TestTokenLife(t *testing.T) {
	ctx := t.Context()
	tokens := account.Tokens{DB: pgtest.Open(t)}
	plain, err := tokens.Issue(ctx, "sistem PUPR", "grant-1", []account.Use{account.Read, account.Feed}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tokens.Check(ctx, plain)
	if err != nil || got.Grant != "grant-1" || !got.May(account.Feed) || got.May(account.Act) {
		t.Fatalf("Check = %+v, %v", got, err)
	}
	refuse := func(name, bearer, code string) {
		t.Helper()
		if _, err := tokens.Check(ctx, bearer); !errors.Is(err, &domain.Error{Code: code}) {
			t.Errorf("%s: %v, want %s", name, err, code)
		}
	}
	refuse("nothing", "", "account.token_unknown")
	refuse("wrong secret", plain[:len(plain)-1]+"!", "account.token_unknown")
	refuse("another's secret", "rnt_"+got.ID+"_", "account.token_unknown")
	refuse("far too long", strings.Repeat("rnt_", 1000), "account.token_unknown")

	var kept string
	if err := tokens.DB.QueryRow(ctx, `select t::text from tokens t`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if secret := plain[strings.LastIndex(plain, "_")+1:]; strings.Contains(kept, secret) {
		t.Error("the secret itself is kept")
	}

	if err := tokens.Revoke(ctx, got.ID); err != nil {
		t.Fatal(err)
	}
	refuse("revoked", plain, "account.token_revoked")
	if err := tokens.Revoke(ctx, "none"); !errors.Is(err, &domain.Error{Code: "account.token_not_found"}) {
		t.Errorf("revoking nothing: %v", err)
	}

	short, err := tokens.Issue(ctx, "sebentar", "grant-1", account.Uses, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.DB.Exec(ctx, `update tokens set expires_at = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	refuse("expired", short, "account.token_expired")

	for name, expires := range map[string]time.Time{"in the past": time.Now().Add(-time.Hour), "too far off": time.Now().Add(2 * account.Longest)} {
		if _, err := tokens.Issue(ctx, "x", "grant-1", account.Uses, expires); !errors.Is(err, &domain.Error{Code: "account.expiry"}) {
			t.Errorf("expiry %s: %v", name, err)
		}
	}
	if list, err := tokens.List(ctx, "", 10); err != nil || len(list) != 2 {
		t.Errorf("List = %d tokens, %v", len(list), err)
	}
}
