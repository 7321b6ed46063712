package history_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// canWin says the same as Chart.CanWin, slowly and straight from the rules. It
// knows nothing of transfers.
func canWin(d *workflow.Definition, p proposal.State, c cycle.State, lists map[string]bool, goals ...string) bool {
	at := p.At
	if at == "" {
		at = d.Initial
	}
	if len(goals) == 0 {
		goals = []string{workflow.GoalFunded, workflow.GoalElsewhere}
	}
	return d.Reaches(at, func(t *workflow.Transition, in workflow.State) bool {
		below := in == at && slices.Contains([]workflow.State{"below_line_desa", "below_line_kec", "below_line_kab"}, in)
		if below && lists[p.Lists[d.States[in].Stage].List] && t.Event != "merge_reversed" {
			return false
		}
		return !c.IsClosed && t.Event != "appeared_in_budget" && isOpen(d, p, c, t.Window)
	}, goals...)
}

func isOpen(d *workflow.Definition, p proposal.State, c cycle.State, window string) bool {
	if window == "" {
		return true
	}
	spec := d.Windows[window]
	if w, opened := c.Find(window, p.Place(spec.Scope)); opened {
		return !w.Shut
	}
	for kind := range c.Adopted {
		over := map[string]string{"rkpd": "rkpd", "ppas": "ppas", "rapbd": "ppas", "apbd": "apbd", "perubahan": "apbd"}[kind]
		if d.Stages[over].Order >= d.Stages[spec.Stage].Order {
			return false
		}
	}
	return true
}

// anySetting draws what has happened to a cycle and its forums.
func anySetting(t *rapid.T) (cycle.State, forum.State, *history.Setting) {
	b := newBook()
	year, f := cycle.Stream(2027), forum.Stream("f")
	names := musrenbang().WindowNames()
	for range rapid.IntRange(0, 14).Draw(t, "events") {
		w := rapid.SampledFrom(names).Draw(t, "window")
		s := domain.Scope{Kind: musrenbang().Windows[w].Scope}
		s.Code = rapid.SampledFrom(map[domain.ScopeKind][]string{
			domain.ScopeVillage: {village, "99.01.03.2002", ""}, domain.ScopeKecamatan: {kecamatan, "99.01.04", ""}, domain.ScopeOPD: {opd, "1.04", ""}, domain.ScopeKabupaten: {"", "99.01"},
		}[s.Kind]).Draw(t, "scope")
		switch rapid.IntRange(0, 10).Draw(t, "what") {
		case 0, 1, 2:
			b.append(fact{year, &cycle.WindowOpened{Window: w, Scope: s}})
		case 3, 4, 5:
			b.append(fact{year, &cycle.WindowClosed{Window: w, Scope: s}})
		case 6:
			b.append(fact{year, &cycle.WindowExtended{Window: w, Scope: s}})
		case 7:
			b.append(fact{year, &cycle.WindowReopened{Window: w, Scope: s}})
		case 8:
			b.append(fact{year, &cycle.DocumentAdopted{Kind: rapid.SampledFrom([]string{"rkpd", "ppas", "rapbd", "apbd", "perubahan"}).Draw(t, "kind")}})
		case 9:
			l := rapid.SampledFrom([]string{"L1", "L2"}).Draw(t, "list")
			b.append(fact{f, &forum.ListFinalized{List: l, Supersedes: rapid.SampledFrom([]string{"", "L1"}).Draw(t, "supersedes")}})
		case 10:
			b.append(fact{f, &forum.ListSuperseded{List: "L1"}})
		}
	}
	if rapid.IntRange(0, 20).Draw(t, "closed") == 0 {
		b.append(fact{year, &cycle.Closed{}})
	}
	streams := b.streams()
	c, fs := cycle.Fold(streams[year]), forum.Fold(streams[f])
	if len(streams[f]) == 0 {
		fs.ID = "f"
	}
	return c, fs, history.SettingOf(c, fs)
}

// anyState draws where a proposal may stand.
func anyState(t *rapid.T) proposal.State {
	p := proposal.State{At: rapid.SampledFrom(append(musrenbang().StateNames(), "")).Draw(t, "state")}
	p.Village, p.OPD, p.Hops = village, opd, 99 // no transfer is left to it
	list := proposal.Ranking{List: rapid.SampledFrom([]string{"", "forum-f/L1", "forum-f/L2"}).Draw(t, "list")}
	p.Lists = map[string]proposal.Ranking{rapid.SampledFrom([]string{"desa", "kecamatan", "kabupaten"}).Draw(t, "stage"): list}
	return p
}

func TestCanWinKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			c, f, setting := anySetting(t)
			p := anyState(t)
			lists := make(map[string]bool)
			for l := range f.Final {
				lists["forum-f/"+l] = true
			}
			for _, goals := range [][]string{nil, {workflow.GoalFunded}, {workflow.GoalElsewhere}} {
				got, want := chart().CanWin(p, setting, goals...), canWin(musrenbang(), p, c, lists, goals...)
				if got != want {
					t.Fatalf("%s with %+v: can come to %v: %v, want %v", p.At, setting, goals, got, want)
				}
			}
		}
	})
}

func TestCanWinOfWhatNobodyKnows(t *testing.T) {
	nothing := history.SettingOf(cycle.State{})
	if chart().CanWin(proposal.State{At: "dreaming"}, nothing) {
		t.Error("a state outside the definition can win")
	}
	if history.NewChart(nil).CanWin(proposal.State{}, nothing) {
		t.Error("a proposal can win in no process at all")
	}
	if !chart().CanWin(proposal.State{}, nothing) {
		t.Error("what may yet be handed in cannot win")
	}
	if chart().CanWin(proposal.State{At: "at_opd"}, nothing, "glory") {
		t.Error("there is a way to a goal that is none")
	}
}

// CE11: a transfer leads only to an office whose windows lead on.
func TestATransferReachesOnlyOpenOffices(t *testing.T) {
	free := history.NewChart(altered(func(d *workflow.Definition) { // may be transferred even after the forum has closed
		transfer := *d.Transitions["transfer"]
		transfer.Window = ""
		d.Transitions["transfer"] = &transfer
		d.Transitions["finance_elsewhere"] = nil
	}))
	for _, test := range []struct {
		name  string
		chart *history.Chart
		given []string
		p     proposal.State
		want  bool
	}{
		{"its own forum is open", chart(), []string{"^forum_opd@1.03 ^forum_opd@1.04", "/forum_opd@1.04"}, proposal.State{At: "at_opd"}, true},
		{"transferred to an office whose forum is shut", chart(), []string{"^forum_opd@1.03 ^forum_opd@1.04", "/forum_opd@1.04"}, transferred("at_opd", 1), false},
		{"its own forum is shut, and so is the way to the other", chart(), []string{"^forum_opd@1.03 ^forum_opd@1.04", "/forum_opd@1.03"}, proposal.State{At: "at_opd"}, false},
		{"a process that lets it go all the same", free, []string{"^forum_opd@1.03 ^forum_opd@1.04", "/forum_opd@1.03"}, proposal.State{At: "at_opd"}, true},
		{"as often as it may", free, []string{"^forum_opd@1.03 ^forum_opd@1.04", "/forum_opd@1.03"}, proposal.State{At: "at_opd", Hops: 3}, false},
		{"nobody else has a window", free, []string{"^forum_opd@1.03", "/forum_opd@1.03"}, proposal.State{At: "at_opd"}, false},
		{"and to nobody who is shut", free, []string{"^forum_opd@1.03 ^forum_opd@1.04", "/forum_opd@1.03 /forum_opd@1.04"}, proposal.State{At: "at_opd"}, false},
		{"all windows at once, one opened again", free, []string{"^forum_opd", "/forum_opd", `\forum_opd@1.04`}, proposal.State{At: "at_opd"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			setting := history.SettingOf(cycle.Fold(told(t, test.given...).streams()[cycle.Stream(2027)]))
			if test.p.OPD == "" {
				test.p.OPD = opd
			}
			if got := test.chart.CanWin(test.p, setting, workflow.GoalFunded); got != test.want {
				t.Errorf("can be funded: %v, want %v", got, test.want)
			}
		})
	}
}

func transferred(at workflow.State, hops int) proposal.State {
	p := proposal.State{At: at, Hops: hops}
	p.OPD = "1.04"
	return p
}

// Prospects walk through states and settings event by event; folding every
// prefix afresh must say the same.
func checkProspects(t interface {
	Helper()
	Errorf(string, ...any)
}, tl *history.Timeline, name string) {
	t.Helper()
	var past []event.Record
	of := func(stream string) []event.Record {
		return slices.DeleteFunc(slices.Clone(past), func(r event.Record) bool { return r.Stream != stream })
	}
	prospects := tl.Prospects(number(name))
	for i, s := range tl.Steps {
		past = append(past, s.Records...)
		c := cycle.Fold(of(cycle.Stream(2027)))
		f := forum.Fold(of(forum.Stream("f")))
		lists := make(map[string]bool)
		for l := range f.Final {
			lists["forum-f/"+l] = true
		}
		states := make(map[string]proposal.State)
		for _, r := range past {
			if n, ok := proposal.NumberOf(r.Stream); ok && states[n].At == "" {
				states[n] = proposal.Fold(of(r.Stream))
			}
		}
		if states[number(name)].At == "" {
			continue
		}
		if got, want := prospects[i+1], winsOf(states, number(name), c, lists); got != want {
			t.Errorf("after step %d %s can win: %v, want %v", i+1, name, got, want)
		}
	}
}

func winsOf(states map[string]proposal.State, n string, c cycle.State, lists map[string]bool) bool {
	p := states[n]
	if p.Parent != "" {
		i := slices.IndexFunc(states[p.Parent].Components, func(c proposal.Component) bool { return c.Child == n })
		return states[p.Parent].Components[i].Weight > 0 && winsOf(states, p.Parent, c, lists)
	}
	if len(p.Parts) > 0 {
		return slices.ContainsFunc(p.Parts, func(part string) bool { return winsOf(states, part, c, lists) })
	}
	return canWin(musrenbang(), p, c, lists)
}

func TestSettingOfFollowsTheCycle(t *testing.T) {
	b := told(t, "^desa ^forum_opd@1.03", "list", "/desa", `\desa`, "/forum_opd@1.03", "rkpd", "ended")
	c, f := cycle.Fold(b.streams()[cycle.Stream(2027)]), forum.Fold(b.streams()[forum.Stream("f")])
	want := &history.Setting{
		Windows: map[cycle.WindowKey]bool{
			{Window: "desa", Scope: domain.Scope{Kind: domain.ScopeKabupaten}}:              false,
			{Window: "forum_opd", Scope: domain.Scope{Kind: domain.ScopeOPD, Code: "1.03"}}: true,
		},
		Lists:   map[string]bool{"forum-f/L1": true},
		Adopted: map[string]bool{"rkpd": true},
		Closed:  true,
	}
	if d := cmp.Diff(want, history.SettingOf(c, f)); d != "" {
		t.Error(d)
	}
}
