package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
)

// An Inquiry is one question: what became of a proposal, and why, as seen from
// somewhere.
type Inquiry struct {
	Proposal string
	View     event.View
	Streams  map[string][]event.Record // what Sources names; what is left out is unknown
	Charts   *Charts
	Now      time.Time // of asking: what still waits has waited until then, unless View bounds it; zero: until nothing is said
}

// An Explanation is the answer. Everything in it is read off events; each part
// names those it rests on. It is the one source of the sentences on pages,
// in letters and in feeds, so that they cannot disagree.
type Explanation struct {
	Proposal string    `json:"proposal"`
	Cycle    int       `json:"cycle"`
	AsOf     time.Time `json:"as_of,omitzero"` // what was in effect then; absent: everything
	Known    int64     `json:"known"`          // the last position that was read; asked for again, the answer is the same

	Outcome     Fate           `json:"outcome"`
	Kind        DecisionKind   `json:"kind,omitzero"`  // how what was lost was lost; absent where nothing was
	Stage       string         `json:"stage,omitzero"` // where it was lost, or where it is
	State       workflow.State `json:"state,omitzero"` // of what the largest part of it went into
	Root        Root           `json:"root,omitzero"`  // origin, budget for money nobody asked for, absent for what was formed of others
	EnteredLate bool           `json:"entered_late,omitzero"`
	Contested   bool           `json:"contested,omitzero"`
	Delivery    *Delivery      `json:"delivery,omitempty"` // of the work, where money was granted
	Asked       domain.Rupiah  `json:"asked"`
	Granted     domain.Rupiah  `json:"granted"`

	Ends         []End            `json:"ends"`                   // the leaves it went into
	Decisive     []Deciding       `json:"decisive,omitempty"`     // one for every part that was lost
	Won          []Deciding       `json:"won,omitempty"`          // one for every part that came to money
	Next         *Turn            `json:"next,omitempty"`         // while it is pending: whose turn it is
	Chain        []Tie            `json:"chain,omitempty"`        // what it was merged with, split into, carried over to
	Custody      []Custody        `json:"custody,omitempty"`      // who had it, where nobody decided or it still waits
	LateHandover bool             `json:"late_handover,omitzero"` // the last holder had less than three working days
	NotTaken     []NotTaken       `json:"not_taken,omitempty"`    // what could have been done instead, where nobody decided
	Contributing []Contribution   `json:"contributing,omitempty"` // earlier events that bore on the decision
	WouldHave    []Counterfactual `json:"would_have,omitempty"`   // what would have got it in
	Later        []Later          `json:"later,omitempty"`        // what it became in later cycles
	Uncertain    []Mention        `json:"uncertain,omitempty"`    // may or may not have happened by AsOf
	Gaps         []Gap            `json:"gaps,omitempty"`         // what is missing for a full answer
}

// An End is a leaf that a proposal, or a part of it, went into.
type End struct {
	Proposal   string         `json:"proposal"`
	Millionths int64          `json:"millionths"` // of the proposal asked about; those of all ends make a million
	Fate       Fate           `json:"fate"`
	State      workflow.State `json:"state"`
	Stage      string         `json:"stage,omitzero"`

	part    Part
	dropped bool // as a component of a merge that goes on without it
}

// A Mention names one event, with both its times.
type Mention struct {
	Event    uuid.UUID       `json:"event"`
	Type     string          `json:"type"`
	Stream   string          `json:"stream"`
	Version  int             `json:"version"`
	Position int64           `json:"position"`
	Occurred domain.Interval `json:"occurred"`
	Recorded time.Time       `json:"recorded"`
}

// MentionOf names an event.
func MentionOf(r event.Record) Mention {
	return Mention{Event: r.ID, Type: r.Type, Stream: r.Stream, Version: r.Version, Position: r.Position, Occurred: r.Occurred, Recorded: r.RecordedAt}
}

// Delivery is how far the work came that money was granted for.
type Delivery struct {
	State     string           `json:"state"` // none, under_way, completed, unfinished
	Physical  proposal.Percent `json:"physical,omitzero"`
	Financial proposal.Percent `json:"financial,omitzero"`
	Handover  domain.Document  `json:"handover,omitzero"`
	By        *Mention         `json:"by,omitempty"`
}

// A Tie is a step from one proposal to another that shares its fate or
// continues it.
type Tie struct {
	Kind     EdgeKind  `json:"kind"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Event    uuid.UUID `json:"event"`
	Weight   int64     `json:"weight,omitzero"` // rupiah
	Of       int64     `json:"of,omitzero"`
	Siblings []string  `json:"siblings,omitempty"` // of a merge: the other components
	Dropped  bool      `json:"dropped,omitzero"`   // the merge went on without it
}

// Later is what became of a proposal that was carried over.
type Later struct {
	Proposal string `json:"proposal"`
	Cycle    int    `json:"cycle"`
	Outcome  Fate   `json:"outcome"`
	Stage    string `json:"stage,omitzero"`
}

// A Gap is something that a full answer would need and the log, as far as it was
// read, does not hold. Code is a word of its own in the catalogue; About is the
// number, stream, member or file it is about.
type Gap struct {
	Code  string `json:"code"`
	About string `json:"about,omitzero"`
}

// Explain answers an inquiry. It never guesses: what rests on something that is
// not held is Unknown, with the gap named.
func Explain(q Inquiry) Explanation {
	return newExplaining(q).answer()
}

// An explaining is an answer in the making.
type explaining struct {
	Inquiry
	out      Explanation
	timeline *Timeline
	lineage  *Lineage
	last     *world             // after the last step
	turned   map[string]turning // of the ends that were lost
	cycle    cycle.State
	forums   map[string]forum.State
	holidays *reference.Register
}

func newExplaining(q Inquiry) *explaining {
	x := &explaining{Inquiry: q, forums: make(map[string]forum.State)}
	var bearing [][]event.Record
	for _, name := range sortedKeys(q.Streams) {
		if bears(name) {
			bearing = append(bearing, slices.DeleteFunc(slices.Clone(q.Streams[name]), idle))
		}
		if n := len(q.Streams[name]); n > 0 {
			x.out.Known = max(x.out.Known, q.Streams[name][n-1].Position)
		}
	}
	if q.View.Known > 0 {
		x.out.Known = q.View.Known
	}
	x.timeline = NewTimeline(q.View, q.Charts, bearing...)
	x.lineage = Trace(q.Charts.Nodes(q.View, sorted(q.Streams)))
	x.last = x.timeline.end()
	x.out.Proposal, x.out.Cycle, x.out.AsOf = q.Proposal, proposal.Year(q.Proposal), q.View.AsOf
	x.cycle = cycle.Fold(event.Sequence(q.Streams[cycle.Stream(x.out.Cycle)], q.View))
	if records := q.Streams[reference.Stream("holidays")]; len(records) > 0 {
		r := reference.Fold(records)
		x.holidays = &r
	}
	return x
}

func (x *explaining) answer() Explanation {
	p, held := x.last.states[x.Proposal]
	if !held || p.At == "" {
		x.out.Outcome = Unknown
		x.gap("not_handed_in", x.Proposal)
		return x.out
	}
	x.chain()
	x.out.Ends = x.ends()
	x.out.Asked, x.out.Granted = x.money(p)
	x.decideAll()
	x.headline()
	_, x.out.Contested = p.Flags["objection"]
	if n, held := x.lineage.Node(x.Proposal); held {
		x.out.Root = n.Root
	}
	if first := x.Streams[proposal.Stream(x.Proposal)]; len(first) > 0 {
		_, x.out.EnteredLate = first[0].Event.(*proposal.SubmittedLate)
	}
	x.deliver()
	x.waits()
	x.later(p)
	x.uncertain()
	x.missing()
	return x.out
}

// headline sets outcome, kind, stage and state by what the parts came to.
func (x *explaining) headline() {
	shares := make([]Share, len(x.out.Ends))
	largest := 0
	for i, e := range x.out.Ends {
		shares[i] = Share{Leaf: e.Proposal, Fate: e.Fate, Part: e.part}
		if x.out.Ends[largest].Millionths < e.Millionths {
			largest = i
		}
	}
	x.out.Outcome, _ = headline(shares)
	x.out.State, x.out.Stage = x.out.Ends[largest].State, x.out.Ends[largest].Stage
	if len(x.out.Decisive) == 0 {
		return
	}
	most := slices.MaxFunc(x.out.Decisive, func(a, b Deciding) int {
		return cmp.Or(cmp.Compare(a.Millionths, b.Millionths), cmp.Compare(b.End, a.End))
	})
	x.out.Kind = most.Kind
	if x.out.Outcome != Partly && x.out.Outcome != Pending {
		x.out.Stage = cmp.Or(most.Stage, x.out.Stage)
	}
}

// money returns what was asked and what is granted. Of an origin the lineage
// says which rupiah are whose; anything else has what its own ends have, as far
// as those are its alone.
func (x *explaining) money(p proposal.State) (asked, granted domain.Rupiah) {
	if p.Origin {
		for a := range x.lineage.Accounts() {
			if a.Number == x.Proposal {
				for _, s := range a.Shares {
					granted += s.Granted
				}
				return a.Asked, granted
			}
		}
	}
	for _, e := range x.out.Ends {
		if n, held := x.lineage.Node(e.Proposal); held && p.Parent == "" {
			granted += n.Granted()
		}
	}
	return p.Estimate, granted
}

// chain tells the ties of a proposal, earlier ones first.
func (x *explaining) chain() {
	of := map[string]bool{x.Proposal: true}
	for _, n := range x.lineage.Ancestors(x.Proposal) {
		of[n] = true
	}
	for _, n := range x.lineage.Descendants(x.Proposal) {
		of[n] = true
	}
	siblings := make(map[string][]string)
	for e := range x.lineage.Edges() {
		if e.Kind == MergedInto {
			siblings[e.To] = append(siblings[e.To], e.From)
		}
	}
	for e := range x.lineage.Edges() {
		if !of[e.From] || !of[e.To] || e.Kind == RefersTo {
			continue
		}
		t := Tie{Kind: e.Kind, From: e.From, To: e.To, Event: e.Event, Weight: e.Weight, Of: e.Of}
		if e.Kind == MergedInto {
			t.Siblings = slices.DeleteFunc(slices.Clone(siblings[e.To]), func(s string) bool { return s == e.From })
			slices.Sort(t.Siblings)
			t.Dropped = e.Weight == 0 && e.Weighed != uuid.Nil
		}
		x.out.Chain = append(x.out.Chain, t)
	}
	rank := make(map[string]int)
	for i, n := range x.lineage.Order() {
		rank[n] = i
	}
	slices.SortStableFunc(x.out.Chain, func(a, b Tie) int {
		return cmp.Or(cmp.Compare(rank[a.From], rank[b.From]), cmp.Compare(rank[a.To], rank[b.To]))
	})
}

// later follows the carry-overs, one answer for each cycle they reached.
func (x *explaining) later(p proposal.State) {
	seen := map[string]bool{x.Proposal: true}
	for next := p.Next; next != "" && !seen[next]; {
		seen[next] = true
		s, held := x.last.states[next]
		if !held || s.At == "" {
			x.out.Later = append(x.out.Later, Later{Proposal: next, Cycle: proposal.Year(next), Outcome: Unknown})
			x.gap("later_unheld", next)
			return
		}
		then := &explaining{Inquiry: x.Inquiry, timeline: x.timeline, lineage: x.lineage, last: x.last, cycle: x.cycle, forums: x.forums}
		then.Proposal = next
		then.out.Ends = then.ends()
		then.decideAll()
		then.headline()
		x.out.Later = append(x.out.Later, Later{Proposal: next, Cycle: s.Cycle, Outcome: then.out.Outcome, Stage: then.out.Stage})
		next = s.Next
	}
}

func (x *explaining) uncertain() {
	for _, name := range sortedKeys(x.Streams) {
		number, ok := proposal.NumberOf(name)
		if !ok || !x.mine(number) {
			continue
		}
		for _, r := range event.Uncertain(x.Streams[name], x.View) {
			x.out.Uncertain = append(x.out.Uncertain, MentionOf(r))
		}
	}
}

// mine reports whether a proposal is the one asked about, came into it, or is
// what it went into.
func (x *explaining) mine(number string) bool {
	if number == x.Proposal {
		return true
	}
	return slices.ContainsFunc(x.out.Chain, func(t Tie) bool {
		return t.Kind != Continues && (t.From == number || t.To == number)
	})
}

// forum returns what a forum amounts to in the view.
func (x *explaining) forum(stream string) forum.State {
	f, known := x.forums[stream]
	if !known {
		f = forum.At(x.Streams[stream], x.View)
		x.forums[stream] = f
	}
	return f
}

func (x *explaining) gap(code, about string) {
	g := Gap{code, about}
	if !slices.Contains(x.out.Gaps, g) {
		x.out.Gaps = append(x.out.Gaps, g)
	}
}
