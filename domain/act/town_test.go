package act_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
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

// amended is the process as it might be published a year later: another
// version, and so another hash.
var amended = sync.OnceValue(func() *workflow.Definition {
	next := strings.Replace(string(musrenbang().Canonical()), `"version":1`, `"version":2`, 1)
	d, err := workflow.Load("amended.json", []byte(next), catalog.Vocabulary())
	if err != nil {
		panic(err)
	}
	return d
})

// A tb is what a town needs of a test, plain or rapid.
type tb interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// A town is a kabupaten with a log in memory. Everything that happens in it
// happens by acts, as it would through the store: their streams are read, their
// versions are checked, their events go through the catalogue's JSON.
type town struct {
	t       tb
	log     act.Histories
	at      int64 // position of the last event
	acts    int
	now     time.Time
	grants  map[string]domain.Actor // by role and scope
	name    map[string]string       // what a test calls a proposal, or a forum's stream, by its name
	forums  int
	past    domain.Interval // when the next act took effect; zero: now
	second  *domain.Actor   // who approves the next act
	last    []event.Change
	fast    bool // leave out the JSON
	walking bool // steps may turn out impossible
}

// impossible is the reason why a step of a walk could not even be asked for.
type impossible struct{ error }

// start is when the town's first cycle is opened.
var start = time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC)

// paper is a document as it should be.
func paper(kind string, at time.Time) domain.Document {
	return domain.Document{Kind: kind, Number: kind + "/1/2026", Date: at.Format(time.DateOnly), Digest: strings.Repeat("ab", 32)}
}

func text(words string) domain.Text { return domain.Mask(words) }

// newTown returns a kabupaten in which a cycle for 2027 is open with all its
// windows, each for everybody.
func newTown(t tb) *town {
	t.Helper()
	w := emptyTown(t)
	w.open(2027)
	return w
}

func emptyTown(t tb) *town {
	w := &town{t: t, log: act.Histories{}, now: start, grants: map[string]domain.Actor{}, name: map[string]string{}}
	for i, role := range []domain.Role{"approver", "head_of_planning"} {
		given := &grant.Given{Person: "p-FIRST" + fmt.Sprint(i), Role: role, Scope: domain.Scope{Kind: domain.ScopeKabupaten}, Office: "Bappeda",
			Capacity: domain.Definitif, From: start, Decree: paper("sk", start), First: true}
		stream := grant.FirstStreams[i]
		w.must(w.run(domain.System(), act.OnGrant{Grant: stream, Ask: given}))
		w.grants[string(role)] = grant.Fold(w.log.Now(stream)).Actor()
	}
	return w
}

// windows are the windows of a cycle and when they close, in days after start.
var windows = []struct {
	name  string
	after int
}{
	{"desa", 30}, {"kecamatan", 60}, {"pokir", 60}, {"forum_opd", 90}, {"referral", 170}, {"kabupaten", 120},
	{"rkpd", 170}, {"ppas", 230}, {"apbd", 320}, {"execution", 720}, {"objection", 330},
}

func (w *town) open(year int) {
	w.t.Helper()
	w.openUnder(year, musrenbang())
}

func (w *town) openUnder(year int, d *workflow.Definition) {
	w.t.Helper()
	w.must(w.as("head_of_planning", act.OnCycle{Year: year, Ask: &cycle.Opened{
		Year: year, Kabupaten: "99.01", Title: "Kabupaten Contoh", Zone: "WITA",
		Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()},
	}}))
	for _, x := range windows {
		w.must(w.as("head_of_planning", act.OnCycle{Year: year, Ask: &cycle.WindowOpened{
			Window: x.name, OpensAt: w.now, ClosesAt: start.AddDate(year-2027, 0, x.after),
		}}))
	}
}

// who returns an actor in a role for a scope such as "village:99.01.03.2001";
// one without a scope acts for the whole kabupaten. The grant is given, by two
// persons, when it is first needed.
func (w *town) who(role domain.Role, scope ...string) domain.Actor {
	w.t.Helper()
	s := domain.Scope{Kind: domain.ScopeKabupaten}
	if len(scope) > 0 {
		var err error
		if s, err = domain.ParseScope(scope[0]); err != nil {
			w.t.Fatalf("%v", err)
		}
	}
	if role == "province_planner" {
		s = domain.Scope{Kind: domain.ScopeProvince}
	}
	key := string(role) + strings.Join(scope, "")
	if a, ok := w.grants[key]; ok {
		return a
	}
	stream := grant.Stream(fmt.Sprintf("%03d", len(w.grants)))
	second := w.grants["head_of_planning"]
	w.second = &second
	w.past = domain.Interval{}
	now := w.now
	w.must(w.run(w.grants["approver"], act.OnGrant{Grant: stream, Definition: musrenbang().Hash(), Ask: &grant.Given{
		Person: fmt.Sprintf("p-%03d", len(w.grants)), Role: role, Scope: s, Office: "Kantor " + s.Code + string(role), Capacity: domain.Definitif,
		From: start, Decree: paper("sk", start),
	}}))
	w.now = now
	w.grants[key] = grant.Fold(w.log.Now(stream)).Actor()
	return w.grants[key]
}

// as runs an act by somebody in a role.
func (w *town) as(role domain.Role, a act.Act, scope ...string) error {
	w.t.Helper()
	second, past := w.second, w.past
	who := w.who(role, scope...)
	w.second, w.past = second, past
	return w.run(who, a)
}

// run does what the store does: read until nothing new is named, decide, check
// every version, append.
func (w *town) run(who domain.Actor, a act.Act) error {
	w.t.Helper()
	w.acts++
	w.now = w.now.Add(time.Minute)
	rules := act.Rules{
		Command: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "command ", w.acts)), Actor: who, Second: w.second,
		Now: w.now, Occurred: w.past, Tenant: "99.01", Definitions: definitions,
	}
	w.second, w.past = nil, domain.Interval{}
	loaded := act.Histories{}
	for named := -1; named != len(loaded); {
		named = len(loaded)
		for _, stream := range act.Streams(a, loaded, rules) {
			loaded[stream] = w.log[stream]
		}
	}
	changes, err := a.Decide(loaded, rules)
	if err != nil {
		return err
	}
	if !w.fast {
		again, err := a.Decide(loaded, rules) // as after a conflict
		if err != nil || !reflect.DeepEqual(again, changes) {
			w.t.Errorf("%s decided again comes to something else: %v", a.Name(), err)
		}
	}
	w.append(rules, changes)
	return nil
}

func definitions(hash string) *workflow.Definition {
	for _, d := range []*workflow.Definition{musrenbang(), amended()} {
		if hash == d.Hash() {
			return d
		}
	}
	return nil
}

func (w *town) append(r act.Rules, changes []event.Change) {
	w.t.Helper()
	w.last = changes
	w.asserted(r, changes)
	n := 0
	seen := map[string]bool{}
	for _, c := range changes {
		if got := w.log.Version(c.Stream); got != c.Version {
			w.t.Fatalf("%s is at version %d, decided on %d", c.Stream, got, c.Version)
		}
		if seen[c.Stream] {
			w.t.Fatalf("%s is changed twice in one append", c.Stream)
		}
		seen[c.Stream] = true
		for i, f := range c.Facts {
			n++
			w.at++
			rec := event.Record{Position: w.at, Event: w.stored(f.Event), Envelope: event.Envelope{
				ID: event.IDOf(r.Command, n), Type: typeOf(f.Event), Tenant: r.Tenant, Cycle: cmp.Or(c.Cycle, 2027), Stream: c.Stream, Version: c.Version + 1 + i,
				Occurred: f.Occurred, RecordedAt: r.Now, Actor: r.Actor, Command: r.Command, Causation: r.Command, Definition: cmp.Or(c.Definition, musrenbang().Hash()),
			}}
			if number, ok := proposal.NumberOf(c.Stream); ok && c.Cycle != proposal.Year(number) {
				w.t.Errorf("%s is written into the year %d", c.Stream, c.Cycle)
			}
			if f.CausedBy >= n {
				w.t.Fatalf("fact %d is caused by fact %d", n, f.CausedBy)
			}
			if f.CausedBy > 0 {
				rec.Causation = event.IDOf(r.Command, f.CausedBy)
			}
			if f.Occurred.IsZero() {
				rec.Occurred = domain.Moment(r.Now)
			}
			w.log[c.Stream] = append(w.log[c.Stream], rec)
		}
	}
}

func typeOf(e any) string {
	t, _ := catalog.Events.Of(e)
	return t.Name
}

// asserted examines that whatever is written to a proposal rests on the cycle
// as it was read, and on the grants of those who act.
func (w *town) asserted(r act.Rules, changes []event.Change) {
	w.t.Helper()
	named := map[string]bool{}
	cycles := map[string]bool{}
	for _, c := range changes {
		named[c.Stream] = true
		if n, ok := proposal.NumberOf(c.Stream); ok {
			cycles[cycle.Stream(proposal.Year(n))] = true
		}
		for _, f := range c.Facts {
			e, ok := f.Event.(proposal.Event)
			if ok && proposal.ForumOf(e) != "" && !named[proposal.ForumOf(e)] {
				named[proposal.ForumOf(e)] = slices.ContainsFunc(changes, func(c event.Change) bool { return c.Stream == proposal.ForumOf(e) })
			}
			if ok && proposal.ForumOf(e) != "" && !named[proposal.ForumOf(e)] {
				w.t.Errorf("%T does not rest on its forum", e)
			}
		}
	}
	for _, stream := range slices.Concat(slices.Collect(maps.Keys(cycles)), []string{r.Actor.Grant}) {
		if stream != "" && !named[stream] {
			w.t.Errorf("the act does not rest on %s", stream)
		}
	}
}

// stored returns an event as it reads back from the log.
func (w *town) stored(e any) any {
	if w.fast {
		return e
	}
	enc, err := catalog.Events.Encode(e)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	back, err := catalog.Events.Decode(enc.Type, enc.Version, enc.Payload, enc.Texts)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	return back
}

// must fails the test where err is one; on a walk, which tries what nobody
// would, it gives up the step.
func (w *town) must(err error) {
	w.t.Helper()
	if err != nil && w.walking {
		panic(impossible{err})
	}
	if err != nil {
		w.t.Fatalf("%v", err)
	}
}

// number returns the number of what a test calls by a short name.
func (w *town) number(name string) string {
	if n, ok := w.name[name]; ok {
		return n
	}
	return name
}

func (w *town) state(name string) proposal.State {
	return proposal.Fold(w.log.Now(proposal.Stream(w.number(name))))
}

func (w *town) cycle(year int) cycle.State { return cycle.Fold(w.log.Now(cycle.Stream(year))) }

// proposals returns the numbers of all proposals of a fiscal year.
func (w *town) proposals(year int) []string {
	var out []string
	for stream := range w.log {
		if n, ok := proposal.NumberOf(stream); ok && proposal.Year(n) == year {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// size is how many events there are of proposals and cycles: what verbs need
// besides, such as grants, is not what a test is about.
func (w *town) size() int {
	n := 0
	for stream, records := range w.log {
		if strings.HasPrefix(stream, "proposal-") || strings.HasPrefix(stream, "cycle-") {
			n += len(records)
		}
	}
	return n
}

// newest returns the last event of a proposal.
func (w *town) newest(name string) event.Record {
	records := w.log[proposal.Stream(w.number(name))]
	return records[len(records)-1]
}

// forum returns the stream of a session of a stage and scope, convened when it
// is first asked for.
func (w *town) forum(kind, stage, scope string) string {
	w.t.Helper()
	key := kind + " " + scope
	if f, ok := w.name[key]; ok {
		return f
	}
	w.forums++
	stream := forum.Stream(fmt.Sprintf("%d", w.forums))
	s, err := domain.ParseScope(scope)
	w.must(err)
	role := map[string]domain.Role{"musrenbang_desa": "village_head", "musrenbang_kecamatan": "camat", "forum_opd": "opd_head", "musrenbang_kabupaten": "head_of_planning", "pokir": "council_secretary"}[kind]
	who := []string{scope}
	if s.Kind == domain.ScopeKabupaten {
		who = nil
	}
	second, past := w.second, w.past
	w.second, w.past = nil, domain.Interval{}
	w.must(w.as(role, act.OnForum{Forum: stream, Year: 2027, Ask: &forum.Convened{Kind: kind, Stage: stage, Scope: s, Date: w.now.Format(time.DateOnly)}}, who...))
	w.second, w.past = second, past
	w.name[key] = stream
	return stream
}

func (w *town) village(name string) string { return "village:" + w.state(name).Village }
func (w *town) kecamatan(name string) string {
	return "kecamatan:" + w.state(name).Kecamatan()
}
func (w *town) opd(name string) string { return "opd:" + w.state(name).OPD }

func (w *town) villageForum(name string) string {
	return w.forum("musrenbang_desa", "desa", w.village(name))
}
func (w *town) kecForum(name string) string {
	return w.forum("musrenbang_kecamatan", "kecamatan", w.kecamatan(name))
}
func (w *town) opdForum(name string) string { return w.forum("forum_opd", "forum_opd", w.opd(name)) }
func (w *town) kabForum() string {
	return w.forum("musrenbang_kabupaten", "kabupaten", "kabupaten")
}

// sound examines the whole log: every history replays, and nobody is left where
// nothing will end the wait.
func (w *town) sound() {
	w.t.Helper()
	for _, stream := range slices.Sorted(maps.Keys(w.log)) {
		n, ok := proposal.NumberOf(stream)
		if !ok {
			continue
		}
		c := w.cycle(proposal.Year(n))
		p, err := proposal.Replay(musrenbang(), c, w.log.Now(stream))
		if err != nil {
			w.t.Errorf("%s does not replay: %v", n, err)
		}
		if proposal.Stranded(musrenbang(), c, p) {
			w.t.Errorf("%s is stranded in %s", n, p.At)
		}
	}
}

// refusal returns the code of a refusal; it fails on other errors.
func (w *town) refusal(err error) string {
	w.t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok {
		w.t.Fatalf("not a refusal: %v", err)
	}
	return e.Code
}

// holder returns somebody in a role whose scope covers a proposal.
func (w *town) holder(role domain.Role, name string) domain.Actor {
	w.t.Helper()
	switch musrenbang().Roles[role].Scope {
	case domain.ScopeVillage:
		return w.who(role, w.village(name))
	case domain.ScopeKecamatan:
		return w.who(role, w.kecamatan(name))
	case domain.ScopeOPD:
		return w.who(role, w.opd(name))
	}
	return w.who(role)
}

func (w *town) grantOf(a domain.Actor) grant.State { return grant.Fold(w.log.Now(a.Grant)) }
