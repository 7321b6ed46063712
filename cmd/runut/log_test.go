package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/reference"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
	"runut/eventstore/vault"
)

// An operator is who looks after one installation: a key, a folder of state, a
// database that can be copied and put back.
type operator struct {
	*testing.T
	url, dir string
}

func (o *operator) does(args ...string) (out, complaints string) {
	o.Helper()
	status, out, complaints := o.tries(args...)
	if status != 0 {
		o.Fatalf("runut %s: %d %s%s", strings.Join(args, " "), status, out, complaints)
	}
	return out, complaints
}

func (o *operator) tries(args ...string) (status int, out, complaints string) {
	o.Helper()
	return runs(o.T, append(args, o.flags(args[0], args[1])...)...)
}

// flags are what the commands of an installation need to be told.
func (o *operator) flags(command, sub string) []string {
	url, keyring := "--database-url="+o.url, "--keyring="+filepath.Join(o.dir, "keyring")
	signer, state := "--signer="+filepath.Join(o.dir, "signer"), "--state="+o.dir
	switch command + " " + sub {
	case "log key":
		return nil
	case "log keys", "log rotate":
		return []string{signer}
	case "log rebuild":
		return []string{url}
	case "log fork":
		return []string{url, keyring, signer, state, "--tenant=99.01"}
	case "account init":
		return []string{url, keyring, "--tenant=99.01"}
	}
	return []string{url, keyring, signer, state}
}

// serves starts the server and waits until it answers.
func (o *operator) serves() (p *program, base string) {
	o.Helper()
	p = start(o.T, append([]string{"serve", "--listen=127.0.0.1:0", "--tenant=99.01"}, o.flags("serve", "")...)...)
	address := regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`)
	p.until("it serves", func() bool { return address.MatchString(p.err.String()) })
	return p, "http://" + address.FindStringSubmatch(p.err.String())[1]
}

// copied makes a copy of a database under another name, over what has that name.
func (o *operator) copied(from, to string) {
	o.Helper()
	config, err := pgx.ParseConfig(o.url)
	if err != nil {
		o.Fatal(err)
	}
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(o.Context(), config)
	if err != nil {
		o.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range []string{`drop database if exists ` + to + ` with (force)`, `create database ` + to + ` template ` + from} {
		if _, err := conn.Exec(o.Context(), sql); err != nil {
			o.Fatal(err)
		}
	}
}

func (o *operator) status() (s struct {
	Origin             string
	Head, Signed, Kept int64
}) {
	o.Helper()
	_, out, _ := o.tries("log", "status", "--json")
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		o.Fatalf("%v: %s", err, out)
	}
	return s
}

// TestTheSealInAnOperatorsHands: a key is made, the log is signed, a backup from
// too long ago is put back, and the log goes on under another name.
func TestTheSealInAnOperatorsHands(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a cluster and starts the program several times")
	}
	cluster := pgtest.Own(t)
	url, err := cluster.Database(t.Context(), "runut")
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{T: t, url: url, dir: t.TempDir()}
	if _, err := vault.CreateKeyring(filepath.Join(o.dir, "keyring")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")

	status, _, complaints := runs(t, "serve", "--database-url="+o.url, "--tenant=99.01")
	if status != 1 || !strings.Contains(complaints, "--unsigned") {
		t.Errorf("without a key: %d %s", status, complaints)
	}
	public, _ := o.does("log", "key", filepath.Join(o.dir, "signer"), "--origin=runut.example/log")
	trust, err := proof.ParseTrust([]byte(public))
	if err != nil || trust.Origin != "runut.example/log" {
		t.Fatalf("the key is printed as %q: %v", public, err)
	}
	if status, _, _ := o.tries("log", "key", filepath.Join(o.dir, "signer"), "--origin=other.example"); status != 1 {
		t.Error("a key was written over")
	}
	o.does("account", "init", "--decree=1", "--date=2026-01-05", "--approver=A", "--second=B")

	p, base := o.serves()
	signed := func() (text []byte) {
		t.Helper()
		p.until("the log is signed", func() bool {
			code, body, _ := get(t, base+"/log/checkpoint", "", "")
			text = []byte(body)
			return code == http.StatusOK
		})
		return text
	}
	if _, err := trust.Open(signed()); err != nil {
		t.Error(err)
	}
	p.interrupt()
	first := o.status()
	if first.Head == 0 || first.Signed != first.Head || first.Kept != first.Head {
		t.Fatalf("signed %+v", first)
	}
	o.copied("runut", "cadangan")

	// more happens, and is signed
	if status, _, complaints := o.tries("log", "fork", "--origin=runut.example/log2", "--reason=coba"); status != 1 || !strings.Contains(complaints, "tidak perlu") {
		t.Errorf("a log that is whole was begun anew: %d %s", status, complaints)
	}
	publish(t, o.url, 7)
	p, base = o.serves()
	p.until("the rest is signed", func() bool {
		code, body, _ := get(t, base+"/log/checkpoint", "", "")
		return code == http.StatusOK && strings.Contains(body, "\n"+count(first.Head+7)+"\n")
	})
	p.kill()

	// the old backup is put back
	o.copied("cadangan", "runut")
	p, base = o.serves()
	code, body, _ := get(t, base+"/readyz", "", "")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, "posisi "+count(first.Head+1)+" sampai "+count(first.Head+7)) {
		t.Errorf("readyz on an old backup: %d %s", code, body)
	}
	if code, _, _ := get(t, base+"/healthz", "", ""); code != http.StatusOK {
		t.Errorf("healthz on an old backup: %d", code)
	}
	p.interrupt()
	if status, _, complaints := o.tries("log", "status"); status != 1 || !strings.Contains(complaints, "posisi "+count(first.Head+1)) {
		t.Errorf("status: %d %s", status, complaints)
	}

	// what is lost is lost: the log goes on under another name, and says so
	out, said := o.does("log", "fork", "--origin=runut.example/log2", "--reason=Diska rusak; cadangan terakhir dipasang")
	if !strings.HasPrefix(out, "runut.example/log2+") || !strings.Contains(said, "runut.example/log2") {
		t.Errorf("fork says %s%s", out, said)
	}
	again := o.status()
	if again.Origin != "runut.example/log2" || again.Head != first.Head+1 || again.Signed != again.Head {
		t.Errorf("after it: %+v", again)
	}
	evidence, err := os.ReadFile(filepath.Join(o.dir, "checkpoint.runut.example_log"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := trust.Open(evidence); err != nil || c.Size != first.Head+7 {
		t.Errorf("the old checkpoint is %+v, %v", c, err)
	}
	p, base = o.serves()
	if code, body, _ := get(t, base+"/readyz", "", ""); code != http.StatusOK && !strings.Contains(body, "projections.building") {
		t.Errorf("readyz afterwards: %d %s", code, body)
	}
	p.interrupt()

	// a second key, and the file lost and found
	o.does("log", "rotate")
	if keys, _ := o.does("log", "keys"); strings.Count(keys, "\n") != 2 {
		t.Errorf("keys after a rotation: %s", keys)
	}
	if err := os.Remove(filepath.Join(o.dir, "checkpoint")); err != nil {
		t.Fatal(err)
	}
	p, base = o.serves()
	if code, body, _ := get(t, base+"/readyz", "", ""); code != http.StatusServiceUnavailable || !strings.Contains(body, "log.state_missing") {
		t.Errorf("readyz without the file: %d %s", code, body)
	}
	p.interrupt()
	o.does("log", "adopt")
	o.does("log", "rebuild")
	p, base = o.serves()
	p.until("both keys have signed", func() bool {
		_, body, _ := get(t, base+"/log/checkpoint", "", "")
		return strings.Count(body, "— ") == 2
	})
	p.interrupt()
}

// publish adds n editions of a register to the log.
func publish(t *testing.T, url string, n int) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c := event.Change{Stream: reference.Stream("holidays")}
	for i := range n {
		c.Facts = append(c.Facts, event.Fact{Event: &reference.EditionPublished{Register: "holidays", Edition: count(int64(i)), ValidFrom: "2026-01-01", Part: 1, Parts: 1}})
	}
	id := uuid.New()
	if _, err := store.Append(t.Context(), event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: domain.System(), Tenant: "99.01"}, c); err != nil {
		t.Fatal(err)
	}
}
