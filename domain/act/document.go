package act

import (
	"errors"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/proposal"
)

// AdoptDocument records that RKPD, KUA-PPAS, APBD or its change was adopted and
// what that decided, in one append. A long document may come in several appends:
// the first adopts it, the others name the same document. Budget lines that no
// proposal asked for begin streams of their own, the n-th of them with the
// number domain.Number(year, command, n-1).
//
// A refusal tells of every decision that is refused, the first and in All the
// others, each placed under /decisions/n and judged as if the refused ones
// before it had not been asked for.
type AdoptDocument struct {
	Year      int
	Kind      string // rkpd, ppas, rapbd, apbd, perubahan
	Document  domain.Document
	Lines     int
	Total     domain.Rupiah
	Decisions []Decision
	Received  *delivery.Received           // the list that was read for it, with the first of its decisions; nil for none
	Resolved  *delivery.QuarantineResolved // rows quarantined earlier that are decided on here; nil for none
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
	if a.Received != nil || a.Resolved != nil {
		streams = append(streams, delivery.ImportStream(a.Kind, itoa(a.Year)))
	}
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
	if err := a.receive(s); err != nil {
		return nil, err
	}
	b := book{lines: map[string]domain.Rupiah{}, states: make(map[string]proposal.State, len(a.Decisions))}
	var refused []*domain.Error
	for i, d := range a.Decisions {
		err := a.decision(s, d, &b, adopted)
		refusal, ok := errors.AsType[*domain.Error](err)
		if err != nil && !ok {
			return nil, err
		}
		if ok {
			refused = append(refused, under(refusal, "/decisions/"+itoa(i)))
		}
	}
	if a.Total > 0 && b.sum > a.Total {
		refused = append(refused, domain.Refuse(domain.Conflict, "document.total", "kind", a.Kind, "total", a.Total.String(), "sum", b.sum.String(), "excess", (b.sum-a.Total).String()).At("/total"))
	}
	if len(refused) > 0 {
		refused[0].All = append(refused[0].All, refused[1:]...)
		return nil, refused[0]
	}
	return s.done()
}

// decision adds what the document says of one proposal.
func (a AdoptDocument) decision(s *sitting, d Decision, b *book, adopted *fact) error {
	ask, amount, ok := a.complete(d.Ask)
	if !ok {
		return domain.Refuse(domain.Invalid, "document.other", "event", proposal.EventName(d.Ask), "kind", a.Kind)
	}
	var p proposal.State
	var err error
	if _, new := ask.(*proposal.AppearedInBudget); new {
		p.Number = s.draw(b.appeared)
	} else if known, decided := b.states[d.Proposal]; decided {
		p = known
	} else if p, err = s.proposal(d.Proposal); err != nil {
		return err
	}
	rules := s.rules()
	rules.Forum = s.forum(forumStream(ask))
	e, err := s.decide(p, ask, rules)
	if err != nil {
		return err
	}
	if err := b.enter(e, amount); err != nil {
		return err
	}
	after, _ := s.record(p, e, adopted)
	if d.Proposal == "" {
		b.appeared++
		return nil
	}
	b.states[d.Proposal] = after
	return nil
}

// receive adds the list that the document's decisions were read from, and what of an
// earlier one is dealt with by them.
func (a AdoptDocument) receive(s *sitting) error {
	stream := delivery.ImportStream(a.Kind, itoa(a.Year))
	if a.Received != nil {
		s.years[stream] = fiscal{a.Year, s.cycle.Pin.Hash}
		if err := s.deliver(stream, a.Received, false); err != nil {
			return placed(err, "/received")
		}
	}
	if a.Resolved != nil {
		s.years[stream] = fiscal{a.Year, s.cycle.Pin.Hash}
		if err := s.deliver(stream, a.Resolved, false); err != nil {
			return placed(err, "/resolved")
		}
	}
	return nil
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

// A book keeps what a document has set aside so far, in all and by budget line,
// and where that has left the proposals: one may be decided on twice, for two
// lines.
type book struct {
	sum      domain.Rupiah
	lines    map[string]domain.Rupiah
	states   map[string]proposal.State
	appeared int // proposals that began in it
}

// enter adds one amount. What several proposals get of one budget line may not
// pass the line.
func (b *book) enter(e proposal.Event, amount domain.Rupiah) error {
	f, ok := e.(*proposal.Funded)
	if !ok {
		b.sum += amount
		return nil
	}
	if line := b.lines[f.Line] + f.Amount; f.LineTotal > 0 && line > f.LineTotal {
		return domain.Refuse(domain.Conflict, "document.line_total", "line", f.Line, "total", f.LineTotal.String(), "sum", line.String()).At("/amount")
	}
	b.sum += amount
	b.lines[f.Line] += f.Amount
	return nil
}

// under puts the places of a refusal and of all that is with it below another.
func under(e *domain.Error, at string) *domain.Error {
	e.Field = at + e.Field
	for _, other := range e.All {
		under(other, at)
	}
	return e
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
