package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/cmd/runut-verify/check"
	"runut/domain"
	"runut/domain/catalog"
	"runut/eventstore"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/vault"
	"runut/eventstore/verify"
)

type verifyCommand struct {
	check.Commands
	Database verifyDatabase `cmd:"" help:"Basis data: log, kolom, ubin, tabel bantu. · A database: log, columns, tiles, helper tables."`
}

// world is what checks use of a session.
func (s *session) world() *check.World {
	w := &check.World{Context: s.ctx, Out: s.out, Err: s.err, Lang: s.lang}
	if isTerminal(s.err) {
		w.Bar = func(what string) (func(done, total int64), func()) {
			b := newBar(s.err, what)
			return b.set, b.done
		}
	}
	return w
}

type verifyDatabase struct {
	signed
	check.Output
	check.Keys
	Legality   bool     `default:"true" negatable:"" help:"Periksa juga sah tidaknya setiap langkah. · Also check that each act was allowed."`
	Checkpoint []string `type:"existingfile" help:"Checkpoint lama yang harus ada di dalamnya. · Earlier checkpoints that must be part of it."`
}

// Run checks the log in a database, and everything that is kept beside it.
func (c *verifyDatabase) Run(s *session) error {
	trust, err := c.Trust()
	if err != nil {
		return err
	}
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	store, err := eventstore.Open(s.ctx, pool, eventstore.Options{Catalog: catalog.Events, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer store.Close()
	return c.Output.Run(s.world(), "database", func(r *verify.Report, progress func(done, total int64)) error {
		d := newDatabaseCheck(pool, store, nil, r)
		if d.vault, err = c.vault(s.ctx, pool); err != nil {
			return err
		}
		if err := d.trusted(s.ctx, trust); err != nil {
			return err
		}
		if err := d.heads(s.ctx, c.state(), c.Checkpoint); err != nil {
			return err
		}
		return d.run(s.ctx, verify.Options{Legality: c.Legality, Progress: progress})
	})
}

// vault opens what is sealed, where the keys are at hand.
func (c *verifyDatabase) vault(ctx context.Context, pool *pgxpool.Pool) (*vault.Vault, error) {
	path := c.Keyring
	if path == "" {
		path = keyringIn(c.Data)
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && c.Keyring == "" {
		return nil, nil
	}
	ring, err := vault.LoadKeyring(path)
	if err != nil {
		return nil, err
	}
	return vault.Open(ctx, pool, ring)
}

// A databaseCheck checks one database.
type databaseCheck struct {
	pool   *pgxpool.Pool
	store  *eventstore.Store
	vault  *vault.Vault // nil: sealed data stay closed
	report *verify.Report
	trust  proof.Trust
	signed []verify.Head
	sealed int64 // events that the tiles cover
	tree   proof.Tree
	tiles  map[tlog.Tile][]byte // computed, not compared yet
}

func newDatabaseCheck(pool *pgxpool.Pool, store *eventstore.Store, v *vault.Vault, r *verify.Report) *databaseCheck {
	return &databaseCheck{pool: pool, store: store, vault: v, report: r, tiles: make(map[tlog.Tile][]byte)}
}

// trusted settles which keys are believed: those given, else those that the
// database says it signed under.
func (d *databaseCheck) trusted(ctx context.Context, trust *proof.Trust) error {
	if trust != nil {
		d.trust = *trust
		d.report.Origin = trust.Origin
		return nil
	}
	var origin string
	err := d.pool.QueryRow(ctx, `select origin from tree.checkpoints order by signed_at desc, size desc limit 1`).Scan(&origin)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	keys, err := notary.Book{DB: d.pool, Origin: origin}.Keys(ctx)
	if err != nil {
		return err
	}
	d.report.Origin, d.report.OwnKey = origin, true
	d.trust, err = proof.ParseTrust([]byte(strings.Join(keys, "\n")))
	if _, malformed := errors.AsType[*domain.Error](err); malformed {
		d.report.Add(verify.Refused("verify.checkpoint", "tree.signing_keys", err))
		d.trust = proof.Trust{Origin: origin}
		return nil
	}
	return err
}

// heads reads every root that was ever signed: in the database, in the file
// beside it, and those somebody kept.
func (d *databaseCheck) heads(ctx context.Context, state string, kept []string) error {
	d.report.Demo = proof.IsDemo(d.report.Origin)
	rows, err := d.pool.Query(ctx, `select size, root, note from tree.checkpoints where origin = $1 order by size`, d.report.Origin)
	if err != nil {
		return err
	}
	var size int64
	var root []byte
	var note string
	if _, err := pgx.ForEachRow(rows, []any{&size, &root, &note}, func() error {
		place := fmt.Sprintf("tree.checkpoints %d", size)
		c := verify.Checkpoint([]byte(note), place, &d.trust, d.report)
		if c != nil && (c.Size != size || !slices.Equal(c.Root[:], root)) {
			d.report.Add(verify.Finding{Code: "verify.root", Place: place, Position: 1, Until: size, Want: c.Root.String(), Observed: tlog.Hash(root).String()})
		}
		d.know(c, place)
		d.sealed = max(d.sealed, size)
		return nil
	}); err != nil {
		return err
	}
	files := slices.Clone(kept)
	if _, err := os.Stat(state); err == nil {
		files = append(files, state)
	}
	for _, path := range files {
		note, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		d.know(verify.Checkpoint(note, path, &d.trust, d.report), filepath.Base(path))
	}
	d.report.Checked = slices.Compact(d.report.Checked)
	if len(d.signed) == 0 {
		d.report.Doubt(verify.Finding{Code: "verify.unsigned"})
	}
	return nil
}

func (d *databaseCheck) know(c *proof.Checkpoint, place string) {
	if c != nil {
		d.signed = append(d.signed, verify.Head{Size: c.Size, Root: c.Root, Place: place})
	}
}

func (d *databaseCheck) run(ctx context.Context, o verify.Options) error {
	o.Heads = d.signed
	d.tree.Full = func(t tlog.Tile, hashes []byte) { d.tiles[t] = hashes }
	o.Leaves = func(leaf tlog.Hash) {
		if d.tree.Size < d.sealed {
			d.tree.Add(leaf)
		}
	}
	if d.vault != nil {
		o.Unseal = d.unseal
		d.report.Checked = append(d.report.Checked, "sealed")
	} else {
		d.report.Unchecked = append(d.report.Unchecked, "sealed_without_vault")
	}
	commands, done, err := d.commands(ctx)
	if err != nil {
		return err
	}
	defer done()
	o.Command = commands
	if err := verify.Log(ctx, verify.Source{Each: d.entries(ctx)}, o, d.report); err != nil {
		return err
	}
	if err := done(); err != nil {
		return err
	}
	if err := d.compareTiles(ctx); err != nil {
		return err
	}
	d.report.Checked = append(d.report.Checked, "columns", "tiles", "places", "root")
	return d.places(ctx)
}

// entries reads the log with its columns.
func (d *databaseCheck) entries(ctx context.Context) func() iter.Seq2[verify.Batch, error] {
	return func() iter.Seq2[verify.Batch, error] {
		return func(yield func(verify.Batch, error) bool) {
			for rows, err := range d.store.Whole(ctx, 0, 0) {
				if err != nil {
					yield(verify.Batch{}, err)
					return
				}
				if !yield(verify.Batch{Len: rows.Len(), At: func(i int) verify.Entry { return entryOf(rows, i) }}, nil) {
					return
				}
			}
		}
	}
}

func entryOf(rows *eventstore.Rows, i int) verify.Entry {
	r, err := rows.At(i)
	if err != nil {
		return verify.Entry{Err: err, Place: "events"}
	}
	return verify.Entry{Position: r.Position, Record: r.Record, Leaf: r.Leaf, Texts: r.Texts, Sealed: r.Sealed, Columns: &verify.Columns{
		EventID: r.ID, Stream: r.Stream, Version: r.Version, Type: r.Type, TypeVersion: r.TypeVersion, Tenant: r.Tenant, Cycle: r.Cycle,
		From: r.Occurred.From, To: r.Occurred.To, RecordedAt: r.RecordedAt,
	}}
}

// commands compares the table of commands with what the records tell, both in the
// order of positions. done compares what is left of the table.
func (d *databaseCheck) commands(ctx context.Context) (compare func(verify.Command), done func() error, err error) {
	rows, err := d.pool.Query(ctx, `select id, fingerprint, first, last from commands order by first, id`)
	if err != nil {
		return nil, nil, err
	}
	next := func() (c verify.Command, ok bool) {
		var print []byte
		if !rows.Next() || rows.Scan(&c.ID, &print, &c.First, &c.Last) != nil {
			return c, false
		}
		copy(c.Fingerprint[:], print)
		return c, len(print) == len(c.Fingerprint)
	}
	differs := func(position int64, id uuid.UUID) {
		d.report.Add(verify.Finding{Code: "verify.command_row", Place: "commands", Position: position, Observed: id.String()})
	}
	have, more := next()
	compare = func(want verify.Command) {
		for more && have.First < want.First {
			differs(have.First, have.ID)
			have, more = next()
		}
		if !more || have != want {
			differs(want.First, want.ID)
		}
		if more && have.First == want.First {
			have, more = next()
		}
	}
	head, err := d.store.Head(ctx)
	done = func() error {
		for more && have.First <= head {
			differs(have.First, have.ID)
			have, more = next()
		}
		rows.Close()
		more = false
		return rows.Err()
	}
	return compare, done, err
}

// unseal opens what is sealed and holds it against its commitments.
func (d *databaseCheck) unseal(ctx context.Context, sealed []verify.Sealed) ([]verify.Finding, error) {
	items := make([]vault.Sealed, len(sealed))
	for i, s := range sealed {
		items[i] = vault.Sealed{Event: s.Event, Field: s.Field, Bytes: s.Ciphertext}
	}
	opened, err := d.vault.Unseal(ctx, items...)
	if _, refused := errors.AsType[*domain.Error](err); refused {
		return d.oneByOne(ctx, sealed, items)
	}
	if err != nil {
		return nil, err
	}
	var found []verify.Finding
	for i, o := range opened {
		if o.Check(sealed[i].Field, sealed[i].Commitment) != nil {
			found = append(found, sealed[i].Finding)
		}
	}
	return found, nil
}

// oneByOne finds which of them does not open.
func (d *databaseCheck) oneByOne(ctx context.Context, sealed []verify.Sealed, items []vault.Sealed) ([]verify.Finding, error) {
	var found []verify.Finding
	for i := range items {
		opened, err := d.vault.Unseal(ctx, items[i])
		_, refused := errors.AsType[*domain.Error](err)
		switch {
		case err != nil && !refused:
			return nil, err
		case refused, opened[0].Check(sealed[i].Field, sealed[i].Commitment) != nil:
			found = append(found, sealed[i].Finding)
		}
	}
	return found, nil
}

// compareTiles holds every tile that is kept against the one the leaves come to.
func (d *databaseCheck) compareTiles(ctx context.Context) error {
	if d.tree.Size < d.sealed {
		return nil // leaves are missing: that was said, and tells nothing of the tiles
	}
	for _, t := range d.tree.Edge() {
		d.tiles[t.Tile] = t.Hashes
	}
	rows, err := d.pool.Query(ctx, `select level, n, width, hashes from tree.tiles order by level, n`)
	if err != nil {
		return err
	}
	t := tlog.Tile{H: proof.TileHeight}
	var hashes []byte
	if _, err := pgx.ForEachRow(rows, []any{&t.L, &t.N, &t.W, &hashes}, func() error {
		d.report.Tiles++
		if !slices.Equal(d.tiles[t], hashes) {
			d.report.Add(verify.Finding{Code: "verify.tile", Place: proof.Path(t)})
		}
		delete(d.tiles, t)
		return nil
	}); err != nil {
		return err
	}
	for t := range d.tiles {
		d.report.Add(verify.Finding{Code: "verify.tile_missing", Place: proof.Path(t)})
	}
	return nil
}

// places holds that the table which finds events by id finds the right ones.
func (d *databaseCheck) places(ctx context.Context) error {
	rows, err := d.pool.Query(ctx, `
		select coalesce(p.position, e.position), coalesce(p.event_id, e.event_id), coalesce(e.stream, '')
		  from tree.places p
		  full join (select position, event_id, stream from events where position <= $1) e using (event_id)
		 where p.position is distinct from e.position
		 order by 1
		 limit $2`, d.sealed, verify.Most)
	if err != nil {
		return err
	}
	var f verify.Finding
	_, err = pgx.ForEachRow(rows, []any{&f.Position, &f.Event, &f.Stream}, func() error {
		d.report.Add(verify.Finding{Code: "verify.place", Place: "tree.places", Position: f.Position, Event: f.Event, Stream: f.Stream})
		return nil
	})
	return err
}
