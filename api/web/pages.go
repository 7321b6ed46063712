// Package web is the pages: what a villager, an officer or a journalist sees of
// Runut in a browser. They are plain HTML that needs no script, one style sheet,
// and the words of package text.
//
// A visitor is answered from the public read model alone. Whoever signed in sees
// the internal one, on pages that say so. Acts go through the same JSON API as
// everybody's, in process, so that a page can do neither more nor less than it.
//
// A page is a handler, a struct that holds everything it shows, and a template:
//
//	home.go       Home       templates/home.html
//	list.go       List       templates/list.html
//	proposal.go   Proposal   templates/proposal.html
//	forums.go     Forums, Session, Attendance   forums.html, forum.html, attendance.html
//	letters.go    Letters    templates/letters.html
//	imports.go    Imports, NewImport, Trial   imports.html, import.html, trial.html
//	people.go     People, PersonPage   people.html, person.html
//	subscriptions.go   Subscriptions, SubscriptionPage   subscriptions.html, subscription.html
//	audit.go      Audit      templates/audit.html
//	hits.go       Hits       templates/hits.html
//	process.go    Work       templates/process.html
//
// Berita acara and letters are shown by templates/paper.html around a part that
// package paper makes.
package web

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	say "runut/api/answer"
	"runut/api/dossier"
	"runut/api/text"
	"runut/domain"
	"runut/domain/history"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/notary"
	"runut/projections"
)

// Pages answers browsers. Every field is needed but Book and Now.
type Pages struct {
	DB          projections.DB                                           // the read models, for those who signed in
	Public      projections.DB                                           // the public read model, for everybody else
	Store       *eventstore.Store                                        // the log, for answers to those who signed in
	Charts      *history.Charts                                          // what was found out about definitions
	Shelf       *say.Shelf                                               // what many answers rest on
	Kept        *say.Kept                                                // what was worked out about a year, for all who ask
	Papers      projections.Papers                                       // what berita acara and letters say
	Definitions func(hash string) *workflow.Definition                   // nil where it is not known
	Current     string                                                   // hash of the definition whose words hold where none is named
	Caller      func(context.Context) Caller                             // who asks
	SignIn      func(context.Context, string) error                      // whether a token is good
	Accept      func(context.Context, string) (string, error)            // the token that a code to sign in is exchanged for
	Session     string                                                   // name of the cookie that carries a token
	Language    func(context.Context) text.Lang                          // of the answer
	Problem     func(http.ResponseWriter, *http.Request, error)          // a refusal as problem+json
	Book        *notary.Book                                             // of the signed log; nil: it is not signed here
	Dossier     func(*http.Request, ...string) (*dossier.Dossier, error) // of numbers, or of what the query asks for
	Importing   Importing                                                // how files are taken in
	Now         func() time.Time                                         // nil: time.Now

	api       http.Handler // all routes, the JSON API among them
	developer developer
	jobs      jobs
}

// A Caller is who looks at a page. The zero Caller is a visitor.
type Caller struct {
	Role   domain.Role
	Scope  domain.Scope
	Office string
}

// Known reports whether somebody signed in.
func (c Caller) Known() bool { return c.Role != "" }

// Mount adds the pages to r, which also answers the JSON API.
func (p *Pages) Mount(r chi.Router) {
	p.api = r
	if p.Now == nil {
		p.Now = time.Now
	}
	r.NotFound(p.missing)
	r.MethodNotAllowed(p.wrongMethod)
	r.Group(func(r chi.Router) {
		r.Use(middleware.Compress(6, "text/html", "text/css", "text/csv", "text/plain", "image/svg+xml"))
		r.Get("/", p.page((*visit).home))
		r.Get("/usulan", p.page((*visit).list))
		r.Get("/usulan/{number}", p.page((*visit).proposal))
		r.Post("/usulan/{number}/langkah/{step}", p.page((*visit).act))
		r.Get("/usulan/{number}/langkah/{step}", p.page((*visit).backToProposal))
		r.Get("/u/{number}", p.page((*visit).short))
		r.Get("/dosir/{number}", p.page((*visit).dossierPage))
		r.Get("/dosir/{number}.zip", p.page((*visit).dossierFile))
		r.Get("/dosir.zip", p.page((*visit).dossierFile))
		r.Get("/tanda-terima/{event}", p.page((*visit).receipt))
		r.Get("/segel", p.page((*visit).seal))
		r.Get("/forum", p.page((*visit).forums))
		r.Get("/forum/{id}", p.page((*visit).forum))
		r.Get("/forum/{id}/berita-acara", p.page((*visit).minutes))
		r.Post("/forum/{id}/berita-acara", p.page((*visit).issueMinutes))
		r.Get("/kehadiran", p.page((*visit).attendance))
		r.Get("/surat", p.page((*visit).letters))
		r.Get("/surat/{village}/{year}", p.page((*visit).letter))
		r.Post("/surat/{village}/{year}", p.page((*visit).sendLetter))
		r.Get("/impor", p.page((*visit).imports))
		r.Post("/impor/tutup", p.page((*visit).dismiss))
		r.Get("/impor/tutup", p.page((*visit).imports))
		r.Get("/impor/baru/{kind}", p.page((*visit).newImport))
		r.Post("/impor/baru/{kind}", p.page((*visit).upload))
		r.Get("/impor/berkas/{id}", p.page((*visit).trial))
		r.Get("/impor/berkas/{id}/*", p.page((*visit).backToTrial))
		r.Post("/impor/berkas/{id}/pilihan", p.page((*visit).options))
		r.Post("/impor/berkas/{id}/jawab", p.page((*visit).meant))
		r.Post("/impor/berkas/{id}/catat", p.page((*visit).record))
		r.Post("/impor/berkas/{id}/buang", p.page((*visit).discard))
		r.Get("/petugas", p.page((*visit).people))
		r.Post("/petugas/daftar", p.page((*visit).registerPerson))
		r.Get("/petugas/daftar", p.page((*visit).people))
		r.Get("/petugas/{person}", p.page((*visit).person))
		r.Get("/petugas/{person}/*", p.page((*visit).backToPerson))
		r.Post("/petugas/{person}/betulkan", p.page((*visit).correctPerson))
		r.Post("/petugas/{person}/penugasan", p.page((*visit).giveGrant))
		r.Post("/petugas/{person}/penugasan/{grant}/cabut", p.page((*visit).revokeGrant))
		r.Post("/petugas/{person}/penugasan/{grant}/kode", p.page((*visit).inviteHolder))
		r.Get("/langganan", p.page((*visit).subscriptions))
		r.Get("/langganan/tambah", p.page((*visit).subscriptions))
		r.Post("/langganan/tambah", p.page((*visit).addSubscription))
		r.Get("/langganan/{id}", p.page((*visit).subscription))
		r.Get("/langganan/{id}/{act}", p.page((*visit).backToSubscription))
		r.Post("/langganan/{id}/{act}", p.page((*visit).changeSubscription))
		r.Get("/auditor", p.page((*visit).audit))
		r.Get("/auditor.csv", p.page((*visit).auditFile))
		r.Get("/auditor/temuan/{rule}", p.page((*visit).hits))
		r.Get("/proses", p.page((*visit).work))
		r.Get("/akses", p.page((*visit).access))
		r.Get("/masuk", p.page((*visit).signInForm))
		r.Post("/masuk", p.page((*visit).signIn))
		r.Post("/keluar", p.page((*visit).signOut))
		r.Get("/metodologi", p.page((*visit).method))
		r.Get("/glosarium", p.page((*visit).glossary))
		r.Get("/pengembang", p.page((*visit).developers))
		for address, sheet := range map[string][]byte{styleURL: style, paperURL: paperStyle} {
			r.Get(address, fixed(sheet, "text/css; charset=utf-8", "public, max-age=31536000, immutable"))
		}
		r.Get("/favicon.svg", static("static/favicon.svg", "image/svg+xml", "public, max-age=86400"))
		r.Get("/robots.txt", static("static/robots.txt", "text/plain; charset=utf-8", "public, max-age=86400"))
	})
}
