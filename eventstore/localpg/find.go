//go:build linux || darwin

package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// Find returns the programs a cluster in c.Dir would run on: of the cluster's own
// major version where there is a cluster already, else the first of at least
// version [Oldest] on the ladder. It may fetch or install them, as c allows. It
// starts nothing, and c.URL is not looked at.
//
// Refusals: postgres.missing, postgres.wrong_major, postgres.bin_unusable.
func Find(ctx context.Context, c Config) (Programs, error) {
	if c.Dir == "" {
		return c.ladder(0).climb(ctx)
	}
	major, err := clusterMajor(filepath.Join(c.Dir, dataName))
	if err != nil {
		return Programs{}, err
	}
	return c.ladder(major).climb(ctx)
}

// A ladder is a Config together with what it finds on this machine, as values
// that a test can put elsewhere.
type ladder struct {
	Config
	major   int      // wanted; 0 for any
	path    string   // list of folders, as in PATH
	known   []string // patterns of folders
	cache   string
	release release
	root    bool
	etc     string // configuration of Debian's PostgreSQL packages
}

func (c Config) ladder(major int) ladder {
	return ladder{
		Config: c, major: major,
		path: os.Getenv("PATH"), known: knownFolders, cache: cacheFolder(),
		release: pinned, root: os.Geteuid() == 0, etc: "/etc/postgresql-common",
	}
}

// knownFolders is where packages put the server's programs, mostly out of PATH.
var knownFolders = []string{
	"/usr/lib/postgresql/*/bin",      // Debian, Ubuntu
	"/usr/lib/postgresql*/bin",       // SUSE
	"/usr/pgsql-*/bin",               // Red Hat, from PostgreSQL's own packages
	"/usr/libexec/postgresql*",       // Alpine
	"/usr/local/pgsql/bin",           // built from source
	"/opt/local/lib/postgresql*/bin", // MacPorts
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// cacheFolder is where fetched programs are kept. Root's must not lie under /root,
// which the account that will run them may not enter.
func cacheFolder() string {
	if os.Geteuid() == 0 {
		return "/var/cache/runut"
	}
	folder, err := os.UserCacheDir()
	if err != nil {
		folder = os.TempDir()
	}
	return filepath.Join(folder, "runut")
}

// A rung yields folders that may hold the programs, best first, or says why it
// has none.
type rung struct {
	name string
	want string
	look func(context.Context) ([]string, error)
}

func (l ladder) climb(ctx context.Context) (Programs, error) {
	if l.Bin != "" {
		return l.given(ctx)
	}
	var seen []Programs
	checks := []domain.Check{
		{Name: "RUNUT_DATABASE_URL", Want: "postgres://…", Observed: "-"},
		{Name: "RUNUT_PG_BIN", Want: "initdb, postgres", Observed: "-"},
	}
	for _, r := range []rung{
		{"PATH", "initdb, postgres", l.onPath},
		{"folders", "initdb, postgres", l.inKnownFolders},
		{"cache", "initdb, postgres", l.inCache},
		{"npm", "npm", l.fromNPM},
		{"apt-get", "root, apt-get, RUNUT_NO_INSTALL≠1", l.fromApt},
	} {
		folders, err := r.look(ctx)
		if ctx.Err() != nil {
			return Programs{}, fmt.Errorf("look for PostgreSQL: %w", ctx.Err())
		}
		check := domain.Check{Name: r.name, Want: r.want, Observed: "-"}
		if err != nil {
			check.Observed = err.Error()
		}
		var found []string
		for _, folder := range folders {
			p, err := inspect(ctx, folder)
			if err != nil {
				found = append(found, folder+": "+err.Error())
				continue
			}
			if l.fits(p) {
				l.found(p)
				return p, nil
			}
			seen = append(seen, p)
			found = append(found, p.Folder+": "+p.Version)
		}
		if len(found) > 0 {
			check.Observed = strings.Join(found, "; ")
		}
		checks = append(checks, check)
	}
	if l.major != 0 {
		return Programs{}, l.wrongMajor(seen, checks)
	}
	missing := domain.Refuse(domain.Unready, "postgres.missing", "oldest", strconv.Itoa(Oldest))
	missing.Checks = checks
	return Programs{}, missing
}

// given returns the programs of the folder the caller named. Falling back on
// others would hide a slip of the pen.
func (l ladder) given(ctx context.Context) (Programs, error) {
	p, err := inspect(ctx, l.Bin)
	if err != nil {
		return Programs{}, domain.Refuse(domain.Invalid, "postgres.bin_unusable", "folder", l.Bin, "why", err.Error())
	}
	if l.fits(p) {
		l.found(p)
		return p, nil
	}
	if l.major != 0 {
		return Programs{}, l.wrongMajor([]Programs{p}, nil)
	}
	return Programs{}, domain.Refuse(domain.Invalid, "postgres.bin_unusable", "folder", l.Bin,
		"why", fmt.Sprintf("PostgreSQL %s < %d", p.Version, Oldest))
}

func (l ladder) found(p Programs) { l.say("PostgreSQL " + p.Version + " ditemukan di " + p.Folder) }

func (l ladder) fits(p Programs) bool {
	if l.major != 0 {
		return p.Major == l.major
	}
	return p.Major >= Oldest
}

// wrongMajor refuses to touch a cluster none of the found programs can read.
func (l ladder) wrongMajor(seen []Programs, checks []domain.Check) error {
	var found []string
	for _, p := range seen {
		found = append(found, p.Version)
	}
	e := domain.Refuse(domain.Conflict, "postgres.wrong_major",
		"folder", filepath.Join(l.Dir, dataName),
		"have", strconv.Itoa(l.major),
		"found", cmp.Or(strings.Join(found, ", "), "-"))
	e.Checks = checks
	return e
}

func (l ladder) onPath(context.Context) ([]string, error) {
	var folders []string
	for _, folder := range filepath.SplitList(l.path) {
		program, err := filepath.EvalSymlinks(filepath.Join(folder, "initdb"))
		if err == nil && !slices.Contains(folders, filepath.Dir(program)) {
			folders = append(folders, filepath.Dir(program))
		}
	}
	return folders, nil
}

func (l ladder) inKnownFolders(ctx context.Context) ([]string, error) {
	return newestFirst(ctx, l.known), nil
}

func (l ladder) inCache(ctx context.Context) ([]string, error) {
	return newestFirst(ctx, []string{filepath.Join(l.cache, "postgresql-*", "bin")}), nil
}

// newestFirst returns the folders that match one of the patterns and hold usable
// programs, newest version first.
func newestFirst(ctx context.Context, patterns []string) []string {
	var found []Programs
	for _, pattern := range patterns {
		folders, _ := filepath.Glob(pattern) // fails on a malformed pattern only
		for _, folder := range folders {
			if p, err := inspect(ctx, folder); err == nil {
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Programs) int { return b.Major - a.Major })
	folders := make([]string, len(found))
	for i, p := range found {
		folders[i] = p.Folder
	}
	return folders
}

// inspect asks the programs in a folder for their version, which also shows that
// they run on this machine.
func inspect(ctx context.Context, folder string) (Programs, error) {
	p := Programs{Folder: folder}
	if _, err := os.Stat(p.path("initdb")); err != nil {
		return Programs{}, errors.New("initdb: " + reason(err))
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, p.path("postgres"), "--version").CombinedOutput()
	if err != nil {
		return Programs{}, fmt.Errorf("postgres --version: %w %s", err, strings.TrimSpace(string(out)))
	}
	// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "… 19beta1"
	words := strings.Fields(string(out))
	if len(words) < 3 {
		return Programs{}, fmt.Errorf("postgres --version: %q", out)
	}
	p.Version = words[2]
	if p.Major, err = leadingNumber(p.Version); err != nil {
		return Programs{}, fmt.Errorf("postgres --version: %q", out)
	}
	return p, nil
}

// leadingNumber reads the 15 of "15.18" and the 19 of "19beta1".
func leadingNumber(version string) (int, error) {
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || '9' < r })
	if end < 0 {
		end = len(version)
	}
	return strconv.Atoi(version[:end])
}

// reason cuts the operation and the path, which the reader knows already, from a
// file error.
func reason(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// lookProgram finds a program in a PATH-like list.
func lookProgram(path, name string) (string, error) {
	for _, folder := range filepath.SplitList(path) {
		if folder == "" {
			continue
		}
		if program, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return program, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}
