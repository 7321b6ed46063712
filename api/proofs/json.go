package proofs

import (
	"context"
	"encoding/hex"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"runut/domain"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
)

const tag = "Log"

// anybody may ask: no token is needed.
var anybody = []map[string][]string{{}}

// A Checkpoint is a signed head of the log.
type Checkpoint struct {
	Origin   string    `json:"origin" doc:"Name of the log"`
	Size     int64     `json:"size" doc:"How many events it covers: those at positions 1 to size"`
	Root     string    `json:"root" doc:"Root of the Merkle tree, SHA-256 in base64"`
	SignedAt time.Time `json:"signed_at" doc:"By the server's clock; not signed"`
	Note     string    `json:"note" doc:"Text and signatures, c2sp.org/tlog-checkpoint: keep this"`
}

// A Receipt (tanda terima) says where an event stands and what vouches for it.
type Receipt struct {
	Event      string      `json:"event"`
	Position   int64       `json:"position"`
	RecordedAt time.Time   `json:"recorded_at"`
	Leaf       string      `json:"leaf" doc:"Leaf hash, SHA-256 in hex; leaf index is position - 1"`
	Sealed     bool        `json:"sealed" doc:"Whether a checkpoint covers it; one does within seconds"`
	Checkpoint *Checkpoint `json:"checkpoint,omitempty" doc:"The first that covers it"`
	Proof      string      `json:"proof" doc:"Where its .tlog-proof is"`
	Page       string      `json:"page" doc:"Where a person reads this"`
}

// A Consistency shows that the log only grew between two sizes.
type Consistency struct {
	From   Head     `json:"from"`
	To     Head     `json:"to"`
	Hashes []string `json:"hashes" doc:"Proof of RFC 6962 section 2.1.2, base64; none where the sizes are equal or the smaller is 0"`
}

// A Head is the root of the log at a size.
type Head struct {
	Size       int64  `json:"size"`
	Root       string `json:"root" doc:"SHA-256 in base64"`
	Checkpoint string `json:"checkpoint,omitempty" doc:"The signed checkpoint, where one was signed of just this size"`
}

// Checkpoints is a stretch of a list.
type Checkpoints struct {
	Items []Checkpoint `json:"items"`
	Next  int64        `json:"next,omitzero" doc:"before of the next page; left out after the last one"`
}

type eventInput struct {
	Lang string `query:"lang" enum:"id,en" doc:"Language of refusals; left out: as Accept-Language says"`
	ID   string `path:"id" format:"uuid" doc:"Id of an event, as in a receipt"`
}

type betweenInput struct {
	Lang string `query:"lang" enum:"id,en" doc:"Language of refusals; left out: as Accept-Language says"`
	From int64  `query:"from" required:"true" minimum:"0" doc:"Size of the older checkpoint"`
	To   int64  `query:"to" minimum:"0" doc:"Size of the younger one; left out or 0: the newest"`
}

type listInput struct {
	Lang   string `query:"lang" enum:"id,en" doc:"Language of refusals; left out: as Accept-Language says"`
	Before int64  `query:"before" minimum:"0" doc:"Only smaller ones; 0: all"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most"`
}

type answer[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

// Register adds what is answered in JSON, and describes what is not.
func (p *Proofs) Register(api huma.API) {
	read(p, api, "/api/v1/events/{id}/receipt", "event-receipt", "Tanda terima suatu peristiwa · Receipt of an event",
		"Where an event stands in the log, whether it is sealed, and by which checkpoint first. No content and no person is in it.", p.receipt)
	read(p, api, "/api/v1/log/consistency", "log-consistency", "Bukti bahwa log hanya bertambah · Proof that the log only grew",
		"Compare from.root and to.root with the checkpoints you hold; hashes lead from one to the other.", p.consistency)
	read(p, api, "/api/v1/log/checkpoints", "log-checkpoints", "Semua checkpoint, terbaru dahulu · All checkpoints, newest first",
		"What the log ever signed. One of them kept elsewhere is enough to notice a later change of anything before it.", p.checkpoints)
	p.describe(api)
}

func read[I, O any](p *Proofs, api huma.API, path, id, summary, doc string, f func(context.Context, *I) (O, error)) {
	huma.Register(api, huma.Operation{
		Method: http.MethodGet, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary, Description: doc,
		Security: anybody, Errors: []int{400, 404, 422, 503}, RejectUnknownQueryParameters: true,
	}, func(ctx context.Context, in *I) (*answer[O], error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, p.Fail(ctx, err)
		}
		return &answer[O]{CacheControl: "no-cache", Body: out}, nil
	})
}

func (p *Proofs) receipt(ctx context.Context, in *eventInput) (Receipt, error) {
	id, err := uuid.Parse(in.ID)
	if err != nil {
		return Receipt{}, domain.Refuse(domain.Invalid, "request.id", "id", clip(in.ID))
	}
	place, err := p.Book.Place(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	leaf := place.Leaf()
	out := Receipt{Event: id.String(), Position: place.Position, RecordedAt: place.RecordedAt, Leaf: hex.EncodeToString(leaf[:]),
		Proof: Path(id), Page: Page(id)}
	head, err := p.Book.Covering(ctx, place.Position)
	if isUnsigned(err) {
		return out, nil
	}
	if err != nil {
		return Receipt{}, err
	}
	c := checkpoint(head)
	out.Sealed, out.Checkpoint = true, &c
	return out, nil
}

func (p *Proofs) consistency(ctx context.Context, in *betweenInput) (Consistency, error) {
	to := in.To
	if to == 0 {
		newest, err := p.Book.Latest(ctx)
		if err != nil {
			return Consistency{}, err
		}
		to = newest.Size
	}
	c, err := p.Book.Consistency(ctx, in.From, to)
	if err != nil {
		return Consistency{}, err
	}
	out := Consistency{From: headOf(c.From), To: headOf(c.To), Hashes: make([]string, len(c.Hashes))}
	for i, h := range c.Hashes {
		out.Hashes[i] = h.String()
	}
	return out, nil
}

func (p *Proofs) checkpoints(ctx context.Context, in *listInput) (Checkpoints, error) {
	heads, err := p.Book.Before(ctx, in.Before, in.Limit)
	if err != nil {
		return Checkpoints{}, err
	}
	out := Checkpoints{Items: make([]Checkpoint, len(heads))}
	for i, h := range heads {
		out.Items[i] = checkpoint(h)
	}
	if len(heads) == in.Limit {
		out.Next = heads[len(heads)-1].Size
	}
	return out, nil
}

func checkpoint(h notary.Head) Checkpoint {
	return Checkpoint{Origin: h.Origin, Size: h.Size, Root: h.Root.String(), SignedAt: h.At, Note: h.Note}
}

func headOf(h proof.Head) Head {
	return Head{Size: h.Size, Root: h.Root.String(), Checkpoint: h.Checkpoint}
}

// describe puts into the OpenAPI document what is served as a file.
func (p *Proofs) describe(api huma.API) {
	problems := &huma.Response{Description: "Penolakan · Refusal", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(huma.NewError(0, "")).Elem(), true, "")}}}
	text, binary := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeString, Format: "binary"}
	add := func(path, id, summary, doc, media string, schema *huma.Schema, params ...*huma.Param) {
		api.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary, Description: doc, Security: anybody, Parameters: params,
			Responses: map[string]*huma.Response{
				"200":     {Description: "Isi · Content", Content: map[string]*huma.MediaType{media: {Schema: schema}}},
				"default": problems,
			},
		})
	}
	part := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "path", Required: true, Description: doc, Schema: text}
	}
	add("/api/v1/events/{id}/proof", "event-proof", "Bukti satu peristiwa (.tlog-proof) · Proof of one event",
		"c2sp.org/tlog-proof: shows offline, with the log's key alone, that the event is in the log. Waits some seconds for a new event to be sealed.",
		"text/plain", text, part("id", "Id of an event"),
		&huma.Param{Name: "size", In: "query", Description: "Prove it in the checkpoint of just this size, one that you hold; left out: the newest", Schema: &huma.Schema{Type: huma.TypeInteger}})
	add("/log/checkpoint", "log-checkpoint", "Checkpoint terbaru · The newest checkpoint", "c2sp.org/tlog-tiles; changes once a second at most.", "text/plain", text)
	add("/log/tile/{level}/{n}", "log-tile", "Ubin pohon hash · A tile of the hash tree",
		"c2sp.org/tlog-tiles: n in groups of three digits, x001/x234/067; .p/W behind a partial tile. Never changes.", octets, binary,
		part("level", "0 to 7"), part("n", "Index, as the specification writes it"))
	add("/log/tile/entries/{n}", "log-entries", "Isi daun · What the leaves are hashes of",
		"c2sp.org/tlog-tiles: bundles of 57-byte entries: form, event id, recorded at, SHA-256 of the record.", octets, binary, part("n", "Index, as the specification writes it"))
	add("/log/keys", "log-keys", "Kunci pemeriksa log · Verifier keys of the log", "All keys the log signed under, oldest first. Compare them with a copy from elsewhere.", "text/plain", text)
	add("/log/checkpoints.atom", "log-atom", "Checkpoint harian (Atom) · Daily checkpoints", "The last checkpoint of each of the last sixty days: subscribe to it and the log cannot be rewritten unnoticed.", "application/atom+xml", text)
}

func sizeOf(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, domain.Refuse(domain.Invalid, "request.query_number", "where", "size").At("/query/size")
	}
	return n, nil
}
