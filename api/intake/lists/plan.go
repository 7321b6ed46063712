package lists

import (
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A Question is what a list is asked: what it decides, given what is known.
type Question struct {
	Kind     string // rkpd, ppas, apbd, perubahan
	Year     int    // fiscal year
	List     *List
	All      []*Candidate
	Appeared []*Candidate // money that no proposal asked for, recorded earlier

	named   map[string]*Candidate
	sources map[string][]*Candidate
}

// A Decided is what a row decides.
type Decided struct {
	Row      *Row
	Decision act.Decision
}

// A Waiting is a row that an officer has to say something about.
type Waiting struct {
	Row         *Row
	Suggestions []Suggestion
}

// A Plan is what a list comes to. Every row that was read stands in exactly one
// part of it.
type Plan struct {
	Decided   []Decided
	Unchanged []*Row // the document has decided just this before
	Waiting   []Waiting
	Aside     []*Row // an officer says that no proposal asked for them, and no budget holds them yet
	Refused   []Refused
	Named     map[string]bool // numbers of proposals that some row means
	Absent    []*Candidate    // that wait for this document, and no row means them or may
}

// waits says in which states a proposal waits for the list of a kind, and in
// which others the list may still decide something.
var waits = map[string]struct{ for_, also []workflow.State }{
	"rkpd":      {for_: []workflow.State{"agreed"}},
	"ppas":      {for_: []workflow.State{"in_rkpd"}, also: []workflow.State{"late_entry"}},
	"apbd":      {for_: []workflow.State{"in_ppas"}, also: []workflow.State{"late_entry", "funded"}},
	"perubahan": {also: []workflow.State{"funded", "in_ppas", "late_entry"}},
}

// hasLines reports whether a document of a kind sets money aside line by line.
func hasLines(kind string) bool { return kind == "apbd" || kind == "perubahan" }

// Answer works out what the list decides.
func (q *Question) Answer() *Plan {
	q.named, q.sources = map[string]*Candidate{}, map[string][]*Candidate{}
	for _, c := range slices.Concat(q.All, q.Appeared) {
		q.named[c.Number] = c
		if c.Source != "" {
			q.sources[c.Source] = append(q.sources[c.Source], c)
		}
	}
	p := &Plan{Refused: slices.Clone(q.List.Refused), Named: map[string]bool{}}
	for _, x := range q.List.Refused {
		p.Named[x.Row.Proposal] = true // its row has yet to be mended
	}
	var open []*Row
	for _, r := range q.List.Rows {
		q.complete(r)
		if r.Answer == answerWithout {
			q.without(p, r)
			continue
		}
		if r.Answer == answerNo {
			p.Waiting = append(p.Waiting, Waiting{r, []Suggestion{}})
			continue
		}
		c, suggestions, err := q.means(r)
		switch {
		case err != nil:
			p.refuse(r, "", err)
		case c != nil:
			r.meant = c.Number
			p.Named[c.Number] = true
			q.decide(p, r, c)
		case suggestions != nil:
			p.Waiting = append(p.Waiting, Waiting{r, suggestions})
		default:
			open = append(open, r)
		}
	}
	q.match(p, open)
	p.examine(q)
	p.absent(q)
	return p
}

// complete gives a row of a budget that names no line the line of its sub
// kegiatan and account.
func (q *Question) complete(r *Row) {
	if r.Line == "" && hasLines(q.Kind) && r.SubKegiatan != "" && r.Account != "" {
		r.Line = r.SubKegiatan + "/" + r.Account
	}
}

// means returns the proposal that a row names. A merged one is decided on under
// its parent's number, which an officer has to confirm.
func (q *Question) means(r *Row) (*Candidate, []Suggestion, error) {
	var c *Candidate
	switch found := q.sources[r.Source]; {
	case r.Proposal != "":
		if c = q.named[r.Proposal]; c != nil {
			break
		}
		if y := proposal.Year(r.Proposal); y != q.Year {
			return nil, nil, domain.Refuse(domain.Conflict, "proposal.other_cycle", "proposal", r.Proposal, "year", strconv.Itoa(y), "wanted", strconv.Itoa(q.Year))
		}
		return nil, nil, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", r.Proposal)
	case r.Source == "" || len(found) == 0:
		return nil, nil, nil
	case len(found) > 1:
		var s []Suggestion
		for _, c := range found[:min(len(found), most)] {
			s = append(s, Suggestion{c, 50, []Why{{"match.source", []string{"id", r.Source}, 50}}})
		}
		return nil, s, nil
	default:
		c = found[0]
	}
	if c.State != "merged" || c.Parent == "" {
		return c, nil, nil
	}
	heir := c
	for range 3 {
		if up := q.named[heir.Parent]; up != nil {
			heir = up
		}
	}
	return nil, []Suggestion{{heir, 100, []Why{{"match.parent", []string{"child", c.Number}, 100}}}}, nil
}

// decide adds what a row says of a proposal.
func (q *Question) decide(p *Plan, r *Row, c *Candidate) {
	ask, err := q.ask(r, c)
	switch {
	case err != nil:
		p.refuse(r, "", err)
	case ask == nil:
		p.Unchanged = append(p.Unchanged, r)
	default:
		p.Decided = append(p.Decided, Decided{r, act.Decision{Proposal: c.Number, Ask: ask}})
	}
}

// ask returns what a row asks of a proposal; nil where the document has decided
// that already. What the same document said otherwise before is a revision of
// the amount: the list was corrected.
func (q *Question) ask(r *Row, c *Candidate) (proposal.Event, error) {
	line := r.Line
	if q.Kind == "perubahan" && line == "" && len(c.Lines) == 1 {
		for only := range c.Lines {
			line = only
		}
	}
	if !hasLines(q.Kind) {
		line = ""
	}
	before, spoken := c.said(line)
	if r.Reason != "" && r.Amount == 0 {
		if spoken && before.Out {
			return nil, nil
		}
		if q.Kind == "perubahan" {
			return &proposal.Cancelled{Reason: r.Reason, Text: domain.Mask(r.Words)}, nil
		}
		return &proposal.LeftOut{Reason: r.Reason, Text: domain.Mask(r.Words)}, nil
	}
	if r.Amount == 0 {
		return nil, domain.Refuse(domain.Invalid, "lists.no_amount", "proposal", c.Number)
	}
	if spoken && !before.Out {
		if before.Amount == r.Amount {
			return nil, nil
		}
		return &proposal.AmountRevised{New: r.Amount, Line: line}, nil
	}
	set := proposal.Allocation{SubKegiatan: r.SubKegiatan, Amount: r.Amount}
	if set.SubKegiatan == "" {
		set.SubKegiatan = c.SubKegiatan
	}
	switch q.Kind {
	case "rkpd":
		return &proposal.IncludedInRKPD{Allocation: set}, nil
	case "ppas":
		return &proposal.IncludedInPPAS{Allocation: set}, nil
	}
	if old, inForce := c.Lines[line]; inForce {
		if old == r.Amount {
			return nil, nil
		}
		return &proposal.AmountRevised{New: r.Amount, Line: line}, nil
	}
	return &proposal.Funded{Allocation: set, Line: line, Account: r.Account, LineTotal: r.LineTotal, Source: r.Fund}, nil
}

// said returns what the document at hand decided last of a line.
func (c *Candidate) said(line string) (Said, bool) {
	for _, s := range slices.Backward(c.Said) {
		if s.Line == line || s.Out {
			return s, true
		}
	}
	return Said{}, false
}

// without adds money that an officer says no proposal asked for.
func (q *Question) without(p *Plan, r *Row) {
	if !hasLines(q.Kind) {
		p.Aside = append(p.Aside, r)
		return
	}
	for _, c := range q.Appeared {
		if _, known := c.Lines[r.Line]; known {
			q.decide(p, r, c)
			return
		}
	}
	village := ""
	if len(r.Villages) == 1 {
		village = r.Villages[0]
	}
	p.Decided = append(p.Decided, Decided{r, act.Decision{Ask: &proposal.AppearedInBudget{
		Allocation: proposal.Allocation{SubKegiatan: r.SubKegiatan, Amount: r.Amount},
		Title:      domain.Mask(r.Text), Village: village, OPD: r.OPD, Line: r.Line,
	}}})
}

// match deals with the rows that name nobody: those that were confirmed before
// are known again by what the document decided then, and the others get
// suggestions.
func (q *Question) match(p *Plan, open []*Row) {
	known := q.confirmed(p)
	var fitting []*Candidate
	w := waits[q.Kind]
	for _, c := range q.All {
		if slices.Contains(w.for_, c.State) || slices.Contains(w.also, c.State) {
			fitting = append(fitting, c)
		}
	}
	index := NewIndex(fitting)
	taken := func(number string) bool { return p.Named[number] && !hasLines(q.Kind) }
	for _, r := range open {
		mark := r.mark(hasLines(q.Kind))
		if numbers := known[mark]; len(numbers) > 0 && r.Amount > 0 {
			known[mark] = numbers[1:]
			p.Named[numbers[0]] = true
			p.Unchanged = append(p.Unchanged, r)
			continue
		}
		p.Waiting = append(p.Waiting, Waiting{Row: r})
	}
	for i := range p.Waiting {
		if w := &p.Waiting[i]; w.Suggestions == nil {
			w.Suggestions = index.Suggest(w.Row, taken)
		}
	}
}

// A mark is what tells the decisions of one document apart where a row does not
// name the proposal.
type mark struct {
	line, sub string
	amount    domain.Rupiah
}

func (r *Row) mark(lined bool) mark {
	if lined {
		return mark{line: r.Line, amount: r.Amount}
	}
	return mark{sub: r.SubKegiatan, amount: r.Amount}
}

// confirmed returns what the document has decided of proposals that no row
// names, by its mark: each accounts for one row, and nothing is written for it.
func (q *Question) confirmed(p *Plan) map[mark][]string {
	known := map[mark][]string{}
	for _, c := range slices.Concat(q.All, q.Appeared) {
		if p.Named[c.Number] && !hasLines(q.Kind) {
			continue
		}
		for _, s := range c.Said {
			if s.Out || q.rowOf(p, c.Number, s) {
				continue
			}
			m := mark{line: s.Line, amount: s.Amount}
			if !hasLines(q.Kind) {
				m = mark{sub: s.SubKegiatan, amount: s.Amount}
			}
			known[m] = append(known[m], c.Number)
		}
	}
	return known
}

// rowOf reports whether a row that names its proposal accounts for a decision.
func (q *Question) rowOf(p *Plan, number string, s Said) bool {
	if !p.Named[number] {
		return false
	}
	return slices.ContainsFunc(p.Unchanged, func(r *Row) bool { return r.meant == number && (s.Line == "" || r.Line == s.Line) })
}

// absent finds the proposals that wait for the document and that no row means.
// One that is suggested for a row may yet be meant. Rows that are confirmed or
// mended are not the whole list, and tell of nobody that they are absent.
func (p *Plan) absent(q *Question) {
	if q.List.Partial {
		return
	}
	maybe := map[string]bool{}
	for _, w := range p.Waiting {
		for _, s := range w.Suggestions {
			maybe[s.Of.Number] = true
		}
	}
	for _, c := range q.All {
		if slices.Contains(waits[q.Kind].for_, c.State) && !p.Named[c.Number] && !maybe[c.Number] {
			p.Absent = append(p.Absent, c)
		}
	}
}

func (p *Plan) refuse(r *Row, column string, err error) {
	p.Refused = append(p.Refused, Refused{r, column, err})
}

// rowNumbers returns the numbers of rows, for a refusal.
func rowNumbers(rows []*Row) string {
	var out []string
	for _, r := range rows[:min(len(rows), 8)] {
		out = append(out, strconv.Itoa(r.Number))
	}
	if len(rows) > 8 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}
