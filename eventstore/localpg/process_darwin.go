package localpg

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// worksIn reports whether a process is a postmaster that was started for data:
// its command line says so.
func worksIn(pid int, data string) bool {
	line, err := exec.Command("/bin/ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(line), "-D "+data+" ")
}

// stillWorksIn is worksIn for a process of which it was true a moment ago: asked
// fifty times a second, it must not run a program each time.
func stillWorksIn(pid int, _ string) bool { return syscall.Kill(pid, 0) == nil }
