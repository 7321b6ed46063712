//go:build linux || darwin

package localpg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"runut/domain"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root has to become somebody else; these tests run as " + accountName(os.Geteuid()))
	}
}

// An ordinary user needs nothing but a folder. Run as root, the test becomes one.
func TestAnOrdinaryUserRunsACluster(t *testing.T) {
	t.Parallel()
	data := filepath.Join(folder(t), "data")
	change := func(*exec.Cmd) {}
	if os.Geteuid() == 0 {
		nobody, err := lookupAccount("nobody")
		if err != nil {
			t.Fatal(err)
		}
		binary := executable(t)
		if err := os.Mkdir(data, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := nobody.own(data); err != nil {
			t.Fatal(err)
		}
		change = func(c *exec.Cmd) {
			c.Path, c.Args, c.Dir = binary, []string{binary}, "/"
			c.Env = append(c.Env, "HOME=/nonexistent")
			c.SysProcAttr = nobody.attributes()
		}
	}
	r := run(t, program{Dir: data}, change)
	r.Process.Signal(os.Interrupt)
	<-r.ended
	if code := r.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if runsIn(data) {
		t.Error("PostgreSQL still runs")
	}
	if os.Geteuid() == 0 { // and root takes the same cluster up, as its owner
		c := start(t, testConfig(data))
		if !c.account.drop || c.account.uid == 0 {
			t.Errorf("root runs it as %+v", c.account)
		}
		query[int](t, c, `select 1`)
	}
}

func TestAClusterOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	needRoot(t)
	binary := executable(t)
	data := clusterFolder(t)
	owned, err := os.Stat(filepath.Join(data, dataName))
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := owner(owned)
	daemon := account{uid: 1, gid: 1, drop: true}
	if uid == daemon.uid {
		t.Skip("the cluster happens to be daemon's")
	}
	_, said := launch(t, program{Dir: data}, func(c *exec.Cmd) {
		c.Path, c.Args, c.Dir = binary, []string{binary}, "/"
		c.SysProcAttr = daemon.attributes()
	})
	if !strings.Contains(said, "postgres.foreign_data") || !strings.Contains(said, accountName(uid)) {
		t.Errorf("the program said %q", said)
	}
}

func TestRootGivesItselfUp(t *testing.T) {
	t.Parallel()
	needRoot(t)
	c := start(t, testConfig(filepath.Join(folder(t), "deep", "data")))
	info, err := os.Stat(c.data())
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := owner(info)
	runs, err := exec.Command("ps", "-o", "uid=", "-p", strconv.Itoa(c.Pid())).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(runs)); uid == 0 || got != strconv.Itoa(uid) {
		t.Errorf("PostgreSQL runs as uid %s on data of uid %d", got, uid)
	}
}

// mktemp -d gives root a folder that nobody else may enter.
func TestRootInAClosedFolder(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var r *running
	for range 2 { // makes a cluster; starts it again after a crash
		r = run(t, program{Dir: dir, Write: true})
		eventually(t, "writes", func() bool { return r.count() > enough })
		syscall.Kill(r.postmaster, syscall.SIGKILL)
		r.kill()
	}
	c := start(t, testConfig(dir))
	wantAcknowledged(t, c, r)
	if c.account.namespace {
		info, err := os.Stat(c.data())
		if err != nil {
			t.Fatal(err)
		}
		if uid, _ := owner(info); uid != 0 {
			t.Errorf("the cluster belongs to uid %d", uid)
		}
	}
	began := time.Now()
	stop(t, c)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

func TestRootWithoutNamespacesOpensTheDataFolderAlone(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	programs, err := Find(t.Context(), testConfig(""))
	if err != nil {
		t.Fatal(err)
	}
	var said string
	choice := chooser{Config: Config{Say: func(step string) { said += step }}, programs: programs, dir: dir}
	a, err := choice.choose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !a.drop || info.Mode().Perm() != 0o701 || !strings.Contains(said, dir) {
		t.Errorf("account %+v, mode %o, said %q", a, info.Mode().Perm(), said)
	}

	inside := filepath.Join(dir, "data")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	choice.dir = inside
	_, err = choice.choose(t.Context())
	refusal := wantRefusal(t, err, "postgres.folder_closed")
	if refusal.Kind != domain.Forbidden || refusal.Params["folder"] != dir || refusal.Params["data"] != inside {
		t.Errorf("refused with %v", refusal)
	}
}
