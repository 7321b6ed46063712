package api

import (
	"context"
	"net/http"

	"runut/api/web"
)

// AddPages makes the server answer browsers; it hands the pages what they need
// to know of callers and refusals.
func (s *Server) AddPages(p *web.Pages) {
	p.Caller = func(ctx context.Context) web.Caller {
		c := CallerOf(ctx)
		return web.Caller{Role: c.Actor.Role, Scope: c.Actor.Scope, Office: c.Actor.Office}
	}
	p.SignIn = func(ctx context.Context, token string) error {
		_, err := s.Identify(ctx, token)
		return err
	}
	p.Accept = func(ctx context.Context, code string) (string, error) {
		got, err := s.Tokens.Accept(ctx, code)
		return got.Token, err
	}
	p.Papers, p.Dossier = s.Papers(), s.dossier
	p.Kept = &s.kept
	p.Session, p.Language = SessionCookie, LanguageOf
	p.Problem = func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, err) }
	s.Mount = append(s.Mount, p)
}
