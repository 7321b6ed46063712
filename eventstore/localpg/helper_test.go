//go:build linux || darwin

package localpg

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// The tests that kill a program run this test binary again as that program.
const programVariable = "RUNUT_LOCALPG_PROGRAM"

type program struct {
	Dir     string
	Unbound bool // PostgreSQL outlives it, as on macOS
	Write   bool // insert numbers, one a transaction, and say which are acknowledged
}

func TestMain(m *testing.M) {
	if text := os.Getenv(programVariable); text != "" {
		var p program
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			panic(err)
		}
		if err := p.main(); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if made.dir != "" {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

func (p program) main() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	config := testConfig(p.Dir)
	config.unbound = p.Unbound
	cluster, err := Start(ctx, config)
	if err != nil {
		return err
	}
	fmt.Println("ready", cluster.Pid())
	if p.Write {
		writeNumbers(ctx, cluster)
	}
	<-ctx.Done()
	limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return cluster.Close(limit)
}

// writeNumbers inserts ever larger numbers and prints each that was acknowledged.
// It goes on over broken connections; a number with an unknown outcome is skipped.
func writeNumbers(ctx context.Context, c *Cluster) {
	var conn *pgx.Conn
	for n := time.Now().UnixNano(); ctx.Err() == nil; n++ {
		if conn == nil || conn.IsClosed() {
			var err error
			if conn, err = pgx.Connect(ctx, c.URL("postgres")); err != nil {
				conn = nil
				time.Sleep(look) // each attempt costs a process
				continue
			}
		}
		if _, err := conn.Exec(ctx, `create table if not exists numbers (n bigint primary key)`); err != nil {
			continue
		}
		if _, err := conn.Exec(ctx, `insert into numbers (n) values ($1)`, n); err == nil {
			fmt.Println("acknowledged", n)
		}
	}
}

// testConfig finds PostgreSQL as the environment says, but without the network.
func testConfig(dir string) Config {
	config := FromEnvironment()
	config.URL, config.Dir, config.Offline = "", dir, true
	return config
}

// A running program is one the test has started and may kill.
type running struct {
	*exec.Cmd
	postmaster int
	ended      chan struct{}

	mu           sync.Mutex
	acknowledged []int64
}

// run starts p and returns when its cluster answers.
func run(t *testing.T, p program, change ...func(*exec.Cmd)) *running {
	t.Helper()
	r, first := launch(t, p, change...)
	word, rest, _ := strings.Cut(first, " ")
	pid, err := strconv.Atoi(rest)
	if word != "ready" || err != nil {
		t.Fatalf("the program said %q", first)
	}
	r.postmaster = pid
	return r
}

// launch starts p and returns the first line it says.
func launch(t *testing.T, p program, change ...func(*exec.Cmd)) (*running, string) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Cmd: exec.Command(os.Args[0]), ended: make(chan struct{})}
	r.Env = append(os.Environ(), programVariable+"="+string(text))
	r.Stderr = os.Stderr
	for _, f := range change {
		f(r.Cmd)
	}
	read, write := io.Pipe()
	r.Stdout = write
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.Wait()
		write.Close()
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.Process.Kill()
		<-r.ended
		sweep(p.Dir)
	})
	lines := bufio.NewScanner(read)
	lines.Scan()
	first := lines.Text()
	go func() {
		for lines.Scan() {
			n, err := strconv.ParseInt(strings.TrimPrefix(lines.Text(), "acknowledged "), 10, 64)
			if err == nil {
				r.mu.Lock()
				r.acknowledged = append(r.acknowledged, n)
				r.mu.Unlock()
			}
		}
	}()
	return r, first
}

func (r *running) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.acknowledged)
}

// kill ends the program by kill -9 and waits until it has ended.
func (r *running) kill() {
	r.Process.Kill()
	<-r.ended
}

// sweep ends what a failed test has left running on a folder.
func sweep(dir string) {
	for range 500 {
		file, mine := readPidFile(filepath.Join(dir, dataName))
		if !mine {
			return
		}
		syscall.Kill(file.pid, crashStop)
		time.Sleep(look)
	}
}

// base is where the tests keep their clusters: in memory where that can be had. A
// killed process loses no more there than on disk.
var base = func() string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &stat); err == nil && stat.Bavail*uint64(stat.Bsize) > 512<<20 {
		return "/dev/shm"
	}
	return os.TempDir()
}()

// folder returns an empty folder that PostgreSQL can enter, root's or not. Its
// name is short enough for a socket.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(base, "localpg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sweep(dir)
		os.RemoveAll(dir)
	})
	return dir
}

// executable returns a copy of this test binary that anybody may run: the go tool's
// own is in a closed folder.
func executable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-program-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "program")
	if out, err := exec.Command("cp", os.Args[0], path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// made is a stopped cluster that tests copy, which is quicker than initdb.
var made struct {
	once sync.Once
	dir  string
	err  error
}

// clusterFolder returns a data folder with a cluster that is stopped.
func clusterFolder(t *testing.T) string {
	t.Helper()
	made.once.Do(func() {
		if made.dir, made.err = os.MkdirTemp(base, "localpg-made-"); made.err != nil {
			return
		}
		if made.err = os.Chmod(made.dir, 0o711); made.err != nil {
			return
		}
		var c *Cluster
		if c, made.err = Start(context.Background(), testConfig(made.dir)); made.err == nil {
			made.err = c.Close(context.Background())
		}
	})
	if made.err != nil {
		t.Fatal(made.err)
	}
	dir := folder(t)
	if out, err := exec.Command("cp", "-pR", made.dir+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the cluster: %v: %s", err, out)
	}
	return dir
}

// start starts a cluster and closes it when the test is over.
func start(t *testing.T, config Config) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

func query[T any](t *testing.T, c *Cluster, sql string, args ...any) T {
	t.Helper()
	value, err := ask[T](c, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func ask[T any](c *Cluster, sql string, args ...any) (T, error) {
	var value T
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return value, err
	}
	defer conn.Close(ctx)
	return value, conn.QueryRow(ctx, sql, args...).Scan(&value)
}

// eventually waits, long, for something to become true.
func eventually(t *testing.T, what string, isTrue func() bool) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if isTrue() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

// wantRefusal checks the code of a refusal and returns it.
func wantRefusal(t *testing.T, err error, code string) *domain.Error {
	t.Helper()
	refusal, ok := errors.AsType[*domain.Error](err)
	if !ok || refusal.Code != code {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
	return refusal
}

func runsIn(dir string) bool { return Running(dir) }

// gone reports whether a process has ended; a zombie has.
func gone(pid int, dir string) bool { return !worksIn(pid, filepath.Join(dir, dataName)) }
