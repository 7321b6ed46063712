package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDev lives a newcomer's first hour: the README's first command on an empty
// folder, its tour, Ctrl-C, a second start, a kill, and following the log.
func TestDev(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the whole product: not with -short")
	}
	bin := filepath.Join(t.TempDir(), "runut")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	d := &dev{T: t, bin: bin, data: filepath.Join(t.TempDir(), "data"), address: freeAddress(t)}

	d.start()
	t.Logf("empty folder: ready after %s", d.took.Round(100*time.Millisecond))
	d.tour()
	lines := d.follow()
	d.stop(syscall.SIGINT)

	d.start()
	t.Logf("again: ready after %s", d.took.Round(100*time.Millisecond))
	if again := d.follow(); again != 0 {
		t.Errorf("the group remembered nothing: %d of %d lines again", again, lines)
	}
	d.stop(syscall.SIGKILL)

	d.start() // takes over whatever the kill left running
	d.stop(syscall.SIGINT)
	if left := d.processes(); left != "" {
		t.Errorf("left running on the folder:\n%s", left)
	}
}

// A dev is one runut dev and the folder it keeps.
type dev struct {
	*testing.T
	bin, data, address string
	cmd                *exec.Cmd
	said               bytes.Buffer
	took               time.Duration
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (d *dev) start() {
	d.Helper()
	began := time.Now()
	d.said.Reset()
	d.cmd = exec.Command(d.bin, "dev", "--data", d.data, "--listen", d.address, "--day", "2026-11-20")
	d.cmd.Stdout, d.cmd.Stderr = &d.said, &d.said
	if err := d.cmd.Start(); err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { d.cmd.Process.Kill(); d.cmd.Wait() })
	ctx, cancel := context.WithTimeout(d.Context(), 4*time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.address+"/readyz", nil)
		if err != nil {
			d.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				d.took = time.Since(began)
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	d.Fatalf("not ready in time:\n%s", d.said.String())
}

// stop ends the program and holds that it is gone soon.
func (d *dev) stop(how syscall.Signal) {
	d.Helper()
	began := time.Now()
	if err := d.cmd.Process.Signal(how); err != nil {
		d.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- d.cmd.Wait() }()
	select {
	case err := <-gone:
		if how == syscall.SIGINT && err != nil {
			d.Errorf("Ctrl-C ended it with %v:\n%s", err, d.said.String())
		}
		d.Logf("%s: gone after %s", how, time.Since(began).Round(10*time.Millisecond))
	case <-time.After(time.Minute):
		d.Fatalf("%s did not end it", how)
	}
}

var fence = regexp.MustCompile("(?s)```bash\n(.*?)```")

// tour runs the README's tour as it stands there.
func (d *dev) tour() {
	d.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		d.Fatal(err)
	}
	block := fence.FindSubmatch(readme)
	if block == nil {
		d.Fatal("the README has no tour")
	}
	script := strings.Replace(string(block[1]), ".runut/tour.env", d.data+"/tour.env", 1)
	cmd := exec.CommandContext(d.Context(), "bash", "-eu", "-c", script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.Fatalf("the tour: %v\n%s", err, out)
	}
	for _, want := range []string{`"fate":"funded"`, `"type":"proposal.formed_by_merge"`, `"type":"proposal.funded"`, `"specversion":"1.0"`} {
		if !bytes.Contains(out, []byte(want)) {
			d.Errorf("the tour does not show %s", want)
		}
	}
	if bytes.Contains(out, []byte("urn:runut:problem")) {
		d.Errorf("the tour was refused something:\n%s", out)
	}
}

// follow reads the rest of the practice cycle as a durable group and returns how
// many events there were.
func (d *dev) follow() int {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.bin, "follow", "--data", d.data, "--group", "tes", "--type", "proposal.funded")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		d.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.Fatal(err)
	}
	lines, quiet := 0, time.NewTimer(6*time.Second)
	read := make(chan int)
	go func() {
		defer close(read)
		buf := make([]byte, 64<<10)
		for {
			n, err := out.Read(buf)
			read <- bytes.Count(buf[:n], []byte("\n"))
			if err != nil {
				return
			}
		}
	}()
	for open := true; open; {
		select {
		case n, ok := <-read:
			open = ok
			lines += n
			if n > 0 {
				quiet.Reset(2 * time.Second)
			}
		case <-quiet.C:
			cancel()
		}
	}
	cmd.Wait()
	return lines
}

// processes lists what still runs on the data folder.
func (d *dev) processes() string {
	out, err := exec.Command("pgrep", "-fa", d.data).Output()
	if err != nil {
		return "" // nothing matches, or there is no pgrep here
	}
	return fmt.Sprintf("%s", out)
}
