package feed

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

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

// Mount adds the stream of server-sent events.
func (f *Feeds) Mount(r chi.Router) { r.Get("/stream", f.stream) }

// stream sends events as they happen, from Last-Event-ID on, or from now. Whoever
// is not signed in gets released facts only, when they are released.
//
//	GET /stream?type=proposal.accepted_by_opd,proposal.funded&cycle=2027
func (f *Feeds) stream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(f.Done, cancel)()
	filter, last, err := f.asked(r)
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
	if session.Flush() != nil {
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Time{})
	if _, err := f.Reader(ctx); err == nil {
		f.sendAll(ctx, session, filter, last)
		return
	}
	f.sendPublic(ctx, session, filter, last)
}

// asked reads the filter and the id of the last event the reader has, "" for
// one who begins now.
func (f *Feeds) asked(r *http.Request) (filter eventstore.Filter, last string, err error) {
	q := r.URL.Query()
	if types := q.Get("type"); types != "" {
		filter.Types = strings.Split(types, ",")
	}
	if s := q.Get("cycle"); s != "" {
		if filter.Cycle, err = strconv.Atoi(s); err != nil {
			return filter, "", domain.Refuse(domain.Invalid, "request.query", "where", "query/cycle", "what", clip(s)).At("/query/cycle")
		}
	}
	if last = r.Header.Get("Last-Event-ID"); last == "" {
		last = q.Get("lastEventId")
	}
	if last != "" && !cursorForm.MatchString(last) {
		return filter, "", domain.Refuse(domain.Invalid, "feed.cursor", "got", clip(last)).At("/Last-Event-ID")
	}
	return filter, last, nil
}

// cursorForm is what an id may look like: a position, for those who are not
// signed in after the position of the release that made it public.
var cursorForm = regexp.MustCompile(`^([0-9]{1,18}-)?[0-9]{1,18}$`)

func clip(s string) string { return s[:min(len(s), 40)] }

func send(session *sse.Session, e CloudEvent) error {
	body, err := wire.Marshal(e)
	if err != nil {
		return err
	}
	m := &sse.Message{ID: sse.ID(e.ID), Type: sse.Type(e.Type)}
	m.AppendData(string(body))
	if err := session.Send(m); err != nil {
		return err
	}
	return session.Flush()
}

func alive(session *sse.Session) error {
	m := new(sse.Message)
	m.AppendComment("·")
	if err := session.Send(m); err != nil {
		return err
	}
	return session.Flush()
}

// sendAll sends every event of the log that the filter lets through.
func (f *Feeds) sendAll(ctx context.Context, session *sse.Session, filter eventstore.Filter, last string) {
	_, position, both := strings.Cut(last, "-")
	if !both {
		position = last
	}
	after, err := strconv.ParseInt(position, 10, 64)
	if err != nil {
		if after, err = f.Store.Head(ctx); err != nil {
			return
		}
	}
	for ctx.Err() == nil {
		waiting, cancel := context.WithTimeout(ctx, heartbeat)
		records, seen, err := f.Hub.Next(waiting, after, 100, filter)
		quiet := waiting.Err() != nil
		cancel()
		if err != nil && !quiet {
			return
		}
		for _, r := range records {
			if send(session, Of(r)) != nil {
				return
			}
		}
		if len(records) == 0 && alive(session) != nil {
			return
		}
		after = seen
	}
}

// sendPublic sends what becomes public, in the order in which it did: a fact
// that was released late comes when it is released, however old it is. So its
// id is the position of the release and then its own.
func (f *Feeds) sendPublic(ctx context.Context, session *sse.Session, filter eventstore.Filter, last string) {
	public := projections.Public{DB: f.Public}
	for ctx.Err() == nil {
		page, err := public.Since(ctx, last, projections.PublicSince{Cycle: filter.Cycle, Types: filter.Types}, 100)
		if err != nil {
			return
		}
		for _, fact := range page.Items {
			if send(session, ofPublic(fact, f.Tenant)) != nil {
				return
			}
		}
		last = string(page.Next)
		if len(page.Items) > 0 {
			continue
		}
		waiting, cancel := context.WithTimeout(ctx, heartbeat)
		_, seen, err := f.Hub.Next(waiting, page.Position, 1, eventstore.Filter{})
		if err == nil {
			err = projections.WaitFor(waiting, f.DB, seen, "public")
		}
		quiet := waiting.Err() != nil
		cancel()
		if err != nil && !quiet || quiet && alive(session) != nil {
			return
		}
	}
}
