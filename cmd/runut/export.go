package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/catalog"
	"runut/eventstore"
	"runut/eventstore/export"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/secretfile"
)

type exportCommand struct {
	signed
	Out   string `short:"o" help:"Berkas hasil; kosong: keluaran baku. · File to write; empty: standard output."`
	Since string `help:"Hanya setelah posisi ini, atau setelah berkas ekspor ini. · Only after this position, or after this export file."`
	Zstd  bool   `help:"Mampatkan dengan zstd. · Pack with zstd."`
}

// Run writes the log up to its last signed checkpoint, signed as a file. Nothing
// is left behind of a file that could not be finished.
func (c *exportCommand) Run(s *session) error {
	signer, err := proof.LoadSigner(c.signer())
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
	e := exporter{pool: pool, store: store, signer: signer, bar: newBar(s.err, s.lang.T("export.bar"))}
	if err := e.begin(s.ctx, c.Since); err != nil {
		return err
	}
	if c.Out == "" {
		err = e.write(s.ctx, s.out, c.Zstd)
	} else {
		err = whole(c.Out, func(w io.Writer) error { return e.write(s.ctx, w, c.Zstd) })
	}
	e.bar.done()
	if err != nil {
		return err
	}
	fmt.Fprintln(s.err, s.lang.T("export.done", "events", fmt.Sprint(e.header.Size-e.header.After), "after", fmt.Sprint(e.header.After),
		"size", fmt.Sprint(e.header.Size), "root", e.header.Root.String(), "origin", e.header.Origin))
	return nil
}

// whole writes a file under its name only once it is complete, and returns when a
// power cut cannot take it back. It never overwrites one. The file is its owner's
// alone, as CreateTemp makes it: it holds texts, and what is sealed.
func whole(path string, write func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return domain.Refuse(domain.Conflict, "export.exists", "path", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return secretfile.SyncFolder(filepath.Dir(path))
}

// An exporter writes one export.
type exporter struct {
	pool   *pgxpool.Pool
	store  *eventstore.Store
	signer *proof.Signer
	header export.Header
	note   string // the signed checkpoint the file reaches
	bar    *bar
}

// begin settles from where to where the export goes.
func (e *exporter) begin(ctx context.Context, since string) error {
	book := notary.Book{DB: e.pool, Origin: e.signer.Origin}
	head, err := book.Latest(ctx)
	if errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
		return domain.Refuse(domain.Unready, "export.unsigned")
	}
	if err != nil {
		return err
	}
	keys, err := book.Keys(ctx)
	if err != nil {
		return err
	}
	e.note = head.Note
	e.header = export.Header{Version: export.Version, Origin: head.Origin, Demo: proof.IsDemo(head.Origin), Keys: keys, Size: head.Size, Root: head.Root}
	if e.header.Tenant, err = tenantOf(ctx, e.pool); err != nil {
		return err
	}
	if since != "" {
		if err := e.after(ctx, book, since); err != nil {
			return err
		}
	}
	return e.onTheWay(ctx)
}

// onTheWay puts some of the heads that were signed on the way into the header,
// evenly apart, so that a wrong root can be narrowed down.
func (e *exporter) onTheWay(ctx context.Context) error {
	rows, err := e.pool.Query(ctx, `
		select note
		  from (select distinct on ((size - $2) * $4 / ($3 - $2)) size, note
		          from tree.checkpoints
		         where origin = $1 and size > $2 and size < $3
		         order by (size - $2) * $4 / ($3 - $2), size) spread
		 order by size`, e.header.Origin, e.header.After, e.header.Size, int64(export.MaxHeads))
	if err != nil {
		return err
	}
	e.header.Heads, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}

// after makes the export a continuation of an earlier one.
func (e *exporter) after(ctx context.Context, book notary.Book, since string) error {
	position, earlier, err := e.earlier(ctx, book, since)
	if err != nil {
		return err
	}
	switch {
	case position == e.header.Size:
		return domain.Refuse(domain.NotFound, "export.nothing_new", "after", strconv.FormatInt(position, 10), "size", strconv.FormatInt(e.header.Size, 10))
	case position == 0:
		return nil
	}
	tree, err := e.leaves(ctx, position)
	if err != nil {
		return err
	}
	e.header.After, e.header.Nodes, e.header.Earlier = position, tree.Nodes, earlier
	return nil
}

// earlier returns where an earlier export ended and the checkpoint it reached.
func (e *exporter) earlier(ctx context.Context, book notary.Book, since string) (position int64, note string, err error) {
	malformed := domain.Refuse(domain.Invalid, "export.since", "since", since)
	if n, err := strconv.ParseInt(since, 10, 64); err == nil {
		if n == 0 {
			return 0, "", nil
		}
		head, err := book.At(ctx, n)
		if errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
			return 0, "", malformed
		}
		return n, head.Note, err
	}
	f, err := os.Open(since)
	if err != nil {
		return 0, "", fmt.Errorf("%w: %w", malformed, err)
	}
	defer f.Close()
	header, trailer, err := export.Last(f)
	switch {
	case err != nil:
		return 0, "", fmt.Errorf("%w: %w", malformed, err)
	case header.Origin != e.signer.Origin:
		return 0, "", domain.Refuse(domain.Invalid, "export.other_log", "path", since, "observed", header.Origin, "want", e.signer.Origin)
	case header.Size > e.header.Size:
		return 0, "", malformed
	}
	return header.Size, trailer.Checkpoint, nil
}

// leaves reads the tree up to a position: from the log itself, not from its tiles,
// so that a continuation rests on nothing that follows from something else.
func (e *exporter) leaves(ctx context.Context, upto int64) (proof.Range, error) {
	var tree proof.Range
	for rows, err := range e.store.Leaves(ctx, upto) {
		if err != nil {
			return tree, err
		}
		for _, leaf := range rows {
			tree.Add(tlog.Hash(leaf))
		}
	}
	return tree, nil
}

func (e *exporter) write(ctx context.Context, to io.Writer, packed bool) error {
	w, err := export.NewWriter(to, e.header, packed)
	if err != nil {
		return err
	}
	for rows, err := range e.store.Whole(ctx, e.header.After, e.header.Size) {
		if err != nil {
			return err
		}
		for i := range rows.Len() {
			r, err := rows.At(i)
			if err != nil {
				return err
			}
			if err := w.Write(export.Line{Position: r.Position, Leaf: r.Leaf, Texts: r.Texts, Sealed: r.Sealed, Record: r.Record}); err != nil {
				return err
			}
			if r.Position%1000 == 0 {
				e.bar.set(r.Position-e.header.After, e.header.Size-e.header.After)
			}
		}
	}
	return w.Close([]byte(e.note), e.signer.Keys...)
}
