package projections

import (
	"context"
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
)

// This file decides which facts of what was released are shown. Everything is
// put in by name; what is not named here does not get out.

func (p *publisher) putProposal(v *seen, l *life, o outcome) {
	may, s := v.policy(l.number).allows, l.state
	x := PublicProposal{Number: l.number, Cycle: s.Cycle, Origin: s.Origin}
	if may("lane") {
		x.Lane = s.Lane
	}
	if may("village") {
		x.Village = s.Village
	}
	if may("kecamatan") {
		x.Kecamatan = s.Kecamatan()
	}
	if may("opd") {
		x.OPD = s.OPD
	}
	if may("kamus") {
		x.Kamus = s.Kamus
	}
	if may("title") {
		x.Title = domain.Mask(s.Title.String()).Masked
	}
	if may("basic_service") {
		x.Basic = s.BasicService
	}
	if may("state") {
		x.State, x.Since = s.At, l.since()
	}
	if may("stage") {
		x.StateStage = l.stage(l.node.Stage)
	}
	if may("outcome") {
		x.Fate, x.Kind = announced(o.fate), o.kind
	}
	if may("reason") {
		x.Reason = o.reason
	}
	if may("estimate") {
		x.Asked, x.Estimate = s.Asked, s.Estimate
	}
	if may("amounts") {
		x.Accepted, x.Granted = s.Accepted, s.Granted()
	}
	if may("volume") {
		x.Volume = s.Volume
	}
	if may("rank") {
		rank, _ := lastRank(l)
		x.Rank, x.RankOf, x.Cutoff = rank.Rank, rank.Of, rank.Cutoff
	}
	if may("lineage") {
		shown, hidden := v.relatives(l)
		x.Hidden = hidden
		if slices.Contains(shown, s.Parent) {
			x.Parent = s.Parent
		}
		for _, c := range s.Components {
			if v.lives[c.Child] != nil {
				x.Children++
			}
		}
	}
	since := x.Since
	if since.IsZero() {
		since = l.entered()
	}
	release := v.last(l.number, 0)
	p.out.Put(publicProposals, x.Number, x.Cycle, string(x.Lane), x.Origin, x.Village, x.Kecamatan, x.OPD, x.Kamus, x.Title, x.Basic,
		string(x.State), x.StateStage, since, x.Fate, x.Kind, x.Reason, int64(x.Asked), int64(x.Estimate), int64(x.Accepted), int64(x.Granted),
		x.Volume.Amount, x.Volume.Unit, x.Rank, x.RankOf, x.Cutoff, x.Parent, x.Children, x.Hidden, release.at, release.position, release.name,
		l.last().RecordedAt, searchable(x.Title+" "+wordsOf(x.Number)))
}

// announced returns a fate as the public sees it: what is not over may have been
// decided since, so that it is not said to be waiting.
func announced(f history.Fate) string {
	switch f {
	case history.Pending, history.Unknown:
		return FateUnannounced
	}
	return string(f)
}

// relatives returns the numbers of released proposals that the events shown of l
// name, and how many they name that were not released.
func (v *seen) relatives(l *life) (shown []string, hidden int) {
	told := make(map[string]bool)
	for number := range named(l.all, true) {
		if told[number] {
			continue
		}
		told[number] = true
		if v.lives[number] != nil {
			shown = append(shown, number)
		} else {
			hidden++
		}
	}
	slices.Sort(shown)
	return shown, hidden
}

// sessions returns the forums that the steps to be shown were taken in, where
// that may be told.
func (p *publisher) sessions(ctx context.Context, v *seen, due []string) (map[string]*PublicForum, error) {
	var streams []string
	for _, number := range due {
		l := v.lives[number]
		if l == nil || !v.policy(number).allows("forum") {
			continue
		}
		for _, r := range l.all {
			if f := statements(r.Event).forum; strings.HasPrefix(f, forumStreams) {
				streams = append(streams, f)
			}
		}
	}
	slices.Sort(streams)
	out := make(map[string]*PublicForum)
	for some := range slices.Chunk(slices.Compact(streams), 200) {
		histories, err := p.batch.Histories(ctx, some)
		if err != nil {
			return nil, err
		}
		for stream, records := range histories {
			if e, ok := records[0].Event.(*forum.Convened); ok {
				out[stream] = &PublicForum{e.Kind, e.Scope, e.Date}
			}
		}
	}
	return out, nil
}

func (p *publisher) putSteps(v *seen, l *life, sessions map[string]*PublicForum) {
	may := v.policy(l.number).allows
	if !may("timeline") {
		return
	}
	for _, s := range l.steps() {
		x := PublicStep{
			Position: s.Position, Event: s.Event.String(), Number: s.Number, Type: s.Type, Effective: s.Effective, Recorded: s.Recorded,
			Role: s.Role, Office: s.Office, Kind: s.Kind, Observed: s.Observed != nil, Late: s.Late, Corrected: s.Corrected,
			Holder: s.Holder, CouldAct: s.CouldAct,
		}
		if may("state") {
			x.From, x.To = s.From, s.To
		}
		if may("stage") {
			x.Stage = s.Stage
		}
		if may("reason") {
			x.Reason = s.Reason
		}
		if may("rank") {
			x.Rank = s.Rank
		}
		if may("forum") {
			x.Forum = sessions[s.Forum]
		}
		if may("lineage") {
			for _, number := range s.Link {
				if v.lives[number] != nil {
					x.Link = append(x.Link, number)
				} else {
					x.Hidden++
				}
			}
		}
		if may("document") {
			for _, d := range s.Docs {
				x.Docs = append(x.Docs, PublicDocument{d.Kind, d.Number, d.Date})
			}
		}
		for _, c := range s.Changes {
			if c, ok := v.change(c, may); ok {
				x.Changes = append(x.Changes, c)
			}
		}
		for _, f := range s.Facts {
			if field := openFacts[s.Type+" "+f.Name]; field != "" && may(field) {
				x.Facts = append(x.Facts, f)
			}
		}
		p.out.Put(publicSteps, x.Position, x.Number, x.Effective, x.Type, proposal.Year(l.number), v.since(l.number, x.Position), asJSON(x))
	}
}

// openFacts are the values of events that may be shown, each with the field of
// the policy that allows it. All of them are codes and numbers.
var openFacts = map[string]string{
	"proposal.referred target":              "referral",
	"proposal.referral_answered answer":     "referral",
	"proposal.funded source":                "source_of_funds",
	"proposal.financed_elsewhere source":    "source_of_funds",
	"proposal.financed_elsewhere mode":      "outcome",
	"proposal.progress_reported physical":   "progress",
	"proposal.progress_reported financial":  "progress",
	"proposal.completed physical":           "progress",
	"proposal.completed financial":          "progress",
	"proposal.unfinished physical":          "progress",
	"proposal.unfinished financial":         "progress",
	"proposal.verified kind":                "timeline",
	"proposal.verified result":              "timeline",
	"proposal.recommended level":            "timeline",
	"proposal.recommended result":           "timeline",
	"proposal.objection_answered result":    "outcome",
	"proposal.accepted_by_opd sub_kegiatan": "sub_kegiatan",
}

// openChanges are the facts of a proposal whose old and new value may be shown.
var openChanges = map[string]string{
	"title": "title", "village": "village", "opd": "opd", "kamus": "kamus", "sub_kegiatan": "sub_kegiatan", "basic_service": "basic_service",
	"issues": "issues", "volume": "volume", "estimate": "estimate", "accepted": "amounts", "rkpd": "amounts", "ppas": "amounts", "granted": "amounts",
	"parent": "lineage", "component": "lineage",
}

// change returns a change as far as it may be shown.
func (v *seen) change(c Change, may func(string) bool) (Change, bool) {
	field, of, _ := strings.Cut(c.Field, ":")
	if needs := openChanges[field]; needs == "" || !may(needs) {
		return c, false
	}
	switch field {
	case "title":
		c.Old, c.New = domain.Mask(c.Old).Masked, domain.Mask(c.New).Masked
	case "component":
		return c, v.lives[of] != nil
	case "parent":
		for _, number := range []*string{&c.Old, &c.New} {
			if *number != "" && v.lives[*number] == nil {
				*number = FateUnannounced
			}
		}
	}
	return c, true
}

func (p *publisher) putEdges(v *seen, l *life) {
	if !v.policy(l.number).allows("lineage") {
		return
	}
	for _, e := range v.edges(l) {
		if v.lives[e.From] != nil && v.lives[e.To] != nil {
			weight, of := e.Weight, e.Of
			if !v.policy(l.number).allows("estimate") {
				weight, of = 0, 0
			}
			p.out.Put(publicEdges, l.number, e.From, e.To, e.Kind, weight, of, e.Ended)
		}
	}
}

// putAccounts writes the shares of what is shown. Where a policy keeps back a
// part of what sums are made of, it keeps back all that would not add up.
func (p *publisher) putAccounts(v *seen, shown []*life) {
	for a := range v.accounts(shown) {
		may := v.policy(a.owner).allows
		money := may("estimate") && may("amounts") && may("outcome")
		headline := FateUnannounced
		if may("outcome") {
			headline = announced(a.Headline)
		}
		var lane, village, kecamatan, basic string
		if may("lane") {
			lane = string(a.Lane)
		}
		if may("village") {
			village = a.Village
		}
		if may("kecamatan") {
			kecamatan = a.Kecamatan()
		}
		if may("basic_service") {
			basic = a.basic
		}
		rupiah := func(r domain.Rupiah) int64 {
			if money {
				return int64(r)
			}
			return 0
		}
		if a.Root == history.Origin {
			p.out.Put(publicOrigins, a.Number, a.Cycle, lane, village, kecamatan, basic, rupiah(a.Asked), rupiah(a.granted()), headline)
		} else if v.lives[a.Number] == nil {
			continue // it would name who was not released
		}
		for i, s := range a.parts {
			fate, kind, reason, stage, opd := FateUnannounced, "", "", "", ""
			reached := []string{}
			if may("outcome") {
				fate, kind = announced(s.Fate), s.kind
			}
			if may("reason") {
				reason = s.reason
			}
			if may("stage") {
				stage, reached = s.stage, s.reached
			}
			if may("opd") {
				opd = s.OPD
			}
			p.out.Put(publicShares, a.owner, a.Number, s.Leaf, string(a.Root), a.Cycle, lane, village, kecamatan, basic, headline, a.merged && may("lineage"),
				opd, fate, kind, reason, stage, reached, s.Part.String(), s.Millionths, rupiah(s.Asked), rupiah(s.Granted), rupiah(s.Cut), rupiah(s.Uplift), rupiah(s.Moved),
				one(i == 0 && a.Root == history.Origin), one(may("outcome") && i == a.losing()))
		}
	}
}

// publicCycleOf returns what anybody may know of a cycle: its calendar from the
// start, and documents once something after them was released to all.
func publicCycleOf(y year) PublicCycle {
	o := y.opened()
	c := PublicCycle{Year: y.state.Year, Practice: o.Practice, Demo: o.Demo, Title: o.Title, Kabupaten: o.Kabupaten, Zone: o.Zone,
		Opened: y.state.OpenedAt, Closed: y.state.IsClosed}
	if y.state.Policy != nil {
		c.Fields = slices.Clone(y.state.Policy.Fields)
		slices.Sort(c.Fields)
	}
	for _, w := range windowsOf(y) {
		c.Windows = append(c.Windows, PublicWindow{w.Window, w.Scope, w.OpensAt, w.ClosesAt, w.Shut})
	}
	var released int64
	for _, r := range y.state.Released {
		c.Releases = append(c.Releases, PublicRelease{r.Scope, r.Stage, r.At, r.Position})
		if cycle.Wide(r.Scope).Kind == domain.ScopeKabupaten {
			released = max(released, r.Position)
		}
	}
	for _, d := range yearDetailOf(y).Documents {
		if d.Position <= released {
			c.Documents = append(c.Documents, PublicAdopted{d.Kind, PublicDocument{d.Document.Kind, d.Document.Number, d.Document.Date}, d.Lines, d.Total})
		}
	}
	return c
}
