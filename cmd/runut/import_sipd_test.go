package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"runut/api/account"
	"runut/api/intake/sipd"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/grant"
	"runut/domain/reference"
	"runut/eventstore/pgtest"
	"runut/eventstore/schema"
	"runut/eventstore/vault"
)

// The command on a log of its own, as an officer would use it: try, take in, take
// in again, mend, dismiss, and what it says when something is wrong.
func TestImportSIPD(t *testing.T) {
	url, err := pgtest.Own(t).Database(t.Context(), "runut")
	if err != nil {
		t.Fatal(err)
	}
	token, keyring := importerOf(t, url)
	dir := t.TempDir()
	database := []string{"--database-url=" + url, "--keyring=" + keyring}
	command := func(args ...string) (int, string, string) {
		t.Helper()
		return runs(t, append(args, database...)...)
	}
	imports := func(file string, args ...string) (int, string, string) {
		t.Helper()
		return command(append([]string{"import", "sipd", file, "--year=2027", "--token=" + token}, args...)...)
	}
	if status, out, complaints := command("import", "sample", dir, "--year=2027", "--rows=40", "--weeks=2"); status != 0 || strings.Count(out, "DATA CONTOH") != 3 {
		t.Fatalf("sample: %d %s%s", status, out, complaints)
	}
	files, err := filepath.Glob(filepath.Join(dir, "usulan-*.xlsx"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	status, out, complaints := imports(files[0], "--dry-run")
	if status != 0 || !strings.HasPrefix(out, "UJI COBA") || !strings.Contains(out, "19 karantina") || !strings.Contains(out, "× Diajukan") {
		t.Fatalf("dry run: %d %s%s", status, out, complaints)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*karantina*")); len(left) != 0 {
		t.Errorf("a dry run left %v", left)
	}
	var report sipd.Report
	status, out, complaints = imports(files[0], "--json")
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 0 || report.Quarantined != 19 || report.New == 0 || report.Held[0].Examples[0].Words == "" {
		t.Fatalf("%d %v %s%s", status, err, out, complaints)
	}
	info, err := os.Stat(report.Quarantine)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the quarantine is %v, %v", info, err)
	}
	if status, out, _ = imports(files[0]); status != 0 || !strings.Contains(out, "sudah pernah diimpor") {
		t.Errorf("again: %d %s", status, out)
	}
	if status, out, complaints = imports(files[1]); status != 0 || !strings.Contains(out, "dibandingkan dengan ekspor") {
		t.Errorf("the next week: %d %s%s", status, out, complaints)
	}
	if status, out, _ = runs(t, "import", "list", "--open", database[0]); status != 0 || strings.Count(out, report.Digest) != 1 || !strings.Contains(out, "sipd.id_twice") {
		t.Errorf("list: %d %s", status, out)
	}
	if status, out, complaints = command("import", "dismiss", report.Digest[:12], "--year=2027", "--rows=semua", "--note=Data uji", "--token="+token); status != 0 || !strings.Contains(out, "19 baris") {
		t.Errorf("dismiss: %d %s%s", status, out, complaints)
	}
	for _, wrong := range []struct {
		name, file, want string
		content          []byte
		args             []string
	}{
		{name: "locked.xlsx", content: append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 4096)...), want: "locked.xlsx"},
		{name: "cut.xlsx", content: cut(t, files[0]), want: "cut.xlsx"},
		{name: "empty.csv", content: nil, want: "empty.csv"},
		{name: "other.csv", content: []byte("Nama;Umur\nBudi;9\n"), want: "kolom"},
		{file: files[0], args: []string{"--exported-at=besok"}, want: "besok"},
		{file: files[0], args: []string{"--box=1,2"}, want: "1,2"},
		{file: files[0], args: []string{"--status-map=" + files[0]}, want: "Peta status"},
		{file: filepath.Join(dir, "tidak-ada.xlsx"), want: "tidak-ada.xlsx"},
	} {
		file := wrong.file
		if file == "" {
			file = filepath.Join(dir, wrong.name)
			if err := os.WriteFile(file, wrong.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		status, out, complaints := imports(file, wrong.args...)
		if status != 1 || out != "" || !strings.Contains(strings.ToLower(complaints), strings.ToLower(wrong.want)) || strings.ContainsAny(complaints, "{}") {
			t.Errorf("%s %v: %d %q %q", file, wrong.args, status, out, complaints)
		}
	}
	if status, _, complaints := command("import", "sipd", files[0], "--year=2027"); status != 1 || !strings.Contains(complaints, "RUNUT_TOKEN") {
		t.Errorf("without a token: %d %s", status, complaints)
	}
	if status, out, _ := runs(t, "import", "status-map"); status != 0 || out != string(sipd.BaseStatusYAML()) {
		t.Errorf("status-map: %d %.80s", status, out)
	}
}

// cut returns the first half of a file.
func cut(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(content[:len(content)/2])
}

// importerOf begins a log with registers, a cycle and an importer, and returns a
// token of theirs and the keyring.
func importerOf(t *testing.T, url string) (token, keyring string) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(schema.Up(ctx, url))
	keyring = filepath.Join(t.TempDir(), "keyring")
	_, err := vault.CreateKeyring(keyring)
	must(err)
	a, err := open(ctx, url, keyring, slog.New(slog.DiscardHandler))
	must(err)
	defer a.close()
	began := time.Now().AddDate(0, 0, -60)
	write := func(stream string, e any) {
		t.Helper()
		cmd := event.Command{ID: uuid.New(), Actor: domain.System(), Tenant: "99.01", Cycle: 2027, Definition: a.definitions.current, RecordedAt: began}
		_, err := a.store.Append(ctx, cmd, event.Change{Stream: stream, Cycle: 2027, Definition: a.definitions.current, Facts: []event.Fact{{Event: e}}})
		must(err)
	}
	edition := func(register string, entries ...reference.Entry) {
		write(reference.Stream(register), &reference.EditionPublished{Register: register, Edition: "2026", ValidFrom: "2026-01-01", Digest: strings.Repeat("0a", 32), Rows: len(entries), Part: 1, Parts: 1, Entries: entries})
	}
	edition("wilayah", reference.Entry{Code: "99.01", Name: "Kabupaten Contoh"}, reference.Entry{Code: "99.01.01", Name: "Contoh Kota", Parent: "99.01"},
		reference.Entry{Code: "99.01.01.2001", Name: "Kota Maju", Parent: "99.01.01"}, reference.Entry{Code: "99.01.01.2002", Name: "Kota Rukun", Parent: "99.01.01"})
	edition("opd", reference.Entry{Code: "1.03.0.00.0.00.01.0000", Name: "Dinas Pekerjaan Umum"}, reference.Entry{Code: "1.02.0.00.0.00.01.0000", Name: "Dinas Kesehatan"})
	d := a.definitions.find(a.definitions.current)
	write(cycle.Stream(2027), &cycle.Opened{Year: 2027, Title: "Kabupaten Contoh", Kabupaten: "99.01", Zone: "WITA", Wilayah: "2026", Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}, Demo: true})
	stream := grant.Stream("importer")
	write(stream, &grant.Given{Person: "p-4K7M2XQ0TB9D", Role: cycle.Importer, Scope: domain.Scope{Kind: domain.ScopeKabupaten}, Office: "Bappeda", Capacity: domain.Definitif, From: began,
		Decree: domain.Document{Kind: "sk", Number: "1", Date: "2026-01-05"}})
	token, err = account.Tokens{DB: a.pool}.Issue(ctx, "uji", stream, account.Uses, time.Now().AddDate(0, 0, 1))
	must(err)
	return token, keyring
}
