package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// A MinutesPaper is what a berita acara says.
type MinutesPaper struct {
	Paper
	Forum      string          `json:"forum"`           // stream
	Number     string          `json:"number"`          // of the berita acara; "" for a draft
	Kind       string          `json:"kind"`            // musrenbang_kecamatan …
	Stage      string          `json:"stage"`           //
	StageTitle string          `json:"stage_title"`     //
	Scope      domain.Scope    `json:"scope"`           // whose forum it is
	ScopeName  string          `json:"scope_name"`      //
	Date       string          `json:"date"`            // local day
	Place      string          `json:"place,omitzero"`  // masked
	Chair      string          `json:"chair"`           // office
	Legal      []string        `json:"legal"`           // of the stage, as the cycle's definition names it
	Register   string          `json:"register"`        // edition that attendance is held against; "" where none was recorded
	Attendance []Attendee      `json:"attendance"`      // whom the forum expects, by code
	Lists      []MinutesList   `json:"lists"`           // final lists that stand
	Agreed     []MinutesItem   `json:"agreed"`          // by OPD, then in the order of the list
	NotAgreed  []MinutesItem   `json:"not_agreed"`      // each with its reason, in the same order
	Joined     []MinutesItem   `json:"joined"`          // merged, split, undone, handed on
	Heard      []MinutesItem   `json:"heard"`           // what an OPD leans to, without a decision
	Covers     []string        `json:"covers"`          // numbers of all proposals above
	Anchor     string          `json:"anchor,omitzero"` // signed checkpoint of the log that was printed when it was issued
	Issued     []MinutesStatus `json:"issued"`          // berita acara that were issued, oldest first
}

// AnchorLines returns the lines of the checkpoint that is printed, none where
// none is.
func (m *MinutesPaper) AnchorLines() []string {
	if m.Anchor == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(m.Anchor, "\n"), "\n")
}

// A MinutesStatus is a berita acara that was issued.
type MinutesStatus struct {
	Number   string   `json:"number"`
	Digest   string   `json:"digest"`
	Annexes  []string `json:"annexes,omitempty"`
	Covers   int      `json:"covers"`
	Position int64    `json:"position"` // of the event that issued it
	Signed   bool     `json:"signed"`
	Signers  []string `json:"signers,omitempty"` // role@office
}

// An Attendee is one whom a forum expects, or who came besides.
type Attendee struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Came     bool   `json:"came"`
	Delegate bool   `json:"delegate,omitzero"` // somebody with a mandate came instead
	Channel  string `json:"channel,omitzero"`  // luring, daring
	Count    int    `json:"count,omitzero"`
	Women    int    `json:"women,omitzero"`
}

// A MinutesList is where the line of a final list fell.
type MinutesList struct {
	Name     string            `json:"name"`
	Scope    domain.Scope      `json:"scope"`
	ScopeOf  string            `json:"scope_name"`
	Limit    forum.Limit       `json:"limit"`
	Used     int64             `json:"used"`
	Cutoff   int               `json:"cutoff"`
	Of       int               `json:"of"`
	LastIn   string            `json:"last_in,omitzero"`
	FirstOut string            `json:"first_out,omitzero"`
	Criteria []forum.Criterion `json:"criteria,omitempty"`
}

// A MinutesItem is one proposal and what the forum did with it.
type MinutesItem struct {
	Number   string        `json:"number"`
	Title    string        `json:"title"`    // masked
	Place    string        `json:"place"`    // name of its village
	Location string        `json:"location"` // masked
	OPD      string        `json:"opd"`
	Office   string        `json:"office"` // name of the OPD
	Rank     int           `json:"rank,omitzero"`
	Score    int64         `json:"score,omitzero"` // thousandths of a point
	Volume   domain.Volume `json:"volume"`
	Amount   domain.Rupiah `json:"amount"`
	Change   string        `json:"change,omitzero"`  // why volume or amount differ, masked
	Leaning  string        `json:"leaning,omitzero"` // of what was heard
	Related  []string      `json:"related,omitempty"`
	Deed
}

// Minutes returns the berita acara of a forum: of number, as it was issued; of
// "", a draft of what there is. at bounds a draft to what was known at a
// position; 0 does not. It refuses a forum or a number that is not known.
func (p Papers) Minutes(ctx context.Context, id, number string, at int64) (*MinutesPaper, error) {
	stream := forum.Stream(id)
	read, err := p.Store.Streams(ctx, []string{stream})
	if err != nil {
		return nil, err
	}
	records := read[stream]
	if len(records) == 0 {
		return nil, domain.Refuse(domain.NotFound, "forum.unknown", "forum", stream, "year", "-")
	}
	anchor := ""
	if number != "" {
		r, e := issue(records, number)
		if e == nil {
			return nil, domain.Refuse(domain.NotFound, "forum.minutes_unknown", "number", number)
		}
		at = r.Position - 1
		if len(e.Anchor) > 0 {
			anchor = strings.Join(e.Anchor, "\n") + "\n"
		}
	}
	d, err := p.desk(ctx, records[0].Cycle, at)
	if err != nil {
		return nil, err
	}
	seq := event.Sequence(records, d.view)
	s := forum.Fold(seq)
	if s.Convened == nil {
		return nil, domain.Refuse(domain.NotFound, "forum.unknown", "forum", stream, "year", "-")
	}
	d.day = s.Convened.Date
	d.used(slices.DeleteFunc(slices.Clone(seq), isPaperwork))
	candidates, err := p.matters(ctx, d, stream)
	if err != nil {
		return nil, err
	}
	found, err := d.batch.lives(ctx, streamsOf(candidates))
	if err != nil {
		return nil, err
	}
	m := d.minutes(stream, s)
	m.Number, m.Anchor = number, anchor
	m.items(d, found, stream)
	m.Paper = d.paper()
	m.Issued = issued(records)
	return m, nil
}

// isPaperwork reports whether an event of a forum only tells of its papers.
func isPaperwork(r event.Record) bool {
	switch r.Event.(type) {
	case *forum.MinutesIssued, *forum.MinutesSigned, *forum.Closed:
		return true
	}
	return false
}

// issue returns the event that issued a berita acara, nil where there is none.
func issue(records []event.Record, number string) (event.Record, *forum.MinutesIssued) {
	for _, r := range records {
		if e, ok := r.Event.(*forum.MinutesIssued); ok && e.Number == number {
			return r, e
		}
	}
	return event.Record{}, nil
}

func issued(records []event.Record) []MinutesStatus {
	var out []MinutesStatus
	for _, x := range minutesOf(event.Sequence(records, event.View{})) {
		r, _ := issue(records, x.Number)
		out = append(out, MinutesStatus{Number: x.Number, Digest: x.Digest, Annexes: x.Annexes, Covers: len(x.Covers),
			Position: r.Position, Signed: x.Document != nil, Signers: x.Signers})
	}
	return out
}

// matters returns the proposals that may have been decided in a forum.
func (p Papers) matters(ctx context.Context, d *desk, stream string) ([]string, error) {
	var found []string
	position, err := reading(ctx, p.DB, "forums", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select number from read.forum_matters where stream = $1`, stream)
		if err == nil {
			found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	late, err := d.tail(ctx, position)
	if err != nil {
		return nil, err
	}
	found = append(found, late...)
	slices.Sort(found)
	return slices.Compact(found), nil
}

// minutes returns what the forum's own events say.
func (d *desk) minutes(stream string, s forum.State) *MinutesPaper {
	c := s.Convened
	m := &MinutesPaper{Forum: stream, Kind: c.Kind, Stage: c.Stage, StageTitle: d.stage(c.Stage), Scope: c.Scope, ScopeName: d.scope(c.Scope),
		Date: c.Date, Place: masked(c.Place), Chair: c.Chair}
	if stage := d.flow.Stages[c.Stage]; stage != nil {
		m.Legal = stage.Legal
	}
	if a := s.Attended; a != nil {
		m.Register = a.Register
		for _, x := range a.Present {
			m.Attendance = append(m.Attendance, Attendee{x.Code, d.anywhere(x.Code), true, x.Delegate, x.Channel, x.Count, x.Women})
		}
		for _, code := range a.Absent {
			m.Attendance = append(m.Attendance, Attendee{Code: code, Name: d.anywhere(code)})
		}
		slices.SortFunc(m.Attendance, func(a, b Attendee) int { return cmp.Compare(a.Code, b.Code) })
	}
	for _, l := range s.Final {
		m.Lists = append(m.Lists, MinutesList{l.List, l.Scope, d.scope(l.Scope), l.Limit, l.Used, l.Cutoff, len(l.Entries), l.LastIn, l.FirstOut, l.Criteria})
	}
	slices.SortFunc(m.Lists, func(a, b MinutesList) int { return cmp.Compare(a.Name, b.Name) })
	return m
}

// scope returns the name of the place or office that a scope bounds.
func (d *desk) scope(s domain.Scope) string {
	if s.Code == "" || s.Kind == domain.ScopeKabupaten {
		return d.cycle.Opened.Title
	}
	return d.anywhere(s.Code)
}

// items sorts the proposals by what the forum did with them. Of several things
// it decided on one the last counts; what it heard or joined stands beside that.
func (m *MinutesPaper) items(d *desk, found map[string]*life, stream string) {
	for _, number := range slices.Sorted(maps.Keys(found)) {
		l := found[number]
		var decided, joined, heard *event.Record
		for i, r := range l.seq {
			if !slices.Contains(forumsNamed(r.Event), stream) {
				continue
			}
			switch r.Event.(type) {
			case *proposal.Prioritized, *proposal.Agreed, *proposal.AcceptedByOPD, *proposal.BelowCutoff, *proposal.Rejected, *proposal.Deferred:
				decided = &l.seq[i]
			case *proposal.Merged, *proposal.Split, *proposal.MergeReversed, *proposal.Transferred, *proposal.Referred:
				joined = &l.seq[i]
			case *proposal.Responded:
				heard = &l.seq[i]
			}
		}
		for _, x := range []struct {
			record *event.Record
			into   *[]MinutesItem
		}{{decided, m.into(decided)}, {joined, &m.Joined}, {heard, &m.Heard}} {
			if x.record != nil {
				*x.into = append(*x.into, d.item(l, *x.record))
				m.Covers = append(m.Covers, number)
				d.bears(l)
			}
		}
	}
	for _, items := range [][]MinutesItem{m.Agreed, m.NotAgreed, m.Joined, m.Heard} {
		slices.SortFunc(items, func(a, b MinutesItem) int {
			return cmp.Or(cmp.Compare(a.OPD, b.OPD), compareRanks(a.Rank, b.Rank), cmp.Compare(a.Number, b.Number))
		})
	}
	slices.Sort(m.Covers)
	m.Covers = slices.Compact(m.Covers)
}

// compareRanks orders places; what has none comes last.
func compareRanks(a, b int) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0:
		return -1
	}
	return cmp.Compare(a, b)
}

// into returns the annex that a decision belongs to.
func (m *MinutesPaper) into(r *event.Record) *[]MinutesItem {
	if r != nil {
		switch r.Event.(type) {
		case *proposal.Prioritized, *proposal.Agreed, *proposal.AcceptedByOPD:
			return &m.Agreed
		}
	}
	return &m.NotAgreed
}

func (d *desk) item(l *life, r event.Record) MinutesItem {
	before := l.stateAfter(r)
	it := MinutesItem{Number: l.number, Title: masked(before.Title), Place: d.place(before.Village), Location: masked(before.Location),
		OPD: before.OPD, Office: d.office(before.OPD), Volume: before.Volume, Amount: before.Estimate, Deed: *d.deed(r)}
	place := func(x proposal.Ranking) {
		it.Rank, it.Score = x.Rank, x.Score
		if x.Amount != 0 {
			it.Amount = x.Amount
		}
	}
	switch e := r.Event.(type) {
	case *proposal.Prioritized:
		place(e.Ranking)
	case *proposal.Agreed:
		place(e.Ranking)
	case *proposal.BelowCutoff:
		place(e.Ranking)
	case *proposal.AcceptedByOPD:
		it.Volume, it.Amount, it.Change = e.Volume, e.Estimate, masked(e.Change)
	case *proposal.Merged:
		it.Related, it.Words = []string{e.Parent}, masked(e.Reason)
	case *proposal.MergeReversed:
		it.Words = masked(e.Reason)
		if e.Role != "parent" {
			it.Related = []string{e.Parent}
		}
	case *proposal.Split:
		it.Related, it.Words = e.Parts, masked(e.Reason)
	case *proposal.Transferred:
		it.Related, it.Words = []string{d.office(e.To)}, masked(e.Reason)
	case *proposal.Referred:
		it.Related, it.Ground = []string{e.Target}, domain.Mask(e.LegalGround).Masked
	case *proposal.Responded:
		it.Leaning, it.Words = e.Leaning, masked(e.Note)
	}
	it.Words = strings.TrimSpace(it.Words)
	return it
}

// stateAfter returns what a proposal was once an event had taken effect: a list
// is printed with what it decided on, not with what became of it since.
func (l *life) stateAfter(r event.Record) proposal.State {
	for i, x := range l.seq {
		if x.ID == r.ID {
			return proposal.Fold(l.seq[:i+1])
		}
	}
	return l.state
}
