package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/account"
	"runut/api/answer"
	"runut/domain"
	"runut/projections"
)

// longestWait is how long a read waits for the read models to reach a position.
const longestWait = 10 * time.Second

// A ReadInput is what every read may say.
type ReadInput struct {
	Lang string `query:"lang" enum:"id,en" doc:"Language of refusals and titles; left out: as Accept-Language says"`
	Wait int64  `header:"X-Runut-Wait" minimum:"0" doc:"Answer only once the read models stand at this position: what a command answered as X-Runut-Position"`
}

// A PageInput asks for a stretch of a list.
type PageInput struct {
	ReadInput
	Cursor string `query:"cursor" maxLength:"2000" doc:"next of the page before; left out: the beginning"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most"`
}

func (in ReadInput) waitFor() int64 { return in.Wait }

type waiter interface{ waitFor() int64 }

// A one is the answer to a read of one thing.
type one[T any] struct {
	Position int64 `header:"X-Runut-Position" doc:"Position of the log that the answer stands at"`
	Body     T
}

// A many is the answer to a read of a list.
type many[T any] struct {
	Position int64 `header:"X-Runut-Position" doc:"Position of the log that the answer stands at"`
	Body     List[T]
}

// A List is one stretch of a list.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"cursor of the next page; left out after the last one"`
}

func page[T any](p projections.Page[T], err error) (*many[T], error) {
	if err != nil {
		return nil, err
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return &many[T]{Position: p.Position, Body: List[T]{Items: p.Items, Next: string(p.Next)}}, nil
}

func single[T any](a projections.At[T], err error) (*one[T], error) {
	if err != nil {
		return nil, err
	}
	return &one[T]{Position: a.Position, Body: a.Value}, nil
}

// get registers a read for people and programs that signed in.
func get[I waiter, O any](s *Server, api huma.API, path, id, tag, summary string, f func(context.Context, *I) (*O, error)) {
	read(s, api, path, id, tag, summary, true, f)
}

// getInspected registers a read for those of them who may inspect a year.
func getInspected[I waiter, O any](s *Server, api huma.API, path, id, tag, summary string, f func(context.Context, *I) (*O, error)) {
	get(s, api, path, id, tag, summary, func(ctx context.Context, in *I) (*O, error) {
		if err := answer.Inspect(CallerOf(ctx).Actor.Role); err != nil {
			return nil, err
		}
		return f(ctx, in)
	})
}

// getPublic registers a read that anybody may make: it must answer from the
// public read model alone.
func getPublic[I waiter, O any](s *Server, api huma.API, path, id, tag, summary string, f func(context.Context, *I) (*O, error)) {
	read(s, api, path, id, tag, summary, false, f)
}

func read[I waiter, O any](s *Server, api huma.API, path, id, tag, summary string, closed bool, f func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: http.MethodGet, Path: "/api/v1" + path, OperationID: id, Summary: summary, Tags: []string{tag},
		Errors: []int{400, 404, 503}, RejectUnknownQueryParameters: true, Middlewares: huma.Middlewares{sayRounded},
	}
	if closed {
		op.Errors = []int{400, 401, 403, 404, 503}
		op.Security = []map[string][]string{{"token": {}}}
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		if closed {
			if _, err := signedIn(ctx, account.Read); err != nil {
				return nil, problem(ctx, err)
			}
		}
		if err := s.wait(ctx, (*in).waitFor()); err != nil {
			return nil, problem(ctx, err)
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
}

// sayRounded says in a header where a position that was asked about was rounded.
func sayRounded(ctx huma.Context, next func(huma.Context)) {
	next(huma.WithContext(ctx, answer.Heed(ctx.Context(), func(r answer.Rounded) {
		ctx.AppendHeader("X-Runut-Known-Rounded", fmt.Sprintf("%d; asked=%d; append=%d-%d", r.Shown, r.Asked, r.First, r.Last))
	})))
}

// wait blocks until the read models have reached a position.
func (s *Server) wait(ctx context.Context, position int64) error {
	if position == 0 {
		return nil
	}
	head, err := s.Store.Head(ctx)
	if err != nil {
		return err
	}
	if position > head {
		return domain.Refuse(domain.Invalid, "request.position_ahead", "position", itoa(int(position)), "head", itoa(int(head))).At("/X-Runut-Wait")
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	return projections.WaitFor(ctx, s.DB, position)
}

// split reads several values separated by commas; nil for none.
func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
