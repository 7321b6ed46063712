package api

import (
	"context"
	"slices"
	"time"

	"runut/api/intake/lists"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
)

// A tracked proposal is one as far as the log has been read.
type tracked struct {
	state    proposal.State
	source   string       // id in the system it came from
	said     []lists.Said // by the document at hand
	appeared bool         // it is money that no proposal asked for
	last     time.Time
	unsure   bool // a correction or a late record changes what its order tells
}

// known returns what the log holds of the proposals of a year: those that
// somebody asked for, and the budget lines that nobody did. The log is read
// rather than a read model, because what a document decided of whom and what a
// proposal was called in SIPD stands nowhere else, and because an import may run
// beside a server whose read models are behind.
func (s *Server) known(ctx context.Context, o ListOrder, definition string) (all, appeared []*lists.Candidate, err error) {
	found := map[string]*tracked{}
	head, err := s.Store.Head(ctx)
	if err != nil {
		return nil, nil, err
	}
	for r, err := range s.Store.Since(ctx, 0, 0, eventstore.Filter{StreamPrefix: proposal.Stream(""), Cycle: o.Year}) {
		if err != nil {
			return nil, nil, err
		}
		if r.Position%4096 == 0 {
			o.progress(r.Position, head)
		}
		t := found[r.Stream]
		if t == nil {
			t = &tracked{}
			found[r.Stream] = t
		}
		_, correction := r.Event.(event.Correction)
		t.unsure = t.unsure || correction || r.Effective().Before(t.last)
		t.last = r.Effective()
		t.take(r, o.Document)
	}
	o.progress(head, head)
	if err := s.reread(ctx, found, o.Document); err != nil {
		return nil, nil, err
	}
	rules := s.Definitions(definition)
	for _, t := range found {
		c := t.candidate(o.Kind)
		if spec := rules.States[c.State]; spec != nil {
			c.Standing = spec.Title.In(workflow.Indonesian)
		}
		if t.appeared {
			appeared = append(appeared, c)
		} else {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, byNumber)
	slices.SortFunc(appeared, byNumber)
	return all, appeared, nil
}

func byNumber(a, b *lists.Candidate) int {
	switch {
	case a.Number < b.Number:
		return -1
	case a.Number > b.Number:
		return 1
	}
	return 0
}

// reread folds the histories again of which the order of recording does not
// tell how they stand.
func (s *Server) reread(ctx context.Context, found map[string]*tracked, d domain.Document) error {
	var unsure []string
	for stream, t := range found {
		if t.unsure {
			unsure = append(unsure, stream)
		}
	}
	for part := range slices.Chunk(unsure, 200) {
		histories, err := s.Store.Streams(ctx, part)
		if err != nil {
			return err
		}
		for stream, records := range histories {
			t := &tracked{}
			for _, r := range event.Sequence(records, event.View{}) {
				t.take(r, d)
			}
			found[stream] = t
		}
	}
	return nil
}

// take adds one event.
func (t *tracked) take(r event.Record, d domain.Document) {
	e, ok := r.Event.(proposal.Event)
	if !ok {
		return
	}
	switch e := e.(type) {
	case *proposal.AppearedInBudget:
		t.appeared = true
	case *proposal.Submitted:
		t.source = e.SourceID
	case *proposal.SubmittedLate:
		t.source = e.SourceID
	}
	t.state = proposal.Evolve(t.state, e, r.Envelope)
	t.note(e, d)
}

// note keeps what the document at hand decided, the last word on each line.
func (t *tracked) note(e proposal.Event, d domain.Document) {
	var said lists.Said
	var by domain.Document
	switch e := e.(type) {
	case *proposal.IncludedInRKPD:
		by, said = e.Document, lists.Said{SubKegiatan: e.SubKegiatan, Amount: e.Amount}
	case *proposal.IncludedInPPAS:
		by, said = e.Document, lists.Said{SubKegiatan: e.SubKegiatan, Amount: e.Amount}
	case *proposal.Funded:
		by, said = e.Document, lists.Said{Line: e.Line, SubKegiatan: e.SubKegiatan, Amount: e.Amount}
	case *proposal.AppearedInBudget:
		by, said = e.Document, lists.Said{Line: e.Line, SubKegiatan: e.SubKegiatan, Amount: e.Amount}
	case *proposal.AmountRevised:
		by, said = e.Ground, lists.Said{Line: e.Line, SubKegiatan: t.state.SubKegiatan, Amount: e.New}
	case *proposal.LeftOut:
		by, said = e.Document, lists.Said{Out: true}
	case *proposal.Cancelled:
		by, said = e.LegalGround, lists.Said{Out: true}
	default:
		return
	}
	if by.IsZero() || by.Number != d.Number || by.Date != d.Date {
		return
	}
	if said.Line == "" && len(t.state.Lines) == 1 {
		for only := range t.state.Lines {
			said.Line = only
		}
	}
	t.said = append(slices.DeleteFunc(t.said, func(s lists.Said) bool { return s.Line == said.Line && !s.Out }), said)
}

func (t *tracked) candidate(kind string) *lists.Candidate {
	p := t.state
	c := &lists.Candidate{Number: p.Number, State: p.At, Village: p.Village, OPD: p.OPD, SubKegiatan: p.SubKegiatan, Title: p.Title.String(), Location: p.Location.String(),
		Amount: p.Estimate, Source: t.source, Parent: p.Parent, Lines: p.Lines, Said: t.said}
	for _, before := range []struct {
		of     []string
		amount domain.Rupiah
	}{
		{[]string{"ppas", "apbd", "perubahan"}, p.Included["rkpd"]},
		{[]string{"apbd", "perubahan"}, p.Included["ppas"]},
		{[]string{"perubahan"}, p.Granted()},
	} {
		if before.amount > 0 && slices.Contains(before.of, kind) {
			c.Amount = before.amount
		}
	}
	return c
}
