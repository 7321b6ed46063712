package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/api/intake/lists"
	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/eventstore"
)

// A ListOrder is a list to be taken in: what an RKPD, a KUA-PPAS, an APBD or its
// change holds of which proposal.
type ListOrder struct {
	Kind         string // rkpd, ppas, apbd, perubahan
	Year         int    // fiscal year
	File         *sheet.File
	Sheet        string          // "": the first
	Document     domain.Document // number, date and digest of what was adopted
	Occurred     domain.Interval // when that took effect; zero: now
	Total        domain.Rupiah   // of the document, as printed in it; 0: the sum of the list
	LeftOut      string          // reason code for the proposals that wait for the document and stand in no row; "": they go on waiting
	LeftOutWords domain.Text
	Answers      map[int]string // what somebody says that rows mean, by row: see lists.Say
	Try          bool           // judge, and append nothing
	Progress     func(done, total int64)
}

func (o ListOrder) progress(done, total int64) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// A ListReport says what became of a list: every row is counted once, and so is
// every rupiah.
type ListReport struct {
	File      string // its SHA-256, hex
	List      *lists.List
	Registers *lists.Registers
	Meta      lists.Meta

	Decided   []lists.Decided
	Unchanged []*lists.Row
	Waiting   []lists.Waiting
	Aside     []*lists.Row
	Refused   []lists.Refused
	Absent    []*lists.Candidate // wait for the document, and no row means them
	LeftOut   []lists.Decided    // of them, those that were left out with a reason
	Spared    []lists.Refused    // of them, those that could not be
	Events    int                // appended
	Appends   int
}

// ImportList takes in a list in the name of a caller. What the rules forbid of a
// single row is reported of that row; what forbids the whole list is refused. A
// list that broke off is simply taken in again: what the document has decided
// already is not decided twice.
func (s *Server) ImportList(ctx context.Context, by Caller, o ListOrder) (*ListReport, error) {
	registers, err := s.listRegisters(ctx)
	if err != nil {
		return nil, err
	}
	list, err := lists.Read(o.File, o.Sheet, registers)
	if err != nil {
		return nil, err
	}
	if err := list.Say(o.Answers); err != nil {
		return nil, err
	}
	r := &ListReport{File: o.File.Digest, List: list, Registers: registers}
	if r.Meta, err = o.meta(list); err != nil {
		return nil, err
	}
	run := &listRun{Server: s, order: o, report: r}
	if err := run.begin(ctx, by); err != nil {
		return nil, err
	}
	all, appeared, err := s.known(ctx, run.order, run.ask.Definition)
	if err != nil {
		return nil, err
	}
	run.standing = make(map[string]string, len(all))
	for _, c := range all {
		run.standing[c.Number] = c.Standing
	}
	plan := (&lists.Question{Kind: o.Kind, Year: o.Year, List: list, All: all, Appeared: appeared}).Answer()
	r.Unchanged, r.Waiting, r.Aside, r.Refused, r.Absent = plan.Unchanged, plan.Waiting, plan.Aside, plan.Refused, plan.Absent
	return r, run.carryOut(ctx, plan.Decided)
}

// listRegisters returns the registers of places and offices as they hold now.
func (s *Server) listRegisters(ctx context.Context) (*lists.Registers, error) {
	places, offices := reference.Stream("wilayah"), reference.Stream("opd")
	histories, err := s.Store.Streams(ctx, []string{places, offices})
	if err != nil {
		return nil, err
	}
	newest := func(stream string) *reference.Edition {
		return reference.Fold(event.Sequence(histories[stream], event.View{})).On("")
	}
	return lists.NewRegisters(newest(places), newest(offices)), nil
}

// meta returns which list this is: a workbook of Confirm goes on the one that it
// was made of.
func (o ListOrder) meta(l *lists.List) (lists.Meta, error) {
	m := lists.Meta{Kind: o.Kind, Digest: o.File.Digest, Lines: len(l.Rows) + len(l.Refused), Total: l.Sum}
	if o.Total > 0 && l.Sum > o.Total {
		return m, domain.Refuse(domain.Conflict, "lists.total_short", "total", o.Total.String(), "sum", l.Sum.String(), "excess", (l.Sum - o.Total).String())
	}
	if o.Total > 0 {
		m.Total = o.Total
	}
	if !l.Confirms {
		return m, nil
	}
	of, ok := lists.MetaOf(o.File)
	if !ok {
		return lists.Meta{}, nil // rows of one that were quarantined: see begin
	}
	if of.Kind != o.Kind {
		return m, domain.Refuse(domain.Invalid, "lists.confirmation_other", "file", o.File.Name, "kind", of.Kind, "wanted", o.Kind)
	}
	return of, nil
}

// A listRun is one list on its way into the log.
type listRun struct {
	*Server
	order    ListOrder
	report   *ListReport
	ask      Ask               // without an act
	standing map[string]string // of each proposal, in words
	received bool              // the file is recorded already
	imports  delivery.State    // files of the same kind, with what of them is quarantined
	mends    string            // the file whose quarantined rows this one holds, or has held itself; "": none
}

// begin finds out who asks and under which rules, and examines what forbids the
// whole list: the role, the paper, a cycle that is closed.
func (x *listRun) begin(ctx context.Context, by Caller) error {
	o := x.order
	definition, _, err := x.pinned(ctx, o.Year, "")
	if err != nil {
		return err
	}
	x.ask = Ask{Actor: by.Actor, Version: -1, Cycle: o.Year, Definition: definition, Occurred: o.Occurred}
	imports := delivery.ImportStream(o.Kind, itoa(o.Year))
	histories, err := x.Store.Streams(ctx, []string{imports, cycle.Stream(o.Year)})
	if err != nil {
		return err
	}
	x.imports = delivery.Fold(event.Sequence(histories[imports], event.View{}))
	x.mends = x.origin()
	x.received = x.imports.Files[o.File.Digest] != nil
	adopted := cycle.Fold(event.Sequence(histories[cycle.Stream(o.Year)], event.View{})).Adopted[o.Kind].Document
	switch {
	case adopted.Number == o.Document.Number && adopted.Date == o.Document.Date:
		x.order.Document = adopted // the paper is what was adopted, whatever was uploaded for it now
	case x.report.Meta.Kind == "":
		return domain.Refuse(domain.Invalid, "lists.confirmation_bare", "file", o.File.Name)
	}
	ask, bare := x.ask, x.document(nil)
	bare.Lines, bare.Total = max(bare.Lines, 1), max(bare.Total, 1) // what is wrong with the rows is said of the rows
	ask.Act = bare
	_, err = x.Try(ctx, ask)
	return err
}

// origin returns the file whose quarantined rows this one holds: that of which it is the
// quarantine or the workbook to confirm, or itself where it was taken in before.
func (x *listRun) origin() string {
	if of := mended(x.imports, x.order.File); of != "" {
		return of
	}
	for _, of := range []string{x.report.Meta.Digest, x.order.File.Digest} {
		if file := x.imports.Files[of]; file != nil {
			return cmp.Or(file.Mends, of)
		}
	}
	return ""
}

// resolved returns what a part of the decisions does for the quarantine, nil for nothing.
func (x *listRun) resolved(part []lists.Decided) *delivery.QuarantineResolved {
	rows := make([]int, len(part))
	for i, d := range part {
		switch l := x.report.List; {
		case x.mends == x.order.File.Digest:
			rows[i] = d.Row.Number
		case l.Confirms:
			rows[i] = d.Row.Of
		case d.Row.Number > 0:
			rows[i] = l.Layout.Origin(d.Row.Cells)
		}
	}
	return resolving(x.imports, x.mends, rows)
}

// document returns the act by which a part of the list is decided.
func (x *listRun) document(part []lists.Decided) act.AdoptDocument {
	m := x.report.Meta
	a := act.AdoptDocument{Year: x.order.Year, Kind: x.order.Kind, Document: x.order.Document, Lines: m.Lines, Total: m.Total}
	for _, d := range part {
		a.Decisions = append(a.Decisions, d.Decision)
	}
	return a
}

// carryOut judges everything, so that it is known how many rows come in, and
// then appends part after part.
func (x *listRun) carryOut(ctx context.Context, decided []lists.Decided) error {
	r := x.report
	left, err := x.leaveOut()
	if err != nil {
		return err
	}
	batches := lists.Batches(decided)
	for i, batch := range batches {
		good, refused, err := x.judge(ctx, batch)
		if err != nil {
			return err
		}
		batches[i] = good
		r.Decided, r.Refused = append(r.Decided, good...), append(r.Refused, refused...)
		x.order.progress(int64(i+1), int64(len(batches)))
	}
	if len(left) > 0 && len(r.Waiting)+len(r.Refused) > 0 {
		return x.tooEarly()
	}
	for _, batch := range lists.Batches(left) {
		good, spared, err := x.judge(ctx, batch)
		if err != nil {
			return err
		}
		batches = append(batches, good)
		r.LeftOut, r.Spared = append(r.LeftOut, good...), append(r.Spared, spared...)
	}
	if x.order.Try {
		return nil
	}
	for i, batch := range batches {
		if len(batch) == 0 {
			continue
		}
		if err := x.append(ctx, batch); err != nil {
			return err
		}
		x.order.progress(int64(i+1), int64(len(batches)))
	}
	return nil
}

// leaveOut returns the decisions that leave out who stands in no row, where that
// was asked for.
func (x *listRun) leaveOut() ([]lists.Decided, error) {
	o := x.order
	if o.LeftOut == "" {
		return nil, nil
	}
	if x.report.List.Partial {
		return nil, domain.Refuse(domain.Invalid, "lists.left_out_of_part", "file", o.File.Name)
	}
	var out []lists.Decided
	for _, c := range x.report.Absent {
		out = append(out, lists.Decided{Row: &lists.Row{}, Decision: act.Decision{Proposal: c.Number, Ask: &proposal.LeftOut{Reason: o.LeftOut, Text: o.LeftOutWords}}})
	}
	return out, nil
}

// tooEarly refuses to leave anybody out while rows may still turn out to mean
// them.
func (x *listRun) tooEarly() error {
	r := x.report
	return domain.Refuse(domain.Conflict, "lists.left_out_early", "waiting", strconv.Itoa(len(r.Waiting)), "refused", strconv.Itoa(len(r.Refused)), "absent", strconv.Itoa(len(r.Absent)))
}

// judge returns which of some decisions may be carried out together, and why the
// others may not.
func (x *listRun) judge(ctx context.Context, part []lists.Decided) (good []lists.Decided, refused []lists.Refused, err error) {
	for len(part) > 0 {
		ask := x.ask
		ask.Act, ask.Command = x.document(part), uuid.New()
		_, err := x.Try(ctx, ask)
		if err == nil {
			return part, refused, nil
		}
		refusal, ok := ruled(err)
		if !ok {
			return nil, nil, err
		}
		faults := faultsOf(refusal)
		if len(faults) == 0 && len(part) > 1 { // of which one it is does not say
			half := len(part) / 2
			first, no, err := x.judge(ctx, part[:half])
			if err != nil {
				return nil, nil, err
			}
			second, more, err := x.judge(ctx, part[half:])
			return append(first[:len(first):len(first)], second...), append(append(refused, no...), more...), err
		}
		if len(faults) == 0 {
			return nil, append(refused, lists.Refused{Row: part[0].Row, Err: refusal}), nil
		}
		var rest []lists.Decided
		for i, d := range part {
			if why := faults[i]; why != nil {
				refused = append(refused, lists.Refused{Row: d.Row, Err: x.plainly(d, why)})
				continue
			}
			rest = append(rest, d)
		}
		part = rest
	}
	return nil, refused, nil
}

// ruled returns the refusal where the rules forbid what was asked, and false
// where the program cannot answer now or does not know whether it was done: that
// is no reason against a row.
func ruled(err error) (*domain.Error, bool) {
	refusal, ok := errors.AsType[*domain.Error](err)
	return refusal, ok && refusal.Kind != domain.Unready && refusal.Kind != domain.Unanswered
}

// plainly says of a proposal that is not where the document finds it, where it
// stands: that is what whoever keeps the list can look up.
func (x *listRun) plainly(d lists.Decided, why *domain.Error) error {
	standing := x.standing[d.Decision.Proposal]
	if why.Code != "workflow.state" || standing == "" {
		return why
	}
	return domain.Refuse(domain.Conflict, "lists.stands_elsewhere", "proposal", d.Decision.Proposal, "standing", standing, "kind", x.order.Kind)
}

// faultsOf returns the refusals of single decisions, by their place in the act,
// each with the further ones of the same decision.
func faultsOf(e *domain.Error) map[int]*domain.Error {
	out := map[int]*domain.Error{}
	for _, one := range append([]*domain.Error{e}, e.All...) {
		rest, ok := strings.CutPrefix(one.Field, "/decisions/")
		if !ok {
			continue
		}
		place, _, _ := strings.Cut(rest, "/")
		i, err := strconv.Atoi(place)
		if err != nil {
			continue
		}
		if out[i] != nil {
			out[i].All = append(out[i].All, one)
			continue
		}
		why := *one
		why.All = nil // those of other decisions stand among them
		out[i] = &why
	}
	return out
}

// append carries out one part. Where somebody else was first, it is judged once
// more, and what can no longer be is reported of its rows.
func (x *listRun) append(ctx context.Context, part []lists.Decided) error {
	for try := 0; len(part) > 0; try++ {
		receipt, err := x.once(ctx, part)
		if err == nil {
			x.report.Events += len(receipt.Events)
			x.report.Appends++
			return nil
		}
		_, refusal := ruled(err)
		_, conflict := errors.AsType[*eventstore.ConflictError](err)
		if !refusal && !conflict || try == 3 {
			return err
		}
		good, refused, err := x.judge(ctx, part)
		if err != nil {
			return err
		}
		x.moved(part, good, refused)
		part = good
	}
	return nil
}

func (x *listRun) once(ctx context.Context, part []lists.Decided) (eventstore.Receipt, error) {
	a := x.document(part)
	r := x.report
	if !x.received {
		quarantined, held := len(r.Waiting)+len(r.Refused), quarantine{}
		for _, one := range r.Waiting {
			held.add(one.Row.Number, nil)
		}
		for _, one := range r.Refused {
			held.add(one.Row.Number, one.Err)
		}
		a.Received = &delivery.Received{Source: x.order.Kind, Digest: x.order.File.Digest, Accepted: len(r.Decided),
			Mends: x.mends, Held: held.held(), Unchanged: len(r.Unchanged) + len(r.Aside), Quarantined: quarantined, Rows: len(r.Decided) + len(r.Unchanged) + len(r.Aside) + quarantined}
	}
	a.Resolved = x.resolved(part)
	ask := x.ask
	ask.Act, ask.Command = a, uuid.New()
	ask.Fingerprint = sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s", ask.Command, x.order.Kind, x.order.File.Digest, x.order.Document.Number))
	receipt, err := x.Do(ctx, ask)
	if err == nil {
		x.received = true
		err = x.lookAgain(ctx)
	}
	return receipt, err
}

// lookAgain reads what is quarantined still, after an append that may have dealt with
// some of it.
func (x *listRun) lookAgain(ctx context.Context) error {
	if x.mends == "" {
		return nil
	}
	stream := delivery.ImportStream(x.order.Kind, itoa(x.order.Year))
	histories, err := x.Store.Streams(ctx, []string{stream})
	if err == nil {
		x.imports = delivery.Fold(event.Sequence(histories[stream], event.View{}))
	}
	return err
}

// moved notes rows that could be decided when they were judged first, and no
// longer.
func (x *listRun) moved(before, good []lists.Decided, refused []lists.Refused) {
	still := map[*lists.Row]bool{}
	for _, d := range good {
		still[d.Row] = true
	}
	gone := map[*lists.Row]bool{}
	for _, d := range before {
		gone[d.Row] = !still[d.Row]
	}
	keep := func(all []lists.Decided) []lists.Decided {
		var out []lists.Decided
		for _, d := range all {
			if !gone[d.Row] {
				out = append(out, d)
			}
		}
		return out
	}
	x.report.Decided, x.report.LeftOut = keep(x.report.Decided), keep(x.report.LeftOut)
	for _, one := range refused {
		if one.Row.Number == 0 {
			x.report.Spared = append(x.report.Spared, one)
			continue
		}
		x.report.Refused = append(x.report.Refused, one)
	}
}
