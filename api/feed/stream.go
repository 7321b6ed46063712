package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/tmaxmax/go-sse"

	"runut/api/wire"
	"runut/domain"
	"runut/eventstore"
	"runut/projections"
)

// heartbeat is how often a silent stream says that it is alive, so that proxies
// keep it open and a browser on a weak network notices when it broke.
const heartbeat = 15 * time.Second

// patience is how long a reader may leave what was sent to it lying before the
// stream is given up.
const patience = 30 * time.Second

// longest is how long one stream lasts. The reader then asks again, with a token
// that may have ended meanwhile, and misses nothing by it.
const longest = time.Hour

// Mount adds the stream of server-sent events.
func (f *Feeds) Mount(r chi.Router) { r.Get("/stream", f.stream) }

// describeStream adds the stream to the API's document.
func describeStream(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	text := &huma.Schema{Type: huma.TypeString}
	query := func(name, doc string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: schema}
	}
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/stream", OperationID: "stream", Tags: []string{"Publik"},
		Summary: "Peristiwa begitu terjadi · Events as they happen",
		Description: "Server-sent events; the data of each is a CloudEvent. Without a token: what was released to the public, in the order in which it was. " +
			"With a token that is good for feeds: everything. A browser goes on after the last event by itself.",
		Security: []map[string][]string{{}, {"token": {}}},
		Parameters: []*huma.Param{
			query("type", "Types of event, separated by commas", text),
			query("cycle", "Fiscal year", &huma.Schema{Type: huma.TypeInteger}),
			query("lastEventId", "As the header Last-Event-ID, for clients that cannot set it", text),
			{Name: "Last-Event-ID", In: "header", Description: "id of the last event that was received; left out: from now on", Schema: text},
		},
		Responses: map[string]*huma.Response{
			"200":     {Description: "Aliran · Stream", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: text}}},
			"default": {Description: "Penolakan · Refusal", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(reflect.TypeOf(huma.NewError(0, "")).Elem(), true, "")}}},
		},
	})
}

// A line is one reader's stream. Whoever does not read loses it: nobody's stream
// may keep a connection for ever.
type line struct {
	session *sse.Session
	control *http.ResponseController
	patient time.Duration
}

// stream sends events as they happen, from Last-Event-ID on, or from now. Whoever
// is not signed in gets released facts only, when they are released.
//
//	GET /stream?type=proposal.accepted_by_opd,proposal.funded&cycle=2027
func (f *Feeds) stream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	defer context.AfterFunc(f.Done, cancel)()
	_, err := f.Reader(ctx)
	public := errors.Is(err, &domain.Error{Code: "account.token_missing"})
	if err != nil && !public { // lest it silently see less
		f.Refuse(w, r, err)
		return
	}
	filter, last, err := asked(r)
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	from, err := f.from(ctx, last, public)
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy would keep events back
	session, err := sse.Upgrade(w, r)
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	l := &line{session, http.NewResponseController(w), cmp.Or(f.Patience, patience)}
	if l.begin(from, public) != nil {
		return
	}
	if public {
		f.sendPublic(ctx, l, filter, from)
		return
	}
	f.sendAll(ctx, l, filter, from)
}

// asked reads the filter and the id of the last event the reader has, "" for
// one who begins now.
func asked(r *http.Request) (filter eventstore.Filter, last string, err error) {
	q := r.URL.Query()
	if types := q.Get("type"); types != "" {
		filter.Types = strings.Split(types, ",")
	}
	if s := q.Get("cycle"); s != "" {
		if filter.Cycle, err = strconv.Atoi(s); err != nil {
			return filter, "", domain.Refuse(domain.Invalid, "request.query_number", "where", "query/cycle").At("/query/cycle")
		}
	}
	if last = r.Header.Get("Last-Event-ID"); last == "" {
		last = q.Get("lastEventId")
	}
	return filter, last, nil
}

// A place is where a stream goes on after: a position, and for those who are not
// signed in before it the position of the release that made it public.
type place struct{ released, position int64 }

// id returns the id of the event at the place.
func (p place) id(public bool) string {
	if public {
		return fmt.Sprintf("%d-%d", p.released, p.position)
	}
	return strconv.FormatInt(p.position, 10)
}

// from returns the place that the id of an event names, or the end as it is now.
func (f *Feeds) from(ctx context.Context, last string, public bool) (p place, err error) {
	switch {
	case last != "":
		return placeOf(last, public)
	case public:
		page, err := projections.Public{DB: f.Public}.Since(ctx, "", projections.PublicSince{}, 1)
		if err != nil {
			return p, err
		}
		return placeOf(string(page.Next), true)
	}
	p.position, err = f.Store.Head(ctx)
	return p, err
}

// placeOf reads an id. Who has read as a visitor and then signs in goes on after
// the same event; the other way round there is no telling what was public.
func placeOf(id string, public bool) (p place, err error) {
	before, after, both := strings.Cut(id, "-")
	if !both {
		before, after = "0", id
	}
	p.released, err = strconv.ParseInt(before, 10, 64)
	if err == nil {
		p.position, err = strconv.ParseInt(after, 10, 64)
	}
	if err != nil || p.released < 0 || p.position < 0 || public && !both {
		return p, domain.Refuse(domain.Invalid, "feed.cursor", "got", clip(id)).At("/Last-Event-ID")
	}
	return p, nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// begin tells the reader where the stream begins, so that one that breaks off
// before its first event can be resumed too.
func (l *line) begin(from place, public bool) error {
	return l.write(&sse.Message{ID: sse.ID(from.id(public))})
}

// send sends one event.
func (l *line) send(e CloudEvent) error {
	body, err := wire.Marshal(e)
	if err != nil {
		return err
	}
	m := &sse.Message{ID: sse.ID(e.ID), Type: sse.Type(e.Type)}
	m.AppendData(string(body))
	return l.write(m)
}

// alive says that there is nothing to say.
func (l *line) alive() error {
	m := new(sse.Message)
	m.AppendComment("·")
	return l.write(m)
}

func (l *line) write(m *sse.Message) error {
	if err := l.control.SetWriteDeadline(time.Now().Add(l.patient)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if err := l.session.Send(m); err != nil {
		return err
	}
	return l.control.Flush()
}

// sendAll sends every event of the log that the filter lets through.
func (f *Feeds) sendAll(ctx context.Context, l *line, filter eventstore.Filter, from place) {
	after := from.position
	for ctx.Err() == nil {
		waiting, cancel := context.WithTimeout(ctx, heartbeat)
		records, seen, err := f.Hub.Next(waiting, after, 100, filter)
		quiet := waiting.Err() != nil
		cancel()
		if err != nil && !quiet {
			return
		}
		for _, r := range records {
			if l.send(Of(r)) != nil {
				return
			}
		}
		if len(records) == 0 && l.alive() != nil {
			return
		}
		after = seen
	}
}

// sendPublic sends what becomes public, in the order in which it did: a fact
// that was released late comes when it is released, however old it is. So its
// id is the position of the release and then its own.
func (f *Feeds) sendPublic(ctx context.Context, l *line, filter eventstore.Filter, from place) {
	public, last := projections.Public{DB: f.Public}, from.id(true)
	for ctx.Err() == nil {
		page, err := public.Since(ctx, last, projections.PublicSince{Cycle: filter.Cycle, Types: filter.Types}, 100)
		if err != nil {
			return
		}
		for _, fact := range page.Items {
			if l.send(ofPublic(fact, f.Tenant)) != nil {
				return
			}
		}
		moved := last != string(page.Next)
		if last = string(page.Next); moved { // there may be more
			continue
		}
		waiting, cancel := context.WithTimeout(ctx, heartbeat)
		_, seen, err := f.Hub.Next(waiting, page.Position, 1, eventstore.Filter{})
		if err == nil {
			err = projections.WaitFor(waiting, f.DB, seen, "public")
		}
		quiet := waiting.Err() != nil
		cancel()
		if err != nil && !quiet || quiet && l.alive() != nil {
			return
		}
	}
}
