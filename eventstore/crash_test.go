package eventstore_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/localpg"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if url := os.Getenv("RUNUT_TEST_APPEND_TO"); url != "" {
		appendForEver(url, os.Stdout)
	}
	os.Exit(m.Run())
}

// appendForEver appends from many callers and writes a line for each command
// that was acknowledged: its id and positions.
func appendForEver(url string, acks io.Writer) {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		panic(err)
	}
	var s *eventstore.Store
	for s == nil {
		if s, err = eventstore.Open(ctx, pool, eventstore.Options{Catalog: catalog, Tenant: "99.01", Log: slog.New(slog.DiscardHandler)}); err != nil {
			time.Sleep(20 * time.Millisecond) // the server is coming up again
		}
	}
	var callers sync.WaitGroup
	for caller := range 12 {
		callers.Go(func() {
			for n := 0; ; n++ {
				changes := []event.Change{add(fmt.Sprintf("proposal-%d-%d-%d", os.Getpid(), caller, n/10), n%10, road(n))}
				switch {
				case caller == 0: // by COPY
					changes = many(fmt.Sprintf("proposal-%d-large-%d", os.Getpid(), n), 1001)
				case caller%2 == 0: // as a batch although alone
					changes = append(changes, add(fmt.Sprintf("forum-%d-%d", os.Getpid(), caller), n, road(n)))
				}
				cmd := command()
				for {
					r, err := s.Append(ctx, cmd, changes...)
					if err == nil {
						fmt.Fprintf(acks, "%s %d %d\n", cmd.ID, r.First, r.Last)
						break
					}
					if isConflict(err) {
						panic(err)
					}
				}
			}
		})
	}
	callers.Wait()
}

// A program is an appendForEver in a process of its own. What it acknowledges is
// in a file, and so outlives it.
type program struct {
	cmd  *exec.Cmd
	acks string
}

func start(t *testing.T, url, acks string) *program {
	t.Helper()
	out, err := os.OpenFile(acks, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := &program{exec.Command(os.Args[0]), acks}
	p.cmd.Env = append(os.Environ(), "RUNUT_TEST_APPEND_TO="+url)
	p.cmd.Stdout, p.cmd.Stderr = out, os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *program) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// acked returns how much was acknowledged so far.
func (p *program) acked() int64 {
	info, err := os.Stat(p.acks)
	if err != nil {
		return 0
	}
	return info.Size()
}

// TestOnADurableServer needs a cluster that is durable and its own, which takes
// seconds to make; hence one test.
func TestOnADurableServer(t *testing.T) {
	cluster := pgtest.Own(t)
	t.Run("nothing acknowledged is lost in a crash", func(t *testing.T) { nothingAcknowledgedIsLost(t, cluster) })
	t.Run("only a durable primary is trusted", func(t *testing.T) { onlyADurablePrimaryIsTrusted(t, cluster) })
}

// Two programs append while they, PostgreSQL's postmaster and its backends are
// killed in turn. Every command that was acknowledged is in the log, whole, once
// and where its receipt says; and the log is sound.
func nothingAcknowledgedIsLost(t *testing.T, cluster *localpg.Cluster) {
	rounds := 8
	if pgtest.Long {
		rounds = 150
	}
	url := cluster.URL("runut")
	dir := t.TempDir()
	programs := []*program{start(t, url, filepath.Join(dir, "acks.0")), start(t, url, filepath.Join(dir, "acks.1"))}
	defer func() {
		for _, p := range programs {
			p.kill()
		}
	}()
	// progress waits until both programs have been answered again
	progress := func() {
		before := []int64{programs[0].acked(), programs[1].acked()}
		until(t, func() bool { return programs[0].acked() > before[0]+1000 && programs[1].acked() > before[1]+1000 })
	}
	postmasters := 0
	began := time.Now()
	for round := range rounds {
		progress()
		switch {
		case round%3 != 2: // a program
			p := programs[round%2]
			p.kill()
			programs[round%2] = start(t, url, p.acks)
		case postmasters < 1+int(4*time.Since(began)/time.Minute): // the keeper restarts a few a minute
			postmasters++
			if err := cluster.Kill(); err != nil {
				t.Fatal(err)
			}
		default:
			killBackend(t, url)
		}
	}
	progress()
	for _, p := range programs {
		p.kill()
	}
	commands := sound(t, cluster)
	acknowledged := 0
	for _, p := range programs {
		f, err := os.Open(p.acks)
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
			if got := commands[uuid.MustParse(id)]; got != [2]int64{first, last} {
				t.Errorf("command %s was acknowledged at %d–%d and stands at %d–%d", id, first, last, got[0], got[1])
			}
		}
	}
	if acknowledged < 200 {
		t.Errorf("only %d commands were acknowledged", acknowledged)
	}
	t.Logf("%d rounds, %d kills of the postmaster, %d commands acknowledged, %d in the log, %v",
		rounds, postmasters, acknowledged, len(commands), time.Since(began).Round(time.Millisecond))
}

// killBackend kills one backend the hard way, which makes the postmaster end all
// others and recover from the log it wrote ahead.
func killBackend(t *testing.T, url string) {
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

// sound reads the whole log, fails where it is not what it should be, and
// returns where each command's events stand.
func sound(t *testing.T, cluster *localpg.Cluster) map[uuid.UUID][2]int64 {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), cluster.URL("runut"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	commands := make(map[uuid.UUID][2]int64)
	versions := make(map[string]int)
	next := int64(1)
	rows, err := pool.Query(t.Context(), `select position, record, leaf_hash from events order by position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var position int64
		var bytes, leaf []byte
		if err := rows.Scan(&position, &bytes, &leaf); err != nil {
			t.Fatal(err)
		}
		r, err := record.Parse(bytes)
		if err != nil {
			t.Fatal(err)
		}
		if position != next {
			t.Fatalf("position %d follows %d", position, next-1)
		}
		next++
		if versions[r.Stream]++; r.Version != versions[r.Stream] {
			t.Fatalf("%s has version %d at %d, want %d", r.Stream, r.Version, position, versions[r.Stream])
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
	var differ int
	err = pool.QueryRow(t.Context(), `
		select count(*) from (select (substring(convert_from(record, 'UTF8') from '"command":{"id":"([^"]+)'))::uuid as id, min(position) as first, max(position) as last
		                        from events group by 1) e
		  full join commands c using (id)
		 where (e.first, e.last) is distinct from (c.first, c.last)`).Scan(&differ)
	if err != nil || differ != 0 {
		t.Errorf("the table of commands differs from the log in %d rows, %v", differ, err)
	}
	return commands
}
