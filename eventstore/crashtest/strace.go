package crashtest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Strace returns the program that makes system calls fail. A desk may be without
// it; where RUNUT_TEST_STRACE is set, as .ci/run does, it has to be there.
func Strace(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err == nil {
		err = exec.Command(path, "-qq", "-e", "trace=none", "true").Run()
	}
	switch {
	case err == nil:
		return path
	case os.Getenv("RUNUT_TEST_STRACE") != "":
		t.Fatalf("strace is needed: %v", err)
	}
	t.Skipf("system calls are made to fail by strace, which is not to be had here: %v", err)
	return ""
}

// Struck returns the command by which this test binary runs while a system call
// fails as fault says, a strace injection such as "fsync:error=EIO:when=1"; at
// restricts it to calls on that path, where it is set.
func Struck(tracer, fault, at string, args ...string) *exec.Cmd {
	call, _, _ := strings.Cut(fault, ":")
	options := []string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + call, "-e", "inject=" + fault}
	if at != "" {
		options = append(options, "-P", at)
	}
	return exec.Command(tracer, append(append(options, os.Args[0]), args...)...)
}
