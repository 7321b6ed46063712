//go:build linux || darwin

package pgtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore/localpg"
	"runut/eventstore/schema"
)

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	for i := range 3 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			pool := Open(t)
			var before int
			if err := pool.QueryRow(t.Context(), `select count(*) from refusals`).Scan(&before); err != nil {
				t.Fatal(err)
			}
			if before != 0 {
				t.Errorf("%d rows of another test", before)
			}
			_, err := pool.Exec(t.Context(), `
				insert into refusals (at, command_id, command, stream, person, role, scope, kind, code, field, checks)
				values (now(), gen_random_uuid(), 'x', 'x', 'x', 'x', 'x', 'x', 'x', '', '[]')`)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestADatabaseIsGoneAfterItsTest(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) {
		url = URL(t)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if err := schema.Check(t.Context(), conn); err != nil {
			t.Error(err)
		}
		left, err := pgx.Connect(t.Context(), url) // nobody closes this one
		if err != nil {
			t.Fatal(err)
		}
		_ = left
	})
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		conn.Close(t.Context())
		t.Error("it is still there")
	}
}

func TestAForgottenConnectionHangsNothing(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if closeWithin(pool, time.Millisecond) {
		t.Error("the pool was closed over a connection in use")
	}
	conn.Release()
	if !closeWithin(pool, 10*time.Second) {
		t.Error("the pool was not closed")
	}
}

func TestOwnIsDurableAndMigrated(t *testing.T) {
	t.Parallel()
	cluster := Own(t)
	pool, err := pgxpool.New(t.Context(), cluster.URL("runut"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := schema.Check(t.Context(), pool); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var got string
		if err := pool.QueryRow(t.Context(), `select current_setting($1)`, name).Scan(&got); err != nil || got != "on" {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	before := cluster.Pid()
	if err := cluster.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a new PostgreSQL", func() bool { return cluster.Pid() != 0 && cluster.Pid() != before })
	if err := pool.Ping(t.Context()); err != nil {
		// the pool's idle connections died with the old one
		eventually(t, "an answer", func() bool { return pool.Ping(t.Context()) == nil })
	}
}

func TestATemplateIsMadeOncePerSchema(t *testing.T) {
	t.Parallel()
	s := need(t)
	one := schema.Set{FS: fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\ncreate table a (id int);")}}}
	two := schema.Set{FS: fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\ncreate table b (id int);")}}}
	for _, set := range []schema.Set{one, two} {
		name, err := templateName(set.FS)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			s.admin.Exec(context.Background(), `alter database `+name+` is_template false`)
			s.admin.Exec(context.Background(), `drop database `+name)
		})
	}
	// several processes: each its own knowledge of what is complete
	names := make([]string, 4)
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			process := &server{url: s.url, admin: s.admin, templates: map[string]bool{}}
			name, err := process.template(context.Background(), one)
			if err != nil {
				t.Error(err)
			}
			names[i] = name
		})
	}
	wg.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Errorf("templates %v of one schema", names)
		}
	}
	other, err := s.template(t.Context(), two)
	if err != nil || other == names[0] {
		t.Errorf("the other schema has template %s, %v", other, err)
	}
	var complete bool
	err = s.admin.QueryRow(t.Context(), `
		select datistemplate and not datallowconn from pg_database where datname = $1`, other).Scan(&complete)
	if err != nil || !complete {
		t.Errorf("the template is complete: %v, %v", complete, err)
	}
}

func TestAMigrationThatFailsLeavesNoTemplate(t *testing.T) {
	t.Parallel()
	s := need(t)
	broken := schema.Set{FS: fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nselect 1/0;")}}}
	for range 2 {
		if _, err := s.template(t.Context(), broken); err == nil {
			t.Error("a broken schema has a template")
		}
	}
	name, err := templateName(broken.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.admin.Exec(t.Context(), `drop database `+name); err != nil {
		t.Error(err)
	}
}

// Without PostgreSQL tests fail and say what to do. This test binary is run again
// in such a place.
func TestWithoutPostgreSQLTestsFailWithInstructions(t *testing.T) {
	t.Parallel()
	c := exec.Command(os.Args[0], "-test.run=^TestADatabaseIsGoneAfterItsTest$", "-test.v")
	c.Env = append(os.Environ(), "RUNUT_PG_BIN=/nowhere", "RUNUT_TEST_DATABASE_URL=")
	out, err := c.CombinedOutput()
	if err == nil {
		t.Error("the test went well")
	}
	for _, want := range []string{"--- FAIL", "apt-get install", "runut postgres fetch", "RUNUT_PG_BIN=", "RUNUT_TEST_DATABASE_URL=", "/nowhere"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "SKIP") {
		t.Errorf("it was skipped:\n%s", out)
	}
}

func TestAGivenServerIsUsed(t *testing.T) {
	t.Parallel()
	c := exec.Command(os.Args[0], "-test.run=^TestADatabaseIsGoneAfterItsTest$")
	c.Env = append(os.Environ(), "RUNUT_PG_BIN=/nowhere", "RUNUT_TEST_DATABASE_URL="+need(t).url)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// The tests of sharing run this binary again as other test processes, in a place
// of their own whose cluster waits only shortly.
const userVariable = "RUNUT_PGTEST_USER"

func TestMain(m *testing.M) {
	text := os.Getenv(userVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var order keeperOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		panic(err)
	}
	url, err := place{dir: order.Dir, bin: order.Bin, idle: order.Idle}.enter()
	if err != nil {
		url = "error: " + err.Error()
	}
	fmt.Println(url)
	io.Copy(io.Discard, os.Stdin) // a user until told to go
	os.Exit(0)
}

type user struct {
	*exec.Cmd
	url  string
	stay io.Closer
}

func ownPlace(t *testing.T) place {
	t.Helper()
	programs, err := localpg.Find(t.Context(), find())
	if err != nil {
		t.Fatal(explain(err))
	}
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	p := place{dir: filepath.Join(dir, "p"), bin: programs.Folder, idle: time.Second}
	t.Cleanup(func() {
		eventually(t, "the cluster ends", func() bool { return !localpg.Running(p.data()) })
		os.RemoveAll(dir)
	})
	return p
}

func enter(t *testing.T, p place) *user {
	t.Helper()
	order, err := json.Marshal(keeperOrder{Dir: p.dir, Bin: p.bin, Idle: p.idle})
	if err != nil {
		t.Fatal(err)
	}
	u := &user{Cmd: exec.Command(os.Args[0])}
	u.Env = append(os.Environ(), userVariable+"="+string(order))
	u.Stderr = os.Stderr
	if u.stay, err = u.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := u.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Process.Kill(); u.Wait() })
	line := bufio.NewScanner(out)
	line.Scan()
	u.url = line.Text()
	return u
}

// postmaster returns the pid of the PostgreSQL that answers at url.
func postmaster(t *testing.T, p place, url string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	text, err := os.ReadFile(filepath.Join(p.data(), "postgres", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestProcessesShareOneClusterThatEndsWithTheLast(t *testing.T) {
	t.Parallel()
	p := ownPlace(t)
	users := make([]*user, 3)
	var wg sync.WaitGroup
	for i := range users {
		wg.Go(func() { users[i] = enter(t, p) })
	}
	wg.Wait()
	for _, u := range users {
		if u.url != users[0].url || !strings.HasPrefix(u.url, "postgres://") {
			t.Fatalf("URLs %q and %q", users[0].url, u.url)
		}
	}
	pid := postmaster(t, p, users[0].url)
	users[0].stay.Close() // one ends in good order, one by kill -9, one stays
	users[1].Process.Kill()
	users[1].Wait()
	late := enter(t, p)
	if got := postmaster(t, p, late.url); got != pid {
		t.Errorf("PostgreSQL is pid %d, was %d", got, pid)
	}
	users[2].Process.Kill()
	users[2].Wait()
	late.Process.Kill()
	late.Wait()
	eventually(t, "the cluster and its files go", func() bool {
		_, dir := os.Stat(p.dir)
		_, gate := os.Stat(p.gate())
		return os.IsNotExist(dir) && os.IsNotExist(gate) && !localpg.Running(p.data())
	})
	again := enter(t, p) // and comes back for the next
	postmaster(t, p, again.url)
}

func TestTheClusterSurvivesItsPostgreSQLAndItsKeeper(t *testing.T) {
	t.Parallel()
	p := ownPlace(t)
	first := enter(t, p)
	pid := postmaster(t, p, first.url)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := enter(t, p)
	if got := postmaster(t, p, second.url); got == pid || second.url != first.url {
		t.Errorf("pid %d at %q, was %d at %q", got, second.url, pid, first.url)
	}

	keeper := keeperPid(t, p)
	if err := syscall.Kill(keeper, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	third := enter(t, p)
	postmaster(t, p, third.url)
	if got := keeperPid(t, p); got == keeper {
		t.Error("there is no new keeper")
	}
}

func keeperPid(t *testing.T, p place) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.data(), "runut.lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestAPlaceThatIsSomebodyElsesIsNotUsed(t *testing.T) {
	p := place{dir: filepath.Join(t.TempDir(), "p")}
	if err := os.Symlink("/", p.dir); err != nil {
		t.Fatal(err)
	}
	if err := p.makeDir(); err == nil {
		t.Error("a link was taken for the folder")
	}
}

// eventually waits, long, for something to become true.
func eventually(t *testing.T, what string, isTrue func() bool) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		if isTrue() {
			return
		}
	}
	t.Errorf("waited in vain: %s", what)
}
