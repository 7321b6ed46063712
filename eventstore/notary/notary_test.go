package notary_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain/event"
	"runut/domain/logbook"
	"runut/eventstore/notary"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
)

func TestAnEmptyLogIsNotSigned(t *testing.T) {
	h := newHost(t)
	if head := h.seal(t); head.Size != 0 {
		t.Errorf("signed %+v", head)
	}
	_, err := h.book().Latest(t.Context())
	refused(t, err, "log.unsigned")
	if _, err := os.Stat(h.state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file of nothing: %v", err)
	}
}

// What was signed is the root over all leaf hashes, and lies in the table and in
// the file; signing again changes nothing while the head stands still.
func TestTheHeadIsSignedOnceItMoves(t *testing.T) {
	h := newHost(t)
	for _, n := range []int{1, 4, 251, 1, 300, 700} {
		h.append(t, n)
		head := h.seal(t)
		roots := h.roots(t)
		if head.Size != int64(len(roots)-1) || head.Root != roots[head.Size] {
			t.Fatalf("signed size %d root %v, the log has %d events and root %v", head.Size, head.Root, len(roots)-1, roots[len(roots)-1])
		}
		if got := read(t, h.state); got != head.Note {
			t.Errorf("the file holds %q, signed was %q", got, head.Note)
		}
		latest, err := h.book().Latest(t.Context())
		if err != nil || latest.Note != head.Note {
			t.Errorf("the table holds %q, %v", latest.Note, err)
		}
		if _, err := h.signer.Trust.Open([]byte(head.Note)); err != nil {
			t.Error(err)
		}
		if again := h.seal(t); again.Note != head.Note {
			t.Errorf("signed again: %q", again.Note)
		}
	}
}

// However many processes sign one log, on one host or several, each head is signed
// once.
func TestManyProcessesSignOneLog(t *testing.T) {
	a := newHost(t)
	again := attend(t, a.url, a.signer, a.state)
	a.append(t, 3)
	together := func(hosts ...*host) {
		t.Helper()
		var all sync.WaitGroup
		for _, h := range hosts {
			all.Go(func() {
				for range 10 {
					if _, err := h.Seal(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	}
	together(a, again)
	b := attend(t, a.url, a.signer, filepath.Join(t.TempDir(), "checkpoint"))
	if err := b.Adopt(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	a.append(t, 4)
	together(a, again, b)
	heads, err := a.book().Before(t.Context(), 0, 100)
	if err != nil || len(heads) != 2 || heads[0].Size != 7 || heads[1].Size != 3 {
		t.Errorf("signed %+v, %v", heads, err)
	}
}

func TestAHostFollowsWhatOthersSign(t *testing.T) {
	a := newHost(t)
	a.append(t, 3)
	a.seal(t)
	b := attend(t, a.url, a.signer, filepath.Join(t.TempDir(), "checkpoint"))
	_, err := b.Seal(t.Context())
	refused(t, err, "log.state_missing")
	if err := b.Adopt(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	a.append(t, 5)
	head := a.seal(t)
	b.seal(t)
	if got := read(t, b.state); got != head.Note {
		t.Errorf("b holds %q, a signed %q", got, head.Note)
	}
	b.append(t, 1)
	if head := b.seal(t); head.Size != 9 || a.seal(t).Note != head.Note || read(t, a.state) != head.Note {
		t.Errorf("a does not hold what b signed: %+v", head)
	}
}

// A table of tiles is a copy: made again from the log it is the same.
func TestTilesFollowFromTheLog(t *testing.T) {
	h := newHost(t)
	h.append(t, 900)
	head := h.seal(t)
	type tile struct {
		Level  int
		N      int64
		Width  int
		Hashes []byte
	}
	table := func() []tile {
		rows, err := h.pool.Query(t.Context(), `select level, n, width, hashes from tree.tiles order by level, n`)
		if err != nil {
			t.Fatal(err)
		}
		tiles, err := pgx.CollectRows(rows, pgx.RowToStructByPos[tile])
		if err != nil {
			t.Fatal(err)
		}
		return tiles
	}
	grown := table()
	if err := notary.Rebuild(t.Context(), h.pool, func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(grown, table()); diff != "" {
		t.Errorf("rebuilt (-grown +rebuilt):\n%s", diff)
	}
	if again := h.seal(t); again.Note != head.Note {
		t.Errorf("signed %q after, %q before", again.Note, head.Note)
	}
	for _, broken := range []string{
		`update tree.tiles set hashes = substring(hashes for 3) || '\xff'::bytea || substring(hashes from 5) where level = 0 and n = 3`,
		`update tree.tiles set width = 1, hashes = substring(hashes for 32) where level = 0 and n = 3`,
		`update tree.checkpoints set root = root where false; update tree.checkpoints set size = size + 1`,
		`delete from tree.checkpoints`, `truncate tree.checkpoints`, `delete from tree.signing_keys`, `update tree.signing_keys set since = 0`,
	} {
		if _, err := h.pool.Exec(t.Context(), broken); err == nil {
			t.Errorf("%s went through", broken)
		}
	}
}

// Somebody who owns the database changes the tiles: the next head is not signed,
// and the remedy is to make them again.
func TestBrokenTilesAreNotSigned(t *testing.T) {
	h := newHost(t)
	h.append(t, 700)
	h.seal(t)
	h.append(t, 1)
	for _, sql := range []string{`alter table tree.tiles disable trigger all`,
		`update tree.tiles set hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1) where level = 0 and n = 2`} {
		if _, err := h.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.Seal(t.Context())
	refused(t, err, "tree.damaged")
	refused(t, h.Trouble(), "tree.damaged")
	h.append(t, 1) // the log is as it was, so it goes on
	if err := notary.Rebuild(t.Context(), h.pool, func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	if head := h.seal(t); head.Size != 702 || h.Trouble() != nil {
		t.Errorf("signed %+v, trouble %v", head, h.Trouble())
	}
}

// A backup from before the last signing is put back: the program only reads, and
// names what is missing, until it is there again.
func TestARestoredDatabaseIsReadOnlyAndNamesWhatIsMissing(t *testing.T) {
	h := newHost(t)
	h.append(t, 6)
	h.seal(t)
	h.leave()
	backup := copyOf(t, h)
	h = attend(t, h.url, h.signer, h.state)
	h.append(t, 4)
	h.seal(t)
	before := read(t, h.state)

	old := attend(t, backup, h.signer, h.state)
	_, err := old.Seal(t.Context())
	e := refused(t, err, "log.shrunk")
	if e.Params["head"] != "6" || e.Params["from"] != "7" || e.Params["to"] != "10" {
		t.Errorf("names %v, want 7 to 10 after 6", e.Params)
	}
	_, err = old.store.Append(t.Context(), command(uuid.New()), event.Change{Stream: "village-x", Facts: []event.Fact{{Event: &noted{1}}}})
	refused(t, err, "log.shrunk")

	// somebody writes on all the same: what is there now is something else
	old.store.Halt(nil)
	old.append(t, 20)
	_, err = old.Seal(t.Context())
	e = refused(t, err, "log.forked")
	if e.Params["from"] != "7" || e.Params["to"] != "10" {
		t.Errorf("names %v, want 7 to 10", e.Params)
	}
	if got := read(t, h.state); got != before {
		t.Errorf("the file was changed to %q", got)
	}
	if heads, err := old.book().Before(t.Context(), 0, 9); err != nil || len(heads) != 1 || heads[0].Size != 6 {
		t.Errorf("signed meanwhile: %+v, %v", heads, err)
	}
	// with the database back in its place all is well
	h.append(t, 1)
	h.seal(t)
}

func TestAFileThatSaysNothingStopsTheLog(t *testing.T) {
	h := newHost(t)
	h.append(t, 2)
	head := h.seal(t)
	for text, code := range map[string]string{
		"nonsense": "log.state_damaged",
		"":         "log.state_damaged",
		head.Note[:len(head.Note)-10] + "AAAAAAAA=\n": "log.state_damaged",
	} {
		if err := os.WriteFile(h.state, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := h.Seal(t.Context())
		refused(t, err, code)
	}
	if err := os.Remove(h.state); err != nil {
		t.Fatal(err)
	}
	_, err := h.Seal(t.Context())
	refused(t, err, "log.state_missing")
	_, err = h.store.Append(t.Context(), command(uuid.New()), event.Change{Stream: "village-x", Facts: []event.Fact{{Event: &noted{1}}}})
	refused(t, err, "log.state_missing")
	// the operator has the last checkpoint from elsewhere
	if err := h.Adopt(t.Context(), []byte(head.Note)); err != nil {
		t.Fatal(err)
	}
	h.seal(t)
	h.append(t, 1)
}

// Another log's key on this log's database, or the other way round, signs nothing.
func TestAnotherLogsKeySignsNothing(t *testing.T) {
	h := newHost(t)
	h.append(t, 2)
	h.seal(t)
	stranger, err := proof.CreateSigner(filepath.Join(t.TempDir(), "signer"), "runut.example/99.02")
	if err != nil {
		t.Fatal(err)
	}
	same := attend(t, h.url, stranger, h.state)
	_, err = same.Seal(t.Context())
	refused(t, err, "log.other_origin")
	other := attend(t, h.url, stranger, filepath.Join(t.TempDir(), "checkpoint"))
	_, err = other.Seal(t.Context())
	refused(t, err, "log.other_origin")
	// the log itself says that it goes on under that name
	if _, err := h.store.Append(t.Context(), command(uuid.New()), event.Change{Stream: logbook.Stream, Facts: []event.Fact{{Event: &restarted{stranger.Origin}}}}); err != nil {
		t.Fatal(err)
	}
	if head := other.seal(t); head.Size != 3 || head.Origin != stranger.Origin {
		t.Errorf("signed %+v", head)
	}
}

// A new key signs beside the old one from the start, the head that is there too;
// what the old one alone signed stays good.
func TestAKeyIsFollowedByAnother(t *testing.T) {
	h := newHost(t)
	path := filepath.Join(filepath.Dir(h.state), "signer")
	h.append(t, 2)
	first := h.seal(t)
	both, err := proof.RotateSigner(path)
	if err != nil {
		t.Fatal(err)
	}
	h = attend(t, h.url, both, h.state)
	second := h.seal(t)
	if second.Checkpoint != first.Checkpoint || second.Note == first.Note {
		t.Errorf("first %q, then %q", first.Note, second.Note)
	}
	if signed, err := both.Trust.Open([]byte(read(t, h.state))); err != nil || len(signed.Keys) != 2 {
		t.Errorf("%d signatures in the file, %v", len(signed.Keys), err)
	}
	// the old line is taken out
	lines := bytes.SplitAfter([]byte(read(t, path)), []byte("\n"))
	if err := os.WriteFile(path, lines[1], 0o600); err != nil {
		t.Fatal(err)
	}
	last, err := proof.LoadSigner(path)
	if err != nil {
		t.Fatal(err)
	}
	h = attend(t, h.url, last, h.state)
	h.append(t, 1)
	third := h.seal(t)
	if _, err := last.Trust.Open([]byte(third.Note)); err != nil {
		t.Error(err)
	}
	keys, err := h.book().Keys(t.Context())
	if err != nil || !slices.Equal(keys, both.Public) {
		t.Errorf("the log says it signed under %v, %v; want %v", keys, err, both.Public)
	}
}

// While a head is being signed, at whatever step, events are appended as ever.
func TestAppendersDoNotWaitForTheNotary(t *testing.T) {
	h := newHost(t)
	h.append(t, 300)
	at, on := make(chan string), make(chan bool)
	h.FailAt(func(step string) error { at <- step; <-on; return nil })
	sealed := make(chan error)
	go func() { _, err := h.Seal(context.Background()); sealed <- err }()
	for _, want := range []string{"extended", "signed", "kept", "written", "published"} {
		if step := <-at; step != want {
			t.Fatalf("reached %s, want %s", step, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if _, err := h.store.Append(ctx, command(uuid.New()), event.Change{Stream: "village-" + want, Facts: []event.Fact{{Event: &noted{1}}}}); err != nil {
			t.Errorf("an append while the notary had %s: %v", want, err)
		}
		cancel()
		on <- true
	}
	if err := <-sealed; err != nil {
		t.Error(err)
	}
}

type counter struct{ n atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// counted returns a pool on h's database that counts statements.
func counted(t *testing.T, h *host) (*pgxpool.Pool, *counter) {
	config, err := pgxpool.ParseConfig(h.url)
	if err != nil {
		t.Fatal(err)
	}
	c := new(counter)
	config.ConnConfig.Tracer = c
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, c
}

// Signing takes as many statements for a thousand events as for one, and a proof
// three.
func TestWhatTheNotaryAsksDoesNotGrow(t *testing.T) {
	h := newHost(t)
	h.append(t, 1)
	h.seal(t)
	pool, c := counted(t, h)
	h.Notary = &notary.Notary{DB: pool, Signer: h.signer, State: h.state, Log: h.Notary.Log}
	taken := func(f func()) int64 {
		before := c.n.Load()
		f()
		return c.n.Load() - before
	}
	h.append(t, 1)
	one := taken(func() { h.seal(t) })
	h.append(t, 3000)
	many := taken(func() { h.seal(t) })
	if one != many || many > 20 {
		t.Errorf("%d statements to sign one event, %d to sign 3000", one, many)
	}
	if idle := taken(func() { h.seal(t) }); idle != 1 {
		t.Errorf("%d statements where nothing is to be done", idle)
	}
	last := h.append(t, 1)
	h.seal(t)
	book := notary.Book{DB: pool, Origin: origin, Above: new(notary.Kept)}
	for _, want := range []int64{2, 1} { // the tiles above the leaves are read once
		if n := taken(func() {
			if _, err := book.Inclusion(t.Context(), last.ID); err != nil {
				t.Error(err)
			}
		}); n != want {
			t.Errorf("%d statements for a proof, want %d", n, want)
		}
	}
}

// What is kept of the tree is no reason to refuse: a tree made anew under the same
// heads is read again, and a record that is not the one sealed is refused still.
func TestKeptTilesAreNotTakenForTrue(t *testing.T) {
	h := newHost(t)
	e := h.append(t, 300)
	h.seal(t)
	book := h.book()
	book.Above = new(notary.Kept)
	if _, err := h.pool.Exec(t.Context(), `alter table tree.tiles disable trigger all`); err != nil {
		t.Fatal(err)
	}
	right := upper(t, h)
	alter := func(hashes []byte) {
		t.Helper()
		if _, err := h.pool.Exec(t.Context(), `update tree.tiles set hashes = $1 where level = 1`, hashes); err != nil {
			t.Fatal(err)
		}
	}
	wrong := slices.Clone(right)
	wrong[0] ^= 1
	alter(wrong)
	_, err := book.Inclusion(t.Context(), e.ID)
	refused(t, err, "inclusion.wrong")
	alter(right)
	if _, err := book.Inclusion(t.Context(), e.ID); err != nil {
		t.Errorf("after the tree was mended: %v", err)
	}
	alter(wrong)
	if _, err := book.Inclusion(t.Context(), e.ID); err != nil {
		t.Errorf("with the tile at hand: %v", err)
	}
}

func upper(t *testing.T, h *host) (hashes []byte) {
	t.Helper()
	if err := h.pool.QueryRow(t.Context(), `select hashes from tree.tiles where level = 1`).Scan(&hashes); err != nil {
		t.Fatal(err)
	}
	return hashes
}

func TestWhoWaitsForAProofGetsItAtOnce(t *testing.T) {
	h := newHost(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	e := h.append(t, 3)
	_, err := h.book().Inclusion(ctx, e.ID)
	refused(t, err, "log.unsigned")
	if p, err := h.book().Place(ctx, e.ID); err != nil || p.Position != e.Position || p.Leaf() != e.Leaf {
		t.Errorf("before it is sealed it stands at %+v, %v", p, err)
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			if err := h.Await(ctx, e.Position); err != nil {
				t.Error(err)
			}
		})
	}
	readers.Wait()
	p, err := h.book().Inclusion(ctx, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verify(e.Leaf, h.signer.Trust); err != nil {
		t.Error(err)
	}
	if heads, err := h.book().Before(ctx, 0, 9); err != nil || len(heads) != 1 {
		t.Errorf("%d heads signed, %v", len(heads), err)
	}
}

// Every event is proven, in every head that covers it, and every head continues
// every earlier one.
func TestEverythingSignedIsProven(t *testing.T) {
	h := newHost(t)
	var events []eventAt
	for _, n := range []int{1, 2, 254, 3, 260} {
		e := h.append(t, n)
		events = append(events, eventAt{e.ID, e.Position, e.Leaf})
		h.seal(t)
	}
	heads, err := h.book().Before(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		p, err := h.book().Inclusion(t.Context(), e.id)
		if err != nil {
			t.Fatal(err)
		}
		file, err := proof.ParseInclusion(p.Format())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Verify(e.leaf, h.signer.Trust); err != nil || file.Index != e.position-1 {
			t.Errorf("event %d: index %d, %v", e.position, file.Index, err)
		}
		covering, err := h.book().Covering(t.Context(), e.position)
		if err != nil || covering.Size != e.position {
			t.Errorf("event %d is covered by %d, %v", e.position, covering.Size, err)
		}
	}
	for _, a := range heads {
		for _, b := range heads {
			if a.Size > b.Size {
				continue
			}
			c, err := h.book().Consistency(t.Context(), a.Size, b.Size)
			if err != nil {
				t.Fatal(err)
			}
			if c.From.Checkpoint != a.Note || c.To.Root != b.Root {
				t.Errorf("%d to %d: %+v", a.Size, b.Size, c)
			}
			if err := proof.CheckConsistent(a.Checkpoint, b.Checkpoint, c.Hashes); err != nil {
				t.Error(err)
			}
		}
	}
	_, err = h.book().Consistency(t.Context(), 5, 521)
	refused(t, err, "log.size_unsealed")
	_, err = h.book().Consistency(t.Context(), 5, 4)
	refused(t, err, "consistency.shrunk")
	_, err = h.book().Place(t.Context(), uuid.New())
	refused(t, err, "event.unsealed")
}

type eventAt struct {
	id       uuid.UUID
	position int64
	leaf     tlog.Hash
}

// Nobody is handed more of the tree than was signed.
func TestTilesEndWhereTheHeadDoes(t *testing.T) {
	h := newHost(t)
	h.append(t, 300)
	h.seal(t)
	h.append(t, 300) // not signed
	tile := func(l int, n int64, w int) tlog.Tile { return tlog.Tile{H: 8, L: l, N: n, W: w} }
	for _, test := range []struct {
		tile tlog.Tile
		want int // bytes; 0: absent
	}{
		{tile(0, 0, 256), 8192}, {tile(0, 1, 44), 44 * 32}, {tile(0, 1, 3), 96}, {tile(1, 0, 1), 32},
		{tile(-1, 0, 256), 256 * 59}, {tile(-1, 1, 44), 44 * 59}, {tile(-1, 1, 1), 59},
		{tile(0, 1, 45), 0}, {tile(0, 1, 256), 0}, {tile(0, 2, 1), 0}, {tile(1, 0, 2), 0}, {tile(2, 0, 1), 0}, {tile(-1, 1, 45), 0}, {tile(63, 0, 1), 0},
		{tile(0, 1<<50, 1), 0},
	} {
		data, err := h.book().Tile(t.Context(), test.tile)
		if test.want == 0 {
			refused(t, err, "tile.absent")
			continue
		}
		if err != nil || len(data) != test.want {
			t.Errorf("tile %s holds %d bytes, %v; want %d", proof.Path(test.tile), len(data), err, test.want)
		}
	}
	bundle, err := h.book().Tile(t.Context(), tile(-1, 1, 44))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := proof.Entries(bundle)
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := h.book().Tile(t.Context(), tile(0, 1, 44))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if leaf := tlog.RecordHash(e); !bytes.Equal(leaf[:], leaves[i*32:i*32+32]) {
			t.Errorf("entry %d is not what leaf %d hashes", i, i)
		}
	}
}

// The role that answers visitors reads the tree, and no record.
func TestThePublicRoleReadsTheTreeAlone(t *testing.T) {
	h := newHost(t)
	e := h.append(t, 3)
	h.seal(t)
	config, err := pgxpool.ParseConfig(h.url)
	if err != nil {
		t.Fatal(err)
	}
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `set role runut_public`)
		return err
	}
	public, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer public.Close()
	book := notary.Book{DB: public, Origin: origin}
	if _, err := book.Inclusion(t.Context(), e.ID); err != nil {
		t.Error(err)
	}
	if _, err := book.Tile(t.Context(), tlog.Tile{H: 8, L: -1, N: 0, W: 3}); err != nil {
		t.Error(err)
	}
	for _, sql := range []string{`select record from events`, `select 1 from commands`, `insert into tree.places values (gen_random_uuid(), 1)`, `update tree.checkpoints set note = ''`} {
		if _, err := public.Exec(t.Context(), sql); err == nil {
			t.Errorf("the public role may %s", sql)
		}
	}
}

// A server runs as runut_app: that is enough to sign.
func TestTheServersRoleIsEnoughToSign(t *testing.T) {
	pgtest.Open(t)
	h := newHost(t)
	h.append(t, 300)
	config, err := pgxpool.ParseConfig(h.url)
	if err != nil {
		t.Fatal(err)
	}
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `set role runut_app`)
		return err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	n := &notary.Notary{DB: pool, Signer: h.signer, State: h.state, Log: h.Notary.Log}
	for range 2 {
		if _, err := n.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.append(t, 5)
	}
	for _, sql := range []string{`delete from tree.tiles`, `truncate tree.places`, `update tree.places set position = 1`, `update tree.checkpoints set root = root`} {
		if _, err := pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the server may %s", sql)
		}
	}
}
