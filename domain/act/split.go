package act

import (
	"cmp"
	"math/bits"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// Split makes several new proposals of one, each of which goes its own way. The
// n-th part's number is domain.Number(year, command, n-1).
type Split struct {
	Proposal string
	Parts    []Part
	Reason   domain.Text
	Forum    string // forum stream
}

// A Part is one of those a proposal is split into. What its idea leaves empty
// comes from the whole; village and OPD always do.
type Part struct {
	proposal.Idea
	Weight int64 // rupiah
}

// Name implements Act.
func (a Split) Name() string { return "split" }

// Reads implements Act.
func (a Split) Reads(Histories) []string {
	streams := streamsOf(a.Proposal)
	if a.Forum != "" {
		streams = append(streams, a.Forum)
	}
	return streams
}

// Decide implements Act.
func (a Split) Decide(h Histories, r Rules) ([]event.Change, error) {
	s, whole, err := sitOn(h, r, a.Proposal)
	if err != nil {
		return nil, err
	}
	ask := &proposal.Split{Reason: a.Reason, Forum: a.Forum}
	var sum int64
	for i, part := range a.Parts {
		ask.Parts = append(ask.Parts, s.draw(i))
		ask.Weights = append(ask.Weights, part.Weight)
		sum += part.Weight
	}
	if err := positive(ask.Weights, len(ask.Parts), "split.weights"); err != nil {
		return nil, err
	}
	rules := s.rules()
	rules.Forum = s.forum(a.Forum)
	e, err := s.decide(whole, ask, rules)
	if err != nil {
		return nil, err
	}
	arrow := s.def.Transitions[e.Base().Via]
	effect := arrow.Effect.Split
	if len(a.Parts) < effect.Min {
		return nil, domain.Refuse(domain.Invalid, "split.too_few", "least", itoa(effect.Min), "given", itoa(len(a.Parts))).At("/parts")
	}
	_, divided := s.record(whole, e, nil)
	shares := proportional(int64(whole.Estimate), ask.Weights)
	for i, part := range a.Parts {
		idea := part.Idea.Over(whole.Idea)
		idea.Village, idea.OPD = whole.Village, whole.OPD
		idea.Estimate = cmp.Or(part.Estimate, domain.Rupiah(shares[i]))
		first := &proposal.FormedBySplit{
			Step: proposal.Step{State: effect.PartsStartIn, Stage: e.Base().Stage, Via: arrow.Name},
			Lane: whole.Lane, Idea: idea, Whole: whole.Number, Weight: part.Weight, Of: sum,
			Depth: whole.PartDepth + 1, Merges: whole.Depth, EnteredBy: whole.EnteredBy,
		}
		p := proposal.State{Number: ask.Parts[i]}
		if err := proposal.Begin(p, first, rules); err != nil {
			return nil, err
		}
		s.record(p, first, divided)
	}
	return s.done()
}

// proportional divides a sum by weights, by largest remainder: the shares add
// up to it exactly, and of equal remainders the earlier share is rounded up.
func proportional(sum int64, weights []int64) []int64 {
	shares := make([]int64, len(weights))
	if sum == 0 {
		return shares
	}
	var of int64
	for _, w := range weights {
		of += w
	}
	rests := make([]int64, len(weights))
	left := sum
	for i, w := range weights {
		shares[i], rests[i] = mulDiv(sum, w, of)
		left -= shares[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rests {
			if rests[i] > rests[best] {
				best = i
			}
		}
		shares[best]++
		rests[best] = -1
	}
	return shares
}

// mulDiv returns a·b/c and the remainder, exactly, for numbers that are not
// negative and b not above c.
func mulDiv(a, b, c int64) (quotient, rest int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, r := bits.Div64(hi, lo, uint64(c))
	return int64(q), int64(r)
}
