package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/cmd/runut-verify/check"
	"runut/domain"
	"runut/domain/catalog"
	"runut/eventstore"
	"runut/eventstore/export"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/verify"
	"runut/projections"
)

type importLog struct {
	database
	check.Keys
	File    []string `arg:"" type:"existingfile" help:"Berkas ekspor, boleh beberapa yang bersambung. · Export files, several that continue each other if need be."`
	Rebuild bool     `default:"true" negatable:"" help:"Bangun model baca sesudahnya. · Build the read models afterwards."`
}

// Run checks export files and puts their events into a database that ends where
// they begin, all or none, and builds the read models. Documents and the keys of
// sealed data are not in an export: they are restored from their own backups.
func (c *importLog) Run(s *session) error {
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
	i := importer{store: store, files: c.File}
	bar := newBar(s.err, s.lang.T("import.checking"))
	report, err := i.check(s.ctx, trust, bar.set)
	bar.done()
	if err != nil {
		return err
	}
	if report.Status() != verify.Good {
		fmt.Fprint(s.err, check.Words(report, s.lang, 0))
		return domain.Refuse(domain.Invalid, "import.refused", "found", fmt.Sprint(report.Found+report.Doubted))
	}
	if report.OwnKey {
		fmt.Fprintln(s.err, s.lang.T("verify.own_key"))
	}
	bar = newBar(s.err, s.lang.T("import.writing"))
	err = i.write(s.ctx, bar.set)
	bar.done()
	if err != nil {
		return err
	}
	fmt.Fprintln(s.err, s.lang.T("import.done", "events", fmt.Sprint(i.tree.Size-i.after), "size", fmt.Sprint(i.tree.Size), "root", i.tree.Root().String()))
	fmt.Fprintln(s.err, s.lang.T("import.not_in_it"))
	if c.Rebuild {
		return rebuildAll(s, pool, store)
	}
	return nil
}

func rebuildAll(s *session, pool *pgxpool.Pool, store *eventstore.Store) error {
	definitions, err := loadDefinitions(s.ctx, store)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	runner := &projections.Runner{DB: pool, Store: store, Definitions: definitions.find, Log: log}
	bar := newBar(s.err, s.lang.T("rebuild.bar"))
	defer bar.done()
	return runner.Rebuild(s.ctx, nil, func(p projections.Progress) { bar.set(p.Done, p.Total) })
}

// An importer carries a chain of export files into a log.
type importer struct {
	store *eventstore.Store
	files []string // put in order by check
	after int64    // where the log ends, and the first file begins
	want  export.Header
	tree  proof.Range
}

// check examines the files whole, before anything is written.
func (i *importer) check(ctx context.Context, trust *proof.Trust, progress func(done, total int64)) (*verify.Report, error) {
	r := &verify.Report{What: "export"}
	files := make([]verify.File, len(i.files))
	for n, path := range i.files {
		files[n] = verify.File{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	}
	chain, err := verify.OpenChain(files, trust, r)
	if chain == nil || err != nil {
		return r, err
	}
	i.files = chain.Names()
	first := chain.Headers[0]
	i.after, i.want = first.After, chain.Headers[len(chain.Headers)-1]
	if i.tree, err = proof.NewRange(first.After, first.Nodes); err != nil {
		return r, err
	}
	return r, chain.Check(ctx, verify.Options{Progress: progress}, r)
}

// write puts the events into the log, in one transaction. The files are read once
// more, and may have been changed meanwhile: what counts is the root they came to
// when they were checked.
func (i *importer) write(ctx context.Context, progress func(done, total int64)) error {
	if err := i.continues(ctx); err != nil {
		return err
	}
	pages := i.pages(func() { progress(i.tree.Size-i.after, i.want.Size-i.after) })
	return i.store.Restore(ctx, i.after, pages, func() error {
		if root := i.tree.Root(); i.tree.Size != i.want.Size || root != i.want.Root {
			return domain.Refuse(domain.Conflict, "import.other_root", "want", i.want.Root.String(), "observed", root.String())
		}
		return nil
	})
}

// continues holds that the log is the beginning of what the files hold.
func (i *importer) continues(ctx context.Context) error {
	if i.after == 0 {
		return nil
	}
	var have proof.Range
	for leaves, err := range i.store.Leaves(ctx, i.after) {
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			have.Add(tlog.Hash(leaf))
		}
	}
	if have.Size == i.after && have.Root() != i.tree.Root() {
		return domain.Refuse(domain.Conflict, "import.other_root", "want", i.tree.Root().String(), "observed", have.Root().String())
	}
	return nil // a log of another size is refused under the lock
}

// pages yields the events of all files as rows.
func (i *importer) pages(read func()) iter.Seq2[[]eventstore.Row, error] {
	return func(yield func([]eventstore.Row, error) bool) {
		for _, path := range i.files {
			if !i.file(path, read, yield) {
				return
			}
		}
	}
}

func (i *importer) file(path string, read func(), yield func([]eventstore.Row, error) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		return yield(nil, err) && false
	}
	defer f.Close()
	in, err := export.NewReader(f)
	if err != nil {
		return yield(nil, err) && false
	}
	defer in.Close()
	for {
		block, err := in.Next()
		if errors.Is(err, io.EOF) {
			return true
		}
		var rows []eventstore.Row
		if err == nil {
			rows, err = i.rows(block)
		}
		if err != nil {
			return yield(nil, fmt.Errorf("%s: %w", path, err)) && false
		}
		if len(rows) > 0 && !yield(rows, nil) {
			return false
		}
		read()
	}
}

// rows makes rows of lines, the columns out of the records.
func (i *importer) rows(block export.Block) ([]eventstore.Row, error) {
	rows := make([]eventstore.Row, len(block.Lines))
	for n, b := range block.Lines {
		l, err := export.ParseLine(b)
		if err != nil {
			return nil, err
		}
		says, err := record.Parse(l.Record)
		if err != nil {
			return nil, err
		}
		if leaf := proof.Leaf(says.ID, says.RecordedAt, sha256.Sum256(l.Record)); leaf != l.Leaf || l.Position != i.tree.Size+1 {
			return nil, domain.Refuse(domain.Conflict, "export.damaged", "position", fmt.Sprint(l.Position))
		}
		i.tree.Add(l.Leaf)
		rows[n] = eventstore.Row{Position: l.Position, Envelope: says.Envelope, Record: l.Record, Leaf: l.Leaf, Texts: l.Texts, Sealed: l.Sealed}
	}
	return rows, nil
}
