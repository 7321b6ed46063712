package projections

import (
	"context"
	"slices"
	"time"

	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

// proposalsModel is what each proposal is now, for lists and pages.
var proposalsModel = Projection{
	Name: "proposals", Version: 2, Streams: []string{proposals, "cycle-"},
	Tables: `
create table proposals (
    number      text collate "C" not null,
    cycle       int              not null, -- fiscal year
    lane        text collate "C" not null,
    origin      boolean          not null,
    village     text collate "C" not null, -- kode wilayah
    kecamatan   text collate "C" not null, -- kode wilayah
    opd         text collate "C" not null,
    kamus       text collate "C" not null,
    title       text             not null, -- masked
    basic       text collate "C" not null, -- basic service
    state       text collate "C" not null,
    state_stage text collate "C" not null, -- of an end: the stage it ended in
    since       timestamptz      not null,
    fate        text collate "C" not null, -- of what is merged or split: that of its heirs
    kind        text collate "C" not null, -- of a fate that is lost: act, rule, omission, withdrawal
    reason      text collate "C" not null,
    due         text collate "C" not null, -- local day
    contested   boolean          not null,
    missing     boolean          not null,
    asked       bigint           not null, -- rupiah, like the next three
    estimate    bigint           not null,
    accepted    bigint           not null,
    granted     bigint           not null,
    volume      text             not null,
    unit        text             not null,
    priority    int              not null,
    rank        int              not null,
    rank_of     int              not null,
    cutoff      int              not null,
    rank_stage  text collate "C" not null,
    parent      text collate "C" not null,
    whole       text collate "C" not null,
    children    int              not null,
    parts       int              not null,
    previous    text collate "C" not null,
    next        text collate "C" not null,
    version     int              not null,
    position    bigint           not null, -- of its last event
    changed     timestamptz      not null, -- when that was recorded
    entered     timestamptz      not null, -- effective time of its first event
    observed    boolean          not null,
    detail      jsonb            not null, -- what only its own page shows
    words       text             not null,
    ` + proposalSearch + `
);
create table proposal_counts ( -- of proposals, for lists to say how many there are
    cycle       int              not null,
    lane        text collate "C" not null,
    kecamatan   text collate "C" not null,
    opd         text collate "C" not null,
    state_stage text collate "C" not null,
    state       text collate "C" not null,
    fate        text collate "C" not null,
    reason      text collate "C" not null,
    origin      boolean          not null,
    contested   boolean          not null,
    n           bigint           not null,
    asked       bigint           not null
);
create table proposal_years (
    stream   text collate "C" not null,
    cycle    int              not null,
    demo     boolean          not null,
    practice boolean          not null
);`,
	Indexes: `
alter table proposals add primary key (number);
alter table proposal_years add primary key (stream);
create index on proposal_years (cycle);
create index on proposals (cycle, kecamatan);
create index on proposals (cycle, village);
create index on proposals (cycle, opd, state);
create index on proposals (cycle, state);
create index on proposals (cycle, state_stage);
create index on proposals (cycle, lane);
create index on proposals (cycle, fate);
create index on proposals (cycle, reason);
create index on proposals (cycle, since, number);
create index on proposals (cycle, changed desc, number);
create index on proposals (cycle, asked desc, number);
create index on proposals (cycle) where contested;
create index on proposals using gin (search);` + proposalTally.kept(),
	Fold: foldProposals,
}

var (
	proposalRows = &Table{Name: "proposals", Key: "number", Owner: "number",
		Columns: "number, cycle, lane, origin, village, kecamatan, opd, kamus, title, basic, state, state_stage, since, fate, kind, reason, due, contested, missing, asked, estimate, accepted, granted, volume, unit, priority, rank, rank_of, cutoff, rank_stage, parent, whole, children, parts, previous, next, version, position, changed, entered, observed, detail, words"}
	proposalTally = tally{Name: "proposal_counts", Of: "proposals", Sums: "asked",
		By: "cycle, lane, kecamatan, opd, state_stage, state, fate, reason, origin, contested"}
	proposalYears = &Table{Name: "proposal_years", Key: "stream", Owner: "stream", Columns: "stream, cycle, demo, practice"}
)

func foldProposals(ctx context.Context, b *Batch, w *Writer) error {
	years, err := b.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		w.Put(proposalYears, y.stream, y.state.Year, y.opened().Demo, y.opened().Practice)
	}
	return b.families(ctx, w, func(k *kinship, due []*life) {
		fates := k.fates()
		for _, l := range due {
			putProposal(w, l, fates[l.number])
		}
	})
}

// An outcome is what became of a proposal, and why where it is lost.
type outcome struct {
	fate   history.Fate
	kind   string
	reason string
}

// fates returns what became of every proposal: of a leaf by itself, of what is
// merged or split by its heirs.
func (k *kinship) fates() map[string]outcome {
	out := make(map[string]outcome, len(k.numbers))
	for a := range k.lineage.Accounts() {
		l := k.lives[a.Number]
		if a.Root != history.Origin || l == nil {
			continue
		}
		o := outcome{fate: a.Headline}
		heir := l
		for i, largest := 0, int64(-1); i < len(a.Shares); i++ {
			s := a.Shares[i]
			if matches := s.Fate == a.Headline || a.Headline == history.Partly && s.Fate != history.Funded; matches && s.Millionths > largest {
				largest = s.Millionths
				o.kind, o.reason = k.why(s)
				heir = k.lives[s.Leaf]
			}
		}
		if heir == l && o.reason == "" {
			o.reason = verdict(l).reason
		}
		out[a.Number] = o
	}
	for _, number := range k.numbers {
		if _, done := out[number]; !done {
			out[number] = k.heirs(number, 0)
		}
	}
	return out
}

// why returns how and for which reason a share was lost.
func (k *kinship) why(s history.Share) (kind, reason string) {
	leaf := k.lives[s.Leaf]
	if leaf == nil || !lost(s.Fate) {
		return "", ""
	}
	if s.Fate == history.Dropped && leaf.node.Fate == "" { // a component that was given weight 0
		for n := range k.lineage.Edges() {
			if n.Kind == history.MergedInto && n.From == s.Leaf && n.Weighed == s.Dropped {
				return string(history.ByAct), componentReason(k.lives[n.To], s)
			}
		}
		return string(history.ByAct), ""
	}
	v := verdict(leaf)
	return v.kind, v.reason
}

// componentReason returns the reason a component was dropped for.
func componentReason(parent *life, s history.Share) string {
	if parent == nil {
		return ""
	}
	for _, r := range parent.seq {
		if r.ID != s.Dropped {
			continue
		}
		for _, c := range componentsOf(r.Event) {
			if c.Child == s.Leaf {
				return c.Reason
			}
		}
	}
	return ""
}

// heirs returns the outcome of what is no origin: its own, that of its parent,
// or that of the greatest of its parts.
func (k *kinship) heirs(number string, depth int) outcome {
	l := k.lives[number]
	if l == nil {
		return outcome{fate: history.Unknown}
	}
	if l.node.Fate != "" || depth > 8 {
		v := verdict(l)
		return outcome{l.node.Fate, v.kind, v.reason}
	}
	if p := l.state.Parent; p != "" {
		return k.heirs(p, depth+1)
	}
	var best outcome
	var most int64
	for i, part := range l.state.Parts {
		if i < len(l.state.Weights) && l.state.Weights[i] > most {
			most, best = l.state.Weights[i], k.heirs(part, depth+1)
		}
	}
	return best
}

func lost(f history.Fate) bool {
	return f == history.Dropped || f == history.Deferred || f == history.Cancelled || f == history.Withdrawn
}

func putProposal(w *Writer, l *life, o outcome) {
	s := l.state
	rank, rankStage := lastRank(l)
	due, contested := dueOf(l)
	last := l.last()
	w.Put(proposalRows, l.number, s.Cycle, string(s.Lane), s.Origin, s.Village, s.Kecamatan(), s.OPD, s.Kamus, s.Title.String(), s.BasicService,
		string(s.At), l.stage(l.node.Stage), l.since(), string(o.fate), o.kind, o.reason, due, contested, missingOf(l),
		int64(s.Asked), int64(s.Estimate), int64(s.Accepted), int64(s.Granted()), s.Volume.Amount, s.Volume.Unit, s.Priority,
		rank.Rank, rank.Of, rank.Cutoff, rankStage, s.Parent, s.Whole, len(s.Components), len(s.Parts), s.Previous, s.Next,
		last.Version, last.Position, last.RecordedAt, l.entered(), l.observed(), asJSON(detailOf(l)), searchable(s.Title.String()+" "+wordsOf(l.number)))
}

// detailOf returns what only a proposal's own page shows.
func detailOf(l *life) Detail {
	s := l.state
	d := Detail{
		Problem: s.Problem.String(), Description: s.Description.String(), Location: s.Location.String(), Point: s.Point,
		Issues: s.Issues, Attachments: s.Attachments, Offices: s.Offices, Hops: s.Hops, Verified: s.Verified, SubKegiatan: s.SubKegiatan,
		PartNumbers: s.Parts, PartWeights: s.Weights, Lists: s.Lists, Included: s.Included, Lines: s.Lines,
		Definition: l.last().Definition,
	}
	for _, c := range s.Components {
		d.Components = append(d.Components, Component{c.Child, c.Village, c.Location.String(), c.Volume, c.Estimate, c.Weight, c.Reason})
	}
	for _, r := range l.seq {
		switch e := r.Event.(type) {
		case *proposal.Recommended:
			if d.Levels == nil {
				d.Levels = make(map[string]Recommendation)
			}
			d.Levels[e.Level] = Recommendation{e.Result, e.Volume, e.Amount, e.Note.String()}
		default:
			if _, text := reasonOf(r.Event); text != "" {
				d.Words = text
			}
		}
	}
	return d
}

// A ruling is the reason of the event that brought a proposal where it is.
type ruling struct{ kind, reason string }

// verdict returns it; nothing for what is on its way without one.
func verdict(l *life) ruling {
	for _, r := range slices.Backward(l.seq) {
		if r.ID != l.state.Last {
			continue
		}
		code, _ := reasonOf(r.Event)
		v := ruling{reason: code}
		if l.node.Fate == "" || lost(l.node.Fate) {
			v.kind = kindOf(r.Event)
		}
		return v
	}
	return ruling{}
}

// kindOf returns how an event that ends a proposal does so.
func kindOf(e any) string {
	switch e := e.(type) {
	case *proposal.Withdrawn:
		return string(history.ByWithdrawal)
	case *proposal.Lapsed:
		return e.Kind
	case *proposal.LeftOut:
		if e.Kind != "" {
			return e.Kind
		}
	case *proposal.BelowCutoff:
		return string(history.ByRule)
	case *proposal.Merged, *proposal.Split, *proposal.MergeReversed:
		return ""
	}
	return string(history.ByAct)
}

// reasonOf returns the reason code of an event, and its reason in words.
func reasonOf(e any) (code, text string) {
	switch e := e.(type) {
	case *proposal.Returned:
		return e.Reason, e.Note.String()
	case *proposal.Rejected:
		return e.Reason, e.Text.String()
	case *proposal.Deferred:
		return e.Reason, e.Text.String()
	case *proposal.BelowCutoff:
		return e.Reason, ""
	case *proposal.ReferralAnswered:
		return e.Reason, e.Note.String()
	case *proposal.LeftOut:
		return e.Reason, e.Text.String()
	case *proposal.Lapsed:
		return e.Reason, ""
	case *proposal.Cancelled:
		return e.Reason, e.Text.String()
	case *proposal.FinancedElsewhere:
		return e.Reason, ""
	case *proposal.Withdrawn:
		return e.Reason, e.Text.String()
	}
	return "", ""
}

// componentsOf returns what an act on a merged proposal says of its components.
func componentsOf(e any) []proposal.Component {
	switch e := e.(type) {
	case *proposal.FormedByMerge:
		return e.Components
	case *proposal.AcceptedByOPD:
		return e.Components
	case *proposal.Agreed:
		return e.Components
	case *proposal.IncludedInRKPD:
		return e.Components
	case *proposal.IncludedInPPAS:
		return e.Components
	case *proposal.Funded:
		return e.Components
	case *proposal.AmountRevised:
		return e.Components
	}
	return nil
}

// lastRank returns the place on the last final list that holds a proposal.
func lastRank(l *life) (proposal.Ranking, string) {
	for _, r := range slices.Backward(l.seq) {
		switch e := r.Event.(type) {
		case *proposal.Prioritized:
			return e.Ranking, e.Stage
		case *proposal.BelowCutoff:
			return e.Ranking, e.Stage
		case *proposal.Agreed:
			return e.Ranking, e.Stage
		}
	}
	return proposal.Ranking{}, ""
}

// dueOf returns the local day by which something is due of a proposal as it
// stands, and whether an objection is open.
func dueOf(l *life) (day string, contested bool) {
	_, contested = l.state.Flags["objection"]
	for _, r := range slices.Backward(l.seq) {
		if o, ok := r.Event.(*proposal.Objected); ok && contested {
			return o.Deadline, true
		}
		if r.ID != l.state.Last || contested {
			continue
		}
		switch e := r.Event.(type) {
		case *proposal.Returned:
			return e.Due, false
		case *proposal.Referred:
			return e.Due, false
		}
		return "", false
	}
	return "", contested
}

// missingOf reports whether the source a proposal came from no longer holds it.
func missingOf(l *life) bool {
	for _, r := range slices.Backward(l.seq) {
		switch r.Event.(type) {
		case *proposal.SourceMissing:
			return true
		case *proposal.SourceFound:
			return false
		}
	}
	return false
}

// since returns when a proposal came where it is; where all of it was struck
// out, when it began.
func (l *life) since() time.Time {
	if l.state.Since.IsZero() {
		return l.entered()
	}
	return l.state.Since
}

// entered returns when a proposal's first event took effect.
func (l *life) entered() time.Time {
	if len(l.seq) > 0 {
		return l.seq[0].Effective()
	}
	return l.all[0].Effective()
}

// observed reports whether some of it was read off a source.
func (l *life) observed() bool {
	return slices.ContainsFunc(l.all, func(r event.Record) bool {
		e, ok := r.Event.(proposal.Event)
		return ok && e.Base().Observed != nil
	})
}
