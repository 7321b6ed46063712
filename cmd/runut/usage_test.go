package main

import (
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args   []string
		status int
		out    []string // what it prints
		err    []string // what it complains of
	}{
		{[]string{"--help"}, 0, []string{"dev", "serve", "migrate", "account", "follow", "workflow", "rebuild", "export", "import", "verify", "Runut menelusuri nasib usulan"}, nil},
		{[]string{"follow", "--help"}, 0, []string{"--group", "Nama kelompok", "Name of the group"}, nil},
		{[]string{"letters", "--help"}, 0, []string{"write", "send", "list", "Surat ke desa"}, nil},
		{[]string{"letters", "--out=x"}, 2, nil, []string{"--year"}},
		{[]string{"letters", "send", "--year=2027"}, 2, nil, []string{"--number-prefix"}},
		{[]string{"letters", "send", "--year=2027", "--number-prefix=1/", "--channel=merpati"}, 2, nil, []string{"--channel"}},
		{[]string{"letters", "--year=2027", "--out=x", "--data=/nowhere"}, 1, nil, []string{"/nowhere"}},
		{[]string{"minutes", "--data=/nowhere"}, 1, nil, []string{"/nowhere"}},
		{nil, 2, nil, []string{"runut: expected one of", "runut --help"}},
		{[]string{"--warna"}, 2, nil, []string{"runut: unknown flag --warna", "runut --help"}},
		{[]string{"follow", "--warna=merah"}, 2, nil, []string{"unknown flag --warna"}},
		{[]string{"tari"}, 2, nil, []string{"unexpected argument tari"}},
		{[]string{"--lang=fr", "dev"}, 2, nil, []string{"--lang", `"id","en"`}},
		{[]string{"workflow", "check", "/nowhere/definition.yaml"}, 2, nil, []string{"/nowhere/definition.yaml"}},
		{[]string{"serve"}, 1, nil, []string{"runut: ", "RUNUT_DATABASE_URL"}},
		{[]string{"serve", "--database-url=postgres://runut@127.0.0.1:1/runut"}, 1, nil, []string{"--tenant"}},
		{[]string{"reference", "import", "--help"}, 0, []string{"--edition", "--valid-from", "--dry-run", "RUNUT_TOKEN"}, nil},
		{[]string{"reference", "import", "reasons", "usage_test.go", "--edition=x", "--valid-from=2026-01-01"}, 2, nil, []string{"holidays"}},
		{[]string{"reference", "import", "opd", "usage_test.go", "--edition=x", "--valid-from=besok"}, 1, nil, []string{"besok"}},
		{[]string{"account", "list", "--data=/nowhere"}, 1, nil, []string{"/nowhere"}},
		{[]string{"--lang=en", "account", "list", "--data=/nowhere"}, 1, nil, []string{"/nowhere", "runut dev"}},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			status, out, complaints := runs(t, test.args...)
			if status != test.status {
				t.Errorf("status %d, want %d\n%s%s", status, test.status, out, complaints)
			}
			for _, want := range test.out {
				if !strings.Contains(out, want) {
					t.Errorf("it does not print %q:\n%s", want, out)
				}
			}
			for _, want := range test.err {
				if !strings.Contains(complaints, want) {
					t.Errorf("it does not complain of %q:\n%s", want, complaints)
				}
			}
			if test.status != 0 && out != "" {
				t.Errorf("a failure is printed among the results: %q", out)
			}
			if test.status == 1 && (strings.ContainsAny(complaints, "{}") || strings.Count(complaints, "\n") != 1) {
				t.Errorf("that is no sentence: %q", complaints)
			}
		})
	}
}
