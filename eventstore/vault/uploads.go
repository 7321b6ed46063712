package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// What uploads there may be. They wait for somebody to look at a trial, so days
// are enough; what is quarantined in one can be fetched as long as it is there.
const (
	LargestUpload = 64 << 20 // bytes of one
	UploadsLast   = 7 * 24 * time.Hour
	mostUploads   = 20 // of one grant at a time
)

// An Upload is a file that somebody is about to take in. It is no document:
// nothing names it, and it is deleted.
type Upload struct {
	ID      uuid.UUID
	Owner   string // stream of the grant under which it was uploaded
	Digest  Digest
	Size    int64
	About   []byte // what it is to be taken for, as its uploader says
	Created time.Time
	Expires time.Time
	Taken   bool // it was taken in

	key dataKey
}

// Uploads keeps uploads, sealed, in the database of a vault. Its fields are set
// before use.
type Uploads struct {
	Vault   *Vault
	MaxSize int64  // in bytes; 0: LargestUpload
	Dir     string // where one lies, without a name, while it is read; "": the system's
}

// A Spooled is the content of an upload in a file without a name.
type Spooled struct {
	*spool
	Size int64
}

// Reader reads it from the beginning.
func (s *Spooled) Reader() io.Reader { return io.NewSectionReader(s, 0, s.Size) }

// Receive reads a file that is being sent into one without a name, in bounded
// memory. What is too large is refused; whoever calls closes what comes back.
func (u *Uploads) Receive(r io.Reader) (*Spooled, error) {
	limit := u.MaxSize
	if limit == 0 {
		limit = LargestUpload
	}
	s, err := newSpool(u.Dir)
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(s, io.LimitReader(r, limit+1))
	switch {
	case err != nil:
	case size == 0:
		err = domain.Refuse(domain.Invalid, "upload.empty")
	case size > limit:
		err = domain.Refuse(domain.Exhausted, "upload.too_large", "limit", strconv.FormatInt(limit>>20, 10))
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return &Spooled{spool: s, Size: size}, nil
}

// Keep stores what was received, whole or not at all.
func (u *Uploads) Keep(ctx context.Context, s *Spooled, owner string, about []byte) (Upload, error) {
	up := Upload{Owner: owner, Digest: s.digest(), Size: s.Size, About: about, Expires: time.Now().Add(UploadsLast).UTC().Truncate(time.Second)}
	id, wrapped := u.Vault.fresh()
	up.ID, up.key = id, dataKey{id: id, master: u.Vault.ring.current().id, wrapped: wrapped}
	key, err := u.Vault.unwrap(up.key)
	if err != nil {
		return Upload{}, fmt.Errorf("keep upload: %w", err)
	}
	seal := newAEAD(key)
	err = pgx.BeginFunc(ctx, u.Vault.pool, func(tx pgx.Tx) error {
		// one at a time of an owner, so that the limit holds
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('runut upload ' || $1, 0))`, owner); err != nil {
			return err
		}
		var waiting int
		if err := tx.QueryRow(ctx, `select count(*) from vault.uploads where owner = $1 and expires_at > now()`, owner).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= mostUploads {
			return domain.Refuse(domain.Exhausted, "upload.too_many", "most", strconv.Itoa(mostUploads))
		}
		err := tx.QueryRow(ctx, `
			insert into vault.uploads (id, owner, digest, size, about, master, wrapped, expires_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8)
			returning created_at`,
			up.ID, owner, up.Digest[:], up.Size, seal.Seal(nil, nil, about, aboutBinding(up.ID)), up.key.master, wrapped, up.Expires).Scan(&up.Created)
		if err != nil {
			return err
		}
		plain, n := make([]byte, pieceSize), 0
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"vault", "upload_pieces"}, []string{"upload", "n", "sealed"}, pgx.CopyFromFunc(func() ([]any, error) {
			from := int64(n) * pieceSize
			if from >= up.Size {
				return nil, nil
			}
			part := plain[:min(pieceSize, up.Size-from)]
			if _, err := s.ReadAt(part, from); err != nil {
				return nil, err
			}
			row := []any{up.ID, n, seal.Seal(nil, nil, part, uploadBinding(up.ID, n))}
			n++
			return row, nil
		}))
		return err
	})
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return Upload{}, refusal
	}
	if err != nil {
		return Upload{}, fmt.Errorf("keep upload: %w", err)
	}
	return up, nil
}

const uploadColumns = `id, owner, digest, size, about, master, wrapped, created_at, expires_at, taken_at is not null`

// scan reads a row and opens what it says the upload is about. An upload whose
// master key was thrown away is as good as gone.
func (u *Uploads) scan(row pgx.CollectableRow) (Upload, error) {
	var up Upload
	var digest, about []byte
	if err := row.Scan(&up.ID, &up.Owner, &digest, &up.Size, &about, &up.key.master, &up.key.wrapped, &up.Created, &up.Expires, &up.Taken); err != nil {
		return up, err
	}
	copy(up.Digest[:], digest)
	up.key.id = up.ID
	key, err := u.Vault.unwrap(up.key)
	if err != nil {
		return up, err
	}
	up.About, err = newAEAD(key).Open(nil, nil, about, aboutBinding(up.ID))
	return up, err
}

// Get returns an upload of an owner. It refuses with upload.gone.
func (u *Uploads) Get(ctx context.Context, id uuid.UUID, owner string) (Upload, error) {
	rows, err := u.Vault.pool.Query(ctx, `select `+uploadColumns+` from vault.uploads where id = $1 and owner = $2 and expires_at > now()`, id, owner)
	if err != nil {
		return Upload{}, fmt.Errorf("get upload: %w", err)
	}
	up, err := pgx.CollectExactlyOneRow(rows, u.scan)
	if errors.Is(err, pgx.ErrNoRows) || errors.Is(err, &domain.Error{Code: "vault.master_unknown"}) {
		return Upload{}, domain.Refuse(domain.NotFound, "upload.gone")
	}
	if err != nil {
		return Upload{}, fmt.Errorf("get upload: %w", err)
	}
	return up, nil
}

// List returns the uploads of an owner, the last one first.
func (u *Uploads) List(ctx context.Context, owner string) ([]Upload, error) {
	rows, err := u.Vault.pool.Query(ctx, `select `+uploadColumns+` from vault.uploads where owner = $1 and expires_at > now() order by created_at desc, id`, owner)
	if err != nil {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Upload, error) {
		up, err := u.scan(row)
		if errors.Is(err, &domain.Error{Code: "vault.master_unknown"}) {
			return nil, nil // as good as gone; the others are there
		}
		return &up, err
	})
	if err != nil {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	var found []Upload
	for _, up := range all {
		if up != nil {
			found = append(found, *up)
		}
	}
	return found, nil
}

// Sweep throws away uploads whose time is over, and returns how many.
func (u *Uploads) Sweep(ctx context.Context) (int64, error) {
	tag, err := u.Vault.pool.Exec(ctx, `delete from vault.uploads where expires_at < now()`)
	if err != nil {
		return 0, fmt.Errorf("sweep uploads: %w", err)
	}
	return tag.RowsAffected(), nil
}

// SweepUntil sweeps every hour until ctx ends: what was promised to be deleted must
// not lie there until somebody happens to upload another. Any number of processes
// may.
func (u *Uploads) SweepUntil(ctx context.Context, log *slog.Logger) {
	every := time.NewTicker(time.Hour)
	defer every.Stop()
	for {
		if _, err := u.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.Warn("uploads whose time is over were not deleted", "err", err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// Open unseals the content of an upload into a file without a name, piece by
// piece. Whoever calls closes it.
func (u *Uploads) Open(ctx context.Context, up Upload) (*Spooled, error) {
	key, err := u.Vault.unwrap(up.key)
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	open := newAEAD(key)
	s, err := newSpool(u.Dir)
	if err != nil {
		return nil, err
	}
	var sealed, plain []byte
	for n := 0; int64(n)*pieceSize < up.Size && err == nil; n++ {
		err = u.Vault.pool.QueryRow(ctx, `select sealed from vault.upload_pieces where upload = $1 and n = $2`, up.ID, n).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			err = domain.Refuse(domain.NotFound, "upload.gone")
		}
		if err == nil {
			plain, err = open.Open(plain[:0], nil, sealed, uploadBinding(up.ID, n))
		}
		if err == nil {
			_, err = s.Write(plain)
		}
	}
	if err == nil && (s.size != up.Size || s.digest() != up.Digest) {
		err = fmt.Errorf("upload %s is not what was uploaded", up.ID)
	}
	if err != nil {
		s.Close()
		if refusal, ok := errors.AsType[*domain.Error](err); ok {
			return nil, refusal
		}
		return nil, fmt.Errorf("open upload: %w", err)
	}
	return &Spooled{spool: s, Size: up.Size}, nil
}

// Describe says anew what an upload is to be taken for.
func (u *Uploads) Describe(ctx context.Context, up Upload, about []byte) error {
	key, err := u.Vault.unwrap(up.key)
	if err != nil {
		return fmt.Errorf("describe upload: %w", err)
	}
	if _, err := u.Vault.pool.Exec(ctx, `update vault.uploads set about = $2 where id = $1`, up.ID, newAEAD(key).Seal(nil, nil, about, aboutBinding(up.ID))); err != nil {
		return fmt.Errorf("describe upload: %w", err)
	}
	return nil
}

// Took notes that an upload was taken in.
func (u *Uploads) Took(ctx context.Context, up Upload) error {
	if _, err := u.Vault.pool.Exec(ctx, `update vault.uploads set taken_at = coalesce(taken_at, now()) where id = $1`, up.ID); err != nil {
		return fmt.Errorf("note upload: %w", err)
	}
	return nil
}

// Delete throws an upload of an owner away. A second time changes nothing.
func (u *Uploads) Delete(ctx context.Context, id uuid.UUID, owner string) error {
	if _, err := u.Vault.pool.Exec(ctx, `delete from vault.uploads where id = $1 and owner = $2`, id, owner); err != nil {
		return fmt.Errorf("delete upload: %w", err)
	}
	return nil
}

func aboutBinding(id uuid.UUID) []byte { return append([]byte("runut vault upload\x00"), id[:]...) }

// uploadBinding ties a piece to its upload and its place in it.
func uploadBinding(id uuid.UUID, n int) []byte {
	b := append([]byte("runut vault upload piece\x00"), id[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(n))
}
