package history_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
)

// explain asks about a proposal of a book, reading what the answer says it needs.
func (b *book) explain(name string, v event.View) history.Explanation {
	all, read := b.streams(), map[string][]event.Record{}
	for more := history.Sources(number(name), read); len(more) > 0; more = history.Sources(number(name), read) {
		for _, stream := range more {
			read[stream] = all[stream]
		}
	}
	return history.Explain(history.Inquiry{Proposal: number(name), View: v, Streams: read, Charts: charts()})
}

// On walks at random every answer accounts for all of the proposal, every lost
// part has one deciding act that agrees with the timeline's, and nothing is
// cited that was not known.
func TestEveryWalkIsExplained(t *testing.T) {
	kinds := make(map[history.DecisionKind]int)
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		w.year()
		known := int64(rapid.IntRange(1, len(w.records)).Draw(t, "known"))
		tl := w.timeline()
		for _, n := range w.names {
			x := w.explain(n, now)
			kinds[x.Kind]++
			checkParts(t, n, x)
			for _, d := range x.Decisive {
				if want, ok := tl.Decision(d.End); !ok || want.Record.ID != d.Event || want.Kind != d.Kind {
					t.Errorf("%s: the answer cites %s of %s, the timeline %s", n, d.Event, d.Stream, want.Record.ID)
				}
			}
			then := w.explain(n, event.View{Known: known})
			checkParts(t, n, then)
			for _, d := range slices.Concat(then.Decisive, then.Won) {
				if d.Position > known {
					t.Errorf("%s: known at %d, cited %d", n, known, d.Position)
				}
			}
		}
	})
	t.Logf("answers by kind: %v", kinds)
	for _, kind := range []history.DecisionKind{history.ByAct, history.ByRule, history.ByOmission, history.ByWithdrawal} {
		if kinds[kind] == 0 {
			t.Errorf("no answer was by %s", kind)
		}
	}
}

func checkParts(t *rapid.T, name string, x history.Explanation) {
	var all, lost, cited int64
	for _, e := range x.Ends {
		all += e.Millionths
		switch e.Fate {
		case history.Dropped, history.Deferred, history.Cancelled, history.Withdrawn:
			lost += e.Millionths
		case history.Partly, "":
			t.Errorf("%s: an end cannot be %q", name, e.Fate)
		}
	}
	for _, d := range x.Decisive {
		cited += d.Millionths
	}
	if len(x.Ends) > 0 && all != history.Whole {
		t.Errorf("%s: the ends make %d", name, all)
	}
	if lost != cited {
		t.Errorf("%s: %d is lost, deciding acts answer for %d", name, lost, cited)
	}
	if (x.Kind != "") != (len(x.Decisive) > 0) {
		t.Errorf("%s: kind %q with %d deciding acts", name, x.Kind, len(x.Decisive))
	}
}

// belowLine returns a book in which proposal u stands on a final list below its
// line, under a limit that had been another before.
func belowLine(entries []forum.Entry, limit forum.Limit, before int64) *book {
	b := newBook()
	for _, act := range atKecamatan {
		b.tell(act)
	}
	year, f := cycle.Stream(2027), forum.Stream("f")
	if limit.Kind == forum.LimitCeiling {
		b.append(fact{year, &cycle.CeilingSet{Stage: "kecamatan", Amount: domain.Rupiah(limit.Value), Old: domain.Rupiah(before)}})
	} else {
		b.append(fact{year, &cycle.QuotaSet{Stage: "kecamatan", Count: int(limit.Value), Old: int(before)}})
	}
	limit.Source = b.records[len(b.records)-1].ID.String()
	list := &forum.ListFinalized{List: "L1", Stage: "kecamatan", Entries: entries, Limit: limit}
	list.Cutoff, list.Used, list.LastIn, list.FirstOut = forum.Cut(entries, limit)
	rank := slices.IndexFunc(entries, func(e forum.Entry) bool { return e.Proposal == number("u") }) + 1
	cut := took(musrenbang().Transitions["cut_kec"], b.states[number("u")].At).(*proposal.BelowCutoff)
	cut.Ranking = proposal.Ranking{List: f + "/L1", Rank: rank, Of: len(entries), Cutoff: list.Cutoff}
	b.append(fact{f, list}, fact{proposal.Stream(number("u")), cut})
	return b
}

// What would have got a proposal in is checked against the list itself: so much
// would have done, and anything less would not.
func TestWhatWouldHaveDoneWouldHaveDone(t *testing.T) {
	said := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		entries, limit := anyList(t)
		cutoff, _, _, _ := forum.Cut(entries, limit)
		if cutoff == len(entries) {
			return
		}
		i := rapid.IntRange(cutoff, len(entries)-1).Draw(t, "rank")
		entries[i].Proposal = number("u")
		before := rapid.Int64Range(1, 2000).Draw(t, "before")
		x := belowLine(entries, limit, before).explain("u", now)
		in := func(entries []forum.Entry, limit forum.Limit) bool {
			cutoff, _, _, _ := forum.Cut(entries, limit)
			return slices.IndexFunc(entries, func(e forum.Entry) bool { return e.Proposal == number("u") }) < cutoff
		}
		for _, c := range x.WouldHave {
			said[c.What]++
			enough, short := slices.Clone(entries), slices.Clone(entries)
			more, less := limit, limit
			switch c.What {
			case "ceiling", "quota":
				more.Value, less.Value = c.Need, c.Need-1
			case "cost":
				enough[i].Amount, short[i].Amount = domain.Rupiah(c.Need), domain.Rupiah(c.Need+1)
			case "score":
				enough, short = rescored(entries, i, c.Need), rescored(entries, i, c.Need-1)
			}
			if !in(enough, more) {
				t.Errorf("%s %d would not have done: %v", c.What, c.Need, entries)
			}
			if in(short, less) {
				t.Errorf("less than %s %d would have done: %v", c.What, c.Need, entries)
			}
		}
		if cutoff < len(entries) && len(x.WouldHave) == 0 {
			t.Errorf("nothing would have got it in")
		}
		checkPivotal(t, x, in(entries, forum.Limit{Kind: limit.Kind, Value: before}))
	})
	t.Log(said)
	for _, what := range []string{"ceiling", "quota", "cost", "score"} {
		if said[what] == 0 {
			t.Errorf("no answer spoke of a %s", what)
		}
	}
}

func checkPivotal(t *rapid.T, x history.Explanation, flips bool) {
	i := slices.IndexFunc(x.Contributing, func(c history.Contribution) bool { return c.What == "ceiling_set" || c.What == "quota_set" })
	if i < 0 || x.Contributing[i].Pivotal == nil {
		t.Errorf("what set the limit is not told: %v", x.Contributing)
	} else if *x.Contributing[i].Pivotal != flips {
		t.Errorf("without it the outcome had flipped: %v; told %v", flips, *x.Contributing[i].Pivotal)
	}
}

// rescored returns a list in which entry i has another score, in the place of
// that score: behind those that have as much.
func rescored(entries []forum.Entry, i int, score int64) []forum.Entry {
	out := slices.Delete(slices.Clone(entries), i, i+1)
	at := slices.IndexFunc(out, func(e forum.Entry) bool { return e.Score < score })
	if at < 0 || at > i {
		at = i
	}
	moved := entries[i]
	moved.Score = score
	return slices.Insert(out, at, moved)
}

func anyList(t *rapid.T) ([]forum.Entry, forum.Limit) {
	n := rapid.IntRange(2, 9).Draw(t, "entries")
	entries := make([]forum.Entry, n)
	score := int64(90_000)
	for i := range entries {
		score -= rapid.Int64Range(0, 4).Draw(t, "behind") * 1000
		entries[i] = forum.Entry{Proposal: number(string(rune('a' + i))), Score: score, Amount: domain.Rupiah(rapid.Int64Range(1, 300).Draw(t, "amount"))}
	}
	if rapid.Bool().Draw(t, "by money") {
		return entries, forum.Limit{Kind: forum.LimitCeiling, Value: rapid.Int64Range(1, 900).Draw(t, "ceiling")}
	}
	return entries, forum.Limit{Kind: forum.LimitQuota, Value: rapid.Int64Range(1, int64(n)).Draw(t, "quota")}
}

// An answer about what nobody holds, or nobody handed in yet, is unknown and
// says what is missing.
func TestWhatIsNotHeldIsNotGuessed(t *testing.T) {
	x := history.Explain(history.Inquiry{Proposal: number("u"), Charts: charts()})
	if x.Outcome != history.Unknown || len(x.Gaps) == 0 {
		t.Errorf("%+v", x)
	}
	b := told(t, then(twoMerged, "p:prioritize_kec", "p:reject_opd")...)
	streams := b.streams()
	delete(streams, proposal.Stream(number("p")))
	x = history.Explain(history.Inquiry{Proposal: number("a"), Streams: streams, Charts: charts()})
	if x.Outcome != history.Unknown || !slices.ContainsFunc(x.Gaps, func(g history.Gap) bool { return g.Code == "not_held" && g.About == number("p") }) {
		t.Errorf("the parent is not held, and the answer is %s with %v", x.Outcome, x.Gaps)
	}
}

// The last holder of something nobody decided on is not to blame where it had
// come to him in the last minute.
func TestALateHandoverIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		acts []string
		want bool
	}{
		"returned an hour before the closing": {then(atOPD, "u:return_opd", "/forum_opd"), true},
		"all along with the same office":      {then([]string{"u:submit_opd"}, "/kabupaten"), false},
	} {
		t.Run(name, func(t *testing.T) {
			x := told(t, test.acts...).explain("u", now)
			if x.Kind != history.ByOmission || x.LateHandover != test.want {
				t.Errorf("%s by %s, handed over late: %v; %v", x.Outcome, x.Kind, x.LateHandover, x.Custody)
			}
			if len(x.NotTaken) == 0 {
				t.Error("nothing is said of what could have been done")
			}
		})
	}
}
