// Package logbook is what the log says of itself. It has one stream, and so far
// one thing to say: that it could not go on under its name.
//
// A log that lost events which people hold proofs of may never sign again under
// the name it signed them under: the two would contradict each other. It goes on
// under another name, and its first event there says what was lost and why.
package logbook

import (
	"runut/domain"
	"runut/domain/event"
)

// Stream is where the log speaks of itself.
const Stream = "log-self"

// Types is every event of the log itself, ever.
var Types = []event.Type{event.Declare[Restarted]("log.restarted")}

// An Event is something that happened to the log.
type Event interface{ evolve(*State) }

// Restarted: from here on the log is signed under another name, because it does
// not hold what was signed under the one before.
type Restarted struct {
	Origin string      `json:"origin" readable:"things"` // the name from here on, as checkpoints bear it
	Before string      `json:"before" readable:"things"` // the name before
	Size   int64       `json:"size"`                     // how many events the last checkpoint of that name covers
	Root   string      `json:"root"`                     // and its root, hex
	Kept   int64       `json:"kept"`                     // how many of those are still here, from the first
	Reason domain.Text `json:"reason"`                   // what happened
}

// State is what the log's own events amount to.
type State struct {
	Origin string // the name it goes by since the last restart; "" where there was none
}

func (e *Restarted) evolve(s *State) { s.Origin = e.Origin }

// Fold returns what a history of the log itself amounts to.
func Fold(history []event.Record) State {
	var s State
	for _, r := range history {
		if e, ok := r.Event.(Event); ok {
			e.evolve(&s)
		}
	}
	return s
}
