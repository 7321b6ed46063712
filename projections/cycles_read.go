package projections

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/cycle"
)

// Cycles answers when what is open, how much may be spent and what was adopted.
type Cycles struct{ DB DB }

// A Cycle is one year of planning, or the practice cycle beside it.
type Cycle struct {
	Stream    string    `json:"stream"` // "cycle-2027"
	Year      int       `json:"year"`   // number the streams of the cycle carry
	Practice  bool      `json:"practice"`
	Demo      bool      `json:"demo"`
	Title     string    `json:"title"`     // "Kabupaten Contoh"
	Kabupaten string    `json:"kabupaten"` // kode wilayah
	Zone      string    `json:"zone"`      // WIB, WITA, WIT
	Wilayah   string    `json:"wilayah"`   // edition of the register of wilayah
	Pin       cycle.Pin `json:"pin"`
	Opened    time.Time `json:"opened"`
	Closed    bool      `json:"closed"`
	Version   int       `json:"version"`
	Position  int64     `json:"position"`
}

// A CycleDetail is one cycle with all it holds but its windows.
type CycleDetail struct {
	Cycle
	YearDetail
}

// A YearDetail is what the page of a cycle shows beside its windows.
type YearDetail struct {
	Ceilings  []Limit                     `json:"ceilings,omitempty"`
	Quotas    []Limit                     `json:"quotas,omitempty"`
	Documents []Adopted                   `json:"documents,omitempty"` // the last one of each kind
	Policy    *cycle.PublicationPolicySet `json:"policy,omitempty"`
	Releases  []cycle.Release             `json:"releases,omitempty"`
	Words     []cycle.VocabularyPublished `json:"words,omitempty"` // without their entries
}

// A Window is a span of days for one scope.
type Window struct {
	Window   string          `json:"window"`
	Scope    domain.Scope    `json:"scope"`
	OpensAt  time.Time       `json:"opens_at"`
	ClosesAt time.Time       `json:"closes_at"`
	Shut     bool            `json:"shut"` // closed by a person
	ShutAt   time.Time       `json:"shut_at"`
	Closing  string          `json:"closing"`  // id of the closing event
	Reopened int             `json:"reopened"` // how often it was re-opened
	Extended int             `json:"extended"`
	Waiting  int             `json:"waiting"` // at its last closing: proposals that got a closing event
	Decree   domain.Document `json:"decree"`
	Position int64           `json:"position"`
}

// Open reports whether an act at t falls in the window.
func (w Window) Open(t time.Time) bool {
	return !w.Shut && !t.Before(w.OpensAt) && !t.After(w.ClosesAt)
}

// A Limit is a ceiling in rupiah or a quota of proposals.
type Limit struct {
	Stage    string          `json:"stage"`
	Scope    domain.Scope    `json:"scope"`
	Value    int64           `json:"value"`
	Decree   domain.Document `json:"decree"`
	Position int64           `json:"position"`
}

// Adopted is a document that was adopted; the last one of its kind.
type Adopted struct {
	cycle.DocumentAdopted
	Effective time.Time `json:"effective"`
	Position  int64     `json:"position"`
}

// A WindowFilter narrows a list of windows; zero fields do not.
type WindowFilter struct {
	Window []string
	Scope  domain.Scope // kind alone, or kind and code
}

const cycleColumns = `stream, year, practice, demo, title, kabupaten, zone, wilayah, pin, opened, closed, version, position`

func (c *Cycle) fields() []any {
	return []any{&c.Stream, &c.Year, &c.Practice, &c.Demo, &c.Title, &c.Kabupaten, &c.Zone, &c.Wilayah, &c.Pin, maybe{&c.Opened}, &c.Closed, &c.Version, &c.Position}
}

// List returns all cycles, latest first.
func (c Cycles) List(ctx context.Context) (Page[Cycle], error) {
	var page Page[Cycle]
	var err error
	page.Position, err = reading(ctx, c.DB, "cycles", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select `+cycleColumns+` from read.cycles order by year desc, stream`)
		if err == nil {
			page.Items, err = collect(rows, (*Cycle).fields)
		}
		return err
	})
	return page, err
}

// Get returns the cycle of a year.
func (c Cycles) Get(ctx context.Context, year int) (At[CycleDetail], error) {
	var out At[CycleDetail]
	var err error
	out.Position, err = reading(ctx, c.DB, "cycles", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select `+cycleColumns+`, detail from read.cycles where year = $1 order by stream limit 1`, year).
			Scan(append(out.Value.fields(), &out.Value.YearDetail)...)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Refuse(domain.NotFound, "cycle.unknown", "year", strconv.Itoa(year))
		}
		return err
	})
	return out, err
}

func (w *Window) fields() []any {
	return []any{&w.Window, &w.Scope.Kind, &w.Scope.Code, &w.OpensAt, &w.ClosesAt, &w.Shut, maybe{&w.ShutAt}, &w.Closing,
		&w.Reopened, &w.Extended, &w.Waiting, &w.Decree, &w.Position}
}

// Windows returns the windows of a cycle, by name and scope.
func (c Cycles) Windows(ctx context.Context, year int, f WindowFilter, after Cursor, limit int) (Page[Window], error) {
	const list = "windows"
	var page Page[Window]
	var name, kind, code string
	if _, err := after.read(list, &name, &kind, &code); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, c.DB, "cycles", func(tx pgx.Tx) error {
		var w where
		w.and("year = ?", year)
		w.and("(name, scope_kind, scope_code) > (?, ?, ?)", name, kind, code)
		w.in("name", f.Window)
		if f.Scope.Kind != "" {
			w.and("scope_kind = ?", string(f.Scope.Kind))
		}
		if f.Scope.Code != "" {
			w.and("scope_code = ?", f.Scope.Code)
		}
		rows, err := tx.Query(ctx, `
			select name, scope_kind, scope_code, opens_at, closes_at, shut, shut_at, closing, reopened, extended, waiting, decree, position
			  from read.cycle_windows
			 where `+w.String()+`
			 order by name, scope_kind, scope_code
			 limit `+w.arg(limit+1), w.args...)
		if err == nil {
			page.Items, err = collect(rows, (*Window).fields)
		}
		return err
	})
	page.cut(limit, func(x Window) Cursor { return cursorAt(list, x.Window, string(x.Scope.Kind), x.Scope.Code) })
	return page, err
}
