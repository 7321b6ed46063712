package proof

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"runut/domain"
	"runut/eventstore/secretfile"
)

// CredentialName is what the signing key is called among the credentials that
// systemd hands to a service (LoadCredential=runut-signer:…).
const CredentialName = "runut-signer"

// demoMark begins the origin of every log that holds invented data, so that none
// of its checkpoints can be taken for one that counts.
const demoMark = "DATA-CONTOH."

// DemoOrigin returns the name of a fresh log of invented data.
func DemoOrigin(tenant string) string {
	var b [4]byte
	rand.Read(b[:])
	return demoMark + "runut.example/" + tenant + "/" + hex.EncodeToString(b[:])
}

// IsDemo reports whether a log of that name holds invented data.
func IsDemo(origin string) bool { return strings.HasPrefix(origin, demoMark) }

// A Signer is what a log signs with: one Ed25519 key, or two while one follows
// upon the other. Its file holds one key a line in the form of signed notes,
// "PRIVATE+KEY+origin+hash+key"; lines that begin with # are comments. Every
// checkpoint bears a signature of each, and all of them name the same origin.
type Signer struct {
	Origin string
	Keys   []note.Signer
	Trust  Trust    // what checks those signatures
	Public []string // verifier keys, "origin+hash+key", in the order of Keys
}

// SignerCredential returns where the signing key lies when systemd handed it
// over, or "" where it did not.
func SignerCredential() string { return secretfile.Credential(CredentialName) }

// LoadSigner reads a signing key. It refuses, as Unready, with signer.missing,
// signer.exposed (secretfile.Read) or signer.malformed.
func LoadSigner(path string) (*Signer, error) {
	text, err := secretfile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, domain.Refuse(domain.Unready, "signer.missing", "path", path)
	}
	if exposed, ok := errors.AsType[*secretfile.Exposed](err); ok {
		return nil, domain.Refuse(domain.Unready, "signer.exposed", "path", path, "mode", fmt.Sprintf("%04o", exposed.Mode))
	}
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return parseSigner(path, text)
}

// CreateSigner reads the signing key at path, or makes one for a log called
// origin, mode 0600, where there is none yet.
func CreateSigner(path, origin string) (*Signer, error) {
	if _, err := os.Stat(path); err == nil {
		return LoadSigner(path)
	}
	line, err := freshKey(origin)
	if err != nil {
		return nil, err
	}
	if err := secretfile.Create(path, line); err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return LoadSigner(path)
}

// RotateSigner puts a fresh key behind those of the file at path: from the next
// start on both sign. Once everybody who checks the log knows the new one, the
// old line is taken out of the file.
func RotateSigner(path string) (*Signer, error) {
	have, err := LoadSigner(path)
	if err != nil {
		return nil, err
	}
	line, err := freshKey(have.Origin)
	if err != nil {
		return nil, err
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if err := secretfile.Write(path, append(append(bytes.TrimRight(old, "\n"), '\n'), line...)); err != nil {
		return nil, err
	}
	return LoadSigner(path)
}

// ValidOrigin reports whether a log may be called so: as a signed note's key, not
// empty and without white space or plus.
func ValidOrigin(origin string) bool {
	return origin != "" && len(origin) <= 200 && !strings.ContainsAny(origin, "+ \t\r\n\u0085\u00a0\u2028\u2029") && strings.ToValidUTF8(origin, "") == origin
}

func freshKey(origin string) ([]byte, error) {
	if !ValidOrigin(origin) {
		return nil, domain.Refuse(domain.Invalid, "signer.origin", "origin", origin)
	}
	private, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return append([]byte(private), '\n'), nil
}

func parseSigner(path string, text []byte) (*Signer, error) {
	s := new(Signer)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := s.add(line); err != nil {
			return nil, domain.Refuse(domain.Unready, "signer.malformed", "path", path, "line", strconv.Itoa(n))
		}
	}
	if lines.Err() != nil || len(s.Keys) == 0 {
		return nil, domain.Refuse(domain.Unready, "signer.malformed", "path", path, "line", "1")
	}
	s.Trust.Origin = s.Origin
	return s, nil
}

func (s *Signer) add(line string) error {
	key, err := note.NewSigner(line)
	if err != nil {
		return err
	}
	v, err := torchwood.NewVerifierFromSigner(line)
	if err != nil {
		return err
	}
	if s.Origin != "" && key.Name() != s.Origin {
		return errors.New("a key of another log")
	}
	// a byte for the algorithm, then the seed; both readers above looked at it
	seed, err := base64.StdEncoding.DecodeString(strings.SplitN(line, "+", 5)[4])
	if err != nil {
		return err
	}
	public, err := note.NewEd25519VerifierKey(key.Name(), ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	if _, twice := find(s.Trust.Keys, v.Name(), v.KeyHash()); twice {
		return nil
	}
	s.Origin, s.Keys = key.Name(), append(s.Keys, key)
	s.Trust.Keys, s.Public = append(s.Trust.Keys, v), append(s.Public, public)
	return nil
}
