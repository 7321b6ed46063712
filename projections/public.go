package projections

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"runut/domain/cycle"
	"runut/domain/proposal"
)

// public is what was released, of the fields that each cycle's publication
// policy allows. It is the only read model that anybody can read.
//
// A release covers the proposals that lay in its scope when it was made, and of
// those the events recorded before it, up to its stage. A proposal is public once
// its first event is covered. A merged one is covered as far as all that it was
// formed of are, so that a merge across kecamatan waits for the last of them.
// Everything shown is made of covered events alone: states, fates, sums, and who
// is related to whom. The number of a relative that was not released stands in
// no table.
//
// So its rows change when a cycle releases, sets its policy or corrects either,
// and when a text is closed; never with what happens in between.
var public = Projection{
	Name: "public", Version: 3, Public: true, Streams: []string{proposals, cycleStreams, "reference-"},
	Tables: `
create table tracked_private (
    number text collate "C" not null, -- every proposal there is, released or not; readers do not see this table
    cycle  int              not null
);
create table proposals (
    number      text collate "C" not null,
    cycle       int              not null,
    lane        text collate "C" not null,
    origin      boolean          not null,
    village     text collate "C" not null,
    kecamatan   text collate "C" not null,
    opd         text collate "C" not null,
    kamus       text collate "C" not null,
    title       text             not null,
    basic       text collate "C" not null,
    state       text collate "C" not null,
    state_stage text collate "C" not null,
    since       timestamptz      not null,
    fate        text collate "C" not null, -- unannounced where it is no end
    kind        text collate "C" not null,
    reason      text collate "C" not null,
    asked       bigint           not null,
    estimate    bigint           not null,
    accepted    bigint           not null,
    granted     bigint           not null,
    volume      text             not null,
    unit        text             not null,
    rank        int              not null,
    rank_of     int              not null,
    cutoff      int              not null,
    parent      text collate "C" not null,
    children    int              not null,
    hidden      int              not null, -- relatives that were not released
    released    timestamptz      not null,
    released_at bigint           not null, -- position of the release
    upto        text collate "C" not null, -- its stage
    changed     timestamptz      not null, -- when the last event shown was recorded
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
    n           bigint           not null,
    asked       bigint           not null
);
create table answers (
    number text collate "C" not null,
    answer jsonb            not null
);
create table steps (
    position  bigint           not null,
    number    text collate "C" not null,
    effective timestamptz      not null,
    type      text collate "C" not null,
    cycle     int              not null,
    released  bigint           not null, -- position of the release that made it public
    step      jsonb            not null
);
create table edges (
    owner   text collate "C" not null,
    from_no text collate "C" not null,
    to_no   text collate "C" not null,
    kind    text collate "C" not null,
    weight  bigint           not null,
    of      bigint           not null,
    ended   boolean          not null
);
create table funnel_origins (
    number    text collate "C" not null,
    cycle     int              not null,
    lane      text collate "C" not null,
    village   text collate "C" not null,
    kecamatan text collate "C" not null,
    basic     text collate "C" not null,
    asked     bigint           not null,
    granted   bigint           not null,
    headline  text collate "C" not null
);
create table funnel_shares (
    owner      text collate "C" not null,
    origin     text collate "C" not null,
    leaf       text collate "C" not null,
    root       text collate "C" not null,
    cycle      int              not null,
    lane       text collate "C" not null,
    village    text collate "C" not null,
    kecamatan  text collate "C" not null,
    basic      text collate "C" not null,
    headline   text collate "C" not null,
    merged     boolean          not null,
    opd        text collate "C" not null,
    fate       text collate "C" not null,
    kind       text collate "C" not null,
    reason     text collate "C" not null,
    stage      text collate "C" not null,
    reached    text[]           not null,
    exact      text             not null,
    millionths bigint           not null,
    asked      bigint           not null,
    granted    bigint           not null,
    cut        bigint           not null,
    uplift     bigint           not null,
    moved      bigint           not null,
    origins    int              not null,
    losing     int              not null
);
` + funnelSums + `
create table funnel_years (
    stream  text collate "C" not null,
    cycle   int              not null,
    wilayah text collate "C" not null,
    stages  text[]           not null
);
create table funnel_villages (
    edition   text collate "C" not null,
    code      text collate "C" not null,
    kecamatan text collate "C" not null,
    until     text collate "C" not null,
    position  bigint           not null
);
create table cycles (
    stream text collate "C" not null,
    year   int              not null,
    cycle  jsonb            not null
);
create table names (
    register text collate "C" not null,
    edition  text collate "C" not null,
    code     text collate "C" not null,
    source   text collate "C" not null,
    name     text             not null,
    parent   text collate "C" not null,
    until    text collate "C" not null,
    position bigint           not null,
    words    text             not null,
    ` + searchColumn + `
);
create table editions (
    register   text collate "C" not null,
    edition    text collate "C" not null,
    source     text collate "C" not null,
    part       int              not null,
    valid_from text collate "C" not null,
    position   bigint           not null
);`,
	Indexes: `
alter table tracked_private add primary key (number);
alter table proposals add primary key (number);
alter table answers add primary key (number);
alter table steps add primary key (position);
alter table edges add primary key (from_no, to_no, kind);
alter table funnel_origins add primary key (number);
alter table funnel_shares add primary key (origin, leaf);
alter table funnel_years add primary key (stream);
alter table funnel_villages add primary key (edition, code);
alter table cycles add primary key (stream);
create index on cycles (year);
alter table names add primary key (register, edition, code, source);
alter table editions add primary key (register, edition, source, part);
create index on tracked_private (cycle, number);
create index on proposals (cycle, kecamatan);
create index on proposals (cycle, village);
create index on proposals (cycle, opd);
create index on proposals (cycle, state_stage);
create index on proposals (cycle, lane);
create index on proposals (cycle, fate);
create index on proposals (cycle, reason);
create index on proposals (cycle, since, number);
create index on proposals (cycle, changed desc, number);
create index on proposals (cycle, asked desc, number);
create index on proposals using gin (search);
create index on steps (number, effective, position);
create index on steps (released, position);
create index on edges (to_no);
create index on edges (owner);
create index on funnel_origins (cycle, kecamatan, village);
create index on funnel_shares (owner);
create index on funnel_shares (cycle, kecamatan);
create index on funnel_shares (cycle, opd);
create index on names (register, code);
create index on names using gin (search);` + publicTally.kept() + funnelTally.kept() + handedTally.kept(),
	Fold: foldPublic,
}

var (
	publicTracked   = &Table{Name: "tracked_private", Key: "number", Owner: "number", Columns: "number, cycle"}
	publicProposals = &Table{Name: "proposals", Key: "number", Owner: "number",
		Columns: "number, cycle, lane, origin, village, kecamatan, opd, kamus, title, basic, state, state_stage, since, fate, kind, reason, asked, estimate, accepted, granted, volume, unit, rank, rank_of, cutoff, parent, children, hidden, released, released_at, upto, changed, words"}
	publicTally    = tally{Name: "proposal_counts", Of: "proposals", Sums: "asked", By: "cycle, lane, kecamatan, opd, state_stage, state, fate, reason"}
	publicAnswers  = &Table{Name: "answers", Key: "number", Owner: "number", Columns: "number, answer"}
	publicSteps    = &Table{Name: "steps", Key: "position", Owner: "number", Columns: "position, number, effective, type, cycle, released, step"}
	publicEdges    = &Table{Name: "edges", Key: "from_no, to_no, kind", Owner: "owner", Columns: "owner, from_no, to_no, kind, weight, of, ended"}
	publicOrigins  = &Table{Name: "funnel_origins", Key: "number", Owner: "number", Columns: "number, cycle, lane, village, kecamatan, basic, asked, granted, headline"}
	publicShares   = &Table{Name: "funnel_shares", Key: "origin, leaf", Owner: "owner", Columns: funnelShares.Columns}
	publicYears    = &Table{Name: "funnel_years", Key: "stream", Owner: "stream", Columns: "stream, cycle, wilayah, stages"}
	publicVillages = &Table{Name: "funnel_villages", Key: "edition, code", Owner: "edition", Columns: "edition, code, kecamatan, until, position"}
	publicCycles   = &Table{Name: "cycles", Key: "stream", Owner: "stream", Columns: "stream, year, cycle"}
	publicNames    = &Table{Name: "names", Key: "register, edition, code, source", Owner: "source", Columns: "register, edition, code, source, name, parent, until, position, words"}
	publicEditions = &Table{Name: "editions", Key: "register, edition, source, part", Owner: "source", Columns: "register, edition, source, part, valid_from, position"}
)

// openRegisters are the registers whose names anybody may see. What a register
// says besides names is not among it.
var openRegisters = []string{RegisterWilayah, RegisterOPD, RegisterNomenclature, RegisterKamus, RegisterReasons}

func foldPublic(ctx context.Context, b *Batch, w *Writer) error {
	for _, e := range editionsOf(b.Records) {
		if !slices.Contains(openRegisters, e.register) {
			continue
		}
		for _, x := range e.entries {
			w.Put(publicNames, e.register, e.edition, x.Code, e.source, x.Name, x.Parent, x.Until, x.position, searchable(x.Code+" "+x.Name))
		}
		for _, p := range e.parts {
			w.Put(publicEditions, e.register, e.edition, e.source, p.Part, p.ValidFrom, p.position)
		}
	}
	putVillages(b, w, publicVillages)
	years, err := b.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		w.Put(publicYears, y.stream, y.state.Year, y.opened().Wilayah, append([]string{}, b.charts.For(y.state.Pin.Hash).Stages...))
		w.Put(publicCycles, y.stream, y.state.Year, asJSON(publicCycleOf(y)))
	}
	for _, r := range b.Records {
		if number, ok := proposal.NumberOf(r.Stream); ok && r.Version == 1 {
			w.Put(publicTracked, number, proposal.Year(number))
		}
	}
	if err := w.Spill(ctx); err != nil {
		return err
	}
	p := publisher{batch: b, out: w, done: make(map[string]bool), years: make(map[int]*year)}
	if b.Building {
		return p.publish(ctx, b.Streams(proposals))
	}
	return p.changed(ctx)
}

// A publisher writes what is public of proposals.
type publisher struct {
	batch *Batch
	out   *Writer
	done  map[string]bool
	years map[int]*year // nil for one without a cycle
}

// changed publishes again what the batch bears on.
func (p *publisher) changed(ctx context.Context) error {
	var streams []string
	touched := make(map[int]bool)
	for _, r := range p.batch.Records {
		switch r.Event.(type) {
		case *proposal.TextRedacted:
			streams = append(streams, r.Stream)
		case *cycle.PublicationReleased, *cycle.PublicationPolicySet, *cycle.Corrected:
			if year, err := strconv.Atoi(strings.TrimPrefix(r.Stream, cycleStreams)); err == nil {
				touched[year] = true
			}
		}
	}
	// What has just come is not among the rows yet.
	if len(touched) > 0 {
		if err := p.out.flush(ctx); err != nil {
			return err
		}
	}
	for _, year := range slices.Sorted(maps.Keys(touched)) {
		numbers, err := p.out.column(ctx, `select number from `+p.out.schema+`.tracked_private where cycle = $1 order by number`, year)
		if err != nil {
			return err
		}
		for _, n := range numbers {
			streams = append(streams, proposal.Stream(n))
		}
	}
	return p.publish(ctx, streams)
}

// publish writes what is public of the proposals of streams and of all they are
// tied to.
func (p *publisher) publish(ctx context.Context, streams []string) error {
	const atOnce = 500
	for some := range slices.Chunk(streams, atOnce) {
		numbers := make([]string, len(some))
		for i, s := range some {
			numbers[i] = strings.TrimPrefix(s, proposals)
		}
		if err := p.loadYears(ctx, numbers); err != nil {
			return err
		}
		if p.batch.Building && !slices.ContainsFunc(numbers, p.mayShow) {
			continue
		}
		read := p.batch
		if !read.Building { // it may be all of a cycle
			read = read.fresh()
		}
		all, err := read.tied(ctx, some, true)
		if err != nil {
			return err
		}
		if err := p.loadYears(ctx, all.numbers); err != nil {
			return err
		}
		due := all.numbers
		if p.batch.Building {
			due = numbers
		}
		due = slices.DeleteFunc(slices.Clone(due), func(n string) bool { return p.done[n] || all.lives[n] == nil })
		for _, n := range due {
			p.done[n] = true
		}
		if err := p.write(ctx, all, due); err != nil {
			return err
		}
		if err := p.out.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mayShow reports whether anything of a proposal's cycle was released.
func (p *publisher) mayShow(number string) bool {
	y := p.years[proposal.Year(number)]
	return y != nil && y.state.Policy != nil && len(y.state.Released) > 0
}

func (p *publisher) loadYears(ctx context.Context, numbers []string) error {
	var missing []string
	for _, n := range numbers {
		y := proposal.Year(n)
		if _, ok := p.years[y]; !ok {
			p.years[y] = nil
			missing = append(missing, cycle.Stream(y))
		}
	}
	found, err := p.batch.yearsOf(ctx, missing)
	for _, y := range found {
		p.years[y.state.Year] = &y
	}
	return err
}

// write writes the rows of the proposals that are due.
func (p *publisher) write(ctx context.Context, all *kinship, due []string) error {
	v := look(all, p.years)
	sessions, err := p.sessions(ctx, v, due)
	if err != nil {
		return err
	}
	fates := v.fates()
	var shown []*life
	for _, number := range due { // in the order of k.numbers
		for _, t := range []*Table{publicProposals, publicAnswers, publicSteps, publicEdges, publicOrigins, publicShares} {
			p.out.Replace(t, number)
		}
		if l := v.lives[number]; l != nil {
			shown = append(shown, l)
			p.putProposal(v, l, fates[number])
			p.putSteps(v, l, sessions)
			p.putEdges(v, l)
		}
	}
	p.putAccounts(v, shown)
	return p.putAnswers(ctx, v, shown)
}
