package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"runut/api/account"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/grant"
)

// A Caller is who asks: nobody known, or the holder of a grant.
type Caller struct {
	Token account.Token
	Grant grant.State
	Actor domain.Actor
}

// Known reports whether the caller presented a good token.
func (c Caller) Known() bool { return c.Token.ID != "" }

// CallerOf returns who asks the request of ctx.
func CallerOf(ctx context.Context) Caller { c, _ := ctx.Value(callerKey).(Caller); return c }

// SessionCookie carries a token for pages. Browsers send a __Host- cookie only
// over TLS or to this very machine, and never to a neighbour's page.
const SessionCookie = "__Host-runut"

// authenticate finds out who asks. A request without a token goes on as
// anonymous; one with a bad token is refused, lest it silently see less.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer, fromCookie := bearerOf(r)
		if bearer == "" {
			next.ServeHTTP(w, r)
			return
		}
		c, err := s.Identify(r.Context(), bearer)
		if err != nil && fromCookie { // an old session: go on as a visitor, who can sign in again
			http.SetCookie(w, &http.Cookie{Name: SessionCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "private, no-store")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey, c)))
	})
}

func bearerOf(r *http.Request) (bearer string, fromCookie bool) {
	if h := r.Header.Get("Authorization"); h != "" {
		kind, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(kind, "Bearer") {
			return "-", false
		}
		return strings.TrimSpace(token), false
	}
	if c, err := r.Cookie(SessionCookie); err == nil {
		return c.Value, true
	}
	return "", false
}

// Identify returns the caller that a token stands for.
func (s *Server) Identify(ctx context.Context, bearer string) (Caller, error) {
	t, err := s.Tokens.Check(ctx, bearer)
	if err != nil {
		return Caller{}, err
	}
	histories, err := s.Store.Streams(ctx, []string{t.Grant})
	if err != nil {
		return Caller{}, err
	}
	g := grant.Fold(event.Sequence(histories[t.Grant], event.View{}))
	if g.Given == nil || g.IsRevoked {
		return Caller{}, domain.Refuse(domain.Forbidden, "account.grant_gone", "grant", t.Grant)
	}
	if now := time.Now(); now.Before(g.Given.From) || !g.Given.Until.IsZero() && !now.Before(g.Given.Until) {
		return Caller{}, domain.Refuse(domain.Forbidden, "account.grant_gone", "grant", t.Grant)
	}
	return Caller{Token: t, Grant: g, Actor: g.Actor()}, nil
}

// signedIn returns the caller, or a refusal where nobody signed in or the token
// is not good for this.
func signedIn(ctx context.Context, use account.Use) (Caller, error) {
	c := CallerOf(ctx)
	if !c.Known() {
		return c, domain.Refuse(domain.Forbidden, "account.token_missing")
	}
	if !c.Token.May(use) {
		return c, domain.Refuse(domain.Forbidden, "account.token_may_not", "use", string(use))
	}
	return c, nil
}
