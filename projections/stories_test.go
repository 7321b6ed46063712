package projections_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/projections"
)

// accept takes a new proposal as far as the OPD's acceptance.
func (t *town) accept(opd string, estimate domain.Rupiah) *card {
	c := t.submitAt("99.01.01.2001", opd, estimate)
	t.prioritize(c)
	t.one(c, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: t.forum + "/L1", Rank: 4, Of: 38, Cutoff: 20}, Forum: t.forum})
	t.one(c, &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: t.forum, SubKegiatan: "1.03.10", Volume: domain.Volume{Amount: "5", Unit: "m"}, Estimate: estimate * 9 / 10, Change: t.text("lebih pendek")})
	return c
}

func (t *town) steps(c *card) []projections.Step {
	t.world.t.Helper()
	page, err := projections.Timeline{DB: t.pool}.Of(t.world.t.Context(), c.number, "", 100)
	if err != nil {
		t.world.t.Fatal(err)
	}
	return page.Items
}

func TestTimelineTellsOldAndNew(t *testing.T) {
	d, run := newDesk(t)
	c := d.accept("1.03", 1000)
	d.catchUp(run)
	steps := d.steps(c)
	last := steps[len(steps)-1]
	want := []projections.Change{{Field: "sub_kegiatan", Old: "", New: "1.03.10"}, {Field: "estimate", Old: "1000", New: "900"}, {Field: "accepted", Old: "", New: "900"}}
	for _, w := range want {
		if !slices.Contains(last.Changes, w) {
			t.Errorf("acceptance changes %v, want %v among them", last.Changes, w)
		}
	}
	if last.From != "at_opd" || last.To != "accepted" || last.Minor || last.Forum != d.forum || last.Role != "planner" || len(last.Words) != 1 {
		t.Errorf("acceptance: %+v", last)
	}
	if rank := steps[2].Rank; rank == nil || rank.Rank != 4 || rank.Of != 38 || rank.Forum != d.forum || rank.List != "L1" {
		t.Errorf("rank: %+v", rank)
	}
	if docs := steps[0].Docs; len(docs) != 1 || docs[0].Name != "attachments" {
		t.Errorf("documents of the submission: %+v", docs)
	}
}

func TestLateAndCorrectedEventsAreWovenIn(t *testing.T) {
	d, run := newDesk(t)
	c := d.submitAt("99.01.01.2001", "1.03", 1000)
	d.prioritize(c)
	d.catchUp(run)
	before := d.now.Add(-30 * time.Minute) // between the submission and the ranking
	d.act(planner, fact{stream: c.stream, at: domain.Moment(before), event: &proposal.Revised{Step: step("submitted", "desa"), Idea: proposal.Idea{Estimate: 700}}})
	d.catchUp(run)
	steps := d.steps(c)
	if steps[1].Type != "proposal.revised" || !steps[1].Late || steps[1].From != "submitted" || steps[2].To != "at_kecamatan" {
		t.Errorf("a late revision: %+v", steps)
	}
	if p, err := (projections.Proposals{DB: d.pool}).Get(t.Context(), c.number); err != nil || p.Value.State != "at_kecamatan" || p.Value.Estimate != 700 {
		t.Errorf("after a late revision: %+v, %v", p.Value.Proposal, err)
	}
	ranked := steps[2].Event
	d.one(c, &proposal.Corrected{Step: step("", ""), Target: ranked, Action: event.Void, Reason: d.text("salah"), SecondApprover: "p-second"})
	d.catchUp(run)
	steps = d.steps(c)
	if steps[2].Corrected != "void" || steps[2].CorrectedBy != steps[3].Position || steps[3].Correction != "void" || steps[3].Target != ranked {
		t.Errorf("a voided ranking: %+v", steps[2:])
	}
	if p, err := (projections.Proposals{DB: d.pool}).Get(t.Context(), c.number); err != nil || p.Value.State != "submitted" {
		t.Errorf("after the void: %v, %v", p.Value.State, err)
	}
	d.one(c, &proposal.Corrected{Step: step("", ""), Target: steps[1].Event, Action: event.Amend, Reason: d.text("salah"), SecondApprover: "p-second",
		With: proposal.Amend(&proposal.Revised{Step: step("submitted", "desa"), Idea: proposal.Idea{Estimate: 800}})})
	d.catchUp(run)
	steps = d.steps(c)
	amendment := steps[len(steps)-1]
	if steps[1].Corrected != "amend" || !slices.Contains(steps[1].Changes, projections.Change{Field: "estimate", Old: "1000", New: "800"}) ||
		!slices.Contains(amendment.Changes, projections.Change{Field: "estimate", Old: "700", New: "800"}) {
		t.Errorf("an amended revision: %+v\nby %+v", steps[1], amendment)
	}
}

// The order to close a text takes effect at once, whether or not the log has
// taken the text away by then.
func TestClosedTextIsGoneEverywhere(t *testing.T) {
	d, run := newDesk(t)
	d.text = func(string) domain.Text { return domain.Text{Masked: "Rahasia Kenari"} }
	c := d.accept("1.03", 1000)
	d.policy(cycle.Publishable...)
	d.publish(everywhere, "")
	d.catchUp(run)
	if n := strings.Count(d.dump(), "Rahasia Kenari"); n < 6 {
		t.Fatalf("the text stands in %d places, want it in the lists, the timeline, the feed and public", n)
	}
	target := d.streams()[c.stream][0]
	d.one(c, &proposal.TextRedacted{Step: step("", ""), Target: target.ID.String(), Field: "/title", Ground: domain.Document{Kind: "surat"}, SecondApprover: "p-second"})
	d.catchUp(run)
	p, err := projections.Proposals{DB: d.pool}.Get(t.Context(), c.number)
	if err != nil || p.Value.Title != "" || p.Value.Problem == "" {
		t.Errorf("title %q, problem %q, %v; want the title alone gone", p.Value.Title, p.Value.Problem, err)
	}
	public, err := projections.Public{DB: d.pool}.Get(t.Context(), c.number)
	if err != nil || public.Value.Title != "" {
		t.Errorf("public title %q, %v", public.Value.Title, err)
	}
	feed, err := projections.Feed{DB: d.pool}.Accepted(t.Context(), "1.03", 0, 10)
	if err != nil || len(feed.Items) != 2 || feed.Items[0].Title != "" || feed.Items[1].Subject != "erased" || feed.Items[1].Target != target.ID {
		t.Errorf("feed %+v, %v", feed.Items, err)
	}
	ordered := d.dump()
	head, err := d.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.store.CloseText(t.Context(), target.Position, "/title", head); err != nil {
		t.Fatal(err)
	}
	if err := run.Rebuild(t.Context(), nil, nil); err != nil {
		t.Fatal(err)
	}
	if diff := diffLines(ordered, d.dump()); diff != "" {
		t.Errorf("closing the text in the log changed rows:\n%s", diff)
	}
}

func TestFeedOfAnOPD(t *testing.T) {
	d, run := newDesk(t)
	c := d.accept("1.03", 1000)
	other := d.accept("1.01", 500)
	d.one(c, &proposal.Agreed{Step: step("agreed", "kabupaten"), Ranking: proposal.Ranking{List: d.forum + "/L9", Rank: 1}, Forum: d.forum})
	d.one(c, &proposal.LeftOut{Step: step("left_out", "rkpd"), Reason: "PAG-KURANG"})
	d.one(c, &proposal.Reinstated{Step: step("agreed", ""), Resume: "agreed", Ground: "reopening", Document: domain.Document{Kind: "sk"}, Cause: "x"})
	d.one(c, &proposal.Corrected{Step: step("", ""), Target: c.events[3], Action: event.Void, Reason: d.text("salah"), SecondApprover: "p-second"})
	d.one(c, &proposal.Verified{Step: step("", ""), Kind: "lapangan", Result: "pass"})
	d.one(other, &proposal.Transferred{Step: step("at_opd", "forum_opd"), From: "1.01", To: "1.03", Reason: d.text("urusan"), Forum: d.forum})
	d.catchUp(run)
	read := func(opd string, after int64, limit int) (out []string, last int64) {
		t.Helper()
		page, err := projections.Feed{DB: d.pool}.Accepted(t.Context(), opd, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range page.Items {
			if !n.Demo || n.OPD != opd {
				t.Errorf("notice %+v", n)
			}
			out = append(out, fmt.Sprint(n.Subject, " ", n.State, " ", n.To))
			last = n.Position
		}
		return out, last
	}
	got, _ := read("1.03", 0, 100)
	want := []string{"accepted accepted ", "changed agreed ", "lost left_out ", "restored agreed ", "corrected agreed "}
	if !slices.Equal(got, want) {
		t.Errorf("feed of 1.03 = %q, want %q: after the acceptance is void nothing more", got, want)
	}
	if got, _ := read("1.01", 0, 100); !slices.Equal(got, []string{"accepted accepted ", "transferred_away at_opd 1.03"}) {
		t.Errorf("feed of 1.01 = %q", got)
	}
	var paged []string
	for at := int64(0); ; {
		some, last := read("1.03", at, 2)
		if len(some) == 0 {
			break
		}
		paged, at = append(paged, some...), last
	}
	if !slices.Equal(paged, want) {
		t.Errorf("by pages %q", paged)
	}
}

func TestInboxOfAnOPD(t *testing.T) {
	d, run := newDesk(t)
	early := d.now.AddDate(0, 0, 3)
	d.do(planner, fact{stream: cycle.Stream(2027), event: &cycle.WindowOpened{Window: "forum_opd", Scope: domain.Scope{Kind: domain.ScopeOPD, Code: "1.01"}, OpensAt: d.now, ClosesAt: early}})
	var at []*card
	for _, opd := range []string{"1.03", "1.01", "1.03"} {
		c := d.submitAt("99.01.02.2001", opd, 800)
		d.prioritize(c)
		d.one(c, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: d.forum + "/L1", Rank: 4, Of: 38}, Forum: d.forum})
		d.one(c, &proposal.Verified{Step: step("", ""), Kind: "administrasi", Result: "pass"})
		at = append(at, c)
	}
	d.one(at[2], &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: d.forum, SubKegiatan: "1", Volume: domain.Volume{Amount: "5", Unit: "m"}, Estimate: 600})
	d.catchUp(run)
	read := projections.Inbox{DB: d.pool}
	page, err := read.List(t.Context(), "1.01", projections.InboxFilter{AsOf: early.Add(time.Hour)}, "", 10)
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d wait for 1.01, %v", len(page.Items), err)
	}
	x := page.Items[0]
	if x.Number != at[1].number || x.Closes == nil || !x.Closes.Equal(early) || !x.Overdue || x.Rank != 4 || x.Fit.Paper != "pass" || !x.Fit.Located {
		t.Errorf("waiting: %+v", x)
	}
	page, err = read.List(t.Context(), "1.03", projections.InboxFilter{Cycle: 2027, AsOf: d.now}, "", 10)
	if err != nil || len(page.Items) != 1 || page.Items[0].Number != at[0].number || page.Items[0].Overdue || page.Items[0].Closes == nil {
		t.Errorf("waiting for 1.03: %+v, %v", page.Items, err)
	}
	sum, err := read.Summary(t.Context(), "1.03", 2027, d.now)
	if err != nil {
		t.Fatal(err)
	}
	want := projections.InboxSummary{OPD: "1.03", Cycle: 2027, Waiting: 1, Accepted: 1, Ceiling: 5_000_000_000, AcceptedRupiah: 600, WaitingRupiah: 800, Closes: page.Items[0].Closes}
	if got := sum.Value; got.Closes == nil || !got.Closes.Equal(*want.Closes) || got != withCloses(want, got.Closes) {
		t.Errorf("summary %+v, want %+v", got, want)
	}
	d.do(planner, fact{stream: cycle.Stream(2027), event: &cycle.WindowExtended{Window: "forum_opd", Scope: domain.Scope{Kind: domain.ScopeOPD, Code: "1.01"}, ClosesAt: early.AddDate(0, 1, 0), Decree: domain.Document{Kind: "sk"}}})
	d.catchUp(run)
	if page, err = read.List(t.Context(), "1.01", projections.InboxFilter{AsOf: early.Add(time.Hour)}, "", 10); err != nil || page.Items[0].Overdue {
		t.Errorf("after the window was extended: %+v, %v", page.Items, err)
	}
}

func withCloses(s projections.InboxSummary, t *time.Time) projections.InboxSummary {
	s.Closes = t
	return s
}

// A component that is given no weight when the parent is funded was not funded.
func TestComponentWithoutWeightIsDropped(t *testing.T) {
	d, run := newDesk(t)
	a := d.submitAt("99.01.01.2001", "1.03", 300)
	b := d.submitAt("99.01.01.2002", "1.03", 100)
	d.prioritize(a, b)
	d.merge("at_kecamatan", "kecamatan")
	p := d.cards[a.parent]
	d.one(p, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: d.forum + "/L1", Rank: 1}})
	d.one(p, &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: d.forum, SubKegiatan: "1", Volume: domain.Volume{Amount: "5", Unit: "m"}, Estimate: 250,
		Components: []proposal.Component{{Child: b.number, Weight: 0, Reason: "KMP-HAPUS"}}})
	d.one(p, &proposal.Funded{Step: step("funded", "apbd"), Allocation: proposal.Allocation{Amount: 240}, Line: "L1", Account: "5", Source: "DAU"})
	d.catchUp(run)
	read := projections.Funnel{DB: d.pool}
	kept, err := read.Origin(t.Context(), a.number)
	if err != nil || kept.Value.Fate != "funded" || kept.Value.Granted != 240 {
		t.Errorf("the kept one: %+v, %v", kept.Value, err)
	}
	dropped, err := read.Origin(t.Context(), b.number)
	if err != nil || dropped.Value.Fate != "dropped" || dropped.Value.Granted != 0 || dropped.Value.Shares[0].Reason != "KMP-HAPUS" {
		t.Errorf("the dropped one: %+v, %v", dropped.Value, err)
	}
	card, err := projections.Proposals{DB: d.pool}.Get(t.Context(), b.number)
	if err != nil || card.Value.Fate != "dropped" || card.Value.Reason != "KMP-HAPUS" || card.Value.Kind != "act" {
		t.Errorf("its card: %+v, %v", card.Value.Proposal, err)
	}
	family, err := projections.Lineage{DB: d.pool}.Of(t.Context(), b.number)
	if err != nil || !slices.ContainsFunc(family.Value.Edges, func(e projections.Edge) bool { return e.From == b.number && e.Ended && e.Reason == "KMP-HAPUS" }) {
		t.Errorf("its family: %+v, %v", family.Value.Edges, err)
	}
}

func TestForumShowsItsListsAndMinutes(t *testing.T) {
	d, run := newDesk(t)
	scope := kecamatan(1)
	entries := []forum.Entry{{Proposal: "U-27-A", Score: 9}, {Proposal: "U-27-B", Score: 7}}
	d.do(planner, fact{stream: d.forum, event: &forum.AttendanceRecorded{Register: "2025", Present: []forum.Attended{{Code: "99.01.01.2001", Channel: "daring"}}, Absent: []string{"99.01.01.2002"}}})
	d.do(planner, fact{stream: d.forum, event: &forum.ListRanked{List: "L1", Stage: "kecamatan", Scope: scope, Entries: entries}})
	d.do(planner, fact{stream: d.forum, event: &forum.ListFinalized{List: "L1", Stage: "kecamatan", Scope: scope, Entries: entries, Cutoff: 1, Used: 1, Limit: forum.Limit{Kind: "quota", Value: 1}}})
	d.do(planner, fact{stream: d.forum, event: &forum.ListRanked{List: "L3", Stage: "kecamatan", Scope: scope, Entries: entries[:1]}})
	d.do(planner, fact{stream: d.forum, event: &forum.MinutesIssued{Number: "BA-1", Covers: []string{"U-27-A"}, Digest: "ee"}})
	d.catchUp(run)
	read := projections.Forums{DB: d.pool}
	page, err := read.List(t.Context(), projections.ForumFilter{Cycle: 2027, Stage: []string{"kecamatan"}, Scope: scope, Open: true}, "", 10)
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d forums, %v", len(page.Items), err)
	}
	if f := page.Items[0]; f.Lists != 1 || f.Drafts != 1 || f.Decided != 2 || f.Present != 1 || f.Absent != 1 || f.Signed {
		t.Errorf("forum %+v", f)
	}
	d.do(planner, fact{stream: d.forum, event: &forum.ListFinalized{List: "L2", Stage: "kecamatan", Scope: scope, Entries: entries[1:], Cutoff: 1, Supersedes: "L1"}})
	d.do(planner, fact{stream: d.forum, event: &forum.Corrected{List: "L2", Entries: entries, Cutoff: 2, Reason: d.text("salah"), SecondApprover: "p-second"}})
	d.do(planner, fact{stream: d.forum, event: &forum.MinutesSigned{Document: domain.Document{Kind: "berita_acara", Number: "BA-1"}, Signers: []string{"camat@Kantor"}}})
	d.catchUp(run)
	got, err := read.Get(t.Context(), d.forum)
	if err != nil {
		t.Fatal(err)
	}
	var lists []string
	for _, l := range got.Value.Ranked {
		lists = append(lists, fmt.Sprint(l.Name, " ", l.Status, " ", l.By, " ", l.Cutoff, " ", l.Corrected))
	}
	if want := []string{"L1 superseded L2 1 false", "L3 draft  0 false", "L2 final  2 true"}; !slices.Equal(lists, want) {
		t.Errorf("lists %q, want %q", lists, want)
	}
	if m := got.Value.Minutes; !got.Value.Signed || len(m) != 1 || m[0].Document == nil || m[0].Digest != "ee" || len(got.Value.Attended) != 1 {
		t.Errorf("minutes %+v", m)
	}
}

func TestCycleShowsItsCalendar(t *testing.T) {
	d, run := newDesk(t)
	stream := cycle.Stream(2027)
	d.do(planner, fact{stream: stream, event: &cycle.WindowClosed{Window: "kecamatan", Scope: kecamatan(1), ClosesAt: d.now, ClosedBy: "planner@Bappeda", Waiting: 3}})
	d.do(planner, fact{stream: stream, event: &cycle.WindowReopened{Window: "kecamatan", Scope: kecamatan(1), ClosesAt: d.now.AddDate(0, 1, 0), Decree: domain.Document{Kind: "sk", Number: "8"}, Closing: "x"}})
	d.do(planner, fact{stream: stream, event: &cycle.DocumentAdopted{Kind: "rkpd", Document: domain.Document{Kind: "perbup", Number: "1"}, Lines: 4, Total: 900}})
	d.policy("number")
	d.publish(kecamatan(1), "kecamatan")
	d.catchUp(run)
	read := projections.Cycles{DB: d.pool}
	all, err := read.List(t.Context())
	if err != nil || len(all.Items) != 2 || all.Items[0].Year != 2028 || !all.Items[1].Demo {
		t.Fatalf("cycles %+v, %v", all.Items, err)
	}
	got, err := read.Get(t.Context(), 2027)
	if err != nil {
		t.Fatal(err)
	}
	if x := got.Value; len(x.Ceilings) != 1 || x.Ceilings[0].Value != 5_000_000_000 || len(x.Documents) != 1 || x.Documents[0].Total != 900 || x.Policy == nil || len(x.Releases) != 1 || x.Releases[0].Position == 0 || len(x.Words) != 1 {
		t.Errorf("cycle %+v", x)
	}
	windows, err := read.Windows(t.Context(), 2027, projections.WindowFilter{Window: []string{"kecamatan"}}, "", 10)
	if err != nil || len(windows.Items) != 2 {
		t.Fatalf("windows %+v, %v", windows.Items, err)
	}
	if w := windows.Items[1]; w.Scope != kecamatan(1) || w.Shut || w.Reopened != 1 || w.Waiting != 3 || w.Decree.Number != "8" || !w.Open(d.now) {
		t.Errorf("the re-opened window: %+v", w)
	}
	if w := windows.Items[0]; w.Decree.Number != "" || w.Reopened != 0 {
		t.Errorf("the one for all: %+v", w)
	}
	public, err := projections.Public{DB: d.pool}.Cycles(t.Context())
	if err != nil || len(public.Value) != 2 || len(public.Value[1].Releases) != 1 || len(public.Value[1].Documents) != 0 || len(public.Value[1].Windows) < 5 {
		t.Errorf("public cycles %+v, %v", public.Value, err)
	}
}

func TestRegisterKeepsEditions(t *testing.T) {
	d, run := newDesk(t)
	d.do(planner, fact{stream: reference.Stream("opd"), event: &reference.EditionPublished{Register: "opd", Edition: "2026", ValidFrom: "2026-01-01", Digest: "00", Rows: 1, Part: 1, Parts: 1,
		Entries: []reference.Entry{{Code: "1.03", Name: "Dinas Bina Marga", Facts: map[string]string{"kind": "dinas"}}}}})
	d.catchUp(run)
	read := projections.Register{DB: d.pool}
	names, err := read.Names(t.Context(), "opd", "1.03", "1.01", "9.99")
	if err != nil || names.Value["1.03"] != "Dinas Bina Marga" || names.Value["1.01"] != "Dinas Pendidikan" || len(names.Value) != 2 {
		t.Errorf("names %v, %v", names.Value, err)
	}
	old, err := read.Get(t.Context(), "opd", "2025", "1.03")
	if err != nil || old.Value.Name != "Dinas Pekerjaan Umum" {
		t.Errorf("the name of 2025: %+v, %v", old.Value, err)
	}
	now, err := read.Get(t.Context(), "opd", "", "1.03")
	if err != nil || now.Value.Facts["kind"] != "dinas" {
		t.Errorf("the entry of today: %+v, %v", now.Value, err)
	}
	editions, err := read.Editions(t.Context(), "opd")
	if err != nil || len(editions.Value) != 2 || editions.Value[0].Edition != "2026" || editions.Value[0].Seen != 1 {
		t.Errorf("editions %+v, %v", editions.Value, err)
	}
	page, err := read.List(t.Context(), "wilayah", "", "99.01.01", "", 3)
	if err != nil || len(page.Items) != 3 || page.Next == "" {
		t.Errorf("villages %+v, %v", page.Items, err)
	}
	found, err := read.Search(t.Context(), "kamus", "berkal jln", 5)
	if err != nil || len(found.Value) != 1 || found.Value[0].Facts["opd"] != "1.03" {
		t.Errorf("found %+v, %v", found.Value, err)
	}
	public, err := projections.Public{DB: d.pool}.Names(t.Context(), "opd", "1.03")
	if err != nil || public.Value["1.03"] != "Dinas Bina Marga" {
		t.Errorf("public names %v, %v", public.Value, err)
	}
	if hits, err := (projections.Public{DB: d.pool}).Search(t.Context(), "wilayah", "sukamaju", 50); err != nil || len(hits.Value) != 15 {
		t.Errorf("public search finds %d, %v", len(hits.Value), err)
	}
}
