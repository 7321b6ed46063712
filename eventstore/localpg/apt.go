//go:build linux || darwin

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// fromApt installs the distribution's PostgreSQL. It changes the machine, so it
// is the last rung, root's only, and says beforehand what it runs.
func (l ladder) fromApt(ctx context.Context) ([]string, error) {
	switch {
	case l.Offline:
		return nil, errors.New("offline")
	case l.NoInstall:
		return nil, errors.New("RUNUT_NO_INSTALL=1")
	case !l.root:
		return nil, errors.New("not root")
	}
	apt, err := lookProgram(l.path, "apt-get")
	if err != nil {
		return nil, err
	}
	restore, err := l.withoutMainCluster()
	if err != nil {
		return nil, err
	}
	defer restore()
	name := "postgresql"
	if l.major != 0 {
		name = fmt.Sprintf("postgresql-%d", l.major)
	}
	install := []string{"install", "-y", "--no-install-recommends", name}
	if err := l.run(ctx, apt, install...); err != nil {
		// a fresh container has no package lists yet
		if err := l.run(ctx, apt, "update"); err != nil {
			return nil, err
		}
		if err := l.run(ctx, apt, install...); err != nil {
			return nil, err
		}
	}
	return newestFirst(ctx, l.known), nil
}

// withoutMainCluster keeps Debian's package from making and starting a cluster
// of its own, which nobody asked for, while it is installed from here.
func (l ladder) withoutMainCluster() (restore func(), err error) {
	folder := filepath.Join(l.etc, "createcluster.d")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "runut.conf")
	if err := os.WriteFile(file, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return nil, err
	}
	return func() { os.Remove(file) }, nil
}

func (l ladder) run(ctx context.Context, apt string, args ...string) error {
	line := "apt-get " + strings.Join(args, " ")
	l.say("menjalankan sebagai root: " + line + " (cegah dengan RUNUT_NO_INSTALL=1)")
	c := exec.CommandContext(ctx, apt, args...)
	c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, lastLines(string(out), 3))
	}
	return nil
}
