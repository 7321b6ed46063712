package notary_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"runut/eventstore/notary"
	"runut/eventstore/proof"
)

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if said := os.Getenv("RUNUT_TEST_SEAL"); said != "" {
		sealAndDie(strings.Split(said, "|"))
	}
	os.Exit(m.Run())
}

// sealAndDie seals once and kills itself as soon as a step is reached.
func sealAndDie(said []string) {
	url, key, state, at := said[0], said[1], said[2], said[3]
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		panic(err)
	}
	signer, err := proof.LoadSigner(key)
	if err != nil {
		panic(err)
	}
	n := &notary.Notary{DB: pool, Signer: signer, State: state, Log: slog.New(slog.DiscardHandler)}
	n.FailAt(func(step string) error {
		if step == at {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	})
	if _, err := n.Seal(context.Background()); err != nil {
		panic(err)
	}
	os.Exit(3) // the step was not reached
}

var steps = []string{"extended", "signed", "kept", "written", "published"}

// A ledger remembers every head it ever saw anywhere.
type ledger struct {
	roots map[int64]tlog.Hash
	last  map[string]int64 // by place
}

// saw holds that no size ever has two roots and no place ever goes back.
func (l *ledger) saw(t testing.TB, place string, c proof.Checkpoint) {
	t.Helper()
	if c.Size == 0 {
		return
	}
	if root, ok := l.roots[c.Size]; ok && root != c.Root {
		t.Fatalf("%s holds root %v of size %d, signed was %v too", place, c.Root, c.Size, root)
	}
	if c.Size < l.last[place] {
		t.Fatalf("%s went back from %d to %d", place, l.last[place], c.Size)
	}
	l.roots[c.Size], l.last[place] = c.Root, c.Size
}

func (l *ledger) look(t testing.TB, hosts ...*host) {
	t.Helper()
	for _, h := range hosts {
		kept, err := notary.ReadState(h.state)
		if err != nil {
			t.Fatal(err)
		}
		if kept.Size > 0 {
			if _, err := h.signer.Trust.Open([]byte(kept.Note)); err != nil {
				t.Fatalf("%s: %v", h.state, err)
			}
		}
		l.saw(t, h.state, kept.Checkpoint)
	}
	newest, err := hosts[0].book().Latest(t.Context())
	if err == nil {
		l.saw(t, "the table", newest.Checkpoint)
	}
}

// agrees holds that all heads are the log's own.
func (l *ledger) agrees(t testing.TB, h *host) {
	t.Helper()
	roots := h.roots(t)
	for size, root := range l.roots {
		if roots[size] != root {
			t.Errorf("signed was root %v of size %d, the log has %v", root, size, roots[size])
		}
	}
}

// Killed at any step, a signing leaves nothing, or what the next one goes on from.
func TestANotaryThatIsKilledContradictsNothing(t *testing.T) {
	h := newHost(t)
	key := filepath.Join(filepath.Dir(h.state), "signer")
	seen := &ledger{roots: map[int64]tlog.Hash{}, last: map[string]int64{}}
	for i, at := range append(steps, steps...) {
		h.append(t, 1+i*97)
		died := exec.Command(os.Args[0])
		died.Env = append(os.Environ(), fmt.Sprintf("RUNUT_TEST_SEAL=%s|%s|%s|%s", h.url, key, h.state, at))
		died.Stderr = os.Stderr
		err := died.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || !exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Fatalf("was not killed when it had %s: %v", at, err)
		}
		seen.look(t, h)
		if i%2 == 0 { // more happens before anybody signs again
			h.append(t, 3)
		}
		if i >= len(steps) { // and another one dies first
			again := exec.Command(os.Args[0])
			again.Env = append(os.Environ(), fmt.Sprintf("RUNUT_TEST_SEAL=%s|%s|%s|%s", h.url, key, h.state, "kept"))
			again.Run()
			seen.look(t, h)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if err := h.Await(ctx, 1); err != nil { // the server notices the end of a session in its own time
			t.Fatal(err)
		}
		cancel()
		sealedToTheEnd(t, h)
		seen.look(t, h)
	}
	seen.agrees(t, h)
}

// sealedToTheEnd seals until the head is signed: a session that was killed may
// hold the lock a moment longer.
func sealedToTheEnd(t testing.TB, h *host) {
	t.Helper()
	head, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := h.Await(ctx, head); err != nil {
		t.Fatal(err)
	}
}

// Two hosts sign one log and fail wherever they like, as a full disk, a lost
// connection or a cancelled context makes them.
func TestHeadsNeverContradictEachOtherWhateverFails(t *testing.T) {
	a := newHost(t)
	a.append(t, 1)
	a.seal(t)
	b := attend(t, a.url, a.signer, filepath.Join(t.TempDir(), "checkpoint"))
	if err := b.Adopt(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	failed := errors.New("as the test wants it")
	seen := &ledger{roots: map[int64]tlog.Hash{}, last: map[string]int64{}}
	for range 150 {
		h := a
		if r.IntN(2) == 0 {
			h = b
		}
		at := ""
		switch r.IntN(3) {
		case 0:
			h.append(t, 1+r.IntN(300))
			continue
		case 1:
			at = steps[r.IntN(len(steps))]
		}
		h.FailAt(func(step string) error {
			if step == at {
				return failed
			}
			return nil
		})
		if _, err := h.Seal(t.Context()); err != nil && !errors.Is(err, failed) {
			t.Fatal(err)
		}
		seen.look(t, a, b)
	}
	a.FailAt(nil)
	sealedToTheEnd(t, a)
	seen.look(t, a, b)
	seen.agrees(t, a)
	if len(seen.roots) < 10 {
		t.Errorf("only %d heads were signed", len(seen.roots))
	}
}

// A file that cannot be written publishes nothing; once there is room again
// signing goes on by itself.
func TestNothingIsPublishedThatWasNotKept(t *testing.T) {
	h := newHost(t)
	h.append(t, 1)
	h.seal(t)
	lock := h.state + ".lock"
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil { // as good as a full disk
		t.Fatal(err)
	}
	h.append(t, 1)
	if _, err := h.Seal(t.Context()); err == nil {
		t.Fatal("signed without a file")
	}
	refused(t, h.Trouble(), "log.unsealed")
	if newest, err := h.book().Latest(t.Context()); err != nil || newest.Size != 1 {
		t.Errorf("published %+v, %v", newest, err)
	}
	h.append(t, 1) // the log itself is well
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if head := h.seal(t); head.Size != 3 || h.Trouble() != nil {
		t.Errorf("signed %+v, %v", head, h.Trouble())
	}
}
