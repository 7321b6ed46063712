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
	"strconv"
	"strings"

	"runut/domain"
	"runut/eventstore/secretfile"
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
func CredentialPath() string { return secretfile.Credential(CredentialName) }

// LoadKeyring reads a keyring. It refuses, as Unready, with vault.keyring_missing,
// vault.keyring_exposed (secretfile.Read) or vault.keyring_malformed.
func LoadKeyring(path string) (*Keyring, error) {
	text, err := secretfile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, domain.Refuse(domain.Unready, "vault.keyring_missing", "path", path)
	}
	if exposed, ok := errors.AsType[*secretfile.Exposed](err); ok {
		return nil, domain.Refuse(domain.Unready, "vault.keyring_exposed", "path", path, "mode", fmt.Sprintf("%04o", exposed.Mode))
	}
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
	if err := secretfile.Create(path, freshLine()); err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	return LoadKeyring(path)
}

// RenewKeyring puts a fresh key before those of the keyring at path and returns
// the whole. Vault.Rewrap then brings every data key under it.
func RenewKeyring(path string) (*Keyring, error) {
	if _, err := LoadKeyring(path); err != nil {
		return nil, err
	}
	old, err := secretfile.Read(path)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	if err := secretfile.Write(path, append(freshLine(), old...)); err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	return LoadKeyring(path)
}

func freshLine() []byte {
	var key [32]byte
	rand.Read(key[:])
	return append(base64.StdEncoding.AppendEncode(nil, key[:]), '\n')
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
