// Package api is everything that faces outward: the JSON API, the feeds that
// OPD systems pull, and the pages. It carries out acts through the log and
// reads from the read models; it decides nothing itself.
//
// Anonymous readers are answered from the public read model alone, over a pool
// of connections whose database role can see nothing else.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/account"
	"runut/api/answer"
	"runut/api/dossier"
	"runut/api/feed"
	"runut/api/proofs"
	"runut/api/subscription"
	"runut/domain"
	"runut/domain/act"
	"runut/eventstore"
	"runut/eventstore/vault"
)

// Version is the version of the API.
const Version = "1.0.0"

// A Server answers HTTP. Every field is needed but the rooms, whose zero is ready.
type Server struct {
	Store       *eventstore.Store
	DB          *pgxpool.Pool // read models and tokens
	Public      *pgxpool.Pool // the public read model; a role that can read nothing else
	Tokens      account.Tokens
	Documents   *vault.Documents
	Definitions act.Definitions
	Current     string // hash of the definition whose roles may be given outside any cycle
	Tenant      string // kode wilayah of the kabupaten
	Log         *slog.Logger
	Ready       func(context.Context) error // nil where the program can answer
	Mount       []Mounter                   // feeds and pages
	Bulk        dossier.Room                // where dossiers of several proposals are made
	PublicBulk  dossier.Room                // and those of visitors

	Subscriptions *subscription.Store // nil: nothing is sent from here

	feeds  *feed.Feeds
	proofs *proofs.Proofs
	once   sync.Once
	desk   answer.Desk
	kept   answer.Kept       // findings
	verbs  map[string]string // event to the last part of the path that asks for it
}

// A Mounter adds routes of its own beside the JSON API.
type Mounter interface {
	Mount(r chi.Router)
}

// Handler returns everything the server answers.
func (s *Server) Handler() http.Handler {
	humaErrors()
	s.verbs = make(map[string]string)
	r := chi.NewRouter()
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		WriteProblem(w, r, domain.Refuse(domain.Forbidden, "request.cross_site"))
	}))
	r.Use(identify, record(s.Log), harden, own.Handler, s.authenticate)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		WriteProblem(w, r, domain.Refuse(domain.NotFound, "request.path", "path", clip(r.URL.Path)))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		WriteProblem(w, r, domain.Refuse(domain.Invalid, "request.method", "method", clip(r.Method)))
	})
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	r.Get("/readyz", s.readyz)

	config := huma.DefaultConfig("Runut", Version)
	config.Info.Description = "Menelusuri nasib usulan pembangunan. Perintah memerlukan Idempotency-Key; " +
		"yang mengubah satu hal juga If-Match. · Traces what becomes of development proposals."
	config.Info.License = &huma.License{Name: "Apache-2.0"}
	config.DocsPath = "" // the usual page loads its script from elsewhere
	config.SchemasPath = ""
	config.CreateHooks = nil // and no $schema link in answers
	config.Formats = map[string]huma.Format{"application/json": format, "json": format}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", BearerFormat: "rnt_…"}}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", named)
	aliases(config.Components.Schemas)
	api := humachi.New(r, config)

	s.proposalCommands(api)
	s.cycleCommands(api)
	s.forumCommands(api)
	s.letterCommands(api)
	s.personCommands(api)
	s.personReads(api)
	s.documents(api)
	s.mountDocuments(r)
	s.proposalReads(api)
	s.lineageReads(api)
	s.explanations(api)
	s.stateReads(api)
	s.historyReads(api)
	s.compareReads(api)
	s.findingReads(api)
	s.processReads(api)
	s.accessReads(api)
	s.mountData(r)
	s.dossiers(api)
	s.mountDossiers(r)
	s.otherReads(api)
	s.importReads(api)
	s.uploadRoutes(api)
	s.mountUploads(r)
	s.paperRoutes(api)
	s.publicReads(api)
	if s.feeds != nil {
		s.feeds.Register(api)
	}
	if s.Subscriptions != nil {
		s.subscriptions(api)
	}
	if s.proofs != nil {
		s.proofs.Register(api)
	}
	for _, m := range s.Mount {
		m.Mount(r)
	}
	return r
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		WriteProblem(w, r, err)
		return
	}
	w.Write([]byte("ready\n"))
}
