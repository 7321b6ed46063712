// Package projections keeps read models: tables made from the log, for lists,
// pages, feeds and counts. Every one of them can be thrown away and made again;
// nothing is ever decided from one.
//
// # Two sides
//
// The [Runner] writes. It follows the log and keeps each [Projection] of [All] in
// a PostgreSQL schema of its own; see runner.go and projection.go for what it
// promises and for how a new read model is written.
//
// Readers read, one type per read model, each over a pool of connections:
//
//	page, err := projections.Proposals{DB: pool}.List(ctx, projections.ProposalFilter{Cycle: 2027}, "", 50)
//	one, err  := projections.Proposals{DB: pool}.Get(ctx, "U-27-4K7M2XR")
//
// Every answer says at which position of the log it stands ([Page].Position,
// [At].Position), read in the same snapshot as the rows. Lists are paged by an
// opaque cursor; a cursor that was not made by the same list is refused. What is
// not there is a *domain.Error of kind NotFound; a read model that is still being
// built for the first time is one of kind Unready.
//
// # The read models
//
//	Proposals  List, Get, Facets          what each usulan is now; search and filters
//	Timeline   Of, At                     what happened to it, event by event, old→new
//	Lineage    Of                         what it was merged with, split into, carried over to
//	Forums     List, Get, Attendance      sessions, who came how often, lists, minutes
//	Letters    List, Counts, Of           which villages were told what became of their proposals
//	Access     List                       who opened sealed data, for what
//	Cycles     List, Get, Windows         calendar, ceilings, quotas, documents, policy, releases
//	Inbox      List, Summary              what waits for an OPD, until when
//	Feed       Accepted                   what an OPD accepted, and what changed about it since
//	Funnel     Sum, Parts, Origins,       counts and rupiah whose printed sum conserves, per origin
//	           Origin, Reasons, Coverage
//	Register   Editions, Names, Get,      wilayah, OPD, nomenclature, kamus, reasons, by edition
//	           List, Search
//	Public     List, Facets, Get,         the only one that answers people who are not signed in:
//	           Timeline, Since, Lineage,  released facts of an allow-list, read as the database
//	           Sum, Parts, Reasons,       role runut_public
//	           Coverage, Cycles, Names,
//	           Search
//
// Proposals, Timeline and the others hold masked texts and internal facts and are
// for people who signed in. Public has types of its own, so that a field which is
// not public cannot be reached from it by mistake.
//
// Papers is no read model: it makes what berita acara and letters say from the log
// itself, up to a position, and asks read models only which streams matter.
//
// # Reading one's own writes
//
//	err := projections.WaitFor(ctx, pool, receipt.Last)            // all of them
//	err := projections.WaitFor(ctx, pool, receipt.Last, "proposals")
package projections
