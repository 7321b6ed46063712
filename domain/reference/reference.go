// Package reference is the registers that proposals are written in terms of:
// kode wilayah, nomenclature of urusan to sub kegiatan, offices, kamus usulan,
// reason codes, holidays. A register changes by editions, and every edition is
// an event, so that a code can be read as it was meant at the time.
//
// A Register is the fold of one stream: ask it with Lookup for a code as of a
// day. An edition counts only once all of its parts are there.
package reference

import "runut/domain/event"

// Types is every event of a register, ever.
var Types = []event.Type{event.Declare[EditionPublished]("reference.edition_published")}

// An Event is something that happened to a register.
type Event interface{ evolve(*Register) }

// EditionPublished: from a day on, this edition of a register holds.
type EditionPublished struct {
	Register  string  `json:"register"`   // wilayah, nomenclature, opd, kamus, reasons, holidays, workflow
	Edition   string  `json:"edition"`    // "Kepmendagri 300.2.2-2430/2025"
	ValidFrom string  `json:"valid_from"` // local day
	Digest    string  `json:"digest"`     // SHA-256 of the source file, hex
	Rows      int     `json:"rows"`       // of the whole edition
	Part      int     `json:"part"`       // a long register comes in parts, from 1
	Parts     int     `json:"parts"`      // how many there are; they come in order
	Entries   []Entry `json:"entries"`
}

// An Entry is one row of a register.
type Entry struct {
	Code   string            `json:"code"`
	Name   string            `json:"name" readable:"things"`
	Parent string            `json:"parent,omitzero"`
	Until  string            `json:"until,omitzero"`                    // local day from which it is no longer used
	Facts  map[string]string `json:"facts,omitempty" readable:"things"` // what the register says besides: unit, opd, kind
}

// Stream returns the name of a register's stream.
func Stream(register string) string { return "reference-" + register }
