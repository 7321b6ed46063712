// Package cycle is one fiscal year of planning: which workflow it follows, when
// and for whom its windows are open, what it may spend, which documents were
// adopted, and what the public may see.
//
// Fold makes a State of a cycle's past; Decide judges what somebody asks to be
// recorded and returns it completed. Who may ask stands in Duties.
//
// A window is opened for one place or office, for all of a kind, or for the
// whole kabupaten, and the narrowest holds (State.Key). An extension or closing
// for one of many gives that one a window of its own. Three things are kept
// true: opening takes nothing away from anybody, an extension only moves
// forward, and no later stage ends before an earlier one, for any proposal that
// could lie in both. Limits work the same way: a ceiling or quota of one's own,
// else that of one's kind.
//
// Closing and re-opening a window decide over proposals too. Package act does
// that, with the preconditions that CloseWindow, ReopenWindow and Close examine.
package cycle

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// Types is every event a cycle can have, ever.
var Types = []event.Type{
	event.Declare[Opened]("cycle.opened"),
	event.Declare[WindowOpened]("cycle.window_opened"),
	event.Declare[WindowExtended]("cycle.window_extended"),
	event.Declare[WindowClosed]("cycle.window_closed"),
	event.Declare[WindowReopened]("cycle.window_reopened"),
	event.Declare[CeilingSet]("cycle.ceiling_set"),
	event.Declare[QuotaSet]("cycle.quota_set"),
	event.Declare[VocabularyPublished]("cycle.vocabulary_published"),
	event.Declare[PublicationPolicySet]("cycle.publication_policy_set"),
	event.Declare[PublicationReleased]("cycle.publication_released"),
	event.Declare[DocumentAdopted]("cycle.document_adopted"),
	event.Declare[OfficeSucceeded]("cycle.office_succeeded"),
	event.Declare[TerritoryChanged]("cycle.territory_changed"),
	event.Declare[DefinitionMigrated]("cycle.definition_migrated"),
	event.Declare[Corrected]("cycle.corrected"),
	event.Declare[Closed]("cycle.closed"),
}

// An Event is something that happened to a cycle.
type Event interface {
	evolve(*State, event.Envelope)
}

type (
	// Opened: the planning of a fiscal year began under one definition.
	Opened struct {
		Year       int    `json:"year"`              // fiscal year
		Practice   bool   `json:"practice,omitzero"` // for learning and trials; nothing in it counts
		Definition Pin    `json:"definition"`
		Kabupaten  string `json:"kabupaten"`        // kode wilayah
		Title      string `json:"title"`            // "Kabupaten Contoh"
		Zone       string `json:"zone"`             // WIB, WITA or WIT
		Demo       bool   `json:"demo,omitzero"`    // fictional data, marked everywhere
		Wilayah    string `json:"wilayah,omitzero"` // edition of the register of wilayah
	}

	// WindowOpened: acts bound to the window may take effect from OpensAt to
	// ClosesAt, in its scope.
	WindowOpened struct {
		Window   string          `json:"window"`
		Scope    domain.Scope    `json:"scope"` // whole kabupaten where code is empty
		OpensAt  time.Time       `json:"opens_at"`
		ClosesAt time.Time       `json:"closes_at"`
		Decree   domain.Document `json:"decree,omitzero"`
	}

	// WindowExtended: it closes later, by decree.
	WindowExtended struct {
		Window   string          `json:"window"`
		Scope    domain.Scope    `json:"scope"`
		ClosesAt time.Time       `json:"closes_at"`
		Decree   domain.Document `json:"decree"`
	}

	// WindowClosed: a person closed it; whatever still waited was given its
	// closing event in the same append.
	WindowClosed struct {
		Window   string       `json:"window"`
		Scope    domain.Scope `json:"scope"`
		ClosesAt time.Time    `json:"closes_at"`                 // as it stood
		ClosedBy string       `json:"closed_by" readable:"post"` // role@office
		Waiting  int          `json:"waiting"`                   // streams that got a closing event
	}

	// WindowReopened: by decree it is open again for what that closing ended.
	WindowReopened struct {
		Window   string          `json:"window"`
		Scope    domain.Scope    `json:"scope"`
		ClosesAt time.Time       `json:"closes_at"`
		Decree   domain.Document `json:"decree"`
		Covers   []string        `json:"covers,omitempty"` // numbers brought back; empty: all that the closing ended
		Closing  string          `json:"closing"`          // id of the closing event
	}

	// CeilingSet: how much an OPD or kecamatan may plan.
	CeilingSet struct {
		Scope  domain.Scope    `json:"scope"`
		Stage  string          `json:"stage"` // kecamatan, kabupaten
		Amount domain.Rupiah   `json:"amount"`
		Old    domain.Rupiah   `json:"old,omitzero"`
		Decree domain.Document `json:"decree,omitzero"`
	}

	// QuotaSet: how many proposals a forum may send on.
	QuotaSet struct {
		Scope  domain.Scope    `json:"scope"`
		Stage  string          `json:"stage"` // desa, kecamatan
		Count  int             `json:"count"`
		Old    int             `json:"old,omitzero"`
		Decree domain.Document `json:"decree,omitzero"`
	}

	// VocabularyPublished: an edition of reason codes or of the kamus usulan.
	VocabularyPublished struct {
		Register string `json:"register"` // reasons, kamus
		Edition  string `json:"edition"`
		Digest   string `json:"digest"` // SHA-256, hex
		Entries  []Word `json:"entries,omitempty"`
	}

	// PublicationPolicySet: which fields the public may see, and from which stage.
	PublicationPolicySet struct {
		Fields []string        `json:"fields"` // what may be seen, and nothing else
		After  string          `json:"after"`  // "kecamatan", "rkpd" …: informative
		Ground domain.Document `json:"ground,omitzero"`
	}

	// PublicationReleased: from here the public may see what had happened to the
	// proposals of a scope, up to a stage.
	PublicationReleased struct {
		Scope  domain.Scope    `json:"scope"`
		Stage  string          `json:"stage,omitzero"` // up to and with; empty: everything until now
		Ground domain.Document `json:"ground,omitzero"`
	}

	// DocumentAdopted: RKPD, KUA-PPAS, RAPBD, APBD or its change.
	DocumentAdopted struct {
		Kind     string          `json:"kind"` // rkpd, ppas, rapbd, apbd, perubahan
		Document domain.Document `json:"document"`
		Lines    int             `json:"lines"`
		Total    domain.Rupiah   `json:"total"`
	}

	// OfficeSucceeded: an OPD was renamed, split or merged.
	OfficeSucceeded struct {
		From   string          `json:"from"`
		To     []string        `json:"to"`
		Decree domain.Document `json:"decree"`
	}

	// TerritoryChanged: villages got other codes; Successors maps old to new.
	TerritoryChanged struct {
		Edition    string            `json:"edition"`
		Successors map[string]string `json:"successors"`
		Ground     domain.Document   `json:"ground"`
	}

	// DefinitionMigrated: from here another definition holds.
	DefinitionMigrated struct {
		From   Pin               `json:"from"`
		To     Pin               `json:"to"`
		Map    map[string]string `json:"map"` // state before to state after, total
		Decree domain.Document   `json:"decree"`
	}

	// Corrected: an earlier event of this cycle was wrong and no longer counts;
	// it stays for all to see. Two persons say so. What is right is recorded anew.
	Corrected struct {
		Target         uuid.UUID           `json:"target"` // event id
		Action         event.CorrectAction `json:"action"` // void
		Reason         domain.Text         `json:"reason"`
		SecondApprover string              `json:"second_approver"` // pseudonym
	}

	// Closed: no proposal waits and no window is open.
	Closed struct {
		Origins int `json:"origins"` // proposals that began in this cycle
	}
)

// Corrects implements event.Correction.
func (e *Corrected) Corrects() (uuid.UUID, event.CorrectAction) { return e.Target, e.Action }

// Replacement implements event.Correction: a cycle's events are not amended.
func (e *Corrected) Replacement() (any, domain.Interval) { return nil, domain.Interval{} }

// A Pin names one definition for ever.
type Pin struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Hash    string `json:"hash"` // SHA-256 of the canonical JSON, hex
}

// String returns "musrenbang@1#" and the beginning of the hash.
func (p Pin) String() string { return fmt.Sprintf("%s@%d#%.12s", p.Name, p.Version, p.Hash) }

// A Word is one entry of a published vocabulary.
type Word struct {
	Code  string `json:"code"`
	Group string `json:"group,omitzero"` // national group of a reason
	ID    string `json:"id" readable:"things"`
	EN    string `json:"en,omitzero" readable:"things"`
	Unit  string `json:"unit,omitzero"`
	OPD   string `json:"opd,omitzero"`
}

// Stream returns the name of a fiscal year's stream.
func Stream(year int) string { return fmt.Sprintf("cycle-%d", year) }
