//go:build linux || darwin

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// What stands in a data folder.
const (
	dataName     = "postgres"       // PostgreSQL's own folder
	socketName   = "socket"         // the folder of the socket
	lockName     = "runut.lock"     // held by the program, holds its pid
	logName      = "postgres.log"   // what PostgreSQL says, once rotated to .1
	passwordName = "runut.password" // inside dataName, so that the two stay together
	owningRole   = "runut"          // the cluster's superuser
	fastShutdown = syscall.SIGINT   // cut the connections, write a checkpoint, end
	crashStop    = syscall.SIGQUIT  // end at once; the next start recovers from the WAL
	maxLog       = 10 << 20         // bytes after which a start rotates the log
)

// A Cluster is a PostgreSQL that answers. Its exported methods may be called from
// several goroutines.
type Cluster struct {
	// Programs are what it runs on; zero for a server somebody else runs.
	Programs Programs
	// Adopted reports that Start found PostgreSQL running without its program.
	Adopted bool

	config   Config
	dir      string
	account  account
	socket   string
	password string
	lock     *os.File

	mu  sync.Mutex
	pid int // of the running postmaster; 0 while there is none
	err error

	closing chan struct{}
	limit   context.Context // how long a fast shutdown may take; set before closing is closed
	once    sync.Once
	kept    chan struct{} // closed when the keeper has ended
}

// Start returns a PostgreSQL that answers: the one at c.URL, else that of the
// cluster in c.Dir, which is made when there is none. A PostgreSQL that a killed
// program left running there is taken over.
//
// Refusals: those of [Find]; postgres.in_use when another program has the folder;
// postgres.foreign_data and postgres.folder_closed when the account that should
// run PostgreSQL cannot; postgres.broken when it does not start, with the last
// lines of its log.
//
// Only the start ends with ctx; what was started ends with [Cluster.Close].
func Start(ctx context.Context, c Config) (*Cluster, error) {
	if c.URL != "" {
		return borrow(ctx, c)
	}
	if c.Dir == "" {
		return nil, errors.New("localpg: Config.Dir is empty")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	if err := errors.Join(makeFolder(dir), checkOwner(dir)); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	cluster := &Cluster{config: c, dir: dir, lock: lock, closing: make(chan struct{}), kept: make(chan struct{})}
	if err := cluster.start(ctx); err != nil {
		dropSocketFolder(cluster.socket, dir)
		unlockFolder(lock)
		return nil, err
	}
	return cluster, nil
}

// Running reports whether PostgreSQL runs on the cluster in a data folder.
func Running(dir string) bool {
	_, mine := readPidFile(filepath.Join(dir, dataName))
	return mine
}

// makeFolder makes the data folder. Root's may be passed through by the account
// PostgreSQL will run as.
func makeFolder(dir string) error {
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	return os.MkdirAll(dir, mode)
}

func (c *Cluster) start(ctx context.Context) error {
	var err error
	if c.Programs, err = Find(ctx, c.config); err != nil {
		return err
	}
	choice := chooser{Config: c.config, programs: c.Programs, dir: c.dir, namespaces: hasNamespaces}
	if c.account, err = choice.choose(ctx); err != nil {
		return err
	}
	if err := c.initialise(ctx); err != nil {
		return err
	}
	password, err := os.ReadFile(c.data(passwordName))
	if err != nil {
		return fmt.Errorf("read the cluster's password: %w", err)
	}
	c.password = strings.TrimSpace(string(password))
	if c.socket, err = c.runningSocket(); err != nil {
		return err
	}
	if c.socket == "" {
		if c.socket, err = socketFolder(c.dir, c.account); err != nil {
			return fmt.Errorf("make the socket's folder: %w", err)
		}
	}
	pm, err := c.raise(ctx)
	if err != nil {
		return err
	}
	c.Adopted = !pm.child
	c.setRunning(pm.pid)
	go c.keep(pm)
	return nil
}

// data returns a path inside PostgreSQL's own folder.
func (c *Cluster) data(name ...string) string {
	return filepath.Join(append([]string{c.dir, dataName}, name...)...)
}

// Close stops PostgreSQL with a checkpoint, which cuts the connections that are
// left, and gives the folder free. When ctx ends first PostgreSQL is stopped as
// by a crash: nothing acknowledged is lost, the next start recovers, and Close
// returns the error of ctx. It never kills.
func (c *Cluster) Close(ctx context.Context) error {
	if c.config.URL != "" {
		return nil
	}
	c.once.Do(func() {
		c.limit = ctx
		close(c.closing)
	})
	<-c.kept
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Done returns a channel that is closed when PostgreSQL is gone for good: after
// Close, or because it died more often than it may be restarted. [Cluster.Err]
// then says which.
func (c *Cluster) Done() <-chan struct{} { return c.kept }

// Err returns why PostgreSQL is gone for good, or nil while it is not and after
// a clean Close.
func (c *Cluster) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Pid returns the process id of PostgreSQL's postmaster, 0 while there is none.
func (c *Cluster) Pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// Kill ends the postmaster by kill -9, as a crash would, for tests. The keeper
// then starts PostgreSQL again.
func (c *Cluster) Kill() error {
	pid := c.Pid()
	if pid == 0 {
		return errors.New("PostgreSQL is not running")
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

func (c *Cluster) setRunning(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid = pid
}
