// Package secretfile keeps small files that must not be lost and must not be
// read by others: keys, and the last checkpoint that was signed. A file is
// written whole or not at all, mode 0600, and stays after a power cut.
package secretfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// An Exposed is the refusal to read a secret that others than its owner can read.
type Exposed struct {
	Path string
	Mode fs.FileMode // permission bits
}

func (e *Exposed) Error() string {
	return fmt.Sprintf("%s can be read by others: mode %04o", e.Path, e.Mode)
}

// Credential returns where a credential lies that systemd handed to the service
// (LoadCredential=name:…), or "" where it did not.
func Credential(name string) string {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return ""
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// Read returns what a secret file holds. It refuses with *Exposed a file that
// others than its owner can read, unless it lies where systemd or a container
// keeps secrets: there the folder is what is guarded. A file that is not there is
// an error that is fs.ErrNotExist.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && !guarded(path) {
		return nil, &Exposed{path, mode}
	}
	return os.ReadFile(path)
}

func guarded(path string) bool {
	dir := filepath.Dir(path)
	return dir == "/run/secrets" || dir == filepath.Clean(os.Getenv("CREDENTIALS_DIRECTORY"))
}

// Create puts text at path where nothing is there yet. Where another process was
// first, its file stays, and that is no error.
func Create(path string, text []byte) error {
	next, err := writeBeside(path, text)
	if err != nil {
		return err
	}
	defer os.Remove(next)
	// a link, because it fails where somebody was first
	if err := os.Link(next, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return SyncFolder(filepath.Dir(path))
}

// Write puts text at path in place of what is there.
func Write(path string, text []byte) error {
	next, err := writeBeside(path, text)
	if err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(next)))
	}
	return SyncFolder(filepath.Dir(path))
}

// writeBeside writes a new file next to path and returns its name. It is synced
// before anything rests on it: a key that a power cut takes away takes with it
// everything that was sealed under it.
func writeBeside(path string, text []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return f.Name(), nil
}

// SyncFolder returns when a power cut cannot take back what was created in or
// renamed into a folder.
func SyncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}
