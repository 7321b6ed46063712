package projections_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/projections"
)

func (w *world) papers() projections.Papers {
	return projections.Papers{DB: w.pool, Store: w.store, Definitions: definitions}
}

func (w *world) letter(ask projections.LetterAsk) *projections.LetterPaper {
	w.t.Helper()
	l, err := w.papers().Letter(w.t.Context(), ask)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// villages returns the villages that handed in anything in 2027.
func (w *world) villages() []projections.VillageLetters {
	w.t.Helper()
	page, err := projections.Letters{DB: w.pool}.List(w.t.Context(), projections.LetterFilter{Cycle: 2027}, "", 500)
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Items
}

// printed is what of a paper gets onto paper: all but what is said of it beside.
func printed(t *testing.T, paper any) string {
	t.Helper()
	switch p := paper.(type) {
	case *projections.LetterPaper:
		bare := *p
		bare.Untold, bare.Said = 0, ""
		paper = bare
	case *projections.MinutesPaper:
		bare := *p
		bare.Issued = nil
		paper = bare
	}
	b, err := json.Marshal(paper)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// unequal merges two proposals of which one weighs less than it asked, and funds
// what came of them.
func (t *town) unequal(a, b *card) {
	t.world.t.Helper()
	p := t.newCard(2027)
	p.village, p.opd, p.estimate = a.village, a.opd, a.estimate+b.estimate
	merged := &proposal.Merged{Step: step("merged", "kecamatan"), Parent: p.number, Reason: t.text("satu ruas"), Forum: t.forum}
	t.act(planner, fact{stream: a.stream, event: merged}, fact{stream: b.stream, event: merged},
		fact{stream: p.stream, event: &proposal.FormedByMerge{Step: step("at_kecamatan", "kecamatan"), Lane: proposal.Musrenbang, Idea: t.idea(p.village, p.opd, p.estimate),
			Components: []proposal.Component{{Child: a.number, Weight: 1}, {Child: b.number, Weight: 6}}, Reason: t.text("satu ruas"), Forum: t.forum, Depth: 1}})
	t.one(p, &proposal.Funded{Step: step("funded", "apbd"), Allocation: proposal.Allocation{Amount: 500_000_000}, Line: "L7", Account: "5", Source: "DAU"})
}

// Whatever happened to the proposals of a village, its letter adds up, and says
// what the sums over the village say.
func TestLettersConserveAndAgreeWithTheFunnel(t *testing.T) {
	w := newWorld(t)
	run := w.runner()
	town := newTown(w, 7)
	town.grow(450)
	town.unequal(town.submitAt("99.01.01.2001", "1.03", 300_000_000), town.submitAt("99.01.01.2002", "1.03", 300_000_001))
	w.catchUp(run)
	moved := false
	for _, v := range w.villages() {
		l := w.letter(projections.LetterAsk{Village: v.Village, Year: 2027, All: true})
		if !l.Totals.Balanced() {
			t.Errorf("the letter to %s does not add up: %+v", v.Village, l.Totals)
		}
		sum, err := projections.Funnel{DB: w.pool}.Sum(t.Context(), projections.FunnelFilter{Cycle: 2027, Village: []string{v.Village}})
		if err != nil {
			t.Fatal(err)
		}
		want := sum.Value
		want.Stages, want.Flows, want.Losses = nil, nil, nil // a letter tells of each proposal instead
		want.Unasked, want.Unattributed = 0, 0               // of nobody's proposal
		if diff := cmp.Diff(want, l.Totals); diff != "" {
			t.Errorf("the letter to %s and the funnel differ (-funnel +letter):\n%s", v.Village, diff)
		}
		var asked, granted domain.Rupiah
		for _, o := range l.Origins {
			asked, granted = asked+o.Asked, granted+o.Granted
			var part projections.Share
			for _, s := range o.Shares {
				part += s.Part
			}
			if part != projections.One {
				t.Errorf("%s is told of in parts of %v", o.Number, part)
			}
		}
		if asked != l.Totals.Asked || granted != l.Totals.Granted || len(l.Origins) != l.Totals.Origins || v.Origins != l.Totals.Origins || v.Asked != asked || v.Granted != granted {
			t.Errorf("the proposals of %s do not make its sums", v.Village)
		}
		moved = moved || l.Totals.Moved != 0
	}
	if !moved {
		t.Error("no merge moved anything between villages: the test proves little")
	}
}

// A paper that rests on a position is the same whatever happened since.
func TestPapersAreMadeAgainAsTheyWere(t *testing.T) {
	w := newWorld(t)
	run := w.runner()
	town := newTown(w, 11)
	town.grow(220)
	w.catchUp(run)
	head, err := w.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	letters := make(map[string]string)
	for _, v := range w.villages() {
		letters[v.Village] = printed(t, w.letter(projections.LetterAsk{Village: v.Village, Year: 2027, All: true}))
	}
	minutes := func(at int64) string {
		t.Helper()
		m, err := w.papers().Minutes(t.Context(), "f1", "", at)
		if err != nil {
			t.Fatal(err)
		}
		if at == 0 && (len(m.Agreed) < 10 || len(m.NotAgreed) < 3 || len(m.Joined) < 3) {
			t.Fatalf("the forum decided next to nothing: %d, %d, %d", len(m.Agreed), len(m.NotAgreed), len(m.Joined))
		}
		return printed(t, m)
	}
	before := minutes(0)
	if minutes(head) != before {
		t.Error("what is known now is not what is known at the head")
	}
	town.open = true // what is closed later is closed in every paper
	town.grow(200)
	if now := minutes(0); now == before {
		t.Error("what happened since does not show in minutes, though no read model has seen it yet")
	}
	w.catchUp(run)
	if diff := cmp.Diff(before, minutes(head)); diff != "" {
		t.Errorf("minutes as of an earlier position differ:\n%s", diff)
	}
	for village, was := range letters {
		again := printed(t, w.letter(projections.LetterAsk{Village: village, Year: 2027, All: true, At: head}))
		if was != again {
			t.Errorf("the letter to %s as of an earlier position differs:\n%s", village, cmp.Diff(was, again))
		}
	}
}

// send records a letter about what was not told yet.
func (d *town) send(village, number string) *projections.LetterPaper {
	d.world.t.Helper()
	l := d.letter(projections.LetterAsk{Village: village, Year: 2027, Draft: number, Date: "2026-07-01"})
	d.do(planner, fact{stream: delivery.LetterStream(village, "2027"), event: &delivery.AnswerSent{Village: village, Channel: "surat", Covers: l.Covers(),
		Letter: domain.Document{Kind: "surat", Number: number, Date: "2026-07-01", Digest: strings.Repeat("ab", 32)}}})
	return l
}

func TestWhoWasToldAndWhatIsToBeToldAnew(t *testing.T) {
	d, run := newDesk(t)
	const here, there = "99.01.01.2001", "99.01.01.2002"
	a, b := d.submitAt(here, "1.03", 300), d.submitAt(here, "1.03", 500)
	other := d.submitAt(there, "1.03", 200)
	standing := func(when string, want ...string) {
		t.Helper()
		d.catchUp(run)
		var got []string
		for _, v := range d.villages() {
			got = append(got, fmt.Sprint(v.Village[9:], " ", v.Status, " ", v.Untold, " ", v.Changed, " ", v.Letters))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	standing("before any letter", "2001 missing 2 0 0", "2002 missing 1 0 0")
	first := d.send(here, "S/1")
	standing("after one letter", "2001 sent 0 0 1", "2002 missing 1 0 0")
	if first.Former != nil || first.Untold != 2 || len(first.Origins) != 2 {
		t.Errorf("the first letter: %+v", first)
	}
	d.prioritize(a)
	standing("a step on the way is nothing to write about", "2001 sent 0 0 1", "2002 missing 1 0 0")
	d.one(a, &proposal.Rejected{Step: step("rejected", "forum_opd"), Reason: "KWN-PROV", Text: d.text("bukan kewenangan"), Ground: "UU 23/2014", Forum: d.forum})
	standing("one was decided", "2001 stale 0 1 1", "2002 missing 1 0 0")
	late := d.submitAt(here, "1.03", 50)
	standing("one came late", "2001 stale 1 1 1", "2002 missing 1 0 0")
	second := d.send(here, "S/2")
	if second.Former == nil || second.Former.Number != "S/1" || !slices.Equal(second.Covers(), slices.Sorted(slices.Values([]string{a.number, late.number}))) {
		t.Errorf("the second letter adds to %+v and covers %v", second.Former, second.Covers())
	}
	standing("both were told", "2001 sent 0 0 2", "2002 missing 1 0 0")
	d.prioritize(b, other)
	d.merge("at_kecamatan", "kecamatan")
	standing("a merge is told", "2001 stale 0 1 2", "2002 missing 1 0 0")
	d.send(here, "S/3")
	parent := d.cards[b.parent]
	d.one(parent, &proposal.Rejected{Step: step("rejected", "forum_opd"), Reason: "KWN-PROV", Text: d.text("bukan kewenangan"), Ground: "UU 23/2014", Forum: d.forum})
	standing("the parent's fate is the child's", "2001 stale 0 1 3", "2002 missing 1 0 0")
	l := d.letter(projections.LetterAsk{Village: here, Year: 2027})
	if o := l.Origins[0]; len(l.Origins) != 1 || o.Number != b.number || o.Merged != parent.number || o.Fate != "dropped" || o.Shares[0].Deed == nil || o.Shares[0].Deed.Ground != "UU 23/2014" {
		t.Errorf("the letter about it: %+v", l.Origins)
	}
	again := d.letter(projections.LetterAsk{Village: here, Year: 2027, Number: "S/2"})
	if diff := cmp.Diff(printed(t, second), printed(t, again)); diff != "" {
		t.Errorf("a letter that was sent is not what it was:\n%s", diff)
	}
	counts, err := projections.Letters{DB: d.pool}.Counts(t.Context(), projections.LetterFilter{Cycle: 2027, Kecamatan: []string{"99.01.01"}})
	if err != nil || !reflect.DeepEqual(counts.Value, map[string]int{"stale": 1, "missing": 1}) {
		t.Errorf("counts %v, %v", counts.Value, err)
	}
	for _, ask := range []projections.LetterAsk{{Village: here, Year: 2027, Number: "S/9"}, {Village: "99.01.03.2009", Year: 2027}, {Village: here, Year: 2040}} {
		if _, err := d.papers().Letter(t.Context(), ask); err == nil {
			t.Errorf("a letter is made for %+v", ask)
		}
	}
}

// What people wrote reaches paper only with personal details cut out, even where
// they were recorded as they stood.
func TestNoPersonalDataReachPaper(t *testing.T) {
	d, run := newDesk(t)
	wrote := domain.Text{Masked: fmt.Sprintf("NIK %s telp %s surel %s Bapak %s", canaryNIK, canaryPhone, canaryEmail, canaryName)}
	d.text = func(string) domain.Text { return wrote }
	c := d.submitAt("99.01.01.2001", "1.03", 300)
	e := d.submitAt("99.01.01.2001", "1.03", 300)
	d.prioritize(c, e)
	d.merge("at_kecamatan", "kecamatan")
	p := d.cards[c.parent]
	d.one(p, &proposal.Responded{Step: step("", "forum_opd"), Leaning: "ragu", Note: wrote, Forum: d.forum})
	d.one(p, &proposal.Rejected{Step: step("rejected", "forum_opd"), Reason: "KWN-PROV", Text: wrote, Ground: wrote.Masked, Forum: d.forum})
	f := d.submitAt("99.01.01.2001", "1.03", 300)
	d.one(f, &proposal.Deferred{Step: step("deferred", "forum_opd"), Reason: "PAG-KURANG", Until: 2029, Condition: wrote, Text: wrote, Forum: d.forum})
	d.catchUp(run)
	m, err := d.papers().Minutes(t.Context(), "f1", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, paper := range map[string]any{"letter": d.letter(projections.LetterAsk{Village: "99.01.01.2001", Year: 2027}), "minutes": m} {
		text := printed(t, paper)
		if n := strings.Count(text, "[NIK disamarkan]"); n < 5 {
			t.Errorf("%s holds %d texts: the test plants nothing", name, n)
		}
		for _, canary := range append(slices.Clone(canaries), planner.Person, "p-secretproposer") {
			if i := strings.Index(text, canary); i >= 0 {
				t.Errorf("%s holds %q: …%s…", name, canary, text[max(0, i-100):min(len(text), i+50)])
			}
		}
	}
}

func TestMinutesSayWhoCameAndWhatWasDecided(t *testing.T) {
	d, run := newDesk(t)
	scope := kecamatan(1)
	in, out, moved := d.submitAt("99.01.01.2001", "1.03", 300), d.submitAt("99.01.01.2002", "1.01", 500), d.submitAt("99.01.01.2003", "1.03", 100)
	d.do(planner, fact{stream: d.forum, event: &forum.AttendanceRecorded{Register: "2025", Present: []forum.Attended{{Code: "99.01.01.2001", Channel: "luring", Count: 4, Women: 2}, {Code: "99.01.01.2003", Channel: "daring", Delegate: true}},
		Absent: []string{"99.01.01.2002", "99.01.01.2004"}}})
	entries := []forum.Entry{{Proposal: in.number, Score: 87_250}, {Proposal: out.number, Score: 60_000}}
	rank := func(n int) proposal.Ranking {
		return proposal.Ranking{List: d.forum + "/L1", Rank: n, Of: 2, Cutoff: 1, Score: entries[n-1].Score}
	}
	d.act(planner, fact{stream: d.forum, event: &forum.ListFinalized{List: "L1", Stage: "kecamatan", Scope: scope, Entries: entries, Cutoff: 1, Used: 1, Limit: forum.Limit{Kind: "quota", Value: 1}, LastIn: in.number, FirstOut: out.number}},
		fact{stream: in.stream, event: &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: rank(1), Forum: d.forum}},
		fact{stream: out.stream, event: &proposal.BelowCutoff{Step: step("below_line_kec", "kecamatan"), Ranking: rank(2), Reason: "KUO-LEBIH", Forum: d.forum}})
	d.one(moved, &proposal.Transferred{Step: step("", "forum_opd"), From: "1.03", To: "1.01", Reason: d.text("kewenangan"), Forum: d.forum})
	d.one(in, &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: "forum-lain", SubKegiatan: "1", Volume: domain.Volume{Amount: "1", Unit: "m"}, Estimate: 9})
	d.catchUp(run)
	m, err := d.papers().Minutes(t.Context(), "f1", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var came []string
	for _, a := range m.Attendance {
		came = append(came, fmt.Sprint(a.Code[9:], " ", a.Came, " ", a.Delegate, " ", a.Channel))
	}
	if want := []string{"2001 true false luring", "2002 false false ", "2003 true true daring", "2004 false false "}; !slices.Equal(came, want) {
		t.Errorf("attendance %q, want %q", came, want)
	}
	if len(m.Agreed) != 1 || m.Agreed[0].Number != in.number || m.Agreed[0].Rank != 1 || m.Agreed[0].Score != 87_250 || m.Agreed[0].Amount != 300 || m.Agreed[0].Office != "Dinas Pekerjaan Umum" {
		t.Errorf("agreed %+v: what another forum did since does not belong here", m.Agreed)
	}
	if len(m.NotAgreed) != 1 || m.NotAgreed[0].Number != out.number || m.NotAgreed[0].ReasonText != "Melebihi kuota" {
		t.Errorf("not agreed %+v", m.NotAgreed)
	}
	if len(m.Joined) != 1 || m.Joined[0].Number != moved.number || !slices.Equal(m.Joined[0].Related, []string{"Dinas Pendidikan"}) {
		t.Errorf("joined %+v", m.Joined)
	}
	if len(m.Lists) != 1 || m.Lists[0].LastIn != in.number || m.Lists[0].Of != 2 || len(m.Covers) != 3 || !m.Demo || m.Legal == nil {
		t.Errorf("minutes %+v", m)
	}
	d.do(planner, fact{stream: d.forum, event: &forum.MinutesIssued{Number: "BA-1", Covers: m.Covers, Digest: "ee"}})
	d.one(out, &proposal.Rejected{Step: step("rejected", "kecamatan"), Reason: "KWN-PROV", Text: d.text("bukan"), Ground: "UU", Forum: d.forum})
	d.catchUp(run)
	issued, err := d.papers().Minutes(t.Context(), "f1", "BA-1", 0)
	if err != nil {
		t.Fatal(err)
	}
	m.Number = "BA-1"
	if diff := cmp.Diff(printed(t, m), printed(t, issued)); diff != "" {
		t.Errorf("minutes that were issued are not what they were:\n%s", diff)
	}
	if _, err := d.papers().Minutes(t.Context(), "f1", "BA-9", 0); err == nil {
		t.Error("minutes are made that were never issued")
	}
	if _, err := d.papers().Minutes(t.Context(), "lain", "", 0); err == nil {
		t.Error("minutes are made of a forum that is not there")
	}
	read := projections.Forums{DB: d.pool}
	all, err := read.Attendance(t.Context(), projections.AttendanceFilter{Cycle: 2027, Under: "99.01.01"}, "", 3)
	if err != nil || len(all.Items) != 3 || all.Next == "" || all.Items[2] != (projections.Attendance{Code: "99.01.01.2003", Expected: 1, Came: 1, Delegated: 1, Last: "2026-02-10"}) {
		t.Errorf("attendance %+v, %v", all, err)
	}
	never, err := read.Attendance(t.Context(), projections.AttendanceFilter{Cycle: 2027, Kind: []string{"musrenbang_kecamatan"}, Never: true}, "", 10)
	if err != nil || len(never.Items) != 2 || never.Items[0].Code != "99.01.01.2002" || never.Items[0].Last != "" {
		t.Errorf("who never came: %+v, %v", never.Items, err)
	}
}
