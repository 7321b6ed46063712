package api

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"

	"runut/api/text"
	"runut/api/wire"
	"runut/domain"
)

func itoa(n int) string { return strconv.Itoa(n) }

type contextKey int

const (
	requestIDKey contextKey = iota
	languageKey
	callerKey
)

func requestID(ctx context.Context) string   { id, _ := ctx.Value(requestIDKey).(string); return id }
func language(ctx context.Context) text.Lang { return LanguageOf(ctx) }

// LanguageOf returns the language the request of ctx is answered in.
func LanguageOf(ctx context.Context) text.Lang {
	if l, ok := ctx.Value(languageKey).(text.Lang); ok {
		return l
	}
	return text.ID
}

// identify gives every request an id and a language, and answers a handler's
// panic as a problem instead of a cut connection.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		lang, chosen := text.Parse(r.URL.Query().Get("lang"))
		if !chosen {
			if c, err := r.Cookie("lang"); err == nil {
				lang, chosen = text.Parse(c.Value)
			}
		}
		if !chosen && (strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/stream") { // pages are Indonesian until somebody switches
			lang = text.Accept(r.Header.Get("Accept-Language"))
		}
		ctx := context.WithValue(context.WithValue(r.Context(), requestIDKey, id), languageKey, lang)
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("Content-Language", string(lang))
		w.Header().Add("Vary", "Accept-Language")
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			slog.ErrorContext(ctx, "handler panicked", "panic", p, "request", id, "stack", string(debug.Stack()))
			WriteProblem(w, r.WithContext(ctx), domain.Refuse(domain.Unready, "internal"))
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// record writes one line a request: which route it took and on which proposal,
// and nothing else of what was asked, not even the path, for people type
// anything there.
func record(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			defer func() {
				route := chi.RouteContext(r.Context())
				said := []any{"method", method(r.Method), "route", route.RoutePattern(), "status", ww.Status(),
					"bytes", ww.BytesWritten(), "took", time.Since(began), "request", w.Header().Get("X-Request-Id")}
				if n, err := domain.ParseNumber(route.URLParam("number")); err == nil {
					said = append(said, "proposal", n)
				}
				log.InfoContext(r.Context(), "request", said...)
			}()
			next.ServeHTTP(ww, r)
		})
	}
}

// method returns a method that HTTP knows, "-" for any other word.
func method(said string) string {
	switch said {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return said
	}
	return "-"
}

// harden sets the headers that a browser needs to keep a page to itself.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// WriteProblem answers r with an error in its language.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(r.Context(), err)
	body, bad := wire.Marshal(p)
	if bad != nil {
		http.Error(w, p.Code, p.Status)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	maps.Copy(w.Header(), p.GetHeaders())
	w.WriteHeader(p.Status)
	w.Write(body)
}
