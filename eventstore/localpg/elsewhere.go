//go:build !linux && !darwin

package localpg

import (
	"context"

	"runut/domain"
)

// A Cluster is a server somebody else runs: on this system none is started.
type Cluster struct {
	Programs Programs
	Adopted  bool

	url string
}

func unsupported() error {
	return domain.Refuse(domain.Unready, "postgres.unsupported", "way", "RUNUT_DATABASE_URL")
}

// Start returns the server at c.URL and refuses with postgres.unsupported when
// there is none.
func Start(_ context.Context, c Config) (*Cluster, error) {
	if c.URL == "" {
		return nil, unsupported()
	}
	return &Cluster{url: c.URL}, nil
}

// Find refuses with postgres.unsupported.
func Find(context.Context, Config) (Programs, error) { return Programs{}, unsupported() }

// Fetch refuses with postgres.unsupported.
func Fetch(context.Context, Config) (Programs, error) { return Programs{}, unsupported() }

// Running returns false.
func Running(string) bool { return false }

// URL returns the URL that was given.
func (c *Cluster) URL(string) string { return c.url }

// Database returns the URL that was given.
func (c *Cluster) Database(context.Context, string) (string, error) { return c.url, nil }

// Close does nothing.
func (c *Cluster) Close(context.Context) error { return nil }

// Done returns nil: the server's end is not ours to notice.
func (c *Cluster) Done() <-chan struct{} { return nil }

// Err returns nil.
func (c *Cluster) Err() error { return nil }

// Pid returns 0.
func (c *Cluster) Pid() int { return 0 }

// Kill refuses with postgres.unsupported.
func (c *Cluster) Kill() error { return unsupported() }
