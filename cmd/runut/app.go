package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api"
	"runut/api/account"
	"runut/api/subscription"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/schema"
	"runut/eventstore/vault"
	"runut/projections"
)

// An app is the parts of the program on one database, put together. What opens
// it closes it.
type app struct {
	pool        *pgxpool.Pool
	public      *pgxpool.Pool // sees the public read model alone
	store       *eventstore.Store
	vault       *vault.Vault
	runner      *projections.Runner
	definitions *definitions
	notary      *notary.Notary // nil: the log is not signed here
	dialer      subscription.Dialer
	log         *slog.Logger
}

// open connects to a migrated database. The keyring opens sealed data; it is a
// file of its own, so that a copy of the database alone opens nothing.
func open(ctx context.Context, url, keyring string, log *slog.Logger) (*app, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	a := &app{pool: pool, log: log}
	if err := a.assemble(ctx, url, keyring); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// sign makes the program sign the log with the key at path, and compares the log
// at once with what was signed before, as the file at state keeps it. Where they
// differ the program goes on, but only reads: readyz and every refused command
// say why.
func (a *app) sign(ctx context.Context, signer *proof.Signer, state string) {
	a.notary = &notary.Notary{DB: a.pool, Store: a.store, Signer: signer, State: state, Log: a.log}
	if _, err := a.notary.Seal(ctx); err != nil { // it has said so itself
		return
	}
	a.log.Info("signing the log", "origin", signer.Origin, "keys", signer.Public)
}

// readOnly returns why nothing can be recorded, nil where it can.
func (a *app) readOnly() error {
	if a.notary == nil {
		return nil
	}
	return a.notary.Difference()
}

func (a *app) assemble(ctx context.Context, url, keyring string) error {
	if err := schema.Check(ctx, a.pool); err != nil {
		return err
	}
	ring, err := vault.LoadKeyring(keyring)
	if err != nil {
		return err
	}
	if a.vault, err = vault.Open(ctx, a.pool, ring); err != nil {
		return err
	}
	a.store, err = eventstore.Open(ctx, a.pool, eventstore.Options{Catalog: catalog.Events, Sealer: a.vault, Log: a.log})
	if err != nil {
		return err
	}
	if a.public, err = publicPool(ctx, url); err != nil {
		return err
	}
	if a.definitions, err = loadDefinitions(ctx, a.store); err != nil {
		return err
	}
	a.runner = &projections.Runner{DB: a.pool, Store: a.store, Definitions: a.definitions.find, Log: a.log}
	return nil
}

// publicPool connects as whoever url names and gives up all rights but those of
// the public read model before the first query.
func publicPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `set role runut_public; set default_transaction_read_only = on`)
		return err
	}
	return pgxpool.NewWithConfig(ctx, config)
}

func (a *app) close() {
	if a.store != nil {
		a.store.Close()
	}
	if a.public != nil {
		a.public.Close()
	}
	a.pool.Close()
}

// server returns what answers HTTP.
func (a *app) server(tenant string) *api.Server {
	return &api.Server{
		Store: a.store, DB: a.pool, Public: a.public, Tokens: account.Tokens{DB: a.pool}, Documents: &vault.Documents{Vault: a.vault},
		Definitions: a.definitions.find, Current: a.definitions.current, Tenant: tenant, Log: a.log, Ready: a.ready,
		Subscriptions: &subscription.Store{DB: a.pool, Vault: a.vault, Dialer: a.dialer},
	}
}

// ready says why the program cannot answer now: a schema of another version, a
// database that is away, a log that is not what was signed, a read model that is
// not there yet.
func (a *app) ready(ctx context.Context) error {
	if err := schema.Check(ctx, a.pool); err != nil {
		return err
	}
	if _, err := a.store.Head(ctx); err != nil {
		return err
	}
	if a.notary != nil {
		if err := a.notary.Trouble(); err != nil {
			return err
		}
	}
	statuses, err := projections.Statuses(ctx, a.pool)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, s := range statuses {
		if s.Parked {
			return domain.Refuse(domain.Unready, "projections.parked", "projection", s.Name, "position", fmt.Sprint(s.Position), "error", s.Error)
		}
		live[s.Name] = live[s.Name] || s.Live
	}
	for _, p := range projections.All {
		if !live[p.Name] {
			return domain.Refuse(domain.Unready, "projections.building", "projection", p.Name)
		}
	}
	return nil
}

// definitions are the published workflow definitions of a log, by hash. They
// never change, so what was read once stays.
type definitions struct {
	store *eventstore.Store
	mu    sync.Mutex
	known map[string]*workflow.Definition

	current string // hash of the one that comes with the program
}

func loadDefinitions(ctx context.Context, store *eventstore.Store) (*definitions, error) {
	d := &definitions{store: store, known: make(map[string]*workflow.Definition)}
	base, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		return nil, err
	}
	d.known[base.Hash()], d.current = base, base.Hash()
	return d, d.read(ctx)
}

func (d *definitions) find(hash string) *workflow.Definition {
	d.mu.Lock()
	defer d.mu.Unlock()
	if def := d.known[hash]; def != nil || hash == "" {
		return def
	}
	if err := d.readLocked(context.Background()); err != nil {
		slog.Error("workflow definitions were not read", "err", err)
	}
	return d.known[hash]
}

func (d *definitions) read(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.readLocked(ctx)
}

// readLocked takes in every definition that was published in the log.
func (d *definitions) readLocked(ctx context.Context) error {
	stream := reference.Stream("workflow")
	histories, err := d.store.Streams(ctx, []string{stream})
	if err != nil {
		return err
	}
	for _, r := range event.Sequence(histories[stream], event.View{}) {
		published, ok := r.Event.(*reference.EditionPublished)
		if !ok || d.known[published.Digest] != nil || len(published.Entries) == 0 {
			continue
		}
		def, err := workflow.Load(published.Edition, []byte(published.Entries[0].Facts["canonical"]), catalog.Vocabulary())
		if err != nil {
			return fmt.Errorf("definition %s: %w", published.Edition, err)
		}
		if def.Hash() != published.Digest {
			return fmt.Errorf("definition %s has hash %s, the log says %s", published.Edition, def.Hash(), published.Digest)
		}
		d.known[published.Digest] = def
	}
	return nil
}

// keyringIn returns where the keyring of a data folder lies, unless systemd
// handed one over.
func keyringIn(dir string) string {
	if path := vault.CredentialPath(); path != "" {
		return path
	}
	return filepath.Join(dir, "keyring")
}

// signerIn returns where the signing key of a data folder lies, unless systemd
// handed one over; stateIn where the last signed checkpoint is kept.
func signerIn(dir string) string {
	if path := proof.SignerCredential(); path != "" {
		return path
	}
	return filepath.Join(dir, "signer")
}

func stateIn(dir string) string { return filepath.Join(dir, "checkpoint") }
