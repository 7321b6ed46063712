package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// DefaultMaxSize is the largest document taken in where nothing else is set: 20 MiB.
const DefaultMaxSize = 20 << 20

// pieceSize is how much of a document is sealed, stored and held in memory at once.
const pieceSize = 1 << 20

// A Digest is the SHA-256 of a document's content. Events name documents by it.
type Digest [sha256.Size]byte

// String returns 64 lower-case hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads what String writes.
func ParseDigest(text string) (Digest, error) {
	var d Digest
	if n, err := hex.Decode(d[:], []byte(text[:min(len(text), 2*len(d))])); err != nil || n != len(d) || len(text) != 2*n {
		return Digest{}, domain.Refuse(domain.Invalid, "document.digest_malformed")
	}
	return d, nil
}

// A Document is what is known of a document beside its content. Names are not
// kept: a file name tells whose identity card it is.
type Document struct {
	Digest   Digest    // of what is kept
	Original Digest    // of what was handed in; Digest, unless something was removed
	Size     int64     // in bytes, of what is kept
	Type     string    // "application/pdf"
	Removed  []string  // what was cut out before keeping: "exif", "gps", "xmp" …
	Stored   time.Time // when it was first handed in
}

// Documents is the store of documents in a vault. Its fields are set before use.
type Documents struct {
	Vault   *Vault
	MaxSize int64  // in bytes; 0: DefaultMaxSize
	Dir     string // where an upload lies, without a name, while it is looked at; "": the system's
}

// Put takes a document in and returns what is kept of it. The declared media
// type, the content and the extension of the name, where there is one, must
// agree on one of the types that are allowed (Types). Photographs lose what
// tells of places, people and devices. The same content twice is kept once.
//
// A document is there as a whole or not at all: a broken upload, a refusal and a
// crash leave nothing. Memory stays at a few pieces of 1 MiB; no database
// connection is held while the sender is slow.
func (d *Documents) Put(ctx context.Context, r io.Reader, declared, name string) (Document, error) {
	limit := d.MaxSize
	if limit == 0 {
		limit = DefaultMaxSize
	}
	received, err := newSpool(d.Dir)
	if err != nil {
		return Document{}, err
	}
	defer received.Close()
	size, err := io.Copy(received, io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return Document{}, fmt.Errorf("receive document: %w", err)
	case size == 0:
		return Document{}, domain.Refuse(domain.Invalid, "document.empty")
	case size > limit:
		return Document{}, domain.Refuse(domain.Exhausted, "document.too_large", "limit", strconv.FormatInt(limit, 10))
	}
	kept, err := newSpool(d.Dir)
	if err != nil {
		return Document{}, err
	}
	defer kept.Close()
	kind, removed, err := examine(kept, source{ReaderAt: received, size: size, limit: limit}, declared, name)
	if err != nil {
		return Document{}, err
	}
	doc := Document{Digest: kept.digest(), Original: received.digest(), Size: kept.size, Type: kind, Removed: removed}
	if err := d.store(ctx, &doc, kept); err != nil {
		return Document{}, fmt.Errorf("store document: %w", err)
	}
	return doc, nil
}

// Keep takes in a document that the program itself made: it is not looked into,
// so it may be of a type that nobody can hand in. The same content twice is kept
// once.
func (d *Documents) Keep(ctx context.Context, made []byte, kind string) (Document, error) {
	if len(made) == 0 {
		return Document{}, domain.Refuse(domain.Invalid, "document.empty")
	}
	doc := Document{Digest: sha256.Sum256(made), Original: sha256.Sum256(made), Size: int64(len(made)), Type: kind}
	if err := d.store(ctx, &doc, bytes.NewReader(made)); err != nil {
		return Document{}, fmt.Errorf("keep document: %w", err)
	}
	return doc, nil
}

// store writes a document that is not there yet. Uploads of the same content
// queue, so that the second finds what the first wrote.
func (d *Documents) store(ctx context.Context, doc *Document, content io.ReaderAt) error {
	return pgx.BeginFunc(ctx, d.Vault.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, "document "+doc.Digest.String()); err != nil {
			return err
		}
		erased, err := d.find(ctx, tx, doc)
		if errors.Is(err, pgx.ErrNoRows) {
			err = d.write(ctx, tx, doc, content)
		}
		if err != nil {
			return err
		}
		if erased != nil {
			return domain.Refuse(domain.Conflict, "document.erased", "position", strconv.FormatInt(erased.Position, 10))
		}
		if doc.Original == doc.Digest {
			return nil
		}
		_, err = tx.Exec(ctx, `
			insert into vault.originals (digest, document, removed)
			values ($1, $2, $3)
			on conflict do nothing`, doc.Original[:], doc.Digest[:], doc.Removed)
		return err
	})
}

// find completes doc from the row with its digest.
func (d *Documents) find(ctx context.Context, tx pgx.Tx, doc *Document) (*Erasure, error) {
	var by *uuid.UUID
	var position *int64
	var at *time.Time
	err := tx.QueryRow(ctx, `
		select d.size, d.type, d.created_at, k.erased_event, k.erased_position, k.erased_at
		  from vault.documents d
		  join vault.keys k on k.id = d.key_id
		 where d.digest = $1`, doc.Digest[:]).Scan(&doc.Size, &doc.Type, &doc.Stored, &by, &position, &at)
	if err != nil || by == nil {
		return nil, err
	}
	return &Erasure{Event: *by, Position: *position, At: at.UTC()}, nil
}

// write inserts a document and its pieces.
func (d *Documents) write(ctx context.Context, tx pgx.Tx, doc *Document, content io.ReaderAt) error {
	id, wrapped := d.Vault.fresh()
	err := tx.QueryRow(ctx, `
		with key as (
			insert into vault.keys (id, purpose, master, wrapped)
			values ($1, 'document', $2, $3))
		insert into vault.documents (digest, size, type, key_id)
		values ($4, $5, $6, $1)
		returning created_at`,
		id, d.Vault.ring.current().id, wrapped, doc.Digest[:], doc.Size, doc.Type).Scan(&doc.Stored)
	if err != nil {
		return err
	}
	key, err := d.Vault.unwrap(dataKey{id: id, master: d.Vault.ring.current().id, wrapped: wrapped})
	if err != nil {
		return err
	}
	var (
		seal  = newAEAD(key)
		plain = make([]byte, pieceSize)
		n     int
	)
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"vault", "pieces"}, []string{"document", "n", "sealed"}, pgx.CopyFromFunc(func() ([]any, error) {
		from := int64(n) * pieceSize
		if from >= doc.Size {
			return nil, nil
		}
		part := plain[:min(pieceSize, doc.Size-from)]
		if _, err := content.ReadAt(part, from); err != nil {
			return nil, err
		}
		row := []any{doc.Digest[:], n, seal.Seal(nil, nil, part, pieceBinding(doc.Digest, n))}
		n++
		return row, nil
	}))
	return err
}

// Get returns a document and its content, which the caller closes. The content
// is read piece by piece, each by a query of its own, so a slow reader holds no
// connection; it can seek, so parts of it can be served. Both a document that
// was never there and one that was erased are a *domain.Error.
func (d *Documents) Get(ctx context.Context, digest Digest) (Document, io.ReadSeekCloser, error) {
	doc := Document{Digest: digest, Original: digest}
	var id uuid.UUID
	var master string
	var wrapped []byte
	var position *int64
	err := d.Vault.pool.QueryRow(ctx, `
		select d.size, d.type, d.created_at, k.id, k.master, k.wrapped, k.erased_position
		  from vault.documents d
		  join vault.keys k on k.id = d.key_id
		 where d.digest = $1`, digest[:]).Scan(&doc.Size, &doc.Type, &doc.Stored, &id, &master, &wrapped, &position)
	if errors.Is(err, pgx.ErrNoRows) {
		return Document{}, nil, domain.Refuse(domain.NotFound, "document.not_found", "digest", digest.String())
	}
	if err != nil {
		return Document{}, nil, fmt.Errorf("get document: %w", err)
	}
	if wrapped == nil {
		return Document{}, nil, domain.Refuse(domain.NotFound, "document.erased", "position", strconv.FormatInt(*position, 10))
	}
	key, err := d.Vault.unwrap(dataKey{id: id, master: master, wrapped: wrapped})
	if err != nil {
		return Document{}, nil, fmt.Errorf("get document: %w", err)
	}
	return doc, &content{ctx: ctx, vault: d.Vault, doc: doc, aead: newAEAD(key), held: -1}, nil
}

// Held returns the media types of those documents of some whose content is here.
func (d *Documents) Held(ctx context.Context, digests []Digest) (map[Digest]string, error) {
	asked := make([][]byte, len(digests))
	for i := range digests {
		asked[i] = digests[i][:]
	}
	rows, err := d.Vault.pool.Query(ctx, `
		select d.digest, d.type
		  from vault.documents d
		  join vault.keys k on k.id = d.key_id
		 where d.digest = any ($1) and k.wrapped is not null`, asked)
	if err != nil {
		return nil, fmt.Errorf("find documents: %w", err)
	}
	held := make(map[Digest]string, len(digests))
	var digest []byte
	var kind string
	if _, err := pgx.ForEachRow(rows, []any{&digest, &kind}, func() error {
		held[Digest(digest)] = kind
		return nil
	}); err != nil {
		return nil, fmt.Errorf("find documents: %w", err)
	}
	return held, nil
}

// Original returns what a document as handed in is kept as, so that whoever
// holds the unchanged file can find it.
func (d *Documents) Original(ctx context.Context, original Digest) (Document, error) {
	doc := Document{Original: original}
	var kept []byte
	err := d.Vault.pool.QueryRow(ctx, `
		select d.digest, d.size, d.type, d.created_at, o.removed
		  from vault.documents d
		  join vault.originals o on o.document = d.digest
		 where o.digest = $1
		union all
		select d.digest, d.size, d.type, d.created_at, null
		  from vault.documents d
		 where d.digest = $1
		 limit 1`, original[:]).Scan(&kept, &doc.Size, &doc.Type, &doc.Stored, &doc.Removed)
	if errors.Is(err, pgx.ErrNoRows) {
		return Document{}, domain.Refuse(domain.NotFound, "document.not_found", "digest", original.String())
	}
	if err != nil {
		return Document{}, fmt.Errorf("find document: %w", err)
	}
	copy(doc.Digest[:], kept)
	return doc, nil
}

// Erase forgets the content of a document. Its digest stays, so that events
// which name it still say what is gone; the same bytes are not taken in again.
// A second time changes nothing.
func (d *Documents) Erase(ctx context.Context, digest Digest, by Erasure) error {
	var batch pgx.Batch
	batch.Queue(`
		update vault.keys
		   set wrapped = null, erased_event = $2, erased_position = $3, erased_at = $4
		 where wrapped is not null
		   and id = (select key_id from vault.documents where digest = $1)`, digest[:], by.Event, by.Position, by.At)
	batch.Queue(`delete from vault.pieces where document = $1`, digest[:])
	if err := d.Vault.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("erase document: %w", err)
	}
	return nil
}

// pieceBinding ties a piece to its document and its place in it.
func pieceBinding(d Digest, n int) []byte {
	b := append([]byte("runut vault piece\x00"), d[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(n))
}
