//go:build linux || darwin

package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/eventstore/localpg"
)

// idle is how long the shared cluster waits for another test process: long enough
// for the go tool to link the next package's tests on a slow machine.
const idle = 10 * time.Second

// A place is where processes that use the same programs meet. Who wants to come
// in holds the gate meanwhile; who is in holds users, shared, until it ends; the
// keeper holds keeper. The kernel drops the locks of a process that is killed.
type place struct {
	dir  string
	idle time.Duration
	bin  string
	fast bool // dir is in memory: copying a template's files is then quickest
}

func (p place) gate() string   { return p.dir + ".gate" }
func (p place) users() string  { return filepath.Join(p.dir, "users") }
func (p place) keeper() string { return filepath.Join(p.dir, "keeper") }
func (p place) url() string    { return filepath.Join(p.dir, "url") }
func (p place) data() string   { return filepath.Join(p.dir, "data") }

// meetingPlace returns the place of this user and these programs.
func meetingPlace(programs localpg.Programs) place {
	base, fast := "/dev/shm", true
	if free(base) < 512<<20 {
		base, fast = os.TempDir(), false
	}
	sum := sha256.Sum256([]byte(programs.Folder + " " + programs.Version))
	name := "runut-pgtest-" + strconv.Itoa(os.Getuid()) + "-" + hex.EncodeToString(sum[:4])
	return place{dir: filepath.Join(base, name), idle: idle, bin: programs.Folder, fast: fast}
}

// free returns how many bytes a folder's file system has left for us, 0 where
// there is no such folder.
func free(folder string) uint64 {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0
	}
	return stat.Bavail * uint64(stat.Bsize)
}

// join returns the shared server, having it started when nobody has yet.
func join() (*server, error) {
	if url := os.Getenv("RUNUT_TEST_DATABASE_URL"); url != "" {
		return given(url)
	}
	programs, err := localpg.Find(context.Background(), find())
	if err != nil {
		return nil, err
	}
	p := meetingPlace(programs)
	url, err := p.enter()
	if err != nil {
		return nil, err
	}
	s := &server{url: url}
	if p.fast {
		s.strategy = " strategy file_copy"
	}
	return s, nil
}

// enter makes this process a user of the place until it ends.
func (p place) enter() (url string, err error) {
	gate, err := p.passGate()
	if err != nil {
		return "", err
	}
	defer gate.Close()
	if err := p.makeDir(); err != nil {
		return "", err
	}
	users, err := open(p.users())
	if err != nil {
		return "", err
	}
	if err := flock(users, syscall.LOCK_SH); err != nil {
		return "", err
	}
	inUse = append(inUse, users)
	return p.server()
}

// server returns the URL of the cluster once it answers, starting a keeper where
// there is none. It answers at once unless PostgreSQL or the keeper has just been
// killed.
func (p place) server() (url string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		kept, err := p.isKept()
		if err != nil {
			return "", err
		}
		if !kept {
			url, err = p.startKeeper()
			// A keeper that has just ended may still be letting its folder go.
			if !errors.Is(err, &domain.Error{Kind: domain.Conflict, Code: "postgres.in_use"}) {
				return url, err
			}
		} else if url, err = p.answer(ctx); err == nil {
			return url, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("the shared test cluster does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// answer returns the URL that the keeper wrote if the server there answers.
func (p place) answer(ctx context.Context) (url string, err error) {
	text, err := os.ReadFile(p.url())
	if err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, string(text))
	if err != nil {
		return "", err
	}
	return string(text), conn.Close(ctx)
}

// passGate locks the gate. A keeper that ends removes it, so what was waited for
// may be a file that is no longer there; then there is a new gate to wait at.
func (p place) passGate() (*os.File, error) {
	for {
		f, err := open(p.gate())
		if err != nil {
			return nil, err
		}
		if err := flock(f, syscall.LOCK_EX); err != nil {
			f.Close()
			return nil, err
		}
		locked, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		if there, err := os.Stat(p.gate()); err == nil && os.SameFile(locked, there) {
			return f, nil
		}
		f.Close()
	}
}

// inUse keeps the files that hold this process's shared locks from being collected
// and closed.
var inUse []*os.File

func (p place) makeDir() error {
	if err := os.Mkdir(p.dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(p.dir)
	if err != nil {
		return err
	}
	if stat := info.Sys().(*syscall.Stat_t); !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s is somebody else's", p.dir)
	}
	return os.Chmod(p.dir, 0o711) // as root, PostgreSQL is somebody else
}

// isKept reports whether a keeper is alive. A PostgreSQL alone is not enough:
// nobody would stop it.
func (p place) isKept() (bool, error) {
	f, err := open(p.keeper())
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// startKeeper has this very program run again as the keeper, apart from the
// terminal and from the pipes of "go test", which would wait for it to end.
func (p place) startKeeper() (url string, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	order, err := json.Marshal(keeperOrder{Dir: p.dir, Bin: p.bin, Idle: p.idle})
	if err != nil {
		return "", err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer read.Close()
	c := exec.Command(program)
	c.Dir = "/"
	c.Env = append(os.Environ(), keeperVariable+"="+string(order))
	c.ExtraFiles = []*os.File{write}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = c.Start()
	write.Close()
	if err != nil {
		return "", fmt.Errorf("start the keeper of the test cluster: %w", err)
	}
	go c.Wait() // it usually outlives us
	read.SetReadDeadline(time.Now().Add(3 * time.Minute))
	var result keeperAnswer
	if err := json.NewDecoder(read).Decode(&result); err != nil {
		return "", fmt.Errorf("wait for the keeper of the test cluster: %w", err)
	}
	if result.Refusal != nil {
		return "", result.Refusal
	}
	if result.Error != "" {
		return "", errors.New(result.Error)
	}
	return result.URL, nil
}

func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}

// flock locks until the file is closed.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
