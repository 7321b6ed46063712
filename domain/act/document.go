package act

import (
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
)

// AdoptDocument records that RKPD, KUA-PPAS, APBD or its change was adopted and
// what that decided, in one append. A long document may come in several appends:
// the first adopts it, the others name the same document. Budget lines that no
// proposal asked for begin streams of their own, the n-th of them with the
// number domain.Number(year, command, n-1).
type AdoptDocument struct {
	Year      int
	Kind      string // rkpd, ppas, rapbd, apbd, perubahan
	Document  domain.Document
	Lines     int
	Total     domain.Rupiah
	Decisions []Decision
}

// A Decision is what a document says of one proposal. The document itself need
// not be repeated.
type Decision struct {
	Proposal string         // number; empty where Ask is an AppearedInBudget
	Ask      proposal.Event // IncludedInRKPD, IncludedInPPAS, Funded, LeftOut, AmountRevised, Cancelled, AppearedInBudget
}

// Name implements Act.
func (a AdoptDocument) Name() string { return "adopt_document" }

// Reads implements Act.
func (a AdoptDocument) Reads(Histories) []string {
	streams := []string{cycleStream(a.Year)}
	for _, d := range a.Decisions {
		streams = append(streams, streamsOf(d.Proposal)...)
	}
	return streams
}

// Decide implements Act.
func (a AdoptDocument) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, err := sit(h, r, a.Year)
	if err != nil {
		return nil, err
	}
	if err := s.entitled(); err != nil {
		return nil, err
	}
	adopted, err := a.adopt(s)
	if err != nil {
		return nil, err
	}
	b := book{lines: map[string]domain.Rupiah{}}
	appeared := 0
	states := make(map[string]proposal.State, len(a.Decisions)) // a proposal may be decided on twice: two budget lines
	for i, d := range a.Decisions {
		at := "/decisions/" + itoa(i)
		ask, amount, ok := a.complete(d.Ask)
		if !ok {
			return nil, domain.Refuse(domain.Invalid, "document.other", "event", proposal.EventName(d.Ask), "kind", a.Kind).At(at)
		}
		var p proposal.State
		if _, new := ask.(*proposal.AppearedInBudget); new {
			p.Number = s.draw(appeared)
			appeared++
		} else if known, decided := states[d.Proposal]; decided {
			p = known
		} else if p, err = s.proposal(d.Proposal); err != nil {
			return nil, err
		}
		rules := s.rules()
		rules.Forum = s.forum(forumStream(ask))
		e, err := s.decide(p, ask, rules)
		if err != nil {
			return nil, placed(err, at)
		}
		if err := b.enter(e, amount, at); err != nil {
			return nil, err
		}
		after, _ := s.record(p, e, adopted)
		if d.Proposal != "" {
			states[d.Proposal] = after
		}
	}
	if a.Total > 0 && b.sum > a.Total {
		return nil, domain.Refuse(domain.Conflict, "document.total", "kind", a.Kind, "total", a.Total.String(), "sum", b.sum.String(), "excess", (b.sum - a.Total).String()).At("/total")
	}
	return s.done()
}

// adopt adds the adoption, unless an earlier append of the same document has.
func (a AdoptDocument) adopt(s *sitting) (*fact, error) {
	if before, known := s.cycle.Adopted[a.Kind]; known && before.Document.Number == a.Document.Number && before.Document.Date == a.Document.Date && len(a.Decisions) > 0 {
		return nil, nil
	}
	events, err := cycle.Decide(s.cycle, &cycle.DocumentAdopted{Kind: a.Kind, Document: a.Document, Lines: a.Lines, Total: a.Total}, s.cycleRules())
	if err != nil {
		return nil, err
	}
	return s.add(cycleStream(a.Year), events[0], nil), nil
}

// complete returns a decision with the document filled in, and the amount it
// sets aside. It reports false for events that no document decides.
func (a AdoptDocument) complete(ask proposal.Event) (proposal.Event, domain.Rupiah, bool) {
	fill := func(d *domain.Document) {
		if d.IsZero() {
			*d = a.Document
		}
	}
	switch e := ask.(type) {
	case *proposal.IncludedInRKPD:
		c := *e
		fill(&c.Document)
		return &c, c.Amount, true
	case *proposal.IncludedInPPAS:
		c := *e
		fill(&c.Document)
		return &c, c.Amount, true
	case *proposal.Funded:
		c := *e
		fill(&c.Document)
		return &c, c.Amount, true
	case *proposal.AppearedInBudget:
		c := *e
		fill(&c.Document)
		return &c, c.Amount, true
	case *proposal.LeftOut:
		c := *e
		fill(&c.Document)
		return &c, 0, true
	case *proposal.AmountRevised:
		c := *e
		fill(&c.Ground)
		return &c, 0, true
	case *proposal.Cancelled:
		c := *e
		fill(&c.LegalGround)
		return &c, 0, true
	}
	return nil, 0, false
}

// A book adds up what a document sets aside, in all and by budget line.
type book struct {
	sum   domain.Rupiah
	lines map[string]domain.Rupiah
}

// enter adds one amount. What several proposals get of one budget line may not
// pass the line.
func (b *book) enter(e proposal.Event, amount domain.Rupiah, at string) error {
	b.sum += amount
	f, ok := e.(*proposal.Funded)
	if !ok {
		return nil
	}
	b.lines[f.Line] += f.Amount
	if f.LineTotal > 0 && b.lines[f.Line] > f.LineTotal {
		return domain.Refuse(domain.Conflict, "document.line_total", "line", f.Line, "total", f.LineTotal.String(), "sum", b.lines[f.Line].String()).At(at + "/amount")
	}
	return nil
}

// placed puts a refusal's place below another.
func placed(err error, at string) error {
	e, ok := err.(*domain.Error)
	if !ok {
		return err
	}
	e.Field = at + e.Field
	return e
}
