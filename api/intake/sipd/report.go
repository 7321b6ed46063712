package sipd

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"runut/domain/delivery"
)

// A Report is what came of a file, or would come of it.
type Report struct {
	File        string    `json:"file"`   // its name
	Digest      string    `json:"digest"` // SHA-256, hex
	Year        int       `json:"year"`
	Lane        string    `json:"lane"`
	DryRun      bool      `json:"dry_run"`
	Known       bool      `json:"known"` // it had been taken in before
	ExportedAt  time.Time `json:"exported_at"`
	ExportedBy  string    `json:"exported_by"` // what told: flag, name, properties, mended, known
	Since       time.Time `json:"since"`       // when the export before it was made, else when the cycle was opened
	Before      string    `json:"before,omitempty"`
	Mends       string    `json:"mends,omitempty"`
	StatusMap   string    `json:"status_map"`
	Coverage    []string  `json:"coverage"`
	Rows        int       `json:"rows"`
	Accepted    int       `json:"accepted"`
	New         int       `json:"new"`     // of those accepted
	Changed     int       `json:"changed"` // of those accepted
	Earlier     int       `json:"earlier"` // of those accepted: taken in by a run over this file that broke off
	Unchanged   int       `json:"unchanged"`
	Quarantined int       `json:"quarantined"`
	Missing     int       `json:"missing"`
	Mended      int       `json:"mended"` // rows that had been quarantined and are in now

	Events      map[string]int `json:"events"`     // by stored name without its noun
	Examples    []Example      `json:"examples"`   // of what is recorded, the first ones
	Held        []HeldReason   `json:"held"`       // why rows are quarantined
	MissingIDs  []string       `json:"missing_of"` // numbers of proposals, the first ones
	Notes       []Note         `json:"notes"`      // what a person may want to look at
	Suggestions []Suggestion   `json:"suggestions"`
	Unknown     []string       `json:"unknown_columns"` // headings that were not understood; their cells are not taken in
	Warnings    []error        `json:"-"`               // what had to be assumed to read the file
	Quarantine  string         `json:"quarantine,omitempty"`
	Seconds     float64        `json:"seconds"`

	held map[string]*HeldReason
}

// An Example is what one row comes to.
type Example struct {
	Row      int      `json:"row"`
	ID       string   `json:"id"`
	Proposal string   `json:"proposal,omitempty"` // number; "" where the row is new
	Events   []string `json:"events"`
}

// A HeldReason is how many rows are quarantined for one reason.
type HeldReason struct {
	Reason   string        `json:"reason"` // code of the refusal
	Count    int           `json:"count"`
	Examples []HeldExample `json:"examples"`

	rows []delivery.Stretch
}

// A HeldExample is one such row.
type HeldExample struct {
	Row    int    `json:"row"`
	Column string `json:"column"` // as the file calls it
	Err    error  `json:"-"`
	Words  string `json:"words"` // of the refusal; filled in by whoever shows it
}

// A Note is something to look at, how often, and where.
type Note struct {
	Note  string `json:"note"` // key of the catalogue of texts, or member:doubt
	Count int    `json:"count"`
	Rows  []int  `json:"rows"` // the first ones
}

// A Suggestion is a row that is new and looks like a proposal there is. A person
// decides; nothing follows from it.
type Suggestion struct {
	Row   int      `json:"row"`
	ID    string   `json:"id"`
	Alike []string `json:"alike"` // numbers
}

// How much of everything a report names.
const (
	mostExamples = 10
	mostNamed    = 20
	mostStretch  = 10_000 // stretches of rows that the event names
)

func (r *Report) note(row int, notes ...string) {
	for _, n := range notes {
		i := slices.IndexFunc(r.Notes, func(x Note) bool { return x.Note == n })
		if i < 0 {
			i = len(r.Notes)
			r.Notes = append(r.Notes, Note{Note: n})
		}
		r.Notes[i].Count++
		if len(r.Notes[i].Rows) < mostNamed {
			r.Notes[i].Rows = append(r.Notes[i].Rows, row)
		}
	}
}

// hold counts a quarantined row under its first reason.
func (r *Report) hold(row int, column, code string, err error) {
	if r.held == nil {
		r.held = make(map[string]*HeldReason)
	}
	h := r.held[code]
	if h == nil {
		h = &HeldReason{Reason: code}
		r.held[code] = h
	}
	h.Count++
	if len(h.Examples) < 3 {
		h.Examples = append(h.Examples, HeldExample{Row: row, Column: column, Err: err})
	}
	if n := len(h.rows); n > 0 && h.rows[n-1].To == row-1 {
		h.rows[n-1].To = row
	} else if n < mostStretch/20 {
		h.rows = append(h.rows, delivery.Stretch{From: row, To: row})
	}
	r.Quarantined++
}

// finish puts lists in their order.
func (r *Report) finish() {
	r.Held = nil
	for _, code := range slices.Sorted(maps.Keys(r.held)) {
		r.Held = append(r.Held, *r.held[code])
	}
	slices.SortStableFunc(r.Held, func(a, b HeldReason) int { return cmp.Compare(b.Count, a.Count) })
	slices.SortFunc(r.Notes, func(a, b Note) int { return cmp.Compare(a.Note, b.Note) })
}

// heldRows returns what the event says of quarantined rows.
func (r *Report) heldRows() []delivery.Held {
	var out []delivery.Held
	for _, code := range slices.Sorted(maps.Keys(r.held)) {
		h := r.held[code]
		out = append(out, delivery.Held{Reason: code, Count: h.Count, Rows: h.rows})
	}
	return out
}
