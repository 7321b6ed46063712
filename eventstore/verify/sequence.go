package verify

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore/proof"
)

// A sequence is what is remembered of the entries read so far, to judge the next
// by. After a place that is broken it goes on, and judges again what does not
// depend on it, so that one wound does not show as a hundred.
type sequence struct {
	report      *Report
	tree        proof.Range
	leaves      func(tlog.Hash) // is handed every leaf in order; nil: nobody
	commandRead func(Command)   // is handed every command in order; nil: nobody
	heads       []head          // roots that were signed, by size, those not reached yet
	torn        bool            // a leaf is missing or too many: no root can be reached any more
	agreed      int64           // size of the last head whose root was right
	parted      bool            // a root was wrong
	whole       bool            // the log is read from its beginning, so that nothing is unknown
	early       *examined       // held back: see next
	broken      int64           // last position that could not be judged

	streams  map[string]tip
	commands map[uuid.UUID]struct{}
	command  running

	closed []closing
	orders map[order]bool
}

// A tip is where a stream stands.
type tip struct {
	version  int32
	disorder bool  // it holds a correction, or an act that took effect before an earlier one
	position int64 // of the last event
	latest   int64 // effective time of the latest, in microseconds since 1970
}

// A running is the command whose events are being read.
type running struct {
	id       uuid.UUID
	print    [32]byte
	at       int64 // recorded, in microseconds
	actor    domain.Actor
	events   int
	position int64 // of its last event
}

// A closing is a field beside a record that is gone.
type closing struct {
	Finding
	order
	person bool // of a person's own stream, which an erasure covers whole
}

// An order is what an event says must be closed.
type order struct{ target, field string }

// A head is a tree size whose root was signed, and where that stands.
type head struct {
	size  int64
	root  tlog.Hash
	place string
}

func newSequence(r *Report, from proof.Range, heads []head) *sequence {
	s := &sequence{
		report: r, tree: from.Clone(), heads: heads, whole: from.Size == 0,
		streams: make(map[string]tip), commands: make(map[uuid.UUID]struct{}), orders: make(map[order]bool),
	}
	s.agreed = from.Size
	s.roots()
	return s
}

// next judges an entry by those before it. One that stands too early is held back
// until the next one tells whether something is missing before it, or whether it
// is itself what was put there.
func (s *sequence) next(x *examined) {
	if x.entry.Err != nil {
		s.release()
		s.unreadable(x)
		return
	}
	s.report.Add(x.found...)
	due, at := s.tree.Size+1, x.entry.Position
	switch {
	case at == due:
		s.stray()
		s.take(x)
	case s.early != nil && at == s.early.entry.Position+1:
		s.release()
		s.take(x)
	case at > due:
		s.stray()
		s.early = x
	default:
		s.misplaced(x)
	}
}

// stray names the entry that was held back: what was due followed it.
func (s *sequence) stray() {
	if s.early != nil {
		s.misplaced(s.early)
		s.early = nil
	}
}

// release takes the entry that was held back for what follows a gap.
func (s *sequence) release() {
	x := s.early
	if x == nil {
		return
	}
	s.early = nil
	at := x.entry.Position
	s.report.Add(Finding{Code: "verify.missing", Position: s.tree.Size + 1, Until: at - 1, Place: x.entry.Place})
	s.torn, s.broken = true, at-1
	s.tree = proof.Range{Size: at - 1}
	s.take(x)
}

// misplaced names what stands twice, out of order, or was inserted. It is left out
// of everything else.
func (s *sequence) misplaced(x *examined) {
	s.report.Add(Finding{Code: "verify.order", Want: strconv.FormatInt(s.tree.Size+1, 10)}.of(x))
}

// take judges the entry that is due.
func (s *sequence) take(x *examined) {
	s.report.Events++
	s.leaf(x.entry.Leaf)
	if !x.sound {
		s.broken = x.entry.Position
	} else {
		s.tenant(x)
		s.stream(x)
		s.identity(x)
		s.beside(x)
	}
	s.roots()
}

// unreadable takes a line that nobody can read for the event that was due.
func (s *sequence) unreadable(x *examined) {
	for _, f := range x.found {
		f.Position = s.tree.Size + 1
		s.report.Add(f)
	}
	s.torn = true
	s.tree.Size++
	s.broken = s.tree.Size
}

func (s *sequence) leaf(h tlog.Hash) {
	if s.torn {
		s.tree.Size++
		return
	}
	s.tree.Add(h)
	if s.leaves != nil {
		s.leaves(h)
	}
}

// tenant holds that all of it is one kabupaten's.
func (s *sequence) tenant(x *examined) {
	if s.report.Tenant == "" {
		s.report.Tenant = x.says.Tenant
	}
	if s.report.Tenant != x.says.Tenant {
		s.report.Add(Finding{Code: "verify.tenant", Field: "tenant", Want: s.report.Tenant, Observed: x.says.Tenant}.of(x))
	}
}

// stream holds that the versions of a stream follow upon each other.
func (s *sequence) stream(x *examined) {
	t, known := s.streams[x.says.Stream]
	if want := int(t.version) + 1; x.says.Version != want && s.judges(t.position) && (known || s.whole) {
		s.report.Add(Finding{Code: "verify.version", Field: "version", Want: strconv.Itoa(want), Observed: strconv.Itoa(x.says.Version)}.of(x))
	}
	effective := x.says.Occurred.Effective(x.says.RecordedAt).UnixMicro()
	t.disorder = t.disorder || effective < t.latest || x.says.Type == corrected
	t.version, t.position, t.latest = int32(x.says.Version), x.entry.Position, max(t.latest, effective)
	s.streams[x.says.Stream] = t
}

const corrected = "proposal.corrected"

// judges reports whether everything after a position could be read.
func (s *sequence) judges(after int64) bool { return s.broken <= after }

// identity holds that an event's id comes from its command and its place in it,
// that the events of a command stand together, and that they agree on it.
func (s *sequence) identity(x *examined) {
	c, at := &s.command, x.says.RecordedAt.UnixMicro()
	if c.id == x.says.Command && c.position == x.entry.Position-1 {
		c.events, c.position = c.events+1, x.entry.Position
		s.ordinal(x, c.events)
		if c.print != x.says.Fingerprint || c.at != at || c.actor != x.says.Actor {
			s.report.Add(Finding{Code: "verify.command", Field: "command", Observed: x.says.Command.String()}.of(x))
		}
		return
	}
	n := 1
	if s.broken > 0 && s.broken == x.entry.Position-1 {
		n = ordinal(x.says.Envelope)
	} else if _, twice := s.commands[x.says.Command]; twice {
		s.report.Add(Finding{Code: "verify.command_twice", Field: "command", Observed: x.says.Command.String()}.of(x))
	}
	s.endCommand()
	s.commands[x.says.Command] = struct{}{}
	*c = running{x.says.Command, x.says.Fingerprint, at, x.says.Actor, n, x.entry.Position}
	s.ordinal(x, n)
}

func (s *sequence) endCommand() {
	if c := &s.command; s.commandRead != nil && c.events > 0 {
		s.commandRead(Command{c.id, c.print, c.position - int64(c.events) + 1, c.position})
	}
}

func (s *sequence) ordinal(x *examined, n int) {
	if want := event.IDOf(x.says.Command, n); x.says.ID != want {
		s.report.Add(Finding{Code: "verify.id", Field: "id", Want: want.String(), Observed: x.says.ID.String()}.of(x))
	}
}

// ordinal finds which event of its command one is, where those before it could
// not be read.
func ordinal(e event.Envelope) int {
	for n := 1; n <= 4096; n++ {
		if event.IDOf(e.Command, n) == e.ID {
			return n
		}
	}
	return 1
}

// beside remembers what is gone beside a record, and what events order closed.
func (s *sequence) beside(x *examined) {
	for _, pointer := range x.closed {
		f := Finding{Code: "verify.closed", Field: pointer}.of(x)
		_, person := strings.CutPrefix(x.says.Stream, "person-")
		s.closed = append(s.closed, closing{f, order{x.says.ID.String(), pointer}, person})
	}
	switch x.says.Type {
	case "proposal.text_redacted":
		var closes struct {
			Target string `json:"target"`
			Field  string `json:"field"`
		}
		if json.Unmarshal(x.says.Payload, &closes) == nil {
			s.orders[order{closes.Target, closes.Field}] = true
		}
	case "person.erased":
		s.orders[order{field: x.says.Stream}] = true
		var erased struct {
			Closes []struct {
				Target string `json:"target"`
				Field  string `json:"field"`
			} `json:"closes"`
		}
		if json.Unmarshal(x.says.Payload, &erased) == nil {
			for _, o := range erased.Closes {
				s.orders[order{o.Target, o.Field}] = true
			}
		}
	}
}

// roots compares the tree with what was signed of it at this size. The first root
// that differs says between which two signed heads something is not as it was, and
// every later one differs for the same reason.
func (s *sequence) roots() {
	for len(s.heads) > 0 && s.heads[0].size <= s.tree.Size {
		h := s.heads[0]
		s.heads = s.heads[1:]
		if s.torn || s.parted || h.size != s.tree.Size {
			continue
		}
		if root := s.tree.Root(); root != h.root {
			s.parted = true
			s.report.Add(Finding{Code: "verify.root", Place: h.place, Position: s.agreed + 1, Until: h.size, Want: h.root.String(), Observed: root.String()})
			continue
		}
		s.agreed = h.size
	}
}

// end judges what only the whole log can tell.
func (s *sequence) end() {
	s.release()
	s.endCommand()
	for _, h := range s.heads {
		s.report.Add(Finding{Code: "verify.missing", Position: s.tree.Size + 1, Until: h.size, Place: h.place})
		break // the nearest; the others are missing more of the same
	}
	for _, c := range s.closed {
		text, _, _ := strings.Cut(c.order.field, "#")
		ordered := s.orders[c.order] || s.orders[order{c.target, text}] || c.person && s.orders[order{field: c.Stream}]
		if ordered {
			s.report.Closed++
		} else {
			s.report.Add(c.Finding)
		}
	}
	s.report.Streams, s.report.Commands = len(s.streams), len(s.commands)
	if !s.torn {
		s.report.Root = s.tree.Root().String()
	}
	s.report.Size = s.tree.Size
}

// disordered returns the proposals whose events have to be put in the order in
// which they took effect, and how many proposals there are.
func (s *sequence) disordered() (streams map[string]bool, proposals int) {
	streams = make(map[string]bool)
	for name, t := range s.streams {
		if _, ok := proposal.NumberOf(name); !ok {
			continue
		}
		proposals++
		if t.disorder {
			streams[name] = true
		}
	}
	return streams, proposals
}
