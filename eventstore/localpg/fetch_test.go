//go:build linux || darwin

package localpg

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// An entry is a file of a package.
type entry struct {
	name, content string
	mode          int64
}

const fakePostgres = "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n"

var wholePackage = []entry{
	{"package/package.json", "{}", 0o644},
	{"package/native/bin/initdb", "#!/bin/sh\n", 0o755},
	{"package/native/bin/postgres", fakePostgres, 0o755},
	{"package/native/lib/libicuuc.so.60.2", "library", 0o644},
	{"package/native/pg-symlinks.json", `[{"source":"native/lib/libicuuc.so.60.2","target":"native/lib/libicuuc.so.60"}]`, 0o644},
}

func archive(t *testing.T, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// npmWith returns a ladder whose npm hands out what a registry serves, pinned to
// what it should serve.
func npmWith(t *testing.T, served, pinned []byte) ladder {
	t.Helper()
	l := machine(t)
	sum := sha512.Sum512(pinned)
	l.release = release{postgres: "18.4", major: 18, version: "18.4.0-beta.17", packages: map[string][2]string{
		runtime.GOOS + "/" + runtime.GOARCH: {"@example/programs", base64.StdEncoding.EncodeToString(sum[:])},
	}}
	if err := os.MkdirAll(l.path, 0o755); err != nil {
		t.Fatal(err)
	}
	store := filepath.Join(l.path, "served")
	if err := os.WriteFile(store, served, 0o644); err != nil {
		t.Fatal(err)
	}
	script(t, filepath.Join(l.path, "npm"), `
		echo "$*" >> `+l.path+`/calls
		while [ "$1" != --pack-destination ]; do shift; done
		cp `+store+` "$2/example-programs-18.4.0-beta.17.tgz"`)
	return l
}

func TestNPMsProgramsAreUnpackedIntoTheCache(t *testing.T) {
	whole := archive(t, wholePackage)
	l := npmWith(t, whole, whole)
	var said string
	l.Say = func(step string) { said += step + "\n" }
	for range 2 {
		p, err := l.climb(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(l.cache, "postgresql-18.4.0-beta.17", "bin"); p.Folder != want || p.Version != "18.4" {
			t.Errorf("got %+v, want folder %s", p, want)
		}
	}
	linked, err := os.ReadFile(filepath.Join(l.cache, "postgresql-18.4.0-beta.17", "lib", "libicuuc.so.60"))
	if err != nil || string(linked) != "library" {
		t.Errorf("the linked library is %q, %v", linked, err)
	}
	calls, err := os.ReadFile(filepath.Join(l.path, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(calls), "\n"); got != 1 {
		t.Errorf("npm was called %d times, want once:\n%s", got, calls)
	}
	if got := string(calls); !strings.HasPrefix(got, "pack ") || !strings.Contains(got, "--ignore-scripts") ||
		!strings.HasSuffix(got, " @example/programs@18.4.0-beta.17\n") {
		t.Errorf("npm was called with %q", got)
	}
	if !strings.Contains(said, "lewat npm (@example/programs@18.4.0-beta.17)") {
		t.Errorf("said %q", said)
	}
	if left, err := filepath.Glob(filepath.Join(l.cache, "fetch-*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestWhatNPMBringsIsCheckedBeforeItIsUnpacked(t *testing.T) {
	whole := archive(t, wholePackage)
	with := func(e entry) []byte { return archive(t, append(wholePackage[:len(wholePackage):len(wholePackage)], e)) }
	for name, test := range map[string]struct {
		served, pinned []byte
		why            string
	}{
		"another checksum": {append(slices.Clone(whole), 0), whole, "SHA-512"},
		"a path that leads out": {
			with(entry{"package/native/../../../evil", "x", 0o644}), nil, "escapes"},
		"a link that leads out": {archive(t, []entry{
			{"package/native/bin/initdb", "#!/bin/sh\n", 0o755},
			{"package/native/bin/postgres", fakePostgres, 0o755},
			{"package/native/pg-symlinks.json", `[{"source":"native/../../../etc/passwd","target":"native/lib/x"}]`, 0o644},
		}), nil, "leads outside"},
		"not an archive":      {[]byte("<html>proxy error</html>"), nil, "gzip"},
		"programs for others": {archive(t, wholePackage[:2]), nil, "postgres --version"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.pinned == nil {
				test.pinned = test.served
			}
			l := npmWith(t, test.served, test.pinned)
			_, err := l.climb(t.Context())
			refusal := wantRefusal(t, err, "postgres.missing")
			var observed string
			for _, check := range refusal.Checks {
				if check.Name == "npm" {
					observed = check.Observed
				}
			}
			if !strings.Contains(observed, test.why) {
				t.Errorf("observed %q, want %q", observed, test.why)
			}
			left, err := os.ReadDir(l.cache)
			if err != nil || len(left) > 0 {
				t.Errorf("left %v, %v", left, err)
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(l.cache), "evil")); err == nil {
				t.Error("a file was written outside the cache")
			}
		})
	}
}

func TestBrokenProgramsInTheCacheAreReplaced(t *testing.T) {
	whole := archive(t, wholePackage)
	l := npmWith(t, whole, whole)
	torn := filepath.Join(l.cache, "postgresql-18.4.0-beta.17", "bin")
	if err := os.MkdirAll(torn, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(torn, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := l.climb(t.Context()); err != nil || p.Version != "18.4" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestNPMIsNotAskedForAnotherMajorVersionOrOffline(t *testing.T) {
	whole := archive(t, wholePackage)
	for want, change := range map[string]func(*ladder){
		"postgres.wrong_major": func(l *ladder) { l.major = 16 },
		"postgres.missing":     func(l *ladder) { l.Offline = true },
	} {
		l := npmWith(t, whole, whole)
		change(&l)
		_, err := l.climb(t.Context())
		wantRefusal(t, err, want)
		if _, err := os.Stat(filepath.Join(l.path, "calls")); err == nil {
			t.Error("npm was called")
		}
	}
}

func TestWhatNPMSaysIsReported(t *testing.T) {
	l := npmWith(t, nil, nil)
	script(t, filepath.Join(l.path, "npm"), "echo npm error code ENOTFOUND >&2; exit 1")
	_, err := l.climb(t.Context())
	if refusal := wantRefusal(t, err, "postgres.missing"); !strings.Contains(refusal.Error(), "ENOTFOUND") {
		t.Errorf("refused with %v", refusal)
	}
}

// Every platform has its pin: a SHA-512 that is one.
func TestThePinsAreWellFormed(t *testing.T) {
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
		pack, ok := pinned.packages[platform]
		sum, err := base64.StdEncoding.DecodeString(pack[1])
		if !ok || err != nil || len(sum) != sha512.Size {
			t.Errorf("%s: %v, %v", platform, pack, err)
		}
	}
	if !strings.HasPrefix(pinned.version, pinned.postgres+".") {
		t.Errorf("version %s is not of PostgreSQL %s", pinned.version, pinned.postgres)
	}
}

// The real thing: fetches some 24 MB. Run by .ci/run.
func TestNpmBringsAPostgreSQLThatRuns(t *testing.T) {
	if os.Getenv("RUNUT_TEST_NETWORK") != "1" {
		t.Skip("fetches PostgreSQL through npm: run with RUNUT_TEST_NETWORK=1")
	}
	t.Parallel()
	dir := folder(t)
	l := Config{}.ladder(0)
	l.cache = filepath.Join(dir, "cache")
	fetched, err := l.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, Config{Dir: filepath.Join(dir, "data"), Bin: fetched})
	if got := query[string](t, c, `show server_version`); !strings.HasPrefix(got, pinned.postgres) {
		t.Errorf("server version %s, want %s", got, pinned.postgres)
	}
	query[string](t, c, `select upper('ä' collate "und-x-icu")`) // the library behind the links
}
