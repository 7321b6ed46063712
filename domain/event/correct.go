package event

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
)

// A Correction is an event that acts on another one of the same stream.
// Corrections are read before everything else and whatever their own time
// (semantics R2): per target the last one stands.
type Correction interface {
	Corrects() (target uuid.UUID, action CorrectAction)
	// Replacement returns the amended event and interval; nil and a zero
	// interval where the action is not Amend.
	Replacement() (any, domain.Interval)
}

// A CorrectAction is what a correction does to its target.
type CorrectAction string

// Void strikes the target out, Amend replaces its facts, Restore undoes both.
const (
	Void    CorrectAction = "void"
	Amend   CorrectAction = "amend"
	Restore CorrectAction = "restore"
)

// A View says from where a history is looked at: what was in effect at AsOf,
// as far as was known at position Known. The zero View is everything known now.
type View struct {
	AsOf  time.Time // zero: no bound
	Known int64     // last position that exists for this view; 0: no bound
}

// Sequence returns the events of one history as they count under v: those known,
// corrected, in effect, in the order of (effective time, position). The input
// must be in the order of positions; it is not changed. Corrections themselves
// are left out: their work is done.
func Sequence(records []Record, v View) []Record {
	var fixes map[uuid.UUID]Correction
	n := 0
	for _, r := range records {
		if v.Known != 0 && r.Position > v.Known {
			break
		}
		n++
		if c, ok := r.Event.(Correction); ok {
			if fixes == nil {
				fixes = make(map[uuid.UUID]Correction)
			}
			target, _ := c.Corrects()
			fixes[target] = c
		}
	}
	out := make([]Record, 0, n)
	for _, r := range records[:n] {
		if _, ok := r.Event.(Correction); ok {
			continue
		}
		if c, ok := fixes[r.ID]; ok {
			switch _, action := c.Corrects(); action {
			case Void:
				continue
			case Amend:
				e, at := c.Replacement()
				r.Event = e
				if !at.IsZero() {
					r.Occurred = at
				}
			}
		}
		if !v.AsOf.IsZero() && r.Effective().After(v.AsOf) {
			continue
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b Record) int {
		return cmp.Or(a.Effective().Compare(b.Effective()), cmp.Compare(a.Position, b.Position))
	})
	return out
}

// Uncertain returns the records of a history whose interval overlaps asOf and
// is known only to lie between two exports (semantics R8).
func Uncertain(sequence []Record, asOf time.Time) []Record {
	var out []Record
	for _, r := range sequence {
		if r.Occurred.Precision == domain.BetweenExports && !asOf.Before(r.Occurred.From) && asOf.Before(r.Occurred.To) {
			out = append(out, r)
		}
	}
	return out
}

// KnownAt returns the position that a moment of knowledge stands for (semantics
// R1): the last one whose running maximum of recorded times is not after it.
// The records must be in the order of positions, all of the log or any slice of
// it that begins at the first.
func KnownAt(records []Record, at time.Time) int64 {
	var known int64
	for _, r := range records {
		if r.RecordedAt.After(at) {
			break
		}
		known = r.Position
	}
	return known
}
