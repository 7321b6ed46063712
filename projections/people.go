package projections

import (
	"context"

	"runut/domain/event"
	"runut/domain/grant"
	"runut/domain/person"
)

const (
	personStreams = "person-"
	grantStreams  = "grant-"
)

// people is who may act as what, by pseudonym. Who a person is stands nowhere in
// it: that is sealed.
var people = Projection{
	Name: "people", Version: 1, Streams: []string{personStreams, grantStreams},
	Tables: `
create table people (
    stream     text collate "C" not null,
    person     text collate "C" not null, -- pseudonym
    version    int              not null, -- of the stream
    purpose    text collate "C" not null,
    registered timestamptz      not null,
    corrected  timestamptz,               -- when details were last put right
    erased     timestamptz
);
create table grants (
    stream     text collate "C" not null,
    person     text collate "C" not null, -- pseudonym
    version    int              not null, -- of the stream
    role       text collate "C" not null,
    scope_kind text collate "C" not null,
    scope_code text collate "C" not null,
    office     text             not null,
    capacity   text collate "C" not null,
    cycle      int              not null, -- fiscal year; 0: any
    begins     timestamptz      not null,
    ends       timestamptz,
    decree     text             not null, -- its number
    decided    text collate "C" not null, -- local day of the decree
    revoked    timestamptz,
    invited    timestamptz,               -- when its holder was last given a code to sign in
    position   bigint           not null
);`,
	Indexes: `
alter table people add primary key (stream);
alter table grants add primary key (stream);
create index on people (person);
create index on grants (person, position);`,
	Fold: foldPeople,
}

var (
	peopleTable = &Table{Name: "people", Key: "stream", Owner: "stream",
		Columns: "stream, person, version, purpose, registered, corrected, erased"}
	grantsTable = &Table{Name: "grants", Key: "stream", Owner: "stream",
		Columns: "stream, person, version, role, scope_kind, scope_code, office, capacity, cycle, begins, ends, decree, decided, revoked, invited, position"}
)

func foldPeople(ctx context.Context, b *Batch, w *Writer) error {
	streams := append(b.Streams(personStreams), b.Streams(grantStreams)...)
	histories, err := b.Histories(ctx, streams)
	if err != nil {
		return err
	}
	for _, stream := range b.Streams(personStreams) {
		putPerson(w, stream, histories[stream])
	}
	for _, stream := range b.Streams(grantStreams) {
		putGrant(w, stream, histories[stream])
	}
	return nil
}

func putPerson(w *Writer, stream string, records []event.Record) {
	w.Replace(peopleTable, stream)
	s := person.Fold(records)
	if s.Registered == nil {
		return
	}
	var registered, corrected, erased any
	for _, r := range records {
		switch r.Event.(type) {
		case *person.Registered:
			registered = r.RecordedAt
		case *person.DetailsCorrected:
			corrected = r.RecordedAt
		case *person.Erased:
			erased = r.RecordedAt
		}
	}
	w.Put(peopleTable, stream, s.Pseudonym, s.Version, s.Registered.Purpose, registered, corrected, erased)
}

func putGrant(w *Writer, stream string, records []event.Record) {
	w.Replace(grantsTable, stream)
	s := grant.Fold(records)
	g := s.Given
	if g == nil {
		return
	}
	var revoked, invited, ends any
	for _, r := range records {
		switch r.Event.(type) {
		case *grant.Revoked:
			revoked = r.RecordedAt
		case *grant.Invited:
			invited = r.RecordedAt
		}
	}
	if !g.Until.IsZero() {
		ends = g.Until
	}
	w.Put(grantsTable, stream, g.Person, s.Version, string(g.Role), string(g.Scope.Kind), g.Scope.Code, g.Office, string(g.Capacity), g.Cycle, g.From, ends,
		g.Decree.Number, g.Decree.Date, revoked, invited, records[0].Position)
}
