package main

import (
	"context"

	"runut/api"
	"runut/api/feed"
	"runut/api/proofs"
	"runut/api/web"
	"runut/eventstore/follower"
	"runut/eventstore/notary"
)

// mount puts feeds and pages beside the JSON API. They follow the log through
// the hub it returns, and end when that is closed.
func (a *app) mount(ctx context.Context, server *api.Server) *follower.Hub {
	hub := follower.Open(a.store, a.pool, follower.Options{Log: a.log})
	server.AddFeeds(&feed.Feeds{Store: a.store, DB: a.pool, Public: a.public, Hub: hub, Tenant: server.Tenant, Done: ctx})
	desk := server.Desk()
	pages := &web.Pages{DB: a.pool, Public: a.public, Definitions: server.Definitions, Current: server.Current, Store: a.store, Charts: desk.Charts, Shelf: desk.Shelf}
	if a.notary != nil {
		book := notary.Book{DB: a.public, Origin: a.notary.Signer.Origin, Above: new(notary.Kept)}
		server.AddProofs(&proofs.Proofs{Book: book, Await: a.notary.Await})
		pages.Book = &book
	}
	server.AddPages(pages)
	return hub
}
