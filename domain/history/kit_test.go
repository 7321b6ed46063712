package history_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// musrenbang is the process that comes with the program.
var musrenbang = sync.OnceValue(func() *workflow.Definition {
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		panic(err)
	}
	return d
})

var charts = sync.OnceValue(func() *history.Charts {
	return history.NewCharts(func(hash string) *workflow.Definition {
		if hash == musrenbang().Hash() {
			return musrenbang()
		}
		return nil
	})
})

func chart() *history.Chart { return charts().For(musrenbang().Hash()) }

// Where the proposals of the tests lie.
const (
	village   = "99.01.03.2001"
	kecamatan = "99.01.03"
	opd       = "1.03"
)

// number returns the number of the proposal a test calls by a short name: of
// the cycle 2027, or of the one whose last two digits are behind it ("a28").
func number(name string) string {
	if year := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz"); len(year) == 2 {
		return "U-" + year + "-" + strings.TrimSuffix(name, year)
	}
	return "U-27-" + name
}

// A book is a log in the making. Every append is an hour after the one before.
type book struct {
	now     time.Time
	late    time.Time      // when the act to be told took effect, if not now
	records []event.Record // of all streams, in order
	states  map[string]proposal.State
	hash    string
}

func newBook() *book {
	return &book{now: start.Add(-time.Hour), states: make(map[string]proposal.State), hash: musrenbang().Hash()}
}

// A fact is an event for a stream.
type fact struct {
	stream string
	event  any
}

// append writes facts as one act.
func (b *book) append(facts ...fact) {
	command := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "command ", len(b.records)))
	b.now = b.now.Add(time.Hour)
	for i, f := range facts {
		r := event.Record{Position: int64(len(b.records) + 1), Event: f.event}
		r.ID, r.Command, r.Stream = event.IDOf(command, i+1), command, f.stream
		r.Cycle = 2027
		r.Occurred, r.RecordedAt, r.Definition = domain.Moment(b.now), b.now, b.hash
		if !b.late.IsZero() {
			r.Occurred = domain.Moment(b.late)
		}
		if n, ok := proposal.NumberOf(f.stream); ok {
			r.Cycle = proposal.Year(n)
			b.states[n] = proposal.Evolve(b.states[n], f.event.(proposal.Event), r.Envelope)
		}
		b.records = append(b.records, r)
	}
	b.late = time.Time{}
}

// start is when the first act of a book takes effect.
var start = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

// streams returns the records by stream.
func (b *book) streams() map[string][]event.Record {
	out := make(map[string][]event.Record)
	for _, r := range b.records {
		out[r.Stream] = append(out[r.Stream], r)
	}
	return out
}

func (b *book) timeline() *history.Timeline {
	return history.NewTimeline(event.View{}, charts(), slices.Collect(maps.Values(b.streams()))...)
}

func (b *book) lineage() *history.Lineage {
	return history.Trace(charts().Nodes(event.View{}, maps.All(b.streams())))
}

// made returns an event of the name a definition has for it, with the step that
// a transition of that name makes from a state.
func made(name string, step proposal.Step) proposal.Event {
	for _, t := range proposal.Types {
		if t.Name == "proposal."+name {
			e := t.New().(proposal.Event)
			*e.Base() = step
			return e
		}
	}
	panic("no event " + name)
}

// took returns the event of a transition taken from a state.
func took(t *workflow.Transition, from workflow.State) proposal.Event {
	step := proposal.Step{Stage: musrenbang().StageOf(t, from), Via: t.Name}
	if !t.Stay {
		step.State = t.To
	}
	e := made(t.Event, step)
	set := func(field, value string) {
		if f := reflect.ValueOf(e).Elem().FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(value)
		}
	}
	set("Lane", t.When["lane"])
	set("Answer", t.When["answer"])
	set("Role", t.When["role"])
	set("Resume", t.When["resume"])
	set("Village", village)
	set("OPD", opd)
	set("List", "forum-f/L1")
	return e
}

// take appends what transition by name does to a proposal.
func (b *book) take(name, transition string) {
	b.append(b.step(name, transition))
}

func (b *book) step(name, transition string) fact {
	n := number(name)
	t := musrenbang().Transitions[transition]
	if t == nil {
		panic("no transition " + transition)
	}
	from := b.states[n].At
	if from == "" {
		from = musrenbang().Initial
	}
	if !slices.Contains(t.From, from) {
		panic(fmt.Sprintf("%s is %s and cannot %s", name, from, transition))
	}
	e := took(t, from)
	switch e := e.(type) {
	case *proposal.Merged, *proposal.Split, *proposal.CarriedOver:
		panic("use a form of its own for " + transition)
	case *proposal.Transferred:
		e.From, e.To = opd, "1.04"
	case *proposal.MergeReversed:
		e.Parent = b.states[n].Parent
	}
	return fact{proposal.Stream(n), e}
}

// scope reads "@1.04" behind a window as that OPD, and nothing as the whole
// kabupaten.
func scope(word string) (string, domain.Scope) {
	window, code, ok := strings.Cut(word, "@")
	switch {
	case !ok:
		return window, domain.Scope{}
	case strings.HasPrefix(code, "99"):
		return window, domain.Scope{Kind: domain.ScopeKecamatan, Code: code}
	}
	return window, domain.Scope{Kind: domain.ScopeOPD, Code: code}
}

// tell appends one act told in words:
//
//	u:accept           proposal u takes the transition accept
//	p=a,b:merge_kec    a and b are merged into p, with weights 300 and 100
//	x,y<p:split        p is split into x and y, with weights 70 and 30
//	p-a:accept         p takes accept, and component a gets weight 0
//	^desa ^forum_opd@1.04    a window is opened
//	/desa /forum_opd@1.04    it is closed, and what waits in it is ended
//	\desa              it is opened again
//	list nolist newlist    the final list L1 of forum f stands, or no longer, or L2 instead
//	rkpd apbd ended    the document is adopted, the cycle closed
//	!7                 the event at position 7 is struck out
//	@3                 the rest of the act took effect at hour 3, though recorded now
func (b *book) tell(act string) {
	var facts []fact
	year := cycle.Stream(2027)
	for word := range strings.FieldsSeq(act) {
		who, what, _ := strings.Cut(word, ":")
		switch {
		case word[0] == '^':
			w, s := scope(word[1:])
			facts = append(facts, fact{year, &cycle.WindowOpened{Window: w, Scope: s}})
		case word[0] == '/':
			w, s := scope(word[1:])
			facts = append(facts, fact{year, &cycle.WindowClosed{Window: w, Scope: s}})
			facts = append(facts, b.rows(w, s)...)
		case word[0] == '\\':
			w, s := scope(word[1:])
			facts = append(facts, fact{year, &cycle.WindowReopened{Window: w, Scope: s}})
		case word[0] == '!':
			struck := b.records[must(strconv.Atoi(word[1:]))-1]
			n, _ := proposal.NumberOf(struck.Stream)
			facts = append(facts, fact{struck.Stream, &proposal.Corrected{Target: struck.ID, Action: event.Void}})
			b.states[n] = proposal.Fold(slices.DeleteFunc(b.streams()[struck.Stream], func(r event.Record) bool { return r.ID == struck.ID }))
		case word[0] == '@':
			b.late = start.Add(time.Duration(must(strconv.Atoi(word[1:]))-1) * time.Hour)
		case word == "list":
			facts = append(facts, fact{forum.Stream("f"), &forum.ListFinalized{List: "L1", Stage: "kecamatan"}})
		case word == "newlist":
			facts = append(facts, fact{forum.Stream("f"), &forum.ListFinalized{List: "L2", Stage: "kecamatan", Supersedes: "L1"}})
		case word == "nolist":
			facts = append(facts, fact{forum.Stream("f"), &forum.ListSuperseded{List: "L1"}})
		case word == "ended":
			facts = append(facts, fact{year, &cycle.Closed{}})
		case what == "":
			facts = append(facts, fact{year, &cycle.DocumentAdopted{Kind: word}})
		case strings.Contains(who, "="):
			parent, children, _ := strings.Cut(who, "=")
			facts = append(facts, b.merge(parent, what, strings.Split(children, ","), []int64{300, 100, 50})...)
		case strings.Contains(who, "<"):
			parts, whole, _ := strings.Cut(who, "<")
			facts = append(facts, b.split(whole, what, strings.Split(parts, ","), []int64{70, 30})...)
		case strings.Contains(who, "-"):
			parent, child, _ := strings.Cut(who, "-")
			f := b.step(parent, what)
			f.event.(*proposal.AcceptedByOPD).Components = []proposal.Component{{Child: number(child), Reason: proposal.ReasonDropped}}
			facts = append(facts, f)
		default:
			facts = append(facts, b.step(who, what))
		}
	}
	b.append(facts...)
}

// rows returns what the closing of a window brings to those who wait in it.
func (b *book) rows(window string, s domain.Scope) []fact {
	var out []fact
	for _, n := range slices.Sorted(maps.Keys(b.states)) {
		p := b.states[n]
		row := musrenbang().OnWindowClose[window][string(p.At)]
		if row == nil || row.State == "" || !s.Holds(p.Village, p.Kecamatan(), p.OPD) {
			continue
		}
		e := made(row.Event, proposal.Step{State: row.To, Stage: musrenbang().Windows[window].Stage, Via: row.Via()})
		closing := proposal.Closing{Window: window, Scope: s, Kind: row.Kind}
		reflect.ValueOf(e).Elem().FieldByName("Closing").Set(reflect.ValueOf(closing))
		out = append(out, fact{proposal.Stream(n), e})
	}
	return out
}

func (b *book) merge(parent, transition string, children []string, weights []int64) []fact {
	t := musrenbang().Transitions[transition]
	formed := &proposal.FormedByMerge{Step: proposal.Step{State: t.Effect.Merge.ParentStartsIn, Stage: t.When["stage"], Via: transition}, Lane: proposal.Musrenbang}
	formed.Village, formed.OPD = village, opd
	var facts []fact
	for i, c := range children {
		formed.Components = append(formed.Components, proposal.Component{Child: number(c), Weight: weights[i]})
		e := took(t, b.states[number(c)].At).(*proposal.Merged)
		e.Parent = number(parent)
		facts = append(facts, fact{proposal.Stream(number(c)), e})
	}
	return append(facts, fact{proposal.Stream(number(parent)), formed})
}

func (b *book) split(whole, transition string, parts []string, weights []int64) []fact {
	t := musrenbang().Transitions[transition]
	e := took(t, b.states[number(whole)].At).(*proposal.Split)
	facts := []fact{{proposal.Stream(number(whole)), e}}
	var of int64
	for i := range parts {
		of += weights[i]
	}
	for i, p := range parts {
		e.Parts, e.Weights = append(e.Parts, number(p)), append(e.Weights, weights[i])
		part := &proposal.FormedBySplit{
			Step: proposal.Step{State: t.Effect.Split.PartsStartIn, Via: transition}, Lane: proposal.Musrenbang,
			Whole: number(whole), Weight: weights[i], Of: of, Depth: 1,
		}
		part.Village, part.OPD = village, opd
		facts = append(facts, fact{proposal.Stream(number(p)), part})
	}
	return facts
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func told(t testing.TB, acts ...string) *book {
	t.Helper()
	b := newBook()
	for _, act := range acts {
		b.tell(act)
	}
	return b
}

// now is everything known now.
var now event.View
