package projections_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/projections"
)

// A desk is a town in which the test itself says what happens.
func newDesk(t testing.TB) (*town, *projections.Runner) {
	t.Helper()
	w := newWorld(t)
	run := w.runner(projections.All...)
	w.catchUp(run)
	return newTown(w, 1), run
}

func (t *town) submitAt(village, opd string, estimate domain.Rupiah) *card {
	c := t.newCard(2027)
	c.village, c.opd, c.estimate = village, opd, estimate
	t.act(planner, fact{stream: c.stream, event: &proposal.Submitted{Step: step("submitted", "desa"), Lane: proposal.Musrenbang, Idea: t.idea(village, opd, estimate)}})
	return c
}

func (t *town) prioritize(cards ...*card) {
	for _, c := range cards {
		t.one(c, &proposal.Prioritized{Step: step("at_kecamatan", "desa"), Ranking: proposal.Ranking{List: t.forum + "/L1", Rank: 1, Of: 9, Cutoff: 4}, Forum: t.forum})
	}
}

func (t *town) policy(fields ...string) {
	t.do(planner, fact{stream: cycle.Stream(2027), event: &cycle.PublicationPolicySet{Fields: fields}})
}

func (t *town) publish(scope domain.Scope, stage string) []int64 {
	ids := t.do(planner, fact{stream: cycle.Stream(2027), event: &cycle.PublicationReleased{Scope: scope, Stage: stage}})
	var at int64
	if err := t.pool.QueryRow(t.world.t.Context(), `select position from events where event_id = $1`, ids[0]).Scan(&at); err != nil {
		t.world.t.Fatal(err)
	}
	t.released = ids[0]
	return []int64{at}
}

func kecamatan(n int) domain.Scope {
	return domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatans[n-1]}
}

var everywhere = domain.Scope{Kind: domain.ScopeKabupaten}

// open are all fields but the title.
var open = slices.DeleteFunc(slices.Clone(cycle.Publishable), func(f string) bool { return f == "title" })

func TestNothingIsPublicBeforeItIsReleased(t *testing.T) {
	d, run := newDesk(t)
	public := projections.Public{DB: d.pool}
	a := d.submitAt("99.01.01.2001", "1.03", 300)
	b := d.submitAt("99.01.02.2001", "1.03", 100)
	listed := func() []string {
		t.Helper()
		d.catchUp(run)
		page, err := public.List(t.Context(), projections.PublicFilter{}, "", "", 100)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, p := range page.Items {
			out = append(out, p.Number)
		}
		return out
	}
	expect := func(when string, want ...*card) {
		t.Helper()
		var numbers []string
		for _, c := range want {
			numbers = append(numbers, c.number)
		}
		slices.Sort(numbers)
		if got := listed(); !slices.Equal(got, numbers) {
			t.Errorf("%s: %v is public, want %v", when, got, numbers)
		}
	}
	expect("before any policy")
	d.publish(everywhere, "")
	expect("released without a policy")
	d.policy(open...)
	expect("with the policy set after the release", a, b)
	c := d.submitAt("99.01.01.2002", "1.03", 200)
	expect("handed in since", a, b)
	d.publish(kecamatan(2), "")
	expect("released for another kecamatan", a, b)
	d.publish(kecamatan(1), "")
	expect("released for its kecamatan", a, b, c)
	d.do(planner, fact{stream: cycle.Stream(2027), event: &cycle.Corrected{Target: d.released, Action: event.Void, Reason: d.text("keliru"), SecondApprover: "p-second"}})
	expect("the release taken back", a, b)
	d.policy("year", "lane")
	expect("a policy without numbers")
}

func TestPublicStateStandsWhereTheReleaseLeftIt(t *testing.T) {
	d, run := newDesk(t)
	public := projections.Public{DB: d.pool}
	c := d.submitAt("99.01.01.2001", "1.03", 300)
	d.prioritize(c)
	d.policy(open...)
	released := d.publish(everywhere, "")
	d.one(c, &proposal.Rejected{Step: step("rejected", "kecamatan"), Reason: "KWN-PROV", Text: d.text("bukan kewenangan"), Ground: "UU"})
	d.catchUp(run)
	p, err := public.Get(t.Context(), c.number)
	if err != nil {
		t.Fatal(err)
	}
	if p.Value.State != "at_kecamatan" || p.Value.Fate != projections.FateUnannounced || p.Value.Reason != "" || p.Value.ReleasedAt != released[0] {
		t.Errorf("after an unreleased rejection: %+v", p.Value)
	}
	unsaid, err := public.Explanation(t.Context(), c.number)
	if x := unsaid.Value; err != nil || x.Outcome != projections.FateUnannounced || len(x.Decisive) > 0 || x.Known != released[0] || x.AsOf.IsZero() {
		t.Errorf("explained before the rejection is released: %+v, %v", x, err)
	}
	steps, err := public.Timeline(t.Context(), c.number, "", 50)
	if err != nil || len(steps.Items) != 2 {
		t.Errorf("%d steps, %v; want the two released ones", len(steps.Items), err)
	}
	sum, err := public.Sum(t.Context(), projections.FunnelFilter{Cycle: 2027})
	if err != nil || len(sum.Value.Fates) != 1 || sum.Value.Fates[0].Fate != projections.FateUnannounced || !sum.Value.Balanced() {
		t.Errorf("public sum %+v, %v", sum.Value, err)
	}
	d.publish(everywhere, "kecamatan")
	d.catchUp(run)
	if p, err = public.Get(t.Context(), c.number); err != nil || p.Value.State != "rejected" || p.Value.Fate != "dropped" || p.Value.Reason != "KWN-PROV" || p.Value.Kind != "act" {
		t.Errorf("after its release: %+v, %v", p.Value, err)
	}
	why, err := public.Explanation(t.Context(), c.number)
	if x := why.Value; err != nil || x.Outcome != history.Dropped || x.Kind != history.ByAct || len(x.Decisive) != 1 || x.Decisive[0].Reason.Code != "KWN-PROV" || x.Decisive[0].Reason.Text+x.Decisive[0].Reason.Ground != "" {
		t.Errorf("explained after its release: %+v, %v", x, err)
	}
	reasons, err := public.Reasons(t.Context(), projections.FunnelFilter{Cycle: 2027})
	if err != nil || len(reasons.Value) != 1 || reasons.Value[0].Reason != "KWN-PROV" {
		t.Errorf("public reasons %+v, %v", reasons.Value, err)
	}
	since, err := public.Since(t.Context(), "0-0", projections.PublicSince{}, 50)
	if err != nil || len(since.Items) != 3 || since.Items[2].Type != "proposal.rejected" || since.Items[2].Released <= released[0] {
		t.Errorf("facts as they became public: %+v, %v", since.Items, err)
	}
}

func TestReleaseOfAStageKeepsLaterStagesBack(t *testing.T) {
	d, run := newDesk(t)
	c := d.submitAt("99.01.01.2001", "1.03", 300)
	d.prioritize(c)
	d.one(c, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: d.forum + "/L1", Rank: 2, Of: 9, Cutoff: 4}, Forum: d.forum})
	d.one(c, &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: d.forum, SubKegiatan: "1.03.10", Volume: domain.Volume{Amount: "1", Unit: "m"}, Estimate: 250})
	d.policy(open...)
	d.publish(everywhere, "kecamatan")
	d.catchUp(run)
	p, err := projections.Public{DB: d.pool}.Get(t.Context(), c.number)
	if err != nil || p.Value.State != "at_opd" || p.Value.Accepted != 0 || p.Value.Estimate != 300 || p.Value.ReleasedStage != "kecamatan" {
		t.Errorf("up to kecamatan: %+v, %v", p.Value, err)
	}
}

func TestMergeAcrossKecamatanWaitsForAllOfItsChildren(t *testing.T) {
	d, run := newDesk(t)
	public := projections.Public{DB: d.pool}
	a := d.submitAt("99.01.01.2001", "1.03", 300)
	b := d.submitAt("99.01.02.2001", "1.03", 100)
	for _, c := range []*card{a, b} {
		d.one(c, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: d.forum + "/L1", Rank: 1}})
	}
	d.merge("at_opd", "forum_opd")
	parent := d.cards[a.parent]
	d.policy(open...)
	d.publish(kecamatan(1), "")
	d.catchUp(run)
	p, err := public.Get(t.Context(), a.number)
	if err != nil || p.Value.State != "merged" || p.Value.Parent != "" || p.Value.Hidden != 1 || p.Value.Fate != projections.FateUnannounced {
		t.Errorf("child whose parent waits: %+v, %v", p.Value, err)
	}
	if _, err := public.Get(t.Context(), parent.number); err == nil {
		t.Error("the parent is public before its other child is")
	}
	hidden := strings.Contains(d.publicDump(), parent.number) || strings.Contains(d.publicDump(), b.number)
	if hidden {
		t.Error("the number of a relative that was not released stands in a public table")
	}
	d.publish(kecamatan(2), "")
	d.catchUp(run)
	if p, err = public.Get(t.Context(), a.number); err != nil || p.Value.Parent != parent.number || p.Value.Hidden != 0 {
		t.Errorf("child when all are released: %+v, %v", p.Value, err)
	}
	family, err := public.Lineage(t.Context(), b.number)
	if err != nil || len(family.Value.Nodes) != 3 || len(family.Value.Edges) != 2 || family.Value.Nodes[2].Number != parent.number {
		t.Errorf("family when all are released: %+v, %v", family.Value, err)
	}
}

func TestPartOfWhatIsHiddenIsHidden(t *testing.T) {
	d, run := newDesk(t)
	c := d.submitAt("99.01.01.2001", "1.03", 300)
	d.one(c, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: proposal.Ranking{List: d.forum + "/L1", Rank: 1}})
	d.split()
	part := d.cards[d.order[len(d.order)-1]]
	d.one(part, &proposal.Transferred{Step: step("", "forum_opd"), From: part.opd, To: "2.10", Reason: d.text("urusan"), Forum: d.forum})
	d.policy(open...)
	d.publish(domain.Scope{Kind: domain.ScopeOPD, Code: "2.10"}, "")
	d.catchUp(run)
	if dump := d.publicDump(); strings.Contains(dump, part.number) || strings.Contains(dump, c.number) {
		t.Error("a part tells of a whole that was not released")
	}
	d.publish(domain.Scope{Kind: domain.ScopeOPD, Code: "1.03"}, "")
	d.catchUp(run)
	family, err := projections.Public{DB: d.pool}.Lineage(t.Context(), part.number)
	if err != nil || family.Value.Nodes[0].Number != c.number || family.Value.Hidden == 0 && len(family.Value.Nodes) < len(d.order) {
		t.Errorf("family %+v, %v", family.Value, err)
	}
	sum, err := projections.Public{DB: d.pool}.Sum(t.Context(), projections.FunnelFilter{Cycle: 2027})
	if err != nil || sum.Value.Origins != 1 || !sum.Value.Balanced() || sum.Value.Unattributed != 0 {
		t.Errorf("sum %+v, %v", sum.Value, err)
	}
}

func TestPolicyIsAnAllowList(t *testing.T) {
	d, run := newDesk(t)
	public := projections.Public{DB: d.pool}
	c := d.submitAt("99.01.01.2001", "1.03", 300)
	d.prioritize(c)
	d.publish(everywhere, "")
	d.policy("number", "kecamatan")
	d.catchUp(run)
	p, err := public.Get(t.Context(), c.number)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Value
	if got.Kecamatan != "99.01.01" || got.Village != "" || got.OPD != "" || got.State != "" || got.Asked != 0 || got.Volume != (domain.Volume{}) || got.Lane != "" || got.Rank != 0 || got.Fate != "" || got.Title != "" {
		t.Errorf("with number and kecamatan alone: %+v", got)
	}
	if steps, err := public.Timeline(t.Context(), c.number, "", 50); err != nil || len(steps.Items) != 0 {
		t.Errorf("%d steps without a timeline in the policy, %v", len(steps.Items), err)
	}
	d.policy("number", "title")
	d.catchUp(run)
	if p, err = public.Get(t.Context(), c.number); err != nil || !strings.HasPrefix(p.Value.Title, "Perbaikan") || p.Value.Kecamatan != "" {
		t.Errorf("with number and title: %+v, %v", p.Value, err)
	}
	steps, err := public.Timeline(t.Context(), c.number, "", 50)
	if err != nil || len(steps.Items) != 0 {
		t.Errorf("%d steps, %v", len(steps.Items), err)
	}
	d.policy("number", "timeline", "document")
	d.catchUp(run)
	if steps, err = public.Timeline(t.Context(), c.number, "", 50); err != nil || len(steps.Items) != 2 || len(steps.Items[0].Changes) != 0 || steps.Items[0].To != "" {
		t.Errorf("steps under a narrow policy: %+v, %v", steps.Items, err)
	}
	if text := fmt.Sprintf("%+v", steps.Items); strings.Contains(text, "ab12") {
		t.Error("a digest is public")
	}
}

func TestPublicRoleSeesNothingElse(t *testing.T) {
	d, run := newDesk(t)
	d.catchUp(run)
	conn, err := d.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), `set role runut_public`); err != nil {
		t.Fatal(err)
	}
	defer conn.Exec(t.Context(), `reset role`)
	for _, table := range []string{"read.proposals", "read.timeline", "public.events", "public_v3.proposals", "public_v3.tracked_private", "projections.generations", "vault.keys", "read.positions"} {
		_, err := conn.Exec(t.Context(), `select count(*) from `+table)
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" {
			t.Errorf("select from %s: %v, want permission denied", table, err)
		}
	}
	if _, err := conn.Exec(t.Context(), `select count(*) from public_read.proposals`); err != nil {
		t.Error(err)
	}
	if _, err := conn.Exec(t.Context(), `delete from public_read.proposals`); err == nil {
		t.Error("the public role may delete")
	}
}

// publicDump returns every row that the public role can select.
func (w *world) publicDump() string {
	w.t.Helper()
	var b strings.Builder
	section := ""
	for line := range strings.Lines(w.dump()) {
		if name, ok := strings.CutPrefix(line, "-- "); ok {
			section = strings.TrimSpace(name)
		}
		if strings.HasPrefix(section, "public.") && section != "public.tracked_private" {
			b.WriteString(line)
		}
	}
	if !strings.Contains(b.String(), "-- public.steps") {
		w.t.Fatal("the dump holds no public tables")
	}
	return b.String()
}
