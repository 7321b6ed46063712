package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/cmd/runut/demo"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/crashtest"
	"runut/eventstore/notary"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
	"runut/eventstore/vault"
	"runut/projections"
)

// asAppender makes this test binary append to a database and keep its read
// models, until it is killed.
const asAppender = "RUNUT_TEST_APPEND"

// appendUntilKilled writes a line for each command that was acknowledged.
func appendUntilKilled(url, home string, acks io.Writer) {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		panic(err)
	}
	log := slog.New(slog.DiscardHandler)
	var store *eventstore.Store
	for store == nil {
		if store, err = eventstore.Open(ctx, pool, eventstore.Options{Catalog: catalog.Events, Log: log}); err != nil {
			time.Sleep(20 * time.Millisecond) // the server is coming up again
		}
	}
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		panic(err)
	}
	run := &projections.Runner{DB: pool, Store: store, Log: log, Backoff: 100 * time.Millisecond,
		Definitions: func(string) *workflow.Definition { return definition }}
	go run.Run(ctx)
	signer, err := proof.LoadSigner(filepath.Join(home, "signer"))
	if err != nil {
		panic(err)
	}
	sign := &notary.Notary{DB: pool, Store: store, Signer: signer, State: filepath.Join(home, "checkpoint"), Every: 100 * time.Millisecond, Log: log}
	go sign.Run(ctx)
	for caller := range 8 {
		go func() {
			for n := 0; ; n++ {
				tellOne(ctx, store, acks, definition.Hash(), caller, n)
			}
		}()
	}
	select {}
}

// tellOne appends the life of one proposal, a command a step.
func tellOne(ctx context.Context, store *eventstore.Store, acks io.Writer, definition string, caller, n int) {
	const year = 2026
	step := func(state, stage string) proposal.Step {
		return proposal.Step{State: workflow.State(state), Stage: stage, Via: "by hand"}
	}
	paper := domain.Document{Kind: "perkada", Number: "1/2026", Date: "2025-07-01"}
	village := fmt.Sprintf("99.01.%02d.2001", 1+caller)
	for version, e := range []proposal.Event{
		&proposal.Submitted{Step: step("at_kecamatan", "desa"), Lane: proposal.Musrenbang, Idea: proposal.Idea{Village: village, Title: domain.Mask(fmt.Sprint("Jalan ", n)),
			Problem: domain.Mask("Rusak"), Volume: domain.Volume{Amount: "12", Unit: "m"}, Estimate: domain.Rupiah(1+n%900) * 1_000_000, OPD: demo.OPD}},
		&proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: "forum-x/T1", Rank: 1, Of: 9, Cutoff: 8}},
		&proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), SubKegiatan: "1.03.10.2.01.0011", Volume: domain.Volume{Amount: "12", Unit: "m"}, Estimate: 1_000_000},
		&proposal.Agreed{Step: step("agreed", "kabupaten")},
		&proposal.IncludedInRKPD{Step: step("in_rkpd", "rkpd"), Allocation: proposal.Allocation{Document: paper, SubKegiatan: "1.03.10.2.01.0011", Amount: 900_000}},
		&proposal.LeftOut{Step: step("left_out", "ppas")},
	} {
		first := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, os.Getpid(), caller, n))
		stream := proposal.Stream(domain.Number(year, first, 1))
		cmd := event.Command{ID: uuid.New(), Actor: domain.Actor{Person: "p-4k7m2xq", Role: "planner", Scope: domain.Scope{Kind: domain.ScopeKabupaten}},
			Tenant: demo.Kabupaten, Cycle: year, Definition: definition}
		for {
			r, err := store.Append(ctx, cmd, event.Change{Stream: stream, Version: version, Facts: []event.Fact{{Event: e}}})
			if err == nil {
				fmt.Fprintf(acks, "%s %d %d\n", cmd.ID, r.First, r.Last)
				break
			}
			if _, stale := errors.AsType[*eventstore.ConflictError](err); stale {
				if version == 0 {
					return // another proposal drew the same number
				}
				panic(err)
			}
		}
	}
}

// startAppender runs appendUntilKilled in a process of its own.
func startAppender(t *testing.T, url, home, acks string) *crashtest.Program {
	t.Helper()
	return crashtest.Start(t, asAppender+"="+url+" "+home, acks)
}

// Two programs append and keep the read models, while they and PostgreSQL are
// killed in turn. What was acknowledged is in the log, once and in its place; the
// log has no gap; and the read models are what a fresh replay makes of it.
func TestCrashesLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes are long")
	}
	kills, some := 1, int64(5000) // of each kind; bytes of acknowledgements between them
	if pgtest.Long {
		kills, some = 100, 15_000
	}
	cluster := pgtest.Own(t)
	url := cluster.URL("runut")
	run := founded(t, url)
	dir, home := t.TempDir(), t.TempDir()
	signer, err := proof.CreateSigner(filepath.Join(home, "signer"), proof.DemoOrigin(demo.Kabupaten))
	if err != nil {
		t.Fatal(err)
	}
	programs := []*crashtest.Program{startAppender(t, url, home, filepath.Join(dir, "acks.0")), startAppender(t, url, home, filepath.Join(dir, "acks.1"))}
	defer func() {
		for _, p := range programs {
			p.Kill()
		}
	}()
	// progress waits until both programs have been answered again
	var longest time.Duration
	progress := func() {
		began := time.Now()
		before := [2]int64{programs[0].Acked(), programs[1].Acked()}
		for programs[0].Acked() < before[0]+some || programs[1].Acked() < before[1]+some {
			if time.Since(began) > deadline {
				t.Fatalf("no progress within %s", deadline)
			}
			time.Sleep(5 * time.Millisecond)
		}
		longest = max(longest, time.Since(began))
	}
	began := time.Now()
	for round := range 3 * kills {
		progress()
		switch round % 3 {
		case 0:
			p := programs[round/3%2]
			p.Kill()
			programs[round/3%2] = startAppender(t, url, home, p.Acks)
		case 1: // the postmaster; its backends end with it
			if err := cluster.Kill(); err != nil {
				t.Fatal(err)
			}
		case 2: // a backend at work; the postmaster ends all others and recovers
			crashtest.KillBackend(t, url)
		}
	}
	progress()
	for _, p := range programs {
		p.Kill()
	}
	took := time.Since(began)
	commands := crashtest.Sound(t, url)
	acknowledged := 0
	for _, p := range programs {
		acknowledged += commands.Kept(t, p.Acks)
	}
	pool := run.DB
	if err := run.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	stepped := tables(t, pool)
	if err := run.Rebuild(t.Context(), nil, nil); err != nil {
		t.Fatal(err)
	}
	differ(t, "read models kept through crashes and rebuilt", stepped, tables(t, pool))
	last := &notary.Notary{DB: pool, Store: run.Store, Signer: signer, State: filepath.Join(home, "checkpoint"), Log: run.Log}
	signed := rootsAgree(t, pool, last)
	t.Logf("%d kills each of a program, the postmaster and a backend in %s: %d commands acknowledged, %d in the log, %d rows in read models, %d heads signed, back at work within %s",
		kills, took.Round(time.Second), acknowledged, len(commands), len(stepped), signed, longest.Round(10*time.Millisecond))
	if acknowledged < 300*kills {
		t.Errorf("only %d commands were acknowledged", acknowledged)
	}
}

// founded makes a small kabupaten, and returns a runner of its read models.
func founded(t *testing.T, url string) *projections.Runner {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := demo.Seed(t.Context(), demo.Options{Store: store, Seed: 1, Day: time.Date(2025, 11, 20, 9, 0, 0, 0, time.UTC), Part: 70}); err != nil {
		t.Fatal(err)
	}
	definition := musrenbang(t)
	return &projections.Runner{DB: pool, Store: store, Log: log, Definitions: func(string) *workflow.Definition { return definition }}
}

// rootsAgree replays the tree from the records of the log, and fails where any head
// that was ever signed, or the tiles, have another root. It returns how many heads
// there are.
func rootsAgree(t *testing.T, pool *pgxpool.Pool, n *notary.Notary) int {
	t.Helper()
	newest, err := n.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query(t.Context(), `select size, root from tree.checkpoints`)
	if err != nil {
		t.Fatal(err)
	}
	signed := map[int64]tlog.Hash{}
	for rows.Next() {
		var size int64
		var root []byte
		if err := rows.Scan(&size, &root); err != nil {
			t.Fatal(err)
		}
		signed[size] = tlog.Hash(root)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	records, err := pool.Query(t.Context(), `select event_id, recorded_at, record from events order by position`)
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	var replayed proof.Tree
	agreeing := 0
	for size := int64(1); records.Next(); size++ {
		var id uuid.UUID
		var at time.Time
		var bytes []byte
		if err := records.Scan(&id, &at, &bytes); err != nil {
			t.Fatal(err)
		}
		replayed.Add(proof.Leaf(id, at, sha256.Sum256(bytes)))
		if root, ok := signed[size]; ok {
			agreeing++
			if root != replayed.Root() {
				t.Errorf("the head of %d events has another root than their records", size)
			}
		}
	}
	if err := records.Err(); err != nil {
		t.Fatal(err)
	}
	if agreeing != len(signed) || replayed.Size != newest.Size || replayed.Root() != newest.Root {
		t.Errorf("%d of %d heads are of this log; the newest is of %d events, the log has %d", agreeing, len(signed), newest.Size, replayed.Size)
	}
	tiles, err := notary.Book{DB: pool, Origin: n.Signer.Origin}.Consistency(t.Context(), newest.Size, newest.Size)
	if err != nil || tiles.To.Root != newest.Root {
		t.Errorf("the tiles' root is %v, %v; signed was %v", tiles.To.Root, err, newest.Root)
	}
	return len(signed)
}
