package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"runut/eventstore/crashtest"
	"runut/eventstore/localpg"
	"runut/eventstore/notary"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
)

// strike runs a command line while a system call fails as fault says, a strace
// injection; at restricts it to calls on that path, where it is set. The status is
// -1 where the program was killed.
func strike(t *testing.T, tracer, fault, at string, args ...string) (status int, said string) {
	t.Helper()
	call, _, _ := strings.Cut(fault, ":")
	cmd := crashtest.Struck(tracer, fault, at, args...)
	cmd.Env = append(programEnv(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1") // calls are counted by thread: mostly one makes them
	out, err := cmd.CombinedOutput()
	exit, failed := errors.AsType[*exec.ExitError](err)
	if err != nil && !failed {
		t.Fatal(err)
	}
	if failed {
		status = exit.ExitCode()
	}
	if status > 0 && !strings.Contains(string(out), "runut: ") && !strings.Contains(string(out), ownWrite) &&
		!(len(out) == 0 && call == "write") { // what it had to say was the write that failed
		t.Errorf("%s failed without a word: %s", fault, out)
	}
	return status, string(out)
}

// ownWrite is what Go's runtime says before it ends where the write that failed
// was its own, by which one thread wakes another. No program can answer for that.
const ownWrite = "netpollBreak write failed"

// writes lists, by running a command line without any fault, which of its thread's
// write calls are likely to go to a file of a folder, the likeliest first: from run
// to run the numbers shift a little.
func writes(t *testing.T, tracer, dir string, args ...string) []int {
	t.Helper()
	list := filepath.Join(t.TempDir(), "calls")
	cmd := exec.Command(tracer, append([]string{"-f", "-qq", "-y", "-o", list, "-e", "trace=write", os.Args[0]}, args...)...)
	cmd.Env = append(programEnv(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	calls, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	made, hits := map[string]int{}, map[string][]int{}
	for line := range strings.Lines(string(calls)) {
		thread, call, _ := strings.Cut(line, " ")
		if call = strings.TrimSpace(call); !strings.HasPrefix(call, "write(") {
			continue // the end of one that was interrupted, or a signal
		}
		if made[thread]++; strings.Contains(call, "<"+dir+"/") {
			hits[thread] = append(hits[thread], made[thread])
		}
	}
	threads := slices.SortedFunc(maps.Keys(hits), func(a, b string) int { return len(hits[b]) - len(hits[a]) })
	var near []int
	for _, thread := range threads {
		middle := hits[thread][len(hits[thread])/2]
		for off := range 10 {
			near = append(near, middle-off, middle+off)
		}
	}
	return slices.DeleteFunc(near, func(n int) bool { return n < 1 })
}

// A signedLog is a log in a durable database, as commands of their own find it.
type signedLog struct {
	cluster *localpg.Cluster
	url     string
	signer  string // file
	trust   proof.Trust
	head    notary.Head
}

func newSignedLog(t *testing.T) signedLog {
	t.Helper()
	if testing.Short() {
		t.Skip("makes a cluster and starts the program many times")
	}
	l := signedLog{cluster: pgtest.Own(t), signer: filepath.Join(t.TempDir(), "signer")}
	l.url = l.cluster.URL("runut")
	signer, err := proof.CreateSigner(l.signer, "runut.example/99.01")
	if err != nil {
		t.Fatal(err)
	}
	l.trust = signer.Trust
	run := founded(t, l.url)
	sealing := notary.Notary{DB: run.DB, Store: run.Store, Signer: signer, State: filepath.Join(t.TempDir(), "checkpoint"), Log: quiet}
	if l.head, err = sealing.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// whole fails where an export file is not what the log's own key signed.
func (l signedLog) whole(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	good(t, path, checkFiles(t, &l.trust, false, b))
}

// The system calls by which an export is written fail once, in each way a disk has
// to fail, or are the last that the program makes. Whatever happens, there is a
// whole file of that name or none, what is left of another kind is hidden beside
// it, and who was not killed says so.
func TestSystemCallsMayFailWhileTheLogIsExported(t *testing.T) {
	tracer := crashtest.Strace(t)
	l := newSignedLog(t)
	killed, failed, torn := 0, 0, 0
	try := func(fault string) (hitFile bool) {
		t.Helper()
		dir := t.TempDir()
		file := filepath.Join(dir, "log.ndjson")
		status, said := strike(t, tracer, fault, "", "export", "-o", file, "--database-url="+l.url, "--signer="+l.signer)
		if strings.Contains(said, ownWrite) {
			return false
		}
		left, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		named := len(left) > 0 && left[len(left)-1].Name() == "log.ndjson"
		hidden := len(left) > 0 && strings.HasPrefix(left[0].Name(), ".log.ndjson.")
		switch {
		case named:
			l.whole(t, file)
		case status == 0:
			t.Errorf("%s: it ended well, and there is no file", fault)
		}
		if len(left) > 1 || len(left) == 1 && !named && !(hidden && status < 0) {
			t.Errorf("%s (exit %d) left %v", fault, status, left)
		}
		switch {
		case status > 0:
			failed++
		case status < 0:
			killed++
		}
		if hidden {
			torn++
		}
		return hidden || strings.Contains(said, "write "+dir)
	}
	toFile := func() []int {
		free := t.TempDir()
		return writes(t, tracer, free, "export", "-o", filepath.Join(free, "log.ndjson"), "--database-url="+l.url, "--signer="+l.signer)
	}
	for _, fault := range []string{"error=EIO", "error=ENOSPC", "signal=KILL"} {
		for _, call := range []string{"fsync:" + fault + ":when=1", "fsync:" + fault + ":when=2", "renameat:" + fault + ":when=1"} {
			try(call)
		}
		// Those to the server are writes too, so it may take some tries; and on a busy
		// machine threads take turns, so that a list may be no good.
		hit := false
		for list := 0; list < 4 && !hit; list++ {
			hit = slices.ContainsFunc(toFile(), func(n int) bool { return try(fmt.Sprintf("write:%s:when=%d", fault, n)) })
		}
		if !hit {
			t.Errorf("no write to the file was hit by %s", fault)
		}
	}
	if killed < 3 || failed < 6 || torn < 2 {
		t.Errorf("%d exports were killed, %d of them with a torn file, and %d failed: the calls were not hit", killed, torn, failed)
	}
	t.Logf("%d exports killed, %d of them with a torn file beside; %d failed", killed, torn, failed)
}

// An import whose file cannot be read to its end, that loses the server on the way
// or is killed leaves a database as empty as it was, and the next one succeeds. A
// kill may come after the commit: then all is there.
func TestSystemCallsMayFailWhileALogIsImported(t *testing.T) {
	tracer := crashtest.Strace(t)
	l := newSignedLog(t)
	file := filepath.Join(t.TempDir(), "log.ndjson")
	if status, _, said := runs(t, "export", "-o", file, "--database-url="+l.url, "--signer="+l.signer); status != 0 {
		t.Fatal(said)
	}
	target, targets := "", 0
	empty := func() {
		t.Helper()
		var err error
		targets++
		if target, err = l.cluster.Database(t.Context(), fmt.Sprint("target", targets)); err != nil {
			t.Fatal(err)
		}
		if status, _, said := runs(t, "migrate", "--database-url="+target); status != 0 {
			t.Fatal(said)
		}
	}
	empty()
	killed, failed := 0, 0
	for _, fault := range []string{"error=EIO", "signal=KILL"} {
		for _, call := range []string{"openat 1", "openat 2", "read 1", "read 3", "read 16", "write 26"} {
			name, n, _ := strings.Cut(call, " ")
			at := file
			if name == "write" {
				at = "" // to the server
			}
			status, _ := strike(t, tracer, name+":"+fault+":when="+n, at, "import", "log", file, "--no-rebuild", "--database-url="+target)
			switch {
			case status > 0:
				failed++
			case status < 0:
				killed++
			}
			size := head(t, target)
			if size != 0 && size != l.head.Size || size != 0 && status > 0 || size == 0 && status == 0 {
				t.Errorf("%s of %s (exit %d) left %d of %d events", fault, call, status, size, l.head.Size)
			}
			if size != 0 {
				empty()
			}
		}
	}
	status, _, said := runs(t, "import", "log", file, "--no-rebuild", "--database-url="+target)
	if status != 0 || head(t, target) != l.head.Size || !strings.Contains(said, l.head.Root.String()) {
		t.Errorf("after all of them: exit %d, %s", status, said)
	}
	if killed < 3 || failed < 3 {
		t.Errorf("%d imports were killed and %d failed: the calls were not hit", killed, failed)
	}
	t.Logf("%d imports killed, %d failed, %d databases", killed, failed, targets)
}

// head returns how many events a log holds, once nobody holds its lock.
func head(t *testing.T, url string) (size int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `begin; select from head for update`); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), `select count(*) from events`).Scan(&size); err != nil {
		t.Fatal(err)
	}
	return size
}
