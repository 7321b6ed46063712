package notary_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"runut/eventstore/crashtest"
)

// Every system call by which the last signed checkpoint is kept outside the
// database fails once, in each way a disk has to fail, or is the last one that the
// program makes. Whatever happens, no two heads contradict each other, nothing is
// published that was not kept, and the next round goes on.
func TestSystemCallsMayFailWhileACheckpointIsKept(t *testing.T) {
	tracer := crashtest.Strace(t)
	h := newHost(t)
	h.append(t, 5)
	h.seal(t) // the first one makes tables and file
	key := filepath.Join(filepath.Dir(h.state), "signer")
	seen := &ledger{roots: map[int64]tlog.Hash{}, last: map[string]int64{}}
	killed, failed := 0, 0
	for _, call := range []string{"fsync", "renameat", "flock"} {
		for _, fault := range []string{"error=EIO", "error=ENOSPC", "signal=KILL"} {
			for _, when := range []string{"1", "2", "1+"} {
				if when != "1" && call != "fsync" { // the file and its folder are synced; the rest is done once
					continue
				}
				h.append(t, 40)
				sealing := crashtest.Struck(tracer, fmt.Sprintf("%s:%s:when=%s", call, fault, when), "")
				sealing.Env = append(os.Environ(), fmt.Sprintf("RUNUT_TEST_SEAL=%s|%s|%s|never", h.url, key, h.state))
				said, err := sealing.CombinedOutput()
				exit, ok := errors.AsType[*exec.ExitError](err)
				if !ok {
					t.Fatalf("%s %s %s: %v\n%s", call, fault, when, err, said)
				}
				switch { // the test binary ends with 3 where a round went through
				case exit.Sys().(syscall.WaitStatus).Signaled():
					killed++
				case exit.ExitCode() != 3:
					failed++
					if !strings.Contains(string(said), filepath.Dir(h.state)) {
						t.Errorf("%s %s: the error does not say where:\n%s", call, fault, said)
					}
				}
				seen.look(t, h)
				sealedToTheEnd(t, h)
				seen.look(t, h)
			}
		}
	}
	seen.agrees(t, h)
	left, err := filepath.Glob(h.state + ".*")
	if err != nil {
		t.Fatal(err)
	}
	if killed < 4 || failed < 6 {
		t.Errorf("%d rounds were killed and %d failed: the calls were not hit", killed, failed)
	}
	t.Logf("%d rounds killed, %d failed; left beside the file: %d", killed, failed, len(left))
}
