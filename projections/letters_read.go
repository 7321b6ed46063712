package projections

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
)

// Letters answers which villages were told what became of their proposals.
type Letters struct{ DB DB }

// A Letter is one answer that was sent to a village.
type Letter struct {
	Number   string      `json:"number"` // of the letter
	Village  string      `json:"village"`
	Date     string      `json:"date"` // local day, as printed on it
	Digest   string      `json:"digest,omitzero"`
	Channel  string      `json:"channel"` // surat, surel, aplikasi, langsung
	Role     domain.Role `json:"role"`    // of who sent it
	Office   string      `json:"office"`
	Covers   []string    `json:"covers"` // numbers of the proposals it tells of
	Position int64       `json:"position"`
	Sent     time.Time   `json:"sent"`
}

// The statuses of a village's letters.
const (
	LetterMissing = "missing" // never told anything
	LetterStale   = "stale"   // told, and since then something was decided anew or handed in
	LetterSent    = "sent"    // told all there is
)

// LetterStatuses is every status, the most pressing first.
var LetterStatuses = []string{LetterMissing, LetterStale, LetterSent}

// A VillageLetters is how a village stands in one fiscal year.
type VillageLetters struct {
	Village   string        `json:"village"`
	Kecamatan string        `json:"kecamatan"`
	Cycle     int           `json:"cycle"`
	Status    string        `json:"status"`   // missing, stale, sent
	Origins   int           `json:"origins"`  // proposals it handed in
	Pending   int           `json:"pending"`  // of them on their way still
	Untold    int           `json:"untold"`   // of them no letter tells of
	Changed   int           `json:"changed"`  // of them decided anew since the letter that tells of them
	Asked     domain.Rupiah `json:"asked"`    //
	Granted   domain.Rupiah `json:"granted"`  //
	Letters   int           `json:"letters"`  // sent
	Number    string        `json:"number"`   // of the last one, "" without
	Date      string        `json:"date"`     // of the last one
	Position  int64         `json:"position"` // of the last one, 0 without
}

// A LetterFilter narrows a list of villages. Zero fields do not narrow.
type LetterFilter struct {
	Cycle     int // required
	Kecamatan []string
	Village   []string
	Status    []string
}

// standings is how every village of a cycle stands, as far as w admits.
func standings(w *where) string {
	return `
		with origins as (
		    select o.village, o.kecamatan, o.cycle, count(*) as origins, count(*) filter (where o.headline = 'pending') as pending,
		           count(*) filter (where c.position is null) as untold, count(*) filter (where c.position < o.turned) as changed,
		           sum(o.asked)::bigint as asked, sum(o.granted)::bigint as granted
		      from read.letter_origins o
		      left join (select proposal, max(position) as position from read.letter_covers group by proposal) c on c.proposal = o.number
		     where ` + w.String() + `
		     group by o.village, o.kecamatan, o.cycle
		), sent as (
		    select distinct on (village) village, count(*) over (partition by village) as letters, number, day, position
		      from read.letters_sent
		     where cycle = $1
		     order by village, position desc
		), standings as (
		    select o.village, o.kecamatan, o.cycle,
		           case when o.untold = o.origins then '` + LetterMissing + `' when o.untold + o.changed > 0 then '` + LetterStale + `' else '` + LetterSent + `' end as status,
		           o.origins, o.pending, o.untold, o.changed, o.asked, o.granted,
		           coalesce(s.letters, 0) as letters, coalesce(s.number, '') as number, coalesce(s.day, '') as day, coalesce(s.position, 0) as position
		      from origins o
		      left join sent s on s.village = o.village
		)`
}

func (f LetterFilter) where() *where {
	w := new(where)
	w.and("o.cycle = ?", f.Cycle)
	w.and("o.village <> ''")
	w.in("o.kecamatan", f.Kecamatan)
	w.in("o.village", f.Village)
	return w
}

// List returns how the villages that handed in anything stand, by code.
func (l Letters) List(ctx context.Context, f LetterFilter, after Cursor, limit int) (Page[VillageLetters], error) {
	const list = "letters"
	var page Page[VillageLetters]
	var village string
	if _, err := after.read(list, &village); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, l.DB, "letters", func(tx pgx.Tx) error {
		w := f.where()
		with := standings(w)
		rest := where{args: w.args}
		rest.and("village > ?", village)
		rest.in("status", f.Status)
		rows, err := tx.Query(ctx, with+`
			select village, kecamatan, cycle, status, origins, pending, untold, changed, asked, granted, letters, number, day, position
			  from standings
			 where `+rest.String()+`
			 order by village
			 limit `+rest.arg(limit+1), rest.args...)
		if err == nil {
			page.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[VillageLetters])
		}
		return err
	})
	page.cut(limit, func(x VillageLetters) Cursor { return cursorAt(list, x.Village) })
	return page, err
}

// Counts returns how many villages have each status; the filter's own statuses
// do not narrow it.
func (l Letters) Counts(ctx context.Context, f LetterFilter) (At[map[string]int], error) {
	out := At[map[string]int]{Value: map[string]int{}}
	var err error
	out.Position, err = reading(ctx, l.DB, "letters", func(tx pgx.Tx) error {
		w := f.where()
		rows, err := tx.Query(ctx, standings(w)+` select status, count(*) from standings group by status`, w.args...)
		if err != nil {
			return err
		}
		var status string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error { out.Value[status] = n; return nil })
		return err
	})
	return out, err
}

// Of returns the letters that were sent to a village in a fiscal year, oldest
// first.
func (l Letters) Of(ctx context.Context, village string, cycle int) (At[[]Letter], error) {
	var out At[[]Letter]
	var err error
	out.Position, err = reading(ctx, l.DB, "letters", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select number, village, day, digest, channel, role, office, covers, position, sent
			  from read.letters_sent
			 where village = $1 and cycle = $2
			 order by ordinal`, village, cycle)
		if err == nil {
			out.Value, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Letter])
		}
		return err
	})
	return out, err
}

// An Attendance is how often somebody whom forums expect came.
type Attendance struct {
	Code      string `json:"code"`      // kode wilayah or OPD
	Expected  int    `json:"expected"`  // forums with a record of attendance that expected it, or that it came to
	Came      int    `json:"came"`      //
	Delegated int    `json:"delegated"` // of those, by somebody with a mandate
	Last      string `json:"last"`      // local day it came last, "" never
}

// An AttendanceFilter narrows attendance. Zero fields do not.
type AttendanceFilter struct {
	Cycle int      // required
	Kind  []string // of forum
	Under string   // kode wilayah that the code must lie in
	Never bool     // came to none only
}

// Attendance returns who came how often, by code.
func (f Forums) Attendance(ctx context.Context, filter AttendanceFilter, after Cursor, limit int) (Page[Attendance], error) {
	const list = "attendance"
	var page Page[Attendance]
	var code string
	if _, err := after.read(list, &code); err != nil {
		return page, err
	}
	limit = limited(limit)
	var err error
	page.Position, err = reading(ctx, f.DB, "forums", func(tx pgx.Tx) error {
		var w where
		w.and("cycle = ?", filter.Cycle)
		w.and("code > ?", code)
		w.in("kind", filter.Kind)
		if filter.Under != "" {
			w.and("(code = ? or starts_with(code, ?))", filter.Under, filter.Under+".")
		}
		having := ""
		if filter.Never {
			having = "having not bool_or(came)"
		}
		rows, err := tx.Query(ctx, `
			select code, count(*), count(*) filter (where came), count(*) filter (where delegate), coalesce(max(day) filter (where came), '')
			  from read.forum_attendance
			 where `+w.String()+`
			 group by code `+having+`
			 order by code
			 limit `+w.arg(limit+1), w.args...)
		if err == nil {
			page.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Attendance])
		}
		return err
	})
	page.cut(limit, func(a Attendance) Cursor { return cursorAt(list, a.Code) })
	return page, err
}
