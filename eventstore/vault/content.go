package vault

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// content reads a document piece by piece. It is for one goroutine.
type content struct {
	ctx    context.Context // of the request that reads
	vault  *Vault
	doc    Document
	aead   cipher.AEAD
	at     int64
	held   int // number of the piece in plain; -1: none
	plain  []byte
	closed bool
}

// Read reads from the piece that the position lies in.
func (c *content) Read(p []byte) (int, error) {
	if c.closed {
		return 0, fs.ErrClosed
	}
	if c.at >= c.doc.Size {
		return 0, io.EOF
	}
	n := int(c.at / pieceSize)
	if n != c.held {
		if err := c.fetch(n); err != nil {
			return 0, err
		}
	}
	read := copy(p, c.plain[c.at-int64(n)*pieceSize:])
	c.at += int64(read)
	return read, nil
}

// fetch opens piece n. A piece that is missing was erased meanwhile.
func (c *content) fetch(n int) error {
	var sealed []byte
	err := c.vault.pool.QueryRow(c.ctx, `
		select sealed
		  from vault.pieces
		 where document = $1 and n = $2`, c.doc.Digest[:], n).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Refuse(domain.NotFound, "document.not_found", "digest", c.doc.Digest.String())
	}
	if err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	plain, err := c.aead.Open(c.plain[:0], nil, sealed, pieceBinding(c.doc.Digest, n))
	if err == nil && int64(len(plain)) != min(pieceSize, c.doc.Size-int64(n)*pieceSize) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		c.held = -1
		return fmt.Errorf("read document %s: piece %d was changed: %w", c.doc.Digest, n, err)
	}
	c.plain, c.held = plain, n
	return nil
}

// Seek sets where the next Read begins.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.doc.Size
	}
	if offset < 0 {
		return 0, fs.ErrInvalid
	}
	c.at = offset
	return offset, nil
}

// Close forgets the piece that is held.
func (c *content) Close() error {
	c.closed = true
	clear(c.plain)
	return nil
}
