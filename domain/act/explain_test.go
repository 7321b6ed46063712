package act_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	say "runut/api/answer"
	words "runut/api/text"
	"runut/domain/event"
	"runut/domain/history"
)

var update = flag.Bool("update", false, "write golden files anew")

// explain asks what became of a proposal, reading the streams that the answer
// says it needs.
func (w *town) explain(name string, v event.View) history.Explanation {
	w.t.Helper()
	number := w.number(name)
	read := map[string][]event.Record{}
	for more := history.Sources(number, read); len(more) > 0; more = history.Sources(number, read) {
		for _, stream := range more {
			read[stream] = w.log[stream]
		}
	}
	return history.Explain(history.Inquiry{Proposal: number, View: v, Streams: read, Charts: history.NewCharts(definitions)})
}

// TestGoldenExplanations tells for every story what the answer to "what became
// of it, and why?" is. Read testdata/explanations.txt as a document.
func TestGoldenExplanations(t *testing.T) {
	var out strings.Builder
	for _, s := range slices.Concat(stories, whys) {
		w := newTown(t)
		if s.given != nil {
			w.must(s.given(w))
		}
		if err := s.when(w); err != nil {
			continue // what was refused changed nothing
		}
		fmt.Fprintf(&out, "%s\n", s.name)
		for _, name := range slices.Sorted(maps.Keys(s.then)) {
			x := w.explain(name, event.View{})
			w.consistent(name, x)
			fmt.Fprintf(&out, "    %s\n", strings.ReplaceAll(w.named(summary(name, x)), "\n", "\n        "))
		}
		for _, q := range s.asked {
			x := w.explain(q.of, w.view(q.asOf, q.known))
			fmt.Fprintf(&out, "    %s\n", strings.ReplaceAll(w.named(summary(q.of+q.from(), x)), "\n", "\n        "))
		}
	}
	holdGolden(t, "testdata/explanations.txt", out.String())
}

// TestGoldenAnswers tells the same in the sentences that a villager reads.
func TestGoldenAnswers(t *testing.T) {
	var out strings.Builder
	for _, s := range slices.Concat(stories, whys) {
		w := newTown(t)
		if s.given != nil {
			w.must(s.given(w))
		}
		if err := s.when(w); err != nil {
			continue
		}
		fmt.Fprintf(&out, "%s\n", s.name)
		for _, q := range slices.Concat(askings(s), s.asked) {
			name, x := q.of+q.from(), w.explain(q.of, w.view(q.asOf, q.known))
			for _, lang := range []words.Lang{words.ID, words.EN} {
				a := say.Speaker{Lang: lang, Definition: musrenbang(), Name: func(code string) string { return placeNames[code] }}.Of(x)
				fmt.Fprintf(&out, "    %s, %s: %s\n", name, lang, w.named(a.String()))
				for _, more := range slices.Concat(a.Would, a.Bore, a.Gaps) {
					fmt.Fprintf(&out, "        + %s\n", w.named(more))
				}
				if strings.Contains(a.String(), "{") || strings.Contains(a.String(), "answer.") {
					t.Errorf("%s, %s: words are missing in %q", s.name, name, a.String())
				}
			}
		}
	}
	holdGolden(t, "testdata/answers.txt", out.String())
}

// placeNames are the names of the places and offices of a town.
var placeNames = map[string]string{
	"99.01": "Kabupaten Contoh", "99.01.03": "Kecamatan Tiga", "99.01.04": "Kecamatan Empat", "99.01.03.2001": "Desa Awal", "99.01.03.2002": "Desa Kedua",
	"99.01.04.2001": "Desa Seberang", "1.03": "Dinas Pekerjaan Umum", "1.04": "Dinas Perumahan", "99": "Provinsi Contoh",
}

func holdGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// named puts the names that a story uses in the place of numbers.
func (w *town) named(s string) string {
	for name, number := range w.name {
		if strings.HasPrefix(number, "U-") {
			s = strings.ReplaceAll(s, number, name)
		}
	}
	return s
}

// summary tells an answer in a few lines.
func summary(name string, x history.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", name, x.Outcome)
	if x.Kind != "" {
		fmt.Fprintf(&b, " by %s", x.Kind)
	}
	if x.Stage != "" {
		fmt.Fprintf(&b, " at %s", x.Stage)
	}
	if x.Contested {
		b.WriteString(", contested")
	}
	if x.Granted > 0 {
		fmt.Fprintf(&b, ", granted %d of %d", x.Granted, x.Asked)
	}
	for _, e := range x.Ends {
		if e.Proposal != x.Proposal || e.Millionths < history.Whole {
			fmt.Fprintf(&b, "\nas %s (%d‰): %s", e.Proposal, e.Millionths/1000, e.Fate)
		}
	}
	for _, d := range x.Decisive {
		fmt.Fprintf(&b, "\ndecided: %s", citation(d))
	}
	for _, d := range x.Won {
		fmt.Fprintf(&b, "\nwon: %s", citation(d))
	}
	if n := x.Next; n != nil {
		fmt.Fprintf(&b, "\nturn: %s until %s", n.Holder, n.Window)
	}
	for _, c := range x.Custody {
		fmt.Fprintf(&b, "\nheld: %s by %s, %d working days", c.State, c.Holder, c.WorkingDays)
	}
	for _, d := range x.Decisive {
		if w := d.Wait; w != nil && (w.Times > 1 || w.Late) {
			fmt.Fprintf(&b, "\nlast with %s, %d times, %d working days", w.Holder, w.Times, w.WorkingDays)
			if w.Late {
				fmt.Fprintf(&b, ", late from %s", w.Before)
			}
		}
	}
	if x.LateHandover {
		b.WriteString("\nhanded over late")
	}
	for _, n := range x.NotTaken {
		fmt.Fprintf(&b, "\nnot taken: %s by %v", n.Transition, n.By)
	}
	for _, c := range x.Contributing {
		fmt.Fprintf(&b, "\nbore on it: %s", c.What)
		if c.From+c.To != "" {
			fmt.Fprintf(&b, " %s>%s", c.From, c.To)
		}
		if c.Is != 0 {
			fmt.Fprintf(&b, " %d>%d", c.Was, c.Is)
		}
		if c.Pivotal != nil {
			fmt.Fprintf(&b, ", pivotal %v", *c.Pivotal)
		}
	}
	for _, c := range x.WouldHave {
		fmt.Fprintf(&b, "\nwould have: %s %d instead of %d", c.What, c.Need, c.Was)
	}
	for _, l := range x.Later {
		fmt.Fprintf(&b, "\nlater: %d %s", l.Cycle, l.Outcome)
	}
	if x.Delivery != nil && x.Delivery.State != "none" {
		fmt.Fprintf(&b, "\nwork: %s", x.Delivery.State)
	}
	var gaps []string
	for _, g := range x.Gaps {
		gaps = append(gaps, g.Code)
	}
	if len(gaps) > 0 {
		slices.Sort(gaps)
		fmt.Fprintf(&b, "\ngaps: %s", strings.Join(slices.Compact(gaps), " "))
	}
	return b.String()
}

func citation(d history.Deciding) string {
	number := strings.TrimPrefix(d.Stream, "proposal-")
	out := fmt.Sprintf("%s of %s by %s", d.Type, number, d.Authority.Role)
	if d.Authority.Elsewhere != "" {
		out += " for " + d.Authority.Elsewhere
	}
	if d.Reason != nil {
		out += fmt.Sprintf(", %s (%s)", d.Reason.Code, d.Reason.Means)
	}
	if p := d.Ranking; p != nil {
		out += fmt.Sprintf(", rank %d of %d, line at %d", p.Rank, p.Of, p.Cutoff)
		if p.Behind != "" {
			out += ", of equal score and behind by " + p.Behind
		}
	}
	if d.Closing != nil {
		out += ", closing of " + d.Closing.Window
	}
	if d.Forum != nil {
		out += fmt.Sprintf(", in %s signed %v", d.Forum.Kind, d.Forum.Signed)
	}
	if d.Late {
		out += ", recorded late"
	}
	if d.Amended != nil {
		out += fmt.Sprintf(", as corrected at position %d", d.Amended.Position)
	}
	return out
}

// consistent holds what every answer must keep.
func (w *town) consistent(name string, x history.Explanation) {
	w.t.Helper()
	var parts, lostParts, cited int64
	for _, e := range x.Ends {
		parts += e.Millionths
		switch e.Fate {
		case history.Dropped, history.Deferred, history.Cancelled, history.Withdrawn:
			lostParts += e.Millionths
		}
	}
	for _, d := range x.Decisive {
		cited += d.Millionths
	}
	if parts != history.Whole && len(x.Ends) > 0 {
		w.t.Errorf("%s: the ends make %d millionths", name, parts)
	}
	if lostParts != cited {
		w.t.Errorf("%s: %d millionths are lost, and the deciding acts answer for %d", name, lostParts, cited)
	}
	if got, want := served(w.explain(name, event.View{})), served(x); got != want {
		w.t.Errorf("%s: asked again the answer is another", name)
	}
	w.known(name, x)
}

// known holds that what is told from before something was known names nothing
// that was recorded later: neither before what decided nor anywhere between.
func (w *town) known(name string, x history.Explanation) {
	w.t.Helper()
	asked := map[int64]bool{w.at / 2: true}
	for _, d := range slices.Concat(x.Decisive, x.Won) {
		asked[d.Position-1] = true
		if d.Amended != nil {
			asked[d.Amended.Position-1] = true
		}
	}
	for at := range asked {
		if at < 1 {
			continue
		}
		for _, cited := range positions.FindAllStringSubmatch(served(w.explain(name, event.View{Known: at})), -1) {
			if p, err := strconv.ParseInt(cited[1], 10, 64); err != nil || p > at {
				w.t.Errorf("%s: known at position %d the answer names %s", name, at, cited[0])
			}
		}
	}
}

var positions = regexp.MustCompile(`"position":(\d+)`)

// served is an answer as the API gives it.
func served(x history.Explanation) string {
	b, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	return string(b)
}
