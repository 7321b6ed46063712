package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
)

// A spool is a file without a name: it holds an upload while its type is looked
// at, hashes what is written to it, and is gone with the process.
type spool struct {
	file *os.File
	size int64
	hash hash.Hash
}

func newSpool(dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, "runut-upload-*")
	if err != nil {
		return nil, fmt.Errorf("receive document: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("receive document: %w", errors.Join(err, f.Close()))
	}
	return &spool{file: f, hash: sha256.New()}, nil
}

// Write appends p.
func (s *spool) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.hash.Write(p[:n])
	s.size += int64(n)
	return n, err
}

// ReadAt reads what was written.
func (s *spool) ReadAt(p []byte, from int64) (int, error) { return s.file.ReadAt(p, from) }

// Close frees the file.
func (s *spool) Close() error { return s.file.Close() }

func (s *spool) digest() (d Digest) {
	s.hash.Sum(d[:0])
	return d
}
