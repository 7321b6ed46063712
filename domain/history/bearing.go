package history

import (
	"strings"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// idle reports whether an event changes nothing about what may become of
// proposals: a year has hundreds of those, of ceilings and of who came.
func idle(r event.Record) bool {
	switch r.Event.(type) {
	case proposal.Event, *cycle.Opened, *cycle.DefinitionMigrated, *cycle.WindowOpened, *cycle.WindowExtended, *cycle.WindowClosed, *cycle.WindowReopened,
		*cycle.DocumentAdopted, *cycle.Closed, *forum.ListFinalized, *forum.ListSuperseded, event.Correction:
		return false
	}
	return true
}

// bears reports whether a stream bears on what may become of proposals.
func bears(stream string) bool {
	_, isProposal := proposal.NumberOf(stream)
	return isProposal || strings.HasPrefix(stream, "cycle-") || strings.HasPrefix(stream, forum.Stream(""))
}
