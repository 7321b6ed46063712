//go:build linux || darwin

package localpg

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"runut/domain"
)

// A budget says how often something may happen within a while.
type budget struct {
	most   int
	within time.Duration
	spent  []time.Time
}

// spend reports whether it may happen once more now, and counts it if so.
func (b *budget) spend(now time.Time) bool {
	b.spent = slices.DeleteFunc(b.spent, func(at time.Time) bool { return now.Sub(at) >= b.within })
	if len(b.spent) >= b.most {
		return false
	}
	b.spent = append(b.spent, now)
	return true
}

// keep owns the running PostgreSQL until Close: it waits for its end, starts it
// again while the budget lasts, and stops it when asked to.
func (c *Cluster) keep(pm *postmaster) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	restarts := budget{most: c.config.restarts(), within: time.Minute}
	for {
		select {
		case <-c.closing:
			c.end(pm.halt(c.limit))
			return
		case <-pm.gone:
		}
		c.setRunning(0)
		next, err := c.restart(ctx, &restarts)
		switch {
		case ctx.Err() != nil && err != nil:
			c.end(nil) // closed while it was down
			return
		case err != nil:
			c.end(err)
			return
		}
		pm = next
		c.setRunning(pm.pid)
	}
}

// restart raises PostgreSQL again after it died, trying as often as the budget
// allows.
func (c *Cluster) restart(ctx context.Context, restarts *budget) (*postmaster, error) {
	var last error
	for restarts.spend(time.Now()) {
		c.config.say(fmt.Sprintf("PostgreSQL berhenti tanpa diminta; dinyalakan lagi (%d dari paling banyak %d kali semenit)",
			len(restarts.spent), restarts.most))
		pm, err := c.raise(ctx)
		if err == nil || ctx.Err() != nil {
			return pm, err
		}
		last = err
	}
	if last != nil {
		return nil, last
	}
	return nil, domain.Refuse(domain.Unready, "postgres.keeps_dying",
		"restarts", strconv.Itoa(restarts.most), "log", filepath.Join(c.dir, logName))
}

// end gives the folder free. It must come after PostgreSQL has ended, so that
// whoever gets the lock next finds nothing running.
func (c *Cluster) end(err error) {
	dropSocketFolder(c.socket, c.dir)
	c.mu.Lock()
	c.pid, c.err = 0, err
	c.mu.Unlock()
	unlockFolder(c.lock)
	close(c.kept)
}

func (c Config) restarts() int {
	if c.Restarts == 0 {
		return 5
	}
	return max(0, c.Restarts)
}
