package projections

import (
	"cmp"
	"context"
	"slices"

	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
)

const forumStreams = "forum-"

// forums is what sessions there were, who came, and what they decided.
var forums = Projection{
	Name: "forums", Version: 2, Streams: []string{forumStreams, proposals},
	Tables: `
create table forums (
    stream     text collate "C" not null,
    cycle      int              not null,
    kind       text collate "C" not null, -- musrenbang_kecamatan, forum_opd …
    stage      text collate "C" not null,
    scope_kind text collate "C" not null,
    scope_code text collate "C" not null,
    day        text collate "C" not null, -- local day
    place      text             not null, -- masked
    chair      text             not null, -- office
    closed     boolean          not null,
    lists      int              not null, -- final lists that stand
    drafts     int              not null,
    decided    int              not null, -- proposals on the lists that stand
    present    int              not null,
    absent     int              not null,
    signed     boolean          not null, -- the berita acara is signed for all it covers
    version    int              not null,
    position   bigint           not null, -- of its last event
    changed    timestamptz      not null,
    detail     jsonb            not null  -- attendance and minutes
);
create table forum_lists (
    stream     text collate "C" not null,
    name       text collate "C" not null,
    ordinal    int              not null, -- in which they were made
    status     text collate "C" not null, -- draft, final, superseded
    list       jsonb            not null
);
create table forum_attendance (
    stream   text collate "C" not null,
    code     text collate "C" not null, -- kode wilayah or OPD
    cycle    int              not null,
    kind     text collate "C" not null, -- of the forum
    day      text collate "C" not null,
    came     boolean          not null,
    delegate boolean          not null  -- somebody with a mandate came instead
);
create table forum_matters (
    stream text collate "C" not null,
    number text collate "C" not null -- of a proposal with an event that names the forum, struck out or not
);`,
	Indexes: `
alter table forums add primary key (stream);
alter table forum_lists add primary key (stream, name);
alter table forum_attendance add primary key (stream, code);
alter table forum_matters add primary key (stream, number);
create index on forum_attendance (cycle, code);
create index on forums (cycle, day desc, stream);
create index on forums (day desc, stream);`,
	Fold: foldForums,
}

var (
	forumRows = &Table{Name: "forums", Key: "stream", Owner: "stream",
		Columns: "stream, cycle, kind, stage, scope_kind, scope_code, day, place, chair, closed, lists, drafts, decided, present, absent, signed, version, position, changed, detail"}
	forumLists      = &Table{Name: "forum_lists", Key: "stream, name", Owner: "stream", Columns: "stream, name, ordinal, status, list"}
	forumAttendance = &Table{Name: "forum_attendance", Key: "stream, code", Owner: "stream", Columns: "stream, code, cycle, kind, day, came, delegate"}
	forumMatters    = &Table{Name: "forum_matters", Key: "stream, number", Owner: "number", Columns: "stream, number"}
)

func foldForums(ctx context.Context, b *Batch, w *Writer) error {
	for streams := range slices.Chunk(b.Streams(forumStreams), 200) {
		histories, err := b.Histories(ctx, streams)
		if err != nil {
			return err
		}
		for _, s := range streams {
			putForum(w, s, histories[s])
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return putMatters(ctx, b, w)
}

// putMatters writes which proposals have events that name a forum. Such a row
// is never taken back: it says where to look, not what was decided.
func putMatters(ctx context.Context, b *Batch, w *Writer) error {
	put := make(map[[2]string]bool)
	for _, r := range b.Records {
		number, ok := proposal.NumberOf(r.Stream)
		if !ok {
			continue
		}
		for _, stream := range forumsNamed(r.Event) {
			if key := [2]string{stream, number}; !put[key] {
				put[key] = true
				w.Put(forumMatters, stream, number)
			}
		}
	}
	return w.Spill(ctx)
}

// forumsNamed returns the forums that an event of a proposal names: the one it
// was decided in, and the one of the list it has a place on.
func forumsNamed(e any) []string {
	s := statements(e)
	var out []string
	if s.place != nil && s.place.Forum != "" {
		out = append(out, s.place.Forum)
	}
	if s.forum != "" && !slices.Contains(out, s.forum) {
		out = append(out, s.forum)
	}
	return out
}

func putForum(w *Writer, stream string, records []event.Record) {
	seq := event.Sequence(records, event.View{})
	s := forum.Fold(seq)
	lists := listsOf(seq)
	c, last := deref(s.Convened), records[len(records)-1]
	attended := deref(s.Attended)
	final, drafts, decided := 0, 0, 0
	for _, l := range lists {
		switch l.Status {
		case "final":
			final++
			decided += len(l.Entries)
		case "draft":
			drafts++
		}
	}
	d := SessionDetail{Register: attended.Register, Attended: attended.Present, AbsentCodes: attended.Absent}
	d.Minutes = minutesOf(seq)
	w.Put(forumRows, stream, last.Cycle, c.Kind, c.Stage, string(c.Scope.Kind), c.Scope.Code, c.Date, c.Place.String(), c.Chair, s.IsClosed,
		final, drafts, decided, len(attended.Present), len(attended.Absent), signed(d.Minutes), last.Version, last.Position, last.RecordedAt, asJSON(d))
	w.Replace(forumAttendance, stream)
	for _, a := range attended.Present {
		w.Put(forumAttendance, stream, a.Code, last.Cycle, c.Kind, c.Date, true, a.Delegate)
	}
	for _, code := range attended.Absent {
		w.Put(forumAttendance, stream, code, last.Cycle, c.Kind, c.Date, false, false)
	}
	w.Replace(forumLists, stream)
	for i, l := range lists {
		w.Put(forumLists, stream, l.Name, i+1, l.Status, asJSON(l))
	}
}

// listsOf returns the lists of a forum in the order they were made: drafts that
// no list came of, final ones, superseded ones.
func listsOf(seq []event.Record) []List {
	var lists []List
	find := func(name string) *List {
		for i := range lists {
			if lists[i].Name == name {
				return &lists[i]
			}
		}
		lists = append(lists, List{Name: name})
		return &lists[len(lists)-1]
	}
	supersede := func(name, by string) {
		if i := slices.IndexFunc(lists, func(l List) bool { return l.Name == name && l.Status == "final" }); i >= 0 {
			lists[i].Status, lists[i].By = "superseded", by
		}
	}
	for _, r := range seq {
		switch e := r.Event.(type) {
		case *forum.ListRanked:
			l := find(e.List)
			if l.Status == "" || l.Status == "draft" {
				*l = List{Name: e.List, Status: "draft", Stage: e.Stage, Scope: e.Scope, Criteria: e.Criteria, Entries: e.Entries, Position: r.Position, Effective: r.Effective()}
			}
		case *forum.ListFinalized:
			*find(e.List) = List{Name: e.List, Status: "final", Stage: e.Stage, Scope: e.Scope, Supersedes: e.Supersedes, Criteria: e.Criteria, Entries: e.Entries,
				Limit: e.Limit, Used: e.Used, Cutoff: e.Cutoff, LastIn: e.LastIn, FirstOut: e.FirstOut, Position: r.Position, Effective: r.Effective()}
			supersede(e.Supersedes, e.List)
		case *forum.ListSuperseded:
			supersede(e.List, e.By)
		case *forum.Corrected:
			if l := find(e.List); l.Status == "final" {
				l.Entries, l.Used, l.Cutoff, l.LastIn, l.FirstOut = e.Entries, e.Used, e.Cutoff, e.LastIn, e.FirstOut
				l.Corrected, l.Position, l.Effective = true, r.Position, r.Effective()
			}
		}
	}
	return slices.DeleteFunc(lists, func(l List) bool { return l.Status == "" })
}

// minutesOf returns the berita acara of a forum, in the order they were issued.
func minutesOf(seq []event.Record) []Minutes {
	var all []Minutes
	for _, r := range seq {
		switch e := r.Event.(type) {
		case *forum.MinutesIssued:
			all = append(all, Minutes{Number: e.Number, Annexes: e.Annexes, Covers: e.Covers, Digest: e.Digest, Position: r.Position})
		case *forum.MinutesSigned:
			i := slices.IndexFunc(all, func(m Minutes) bool { return m.Document == nil && cmp.Or(e.Document.Number, m.Number) == m.Number })
			if i < 0 {
				all = append(all, Minutes{Number: e.Document.Number})
				i = len(all) - 1
			}
			all[i].Document, all[i].Signers, all[i].Position = &e.Document, e.Signers, r.Position
			if all[i].Digest == "" {
				all[i].Covers = e.Covers
			}
		}
	}
	return all
}

// signed reports whether there are minutes and all of them are signed.
func signed(all []Minutes) bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(m Minutes) bool { return m.Document == nil })
}
