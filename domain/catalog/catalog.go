// Package catalog is the closed list of everything that can ever happen, and
// the words people call it by: Events is for programs, Terms and Fields are for
// whoever reads.
//
// docs/events.md is made from it by this package's tests; run them with -update
// after changing an event.
package catalog

import (
	"slices"

	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/logbook"
	"runut/domain/person"
	"runut/domain/proposal"
	"runut/domain/reference"
)

// Events is the catalogue of all event types.
var Events = event.NewCatalog(slices.Concat(
	proposal.Types, forum.Types, cycle.Types, grant.Types, person.Types, delivery.Types, reference.Types, logbook.Types,
)...)
