// Package crashtest is for tests that kill a program, or PostgreSQL under it,
// while it appends, and ask afterwards whether anything was lost.
//
// The program is the test binary itself, started again with something in its
// environment that its TestMain looks for. For each command that was acknowledged
// it writes a line, "id first last", which outlives it.
package crashtest

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain/event"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

// A Program is this test binary in a process of its own.
type Program struct {
	Acks string // the file of what it acknowledged

	cmd *exec.Cmd
}

// Start starts a program with one more variable in its environment. What it
// writes to standard output is appended to acks.
func Start(t testing.TB, variable, acks string) *Program {
	t.Helper()
	out, err := os.OpenFile(acks, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := &Program{acks, exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), variable)
	p.cmd.Stdout, p.cmd.Stderr = out, os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Kill ends the program by kill -9.
func (p *Program) Kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// Acked returns how many bytes of acknowledgements there are so far.
func (p *Program) Acked() int64 {
	info, err := os.Stat(p.Acks)
	if err != nil {
		return 0
	}
	return info.Size()
}

// KillBackend ends a backend by kill -9, which makes the postmaster end all
// others and recover from the log it wrote ahead.
func KillBackend(t testing.TB, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := syscall.Kill(int(conn.PgConn().PID()), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// Commands is where each command's events stand: first and last position.
type Commands map[uuid.UUID][2]int64

// Sound reads the whole log, fails where it is not what it should be (positions
// and versions without gap, leaves those of the records, the events of a command
// in a row and numbered), and returns its commands.
func Sound(t testing.TB, url string) Commands {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `select position, record, leaf_hash from events order by position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	commands := make(Commands)
	versions := make(map[string]int)
	for next := int64(1); rows.Next(); next++ {
		var position int64
		var bytes, leaf []byte
		if err := rows.Scan(&position, &bytes, &leaf); err != nil {
			t.Fatal(err)
		}
		r, err := record.Parse(bytes)
		if err != nil {
			t.Fatal(err)
		}
		versions[r.Stream]++
		if position != next || r.Version != versions[r.Stream] {
			t.Fatalf("position %d, version %d of %s: want position %d, version %d", position, r.Version, r.Stream, next, versions[r.Stream])
		}
		if want := proof.Leaf(r.ID, r.RecordedAt, sha256.Sum256(bytes)); string(leaf) != string(want[:]) {
			t.Fatalf("the leaf at %d is not its record's", position)
		}
		at, there := commands[r.Command]
		if !there {
			at = [2]int64{position, position - 1}
		}
		if position != at[1]+1 || r.ID != event.IDOf(r.Command, int(position-at[0])+1) {
			t.Fatalf("the event at %d is not the next of its command", position)
		}
		commands[r.Command] = [2]int64{at[0], position}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return commands
}

// Kept fails where a command that was acknowledged does not stand where the
// acknowledgement says, and returns how many were acknowledged.
func (c Commands) Kept(t testing.TB, acks string) (acknowledged int) {
	t.Helper()
	f, err := os.Open(acks)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var id string
		var first, last int64
		if _, err := fmt.Sscan(lines.Text(), &id, &first, &last); err != nil || strings.Count(lines.Text(), " ") != 2 {
			continue // cut off by the kill, so not acknowledged
		}
		acknowledged++
		if got := c[uuid.MustParse(id)]; got != [2]int64{first, last} {
			t.Errorf("command %s was acknowledged at %d–%d and stands at %d–%d", id, first, last, got[0], got[1])
		}
	}
	return acknowledged
}
