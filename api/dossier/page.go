package dossier

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/api/qr"
	"runut/api/text"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
	format "runut/eventstore/dossier"
	"runut/projections"
)

// Page is what the page of a proposal shows.
type Page struct {
	Frame
	Number, Heading   string
	Fate, Tone        string
	View              []string // from where it is looked
	Facts             []Pair
	Headline          string
	Sentences         []string
	Would, Bore, Gaps []string
	Other             *Other // the same in the other language
	Acts              []Act
	Contributing      []string // earlier events that bore on it
	Custody           []Pair
	NotTaken          []string
	Chain             []string
	Graph             template.HTML
	Steps             []Entry
	Docs              []Doc
	Events            int // that the answer rests on; 0 in a public dossier
	Seal              Seal
}

// A Seal is the signed head that the proofs lead to, and how to check it.
type Seal struct {
	Origin, Size, Root, At string
	Checkpoint             string
	QR                     template.HTML
	Keys                   []string
	Commands               []string
}

// A Frame is what every page of a dossier has.
type Frame struct {
	Lang  text.Lang
	Demo  bool
	Title string
}

// T puts words of the catalogue into a page.
func (f Frame) T(code string, params ...string) string { return f.Lang.T(code, params...) }

// Other is the answer in the other language.
type Other struct {
	Lang      text.Lang
	Title     string
	Headline  string
	Sentences []string
}

// A Pair is a fact with its name; an Edit one before and after.
type (
	Pair struct{ Label, Value string }
	Edit struct{ Label, Old, New string }
)

// An Act is what settled a part.
type Act struct {
	Title    string
	Pairs    []Pair
	Criteria []Mark
	Checks   []text.Check
	Docs     []Doc
}

// A Mark is one criterion of a score.
type Mark struct{ Name, Weight, Score string }

// A Doc is a document that an event names.
type Doc struct {
	What, Digest string
	File         string // "" where it is not in the dossier
}

// An Entry is one event.
type Entry struct {
	Anchor            string
	Title, Tone       string
	Struck            bool
	Effective         string
	Recorded          string // "" where it was recorded when it took effect
	Position, Proof   string
	Who, Stage, Forum string
	From, To          string
	Reason, Rank      string
	Changes           []Edit
	Pairs             []Pair
	Words             []Pair
	Related           []string
	Docs              []Doc
	Notes             []string
}

var tones = map[history.Fate]string{history.Funded: "good", history.Elsewhere: "good", history.Partly: "part", history.Pending: "wait", projections.FateUnannounced: "wait"}

func (t *tale) heading(w words) string {
	return cmp.Or(t.title, w.t("proposal.untitled", "lane", w.lane(t.lane), "year", strconv.Itoa(t.Cycle)))
}

// page makes the page of a proposal.
func (t *tale) page(d *Dossier) ([]byte, error) {
	p, err := t.shown(d)
	if err != nil {
		return nil, err
	}
	return render("proposal", p)
}

func (t *tale) shown(d *Dossier) (_ *Page, err error) {
	w := t.words()
	said := w.Of(t.Explanation)
	p := &Page{Frame: Frame{Lang: d.lang, Demo: d.manifest.Demo, Title: w.t("dossier.title", "number", t.Proposal)},
		Number: t.Proposal, Heading: t.heading(w), Fate: w.t("fate." + string(t.Outcome)), Tone: cmp.Or(tones[t.Outcome], "bad"),
		Headline: said.Headline, Sentences: said.Sentences, Would: said.Would, Bore: said.Bore, Gaps: said.Gaps,
		Events: t.events}
	top := ""
	if d.manifest.Several() {
		top = "../../"
	}
	p.Other = t.other()
	p.View = t.view(w, d)
	p.Facts = t.facts(w)
	for _, a := range slices.Concat(t.Decisive, t.Won) {
		p.Acts = append(p.Acts, t.act(w, a, top))
	}
	for _, c := range t.Contributing {
		p.Contributing = append(p.Contributing, w.Lang.Term(c.Type)+", "+w.when(c.Occurred, c.Recorded)+" ("+w.t("timeline.position", "position", w.Lang.Count(c.Position))+")")
	}
	for _, c := range t.Custody {
		to := w.t("explain.still")
		if !c.To.IsZero() {
			to = w.Lang.Day(c.To, w.Zone)
		}
		p.Custody = append(p.Custody, Pair{w.Lang.Day(c.From, w.Zone) + " – " + to, w.Post(c.Holder) + ", " + w.t("explain.days", "n", w.count(c.WorkingDays))})
	}
	for _, n := range t.NotTaken {
		p.NotTaken = append(p.NotTaken, n.Label.In(string(w.Lang))+" ("+strings.Join(w.Roles(n.By), ", ")+")")
	}
	p.Chain, p.Graph = t.chain(w), draw(w, t.Explanation)
	p.Steps = t.entries(w, top)
	p.Docs = allDocs(p)
	p.Seal, err = d.seal(t.speaker.Zone)
	return p, err
}

// seal says what everything in a dossier leads to, and how it is checked.
func (d *Dossier) seal(zone *time.Location) (Seal, error) {
	s := Seal{Origin: d.head.Origin, Size: d.lang.Count(d.head.Size), Root: d.head.Root.String(), At: d.lang.Moment(d.head.At, zone), Checkpoint: d.head.Note, Keys: d.keys,
		Commands: []string{"sha256sum -c " + format.Sums, "runut-verify dossier " + d.Name() + ".zip --key kunci-log"}}
	svg, err := qr.SVG(d.head.Note)
	if err != nil {
		return s, err
	}
	s.QR = template.HTML(strings.Replace(svg, "<svg ", `<svg class="qr" role="img" aria-label="`+template.HTMLEscapeString(d.lang.T("dossier.qr"))+`" `, 1))
	return s, nil
}

func (t *tale) other() *Other {
	s := t.speaker
	s.Lang = text.EN
	if t.speaker.Lang == text.EN {
		s.Lang = text.ID
	}
	a := s.Of(t.Explanation)
	return &Other{s.Lang, s.Lang.T("dossier.in_short"), a.Headline, a.Sentences}
}

// view says from where a dossier looks.
func (t *tale) view(w words, d *Dossier) []string {
	var out []string
	switch {
	case d.manifest.Kind == format.Public && !t.AsOf.IsZero():
		out = append(out, w.t("dossier.released", "day", w.Lang.Day(t.AsOf, w.Zone), "position", w.Lang.Count(t.Known)))
	case !t.AsOf.IsZero():
		out = append(out, w.t("dossier.as_of", "moment", w.moment(t.AsOf)), w.t("dossier.known", "position", w.Lang.Count(d.manifest.Known)))
	default:
		out = append(out, w.t("dossier.known", "position", w.Lang.Count(d.manifest.Known)))
	}
	return out
}

func (t *tale) facts(w words) []Pair {
	var out []Pair
	add := func(code, value string) {
		if value != "" {
			out = append(out, Pair{w.t(code), value})
		}
	}
	add("fact.village", w.name(t.village))
	add("fact.opd", w.name(t.opd))
	add("fact.year", strconv.Itoa(t.Cycle))
	add("fact.lane", w.lane(t.lane))
	if t.Asked > 0 {
		add("fact.asked", w.Lang.Rupiah(t.Asked))
	}
	if t.Granted > 0 {
		add("fact.granted", w.Lang.Rupiah(t.Granted))
	}
	add("dossier.stage", w.stage(t.Stage))
	return out
}

// act tells what settled a part: who, where, by what right and by which rule.
func (t *tale) act(w words, a history.Deciding, top string) Act {
	out := Act{Title: w.Lang.Term(a.Type)}
	add := func(code, value string) {
		if value != "" {
			out.Pairs = append(out.Pairs, Pair{text.Capital(w.t(code)), value})
		}
	}
	if a.Kind != "" {
		add("dossier.kind", w.deciding(string(a.Kind)))
	}
	if a.End != "" && (a.End != t.Proposal || len(t.Ends) > 1) {
		add("dossier.end", a.End+" ("+w.Lang.Percent(a.Millionths, history.Whole)+")")
	}
	add("explain.when", w.when(a.Occurred, a.Recorded))
	add("explain.recorded", w.moment(a.Recorded))
	add("explain.position", w.Lang.Count(a.Position)+" · "+a.Event.String())
	if a.Authority.Role != "" {
		add("explain.who", w.Who(a))
		if a.Authority.Capacity != "" {
			add("dossier.capacity", string(a.Authority.Capacity))
		}
		if !a.Authority.Decree.IsZero() {
			add("explain.grant", w.document(a.Authority.Decree))
		}
	}
	if c := a.Closing; c != nil {
		add("dossier.window", w.window(c.Window)+", "+w.moment(c.ClosesAt))
		add("explain.closed_by", w.Post(c.ClosedBy))
	}
	if a.Forum != nil {
		said := w.Forum(a)
		if a.Forum.Date != "" {
			said += ", " + w.Lang.Date(a.Forum.Date)
		}
		if !a.Forum.Signed {
			said += " (" + w.t("dossier.minutes_unsigned") + ")"
		}
		add("explain.forum", said)
	}
	if r := a.Reason; r != nil {
		add("dossier.reason", cmp.Or(r.Label.In(string(w.Lang)), r.Code)+" ("+r.Code+")")
		add("dossier.reason_words", r.Text)
		add("dossier.ground", r.Ground)
	}
	t.placing(w, a.Ranking, add, &out)
	if a.Observed != "" {
		add("dossier.source", strings.ToUpper(a.Observed))
	}
	if a.Rule.Transition != "" {
		add("explain.rule", a.Rule.Transition+", "+cmp.Or(a.Rule.Definition, a.Rule.Hash))
	}
	out.Checks = w.Lang.Refuse(&domain.Error{Code: "internal", Checks: a.Rule.Checks}).Checks
	for _, e := range a.Evidence {
		out.Docs = append(out.Docs, t.doc(w, e.Document, top))
	}
	return out
}

// placing tells a place on a final list, and where its line was drawn.
func (t *tale) placing(w words, r *history.Placing, add func(code, value string), out *Act) {
	if r == nil {
		return
	}
	if r.Rank > 0 {
		add("explain.rank", w.t("rank.of_with_cutoff", "rank", w.count(r.Rank), "of", w.count(r.Of), "cutoff", w.count(r.Cutoff)))
	}
	if r.Score > 0 {
		add("dossier.score", w.Score(r.Score))
	}
	switch r.Limit.Kind {
	case "ceiling":
		add("dossier.ceiling", w.t("dossier.limit", "limit", w.Lang.Rupiah(domain.Rupiah(r.Limit.Value)), "used", w.Lang.Rupiah(domain.Rupiah(r.Used))))
	case "quota":
		add("dossier.quota", w.t("dossier.limit", "limit", w.Lang.Count(r.Limit.Value), "used", w.Lang.Count(r.Used)))
	}
	add("dossier.last_in", r.LastIn)
	add("dossier.first_out", r.FirstOut)
	for _, m := range r.Criteria {
		out.Criteria = append(out.Criteria, Mark{m.Name, w.count(m.Weight) + " %", w.Score(m.Score)})
	}
}

func (w words) window(name string) string {
	if w.Definition != nil && w.Definition.Windows[name] != nil {
		return w.Definition.Windows[name].Title.In(string(w.Lang))
	}
	return name
}

func (t *tale) doc(w words, d domain.Document, top string) Doc {
	out := Doc{What: w.document(d), Digest: d.Digest}
	if file := t.held[d.Digest]; file != "" {
		out.File = top + file
	}
	return out
}

// allDocs are the documents of a page, each once.
func allDocs(p *Page) []Doc {
	var out []Doc
	add := func(docs []Doc) {
		for _, d := range docs {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	for _, a := range p.Acts {
		add(a.Docs)
	}
	for _, e := range p.Steps {
		add(e.Docs)
	}
	return out
}

// entries tell every event of the proposal, with both its times.
func (t *tale) entries(w words, top string) []Entry {
	at := make(map[uuid.UUID]int64)
	for _, s := range t.steps {
		at[s.Event] = s.Position
	}
	deciding := map[int64]bool{}
	for _, a := range t.Decisive {
		deciding[a.Position] = true
	}
	var out []Entry
	for _, s := range t.steps {
		e := Entry{Anchor: anchor(s.Position), Title: w.Lang.Term(s.Type), Struck: s.Corrected == string(event.Void), Effective: w.when(s.Occurred, s.Recorded),
			Position: w.Lang.Count(s.Position), Who: w.who(s.Role, s.Office), Stage: w.stage(s.Stage)}
		if s.Occurred.To.IsZero() { // as visitors see it
			e.Effective = w.moment(s.Effective)
		}
		if !t.alone {
			e.Proof = top + format.Proof(s.Position)
		}
		if e.Recorded = w.moment(s.Recorded); e.Recorded == e.Effective {
			e.Recorded = ""
		}
		if deciding[s.Position] {
			e.Tone = "deciding"
		}
		if s.From != s.To && s.To != "" {
			e.To = w.state(s.To)
			if s.From != "" {
				e.From = w.state(s.From)
			}
		}
		if s.Reason != "" {
			e.Reason = w.reason(s.Reason)
		}
		if s.Rank != nil {
			e.Rank = w.Lang.Rank(s.Rank.Rank, s.Rank.Of, s.Rank.Cutoff)
		}
		if f, ok := t.forums[s.Position]; ok {
			e.Forum = w.t("timeline.forum", "kind", w.Lang.Or("forum."+f.Kind, f.Kind), "date", w.Lang.Date(f.Date))
		}
		for _, c := range s.Changes {
			e.Changes = append(e.Changes, w.edit(c))
		}
		for _, f := range s.Facts {
			e.Pairs = append(e.Pairs, w.fact(s.Type, f))
		}
		for _, f := range s.Words {
			label, _ := w.Lang.Field(s.Type, f.Name)
			e.Words = append(e.Words, Pair{label, f.Value})
		}
		for _, x := range s.Docs {
			e.Docs = append(e.Docs, t.doc(w, x.Document, top))
		}
		e.Related, e.Notes = s.Link, t.notes(w, s, at)
		out = append(out, e)
	}
	return out
}

// notes say how an event came to be known and what became of it.
func (t *tale) notes(w words, s projections.Step, at map[uuid.UUID]int64) []string {
	var out []string
	if s.Kind == "omission" && s.Holder != "" {
		out = append(out, w.t("timeline.held", "holder", w.Post(s.Holder)))
		var could []string
		for _, p := range s.CouldAct {
			could = append(could, w.Post(p))
		}
		if len(could) > 0 {
			out = append(out, w.t("timeline.could")+" "+strings.Join(could, "; "))
		}
	}
	if !t.AsOf.IsZero() && t.events > 0 && s.Effective.After(t.AsOf) {
		out = append(out, w.t("dossier.later_than"))
	}
	if s.Observed != nil {
		out = append(out, w.t("timeline.observed"))
	}
	if s.Late {
		out = append(out, w.t("timeline.late"))
	}
	if s.Closed {
		out = append(out, w.t("timeline.closed"))
	}
	if s.Corrected != "" {
		note := w.Lang.Or("timeline.corrected."+s.Corrected, w.t("timeline.corrected.amend"))
		if s.CorrectedBy > 0 {
			note += " " + w.t("timeline.see_correction") + ": " + w.Lang.Count(s.CorrectedBy)
		}
		out = append(out, note)
	}
	if s.Correction != "" {
		note := w.Lang.Or("timeline.correction."+s.Correction, w.t("timeline.correction.amend"))
		if position, ok := at[s.Target]; ok {
			note += " " + w.t("timeline.see_target") + ": " + w.Lang.Count(position)
		}
		out = append(out, note)
	}
	return out
}

func anchor(position int64) string { return fmt.Sprintf("p%d", position) }
