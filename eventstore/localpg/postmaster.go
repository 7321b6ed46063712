//go:build linux || darwin

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"runut/domain"
)

// A postmaster is a running PostgreSQL.
type postmaster struct {
	pid     int
	process *os.Process
	child   bool          // started by this process, not taken over
	logged  int64         // where its messages begin in the log
	gone    chan struct{} // closed when it has ended
}

const (
	look     = 20 * time.Millisecond // between two looks at something that cannot be waited for
	patience = time.Minute           // for what an old PostgreSQL may take to be gone
	deaf     = 5 * time.Second       // after which one that says nothing at all is asked to stop
)

// raise returns a PostgreSQL that answers: the one that runs on the cluster
// already, else a new one. It waits for an old one that is still starting,
// recovering, stopping or dying.
func (c *Cluster) raise(ctx context.Context) (*postmaster, error) {
	heard := time.Now()
	for asked := false; ; {
		old, mine := readPidFile(c.data())
		if mine {
			pm, err := c.adopt(ctx, old)
			if err == nil {
				return pm, nil
			}
			if isCode(err, notNow) {
				heard = time.Now()
			}
			if !asked && time.Since(heard) > deaf {
				asked = true
				syscall.Kill(old.pid, fastShutdown)
			}
		} else {
			pm, err := c.spawn(old.pid)
			if err != nil {
				return nil, err
			}
			err = c.await(ctx, pm)
			if err == nil {
				return pm, nil
			}
			if !errors.Is(err, errOldRemains) {
				return nil, err
			}
		}
		if time.Since(heard) > patience {
			return nil, c.broken(fmt.Sprintf("PostgreSQL (pid %d) neither answers nor ends", old.pid))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * look):
		}
	}
}

// What PostgreSQL refuses a connection with.
const (
	notNow        = "57P03" // starting, recovering or stopping
	wrongPassword = "28P01"
)

// errOldRemains is why a new PostgreSQL ended at once: something of the one
// before it is still there, and will soon be gone.
var errOldRemains = errors.New("the PostgreSQL before this one is not gone yet")

// broken refuses with what PostgreSQL said last.
func (c *Cluster) broken(said string) error {
	return domain.Refuse(domain.Unready, "postgres.broken", "said", said, "log", filepath.Join(c.dir, logName))
}

// spawn starts PostgreSQL without waiting for it to answer. stale is a pid left
// in the pid file that is known not to be a PostgreSQL of this cluster, or 0.
func (c *Cluster) spawn(stale int) (*postmaster, error) {
	log, err := c.openLog()
	if err != nil {
		return nil, err
	}
	command := exec.Command(c.Programs.path("postgres"), c.arguments()...)
	command.Dir = "/"
	command.Env = cleanEnvironment()
	if stale != 0 {
		// After a power cut the pid in the file may belong to any other process, and
		// PostgreSQL would wait for that one for ever. It takes the pid of its own
		// grandparent for a left-over, and goes on to check the shared memory, which
		// removing the file would prevent.
		command.Env = append(command.Env, "PG_GRANDPARENT_PID="+strconv.Itoa(stale))
	}
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = c.account.attributes()
	if !c.config.unbound {
		bind(command.SysProcAttr)
	}
	pm := &postmaster{child: true, gone: make(chan struct{})}
	if info, err := log.Stat(); err == nil {
		pm.logged = info.Size()
	}
	started := make(chan error)
	go func() {
		// The kernel ties the child to the thread that made it, so that thread must
		// live as long as the child: it is never unlocked, and ends with this goroutine.
		runtime.LockOSThread()
		defer log.Close()
		err := command.Start()
		started <- err
		if err != nil {
			return
		}
		command.Wait() // how it ended stands in the log
		close(pm.gone)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	pm.process, pm.pid = command.Process, command.Process.Pid
	return pm, nil
}

// arguments are the settings. What a crash may cost is stated even where it is
// PostgreSQL's default, so that a changed postgresql.conf cannot lower it; and
// the log holds no statement and no row, which could be personal.
func (c *Cluster) arguments() []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    port,
		"unix_socket_permissions": "0700",
		"max_connections":         "100",
		"shared_buffers":          "64MB",
		"fsync":                   "on",
		"synchronous_commit":      "on",
		"full_page_writes":        "on",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"log_checkpoints":         "off",
		"log_min_messages":        "log", // what the server does; not what clients get wrong
		"log_min_error_statement": "panic",
	}
	if c.config.Throwaway {
		settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"] = "off", "off", "off"
	}
	maps.Copy(settings, c.config.Settings)
	args := []string{"-D", c.data(), "-k", c.socket}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// openLog opens what PostgreSQL writes its messages to: a file, which unlike a
// pipe is still there when the program that opened it is not.
func (c *Cluster) openLog() (*os.File, error) {
	path := filepath.Join(c.dir, logName)
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
}

// await waits until a new PostgreSQL answers. Recovery after a crash may take long
// and is waited for; one that does not come up has been stopped when it returns.
func (c *Cluster) await(ctx context.Context, pm *postmaster) error {
	began, said := time.Now(), false
	for {
		err := c.ping(ctx)
		if err == nil {
			return nil
		}
		recovering := isCode(err, notNow)
		if recovering && !said && time.Since(began) > 3*time.Second {
			c.config.say("PostgreSQL sedang memulihkan diri dari log tulisnya …")
			said = true
		}
		if isCode(err, wrongPassword) || !recovering && time.Since(began) > patience {
			pm.halt(context.Background())
			return c.broken(err.Error())
		}
		select {
		case <-pm.gone:
			return c.whyGone(pm)
		case <-ctx.Done():
			pm.halt(context.Background())
			return ctx.Err()
		case <-time.After(look):
		}
	}
}

func isCode(err error, code string) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refused.Code == code
}

// whyGone reads from the log why a new PostgreSQL ended at once. The messages are
// in English because it runs with LC_ALL=C.
func (c *Cluster) whyGone(pm *postmaster) error {
	f, err := os.Open(filepath.Join(c.dir, logName))
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, pm.logged, 64<<10))
	if err != nil {
		return err
	}
	said := string(text)
	if strings.Contains(said, "lock file") && strings.Contains(said, "already exists") ||
		strings.Contains(said, "pre-existing shared memory block") {
		return errOldRemains
	}
	return c.broken(lastLines(said, 4))
}

// ping reports whether PostgreSQL answers as the cluster's own role.
func (c *Cluster) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// halt stops PostgreSQL with a checkpoint or, when limit ends first, as by a
// crash. It returns nil once it has ended in the first way.
func (pm *postmaster) halt(limit context.Context) error {
	pm.process.Signal(fastShutdown)
	select {
	case <-pm.gone:
		return nil
	case <-limit.Done():
	}
	pm.process.Signal(crashStop)
	select {
	case <-pm.gone:
		return fmt.Errorf("stop PostgreSQL: %w", limit.Err())
	case <-time.After(patience):
		return fmt.Errorf("PostgreSQL (pid %d) does not end", pm.pid)
	}
}
