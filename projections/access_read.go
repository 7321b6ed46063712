package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// Access answers who opened sealed data.
type Access struct{ DB DB }

// An Opening is sealed data that were looked at or exported, as the log has it:
// persons by their pseudonyms, and of what was opened only where it stands.
type Opening struct {
	Position int64           `json:"position"`
	Event    uuid.UUID       `json:"event"`
	At       time.Time       `json:"at"`       // when it took effect
	Recorded time.Time       `json:"recorded"` // when it was recorded
	Reader   string          `json:"reader"`   // pseudonym of whoever opened them
	Role     domain.Role     `json:"role"`
	Office   string          `json:"office,omitzero"`
	Grant    string          `json:"grant,omitzero"`  // stream of the grant that was used
	Subject  string          `json:"subject"`         // pseudonym of the person they are of
	About    string          `json:"about,omitzero"`  // id of the event they belong to, where they are no person's own
	Fields   []string        `json:"fields"`          // JSON pointers
	Purpose  string          `json:"purpose"`         // audit, court_order, complaint, data_subject or verification
	Ground   domain.Document `json:"ground,omitzero"` // the paper it rests on
	Export   bool            `json:"export,omitzero"`
}

// An AccessFilter narrows a list of openings. A zero field does not narrow.
type AccessFilter struct {
	Purpose, Role []string
	Export        bool      // exports only
	From, To      time.Time // took effect from then on, and before then
}

// List returns who opened what, the last one first.
func (a Access) List(ctx context.Context, f AccessFilter, after Cursor, limit int) (Page[Opening], error) {
	const list = "access"
	var page Page[Opening]
	var before int64
	begun, err := after.read(list, &before)
	if err != nil {
		return page, err
	}
	limit = limited(limit)
	page.Position, err = reading(ctx, a.DB, "access", func(tx pgx.Tx) error {
		w := new(where)
		w.in("purpose", f.Purpose)
		w.in("role", f.Role)
		if f.Export {
			w.and("export")
		}
		if !f.From.IsZero() {
			w.and("at >= ?", f.From)
		}
		if !f.To.IsZero() {
			w.and("at < ?", f.To)
		}
		if begun {
			w.and("position < ?", before)
		}
		rows, err := tx.Query(ctx, `
			select opening
			  from read.openings
			 where `+w.String()+`
			 order by position desc
			 limit `+w.arg(limit+1), w.args...)
		if err != nil {
			return err
		}
		page.Items, err = pgx.CollectRows(rows, pgx.RowTo[Opening])
		return err
	})
	page.cut(limit, func(o Opening) Cursor { return cursorAt(list, o.Position) })
	return page, err
}
