package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/eventstore/localpg"
	"runut/eventstore/vault"
	"runut/projections"
)

// peopleByCommands registers somebody, gives them a grant and takes it back, as an
// officer would at a terminal.
func peopleByCommands(t *testing.T, cluster *localpg.Cluster) {
	url, err := cluster.Database(t.Context(), "people")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	keyring, database := filepath.Join(dir, "keyring"), "--database-url="+url
	if _, err := vault.CreateKeyring(keyring); err != nil {
		t.Fatal(err)
	}
	asked := func(status int, args ...string) (out, complaints string) {
		t.Helper()
		args = append(args, database)
		if args[1] != "accept" { // it opens nothing that is sealed
			args = append(args, "--keyring="+keyring)
		}
		got, out, complaints := runs(t, args...)
		if got != status {
			t.Fatalf("%s: status %d, want %d\n%s%s", strings.Join(args[:2], " "), got, status, out, complaints)
		}
		return strings.TrimSpace(out), complaints
	}
	if status, _, complaints := runs(t, "migrate", database); status != 0 {
		t.Fatal(complaints)
	}
	begun, _ := asked(0, "account", "init", "--tenant=99.01", "--decree=800/1", "--date=2026-01-05", "--approver=Sutrisno Kenari", "--second=Wagiyem Kenari")
	lines := strings.Split(begun, "\n")
	approver, head := "--token="+strings.Fields(lines[0])[2], strings.Fields(lines[1])[2]
	second := "--second-token=" + head

	secret := filepath.Join(dir, "orang.json")
	if err := os.WriteFile(secret, []byte(`{"name": "Rina Kenari", "nik": "9901 0141 0185 0001"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	key := "--key=" + uuid.NewString()
	_, complaints := asked(1, "person", "register", "--name=Rina")
	if !strings.Contains(complaints, "RUNUT_TOKEN") {
		t.Errorf("without a token: %s", complaints)
	}
	_, complaints = asked(1, "person", "register", "--nik=12", approver)
	if !strings.Contains(complaints, "NIK 16 angka") || strings.Contains(complaints, "{") {
		t.Errorf("a short NIK: %s", complaints)
	}
	pseudonym, _ := asked(0, "person", "register", "--details="+secret, key, approver)
	if again, _ := asked(0, "person", "register", "--details="+secret, key, approver); again != pseudonym || !strings.HasPrefix(pseudonym, "p-") {
		t.Errorf("%q, then %q", pseudonym, again)
	}
	asked(1, "person", "register", "--name=Orang Lain", key, approver)

	give := []string{"grant", "give", "--person=" + pseudonym, "--role=importer", "--office=Bappeda", "--decree=800/2", "--date=2026-01-06", "--from=2026-01-07"}
	asked(1, append(give, approver)...)
	asked(1, append(give, approver, "--second-token="+strings.TrimPrefix(approver, "--token="))...)
	grant, _ := asked(0, append(give, approver, second)...)
	out, _ := asked(0, "grant", "invite", grant, approver, second, "--json")
	var invited struct{ Code, Grant string }
	if err := json.Unmarshal([]byte(out), &invited); err != nil || !strings.HasPrefix(invited.Code, "rni_") || invited.Grant != grant {
		t.Errorf("%v: %s", err, out)
	}
	token, complaints := asked(0, "account", "accept", invited.Code)
	if !strings.HasPrefix(token, "rnt_") || !strings.Contains(complaints, "sekali") {
		t.Errorf("accept: %s %s", token, complaints)
	}
	if _, complaints := asked(1, "account", "accept", invited.Code); !strings.Contains(complaints, "sudah pernah dipakai") {
		t.Errorf("a code used twice: %s", complaints)
	}

	asked(0, "person", "correct", pseudonym, "--name=Rina Kenarisari", "--token="+token) // by herself
	listed, _ := asked(0, "person", "list", "importer", "--json")
	var p projections.Person
	if err := json.Unmarshal([]byte(listed), &p); err != nil || p.Person != pseudonym || p.Version != 2 || len(p.Grants) != 1 || p.Grants[0].Stream != grant || p.Grants[0].From.IsZero() {
		t.Errorf("%v: %s", err, listed)
	}
	asked(0, "grant", "revoke", grant, "--decree=800/3", "--date=2026-01-08", "--reason=Pindah", approver)
	everybody, _ := asked(0, "person", "list")
	if !strings.Contains(everybody, "dicabut") || strings.Contains(everybody, "Kenari") {
		t.Errorf("list:\n%s", everybody)
	}
	asked(1, "person", "correct", pseudonym, "--name=Rina", "--token="+token)
}
