package history_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A walk takes a few proposals through a year at random: acts, lists, merges,
// splits, components dropped, closings one after the other, and now and then a
// window opened again by decree.
type walk struct {
	*book
	t     *rapid.T
	names []string
	shut  map[string]bool
	list  bool // the list stands
	fresh int
}

func (w *walk) chance(percent int) bool {
	return rapid.IntRange(0, 99).Draw(w.t, "chance") < percent
}

// open returns the transitions a proposal may take by itself.
func (w *walk) open(name string) []*workflow.Transition {
	at := w.states[number(name)].At
	var out []*workflow.Transition
	for _, t := range musrenbang().Exits(at) {
		if t.Remedy || w.shut[t.Window] || t.Effect != (workflow.Effect{}) || t.Event == "merge_reversed" {
			continue
		}
		if w.list && strings.HasPrefix(string(at), "below_line") {
			continue
		}
		out = append(out, t)
	}
	return out
}

func (w *walk) act() {
	name := rapid.SampledFrom(w.names).Draw(w.t, "name")
	p := w.states[number(name)]
	if musrenbang().States[p.At].Final != "" {
		return
	}
	if w.chance(15) && w.merge(name) || w.chance(10) && w.split(name) || w.chance(30) && w.unmerge(name) {
		return
	}
	open := w.open(name)
	if len(open) == 0 {
		return
	}
	t := rapid.SampledFrom(open).Draw(w.t, "transition")
	facts := []fact{w.step(name, t.Name)}
	if e, ok := facts[0].event.(*proposal.AcceptedByOPD); ok && w.chance(50) {
		e.Components = w.dropOne(p)
	}
	if t.Event == "below_cutoff" && !w.list && w.chance(60) {
		w.tell("list " + name + ":" + t.Name)
		w.list = true
		return
	}
	w.append(facts...)
}

// dropOne returns a change that drops one component, if one is left beside it.
func (w *walk) dropOne(p proposal.State) []proposal.Component {
	in := slices.DeleteFunc(slices.Clone(p.Components), func(c proposal.Component) bool { return c.Weight == 0 })
	if len(in) < 2 {
		return nil
	}
	return []proposal.Component{{Child: in[0].Child, Reason: proposal.ReasonDropped}}
}

func (w *walk) merge(name string) bool {
	t := musrenbang().Transitions["merge_kec"]
	if w.states[number(name)].At == "at_opd" {
		t = musrenbang().Transitions["merge_opd"]
	}
	ready := slices.DeleteFunc(slices.Clone(w.names), func(n string) bool { return w.states[number(n)].At != t.From[0] })
	if w.shut[t.Window] || len(ready) < 2 || !slices.Contains(ready, name) {
		return false
	}
	w.tell(fmt.Sprintf("%s=%s,%s:%s", w.next("p"), ready[0], ready[1], t.Name))
	return true
}

func (w *walk) split(name string) bool {
	if w.shut["forum_opd"] || w.states[number(name)].At != "at_opd" {
		return false
	}
	w.tell(fmt.Sprintf("%s,%s<%s:split", w.next("x"), w.next("y"), name))
	return true
}

func (w *walk) unmerge(name string) bool {
	p := w.states[number(name)]
	if w.shut["forum_opd"] || len(p.Components) == 0 || p.At != "at_opd" {
		return false
	}
	words := []string{name + ":unmerge_parent"}
	for _, c := range p.Components {
		words = append(words, strings.TrimPrefix(c.Child, "U-27-")+":unmerge_child_opd")
	}
	w.tell(strings.Join(words, " "))
	return true
}

func (w *walk) next(letter string) string {
	name := letter + strings.Repeat("z", w.fresh)
	w.fresh++
	w.names = append(w.names, name)
	return name
}

// reopen opens a window again and gives back what its closing ended.
func (w *walk) reopen(window string) {
	words := []string{`\` + window}
	for _, n := range w.names {
		p := w.states[number(n)]
		if p.Ended == nil || p.Ended.Window != window || musrenbang().States[p.At].Final != workflow.FinalLost {
			continue
		}
		row := musrenbang().OnWindowClose[window][string(p.Ended.From)]
		if back := musrenbang().WayBack(row); back != nil && back.To == p.Ended.From {
			words = append(words, n+":"+back.Name)
		}
	}
	if w.list {
		words = append(words, "nolist")
		w.list = false
	}
	w.tell(strings.Join(words, " "))
	w.shut[window] = false
}

func (w *walk) close(window string) {
	w.tell("/" + window)
	w.shut[window] = true
}

func newWalk(t *rapid.T) *walk {
	w := &walk{book: newBook(), t: t, shut: make(map[string]bool), names: []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "proposals")]}
	w.names = slices.Clone(w.names)
	for _, n := range w.names {
		w.take(n, rapid.SampledFrom([]string{"submit", "submit", "submit", "submit_pokir", "submit_opd", "submit_direct", "submit_late"}).Draw(t, "lane"))
	}
	return w
}

// year walks to the end of the year.
func (w *walk) year() {
	order := []string{"desa", "kecamatan", "pokir", "forum_opd", "referral", "kabupaten", "rkpd", "ppas", "apbd", "execution"}
	for i, window := range order {
		for range rapid.IntRange(0, 4).Draw(w.t, "acts") {
			w.act()
		}
		if i > 0 && w.chance(8) {
			w.reopen(order[i-1])
			for range rapid.IntRange(0, 2).Draw(w.t, "acts") {
				w.act()
			}
			w.close(order[i-1])
		}
		w.close(window)
	}
}

func TestEveryWalkEndsAndOneActDecides(t *testing.T) {
	walks, decided := 0, make(map[history.DecisionKind]int)
	rapid.Check(t, func(t *rapid.T) {
		for range 8 {
			w := newWalk(t)
			w.year()
			tl := w.timeline()
			for _, n := range w.names {
				w.check(tl, n, decided)
				walks++
			}
			checkProspects(t, tl, rapid.SampledFrom(w.names).Draw(t, "afresh"))
		}
	})
	t.Logf("%d walks, decided %v", walks, decided)
	for _, kind := range []history.DecisionKind{history.ByAct, history.ByRule, history.ByOmission, history.ByWithdrawal} {
		if decided[kind] == 0 {
			t.Errorf("no walk was decided by %s", kind)
		}
	}
}

func (w *walk) check(tl *history.Timeline, name string, decided map[history.DecisionKind]int) {
	p := w.states[number(name)]
	spec := musrenbang().States[p.At]
	if spec.Final == "" {
		w.t.Errorf("%s still waits in %s when all is over", name, p.At)
	}
	prospects := tl.Prospects(number(name))
	d, ok := tl.Decision(number(name))
	fate := tl.Fate(number(name))
	switch {
	case p.At == "dissolved":
		return
	case fate == history.Funded || fate == history.Elsewhere || fate == "" && prospects[len(prospects)-1]:
		if ok {
			w.t.Errorf("%s is %s, yet step %d decided against it", name, fate, d.Step)
		}
	case !ok:
		w.t.Errorf("%s is %s, and nothing decided", name, fate)
	case !prospects[d.Step] || slices.Contains(prospects[d.Step+1:], true):
		w.t.Errorf("%s: step %d does not divide %v", name, d.Step, prospects)
	case fate == history.Pending:
		w.t.Errorf("%s is decided and pending", name)
	default:
		decided[d.Kind]++
	}
	w.checkSiblings(tl, name, d, ok)
}

// checkSiblings holds that those still joined with weight cite the same event.
func (w *walk) checkSiblings(tl *history.Timeline, name string, d history.Decision, ok bool) {
	p := w.states[number(name)]
	for _, c := range p.Components {
		if c.Weight == 0 || w.states[c.Child].Parent != number(name) {
			continue
		}
		theirs, decided := tl.Decision(c.Child)
		if decided != ok || theirs.Record.ID != d.Record.ID || theirs.Kind != d.Kind {
			w.t.Errorf("%s cites %v, its component %s %v", name, d.Record.ID, c.Child, theirs.Record.ID)
		}
	}
}
