// Package delivery is what came in and what went out: files imported from other
// systems, and letters that answered a village.
//
// An import is held against those before it: the same file is not taken in
// twice, an older one only as history, and where too much of what was known is
// missing somebody must confirm it first.
package delivery

import (
	"time"

	"runut/domain"
	"runut/domain/event"
)

// Types is every event of an import or a letter, ever.
var Types = []event.Type{
	event.Declare[Received]("import.received"),
	event.Declare[QuarantineResolved]("import.quarantine_resolved"),
	event.Declare[AnswerSent]("letter.answer_sent"),
}

// An Event is something that came in or went out.
type Event interface{ evolve(*State) }

type (
	// Received: a file of another system was taken in. Its rows are recorded before
	// it, so that its counts are what really came of them.
	Received struct {
		Source      string    `json:"source"`          // sipd, template, rkpd, ppas, apbd, perubahan
		Digest      string    `json:"digest"`          // SHA-256 of the file, hex
		Lane        string    `json:"lane,omitzero"`   // of its rows, where all have one: musrenbang, pokir
		Before      string    `json:"before,omitzero"` // SHA-256 of the file it was compared with
		Mends       string    `json:"mends,omitzero"`  // SHA-256 of the file whose quarantined rows it holds, mended
		ExportedAt  time.Time `json:"exported_at,omitzero"`
		Coverage    []string  `json:"coverage,omitempty"` // kode wilayah and OPD the file speaks for
		Rules       string    `json:"rules,omitzero"`     // version of the map by which its words were read
		Rows        int       `json:"rows"`
		Accepted    int       `json:"accepted"`
		Unchanged   int       `json:"unchanged"`
		Quarantined int       `json:"quarantined"`
		Missing     int       `json:"missing,omitzero"`
		Confirmed   bool      `json:"confirmed,omitzero"` // somebody confirmed that so many are missing
		History     bool      `json:"history,omitzero"`   // older than the last one, taken in as history
		Held        []Held    `json:"held,omitempty"`     // what was quarantined, by reason
	}

	// Held are rows that were quarantined for one reason.
	Held struct {
		Reason string    `json:"reason"` // code of the refusal
		Count  int       `json:"count"`
		Rows   []Stretch `json:"rows,omitempty"` // row numbers; of very many only the first
	}

	// A Stretch is rows that follow one another.
	Stretch struct {
		From int `json:"from"`
		To   int `json:"to"`
	}

	// QuarantineResolved: rows that could not be read were dealt with.
	QuarantineResolved struct {
		File string      `json:"file"` // SHA-256 of the file, hex
		Rows []int       `json:"rows"` // row numbers in it, from 1
		How  string      `json:"how"`  // reimported or dismissed
		Note domain.Text `json:"note,omitzero"`
	}

	// AnswerSent: a village was told what became of its proposals.
	AnswerSent struct {
		Village string          `json:"village"` // kode wilayah
		Letter  domain.Document `json:"letter"`
		Covers  []string        `json:"covers"`  // numbers
		Channel string          `json:"channel"` // surat, surel, aplikasi or langsung
	}
)

// ImportStream returns the stream of the imports of a source and fiscal year.
func ImportStream(source, year string) string { return "import-" + source + "-" + year }

// LetterStream returns the stream of the letters to a village in a fiscal year.
func LetterStream(village, year string) string { return "letter-" + village + "-" + year }
