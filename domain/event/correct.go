package event

import (
	"github.com/google/uuid"

	"runut/domain"
)

// A Correction is an event that acts on an earlier one of the same stream.
// Corrections are read before everything else and whatever their own time
// (semantics R2): per target the last one stands.
type Correction interface {
	Corrects() (target uuid.UUID, action CorrectAction)
	// Replacement returns the amended event and interval; nil and a zero
	// interval where the action is not Amend, or where that one stays as it was.
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

// fixes holds the correction that stands for each target.
type fixes map[uuid.UUID]fix

type fix struct {
	Correction
	place int // among the records of the history
}

// standing returns the corrections among records that act. A correction can be
// corrected like anything else, and only by a later one, so the last of them is
// certain and every earlier one is judged by those after it.
func standing(records []Record) fixes {
	var acting fixes
	for i := len(records) - 1; i >= 0; i-- {
		if _, ok := records[i].Event.(Correction); !ok {
			continue
		}
		r, ok := acting.read(records, i)
		if !ok {
			continue
		}
		c, ok := r.Event.(Correction)
		if !ok {
			continue
		}
		if acting == nil {
			acting = make(fixes)
		}
		target, _ := c.Corrects()
		if _, overruled := acting[target]; !overruled {
			acting[target] = fix{c, i}
		}
	}
	return acting
}

// Amending returns the correction that gives a record of a history the facts it
// has under v, and whether there is one.
func Amending(records []Record, v View, id uuid.UUID) (Record, bool) {
	records = known(records, v.Known)
	f, ok := standing(records)[id]
	if !ok {
		return Record{}, false
	}
	_, action := f.Corrects()
	return records[f.place], action == Amend
}

// read returns record i as it stands corrected, and false where it is struck
// out. What a correction names before it has happened stays as it is.
func (acting fixes) read(records []Record, i int) (Record, bool) {
	r := records[i]
	f, ok := acting[r.ID]
	if !ok || f.place <= i {
		return r, true
	}
	switch _, action := f.Corrects(); action {
	case Void:
		return r, false
	case Amend:
		e, at := f.Replacement()
		if e != nil {
			r.Event = e
		}
		if !at.IsZero() {
			r.Occurred = at
		}
	}
	return r, true
}
