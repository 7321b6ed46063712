// Package proofs answers what anybody may ask of the signed log: its tiles and
// checkpoints for programs that check it, proofs for single events, and a feed of
// checkpoints for those who keep one now and then.
//
//	/log/checkpoint, /log/tile/…, /log/tile/entries/…   c2sp.org/tlog-tiles
//	/log/keys                                           the keys the log signed under
//	/log/checkpoints.atom                               the last checkpoint of each day
//	/log/checkpoint.svg                                 the newest as a QR code, for minutes on paper
//	/api/v1/events/{id}/proof                           a .tlog-proof
//	/api/v1/events/{id}/receipt                         where an event stands, and whether it is sealed
//	/api/v1/log/consistency, /api/v1/log/checkpoints
//
// None of it needs a token. A leaf is an event's id, when it was recorded, and a
// hash of its record, which a random salt keeps from being guessed: it says that
// something was recorded, and neither what nor about whom. So nothing is let out
// before a release.
package proofs

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"

	"runut/api/qr"
	"runut/domain"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
)

// longestWait is how long a proof waits for its event to be sealed.
const longestWait = 5 * time.Second

// Proofs answers from what was signed. Every field is needed.
type Proofs struct {
	Book  notary.Book                                             // over connections that may read the schema tree and no record
	Await func(ctx context.Context, position int64) error         // until a position is sealed
	Fail  func(context.Context, error) error                      // an error in the form that the API answers
	Deny  func(w http.ResponseWriter, r *http.Request, err error) // answers a request with an error
}

// Path is where the .tlog-proof of an event is.
func Path(event uuid.UUID) string { return "/api/v1/events/" + event.String() + "/proof" }

// Page is where a person reads the receipt of an event.
func Page(event uuid.UUID) string { return "/tanda-terima/" + event.String() }

// Mount adds what is served as files are.
func (p *Proofs) Mount(r chi.Router) {
	r.Group(func(r chi.Router) {
		r.Use(open)
		r.Get("/log/checkpoint", p.answer(p.checkpoint))
		r.Get("/log/checkpoint.svg", p.answer(p.picture))
		r.Get("/log/checkpoints.atom", p.answer(p.atom))
		r.Get("/log/keys", p.answer(p.keys))
		r.With(middleware.Compress(5, octets)).Get("/log/tile/entries/*", p.answer(p.tile))
		r.Get("/log/tile/*", p.answer(p.tile))
		r.Get("/api/v1/events/{id}/proof", p.answer(p.proof))
	})
}

const (
	octets = "application/octet-stream"
	plain  = "text/plain; charset=utf-8"

	moment = "public, max-age=1"
	hour   = "public, max-age=3600"
	ever   = "public, max-age=31536000, immutable"
)

// open lets pages and programs of anybody read: it is the same for everybody.
func open(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Del("Vary")
		h.Del("Content-Language")
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		next.ServeHTTP(w, r)
	})
}

// A file is what a request is answered with.
type file struct {
	kind, cache string
	name        string // to be saved under; "": shown
	body        []byte
}

func (p *Proofs) answer(read func(*http.Request) (file, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, err := read(r)
		if err != nil {
			w.Header().Set("Cache-Control", "no-store") // what is absent now may be there in a second
			p.Deny(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", f.cache)
		if f.name != "" {
			h.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
		}
		w.Write(f.body)
	}
}

func (p *Proofs) checkpoint(r *http.Request) (file, error) {
	head, err := p.Book.Latest(r.Context())
	return file{kind: plain, cache: moment, body: []byte(head.Note)}, err
}

func (p *Proofs) picture(r *http.Request) (file, error) {
	head, err := p.Book.Latest(r.Context())
	if err != nil {
		return file{}, err
	}
	svg, err := qr.SVG(head.Note)
	return file{kind: "image/svg+xml", cache: moment, body: []byte(svg)}, err
}

func (p *Proofs) keys(r *http.Request) (file, error) {
	keys, err := p.Book.Keys(r.Context())
	if err != nil {
		return file{}, err
	}
	const caution = "# Bandingkan dengan salinan dari sumber lain: kunci yang hanya diambil dari sini tidak membuktikan apa pun.\n" +
		"# Compare with a copy from elsewhere: a key that was only got from here proves nothing.\n"
	return file{kind: plain, cache: hour, body: []byte(caution + strings.Join(append(keys, ""), "\n"))}, nil
}

// tile answers tiles and, below entries, bundles.
func (p *Proofs) tile(r *http.Request) (file, error) {
	path := strings.TrimPrefix(r.URL.Path, "/log/")
	t, err := proof.ParsePath(path)
	if err != nil || t.L > 7 {
		return file{}, domain.Refuse(domain.NotFound, "request.path", "path", clip(r.URL.Path))
	}
	body, err := p.Book.Tile(r.Context(), t)
	return file{kind: octets, cache: ever, body: body}, err
}

// proof waits for an event to be sealed and proves it, in the newest head or in
// that of ?size=.
func (p *Proofs) proof(r *http.Request) (file, error) {
	id, err := uuid.Parse(chi.URLParam(r, "id"))
	if err != nil {
		return file{}, domain.Refuse(domain.Invalid, "request.id", "id", clip(chi.URLParam(r, "id")))
	}
	size, err := sizeOf(r.URL.Query().Get("size"))
	if err != nil {
		return file{}, err
	}
	inclusion, err := p.inclusion(r.Context(), id, size)
	if err != nil {
		return file{}, err
	}
	return file{kind: plain, cache: "no-cache", name: id.String() + ".tlog-proof", body: inclusion.Format()}, nil
}

// inclusion proves an event in the head of a size, or for 0 in the newest, once
// that covers it: nearly always it does already.
func (p *Proofs) inclusion(ctx context.Context, id uuid.UUID, size int64) (proof.Inclusion, error) {
	if size == 0 {
		proven, err := p.Book.Inclusion(ctx, id)
		if !errors.Is(err, &domain.Error{Code: "event.unsealed"}) && !errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
			return proven, err
		}
	}
	place, err := p.Book.Place(ctx, id)
	if err != nil {
		return proof.Inclusion{}, err
	}
	head, err := p.head(ctx, place.Position, size)
	if err != nil {
		return proof.Inclusion{}, err
	}
	return p.Book.Prove(ctx, place, head)
}

// head returns the head of a size, or for 0 the newest, once that covers a
// position.
func (p *Proofs) head(ctx context.Context, position, size int64) (notary.Head, error) {
	if size > 0 {
		return p.Book.At(ctx, size)
	}
	head, err := p.Book.Latest(ctx)
	if err == nil && head.Size >= position {
		return head, nil
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	if err := p.Await(ctx, position); err != nil {
		return head, err
	}
	return p.Book.Latest(ctx)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
