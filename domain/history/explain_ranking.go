package history

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

// A Placing is where a proposal stood on a final list, and where the line fell.
// All of it are facts of the list; nothing is ranked again.
type Placing struct {
	Mention         // the event that made the list final
	Forum    string `json:"forum"` // stream
	List     string `json:"list"`
	Proposal string `json:"proposal"` // that stood on it: the one asked about, or what it went into
	Rank     int    `json:"rank"`     // from 1
	Of       int    `json:"of"`
	Score    int64  `json:"score,omitzero"` // thousandths of a point
	Criteria []Mark `json:"criteria,omitempty"`
	Tie      string `json:"tie,omitzero"`    // by what it stands before the next one of the same score
	Behind   string `json:"behind,omitzero"` // by what the one before it, of the same score, stands before it
	Cutoff   int    `json:"cutoff"`          // how many are in
	LastIn   string `json:"last_in,omitzero"`
	FirstOut string `json:"first_out,omitzero"`

	Limit  forum.Limit   `json:"limit"`
	Used   int64         `json:"used"`            // of the limit, by those who are in
	Amount domain.Rupiah `json:"amount,omitzero"` // what the proposal counts against a ceiling
	// Margin is by how many ranks it is above the line; negative: below it.
	Margin    int  `json:"margin"`
	Corrected bool `json:"corrected,omitzero"` // a mistake of writing in the list was corrected

	entries []forum.Entry
}

// A Mark is one criterion's share of a score.
type Mark struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"` // hundredths
	Score  int64  `json:"score"`  // thousandths of a point
}

// placing returns the place that bore on a deciding event: the one it states
// itself, else the one the proposal held when the line was drawn.
func (x *explaining) placing(r event.Record, e proposal.Event, before map[string]proposal.State) *Placing {
	number, _ := proposal.NumberOf(r.Stream)
	place, states := proposal.PlaceOf(e)
	if !states {
		if closingOf(r).Kind != "rule" {
			return nil
		}
		place = before[number].Lists[e.Base().Stage]
	}
	stream, name, ok := cutLast(place.List)
	if !ok {
		return nil
	}
	f := x.forum(stream)
	made, list := f.Made[name], f.List(name)
	if list == nil {
		x.gap("list_unheld", place.List)
		return &Placing{Forum: stream, List: name, Proposal: number, Rank: place.Rank, Of: place.Of, Score: place.Score, Cutoff: place.Cutoff, Amount: place.Amount, Margin: margin(place.Rank, place.Cutoff)}
	}
	p := &Placing{
		Mention: MentionOf(made), Forum: stream, List: name, Proposal: number, Rank: place.Rank, Of: len(list.Entries), Score: place.Score,
		Cutoff: list.Cutoff, LastIn: list.LastIn, FirstOut: list.FirstOut, Limit: list.Limit, Used: list.Used, Amount: place.Amount,
		entries: list.Entries, Corrected: list != made.Event,
	}
	if i := slices.IndexFunc(list.Entries, func(e forum.Entry) bool { return e.Proposal == number }); i >= 0 {
		entry := list.Entries[i]
		p.Rank, p.Score, p.Amount, p.Tie = i+1, entry.Score, entry.Amount, entry.Tie
		if i > 0 && entry.Score != 0 && list.Entries[i-1].Score == entry.Score {
			p.Behind = list.Entries[i-1].Tie
		}
		for j, c := range list.Criteria {
			if j < len(entry.Scores) {
				p.Criteria = append(p.Criteria, Mark{c.Name, c.Weight, entry.Scores[j]})
			}
		}
	}
	p.Margin = margin(p.Rank, p.Cutoff)
	return p
}

func margin(rank, cutoff int) int { return cutoff - rank }

// cutLast splits "forum-…/L1" into the forum's stream and the list.
func cutLast(list string) (stream, name string, ok bool) {
	i := strings.LastIndexByte(list, '/')
	if i < 0 {
		return "", "", false
	}
	return list[:i], list[i+1:], true
}

// A Counterfactual is what would have put the proposal above the line, all else
// as it was: a limit of so much, more points, or a lower cost.
type Counterfactual struct {
	What string `json:"what"` // ceiling, quota, score or cost
	Was  int64  `json:"was"`
	Need int64  `json:"need"` // the least, or of a cost the most, that would have done
	Unit string `json:"unit"` // rupiah, proposals or thousandths
	List string `json:"list"` // "forum-…/L1"
}

// wouldHave asks forum.Cut itself what would have got a proposal in.
func wouldHave(p *Placing) []Counterfactual {
	i := p.Rank - 1
	if p.Margin >= 0 || i < 0 || i >= len(p.entries) || p.Limit.Kind == forum.LimitNone {
		return nil
	}
	if slices.ContainsFunc(p.entries[:i+1], func(e forum.Entry) bool { return e.Reason != "" }) {
		return nil // it is out, or one before it, for a reason that no limit and no score would mend
	}
	var out []Counterfactual
	add := func(what string, was, need int64, unit string) {
		out = append(out, Counterfactual{what, was, need, unit, p.Forum + "/" + p.List})
	}
	var all int64
	for _, e := range p.entries[:i+1] {
		all += weigh(e, p.Limit)
	}
	switch p.Limit.Kind {
	case forum.LimitQuota:
		add("quota", p.Limit.Value, all, "proposals")
	case forum.LimitCeiling:
		add("ceiling", p.Limit.Value, all, "rupiah")
		if left := p.Limit.Value - (all - int64(p.entries[i].Amount)); left > 0 {
			add("cost", int64(p.entries[i].Amount), left, "rupiah")
		}
	}
	if score, ok := enough(p, i); ok {
		add("score", p.Score, score, "thousandths")
	}
	return out
}

func weigh(e forum.Entry, l forum.Limit) int64 {
	if l.Kind == forum.LimitCeiling {
		return int64(e.Amount)
	}
	return 1
}

// enough returns the lowest score above that of an entry further up with which
// entry i would have been in, the others where they are.
func enough(p *Placing, i int) (int64, bool) {
	if p.entries[i].Score == 0 {
		return 0, false // the list was not ranked by scores
	}
	best, own := -1, weigh(p.entries[i], p.Limit)
	var used int64
	for above, e := range p.entries[:i] {
		if used > p.Limit.Value {
			break // whoever stands this far down is out
		}
		if used+own <= p.Limit.Value {
			best = above
		}
		used += weigh(e, p.Limit)
	}
	if best < 0 {
		return 0, false
	}
	return p.entries[best].Score + 1, true
}

// A Contribution is an earlier event that bore on the decision. Pivotal says
// whether the decision would have been another without it; it is absent where
// no rule could tell.
type Contribution struct {
	Mention
	What    string `json:"what"`             // ceiling_set, ceiling_later, quota_set, quota_later, list_superseded, merged, transferred, returned, returned_late …
	Was     int64  `json:"was,omitzero"`     // of a limit: before
	Is      int64  `json:"is,omitzero"`      // and after
	From    string `json:"from,omitzero"`    // of a transfer, an office; of a merge, the component
	To      string `json:"to,omitzero"`      //
	Pivotal *bool  `json:"pivotal,omitzero"` //
}

// contribute tells what bore on a deciding act.
func (x *explaining) contribute(d *Deciding) {
	if p := d.Ranking; p != nil {
		x.limits(p)
		x.superseded(p)
		x.out.WouldHave = append(x.out.WouldHave, wouldHave(p)...)
	}
	for _, number := range append([]string{x.Proposal}, x.into(d.End)...) {
		for _, r := range event.Sequence(x.Streams[proposal.Stream(number)], x.View) {
			if r.ID == d.Event || r.Effective().After(d.Occurred.Effective(d.Recorded)) {
				break
			}
			x.contributes(r, number)
		}
	}
}

func (x *explaining) contributes(r event.Record, number string) {
	c := Contribution{Mention: MentionOf(r)}
	switch e := r.Event.(type) {
	case *proposal.Merged:
		c.What, c.From, c.To = "merged", number, e.Parent
	case *proposal.Split:
		c.What, c.From = "split", number
	case *proposal.Transferred:
		c.What, c.From, c.To = "transferred", e.From, e.To
	case *proposal.OfficeChanged:
		c.What, c.From, c.To = "office_changed", e.From, e.To
	case *proposal.Relocated:
		c.What, c.From, c.To = "relocated", e.From, e.To
	case *proposal.Returned:
		c.What = "returned"
	case *proposal.Referred:
		c.What, c.To = "referred", e.Target
	case *proposal.Reinstated:
		c.What = "reinstated"
	case *proposal.SubmittedLate:
		c.What = "submitted_late"
	case *proposal.AmountRevised:
		c.What, c.Was, c.Is = "amount_revised", int64(e.Old), int64(e.New)
	default:
		return
	}
	if !slices.ContainsFunc(x.out.Contributing, func(o Contribution) bool { return o.Event == c.Event }) {
		x.out.Contributing = append(x.out.Contributing, c)
	}
}

// limits tells what set the limit of a list, and whether the proposal would have
// been in under the one before; and what changed it later, when the list was final
// and was not made again.
func (x *explaining) limits(p *Placing) {
	source, err := uuid.Parse(p.Limit.Source)
	if err != nil {
		return
	}
	var set limit
	for _, r := range event.Sequence(x.Streams[cycle.Stream(x.out.Cycle)], x.View) {
		l, ok := limitOf(r)
		switch {
		case !ok:
		case r.ID == source:
			set = l
			c := Contribution{Mention: MentionOf(r), What: l.what + "_set", Was: l.was, Is: l.is}
			if c.Was > 0 && len(p.entries) > 0 {
				c.Pivotal = new(p.Margin < 0 && p.under(c.Was))
			}
			x.out.Contributing = append(x.out.Contributing, c)
		case set.what == l.what && set.stage == l.stage && set.scope == l.scope && !r.Effective().Before(p.Occurred.Effective(p.Recorded)):
			x.out.Contributing = append(x.out.Contributing, Contribution{Mention: MentionOf(r), What: l.what + "_later", Was: p.Limit.Value, Is: l.is})
		}
	}
}

// under reports whether the proposal would have been in under another limit.
func (p *Placing) under(value int64) bool {
	in, _, _, _ := forum.Cut(p.entries, forum.Limit{Kind: p.Limit.Kind, Value: value})
	return p.Rank <= in
}

// A limit is what an event of a cycle says of one.
type limit struct {
	what, stage string
	scope       domain.Scope
	was, is     int64
}

func limitOf(r event.Record) (limit, bool) {
	switch e := r.Event.(type) {
	case *cycle.CeilingSet:
		return limit{"ceiling", e.Stage, e.Scope, int64(e.Old), int64(e.Amount)}, true
	case *cycle.QuotaSet:
		return limit{"quota", e.Stage, e.Scope, int64(e.Old), int64(e.Count)}, true
	}
	return limit{}, false
}

// superseded tells of a list that this one took the place of, and whether the
// proposal had been in on it.
func (x *explaining) superseded(p *Placing) {
	f := x.forum(p.Forum)
	list := f.List(p.List)
	if list == nil {
		return
	}
	old := f.List(list.Supersedes)
	if old == nil {
		return
	}
	made := f.Made[list.Supersedes]
	was := slices.IndexFunc(old.Entries, func(e forum.Entry) bool { return e.Proposal == p.Proposal }) + 1
	pivotal := was > 0 && was <= old.Cutoff && p.Margin < 0
	x.out.Contributing = append(x.out.Contributing, Contribution{
		Mention: MentionOf(made), What: "list_superseded", Was: int64(was), Is: int64(p.Rank), Pivotal: &pivotal,
	})
}

// into returns the proposals between the one asked about and a leaf, the leaf
// last, without the first.
func (x *explaining) into(leaf string) []string {
	var found []string
	var walk func(number string, way []string)
	walk = func(number string, way []string) {
		if found != nil || len(way) > len(x.last.states) {
			return
		}
		if number == leaf {
			found = slices.Clone(way)
			return
		}
		p := x.last.states[number]
		if p.Parent != "" {
			walk(p.Parent, append(slices.Clip(way), p.Parent))
		}
		for _, part := range p.Parts {
			walk(part, append(slices.Clip(way), part))
		}
	}
	walk(x.Proposal, []string{})
	return found
}
