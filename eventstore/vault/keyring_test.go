package vault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"runut/domain"
	"runut/eventstore/vault"
)

func TestTheFirstStartMakesAKeyringThatOnlyItsOwnerReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := vault.LoadKeyring(path); !errors.Is(err, &domain.Error{Code: "vault.keyring_missing"}) {
		t.Errorf("loading what is not there: %v", err)
	}
	var makers sync.WaitGroup
	for range 4 { // at the same time: all must end up with the one that stays
		makers.Go(func() {
			if _, err := vault.CreateKeyring(path); err != nil {
				t.Error(err)
			}
		})
	}
	makers.Wait()
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("files left: %v, %v", files, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.CreateKeyring(path); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the second start changed the keyring: %v", err)
	}
}

func TestAKeyringThatOthersReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := vault.CreateKeyring(path); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := vault.LoadKeyring(path)
		refused(t, err, "vault.keyring_exposed")
	}
}

func TestTheKeyringOfASystemdService(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if got := vault.CredentialPath(); got != "" {
		t.Errorf("credential %q without a folder", got)
	}
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if got := vault.CredentialPath(); got != "" {
		t.Errorf("credential %q that is not there", got)
	}
	path := filepath.Join(dir, vault.CredentialName)
	if _, err := vault.CreateKeyring(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o440); err != nil { // as systemd may leave it
		t.Fatal(err)
	}
	if _, err := vault.LoadKeyring(vault.CredentialPath()); err != nil {
		t.Error(err)
	}
}

func TestAMalformedKeyringNamesTheLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := vault.CreateKeyring(path); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for text, line := range map[string]string{
		"":                               "1",
		"# only a comment\n":             "1",
		"# first\n\nc2hvcnQ=\n":          "3",
		string(good) + "not base64 !!\n": "2",
		strings.Repeat("x", 70_000):      "1",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := vault.LoadKeyring(path)
		if e := refused(t, err, "vault.keyring_malformed"); e.Params["line"] != line {
			t.Errorf("%.20q: line %s, want %s", text, e.Params["line"], line)
		}
	}
	if err := os.WriteFile(path, []byte("# ours\r\n\r\n"+string(good)+string(good)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.LoadKeyring(path); err != nil {
		t.Errorf("comments, blank lines and a key twice: %v", err)
	}
}
