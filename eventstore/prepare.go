package eventstore

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

const (
	// maxEvent bounds one event: its payload and the texts and secrets beside it.
	maxEvent = 1 << 20
	// recordSize is about what a record takes beside its payload.
	recordSize = 1100
	// clockSkew is how far two machines' clocks may differ before something that
	// is said to have happened already is taken to lie in the future.
	clockSkew = time.Minute
)

var streamForm = regexp.MustCompile(`^[a-z]+-[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$`)

// A member is a command ready to be written: everything that costs time was done
// by its caller.
type member struct {
	command uuid.UUID
	print   [32]byte
	rows    []row
	checks  []check
	size    int // bytes of the rows

	taken atomic.Bool   // by the committer, or back by a caller who stopped waiting
	done  chan struct{} // closed when the answer below stands
	open  bool          // it was sent and not answered: it may have been written

	first int64 // position of the first row
	known bool  // the command was accepted before
	err   error
	again bool // chained on a member that was not written
}

// A row is one event as the table holds it, but for its position.
type row struct {
	id            uuid.UUID
	stream        string
	version       int32
	kind          string
	shape         int32
	tenant        string
	cycle         int32
	from, to, at  time.Time
	record        []byte
	leaf          [32]byte
	texts, sealed []byte // JSON, nil where there is nothing
	wire          []byte // all of it, as an element of an array of event_to_append
}

// A check is a stream's version that a member rests on.
type check struct {
	stream   string
	expected int32
	adds     int32 // events the member adds to it
}

// receipt returns what a member that was written is answered with.
func (m *member) receipt() Receipt {
	r := Receipt{Command: m.command, First: m.first, Last: m.first + int64(len(m.rows)) - 1, Events: make([]EventReceipt, len(m.rows))}
	for i := range m.rows {
		w := &m.rows[i]
		r.Events[i] = EventReceipt{ID: w.id, Stream: w.stream, Version: int(w.version), Position: m.first + int64(i), Leaf: w.leaf}
	}
	return r
}

// prepare checks, encodes, seals, salts and hashes an append. Nothing is recorded
// later than now.
func (s *Store) prepare(ctx context.Context, cmd event.Command, changes []event.Change, now time.Time) (*member, error) {
	if err := s.complete(&cmd, now); err != nil {
		return nil, err
	}
	m := &member{command: cmd.ID, print: cmd.Fingerprint, checks: make([]check, 0, len(changes))}
	facts := 0
	var seen map[string]bool
	if len(changes) > 1 {
		seen = make(map[string]bool, len(changes))
	}
	for _, c := range changes {
		switch {
		case !streamForm.MatchString(c.Stream):
			return nil, domain.Refuse(domain.Invalid, "stream.malformed", "stream", c.Stream)
		case c.Cycle < 0 || c.Cycle > 9999:
			return nil, domain.Refuse(domain.Invalid, "cycle.malformed", "cycle", strconv.Itoa(c.Cycle))
		case c.Version < 0:
			return nil, fmt.Errorf("eventstore: %s cannot be at version %d", c.Stream, c.Version)
		case seen[c.Stream]:
			return nil, fmt.Errorf("eventstore: two changes of %s in one append", c.Stream)
		}
		if seen != nil {
			seen[c.Stream] = true
		}
		m.checks = append(m.checks, check{c.Stream, int32(c.Version), int32(len(c.Facts))})
		facts += len(c.Facts)
	}
	if facts == 0 {
		return nil, errors.New("eventstore: an append without facts")
	}
	drafts, clean := newDrafts(facts)
	defer clean()
	n := 0
	for i := range changes {
		for j := range changes[i].Facts {
			n++
			if err := s.draft(&drafts[n-1], &cmd, &changes[i], j, n); err != nil {
				return nil, err
			}
		}
	}
	if err := s.seal(ctx, drafts); err != nil {
		return nil, err
	}
	m.rows = make([]row, facts)
	for i := range drafts {
		if err := drafts[i].finish(&m.rows[i]); err != nil {
			return nil, err
		}
		m.size += len(m.rows[i].record) + len(m.rows[i].texts) + len(m.rows[i].sealed)
	}
	return m, nil
}

// complete fills in what a command may leave out and refuses what is missing.
func (s *Store) complete(cmd *event.Command, now time.Time) error {
	if cmd.RecordedAt.IsZero() {
		cmd.RecordedAt = now
	}
	cmd.RecordedAt = cmd.RecordedAt.UTC().Truncate(time.Microsecond)
	if cmd.Correlation == uuid.Nil {
		cmd.Correlation = cmd.ID
	}
	if cmd.Tenant == "" {
		cmd.Tenant = s.options.Tenant
	}
	switch {
	case cmd.ID == uuid.Nil:
		return domain.Refuse(domain.Invalid, "command.id_missing")
	case cmd.Actor.Person == "" || cmd.Actor.Role == "" || cmd.Actor.Scope.Kind == "":
		return fmt.Errorf("eventstore: command %s names no person, role or scope", cmd.ID)
	case cmd.Tenant == "":
		return fmt.Errorf("eventstore: command %s names no tenant", cmd.ID)
	case s.options.Tenant != "" && cmd.Tenant != s.options.Tenant:
		return domain.Refuse(domain.Invalid, "log.other_tenant", "want", s.options.Tenant, "observed", cmd.Tenant)
	case cmd.Cycle < 0 || cmd.Cycle > 9999:
		return domain.Refuse(domain.Invalid, "cycle.malformed", "cycle", strconv.Itoa(cmd.Cycle))
	case cmd.RecordedAt.After(now.Add(clockSkew)):
		return domain.Refuse(domain.Invalid, "recorded.future", "at", cmd.RecordedAt.Format(time.RFC3339), "now", now.UTC().Format(time.RFC3339))
	}
	return nil
}

// desks keep the memory of a few drafts between appends.
var desks = sync.Pool{New: func() any { return new([8]draft) }}

// newDrafts returns n empty drafts and what gives them back.
func newDrafts(n int) (drafts []draft, clean func()) {
	if n > len([8]draft{}) {
		return make([]draft, n), func() {}
	}
	desk := desks.Get().(*[8]draft)
	return desk[:n], func() {
		clear(desk[:])
		desks.Put(desk)
	}
}

// A draft is an event on its way to a row.
type draft struct {
	record.Record
	texts   map[string]string
	secrets []secret
}

// A secret is a value to be sealed, and then its ciphertext.
type secret struct {
	pointer, plain string
	random         [32]byte
	ciphertext     []byte
}

// draft begins the event that the i-th fact of a command's change becomes, the
// ordinal-th of the append.
func (s *Store) draft(d *draft, cmd *event.Command, c *event.Change, i, ordinal int) error {
	fact := &c.Facts[i]
	encoded, err := s.options.Catalog.Encode(fact.Event)
	if err != nil {
		return err
	}
	occurred, err := when(cmd, fact.Occurred)
	if err != nil {
		return err
	}
	causation := cmd.ID
	if fact.CausedBy != 0 {
		if fact.CausedBy < 0 || fact.CausedBy >= ordinal {
			return fmt.Errorf("eventstore: fact %d of command %s is caused by fact %d, which is not earlier", ordinal, cmd.ID, fact.CausedBy)
		}
		causation = event.IDOf(cmd.ID, fact.CausedBy)
	}
	d.Envelope = event.Envelope{
		ID: event.IDOf(cmd.ID, ordinal), Tenant: cmd.Tenant, Cycle: cmp.Or(c.Cycle, cmd.Cycle),
		Stream: c.Stream, Version: c.Version + 1 + i, Type: encoded.Type, TypeVersion: encoded.Version,
		Occurred: occurred, RecordedAt: cmd.RecordedAt, Actor: cmd.Actor,
		Command: cmd.ID, Correlation: cmd.Correlation, Causation: causation, Definition: cmp.Or(c.Definition, cmd.Definition),
	}
	d.Fingerprint, d.Payload, d.texts = cmd.Fingerprint, encoded.Payload, encoded.Texts
	rand.Read(d.Salt[:])
	size := len(encoded.Payload)
	for pointer, text := range encoded.Texts {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return domain.Refuse(domain.Invalid, "text.unprintable").At(pointer)
		}
		size += len(text)
	}
	for pointer, plain := range encoded.Secrets {
		d.secrets = append(d.secrets, secret{pointer: pointer, plain: plain})
		size += len(plain)
	}
	if size > maxEvent {
		return domain.Refuse(domain.Exhausted, "event.too_large", "type", encoded.Type,
			"bytes", strconv.Itoa(size), "limit", strconv.Itoa(maxEvent))
	}
	return nil
}

// when returns the interval a fact took effect in, cut to microseconds. Nothing
// is recorded before it happened (semantics R9); a day may not be over yet.
func when(cmd *event.Command, i domain.Interval) (domain.Interval, error) {
	if i.IsZero() {
		return domain.Moment(cmd.RecordedAt), nil
	}
	i.From, i.To = i.From.UTC().Truncate(time.Microsecond), i.To.UTC().Truncate(time.Microsecond)
	if !i.Valid() {
		return i, domain.Refuse(domain.Invalid, "occurred.invalid",
			"from", i.From.Format(time.RFC3339), "to", i.To.Format(time.RFC3339), "precision", string(i.Precision))
	}
	latest := i.To
	if i.Precision == domain.Day {
		latest = i.From
	}
	if latest.After(cmd.RecordedAt.Add(clockSkew)) {
		return i, domain.Refuse(domain.Invalid, "occurred.future",
			"at", latest.Format(time.RFC3339), "recorded", cmd.RecordedAt.Format(time.RFC3339))
	}
	return i, nil
}

// seal has the secrets of all drafts encrypted, those of one subject at once.
func (s *Store) seal(ctx context.Context, drafts []draft) error {
	if !hasSecrets(drafts) {
		return nil
	}
	if s.options.Sealer == nil {
		return errors.New("eventstore: there are secrets to seal and no vault to seal them")
	}
	items := make(map[string][]Item)
	owners := make(map[string][]*secret)
	for i := range drafts {
		d := &drafts[i]
		subject := ""
		if strings.HasPrefix(d.Stream, "person-") {
			subject = d.Stream
		}
		for j := range d.secrets {
			k := &d.secrets[j]
			rand.Read(k.random[:])
			items[subject] = append(items[subject], Item{d.ID, k.pointer, append(k.random[:], k.plain...)})
			owners[subject] = append(owners[subject], k)
		}
	}
	for _, subject := range slices.Sorted(maps.Keys(items)) {
		sealed, err := s.options.Sealer.Seal(ctx, subject, items[subject])
		if err != nil {
			return fmt.Errorf("eventstore: seal: %w", err)
		}
		for i, k := range owners[subject] {
			if len(sealed) != len(owners[subject]) || len(sealed[i]) == 0 || bytes.Contains(sealed[i], items[subject][i].Plain) {
				return errors.New("eventstore: the vault returned something that is not sealed")
			}
			k.ciphertext = sealed[i]
		}
	}
	return nil
}

func hasSecrets(drafts []draft) bool {
	for i := range drafts {
		if len(drafts[i].secrets) > 0 {
			return true
		}
	}
	return false
}

// finish commits to what lies beside the record, writes and hashes it.
func (d *draft) finish(w *row) error {
	if len(d.texts) > 0 {
		d.Texts = make(record.Commitments, len(d.texts))
	}
	if len(d.secrets) > 0 {
		d.Sealed = make(record.Commitments, len(d.secrets))
	}
	for pointer, text := range d.texts {
		var random [32]byte
		rand.Read(random[:])
		d.Texts[pointer] = record.Commit(random, pointer, text)
		var err error
		if w.texts, err = appendText(w.texts, pointer, text, random); err != nil {
			return err
		}
	}
	for _, k := range d.secrets {
		d.Sealed[k.pointer] = record.Commit(k.random, k.pointer, k.plain)
		var err error
		if w.sealed, err = appendMember(w.sealed, k.pointer); err != nil {
			return err
		}
		w.sealed = append(base64.StdEncoding.AppendEncode(append(w.sealed, '"'), k.ciphertext), '"')
	}
	if w.texts != nil {
		w.texts = append(w.texts, '}')
	}
	if w.sealed != nil {
		w.sealed = append(w.sealed, '}')
	}
	w.id, w.stream, w.version = d.ID, d.Stream, int32(d.Version)
	w.kind, w.shape, w.tenant, w.cycle = d.Type, int32(d.TypeVersion), d.Tenant, int32(d.Cycle)
	w.from, w.to, w.at = d.Occurred.From, d.Occurred.To, d.RecordedAt
	return w.lay(d.Append, recordSize+len(d.Payload), func(record []byte) [32]byte {
		return proof.Leaf(d.ID, d.RecordedAt, sha256.Sum256(record))
	})
}

// appendText appends a member {"t": text, "s": salt} to the object in dst.
func appendText(dst []byte, pointer, text string, random [32]byte) ([]byte, error) {
	dst, err := appendMember(dst, pointer)
	if err != nil {
		return dst, err
	}
	if dst, err = jsontext.AppendQuote(append(dst, `{"t":`...), text); err != nil {
		return dst, err
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `,"s":"`...), random[:])
	return append(dst, `"}`...), nil
}

// appendMember begins the next member of the object in dst, or the object.
func appendMember(dst []byte, name string) ([]byte, error) {
	if dst == nil {
		dst = append(dst, '{')
	} else {
		dst = append(dst, ',')
	}
	dst, err := jsontext.AppendQuote(dst, name)
	return append(dst, ':'), err
}
