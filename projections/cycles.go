package projections

import (
	"context"
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
)

const cycleStreams = "cycle-"

// cycles is when what is open, how much may be spent, what was adopted and what
// was released.
var cycles = Projection{
	Name: "cycles", Version: 1, Streams: []string{cycleStreams},
	Tables: `
create table cycles (
    stream    text collate "C" not null,
    year      int              not null,
    practice  boolean          not null,
    demo      boolean          not null,
    title     text             not null,
    kabupaten text collate "C" not null, -- kode wilayah
    zone      text collate "C" not null, -- WIB, WITA, WIT
    wilayah   text collate "C" not null, -- edition of the register of wilayah
    pin       jsonb            not null, -- workflow definition in force
    opened    timestamptz,
    closed    boolean          not null,
    detail    jsonb            not null, -- ceilings, quotas, documents, policy, releases, words
    version   int              not null,
    position  bigint           not null  -- of its last event
);
create table cycle_windows (
    stream     text collate "C" not null,
    year       int              not null,
    name       text collate "C" not null,
    scope_kind text collate "C" not null,
    scope_code text collate "C" not null, -- '' is for all of the kind
    opens_at   timestamptz      not null,
    closes_at  timestamptz      not null,
    shut       boolean          not null, -- closed by a person
    shut_at    timestamptz,
    closing    text collate "C" not null, -- id of the event that closed it last
    reopened   int              not null,
    extended   int              not null,
    waiting    int              not null, -- got a closing event when it was closed last
    decree     jsonb            not null,
    position   bigint           not null  -- of the event that changed it last
);`,
	Indexes: `
alter table cycles add primary key (stream);
alter table cycle_windows add primary key (stream, name, scope_kind, scope_code);
create index on cycles (year);
create index on cycle_windows (year, name, scope_kind, scope_code);`,
	Fold: foldCycles,
}

var (
	cycleRows = &Table{Name: "cycles", Key: "stream", Owner: "stream",
		Columns: "stream, year, practice, demo, title, kabupaten, zone, wilayah, pin, opened, closed, detail, version, position"}
	cycleWindows = &Table{Name: "cycle_windows", Key: "stream, name, scope_kind, scope_code", Owner: "stream",
		Columns: "stream, year, name, scope_kind, scope_code, opens_at, closes_at, shut, shut_at, closing, reopened, extended, waiting, decree, position"}
)

// A year is one cycle as it stands.
type year struct {
	stream string
	state  cycle.State
	seq    []event.Record
	last   event.Record
}

// years returns the cycles that have events in the batch.
func (b *Batch) years(ctx context.Context) ([]year, error) {
	return b.yearsOf(ctx, b.Streams(cycleStreams))
}

func (b *Batch) yearsOf(ctx context.Context, streams []string) ([]year, error) {
	histories, err := b.Histories(ctx, streams)
	if err != nil {
		return nil, err
	}
	var out []year
	for _, s := range streams {
		records := histories[s]
		if len(records) == 0 {
			continue
		}
		seq := event.Sequence(records, event.View{})
		out = append(out, year{s, cycle.Fold(seq), seq, records[len(records)-1]})
	}
	return out, nil
}

// opened returns the event that opened the cycle; an empty one where it does not
// count any more.
func (y year) opened() cycle.Opened { return deref(y.state.Opened) }

func foldCycles(ctx context.Context, b *Batch, w *Writer) error {
	all, err := b.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range all {
		o := y.opened()
		w.Put(cycleRows, y.stream, y.state.Year, o.Practice, o.Demo, o.Title, o.Kabupaten, o.Zone, o.Wilayah, asJSON(y.state.Pin),
			moment(y.state.OpenedAt), y.state.IsClosed, asJSON(yearDetailOf(y)), y.last.Version, y.last.Position)
		w.Replace(cycleWindows, y.stream)
		for _, win := range windowsOf(y) {
			w.Put(cycleWindows, y.stream, y.state.Year, win.Window, string(win.Scope.Kind), win.Scope.Code, win.OpensAt, win.ClosesAt, win.Shut,
				moment(win.ShutAt), win.Closing, win.Reopened, win.Extended, win.Waiting, asJSON(win.Decree), win.Position)
		}
	}
	return nil
}

// windowsOf returns the windows of a cycle, by name and scope.
func windowsOf(y year) []Window {
	var out []Window
	for _, k := range y.state.Keys() {
		s := y.state.Windows[k]
		win := Window{Window: k.Window, Scope: k.Scope, OpensAt: s.OpensAt, ClosesAt: s.ClosesAt, Shut: s.Shut, ShutAt: s.ShutAt}
		if s.Shut {
			win.Closing = s.Closing.String()
		}
		for _, r := range y.seq {
			win.take(r)
		}
		out = append(out, win)
	}
	return out
}

// take counts an event that concerns the window.
func (w *Window) take(r event.Record) {
	concerns := func(name string, scope domain.Scope) bool {
		if name != w.Window || cycle.Wide(scope) != w.Scope {
			return false
		}
		w.Position = max(w.Position, r.Position)
		return true
	}
	switch e := r.Event.(type) {
	case *cycle.WindowOpened:
		if concerns(e.Window, e.Scope) {
			w.Decree = e.Decree
		}
	case *cycle.WindowExtended:
		if concerns(e.Window, e.Scope) {
			w.Extended++
			w.Decree = e.Decree
		}
	case *cycle.WindowClosed:
		if concerns(e.Window, e.Scope) {
			w.Waiting = e.Waiting
		}
	case *cycle.WindowReopened:
		if concerns(e.Window, e.Scope) {
			w.Reopened++
			w.Decree = e.Decree
		}
	}
}

// yearDetailOf returns what the page of a cycle shows beside its windows.
func yearDetailOf(y year) YearDetail {
	var d YearDetail
	limits := func(all []Limit, l Limit) []Limit {
		all = slices.DeleteFunc(all, func(o Limit) bool { return o.Stage == l.Stage && o.Scope == l.Scope })
		return append(all, l)
	}
	for _, r := range y.seq {
		switch e := r.Event.(type) {
		case *cycle.CeilingSet:
			d.Ceilings = limits(d.Ceilings, Limit{e.Stage, e.Scope, int64(e.Amount), e.Decree, r.Position})
		case *cycle.QuotaSet:
			d.Quotas = limits(d.Quotas, Limit{e.Stage, e.Scope, int64(e.Count), e.Decree, r.Position})
		case *cycle.DocumentAdopted:
			d.Documents = slices.DeleteFunc(d.Documents, func(a Adopted) bool { return a.Kind == e.Kind })
			d.Documents = append(d.Documents, Adopted{*e, r.Effective(), r.Position})
		case *cycle.PublicationPolicySet:
			d.Policy = e
		case *cycle.VocabularyPublished:
			words := *e
			words.Entries = nil
			d.Words = slices.DeleteFunc(d.Words, func(v cycle.VocabularyPublished) bool { return v.Register == e.Register })
			d.Words = append(d.Words, words)
		}
	}
	d.Releases = y.state.Released
	byPlace := func(a, b Limit) int {
		return strings.Compare(a.Stage+" "+a.Scope.String(), b.Stage+" "+b.Scope.String())
	}
	slices.SortFunc(d.Ceilings, byPlace)
	slices.SortFunc(d.Quotas, byPlace)
	return d
}
