// Package history answers questions over many streams: what stands where, what
// became of every proposal and its money, and which act settled it. It is pure:
// events in, answers out, in exact arithmetic; the same events give the same
// answer on any machine, in any order of asking.
//
// # Reading
//
// A history is always read from somewhere: event.View says as of when, and as
// far as was known at which position; event.Sequence gives the events that count
// from there. A Chart is a workflow definition made ready for questions, and
// Chart.Node boils one proposal's events down to what the sums need:
//
//	charts := history.NewCharts(definitions)
//	lineage := history.Trace(charts.Nodes(view, streams))
//
// # Lineage
//
// Proposals are merged, split and carried over. A Lineage is the graph of that:
// its edges point the way time went. Whoever is named but not held is unknown,
// never an error. Proposals tied by merging and splitting are one family, and
// nothing outside a family bears on what became of its members: a projection
// recomputes the families that a batch of events touched, and no others.
//
// # Counts and rupiah
//
// The counting unit of every statistic is the origin: a proposal that somebody
// handed in, on time or late, or carried over. What is neither absorbed nor
// dissolved is a leaf. Of each leaf the count mix says how much of which origin
// it holds, and the money mix whose a rupiah granted to it is:
//
//	            count mix O            money mix M
//	origin r    {r: 1}                 {r: 1}
//	merge       Σ O(child)             Σ M(child) · weight/Σ weights
//	part        O(whole) · weight/Σ    M(whole)
//
// Lineage.Accounts settles every origin by them: in which leaves it ended, with
// which fate, and with which of its rupiah asked, granted, cut and added on
// top. All of an account is in whole rupiah and in millionths of an origin,
// rounded by largest remainder, so that sums over accounts are exact wherever
// they are made, in Go or in SQL. A Sum of them is the sum printed on every
// page:
//
//	asked + uplift = granted + cut + asked of every other fate
//
// and Sum.Check holds it to that. A Funnel tells the same by stage.
//
// A component of a merge whose weight an act on the parent sets to 0 is dropped
// by that act: it is a leaf of its own from there, holds all it held before,
// and its fate is Dropped. The other components share what the parent gets by
// their weights alone.
//
// # The point of no return
//
// Setting is the world around a proposal at one moment: windows, final lists,
// adopted documents. Chart.CanWin says whether a proposal may still come to
// money in it. A Timeline holds the steps of a history; a step is one append,
// for a closing that ends a thousand proposals is one act. The deciding step of
// a proposal is the last one before which it could still win and after which it
// never could again: Timeline.Decision finds it, with the record to cite.
//
// # The explanation
//
// Explain answers "what became of it, and why?" for one proposal: Gather reads
// the streams it needs, by asking Sources what is still missing, and Explain
// follows the proposal into the leaves it ended in. Each leaf that was lost has
// one Deciding act with all it rests on: authority, forum, evidence, reason, rule,
// place on a final list. Around it stand who had it when (Custody, Wait), what
// could have been done (NotTaken), what bore on the decision (Contribution) and
// what would have changed it (Counterfactual). What is missing is a Gap and never
// a guess.
//
// It is seen from a view like everything else. Two things act whatever their own
// time, as soon as they are known: a correction of an event, which Deciding.Amended
// then names, and a correction of a final list (forum.At).
package history
