package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/grant"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
)

var today = time.Date(2026, 11, 22, 10, 0, 0, 0, zone)

// crowds is a part in whose tests few proposals are too many for one list.
const crowds = 90

// forgets is a part, as few villages as its neighbour, of which tests do not keep
// everything in memory either.
const forgets = 80

// A written is what a demo handed to the log.
type written struct {
	*world
	sum     hash.Hash
	names   map[string]int // events by stored name
	texts   []string       // everything that may be read
	secrets map[string]int // events with something sealed, by stored name
	days    []string       // every day in a payload, with the member it stands in
}

var dayForm = regexp.MustCompile(`"([a-z_]+)":"(20[0-9]{2}-[0-9]{2}-[0-9]{2}[^"]*)"`)

// write makes a demo of some villages and notes what the log would be given.
func write(t testing.TB, o Options) *written {
	t.Helper()
	w, err := writing(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func writing(o Options) (*written, error) {
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		return nil, err
	}
	w := &written{world: newWorld(o, d), sum: sha256.New(), names: map[string]int{}, secrets: map[string]int{}}
	w.keep = o.Part != forgets
	if o.Part == crowds {
		w.longest = 12
	}
	w.write = func(entries []eventstore.Entry) error {
		for _, e := range entries {
			for _, c := range e.Changes {
				for _, f := range c.Facts {
					if err := w.note(e, c, f); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	return w, w.make()
}

func (w *written) note(e eventstore.Entry, c event.Change, f event.Fact) error {
	encoded, err := catalog.Events.Encode(f.Event)
	if err != nil {
		return err
	}
	fmt.Fprintln(w.sum, e.Command, c.Stream, c.Version, f.CausedBy, f.Occurred, encoded.Type, string(encoded.Payload), encoded.Texts, encoded.Secrets)
	w.names[encoded.Type]++
	w.texts = slices.AppendSeq(w.texts, maps.Values(encoded.Texts))
	if len(encoded.Secrets) > 0 {
		w.secrets[encoded.Type]++
	}
	for _, m := range dayForm.FindAllStringSubmatch(string(encoded.Payload), -1) {
		w.days = append(w.days, m[1]+" "+m[2])
	}
	for _, at := range []time.Time{e.Command.RecordedAt, f.Occurred.From, f.Occurred.To} {
		if !at.IsZero() {
			w.days = append(w.days, "recorded "+at.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// eighth is a demo of every eighth village, made once for all tests that only look.
var eighth = sync.OnceValues(func() (*written, error) { return writing(Options{Seed: 1, Day: today, Part: 8}) })

func few(t testing.TB) *written {
	t.Helper()
	w, err := eighth()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTheSameSeedAndDayGiveTheSameData(t *testing.T) {
	sum := func(seed uint64, day time.Time) string {
		return hex.EncodeToString(write(t, Options{Seed: seed, Day: day, Part: 70}).sum.Sum(nil))
	}
	first := sum(1, today)
	if again := sum(1, today.Add(5*time.Hour)); again != first {
		t.Error("the same seed and day gave other data")
	}
	if sum(2, today) == first {
		t.Error("another seed gave the same data")
	}
}

// What is forgotten on the way to save memory changes nothing.
func TestForgettingChangesNothing(t *testing.T) {
	kept, spared := write(t, Options{Seed: 1, Day: today, Part: forgets + 1}), write(t, Options{Seed: 1, Day: today, Part: forgets})
	if hex.EncodeToString(kept.sum.Sum(nil)) != hex.EncodeToString(spared.sum.Sum(nil)) {
		t.Error("with less in memory the data are others")
	}
	if have, all := len(spared.histories), len(kept.histories); have*4 > all*3 {
		t.Errorf("%d of %d histories are in memory at the end", have, all)
	}
}

// Where there are too many proposals for a list they come on several, of sessions
// with attendance and minutes of their own, and nothing else is found than what
// was planted.
func TestLongListsAreDealtWithInSeveralSessions(t *testing.T) {
	w := write(t, Options{Seed: 1, Day: today, Part: crowds})
	further := 0
	for stream := range w.histories {
		if strings.HasPrefix(stream, "forum-") && strings.HasSuffix(stream, "-l1-2") {
			further++
		}
	}
	if further < 10 {
		t.Errorf("%d second sessions", further)
	}
	same(t, w.planted, newSearch(w).all())
}

func TestNothingLiesInTheFuture(t *testing.T) {
	w := few(t)
	latest := today.Format(time.DateOnly)
	ahead := map[string]bool{}
	for _, d := range w.days {
		member, day, _ := strings.Cut(d, " ")
		if day > latest {
			ahead[member] = true
		}
	}
	if got := slices.Sorted(maps.Keys(ahead)); !slices.Equal(got, []string{"closes_at", "code", "due"}) { // the code of a holiday is its day
		t.Errorf("members with a day after %s: %v, want closes_at, due and the codes of holidays alone", latest, got)
	}
	if w.now.After(today) {
		t.Errorf("the last thing happened on %s", w.now)
	}
}

func TestNobodyIsNamedInWhatMayBeRead(t *testing.T) {
	w := few(t)
	if got := slices.Sorted(maps.Keys(w.secrets)); !slices.Equal(got, []string{"person.registered"}) {
		t.Errorf("sealed details in %v, want in person.registered alone", got)
	}
	for _, text := range w.texts {
		if spans := domain.Mask(text).Spans; len(spans) > 0 {
			t.Fatalf("%q names somebody", text)
		}
	}
}

func TestTheSumConserves(t *testing.T) {
	w := few(t)
	chart := history.NewChart(w.definition)
	for _, year := range []int{Executed(today), Complete(today), Ongoing(today), Practice(today)} {
		l := history.Trace(func(yield func(history.Node) bool) {
			for _, n := range w.numbers[year] {
				if !yield(chart.Node(w.histories.Now(proposal.Stream(n)))) {
					return
				}
			}
		})
		sum := history.SumOf(l.Accounts())
		if err := sum.Check(); err != nil {
			t.Errorf("%d: %v", year, err)
		}
		if sum.Moved != 0 || sum.Unattributed != 0 {
			t.Errorf("%d: moved %s and unattributed %s over a whole cycle", year, sum.Moved, sum.Unattributed)
		}
		if (sum.Granted == 0) != (year == Ongoing(today)) {
			t.Errorf("%d: %s granted", year, sum.Granted)
		}
		if year == Practice(today) || year == Ongoing(today) {
			continue
		}
		if sum.WithoutProposal == 0 {
			t.Error("no money without a proposal")
		}
		for _, fate := range []history.Fate{history.Funded, history.Partly, history.Elsewhere, history.Deferred, history.Dropped, history.Withdrawn} {
			if sum.Headlines[fate] == 0 {
				t.Errorf("no origin is %s: %v", fate, sum.Headlines)
			}
		}
		if n := sum.Headlines[history.Pending] + sum.Headlines[history.Unknown]; n > 0 {
			t.Errorf("%d: %d origins are pending or unknown", year, n)
		}
	}
}

// What can happen to a proposal happens to some, and most reasons are given.
func TestTheMixIsWide(t *testing.T) {
	w := few(t)
	absent := map[string]bool{ // of plans above the RKPD, of registers that change, and of texts that must be closed
		"aligned": true, "office_changed": true, "relocated": true, "text_redacted": true,
		"source_missing": true, "source_found": true, // of an export of more rows than so few villages have
	}
	for _, e := range proposal.Types {
		name := strings.TrimPrefix(e.Name, "proposal.")
		if (w.names[e.Name] == 0) != absent[name] {
			t.Errorf("%s happens %d times", e.Name, w.names[e.Name])
		}
	}
	for _, name := range []string{"cycle.closed", "letter.answer_sent", "import.received", "import.quarantine_resolved", "cycle.window_extended", "cycle.window_reopened", "cycle.document_adopted", "cycle.publication_released", "forum.list_superseded", "forum.minutes_signed"} {
		if w.names[name] == 0 {
			t.Errorf("%s never happens", name)
		}
	}
	used := map[string]bool{}
	for _, year := range []int{Executed(today), Complete(today), Practice(today)} {
		for _, n := range w.numbers[year] {
			for _, r := range w.histories[proposal.Stream(n)] {
				if code := reasonOf(r.Event); code != "" {
					used[code] = true
				}
			}
		}
	}
	var missing []string
	for code := range w.definition.Codes {
		if !used[code] {
			missing = append(missing, code)
		}
	}
	slices.Sort(missing)
	if len(missing) > 10 {
		t.Errorf("%d reasons are never given: %v", len(missing), missing)
	}
}

func reasonOf(e any) string {
	switch e := e.(type) {
	case *proposal.Rejected:
		return e.Reason
	case *proposal.Deferred:
		return e.Reason
	case *proposal.Returned:
		return e.Reason
	case *proposal.LeftOut:
		return e.Reason
	case *proposal.Lapsed:
		return e.Reason
	case *proposal.BelowCutoff:
		return e.Reason
	case *proposal.Cancelled:
		return e.Reason
	case *proposal.FinancedElsewhere:
		return e.Reason
	case *proposal.Withdrawn:
		return e.Reason
	case *proposal.ReferralAnswered:
		return e.Reason
	}
	return ""
}

func TestSilentVillagesHandNothingIn(t *testing.T) {
	heard := map[string]bool{}
	w := few(t)
	for h := range w.homes {
		heard[h.village] = true
	}
	villages, silent := 0, 0
	for _, k := range territory(1) {
		for _, v := range k.villages {
			villages++
			if v.silent {
				silent++
			}
			if v.silent && heard[v.code] {
				t.Errorf("%s is not silent", v.code)
			}
		}
	}
	if villages != 141 || silent != 6 || len(territory(1)) != 18 {
		t.Errorf("%d kecamatan, %d villages, %d of them silent", len(territory(1)), villages, silent)
	}
	for _, k := range w.places {
		for _, v := range k.villages {
			if !v.silent && !heard[v.code] {
				t.Errorf("%s handed nothing in", v.code)
			}
		}
	}
}

// Nothing hangs in the complete cycle, whichever day the demo is made on: once
// its year of execution is over it can be closed, as the one before it was.
func TestTheCompleteCycleCanBeClosed(t *testing.T) {
	day := time.Date(2028, 2, 29, 23, 0, 0, 0, zone)
	w := write(t, Options{Seed: 3, Day: day, Part: 70})
	year := Complete(day)
	if year != 2029 || len(w.numbers[year]) == 0 || len(w.numbers[Practice(day)]) == 0 {
		t.Fatalf("proposals by year: %d", len(w.numbers))
	}
	if before := cycle.Fold(w.histories.Now(cycle.Stream(Executed(day)))); !before.IsClosed {
		t.Error("the cycle before it is not closed")
	}
	for _, n := range w.numbers[year] {
		s := w.state(n)
		if spec := w.definition.States[s.At]; spec.Final == "" && spec.Goal == "" || len(s.Flags) > 0 {
			t.Errorf("%s waits in %s with flags %v", n, s.At, s.Flags)
		}
	}
	w.now = w.at(-400, 9)
	w.closeWindow(year, "execution", whole)
	w.do(year, w.holder("head_of_planning", ""), act.CloseCycle{Year: year, Origins: 1, Candidates: w.numbers[year]})
}

func TestEveryRoleHasAHolder(t *testing.T) {
	w := few(t)
	have := map[domain.Role]bool{}
	for _, h := range Holders() {
		if have[h.Role] {
			t.Errorf("%s is held twice", h.Role)
		}
		have[h.Role] = true
		g := grant.Fold(w.histories.Now(h.Grant))
		if g.Given == nil || g.Given.Role != h.Role || !g.Valid(today, 0) {
			t.Errorf("%s does not give %s", h.Grant, h.Role)
		}
	}
	for role := range w.definition.Roles {
		if role != domain.RoleSystem && !have[role] {
			t.Errorf("nobody is %s", role)
		}
	}
	for role := range grant.Standing {
		if !have[role] {
			t.Errorf("nobody is %s", role)
		}
	}
}

// The forums of the OPDs are in session: much is decided, much waits, and the
// window closes within a week.
func TestTheOngoingCycleWaitsAtItsOPDs(t *testing.T) {
	w := few(t)
	year := Ongoing(today)
	if waiting, decided := len(w.where(year, "at_opd")), len(w.where(year, "accepted", "rejected")); waiting < 20 || decided < 20 {
		t.Errorf("%d wait at the OPDs, %d were decided", waiting, decided)
	}
	window, _ := cycle.Fold(w.histories.Now(cycle.Stream(year))).Find("forum_opd", domain.Scope{Kind: domain.ScopeOPD, Code: OPD})
	if left := window.ClosesAt.Sub(today); window.Shut || left < 0 || left > 7*24*time.Hour {
		t.Errorf("the window closes on %s", window.ClosesAt)
	}
}

// What was lost is proposed again, and again: some goes on through all three years.
func TestProposalsGoOnFromYearToYear(t *testing.T) {
	w := few(t)
	var again, thrice, unfinished int
	for _, n := range w.numbers[Ongoing(today)] {
		s := w.state(n)
		if s.Previous == "" {
			continue
		}
		again++
		before := w.state(s.Previous)
		if before.Previous != "" {
			thrice++
		}
		if before.At == "unfinished" {
			unfinished++
		}
	}
	if again < 20 || thrice < 3 || unfinished < 3 {
		t.Errorf("%d go on from an earlier year, %d of them for the second time, %d unfinished", again, thrice, unfinished)
	}
}

// The tour finds something at every stage of the practice cycle.
func TestThePracticeCycleHasSomethingAtEveryStage(t *testing.T) {
	w := few(t)
	c := &course{world: w.world, year: Practice(today)}
	office := domain.Scope{Kind: domain.ScopeOPD, Code: OPD}
	for _, want := range []struct {
		scope domain.Scope
		state workflow.State
		least int
	}{
		{domain.Scope{Kind: domain.ScopeVillage, Code: TourVillage}, "submitted", 3},
		{domain.Scope{Kind: domain.ScopeKecamatan, Code: TourKecamatan}, "at_kecamatan", 4},
		{office, "at_opd", 4}, {office, "accepted", 2}, {office, "agreed", 1}, {office, "in_rkpd", 1}, {office, "in_ppas", 1}, {office, "funded", 1},
		{whole, "at_secretariat", 1}, {whole, "referred", 1},
	} {
		if got := len(c.in(want.scope, want.state)); got < want.least {
			t.Errorf("%d proposals are %s of %s, want %d at least", got, want.state, want.scope, want.least)
		}
	}
	if n := len(c.alike(c.in(domain.Scope{Kind: domain.ScopeKecamatan, Code: TourKecamatan}, "at_kecamatan"), 2, 2)); n == 0 {
		t.Error("nothing waits at the tour's kecamatan that could be merged")
	}
}
