package projections

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/forum"
)

// Forums answers what musyawarah there were and what they decided.
type Forums struct{ DB DB }

// A Forum is one session.
type Forum struct {
	Stream   string       `json:"stream"` // "forum-…"
	ID       string       `json:"id"`
	Cycle    int          `json:"cycle"`
	Kind     string       `json:"kind"` // musrenbang_kecamatan, forum_opd …
	Stage    string       `json:"stage"`
	Scope    domain.Scope `json:"scope"`
	Date     string       `json:"date"`  // local day
	Place    string       `json:"place"` // masked
	Chair    string       `json:"chair"` // office
	Closed   bool         `json:"closed"`
	Lists    int          `json:"lists"` // final lists that stand
	Drafts   int          `json:"drafts"`
	Decided  int          `json:"decided"` // proposals on final lists that stand
	Present  int          `json:"present"` // members of the register that came
	Absent   int          `json:"absent"`
	Signed   bool         `json:"signed"` // the berita acara is signed for all it covers
	Version  int          `json:"version"`
	Position int64        `json:"position"`
	Changed  time.Time    `json:"changed"`
}

// A ForumDetail is one session with its lists, attendance and minutes.
type ForumDetail struct {
	Forum
	SessionDetail
	Ranked []List `json:"ranked"` // in the order they were made
}

// A SessionDetail is who came and what was written down.
type SessionDetail struct {
	Register    string           `json:"register,omitzero"` // edition the attendance is held against
	Attended    []forum.Attended `json:"attended,omitempty"`
	AbsentCodes []string         `json:"absent_codes,omitempty"`
	Minutes     []Minutes        `json:"minutes,omitempty"`
}

// A List is a ranked list: a draft, a final one, or one that was superseded.
type List struct {
	Name       string            `json:"name"`
	Status     string            `json:"status"` // draft, final, superseded
	Stage      string            `json:"stage"`
	Scope      domain.Scope      `json:"scope"`
	Supersedes string            `json:"supersedes,omitzero"`
	By         string            `json:"by,omitzero"` // the list that took its place
	Criteria   []forum.Criterion `json:"criteria,omitempty"`
	Entries    []forum.Entry     `json:"entries,omitempty"` // best first
	Limit      forum.Limit       `json:"limit,omitzero"`
	Used       int64             `json:"used,omitzero"`
	Cutoff     int               `json:"cutoff,omitzero"`
	LastIn     string            `json:"last_in,omitzero"`
	FirstOut   string            `json:"first_out,omitzero"`
	Corrected  bool              `json:"corrected,omitzero"`
	Position   int64             `json:"position"` // of the event that made or last changed it
	Effective  time.Time         `json:"effective"`
}

// Minutes are one berita acara, issued and perhaps signed.
type Minutes struct {
	Number   string           `json:"number"`
	Annexes  []string         `json:"annexes,omitempty"`
	Covers   []string         `json:"covers,omitempty"`
	Digest   string           `json:"digest,omitzero"`
	Document *domain.Document `json:"document,omitempty"` // the signed one
	Signers  []string         `json:"signers,omitempty"`  // role@office
	Position int64            `json:"position"`
}

// A ForumFilter narrows a list of forums; zero fields do not.
type ForumFilter struct {
	Cycle int
	Kind  []string
	Stage []string
	Scope domain.Scope // kind alone, or kind and code
	Open  bool         // not closed
}

const forumColumns = `stream, substr(stream, 7), cycle, kind, stage, scope_kind, scope_code, day, place, chair, closed, lists, drafts, decided, present, absent, signed, version, position, changed`

func (f *Forum) fields() []any {
	return []any{&f.Stream, &f.ID, &f.Cycle, &f.Kind, &f.Stage, &f.Scope.Kind, &f.Scope.Code, &f.Date, &f.Place, &f.Chair, &f.Closed, &f.Lists, &f.Drafts,
		&f.Decided, &f.Present, &f.Absent, &f.Signed, &f.Version, &f.Position, &f.Changed}
}

// List returns the forums that fit, latest day first.
func (f Forums) List(ctx context.Context, filter ForumFilter, after Cursor, limit int) (Page[Forum], error) {
	const list = "forums"
	var page Page[Forum]
	var day, stream string
	begun, err := after.read(list, &day, &stream)
	if err != nil {
		return page, err
	}
	limit = limited(limit)
	page.Position, err = reading(ctx, f.DB, "forums", func(tx pgx.Tx) error {
		var w where
		if begun {
			w.and("(day < ? or day = ? and stream > ?)", day, day, stream)
		}
		if filter.Cycle != 0 {
			w.and("cycle = ?", filter.Cycle)
		}
		w.in("kind", filter.Kind)
		w.in("stage", filter.Stage)
		if filter.Scope.Kind != "" {
			w.and("scope_kind = ?", string(filter.Scope.Kind))
		}
		if filter.Scope.Code != "" {
			w.and("scope_code = ?", filter.Scope.Code)
		}
		if filter.Open {
			w.and("not closed")
		}
		rows, err := tx.Query(ctx, `
			select `+forumColumns+`
			  from read.forums
			 where `+w.String()+`
			 order by day desc, stream
			 limit `+w.arg(limit+1), w.args...)
		if err == nil {
			page.Items, err = collect(rows, (*Forum).fields)
		}
		return err
	})
	page.cut(limit, func(x Forum) Cursor { return cursorAt(list, x.Date, x.Stream) })
	return page, err
}

// Get returns one forum by its stream.
func (f Forums) Get(ctx context.Context, stream string) (At[ForumDetail], error) {
	var out At[ForumDetail]
	var err error
	out.Position, err = reading(ctx, f.DB, "forums", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select `+forumColumns+`, detail from read.forums where stream = $1`, stream).
			Scan(append(out.Value.fields(), &out.Value.SessionDetail)...)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "forum.unknown", "forum", stream, "year", "-")
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select list from read.forum_lists where stream = $1 order by ordinal`, stream)
		if err == nil {
			out.Value.Ranked, err = pgx.CollectRows(rows, pgx.RowTo[List])
		}
		return err
	})
	return out, err
}
