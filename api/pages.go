package api

import (
	"context"
	"io"
	"net/http"

	"runut/api/account"
	"runut/api/intake"
	"runut/api/text"
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
	p.Importing = s.importing()
	p.Papers, p.Dossier = s.Papers(), s.dossier
	p.Kept = &s.kept
	p.Session, p.Language = SessionCookie, LanguageOf
	p.Problem = func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, err) }
	s.Mount = append(s.Mount, p)
}

// importing lets pages take files in as whoever asks.
func (s *Server) importing() web.Importing {
	acting := func(ctx context.Context) (Caller, error) { return signedIn(ctx, account.Act) }
	mine := func(ctx context.Context, id string) (Caller, Upload, error) {
		c, err := acting(ctx)
		if err != nil {
			return c, Upload{}, err
		}
		u, err := s.Upload(ctx, c, id)
		return c, u, err
	}
	return web.Importing{
		Receive: func(ctx context.Context, o intake.Order, file io.Reader) (intake.Upload, error) {
			c, err := acting(ctx)
			if err != nil {
				return intake.Upload{}, err
			}
			u, err := s.Receive(ctx, c, o, file)
			return u.Upload, err
		},
		ReceivePaper: func(ctx context.Context, file io.Reader) (intake.Upload, error) {
			c, err := acting(ctx)
			if err != nil {
				return intake.Upload{}, err
			}
			u, err := s.ReceivePaper(ctx, c, file)
			return u.Upload, err
		},
		Uploads: func(ctx context.Context) ([]intake.Upload, error) { return s.Uploads(ctx, CallerOf(ctx)) },
		Upload: func(ctx context.Context, id string) (intake.Upload, error) {
			_, u, err := mine(ctx, id)
			return u.Upload, err
		},
		Reorder: func(ctx context.Context, id string, o intake.Order) error {
			_, u, err := mine(ctx, id)
			if err != nil {
				return err
			}
			return s.Reorder(ctx, &u, o)
		},
		Discard: func(ctx context.Context, id string) error {
			c, err := acting(ctx)
			if err != nil {
				return err
			}
			return s.Discard(ctx, c, id)
		},
		TakeIn: func(ctx context.Context, id string, try bool, lang text.Lang, progress func(done, total int64)) (*intake.Report, error) {
			c, u, err := mine(ctx, id)
			if err != nil {
				return nil, err
			}
			return s.TakeIn(ctx, c, u, try, lang, Books{}, progress)
		},
	}
}
