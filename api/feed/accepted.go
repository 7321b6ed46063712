package feed

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/answer"
	"runut/domain"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/projections"
)

// longestPoll is how long a pull may wait for something new.
const longestPoll = 60 * time.Second

// Feeds answers the feeds. Every field is needed but Patience.
type Feeds struct {
	Store  *eventstore.Store
	DB     projections.DB
	Public projections.DB // the public read model alone
	Hub    *follower.Hub
	Tenant string
	Done   context.Context // ends long answers when the program stops

	// Patience is how long a reader of the stream may leave lying what was sent
	// to it; 0: 30 s.
	Patience time.Duration

	// Reader returns the actor whose token is good for reading feeds.
	Reader func(context.Context) (domain.Actor, error)
	// Problem puts an error into the form that the API answers.
	Problem func(context.Context, error) error
	// Refuse answers a request outside huma with an error.
	Refuse func(http.ResponseWriter, *http.Request, error)
}

type acceptedInput struct {
	Lang    string `query:"lang" enum:"id,en" doc:"Language of refusals; left out: as Accept-Language says"`
	OPD     string `path:"code" maxLength:"40" doc:"OPD code" example:"1.03.0.00.0.00.01.0000"`
	Last    string `query:"lastEventId" maxLength:"19" doc:"id of the last event that was worked off; left out: from the beginning" example:"18342"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most"`
	Timeout int    `query:"timeout" minimum:"0" maximum:"60" default:"0" doc:"Seconds to wait where nothing is new"`
}

type acceptedOutput struct {
	CacheControl string `header:"Cache-Control"`
	Position     int64  `header:"X-Runut-Position" doc:"Position of the log that the answer stands at"`
	Body         Batch
}

// A Batch is events in the batched JSON form of CloudEvents 1.0.
type Batch []CloudEvent

// ContentType implements huma.ContentTypeFilter.
func (Batch) ContentType(string) string { return "application/cloudevents-batch+json" }

// Register adds the pull feed to the API, and describes the stream, which is
// mounted beside it.
func (f *Feeds) Register(api huma.API) {
	describeStream(api)
	huma.Register(api, huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/feeds/opd/{code}/accepted", OperationID: "feed-accepted", Tags: []string{"OPD"},
		Summary: "Umpan usulan yang diterima OPD · Feed of what an OPD accepted",
		Description: "A batch of CloudEvents in the order of the log. Work it off, remember the id of the last one, ask again with lastEventId. " +
			"With timeout the answer waits for something new. A full page never changes. An empty batch means: nothing new, ask again.",
		Security: []map[string][]string{{"token": {}}}, Errors: []int{400, 401, 403, 503}, RejectUnknownQueryParameters: true,
	}, func(ctx context.Context, in *acceptedInput) (*acceptedOutput, error) {
		out, err := f.accepted(ctx, in)
		if err != nil {
			return nil, f.Problem(ctx, err)
		}
		return out, nil
	})
}

func (f *Feeds) accepted(ctx context.Context, in *acceptedInput) (*acceptedOutput, error) {
	actor, err := f.Reader(ctx)
	if err != nil {
		return nil, err
	}
	if !actor.Scope.Holds("", "", in.OPD) {
		return nil, domain.Refuse(domain.Forbidden, "feed.other_opd", "opd", in.OPD, "scope", actor.Scope.String())
	}
	if err := answer.CodeTerms(f.DB, 0).Check(ctx, answer.Sought{OPD: []string{in.OPD}}, answer.Path); err != nil {
		return nil, err
	}
	var after int64
	if in.Last != "" {
		if after, err = strconv.ParseInt(in.Last, 10, 64); err != nil || after < 0 {
			return nil, domain.Refuse(domain.Invalid, "feed.cursor", "got", in.Last).At("/lastEventId")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, min(time.Duration(in.Timeout)*time.Second, longestPoll)+30*time.Second)
	defer cancel()
	page, err := f.poll(ctx, in.OPD, after, in.Limit, time.Duration(in.Timeout)*time.Second)
	if err != nil {
		return nil, err
	}
	out := &acceptedOutput{CacheControl: "private, no-cache", Position: page.Position, Body: Batch{}}
	for _, n := range page.Items {
		out.Body = append(out.Body, OfNotice(n, f.Tenant))
	}
	if len(page.Items) == in.Limit { // a later position is in the log, so nothing can come in between
		out.CacheControl = "private, max-age=3600, immutable"
	}
	return out, nil
}

// poll reads the feed, and where nothing is there waits for the log to grow and
// the read model to follow, until the time is up.
func (f *Feeds) poll(ctx context.Context, opd string, after int64, limit int, timeout time.Duration) (projections.Page[projections.Notice], error) {
	feed := projections.Feed{DB: f.DB}
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stop := context.AfterFunc(f.Done, cancel)
	defer stop()
	for {
		page, err := feed.Accepted(ctx, opd, after, limit)
		if err != nil || len(page.Items) > 0 || waiting.Err() != nil {
			return page, err
		}
		_, seen, err := f.Hub.Next(waiting, page.Position, 1, eventstore.Filter{})
		if waiting.Err() != nil {
			continue // the time is up: one last look, in case the read model came along
		}
		if err != nil {
			return page, err
		}
		if err := projections.WaitFor(waiting, f.DB, seen, "feed"); err != nil && waiting.Err() == nil {
			return page, err
		}
	}
}
