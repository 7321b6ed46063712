package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/api"
	"runut/api/account"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/grant"
	"runut/domain/person"
)

type accountCommand struct {
	Init   accountInit   `cmd:"" help:"Dua penugasan pertama, sekali saja. · The first two grants, once."`
	Issue  accountIssue  `cmd:"" help:"Buat token untuk sebuah penugasan. · Make a token for a grant."`
	Accept accountAccept `cmd:"" help:"Tukar kode masuk dengan token. · Exchange a code for a token."`
	List   accountList   `cmd:"" help:"Daftar token. · List tokens."`
	Revoke accountRevoke `cmd:"" help:"Cabut token. · Revoke a token."`
}

// keyed is a database whose sealed data this command may add to.
type keyed struct {
	database
	Keyring string `env:"RUNUT_KEYRING" help:"Berkas kunci data tersegel; kosong: di folder data. · File of the keys to sealed data; empty: in the data folder."`
}

func (k keyed) open(ctx context.Context) (*app, error) {
	url, err := k.url()
	if err != nil {
		return nil, err
	}
	keyring := k.Keyring
	if keyring == "" {
		keyring = keyringIn(k.Data)
	}
	return open(ctx, url, keyring, slog.New(slog.DiscardHandler))
}

type accountInit struct {
	keyed
	Tenant    string `required:"" env:"RUNUT_TENANT" help:"Kode wilayah kabupaten. · Kode wilayah of the kabupaten."`
	Decree    string `required:"" help:"Nomor SK penugasan. · Number of the decree."`
	Date      string `required:"" help:"Tanggal SK, mis. 2026-01-05. · Date of the decree."`
	Office    string `default:"Bappeda" help:"Kantor keduanya. · Office of both."`
	Approver  string `required:"" help:"Nama penyetuju pertama; disegel. · Name of the approver; sealed."`
	Second    string `required:"" help:"Nama orang kedua; disegel. · Name of the second person; sealed."`
	TokenDays int    `default:"30" help:"Masa berlaku token, hari. · How long the tokens last, days."`
}

// Run writes the first two grants as events of the system and prints a token for
// each. The log itself refuses a second time, since the streams then exist.
func (c *accountInit) Run(s *session) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	server, now := a.server(c.Tenant), time.Now()
	decree := domain.Document{Kind: "sk", Number: c.Decree, Date: c.Date}
	for i, first := range []struct {
		name string
		role domain.Role
	}{{c.Approver, grant.Approver}, {c.Second, grant.HeadOfPlanning}} {
		id := uuid.New()
		pseudonym := person.Pseudonym(id)
		stream := grant.FirstStreams[i]
		asks := []act.Act{
			act.OnGrant{Grant: stream, Definition: server.Current, Ask: &grant.Given{Person: pseudonym, Role: first.role, Scope: domain.Scope{Kind: domain.ScopeKabupaten},
				Office: c.Office, Capacity: domain.Definitif, From: now, Decree: decree, First: true}},
			act.OnPerson{Person: pseudonym, Ask: &person.Registered{Name: domain.Secret{Plain: first.name}, Purpose: "official"}},
		}
		for _, ask := range asks {
			if _, err := server.Do(s.ctx, api.Ask{Act: ask, Actor: domain.System(), Command: uuid.New(), Version: -1}); err != nil {
				return err
			}
		}
		token, err := account.Tokens{DB: a.pool}.Issue(s.ctx, "account init", stream, account.Uses, now.AddDate(0, 0, c.TokenDays))
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%-18s %-14s %s\n", first.role, stream, token)
	}
	fmt.Fprintln(s.err, s.lang.T("account.shown_once"))
	return nil
}

type accountIssue struct {
	database
	Grant string        `arg:"" help:"Aliran penugasan, mis. grant-first. · Stream of the grant."`
	Name  string        `required:"" help:"Untuk apa token ini. · What it is for."`
	Use   []account.Use `default:"read,act,feed" help:"Kegunaan: read, act, feed. · Uses."`
	Days  int           `default:"90" help:"Masa berlaku, hari. · How long it lasts, days."`
	JSON  bool          `help:"Hasil untuk mesin. · Output for machines."`
}

func (c *accountIssue) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	var known bool
	if err := pool.QueryRow(s.ctx, `select exists (select from events where stream = $1)`, c.Grant).Scan(&known); err != nil {
		return err
	}
	if !known || !strings.HasPrefix(c.Grant, grant.Stream("")) {
		return domain.Refuse(domain.NotFound, "account.grant_unknown", "grant", c.Grant)
	}
	expires := time.Now().AddDate(0, 0, c.Days)
	token, err := account.Tokens{DB: pool}.Issue(s.ctx, c.Name, c.Grant, c.Use, expires)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"token": token, "grant": c.Grant, "expires": expires})
	}
	fmt.Fprintln(s.out, token)
	fmt.Fprintln(s.err, s.lang.T("account.shown_once"))
	return nil
}

type accountAccept struct {
	database
	Code string `arg:"" help:"Kode masuk, rni_…, dari runut grant invite. · The code, from runut grant invite."`
}

// Run prints the token that a code is exchanged for; the code is used up.
func (c *accountAccept) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	got, err := account.Tokens{DB: pool}.Accept(s.ctx, c.Code)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, got.Token)
	fmt.Fprintln(s.err, s.lang.T("account.shown_once"))
	return nil
}

type accountList struct {
	database
	JSON bool `help:"Hasil untuk mesin, satu baris per token. · Output for machines, a line a token."`
}

func (c *accountList) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	after := ""
	for {
		tokens, err := account.Tokens{DB: pool}.List(s.ctx, after, 200)
		if err != nil || len(tokens) == 0 {
			return err
		}
		for _, t := range tokens {
			after = t.ID
			if c.JSON {
				if err := json.NewEncoder(s.out).Encode(t); err != nil {
					return err
				}
				continue
			}
			state := s.lang.T("account.valid_until", "day", s.lang.Day(t.Expires, domain.Zones["WITA"]))
			switch {
			case t.Revoked != nil:
				state = s.lang.T("account.revoked")
			case time.Now().After(t.Expires):
				state = s.lang.T("account.expired")
			}
			fmt.Fprintf(s.out, "%s  %-42s  %-13s  %s  %s\n", t.ID, t.Grant, usesOf(t), state, t.Name)
		}
	}
}

func usesOf(t account.Token) string {
	words := make([]string, len(t.Uses))
	for i, u := range t.Uses {
		words[i] = string(u)
	}
	return strings.Join(words, ",")
}

type accountRevoke struct {
	database
	ID string `arg:"" help:"Id token: bagian tengah rnt_ID_… · Id of the token: the middle part."`
}

func (c *accountRevoke) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	return account.Tokens{DB: pool}.Revoke(s.ctx, c.ID)
}
