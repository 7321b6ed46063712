package workflow

import (
	"cmp"
	"maps"
	"slices"

	"runut/domain"
)

// A State is where a proposal stands: "at_opd". Its name is for ever, because
// events carry it.
type State string

// Languages a Label is kept in.
const (
	Indonesian = "id"
	English    = "en"
)

// A Label is a short text for people, in both languages.
type Label struct {
	ID string `json:"id"` // Indonesian, the one that counts
	EN string `json:"en"`
}

// In returns the label in a language; what is not English is Indonesian.
func (l Label) In(lang string) string {
	if lang == English {
		return l.EN
	}
	return l.ID
}

// A Definition is one process, resolved and checked. It never changes after
// it was loaded, so it is safe for concurrent use; callers only read it.
type Definition struct {
	Name    string // "musrenbang"
	Version int    // from 1, one more with every change that is published
	Status  string // "draft", "published" or "retired"; a cycle pins a published one
	Subject string // what walks through it: "proposal"
	Title   Label

	Extends   string   // of a variant: the base it changes, "musrenbang@1#<hash>"
	Kabupaten string   // of a variant: the kode wilayah it is for
	Legal     []string // the law it follows

	Initial State // where a stream stands before its first event

	Stages   map[string]*Stage
	Lanes    map[string]Label // ways a proposal may come in
	Roles    map[domain.Role]*Role
	Windows  map[string]*Window
	Meanings map[string]Label        // what a group of reasons comes down to: "no_money"
	Groups   map[string]*ReasonGroup // national groups: "PAG"
	Lists    map[string]*ReasonList
	Codes    map[string]*Reason          // every reason code: "PAG-KURANG"
	Reasons  map[string]map[string]Label // list → code → label; made from Codes

	States        map[State]*StateSpec
	Transitions   map[string]*Transition
	OnWindowClose map[string]map[string]*Row // window → state, or "flag:" and a flag → row

	Warnings Defects // findings that do not forbid use

	source  *node  // the document it was read from; says where each part stands
	canon   []byte // canonical JSON of source
	hash    string
	names   []string // of transitions, in order
	from    map[State][]*Transition
	exits   map[State][]*Transition
	endedBy map[State][]string
	before  map[string]map[string]bool // window → windows it may not end before
}

// A Stage is a stretch of the process between two forums or documents.
type Stage struct {
	Order int // stages are shown, and imports move, in this order
	Title Label
	Legal []string
}

// A Role is what a grant gives.
type Role struct {
	Scope    domain.ScopeKind // the attribute of a proposal its scope is compared with
	Observes bool             // records what others decided elsewhere: never bound by windows, never deciding
	Title    Label
}

// A Window is a span of days in which its transitions may be taken. The days
// are no part of a definition: the cycle opens, extends, closes and reopens
// windows by events, one per scope.
type Window struct {
	Scope domain.ScopeKind
	Stage string
	After []string // windows this one may not end before
	Title Label
	Legal []string
}

// A ReasonGroup gathers codes that mean the same in every kabupaten, so that
// their numbers can be compared.
type ReasonGroup struct {
	Means string // key of Meanings
	Title Label
}

// A ReasonList is what somebody chooses from when a transition asks why.
type ReasonList struct {
	Title  Label
	Engine bool // written by the program as the consequence of another act; no transition offers it
}

// A Reason is one code.
type Reason struct {
	Group      string   // national group
	Means      string   // key of Meanings; the group's unless the code has its own
	Lists      []string // lists it stands on
	Selectable bool     // whether a person may choose it
	MinWords   int      // words of explanation it asks for at least
	Title      Label
}

// Kinds of end, in StateSpec.Final.
const (
	FinalDone      = "done"      // delivered, or the year is over
	FinalElsewhere = "elsewhere" // somebody else pays
	FinalLost      = "lost"
	FinalWithdrawn = "withdrawn"
	FinalAbsorbed  = "absorbed"  // lives on in a parent or in parts
	FinalDissolved = "dissolved" // a merge undone: no origin, no money
)

// Goals, in StateSpec.Goal: what counts as won.
const (
	GoalFunded    = "funded"
	GoalElsewhere = "elsewhere"
)

// A StateSpec says what a state is.
type StateSpec struct {
	Stage       string // "" for end states
	Final       string // kind of end, "" while open
	Goal        string // what has been won here, "" for nothing
	Outcome     string // headline of a proposal resting here: "pending", "funded", "dropped", "deferred" …; "" where its fate is another stream's
	FateFollows string // of absorbed states: "parent" or "parts"
	MaxVisits   int    // how often one proposal may enter; 0 for any number
	Title       Label
}

// A Transition is one arrow, possibly from several states.
type Transition struct {
	Name  string
	From  []State // macros open, any and ended resolved; sorted
	To    State   // "" where Stay
	Stay  bool    // the state does not change: to "="
	Event string  // "submitted"; stored as "proposal.submitted"
	// When tells transitions apart that share a state and an event: the event's
	// payload has these values.
	When   map[string]string
	By     []domain.Role
	Window string   // "" at any time
	Need   []string // payload fields that may not be empty
	Reason string   // list a code must be chosen from, "" where none is asked for
	Quota  string   // kind of scope whose quota a list may not exceed
	Rank   *Rank
	Effect Effect
	Guard  []string // named conditions implemented in Go
	Raise  string   // flag this sets: a clock beside the state
	Clear  string   // flag this takes away
	Remedy bool     // way back from an end state; never counted as a way to win
	// Decides marks an act that settles a proposal's fate at its stage. Who
	// enters a proposal may not decide on it.
	Decides   bool
	Mandatory bool // a variant may not remove or weaken it
	Title     Label
	Legal     []string
}

// A Rank says what list a transition is taken by.
type Rank struct {
	Scope  domain.ScopeKind // one list per village, kecamatan, OPD …
	Cutoff string           // "quota", "ceiling" or "quota_or_ceiling"
}

// An Effect is what a transition does beyond its own stream. At most one field
// is set.
type Effect struct {
	Merge     *Merge
	Split     *Split
	Transfer  *Transfer
	CarryOver *CarryOver
}

// A Merge absorbs several proposals into a new one.
type Merge struct {
	Min            int    // children at least
	ParentStartsIn State  // where the new stream begins
	ParentEvent    string // "formed_by_merge"
	Same           []string
	MaxDepth       int // how many merges may lie under one parent, itself included
}

// A Split dissolves one proposal into new ones.
type Split struct {
	Min          int
	MaxDepth     int
	PartsStartIn State
	PartEvent    string
}

// A Transfer hands a proposal to another holder.
type Transfer struct {
	Attribute string // "opd"
	Max       int    // hops in the life of one proposal
}

// A CarryOver begins a new stream in a later cycle.
type CarryOver struct {
	Cycle    int              // how many years on
	StartsIn map[string]State // by lane; every lane is there
	Event    string           // first event of the new stream: "continued"
}

// Kinds of closing rows, in Row.Kind.
const (
	KindOmission = "omission" // nobody decided
	KindRule     = "rule"     // a final list already had
)

// ReasonFromList is the Reason of a row that repeats the cutoff of a final list.
const ReasonFromList = "from_list"

// A Row says what becomes of the proposals still waiting when a window closes.
type Row struct {
	Window string
	State  State  // whose proposals it ends; "" where it ends a flag
	Flag   string // the flag it ends; "" where it ends a state
	To     State  // "" where the state does not change
	Event  string
	When   map[string]string
	Kind   string // KindOmission or KindRule
	Reason string // a code, ReasonFromList, or "" where the event gives none
	Clear  string
}

// Via returns the name that events written by r carry where others carry the
// name of a transition: "close:forum_opd".
func (r *Row) Via() string { return "close:" + r.Window }

// All returns every transition in the order of names.
func (d *Definition) All() []*Transition {
	out := make([]*Transition, len(d.names))
	for i, n := range d.names {
		out[i] = d.Transitions[n]
	}
	return out
}

// From returns the transitions that may be taken in s, stays among them, in
// the order of names.
func (d *Definition) From(s State) []*Transition { return d.from[s] }

// Exits returns the transitions that lead out of s, remedies among them, in
// the order of names. Stays are none.
func (d *Definition) Exits(s State) []*Transition { return d.exits[s] }

// Taking returns the transitions that record an event in s. There are several
// where the payload tells them apart; see Transition.Fits.
func (d *Definition) Taking(s State, event string) []*Transition {
	var out []*Transition
	for _, t := range d.from[s] {
		if t.Event == event {
			out = append(out, t)
		}
	}
	return out
}

// leaves reports whether t leads from s to another state.
func (t *Transition) leaves(s State) bool {
	return !t.Stay && t.To != s && slices.Contains(t.From, s)
}

// Target returns the state a proposal in s is in after t.
func (t *Transition) Target(s State) State {
	if t.Stay {
		return s
	}
	return t.To
}

// Fits reports whether a payload with these values takes t rather than a
// sibling that shares its state and event.
func (t *Transition) Fits(payload map[string]string) bool {
	for field, value := range t.When {
		if payload[field] != value {
			return false
		}
	}
	return true
}

// StageOf returns the stage an act belongs to: the one its transition names,
// else that of its window, else that of the state it was taken in. A forum of
// the kecamatan that pulls back what already went to the OPD acts as kecamatan.
func (d *Definition) StageOf(t *Transition, from State) string {
	if s := t.When["stage"]; s != "" {
		return s
	}
	if w := d.Windows[t.Window]; w != nil {
		return w.Stage
	}
	if s := d.States[from]; s != nil {
		return s.Stage
	}
	return ""
}

// Rows returns the rows of one window's closing: those of states in the order
// of names, then those of flags.
func (d *Definition) Rows(window string) []*Row {
	rows := slices.Collect(maps.Values(d.OnWindowClose[window]))
	slices.SortFunc(rows, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.Flag, b.Flag), cmp.Compare(a.State, b.State))
	})
	return rows
}

// RowsFor returns the windows whose closing ends a proposal that waits in s, in
// the order of stages.
func (d *Definition) RowsFor(s State) []string { return d.endedBy[s] }

// WayBack returns the remedy by which re-opening r's window brings a proposal
// back that r ended: to the very state where there is such a remedy, else to
// another one of that stage. It returns nil for rows of flags.
func (d *Definition) WayBack(r *Row) *Transition {
	if r.State == "" || r.To == "" {
		return nil
	}
	var near *Transition
	for _, t := range d.Exits(r.To) {
		if !t.Remedy || t.Window != r.Window || t.Effect != (Effect{}) {
			continue
		}
		if t.To == r.State {
			return t
		}
		if near == nil && d.States[t.To].Stage == d.States[r.State].Stage {
			near = t
		}
	}
	return near
}

// StageNames returns the stages in their order.
func (d *Definition) StageNames() []string {
	return slices.SortedFunc(maps.Keys(d.Stages), func(a, b string) int {
		return cmp.Or(cmp.Compare(d.Stages[a].Order, d.Stages[b].Order), cmp.Compare(a, b))
	})
}

// WindowNames returns the windows in the order of their stages.
func (d *Definition) WindowNames() []string {
	order := func(w string) int {
		if s := d.Stages[d.Windows[w].Stage]; s != nil {
			return s.Order
		}
		return 0
	}
	return slices.SortedFunc(maps.Keys(d.Windows), func(a, b string) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b))
	})
}

// StateNames returns the states in the order of their stages, ends last.
func (d *Definition) StateNames() []State {
	order := func(s State) int {
		spec := d.States[s]
		if spec.Final != "" {
			return 1 << 30
		}
		if st := d.Stages[spec.Stage]; st != nil {
			return st.Order
		}
		return 0
	}
	return slices.SortedFunc(maps.Keys(d.States), func(a, b State) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b))
	})
}

// Chooses reports whether a person may give code as the reason of t.
func (d *Definition) Chooses(t *Transition, code string) bool {
	r := d.Codes[code]
	return r != nil && r.Selectable && slices.Contains(r.Lists, t.Reason)
}
