package history_test

import (
	"fmt"
	"maps"

	"runut/domain/event"
	"runut/domain/history"
)

// Two proposals are merged and the merged one split; one part is funded with
// less than was asked, the other turned down by the province. A third proposal
// is deferred.
func Example() {
	streams := workedExample().streams() // the events of five proposals
	lineage := history.Trace(charts().Nodes(event.View{}, maps.All(streams)))

	for account := range lineage.Accounts() {
		if account.Number == number("a") {
			for _, s := range account.Shares {
				fmt.Printf("%s of it is %s: asked %s, granted %s\n", s.Part, s.Fate, s.Asked, s.Granted)
			}
		}
	}
	sum := history.SumOf(lineage.Accounts())
	fmt.Printf("%d origins asked %s: granted %s, cut %s, dropped %s, deferred %s\n", sum.Origins, sum.Asked,
		sum.Granted, sum.Cut, sum.Fates[history.Dropped].Asked, sum.Fates[history.Deferred].Asked)
	// Output:
	// 7/10 of it is funded: asked Rp210.000.000, granted Rp157.500.000
	// 3/10 of it is dropped: asked Rp90.000.000, granted Rp0
	// 3 origins asked Rp600.000.000: granted Rp210.000.000, cut Rp70.000.000, dropped Rp120.000.000, deferred Rp200.000.000
}

// What settled the fate of a proposal is an act, and often somebody else's.
func ExampleTimeline_Decision() {
	b := newBook()
	for _, act := range []string{"a:submit", "a:prioritize_desa", "b:submit", "b:prioritize_desa", "p=a,b:merge_kec", "/kecamatan"} {
		b.tell(act)
	}
	timeline := b.timeline()
	decision, ok := timeline.Decision(number("a"))
	fmt.Println(ok, decision.Kind, "in", decision.Record.Stream, "by", len(timeline.Steps[decision.Step].Records), "records of one append")
	// Output: true omission in proposal-U-27-p by 2 records of one append
}
