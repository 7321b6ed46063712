package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/text"
	"runut/domain"
	"runut/eventstore"
)

// A Problem is a refusal as RFC 9457 writes it. Code is stable and for
// machines; Title is in the language the request asked for.
type Problem struct {
	Type   string    `json:"type" doc:"urn:runut:problem: and the code" example:"urn:runut:problem:workflow.window_closed"`
	Title  string    `json:"title" doc:"What is wrong, where, and what to do, in Indonesian or English"`
	Status int       `json:"status" doc:"HTTP status"`
	Code   string    `json:"code" doc:"Stable code of the refusal" example:"workflow.window_closed"`
	Field  string    `json:"field,omitempty" doc:"JSON pointer of the offending input" example:"/estimate"`
	Checks []Check   `json:"checks,omitempty" doc:"Every condition that was examined and what it observed"`
	Errors []Problem `json:"errors,omitempty" doc:"Further defects of the same input"`
}

// A Check is one condition that was examined before a decision.
type Check struct {
	Check    string `json:"check" example:"window"`
	Title    string `json:"title" example:"Jadwal tahapan"`
	OK       bool   `json:"ok"`
	Want     string `json:"want,omitempty"`
	Observed string `json:"observed,omitempty"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Title }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError: what a refusal says to programs.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="runut"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", cmp.Or(pauses[p.Code], "2"))
	}
	return h
}

// pauses are how many seconds to wait before asking again, where that is long.
var pauses = map[string]string{"dossier.busy": "60"}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem puts an error into the words of the request's language. What is no
// refusal is logged here, once, and shown as nothing but "internal".
func problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if c, ok := errors.AsType[*eventstore.ConflictError](err); ok {
		err = domain.Refuse(domain.Stale, "request.stale", "stream", c.Stream)
	}
	if errors.Is(err, context.Canceled) {
		err = domain.Refuse(domain.Unready, "request.cancelled")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = domain.Refuse(domain.Unready, "request.timeout")
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok {
		slog.ErrorContext(ctx, "request failed", "err", err, "request", requestID(ctx))
		e = domain.Refuse(domain.Unready, "internal")
	}
	return worded(language(ctx).Refuse(e), status(e))
}

func worded(r text.Refusal, code int) *Problem {
	p := &Problem{Type: "urn:runut:problem:" + r.Code, Title: r.Title, Status: code, Code: r.Code, Field: r.Field}
	for _, c := range r.Checks {
		p.Checks = append(p.Checks, Check{Check: c.Name, Title: c.Title, OK: c.OK, Want: c.Want, Observed: c.Observed})
	}
	for _, other := range r.All {
		p.Errors = append(p.Errors, *worded(other, code))
	}
	return p
}

// statuses are those that a kind alone does not tell.
var statuses = map[string]int{
	"internal":                 http.StatusInternalServerError,
	"account.token_missing":    http.StatusUnauthorized,
	"account.token_unknown":    http.StatusUnauthorized,
	"account.token_expired":    http.StatusUnauthorized,
	"account.token_revoked":    http.StatusUnauthorized,
	"request.json":             http.StatusBadRequest,
	"request.key_missing":      http.StatusBadRequest,
	"request.if_match_missing": http.StatusPreconditionRequired,
	"request.too_large":        http.StatusRequestEntityTooLarge,
	"request.media_type":       http.StatusUnsupportedMediaType,
	"request.method":           http.StatusMethodNotAllowed,
	"document.too_large":       http.StatusRequestEntityTooLarge,
	"document.type_forbidden":  http.StatusUnsupportedMediaType,
}

func status(e *domain.Error) int {
	if s, ok := statuses[e.Code]; ok {
		return s
	}
	if strings.HasPrefix(e.Code, "request.query") {
		return http.StatusBadRequest
	}
	switch e.Kind {
	case domain.Invalid:
		return http.StatusUnprocessableEntity
	case domain.Forbidden:
		return http.StatusForbidden
	case domain.NotFound:
		return http.StatusNotFound
	case domain.Conflict:
		return http.StatusConflict
	case domain.Stale:
		return http.StatusPreconditionFailed
	case domain.Exhausted:
		return http.StatusTooManyRequests
	case domain.Unready, domain.Unanswered:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// humaErrors makes what huma itself refuses, such as a query parameter that is
// no number, a Problem like every other; and has it describe lists as what they
// are here, empty but never null. The hooks are the package's own, so they are
// set once for the process.
var humaErrors = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.NewErrorWithContext = func(hc huma.Context, status int, msg string, errs ...error) huma.StatusError {
		ctx := context.Background()
		if hc != nil {
			ctx = hc.Context()
		}
		return refusedByHuma(ctx, status, msg, errs)
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return refusedByHuma(context.Background(), status, msg, errs)
	}
})

func refusedByHuma(ctx context.Context, status int, msg string, errs []error) *Problem {
	switch {
	case msg == "request body is required":
		return problem(ctx, domain.Refuse(domain.Invalid, "request.body_missing"))
	case status == http.StatusRequestEntityTooLarge:
		return problem(ctx, domain.Refuse(domain.Exhausted, "request.too_large"))
	case status == http.StatusRequestTimeout:
		return problem(ctx, domain.Refuse(domain.Unready, "request.timeout"))
	case status >= 500:
		return problem(ctx, errors.Join(append(errs, errors.New(msg))...))
	}
	all := make([]*domain.Error, 0, len(errs))
	for _, err := range errs {
		where, what := "", err.Error()
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			where, what = "/"+strings.ReplaceAll(d.Location, ".", "/"), d.Message
		}
		all = append(all, unfit(strings.TrimPrefix(where, "/"), what).At(where))
	}
	if len(all) == 0 {
		return problem(ctx, domain.Refuse(domain.Invalid, "request.query", "where", "-", "what", msg))
	}
	first := all[0]
	first.All = all[1:]
	return problem(ctx, first)
}

// unfit is what huma says of a parameter, as a refusal that can be put into the
// reader's own language.
func unfit(where, what string) *domain.Error {
	said, value, _ := strings.Cut(what, `"`)
	value = strings.TrimSuffix(value, `"`)
	if said == what { // no quotes: a number may stand at the end
		if i := strings.LastIndexByte(what, ' '); i >= 0 {
			said, value = what[:i+1], what[i+1:]
		}
	}
	switch {
	case what == "unknown query parameter":
		return domain.Refuse(domain.Invalid, "request.query_unknown", "where", where)
	case what == "invalid integer":
		return domain.Refuse(domain.Invalid, "request.query_number", "where", where)
	case what == "invalid boolean":
		return domain.Refuse(domain.Invalid, "request.query_boolean", "where", where)
	case strings.HasPrefix(what, "required "):
		return domain.Refuse(domain.Invalid, "request.query_missing", "where", where)
	case said == "expected value to be one of ":
		return domain.Refuse(domain.Invalid, "request.query_choice", "where", where, "known", value)
	case said == "expected number >= ":
		return domain.Refuse(domain.Invalid, "request.query_under", "where", where, "least", value)
	case said == "expected number <= ":
		return domain.Refuse(domain.Invalid, "request.query_over", "where", where, "most", value)
	case said == "expected length <= ":
		return domain.Refuse(domain.Invalid, "request.query_long", "where", where, "most", value)
	case said == "expected array length <= ":
		return domain.Refuse(domain.Invalid, "request.query_many", "where", where, "most", value)
	case strings.Contains(strings.ToLower(what), "uuid"):
		return domain.Refuse(domain.Invalid, "request.query_uuid", "where", where)
	}
	return domain.Refuse(domain.Invalid, "request.query", "where", where, "what", what)
}
