// Package proposal is the life of one usulan: the events that can happen to
// it, the state they amount to, and how an ask becomes an event.
//
// A command to a proposal is the fact that somebody asks to be recorded: to
// reject one, hand Decide a *Rejected with reason and forum. Decide finds the
// arrow of the cycle's pinned workflow that fits, examines every condition on
// it, and returns the event completed with the state it leads to. An event
// carries its resulting state, so old history means the same under every later
// workflow; Evolve consults facts only.
//
// Beside Decide stand Actions, which says what an actor may do with a proposal
// and why not the rest; Observe, for what another system's file shows; EndWait,
// for what a window's closing writes; and Replay, which examines whether a whole
// history holds, as it must after a correction.
//
// What touches several proposals at once (merging, splitting, final lists,
// closings) stands in package act.
package proposal

import (
	"runut/domain"
	"runut/domain/event"
	"runut/domain/workflow"
)

// An Event is something that happened to a proposal. Only this package can add
// one, and none can be added without saying how it changes State.
type Event interface {
	evolve(*State, event.Envelope)
	// Base gives access to what every proposal event says of the process.
	Base() *Step
}

// A Step is what every proposal event says of the process itself.
type Step struct {
	// State is the state it leads to; empty where it leaves the proposal where it
	// is, for where that is may be put right later without touching this event.
	State    workflow.State `json:"state,omitzero"`
	Stage    string         `json:"stage,omitzero"`          // stage of the planning year it belongs to: "desa", "kecamatan", "forum_opd" …
	Via      string         `json:"via,omitzero"`            // transition of the pinned definition, "close:WINDOW" for a closing row, "jump" for an import
	Checks   []domain.Check `json:"checks,omitempty"`        // conditions that rested on more than the event, and what each observed
	Observed *Observed      `json:"observed,omitempty"`      // set where the fact was read off a source, not decided here
	Late     *Lateness      `json:"recorded_late,omitempty"` // set where it was recorded after its window had closed
}

// Lateness is what allows an act to be recorded after its window had closed:
// a signed document from inside the window, and a second person's approval.
type Lateness struct {
	Evidence       domain.Document `json:"evidence"`
	SecondApprover string          `json:"second_approver"` // pseudonym
}

// Base returns s itself; embedded, it gives every event that method.
func (s *Step) Base() *Step { return s }

// Observed tells a fact that was read off another system's file from one that
// was decided in Runut.
type Observed struct {
	Source   string        `json:"source"`            // "sipd", "rkpd", "apbd"
	File     string        `json:"file,omitzero"`     // SHA-256 of the file, hex
	Before   string        `json:"before,omitzero"`   // SHA-256 of the file before it, which it differs from
	Row      int           `json:"row,omitzero"`      // row number in it, from 1
	ID       string        `json:"id,omitzero"`       // id of the row in the source
	Skipped  []string      `json:"skipped,omitempty"` // transitions the source jumped over
	Gaps     []string      `json:"gaps,omitempty"`    // what the rule asks for and the source does not hold
	Doubts   []string      `json:"doubts,omitempty"`  // what reading the row left in doubt: "problem:cut", "point:sign"
	Said     []Said        `json:"said,omitempty"`    // what the source wrote, where no other member holds it as it was written
	Proposer domain.Secret `json:"proposer,omitzero"` // whom the source names as the proposer
}

// Said is what a source wrote in one column, as it wrote it.
type Said struct {
	Column string      `json:"column"` // "status", "anggaran"
	Text   domain.Text `json:"text"`
}

// Stream returns the name of the stream of the proposal with a number.
func Stream(number string) string { return "proposal-" + number }

// NumberOf returns the number of the proposal a stream belongs to.
func NumberOf(stream string) (string, bool) {
	const prefix = "proposal-"
	if len(stream) > len(prefix) && stream[:len(prefix)] == prefix {
		return stream[len(prefix):], true
	}
	return "", false
}
