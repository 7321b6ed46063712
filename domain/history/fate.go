package history

import (
	"cmp"

	"runut/domain/workflow"
)

// A Fate is what became of a proposal, or of a part of it:
//
//	fate       a leaf has it in a state …
//	funded     whose outcome or goal is funded; how far the work came is another matter
//	elsewhere  whose outcome or goal is elsewhere: somebody else pays
//	deferred   whose outcome is deferred: kept for a later year
//	dropped    whose outcome is dropped, or that is an end with nothing won and no other outcome;
//	           and a component of a merge that was given weight 0
//	cancelled  whose outcome is cancelled: money taken back
//	withdrawn  whose outcome or kind of end is withdrawn
//	pending    that is no end
//	unknown    that its definition does not know; and what was merged into a parent, or split into a
//	           part, that is not held
//
// Outcome, goal and kind of end are those of the definition the cycle pins.
// Whatever is absorbed or dissolved has no fate of its own.
type Fate string

// The fates. Partly is no leaf's: it is the headline of an origin of which some
// parts were funded and some were not.
const (
	Funded    Fate = "funded"
	Partly    Fate = "partly"
	Elsewhere Fate = "elsewhere"
	Pending   Fate = "pending"
	Deferred  Fate = "deferred"
	Dropped   Fate = "dropped"
	Cancelled Fate = "cancelled"
	Withdrawn Fate = "withdrawn"
	Unknown   Fate = "unknown"
)

// Fates is every fate, in the order they are shown. Of two that hold equal
// parts of an origin, the first gives the headline: hope before loss, an act
// before a gap.
var Fates = []Fate{Funded, Partly, Elsewhere, Pending, Deferred, Dropped, Cancelled, Withdrawn, Unknown}

// fateOf returns the fate of a leaf that rests in a state, or "" where the
// state's fate is another stream's.
func fateOf(spec *workflow.StateSpec) Fate {
	if spec == nil {
		return Unknown
	}
	if said := cmp.Or(spec.Outcome, spec.Goal); said != "" {
		return Fate(said)
	}
	switch spec.Final {
	case "":
		return Pending
	case workflow.FinalAbsorbed, workflow.FinalDissolved:
		return ""
	case workflow.FinalElsewhere:
		return Elsewhere
	case workflow.FinalWithdrawn:
		return Withdrawn
	case workflow.FinalLost, workflow.FinalDone:
		return Dropped
	}
	return Unknown
}
