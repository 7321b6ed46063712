package act_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/person"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
)

func TestActsAreCalledByStableNames(t *testing.T) {
	want := map[string]act.Act{
		"accepted_by_opd": act.Take{Ask: &proposal.AcceptedByOPD{}}, "": act.Take{},
		"submit": act.Submit{}, "merge": act.Merge{}, "unmerge": act.Unmerge{}, "split": act.Split{},
		"finalize_list": act.FinalizeList{}, "correct_list": act.CorrectList{}, "close_window": act.CloseWindow{},
		"reopen_window": act.ReopenWindow{}, "extend_window": act.ExtendWindow{}, "carry_over": act.CarryOver{},
		"correct": act.Correct{}, "record_late": act.RecordLate{}, "answer_objection": act.AnswerObjection{},
		"adopt_document": act.AdoptDocument{}, "observe": act.Observe{}, "change_territory": act.ChangeTerritory{},
		"succeed_office": act.SucceedOffice{}, "close_cycle": act.CloseCycle{},
		"ceiling_set": act.OnCycle{Ask: &cycle.CeilingSet{}}, "convened": act.OnForum{Ask: &forum.Convened{}},
		"registered": act.OnPerson{Ask: &person.Registered{}}, "received": act.OnDelivery{Ask: &delivery.Received{}},
		"edition_published": act.OnReference{Ask: &reference.EditionPublished{}},
	}
	for name, a := range want {
		if got := a.Name(); got != name {
			t.Errorf("%T is called %q, want %q", a, got, name)
		}
	}
}

// publish publishes the places of the kabupaten and its offices.
func publish(w *town) error {
	wilayah := &reference.EditionPublished{Register: "wilayah", Edition: "2025", ValidFrom: "2025-01-01", Digest: strings.Repeat("cd", 32), Entries: []reference.Entry{
		{Code: "99.01", Name: "Contoh"},
		{Code: "99.01.03", Name: "Mekar", Parent: "99.01"}, {Code: "99.01.04", Name: "Hilir", Parent: "99.01"},
		{Code: village1, Name: "Suka Maju", Parent: "99.01.03"}, {Code: village2, Name: "Suka Damai", Parent: "99.01.03"},
		{Code: "99.01.03.2003", Name: "Suka Lama", Parent: "99.01.03", Until: "2025-12-31"}, {Code: village3, Name: "Tepi Sungai", Parent: "99.01.04"},
	}}
	offices := &reference.EditionPublished{Register: "opd", Edition: "2025", ValidFrom: "2025-01-01", Digest: strings.Repeat("cd", 32), Entries: []reference.Entry{
		{Code: roads, Name: "Dinas PU"}, {Code: water, Name: "Dinas Perkim"},
	}}
	if err := w.as("planner", act.OnReference{Ask: wilayah}); err != nil {
		return err
	}
	return w.as("planner", act.OnReference{Ask: offices})
}

// Who is absent is read off the register of the day of the forum.
func TestAttendanceIsHeldAgainstTheRegister(t *testing.T) {
	w := newTown(t)
	w.must(publish(w))
	for _, test := range []struct {
		kind, stage, scope string
		role               domain.Role
		came               string
		absent             []string
	}{
		{"musrenbang_kecamatan", "kecamatan", "kecamatan:99.01.03", "camat", village1, []string{village2}},
		{"musrenbang_desa", "desa", "village:" + village1, "village_head", village1, nil},
		{"forum_opd", "forum_opd", "opd:" + roads, "opd_head", "99.01.04", []string{"99.01.03"}},
		{"musrenbang_kabupaten", "kabupaten", "kabupaten", "head_of_planning", roads, []string{water, "99.01.03", "99.01.04"}},
	} {
		f := w.forum(test.kind, test.stage, test.scope)
		var who []string
		if test.scope != "kabupaten" {
			who = []string{test.scope}
		}
		w.must(w.as(test.role, act.OnForum{Forum: f, Year: 2027, Ask: &forum.AttendanceRecorded{Present: []forum.Attended{{Code: test.came, Channel: "luring", Count: 2, Women: 1}}}}, who...))
		got := forum.Fold(w.log.Now(f)).Attended
		if d := cmp.Diff(test.absent, got.Absent); d != "" || got.Register != "2025" {
			t.Errorf("%s by register %q: absent %s", test.kind, got.Register, d)
		}
	}
}

func TestActsOnOneStream(t *testing.T) {
	w := newTown(t)
	w.must(w.as("planner", act.OnPerson{Person: "p-4K7M2XQ0TB9D", Ask: &person.Registered{Name: domain.Secret{Plain: "Siti Contoh"}, Purpose: "proposer"}}))
	w.must(inKecamatan("a")(w))
	w.must(w.as("planner", act.OnDelivery{Stream: delivery.LetterStream(village1, "2027"), Ask: &delivery.AnswerSent{
		Village: village1, Letter: paper("surat", start), Covers: []string{w.number("a")}, Channel: "surat"}}))
	for name, a := range map[string]act.Act{
		"person": act.OnPerson{Person: "p-4K7M2XQ0TB9D"}, "letter": act.OnDelivery{Stream: "letter-x-2027"}, "grant": act.OnGrant{Grant: "grant-x"},
		"forum": act.OnForum{Forum: "forum-x", Year: 2027}, "cycle": act.OnCycle{Year: 2027},
	} {
		if got := w.refusal(w.as("planner", a)); got != "act.nothing_asked" {
			t.Errorf("nothing asked of a %s: %q", name, got)
		}
	}
	if got := w.refusal(w.run(domain.Actor{Person: "p-X", Role: "planner", Scope: domain.Scope{Kind: domain.ScopeKabupaten}},
		act.OnReference{Ask: &reference.EditionPublished{Register: "opd"}})); got != "grant.unknown" {
		t.Errorf("published without a grant: %q", got)
	}
}

// An import is one append: the file, and what its rows say.
func TestAFileIsRecordedWithItsRows(t *testing.T) {
	w := newTown(t)
	file := &delivery.Received{Source: "sipd", Digest: strings.Repeat("ef", 32), ExportedAt: w.now, Rows: 2, Accepted: 2}
	w.must(w.as("importer", act.Observe{Year: 2027, Source: "sipd", File: file.Digest, Received: file, Rows: []act.Row{
		{Row: 2, New: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea(village1, 10)}},
		{Row: 3, New: &proposal.Submitted{Lane: proposal.Pokir, Idea: idea(village3, 20)}},
	}}))
	if got := len(w.proposals(2027)); got != 2 || len(w.log[delivery.ImportStream("sipd", "2027")]) != 1 {
		t.Errorf("%d proposals", got)
	}
	again := w.as("importer", act.Observe{Year: 2027, Source: "sipd", File: file.Digest, Received: file})
	if got := w.refusal(again); got != "import.file_known" {
		t.Errorf("the same file again: %q", got)
	}
}

// One adopted document decides in every way a document can.
func TestADocumentDecides(t *testing.T) {
	w := newTown(t)
	w.must(all(agreed("a", "b", "c"), rkpd("a", "b", "c"), ppas("a", "b", "c"), apbd("c"))(w))
	document := paper("perda", w.now)
	a := act.AdoptDocument{Year: 2027, Kind: "perubahan", Document: document, Lines: 5, Total: 5_000_000_000, Decisions: []act.Decision{
		{Proposal: w.number("a"), Ask: &proposal.Funded{Allocation: proposal.Allocation{Amount: 100}, Line: "D1", Account: "5", Source: "PAD"}},
		{Proposal: w.number("a"), Ask: &proposal.Funded{Allocation: proposal.Allocation{Amount: 50}, Line: "D2", Account: "5", Source: "DAU"}},
		{Proposal: w.number("b"), Ask: &proposal.LeftOut{Reason: "PAG-KURANG"}},
		{Proposal: w.number("c"), Ask: &proposal.AmountRevised{New: 150_000_000}},
		{Ask: &proposal.AppearedInBudget{Allocation: proposal.Allocation{Amount: 70}, Line: "D9", OPD: roads}},
	}}
	w.must(w.as("tapd", a))
	if p := w.state("a"); p.At != "funded" || p.Granted() != 150 {
		t.Errorf("a %s with %s", p.At, p.Granted())
	}
	if e := w.newest("b").Event.(*proposal.LeftOut); e.Document != document || e.Window != "" {
		t.Errorf("b left out by %+v in %+v", e.Document, e.Closing)
	}
	if p := w.state("c"); p.Granted() != 150_000_000 {
		t.Errorf("c with %s", p.Granted())
	}
	adopted := len(w.log[cycle2027])
	a.Decisions = []act.Decision{{Proposal: w.number("c"), Ask: &proposal.Cancelled{Reason: "FIS-EFISIENSI"}}}
	w.must(w.as("tapd", a)) // more of the same document
	if p := w.state("c"); p.At != "cancelled" || len(w.log[cycle2027]) != adopted {
		t.Errorf("c %s, and the document was adopted again: %v", p.At, len(w.log[cycle2027]) != adopted)
	}
	a.Decisions = []act.Decision{{Proposal: w.number("a"), Ask: &proposal.Completed{Handover: document}}}
	if got := w.refusal(w.as("tapd", a)); got != "document.other" {
		t.Errorf("a document declared something delivered: %q", got)
	}
	w.sound()
}

// Whoever imports a list of some hundred rows is told of every bad one at once.
func TestADocumentIsRefusedForAllThatIsWrongInIt(t *testing.T) {
	w := newTown(t)
	w.must(all(agreed("a", "b", "c"), rkpd("a", "b", "c"), ppas("a", "b"))(w))
	line := func(amount domain.Rupiah) *proposal.Funded {
		return &proposal.Funded{Allocation: proposal.Allocation{Amount: amount}, Line: "D1", LineTotal: 100, Account: "5", Source: "PAD"}
	}
	list := &delivery.Received{Source: "apbd", Digest: strings.Repeat("0d", 32), Rows: 4, Accepted: 2, Quarantined: 2}
	a := act.AdoptDocument{Year: 2027, Kind: "apbd", Document: paper("perda", w.now), Lines: 4, Total: 1_000, Received: list, Decisions: []act.Decision{
		{Proposal: w.number("a"), Ask: line(60)},
		{Proposal: w.number("b"), Ask: line(60)}, // more than the line holds
		{Proposal: w.number("c"), Ask: line(10)}, // not in the KUA-PPAS
		{Proposal: w.number("b"), Ask: line(40)},
	}}
	refusal, ok := errors.AsType[*domain.Error](w.as("tapd", a))
	if !ok || refusal.Code != "document.line_total" || refusal.Field != "/decisions/1/amount" || len(refusal.All) != 1 ||
		refusal.All[0].Code != "workflow.state" || !strings.HasPrefix(refusal.All[0].Field, "/decisions/2") {
		t.Fatalf("refused for %+v", refusal)
	}
	a.Decisions = []act.Decision{a.Decisions[0], a.Decisions[3]}
	w.must(w.as("tapd", a))
	if got := w.state("a").Granted() + w.state("b").Granted(); got != 100 {
		t.Errorf("granted %s of one line of Rp100", got)
	}
	if got := w.log["import-apbd-2027"]; len(got) != 1 || got[0].Event.(*delivery.Received).Digest != list.Digest {
		t.Errorf("of the list there is %v", got)
	}
	a.Decisions = nil
	if got := w.refusal(w.as("tapd", a)); got != "import.file_known" {
		t.Errorf("the same list again: %q", got)
	}
}

// What cannot be divided evenly is divided exactly.
func TestSplittingDividesTheEstimateExactly(t *testing.T) {
	w := newTown(t)
	w.must(all(submitIn("a", village1, 100), villageList("a"), kecList(1, "a"))(w))
	w.must(w.as("opd_head", act.Split{Proposal: w.number("a"), Reason: text("Tiga pekerjaan"), Parts: []act.Part{{Weight: 1}, {Weight: 1}, {Weight: 1}}}, "opd:"+roads))
	var shares []domain.Rupiah
	for _, n := range w.state("a").Parts {
		shares = append(shares, w.state(n).Estimate)
	}
	if d := cmp.Diff([]domain.Rupiah{34, 33, 33}, shares); d != "" {
		t.Error(d)
	}
}

// An origin is carried over for what was lost of it, once nothing of it is open.
func TestCarryingOverASplitOrigin(t *testing.T) {
	w := newTown(t)
	w.must(all(inOPD("a"), split("a", "x", "y"), rejectOPD("x"), nextCycle)(w))
	if got := w.refusal(carryOver("a", "village_head")(w)); got != "workflow.guard_fate_lost" {
		t.Errorf("carried over while y is open: %q", got)
	}
	if got := w.refusal(carryOver("x", "planner")(w)); got != "carry.part" {
		t.Errorf("a part was carried over by itself: %q", got)
	}
	w.must(all(accept("y"), kabList(1, "y"), rkpd("y"), ppas("y"), apbd("y"))(w))
	w.must(carryOver("a", "village_head")(w))
	e := w.newest("a").Event.(*proposal.CarriedOver)
	if e.Fate != "partly" || !slices.Equal(w.proposals(2028), []string{e.Next}) {
		t.Errorf("carried over as %+v into %v", e, w.proposals(2028))
	}
	w.sound()
}

// What goes on in a later year is stamped with that year and the definition it
// pins, though the command was judged in the year before.
func TestWhatIsCarriedOverBelongsToTheLaterYear(t *testing.T) {
	w := newTown(t)
	w.openUnder(2028, amended())
	opened := w.log[cycle.Stream(2028)][0]
	if opened.Cycle != 2028 || opened.Definition != amended().Hash() {
		t.Errorf("the opening is stamped %d %.8s", opened.Cycle, opened.Definition)
	}
	w.must(all(inOPD("a"), rejectOPD("a"))(w))
	w.must(carryOver("a", "village_head")(w))
	type stamp struct {
		Event      string
		Cycle      int
		Definition string
	}
	var got []stamp
	for _, c := range w.last {
		for _, f := range c.Facts {
			got = append(got, stamp{proposal.EventName(f.Event.(proposal.Event)), c.Cycle, c.Definition})
		}
	}
	want := []stamp{{"carried_over", 2027, musrenbang().Hash()}, {"continued", 2028, amended().Hash()}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("stamps (-want +got):\n%s", d)
	}
}

// A merged proposal that was merged once more and given back can be undone too:
// its children go where it stands, not to the end it was brought back from.
func TestUndoingAMergeThatWasItselfGivenBack(t *testing.T) {
	w := newTown(t)
	w.must(all(submit("a"), submit("b"), submit("c"), villageList("a", "b", "c"),
		mergeKec("p", "a", "b"), mergeKec("q", "p", "c"), unmerge("q", "camat"), unmerge("p", "camat"))(w))
	for name, want := range map[string]workflow.State{"a": "at_kecamatan", "b": "at_kecamatan", "c": "at_kecamatan", "p": "dissolved", "q": "dissolved"} {
		if got := w.state(name).At; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
