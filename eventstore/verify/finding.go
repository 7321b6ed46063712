package verify

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/proposal"
)

// A Finding is one thing that is not as it should be, and where. What is not
// known or does not apply is zero.
type Finding struct {
	Code     string        `json:"code"`              // "verify.leaf"; its words stand in the catalogue
	Position int64         `json:"position,omitzero"` // of the event
	Until    int64         `json:"until,omitzero"`    // of the last event of a range that begins at Position
	Event    uuid.UUID     `json:"event,omitzero"`
	Stream   string        `json:"stream,omitzero"`
	Proposal string        `json:"proposal,omitzero"` // its number, where the stream is one's
	Field    string        `json:"field,omitzero"`    // column, member of the record or JSON pointer
	Place    string        `json:"place,omitzero"`    // "log.ndjson:17", "tile/0/001", "checkpoint"
	Want     string        `json:"want,omitzero"`
	Observed string        `json:"observed,omitzero"`
	Why      *domain.Error `json:"why,omitempty"` // the rule an act offends
}

// Error implements error, for whoever logs it; people read the catalogue's words.
func (f *Finding) Error() string {
	parts := []string{f.Code}
	for _, p := range f.Params() {
		if p[1] != "" && p[1] != "0" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

// Params returns what the words of a finding mention, by name.
func (f *Finding) Params() [][2]string {
	id := ""
	if f.Event != uuid.Nil {
		id = f.Event.String()
	}
	return [][2]string{
		{"position", strconv.FormatInt(f.Position, 10)}, {"until", strconv.FormatInt(f.Until, 10)}, {"event", id},
		{"stream", f.Stream}, {"proposal", f.Proposal}, {"field", f.Field}, {"place", f.Place}, {"want", f.Want}, {"observed", f.Observed},
	}
}

// of completes a finding with the event it is about.
func (f Finding) of(x *examined) Finding {
	f.Position, f.Place = x.entry.Position, x.entry.Place
	if !x.legible {
		return f
	}
	f.Event, f.Stream = x.says.ID, x.says.Stream
	f.Proposal, _ = proposal.NumberOf(x.says.Stream)
	return f
}

// Most is how many findings and doubts a Report holds in full.
const Most = 100

// A Report is what a check came to.
type Report struct {
	What     string `json:"what"`            // "export", "tiles", "log", "database", "proof", "checkpoint", "dossier"
	Origin   string `json:"origin,omitzero"` // the log's name
	Tenant   string `json:"tenant,omitzero"`
	Demo     bool   `json:"demo,omitzero"` // DATA CONTOH: invented data
	After    int64  `json:"after,omitzero"`
	Size     int64  `json:"size"`
	Root     string `json:"root,omitzero"`
	SignedBy string `json:"signed_by,omitzero"` // keys that signed the last checkpoint
	OwnKey   bool   `json:"own_key,omitzero"`   // the key was taken from what was checked, so nobody vouches for it

	Events    int64      `json:"events,omitzero"`
	Streams   int        `json:"streams,omitzero"`
	Commands  int        `json:"commands,omitzero"`
	Closed    int64      `json:"closed,omitzero"`   // texts and sealed values that an event ordered closed
	Decided   int64      `json:"decided,omitzero"`  // acts on proposals, decided here
	Observed  int64      `json:"observed,omitzero"` // facts read off another system's file
	Tiles     int64      `json:"tiles,omitzero"`
	Witnesses []string   `json:"witnesses,omitempty"` // that cosigned the last checkpoint
	About     *About     `json:"about,omitempty"`     // the one event, of a proof
	Known     int64      `json:"known,omitzero"`      // of a dossier: the last position it looked at
	AsOf      time.Time  `json:"as_of,omitzero"`      // of a dossier: the moment it looked at; absent: all
	Answers   []Answered `json:"answers,omitempty"`   // of a dossier: what became of its proposals, as the check derived it
	Checked   []string   `json:"checked"`             // codes of the checks that were made
	Unchecked []string   `json:"unchecked,omitempty"` // codes of those this kind of evidence does not allow

	Findings []Finding `json:"findings"`
	Found    int64     `json:"found"` // all of them
	Doubts   []Finding `json:"doubts,omitempty"`
	Doubted  int64     `json:"doubted,omitzero"`
}

// The statuses of a Report, which are also the exit statuses of the programs.
const (
	Good     = 0 // all that was checked is as it was signed
	Tampered = 1 // something was altered, or cannot be read
	Unknown  = 2 // something that ought to be checked could not be
)

// Status returns what the report comes to.
func (r *Report) Status() int {
	switch {
	case r.Found > 0:
		return Tampered
	case r.Doubted > 0:
		return Unknown
	}
	return Good
}

// Add notes findings.
func (r *Report) Add(found ...Finding) {
	r.Found += int64(len(found))
	if room := Most - len(r.Findings); room > 0 {
		r.Findings = append(r.Findings, found[:min(room, len(found))]...)
	}
}

// Doubt notes what could not be told.
func (r *Report) Doubt(doubts ...Finding) {
	r.Doubted += int64(len(doubts))
	if room := Most - len(r.Doubts); room > 0 {
		r.Doubts = append(r.Doubts, doubts[:min(room, len(doubts))]...)
	}
}
