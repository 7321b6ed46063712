// Package act is what people do: decisions over one or several streams, judged
// on the streams' own events and handed to the log as one append, all or none.
//
// An Act names the streams it reads; whoever runs it loads them (Streams),
// calls Decide, and appends what comes back. Decide never touches a clock, a
// database or a logger, and changes neither the act nor the histories, so it
// may be asked again after a conflict. Every stream that bears on the judgement
// is among the changes, if only as an assertion of its version, so that a
// decision made before a window closed cannot land after it.
//
//	Take             one act on one proposal: accept, return, refer …
//	Submit           begins one
//	Merge, Unmerge   makes one of several, and takes that back
//	Split            makes several of one
//	FinalizeList     a forum's list decides on everybody on it
//	CorrectList      … had a mistake of writing
//	AdoptDocument    RKPD, KUA-PPAS, APBD decide on everybody in it
//	CloseWindow      ends every wait for a window
//	ReopenWindow     brings back what a closing ended
//	ExtendWindow     lets it close later
//	AnswerObjection  upheld, with what that brings; or refused
//	CarryOver        proposes again what was lost
//	Correct          puts an earlier event right
//	RecordLate       what was decided on paper in time
//	Observe          what another system's file says
//	ChangeTerritory  villages got other codes
//	SucceedOffice    an OPD was succeeded by others
//	CloseCycle       ends a year's planning
//	On…              acts on a cycle, forum, grant, person, import, letter or register alone
//
// An act that one person may take on one proposal needs no code here: it is an
// event of package proposal and an arrow of the workflow, and Take takes it.
package act

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/workflow"
)

// An Act is one request that may change the log.
type Act interface {
	// Name is the stable name of the request: "accepted_by_opd", "merge",
	// "close_window".
	Name() string
	// Reads returns the streams to load, given those already loaded: it is asked
	// again until it names nothing new, because which forum or grant matters may
	// stand in the proposal.
	Reads(Histories) []string
	// Decide returns the changes, or a *domain.Error with every check it made.
	Decide(Histories, Rules) ([]event.Change, error)
}

// Histories are the events of streams, in the order of positions. A stream that
// does not exist has none.
type Histories map[string][]event.Record

// Version returns the version a stream stands at.
func (h Histories) Version(stream string) int {
	n := 0
	for _, r := range h[stream] {
		n = max(n, r.Version)
	}
	return n
}

// Now returns the events of a stream as deciders see them: everything known,
// corrected, in effective order (semantics R5).
func (h Histories) Now(stream string) []event.Record {
	return event.Sequence(h[stream], event.View{})
}

// Rules is everything a decision may consult besides the histories.
type Rules struct {
	Command     uuid.UUID // id of the request; new streams draw their names from it
	Actor       domain.Actor
	Second      *domain.Actor   // a second person who approved, where two are needed
	Now         time.Time       // when it will be recorded; not before anything it is judged on: see Histories.Clock
	Occurred    domain.Interval // when the act took effect; zero: now
	Tenant      string          // kode wilayah of the kabupaten; "": any
	Definitions Definitions
}

// Streams returns what must be loaded for a: the streams it reads, and the
// grants of those who act, given what is loaded already. Whoever runs an act
// asks again until nothing new is named.
func Streams(a Act, h Histories, r Rules) []string {
	streams := a.Reads(h)
	if r.Actor.Grant != "" {
		streams = append(streams, r.Actor.Grant)
	}
	if r.Second != nil && r.Second.Grant != "" {
		streams = append(streams, r.Second.Grant)
	}
	slices.Sort(streams)
	return slices.Compact(streams)
}

// Clock returns the time at which a decision over h may say it is: now, or
// where another machine's clock runs ahead, the last time anything in h was
// recorded. Rules.Now and the recorded time of the append are to be this one, so
// that what is decided last also counts last.
func (h Histories) Clock(now time.Time) time.Time {
	for _, records := range h {
		for _, r := range records {
			if r.RecordedAt.After(now) {
				now = r.RecordedAt
			}
		}
	}
	return now
}

// Definitions finds a published workflow definition by its hash; nil where it
// is not known.
type Definitions func(hash string) *workflow.Definition
