package api

import (
	"context"
	"net/http"

	"runut/api/account"
	"runut/api/feed"
	"runut/domain"
)

// AddFeeds makes the server answer feeds; it hands them what they need to know
// of callers and refusals.
func (s *Server) AddFeeds(f *feed.Feeds) {
	f.Reader = func(ctx context.Context) (domain.Actor, error) {
		c, err := signedIn(ctx, account.Feed)
		return c.Actor, err
	}
	f.Problem = func(ctx context.Context, err error) error { return problem(ctx, err) }
	f.Refuse = func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, err) }
	s.feeds = f
	s.Mount = append(s.Mount, f)
}
