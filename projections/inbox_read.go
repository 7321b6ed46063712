package projections

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Inbox answers what waits for an OPD.
type Inbox struct{ DB DB }

// Waiting is one proposal that an OPD still has to answer.
type Waiting struct {
	Number    string         `json:"number"`
	Cycle     int            `json:"cycle"`
	OPD       string         `json:"opd"`
	Lane      proposal.Lane  `json:"lane"`
	Title     string         `json:"title"` // masked
	Village   string         `json:"village"`
	Kecamatan string         `json:"kecamatan"`
	Kamus     string         `json:"kamus"`
	State     workflow.State `json:"state"`   // at_opd, returned_opd, referred …
	Since     time.Time      `json:"since"`   // when it came into that state
	Closes    *time.Time     `json:"closes"`  // when the OPD's window closes; nil while none was opened
	Overdue   bool           `json:"overdue"` // the window is past and nobody shut it, judged at the asOf of the query
	Due       string         `json:"due"`     // local day a repair or a referral is due
	Estimate  domain.Rupiah  `json:"estimate"`
	Asked     domain.Rupiah  `json:"asked"`
	Volume    domain.Volume  `json:"volume"`
	Rank      int            `json:"rank"` // at the kecamatan
	RankOf    int            `json:"rank_of"`
	Children  int            `json:"children"` // merged proposals under it
	Fit       Fit            `json:"fit"`
	Version   int            `json:"version"`
	Position  int64          `json:"position"`
}

// Fit is what is known of whether a proposal fits an OPD.
type Fit struct {
	InKamus     bool     `json:"in_kamus,omitzero"`     // it has a kamus code at all
	KamusOPD    string   `json:"kamus_opd,omitzero"`    // OPD that the newest kamus names for its code; "" unknown
	Paper       string   `json:"administrasi,omitzero"` // last verification on paper: pass, fail, ""
	Field       string   `json:"lapangan,omitzero"`     // last verification on the spot
	Leaning     string   `json:"leaning,omitzero"`      // at the pra forum: terima, ragu, tolak
	Camat       string   `json:"camat,omitzero"`        // recommendation of the camat
	Hops        int      `json:"hops,omitzero"`         // OPDs that handed it on
	Returns     int      `json:"returns,omitzero"`      // times it was sent back
	Located     bool     `json:"located,omitzero"`      // it has coordinates
	Attachments int      `json:"attachments,omitzero"`
	Basic       string   `json:"basic,omitzero"` // basic service
	Issues      []string `json:"issues,omitempty"`
}

// An InboxFilter narrows an inbox; zero fields do not.
type InboxFilter struct {
	Cycle     int
	Kecamatan []string
	Lane      []string
	State     []string
	AsOf      time.Time // for Overdue; zero is now
}

// An InboxSummary is the head of an inbox.
type InboxSummary struct {
	OPD            string        `json:"opd"`
	Cycle          int           `json:"cycle"`
	Waiting        int           `json:"waiting"`
	Overdue        int           `json:"overdue"`
	Accepted       int           `json:"accepted"`
	Rejected       int           `json:"rejected"`
	Ceiling        domain.Rupiah `json:"ceiling"`         // 0: none was set
	AcceptedRupiah domain.Rupiah `json:"accepted_rupiah"` // of proposals that are not lost since
	WaitingRupiah  domain.Rupiah `json:"waiting_rupiah"`
	Closes         *time.Time    `json:"closes"`
}

// waitingSQL joins what waits with the window that holds for its OPD: its own,
// else that of all OPDs, else that of the kabupaten.
const waitingSQL = `
	  from read.inbox p
	  left join lateral (
	       select closes_at, shut from read.inbox_windows w
	        where w.year = p.cycle and w.name = p.closing
	          and (w.scope_kind, w.scope_code) in (('opd', p.opd), ('opd', ''), ('kabupaten', ''))
	        order by w.scope_kind = 'opd' desc, w.scope_code desc
	        limit 1) w on true`

func (x *Waiting) fields() []any {
	return []any{&x.Number, &x.Cycle, &x.OPD, &x.Lane, &x.Title, &x.Village, &x.Kecamatan, &x.Kamus, &x.State, &x.Since, &x.Closes, &x.Overdue, &x.Due,
		&x.Estimate, &x.Asked, &x.Volume.Amount, &x.Volume.Unit, &x.Rank, &x.RankOf, &x.Children, &x.Fit, &x.Fit.KamusOPD, &x.Version, &x.Position}
}

// List returns what waits for an OPD, what closes first before the rest.
func (i Inbox) List(ctx context.Context, opd string, f InboxFilter, after Cursor, limit int) (Page[Waiting], error) {
	const list = "inbox"
	var page Page[Waiting]
	var closes, since time.Time
	var number string
	begun, err := after.read(list, &closes, &since, &number)
	if err != nil {
		return page, err
	}
	limit = limited(limit)
	if f.AsOf.IsZero() {
		f.AsOf = time.Now()
	}
	page.Position, err = reading(ctx, i.DB, "inbox", func(tx pgx.Tx) error {
		w := new(where)
		w.and("p.opd = ?", opd)
		if f.Cycle != 0 {
			w.and("p.cycle = ?", f.Cycle)
		}
		w.each("", []choice{{"kecamatan", f.Kecamatan}, {"lane", f.Lane}, {"state", f.State}})
		if begun {
			w.and("(coalesce(w.closes_at, '9999-01-01Z'), p.since, p.number) > (?, ?, ?)", closes, since, number)
		}
		rows, err := tx.Query(ctx, `
			select p.number, p.cycle, p.opd, p.lane, p.title, p.village, p.kecamatan, p.kamus, p.state, p.since, w.closes_at,
			       coalesce(not w.shut and w.closes_at < `+w.arg(f.AsOf)+`, false), p.due, p.estimate, p.asked, p.volume, p.unit, p.rank, p.rank_of, p.children, p.fit,
			       coalesce((select e.facts ->> 'opd' from read.register_entries e where e.register = 'kamus' and e.code = p.kamus order by e.position desc limit 1), ''),
			       p.version, p.position`+waitingSQL+`
			 where `+w.String()+`
			 order by coalesce(w.closes_at, '9999-01-01Z'), p.since, p.number
			 limit `+w.arg(limit+1), w.args...)
		if err == nil {
			page.Items, err = collect(rows, (*Waiting).fields)
		}
		return err
	})
	page.cut(limit, func(x Waiting) Cursor {
		closes := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		if x.Closes != nil {
			closes = *x.Closes
		}
		return cursorAt(list, closes, x.Since, x.Number)
	})
	return page, err
}

// Summary returns the head of an OPD's inbox in a cycle. Its ceiling is the one
// of the latest stage that has one.
func (i Inbox) Summary(ctx context.Context, opd string, cycle int, asOf time.Time) (At[InboxSummary], error) {
	out := At[InboxSummary]{Value: InboxSummary{OPD: opd, Cycle: cycle}}
	if asOf.IsZero() {
		asOf = time.Now()
	}
	v := &out.Value
	var err error
	out.Position, err = reading(ctx, i.DB, "inbox", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			select count(*), count(*) filter (where not w.shut and w.closes_at < $3), coalesce(sum(p.estimate), 0)::bigint, min(w.closes_at) filter (where not w.shut)`+waitingSQL+`
			 where p.opd = $1 and p.cycle = $2`, opd, cycle, asOf).Scan(&v.Waiting, &v.Overdue, &v.WaitingRupiah, &v.Closes)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			select count(*) filter (where answer = 'accepted'), count(*) filter (where answer = 'rejected'),
			       coalesce(sum(amount) filter (where answer = 'accepted' and standing), 0)::bigint,
			       coalesce((select amount from read.inbox_ceilings where opd = $1 and year = $2 order by stage = 'kabupaten' desc, stage limit 1), 0)
			  from read.inbox_answers
			 where opd = $1 and cycle = $2`, opd, cycle).Scan(&v.Accepted, &v.Rejected, &v.AcceptedRupiah, &v.Ceiling)
	})
	return out, err
}
