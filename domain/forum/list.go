package forum

import (
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// Kinds of Limit.
const (
	LimitNone    = "none"    // everything that is not below the line for another reason is in
	LimitQuota   = "quota"   // so many proposals
	LimitCeiling = "ceiling" // so many rupiah
)

// Ties is by what one proposal may stand before another of the same score. It
// is a closed list, so that it can be counted and names nobody.
var Ties = []string{
	"basic_service", // it is a basic service, the other is not
	"poverty",       // it reaches more poor households
	"beneficiaries", // it reaches more people
	"readiness",     // land and documents are ready
	"estimate",      // it costs less
	"earlier",       // it was handed in earlier
	"deliberation",  // the forum agreed so
	"draw",          // lots were drawn
}

// Cut draws the line under a list whose best entry comes first: as many from
// the top as the limit holds. It stops at the first one that would pass the
// limit, because to skip it and take a smaller one further down would overturn
// the ranking. An entry that carries a reason of its own is never in, nor is
// anything after it.
//
// It returns how many are in, what they use of the limit (proposals, or rupiah
// under a ceiling), the last number in and the first one out; "" where there is
// none.
func Cut(entries []Entry, limit Limit) (cutoff int, used int64, lastIn, firstOut string) {
	in := 0
	for in < len(entries) && entries[in].Reason == "" && fits(entries[in], limit, used) {
		used += weigh(entries[in], limit)
		in++
	}
	lastIn, firstOut = around(entries, in)
	return in, used, lastIn, firstOut
}

// Line draws the line under the first in entries, fewer than the limit would
// hold perhaps, and returns what Cut does of it. It reports false where the
// limit does not hold them.
func Line(entries []Entry, limit Limit, in int) (used int64, lastIn, firstOut string, ok bool) {
	most, _, _, _ := Cut(entries, limit)
	if in < 0 || in > most {
		return 0, "", "", false
	}
	for _, e := range entries[:in] {
		used += weigh(e, limit)
	}
	lastIn, firstOut = around(entries, in)
	return used, lastIn, firstOut, true
}

func around(entries []Entry, in int) (lastIn, firstOut string) {
	if in > 0 {
		lastIn = entries[in-1].Proposal
	}
	if in < len(entries) {
		firstOut = entries[in].Proposal
	}
	return lastIn, firstOut
}

// fits compares without adding first, so that no amount can overflow the sum.
func fits(e Entry, limit Limit, used int64) bool {
	if limit.Kind == LimitNone {
		return true
	}
	return weigh(e, limit) <= limit.Value-used
}

// weigh returns what an entry uses of a limit.
func weigh(e Entry, limit Limit) int64 {
	if limit.Kind == LimitCeiling {
		return max(int64(e.Amount), 0)
	}
	return 1
}

// Score returns the weighted score in thousandths of a point: the sum of weight
// times score over the criteria, weights in hundredths, halves rounded up.
func Score(criteria []Criterion, scores []int64) int64 {
	var sum int64
	for i, c := range criteria {
		if i < len(scores) {
			sum += int64(c.Weight) * scores[i]
		}
	}
	return (sum + 50) / 100
}

// maxScore bounds a single score, in thousandths of a point.
const maxScore = 1_000_000_000

// ranked examines the order of a list and the scores it came from: every proposal
// once, each score the weighted sum of its parts, best first, every tie broken
// by something that is said. It returns the entries with their scores.
func ranked(v *domain.Verdict, criteria []Criterion, entries []Entry) []Entry {
	entries = slices.Clone(entries)
	v.Hold(len(entries) > 0, "entries", "one at least", strconv.Itoa(len(entries)),
		domain.Refuse(domain.Invalid, "forum.list_empty").At("/entries"))
	numbers := make([]string, len(entries))
	for i, e := range entries {
		numbers[i] = e.Proposal
	}
	v.Numbers("/entries", numbers)
	weighs(v, criteria)
	for i := range entries {
		scored(v, "/entries/"+strconv.Itoa(i), criteria, &entries[i])
	}
	for i := range entries[:max(len(entries)-1, 0)] {
		ordered(v, "/entries/"+strconv.Itoa(i+1), entries[i], entries[i+1])
	}
	return entries
}

func weighs(v *domain.Verdict, criteria []Criterion) {
	if len(criteria) == 0 {
		return
	}
	sum, names, positive := 0, make([]string, len(criteria)), true
	for i, c := range criteria {
		sum, names[i] = sum+c.Weight, c.Name
		positive = positive && c.Weight > 0 && c.Name != ""
	}
	v.Hold(positive && sum == 100, "weights", "positive, 100 hundredths together", strconv.Itoa(sum),
		domain.Refuse(domain.Invalid, "forum.weights_wrong", "sum", strconv.Itoa(sum)).At("/criteria"))
	v.Once("/criteria", "criteria", names)
}

func scored(v *domain.Verdict, at string, criteria []Criterion, e *Entry) {
	v.Each(e.Amount >= 0, "amount", "zero or more", e.Amount.String(),
		domain.Refuse(domain.Invalid, "forum.amount_negative", "number", e.Proposal, "value", e.Amount.String()).At(at+"/amount"))
	v.Each(e.Tie == "" || slices.Contains(Ties, e.Tie), "tie", strings.Join(Ties, ", "), e.Tie,
		domain.Refuse(domain.Invalid, "forum.tie_unknown", "tie", e.Tie, "known", strings.Join(Ties, ", ")).At(at+"/tie"))
	ok := v.Each(len(e.Scores) == len(criteria), "scores", strconv.Itoa(len(criteria)), strconv.Itoa(len(e.Scores)),
		domain.Refuse(domain.Invalid, "forum.scores_missing", "number", e.Proposal, "wanted", strconv.Itoa(len(criteria)), "given", strconv.Itoa(len(e.Scores))).At(at+"/scores"))
	for _, s := range append(slices.Clip(e.Scores), e.Score) {
		ok = v.Each(0 <= s && s <= maxScore, "score", "0 to "+strconv.Itoa(maxScore), strconv.FormatInt(s, 10),
			domain.Refuse(domain.Invalid, "forum.score_outside", "number", e.Proposal, "score", strconv.FormatInt(s, 10)).At(at+"/scores")) && ok
	}
	if !ok || len(criteria) == 0 {
		return
	}
	sum := Score(criteria, e.Scores)
	if e.Score == 0 {
		e.Score = sum
	}
	v.Each(e.Score == sum, "score", strconv.FormatInt(sum, 10), strconv.FormatInt(e.Score, 10),
		domain.Refuse(domain.Invalid, "forum.score_not_the_sum", "number", e.Proposal, "score", strconv.FormatInt(e.Score, 10), "sum", strconv.FormatInt(sum, 10)).At(at+"/score"))
}

// ordered examines two neighbours. Those below the line for a reason of their own
// stand at the end and compete with nobody.
func ordered(v *domain.Verdict, at string, e, next Entry) {
	v.Each(e.Reason == "" || next.Reason != "", "order", "reasons of their own at the end", next.Proposal+" after "+e.Proposal,
		domain.Refuse(domain.Invalid, "forum.below_line_above", "number", e.Proposal, "next", next.Proposal, "reason", e.Reason).At(at))
	if e.Reason != "" || next.Reason != "" {
		return
	}
	v.Each(e.Score >= next.Score, "order", "not above "+strconv.FormatInt(e.Score, 10), strconv.FormatInt(next.Score, 10),
		domain.Refuse(domain.Invalid, "forum.order_not_by_score", "number", next.Proposal, "score", strconv.FormatInt(next.Score, 10), "before", e.Proposal, "other", strconv.FormatInt(e.Score, 10)).At(at))
	if e.Score == next.Score && e.Score != 0 {
		v.Each(e.Tie != "", "tie", "said by what", "",
			domain.Refuse(domain.Invalid, "forum.tie_unexplained", "number", e.Proposal, "next", next.Proposal, "known", strings.Join(Ties, ", ")).At(at))
	}
}
