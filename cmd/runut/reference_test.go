package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runut/eventstore/localpg"
	"runut/eventstore/vault"
)

// registers imports a register as an officer would, from the first token on.
func registers(t *testing.T, cluster *localpg.Cluster) {
	url, err := cluster.Database(t.Context(), "registers")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keyring, database := filepath.Join(dir, "keyring"), "--database-url="+url
	if _, err := vault.CreateKeyring(keyring); err != nil {
		t.Fatal(err)
	}
	if status, _, complaints := runs(t, "migrate", database); status != 0 {
		t.Fatal(complaints)
	}
	status, out, complaints := runs(t, "account", "init", database, "--keyring="+keyring, "--tenant=99.01", "--decree=800/1", "--date=2026-01-05", "--approver=Sutrisno Kenari", "--second=Wagiyem Kenari")
	if status != 0 {
		t.Fatal(complaints)
	}
	token := "--token=" + out[strings.LastIndex(out, "rnt_"):len(out)-1]
	places := file("wilayah.csv", "kode;nama\n99.01;Kabupaten\n99.01.03;Tiga\n99.01.03.2001;Desa A\n99.02;Lain\n")
	publish := func(path, edition, day string, more ...string) (int, string, string) {
		return runs(t, append([]string{"reference", "import", "wilayah", path, "--edition=" + edition, "--valid-from=" + day, database, "--keyring=" + keyring}, more...)...)
	}
	for _, step := range []struct {
		path, edition, day string
		more               []string
		status             int
		says               []string
	}{
		{places, "2025", "2025-01-01", nil, 1, []string{"RUNUT_TOKEN"}},
		{places, "2025", "2025-01-01", []string{token, "--dry-run"}, 0, []string{"4 baris dibaca: 3 dipakai, 0 berulang, 1 di luar kabupaten", "Uji coba", "1 peristiwa"}},
		{places, "2025", "2025-01-01", []string{token}, 0, []string{"Edisi pertama", "terbit, berlaku sejak 2025-01-01: 3 entri"}},
		{places, "2025", "2025-01-01", []string{token}, 0, []string{"sudah diimpor", "Tidak ada yang ditambahkan"}},
		{places, "2024", "2024-01-01", []string{token}, 1, []string{"--valid-from"}},
		{file("baru.csv", "kode;nama\n99.01;Kabupaten\n99.01.03;Tiga\n99.01.03.1001;Kelurahan A\n99.01.3.1;Cacat\n"), "2026", "2026-01-01", []string{token}, 1,
			[]string{"baris 5, kolom kode", "99.01.03.2001 Desa A: mungkin berganti kode menjadi 99.01.03.1001", "baru.karantina.xlsx", "1 dari 4 baris bermasalah"}},
	} {
		status, out, complaints := publish(step.path, step.edition, step.day, step.more...)
		if status != step.status {
			t.Errorf("%s %v: status %d\n%s%s", step.edition, step.more, status, out, complaints)
		}
		for _, want := range step.says {
			if !strings.Contains(out+complaints, want) {
				t.Errorf("%s does not say %q:\n%s%s", step.edition, want, out, complaints)
			}
		}
		if strings.Contains(out+complaints, "{") {
			t.Errorf("that is no sentence: %s%s", out, complaints)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "baru.karantina.xlsx")); err != nil {
		t.Error(err)
	}
	status, out, complaints = publish(places, "2025", "2025-01-01", token, "--json")
	var report referenceReport
	if err := json.Unmarshal([]byte(out), &report); status != 0 || err != nil || !report.Already || report.Unchanged != 3 || report.Elsewhere != 1 {
		t.Errorf("--json: %d %v %s%s", status, err, out, complaints)
	}
	if status, _, complaints := runs(t, "rebuild", database); status != 0 {
		t.Fatal(complaints)
	}
	if status, out, complaints := runs(t, "reference", "list", database); status != 0 || !strings.Contains(out, "wilayah       2025-01-01        3  2025") {
		t.Errorf("list: %d %s%s", status, out, complaints)
	}
	follow := file("ganti.csv", "Dari,Ke,Dasar,Tanggal\n99.01.03.2001,99.01.03.1001,Perda 5/2025,2026-01-05\n")
	if status, out, complaints := runs(t, "reference", "succeed", "wilayah", follow, "--year=2027", database, "--keyring="+keyring, token); status != 1 || !strings.Contains(out, "baris 2, kolom Ke: Kode 99.01.03.1001 tidak ada di edisi 2025") {
		t.Errorf("succeed: %d %s%s", status, out, complaints)
	}
}
