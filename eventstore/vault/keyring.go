package vault

import (
	"bufio"
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"runut/domain"
)

// CredentialName is what the keyring is called among the credentials that
// systemd hands to a service (LoadCredential=runut-vault.key:…).
const CredentialName = "runut-vault.key"

// A Keyring holds the master keys that wrap the data keys. It is a text file
// with one key of 32 bytes a line, in base64; lines that begin with # are
// comments. The first key wraps, the others can only unwrap, until Rewrap has
// brought everything under the first and they may be taken out.
type Keyring struct {
	keys []master // first in force
}

// A master is one key of a Keyring and the name the database knows it by.
type master struct {
	id   string
	aead cipher.AEAD
}

// CredentialPath returns where the keyring lies when systemd handed it over,
// or "" where it did not.
func CredentialPath() string {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return ""
	}
	path := filepath.Join(dir, CredentialName)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// LoadKeyring reads a keyring. It refuses a file that others than its owner can
// read, unless it lies where systemd or a container keeps secrets: there the
// folder is what is guarded.
func LoadKeyring(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, domain.Refuse(domain.Unready, "vault.keyring_missing", "path", path)
	}
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	if exposed := info.Mode().Perm() & 0o077; exposed != 0 && !guarded(path) {
		return nil, domain.Refuse(domain.Unready, "vault.keyring_exposed", "path", path, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	return parseKeyring(path, text)
}

// CreateKeyring reads the keyring at path, or makes one with a fresh key, mode
// 0600, where there is none yet.
func CreateKeyring(path string) (*Keyring, error) {
	if _, err := os.Stat(path); err == nil {
		return LoadKeyring(path)
	}
	next, err := writeKeyring(path, freshLine())
	if err != nil {
		return nil, err
	}
	defer os.Remove(next)
	// a link, because it fails where another process was first
	if err := os.Link(next, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return LoadKeyring(path)
}

// RenewKeyring puts a fresh key before those of the keyring at path and returns
// the whole. Vault.Rewrap then brings every data key under it.
func RenewKeyring(path string) (*Keyring, error) {
	if _, err := LoadKeyring(path); err != nil {
		return nil, err
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	next, err := writeKeyring(path, append(freshLine(), old...))
	if err != nil {
		return nil, err
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("keyring: %w", errors.Join(err, os.Remove(next)))
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return LoadKeyring(path)
}

func guarded(path string) bool {
	dir := filepath.Dir(path)
	return dir == "/run/secrets" || dir == filepath.Clean(os.Getenv("CREDENTIALS_DIRECTORY"))
}

func freshLine() []byte {
	var key [32]byte
	rand.Read(key[:])
	return append(base64.StdEncoding.AppendEncode(nil, key[:]), '\n')
}

// writeKeyring writes a new file beside path, readable by its owner alone, and
// returns its name. It is synced before anything is wrapped by it: a key that a
// power cut takes away takes everything sealed with it.
func writeKeyring(path string, text []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("keyring: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return f.Name(), nil
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	return nil
}

func parseKeyring(path string, text []byte) (*Keyring, error) {
	ring := new(Keyring)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(key) != 32 {
			return nil, domain.Refuse(domain.Unready, "vault.keyring_malformed", "path", path, "line", strconv.Itoa(n))
		}
		m := master{id: masterID(key), aead: newAEAD(key)}
		if _, twice := ring.find(m.id); !twice {
			ring.keys = append(ring.keys, m)
		}
	}
	if err := lines.Err(); err != nil || len(ring.keys) == 0 {
		return nil, domain.Refuse(domain.Unready, "vault.keyring_malformed", "path", path, "line", "1")
	}
	return ring, nil
}

// masterID names a master key by a hash of it, which gives nothing away of 32
// random bytes.
func masterID(key []byte) string {
	sum := sha256.Sum256(append([]byte("runut vault master\x00"), key...))
	return hex.EncodeToString(sum[:8])
}

// find returns the key with an id.
func (k *Keyring) find(id string) (master, bool) {
	for _, m := range k.keys {
		if m.id == id {
			return m, true
		}
	}
	return master{}, false
}

// current returns the key that wraps.
func (k *Keyring) current() master { return k.keys[0] }
