package projections

import (
	"context"
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// inbox is what waits for each OPD, what the OPDs answered, and until when they
// may.
var inbox = Projection{
	Name: "inbox", Version: 2, Streams: []string{proposals, cycleStreams},
	Tables: `
create table inbox (
    number    text collate "C" not null,
    cycle     int              not null,
    opd       text collate "C" not null,
    lane      text collate "C" not null,
    title     text             not null, -- masked
    village   text collate "C" not null,
    kecamatan text collate "C" not null,
    kamus     text collate "C" not null,
    state     text collate "C" not null,
    since     timestamptz      not null,
    closing   text collate "C" not null, -- window in which it is to be answered
    due       text collate "C" not null, -- local day
    estimate  bigint           not null,
    asked     bigint           not null,
    volume    text             not null,
    unit      text             not null,
    rank      int              not null,
    rank_of   int              not null,
    children  int              not null,
    fit       jsonb            not null,
    version   int              not null,
    position  bigint           not null
);
create table inbox_answers (
    number   text collate "C" not null,
    cycle    int              not null,
    opd      text collate "C" not null, -- that answered last
    answer   text collate "C" not null, -- accepted, rejected, deferred
    standing boolean          not null, -- it is not lost since
    amount   bigint           not null
);
create table inbox_windows (
    stream     text collate "C" not null,
    year       int              not null,
    name       text collate "C" not null,
    scope_kind text collate "C" not null,
    scope_code text collate "C" not null,
    closes_at  timestamptz      not null,
    shut       boolean          not null
);
create table inbox_ceilings (
    stream text collate "C" not null,
    year   int              not null,
    stage  text collate "C" not null,
    opd    text collate "C" not null,
    amount bigint           not null
);`,
	Indexes: `
alter table inbox add primary key (number);
alter table inbox_answers add primary key (number);
alter table inbox_windows add primary key (stream, name, scope_kind, scope_code);
alter table inbox_ceilings add primary key (stream, stage, opd);
create index on inbox (opd, cycle);
create index on inbox_answers (opd, cycle);`,
	Fold: foldInbox,
}

var (
	inboxRows = &Table{Name: "inbox", Key: "number", Owner: "number",
		Columns: "number, cycle, opd, lane, title, village, kecamatan, kamus, state, since, closing, due, estimate, asked, volume, unit, rank, rank_of, children, fit, version, position"}
	inboxAnswers  = &Table{Name: "inbox_answers", Key: "number", Owner: "number", Columns: "number, cycle, opd, answer, standing, amount"}
	inboxWindows  = &Table{Name: "inbox_windows", Key: "stream, name, scope_kind, scope_code", Owner: "stream", Columns: "stream, year, name, scope_kind, scope_code, closes_at, shut"}
	inboxCeilings = &Table{Name: "inbox_ceilings", Key: "stream, stage, opd", Owner: "stream", Columns: "stream, year, stage, opd, amount"}
)

func foldInbox(ctx context.Context, b *Batch, w *Writer) error {
	years, err := b.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		w.Replace(inboxWindows, y.stream)
		w.Replace(inboxCeilings, y.stream)
		for _, k := range y.state.Keys() {
			if x := y.state.Windows[k]; k.Scope.Kind == domain.ScopeOPD || k.Scope.Kind == domain.ScopeKabupaten {
				w.Put(inboxWindows, y.stream, y.state.Year, k.Window, string(k.Scope.Kind), k.Scope.Code, x.ClosesAt, x.Shut)
			}
		}
		for k, limit := range y.state.Ceilings {
			if k.Scope.Kind == domain.ScopeOPD {
				w.Put(inboxCeilings, y.stream, y.state.Year, k.Stage, k.Scope.Code, limit.Value)
			}
		}
	}
	for streams := range slices.Chunk(b.Streams(proposals), 1000) {
		lives, err := b.lives(ctx, streams)
		if err != nil {
			return err
		}
		for _, s := range streams {
			putWaiting(w, lives[strings.TrimPrefix(s, proposals)])
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

func putWaiting(w *Writer, l *life) {
	s := l.state
	w.Replace(inboxRows, l.number)
	w.Replace(inboxAnswers, l.number)
	if window, waits := l.waitsForOPD(); waits && s.OPD != "" {
		due, _ := dueOf(l)
		rank, ok := s.Lists["kecamatan"]
		if !ok {
			rank, _ = lastRank(l)
		}
		last := l.last()
		w.Put(inboxRows, l.number, s.Cycle, s.OPD, string(s.Lane), s.Title.String(), s.Village, s.Kecamatan(), s.Kamus, string(s.At), l.since(), window, due,
			int64(s.Estimate), int64(s.Asked), s.Volume.Amount, s.Volume.Unit, rank.Rank, rank.Of, len(s.Components), asJSON(fitOf(l)),
			last.Version, last.Position)
	}
	if a := l.answer(); a.answer != "" {
		w.Put(inboxAnswers, l.number, s.Cycle, a.opd, a.answer, !lost(l.chart.Fate(s.At)), int64(a.amount))
	}
}

// waitsForOPD reports whether a proposal is at the stage where an OPD accepts,
// and in which window it may.
func (l *life) waitsForOPD() (window string, waits bool) {
	d := l.chart.Definition
	if d == nil || d.States[l.state.At] == nil || d.States[l.state.At].Final != "" {
		return "", false
	}
	here := d.States[l.state.At].Stage
	for _, t := range d.All() {
		accepts := t.Event == "accepted_by_opd" && slices.ContainsFunc(t.From, func(s workflow.State) bool { return d.States[s].Stage == here })
		if accepts {
			return t.Window, true
		}
	}
	return "", false
}

// An answer is what an OPD said last of a proposal.
type answer struct {
	opd    string
	answer string
	amount domain.Rupiah
}

func (l *life) answer() answer {
	var out answer
	var s proposal.State
	for _, r := range l.seq {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		byOPD := r.Actor.Scope.Kind == domain.ScopeOPD || e.Base().Stage == "forum_opd"
		s = proposal.Evolve(s, e, r.Envelope)
		switch e.(type) {
		case *proposal.AcceptedByOPD:
			out = answer{s.OPD, "accepted", s.Accepted}
		case *proposal.Rejected:
			if byOPD {
				out = answer{s.OPD, "rejected", s.Estimate}
			}
		case *proposal.Deferred:
			if byOPD {
				out = answer{s.OPD, "deferred", s.Estimate}
			}
		}
	}
	return out
}

func fitOf(l *life) Fit {
	s := l.state
	f := Fit{InKamus: s.Kamus != "", Hops: s.Hops, Located: s.Point != nil, Attachments: len(s.Attachments), Basic: s.BasicService, Issues: s.Issues}
	for _, r := range l.seq {
		switch e := r.Event.(type) {
		case *proposal.Verified:
			if e.Kind == "administrasi" {
				f.Paper = e.Result
			} else {
				f.Field = e.Result
			}
		case *proposal.Responded:
			f.Leaning = e.Leaning
		case *proposal.Recommended:
			if e.Level == "camat" {
				f.Camat = e.Result
			}
		case *proposal.Returned:
			f.Returns++
		}
	}
	return f
}
