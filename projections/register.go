package projections

import (
	"context"
	"slices"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/reference"
)

// register is what codes mean: every edition of every register, and the
// vocabularies that cycles published.
var register = Projection{
	Name: "register", Version: 1, Streams: []string{"reference-", "cycle-"},
	Tables: `
create table register_entries (
    register text collate "C" not null,
    edition  text collate "C" not null,
    code     text collate "C" not null,
    source   text collate "C" not null, -- stream that says so
    name     text             not null,
    parent   text collate "C" not null,
    until    text collate "C" not null, -- local day it ceased
    facts    jsonb            not null, -- what the register says besides
    position bigint           not null,
    words    text             not null,
    ` + searchColumn + `
);
create table register_parts (
    register   text collate "C" not null,
    edition    text collate "C" not null,
    source     text collate "C" not null,
    part       int              not null,
    parts      int              not null,
    rows       int              not null,
    valid_from text collate "C" not null, -- local day
    digest     text collate "C" not null,
    position   bigint           not null
);`,
	Indexes: `
alter table register_entries add primary key (register, edition, code, source);
alter table register_parts add primary key (register, edition, source, part);
create index on register_entries (register, code);
create index on register_entries (register, edition, parent, code);
create index on register_entries using gin (search);`,
	Fold: foldRegister,
}

var (
	registerEntries = &Table{Name: "register_entries", Key: "register, edition, code, source", Owner: "source",
		Columns: "register, edition, code, source, name, parent, until, facts, position, words"}
	registerParts = &Table{Name: "register_parts", Key: "register, edition, source, part", Owner: "source",
		Columns: "register, edition, source, part, parts, rows, valid_from, digest, position"}
)

// Entries are added or replaced, never removed: an edition holds for ever.
func foldRegister(ctx context.Context, b *Batch, w *Writer) error {
	for _, e := range editionsOf(b.Records) {
		for _, x := range e.entries {
			w.Put(registerEntries, e.register, e.edition, x.Code, e.source, x.Name, x.Parent, x.Until, asJSON(x.Facts), x.position, searchable(x.Code+" "+x.Name))
		}
		for _, p := range e.parts {
			w.Put(registerParts, e.register, e.edition, e.source, p.Part, p.Parts, p.Rows, p.ValidFrom, p.Digest, p.position)
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

// An edition is what one batch says of an edition of a register: each code and
// each part once, as last said.
type edition struct {
	register, edition, source string
	entries                   []editionEntry
	parts                     []editionPart
}

type editionEntry struct {
	reference.Entry
	position int64
}

type editionPart struct {
	reference.EditionPublished // without its entries
	position                   int64
}

// editionsOf gathers editions from the events of registers and cycles.
func editionsOf(records []event.Record) []*edition {
	type key struct{ register, edition, source string }
	var all []*edition
	at := make(map[key]*edition)
	codes := make(map[key]map[string]int)
	add := func(p reference.EditionPublished, r event.Record) {
		k := key{p.Register, p.Edition, r.Stream}
		e := at[k]
		if e == nil {
			e = &edition{register: p.Register, edition: p.Edition, source: r.Stream}
			at[k], codes[k] = e, make(map[string]int)
			all = append(all, e)
		}
		for _, x := range p.Entries {
			i, twice := codes[k][x.Code]
			if !twice {
				i = len(e.entries)
				codes[k][x.Code] = i
				e.entries = append(e.entries, editionEntry{})
			}
			e.entries[i] = editionEntry{x, r.Position}
		}
		p.Entries = nil
		i := slices.IndexFunc(e.parts, func(o editionPart) bool { return o.Part == p.Part })
		if i < 0 {
			i = len(e.parts)
			e.parts = append(e.parts, editionPart{})
		}
		e.parts[i] = editionPart{p, r.Position}
	}
	for _, r := range records {
		switch e := r.Event.(type) {
		case *reference.EditionPublished:
			add(*e, r)
		case *cycle.VocabularyPublished:
			add(vocabulary(e, r), r)
		}
	}
	return all
}

// vocabulary returns what a cycle published, as an edition of a register.
func vocabulary(e *cycle.VocabularyPublished, r event.Record) reference.EditionPublished {
	p := reference.EditionPublished{Register: e.Register, Edition: e.Edition, Digest: e.Digest, Rows: len(e.Entries), Part: 1, Parts: 1,
		ValidFrom: r.Effective().Format("2006-01-02")}
	for _, word := range e.Entries {
		x := reference.Entry{Code: word.Code, Name: word.ID, Facts: make(map[string]string)}
		for name, value := range map[string]string{"group": word.Group, "en": word.EN, "unit": word.Unit, "opd": word.OPD} {
			if value != "" {
				x.Facts[name] = value
			}
		}
		p.Entries = append(p.Entries, x)
	}
	return p
}
