package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/api/intake/sheet"
	"runut/api/intake/template"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore"
)

// TemplateChoices returns what the template of a year offers for an area, and the
// cycle it belongs to. It refuses a year whose cycle was not opened.
func (s *Server) TemplateChoices(ctx context.Context, year int, area string) (template.Choices, cycle.State, error) {
	streams := []string{reference.Stream("wilayah"), reference.Stream("opd"), reference.Stream("kamus"), cycle.Stream(year)}
	histories, err := s.Store.Streams(ctx, streams)
	if err != nil {
		return template.Choices{}, cycle.State{}, err
	}
	c := cycle.Fold(event.Sequence(histories[streams[3]], event.View{}))
	if c.Opened == nil {
		return template.Choices{}, c, domain.Refuse(domain.Conflict, "workflow.cycle_unopened", "year", itoa(year))
	}
	if area == "" {
		area = c.Opened.Kabupaten
	}
	today := time.Now().In(c.Zone).Format(time.DateOnly)
	newest := func(i int) *reference.Edition {
		return reference.Fold(event.Sequence(histories[streams[i]], event.View{})).On(today)
	}
	return template.NewChoices(newest(0), newest(1), newest(2), c, area, today), c, nil
}

// A TemplateOrder is a filled workbook to be taken in.
type TemplateOrder struct {
	File     *sheet.File
	Year     int  // fiscal year it must be of; 0: the one it says
	Try      bool // judge, and append nothing
	Progress func(done, total int64)
}

// A TemplateReport says what became of each row.
type TemplateReport struct {
	File      string // its SHA-256, hex
	Table     *template.Table
	Submitted []TemplateRow
	Revised   []TemplateRow
	Unchanged []TemplateRow
	Refused   []TemplateRow
	Events    int // appended
}

// A TemplateRow is one row and the number of its proposal, or why it has none.
type TemplateRow struct {
	*template.Entry
	Proposal string // "" for one that was refused
}

// ImportTemplate hands in the rows of a workbook in the name of a caller: the
// operator of the village, or whoever carries the file for it. The rules are
// those of any other submission, windows among them.
func (s *Server) ImportTemplate(ctx context.Context, by Caller, o TemplateOrder) (*TemplateReport, error) {
	mark, err := template.MarkOf(o.File)
	if err != nil {
		return nil, err
	}
	if o.Year != 0 && o.Year != mark.Year {
		return nil, domain.Refuse(domain.Invalid, "template.other_year", "file", o.File.Name, "year", itoa(mark.Year), "wanted", itoa(o.Year))
	}
	choices, c, err := s.TemplateChoices(ctx, mark.Year, "")
	if err != nil {
		return nil, err
	}
	if mark.Kabupaten != c.Opened.Kabupaten {
		return nil, domain.Refuse(domain.Invalid, "template.other_kabupaten", "file", o.File.Name, "kabupaten", mark.Kabupaten, "wanted", c.Opened.Kabupaten)
	}
	table, err := template.Read(o.File, mark, choices)
	if err != nil {
		return nil, err
	}
	run := &templateRun{Server: s, order: o, cycle: c, report: &TemplateReport{File: o.File.Digest, Table: table},
		ask: Ask{Actor: by.Actor, Version: -1, Cycle: mark.Year, Definition: c.Pin.Hash}}
	done := 0
	for part := range slices.Chunk(table.Entries, 200) {
		if err := run.read(ctx, part); err != nil {
			return run.report, err
		}
		for i := range part {
			if err := run.take(ctx, &part[i]); err != nil {
				return run.report, err
			}
			if done++; o.Progress != nil {
				o.Progress(int64(done), int64(len(table.Entries)))
			}
		}
	}
	return run.report, run.receive(ctx)
}

// A templateRun is one workbook on its way into the log.
type templateRun struct {
	*Server
	order  TemplateOrder
	cycle  cycle.State
	ask    Ask                       // without an act
	known  map[string][]event.Record // streams that were read ahead
	report *TemplateReport
}

// read reads ahead what is recorded of some rows.
func (x *templateRun) read(ctx context.Context, part []template.Entry) error {
	streams := make([]string, len(part))
	for i, e := range part {
		streams[i] = proposal.Stream(domain.Number(x.cycle.Year, e.Key, 0))
	}
	found, err := x.Store.Streams(ctx, streams)
	if err != nil {
		return err
	}
	x.known = make(map[string][]event.Record, len(streams))
	for _, stream := range streams {
		x.known[stream] = found[stream]
	}
	return nil
}

// take hands in one row, or finds that it was handed in before.
func (x *templateRun) take(ctx context.Context, e *template.Entry) error {
	r := x.report
	if e.Err != nil {
		r.Refused = append(r.Refused, TemplateRow{Entry: e})
		return nil
	}
	command, number, records, err := x.find(ctx, e.Key)
	if err != nil {
		return err
	}
	into := &r.Submitted
	switch {
	case len(records) == 0:
		err = x.submit(ctx, e, command)
	default:
		var changed bool
		if changed, err = x.revise(ctx, e, number, records); changed {
			into = &r.Revised
		} else {
			into = &r.Unchanged
		}
	}
	refusal, ok := ruled(err)
	if err != nil && !ok {
		return err
	}
	if ok {
		e.Err = refusal
		r.Refused = append(r.Refused, TemplateRow{Entry: e})
		return nil
	}
	*into = append(*into, TemplateRow{e, number})
	return nil
}

// find returns the command and the number that a row's key stands for, and what
// is recorded of it. Two keys may in rare cases draw the same number; then the
// next command of the same key is another's.
func (x *templateRun) find(ctx context.Context, key uuid.UUID) (command uuid.UUID, number string, records []event.Record, err error) {
	for command = key; ; command = uuid.NewSHA1(command, []byte("again")) {
		number = domain.Number(x.cycle.Year, command, 0)
		stream := proposal.Stream(number)
		history, read := x.known[stream]
		if !read {
			found, err := x.Store.Streams(ctx, []string{stream})
			if err != nil {
				return command, "", nil, err
			}
			history = found[stream]
		}
		records = event.Sequence(history, event.View{})
		if len(history) == 0 || template.StatedIn(records).Source == key.String() {
			return command, number, records, nil
		}
	}
}

func (x *templateRun) submit(ctx context.Context, e *template.Entry, command uuid.UUID) error {
	ask := &proposal.Submitted{Lane: e.Lane, Idea: e.Idea, SourceID: e.Key.String()}
	switch e.Lane {
	case proposal.Pokir:
		ask.RecessMinutes = e.Minutes
	case proposal.KiprahDesa:
		ask.Visit = e.Minutes.Number
	default:
		ask.MinutesVillage = e.Minutes
	}
	return x.carryOut(ctx, act.Submit{Year: x.cycle.Year, Ask: ask}, command)
}

// revise records what a row says otherwise than before. The village's operator
// revises as always; for one who carries the file it is what the file says,
// within the state and window in which the operator could have revised.
func (x *templateRun) revise(ctx context.Context, e *template.Entry, number string, records []event.Record) (changed bool, err error) {
	stated := template.StatedIn(records)
	idea, differs := stated.Revision(e.Idea)
	if !differs {
		return false, nil
	}
	if !stated.Recognises(e.Idea) {
		return true, domain.Refuse(domain.Conflict, "template.row_other", "proposal", number, "title", stated.Idea.Title.Masked)
	}
	p := proposal.Fold(records)
	arrow, err := x.repair(p)
	if err != nil {
		return true, err
	}
	ask := &proposal.Revised{Idea: idea}
	if x.ask.Actor.Role != cycle.Importer {
		return true, x.carryOut(ctx, act.Take{Proposal: number, Ask: ask}, uuid.New())
	}
	row := act.Row{Row: e.Number, Proposal: number, Outcome: ask}
	if arrow.Stay {
		row.Facts, row.Outcome = []proposal.Event{ask}, nil
	}
	return true, x.carryOut(ctx, act.Observe{Year: x.cycle.Year, Source: "template", File: x.order.File.Digest, Rows: []act.Row{row}}, uuid.New())
}

// repair returns the arrow by which a proposal is revised where it stands, or why
// it cannot be any more.
func (x *templateRun) repair(p proposal.State) (*workflow.Transition, error) {
	d := x.Definitions(x.cycle.Pin.Hash)
	for _, t := range d.From(p.At) {
		if t.Event != "revised" {
			continue
		}
		if t.Window == "" {
			return t, nil
		}
		w, known := x.cycle.Find(t.Window, p.Place(d.Windows[t.Window].Scope))
		if !known || !w.OpenDuring(domain.Moment(time.Now())) {
			return nil, domain.Refuse(domain.Conflict, "template.repair_closed", "proposal", p.Number, "window", t.Window)
		}
		return t, nil
	}
	standing := string(p.At)
	if spec := d.States[p.At]; spec != nil {
		standing = spec.Title.In(workflow.Indonesian)
	}
	return nil, domain.Refuse(domain.Conflict, "template.repair_late", "proposal", p.Number, "standing", standing)
}

func (x *templateRun) carryOut(ctx context.Context, a act.Act, command uuid.UUID) error {
	ask := x.ask
	ask.Act, ask.Command = a, command
	if x.order.Try {
		_, err := x.Try(ctx, ask)
		return err
	}
	ask.Fingerprint = sha256.Sum256(fmt.Appendf(nil, "%s %s %s", a.Name(), command, x.order.File.Digest))
	receipt, err := x.Do(ctx, ask)
	x.report.Events += len(receipt.Events)
	if _, conflict := errors.AsType[*eventstore.ConflictError](err); conflict {
		return domain.Refuse(domain.Conflict, "template.busy")
	}
	return err
}

// receive records the file, once, where something came of it, and which rows that had
// been quarantined are in now. Who acts for a village has no part in that: receiving
// files is Bappeda's.
func (x *templateRun) receive(ctx context.Context) error {
	r, role := x.report, x.ask.Actor.Role
	if x.order.Try || role != cycle.Importer && role != cycle.Planner {
		return nil
	}
	stream := delivery.ImportStream("template", itoa(x.cycle.Year))
	histories, err := x.Store.Streams(ctx, []string{stream})
	if err != nil {
		return err
	}
	imports := delivery.Fold(event.Sequence(histories[stream], event.View{}))
	known, mends := imports.Files[x.order.File.Digest], mended(imports, x.order.File)
	resolved := x.resolved(imports, known, mends)
	if known == nil && len(r.Submitted)+len(r.Revised) > 0 {
		held := quarantine{}
		for _, row := range r.Refused {
			held.add(row.Number, row.Err)
		}
		err := x.carryOut(ctx, act.OnDelivery{Stream: stream, Ask: &delivery.Received{Source: "template", Digest: x.order.File.Digest, Mends: mends, Held: held.held(),
			Rows: len(r.Table.Entries), Accepted: len(r.Submitted) + len(r.Revised), Unchanged: len(r.Unchanged), Quarantined: len(r.Refused)}}, uuid.New())
		if err != nil {
			return err
		}
	}
	if resolved == nil {
		return nil
	}
	return x.carryOut(ctx, act.OnDelivery{Stream: stream, Ask: resolved}, uuid.New())
}

// resolved returns which quarantined rows are in now. Of a mended workbook all that are
// in count, for a run may have broken off before it said so; of the file itself, taken
// in again, those that were not before.
func (x *templateRun) resolved(imports delivery.State, known *delivery.Received, mends string) *delivery.QuarantineResolved {
	r := x.report
	var rows []int
	switch {
	case mends != "":
		for _, row := range slices.Concat(r.Submitted, r.Revised, r.Unchanged) {
			rows = append(rows, r.Table.Layout.Origin(row.Cells))
		}
	case known != nil:
		mends = known.Digest
		for _, row := range r.Submitted {
			rows = append(rows, row.Number)
		}
	}
	return resolving(imports, mends, rows)
}
