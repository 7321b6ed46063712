package sipd_test

import (
	"cmp"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"runut/api/intake/sipd"
	"runut/api/intake/sipd/sample"
)

// RUNUT_IMPORT_ROWS=200000 go test ./api/intake/sipd -run Large -v -timeout 1h
// says how fast a large export is taken in and how much memory that needs: a
// first one of so many new rows, then the next week's, unless RUNUT_IMPORT_WEEKS=1.
func TestLargeExports(t *testing.T) {
	rows, _ := strconv.Atoi(os.Getenv("RUNUT_IMPORT_ROWS"))
	if rows == 0 {
		t.Skip("takes minutes: set RUNUT_IMPORT_ROWS")
	}
	weeks, _ := strconv.Atoi(cmp.Or(os.Getenv("RUNUT_IMPORT_WEEKS"), "2"))
	w := newTown(t)
	for week := range weeks {
		o := sample.Options{Wilayah: wilayah, OPD: offices, Rows: rows, Seed: 1, Week: week}
		path := t.TempDir() + "/usulan.xlsx"
		out, err := os.Create(path)
		w.must(err)
		w.must(sample.Make(o).XLSX(out, sample.Exported(friday, week)))
		w.must(out.Close())
		content, err := os.ReadFile(path)
		w.must(err)
		f := w.open("usulan.xlsx", content)
		runtime.GC()
		peak := watchHeap(t)
		began := time.Now()
		r, err := w.importer().Run(t.Context(), sipd.Options{File: f, Year: year})
		w.must(err)
		took := time.Since(began)
		t.Logf("week %d: %d rows (%d MB): %d new, %d changed, %d unchanged, %d missing, %v; %.0f rows/s, peak heap %d MB",
			week, r.Rows, len(content)>>20, r.New, r.Changed, r.Unchanged, r.Missing, took.Round(time.Millisecond), float64(r.Rows)/took.Seconds(), peak()>>20)
		if got := r.Accepted + r.Unchanged + r.Quarantined; got != r.Rows {
			t.Errorf("%d of %d rows", got, r.Rows)
		}
		if week+1 < weeks {
			w.caughtUp()
		}
	}
}

// watchHeap returns how much of the heap was in use at most since it was called.
func watchHeap(t *testing.T) func() uint64 {
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var peak uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
			select {
			case <-tick.C:
			case <-done:
				most <- peak
				return
			}
		}
	}()
	return func() uint64 { close(done); return <-most }
}
