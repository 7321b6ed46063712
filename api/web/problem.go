package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"runut/domain"
)

// A Problem is a refusal as the JSON API words it.
type Problem struct {
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Code   string    `json:"code"`
	Field  string    `json:"field"`
	Checks []Check   `json:"checks"`
	Errors []Problem `json:"errors"`
}

// A Check is one condition that was examined.
type Check struct {
	Check    string `json:"check"`
	Title    string `json:"title"`
	OK       bool   `json:"ok"`
	Want     string `json:"want"`
	Observed string `json:"observed"`
}

// Trouble is the page of a request that could not be answered.
type Trouble struct {
	Shell
	Refused Problem
	Missing bool // nothing is there: a search may help
}

// word puts an error into the words of the API, and its status.
func (v *visit) word(err error) Problem {
	if p, ok := errors.AsType[Problem](err); ok {
		return p
	}
	a := newAnswer()
	v.Problem(a, v.r, err)
	if pause := a.header.Get("Retry-After"); pause != "" {
		v.w.Header().Set("Retry-After", pause)
	}
	return a.problem()
}

// problem reads the refusal that an answer is.
func (a *answer) problem() Problem {
	var p Problem
	if json.Unmarshal(a.body.Bytes(), &p) != nil || p.Status == 0 {
		p.Title, p.Status = http.StatusText(a.status), a.status
	}
	return p
}

func (v *visit) fail(err error) {
	p := v.word(err)
	code := "trouble.title"
	if p.Status == http.StatusNotFound {
		code = "trouble.missing"
	}
	page := &Trouble{Shell: v.shell("", v.t(code), nil), Refused: p, Missing: p.Status == http.StatusNotFound}
	if err := v.show(p.Status, "trouble", page); err != nil {
		slog.ErrorContext(v.ctx(), "error page failed", "err", err)
		v.Problem(v.w, v.r, err)
	}
}

// missing answers for addresses nothing stands at: browsers with a page,
// programs with a problem.
func (p *Pages) missing(w http.ResponseWriter, r *http.Request) {
	p.refuse(w, r, domain.Refuse(domain.NotFound, "request.path", "path", clip(r.URL.Path)))
}

func (p *Pages) wrongMethod(w http.ResponseWriter, r *http.Request) {
	p.refuse(w, r, domain.Refuse(domain.Invalid, "request.method", "method", clip(r.Method)))
}

func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, refusal error) {
	if strings.HasPrefix(r.URL.Path, "/api/") || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		p.Problem(w, r, refusal)
		return
	}
	v := p.visit(w, r)
	if err := v.open(); err != nil {
		refusal = err
	}
	v.fail(refusal)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
