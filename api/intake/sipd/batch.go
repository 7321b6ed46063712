package sipd

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/projections"
)

// A batch is some rows that are taken in by one command.
type batch struct {
	number  int
	entries []Entry
	known   map[string]string   // numbers of proposals by id
	alike   map[string][]string // numbers by likeness, of rows that are new
}

// rows takes the rows in, some hundred at a time.
func (r *run) rows(ctx context.Context) error {
	b := batch{}
	done := 0
	take := func() error {
		if len(b.entries) == 0 {
			return nil
		}
		if err := r.take(ctx, &b); err != nil {
			return err
		}
		done += len(b.entries)
		r.Progress(int64(done), int64(r.scan.rows))
		b = batch{number: b.number + 1}
		return nil
	}
	for row, err := range r.reader.Data(r.File.Rows(r.Sheet)) {
		if err != nil {
			return err
		}
		b.entries = append(b.entries, r.reader.read(row))
		if len(b.entries) < batchRows {
			continue
		}
		if err := take(); err != nil {
			return err
		}
	}
	return take()
}

// take takes one batch in.
func (r *run) take(ctx context.Context, b *batch) error {
	if err := r.withoutErased(ctx, b); err != nil {
		return err
	}
	r.examine(b)
	if err := r.find(ctx, b); err != nil {
		return err
	}
	var last taken
	decide := func(h act.Histories, rules act.Rules) (act.Observe, error) {
		last = r.differences(b, h)
		return r.observe(last.rows), nil
	}
	refused, err := r.do(ctx, "rows "+strconv.Itoa(b.number), decide, slices.Collect(maps.Values(b.known)))
	if err != nil {
		return err
	}
	return r.tally(b, last, refused)
}

// withoutErased reads rows again that hold details which were erased, without
// them.
func (r *run) withoutErased(ctx context.Context, b *batch) error {
	var spans []domain.Span
	for i := range b.entries {
		spans = append(spans, b.entries[i].spans()...)
	}
	if len(spans) == 0 {
		return nil
	}
	gone, err := r.Vault.Suppressed(ctx, spans...)
	if err != nil {
		return err
	}
	r.reader.erased = make(map[domain.Span]bool)
	for i, s := range spans {
		if gone[i] {
			r.reader.erased[s] = true
		}
	}
	if len(r.reader.erased) == 0 {
		return nil
	}
	for i := range b.entries {
		if slices.ContainsFunc(b.entries[i].spans(), func(s domain.Span) bool { return r.reader.erased[s] }) {
			b.entries[i] = r.reader.read(b.entries[i].source)
			r.report.note(b.entries[i].Row, "sipd.note_erased")
		}
	}
	return nil
}

// examine notes what is wrong with a row beside others: its id stands twice, or a
// mended row does not say which row it was.
func (r *run) examine(b *batch) {
	for i := range b.entries {
		e := &b.entries[i]
		k := r.scan.ids[e.ID]
		if e.ID != "" && k.differ {
			e.problem("id", domain.Refuse(domain.Conflict, "sipd.id_twice", "id", e.ID, "row", strconv.Itoa(int(k.first))))
		}
		if r.received.Mends == "" {
			continue
		}
		origin, err := strconv.Atoi(r.reader.Get(e.source, originKey).Text)
		if err != nil || origin < 1 {
			e.problem(originKey, domain.Refuse(domain.Invalid, "sipd.origin_missing"))
			continue
		}
		e.Row = origin
	}
}

// find looks up which rows are known, and what new ones look like. A read model
// finds them; the streams decide.
func (r *run) find(ctx context.Context, b *batch) error {
	imports := projections.Imports{DB: r.DB}
	var ids []string
	for _, e := range b.entries {
		if e.ID != "" {
			ids = append(ids, e.ID)
		}
	}
	found, err := imports.ByID(ctx, r.Year, Source, ids)
	if err != nil {
		return err
	}
	b.known = make(map[string]string, len(ids))
	var likenesses []string
	for _, e := range b.entries {
		if row, ok := found.Value[e.ID]; ok {
			b.known[e.ID] = row.Number
		} else if number, ok := r.tail[e.ID]; ok {
			b.known[e.ID] = number
		} else if l := e.Idea.Likeness(); l != "" {
			likenesses = append(likenesses, l)
		}
	}
	alike, err := imports.Alike(ctx, r.Year, likenesses)
	b.alike = alike.Value
	return err
}

// startedAfter returns by id the proposals of this source that began after a
// position.
func (r *run) startedAfter(ctx context.Context, position int64) (map[string]string, error) {
	out := make(map[string]string)
	for rec, err := range r.Store.Since(ctx, position, 0, eventstore.Filter{StreamPrefix: proposal.Stream(""), Cycle: r.Year}) {
		if err != nil {
			return nil, err
		}
		e, ok := rec.Event.(proposal.Event)
		if !ok || e.Base().Observed == nil || e.Base().Observed.Source != Source || e.Base().Observed.ID == "" {
			continue
		}
		if number, ok := proposal.NumberOf(rec.Stream); ok {
			out[e.Base().Observed.ID] = number
		}
	}
	return out, nil
}

// taken is what a batch comes to.
type taken struct {
	rows    []act.Row
	of      []int                 // entry that a row is of
	diffs   map[int]difference    // by entry, those that change something or say why not
	refused map[int]*domain.Error // by entry
}

// differences compares a batch with the log. It may be asked again after somebody
// else was first.
func (r *run) differences(b *batch, h act.Histories) taken {
	t := taken{diffs: make(map[int]difference), refused: make(map[int]*domain.Error)}
	seen := make(map[string]bool)
	for i, e := range b.entries {
		if len(e.Problems) > 0 || seen[e.ID] || e.ID != "" && r.scan.ids[e.ID].first != int32(e.source.Number) {
			continue // quarantined, or the same row once more
		}
		seen[e.ID] = true
		var d difference
		var err error
		if number, known := b.known[e.ID]; known {
			d, err = r.compare.change(e, number, h.Now(proposal.Stream(number)))
		} else {
			d, err = r.compare.beginning(e)
		}
		if refusal, ok := errors.AsType[*domain.Error](err); ok {
			t.refused[i] = refusal
			continue
		}
		t.diffs[i] = d
		if d.changed {
			t.rows, t.of = append(t.rows, d.row), append(t.of, i)
		}
	}
	return t
}

// tally counts what came of a batch and hands over what is quarantined.
func (r *run) tally(b *batch, t taken, refused map[int]error) error {
	for n, err := range refused {
		refusal, ok := errors.AsType[*domain.Error](err)
		if !ok {
			return err
		}
		t.refused[t.of[n]] = refusal
	}
	for i := range b.entries {
		e := &b.entries[i]
		if refusal := t.refused[i]; refusal != nil {
			e.problem(columnOf(refusal), refusal)
		}
		d := t.diffs[i]
		switch {
		case len(e.Problems) > 0:
			if err := r.hold(e); err != nil {
				return err
			}
			continue
		case d.changed:
			r.accept(b, e, d)
		case d.written && !r.again:
			r.report.Accepted++
			r.report.Earlier++
		default:
			r.report.Unchanged++
			if k := r.scan.ids[e.ID]; k.first != int32(e.source.Number) {
				d.notes = append(d.notes, "sipd.note_same_row")
			}
		}
		r.report.note(e.Row, d.notes...)
		r.mend(e)
	}
	return nil
}

// accept counts a row that says something new.
func (r *run) accept(b *batch, e *Entry, d difference) {
	types := typesOf(d.row)
	for _, name := range types {
		r.report.Events[name]++
	}
	r.report.Accepted++
	if d.row.Proposal == "" {
		r.report.New++
	} else {
		r.report.Changed++
	}
	if len(r.report.Examples) < mostExamples {
		r.report.Examples = append(r.report.Examples, Example{Row: e.Row, ID: e.ID, Proposal: d.row.Proposal, Events: types})
	}
	r.report.note(e.Row, d.row.Doubts...)
	if alike := b.alike[e.Idea.Likeness()]; d.row.Proposal == "" && len(alike) > 0 && len(r.report.Suggestions) < mostNamed {
		r.report.Suggestions = append(r.report.Suggestions, Suggestion{Row: e.Row, ID: e.ID, Alike: alike})
	}
}

// mostMended is how many rows one event says are in now. Of more, the rest is said
// when the file is run again.
const mostMended = 20_000

// mend notes that a row which had been quarantined is in now.
func (r *run) mend(e *Entry) {
	origin := r.received.Mends
	if r.again {
		origin = r.File.Digest
	}
	file := r.imports.Files[origin]
	if file == nil || file.Quarantined == 0 || !file.Holds(e.Row) || r.imports.Resolved[origin][e.Row] || slices.Contains(r.mended, e.Row) {
		return
	}
	if len(r.mended) < min(mostMended, r.imports.Open(origin)) {
		r.mended = append(r.mended, e.Row)
	}
}

// hold quarantines a row with all that is wrong with it.
func (r *run) hold(e *Entry) error {
	first := *e.Problems[0].Err
	column := r.reader.heading(e.Problems[0].Column)
	for _, p := range e.Problems[1:] {
		first.All = append(first.All[:len(first.All):len(first.All)], p.Err)
	}
	if e.Problems[0].Column == "" {
		column = ""
	}
	r.report.hold(e.Row, column, first.Code, &first)
	if r.Quarantine == nil {
		return nil
	}
	row := e.source
	row.Number = e.Row
	return r.Quarantine.Add(r.reader.bare(), row, column, &first)
}

// columnOf returns the column that a refusal of the log is about, where it tells.
func columnOf(refusal *domain.Error) string {
	switch refusal.Code {
	case "sipd.status_unknown", "sipd.status_levelless", "workflow.strands", "observe.no_way":
		return "status"
	case "place.outside", "sipd.village_moved":
		return "kelurahan"
	case "kamus.unknown":
		return "usulan"
	case "amount.implausible":
		return "anggaran"
	case "amount.volume":
		return "volume"
	}
	return ""
}

// attempts is how often a batch is tried under another command: the number of a
// new proposal is drawn from the command, and in a large log one in some thousand
// is taken.
const attempts = 8

// do carries out one command of the import, or in a dry run finds out what would
// come of it. decide says what it is, from the streams of some proposals. The rows
// that were refused are returned by their place in what decide returned.
func (r *run) do(ctx context.Context, what string, decide func(act.Histories, act.Rules) (act.Observe, error), numbers []string) (map[int]error, error) {
	var refused map[int]error
	for try := range attempts {
		id := uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "runut import sipd %d %s %d %s %d", r.Year, r.File.Digest, r.imports.Version, what, try))
		sift := func(h act.Histories, now time.Time) ([]event.Change, error) {
			rules := act.Rules{Command: id, Actor: r.Actor, Now: now, Tenant: r.Tenant, Definitions: r.Definitions}
			observe, err := decide(h, rules)
			if err != nil {
				return nil, err
			}
			if len(observe.Rows) == 0 && observe.Received == nil && observe.Resolved == nil {
				refused = nil
				return nil, nil
			}
			var changes []event.Change
			changes, refused, err = observe.Sift(h, rules)
			if len(refused) == len(observe.Rows) && observe.Received == nil && observe.Resolved == nil {
				return nil, err
			}
			return changes, err
		}
		streams := r.streams(numbers)
		if r.DryRun {
			loaded, err := r.Store.Streams(ctx, streams)
			if err != nil {
				return nil, err
			}
			h := act.Histories(loaded)
			for _, s := range streams {
				if _, ok := h[s]; !ok {
					h[s] = nil
				}
			}
			_, err = sift(h, h.Clock(time.Now().UTC().Truncate(time.Microsecond)))
			return refused, err
		}
		err := r.execute(ctx, id, what, streams, sift)
		if _, conflict := errors.AsType[*eventstore.ConflictError](err); !conflict || try == attempts-1 {
			return refused, err
		}
	}
	return refused, nil
}

// streams returns what a batch is judged on.
func (r *run) streams(numbers []string) []string {
	names := make([]string, 0, len(numbers)+3)
	for _, n := range numbers {
		names = append(names, proposal.Stream(n))
	}
	observe := r.observe(nil)
	observe.Received = &r.received // reads the stream of imports
	names = append(names, act.Streams(observe, nil, act.Rules{Actor: r.Actor})...)
	slices.Sort(names)
	return slices.Compact(names)
}

// execute appends what a batch comes to.
func (r *run) execute(ctx context.Context, id uuid.UUID, what string, streams []string, sift func(act.Histories, time.Time) ([]event.Change, error)) error {
	var now time.Time
	histories := func(x *eventstore.Reading) act.Histories {
		h := make(act.Histories, len(streams))
		for _, s := range streams {
			h[s] = x.History(s)
		}
		return h
	}
	_, err := r.Store.Execute(ctx, eventstore.Decision{
		Command: event.Command{ID: id, Fingerprint: sha256.Sum256([]byte(r.File.Digest + " " + what)), Actor: r.Actor, Tenant: r.Tenant, Cycle: r.Year, Definition: r.cycle.Pin.Hash},
		Name:    "observe",
		Clock: func(x *eventstore.Reading) time.Time {
			now = histories(x).Clock(time.Now().UTC().Truncate(time.Microsecond))
			return now
		},
		Read:   func(ctx context.Context, x *eventstore.Reading) error { return x.Load(ctx, streams...) },
		Decide: func(x *eventstore.Reading) ([]event.Change, error) { return sift(histories(x), now) },
	})
	return err
}
