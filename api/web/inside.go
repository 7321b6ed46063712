package web

import (
	"bytes"
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// An answer is what the JSON API says to a page.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func newAnswer() *answer { return &answer{header: make(http.Header)} }

// ask puts a request to the JSON API as whoever looks at the page, with headers
// from alternating names and values.
func (v *visit) ask(method, path string, body []byte, headers ...string) (*answer, error) {
	ctx := context.WithValue(v.ctx(), chi.RouteCtxKey, (*chi.Context)(nil)) // routed afresh
	r, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.RemoteAddr, r.Host, r.RequestURI = v.r.RemoteAddr, v.r.Host, path
	r.Header.Set("Accept-Language", string(v.lang))
	for _, c := range v.r.Cookies() {
		if c.Name != "lang" {
			r.AddCookie(c)
		}
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a := newAnswer()
	v.api.ServeHTTP(a, r)
	return a, nil
}
