package projections

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Timeline answers what happened to a proposal.
type Timeline struct{ DB DB }

// A Step is one event of a proposal as its timeline shows it. Persons are never
// in it: who acted is a role at an office.
type Step struct {
	Position  int64           `json:"position"`
	Event     uuid.UUID       `json:"event"`
	Number    string          `json:"number"` // of the proposal
	Version   int             `json:"version"`
	Type      string          `json:"type"`      // stored name: "proposal.rejected"
	Effective time.Time       `json:"effective"` // when it counts from
	Occurred  domain.Interval `json:"occurred"`  // when it took effect, as precisely as is known
	Recorded  time.Time       `json:"recorded"`  // when it was recorded

	Role     domain.Role     `json:"role"`
	Office   string          `json:"office,omitzero"` // "Kecamatan Contoh Satu"
	Scope    domain.Scope    `json:"scope"`
	Capacity domain.Capacity `json:"capacity,omitzero"`

	From    workflow.State `json:"from,omitzero"` // state before, in effective order; "" for the first and for what does not count
	To      workflow.State `json:"to,omitzero"`   // state after
	Stage   string         `json:"stage,omitzero"`
	Via     string         `json:"via,omitzero"`  // transition, "close:WINDOW" or "jump"
	Kind    string         `json:"kind,omitzero"` // of a closing: omission or rule
	Reason  string         `json:"reason,omitzero"`
	Changes []Change       `json:"changes,omitempty"`
	Facts   []Fact         `json:"facts,omitempty"` // what else the event states, by the names of its JSON members
	Words   []Fact         `json:"words,omitempty"` // texts of the event, masked, by the names of their members
	Link    []string       `json:"link,omitempty"`  // numbers of proposals it names: parent, children, parts, next …
	Rank    *Place         `json:"rank,omitempty"`  // place on a final list
	Docs    []Evidence     `json:"docs,omitempty"`  // documents it names
	Forum   string         `json:"forum,omitzero"`  // stream of the forum it was decided in

	Observed    *proposal.Observed `json:"observed,omitempty"`    // read off a source
	Late        bool               `json:"late,omitzero"`         // recorded after a later fact, more than a day after it took effect, or after its window had closed
	Correction  string             `json:"correction,omitzero"`   // void, amend, restore: this step corrects Target
	Target      uuid.UUID          `json:"target,omitzero"`       // event
	Corrected   string             `json:"corrected,omitzero"`    // void or amend: what became of this step; "" while it stands
	CorrectedBy int64              `json:"corrected_by,omitzero"` // position of the correction
	Closed      bool               `json:"closed,omitzero"`       // a text of it was closed
	Minor       bool               `json:"minor,omitzero"`        // changes neither state nor money: may be folded away
	Window      string             `json:"window,omitzero"`       // of a closing
	Since       time.Time          `json:"since,omitzero"`        // of a closing: when the wait began
	Holder      string             `json:"holder,omitzero"`       // of a closing: role@office that had it
	CouldAct    []string           `json:"could_act,omitempty"`   // of a closing: role@office that could have decided
	Cause       uuid.UUID          `json:"cause,omitzero"`        // the event that caused it, or the command
}

// A Change is one fact of a proposal that a step changed, as people read it:
// rupiah as digits, lists joined by ", ".
type Change struct {
	Field string `json:"field"` // "estimate", "volume", "opd", "title", "granted", "component:U-27-…"
	Old   string `json:"old"`
	New   string `json:"new"`
}

// A Fact is a named value of an event.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Place is a position on a final list.
type Place struct {
	Forum  string `json:"forum"` // stream
	List   string `json:"list"`
	Rank   int    `json:"rank"`
	Of     int    `json:"of,omitzero"`
	Score  int64  `json:"score,omitzero"`  // thousandths
	Cutoff int    `json:"cutoff,omitzero"` // rank of the last one in
}

// An Evidence is a document an event names, and in which role.
type Evidence struct {
	Name string `json:"name"` // JSON member: "decree", "letter", "minutes_village"
	domain.Document
}

// Of returns the steps of a proposal, oldest first in effective order.
func (t Timeline) Of(ctx context.Context, number string, after Cursor, limit int) (Page[Step], error) {
	const list = "timeline"
	var page Page[Step]
	var effective time.Time
	var position int64
	if _, err := after.read(list, &effective, &position); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, t.DB, "timeline", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select step from read.timeline
			 where number = $1 and (effective, position) > ($2, $3)
			 order by effective, position
			 limit $4`, number, effective, position, limit+1)
		if err == nil {
			page.Items, err = pgx.CollectRows(rows, pgx.RowTo[Step])
		}
		return err
	})
	page.cut(limit, func(s Step) Cursor { return cursorAt(list, s.Effective, s.Position) })
	return page, err
}

// At returns the step of the event at a position.
func (t Timeline) At(ctx context.Context, position int64) (At[Step], error) {
	var out At[Step]
	var err error
	out.Position, err = reading(ctx, t.DB, "timeline", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select step from read.timeline where position = $1`, position).Scan(&out.Value)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "event.unknown", "position", strconv.FormatInt(position, 10))
		}
		return err
	})
	return out, err
}
