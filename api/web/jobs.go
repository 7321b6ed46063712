package web

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"runut/api/intake"
	"runut/domain"
)

// How long a page waits for a job before it says how far it is, how long a job may
// take, and how long its result is kept for whoever asks.
const (
	patience   = 8 * time.Second
	longestJob = time.Hour
	jobsLast   = 30 * time.Minute
)

// jobs are the files that are being tried or taken in by this process. A large one
// takes minutes, longer than browsers and what stands before us may wait: so it
// goes on by itself, and whoever looks again sees how far it is. What is
// lost with the process is only the telling: a file taken in again adds nothing.
type jobs struct {
	mu  sync.Mutex
	all map[jobKey]*job
}

type jobKey struct {
	upload string
	try    bool
}

// A job is one file being worked on. What it came to may be read once wait has
// returned true.
type job struct {
	begun       time.Time
	ended       chan struct{}
	done, total atomic.Int64
	report      *intake.Report
	position    int64 // of the log when it ended
	err         error
}

// find returns a job that was started, nil where there is none.
func (all *jobs) find(upload string, try bool) *job {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.all[jobKey{upload, try}]
}

func (all *jobs) forget(upload string, try bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.all, jobKey{upload, try})
}

// start begins to work on an upload, unless that is being done already. A file
// that was recorded is recorded again only when asked to: its trial goes on from
// what stands in the log.
func (all *jobs) start(v *visit, upload string, try bool) *job {
	all.mu.Lock()
	defer all.mu.Unlock()
	key := jobKey{upload, try}
	if j := all.all[key]; j != nil && (try || !j.over()) {
		return j
	}
	for k, j := range all.all {
		if j.over() && time.Since(j.begun) > jobsLast {
			delete(all.all, k)
		}
	}
	if all.all == nil {
		all.all = make(map[jobKey]*job)
	}
	j := &job{begun: time.Now(), ended: make(chan struct{})}
	all.all[key] = j
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx()), longestJob)
	go func() {
		defer cancel()
		j.run(ctx, v, upload, try)
	}()
	return j
}

func (j *job) run(ctx context.Context, v *visit, upload string, try bool) {
	defer close(j.ended)
	defer func() { // a hostile file must not end the program
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "taking a file in panicked", "panic", p)
			j.err = domain.Refuse(domain.Unready, "internal")
		}
	}()
	j.report, j.err = v.Importing.TakeIn(ctx, upload, try, v.lang, func(done, total int64) {
		j.done.Store(done)
		j.total.Store(total)
	})
	if !try {
		j.position, _ = v.Store.Head(ctx)
	}
}

func (j *job) over() bool {
	select {
	case <-j.ended:
		return true
	default:
		return false
	}
}

// wait reports whether the job ended while a page may wait for it.
func (j *job) wait(ctx context.Context) bool {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-j.ended:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return j.over()
}

// progress says how far the job is.
func (j *job) progress(v *visit) string {
	done, total := j.done.Load(), j.total.Load()
	if total > 0 {
		return v.t("impor.progress_of", "done", v.lang.Count(done), "total", v.lang.Count(total))
	}
	return v.t("impor.progress", "done", v.lang.Count(done))
}
