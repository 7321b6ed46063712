package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes this test binary be runut, for tests of what only a process of
// its own can show: signals, kills, and what it leaves behind.
const asProgram = "RUNUT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	if url, home, ok := strings.Cut(os.Getenv(asAppender), " "); ok {
		appendUntilKilled(url, home, os.Stdout)
	}
	os.Exit(m.Run())
}

// runs carries out a command line in this process.
func runs(t *testing.T, args ...string) (status int, out, complaints string) {
	t.Helper()
	for _, name := range []string{"RUNUT_DATABASE_URL", "RUNUT_DATA", "RUNUT_KEYRING", "RUNUT_TENANT", "RUNUT_LANG"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	var o, e bytes.Buffer
	status = run(args, &o, &e)
	return status, o.String(), e.String()
}

// programEnv makes this test binary runut, told nothing by whoever runs the tests.
func programEnv() []string {
	env := []string{asProgram + "=1"}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "RUNUT_") || strings.HasPrefix(kv, "RUNUT_PG_BIN=") {
			env = append(env, kv)
		}
	}
	return append(env, "RUNUT_NO_INSTALL=1")
}

// A program is runut in a process of its own.
type program struct {
	*testing.T
	cmd    *exec.Cmd
	out    output
	err    output
	exited chan struct{}
	status error
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{T: t, cmd: exec.Command(os.Args[0], args...), exited: make(chan struct{})}
	p.cmd.Env = programEnv()
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.status = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() { p.kill() })
	return p
}

// kill ends the program without a word.
func (p *program) kill() {
	p.cmd.Process.Kill()
	<-p.exited
}

// interrupt asks the program to stop as Ctrl-C does, and returns how long it took.
func (p *program) interrupt() time.Duration {
	p.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(deadline):
		p.Fatalf("still running %s after Ctrl-C\n%s", deadline, p.err.String())
	}
	took := time.Since(began)
	if p.status != nil {
		p.Errorf("Ctrl-C ended it with %v\n%s", p.status, p.err.String())
	}
	return took
}

// deadline is how long anything may take on a busy machine.
const deadline = 4 * time.Minute

// until waits for something the program is to do.
func (p *program) until(what string, done func() bool) {
	p.Helper()
	for began := time.Now(); !done(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-p.exited:
			if !done() {
				p.Fatalf("it ended (%v) before %s\n%s", p.status, what, p.err.String())
			}
			return
		default:
		}
		if time.Since(began) > deadline {
			p.Fatalf("%s did not happen within %s\n%s", what, deadline, p.err.String())
		}
	}
}

// output is what a program has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// lines returns the lines that were written to their end.
func (o *output) lines() []string {
	whole := o.String()
	whole = whole[:strings.LastIndexByte(whole, '\n')+1]
	return strings.Split(strings.TrimSuffix(whole, "\n"), "\n")
}

// killed reports whether a program was ended by a signal.
func killed(err error) bool {
	e, ok := errors.AsType[*exec.ExitError](err)
	return ok && !e.Exited()
}
