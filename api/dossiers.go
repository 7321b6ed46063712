package api

import (
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"runut/api/account"
	"runut/api/answer"
	"runut/api/dossier"
	"runut/api/paper"
	"runut/domain"
	"runut/eventstore/notary"
	"runut/projections"
)

// dossiers describes what mountDossiers serves. Dossiers stream, so they stand beside
// huma.
func (s *Server) dossiers(api huma.API) {
	text := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: "string"}}
	}
	view := []*huma.Param{
		text("as_of", "What was in effect then: a day (its end) or a moment in RFC 3339; left out: everything"),
		text("known_at", "What was known then: a day, a moment, or a position of the log; left out: all that is sealed"),
	}
	binary := &huma.Schema{Type: "string", Format: "binary"}
	add := func(path, id, summary, doc string, types []string, params ...*huma.Param) {
		content := map[string]*huma.MediaType{}
		for _, t := range types {
			content[t] = &huma.MediaType{Schema: binary}
		}
		api.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: path, OperationID: id, Tags: []string{tagAudit}, Security: []map[string][]string{{"token": {}}},
			Summary: summary, Description: doc, Parameters: params,
			Responses: map[string]*huma.Response{
				"200":     {Description: "Dosir · The dossier", Content: content},
				"default": {Description: "Penolakan · Refusal", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: api.OpenAPI().Components.Schemas.Schema(typeOf[Problem](), true, "Problem")}}},
			},
		})
	}
	number := &huma.Param{Name: "number", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}, Example: "U-27-4K7M2XR"}
	add("/api/v1/proposals/{number}/dossier", "get-dossier", "Dosir usulan · A dossier of one proposal",
		"Answer, events, proofs and documents in one file that runut-verify checks offline. docs/trust.md says what it holds. Whoever shows no token gets what was released.",
		[]string{"application/zip", paper.Type}, append(view, number, &huma.Param{Name: "format", In: "query", Description: "zip; html: the printable page alone", Schema: &huma.Schema{Type: "string", Enum: []any{"zip", "html"}}})...)
	add("/api/v1/dossiers", "get-dossiers", "Dosir beberapa usulan · A dossier of several proposals",
		"Of the proposals that usulan names, given several times, or of those that a filter finds: year, kecamatan, desa, opd, jalur, tahap, status, nasib, alasan, aturan, nilai, asal, pada, diketahui, as the auditor's page has them.",
		[]string{"application/zip"}, append(view, text("usulan", "Number of a proposal; may be given several times"), text("year", "Fiscal year of a filter"))...)
}

func (s *Server) mountDossiers(r chi.Router) {
	r.Get("/api/v1/proposals/{number}/dossier", func(w http.ResponseWriter, r *http.Request) {
		number, err := domain.ParseNumber(chi.URLParam(r, "number"))
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		d, err := s.dossier(r, number)
		switch {
		case err != nil:
		case r.URL.Query().Get("format") == "html":
			err = d.Show(w, r)
		default:
			d.Send(w, r)
		}
		if err != nil {
			WriteProblem(w, r, err)
		}
	})
	r.Get("/api/v1/dossiers", func(w http.ResponseWriter, r *http.Request) {
		d, err := s.dossier(r)
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		d.Send(w, r)
	})
}

// dossier prepares what a request asks for: of the numbers, of those its query names,
// or of those its query filters. Where these may be several it takes a place, so that
// the program has time for others too; visitors have places of their own.
func (s *Server) dossier(r *http.Request, numbers ...string) (*dossier.Dossier, error) {
	q := r.URL.Query()
	for _, typed := range q["usulan"] {
		number, err := domain.ParseNumber(typed)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	if len(numbers) == 1 {
		return s.prepared(r, numbers)
	}
	room := &s.Bulk
	if !CallerOf(r.Context()).Known() {
		room = &s.PublicBulk
	}
	place, err := room.Enter()
	if err != nil {
		return nil, err
	}
	d, err := s.prepared(r, numbers)
	if err != nil {
		place.Leave()
		return nil, err
	}
	d.Place = place
	return d, nil
}

// prepared prepares a dossier of numbers, or of what the query filters. Visitors get
// what was released, and can neither filter nor look at another moment.
func (s *Server) prepared(r *http.Request, numbers []string) (*dossier.Dossier, error) {
	q, ctx := r.URL.Query(), r.Context()
	ask := dossier.Ask{Numbers: numbers, AsOf: either(q, "pada", "as_of"), Known: either(q, "diketahui", "known_at"), Lang: language(ctx)}
	var book *notary.Book
	if s.proofs != nil {
		book = &s.proofs.Book
	}
	year := either(q, "tahun", "year")
	if !CallerOf(ctx).Known() && year == "" && ask.AsOf == "" && ask.Known == "" {
		return dossier.Visitor{Public: projections.Public{DB: s.Public}, Book: book, Definition: s.Definitions(s.Current), Tenant: s.Tenant}.Prepare(ctx, ask)
	}
	if _, err := signedIn(ctx, account.Read); err != nil {
		return nil, err
	}
	maker := dossier.Maker{Desk: s.Desk(), Book: book, Documents: s.Documents, Tenant: s.Tenant}
	if len(numbers) == 0 && year != "" {
		f, err := answer.ParseFilter(q)
		if q.Get("as_of") != "" || q.Get("known_at") != "" { // one moment, not the auditor's two
			f.Then = answer.Moment{AsOf: q.Get("as_of"), Known: q.Get("known_at")}
			f.Now = f.Then
		}
		if err == nil && len(f.Rule) > 0 { // it would tell what the rules found
			err = answer.Inspect(CallerOf(ctx).Actor.Role)
		}
		if err != nil {
			return nil, err
		}
		found, err := maker.Sought(ctx, &s.kept, f)
		if err != nil {
			return nil, err
		}
		found.Lang = ask.Lang
		ask = found
	}
	return maker.Prepare(ctx, ask)
}

// either returns what a query says under either name.
func either(q url.Values, name, other string) string {
	if said := q.Get(name); said != "" {
		return said
	}
	return q.Get(other)
}
