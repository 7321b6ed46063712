// Package forum is one musyawarah: who came, what was ranked, which list was
// made final, and the berita acara that was made from its decisions.
//
// A ranked list is a draft. Only a final list decides, and only in the append
// that also writes the outcome of each proposal on it; package act does that,
// with Finalize. Where the line falls is Cut's business: as many from the top as
// the limit holds, and nobody is skipped.
//
// Kinds says which forums there are, whose they may be and who keeps them. A
// berita acara is made from decisions that are on record already, and its
// signatures bind evidence to them afterwards: no decision waits for a paper
// that can only be written from it.
package forum

import (
	"time"

	"runut/domain"
	"runut/domain/event"
)

// Types is every event a forum can have, ever.
var Types = []event.Type{
	event.Declare[Convened]("forum.convened"),
	event.Declare[AttendanceRecorded]("forum.attendance_recorded"),
	event.Declare[ListRanked]("forum.list_ranked"),
	event.Declare[ListFinalized]("forum.list_finalized"),
	event.Declare[ListSuperseded]("forum.list_superseded"),
	event.Declare[MinutesIssued]("forum.minutes_issued"),
	event.Declare[MinutesSigned]("forum.minutes_signed"),
	event.Declare[Corrected]("forum.corrected"),
	event.Declare[Closed]("forum.closed"),
}

// An Event is something that happened to a forum.
type Event interface{ evolve(*State) }

type (
	// Convened: the forum was called together.
	Convened struct {
		Kind  string       `json:"kind"`  // musrenbang_desa, musrenbang_kecamatan, pra_forum, forum_opd, musrenbang_kabupaten, tapd, pokir
		Stage string       `json:"stage"` // stage of the workflow it decides in: "kecamatan"
		Scope domain.Scope `json:"scope"` // whose forum it is
		Date  string       `json:"date"`  // local day
		Place domain.Text  `json:"place,omitzero"`
		Chair string       `json:"chair,omitzero"` // office, not a person
	}

	// AttendanceRecorded: who of the register came, by which channel. It replaces
	// an earlier record.
	AttendanceRecorded struct {
		Register string          `json:"register"` // edition of the register it is held against
		Present  []Attended      `json:"present"`
		Absent   []string        `json:"absent,omitempty"` // codes
		Document domain.Document `json:"document,omitzero"`
	}

	// ListRanked: a draft order, with the scores it came from.
	ListRanked struct {
		List     string       `json:"list"`  // "L1": unique in this forum
		Stage    string       `json:"stage"` // desa, kecamatan, pokir, kabupaten
		Scope    domain.Scope `json:"scope"`
		Criteria []Criterion  `json:"criteria,omitempty"`
		Entries  []Entry      `json:"entries"` // best first
	}

	// ListFinalized: the order stands. Limit, what is used of it, and where the
	// line falls are facts of this event; nobody computes them again.
	ListFinalized struct {
		List       string       `json:"list"`
		Stage      string       `json:"stage"`
		Scope      domain.Scope `json:"scope"`
		Supersedes string       `json:"supersedes,omitzero"` // list it replaces
		Criteria   []Criterion  `json:"criteria,omitempty"`
		Entries    []Entry      `json:"entries"` // best first; as many of them are in as cutoff says
		Limit      Limit        `json:"limit"`
		Used       int64        `json:"used"`   // of the limit: proposals or rupiah
		Cutoff     int          `json:"cutoff"` // how many are in
		LastIn     string       `json:"last_in,omitzero"`
		FirstOut   string       `json:"first_out,omitzero"`
	}

	// ListSuperseded: by decree the list no longer stands.
	ListSuperseded struct {
		List   string          `json:"list"`
		By     string          `json:"by,omitzero"` // list that takes its place
		Decree domain.Document `json:"decree"`
	}

	// MinutesIssued: the berita acara with its annexes was made from the events.
	MinutesIssued struct {
		Number  string   `json:"number"`
		Annexes []string `json:"annexes"` // attendance, agreed, agreed_by_opd, not_agreed_with_reason, notes, photos
		Covers  []string `json:"covers"`  // numbers of the proposals decided in the session
		Digest  string   `json:"digest"`  // SHA-256 of the document, hex
		// Anchor is the newest checkpoint of the log that was signed before, the
		// lines of a signed note as they are printed on the paper: whoever keeps
		// the paper can hold the log to it. None where the log was not signed.
		Anchor []string `json:"anchor,omitempty"`
	}

	// MinutesSigned: the signed berita acara; evidence for what it covers.
	MinutesSigned struct {
		Document domain.Document `json:"document"`
		Covers   []string        `json:"covers"`            // proposals; empty covers the whole session
		Signers  []string        `json:"signers,omitempty"` // role@office
	}

	// Corrected: a list had a mistake of writing; the change of mind is another
	// thing and needs a re-opened window.
	Corrected struct {
		List           string      `json:"list"`
		Entries        []Entry     `json:"entries"` // as they should have been, best first
		Used           int64       `json:"used"`    // of the limit of the list
		Cutoff         int         `json:"cutoff"`
		LastIn         string      `json:"last_in,omitzero"`
		FirstOut       string      `json:"first_out,omitzero"`
		Reason         domain.Text `json:"reason"`
		SecondApprover string      `json:"second_approver"` // pseudonym
	}

	// Closed: the session ended.
	Closed struct {
		At time.Time `json:"at,omitzero"`
	}
)

// Attended is one member of the register who came.
type Attended struct {
	Code     string `json:"code"`           // kode wilayah or OPD
	Channel  string `json:"channel"`        // luring or daring
	Count    int    `json:"count,omitzero"` // persons of that delegation
	Women    int    `json:"women,omitzero"`
	Delegate bool   `json:"delegate,omitzero"` // somebody with a mandate came in place of its head
}

// A Criterion is one thing a list is scored by.
type Criterion struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"` // hundredths
}

// An Entry is one place on a list.
type Entry struct {
	Proposal string        `json:"proposal"`         // number
	Score    int64         `json:"score,omitzero"`   // thousandths of a point
	Scores   []int64       `json:"scores,omitempty"` // per criterion, thousandths
	Amount   domain.Rupiah `json:"amount,omitzero"`  // what it counts against a ceiling
	Tie      string        `json:"tie,omitzero"`     // by what it stands before the next one of the same score: basic_service, poverty, beneficiaries, readiness, estimate, earlier, deliberation, draw
	Reason   string        `json:"reason,omitzero"`  // reason code where it is below the line for another reason than the line
}

// A Limit is what a final list may not pass.
type Limit struct {
	Kind   string `json:"kind"` // quota (proposals), ceiling (rupiah) or none
	Value  int64  `json:"value,omitzero"`
	Source string `json:"source,omitzero"` // id of the event that set it
}
