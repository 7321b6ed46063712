package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"runut/api/account"
	"runut/api/wire"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/eventstore"
)

// largestCommand is how large a command's body may be: a list of a whole
// kabupaten fits, a photo does not.
const largestCommand = 4 << 20

// A CommandInput is what every command may say besides its facts.
type CommandInput struct {
	Key      string `header:"Idempotency-Key" doc:"Id of the command, best a UUID. The same key with the same body is answered with the first receipt again." example:"0198c2f0-0000-7000-8000-000000000001"`
	IfMatch  string `header:"If-Match" doc:"ETag of the version that was read. Required where a path names one proposal, forum, cycle or grant."`
	Occurred string `header:"Runut-Occurred" doc:"When the act took effect, where that is not now: a moment (RFC 3339) or a local day."`
	Second   string `header:"Runut-Second-Token" doc:"Token of a second person who approves, where two are needed."`
	RawBody  []byte `contentType:"application/json"`
}

// A commandOutput is the answer to an accepted command.
type commandOutput struct {
	ETag     string `header:"ETag" doc:"Version the stream named in the path now has"`
	Position int64  `header:"X-Runut-Position" doc:"Position of the last event; hand it to a read as X-Runut-Wait to see it there"`
	Body     Accepted
}

// Accepted says what an accepted command wrote.
type Accepted struct {
	Receipt   Receipt  `json:"receipt" doc:"Tanda terima"`
	Proposals []string `json:"proposals" doc:"Numbers of the proposals it wrote to, new ones among them"`
}

// A target is the place in a path that a command is directed at.
type target struct {
	Number  string    // of a proposal
	Year    int       // of a cycle, or the one that a proposal or forum belongs to
	ID      string    // of a forum, grant or person
	Command uuid.UUID // what is new is named by it
}

// A command is one entry of the API: where it is posted, what it says, and the
// act it asks for.
type command[T any] struct {
	Path    string // below /api/v1
	ID      string
	Summary string
	Doc     string
	Tag     string
	Hide    []string                               // members of T that the decider fills in
	Stream  func(target) string                    // whose version If-Match speaks of; nil: none
	Make    func(target, *T) (act.Act, int, error) // the act and the fiscal year it belongs to
}

// post registers a command. I is CommandInput with the path's parameters.
func post[I commandInputs, T any](s *Server, api huma.API, c command[T]) {
	op := huma.Operation{
		Method: http.MethodPost, Path: "/api/v1" + c.Path, OperationID: c.ID, Summary: c.Summary, Description: c.Doc, Tags: []string{c.Tag},
		DefaultStatus: http.StatusOK, MaxBodyBytes: largestCommand, BodyReadTimeout: 30 * time.Second,
		Errors:           []int{400, 401, 403, 404, 409, 412, 413, 422, 428, 503},
		Security:         []map[string][]string{{"token": {}}},
		SkipValidateBody: true, // decode says what is wrong, and where
		RequestBody:      &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}},
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*commandOutput, error) {
		caller, err := signedIn(ctx, account.Act)
		if err != nil {
			return nil, problem(ctx, err)
		}
		common, at, err := (*in).split()
		if err != nil {
			return nil, problem(ctx, err)
		}
		out, err := s.command(ctx, caller, common, at, c.Path, c.Stream, func(at target) (act.Act, int, error) {
			var facts T
			if err := wire.Decode(common.RawBody, &facts); err != nil {
				return nil, 0, err
			}
			return c.Make(at, &facts)
		})
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
	// huma takes a raw body for bytes of any kind
	op.RequestBody.Content["application/json"] = &huma.MediaType{Schema: inputSchema(api.OpenAPI().Components.Schemas, reflect.TypeFor[T](), c.Hide)}
}

func (s *Server) command(ctx context.Context, caller Caller, in CommandInput, at target, path string, stream func(target) string, makeAct func(target) (act.Act, int, error)) (*commandOutput, error) {
	ask := Ask{Actor: caller.Actor, Version: -1}
	id, err := commandID(in.Key, caller.Actor)
	if err != nil {
		return nil, err
	}
	ask.Command = id
	where := path + "\x00" + at.Number + "\x00" + itoa(at.Year) + "\x00" + at.ID + "\x00" + in.Occurred
	ask.Fingerprint = s.Fingerprint(caller.Actor, where, in.RawBody)
	at.Command = id
	if stream != nil {
		ask.Stream = stream(at)
		if ask.Version, err = ifMatch(in.IfMatch); err != nil {
			return nil, err
		}
		if at.ID != "" {
			if at.Year, err = s.cycleOf(ctx, ask.Stream); err != nil {
				return nil, err
			}
			if at.Year == 0 && strings.HasPrefix(ask.Stream, forum.Stream("")) {
				return nil, domain.Refuse(domain.NotFound, "forum.not_convened", "forum", ask.Stream).At("/id")
			}
		}
	}
	if ask.Act, ask.Cycle, err = makeAct(at); err != nil {
		return nil, err
	}
	if ask.Second, err = s.Second(ctx, in.Second); err != nil {
		return nil, err
	}
	if ask.Cycle != 0 {
		if ask.Definition, ask.Occurred, err = s.pinned(ctx, ask.Cycle, in.Occurred); err != nil {
			return nil, err
		}
	}
	ask.Gather = s.gather(ask.Act, ask.Cycle, ask.Definition)
	if complete := s.paperwork(ask.Act); complete != nil {
		ask.Gather = complete
	}
	got, err := s.Do(ctx, ask)
	if err != nil {
		return nil, err
	}
	s.filePaper(ctx, ask.Act)
	return s.accepted(ask, got), nil
}

// Second returns the person whose token approves; nil for none.
func (s *Server) Second(ctx context.Context, token string) (*domain.Actor, error) {
	if token == "" {
		return nil, nil
	}
	c, err := s.Identify(ctx, token)
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return nil, refusal.At("/Runut-Second-Token")
	}
	if err != nil {
		return nil, err
	}
	if !c.Token.May(account.Act) {
		return nil, domain.Refuse(domain.Forbidden, "account.token_may_not", "use", string(account.Act)).At("/Runut-Second-Token")
	}
	return &c.Actor, nil
}

// cycleOf returns the fiscal year a stream belongs to; 0 for one of none.
func (s *Server) cycleOf(ctx context.Context, stream string) (int, error) {
	for r, err := range s.Store.Stream(ctx, stream) {
		return r.Cycle, err
	}
	return 0, nil
}

func (s *Server) accepted(ask Ask, got eventstore.Receipt) *commandOutput {
	out := &commandOutput{Position: got.Last, Body: Accepted{Receipt: s.receipt(got), Proposals: []string{}}}
	seen := map[string]bool{}
	for _, e := range got.Events {
		if n, ok := proposal.NumberOf(e.Stream); ok && !seen[n] {
			seen[n] = true
			out.Body.Proposals = append(out.Body.Proposals, n)
		}
		if ask.Stream == "" || e.Stream == ask.Stream {
			out.ETag = etag(e.Version)
		}
	}
	return out
}

// pinned returns the definition a cycle follows now, and the interval that a
// header names in the cycle's own time zone.
func (s *Server) pinned(ctx context.Context, year int, occurred string) (string, domain.Interval, error) {
	stream := cycle.Stream(year)
	histories, err := s.Store.Streams(ctx, []string{stream})
	if err != nil {
		return "", domain.Interval{}, err
	}
	c := cycle.Fold(event.Sequence(histories[stream], event.View{}))
	at, err := parseOccurred(occurred, c.Zone)
	return c.Pin.Hash, at, err
}

func parseOccurred(s string, zone *time.Location) (domain.Interval, error) {
	if s == "" {
		return domain.Interval{}, nil
	}
	if zone == nil {
		zone = domain.Zones["WITA"]
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return domain.Moment(t), nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return domain.OnDay(t.Year(), t.Month(), t.Day(), zone), nil
	}
	return domain.Interval{}, domain.Refuse(domain.Invalid, "request.occurred", "got", clip(s)).At("/Runut-Occurred")
}

// ifMatch reads the version a client last saw.
func ifMatch(header string) (int, error) {
	h := strings.TrimSpace(header)
	if h == "" {
		return 0, domain.Refuse(domain.Invalid, "request.if_match_missing").At("/If-Match")
	}
	if h == "*" {
		return -1, nil
	}
	n := 0
	digits := strings.Trim(strings.TrimPrefix(h, "W/"), `"`)
	for _, r := range digits {
		if r < '0' || r > '9' || n > 1e8 {
			return 0, domain.Refuse(domain.Stale, "request.if_match_unreadable", "got", clip(h)).At("/If-Match")
		}
		n = n*10 + int(r-'0')
	}
	if digits == "" {
		return 0, domain.Refuse(domain.Stale, "request.if_match_unreadable", "got", clip(h)).At("/If-Match")
	}
	return n, nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
