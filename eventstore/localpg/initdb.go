//go:build linux || darwin

package localpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// clusterMajor returns the major version of the cluster in a folder, or 0 where
// there is none.
func clusterMajor(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := leadingNumber(string(text)) // "15\n", and "9.6\n" long ago
	if err != nil {
		return 0, fmt.Errorf("PG_VERSION of %s: %w", data, err)
	}
	return major, nil
}

// initialise makes the cluster if there is none. It grows under another name and
// is renamed when complete, so that an interruption leaves nothing half made.
func (c *Cluster) initialise(ctx context.Context) error {
	if _, err := os.Stat(c.data("PG_VERSION")); err == nil {
		return nil
	}
	if _, err := os.Stat(c.data()); err == nil {
		return fmt.Errorf("%s exists but is not a cluster of PostgreSQL: move it away", c.data())
	}
	c.config.say("menyiapkan klaster PostgreSQL " + c.Programs.Version + " di " + c.data() + " …")
	began := time.Now()
	unfinished, _ := fs.Glob(os.DirFS(c.dir), dataName+".new-*")
	for _, name := range unfinished {
		os.RemoveAll(filepath.Join(c.dir, name)) // never was a cluster
	}
	fresh, err := os.MkdirTemp(c.dir, dataName+".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	password := rand.Text()
	file := fresh + ".password"
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	if err := errors.Join(c.account.own(fresh), c.account.own(file)); err != nil {
		return err
	}
	if err := c.initdb(ctx, fresh, file); err != nil {
		return err
	}
	if err := os.Rename(file, filepath.Join(fresh, passwordName)); err != nil {
		return err
	}
	if err := os.Rename(fresh, c.data()); err != nil {
		return err
	}
	c.config.say(fmt.Sprintf("klaster siap (%.1f detik)", time.Since(began).Seconds()))
	return nil
}

func (c *Cluster) initdb(ctx context.Context, folder, passwordFile string) error {
	args := []string{"-D", folder, "-U", owningRole, "-E", "UTF8", "--locale=C",
		"-A", "scram-sha-256", "--pwfile=" + passwordFile, "--data-checksums"}
	if c.config.Throwaway {
		args = append(args, "--no-sync")
	}
	command := exec.CommandContext(ctx, c.Programs.path("initdb"), args...)
	command.Dir = "/"
	command.Env = cleanEnvironment()
	command.SysProcAttr = c.account.attributes()
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) } // it tidies up
	command.WaitDelay = 10 * time.Second
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(string(out), 5))
	}
	return nil
}

// cleanEnvironment is the environment without what steers PostgreSQL: PGPORT and
// PGDATA would otherwise leak into a cluster that is nobody else's business.
func cleanEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PG") && !strings.HasPrefix(entry, "LC_") && !strings.HasPrefix(entry, "LANG") {
			kept = append(kept, entry)
		}
	}
	return append(kept, "LC_ALL=C")
}
