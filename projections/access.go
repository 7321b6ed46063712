package projections

import (
	"context"
	"strings"

	"runut/domain/person"
)

// access is who opened sealed data, when, and for what. What was opened is not in it.
var access = Projection{
	Name: "access", Version: 1, Streams: []string{personStreams},
	Tables: `
create table openings (
    position bigint           not null,
    stream   text collate "C" not null, -- of the person whose data were opened
    at       timestamptz      not null, -- when it took effect
    role     text collate "C" not null,
    purpose  text collate "C" not null,
    export   boolean          not null,
    opening  jsonb            not null
);`,
	Indexes: `
alter table openings add primary key (position);
create index on openings (at);`,
	Fold: foldAccess,
}

var openings = &Table{Name: "openings", Key: "position", Owner: "stream", Columns: "position, stream, at, role, purpose, export, opening"}

func foldAccess(ctx context.Context, b *Batch, w *Writer) error {
	for _, r := range b.Records {
		e, ok := r.Event.(*person.Unsealed)
		if !ok {
			continue
		}
		o := Opening{Position: r.Position, Event: r.ID, At: r.Effective(), Recorded: r.RecordedAt, Reader: r.Actor.Person, Role: r.Actor.Role, Office: r.Actor.Office,
			Grant: r.Actor.Grant, Subject: strings.TrimPrefix(r.Stream, personStreams), About: e.Event, Fields: e.Fields, Purpose: e.Purpose, Ground: e.Ground, Export: e.Export}
		w.Put(openings, r.Position, r.Stream, o.At, string(o.Role), o.Purpose, o.Export, asJSON(o))
	}
	return w.Spill(ctx)
}
