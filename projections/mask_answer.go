package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// This file makes the answer to "why?" that anybody may read. It is explained
// from what was released alone: events that a release covers, and what the cycle
// and its forums had recorded by then. Then it is put together anew, by name, from
// what the policy allows; no words that people wrote and no conditions of the
// decision are in it.

// putAnswers writes the answers about what is shown.
func (p *publisher) putAnswers(ctx context.Context, v *seen, shown []*life) error {
	forums, err := p.forums(ctx, shown)
	if err != nil {
		return err
	}
	around := surroundings{forums: forums, years: p.years, then: map[heldAt][]event.Record{}}
	for _, l := range shown {
		may := v.policy(l.number).allows
		if !may("outcome") || !may("timeline") {
			continue
		}
		release := v.last(l.number, 0)
		x := history.Explain(history.Inquiry{Proposal: l.number, Charts: p.batch.charts, Streams: around.known(v, l, release.position)})
		p.out.Put(publicAnswers, l.number, asJSON(v.answer(x, release, may)))
	}
	return nil
}

// forums returns the histories of the forums that what is shown was decided in.
func (p *publisher) forums(ctx context.Context, shown []*life) (map[string][]event.Record, error) {
	named := map[string]bool{}
	for _, l := range shown {
		for _, r := range l.all {
			e, ok := r.Event.(proposal.Event)
			if !ok {
				continue
			}
			if f := proposal.ForumOf(e); strings.HasPrefix(f, forumStreams) {
				named[f] = true
			}
			if place, ok := proposal.PlaceOf(e); ok && strings.HasPrefix(place.List, forumStreams) {
				named[place.List[:strings.LastIndexByte(place.List, '/')]] = true
			}
		}
	}
	out := make(map[string][]event.Record, len(named))
	streams := make([]string, 0, len(named))
	for s := range named {
		streams = append(streams, s)
	}
	slices.Sort(streams)
	for some := range slices.Chunk(streams, 200) {
		read, err := p.batch.Histories(ctx, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, read)
	}
	return out, nil
}

// surroundings are the histories around proposals as they stood at releases.
// Many proposals were released together, and share them.
type surroundings struct {
	forums map[string][]event.Record
	years  map[int]*year
	then   map[heldAt][]event.Record
}

// heldAt names a stream up to a position.
type heldAt struct {
	stream   string
	position int64
}

// known returns what had been released, or was recorded around it by then, of a
// proposal and all it is tied to.
func (s *surroundings) known(v *seen, l *life, position int64) map[string][]event.Record {
	out := map[string][]event.Record{}
	for added := true; added; {
		added = false
		for _, name := range history.Sources(l.number, out) {
			added = true
			if number, ok := proposal.NumberOf(name); ok {
				out[name] = nil
				if kin := v.lives[number]; kin != nil {
					out[name] = kin.all
				}
				continue
			}
			out[name] = s.at(heldAt{name, position})
		}
	}
	return out
}

// at returns what a stream held at a moment, in the order of positions.
func (s *surroundings) at(m heldAt) []event.Record {
	if held, ok := s.then[m]; ok {
		return held
	}
	records := s.forums[m.stream]
	for _, y := range s.years {
		if y != nil && y.stream == m.stream {
			records = y.seq
		}
	}
	out := slices.DeleteFunc(slices.Clone(records), func(r event.Record) bool { return r.Position > m.position })
	slices.SortFunc(out, func(a, b event.Record) int { return cmp.Compare(a.Position, b.Position) })
	s.then[m] = out
	return out
}

// answer is an explanation as anybody may read it: as of a release, with nothing
// that the policy does not name.
func (v *seen) answer(x history.Explanation, release cover, may func(string) bool) history.Explanation {
	out := history.Explanation{
		Proposal: x.Proposal, Cycle: x.Cycle, AsOf: release.at, Known: release.position, Root: x.Root, EnteredLate: x.EnteredLate,
		Outcome: history.Fate(announced(x.Outcome)), Kind: x.Kind, LateHandover: x.LateHandover,
	}
	if may("stage") {
		out.Stage = x.Stage
	}
	if may("state") {
		out.State = x.State
	}
	if may("estimate") {
		out.Asked = x.Asked
	}
	if may("amounts") && may("estimate") {
		out.Granted = x.Granted
	}
	if d := x.Delivery; d != nil && may("progress") {
		out.Delivery = &history.Delivery{State: d.State, Physical: d.Physical, Financial: d.Financial}
	}
	for _, e := range x.Ends {
		if may("lineage") && v.lives[e.Proposal] != nil {
			out.Ends = append(out.Ends, history.End{Proposal: e.Proposal, Millionths: e.Millionths, Fate: history.Fate(announced(e.Fate))})
		}
	}
	for _, d := range x.Decisive {
		out.Decisive = append(out.Decisive, v.decided(d, may))
	}
	for _, d := range x.Won {
		out.Won = append(out.Won, v.decided(d, may))
	}
	for _, t := range x.Chain {
		if may("lineage") && v.lives[t.From] != nil && v.lives[t.To] != nil {
			siblings := slices.DeleteFunc(slices.Clone(t.Siblings), func(n string) bool { return v.lives[n] == nil })
			out.Chain = append(out.Chain, history.Tie{Kind: t.Kind, From: t.From, To: t.To, Siblings: siblings, Dropped: t.Dropped})
		}
	}
	if may("opd") && may("kecamatan") && may("village") {
		for _, c := range x.Custody {
			if !c.To.IsZero() {
				out.Custody = append(out.Custody, history.Custody{Holder: c.Holder, Stage: c.Stage, From: c.From, To: c.To, WorkingDays: c.WorkingDays})
			}
		}
	}
	out.NotTaken = x.NotTaken // the process is public
	if may("rank") && may("amounts") {
		for _, c := range x.WouldHave {
			out.WouldHave = append(out.WouldHave, history.Counterfactual{What: c.What, Was: c.Was, Need: c.Need, Unit: c.Unit})
		}
	}
	for _, next := range x.Later {
		if may("lineage") && v.lives[next.Proposal] != nil {
			out.Later = append(out.Later, history.Later{Proposal: next.Proposal, Cycle: next.Cycle, Outcome: history.Fate(announced(next.Outcome))})
		}
	}
	return out
}

// decided is a deciding act as anybody may read it.
func (v *seen) decided(d history.Deciding, may func(string) bool) history.Deciding {
	out := history.Deciding{Kind: d.Kind, Millionths: d.Millionths, Late: d.Late, Observed: d.Observed}
	out.Mention = history.Mention{Event: d.Event, Type: d.Type, Position: d.Position, Occurred: d.Occurred, Recorded: d.Recorded}
	out.Authority = history.Authority{Role: d.Authority.Role, Office: d.Authority.Office, Scope: d.Authority.Scope}
	if may("referral") {
		out.Authority.Elsewhere = d.Authority.Elsewhere
	}
	if v.lives[d.End] != nil && may("lineage") {
		out.End = d.End
	}
	if may("stage") {
		out.Stage = d.Stage
	}
	if r := d.Reason; r != nil && may("reason") {
		out.Reason = &history.Reason{Code: r.Code, Group: r.Group, Means: r.Means, Label: r.Label}
	}
	if f := d.Forum; f != nil && may("forum") {
		out.Forum = &history.Session{Kind: f.Kind, Date: f.Date, Scope: f.Scope, Signed: f.Signed}
	}
	if may("document") {
		for _, e := range d.Evidence {
			e.Digest = ""
			out.Evidence = append(out.Evidence, e)
		}
	}
	if w := d.Wait; w != nil && may("opd") && may("kecamatan") && may("village") {
		out.Wait = w
	}
	if m := d.Amended; m != nil {
		out.Amended = &history.Mention{Event: m.Event, Type: m.Type, Position: m.Position, Occurred: m.Occurred, Recorded: m.Recorded}
	}
	if c := d.Closing; c != nil {
		out.Closing = &history.Shutting{Window: c.Window, Scope: cycle.Wide(c.Scope), ClosesAt: c.ClosesAt, ClosedBy: c.ClosedBy}
	}
	if r := d.Ranking; r != nil && may("rank") {
		out.Ranking = &history.Placing{Rank: r.Rank, Of: r.Of, Cutoff: r.Cutoff, Margin: r.Margin, Score: r.Score, Behind: r.Behind}
		if may("amounts") {
			out.Ranking.Limit.Kind, out.Ranking.Limit.Value, out.Ranking.Used = r.Limit.Kind, r.Limit.Value, r.Used
		}
	}
	return out
}
