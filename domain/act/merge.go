package act

import (
	"cmp"
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Merge makes one new proposal of several that ask for the same. The children
// share its fate from here. Its number is domain.Number(year, command, 0).
type Merge struct {
	Children []string      // numbers
	Weights  []int64       // rupiah, in the order of Children; empty: their last estimates
	Idea     proposal.Idea // of the parent; what is empty comes from the children, village and OPD always do
	Reason   domain.Text
	Forum    string // forum stream
}

// Name implements Act.
func (a Merge) Name() string { return "merge" }

// Reads implements Act.
func (a Merge) Reads(Histories) []string {
	streams := streamsOf(a.Children...)
	if a.Forum != "" {
		streams = append(streams, a.Forum)
	}
	return streams
}

// Decide implements Act.
func (a Merge) Decide(h Histories, r Rules) ([]event.Change, error) {
	if len(a.Children) == 0 {
		return nil, domain.Refuse(domain.Invalid, "merge.too_few", "least", "2", "given", "0")
	}
	s, first, err := sitOn(h, r, a.Children[0])
	if err != nil {
		return nil, err
	}
	children := make([]proposal.State, len(a.Children))
	children[0] = first
	for i, n := range a.Children[1:] {
		if children[i+1], err = s.proposal(n); err != nil {
			return nil, err
		}
	}
	arrow := s.arrowOf(first, "merged")
	if err := s.mergeable(children, arrow); err != nil {
		return nil, err
	}
	weights, err := a.weights(children)
	if err != nil {
		return nil, err
	}
	number := s.draw(0)
	rules := s.rules()
	rules.Forum = s.forum(a.Forum)
	var absorbed []*proposal.Merged
	for _, child := range children {
		e, err := s.decide(child, &proposal.Merged{Parent: number, Reason: a.Reason, Forum: a.Forum}, rules)
		if err != nil {
			return nil, err
		}
		absorbed = append(absorbed, e.(*proposal.Merged))
		if via := absorbed[0].Via; e.Base().Via != via {
			return nil, domain.Refuse(domain.Conflict, "merge.other_stage", "child", children[0].Number, "act", via, "other", child.Number, "observed", e.Base().Via).At("/children")
		}
	}
	arrow = s.def.Transitions[absorbed[0].Via]
	parent := a.formed(children, weights)
	parent.Step = proposal.Step{State: arrow.Effect.Merge.ParentStartsIn, Stage: absorbed[0].Stage, Via: arrow.Name}
	p := proposal.State{Number: number}
	if err := proposal.Begin(p, parent, rules); err != nil {
		return nil, err
	}
	_, formed := s.record(p, parent, nil)
	for i, child := range children {
		s.record(child, absorbed[i], formed)
	}
	return s.done()
}

// arrowOf returns the arrow by which an event would be recorded of a proposal
// as it stands, or nil.
func (s *sitting) arrowOf(p proposal.State, event string) *workflow.Transition {
	if fits := s.def.Taking(p.At, event); len(fits) > 0 {
		return fits[0]
	}
	return nil
}

// mergeable examines what only shows when the children are seen together. The
// arrow is nil where the first child cannot be merged as it stands; each
// child's own decision then says why.
func (s *sitting) mergeable(children []proposal.State, arrow *workflow.Transition) error {
	seen := map[string]bool{}
	whole := map[string]string{}
	for _, c := range children {
		if seen[c.Number] {
			return domain.Refuse(domain.Invalid, "merge.twice", "child", c.Number).At("/children")
		}
		seen[c.Number] = true
		if c.Parent != "" {
			return domain.Refuse(domain.Conflict, "merge.absorbed", "child", c.Number, "parent", c.Parent).At("/children")
		}
		if other := whole[c.Whole]; c.Whole != "" && other != "" {
			return domain.Refuse(domain.Conflict, "merge.parts_of_one", "child", c.Number, "other", other, "whole", c.Whole).At("/children")
		}
		whole[c.Whole] = c.Number
	}
	if arrow == nil {
		return nil
	}
	m := arrow.Effect.Merge
	if len(children) < m.Min {
		return domain.Refuse(domain.Invalid, "merge.too_few", "least", itoa(m.Min), "given", itoa(len(children))).At("/children")
	}
	first := children[0]
	for _, c := range children[1:] {
		for _, attribute := range m.Same {
			kind := domain.ScopeKind(attribute)
			if a, b := first.Place(kind), c.Place(kind); a != b {
				return domain.Refuse(domain.Conflict, "merge.not_same", "attribute", attribute,
					"child", first.Number, "value", a.Code, "other", c.Number, "observed", b.Code).At("/children")
			}
		}
	}
	for _, c := range children {
		if c.Depth+1 > m.MaxDepth {
			return domain.Refuse(domain.Conflict, "merge.depth", "child", c.Number, "depth", itoa(c.Depth), "most", itoa(m.MaxDepth)).At("/children")
		}
	}
	return nil
}

// weights returns the children's shares: as given, else their last estimates,
// else equal ones where an estimate is missing.
func (a Merge) weights(children []proposal.State) ([]int64, error) {
	if len(a.Weights) > 0 {
		return a.Weights, positive(a.Weights, len(children), "merge.weights")
	}
	weights := make([]int64, len(children))
	for i, c := range children {
		weights[i] = int64(c.Estimate)
	}
	if slices.Contains(weights, 0) {
		for i := range weights {
			weights[i] = 1
		}
	}
	return weights, nil
}

func positive(weights []int64, want int, code string) error {
	least := int64(1)
	for _, w := range weights {
		least = min(least, w)
	}
	if len(weights) != want || least < 1 {
		return domain.Refuse(domain.Invalid, code, "wanted", itoa(want), "given", itoa(len(weights))).At("/weights")
	}
	return nil
}

// formed returns the first event of the parent, without its step.
func (a Merge) formed(children []proposal.State, weights []int64) *proposal.FormedByMerge {
	e := &proposal.FormedByMerge{Lane: children[0].Lane, Idea: a.Idea, Reason: a.Reason, Forum: a.Forum, Depth: 1}
	var sum domain.Rupiah
	var titles, problems, locations []domain.Text
	for i, c := range children {
		e.Components = append(e.Components, proposal.Component{
			Child: c.Number, Village: c.Village, Location: c.Location, Volume: c.Volume, Estimate: c.Estimate, Weight: weights[i],
		})
		e.Depth, e.Splits = max(e.Depth, c.Depth+1), max(e.Splits, c.PartDepth)
		for _, person := range c.EnteredBy {
			if !slices.Contains(e.EnteredBy, person) {
				e.EnteredBy = append(e.EnteredBy, person)
			}
		}
		sum += c.Estimate
		titles, problems, locations = append(titles, c.Title), append(problems, c.Problem), append(locations, c.Location)
	}
	e.Village, e.OPD = common(children), children[0].OPD
	if e.Title.IsZero() {
		e.Title = joined(titles, " + ")
	}
	if e.Problem.IsZero() {
		e.Problem = joined(problems, "\n")
	}
	if e.Location.IsZero() {
		e.Location = joined(locations, "; ")
	}
	e.Estimate = cmp.Or(e.Estimate, sum)
	if e.Volume.IsZero() {
		e.Volume = total(children)
	}
	if len(e.Issues) == 0 {
		for _, c := range children {
			for _, issue := range c.Issues {
				if !slices.Contains(e.Issues, issue) {
					e.Issues = append(e.Issues, issue)
				}
			}
		}
	}
	return e
}

// common returns the kode wilayah that all children lie in: their village,
// their kecamatan, or the kabupaten.
func common(children []proposal.State) string {
	area := children[0].Village
	for _, c := range children[1:] {
		for area != "" && !domain.Within(c.Village, area) {
			area = area[:max(strings.LastIndexByte(area, '.'), 0)]
		}
	}
	return area
}

// joined returns what the texts say, each once. What was read back from the log
// has its personal details masked, so nothing sealed is carried along.
func joined(texts []domain.Text, by string) domain.Text {
	var parts []string
	for _, t := range texts {
		if t.Masked != "" && !slices.Contains(parts, t.Masked) {
			parts = append(parts, t.Masked)
		}
	}
	return domain.Text{Masked: strings.Join(parts, by)}
}

// total returns the sum of the children's volumes, zero where their units differ.
func total(children []proposal.State) domain.Volume {
	sum := children[0].Volume.Rat()
	for _, c := range children[1:] {
		if c.Volume.Unit != children[0].Volume.Unit {
			return domain.Volume{}
		}
		sum.Add(sum, c.Volume.Rat())
	}
	v := domain.Volume{Amount: strings.TrimRight(strings.TrimRight(sum.FloatString(6), "0"), "."), Unit: children[0].Volume.Unit}
	if !v.Valid() {
		return domain.Volume{}
	}
	return v
}
