package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/api/proofs"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/projections"
)

// A Group is a stretch of a timeline: one entry, or several small ones that are
// folded away.
type Group struct {
	Folded  bool
	Title   string // of a folded one
	Entries []Entry
}

// An Entry is one event of a timeline.
type Entry struct {
	Anchor   string
	Title    string
	Tone     string
	Stamp    string // for machines
	When     string
	Who      string
	Stage    string
	From, To string // states, where they differ
	Reason   string
	Changes  []Edit
	Pairs    []Pair
	Words    []Pair
	Rank     string
	Forum    string
	Links    []Link
	Hidden   string
	Docs     []Doc
	Omission *Omission
	Notes    []string
	Struck   bool // it was corrected and no longer counts as it stands
	See      *Link
	Position string
	Receipt  string // address of its receipt, "" where there is none to show
}

// An Edit is one fact before and after.
type Edit struct{ Label, Old, New string }

// An Omission is a wait that nobody ended.
type Omission struct {
	Holder, Since, Days string
	Could               []string
}

func anchor(position int64) string { return "p" + strconv.FormatInt(position, 10) }

// tonesOf are how events look that are not told by the state they lead to.
var tonesOf = map[string]string{
	"proposal.merged": "move", "proposal.formed_by_merge": "move", "proposal.split": "move", "proposal.formed_by_split": "move",
	"proposal.transferred": "move", "proposal.referred": "move", "proposal.carried_over": "move", "proposal.continued": "move",
	"proposal.rejected": "bad", "proposal.left_out": "bad", "proposal.lapsed": "bad", "proposal.cancelled": "bad", "proposal.deferred": "bad",
	"proposal.below_cutoff": "bad", "proposal.funded": "good", "proposal.completed": "good", "proposal.agreed": "good",
	"proposal.accepted_by_opd": "good", "proposal.prioritized": "good", "proposal.included_in_rkpd": "good", "proposal.included_in_ppas": "good",
	"proposal.financed_elsewhere": "move", "proposal.reinstated": "good", "proposal.returned": "wait",
}

// timeline returns the groups of a proposal's timeline, and every document that
// its events name.
func (v *visit) timeline(s *subject) ([]Group, []Doc) {
	at := make(map[uuid.UUID]int64)
	for _, x := range s.steps {
		at[x.Event] = x.Position
	}
	var groups []Group
	var docs []Doc
	for _, x := range s.steps {
		e := v.entry(s, x, at)
		for _, d := range e.Docs {
			if !slices.Contains(docs, d) {
				docs = append(docs, d)
			}
		}
		last := len(groups) - 1
		minor := x.Minor && x.Corrected == "" && x.Correction == ""
		if minor && last >= 0 && groups[last].Folded {
			groups[last].Entries = append(groups[last].Entries, e)
			continue
		}
		groups = append(groups, Group{Folded: minor, Entries: []Entry{e}})
	}
	for i := range groups {
		if g := &groups[i]; g.Folded {
			g.Title = v.foldedTitle(g.Entries)
		}
	}
	return groups, docs
}

// foldedTitle says what is folded away: "3 catatan kecil: Diverifikasi, Ditanggapi".
func (v *visit) foldedTitle(entries []Entry) string {
	var kinds []string
	for _, e := range entries {
		if !slices.Contains(kinds, e.Title) {
			kinds = append(kinds, e.Title)
		}
	}
	return v.t("timeline.folded", "n", v.count(len(entries)), "kinds", strings.Join(kinds, ", "))
}

func (v *visit) entry(s *subject, x projections.Step, at map[uuid.UUID]int64) Entry {
	e := Entry{Anchor: anchor(x.Position), Title: v.lang.Term(x.Type), Tone: tonesOf[x.Type], Stamp: x.Effective.In(v.zone).Format("2006-01-02T15:04:05Z07:00"),
		When: v.when(x), Who: v.who(x.Role, x.Office), Position: v.lang.Count(x.Position)}
	if v.Book != nil && x.Event != uuid.Nil {
		e.Receipt = proofs.Page(x.Event)
	}
	if x.Stage != "" {
		e.Stage = v.stage(x.Stage)
	}
	if x.From != x.To && x.To != "" {
		if x.From != "" && x.From != v.flow.Initial {
			e.From = v.state(x.From)
		}
		if e.To = v.state(x.To); e.From == "" && e.To == e.Title {
			e.To = ""
		}
	}
	if x.Reason != "" {
		e.Reason = v.reason(x.Reason)
	}
	for _, c := range x.Changes {
		e.Changes = append(e.Changes, v.edit(s, c))
	}
	for _, f := range x.Facts {
		e.Pairs = append(e.Pairs, v.fact(s, x.Type, f))
	}
	for _, f := range x.Words {
		e.Words = append(e.Words, Pair{Label: v.fieldLabel(x.Type, f.Name), Value: f.Value})
	}
	if x.Rank != nil {
		e.Rank = v.lang.Rank(x.Rank.Rank, x.Rank.Of, x.Rank.Cutoff)
	}
	if f, ok := s.forums[x.Position]; ok {
		e.Forum = v.t("timeline.forum", "kind", v.lang.Or("forum."+f.Kind, f.Kind), "date", v.lang.Date(f.Date))
	}
	for _, n := range x.Link {
		e.Links = append(e.Links, Link{n, proposalURL(n)})
	}
	for _, d := range x.Docs {
		e.Docs = append(e.Docs, v.doc(d))
	}
	if x.Kind == "omission" {
		o := &Omission{Holder: s.post(v, x.Holder)}
		if !x.Since.IsZero() {
			o.Since, o.Days = v.day(x.Since), v.count(int(x.Effective.Sub(x.Since).Hours()/24))
		}
		for _, p := range x.CouldAct {
			o.Could = append(o.Could, s.post(v, p))
		}
		e.Omission = o
	}
	v.notes(&e, x, at)
	return e
}

// notes says how an event came to be known and what became of it.
func (v *visit) notes(e *Entry, x projections.Step, at map[uuid.UUID]int64) {
	if x.Observed != nil {
		e.Notes = append(e.Notes, v.t("timeline.observed"))
	}
	if x.Late {
		e.Notes = append(e.Notes, v.t("timeline.late"))
	}
	if x.Closed {
		e.Notes = append(e.Notes, v.t("timeline.closed"))
	}
	if x.Corrected != "" {
		e.Struck = x.Corrected == "void"
		e.Notes = append(e.Notes, v.lang.Or("timeline.corrected."+x.Corrected, v.t("timeline.corrected.amend")))
		if x.CorrectedBy != 0 {
			e.See = &Link{v.t("timeline.see_correction"), "#" + anchor(x.CorrectedBy)}
		}
	}
	if x.Correction != "" {
		e.Notes = append(e.Notes, v.lang.Or("timeline.correction."+x.Correction, v.t("timeline.correction.amend")))
		if position, ok := at[x.Target]; ok {
			e.See = &Link{v.t("timeline.see_target"), "#" + anchor(position)}
		}
	}
}

func (v *visit) doc(d projections.Evidence) Doc {
	out := Doc{Kind: v.lang.Or("document."+d.Kind, d.Kind), Number: d.Number}
	if d.Date != "" {
		out.Date = v.lang.Date(d.Date)
	}
	return out
}

func (v *visit) edit(s *subject, c projections.Change) Edit {
	name, rest, _ := strings.Cut(c.Field, ":")
	e := Edit{Label: v.lang.Or("change."+name, v.fieldLabel("", name)), Old: c.Old, New: c.New}
	if rest != "" {
		e.Label += " " + rest
	}
	for _, side := range []*string{&e.Old, &e.New} {
		switch {
		case *side == "":
		case text.OfMoney(name):
			*side = v.lang.Digits(*side)
		case name == "opd":
			*side = s.opd.of(*side)
		case name == "basic_service":
			*side = v.lang.Or("basic."+*side, *side)
		case name == "village":
			if !domain.IsVillage(*side) { // what was merged from several
				e.Label = v.t("fact.place")
			}
			*side = s.places.of(*side)
		case name == "volume":
			amount, unit, _ := strings.Cut(*side, " ")
			*side = v.volume(domain.Volume{Amount: amount, Unit: unit})
		}
	}
	return e
}

// fieldLabel returns what people call a member of an event.
func (v *visit) fieldLabel(stored, member string) string {
	label, _ := v.lang.Field(stored, member)
	return label
}

func (v *visit) fact(s *subject, stored string, f projections.Fact) Pair {
	label, form := v.lang.Field(stored, f.Name)
	p := Pair{Label: label, Value: f.Value}
	switch form {
	case catalog.Money:
		p.Value = v.lang.Digits(f.Value)
	case catalog.Office:
		p.Value = s.opd.of(f.Value)
	case catalog.Wilayah:
		p.Value = s.places.of(f.Value)
	case catalog.Day:
		p.Value = v.lang.Date(f.Value)
	case catalog.CentiPerCent:
		p.Value = v.lang.Decimal(f.Value) + " %"
	case catalog.Number:
		p.URL = proposalURL(f.Value)
	case catalog.Word:
		p.Value = v.lang.Or("word."+f.Name+"."+f.Value, f.Value)
	}
	return p
}
