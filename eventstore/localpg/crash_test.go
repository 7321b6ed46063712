//go:build linux || darwin

package localpg

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// enough is how many acknowledged writes come before a kill.
const enough = 30

func TestKillingTheProgramLosesNothing(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Write: true})
	eventually(t, "writes", func() bool { return r.count() > enough })
	r.kill()
	if canBind {
		eventually(t, "PostgreSQL ends with its program", func() bool { return gone(r.postmaster, dir) })
	}
	wantAcknowledged(t, start(t, testConfig(dir)), r)
}

func TestKillingTheProgramAndStartingAtOnceLosesNothing(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	for range 2 {
		r := run(t, program{Dir: dir, Write: true})
		eventually(t, "writes", func() bool { return r.count() > enough })
		r.kill()
		c := start(t, testConfig(dir)) // while the old one may still be stopping
		// It may have been taken over just before it noticed: the keeper sees to that.
		eventually(t, "an answer", func() bool { _, err := ask[int](c, `select 1`); return err == nil })
		wantAcknowledged(t, c, r)
		stop(t, c)
	}
}

func TestKillingPostgreSQLLosesNothing(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Write: true})
	for round := range 2 {
		before := r.count()
		eventually(t, "writes", func() bool { return r.count() > before+enough })
		file, mine := readPidFile(filepath.Join(dir, dataName))
		if !mine {
			t.Fatal("PostgreSQL does not run")
		}
		if err := syscall.Kill(file.pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a new PostgreSQL "+strconv.Itoa(round), func() bool {
			now, mine := readPidFile(filepath.Join(dir, dataName))
			return mine && now.pid != file.pid && now.status == "ready"
		})
	}
	before := r.count()
	eventually(t, "writes again", func() bool { return r.count() > before+enough })
	r.kill()
	wantAcknowledged(t, start(t, testConfig(dir)), r)
}

func TestKillingBothLosesNothing(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Write: true})
	eventually(t, "writes", func() bool { return r.count() > enough })
	r.Process.Signal(syscall.SIGSTOP) // or its keeper would notice in between
	syscall.Kill(r.postmaster, syscall.SIGKILL)
	r.kill()
	wantAcknowledged(t, start(t, testConfig(dir)), r)
}

// wantAcknowledged checks that every number the program was told of is stored.
// That none is there twice is the primary key's doing.
func wantAcknowledged(t *testing.T, c *Cluster, r *running) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	var lost int
	err = conn.QueryRow(t.Context(), `
		select count(*)
		from unnest($1::bigint[]) as acknowledged (n)
		where not exists (select from numbers where numbers.n = acknowledged.n)`, r.acknowledged).Scan(&lost)
	if err != nil {
		t.Fatal(err)
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, len(r.acknowledged))
	}
}

func TestAnOrphanIsTakenOver(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Unbound: true})
	r.kill()
	var said []string
	config := testConfig(dir)
	config.Say = func(step string) { said = append(said, step) }
	c := start(t, config)
	if !c.Adopted || c.Pid() != r.postmaster {
		t.Errorf("adopted %v pid %d, want pid %d", c.Adopted, c.Pid(), r.postmaster)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "pid "+strconv.Itoa(r.postmaster)) {
		t.Errorf("said %q", all)
	}
	stop(t, c)
	if !gone(r.postmaster, dir) {
		t.Error("it still runs after Close")
	}
}

func TestAnOrphanTakenOverIsKept(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Unbound: true})
	r.kill()
	c := start(t, testConfig(dir))
	url := c.URL("postgres")
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a new PostgreSQL", func() bool { return c.Pid() != 0 && c.Pid() != r.postmaster })
	query[int](t, c, `select 1`)
	if c.URL("postgres") != url {
		t.Error("the URL changed under those who use it")
	}
}

func TestAnOrphanWithALostSocketIsReplaced(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Unbound: true})
	r.kill()
	if err := os.RemoveAll(filepath.Join(dir, socketName)); err != nil {
		t.Fatal(err)
	}
	c := start(t, testConfig(dir))
	query[int](t, c, `select 1`)
	if c.Pid() == r.postmaster {
		t.Error("it was not replaced")
	}
}

// After a power cut the pid that PostgreSQL left in its file may be anybody's.
func TestAPidFileThatNamesAnotherProcessDoesNotHinder(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	c := start(t, testConfig(dir))
	uid, gid := c.account.uid, c.account.gid
	pidText, err := os.ReadFile(c.data("postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	stop(t, c)

	other := exec.Command("sleep", "60")
	other.Dir = "/"
	if os.Geteuid() == 0 { // the same account as PostgreSQL's, which makes it believe the pid
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer other.Process.Kill()
	_, rest, _ := strings.Cut(string(pidText), "\n")
	file := c.data("postmaster.pid")
	if err := os.WriteFile(file, []byte(strconv.Itoa(other.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.account.own(file); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	c = start(t, testConfig(dir))
	query[int](t, c, `select 1`)
	if took := time.Since(began); took > patience/2 {
		t.Errorf("it took %s", took)
	}
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the other process: %v", err)
	}
}

func TestAClusterThatKeepsDyingIsGivenUp(t *testing.T) {
	t.Parallel()
	config := testConfig(clusterFolder(t))
	config.Restarts = 1
	c, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	first := c.Pid()
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a restart", func() bool { return c.Pid() != 0 && c.Pid() != first })
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("it was not given up")
	}
	wantRefusal(t, c.Err(), "postgres.keeps_dying")
	if err := c.Kill(); err == nil {
		t.Error("killed what is gone")
	}
	start(t, testConfig(config.Dir)) // the folder is free again
}

func TestClosingWhilePostgreSQLIsDown(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	c := start(t, testConfig(dir))
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	stop(t, c)
	if runsIn(dir) {
		t.Error("PostgreSQL runs after Close")
	}
	start(t, testConfig(dir))
}

func TestInterruptingTheProgramLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	r := run(t, program{Dir: dir, Write: true})
	eventually(t, "writes", func() bool { return r.count() > enough })
	began := time.Now()
	r.Process.Signal(os.Interrupt)
	<-r.ended
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if code := r.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if runsIn(dir) || !gone(r.postmaster, dir) {
		t.Error("PostgreSQL still runs")
	}
}

func TestRestartsAreCountedByTheMinute(t *testing.T) {
	b := budget{most: 2, within: time.Minute}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {time.Second, true}, {2 * time.Second, false}, {time.Minute, true}, {61*time.Second - 1, false}, {61 * time.Second, true}} {
		if got := b.spend(at.Add(step.after)); got != step.want {
			t.Errorf("after %s: %v, want %v", step.after, got, step.want)
		}
	}
	for given, want := range map[int]int{0: 5, 3: 3, -1: 0} {
		if got := (Config{Restarts: given}).restarts(); got != want {
			t.Errorf("Restarts %d allows %d, want %d", given, got, want)
		}
	}
}
