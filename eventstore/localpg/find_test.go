//go:build linux || darwin

package localpg

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
)

// programs makes a folder with programs that only know their version.
func programs(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script(t, filepath.Join(dir, "initdb"), "exit 1")
	script(t, filepath.Join(dir, "postgres"), `echo "postgres (PostgreSQL) `+version+` (Debian)"`)
	return dir
}

func script(t *testing.T, path, body string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// machine is a ladder on which nothing is found.
func machine(t *testing.T) ladder {
	dir := t.TempDir()
	return ladder{
		Config: Config{Dir: filepath.Join(dir, "data")},
		path:   filepath.Join(dir, "path"),
		known:  []string{filepath.Join(dir, "known", "*", "bin")},
		cache:  filepath.Join(dir, "cache"),
		etc:    filepath.Join(dir, "etc"),
	}
}

func TestTheLadderIsClimbedInOrder(t *testing.T) {
	l := machine(t)
	root := filepath.Dir(l.path)
	// from the last rung to the first: each one found before those below it
	for _, rung := range []struct {
		folder, version string
	}{
		{filepath.Join(l.cache, "postgresql-18.4.0", "bin"), "18.4"},
		{filepath.Join(root, "known", "9", "bin"), "9.6.24"}, // too old to serve
		{filepath.Join(root, "known", "15", "bin"), "15.2"},
		{filepath.Join(root, "known", "16", "bin"), "16.1"}, // newest first
		{l.path, "15.3"},
		{filepath.Join(root, "given"), "17beta2"},
	} {
		programs(t, rung.folder, rung.version)
		if filepath.Base(rung.folder) == "given" {
			l.Bin = rung.folder
		}
		if rung.version == "9.6.24" {
			continue
		}
		p, err := l.climb(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(rung.version+" "+rung.folder, p.Version+" "+p.Folder); d != "" {
			t.Error(d)
		}
	}
}

func TestAClusterAsksForItsOwnMajorVersion(t *testing.T) {
	l := machine(t)
	root := filepath.Dir(l.path)
	programs(t, l.path, "17.1")
	programs(t, filepath.Join(root, "known", "16", "bin"), "16.1")
	l.major = 16
	p, err := l.climb(t.Context())
	if err != nil || p.Major != 16 {
		t.Errorf("got %+v, %v", p, err)
	}

	l.major = 15
	_, err = l.climb(t.Context())
	refusal := wantRefusal(t, err, "postgres.wrong_major")
	want := map[string]string{"have": "15", "found": "17.1, 16.1", "folder": filepath.Join(l.Dir, dataName)}
	if d := cmp.Diff(want, refusal.Params); d != "" {
		t.Error(d)
	}

	l.Bin = l.path
	_, err = l.climb(t.Context())
	if got := wantRefusal(t, err, "postgres.wrong_major").Params["found"]; got != "17.1" {
		t.Errorf("found %s", got)
	}
}

func TestWithoutPostgreSQLEveryWayOutIsNamed(t *testing.T) {
	l := machine(t)
	l.NoInstall = true
	l.root = true
	_, err := l.climb(t.Context())
	refusal := wantRefusal(t, err, "postgres.missing")
	got := map[string]string{}
	for _, check := range refusal.Checks {
		if check.OK {
			t.Errorf("%s held", check.Name)
		}
		got[check.Name] = check.Observed
	}
	for name, part := range map[string]string{
		"RUNUT_DATABASE_URL": "-", "RUNUT_PG_BIN": "-", "PATH": "-", "folders": "-", "cache": "-",
		"npm": "no package", "apt-get": "RUNUT_NO_INSTALL=1",
	} {
		if observed, ok := got[name]; !ok || !strings.Contains(observed, part) {
			t.Errorf("%s: observed %q, want %q", name, observed, part)
		}
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %s", name, err)
		}
	}
	if refusal.Kind != domain.Unready {
		t.Errorf("kind %s", refusal.Kind)
	}
}

func TestAFolderThatWasNamedIsUsedOrRefused(t *testing.T) {
	l := machine(t)
	programs(t, l.path, "17.1") // would do, but was not named
	root := filepath.Dir(l.path)
	broken := programs(t, filepath.Join(root, "broken"), "16.1")
	script(t, filepath.Join(broken, "postgres"), "echo cannot open shared object >&2; exit 127")
	for folder, why := range map[string]string{
		filepath.Join(root, "nowhere"): "no such file",
		broken:                         "cannot open shared object",
		programs(t, filepath.Join(root, "old"), "13.1"):          "13.1",
		programs(t, filepath.Join(root, "odd"), "develop-later"): "develop-later",
	} {
		l.Bin = folder
		_, err := l.climb(t.Context())
		refusal := wantRefusal(t, err, "postgres.bin_unusable")
		if refusal.Params["folder"] != folder || !strings.Contains(refusal.Params["why"], why) {
			t.Errorf("refused with %v, want %q", refusal.Params, why)
		}
	}
}

func TestProgramsThatDoNotRunArePassedOver(t *testing.T) {
	l := machine(t)
	programs(t, l.path, "17.1")
	script(t, filepath.Join(l.path, "postgres"), "echo wrong machine >&2; exit 126")
	_, err := l.climb(t.Context())
	refusal := wantRefusal(t, err, "postgres.missing")
	for _, check := range refusal.Checks {
		if check.Name == "PATH" && !strings.Contains(check.Observed, "wrong machine") {
			t.Errorf("observed %q", check.Observed)
		}
	}
}

func TestAptGetIsAnnouncedAndMakesNoClusterOfItsOwn(t *testing.T) {
	l := machine(t)
	l.root = true
	var said []string
	l.Say = func(step string) { said = append(said, step) }
	if err := os.MkdirAll(l.path, 0o755); err != nil {
		t.Fatal(err)
	}
	root := filepath.Dir(l.path)
	ready := programs(t, filepath.Join(root, "package"), "15.9")
	// fails like a fresh container until the package lists are there
	script(t, filepath.Join(l.path, "apt-get"), `
		cd `+root+`
		echo "$DEBIAN_FRONTEND $*" >> calls
		case "$1" in
		update) touch lists ;;
		install) test -e lists || { echo "Unable to locate package" >&2; exit 100; }
			cat etc/createcluster.d/runut.conf >> calls
			mkdir -p known/15 && cp -R `+ready+` known/15/bin ;;
		esac`)
	p, err := l.climb(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.Version != "15.9" {
		t.Errorf("got %+v", p)
	}
	calls, err := os.ReadFile(filepath.Join(root, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	want := `noninteractive install -y --no-install-recommends postgresql
noninteractive update
noninteractive install -y --no-install-recommends postgresql
create_main_cluster = false
`
	if d := cmp.Diff(want, string(calls)); d != "" {
		t.Error(d)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "apt-get install") || !strings.Contains(all, "RUNUT_NO_INSTALL=1") {
		t.Errorf("said %q", all)
	}
	if _, err := os.Stat(filepath.Join(l.etc, "createcluster.d", "runut.conf")); !os.IsNotExist(err) {
		t.Errorf("the setting is still there: %v", err)
	}
}

func TestAptGetIsRootsAloneAndCanBeForbidden(t *testing.T) {
	for why, change := range map[string]func(*ladder){
		"not root":           func(l *ladder) { l.root = false },
		"RUNUT_NO_INSTALL=1": func(l *ladder) { l.NoInstall = true },
		"offline":            func(l *ladder) { l.Offline = true },
	} {
		l := machine(t)
		l.root = true
		change(&l)
		if err := os.MkdirAll(l.path, 0o755); err != nil {
			t.Fatal(err)
		}
		called := filepath.Join(l.path, "called")
		script(t, filepath.Join(l.path, "apt-get"), "touch "+called)
		_, err := l.climb(t.Context())
		refusal := wantRefusal(t, err, "postgres.missing")
		last := refusal.Checks[len(refusal.Checks)-1]
		if last.Name != "apt-get" || last.Observed != why {
			t.Errorf("last check %+v, want %q", last, why)
		}
		if _, err := os.Stat(called); err == nil {
			t.Errorf("apt-get was called although %s", why)
		}
	}
}

func TestASearchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := machine(t).climb(ctx); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
}
