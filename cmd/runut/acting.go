package main

import (
	"context"

	"runut/api"
	"runut/api/account"
	"runut/domain"
)

// acting is a command that acts in the name of whoever holds a token, on the
// database itself: the same rules hold as over HTTP.
type acting struct {
	keyed
	Token  string `env:"RUNUT_TOKEN" help:"Token pelaku; lebih aman lewat RUNUT_TOKEN daripada di baris perintah. · Token of who acts; safer in RUNUT_TOKEN than on the command line."`
	Tenant string `env:"RUNUT_TENANT" help:"Kode wilayah kabupaten; kosong: milik log ini. · Kode wilayah of the kabupaten; empty: that of this log."`
}

// begin opens the database and finds out who acts. The caller closes the app.
func (c acting) begin(ctx context.Context) (*app, *api.Server, api.Caller, error) {
	var nobody api.Caller
	if c.Token == "" {
		return nil, nil, nobody, domain.Refuse(domain.Forbidden, "acting.token_missing")
	}
	a, err := c.open(ctx)
	if err != nil {
		return nil, nil, nobody, err
	}
	server, caller, err := c.identify(ctx, a)
	if err != nil {
		a.close()
		return nil, nil, nobody, err
	}
	return a, server, caller, nil
}

func (c acting) identify(ctx context.Context, a *app) (*api.Server, api.Caller, error) {
	tenant := c.Tenant
	if tenant == "" {
		var err error
		if tenant, err = tenantOf(ctx, a.pool); err != nil {
			return nil, api.Caller{}, err
		}
	}
	server := a.server(tenant)
	caller, err := server.Identify(ctx, c.Token)
	if err == nil && !caller.Token.May(account.Act) {
		err = domain.Refuse(domain.Forbidden, "account.token_may_not", "use", string(account.Act))
	}
	return server, caller, err
}
