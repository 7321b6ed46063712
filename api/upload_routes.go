package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"runut/api/account"
	"runut/api/intake"
	"runut/api/wire"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
)

const (
	tagImports = "Impor"
	xlsxType   = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// uploadRoutes are how files come in over the API: kept first, tried as often as
// wanted, and taken in by a request of its own.
func (s *Server) uploadRoutes(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	security := []map[string][]string{{"token": {}}}
	answer := func(description, mediaType string, schema *huma.Schema) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{mediaType: {Schema: schema}}}
	}
	problems := answer("Penolakan · Refusal", "application/problem+json", schemas.Schema(typeOf[Problem](), true, "Problem"))
	binary := &huma.Schema{Type: "string", Format: "binary"}
	query := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: "string", MaxLength: new(500)}}
	}
	kinds := &huma.Schema{Type: "string"}
	for _, k := range intake.Kinds {
		kinds.Enum = append(kinds.Enum, k)
	}
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/uploads", OperationID: "put-upload", Tags: []string{tagImports}, Security: security,
		Summary: "Unggah berkas yang akan diimpor · Upload a file to be taken in",
		Description: "The body is the file, xlsx or csv, at most 64 MB. Nothing is recorded: ask for the trial, then take it in. It is kept sealed, for its uploader alone, and deleted after seven days. " +
			"kind=paper keeps the PDF that a list was adopted as, to be named as paper.",
		Parameters: []*huma.Param{{Name: "kind", In: "query", Required: true, Description: "What it is, or paper", Schema: &huma.Schema{Type: "string"}},
			query("name", "Of the file; exports of SIPD are dated by it"), query("year", "Fiscal year"), query("sheet", "Of a workbook; left out: the first"),
			query("exported_at", "sipd: when it was exported"), query("as_history", "sipd: true where it may be older than the last one"), query("confirmed", "sipd: true where so many rows are really missing"),
			query("document", "Lists: number of the document"), query("date", "Lists: its day"), query("document_kind", "Lists: perkada, nota_kesepakatan, perda …"), query("digest", "Lists: SHA-256 of the document, where it is uploaded as evidence"),
			query("paper", "Lists: id of the upload that is the document"), query("total", "Lists: as printed in the document"), query("occurred", "Lists: day from which it holds"),
			query("left_out", "Lists: reason code for proposals that wait and stand in no row"), query("left_out_text", "Lists: that reason in words"),
			query("edition", "Registers: what the source calls it"), query("valid_from", "Registers: day from which it holds"), query("skip_faulty", "Registers: true to publish without faulty rows")},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: binary}}},
		Responses:   map[string]*huma.Response{"201": answer("Tersimpan · Kept", "application/json", schemas.Schema(typeOf[intake.Upload](), true, "Upload")), "default": problems},
	})
	for name, what := range map[string]string{"quarantine": "Baris karantina sebagai lembar kerja · Rows not taken in, to be mended", "confirm": "Baris yang perlu dicocokkan · Rows to say the meaning of"} {
		api.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: "/api/v1/uploads/{id}/" + name, OperationID: "get-upload-" + name, Tags: []string{tagImports}, Security: security, Summary: what,
			Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
			Responses:  map[string]*huma.Response{"200": answer("Lembar kerja · A workbook", xlsxType, binary), "default": problems},
		})
	}
	get(s, api, "/uploads", "list-uploads", tagImports, "Unggahan Anda · What you uploaded", func(ctx context.Context, _ *emptyRead) (*one[List[intake.Upload]], error) {
		all, err := s.Uploads(ctx, CallerOf(ctx))
		return &one[List[intake.Upload]]{Body: List[intake.Upload]{Items: all}}, err
	})
	get(s, api, "/uploads/{id}/trial", "try-upload", tagImports, "Uji coba: apa yang akan dicatat · What would be recorded", func(ctx context.Context, in *uploadInput) (*one[intake.Report], error) {
		return s.takeUpload(ctx, in.ID, true)
	})
	for _, end := range []struct{ verb, id, summary, doc string }{
		{"take", "take-upload", "Catat berkas · Take the file in", "The same file taken in again adds nothing, so that what broke off can simply be asked again."},
		{"discard", "discard-upload", "Buang unggahan · Throw the upload away", "Nothing of it is kept. What was recorded from it stays."},
	} {
		huma.Register(api, huma.Operation{
			Method: http.MethodPost, Path: "/api/v1/uploads/{id}/" + end.verb, OperationID: end.id, Tags: []string{tagImports}, Summary: end.summary, Description: end.doc,
			DefaultStatus: http.StatusOK, Errors: []int{400, 401, 403, 404, 409, 422, 503}, Security: security,
		}, func(ctx context.Context, in *uploadID) (*one[intake.Report], error) {
			caller, err := signedIn(ctx, account.Act)
			if err != nil {
				return nil, problem(ctx, err)
			}
			if end.verb == "discard" {
				if err := s.Discard(ctx, caller, in.ID); err != nil {
					return nil, problem(ctx, err)
				}
				return &one[intake.Report]{Body: intake.Report{Said: []string{}, Rows: []intake.Count{}, Facts: []intake.Count{}, Held: []intake.Held{}, Waiting: []intake.Waiting{}, Notes: []string{}}}, nil
			}
			out, err := s.takeUpload(ctx, in.ID, false)
			if err != nil {
				return nil, problem(ctx, err)
			}
			return out, nil
		})
	}
	huma.Register(api, huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/uploads/{id}/order", OperationID: "order-upload", Tags: []string{tagImports},
		Summary: "Ubah pilihan sebuah unggahan · Say anew what an upload is to be taken for", Description: "All of it but its kind and name; answers say what rows mean that a trial shows as waiting.",
		DefaultStatus: http.StatusOK, Errors: []int{400, 401, 403, 404, 413, 422, 503}, Security: security, MaxBodyBytes: 256 << 10, SkipValidateBody: true,
	}, func(ctx context.Context, in *orderInput) (*one[intake.Upload], error) {
		caller, err := signedIn(ctx, account.Act)
		if err != nil {
			return nil, problem(ctx, err)
		}
		u, err := s.Upload(ctx, caller, in.ID)
		if err == nil {
			err = s.Reorder(ctx, &u, in.Body)
		}
		if err != nil {
			return nil, problem(ctx, err)
		}
		return &one[intake.Upload]{Body: u.Upload}, nil
	})
	post[plainInput](s, api, command[dismissBody]{
		Path: "/imports/dismiss", ID: "dismiss-rows", Summary: "Tutup baris karantina · Dismiss quarantined rows", Tag: tagImports,
		Doc: "Says that rows which could not be taken in are not to be, and why.",
		Make: func(_ target, b *dismissBody) (act.Act, int, error) {
			if !slices.Contains(delivery.Sources, b.Source) {
				return nil, 0, domain.Refuse(domain.Invalid, "delivery.word_unknown", "field", "source", "value", clip(b.Source), "known", domain.Words(delivery.Sources)).At("/source")
			}
			if b.Note.Masked == "" {
				return nil, 0, domain.Refuse(domain.Invalid, "import.missing", "field", "note").At("/note")
			}
			return act.OnDelivery{Stream: delivery.ImportStream(b.Source, itoa(b.Year)), Ask: &delivery.QuarantineResolved{File: b.File, Rows: b.Rows, How: "dismissed", Note: b.Note}}, b.Year, stated(b.Year)
		},
	})
}

type uploadInput struct {
	ReadInput
	ID string `path:"id" maxLength:"80" doc:"Id of the upload"`
}

type uploadID struct {
	ID string `path:"id" maxLength:"80" doc:"Id of the upload"`
}

type orderInput struct {
	ID   string `path:"id" maxLength:"80" doc:"Id of the upload"`
	Body intake.Order
}

type dismissBody struct {
	Source string      `json:"source" doc:"sipd, rkpd, ppas, apbd, perubahan, template"`
	Year   int         `json:"year" doc:"Fiscal year"`
	File   string      `json:"file" doc:"SHA-256 of the file, hex"`
	Rows   []int       `json:"rows" doc:"Row numbers in it, from 1"`
	Note   domain.Text `json:"note" doc:"Why they are not taken in"`
}

func (s *Server) takeUpload(ctx context.Context, id string, try bool) (*one[intake.Report], error) {
	by := CallerOf(ctx)
	u, err := s.Upload(ctx, by, id)
	if err != nil {
		return nil, err
	}
	report, err := s.TakeIn(ctx, by, u, try, language(ctx), Books{}, nil)
	if err != nil {
		return nil, err
	}
	return &one[intake.Report]{Body: *report}, nil
}

func (s *Server) mountUploads(r chi.Router) {
	r.Post("/api/v1/uploads", s.putUpload)
	r.Get("/api/v1/uploads/{id}/quarantine", s.uploadBook("karantina", func(w io.Writer) Books { return Books{Held: w} }))
	r.Get("/api/v1/uploads/{id}/confirm", s.uploadBook("cocokkan", func(w io.Writer) Books { return Books{Confirm: w} }))
}

// orderOf reads what a file is to be taken for off the query.
func orderOf(q url.Values) (intake.Order, error) {
	o := intake.Order{Kind: q.Get("kind"), Name: q.Get("name"), Sheet: q.Get("sheet"), ExportedAt: q.Get("exported_at"), AsHistory: q.Get("as_history") == "true", Confirmed: q.Get("confirmed") == "true",
		Document: domain.Document{Kind: q.Get("document_kind"), Number: q.Get("document"), Date: q.Get("date"), Digest: q.Get("digest")},
		Paper:    q.Get("paper"), Total: q.Get("total"), Occurred: q.Get("occurred"), LeftOut: q.Get("left_out"), LeftOutWords: q.Get("left_out_text"),
		Edition: q.Get("edition"), ValidFrom: q.Get("valid_from"), SkipFaulty: q.Get("skip_faulty") == "true"}
	if said := q.Get("year"); said != "" {
		n, err := strconv.Atoi(said)
		if err != nil {
			return o, domain.Refuse(domain.Invalid, "upload.year", "year", clip(said)).At("/year")
		}
		o.Year = n
	}
	return o, nil
}

func (s *Server) putUpload(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context(), account.Act)
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	o, err := orderOf(r.URL.Query())
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(longestUpload))
	var kept Upload
	if o.Kind == paperKind {
		kept, err = s.ReceivePaper(r.Context(), caller, r.Body)
	} else {
		kept, err = s.Receive(r.Context(), caller, o, r.Body)
	}
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	body, err := wire.Marshal(kept.Upload)
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/api/v1/uploads/"+kept.ID+"/trial")
	w.WriteHeader(http.StatusCreated)
	w.Write(body)
}

// uploadBook answers with a workbook that a trial makes. It is made as a whole
// before anything is sent, so that a refusal can still be told.
func (s *Server) uploadBook(what string, into func(io.Writer) Books) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		caller, err := signedIn(r.Context(), account.Read)
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		u, err := s.Upload(r.Context(), caller, chi.URLParam(r, "id"))
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		var book bytes.Buffer
		_, err = s.TakeIn(r.Context(), caller, u, true, language(r.Context()), into(&book), nil)
		if err != nil && book.Len() == 0 {
			WriteProblem(w, r, err)
			return
		}
		if book.Len() == 0 {
			WriteProblem(w, r, domain.Refuse(domain.NotFound, "upload.no_rows"))
			return
		}
		w.Header().Set("Content-Type", xlsxType)
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.xlsx"`, what, u.Digest[:12]))
		w.Write(book.Bytes())
	}
}
