//go:build linux

package eventstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// smallDisk mounts a disk of so many bytes, to be filled.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprint("mode=0711,size=", size)); err != nil {
		t.Skipf("a disk that can be filled has to be mounted, which takes root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	for up := filepath.Dir(dir); up != os.TempDir() && up != "/"; up = filepath.Dir(up) { // as root, PostgreSQL is somebody else
		if err := os.Chmod(up, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fillDisk takes all room that is left on a disk, and returns what gives it back.
func fillDisk(t *testing.T, dir string) (free func()) {
	t.Helper()
	balloon, err := os.Create(filepath.Join(dir, "balloon"))
	if err != nil {
		t.Fatal(err)
	}
	defer balloon.Close()
	for size := 1 << 20; size > 0; {
		if _, err := balloon.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return func() {
		if err := os.Remove(balloon.Name()); err != nil {
			t.Error(err)
		}
	}
}

// On a full disk appends are refused and nothing is half done. Once there is room
// the log goes on without anybody's help, and whoever asks again is answered.
func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	rounds := 1
	if pgtest.Long {
		rounds = 20
	}
	disk := smallDisk(t, 220<<20)
	home := filepath.Join(disk, "cluster")
	if err := os.Mkdir(home, 0o711); err != nil {
		t.Fatal(err)
	}
	cluster := pgtest.OwnIn(t, home, map[string]string{"max_wal_size": "48MB", "min_wal_size": "32MB"})
	pool, err := pgxpool.New(t.Context(), cluster.URL("runut"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog, Tenant: "99.01", GiveUp: 300 * time.Millisecond, Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	type asked struct {
		cmd     event.Command
		changes []event.Change
	}
	want := 0
	for round := range rounds {
		free := fillDisk(t, disk)
		var open []asked
		for n := 0; len(open) < 4 && n < 400; n++ {
			a := asked{command(), []event.Change{add(fmt.Sprintf("proposal-%d-%d", round, n), 0, road(n))}}
			if n%2 == 0 {
				a.changes = many(fmt.Sprintf("proposal-large-%d-%d", round, n), 1001)
			}
			r, err := s.Append(t.Context(), a.cmd, a.changes...)
			want += len(r.Events)
			if err == nil {
				continue
			}
			refusal, ok := errors.AsType[*domain.Error](err)
			if !ok || refusal.Kind != domain.Unready && refusal.Kind != domain.Unanswered {
				t.Fatalf("append on a full disk: %v, want log.unready or log.unanswered", err)
			}
			open = append(open, a)
		}
		if len(open) == 0 {
			t.Fatal("the disk was not full")
		}
		free()
		for _, a := range open {
			var r eventstore.Receipt
			until(t, func() bool { // the server may have to come up again
				r, err = s.Append(t.Context(), a.cmd, a.changes...)
				return err == nil
			})
			want += len(r.Events)
		}
	}
	until(t, func() bool { return pool.Ping(t.Context()) == nil })
	if got := gapFree(t, s); got != want {
		t.Errorf("%d events were acknowledged and %d are in the log", want, got)
	}
}
