package eventstore_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/crashtest"
	"runut/eventstore/localpg"
	"runut/eventstore/pgtest"
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

// start runs appendForEver in a process of its own.
func start(t *testing.T, url, acks string) *crashtest.Program {
	t.Helper()
	return crashtest.Start(t, "RUNUT_TEST_APPEND_TO="+url, acks)
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
	programs := []*crashtest.Program{start(t, url, filepath.Join(dir, "acks.0")), start(t, url, filepath.Join(dir, "acks.1"))}
	defer func() {
		for _, p := range programs {
			p.Kill()
		}
	}()
	// progress waits until both programs have been answered again
	progress := func() {
		before := []int64{programs[0].Acked(), programs[1].Acked()}
		until(t, func() bool { return programs[0].Acked() > before[0]+1000 && programs[1].Acked() > before[1]+1000 })
	}
	postmasters := 0
	began := time.Now()
	for round := range rounds {
		progress()
		switch {
		case round%3 != 2: // a program
			p := programs[round%2]
			p.Kill()
			programs[round%2] = start(t, url, p.Acks)
		case postmasters < 1+int(4*time.Since(began)/time.Minute): // the keeper restarts a few a minute
			postmasters++
			if err := cluster.Kill(); err != nil {
				t.Fatal(err)
			}
		default:
			crashtest.KillBackend(t, url)
		}
	}
	progress()
	for _, p := range programs {
		p.Kill()
	}
	commands := sound(t, url)
	acknowledged := 0
	for _, p := range programs {
		acknowledged += commands.Kept(t, p.Acks)
	}
	if acknowledged < 200 {
		t.Errorf("only %d commands were acknowledged", acknowledged)
	}
	t.Logf("%d rounds, %d kills of the postmaster, %d commands acknowledged, %d in the log, %v",
		rounds, postmasters, acknowledged, len(commands), time.Since(began).Round(time.Millisecond))
}

// sound reads the whole log, fails where it is not what it should be or where the
// table of commands says something else, and returns its commands.
func sound(t *testing.T, url string) crashtest.Commands {
	t.Helper()
	commands := crashtest.Sound(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var differ int
	err = conn.QueryRow(t.Context(), `
		select count(*) from (select (substring(convert_from(record, 'UTF8') from '"command":{"id":"([^"]+)'))::uuid as id, min(position) as first, max(position) as last
		                        from events group by 1) e
		  full join commands c using (id)
		 where (e.first, e.last) is distinct from (c.first, c.last)`).Scan(&differ)
	if err != nil || differ != 0 {
		t.Errorf("the table of commands differs from the log in %d rows, %v", differ, err)
	}
	return commands
}
