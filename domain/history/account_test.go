package history_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

const million = 1_000_000

var amounts = []domain.Rupiah{0, 1, 7, 100, 1_000_003}

// asks appends a proposal of the musrenbang with an estimate.
func (b *book) asks(name string, estimate domain.Rupiah) {
	e := &proposal.Submitted{Step: proposal.Step{State: "at_opd", Stage: "forum_opd"}, Lane: proposal.Musrenbang}
	e.Village, e.OPD, e.Estimate = village, opd, estimate
	b.append(fact{proposal.Stream(number(name)), e})
}

func (b *book) funds(name, line string, amount domain.Rupiah, changed ...proposal.Component) {
	e := &proposal.Funded{Step: proposal.Step{State: "funded"}, Line: line, Components: changed}
	e.Amount = amount
	b.append(fact{proposal.Stream(number(name)), e})
}

// workedExample is the one of the semantics: A asks 300 and B 100 million, merged
// by 300:100 into P, which is split 70:30; P1 is funded with 210, P2 rejected by
// the province; C asks 200 and is deferred.
func workedExample() *book {
	b := newBook()
	b.asks("a", 300*million)
	b.asks("b", 100*million)
	b.asks("c", 200*million)
	b.tell("p=a,b:merge_opd")
	b.tell("x,y<p:split")
	b.funds("x", "1", 210*million)
	b.tell("y:refer")
	b.tell("y:answer_no")
	b.tell("c:defer")
	return b
}

// brief writes an account in one line.
func brief(a history.Account) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s asked %s is %s:", strings.TrimPrefix(a.Number, "U-27-"), a.Asked, a.Headline)
	for _, s := range a.Shares {
		fmt.Fprintf(&out, " %s in %s %s of %s", s.Part, strings.TrimPrefix(s.Leaf, "U-27-"), s.Fate, s.Asked)
		for _, amount := range []struct {
			name string
			domain.Rupiah
		}{{"granted", s.Granted}, {"cut", s.Cut}, {"uplift", s.Uplift}, {"moved", s.Moved}} {
			if amount.Rupiah != 0 {
				fmt.Fprintf(&out, " %s %s", amount.name, amount.Rupiah)
			}
		}
		out.WriteString(";")
	}
	return out.String()
}

func briefs(l *history.Lineage) []string {
	var out []string
	for a := range l.Accounts() {
		out = append(out, brief(a))
	}
	slices.Sort(out)
	return out
}

func TestTheWorkedExample(t *testing.T) {
	l := workedExample().lineage()
	want := []string{
		"a asked Rp300.000.000 is partly: 7/10 in x funded of Rp210.000.000 granted Rp157.500.000 cut Rp52.500.000; 3/10 in y dropped of Rp90.000.000;",
		"b asked Rp100.000.000 is partly: 7/10 in x funded of Rp70.000.000 granted Rp52.500.000 cut Rp17.500.000; 3/10 in y dropped of Rp30.000.000;",
		"c asked Rp200.000.000 is deferred: 1 in c deferred of Rp200.000.000;",
	}
	if d := cmp.Diff(want, briefs(l)); d != "" {
		t.Error(d)
	}
	got := history.SumOf(l.Accounts())
	wantSum := history.Sum{
		Origins: 3, Asked: 600 * million, Granted: 210 * million, Cut: 70 * million,
		Fates: map[history.Fate]history.Tally{
			history.Funded:   {Millionths: 1_400_000, Asked: 280 * million},
			history.Dropped:  {Millionths: 600_000, Asked: 120 * million},
			history.Deferred: {Millionths: 1_000_000, Asked: 200 * million},
		},
		Headlines: map[history.Fate]int{history.Partly: 2, history.Deferred: 1},
	}
	if d := cmp.Diff(wantSum, got); d != "" {
		t.Error(d)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
}

func TestAComponentThatIsDroppedIsNotFunded(t *testing.T) {
	b := newBook()
	b.asks("a", 300*million)
	b.asks("b", 100*million)
	b.tell("p=a,b:merge_opd")
	b.tell("p-a:accept")
	accepted := b.records[len(b.records)-1].ID
	for _, act := range []string{"p:agree", "p:include_rkpd", "p:include_ppas"} {
		b.tell(act)
	}
	b.funds("p", "1", 90*million)
	l := b.lineage()
	want := []string{
		"a asked Rp300.000.000 is dropped: 1 in a dropped of Rp300.000.000;",
		"b asked Rp100.000.000 is funded: 1 in p funded of Rp100.000.000 granted Rp90.000.000 cut Rp10.000.000;",
	}
	if d := cmp.Diff(want, briefs(l)); d != "" {
		t.Error(d)
	}
	a := byNumber(l)[number("a")].Shares[0]
	if a.Dropped != accepted {
		t.Errorf("dropped by %s, want the acceptance %s", a.Dropped, accepted)
	}
	if got := stages(a.Reached); got != "forum_opd" || chart().Stages[a.Stage] != "forum_opd" {
		t.Errorf("it came to %s and was dropped at %s", got, chart().Stages[a.Stage])
	}
	if got := stages(byNumber(l)[number("b")].Shares[0].Reached); got != "forum_opd kabupaten rkpd ppas apbd execution" {
		t.Errorf("the other came to %s", got)
	}
}

func TestADroppedComponentCameAsFarAsItsParent(t *testing.T) {
	b := newBook()
	b.asks("a", 300)
	b.asks("b", 100)
	for _, act := range []string{"p=a,b:merge_opd", "p:accept", "p:agree", "p:include_rkpd", "p:include_ppas"} {
		b.tell(act)
	}
	b.funds("p", "1", 90, proposal.Component{Child: number("a"), Weight: 0})
	a := byNumber(b.lineage())[number("a")].Shares[0]
	if got := stages(a.Reached); got != "forum_opd kabupaten rkpd ppas apbd" || chart().Stages[a.Stage] != "apbd" {
		t.Errorf("it came to %s and was dropped at %s", got, chart().Stages[a.Stage])
	}
}

func TestTheHeadline(t *testing.T) {
	for _, test := range []struct {
		x, y string // what becomes of 60 and of 40 hundredths, or of halves
		want history.Fate
		half history.Fate
	}{
		{"refer", "reject_opd", history.Pending, history.Pending},
		{"reject_opd", "refer", history.Dropped, history.Pending},
		{"defer", "reject_opd", history.Deferred, history.Deferred},
		{"reject_opd", "finance_elsewhere", history.Dropped, history.Elsewhere},
		{"withdraw", "reject_opd", history.Withdrawn, history.Dropped},
		{"reject_opd", "reject_opd", history.Dropped, history.Dropped},
	} {
		for _, weights := range [][]int64{{60, 40}, {1, 1}} {
			b := newBook()
			b.asks("a", 100)
			b.append(b.split("a", "split", []string{"x", "y"}, weights)...)
			b.tell("x:transfer")
			b.tell("x:" + test.x)
			b.tell("y:" + test.y)
			a := byNumber(b.lineage())[number("a")]
			want := test.want
			if weights[0] == 1 {
				want = test.half
			}
			if a.Headline != want {
				t.Errorf("%v %s, %s: %s, want %s", weights, test.x, test.y, a.Headline, want)
			}
			if a.OPD != "1.04" {
				t.Errorf("%s has the largest part, want 1.04", a.OPD)
			}
		}
	}
	b := newBook()
	b.asks("a", 100)
	b.append(b.split("a", "split", []string{"x", "y"}, []int64{40, 60})...)
	b.tell("y:transfer")
	if a := byNumber(b.lineage())[number("a")]; a.OPD != "1.04" {
		t.Errorf("%s has the largest part, want 1.04", a.OPD)
	}
}

// A part that says it is of somebody else leaves its weight with the whole.
func TestAPartThatDeniesItsWhole(t *testing.T) {
	b := newBook()
	b.asks("a", 100)
	b.asks("y", 50)
	facts := b.split("a", "split", []string{"x", "y"}, []int64{70, 30})
	b.append(facts[:2]...)
	want := []string{
		"a asked Rp100 is pending: 3/10 in a unknown of Rp30; 7/10 in x pending of Rp70;",
		"y asked Rp50 is pending: 1 in y pending of Rp50;",
	}
	if d := cmp.Diff(want, briefs(b.lineage())); d != "" {
		t.Error(d)
	}
}

func TestADroppedParentTakesItsComponentsAlong(t *testing.T) {
	b := newBook()
	for _, n := range []string{"a", "b", "c"} {
		b.asks(n, 100*million)
	}
	b.tell("p=a,b:merge_opd")
	b.tell("q=p,c:merge_opd")
	b.tell("q-p:accept")
	b.funds("q", "1", 100*million)
	want := []string{
		"a asked Rp100.000.000 is dropped: 1 in p dropped of Rp100.000.000;",
		"b asked Rp100.000.000 is dropped: 1 in p dropped of Rp100.000.000;",
		"c asked Rp100.000.000 is funded: 1 in q funded of Rp100.000.000 granted Rp100.000.000;",
	}
	if d := cmp.Diff(want, briefs(b.lineage())); d != "" {
		t.Error(d)
	}
}

// Weights that do not follow what was asked move money between origins. The
// leaf's own cut stays what it is.
func TestWeightsMoveMoney(t *testing.T) {
	for _, test := range []struct {
		weights []int64
		granted domain.Rupiah
		want    []string
	}{
		{[]int64{3, 1}, 200, []string{"a asked Rp300 is funded: 1 in p funded of Rp300 granted Rp150 cut Rp150;", "b asked Rp100 is funded: 1 in p funded of Rp100 granted Rp50 cut Rp50;"}},
		{[]int64{1, 3}, 200, []string{"a asked Rp300 is funded: 1 in p funded of Rp300 granted Rp50 cut Rp200 moved -Rp50;", "b asked Rp100 is funded: 1 in p funded of Rp100 granted Rp150 moved Rp50;"}},
		{[]int64{1, 1}, 800, []string{"a asked Rp300 is funded: 1 in p funded of Rp300 granted Rp400 uplift Rp100;", "b asked Rp100 is funded: 1 in p funded of Rp100 granted Rp400 uplift Rp300;"}},
		{[]int64{1, 2}, 100, []string{"a asked Rp300 is funded: 1 in p funded of Rp300 granted Rp33 cut Rp267;", "b asked Rp100 is funded: 1 in p funded of Rp100 granted Rp67 cut Rp33;"}},
		{[]int64{1, 1}, 401, []string{"a asked Rp300 is funded: 1 in p funded of Rp300 granted Rp201 moved -Rp99;", "b asked Rp100 is funded: 1 in p funded of Rp100 granted Rp200 uplift Rp1 moved Rp99;"}},
	} {
		b := newBook()
		b.asks("a", 300)
		b.asks("b", 100)
		b.append(b.merge("p", "merge_opd", []string{"a", "b"}, test.weights)...)
		b.funds("p", "1", test.granted)
		l := b.lineage()
		if d := cmp.Diff(test.want, briefs(l)); d != "" {
			t.Errorf("weights %v, granted %s: %s", test.weights, test.granted, d)
		}
		sum := history.SumOf(l.Accounts())
		if err := sum.Check(); err != nil || sum.Moved != 0 || sum.Cut != max(400-test.granted, 0) || sum.Uplift != max(test.granted-400, 0) {
			t.Errorf("weights %v, granted %s: %+v, %v", test.weights, test.granted, sum, err)
		}
	}
}

// What is named and not held is unknown; nothing fails and nothing is lost.
func TestWhatIsNotHeldIsUnknown(t *testing.T) {
	for _, test := range []struct {
		name    string
		without string
		want    []string
		unheld  []string
	}{
		{"the parent", "p", []string{
			"a asked Rp300.000.000 is unknown: 1 in a unknown of Rp300.000.000;",
			"b asked Rp100.000.000 is unknown: 1 in b unknown of Rp100.000.000;",
			"c asked Rp200.000.000 is deferred: 1 in c deferred of Rp200.000.000;",
			"p asked Rp0 is : 0 in x funded of Rp0 granted Rp210.000.000;",
		}, []string{"p"}},
		{"a component", "b", []string{
			"a asked Rp300.000.000 is partly: 7/10 in x funded of Rp210.000.000 granted Rp157.500.000 cut Rp52.500.000; 3/10 in y dropped of Rp90.000.000;",
			"b asked Rp0 is : 0 in x funded of Rp0 granted Rp52.500.000;",
			"c asked Rp200.000.000 is deferred: 1 in c deferred of Rp200.000.000;",
		}, []string{"b"}},
		{"a part", "x", []string{
			"a asked Rp300.000.000 is unknown: 7/10 in p unknown of Rp210.000.000; 3/10 in y dropped of Rp90.000.000;",
			"b asked Rp100.000.000 is unknown: 7/10 in p unknown of Rp70.000.000; 3/10 in y dropped of Rp30.000.000;",
			"c asked Rp200.000.000 is deferred: 1 in c deferred of Rp200.000.000;",
		}, []string{"x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			streams := workedExample().streams()
			delete(streams, proposal.Stream(number(test.without)))
			l := history.Trace(charts().Nodes(now, maps.All(streams)))
			if d := cmp.Diff(test.want, briefs(l)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{number(test.unheld[0])}, l.Unheld()); d != "" {
				t.Error(d)
			}
			sum := history.SumOf(l.Accounts())
			if err := sum.Check(); err != nil {
				t.Error(err)
			}
			if n, held := l.Node(number(test.without)); held || n.Root != history.Unheld || n.Fate != history.Unknown {
				t.Errorf("node %+v, held %v", n, held)
			}
		})
	}
}

// Two sides that contradict each other, as half an append at a position in its
// middle does, leave the weight where it is, unknown.
func TestHalfAMergeGoesNowhere(t *testing.T) {
	b := newBook()
	b.asks("a", 300)
	b.asks("b", 100)
	b.tell("p=a,b:merge_opd")
	for known, want := range map[int64][]string{
		2: {"a asked Rp300 is pending: 1 in a pending of Rp300;", "b asked Rp100 is pending: 1 in b pending of Rp100;"},
		3: {"a asked Rp300 is unknown: 1 in a unknown of Rp300;", "b asked Rp100 is pending: 1 in b pending of Rp100;"},
		5: {"a asked Rp300 is pending: 1 in p pending of Rp300;", "b asked Rp100 is pending: 1 in p pending of Rp100;"},
	} {
		l := history.Trace(charts().Nodes(event.View{Known: known}, maps.All(b.streams())))
		if d := cmp.Diff(want, briefs(l)); d != "" {
			t.Errorf("known at %d: %s", known, d)
		}
	}

	void := func(position int) []string {
		c := told(t)
		c.records = slices.Clone(b.records)
		struck := c.records[position-1]
		c.append(fact{struck.Stream, &proposal.Corrected{Target: struck.ID, Action: event.Void}})
		return briefs(c.lineage())
	}
	if d := cmp.Diff([]string{"a asked Rp300 is pending: 1 in a pending of Rp300;", "b asked Rp100 is pending: 1 in p pending of Rp100;"}, void(3)); d != "" {
		t.Errorf("a says it was never merged: %s", d)
	}
	if d := cmp.Diff([]string{"a asked Rp300 is unknown: 1 in a unknown of Rp300;", "b asked Rp100 is unknown: 1 in b unknown of Rp100;"}, void(5)); d != "" {
		t.Errorf("p was never formed: %s", d)
	}
}

func TestMoneyThatNobodyAskedFor(t *testing.T) {
	b := newBook()
	b.asks("a", 100)
	b.funds("a", "1", 80)
	e := &proposal.AppearedInBudget{Step: proposal.Step{State: "funded"}, Line: "2", OPD: opd}
	e.Amount = 55
	b.append(fact{proposal.Stream(number("z")), e})
	sum := history.SumOf(b.lineage().Accounts())
	if sum.Origins != 1 || sum.Granted != 80 || sum.WithoutProposal != 55 || sum.Check() != nil {
		t.Errorf("%+v, %v", sum, sum.Check())
	}
}

func TestASumThatLeaksIsFoundOut(t *testing.T) {
	for name, spoil := range map[string]func(*history.Sum, *history.Funnel){
		"rupiah lost": func(s *history.Sum, _ *history.Funnel) { s.Granted-- },
		"parts lost": func(s *history.Sum, _ *history.Funnel) {
			s.Fates[history.Dropped] = history.Tally{Asked: 120 * million}
		},
		"a headline lost":   func(s *history.Sum, _ *history.Funnel) { s.Headlines[history.Partly]-- },
		"asked out of thin": func(s *history.Sum, _ *history.Funnel) { s.Asked++; s.Granted++ },
		"a stage leaks":     func(_ *history.Sum, f *history.Funnel) { f.At[5].WentOn.Asked++ },
		"a fate leaks": func(s *history.Sum, f *history.Funnel) {
			s.Fates[history.Dropped], s.Fates[history.Deferred] = s.Fates[history.Deferred], s.Fates[history.Dropped]
		},
		"half is missing": func(s *history.Sum, _ *history.Funnel) { s.Origins++; s.Headlines[history.Pending]++ },
	} {
		l := workedExample().lineage()
		sum, funnel := history.SumOf(l.Accounts()), history.NewFunnel(chart())
		for a := range l.Accounts() {
			funnel.Add(a)
		}
		if sum.Check() != nil || funnel.Check(sum) != nil {
			t.Fatal("it leaks before it is spoiled")
		}
		spoil(&sum, funnel)
		if sum.Check() == nil && funnel.Check(sum) == nil {
			t.Errorf("%s, and nobody noticed", name)
		}
	}
}

func TestFatesFollowTheDefinition(t *testing.T) {
	for want, spec := range map[history.Fate]*workflow.StateSpec{
		"deferred":        {Final: workflow.FinalLost, Outcome: "deferred"},
		history.Dropped:   {Final: workflow.FinalLost},
		history.Withdrawn: {Final: workflow.FinalWithdrawn},
		history.Elsewhere: {Final: workflow.FinalElsewhere},
		history.Funded:    {Final: workflow.FinalDone, Goal: workflow.GoalFunded},
		history.Pending:   {Stage: "desa"},
		history.Unknown:   {Final: "exploded"},
		"":                {Final: workflow.FinalAbsorbed, FateFollows: "parts"},
	} {
		c := history.NewChart(altered(func(d *workflow.Definition) {
			d.States = maps.Clone(d.States)
			d.States["at_opd"] = spec
		}))
		if got := c.Fate("at_opd"); got != want {
			t.Errorf("in a state %+v its fate is %q, want %q", *spec, got, want)
		}
	}
	for state, want := range map[workflow.State]history.Fate{
		"below_line_kec": "pending", "late_entry": "pending", "funded": "funded", "unfinished": "funded", "elsewhere": "elsewhere", "rejected": "dropped",
		"left_out": "dropped", "lapsed": "dropped", "deferred": "deferred", "cancelled": "cancelled", "withdrawn": "withdrawn", "merged": "", "split": "", "dissolved": "", "": "unknown",
	} {
		if got := chart().Fate(state); got != want {
			t.Errorf("%s is %q, want %q", state, got, want)
		}
	}
}

func stages(s history.StageSet) string {
	var names []string
	for i := range s.All() {
		names = append(names, chart().Stages[i])
	}
	return strings.Join(names, " ")
}

func TestANodeSaysHowFarItCame(t *testing.T) {
	skipping := made("included_in_rkpd", proposal.Step{State: "in_rkpd", Via: proposal.Jump, Observed: &proposal.Observed{Source: "sipd", Skipped: []string{"prioritize_desa", "prioritize_kec", "accept", "agree"}}})
	for _, test := range []struct {
		name    string
		given   []string
		further proposal.Event
		reached string
		stage   string
		fate    history.Fate
	}{
		{"just handed in", []string{"u:submit"}, nil, "desa", "desa", history.Pending},
		{"rejected keeps the stage it was in", then(atOPD, "u:reject_opd"), nil, "desa kecamatan forum_opd", "forum_opd", history.Dropped},
		{"pulled back by a list", then(atOPD, "u:cut_kec"), nil, "desa kecamatan forum_opd", "kecamatan", history.Pending},
		{"a lane that begins late", []string{"u:submit_opd"}, nil, "kabupaten", "kabupaten", history.Pending},
		{"funded", fundedU, nil, "desa kecamatan forum_opd kabupaten rkpd ppas apbd execution", "execution", history.Funded},
		{"an import that jumps passed what it skipped", []string{"u:submit"}, skipping, "desa kecamatan forum_opd kabupaten rkpd ppas", "ppas", history.Pending},
		{"a state nobody knows", []string{"u:submit"}, made("rejected", proposal.Step{State: "dreaming"}), "desa", "desa", history.Unknown},
	} {
		b := told(t, test.given...)
		if test.further != nil {
			b.append(fact{proposal.Stream(number("u")), test.further})
		}
		n, _ := b.lineage().Node(number("u"))
		if stages(n.Reached) != test.reached || chart().Stages[n.Stage] != test.stage || n.Fate != test.fate {
			t.Errorf("%s: %q, in %s, %s", test.name, stages(n.Reached), chart().Stages[n.Stage], n.Fate)
		}
	}
}

func TestANodeKeepsItsLinesAndEdges(t *testing.T) {
	b := newBook()
	b.asks("a", 300)
	b.asks("b", 100)
	b.tell("p=a,b:merge_opd")
	merged := b.records[2:5]
	b.append(fact{proposal.Stream(number("p")), &proposal.Funded{Step: proposal.Step{State: "funded"}, Line: "7", LineTotal: 900, Allocation: proposal.Allocation{Amount: 80},
		Components: []proposal.Component{{Child: number("b"), Weight: 100}, {Child: number("a"), Weight: 0}}}})
	funded := b.records[5]
	b.append(fact{proposal.Stream(number("p")), &proposal.AmountRevised{Line: "7", Old: 80, New: 70}})
	n, _ := b.lineage().Node(number("p"))
	want := history.Node{
		Number: number("p"), Cycle: 2027, Lane: proposal.Musrenbang, Village: village, OPD: opd, Fate: history.Funded,
		Lines: []history.Line{{ID: "7", Amount: 70, Total: 900, Said: 6}},
		Edges: []history.Edge{
			{Kind: history.MergedInto, From: number("a"), To: number("p"), Event: merged[2].ID, Weighed: funded.ID, Reached: n.Edges[0].Reached, Stage: n.Edges[0].Stage},
			{Kind: history.MergedInto, From: number("b"), To: number("p"), Event: merged[2].ID, Weight: 100, Weighed: funded.ID, Stage: -1},
		},
		Reached: n.Reached, Stage: n.Stage,
	}
	if d := cmp.Diff(want, n); d != "" {
		t.Error(d)
	}
	if got := stages(n.Edges[0].Reached); got != "forum_opd" {
		t.Errorf("a came to %s with it", got)
	}
	if n.Granted() != 70 {
		t.Errorf("granted %s", n.Granted())
	}
}

func TestABudgetSetsDocumentsAgainstProposals(t *testing.T) {
	b := newBook()
	for i, n := range []string{"a", "b", "c", "d"} {
		b.asks(n, 100)
		e := &proposal.Funded{Step: proposal.Step{State: "funded"}, Line: []string{"1", "1", "2", "3"}[i], LineTotal: []domain.Rupiah{150, 190, 0, 40}[i]}
		e.Amount = 60
		b.append(fact{proposal.Stream(number(n)), e})
	}
	z := &proposal.AppearedInBudget{Step: proposal.Step{State: "funded"}, Line: "1"}
	z.Amount = 30
	b.append(fact{proposal.Stream(number("z")), z})
	b.append(fact{proposal.Stream(number("c")), &proposal.Cancelled{Step: proposal.Step{State: "cancelled"}}})
	nodes := slices.SortedFunc(charts().Nodes(now, maps.All(b.streams())), func(a, b history.Node) int { return strings.Compare(b.Number, a.Number) })
	got := history.BudgetOf(1000, slices.Values(nodes))
	want := history.Budget{
		Total: 1000, Granted: 180, WithoutProposal: 30, Rest: 20, Unallocated: 770,
		Lines: []history.BudgetLine{
			{ID: "1", Total: 190, Granted: 120, WithoutProposal: 30, Proposals: 2},
			{ID: "3", Total: 40, Granted: 60, Proposals: 1},
		},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(history.BudgetLine{})); d != "" {
		t.Error(d)
	}
	if got.Lines[0].Rest() != 40 || got.Lines[1].Rest() != -20 {
		t.Errorf("rests %s and %s", got.Lines[0].Rest(), got.Lines[1].Rest())
	}
}

func TestAFunnelTellsTheSameByStage(t *testing.T) {
	b := workedExample()
	b.take("d", "submit")
	b.take("e", "submit_opd")
	l := b.lineage()
	f := history.NewFunnel(chart())
	for a := range l.Accounts() {
		f.Add(a)
	}
	var got []string
	for _, at := range f.At {
		if at.Reached() == (history.Tally{}) {
			continue
		}
		line := []string{fmt.Sprintf("%s: entered %s, came %s, went on %s", at.Stage, at.Entered, at.Came, at.WentOn)}
		for _, fate := range history.Fates {
			if t, ok := at.Ended[fate]; ok {
				line = append(line, fmt.Sprintf("%s %s", fate, t))
			}
		}
		got = append(got, strings.Join(line, ", "))
	}
	want := []string{
		"desa: entered 1.000000 (Rp0), came 0.000000 (Rp0), went on 0.000000 (Rp0), pending 1.000000 (Rp0)",
		"forum_opd: entered 3.000000 (Rp600.000.000), came 0.000000 (Rp0), went on 2.000000 (Rp400.000.000), deferred 1.000000 (Rp200.000.000)",
		"referral: entered 0.000000 (Rp0), came 0.600000 (Rp120.000.000), went on 0.000000 (Rp0), dropped 0.600000 (Rp120.000.000)",
		"kabupaten: entered 1.000000 (Rp0), came 0.000000 (Rp0), went on 0.000000 (Rp0), pending 1.000000 (Rp0)",
		"execution: entered 0.000000 (Rp0), came 1.400000 (Rp280.000.000), went on 0.000000 (Rp0), funded 1.400000 (Rp280.000.000)",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var flows []string
	for _, w := range f.Flows() {
		flows = append(flows, w.From+" → "+w.To+": "+w.Tally.String())
	}
	if d := cmp.Diff([]string{"forum_opd → referral: 0.600000 (Rp120.000.000)", "forum_opd → execution: 1.400000 (Rp280.000.000)"}, flows); d != "" {
		t.Error(d)
	}
	if err := f.Check(history.SumOf(l.Accounts())); err != nil {
		t.Error(err)
	}
}
