package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// A Found is the answer to a filter: every proposal that fits, by number.
type Found struct {
	Filter    Filter     // as asked, with what was known pinned to positions: asked again, the answer is the same
	Then, Now event.View // the two moments
	Rows      []Row      // Deciding stands only where Decide was asked for it, or the filter needed it
	Matches   []string   // of each row: then, now or both
	year      *yearRows
}

// Find answers a filter.
func (k *Kept) Find(ctx context.Context, d Desk, f Filter) (Found, error) {
	out := Found{Filter: f}
	var err error
	if out.Now, err = d.View(ctx, f.Year, f.Now.AsOf, f.Now.Known); err != nil {
		return out, err
	}
	out.Then = out.Now
	if f.Compares() {
		if out.Then, err = d.View(ctx, f.Year, f.Then.AsOf, f.Then.Known); err != nil {
			return out, err
		}
	}
	out.Filter.Then, out.Filter.Now = MomentOf(out.Then), MomentOf(out.Now)
	f = out.Filter // so that two ways to say one moment are one moment
	var rules map[string][]string
	var bad error
	var working sync.WaitGroup // each goes through the year
	working.Go(func() { rules, bad = k.rules(ctx, d, f.Year, out.Now.Known) })
	out.year, err = k.rows(ctx, d, f.Year, out.Then, out.Now)
	working.Wait()
	if err = cmp.Or(err, bad); err != nil {
		return out, err
	}
	unreasoned := f
	unreasoned.Reason = nil
	for _, m := range out.year.moves {
		if r := (Row{Move: m, Rules: rules[m.Number]}); unreasoned.Matches(r) != "" {
			out.Rows = append(out.Rows, r)
		}
	}
	if len(f.Reason) > 0 {
		if err := out.Decide(ctx, d, out.Rows); err != nil {
			return out, err
		}
	}
	fit := out.Rows[:0]
	for _, r := range out.Rows {
		if matches := f.Matches(r); matches != "" {
			fit, out.Matches = append(fit, r), append(out.Matches, matches)
		}
	}
	out.Rows = fit
	return out, nil
}

// A Tally is how many proposals fit.
type Tally struct {
	Then int `json:"then" doc:"How many match then, those that match now too among them"`
	Now  int `json:"now" doc:"How many match now, those that matched then too among them"`
	Both int `json:"both"`
}

// Tally counts what was found.
func (f Found) Tally() Tally {
	var t Tally
	for _, m := range f.Matches {
		switch m {
		case "then":
			t.Then++
		case "now":
			t.Now++
		default:
			t.Then, t.Now, t.Both = t.Then+1, t.Now+1, t.Both+1
		}
	}
	return t
}

// Page returns at most limit rows behind the number after, their matches, and the
// number behind which the next page begins; "" behind the last.
func (f Found) Page(after string, limit int) (rows []Row, matches []string, next string) {
	from, _ := slices.BinarySearchFunc(f.Rows, after, func(r Row, n string) int {
		if r.Number <= n {
			return -1
		}
		return 1
	})
	to := min(from+limit, len(f.Rows))
	if to < len(f.Rows) && to > from {
		next = f.Rows[to-1].Number
	}
	return f.Rows[from:to], f.Matches[from:to], next
}

// MomentOf writes a view so that it stays what it is.
func MomentOf(v event.View) Moment {
	m := Moment{Known: fmt.Sprint(max(v.Known, 0))}
	if !v.AsOf.IsZero() {
		m.AsOf = v.AsOf.UTC().Format(time.RFC3339Nano)
	}
	return m
}

// Decide fills in the deciding acts of some of the rows found.
func (f Found) Decide(ctx context.Context, d Desk, rows []Row) error {
	y := f.year
	y.mu.Lock()
	defer y.mu.Unlock()
	var numbers []string
	for _, r := range rows {
		if _, known := y.deciding[r.Number]; !known && r.Now != nil && decided(r.Now.Fate) {
			numbers = append(numbers, r.Number)
		}
	}
	err := d.Several(ctx, numbers, f.Now, func(x history.Explanation) error {
		y.deciding[x.Proposal] = inShort(x)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Deciding = y.deciding[rows[i].Number]
	}
	return nil
}

// decided reports whether somebody or something has decided on a proposal. What
// was merged or split has no fate of its own where it is no origin.
func decided(f history.Fate) bool { return f != history.Pending && f != history.Unknown && f != "" }

// inShort returns the act that decided on the largest part of a proposal, nil
// where none did.
func inShort(x history.Explanation) *Deciding {
	all := x.Decisive
	if len(all) == 0 {
		all = x.Won
	}
	if len(all) == 0 {
		return nil
	}
	d := slices.MaxFunc(all, func(a, b history.Deciding) int {
		return cmp.Or(cmp.Compare(a.Millionths, b.Millionths), cmp.Compare(b.End, a.End))
	})
	out := &Deciding{Mention: d.Mention, Kind: d.Kind, Stage: d.Stage, Role: d.Authority.Role, Office: d.Authority.Office, Scope: d.Authority.Scope}
	if d.Reason != nil {
		out.Reason = d.Reason.Code
	}
	out.Silent = d.Kind != "" && (out.Reason == "" || out.Reason == proposal.ReasonUnsaid)
	return out
}

// A yearRows is a year at two moments, and the deciding acts looked up so far.
type yearRows struct {
	moves    []history.Move // shared: never changed
	mu       sync.Mutex
	deciding map[string]*Deciding
}

func (k *Kept) rows(ctx context.Context, d Desk, year int, then, now event.View) (*yearRows, error) {
	at, err := k.anchor(ctx, d, year, yearStreams(year), now.Known)
	if err != nil {
		return nil, err
	}
	then, now = event.View{AsOf: then.AsOf, Known: min(then.Known, at)}, event.View{AsOf: now.AsOf, Known: at}
	return keep(ctx, k, question{"rows", year, then, now}, func() (*yearRows, int, error) {
		moves, err := d.Compare(ctx, year, then, now)
		return &yearRows{moves: moves, deciding: map[string]*Deciding{}}, 2 * len(moves), err
	})
}

// rules returns the codes of the rules that found something, by proposal.
func (k *Kept) rules(ctx context.Context, d Desk, year int, known int64) (map[string][]string, error) {
	return keep(ctx, k, question{what: "rules", year: year, now: event.View{Known: known}}, func() (map[string][]string, int, error) {
		found, _, err := k.Findings(ctx, d, year, known)
		out := map[string][]string{}
		for _, f := range found {
			if list := out[f.Proposal]; f.Proposal != "" && !slices.Contains(list, f.Rule) {
				out[f.Proposal] = append(list, f.Rule)
			}
		}
		return out, len(out), err
	})
}

// yearStreams is how the names of a year's proposals begin.
func yearStreams(year int) string { return proposal.Stream(fmt.Sprintf("U-%02d-", year%100)) }
