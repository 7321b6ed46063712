package projections

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore"
)

// Papers answers what berita acara and letters say. It reads the log itself, up
// to a position, so that what was printed once can be made again, word for word;
// the read models only help to find which streams matter. Like them it shows
// texts masked, and what was closed later is closed whichever position is asked
// for.
type Papers struct {
	DB          DB
	Store       *eventstore.Store
	Definitions func(hash string) *workflow.Definition // nil for one that is not known
}

// A Paper is what every paper says of where it comes from.
type Paper struct {
	Cycle     int    `json:"cycle"`
	Kabupaten string `json:"kabupaten"` // its name
	Zone      string `json:"zone"`      // WIB, WITA, WIT
	Demo      bool   `json:"demo"`      // what it tells is fictional
	Practice  bool   `json:"practice"`
	Position  int64  `json:"position"` // of the last event that bears on it
}

// A desk is the log as it was known at a position.
type desk struct {
	Papers
	batch   *Batch
	view    event.View
	last    int64 // position of the last event that was used
	cycle   cycle.State
	flow    *workflow.Definition
	places  reference.Register
	offices reference.Register
	day     string // registers are read as they held on this local day; "" is the newest
}

// desk opens the log at a position, 0 for all of it, for papers of a fiscal year.
func (p Papers) desk(ctx context.Context, year int, at int64) (*desk, error) {
	d := &desk{Papers: p, view: event.View{Known: at}}
	d.batch = &Batch{Last: math.MaxInt64 - 1, source: newSource(p.Store, 0), charts: history.NewCharts(p.Definitions),
		shared: &lives{byNumber: make(map[string]*life)}, view: d.view}
	stream, wilayah, opd := cycle.Stream(year), reference.Stream(RegisterWilayah), reference.Stream(RegisterOPD)
	read, err := p.Store.Streams(ctx, []string{stream, wilayah, opd})
	if err != nil {
		return nil, err
	}
	d.cycle = cycle.Fold(d.sequence(read[stream]))
	if d.cycle.Opened == nil {
		return nil, domain.Refuse(domain.NotFound, "cycle.unknown", "year", number(year))
	}
	d.flow = p.Definitions(d.cycle.Pin.Hash)
	if d.flow == nil {
		return nil, domain.Refuse(domain.Unready, "workflow.definition_unknown", "hash", d.cycle.Pin.Hash)
	}
	d.places, d.offices = reference.Fold(d.sequence(read[wilayah])), reference.Fold(d.sequence(read[opd]))
	return d, nil
}

// sequence returns the events of a history as they count at the desk's position.
func (d *desk) sequence(records []event.Record) []event.Record {
	seq := event.Sequence(records, d.view)
	d.used(seq)
	return seq
}

func (d *desk) used(records []event.Record) {
	for _, r := range records {
		d.last = max(d.last, r.Position)
	}
}

func (d *desk) paper() Paper {
	o := d.cycle.Opened
	return Paper{Cycle: d.cycle.Year, Kabupaten: o.Title, Zone: d.cycle.Zone.String(), Demo: o.Demo, Practice: o.Practice, Position: d.last}
}

// family reads proposals with all they are tied to. Those that did not exist at
// the desk's position are left out.
func (d *desk) family(ctx context.Context, numbers []string) (*kinship, error) {
	k, err := d.batch.kin(ctx, streamsOf(numbers))
	if err != nil {
		return nil, err
	}
	for n, l := range k.lives {
		if len(l.seq) == 0 {
			delete(k.lives, n)
		}
	}
	k.trace()
	return k, nil
}

func streamsOf(numbers []string) []string {
	streams := make([]string, len(numbers))
	for i, n := range numbers {
		streams[i] = proposal.Stream(n)
	}
	return streams
}

// bears notes that what happened to a proposal bears on the paper: as far as was
// known then, so that the same paper is found to rest on the same events.
func (d *desk) bears(l *life) {
	for _, r := range l.all {
		if d.view.Known == 0 || r.Position <= d.view.Known {
			d.last = max(d.last, r.Position)
		}
	}
}

// place returns the name of a kode wilayah, the code itself where it has none.
func (d *desk) place(code string) string { return nameIn(d.places, code, d.day) }

// office returns the name of an OPD, the code itself where it has none.
func (d *desk) office(code string) string { return nameIn(d.offices, code, d.day) }

func nameIn(r reference.Register, code, day string) string {
	if e, ok := r.On(day).Entry(code); ok {
		return e.Name
	}
	return code
}

// anywhere returns the name of a place or an office.
func (d *desk) anywhere(code string) string {
	if name := d.place(code); name != code {
		return name
	}
	return d.office(code)
}

// post writes "camat@99.01.03" as people say it.
func (d *desk) post(at string) string {
	role, office, _ := strings.Cut(at, "@")
	return strings.TrimSuffix(d.role(domain.Role(role))+", "+d.anywhere(office), ", ")
}

func (d *desk) role(name domain.Role) string {
	if r := d.flow.Roles[name]; r != nil {
		return r.Title.ID
	}
	return string(name)
}

func (d *desk) stage(name string) string {
	if s := d.flow.Stages[name]; s != nil {
		return s.Title.ID
	}
	return name
}

func (d *desk) state(name workflow.State) string {
	if s := d.flow.States[name]; s != nil {
		return s.Title.ID
	}
	return string(name)
}

// reason returns the words of a reason code: those that the cycle published,
// else those of its definition.
func (d *desk) reason(code string) string {
	if v := d.cycle.Words[cycle.Reasons]; v != nil {
		if i := slices.IndexFunc(v.Entries, func(w cycle.Word) bool { return w.Code == code }); i >= 0 {
			return v.Entries[i].ID
		}
	}
	if r := d.flow.Codes[code]; r != nil {
		return r.Title.ID
	}
	return code
}

// tail returns the proposals of a cycle that have events after a position, which
// a read model that stands there cannot know of.
func (d *desk) tail(ctx context.Context, after int64) ([]string, error) {
	var out []string
	for r, err := range d.Store.Since(ctx, after, 0, eventstore.Filter{StreamPrefix: proposals, Cycle: d.cycle.Year}) {
		if err != nil {
			return nil, err
		}
		if n, ok := proposal.NumberOf(r.Stream); ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// masked masks a text again on its way to paper: what was recorded before a
// pattern was known is not printed either.
func masked(t domain.Text) string { return domain.Mask(t.String()).Masked }

// A Deed is how something was decided.
type Deed struct {
	Type       string           `json:"type"`   // stored name of the event
	When       time.Time        `json:"when"`   // effective
	Office     string           `json:"office"` // as shown; never a person
	Role       string           `json:"role"`   // its title
	Reason     string           `json:"reason,omitzero"`
	ReasonText string           `json:"reason_text,omitzero"`
	Words      string           `json:"words,omitzero"`  // the reason in words, masked
	Ground     string           `json:"ground,omitzero"` // article or plan
	Document   *domain.Document `json:"document,omitempty"`
	Holder     string           `json:"holder,omitzero"`    // of an omission: who had it
	Until      int              `json:"until,omitzero"`     // of a deferral: fiscal year
	Condition  string           `json:"condition,omitzero"` // of a deferral, masked
	Source     string           `json:"source,omitzero"`    // of money: DAU …; of another payer: dana_desa …
	Year       int              `json:"year,omitzero"`      // of another payer
}

// deed puts an event into a Deed.
func (d *desk) deed(r event.Record) *Deed {
	out := &Deed{Type: r.Type, When: r.Effective(), Office: r.Actor.Office, Role: d.role(r.Actor.Role)}
	code, words := reasonOf(r.Event)
	out.Reason, out.Words = code, domain.Mask(words).Masked
	document := func(x domain.Document) {
		if !x.IsZero() {
			x.Digest = ""
			out.Document = &x
		}
	}
	held := func(c proposal.Closing) {
		if c.Holder != "" {
			out.Holder = d.post(c.Holder)
		}
	}
	switch e := r.Event.(type) {
	case *proposal.Rejected:
		out.Ground = domain.Mask(e.Ground).Masked
		document(e.Document)
	case *proposal.Deferred:
		out.Until, out.Condition = e.Until, masked(e.Condition)
	case *proposal.LeftOut:
		document(e.Document)
		held(e.Closing)
	case *proposal.Lapsed:
		held(e.Closing)
	case *proposal.Cancelled:
		document(e.LegalGround)
	case *proposal.FinancedElsewhere:
		out.Source, out.Year = e.Source, e.FiscalYear
	case *proposal.ReferralAnswered:
		document(e.Letter)
	case *proposal.Funded:
		out.Source = e.Source
		document(e.Document)
	}
	if out.Reason != "" {
		out.ReasonText = d.reason(out.Reason)
	}
	return out
}
