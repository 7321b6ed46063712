package eventstore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

func TestAppendSaysWhereEveryEventStands(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("cycle-2027", 0, &windowClosed{"usulan-desa"}))
	cmd := command()
	got, err := s.Append(t.Context(), cmd,
		add("proposal-A", 0, road(1), &accepted{"forum-1"}), assert("cycle-2027", 1), add("proposal-B", 0, road(2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Events {
		raw, err := s.At(t.Context(), got.Events[i].Position)
		if err != nil {
			t.Fatal(err)
		}
		if leaf := proof.Leaf(raw.ID, raw.RecordedAt, sha256.Sum256(raw.Record)); got.Events[i].Leaf != leaf {
			t.Errorf("event %d has leaf %x, want that of its record, %x", i, got.Events[i].Leaf, leaf)
		}
		got.Events[i].Leaf = [32]byte{}
	}
	want := eventstore.Receipt{Command: cmd.ID, First: 2, Last: 4, Events: []eventstore.EventReceipt{
		{ID: event.IDOf(cmd.ID, 1), Stream: "proposal-A", Version: 1, Position: 2},
		{ID: event.IDOf(cmd.ID, 2), Stream: "proposal-A", Version: 2, Position: 3},
		{ID: event.IDOf(cmd.ID, 3), Stream: "proposal-B", Version: 1, Position: 4},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
}

func TestAnAppendMayReachIntoTwoYears(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	cmd := command() // of 2027
	cmd.Definition = strings.Repeat("27", 32)
	later := add("proposal-B", 0, road(2), &accepted{"forum-1"})
	later.Cycle, later.Definition = 2028, strings.Repeat("28", 32)
	if _, err := s.Append(t.Context(), cmd, add("proposal-A", 0, road(1)), later); err != nil {
		t.Fatal(err)
	}
	type stamp struct {
		Cycle      int
		Definition string
	}
	var got []stamp
	for _, e := range all(t, s) {
		got = append(got, stamp{e.Cycle, e.Definition})
	}
	want := []stamp{{2027, cmd.Definition}, {2028, later.Definition}, {2028, later.Definition}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("years and definitions (-want +got):\n%s", diff)
	}
	var column []int // as it is indexed
	if err := pool.QueryRow(t.Context(), `select array_agg(cycle order by position) from events`).Scan(&column); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2027, 2028, 2028}, column); diff != "" {
		t.Errorf("column (-want +got):\n%s", diff)
	}
	wild := add("proposal-C", 0, road(3))
	wild.Cycle = 10_000
	if _, err := s.Append(t.Context(), command(), wild); !isCode(err, "cycle.malformed") {
		t.Errorf("a year of five digits: %v, want cycle.malformed", err)
	}
}

func TestWhatWasAppendedReadsBack(t *testing.T) {
	s := open(t, pgtest.Open(t))
	now := time.Date(2026, 11, 20, 3, 4, 5, 678_901_234, time.UTC)
	cmd := command()
	cmd.RecordedAt, cmd.Definition, cmd.Correlation = now, strings.Repeat("9f", 32), uuid.New()
	cmd.Actor.Office = "Kecamatan \"Contoh\" — Ünï\nkode\\"
	day := domain.OnDay(2026, 11, 19, domain.Zones["WITA"])
	first := &submitted{Title: "Jalan <RT> & “gang”", Village: "99.01.03.2001", Estimate: 5, Volume: domain.Volume{Amount: "350.5", Unit: "m"},
		Problem: domain.Text{Masked: "Rusak berat, \"parah\"\t😀"}}
	_, err := s.Append(t.Context(), cmd, event.Change{Stream: "proposal-A", Facts: []event.Fact{
		{Event: first, Occurred: day}, {Event: &accepted{"forum-1"}, CausedBy: 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	recorded := now.Truncate(time.Microsecond)
	envelope := event.Envelope{
		ID: event.IDOf(cmd.ID, 1), Tenant: "99.01", Cycle: 2027, Stream: "proposal-A", Version: 1, Type: "proposal.submitted", TypeVersion: 1,
		Occurred: day, RecordedAt: recorded, Actor: cmd.Actor, Command: cmd.ID, Correlation: cmd.Correlation, Causation: cmd.ID, Definition: cmd.Definition,
	}
	second := envelope
	second.ID, second.Version, second.Type = event.IDOf(cmd.ID, 2), 2, "proposal.accepted_by_opd"
	second.Occurred, second.Causation = domain.Moment(recorded), envelope.ID
	want := []event.Record{{Envelope: envelope, Position: 1, Event: first}, {Envelope: second, Position: 2, Event: &accepted{"forum-1"}}}
	if diff := cmp.Diff(want, all(t, s)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// The extracted columns are what queries select by; a difference from the record
// would be a lie that no proof notices.
func TestColumnsRepeatTheRecord(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	appended(t, s, add("proposal-A", 0, road(1), &accepted{"forum-1"}), add("cycle-2027", 0, &windowClosed{"x"})) // as a batch
	appended(t, s, add("proposal-A", 2, &lapsed{"x"}))                                                            // alone
	if _, err := s.Import(t.Context(), []eventstore.Entry{{Command: command(), Changes: []event.Change{add("proposal-B", 0, road(2))}}}); err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query(t.Context(), `
		select event_id, stream, version, type, type_version, tenant, cycle, occurred_from, occurred_to, recorded_at, record, leaf_hash
		  from events order by position`)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var column event.Envelope
		var bytes, leaf []byte
		n++
		err := row.Scan(&column.ID, &column.Stream, &column.Version, &column.Type, &column.TypeVersion, &column.Tenant, &column.Cycle,
			&column.Occurred.From, &column.Occurred.To, &column.RecordedAt, &bytes, &leaf)
		if err != nil {
			return struct{}{}, err
		}
		r, err := record.ParseStrict(bytes)
		if err != nil {
			t.Errorf("record %d: %v", n, err)
		}
		want := event.Envelope{ID: r.ID, Stream: r.Stream, Version: r.Version, Type: r.Type, TypeVersion: r.TypeVersion, Tenant: r.Tenant, Cycle: r.Cycle,
			Occurred: domain.Interval{From: r.Occurred.From, To: r.Occurred.To}, RecordedAt: r.RecordedAt}
		if diff := cmp.Diff(want, column); diff != "" {
			t.Errorf("columns of event %d (-record +column):\n%s", n, diff)
		}
		if want := proof.Leaf(r.ID, r.RecordedAt, sha256.Sum256(bytes)); string(leaf) != string(want[:]) {
			t.Errorf("event %d has another leaf hash than its record", n)
		}
		return struct{}{}, nil
	})
	if err != nil || n != 5 {
		t.Fatalf("%d events, %v; want 5", n, err)
	}
}

func TestAppendRefuses(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("proposal-A", 0, road(1)))
	now := time.Now()
	moment := func(at time.Time) event.Change {
		return event.Change{Stream: "proposal-B", Facts: []event.Fact{{Event: road(1), Occurred: domain.Moment(at)}}}
	}
	for _, test := range []struct {
		name    string
		change  event.Change
		command func(*event.Command)
		code    string // "": an error that is no refusal
	}{
		{"an older version than there is", add("proposal-A", 0, road(1)), nil, "stream.moved_on"},
		{"a newer version than there is", add("proposal-A", 2, road(1)), nil, "stream.moved_on"},
		{"a stream named oddly", add("Proposal A", 0, road(1)), nil, "stream.malformed"},
		{"a stream with a line break", add("proposal-A\n", 0, road(1)), nil, "stream.malformed"},
		{"what takes effect tomorrow", moment(now.Add(24 * time.Hour)), nil, "occurred.future"},
		{"an interval that ends before it begins", event.Change{Stream: "proposal-B", Facts: []event.Fact{{Event: road(1),
			Occurred: domain.Interval{From: now, To: now.Add(-time.Hour), Precision: domain.Day}}}}, nil, "occurred.invalid"},
		{"a recording in the future", add("proposal-B", 0, road(1)), func(c *event.Command) { c.RecordedAt = now.Add(time.Hour) }, "recorded.future"},
		{"another kabupaten's command", add("proposal-B", 0, road(1)), func(c *event.Command) { c.Tenant = "99.02" }, "log.other_tenant"},
		{"a command without id", add("proposal-B", 0, road(1)), func(c *event.Command) { c.ID = uuid.Nil }, "command.id_missing"},
		{"a command nobody gave", add("proposal-B", 0, road(1)), func(c *event.Command) { c.Actor = domain.Actor{} }, ""},
		{"an event of a megabyte", add("proposal-B", 0, &submitted{Title: strings.Repeat("a", 1<<20)}), nil, "event.too_large"},
		{"a text of a megabyte", add("proposal-B", 0, &submitted{Problem: domain.Text{Masked: strings.Repeat("a", 1<<20)}}), nil, "event.too_large"},
		{"a text with a zero byte", add("proposal-B", 0, &submitted{Problem: domain.Text{Masked: "a\x00b"}}), nil, "text.unprintable"},
		{"a text that is not UTF-8", add("proposal-B", 0, &submitted{Problem: domain.Text{Masked: "a\xffb"}}), nil, "text.unprintable"},
		{"a field that is not UTF-8", add("proposal-B", 0, &submitted{Title: "a\xffb"}), nil, ""},
		{"an event of no declared type", add("proposal-B", 0, &struct{ A int }{}), nil, ""},
		{"a cause that is not earlier", event.Change{Stream: "proposal-B", Facts: []event.Fact{{Event: road(1), CausedBy: 1}}}, nil, ""},
		{"nothing to add", assert("proposal-A", 1), nil, ""},
		{"secrets without a vault", add("person-p-1", 0, &registered{Name: domain.Secret{Plain: "Nama Contoh"}}), nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := command()
			if test.command != nil {
				test.command(&cmd)
			}
			_, err := s.Append(t.Context(), cmd, test.change)
			refusal, ok := errors.AsType[*domain.Error](err)
			if err == nil || test.code != "" && !isCode(err, test.code) || test.code == "" && ok {
				t.Errorf("Append = %v (%v), want %q", err, refusal, test.code)
			}
			if head, err := s.Head(t.Context()); err != nil || head != 1 {
				t.Errorf("the log has %d events afterwards (%v), want 1", head, err)
			}
		})
	}
}

func TestADayThatIsNotOverYetMayBeRecorded(t *testing.T) {
	s := open(t, pgtest.Open(t))
	zone := domain.Zones["WITA"]
	y, m, d := time.Now().In(zone).Date()
	today := domain.OnDay(y, m, d, zone)
	appended(t, s, event.Change{Stream: "proposal-A", Facts: []event.Fact{{Event: road(1), Occurred: today}}})
	if got := all(t, s)[0].Occurred; got != today {
		t.Errorf("occurred %v, want %v", got, today)
	}
}

func TestTheSameCommandGetsItsFirstReceipt(t *testing.T) {
	pool := pgtest.Open(t)
	for name, changes := range map[string][]event.Change{
		"alone":   {add("proposal-A", 0, road(1))},
		"batched": {add("proposal-B", 0, road(1), &accepted{"f"})},
		"large":   many("proposal-C", 1200),
	} {
		t.Run(name, func(t *testing.T) {
			s, other := open(t, pool), open(t, pool)
			cmd := command()
			first, err := s.Append(t.Context(), cmd, changes...)
			if err != nil || first.Duplicate {
				t.Fatalf("first receipt: duplicate %v, %v", first.Duplicate, err)
			}
			kept, err := other.Receipt(t.Context(), cmd.ID)
			if diff := cmp.Diff(first, kept); err != nil || diff != "" {
				t.Errorf("%v; kept receipt (-first +kept):\n%s", err, diff)
			}
			head, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			again, err := other.Append(t.Context(), cmd, changes...)
			if err != nil || !again.Duplicate {
				t.Fatalf("second receipt: duplicate %v, %v", again.Duplicate, err)
			}
			again.Duplicate = false
			if diff := cmp.Diff(first, again); diff != "" {
				t.Errorf("receipts (-first +second):\n%s", diff)
			}
			cmd.Fingerprint[0]++
			if _, err := s.Append(t.Context(), cmd, changes...); !isCode(err, "command.reused") {
				t.Errorf("the id for another command: %v, want command.reused", err)
			}
			if got, err := s.Head(t.Context()); err != nil || got != head {
				t.Errorf("the log grew from %d to %d, %v", head, got, err)
			}
		})
	}
}

func TestOneCommandFromManyCallersIsAppendedOnce(t *testing.T) {
	pool := pgtest.Open(t)
	stores := []*eventstore.Store{open(t, pool), open(t, pool)}
	for round := range 30 {
		cmd := command()
		receipts := make([]eventstore.Receipt, 8)
		var running sync.WaitGroup
		for g := range receipts {
			running.Go(func() {
				var err error
				receipts[g], err = stores[g%2].Append(t.Context(), cmd, add(fmt.Sprintf("proposal-%d", round), 0, road(1), road(2)))
				if err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		first := 0
		for i := range receipts {
			if !receipts[i].Duplicate {
				first++
			}
			receipts[i].Duplicate = false
			if diff := cmp.Diff(receipts[0], receipts[i]); diff != "" {
				t.Fatalf("receipts differ:\n%s", diff)
			}
		}
		if first != 1 {
			t.Fatalf("%d callers were first, want 1", first)
		}
	}
	if head, err := stores[0].Head(t.Context()); err != nil || head != 60 {
		t.Errorf("%d events, %v; want 60", head, err)
	}
}

func TestAnUnknownCommandHasNoReceipt(t *testing.T) {
	s := open(t, pgtest.Open(t))
	if _, err := s.Receipt(t.Context(), uuid.New()); !isCode(err, "command.unknown") {
		t.Errorf("Receipt = %v, want command.unknown", err)
	}
}

// A refused command uses up nothing: the same id may be asked again.
func TestAConflictLeavesTheIdFree(t *testing.T) {
	s := open(t, pgtest.Open(t))
	cmd := command()
	_, err := s.Append(t.Context(), cmd, add("proposal-A", 1, road(1)))
	conflict, ok := errors.AsType[*eventstore.ConflictError](err)
	if !ok || *conflict != (eventstore.ConflictError{Stream: "proposal-A", Expected: 1, Actual: 0}) {
		t.Fatalf("Append = %v, want a conflict of proposal-A at 0, expected 1", err)
	}
	if _, err := s.Append(t.Context(), cmd, add("proposal-A", 0, road(1))); err != nil {
		t.Error(err)
	}
}

func TestAnAssertionThatFailsStopsTheWholeAppend(t *testing.T) {
	s := open(t, pgtest.Open(t))
	appended(t, s, add("cycle-2027", 0, &windowClosed{"x"}))
	for name, changes := range map[string][]event.Change{
		"alone":   {add("proposal-A", 0, road(1)), assert("grant-7", 0), assert("cycle-2027", 0)},
		"batched": {assert("cycle-2027", 0), add("proposal-A", 0, road(1), road(2))},
		"large":   append(many("proposal-L", 1001), assert("cycle-2027", 0)),
	} {
		_, err := s.Append(t.Context(), command(), changes...)
		conflict, ok := errors.AsType[*eventstore.ConflictError](err)
		if !ok || *conflict != (eventstore.ConflictError{Stream: "cycle-2027", Expected: 0, Actual: 1}) {
			t.Errorf("%s: %v, want a conflict of cycle-2027 at 1, expected 0", name, err)
		}
	}
	if head, err := s.Head(t.Context()); err != nil || head != 1 {
		t.Errorf("%d events, %v; want 1", head, err)
	}
}

// many returns changes that begin n streams.
func many(prefix string, n int) []event.Change {
	changes := make([]event.Change, n)
	for i := range changes {
		changes[i] = add(fmt.Sprintf("%s-%05d", prefix, i), 0, road(i))
	}
	return changes
}

func TestRacesHaveOneWinner(t *testing.T) {
	pool := pgtest.Open(t)
	stores := []*eventstore.Store{open(t, pool), open(t, pool)}
	for race := range 40 {
		var won, lost atomic.Int32
		var running sync.WaitGroup
		for g := range 16 {
			running.Go(func() {
				_, err := stores[g%2].Append(t.Context(), command(), add(fmt.Sprintf("proposal-%d", race), 0, road(g)))
				switch {
				case err == nil:
					won.Add(1)
				case isConflict(err):
					lost.Add(1)
				default:
					t.Errorf("race %d: %v", race, err)
				}
			})
		}
		running.Wait()
		if won.Load() != 1 || lost.Load() != 15 {
			t.Fatalf("race %d: %d won and %d lost, want 1 and 15", race, won.Load(), lost.Load())
		}
	}
}
