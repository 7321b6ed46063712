package projections

import (
	"context"
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
)

// funnelSums are what the sums of a year are read from, here and in the public read
// model: see tally.
const funnelSums = `
create table funnel_counts ( -- of funnel_shares, for the sums of a year
    cycle      int              not null,
    lane       text collate "C" not null,
    root       text collate "C" not null,
    headline   text collate "C" not null,
    merged     boolean          not null,
    fate       text collate "C" not null,
    kind       text collate "C" not null,
    reason     text collate "C" not null,
    stage      text collate "C" not null,
    reached    text[]           not null,
    n          bigint           not null,
    origins    bigint           not null,
    losing     bigint           not null,
    millionths bigint           not null,
    asked      bigint           not null,
    granted    bigint           not null,
    cut        bigint           not null,
    uplift     bigint           not null,
    moved      bigint           not null
);
create table funnel_handed ( -- of funnel_origins: what each village handed in
    cycle   int              not null,
    lane    text collate "C" not null,
    village text collate "C" not null,
    n       bigint           not null,
    asked   bigint           not null,
    granted bigint           not null
);`

// funnel is what became of every origin, in parts of it and in rupiah. Sums over
// any rows of it are exact; see package history.
var funnel = Projection{
	Name: "funnel", Version: 2, Streams: []string{proposals, cycleStreams, "reference-wilayah"},
	Tables: `
create table funnel_origins (
    number    text collate "C" not null,
    cycle     int              not null,
    lane      text collate "C" not null,
    village   text collate "C" not null,
    kecamatan text collate "C" not null,
    basic     text collate "C" not null, -- basic service
    title     text             not null, -- masked
    asked     bigint           not null,
    granted   bigint           not null,
    headline  text collate "C" not null  -- fate of the origin as a whole
);
create table funnel_shares (
    owner      text collate "C" not null, -- whose rows are replaced together
    origin     text collate "C" not null,
    leaf       text collate "C" not null, -- the proposal that holds this part
    root       text collate "C" not null, -- origin; or money without one: in_budget, unknown
    cycle      int              not null,
    lane       text collate "C" not null, -- of the origin, like the next three
    village    text collate "C" not null,
    kecamatan  text collate "C" not null,
    basic      text collate "C" not null,
    headline   text collate "C" not null, -- of the origin
    merged     boolean          not null, -- the origin is or was merged
    opd        text collate "C" not null, -- that has the leaf
    fate       text collate "C" not null, -- of the leaf, like the next three
    kind       text collate "C" not null,
    reason     text collate "C" not null,
    stage      text collate "C" not null,
    reached    text[]           not null, -- stages this part passed, in their order
    exact      text             not null, -- part of the origin: "7/10"
    millionths bigint           not null, -- of the origin; those of all its parts make a million
    asked      bigint           not null,
    granted    bigint           not null,
    cut        bigint           not null,
    uplift     bigint           not null,
    moved      bigint           not null, -- for a funded leaf: asked + uplift + moved = granted + cut
    origins    int              not null, -- 1 for one part of each origin, so that they add up
    losing     int              not null  -- 1 for that part of an origin by which most of what it lost was lost
);
` + funnelSums + `
create table funnel_years (
    stream  text collate "C" not null,
    cycle   int              not null,
    wilayah text collate "C" not null, -- edition of the register that coverage is held against
    stages  text[]           not null  -- of the definition in force, in their order
);
create table funnel_villages (
    edition   text collate "C" not null,
    code      text collate "C" not null,
    kecamatan text collate "C" not null,
    until     text collate "C" not null, -- local day it ceased
    position  bigint           not null
);`,
	Indexes: `
alter table funnel_origins add primary key (number);
alter table funnel_shares add primary key (origin, leaf);
alter table funnel_years add primary key (stream);
alter table funnel_villages add primary key (edition, code);
create index on funnel_origins (cycle, headline, number);
create index on funnel_origins (cycle, kecamatan, village);
create index on funnel_shares (owner);
create index on funnel_shares (cycle, kecamatan);
create index on funnel_shares (cycle, opd);` + funnelTally.kept() + handedTally.kept(),
	Fold: foldFunnel,
}

var (
	funnelOrigins = &Table{Name: "funnel_origins", Key: "number", Owner: "number",
		Columns: "number, cycle, lane, village, kecamatan, basic, title, asked, granted, headline"}
	funnelShares = &Table{Name: "funnel_shares", Key: "origin, leaf", Owner: "owner",
		Columns: "owner, origin, leaf, root, cycle, lane, village, kecamatan, basic, headline, merged, opd, fate, kind, reason, stage, reached, exact, millionths, asked, granted, cut, uplift, moved, origins, losing"}
	funnelTally = tally{Name: "funnel_counts", Of: "funnel_shares", By: "cycle, lane, root, headline, merged, fate, kind, reason, stage, reached",
		Sums: "origins, losing, millionths, asked, granted, cut, uplift, moved"}
	handedTally    = tally{Name: "funnel_handed", Of: "funnel_origins", By: "cycle, lane, village", Sums: "asked, granted"}
	funnelYears    = &Table{Name: "funnel_years", Key: "stream", Owner: "stream", Columns: "stream, cycle, wilayah, stages"}
	funnelVillages = &Table{Name: "funnel_villages", Key: "edition, code", Owner: "edition", Columns: "edition, code, kecamatan, until, position"}
)

func foldFunnel(ctx context.Context, b *Batch, w *Writer) error {
	years, err := b.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		w.Put(funnelYears, y.stream, y.state.Year, y.opened().Wilayah, append([]string{}, b.charts.For(y.state.Pin.Hash).Stages...))
	}
	putVillages(b, w, funnelVillages)
	return b.families(ctx, w, func(k *kinship, due []*life) {
		for _, l := range due {
			w.Replace(funnelOrigins, l.number)
			w.Replace(funnelShares, l.number)
		}
		for a := range k.accounts(due) {
			if a.Root == history.Origin {
				w.Put(funnelOrigins, a.Number, a.Cycle, string(a.Lane), a.Village, a.Kecamatan(), a.basic, a.title, int64(a.Asked), int64(a.granted()), string(a.Headline))
			}
			for i, s := range a.parts {
				w.Put(funnelShares, a.owner, a.Number, s.Leaf, string(a.Root), a.Cycle, string(a.Lane), a.Village, a.Kecamatan(), a.basic, string(a.Headline), a.merged,
					s.OPD, string(s.Fate), s.kind, s.reason, s.stage, s.reached, s.Part.String(), s.Millionths, int64(s.Asked), int64(s.Granted), int64(s.Cut), int64(s.Uplift), int64(s.Moved),
					one(i == 0 && a.Root == history.Origin), one(i == a.losing()))
			}
		}
	})
}

// putVillages writes the villages of every edition of the register of wilayah
// that has events in the batch.
func putVillages(b *Batch, w *Writer, t *Table) {
	for _, e := range editionsOf(b.Records) {
		if e.register != RegisterWilayah {
			continue
		}
		for _, x := range e.entries {
			if strings.Count(x.Code, ".") == 3 {
				w.Put(t, e.edition, x.Code, domain.KecamatanOf(x.Code), x.Until, x.position)
			}
		}
	}
}

// An account is history's, with what else the tables say of it.
type account struct {
	history.Account
	owner  string
	title  string
	basic  string
	merged bool
	parts  []portion
}

// A portion is one share of an account, with why it is lost and the names of
// its stages.
type portion struct {
	history.Share
	kind, reason string
	stage        string
	reached      []string
}

func (a *account) granted() (sum domain.Rupiah) {
	for _, s := range a.Shares {
		sum += s.Granted
	}
	return sum
}

// losing returns the part by which most of what is lost was lost, -1 where nothing
// was; of equal ones the first by the number of its leaf.
func (a *account) losing() int {
	most := -1
	for i, s := range a.parts {
		if a.Root != history.Origin || !lost(s.Fate) {
			continue
		}
		if most < 0 || s.Millionths > a.parts[most].Millionths || s.Millionths == a.parts[most].Millionths && s.Leaf < a.parts[most].Leaf {
			most = i
		}
	}
	return most
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// accounts yields the accounts that belong to the proposals that are due.
// Money of somebody who is not held belongs to the first that names him.
func (k *kinship) accounts(due []*life) func(yield func(account) bool) {
	isDue := make(map[string]bool, len(due))
	for _, l := range due {
		isDue[l.number] = true
	}
	return func(yield func(account) bool) {
		for h := range k.lineage.Accounts() {
			a := account{Account: h, owner: h.Number}
			l := k.lives[h.Number]
			if l == nil {
				a.owner = k.namedBy(h.Number)
				l = k.lives[a.owner]
				a.Cycle = proposal.Year(a.owner)
			}
			if l == nil || !isDue[a.owner] {
				continue
			}
			a.title, a.basic = l.state.Title.String(), l.state.BasicService
			a.merged = slices.ContainsFunc(l.node.Edges, func(e history.Edge) bool { return e.Kind == history.MergedInto && e.From == l.number })
			for _, s := range h.Shares {
				a.parts = append(a.parts, k.portion(l, s))
			}
			if !yield(a) {
				return
			}
		}
	}
}

func (k *kinship) portion(root *life, s history.Share) portion {
	leaf := k.lives[s.Leaf]
	if leaf == nil {
		leaf = root
	}
	p := portion{Share: s, stage: leaf.stage(s.Stage), reached: leaf.stages(s.Reached)}
	p.kind, p.reason = k.why(s)
	return p
}

// namedBy returns the first proposal that names one which is not held.
func (k *kinship) namedBy(number string) string {
	for _, n := range k.numbers {
		for other := range named(k.lives[n].all, false) {
			if other == number {
				return n
			}
		}
	}
	return ""
}
