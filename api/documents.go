package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"runut/api/account"
	"runut/api/wire"
	"runut/domain"
	"runut/eventstore/vault"
)

const tagDocuments = "Dokumen"

// longestUpload is how long a document may be on its way: from a village with a
// weak network it takes minutes.
const longestUpload = 15 * time.Minute

// A DocumentView is what is known of an uploaded document.
type DocumentView struct {
	Digest   string `json:"digest" doc:"SHA-256 of the stored bytes; name the document by it in commands"`
	Original string `json:"original" doc:"SHA-256 of the bytes as sent; differs where hidden metadata of a photo were removed"`
	Size     int64  `json:"size" doc:"Bytes as stored"`
	Type     string `json:"type"`
}

// documents registers the upload and the download of documents. They stream,
// so they stand beside huma and describe themselves in its document.
func (s *Server) documents(api huma.API) {
	security := []map[string][]string{{"token": {}}}
	answer := func(description, mediaType string, schema *huma.Schema) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{mediaType: {Schema: schema}}}
	}
	view := api.OpenAPI().Components.Schemas.Schema(typeOf[DocumentView](), true, "DocumentView")
	problems := answer("Penolakan · Refusal", "application/problem+json", api.OpenAPI().Components.Schemas.Schema(typeOf[Problem](), true, "Problem"))
	binary := &huma.Schema{Type: "string", Format: "binary"}
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/documents", OperationID: "put-document", Tags: []string{tagDocuments}, Security: security,
		Summary:     "Unggah dokumen · Upload a document",
		Description: "The body is the document, Content-Type says what it is: PDF, JPEG, PNG, WebP, XLSX, DOCX, ODS, CSV or plain text. Uploading the same bytes again answers the same digest.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: binary}}},
		Responses:   map[string]*huma.Response{"201": answer("Tersimpan · Stored", "application/json", view), "default": problems},
	})
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/documents/{digest}", OperationID: "get-document", Tags: []string{tagDocuments}, Security: security,
		Summary:    "Unduh dokumen · Download a document",
		Parameters: []*huma.Param{{Name: "digest", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
		Responses:  map[string]*huma.Response{"200": answer("Isi · Content", "application/octet-stream", binary), "default": problems},
	})
}

func (s *Server) mountDocuments(r chi.Router) {
	r.Post("/api/v1/documents", s.putDocument)
	r.Get("/api/v1/documents/{digest}", s.getDocument)
}

func (s *Server) putDocument(w http.ResponseWriter, r *http.Request) {
	if _, err := signedIn(r.Context(), account.Act); err != nil {
		WriteProblem(w, r, err)
		return
	}
	declared, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if declared == "" {
		WriteProblem(w, r, domain.Refuse(domain.Invalid, "request.media_type", "got", "-"))
		return
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(longestUpload))
	d, err := s.Documents.Put(r.Context(), r.Body, strings.TrimSpace(declared), "")
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	body, err := wire.Marshal(DocumentView{Digest: d.Digest.String(), Original: d.Original.String(), Size: d.Size, Type: d.Type})
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/api/v1/documents/"+d.Digest.String())
	w.WriteHeader(http.StatusCreated)
	w.Write(body)
}

// getDocument hands a document out as a download, never to be shown: whatever
// was uploaded, it cannot act on a page of ours.
func (s *Server) getDocument(w http.ResponseWriter, r *http.Request) {
	if _, err := signedIn(r.Context(), account.Read); err != nil {
		WriteProblem(w, r, err)
		return
	}
	digest, err := vault.ParseDigest(chi.URLParam(r, "digest"))
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	d, content, err := s.Documents.Get(r.Context(), digest)
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", d.Type)
	h.Set("Content-Disposition", `attachment; filename="`+d.Digest.String()[:16]+`"`)
	h.Set("ETag", `"`+d.Digest.String()+`"`)
	http.ServeContent(w, r, "", d.Stored, content)
}
