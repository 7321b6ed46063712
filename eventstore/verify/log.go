package verify

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"runut/eventstore/proof"
	"runut/eventstore/record"
)

// Options say what is known of a log beforehand, and how much to check of it.
type Options struct {
	From     proof.Range // the tree before the source's first event
	Heads    []Head      // roots that were signed, whose signatures were checked
	Legality bool        // read twice, and hold that each act was allowed
	Now      time.Time   // zero: now

	// Leaves, where it is set, is handed every leaf in order, as long as none is
	// missing.
	Leaves func(tlog.Hash)
	// Command, where it is set, is handed every command of the log in order, as
	// its events tell of it.
	Command func(Command)
	// Unseal, where it is set, opens what stands sealed beside the records and
	// holds it against their commitments: for whoever has the keys.
	Unseal func(ctx context.Context, sealed []Sealed) ([]Finding, error)
	// Progress, where it is set, is told how many events of how many readings
	// were read.
	Progress func(done, total int64)
}

// A Head is a size of the log whose root is known, and where that is said.
type Head struct {
	Size  int64
	Root  tlog.Hash
	Place string // "checkpoint", "2026-11.ndjson"
}

// A Command is what the records say of one: the positions of its events.
type Command struct {
	ID          uuid.UUID
	Fingerprint [32]byte
	First, Last int64
}

// A Sealed is a ciphertext beside a record, and what the record commits to.
type Sealed struct {
	Finding    Finding // about the field, should it not open
	Event      uuid.UUID
	Field      string
	Ciphertext []byte
	Commitment [32]byte
}

// maxLives is how many proposals' states are held at once.
const maxLives = 200_000

// Log checks a log and adds what it finds to the report. Its error says that the
// source could not be read, and nothing of the log.
func Log(ctx context.Context, src Source, o Options, r *Report) error {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	heads := make([]head, len(o.Heads))
	for i, h := range o.Heads {
		heads[i] = head{h.Size, h.Root, h.Place}
	}
	slices.SortStableFunc(heads, func(a, b head) int { return int(a.size - b.size) })
	s := newSequence(r, o.From, heads)
	s.leaves, s.commandRead = o.Leaves, o.Command
	progress := meter{report: o.Progress, total: expected(o)}
	if err := s.read(ctx, src, o, &progress); err != nil {
		return err
	}
	s.end()
	r.Checked = append(r.Checked, "records", "leaves", "order", "versions", "commands", "beside", "times")
	switch {
	case !o.Legality:
		r.Unchecked = append(r.Unchecked, "legality")
		return nil
	case o.From.Size > 0:
		r.Unchecked = append(r.Unchecked, "legality_from_start")
		return nil
	}
	disordered, proposals := s.disordered()
	clear(s.commands)
	clear(s.streams)
	parts := 1 + proposals/maxLives
	progress.total = int64(1+parts) * r.Events
	for part := range parts {
		if err := newCourse(r, part, parts, disordered).walk(ctx, src, &progress); err != nil {
			return err
		}
	}
	r.Checked = append(r.Checked, "legality")
	return nil
}

func expected(o Options) int64 {
	var size int64
	for _, h := range o.Heads {
		size = max(size, h.Size)
	}
	if o.Legality && o.From.Size == 0 {
		return 2 * size
	}
	return size - o.From.Size
}

// A meter counts what was read.
type meter struct {
	report      func(done, total int64)
	done, total int64
}

func (m *meter) add(n int) {
	m.done += int64(n)
	if m.report != nil {
		m.report(m.done, max(m.total, m.done))
	}
}

// read is the first reading: everything but legality.
func (s *sequence) read(ctx context.Context, src Source, o Options, progress *meter) error {
	work := func(b Batch) []examined {
		out := make([]examined, b.Len)
		for i := range out {
			examine(&out[i], b.At(i), o.Now)
		}
		return out
	}
	err := inOrder(ctx, src.Each(), work, func(batch []examined) error {
		var found []Sealed
		for i := range batch {
			s.next(&batch[i])
			if o.Unseal != nil {
				found = append(found, sealedBeside(&batch[i])...)
			}
		}
		progress.add(len(batch))
		if len(found) == 0 {
			return nil
		}
		broken, err := o.Unseal(ctx, found)
		s.report.Add(broken...)
		return err
	})
	return s.tell(err)
}

// tell notes an error of the source that is a finding about the log.
func (s *sequence) tell(err error) error {
	if f, ok := errors.AsType[*Finding](err); ok {
		s.report.Add(*f)
		s.torn = true // said already: what is missing behind it is not missing twice
		s.heads = nil
		return nil
	}
	return err
}

func sealedBeside(x *examined) []Sealed {
	if !x.sound {
		return nil
	}
	out := make([]Sealed, len(x.sealed))
	for i, one := range x.sealed {
		out[i] = Sealed{Finding{Code: "verify.beside", Field: one.field}.of(x), x.says.ID, one.field, one.ciphertext, x.says.Sealed[one.field]}
	}
	return out
}

// walk is a further reading: legality.
func (c *course) walk(ctx context.Context, src Source, progress *meter) error {
	work := func(b Batch) []step {
		out := make([]step, b.Len)
		var words record.Reader
		for i := range out {
			out[i] = c.read(b.At(i), &words)
		}
		return out
	}
	err := inOrder(ctx, src.Each(), work, func(batch []step) error {
		for i := range batch {
			c.next(&batch[i])
		}
		progress.add(len(batch))
		return nil
	})
	if _, told := errors.AsType[*Finding](err); told {
		err = nil
	}
	c.endRun()
	return err
}
