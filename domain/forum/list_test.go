package forum_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/forum"
)

func ExampleCut() {
	entries := []forum.Entry{
		{Proposal: "jembatan", Amount: 300},
		{Proposal: "jalan", Amount: 900},
		{Proposal: "sumur", Amount: 100},
	}
	cutoff, used, lastIn, firstOut := forum.Cut(entries, forum.Limit{Kind: forum.LimitCeiling, Value: 1000})
	fmt.Println(cutoff, used, lastIn, firstOut)
	// Output: 1 300 jembatan jalan
}

func TestCut(t *testing.T) {
	list := func(amounts ...domain.Rupiah) []forum.Entry {
		out := make([]forum.Entry, len(amounts))
		for i, a := range amounts {
			out[i] = forum.Entry{Proposal: fmt.Sprint(i), Amount: a}
		}
		return out
	}
	barred := list(1, 1, 1)
	barred[1].Reason = "LHN-MILIK"
	for _, test := range []struct {
		name     string
		entries  []forum.Entry
		limit    forum.Limit
		cutoff   int
		used     int64
		last, fo string
	}{
		{"an empty list", nil, forum.Limit{Kind: forum.LimitQuota, Value: 3}, 0, 0, "", ""},
		{"a quota of none", list(1, 1), forum.Limit{Kind: forum.LimitQuota}, 0, 0, "", "0"},
		{"a quota for more than there are", list(1, 1), forum.Limit{Kind: forum.LimitQuota, Value: 9}, 2, 2, "1", ""},
		{"a ceiling met exactly", list(3, 7, 1), forum.Limit{Kind: forum.LimitCeiling, Value: 10}, 2, 10, "1", "2"},
		{"a ceiling that skips nobody", list(3, 8, 1), forum.Limit{Kind: forum.LimitCeiling, Value: 10}, 1, 3, "0", "1"},
		{"one that costs nothing", list(10, 0, 1), forum.Limit{Kind: forum.LimitCeiling, Value: 10}, 2, 10, "1", "2"},
		{"amounts that would overflow", list(math.MaxInt64, math.MaxInt64), forum.Limit{Kind: forum.LimitCeiling, Value: math.MaxInt64}, 1, math.MaxInt64, "0", "1"},
		{"a reason of its own ends the list", barred, forum.Limit{Kind: forum.LimitNone}, 1, 1, "0", "1"},
	} {
		cutoff, used, last, first := forum.Cut(test.entries, test.limit)
		if cutoff != test.cutoff || used != test.used || last != test.last || first != test.fo {
			t.Errorf("%s: %d, %d, %q, %q; want %d, %d, %q, %q", test.name, cutoff, used, last, first, test.cutoff, test.used, test.last, test.fo)
		}
	}
}

// A line is drawn so that what is above it keeps within the limit, the first
// one below would pass it, and a higher limit never lets fewer in.
func TestCutKeepsWithinTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []forum.Entry
		reason := false
		for i := range rapid.IntRange(0, 20).Draw(t, "entries") {
			reason = reason || rapid.IntRange(0, 15).Draw(t, "reason") == 0
			e := forum.Entry{Proposal: fmt.Sprint(i), Amount: domain.Rupiah(rapid.Int64Range(0, 500).Draw(t, "amount"))}
			if reason {
				e.Reason = "LHN-MILIK"
			}
			entries = append(entries, e)
		}
		kind := rapid.SampledFrom([]string{forum.LimitQuota, forum.LimitCeiling}).Draw(t, "kind")
		weigh := func(e forum.Entry) int64 {
			if kind == forum.LimitQuota {
				return 1
			}
			return int64(e.Amount)
		}
		limit := forum.Limit{Kind: kind, Value: rapid.Int64Range(0, 3000).Draw(t, "limit")}
		cutoff, used, lastIn, firstOut := forum.Cut(entries, limit)

		var sum int64
		for _, e := range entries[:cutoff] {
			if e.Reason != "" {
				t.Fatalf("%s is in and has a reason not to be", e.Proposal)
			}
			sum += weigh(e)
		}
		if used != sum || used > limit.Value {
			t.Fatalf("used %d, sum %d, limit %d", used, sum, limit.Value)
		}
		if cutoff > 0 != (lastIn != "") || cutoff > 0 && entries[cutoff-1].Proposal != lastIn {
			t.Fatalf("last in %q of %d", lastIn, cutoff)
		}
		if cutoff < len(entries) {
			out := entries[cutoff]
			if firstOut != out.Proposal {
				t.Fatalf("first out %q, want %q", firstOut, out.Proposal)
			}
			if out.Reason == "" && used+weigh(out) <= limit.Value {
				t.Fatalf("%s would still fit: %d + %d within %d", out.Proposal, used, weigh(out), limit.Value)
			}
		} else if firstOut != "" {
			t.Fatalf("first out %q of a list that is wholly in", firstOut)
		}

		more := forum.Limit{Kind: kind, Value: limit.Value + rapid.Int64Range(0, 500).Draw(t, "more")}
		if next, _, _, _ := forum.Cut(entries, more); next < cutoff {
			t.Fatalf("a higher limit lets in %d, not %d", next, cutoff)
		}
		in := rapid.IntRange(-1, len(entries)+1).Draw(t, "in")
		lineUsed, _, _, ok := forum.Line(entries, limit, in)
		if ok != (0 <= in && in <= cutoff) || ok && lineUsed > used {
			t.Fatalf("a line under %d: %d, %v; the limit holds %d with %d", in, lineUsed, ok, cutoff, used)
		}
	})
}
