package localpg

import (
	"os"
	"strconv"
)

// worksIn reports whether a process runs with data as its working folder, which
// is how every PostgreSQL runs. A zombie works nowhere.
func worksIn(pid int, data string) bool {
	at, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil {
		return false
	}
	want, err := os.Stat(data)
	return err == nil && os.SameFile(at, want)
}

// stillWorksIn is worksIn for a process of which it was true a moment ago.
func stillWorksIn(pid int, data string) bool { return worksIn(pid, data) }
