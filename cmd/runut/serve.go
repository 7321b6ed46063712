package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"runut/api/subscription"
	"runut/domain"
	"runut/eventstore/proof"
	"runut/eventstore/schema"
	"runut/eventstore/vault"
)

type serveCommand struct {
	Database string `name:"database-url" env:"RUNUT_DATABASE_URL" help:"Alamat PostgreSQL. · URL of the database."`
	Listen   string `default:"127.0.0.1:8080" env:"RUNUT_LISTEN" help:"Alamat layanan. · Address to serve on."`
	Keyring  string `env:"RUNUT_KEYRING" help:"Berkas kunci data tersegel; kosong: kredensial systemd. · File of the keys to sealed data; empty: systemd's credential."`
	Tenant   string `env:"RUNUT_TENANT" help:"Kode wilayah kabupaten, mis. 64.08. · Kode wilayah of the kabupaten."`
	Signer   string `env:"RUNUT_SIGNER" help:"Berkas kunci penanda tangan log; kosong: kredensial systemd. · File of the key that signs the log; empty: systemd's credential."`
	State    string `env:"RUNUT_STATE,STATE_DIRECTORY" help:"Folder tempat checkpoint terakhir disimpan, di luar PostgreSQL. · Folder that keeps the last checkpoint, outside PostgreSQL."`
	sending
	Unsigned bool `help:"Layani tanpa menandatangani log: tidak ada bukti. · Serve without signing the log: there are no proofs."`
}

// Run serves a database that somebody else prepared. It installs nothing,
// migrates nothing and makes no keys.
func (c *serveCommand) Run(s *session) error {
	if c.Database == "" {
		return domain.Refuse(domain.Invalid, "serve.database_missing")
	}
	if c.Tenant == "" {
		return domain.Refuse(domain.Invalid, "serve.tenant_missing")
	}
	signer, state, err := c.signing()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(s.err, nil))
	slog.SetDefault(log)
	keyring := c.Keyring
	if keyring == "" {
		keyring = keyringIn(".")
	}
	a, err := open(s.ctx, c.Database, keyring, log)
	if err != nil {
		return err
	}
	defer a.close()
	a.dialer = c.dialer()
	if signer != nil {
		a.sign(s.ctx, signer, state)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	log.Info("serving", "address", listener.Addr().String())
	return a.serve(s.ctx, listener, c.Tenant)
}

// signing returns the key that signs and the file that keeps what was signed; no
// key where the log is not to be signed.
func (c *serveCommand) signing() (signer *proof.Signer, state string, err error) {
	if c.Unsigned {
		return nil, "", nil
	}
	path := c.Signer
	if path == "" {
		path = proof.SignerCredential()
	}
	if path == "" {
		return nil, "", domain.Refuse(domain.Invalid, "serve.signer_missing")
	}
	if c.State == "" {
		return nil, "", domain.Refuse(domain.Invalid, "serve.state_missing")
	}
	signer, err = proof.LoadSigner(path)
	return signer, stateIn(c.State), err
}

// longestGoodbye is how long running requests may take after the program was
// asked to stop.
const longestGoodbye = 2 * time.Second

// serve answers on the listener, keeps the read models and carries out what is
// to be forgotten, until ctx is done; then it lets running requests finish.
func (a *app) serve(ctx context.Context, listener net.Listener, tenant string) error {
	server := a.server(tenant)
	hub := a.mount(ctx, server)
	defer hub.Close()
	// Requests end with the program, but not with the first sign of its end.
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	h := &http.Server{
		Handler:           server.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := a.runner.Run(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		return nil
	})
	if a.notary != nil {
		group.Go(func() error { return a.notary.Run(ctx) })
	}
	group.Go(func() error {
		return (&subscription.Dispatcher{Store: *server.Subscriptions, Hub: hub, Tenant: tenant, Log: a.log}).Run(ctx)
	})
	group.Go(func() error {
		(&vault.Uploads{Vault: a.vault}).SweepUntil(ctx, a.log)
		return nil
	})
	group.Go(func() error {
		return (&closer{store: a.store, vault: a.vault, log: a.log}).run(ctx, hub)
	})
	group.Go(func() error {
		if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestGoodbye)
		defer cancel()
		if err := h.Shutdown(goodbye); err != nil {
			cut()
			return h.Close()
		}
		return nil
	})
	return group.Wait()
}

type migrateCommand struct {
	Database string `name:"database-url" env:"RUNUT_DATABASE_URL" required:"" help:"Alamat PostgreSQL, dengan peran pemilik skema. · URL of the database, as the owner of its schema."`
}

func (c *migrateCommand) Run(s *session) error {
	return schema.Up(s.ctx, c.Database)
}
