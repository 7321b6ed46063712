//go:build linux || darwin

package localpg

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A pidFile is what PostgreSQL writes about itself into postmaster.pid. The
// file of one that was killed stays behind.
type pidFile struct {
	pid    int
	socket string // folder of the socket
	status string // "starting", "stopping", "ready"; "" at first
}

// readPidFile returns what the pid file of a cluster says and whether that process
// runs and is a PostgreSQL of this cluster. A pid alone proves nothing: after a
// restart of the machine it may be anybody's.
func readPidFile(data string) (pidFile, bool) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, false
	}
	lines := append(strings.Split(string(text), "\n"), make([]string, 8)...)
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return pidFile{}, false
	}
	file := pidFile{pid: pid, socket: strings.TrimSpace(lines[4]), status: strings.TrimSpace(lines[7])}
	return file, worksIn(pid, data)
}

// runningSocket returns the socket's folder of a PostgreSQL that already runs on
// the cluster, or "": to take it over is to use its socket.
func (c *Cluster) runningSocket() (string, error) {
	file, mine := readPidFile(c.data())
	if !mine || !filepath.IsAbs(file.socket) {
		return "", nil
	}
	return file.socket, makePrivate(file.socket, c.account)
}

// settle is how long an orphan is watched before it is taken over. One whose
// program was killed this instant has been told to stop, but may answer once more
// before it does.
const settle = 300 * time.Millisecond

// adopt takes over a running PostgreSQL that answers and is not about to stop.
func (c *Cluster) adopt(ctx context.Context, file pidFile) (*postmaster, error) {
	if err := c.ping(ctx); err != nil {
		return nil, err
	}
	for began := time.Now(); time.Since(began) < settle; time.Sleep(look) {
		now, mine := readPidFile(c.data())
		if !mine || now.pid != file.pid || now.socket != c.socket || now.status == "stopping" {
			return nil, errOldRemains
		}
	}
	if err := c.ping(ctx); err != nil {
		return nil, err
	}
	process, err := os.FindProcess(file.pid)
	if err != nil {
		return nil, err
	}
	c.config.say("PostgreSQL yang masih berjalan (pid " + strconv.Itoa(file.pid) + ") diambil alih")
	pm := &postmaster{pid: file.pid, process: process, gone: make(chan struct{})}
	go func() {
		for stillWorksIn(pm.pid, c.data()) { // only a parent can wait for a process
			time.Sleep(look)
		}
		close(pm.gone)
	}()
	return pm, nil
}
