package event_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/event"
)

// moved says in which state a proposal is from its event on; corrected acts on
// another event. They stand for any noun's.
type (
	moved     struct{ To string }
	corrected struct {
		Target uuid.UUID
		Action event.CorrectAction
		With   any
		At     domain.Interval
	}
)

func (c *corrected) Corrects() (uuid.UUID, event.CorrectAction) { return c.Target, c.Action }
func (c *corrected) Replacement() (any, domain.Interval)        { return c.With, c.At }

var wita = domain.Zones["WITA"]

// id returns the id of the event at a position.
func id(position int) uuid.UUID { return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, position)) }

// date reads "0220" as noon of 20 February 2026.
func date(mmdd string) time.Time {
	t, err := time.ParseInLocation("20060102 15:04", "2026"+mmdd+" 12:00", wita)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// history makes records of what happened: "0220>0305 accepted" is a move to
// accepted on 20 February, recorded on 5 March, "0305 void 2" a correction of
// the event at position 2. One date is both times.
func history(lines ...string) []event.Record {
	var out []event.Record
	for i, line := range lines {
		words := strings.Fields(line)
		at, recorded, two := strings.Cut(words[0], ">")
		if !two {
			recorded = at
		}
		r := event.Record{Position: int64(i + 1)}
		r.ID, r.RecordedAt, r.Occurred = id(i+1), date(recorded), domain.Moment(date(at))
		var target int
		switch fmt.Sscan(strings.Join(words[2:], " "), &target); words[1] {
		case "void":
			r.Event = &corrected{Target: id(target), Action: event.Void}
		case "restore":
			r.Event = &corrected{Target: id(target), Action: event.Restore}
		case "amend":
			r.Event = &corrected{Target: id(target), Action: event.Amend, With: &moved{words[3]}}
		case "redate":
			r.Event = &corrected{Target: id(target), Action: event.Amend, At: domain.Moment(date(words[3]))}
		default:
			r.Event = &moved{words[1]}
		}
		out = append(out, r)
	}
	return out
}

// last returns the state a history leads to under v.
func last(records []event.Record, v event.View) string {
	state := "none"
	for _, r := range event.Sequence(records, v) {
		if m, ok := r.Event.(*moved); ok {
			state = m.To
		}
	}
	return state
}

// on returns the view as of one day, as known on another; "" is no bound.
func on(records []event.Record, asOf, known string) event.View {
	var v event.View
	if asOf != "" {
		v.AsOf = domain.EndOfDay(date(asOf), wita)
	}
	if known != "" {
		v.Known = event.KnownAt(records, domain.EndOfDay(date(known), wita))
	}
	return v
}

func TestTwoTimes(t *testing.T) {
	for _, test := range []struct {
		given []string
		when  [][3]string // as of, known at, then
	}{
		{[]string{"0110 at_opd", "0301 lapsed", "0305 void 2", "0220>0305 accepted"}, [][3]string{
			{"0302", "0304", "lapsed"},   // nobody knew of the paper yet
			{"0302", "", "accepted"},     // the paper of 20 February counts from its own day
			{"0219", "", "at_opd"},       // and not before
			{"", "", "accepted"},         // the lapse never was
			{"", "0304", "lapsed"},       // an answer given then stays what it was
			{"0228", "0304", "at_opd"},   //
			{"0228", "", "accepted"},     //
			{"0109", "", "none"},         // before everything
			{"", "0109", "none"},         // before anything was known
			{"0302", "0305", "accepted"}, //
		}},
		// Without the void the lapse stands: the paper is older (R6 refuses such an append).
		{[]string{"0110 at_opd", "0301 lapsed", "0220>0305 accepted"}, [][3]string{
			{"", "", "lapsed"}, {"0228", "", "accepted"},
		}},
		// R4: an old paper typed in late does not move a proposal back.
		{[]string{"0110 submitted", "0310 accepted", "0215>0320 at_opd"}, [][3]string{
			{"", "", "accepted"}, {"0220", "", "at_opd"}, {"0220", "0319", "submitted"}, {"0309", "", "at_opd"}, {"0310", "", "accepted"},
		}},
		// R2: a correction acts whatever its own time, but only once it is known.
		{[]string{"0110 at_opd", "0225 rejected", "0410 void 2"}, [][3]string{
			{"0228", "0304", "rejected"}, {"0228", "", "at_opd"}, {"", "", "at_opd"}, {"", "0409", "rejected"},
		}},
		{[]string{"0110 at_opd", "0225 rejected", "0410 void 2", "0411 restore 2"}, [][3]string{
			{"", "", "rejected"}, {"0228", "0410", "at_opd"}, {"0228", "0411", "rejected"},
		}},
		{[]string{"0110 at_opd", "0225 rejected", "0410 amend 2 deferred", "0412 void 2", "0413 restore 2"}, [][3]string{
			{"", "", "rejected"}, {"", "0411", "deferred"}, {"", "0412", "at_opd"},
		}},
		// A correction may move the day alone; the event stays what it was.
		{[]string{"0110 at_opd", "0225 rejected", "0301 returned", "0410 redate 2 0120"}, [][3]string{
			{"0201", "", "rejected"}, {"0201", "0301", "at_opd"}, {"", "", "returned"},
		}},
		// A correction of a correction is a correction.
		{[]string{"0110 at_opd", "0225 rejected", "0410 void 2", "0411 void 3"}, [][3]string{
			{"", "", "rejected"}, {"", "0410", "at_opd"},
		}},
		{[]string{"0110 at_opd", "0225 rejected", "0410 void 2", "0411 void 3", "0412 restore 3"}, [][3]string{
			{"", "", "at_opd"},
		}},
		{[]string{"0110 at_opd", "0225 rejected", "0410 amend 2 deferred", "0411 void 2", "0412 void 4"}, [][3]string{
			{"", "", "deferred"}, // with the void gone, the amendment stands again
		}},
		// Nothing is corrected before it has happened.
		{[]string{"0110 at_opd", "0111 void 3", "0225 rejected"}, [][3]string{{"", "", "rejected"}}},
		// R1: known_at is a position, so a clock that ran behind hides nothing and shows nothing early.
		{[]string{"0110 at_opd", "0301 rejected", "0228 withdrawn"}, [][3]string{
			{"", "0228", "at_opd"}, {"", "0301", "rejected"}, {"0228", "", "withdrawn"},
		}},
		// R3: a day in the past counts from its end, nothing counts from after its recording.
		{[]string{"0401>0110 at_opd"}, [][3]string{{"0110", "", "at_opd"}, {"0109", "", "none"}}},
	} {
		records := history(test.given...)
		for _, when := range test.when {
			if got := last(records, on(records, when[0], when[1])); got != when[2] {
				t.Errorf("given %q, as of %q known %q: %s, want %s", test.given, when[0], when[1], got, when[2])
			}
		}
	}
}

func TestPrecisionsCountFromTheirEnd(t *testing.T) {
	recorded := time.Date(2026, 2, 20, 3, 0, 0, 0, time.UTC) // 11:00 in WITA
	for name, test := range map[string]struct {
		occurred domain.Interval
		want     time.Time
	}{
		"an instant":                {domain.Moment(recorded.Add(-time.Hour)), recorded.Add(-time.Hour)},
		"an earlier day":            {domain.OnDay(2026, 2, 18, wita), time.Date(2026, 2, 18, 15, 59, 59, 999999000, time.UTC)},
		"the day of recording":      {domain.OnDay(2026, 2, 20, wita), recorded},
		"between exports":           {domain.Interval{From: recorded.AddDate(0, 0, -9), To: recorded.AddDate(0, 0, -2), Precision: domain.BetweenExports}, recorded.AddDate(0, 0, -2)},
		"a future that nobody knew": {domain.Moment(recorded.Add(time.Hour)), recorded},
	} {
		r := event.Record{}
		r.Occurred, r.RecordedAt = test.occurred, recorded
		if got := r.Effective(); !got.Equal(test.want) {
			t.Errorf("%s counts from %s, want %s", name, got, test.want)
		}
	}
}

func TestUncertainBetweenTwoExports(t *testing.T) {
	records := history("0110 at_opd", "0301 accepted")
	records[1].Occurred = domain.Interval{From: date("0210"), To: date("0220"), Precision: domain.BetweenExports}
	for _, test := range []struct {
		asOf, known string
		state       string
		uncertain   int
	}{
		{"0209", "", "at_opd", 0},
		{"0210", "", "at_opd", 1},
		{"0219", "", "at_opd", 1},
		{"0220", "", "accepted", 0},
		{"", "", "accepted", 0},
		{"0215", "0228", "at_opd", 0}, // the later export was not read yet
	} {
		v := on(records, test.asOf, test.known)
		if got := last(records, v); got != test.state {
			t.Errorf("as of %q known %q: %s, want %s", test.asOf, test.known, got, test.state)
		}
		if got := event.Uncertain(records, v); len(got) != test.uncertain {
			t.Errorf("as of %q known %q: %d uncertain, want %d", test.asOf, test.known, len(got), test.uncertain)
		}
	}
}

func TestAnExportSettlesWhatItShows(t *testing.T) {
	records := history("0301 accepted")
	records[0].Occurred = domain.Interval{From: date("0210"), To: date("0220"), Precision: domain.BetweenExports}
	for at, want := range map[time.Time]int{date("0210").Add(-1): 0, date("0210"): 1, date("0220").Add(-1): 1, date("0220"): 0} {
		if got := len(event.Uncertain(records, event.View{AsOf: at})); got != want {
			t.Errorf("as of %s: %d uncertain, want %d", at, got, want)
		}
	}
}

func TestViewAtReadsWhatPeopleWrite(t *testing.T) {
	asked := time.Time{}
	position := func(at time.Time) (int64, error) { asked = at; return 77, nil }
	endOfDay := time.Date(2026, 2, 28, 15, 59, 59, 999999000, time.UTC)
	for _, test := range []struct {
		asOf, known string
		want        event.View
		asked       time.Time
	}{
		{"", "", event.View{}, time.Time{}},
		{"2026-02-28", "", event.View{AsOf: endOfDay}, time.Time{}},
		{"2026-02-28T09:30:00+08:00", "", event.View{AsOf: time.Date(2026, 2, 28, 1, 30, 0, 0, time.UTC)}, time.Time{}},
		{"", "88412", event.View{Known: 88412}, time.Time{}},
		{"", "0", event.View{Known: event.Nothing}, time.Time{}},
		{"2026-02-28", "2026-02-28", event.View{AsOf: endOfDay, Known: 77}, endOfDay},
		{" 2026-02-28 ", "2026-03-01T00:00:00Z", event.View{AsOf: endOfDay, Known: 77}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
	} {
		asked = time.Time{}
		got, err := event.ViewAt(test.asOf, test.known, wita, position)
		if err != nil {
			t.Errorf("ViewAt(%q, %q): %v", test.asOf, test.known, err)
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("ViewAt(%q, %q): %s", test.asOf, test.known, d)
		}
		if !asked.Equal(test.asked) {
			t.Errorf("ViewAt(%q, %q) asked for %s, want %s", test.asOf, test.known, asked, test.asked)
		}
	}
	for _, bad := range []string{"28-02-2026", "2026-02-30", "-1", "kemarin", "2026-02-28T09:30", strings.Repeat("9", 60), "2026-02-28\x00", strings.Repeat("é", 90)} {
		want := &domain.Error{Kind: domain.Invalid, Code: "view.time_malformed"}
		if v, err := event.ViewAt("", bad, wita, position); !errors.Is(err, want) {
			t.Errorf("known at %.12q: %+v, %v", bad, v, err)
		}
		if v, err := event.ViewAt(bad, "", wita, position); !errors.Is(err, want) {
			t.Errorf("as of %.12q: %+v, %v", bad, v, err)
		}
	}
	down := errors.New("down")
	if _, err := event.ViewAt("", "2026-02-28", wita, func(time.Time) (int64, error) { return 0, down }); !errors.Is(err, down) {
		t.Errorf("the log's own trouble became %v", err)
	}
}

func TestKnownAtIsAPosition(t *testing.T) {
	records := history("0110 a", "0301 b", "0215 c", "0301 d", "0310 e")
	for day, want := range map[string]int64{"0109": event.Nothing, "0110": 1, "0228": 1, "0301": 4, "0309": 4, "0310": 5, "1231": 5} {
		if got := event.KnownAt(records, domain.EndOfDay(date(day), wita)); got != want {
			t.Errorf("known on %s: position %d, want %d", day, got, want)
		}
	}
	if got := len(event.Sequence(records, event.View{Known: event.Nothing})); got != 0 {
		t.Errorf("before anything was known there are %d events", got)
	}
}

// anyHistory draws a history of a few days in which events are late, clocks
// disagree and corrections correct one another.
func anyHistory(t *rapid.T) []event.Record {
	n := rapid.IntRange(1, 12).Draw(t, "events")
	var out []event.Record
	base := date("0301")
	for i := range n {
		r := event.Record{Position: int64(3*i + 2)} // gaps: other streams' events
		r.ID = id(i)
		r.RecordedAt = base.Add(time.Duration(i+rapid.IntRange(-2, 2).Draw(t, "clock")) * time.Hour)
		r.Occurred = domain.Moment(r.RecordedAt.Add(-time.Duration(rapid.IntRange(0, 6).Draw(t, "late")) * time.Hour))
		r.Event = &moved{fmt.Sprint("s", i)}
		if i > 0 && rapid.IntRange(0, 2).Draw(t, "corrects") == 0 {
			c := &corrected{Target: id(rapid.IntRange(0, i-1).Draw(t, "target")), Action: rapid.SampledFrom([]event.CorrectAction{event.Void, event.Amend, event.Restore}).Draw(t, "action")}
			if c.Action == event.Amend {
				c.With, c.At = &moved{fmt.Sprint("amended", i)}, domain.Moment(base.Add(time.Duration(rapid.IntRange(-4, 8).Draw(t, "moved to"))*time.Hour))
			}
			r.Event = c
		}
		out = append(out, r)
	}
	return out
}

func drawView(t *rapid.T) event.View {
	var v event.View
	if rapid.Bool().Draw(t, "as of") {
		v.AsOf = date("0301").Add(time.Duration(rapid.IntRange(-6, 14).Draw(t, "hour")) * time.Hour)
	}
	if rapid.Bool().Draw(t, "known at") {
		v.Known = int64(rapid.IntRange(1, 40).Draw(t, "known"))
	}
	return v
}

func TestSequenceHoldsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := anyHistory(t)
		before := slices.Clone(records)
		v := drawView(t)
		got := event.Sequence(records, v)
		if d := cmp.Diff(before, records); d != "" {
			t.Fatalf("the input changed: %s", d)
		}
		for i, r := range got {
			if v.Known != 0 && r.Position > v.Known {
				t.Fatalf("position %d was not known at %d", r.Position, v.Known)
			}
			if !v.AsOf.IsZero() && r.Effective().After(v.AsOf) {
				t.Fatalf("position %d counts from %s, after %s", r.Position, r.Effective(), v.AsOf)
			}
			if _, ok := r.Event.(event.Correction); ok {
				t.Fatalf("the correction at %d was left in", r.Position)
			}
			if i > 0 && (got[i-1].Effective().After(r.Effective()) || got[i-1].Effective().Equal(r.Effective()) && got[i-1].Position > r.Position) {
				t.Fatalf("positions %d and %d are out of order", got[i-1].Position, r.Position)
			}
		}

		if _ = append(got, event.Record{Position: -1}); !cmp.Equal(before, records) {
			t.Fatal("what is added to the sequence is added to the input")
		}

		// What is recorded later never changes what was known earlier.
		cut := rapid.IntRange(0, len(records)-1).Draw(t, "cut")
		k := records[cut].Position
		if d := cmp.Diff(event.Sequence(records[:cut+1], event.View{AsOf: v.AsOf}), event.Sequence(records, event.View{AsOf: v.AsOf, Known: k})); d != "" {
			t.Fatalf("known at %d: %s", k, d)
		}
		// As-of is a bound on one sequence, not another reading.
		all := slices.DeleteFunc(slices.Clone(event.Sequence(records, event.View{Known: v.Known})), func(r event.Record) bool {
			return !v.AsOf.IsZero() && r.Effective().After(v.AsOf)
		})
		if d := cmp.Diff(all, got); d != "" {
			t.Fatalf("as of %s: %s", v.AsOf, d)
		}
	})
}

func TestVoidingThenRestoringChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var records []event.Record
		for _, r := range anyHistory(t) { // whatever was corrected before stays out of it
			if _, ok := r.Event.(*corrected); !ok {
				records = append(records, r)
			}
		}
		if len(records) == 0 {
			t.Skip("nothing but corrections")
		}
		want := event.Sequence(records, event.View{})
		target := rapid.SampledFrom(records).Draw(t, "target").ID
		for i, action := range []event.CorrectAction{event.Void, event.Restore} {
			r := event.Record{Position: records[len(records)-1].Position + 1}
			r.ID, r.RecordedAt, r.Occurred = id(100+i), date("0401"), domain.Moment(date("0401"))
			r.Event = &corrected{Target: target, Action: action}
			records = append(records, r)
			if got := event.Sequence(records, event.View{}); action == event.Void && len(got) != len(want)-1 {
				t.Fatalf("%d events after a void, want %d", len(got), len(want)-1)
			}
		}
		if d := cmp.Diff(want, event.Sequence(records, event.View{})); d != "" {
			t.Fatal(d)
		}
	})
}

func TestALateEventChangesOnlyWhatCameAfterIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := anyHistory(t)
		late := event.Record{Position: records[len(records)-1].Position + 1, Event: &moved{"late"}}
		late.ID, late.RecordedAt = id(100), date("0401")
		late.Occurred = domain.Moment(date("0301").Add(time.Duration(rapid.IntRange(-8, 14).Draw(t, "hour")) * time.Hour))
		with := append(slices.Clone(records), late)
		for hour := -10; hour < 16; hour++ {
			v := event.View{AsOf: date("0301").Add(time.Duration(hour) * time.Hour)}
			was, is := event.Sequence(records, v), event.Sequence(with, v)
			if v.AsOf.Before(late.Occurred.To) != (len(was) == len(is)) {
				t.Fatalf("as of %s, %d events became %d by one of %s", v.AsOf, len(was), len(is), late.Occurred.To)
			}
			v.Known = records[len(records)-1].Position
			if d := cmp.Diff(was, event.Sequence(with, v)); d != "" {
				t.Fatalf("an answer already given changed: %s", d)
			}
		}
	})
}
