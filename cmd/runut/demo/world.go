package demo

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
)

// chunk is how many events are handed to the log at once.
const chunk = 4000

// A world is the kabupaten while it is being made: the histories so far, what
// the clock shows, and who holds which office.
type world struct {
	o          Options
	definition *workflow.Definition
	random     *rand.Rand
	now        time.Time // simulated
	histories  act.Histories
	position   int64
	commands   uint64
	pending    []eventstore.Entry
	waiting    int // events in pending
	write      func([]eventstore.Entry) error
	failed     error

	agenda agenda // what is still to happen
	made   int    // appointments so far

	holders map[holderKey]domain.Actor
	places  []kecamatan
	numbers map[int][]string           // every proposal of a fiscal year, in the order they began
	origins map[int]int                // how many of them are origins
	homes   map[home][]string          // the same, by village
	states  map[string]*proposal.State // as they stand; nil for those that were forgotten
	keep    bool                       // for tests: nothing is forgotten
	longest int                        // how many proposals are ranked on one list

	planted []Plant

	arrivals map[place][]arrival // who came into a state, those who left it since among them
}

type holderKey struct {
	role domain.Role
	code string // of the place or office; "" for the kabupaten
}

// A home is a village in a fiscal year.
type home struct {
	year    int
	village string
}

func newWorld(o Options, d *workflow.Definition) *world {
	o.Scale, o.Part = max(o.Scale, 1), max(o.Part, 1)
	day := o.Day.In(zone)
	return &world{
		o: o, definition: d, longest: 2500, random: rand.New(rand.NewPCG(o.Seed, uint64(day.Year()*10000+int(day.Month())*100+day.Day()))),
		histories: act.Histories{}, holders: map[holderKey]domain.Actor{}, places: territory(o.Part),
		numbers: map[int][]string{}, origins: map[int]int{}, homes: map[home][]string{}, states: map[string]*proposal.State{}, arrivals: map[place][]arrival{},
		write: func([]eventstore.Entry) error { return nil },
	}
}

// day sets the clock to a time of day, so many days before the demo is made.
func (w *world) day(before, hour, minute int) {
	d := w.o.Day.In(zone)
	w.now = time.Date(d.Year(), d.Month(), d.Day()-before, hour, minute, 0, 0, zone)
}

// tick lets some minutes pass, so that acts of one day do not share an instant.
func (w *world) tick() {
	w.now = w.now.Add(time.Duration(2+w.random.IntN(6)) * time.Second / time.Duration(w.o.Scale))
}

// holder returns who holds a role for a place or office.
func (w *world) holder(role domain.Role, code string) domain.Actor {
	a, ok := w.holders[holderKey{role, code}]
	if !ok {
		panic("demo: nobody is " + string(role) + " of " + code)
	}
	return a
}

// do carries out an act in the year of a cycle (0: none) and returns the numbers
// of the proposals it wrote to. An act that is refused is a mistake here.
func (w *world) do(year int, actor domain.Actor, a act.Act) []string {
	return w.doWith(year, actor, nil, domain.Interval{}, a)
}

func (w *world) doWith(year int, actor domain.Actor, second *domain.Actor, occurred domain.Interval, a act.Act) []string {
	w.tick()
	now := w.now.UTC()
	rules := act.Rules{
		Command: w.command(), Actor: actor, Second: second, Now: now, Occurred: occurred, Tenant: Kabupaten,
		Definitions: func(hash string) *workflow.Definition {
			if hash == w.definition.Hash() {
				return w.definition
			}
			return nil
		},
	}
	changes, err := a.Decide(w.read(a, rules), rules)
	for err == nil && w.taken(changes) {
		rules.Command = w.command()
		changes, err = a.Decide(w.read(a, rules), rules)
	}
	if err != nil {
		panic(&refusedError{a.Name(), actor, w.now, err})
	}
	cmd := event.Command{ID: rules.Command, Fingerprint: sha256.Sum256(rules.Command[:]), Actor: actor, Tenant: Kabupaten, Cycle: year, RecordedAt: now}
	if year != 0 {
		cmd.Definition = w.definition.Hash()
	}
	return w.apply(cmd, changes)
}

// taken reports whether a new proposal drew a number that another one has. Of a
// hundred thousand in a year a few do; whoever asks then asks again.
func (w *world) taken(changes []event.Change) bool {
	return slices.ContainsFunc(changes, func(c event.Change) bool {
		number, ok := proposal.NumberOf(c.Stream)
		if !ok || c.Version > 0 {
			return false
		}
		_, known := w.states[number]
		return known
	})
}

// read returns the histories that an act reads, as whoever runs it would load
// them.
func (w *world) read(a act.Act, r act.Rules) act.Histories {
	h := act.Histories{}
	for more := true; more; {
		more = false
		for _, stream := range act.Streams(a, h, r) {
			if _, loaded := h[stream]; !loaded {
				h[stream], more = w.histories[stream], true
			}
		}
	}
	return h
}

// begun takes note of a proposal that begins.
func (w *world) begun(year int, number string, first any) {
	w.numbers[year] = append(w.numbers[year], number)
	village := ""
	switch e := first.(type) {
	case *proposal.Submitted:
		village = e.Village
	case *proposal.SubmittedLate:
		village = e.Village
	case *proposal.FormedBySplit:
		village = e.Village
	case *proposal.Continued:
		village = e.Village
	}
	if village != "" {
		w.homes[home{year, village}] = append(w.homes[home{year, village}], number)
	}
}

// apply lets changes happen: in the histories here, and in the log with the next
// chunk. Assertions are left out of the log's share, since nobody else writes.
func (w *world) apply(cmd event.Command, changes []event.Change) []string {
	var numbers []string
	written := make([]event.Change, 0, len(changes))
	n := 0
	for _, c := range changes {
		if len(c.Facts) == 0 {
			continue
		}
		written = append(written, c)
		if number, ok := proposal.NumberOf(c.Stream); ok {
			numbers = append(numbers, number)
			if len(w.histories[c.Stream]) == 0 {
				w.begun(cmp.Or(c.Cycle, cmd.Cycle), number, c.Facts[0].Event)
			}
		}
		for i, f := range c.Facts {
			n++
			w.position++
			if f.Occurred.IsZero() {
				f.Occurred = domain.Moment(cmd.RecordedAt)
			}
			e := event.Envelope{ID: event.IDOf(cmd.ID, n), Tenant: cmd.Tenant, Cycle: cmp.Or(c.Cycle, cmd.Cycle), Stream: c.Stream, Version: c.Version + 1 + i,
				Occurred: f.Occurred, RecordedAt: cmd.RecordedAt, Actor: cmd.Actor, Command: cmd.ID, Correlation: cmd.ID, Causation: cmd.ID, Definition: cmp.Or(c.Definition, cmd.Definition)}
			if f.CausedBy > 0 {
				e.Causation = event.IDOf(cmd.ID, f.CausedBy)
			}
			w.histories[c.Stream] = append(w.histories[c.Stream], event.Record{Envelope: e, Position: w.position, Event: bare(f.Event)})
		}
	}
	for _, number := range numbers {
		w.arrive(number)
	}
	w.pending = append(w.pending, eventstore.Entry{Command: cmd, Changes: written})
	w.waiting += n
	if w.waiting >= chunk {
		w.failed = w.flush()
		if w.failed != nil {
			panic(&refusedError{"import", cmd.Actor, w.now, w.failed})
		}
	}
	return numbers
}

func (w *world) flush() error {
	if len(w.pending) == 0 {
		return nil
	}
	if err := w.write(w.pending); err != nil {
		return err
	}
	w.pending, w.waiting = nil, 0
	if w.o.Progress != nil {
		w.o.Progress(w.position, max(w.position, expected*int64(w.o.Scale)))
	}
	return nil
}

// bare returns an event without what the log keeps and no decision looks at: the
// checks that were made.
func bare(e any) any {
	p, ok := e.(proposal.Event)
	if !ok || len(p.Base().Checks) == 0 {
		return e
	}
	v := reflect.New(reflect.TypeOf(e).Elem())
	v.Elem().Set(reflect.ValueOf(e).Elem())
	c := v.Interface().(proposal.Event)
	c.Base().Checks = nil
	return c
}

// forget drops from memory what nothing will happen to any more in a fiscal year
// that the next one has taken up what it wants of: its sessions, and what has
// ended there.
func (w *world) forget(year int) {
	if w.keep {
		return
	}
	for _, n := range w.numbers[year] {
		s := w.states[n]
		if s == nil || w.definition.States[s.At].Final == "" || len(s.Flags) > 0 {
			continue
		}
		delete(w.histories, proposal.Stream(n))
		w.states[n] = nil
	}
	prefix := forum.Stream(strconv.Itoa(year)) + "-"
	maps.DeleteFunc(w.histories, func(stream string, _ []event.Record) bool { return strings.HasPrefix(stream, prefix) })
	maps.DeleteFunc(w.homes, func(h home, _ []string) bool { return h.year == year })
}

// expected is about how many events the usual demo has.
const expected = 111_000

// command returns the id of the next command: the same for the same seed.
func (w *world) command() uuid.UUID {
	w.commands++
	var name [16]byte
	binary.BigEndian.PutUint64(name[:8], w.o.Seed)
	binary.BigEndian.PutUint64(name[8:], w.commands)
	return uuid.NewSHA1(commandSpace, name[:])
}

var commandSpace = uuid.MustParse("6ba7b814-9dad-11d1-80b4-00c04fd430c8")

// state returns what a proposal amounts to now.
func (w *world) state(number string) proposal.State { return *w.states[number] }

// An arrival is a proposal that came into a state for the n-th time, and there to
// an OPD after so many transfers.
type arrival struct {
	number      string
	visit, hops int
}

// A place is a state in a fiscal year: everywhere, or in a kecamatan, or at an OPD.
type place struct {
	year  int
	state workflow.State
	code  string
}

// arrive takes note of where a proposal is after something was written to it.
func (w *world) arrive(number string) {
	now := proposal.Fold(w.histories.Now(proposal.Stream(number)))
	before := w.states[number]
	w.states[number] = &now
	if before == nil && now.Origin {
		w.origins[now.Cycle]++
	}
	a := arrival{number, now.Visits[now.At], now.Hops}
	note := func(code string) {
		at := place{now.Cycle, now.At, code}
		w.arrivals[at] = append(w.arrivals[at], a)
	}
	came := before == nil || before.At != now.At || before.Visits[now.At] != now.Visits[now.At]
	if came {
		note("")
	}
	if kecamatan := now.Kecamatan(); came && kecamatan != "" {
		note(kecamatan)
	}
	if now.OPD != "" && (came || before.Hops != now.Hops) {
		note(now.OPD)
	}
}

// where returns the proposals of a year that are in one of the states, in the
// order they came there.
func (w *world) where(year int, states ...workflow.State) []string {
	return w.whereIn(year, "", states...)
}

// whereIn is where for a kecamatan or an OPD.
func (w *world) whereIn(year int, code string, states ...workflow.State) []string {
	var out []string
	for _, state := range states {
		at := place{year, state, code}
		w.arrivals[at] = slices.DeleteFunc(w.arrivals[at], func(a arrival) bool {
			s := w.states[a.number]
			return s == nil || s.At != state || s.Visits[state] != a.visit || code == s.OPD && code != "" && s.Hops != a.hops || code != "" && code != s.OPD && code != s.Kecamatan()
		})
		for _, a := range w.arrivals[at] {
			out = append(out, a.number)
		}
	}
	return out
}

// chance is true in so many of a hundred cases.
func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }

// pick returns one of the choices.
func pick[T any](w *world, choices []T) T { return choices[w.random.IntN(len(choices))] }

// between returns a number from a to b.
func (w *world) between(a, b int) int { return a + w.random.IntN(b-a+1) }
