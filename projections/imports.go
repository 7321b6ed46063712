package projections

import (
	"context"
	"slices"

	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/proposal"
)

const importStreams = "import-"

// imports is what came in from other systems: the files, what is quarantined
// still, and which proposal each source knows by which id.
var imports = Projection{
	Name: "imports", Version: 1, Streams: []string{proposals, importStreams},
	Tables: `
create table import_files (
    stream   text collate "C" not null,
    digest   text collate "C" not null, -- SHA-256, hex
    source   text collate "C" not null,
    year     int              not null, -- fiscal year
    received jsonb            not null, -- the event
    open     int              not null, -- rows that are quarantined still
    reasons  jsonb            not null, -- those by reason
    at       timestamptz      not null, -- when it was recorded
    position bigint           not null
);
create table import_rows (
    number    text collate "C" not null,
    source    text collate "C" not null, -- '' for a proposal that no source knows
    cycle     int              not null,
    id        text collate "C" not null, -- in the source
    lane      text collate "C" not null,
    village   text collate "C" not null,
    kecamatan text collate "C" not null,
    opd       text collate "C" not null, -- as the source last said
    missing   text collate "C" not null, -- SHA-256 of the file that did not hold it any more
    likeness  text collate "C" not null
);`,
	Indexes: `
alter table import_files add primary key (stream, digest);
alter table import_rows add primary key (number, source);
create index on import_files (position);
create index on import_rows (cycle, source, id);
create index on import_rows (cycle, likeness) where likeness <> '';`,
	Fold: foldImports,
}

var (
	importFiles = &Table{Name: "import_files", Key: "stream, digest", Owner: "stream",
		Columns: "stream, digest, source, year, received, open, reasons, at, position"}
	importRows = &Table{Name: "import_rows", Key: "number, source", Owner: "number",
		Columns: "number, source, cycle, id, lane, village, kecamatan, opd, missing, likeness"}
)

func foldImports(ctx context.Context, b *Batch, w *Writer) error {
	histories, err := b.Histories(ctx, b.Streams(importStreams))
	if err != nil {
		return err
	}
	for _, stream := range b.Streams(importStreams) {
		putFiles(w, stream, histories[stream])
	}
	const atOnce = 1000
	for streams := range slices.Chunk(b.Streams(proposals), atOnce) {
		lives, err := b.lives(ctx, streams)
		if err != nil {
			return err
		}
		for _, s := range streams {
			number, _ := proposal.NumberOf(s)
			if l := lives[number]; l != nil {
				putSources(w, l)
			}
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

// putFiles writes the files of one stream of imports.
func putFiles(w *Writer, stream string, records []event.Record) {
	w.Replace(importFiles, stream)
	state := delivery.Fold(records)
	for _, r := range records {
		e, ok := r.Event.(*delivery.Received)
		if !ok || state.Files[e.Digest] != e {
			continue
		}
		w.Put(importFiles, stream, e.Digest, e.Source, r.Cycle, asJSON(e), state.Open(e.Digest), asJSON(state.OpenReasons(e.Digest)), r.RecordedAt, r.Position)
	}
}

// putSources writes by which id each source knows a proposal.
func putSources(w *Writer, l *life) {
	w.Replace(importRows, l.number)
	s := l.state
	put := func(source string, seen proposal.Seen) {
		idea := seen.Idea
		if source == "" {
			idea = s.Idea
		}
		w.Put(importRows, l.number, source, s.Cycle, seen.ID, string(s.Lane), s.Village, s.Kecamatan(), idea.OPD, seen.Missing, idea.Likeness())
	}
	var sources []string
	for _, r := range l.seq {
		if e, ok := r.Event.(proposal.Event); ok && e.Base().Observed != nil && !slices.Contains(sources, e.Base().Observed.Source) {
			sources = append(sources, e.Base().Observed.Source)
		}
	}
	known := false
	for _, source := range sources {
		if seen := proposal.See(l.seq, source); seen.ID != "" {
			put(source, seen)
			known = true
		}
	}
	if !known {
		put("", proposal.Seen{})
	}
}
