package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
)

// The commands that work beside a server, on one durable cluster of their own:
// on any other the program would refuse to.
func TestBesideAServer(t *testing.T) {
	cluster := pgtest.Own(t)
	url, err := cluster.Database(t.Context(), "runut")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("account", func(t *testing.T) { accounts(t, url) })
	t.Run("reference", func(t *testing.T) { registers(t, cluster) })
	t.Run("people", func(t *testing.T) { peopleByCommands(t, cluster) })
	t.Run("follow", func(t *testing.T) {
		l := newLine(t, url)
		t.Run("prints each event on a line and goes on where it was", l.goesOn)
		t.Run("prints what it is asked for only", l.filters)
		t.Run("survives kill -9", l.survives)
		t.Run("lists and resets groups", l.groups)
	})
}

func accounts(t *testing.T, url string) {
	keyring := filepath.Join(t.TempDir(), "keyring")
	database := "--database-url=" + url
	begin := []string{"account", "init", database, "--keyring=" + keyring, "--tenant=99.01", "--decree=800/1", "--date=2026-01-05", "--approver=Sutrisno Kenari", "--second=Wagiyem Kenari"}
	refused := func(sentence string, args ...string) {
		t.Helper()
		if status, out, complaints := runs(t, args...); status != 1 || out != "" || !strings.Contains(complaints, sentence) {
			t.Errorf("%v: %d %q %q, want it refused with %q", args[:2], status, out, complaints, sentence)
		}
	}
	refused(keyring, begin...) // there are no keys to seal names with
	if _, err := vault.CreateKeyring(keyring); err != nil {
		t.Fatal(err)
	}
	status, out, complaints := runs(t, begin...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != 0 || len(lines) != 2 || !strings.Contains(lines[0], "grant-first") || strings.Count(out, "rnt_") != 2 {
		t.Fatalf("account init: %d\n%s%s", status, out, complaints)
	}
	refused("grant-first", begin...)

	status, token, _ := runs(t, "account", "issue", "grant-first", "--name=sistem PUPR", "--use=feed", database)
	if status != 0 || !strings.HasPrefix(token, "rnt_") || strings.Count(token, "\n") != 1 {
		t.Fatalf("account issue: %d %q", status, token)
	}
	var issued struct{ Token, Grant string }
	status, out, _ = runs(t, "account", "issue", "grant-second", "--name=mesin", "--json", database)
	if err := json.Unmarshal([]byte(out), &issued); err != nil || status != 0 || issued.Grant != "grant-second" || !strings.HasPrefix(issued.Token, "rnt_") {
		t.Errorf("account issue --json: %d %v %s", status, err, out)
	}
	refused("grant-nobody", "account", "issue", "grant-nobody", "--name=x", database)
	refused("terbang", "account", "issue", "grant-first", "--name=x", "--use=terbang", database)
	refused("366", "account", "issue", "grant-first", "--name=x", "--days=4000", database)

	list := func() string {
		t.Helper()
		status, out, complaints := runs(t, "account", "list", database)
		if status != 0 || strings.Count(out, "\n") != 4 {
			t.Errorf("account list: %d\n%s%s", status, out, complaints)
		}
		return out
	}
	if out := list(); strings.Contains(out, "dicabut") || strings.Contains(out, strings.Split(token, "_")[2]) {
		t.Errorf("account list:\n%s", out)
	}
	id := strings.Split(token, "_")[1]
	if status, _, complaints := runs(t, "account", "revoke", id, database); status != 0 {
		t.Errorf("account revoke: %s", complaints)
	}
	if out := list(); !strings.Contains(out, "dicabut") {
		t.Errorf("a revoked token is listed like any other:\n%s", out)
	}
	refused("nobody", "account", "revoke", "nobody", database)

	pool := connected(t, url)
	var named int
	if err := pool.QueryRow(t.Context(), `select count(*) from events where convert_from(record, 'UTF8') || coalesce(texts::text, '') like '%Kenari%'`).Scan(&named); err != nil || named > 0 {
		t.Errorf("%d events name somebody, %v", named, err)
	}
}

// connected returns a pool that lasts until the test is over.
func connected(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// A line is a log that something is appended to while others follow it.
type line struct {
	url   string
	pool  *pgxpool.Pool
	store *eventstore.Store
}

func newLine(t *testing.T, url string) *line {
	l := &line{url: url, pool: connected(t, url)}
	var err error
	l.store, err = eventstore.Open(t.Context(), l.pool, eventstore.Options{Catalog: catalog.Events, Tenant: "99.01", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.Close)
	return l
}

// append adds n events, each on a proposal of its own, and returns the position
// of the last one.
func (l *line) append(t *testing.T, n int, of func(i int) any) (head int64) {
	t.Helper()
	for chunk := range slices.Chunk(make([]int, n), 250) {
		var changes []event.Change
		for i := range chunk {
			changes = append(changes, event.Change{Stream: proposal.Stream(domain.Number(2027, uuid.New(), i)), Facts: []event.Fact{{Event: of(i)}}})
		}
		r, err := l.store.Append(t.Context(), event.Command{ID: uuid.New(), Actor: domain.System(), Cycle: 2027}, changes...)
		if err != nil {
			t.Fatal(err)
		}
		head = r.Last
	}
	return head
}

func aligned(int) any { return &proposal.Aligned{Plan: "rpjmd"} }

func (l *line) follow(t *testing.T, args ...string) *program {
	t.Helper()
	return start(t, append([]string{"follow", "--database-url=" + l.url}, args...)...)
}

// position returns how far a group has come; -1 where there is none.
func (l *line) position(t *testing.T, group string) (p int64) {
	t.Helper()
	if err := l.pool.QueryRow(t.Context(), `select coalesce((select position from consumers where name = $1), -1)`, group).Scan(&p); err != nil {
		t.Fatal(err)
	}
	return p
}

// printed returns the positions of the events that a program printed.
func printed(p *program) []int64 {
	p.Helper()
	var out []int64
	for _, text := range p.out.lines() {
		if text == "" {
			continue
		}
		var e struct {
			SpecVersion, ID, Type, Source string
			Data                          struct{ Stream string }
		}
		if err := json.Unmarshal([]byte(text), &e); err != nil || e.SpecVersion != "1.0" || e.Source != "/kabupaten/99.01" || e.Type == "" || e.Data.Stream == "" {
			p.Fatalf("that is no event: %v %s", err, text)
		}
		n, err := strconv.ParseInt(e.ID, 10, 64)
		if err != nil {
			p.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func upTo(from, to int64) (all []int64) {
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func (l *line) goesOn(t *testing.T) {
	first := l.append(t, 200, aligned)
	p := l.follow(t, "--group=sistem")
	p.until("all lines", func() bool { return int64(len(p.out.lines())) >= first && p.out.String() != "" })
	second := l.append(t, 40, aligned)
	p.until("what was appended meanwhile", func() bool { return int64(len(p.out.lines())) >= second })
	took := p.interrupt()
	if got := printed(p); !slices.Equal(got, upTo(1, second)) {
		t.Errorf("printed %d events, want each of %d once and in order", len(got), second)
	}
	if complaints := p.err.String(); complaints != "" {
		t.Errorf("it complains: %s", complaints)
	}

	third := l.append(t, 60, aligned)
	again := l.follow(t, "--group=sistem")
	again.until("the rest", func() bool { return len(printed(again)) >= 60 })
	again.interrupt()
	if got := printed(again); !slices.Equal(got, upTo(second+1, third)) {
		t.Errorf("after a restart: %d events %v…, want those after %d", len(got), got[:min(len(got), 3)], second)
	}
	t.Logf("stopped in %s", took.Round(time.Millisecond))
}

func (l *line) filters(t *testing.T) {
	head := l.append(t, 20, func(i int) any {
		if i%5 == 0 {
			return &proposal.Withdrawn{Reason: "PGS-TARIK", Text: domain.Text{Masked: "Ditarik"}}
		}
		return aligned(i)
	})
	p := l.follow(t, "--group=penarikan", "--type=proposal.withdrawn", "--cycle=2027")
	p.until("four of them", func() bool { return len(printed(p)) >= 4 })
	p.until("the group at the end", func() bool { return l.position(t, "penarikan") == head })
	p.interrupt()
	if got := strings.Count(p.out.String(), `"type":"proposal.withdrawn"`); got != 4 || len(printed(p)) != 4 || !strings.Contains(p.out.String(), "Ditarik") {
		t.Errorf("printed %s", p.out.String())
	}
	now := l.follow(t, "--group=baru", "--from=-1")
	now.until("a group that begins now", func() bool { return l.position(t, "baru") == head })
	later := l.append(t, 1, aligned)
	now.until("the first event after it", func() bool { return len(printed(now)) > 0 })
	now.interrupt()
	if got := printed(now); !slices.Equal(got, []int64{later}) {
		t.Errorf("a group from now on printed %v, want %d", got, later)
	}
}

// A line that was printed just before a kill may come again; none is left out.
func (l *line) survives(t *testing.T) {
	var head int64
	seen, runs := []int64{}, 0
	for kills := range 3 {
		head = l.append(t, 1500, aligned)
		p := l.follow(t, "--group=tangguh")
		p.until("it at work", func() bool { return len(p.out.lines()) > 400 })
		p.kill()
		if !killed(p.status) {
			t.Errorf("kill %d: it ended by itself: %v", kills, p.status)
		}
		seen, runs = append(seen, printed(p)...), runs+1
	}
	last := l.follow(t, "--group=tangguh")
	last.until("the end", func() bool { return l.position(t, "tangguh") == head })
	last.interrupt()
	seen = append(seen, printed(last)...)
	var once []int64
	newest := int64(0)
	for _, n := range seen {
		if n > newest {
			once, newest = append(once, n), n
		}
	}
	if !slices.Equal(once, upTo(1, head)) {
		t.Errorf("%d of %d events were printed in order", len(once), head)
	}
	again := len(seen) - len(once)
	if most := runs * 100; again > most {
		t.Errorf("%d lines came again after %d kills, want at most %d", again, runs, most)
	}
	t.Logf("%d of %d lines came again over %d kills", again, head, runs)
}

func (l *line) groups(t *testing.T) {
	list := func() string {
		t.Helper()
		status, out, complaints := runs(t, "follow", "--list", "--database-url="+l.url)
		if status != 0 {
			t.Errorf("%d %s", status, complaints)
		}
		return out
	}
	if out := list(); strings.Count(out, "\n") != 4 || !strings.Contains(out, "penarikan") {
		t.Errorf("groups:\n%s", out)
	}
	if status, _, complaints := runs(t, "follow", "--group=penarikan", "--reset=7", "--database-url="+l.url); status != 0 {
		t.Errorf("reset: %s", complaints)
	}
	if p := l.position(t, "penarikan"); p != 7 {
		t.Errorf("after the reset it stands at %d", p)
	}
	for _, test := range []struct {
		says string
		args []string
	}{
		{"proposal.tari", []string{"--group=x", "--type=proposal.tari"}},
		{"--group", nil},
		{"Sistem PUPR", []string{"--group=Sistem PUPR"}},
		{"tidak-pernah", []string{"--group=tidak-pernah", "--reset=1"}},
		{"1000000000000", []string{"--group=penarikan", "--reset=1000000000000"}},
	} {
		status, out, complaints := runs(t, append([]string{"follow", "--database-url=" + l.url}, test.args...)...)
		if status != 1 || out != "" || !strings.Contains(complaints, test.says) {
			t.Errorf("%v: %d %q %q", test.args, status, out, complaints)
		}
	}
}
