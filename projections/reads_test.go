package projections_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/projections"
)

// streams returns the whole log by stream, texts that were ordered closed as
// they are: what the read models are compared with.
func (w *world) streams() map[string][]event.Record {
	w.t.Helper()
	all := make(map[string][]event.Record)
	for r, err := range w.store.Since(w.t.Context(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		all[r.Stream] = append(all[r.Stream], r)
	}
	return all
}

func TestReadModelsOfARandomTown(t *testing.T) {
	w := newWorld(t)
	run := w.runner(projections.All...)
	run.Batch = 50
	w.catchUp(run)
	town := newTown(w, 7)
	town.grow(400)
	w.catchUp(run)
	logged := w.streams()
	head, err := w.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	charts := history.NewCharts(definitions)
	lineage := history.Trace(charts.Nodes(event.View{}, maps.All(logged)))

	t.Run("a proposal is what its history amounts to", func(t *testing.T) {
		read := projections.Proposals{DB: w.pool}
		fates := make(map[string]history.Fate)
		for a := range lineage.Accounts() {
			fates[a.Number] = a.Headline
		}
		for _, number := range town.order {
			got, err := read.Get(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			if got.Position != head {
				t.Fatalf("%s stands at %d, want %d", number, got.Position, head)
			}
			s := proposal.Fold(event.Sequence(logged[proposal.Stream(number)], event.View{}))
			p := got.Value
			want := fmt.Sprint(s.At, s.Village, s.OPD, s.Asked, s.Estimate, s.Accepted, s.Granted(), s.Parent, len(s.Components), s.Parts, s.Hops, s.Origin)
			if have := fmt.Sprint(p.State, p.Village, p.OPD, p.Asked, p.Estimate, p.Accepted, p.Granted, p.Parent, p.Children, p.PartNumbers, p.Hops, p.Origin); have != want {
				t.Errorf("%s is %s, want %s", number, have, want)
			}
			if f, ok := fates[number]; ok && s.Origin && p.Fate != string(f) {
				t.Errorf("%s has the fate %s, want %s", number, p.Fate, f)
			}
		}
	})

	t.Run("a list comes whole, in order and page by page", func(t *testing.T) {
		read := projections.Proposals{DB: w.pool}
		for _, sort := range []projections.ProposalSort{"", projections.ByNumber, projections.BySince, projections.ByChanged, projections.ByAsked} {
			var seen []string
			var last projections.Proposal
			for at := projections.Cursor(""); ; {
				page, err := read.List(t.Context(), projections.ProposalFilter{}, sort, at, 37)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range page.Items {
					if sort == projections.ByAsked && len(seen) > 0 && p.Asked > last.Asked || sort == projections.BySince && len(seen) > 0 && p.Since.Before(last.Since) {
						t.Errorf("by %s: %v comes after %v", sort, p.Number, last.Number)
					}
					last = p
					seen = append(seen, p.Number)
				}
				if at = page.Next; at == "" {
					break
				}
			}
			slices.Sort(seen)
			if want := slices.Sorted(slices.Values(town.order)); !slices.Equal(seen, want) {
				t.Errorf("by %s: %d proposals, want each of %d once", sort, len(slices.Compact(seen)), len(want))
			}
		}
		_, err := read.List(t.Context(), projections.ProposalFilter{}, projections.ByNumber, "AAAA", 5)
		if !errors.Is(err, &domain.Error{Kind: domain.Invalid, Code: "cursor.unknown"}) {
			t.Errorf("a made-up cursor: %v", err)
		}
		page, err := read.List(t.Context(), projections.ProposalFilter{}, projections.ByAsked, "", 5)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := read.List(t.Context(), projections.ProposalFilter{}, projections.BySince, page.Next, 5); err == nil {
			t.Error("the cursor of one order was taken for another")
		}
	})

	t.Run("facets count what the filter gives", func(t *testing.T) {
		read := projections.Proposals{DB: w.pool}
		f := projections.ProposalFilter{Cycle: 2027, Kecamatan: []string{"99.01.01"}}
		facets, err := read.Facets(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(facets.Value.Kecamatans) != 3 {
			t.Errorf("kecamatan to choose from: %v, want all three", facets.Value.Kecamatans)
		}
		for _, c := range facets.Value.Fates {
			narrow := f
			narrow.Fate = []string{c.Value}
			page, err := read.List(t.Context(), narrow, "", "", 500)
			if err != nil || len(page.Items) != c.Count {
				t.Errorf("fate %s: %d listed, facet says %d (%v)", c.Value, len(page.Items), c.Count, err)
			}
		}
	})

	t.Run("the timeline holds every event once", func(t *testing.T) {
		read := projections.Timeline{DB: w.pool}
		for _, number := range town.order {
			page, err := read.Of(t.Context(), number, "", 500)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) != len(logged[proposal.Stream(number)]) {
				t.Errorf("%s has %d steps, want %d", number, len(page.Items), len(logged[proposal.Stream(number)]))
			}
			if text := fmt.Sprintf("%+v", page.Items); strings.Contains(text, "p-second") || strings.Contains(text, "p-planner") || strings.Contains(text, "p-secretproposer") {
				t.Errorf("a person is named in %s", text)
			}
		}
	})

	t.Run("the printed sum conserves however it is cut", func(t *testing.T) {
		read := projections.Funnel{DB: w.pool}
		sum, err := read.Sum(t.Context(), projections.FunnelFilter{Cycle: 2027})
		if err != nil {
			t.Fatal(err)
		}
		want := history.SumOf(func(yield func(history.Account) bool) {
			for a := range lineage.Accounts() {
				if a.Cycle == 2027 && !yield(a) {
					return
				}
			}
		})
		if err := want.Check(); err != nil {
			t.Fatal(err)
		}
		got := sum.Value
		if !got.Balanced() {
			t.Errorf("not balanced: %+v", got)
		}
		have := history.Sum{Origins: got.Origins, Asked: got.Asked, Granted: got.Granted, Cut: got.Cut, Uplift: got.Uplift, Moved: got.Moved,
			WithoutProposal: got.Unasked, Unattributed: got.Unattributed, Fates: map[history.Fate]history.Tally{}, Headlines: map[history.Fate]int{}}
		for _, f := range got.Fates {
			if f.Count > 0 {
				have.Fates[history.Fate(f.Fate)] = history.Tally{Millionths: int64(f.Count), Asked: f.Asked}
			}
			if f.Headline > 0 {
				have.Headlines[history.Fate(f.Fate)] = f.Headline
			}
		}
		if d := cmp.Diff(want, have); d != "" {
			t.Errorf("sum (-history +read):\n%s", d)
		}
		if got.Count != projections.Share(got.Origins)*projections.One || got.Moved != 0 {
			t.Errorf("count %d of %d origins, moved %d", got.Count, got.Origins, got.Moved)
		}
		for _, s := range got.Stages {
			if s.Entered.Count+s.Came.Count != s.Ended.Count+s.WentOn.Count || s.Entered.Asked+s.Came.Asked != s.Ended.Asked+s.WentOn.Asked {
				t.Errorf("stage %s leaks: %+v", s.Stage, s)
			}
		}
		for _, by := range []projections.Dimension{projections.ByLane, projections.ByKecamatan, projections.ByVillage, projections.ByOPD, projections.ByBasicService} {
			parts, err := read.Parts(t.Context(), projections.FunnelFilter{Cycle: 2027}, by)
			if err != nil {
				t.Fatal(err)
			}
			var asked, granted, cut, uplift, moved domain.Rupiah
			var count projections.Share
			for _, p := range parts.Value {
				if !p.Balanced() {
					t.Errorf("%s %s is not balanced: %+v", by, p.Value, p.Totals)
				}
				asked, granted, cut, uplift, moved, count = asked+p.Asked, granted+p.Granted, cut+p.Cut, uplift+p.Uplift, moved+p.Moved, count+p.Count
			}
			if len(parts.Value) < 2 || asked != got.Asked || granted != got.Granted || cut != got.Cut || uplift != got.Uplift || moved != got.Moved || count != got.Count {
				t.Errorf("by %s the %d parts do not add up to the whole", by, len(parts.Value))
			}
		}
	})

	t.Run("origins and reasons agree with the sum", func(t *testing.T) {
		read := projections.Funnel{DB: w.pool}
		sum, err := read.Sum(t.Context(), projections.FunnelFilter{Cycle: 2027})
		if err != nil {
			t.Fatal(err)
		}
		var granted domain.Rupiah
		n := 0
		for at := projections.Cursor(""); ; {
			page, err := read.Origins(t.Context(), projections.FunnelFilter{Cycle: 2027}, "", at, 50)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page.Items {
				n++
				var whole projections.Share
				for _, s := range o.Shares {
					granted += s.Granted
					whole += s.Count
				}
				if whole != projections.One {
					t.Errorf("origin %s adds up to %d", o.Number, whole)
				}
			}
			if at = page.Next; at == "" {
				break
			}
		}
		if n != sum.Value.Origins || granted != sum.Value.Granted {
			t.Errorf("%d origins were granted %s, want %d and %s", n, granted, sum.Value.Origins, sum.Value.Granted)
		}
		reasons, err := read.Reasons(t.Context(), projections.FunnelFilter{Cycle: 2027})
		if err != nil {
			t.Fatal(err)
		}
		var lost, want projections.Share
		for _, r := range reasons.Value {
			lost += r.Count
		}
		for _, f := range sum.Value.Fates {
			if slices.Contains([]string{"dropped", "deferred", "cancelled", "withdrawn"}, f.Fate) {
				want += f.Count
			}
		}
		if lost != want || len(reasons.Value) < 3 {
			t.Errorf("%d reasons hold %d of %d lost", len(reasons.Value), lost, want)
		}
	})

	t.Run("coverage holds villages against the register", func(t *testing.T) {
		got, err := projections.Funnel{DB: w.pool}.Coverage(t.Context(), 2027)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got.Value {
			if c.Villages != 5 || c.Submitted+len(c.Silent) != 5 || !slices.Contains(c.Silent, c.Kecamatan+".2005") {
				t.Errorf("%+v, want five villages of which the fifth is silent", c)
			}
		}
		if len(got.Value) != 3 {
			t.Errorf("%d kecamatan, want 3", len(got.Value))
		}
	})

	t.Run("a search forgives how people write", func(t *testing.T) {
		read := projections.Proposals{DB: w.pool}
		count := func(text string) int {
			t.Helper()
			f, err := read.Facets(t.Context(), projections.ProposalFilter{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			return f.Value.Total
		}
		all := count("")
		if jalan := count("jalan"); jalan == 0 || jalan == all || count("jln") != jalan || count("JAL") != jalan {
			t.Errorf("jalan %d, jln %d, JAL %d of %d", jalan, count("jln"), count("JAL"), all)
		}
		if stem := count("memperbaiki"); stem == 0 {
			t.Error("memperbaiki does not find perbaikan")
		}
		number := town.order[3]
		if n := count(strings.ToLower(number)); n != 1 {
			t.Errorf("%s finds %d", number, n)
		}
		if n := count(strings.TrimPrefix(number, "U-27-")[:4]); n > 3 {
			t.Errorf("a piece of a number finds %d", n)
		}
		if n := count("sukamaju 12 xyzzy"); n != 0 {
			t.Errorf("words that do not fit find %d", n)
		}
		if place, kamus := count("sukamaju"), count("berkala jalan"); place == 0 || kamus == 0 {
			t.Errorf("by village %d, by kamus %d", place, kamus)
		}
		for _, odd := range []string{"'", `\`, "a'b:*", "& | !", "%", strings.Repeat("x ", 500)} {
			count(odd)
		}
	})

	t.Run("families are as the log ties them", func(t *testing.T) {
		read := projections.Lineage{DB: w.pool}
		for _, number := range town.order {
			got, err := read.Of(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range got.Value.Edges {
				from := slices.IndexFunc(got.Value.Nodes, func(n projections.Relative) bool { return n.Number == e.From })
				to := slices.IndexFunc(got.Value.Nodes, func(n projections.Relative) bool { return n.Number == e.To })
				if from < 0 || to < 0 || got.Value.Nodes[from].Generation >= got.Value.Nodes[to].Generation {
					t.Errorf("%s: edge %+v does not lead on", number, e)
				}
			}
			s := proposal.Fold(event.Sequence(logged[proposal.Stream(number)], event.View{}))
			for _, c := range s.Components {
				if !slices.ContainsFunc(got.Value.Edges, func(e projections.Edge) bool { return e.From == c.Child && e.To == number && e.Weight == c.Weight }) {
					t.Errorf("%s: no edge from %s", number, c.Child)
				}
			}
		}
	})

	t.Run("nobody knows of what does not exist", func(t *testing.T) {
		for name, err := range map[string]error{
			"proposal": second(projections.Proposals{DB: w.pool}.Get(t.Context(), "U-27-0000000")),
			"family":   second(projections.Lineage{DB: w.pool}.Of(t.Context(), "U-27-0000000")),
			"forum":    second(projections.Forums{DB: w.pool}.Get(t.Context(), "forum-x")),
			"cycle":    second(projections.Cycles{DB: w.pool}.Get(t.Context(), 1999)),
			"origin":   second(projections.Funnel{DB: w.pool}.Origin(t.Context(), "U-27-0000000")),
			"event":    second(projections.Timeline{DB: w.pool}.At(t.Context(), head+1)),
			"entry":    second(projections.Register{DB: w.pool}.Get(t.Context(), "opd", "", "x")),
			"public":   second(projections.Public{DB: w.pool}.Get(t.Context(), "U-27-0000000")),
		} {
			if refused, ok := errors.AsType[*domain.Error](err); !ok || refused.Kind != domain.NotFound {
				t.Errorf("%s: %v, want a refusal of kind not_found", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
